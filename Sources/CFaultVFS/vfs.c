// The methods of a disk's VFS, and the life of a disk.

#include "disk.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static parksync_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

/// The name in the directory that a path "/BOOT/NAME" has, or NULL if it is of another boot or the
/// power is off.
static const char *name_in(parksync_disk *disk, const char *path) {
    char *end = NULL;
    if (path[0] == '/' && path[1] >= '0' && path[1] <= '9') {
        unsigned long long boot = strtoull(path + 1, &end, 10);
        if (boot == disk->boot && !disk->is_dead && end[0] == '/' && end[1]) return end + 1;
    }
    disk->counters.refused++;
    return NULL;
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    parksync_disk *disk = disk_of(vfs);
    fv_handle *handle = (fv_handle *)file;
    memset(handle, 0, sizeof *handle);
    pthread_mutex_lock(&disk->mutex);
    if (path) {
        const char *name = name_in(disk, path);
        fv_inode *inode = name ? fv_find(disk, name) : NULL;
        int must_be_new = (flags & SQLITE_OPEN_EXCLUSIVE) != 0 && (flags & SQLITE_OPEN_CREATE) != 0;
        if (name && !inode && (flags & SQLITE_OPEN_CREATE)) {
            inode = fv_add(disk, name);
            int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
            handle->syncs_directory = (flags & logs) != 0;
        } else if (must_be_new) {
            inode = NULL;
        }
        if (!inode) {
            pthread_mutex_unlock(&disk->mutex);
            return SQLITE_CANTOPEN;
        }
        inode->references++;
        handle->inode = inode;
        disk->counters.opens++;
    } else {
        handle->inode = fv_inode_make(NULL);
    }
    handle->disk = disk;
    handle->boot = disk->boot;
    handle->is_deleted_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    handle->base.pMethods = &fv_methods;
    disk->references++;
    pthread_mutex_unlock(&disk->mutex);
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    parksync_disk *disk = disk_of(vfs);
    int result = SQLITE_IOERR_DELETE_NOENT;
    pthread_mutex_lock(&disk->mutex);
    const char *name = name_in(disk, path);
    fv_inode *inode = name ? fv_find(disk, name) : NULL;
    if (!name) {
        result = SQLITE_IOERR_DELETE;
    } else if (inode) {
        disk->counters.deletes++;
        int fails = fv_loses_power(disk, name);
        fv_unlink(disk, inode, syncs_directory && !fails);
        result = fails ? SQLITE_IOERR_DELETE : SQLITE_OK;
    }
    pthread_mutex_unlock(&disk->mutex);
    return result;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    parksync_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->mutex);
    const char *name = name_in(disk, path);
    fv_inode *inode = name ? fv_find(disk, name) : NULL;
    // An empty file does not exist for SQLite; the Unix VFS sees it so, too.
    *result = inode && (flags != SQLITE_ACCESS_EXISTS || inode->current.size > 0);
    pthread_mutex_unlock(&disk->mutex);
    return name ? SQLITE_OK : SQLITE_IOERR_ACCESS;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int bytes, char *out) {
    (void)vfs;
    size_t length = strlen(path);
    if (path[0] != '/' || (int)length >= bytes) return SQLITE_CANTOPEN;
    memcpy(out, path, length + 1);
    return SQLITE_OK;
}

static int randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    parksync_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->mutex);
    fv_fill(&disk->vfs_random, bytes, (size_t)count);
    pthread_mutex_unlock(&disk->mutex);
    return count;
}

static int sleep_no_time(sqlite3_vfs *vfs, int microseconds) {
    parksync_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->mutex);
    disk->counters.sleeps++;
    disk->counters.slept_microseconds += (uint64_t)microseconds;
    pthread_mutex_unlock(&disk->mutex);
    // Whom it waits for may be another thread.
    sched_yield();
    // A clock with coarse ticks: whoever adds up what it has waited for is soon done.
    return microseconds < 100000 ? 100000 : microseconds;
}

static int current_time_64(sqlite3_vfs *vfs, sqlite3_int64 *time) {
    // The Julian day of 1970-01-01, in milliseconds.
    static const sqlite3_int64 unix_epoch = 210866760000000;
    parksync_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->mutex);
    *time = unix_epoch + disk->unix_milliseconds;
    pthread_mutex_unlock(&disk->mutex);
    return SQLITE_OK;
}

static int current_time(sqlite3_vfs *vfs, double *time) {
    sqlite3_int64 milliseconds = 0;
    current_time_64(vfs, &milliseconds);
    *time = (double)milliseconds / 86400000.0;
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int bytes, char *out) {
    (void)vfs, (void)bytes, (void)out;
    return 0;
}

static void *no_library(sqlite3_vfs *vfs, const char *path) {
    (void)vfs, (void)path;
    return NULL;
}

static void no_library_error(sqlite3_vfs *vfs, int bytes, char *out) {
    (void)vfs;
    sqlite3_snprintf(bytes, out, "a virtual disk has no libraries");
}

void fv_fill_vfs(parksync_disk *disk) {
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = sizeof(fv_handle),
        .mxPathname = 512,
        .zName = disk->name,
        .pAppData = disk,
        .xOpen = open_file,
        .xDelete = delete_file,
        .xAccess = access_file,
        .xFullPathname = full_path,
        .xDlOpen = no_library,
        .xDlError = no_library_error,
        .xRandomness = randomness,
        .xSleep = sleep_no_time,
        .xCurrentTime = current_time,
        .xGetLastError = last_error,
        .xCurrentTimeInt64 = current_time_64,
    };
}

void fv_disk_unreference(parksync_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    int is_last = --disk->references == 0;
    if (is_last) fv_clear(disk);
    pthread_mutex_unlock(&disk->mutex);
    if (!is_last) return;
    pthread_mutex_destroy(&disk->mutex);
    free(disk->files.items);
    free(disk->deleted.items);
    free(disk);
}
