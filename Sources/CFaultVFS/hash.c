// A hash of what a disk holds, the same for the same history.

#include "disk.h"
#include <string.h>

#define WAL_HEADER_BYTES 32
#define WAL_FRAME_HEADER_BYTES 24

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9FB21C651E98DF25u;
    return hash ^ (hash >> 32);
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    for (; count >= 8; at += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = mix(hash, word);
    }
    uint64_t word = 0;
    memcpy(&word, at, count);
    return count > 0 ? mix(hash, word) : hash;
}

static int ends(const char *name, const char *end) {
    size_t bytes = strlen(name), needed = strlen(end);
    return bytes >= needed && strcmp(name + bytes - needed, end) == 0;
}

/// Blanks those of `count` bytes at `offset` that lie from `from` up to `to`.
static void blank(unsigned char *bytes, int64_t offset, int64_t count, int64_t from, int64_t to) {
    from = from > offset ? from - offset : 0;
    to = to - offset < count ? to - offset : count;
    if (from < to) memset(bytes + from, 0, (size_t)(to - from));
}

/// The bytes of a frame of the write-ahead log, or 0 if it has no header: then SQLite takes it for
/// empty.
static int64_t frame_bytes(const fv_image *image) {
    unsigned char header[12];
    if (image->size < WAL_HEADER_BYTES) return 0;
    fv_image_read(image, 0, header, sizeof header);
    // The magic number is 0x377f0682 or 0x377f0683.
    if (header[0] != 0x37 || header[1] != 0x7f || header[2] != 0x06 || (header[3] | 1) != 0x83) return 0;
    int64_t page = (int64_t)header[8] << 24 | (int64_t)header[9] << 16 | (int64_t)header[10] << 8 | header[11];
    return page >= 512 && page <= 65536 && (page & (page - 1)) == 0 ? page + WAL_FRAME_HEADER_BYTES : 0;
}

static uint64_t hash_image(uint64_t hash, const fv_image *image, int is_wal) {
    unsigned char bytes[FV_BLOCK_BYTES];
    int64_t frame = is_wal ? frame_bytes(image) : 0;
    hash = mix(hash, (uint64_t)image->size);
    // Where salts and checksums lie is not known without a header.
    if (is_wal && frame == 0) return hash;
    for (int64_t offset = 0; offset < image->size; offset += FV_BLOCK_BYTES) {
        int64_t count = image->size - offset < FV_BLOCK_BYTES ? image->size - offset : FV_BLOCK_BYTES;
        fv_image_read(image, offset, bytes, count);
        if (is_wal) blank(bytes, offset, count, 16, WAL_HEADER_BYTES);
        if (is_wal) {
            // The first frame that may reach into this block.
            int64_t first = offset > WAL_HEADER_BYTES ? (offset - WAL_HEADER_BYTES) / frame : 0;
            for (int64_t at = WAL_HEADER_BYTES + first * frame; at < offset + count; at += frame) {
                blank(bytes, offset, count, at + 8, at + WAL_FRAME_HEADER_BYTES);
            }
        }
        hash = mix_bytes(hash, bytes, (size_t)count);
    }
    return hash;
}

uint64_t parksync_disk_hash(parksync_disk *disk, int is_durable) {
    uint64_t hash = 0;
    pthread_mutex_lock(&disk->mutex);
    for (size_t index = 0; index < disk->files.count; index++) {
        const fv_inode *inode = disk->files.items[index];
        const fv_image *image = is_durable ? &inode->durable : &inode->current;
        hash = mix_bytes(hash, inode->name, strlen(inode->name) + 1);
        if (ends(inode->name, "-journal")) hash = mix(hash, (uint64_t)image->size);
        else hash = hash_image(hash, image, ends(inode->name, "-wal"));
    }
    pthread_mutex_unlock(&disk->mutex);
    return hash;
}
