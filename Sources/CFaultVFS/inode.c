// One file: what readers see, what is on the medium, and the writes between the two.

#include "disk.h"
#include <stdlib.h>
#include <string.h>

fv_inode *fv_inode_make(const char *name) {
    fv_inode *inode = fv_allocate(NULL, sizeof *inode);
    memset(inode, 0, sizeof *inode);
    inode->references = 1;
    if (name) {
        size_t bytes = strlen(name) + 1;
        inode->name = fv_allocate(NULL, bytes);
        memcpy(inode->name, name, bytes);
    } else {
        inode->is_temporary = 1;
    }
    return inode;
}

fv_shm *fv_shm_release(fv_shm *shm) {
    if (shm && --shm->references == 0) {
        for (int region = 0; region < shm->count; region++) free(shm->regions[region]);
        free(shm->regions);
        free(shm);
    }
    return NULL;
}

void fv_inode_release(fv_inode *inode) {
    if (--inode->references > 0) return;
    fv_image_resize(&inode->current, 0);
    fv_image_resize(&inode->durable, 0);
    free(inode->current.blocks);
    free(inode->durable.blocks);
    free(inode->pending);
    free(inode->forgotten);
    free(inode->name);
    fv_shm_release(inode->shm);
    free(inode);
}

static size_t padded(size_t bytes) { return (bytes + 7) & ~(size_t)7; }

static void append(parksync_disk *disk, fv_inode *inode, fv_op op, const void *bytes) {
    size_t needed = inode->pending_bytes + sizeof op + padded(op.bytes);
    if (needed > inode->pending_room) {
        inode->pending_room = needed > 2 * inode->pending_room ? needed : 2 * inode->pending_room;
        inode->pending = fv_allocate(inode->pending, inode->pending_room);
    }
    memcpy(inode->pending + inode->pending_bytes, &op, sizeof op);
    if (op.bytes > 0) memcpy(inode->pending + inode->pending_bytes + sizeof op, bytes, op.bytes);
    inode->pending_bytes = needed;
    if (needed > disk->pending_bytes_max) {
        fv_inode_settle(inode);
        disk->counters.writebacks++;
    }
}

static void remember(fv_inode *inode, size_t first, size_t end) {
    if (end > inode->forgotten_count) end = inode->forgotten_count;
    for (size_t block = first; block < end; block++) inode->forgotten[block] = 0;
}

void fv_inode_write(parksync_disk *disk, fv_inode *inode, int64_t offset, const void *bytes, int64_t count) {
    if (count <= 0) return;
    fv_image_write(&inode->current, offset, bytes, count);
    if (inode->is_temporary) return;
    // What is written makes its pages dirty again.
    remember(inode, (size_t)(offset / FV_BLOCK_BYTES), (size_t)((offset + count - 1) / FV_BLOCK_BYTES) + 1);
    append(disk, inode, (fv_op){.offset = offset, .bytes = (uint32_t)count}, bytes);
}

void fv_inode_resize(parksync_disk *disk, fv_inode *inode, int64_t size) {
    int64_t shorter = size < inode->current.size ? size : inode->current.size;
    fv_image_resize(&inode->current, size);
    if (inode->is_temporary) return;
    remember(inode, (size_t)(shorter / FV_BLOCK_BYTES), inode->forgotten_count);
    append(disk, inode, (fv_op){.offset = size, .is_truncate = 1}, NULL);
}

/// The blocks that an operation made dirty: the first, and the one behind the last.
static size_t dirty(const fv_op *op, const fv_image *image, size_t *end) {
    if (op->is_truncate) *end = image->count;
    else *end = (size_t)((op->offset + op->bytes - 1) / FV_BLOCK_BYTES) + 1;
    if (*end > image->count) *end = image->count;
    return (size_t)(op->offset / FV_BLOCK_BYTES);
}

static size_t next_op(const fv_inode *inode, size_t at, fv_op *op) {
    memcpy(op, inode->pending + at, sizeof *op);
    return at + sizeof *op + padded(op->bytes);
}

/// Puts everything that waits on the medium.
void fv_inode_settle(fv_inode *inode) {
    fv_op op;
    fv_image_resize(&inode->durable, inode->current.size);
    for (size_t at = 0; at < inode->pending_bytes;) {
        at = next_op(inode, at, &op);
        size_t end, block = dirty(&op, &inode->current, &end);
        for (; block < end; block++) fv_image_share_block(&inode->durable, &inode->current, block);
    }
    inode->pending_bytes = 0;
}

/// Takes everything that waits for clean without putting it on the medium.
void fv_inode_forget(fv_inode *inode) {
    fv_op op;
    size_t count = inode->current.count;
    if (count > inode->forgotten_count) {
        inode->forgotten = fv_allocate(inode->forgotten, count);
        memset(inode->forgotten + inode->forgotten_count, 0, count - inode->forgotten_count);
        inode->forgotten_count = count;
    }
    for (size_t at = 0; at < inode->pending_bytes;) {
        at = next_op(inode, at, &op);
        size_t end, block = dirty(&op, &inode->current, &end);
        for (; block < end; block++) inode->forgotten[block] = 1;
    }
    inode->pending_bytes = 0;
}

/// Fills part of a sector with garbage, up to the end of the file.
static void spoil(parksync_disk *disk, fv_image *image, int64_t from, int64_t to, fv_random *random) {
    unsigned char bytes[FV_BLOCK_BYTES];
    if (to > image->size) to = image->size;
    if (from >= to) return;
    fv_fill(random, bytes, (size_t)(to - from));
    fv_image_write(image, from, bytes, to - from);
    disk->counters.garbage_sectors++;
}

/// Decides for each sector of a write that was under way.
static void tear(
    parksync_disk *disk, fv_image *image, const fv_op *op, const unsigned char *bytes, uint32_t garbage,
    fv_random *random) {
    int64_t sector = disk->sector_bytes, end = op->offset + op->bytes;
    // The new length may reach the medium before the data does.
    if (end > image->size && fv_below(random, 2)) fv_image_resize(image, end);
    for (int64_t start = op->offset / sector * sector; start < end; start += sector) {
        int64_t from = start > op->offset ? start : op->offset, to = start + sector < end ? start + sector : end;
        if (fv_below(random, 1000) < garbage) {
            // Without powersafe overwrite, bytes beside those written are at risk as well.
            int spills = !(disk->characteristics & SQLITE_IOCAP_POWERSAFE_OVERWRITE);
            if (image->size < to) fv_image_resize(image, to);
            spoil(disk, image, spills ? start : from, spills ? start + sector : to, random);
            continue;
        }
        switch (fv_below(random, 4)) {
        case 0: continue;
        // A sector is written from one end to the other.
        case 1: to = from + (int64_t)fv_below(random, (uint64_t)(to - from)) + 1; break;
        case 2: from += (int64_t)fv_below(random, (uint64_t)(to - from)); break;
        default: break;
        }
        fv_image_write(image, from, bytes + (from - op->offset), to - from);
    }
}

/// A write that did not reach the medium; the new length of the file may have, with zeroes or what
/// lay there before.
static void lose(parksync_disk *disk, fv_image *image, const fv_op *op, fv_random *random) {
    int64_t before = image->size, end = op->offset + op->bytes;
    uint64_t outcome = fv_below(random, 4);
    if (end <= before || outcome < 2) return;
    fv_image_resize(image, end);
    if (outcome < 3) return;
    for (int64_t at = before; at < end; at += FV_BLOCK_BYTES) {
        spoil(disk, image, at, at + FV_BLOCK_BYTES < end ? at + FV_BLOCK_BYTES : end, random);
    }
}

/// Decides what of the unsynced operations is on the medium. They are taken in order: that the
/// newer of two writes is dropped has the same result as that the older one came last.
void fv_inode_lose_power(parksync_disk *disk, fv_inode *inode, const parksync_disk_power *power, fv_random *random) {
    fv_image *image = &inode->durable;
    fv_op op;
    for (size_t block = 0; block < inode->forgotten_count; block++) {
        if (!inode->forgotten[block] || block >= inode->current.count || fv_below(random, 2)) continue;
        int64_t end = (int64_t)(block + 1) * FV_BLOCK_BYTES;
        if (end > inode->current.size) end = inode->current.size;
        if (image->size < end) fv_image_resize(image, end);
        fv_image_share_block(image, &inode->current, block);
    }
    for (size_t at = 0; at < inode->pending_bytes;) {
        const unsigned char *bytes = inode->pending + at + sizeof op;
        at = next_op(inode, at, &op);
        uint64_t roll = fv_below(random, 1000);
        int is_kept = roll < power->kept_permille;
        int is_dropped = !is_kept && roll - power->kept_permille < power->dropped_permille;
        if (op.is_truncate) {
            if (is_kept || (!is_dropped && fv_below(random, 2))) fv_image_resize(image, op.offset);
            else disk->counters.truncates_undone++;
        } else if (is_kept) {
            fv_image_write(image, op.offset, bytes, op.bytes);
            disk->counters.kept++;
        } else if (is_dropped) {
            lose(disk, image, &op, random);
            disk->counters.dropped++;
        } else {
            tear(disk, image, &op, bytes, power->garbage_permille, random);
            disk->counters.torn++;
        }
    }
    inode->pending_bytes = 0;
    inode->forgotten_count = 0;
    fv_image_share(&inode->current, image);
}
