// An open file: reading, writing and syncing.

#include "CSQLiteSwitches.h"
#include "disk.h"
#include <string.h>

/// Whether calls through the handle may do anything. What was opened before a crash, or on a disk
/// without power, may not.
int fv_is_alive(fv_handle *handle) {
    if (handle->boot == handle->disk->boot && !handle->disk->is_dead) return 1;
    handle->disk->counters.refused++;
    return 0;
}

static int close_file(sqlite3_file *file) {
    fv_handle *handle = fv_enter(file);
    parksync_disk *disk = handle->disk;
    if (handle->boot == disk->boot) {
        pthread_mutex_unlock(&disk->mutex);
        fv_shm_unmap(file, 0);
        fv_unlock(file, SQLITE_LOCK_NONE);
        pthread_mutex_lock(&disk->mutex);
        if (handle->is_deleted_on_close && !handle->inode->is_temporary) fv_unlink(disk, handle->inode, 0);
    }
    handle->shm = fv_shm_release(handle->shm);
    fv_inode_release(handle->inode);
    pthread_mutex_unlock(&disk->mutex);
    handle->base.pMethods = NULL;
    fv_disk_unreference(disk);
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    fv_handle *handle = fv_enter(file);
    parksync_disk *disk = handle->disk;
    fv_inode *inode = handle->inode;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_READ);
    int64_t there = inode->current.size - offset;
    if (there < 0) there = 0;
    if (there > count) there = count;
    if (!inode->is_temporary) {
        disk->counters.reads++;
        if (fv_fires(disk, PARKSYNC_DISK_READ_ERROR, inode->name)) return fv_leave(handle, SQLITE_IOERR_READ);
        disk->counters.bytes_read += (uint64_t)there;
    }
    fv_image_read(&inode->current, offset, bytes, there);
    if (!inode->is_temporary && there > 0 && fv_fires(disk, PARKSYNC_DISK_MISREAD, inode->name)) {
        uint64_t bit = fv_below(&disk->fault_random, (uint64_t)there * 8);
        ((unsigned char *)bytes)[bit / 8] ^= (unsigned char)(1u << (bit % 8));
    }
    if (there == count) return fv_leave(handle, SQLITE_OK);
    memset((unsigned char *)bytes + there, 0, (size_t)(count - there));
    return fv_leave(handle, SQLITE_IOERR_SHORT_READ);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    fv_handle *handle = fv_enter(file);
    parksync_disk *disk = handle->disk;
    fv_inode *inode = handle->inode;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_WRITE);
    if (inode->is_temporary) {
        fv_inode_write(disk, inode, offset, bytes, count);
        return fv_leave(handle, SQLITE_OK);
    }
    disk->counters.writes++;
    if (fv_fires(disk, PARKSYNC_DISK_WRITE_ERROR, inode->name)) return fv_leave(handle, SQLITE_IOERR_WRITE);
    int64_t before = inode->current.size, fits = fv_room(disk, inode, offset, count);
    fv_inode_write(disk, inode, offset, bytes, fits);
    fv_resized(disk, before, inode->current.size);
    disk->counters.bytes_written += (uint64_t)fits;
    if (fv_loses_power(disk, inode->name)) return fv_leave(handle, SQLITE_IOERR_WRITE);
    if (fits == count) return fv_leave(handle, SQLITE_OK);
    disk->fired[PARKSYNC_DISK_FULL]++;
    return fv_leave(handle, SQLITE_FULL);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    fv_handle *handle = fv_enter(file);
    parksync_disk *disk = handle->disk;
    fv_inode *inode = handle->inode;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_TRUNCATE);
    int64_t before = inode->current.size;
    if (!inode->is_temporary) {
        disk->counters.truncates++;
        if (fv_fires(disk, PARKSYNC_DISK_TRUNCATE_ERROR, inode->name)) return fv_leave(handle, SQLITE_IOERR_TRUNCATE);
        if (disk->is_limited && size - before > disk->free_bytes) {
            disk->fired[PARKSYNC_DISK_FULL]++;
            return fv_leave(handle, SQLITE_FULL);
        }
        fv_resized(disk, before, size);
    }
    fv_inode_resize(disk, inode, size);
    if (!inode->is_temporary && fv_loses_power(disk, inode->name)) return fv_leave(handle, SQLITE_IOERR_TRUNCATE);
    return fv_leave(handle, SQLITE_OK);
}

static int sync_file(sqlite3_file *file, int flags) {
    fv_handle *handle = fv_enter(file);
    parksync_disk *disk = handle->disk;
    fv_inode *inode = handle->inode;
    (void)flags;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_FSYNC);
    if (inode->is_temporary) return fv_leave(handle, SQLITE_OK);
    disk->counters.syncs++;
    if (fv_loses_power(disk, inode->name)) return fv_leave(handle, SQLITE_IOERR_FSYNC);
    if (fv_fires(disk, PARKSYNC_DISK_SYNC_ERROR, inode->name)) return fv_leave(handle, SQLITE_IOERR_FSYNC);
    if (fv_fires(disk, PARKSYNC_DISK_SYNC_FORGETS, inode->name)) {
        fv_inode_forget(inode);
        return fv_leave(handle, SQLITE_IOERR_FSYNC);
    }
    int syncs_directory = handle->syncs_directory;
    handle->syncs_directory = 0;
    if (fv_fires(disk, PARKSYNC_DISK_LOST_SYNC, inode->name)) return fv_leave(handle, SQLITE_OK);
    fv_inode_settle(inode);
    fv_sync_entry(disk, inode);
    if (syncs_directory) fv_sync_directory(disk);
    return fv_leave(handle, SQLITE_OK);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    fv_handle *handle = fv_enter(file);
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_FSTAT);
    *size = handle->inode->current.size;
    return fv_leave(handle, SQLITE_OK);
}

/// What would be left if the power failed now.
static int read_medium(sqlite3_file *file, parksync_medium_read *wanted) {
    fv_handle *handle = fv_enter(file);
    fv_inode *inode = handle->inode;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_READ);
    if (fv_fires(handle->disk, PARKSYNC_DISK_READ_ERROR, inode->name)) return fv_leave(handle, SQLITE_IOERR_READ);
    int64_t there = inode->is_entry_durable ? inode->durable.size - wanted->offset : 0;
    if (there < 0) there = 0;
    if (there > wanted->count) there = wanted->count;
    fv_image_read(&inode->durable, wanted->offset, wanted->bytes, there);
    wanted->read = (int32_t)there;
    return fv_leave(handle, SQLITE_OK);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    if (operation == SQLITE_FCNTL_VFSNAME) {
        *(char **)argument = sqlite3_mprintf("%s", ((fv_handle *)file)->disk->name);
        return SQLITE_OK;
    }
    return operation == PARKSYNC_FCNTL_READ_MEDIUM ? read_medium(file, argument) : SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file) { return ((fv_handle *)file)->disk->sector_bytes; }

static int device_characteristics(sqlite3_file *file) { return ((fv_handle *)file)->disk->characteristics; }

// Version 2: with shared memory, without memory-mapped reading.
const sqlite3_io_methods fv_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = fv_lock,
    .xUnlock = fv_unlock,
    .xCheckReservedLock = fv_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = fv_shm_map,
    .xShmLock = fv_shm_lock,
    .xShmBarrier = fv_shm_barrier,
    .xShmUnmap = fv_shm_unmap,
};
