// SQLite's own file system, with a stop in the middle of a checkpoint.
//
// A checkpoint that finds a new header in the wal-index calls xUnfetch for the whole database file,
// after it has read the header and before it reads how much of the log is in the file already.
// Whatever another connection does at this moment is what the WAL-reset race is about.

#include "CFaultVFS.h"
#include <sqlite3.h>
#include <stddef.h>

static sqlite3_vfs pausing;
static sqlite3_vfs *real;
static sqlite3_io_methods methods;
static const sqlite3_io_methods *real_methods;
static void (*pause_body)(void *);
static void *pause_context;

static int unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page) {
    void (*body)(void *) = pause_body;
    if (body && page == NULL && offset == 0) {
        // Once, and not within itself.
        pause_body = NULL;
        body(pause_context);
    }
    return real_methods->xUnfetch(file, offset, page);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    int result = real->xOpen(real, name, file, flags, out_flags);
    if (result == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0 && file->pMethods && file->pMethods->iVersion >= 3) {
        if (!real_methods) {
            real_methods = file->pMethods;
            methods = *real_methods;
            methods.xUnfetch = unfetch;
        }
        // Files with other methods (no locks, for example) are left alone.
        if (file->pMethods == real_methods) file->pMethods = &methods;
    }
    return result;
}

int parksync_pause_register(void) {
    if (real) return SQLITE_OK;
    real = sqlite3_vfs_find(NULL);
    if (!real) return SQLITE_ERROR;
    pausing = *real;
    pausing.zName = PARKSYNC_PAUSE_VFS;
    pausing.pNext = NULL;
    pausing.xOpen = open_file;
    return sqlite3_vfs_register(&pausing, 0);
}

void parksync_pause_arm(void (*body)(void *), void *context) {
    pause_body = body;
    pause_context = context;
}

int parksync_pause_is_armed(void) { return pause_body != NULL; }
