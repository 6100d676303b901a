// Locks between the connections of one boot, and the wal-index that they share.
//
// The rules are those of SQLite's Unix VFS within one process. Unlocking works on a dead disk and
// does nothing through a handle of an earlier boot, whose locks are gone.

#include "disk.h"
#include <string.h>

int fv_lock(sqlite3_file *file, int level) {
    fv_handle *handle = fv_enter(file);
    fv_inode *inode = handle->inode;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_LOCK);
    if (handle->lock >= level) return fv_leave(handle, SQLITE_OK);
    int others = inode->writer && inode->writer != handle ? inode->writer->lock : SQLITE_LOCK_NONE;
    if (level == SQLITE_LOCK_SHARED) {
        if (others >= SQLITE_LOCK_PENDING) return fv_leave(handle, SQLITE_BUSY);
        inode->shared++;
        handle->lock = SQLITE_LOCK_SHARED;
        return fv_leave(handle, SQLITE_OK);
    }
    if (others >= SQLITE_LOCK_RESERVED) return fv_leave(handle, SQLITE_BUSY);
    inode->writer = handle;
    if (level == SQLITE_LOCK_EXCLUSIVE && inode->shared > 1) {
        // No new readers from now on.
        handle->lock = SQLITE_LOCK_PENDING;
        return fv_leave(handle, SQLITE_BUSY);
    }
    handle->lock = level;
    return fv_leave(handle, SQLITE_OK);
}

int fv_unlock(sqlite3_file *file, int level) {
    fv_handle *handle = fv_enter(file);
    fv_inode *inode = handle->inode;
    if (handle->boot != handle->disk->boot || handle->lock <= level) return fv_leave(handle, SQLITE_OK);
    if (inode->writer == handle) inode->writer = NULL;
    if (level == SQLITE_LOCK_NONE) inode->shared--;
    handle->lock = level;
    return fv_leave(handle, SQLITE_OK);
}

int fv_check_reserved(sqlite3_file *file, int *result) {
    fv_handle *handle = fv_enter(file);
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_CHECKRESERVEDLOCK);
    *result = handle->inode->writer != NULL;
    return fv_leave(handle, SQLITE_OK);
}

int fv_shm_map(sqlite3_file *file, int region, int bytes, int extends, void volatile **address) {
    fv_handle *handle = fv_enter(file);
    fv_inode *inode = handle->inode;
    *address = NULL;
    if (!fv_is_alive(handle)) return fv_leave(handle, SQLITE_IOERR_SHMMAP);
    if (!handle->shm) {
        if (!inode->shm) {
            inode->shm = fv_allocate(NULL, sizeof *inode->shm);
            memset(inode->shm, 0, sizeof *inode->shm);
            inode->shm->references = 1;
        }
        inode->shm->references++;
        handle->shm = inode->shm;
    }
    fv_shm *shm = handle->shm;
    if (region >= shm->count) {
        if (!extends) return fv_leave(handle, SQLITE_OK);
        shm->regions = fv_allocate(shm->regions, (size_t)(region + 1) * sizeof *shm->regions);
        while (shm->count <= region) {
            void *made = fv_allocate(NULL, (size_t)bytes);
            memset(made, 0, (size_t)bytes);
            shm->regions[shm->count++] = made;
        }
    }
    *address = shm->regions[region];
    return fv_leave(handle, SQLITE_OK);
}

/// Gives up the locks of `mask` that the handle holds.
static void release(fv_handle *handle, unsigned mask) {
    for (int slot = 0; slot < FV_SHM_LOCKS; slot++) {
        if (handle->shared & mask & (1u << slot)) handle->shm->shared[slot]--;
    }
    handle->shm->exclusive &= ~(handle->exclusive & mask);
    handle->shared &= ~mask;
    handle->exclusive &= ~mask;
}

int fv_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    fv_handle *handle = fv_enter(file);
    unsigned mask = ((1u << count) - 1) << offset;
    if (flags & SQLITE_SHM_UNLOCK) {
        if (handle->shm) release(handle, mask);
        return fv_leave(handle, SQLITE_OK);
    }
    if (!fv_is_alive(handle) || !handle->shm) return fv_leave(handle, SQLITE_IOERR_SHMLOCK);
    fv_shm *shm = handle->shm;
    if (shm->exclusive & ~handle->exclusive & mask) return fv_leave(handle, SQLITE_BUSY);
    if (flags & SQLITE_SHM_SHARED) {
        if (!(handle->shared & mask)) shm->shared[offset]++;
        handle->shared |= mask;
        return fv_leave(handle, SQLITE_OK);
    }
    for (int slot = offset; slot < offset + count; slot++) {
        if (shm->shared[slot] > (handle->shared >> slot & 1)) return fv_leave(handle, SQLITE_BUSY);
    }
    shm->exclusive |= mask;
    handle->exclusive |= mask;
    return fv_leave(handle, SQLITE_OK);
}

void fv_shm_barrier(sqlite3_file *file) {
    // The mutex orders what the threads have written.
    fv_leave(fv_enter(file), SQLITE_OK);
}

int fv_shm_unmap(sqlite3_file *file, int deletes) {
    fv_handle *handle = fv_enter(file);
    (void)deletes;
    if (!handle->shm) return fv_leave(handle, SQLITE_OK);
    release(handle, ~0u);
    fv_inode *inode = handle->inode;
    int is_present = inode->shm == handle->shm;
    handle->shm = fv_shm_release(handle->shm);
    // Whoever maps it next begins with zeroes, as Unix does when nobody else has the file open.
    if (is_present && inode->shm->references == 1) inode->shm = fv_shm_release(inode->shm);
    return fv_leave(handle, SQLITE_OK);
}
