// What goes wrong, and when.

#include "disk.h"
#include <string.h>

/// Whether an armed fault fires at this call. Every call that could have fired counts.
int fv_fires(parksync_disk *disk, int fault, const char *file) {
    fv_fault *armed = &disk->faults[fault];
    if (!armed->is_armed || (armed->file[0] && strcmp(armed->file, file) != 0)) return 0;
    if (armed->skipped > 0) {
        armed->skipped--;
        return 0;
    }
    if (armed->permillion < 1000000 && fv_below(&disk->fault_random, 1000000) >= armed->permillion) return 0;
    if (armed->times > 0 && --armed->times == 0) armed->is_armed = 0;
    disk->fired[fault]++;
    return 1;
}

/// Whether the power fails in the middle of this call.
int fv_loses_power(parksync_disk *disk, const char *file) {
    if (!fv_fires(disk, PARKSYNC_DISK_POWER_LOSS, file)) return 0;
    disk->is_dead = 1;
    return 1;
}

/// How many of `count` bytes at `offset` there is room for.
int64_t fv_room(parksync_disk *disk, const fv_inode *inode, int64_t offset, int64_t count) {
    int64_t size = inode->current.size;
    if (!disk->is_limited || offset + count - size <= disk->free_bytes) return count;
    int64_t fits = size + disk->free_bytes - offset;
    return fits > 0 ? fits : 0;
}

/// Accounts for a file's new size.
void fv_resized(parksync_disk *disk, int64_t before, int64_t after) {
    if (disk->is_limited && (after > before || disk->gives_back)) disk->free_bytes -= after - before;
}

void parksync_disk_arm(parksync_disk *disk, int fault, parksync_disk_trigger trigger) {
    if (fault < 0 || fault > PARKSYNC_DISK_POWER_LOSS) return;
    pthread_mutex_lock(&disk->mutex);
    fv_fault *armed = &disk->faults[fault];
    memset(armed, 0, sizeof *armed);
    armed->is_armed = 1;
    if (trigger.file) strncpy(armed->file, trigger.file, sizeof armed->file - 1);
    armed->skipped = trigger.skipped;
    armed->times = trigger.times;
    armed->permillion = trigger.permillion;
    pthread_mutex_unlock(&disk->mutex);
}

void parksync_disk_disarm(parksync_disk *disk, int fault) {
    if (fault < 0 || fault >= PARKSYNC_DISK_FAULTS) return;
    pthread_mutex_lock(&disk->mutex);
    disk->faults[fault].is_armed = 0;
    pthread_mutex_unlock(&disk->mutex);
}

void parksync_disk_limit(parksync_disk *disk, int64_t free_bytes, int gives_back) {
    pthread_mutex_lock(&disk->mutex);
    disk->is_limited = free_bytes >= 0;
    disk->free_bytes = free_bytes;
    disk->gives_back = gives_back;
    pthread_mutex_unlock(&disk->mutex);
}

uint64_t parksync_disk_fired(parksync_disk *disk, int fault) {
    if (fault < 0 || fault >= PARKSYNC_DISK_FAULTS) return 0;
    pthread_mutex_lock(&disk->mutex);
    uint64_t fired = disk->fired[fault];
    pthread_mutex_unlock(&disk->mutex);
    return fired;
}

/// The bytes of a file that lie in the range.
static int64_t overlap(const fv_inode *inode, int64_t from, int64_t to) {
    if (to > inode->current.size) to = inode->current.size;
    return to > from ? to - from : 0;
}

static void flip(fv_image *image, int64_t offset, unsigned char mask) {
    unsigned char byte;
    if (offset >= image->size) return;
    fv_image_read(image, offset, &byte, 1);
    byte ^= mask;
    fv_image_write(image, offset, &byte, 1);
}

int parksync_disk_flip(
    parksync_disk *disk, const char *file, int64_t from, int64_t to, uint64_t seed, char *found, int found_bytes,
    int64_t *bit) {
    fv_random random = {seed};
    int64_t total = 0;
    if (from < 0 || found_bytes < 1) return SQLITE_MISUSE;
    pthread_mutex_lock(&disk->mutex);
    for (size_t index = 0; index < disk->files.count; index++) {
        fv_inode *inode = disk->files.items[index];
        if (!file || strcmp(inode->name, file) == 0) total += overlap(inode, from, to);
    }
    int64_t drawn = (int64_t)fv_below(&random, (uint64_t)total * 8);
    int result = SQLITE_NOTFOUND;
    for (size_t index = 0; total > 0 && index < disk->files.count; index++) {
        fv_inode *inode = disk->files.items[index];
        int64_t bits = !file || strcmp(inode->name, file) == 0 ? overlap(inode, from, to) * 8 : 0;
        if (drawn >= bits) {
            drawn -= bits;
            continue;
        }
        *bit = from * 8 + drawn;
        // The medium, and what readers see of it, which is not the same block if a write waits.
        flip(&inode->durable, *bit / 8, (unsigned char)(1u << (*bit % 8)));
        flip(&inode->current, *bit / 8, (unsigned char)(1u << (*bit % 8)));
        strncpy(found, inode->name, (size_t)found_bytes - 1);
        found[found_bytes - 1] = 0;
        disk->fired[PARKSYNC_DISK_BIT_FLIP]++;
        result = SQLITE_OK;
        break;
    }
    pthread_mutex_unlock(&disk->mutex);
    return result;
}
