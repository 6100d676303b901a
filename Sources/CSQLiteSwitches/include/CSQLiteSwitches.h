#ifndef PARKSYNC_CSQLITE_SWITCHES_H
#define PARKSYNC_CSQLITE_SWITCHES_H

// sqlite3_config and sqlite3_db_config take variable arguments, which Swift cannot call.
// `connection` is an sqlite3 *; each function returns an SQLite result code.

/// Lets triggers of this connection fire (1) or not (0).
int parksync_sqlite_enable_triggers(void *connection, int enabled);

/// Refuses writes to sqlite_schema and shadow tables (1), so that SQL from outside cannot damage the file.
int parksync_sqlite_defensive(void *connection, int enabled);

/// Lets SQLite allocate memory without counting it under a lock of the whole process. Before anything else of SQLite is called;
/// afterwards it changes nothing and returns SQLITE_MISUSE.
int parksync_sqlite_without_memory_statistics(void);

#endif
