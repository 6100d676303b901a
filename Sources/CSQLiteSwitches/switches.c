#include "CSQLiteSwitches.h"
#include <sqlite3.h>

int parksync_sqlite_enable_triggers(void *connection, int enabled) {
    return sqlite3_db_config((sqlite3 *)connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, enabled, (int *)0);
}

int parksync_sqlite_defensive(void *connection, int enabled) {
    return sqlite3_db_config((sqlite3 *)connection, SQLITE_DBCONFIG_DEFENSIVE, enabled, (int *)0);
}

int parksync_sqlite_harden(void *connection) {
    sqlite3 *db = connection;
    int result = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, (int *)0);
    if (result == SQLITE_OK) result = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)0);
    // Switched off, the function still takes a pointer that is bound to a parameter. FTS3 itself
    // does not call it.
    for (int arguments = 1; arguments <= 2 && result == SQLITE_OK; arguments++) {
        result = sqlite3_create_function_v2(db, "fts3_tokenizer", arguments, SQLITE_UTF8, 0, 0, 0, 0, 0);
    }
    return result;
}

int parksync_sqlite_strict_quotes(void *connection) {
    sqlite3 *db = connection;
    int result = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
    return result == SQLITE_OK ? sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0) : result;
}

int parksync_sqlite_without_views(void *connection) {
    return sqlite3_db_config((sqlite3 *)connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)0);
}

int parksync_sqlite_without_memory_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
