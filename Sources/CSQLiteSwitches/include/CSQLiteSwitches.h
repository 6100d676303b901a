#ifndef PARKSYNC_CSQLITE_SWITCHES_H
#define PARKSYNC_CSQLITE_SWITCHES_H

#include <stdint.h>

// sqlite3_config and sqlite3_db_config take variable arguments, which Swift cannot call.
// `connection` is an sqlite3 *; each function returns an SQLite result code.

/// Lets triggers of this connection fire (1) or not (0).
int parksync_sqlite_enable_triggers(void *connection, int enabled);

/// Refuses writes to sqlite_schema and shadow tables (1), so that SQL from outside cannot damage the file.
int parksync_sqlite_defensive(void *connection, int enabled);

/// Lets SQLite allocate memory without counting it under a lock of the whole process. Before anything else of SQLite is called;
/// afterwards it changes nothing and returns SQLITE_MISUSE.
int parksync_sqlite_without_memory_statistics(void);

/// An operation of `xFileControl`, with a `parksync_medium_read *`: what lies on the medium itself, not in a cache above it. File systems
/// of ours answer it; SQLite's own return SQLITE_NOTFOUND.
#define PARKSYNC_FCNTL_READ_MEDIUM 0x50534D

typedef struct {
    int64_t offset;
    int32_t count;
    void *bytes;
    /// How many of the bytes the medium has.
    int32_t read;
} parksync_medium_read;

/// Opens a file for reading past the page cache.
///
/// Returns a descriptor; -1 if the file system cannot be trusted to tell what is on the disk, or cannot be asked.
int parksync_medium_open(const char *path);

/// Reads at a multiple of 4096 into memory aligned likewise. What is cached and not written yet is written first.
///
/// Returns how many bytes there are, at most `count`, a multiple of 4096; -1 on any error.
int64_t parksync_medium_pread(int descriptor, void *bytes, int64_t count, int64_t offset);

#endif
