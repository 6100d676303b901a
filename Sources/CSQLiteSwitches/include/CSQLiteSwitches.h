#ifndef PARKSYNC_CSQLITE_SWITCHES_H
#define PARKSYNC_CSQLITE_SWITCHES_H

#include <stdint.h>

// sqlite3_config and sqlite3_db_config take variable arguments, which Swift cannot call.
// `connection` is an sqlite3 *; each function returns an SQLite result code.

/// Lets triggers of this connection fire (1) or not (0).
int parksync_sqlite_enable_triggers(void *connection, int enabled);

/// Refuses writes to sqlite_schema and shadow tables (1), so that SQL from outside cannot damage
/// the file.
int parksync_sqlite_defensive(void *connection, int enabled);

/// Switches off what lets SQL reach memory and code: fts3_tokenizer (a pointer of the caller's
/// choice would be called) and extensions.
int parksync_sqlite_harden(void *connection);

/// Takes a text in double quotes for a name, and never for a value where no column has that name.
int parksync_sqlite_strict_quotes(void *connection);

/// Refuses to read views.
int parksync_sqlite_without_views(void *connection);

/// Longest set of characters for trim(), longest path for json_set() and json_insert().
#define PARKSYNC_PATTERN_BYTES_MAX 256
#define PARKSYNC_PATTERN_BYTES_TEXT "256"
/// Most that the product of the lengths of json_patch()'s arguments may be.
#define PARKSYNC_PATCH_WORK_MAX (1LL << 30)

/// Gives a connection for SQL from outside forms of instr, replace, trim, ltrim, rtrim, json_set,
/// json_insert, json_patch, printf and format whose time and stack are bounded. They return what
/// SQLite's own return, or an error.
int parksync_sqlite_guest_functions(void *connection);

/// Lets SQLite allocate memory without counting it under a lock of the whole process. Before
/// anything else of SQLite is called; afterwards it changes nothing and returns SQLITE_MISUSE.
int parksync_sqlite_without_memory_statistics(void);

/// What SQLite holds for a statement of a guest in blocks of `PARKSYNC_LARGE_BLOCK_BYTES` and more.
typedef struct {
    int64_t held_bytes, held_bytes_max;
    /// Whether a block was refused.
    int32_t is_refused;
} parksync_guest_memory;
#define PARKSYNC_LARGE_BLOCK_BYTES (64 << 10)

/// sqlite3_step. A block that is too much for the guest is refused, as if the system had none:
/// mostly SQLITE_NOMEM is the result then.
int parksync_sqlite_guest_step(void *statement, parksync_guest_memory *memory);

/// An operation of `xFileControl`, with a `parksync_medium_read *`: what lies on the medium itself,
/// not in a cache above it. File systems of ours answer it; SQLite's own return SQLITE_NOTFOUND.
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
/// Returns a descriptor; -1 if the file system cannot be trusted to tell what is on the disk, or
/// cannot be asked.
int parksync_medium_open(const char *path);

/// Reads at a multiple of 4096 into memory aligned likewise. What is cached and not written yet is
/// written first.
///
/// Returns how many bytes there are, at most `count`, a multiple of 4096; -1 on any error.
int64_t parksync_medium_pread(int descriptor, void *bytes, int64_t count, int64_t offset);

/// Slots of the lock on a wal-index. SQLite's own names are WAL_WRITE_LOCK, WAL_CKPT_LOCK and
/// WAL_READ_LOCK(0).
#define PARKSYNC_WAL_WRITE 0
#define PARKSYNC_WAL_CHECKPOINT 1
#define PARKSYNC_WAL_READ_FILE 3

typedef struct {
    /// The newest committed frame of the log, and how many of the frames are in the database file.
    uint32_t last_frame, backfilled;
    uint32_t page_bytes;
    /// 0 while somebody writes the header, or if somebody died over it. The other figures mean
    /// nothing then.
    int32_t is_whole;
} parksync_wal_state;

// The functions below are for a connection that has read its database in WAL mode before. Results
// are SQLite result codes, SQLITE_NOTFOUND where there is no wal-index.

/// Reads the wal-index without any lock.
int parksync_wal_look(void *connection, parksync_wal_state *state);

/// Has SQLite make the wal-index anew out of the log, in whatever connection reads next. The caller
/// has the write lock.
int parksync_wal_invalidate(void *connection);

/// Takes a lock at once or not at all (SQLITE_BUSY), alone or shared (1). SQLite knows nothing of
/// it: no statement of this connection may need the same slot meanwhile.
int parksync_wal_lock(void *connection, int slot, int shared);
/// Gives it back. Before the connection is closed; SQLite would keep the slot locked for other
/// connections of the process.
int parksync_wal_unlock(void *connection, int slot, int shared);

/// The size of the write-ahead log; 0 if there is none.
int64_t parksync_wal_file_bytes(void *connection);

#endif
