// What the owner of a disk does with it.

#include "disk.h"
#include <stdlib.h>
#include <string.h>

struct parksync_disk_snapshot {
    size_t count;
    fv_inode **files;
};

/// Making a disk asks for the name and takes it; two threads must not do that at once.
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

parksync_disk *parksync_disk_make(
    const char *name, uint64_t seed, int sector_bytes, int characteristics, uint64_t pending_bytes_max) {
    int is_power = sector_bytes >= 512 && sector_bytes <= FV_BLOCK_BYTES && (sector_bytes & (sector_bytes - 1)) == 0;
    if (!is_power || !name[0] || strlen(name) >= FV_NAME_BYTES || !sqlite3_compileoption_used("USE_URI")) return NULL;
    parksync_disk *disk = fv_allocate(NULL, sizeof *disk);
    memset(disk, 0, sizeof *disk);
    memcpy(disk->name, name, strlen(name));
    pthread_mutex_init(&disk->mutex, NULL);
    disk->references = 1;
    disk->boot = 1;
    disk->sector_bytes = sector_bytes;
    disk->characteristics = characteristics;
    disk->pending_bytes_max = pending_bytes_max;
    disk->vfs_random.state = seed;
    disk->fault_random.state = fv_next(&disk->vfs_random);
    fv_fill_vfs(disk);
    pthread_mutex_lock(&registry);
    int is_made = !sqlite3_vfs_find(name) && sqlite3_vfs_register(&disk->vfs, 0) == SQLITE_OK;
    pthread_mutex_unlock(&registry);
    if (is_made) return disk;
    fv_disk_unreference(disk);
    return NULL;
}

/// Starts the next boot: handles and paths of the present one are worth nothing from now on.
static void reboot(parksync_disk *disk) {
    disk->boot++;
    disk->is_dead = 0;
    for (size_t index = 0; index < disk->files.count + disk->deleted.count; index++) {
        int is_deleted = index >= disk->files.count;
        fv_inode *inode = is_deleted ? disk->deleted.items[index - disk->files.count] : disk->files.items[index];
        inode->shared = 0;
        inode->writer = NULL;
        // Whoever has mapped it keeps it until it unmaps.
        inode->shm = fv_shm_release(inode->shm);
    }
}

void parksync_disk_release(parksync_disk *disk) {
    sqlite3_vfs_unregister(&disk->vfs);
    pthread_mutex_lock(&disk->mutex);
    reboot(disk);
    fv_clear(disk);
    pthread_mutex_unlock(&disk->mutex);
    fv_disk_unreference(disk);
}

uint64_t parksync_disk_boot(parksync_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    uint64_t boot = disk->boot;
    pthread_mutex_unlock(&disk->mutex);
    return boot;
}

int parksync_disk_is_dead(parksync_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    int is_dead = disk->is_dead;
    pthread_mutex_unlock(&disk->mutex);
    return is_dead;
}

void parksync_disk_read_counters(parksync_disk *disk, parksync_disk_counters *counters) {
    pthread_mutex_lock(&disk->mutex);
    *counters = disk->counters;
    pthread_mutex_unlock(&disk->mutex);
}

void parksync_disk_set_time(parksync_disk *disk, int64_t unix_milliseconds) {
    pthread_mutex_lock(&disk->mutex);
    disk->unix_milliseconds = unix_milliseconds;
    pthread_mutex_unlock(&disk->mutex);
}

void parksync_disk_kill(parksync_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    reboot(disk);
    pthread_mutex_unlock(&disk->mutex);
}

void parksync_disk_power_off(parksync_disk *disk, parksync_disk_power power) {
    fv_random random = {power.seed};
    pthread_mutex_lock(&disk->mutex);
    int64_t before = 0, after = 0;
    for (size_t index = 0; index < disk->files.count; index++) before += disk->files.items[index]->current.size;
    reboot(disk);
    fv_lose_entries(disk, &random);
    for (size_t index = 0; index < disk->files.count; index++) {
        fv_inode_lose_power(disk, disk->files.items[index], &power, &random);
        after += disk->files.items[index]->current.size;
    }
    fv_resized(disk, before, after);
    if (disk->free_bytes < 0) disk->free_bytes = 0;
    pthread_mutex_unlock(&disk->mutex);
}

int64_t parksync_disk_size(parksync_disk *disk, const char *file) {
    pthread_mutex_lock(&disk->mutex);
    fv_inode *inode = fv_find(disk, file);
    int64_t size = inode ? inode->current.size : -1;
    pthread_mutex_unlock(&disk->mutex);
    return size;
}

int parksync_disk_file(parksync_disk *disk, int index, char *name, int name_bytes, int64_t *size) {
    int result = SQLITE_NOTFOUND;
    pthread_mutex_lock(&disk->mutex);
    if (index >= 0 && (size_t)index < disk->files.count && name_bytes > 0) {
        fv_inode *inode = disk->files.items[index];
        sqlite3_snprintf(name_bytes, name, "%s", inode->name);
        *size = inode->current.size;
        result = SQLITE_OK;
    }
    pthread_mutex_unlock(&disk->mutex);
    return result;
}

int64_t parksync_disk_read(parksync_disk *disk, const char *file, int64_t offset, void *bytes, int64_t count) {
    pthread_mutex_lock(&disk->mutex);
    fv_inode *inode = fv_find(disk, file);
    int64_t there = inode && offset >= 0 ? inode->current.size - offset : -1;
    if (inode && offset >= 0) {
        there = there < 0 ? 0 : there > count ? count : there;
        fv_image_read(&inode->current, offset, bytes, there);
    }
    pthread_mutex_unlock(&disk->mutex);
    return there;
}

void parksync_disk_put(parksync_disk *disk, const char *file, const void *bytes, int64_t count) {
    pthread_mutex_lock(&disk->mutex);
    fv_inode *old = fv_find(disk, file);
    if (old) fv_unlink(disk, old, 1);
    fv_inode *inode = fv_add(disk, file);
    fv_image_write(&inode->current, 0, bytes, count);
    fv_image_share(&inode->durable, &inode->current);
    fv_resized(disk, 0, count);
    fv_sync_entry(disk, inode);
    pthread_mutex_unlock(&disk->mutex);
}

int parksync_disk_delete(parksync_disk *disk, const char *file) {
    pthread_mutex_lock(&disk->mutex);
    fv_inode *inode = fv_find(disk, file);
    if (inode) fv_unlink(disk, inode, 1);
    pthread_mutex_unlock(&disk->mutex);
    return inode ? SQLITE_OK : SQLITE_NOTFOUND;
}

parksync_disk_snapshot *parksync_disk_take(parksync_disk *disk) {
    parksync_disk_snapshot *snapshot = fv_allocate(NULL, sizeof *snapshot);
    pthread_mutex_lock(&disk->mutex);
    snapshot->count = disk->files.count;
    snapshot->files = fv_allocate(NULL, (snapshot->count + 1) * sizeof *snapshot->files);
    for (size_t index = 0; index < snapshot->count; index++) {
        snapshot->files[index] = fv_inode_make(disk->files.items[index]->name);
        fv_image_share(&snapshot->files[index]->current, &disk->files.items[index]->current);
    }
    pthread_mutex_unlock(&disk->mutex);
    return snapshot;
}

void parksync_disk_restore(parksync_disk *disk, parksync_disk_snapshot *snapshot) {
    pthread_mutex_lock(&disk->mutex);
    reboot(disk);
    fv_clear(disk);
    for (size_t index = 0; index < snapshot->count; index++) {
        fv_inode *inode = fv_add(disk, snapshot->files[index]->name);
        fv_image_share(&inode->current, &snapshot->files[index]->current);
        fv_image_share(&inode->durable, &snapshot->files[index]->current);
        inode->is_entry_durable = 1;
    }
    pthread_mutex_unlock(&disk->mutex);
}

void parksync_disk_snapshot_release(parksync_disk_snapshot *snapshot) {
    for (size_t index = 0; index < snapshot->count; index++) fv_inode_release(snapshot->files[index]);
    free(snapshot->files);
    free(snapshot);
}
