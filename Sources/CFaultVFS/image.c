// The content of files: tables of blocks that images, snapshots and disks share until one of them
// writes.

#include "disk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Memory that holds `bytes`, with what `old` held. A simulation without memory has no use for
/// going on.
void *fv_allocate(void *old, size_t bytes) {
    void *made = realloc(old, bytes);
    if (!made) {
        fprintf(stderr, "virtual disk: no memory for %zu bytes\n", bytes);
        abort();
    }
    return made;
}

static void drop(fv_block *block) {
    if (block && atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1) free(block);
}

static size_t blocks_of(int64_t size) { return (size_t)((size + FV_BLOCK_BYTES - 1) / FV_BLOCK_BYTES); }

/// The block for writing: nobody else has it. Its content is the old one unless all of it will be
/// written.
static fv_block *own(fv_image *image, size_t index, int is_overwritten) {
    fv_block *old = image->blocks[index];
    if (old && atomic_load_explicit(&old->references, memory_order_acquire) == 1) return old;
    fv_block *made = fv_allocate(NULL, sizeof *made);
    atomic_init(&made->references, 1);
    if (!is_overwritten) {
        if (old) memcpy(made->bytes, old->bytes, FV_BLOCK_BYTES);
        else memset(made->bytes, 0, FV_BLOCK_BYTES);
    }
    drop(old);
    image->blocks[index] = made;
    return made;
}

/// Reads bytes that lie before the end of the file.
void fv_image_read(const fv_image *image, int64_t offset, void *bytes, int64_t count) {
    unsigned char *out = bytes;
    while (count > 0) {
        size_t index = (size_t)(offset / FV_BLOCK_BYTES), start = (size_t)(offset % FV_BLOCK_BYTES);
        size_t part = FV_BLOCK_BYTES - start;
        if ((int64_t)part > count) part = (size_t)count;
        if (image->blocks[index]) memcpy(out, image->blocks[index]->bytes + start, part);
        else memset(out, 0, part);
        out += part;
        offset += (int64_t)part;
        count -= (int64_t)part;
    }
}

/// Writes, and extends the file if it must.
void fv_image_write(fv_image *image, int64_t offset, const void *bytes, int64_t count) {
    const unsigned char *in = bytes;
    if (count > 0 && offset + count > image->size) fv_image_resize(image, offset + count);
    while (count > 0) {
        size_t index = (size_t)(offset / FV_BLOCK_BYTES), start = (size_t)(offset % FV_BLOCK_BYTES);
        size_t part = FV_BLOCK_BYTES - start;
        if ((int64_t)part > count) part = (size_t)count;
        memcpy(own(image, index, part == FV_BLOCK_BYTES)->bytes + start, in, part);
        in += part;
        offset += (int64_t)part;
        count -= (int64_t)part;
    }
}

/// Makes the file longer, with zeroes, or shorter.
void fv_image_resize(fv_image *image, int64_t size) {
    size_t count = blocks_of(size);
    for (size_t index = count; index < image->count; index++) drop(image->blocks[index]);
    if (count > image->room) {
        image->room = count > 2 * image->room ? count : 2 * image->room;
        image->blocks = fv_allocate(image->blocks, image->room * sizeof *image->blocks);
    }
    for (size_t index = image->count; index < count; index++) image->blocks[index] = NULL;
    image->count = count;
    size_t kept = (size_t)(size % FV_BLOCK_BYTES);
    if (size < image->size && kept > 0 && image->blocks[count - 1]) {
        memset(own(image, count - 1, 0)->bytes + kept, 0, FV_BLOCK_BYTES - kept);
    }
    image->size = size;
}

/// Takes a block from another image of the same size.
void fv_image_share_block(fv_image *image, const fv_image *source, size_t block) {
    fv_block *taken = source->blocks[block];
    if (image->blocks[block] == taken) return;
    if (taken) atomic_fetch_add_explicit(&taken->references, 1, memory_order_relaxed);
    drop(image->blocks[block]);
    image->blocks[block] = taken;
}

/// Makes the image equal to another; both share every block.
void fv_image_share(fv_image *image, const fv_image *source) {
    fv_image_resize(image, 0);
    fv_image_resize(image, source->size);
    for (size_t index = 0; index < source->count; index++) fv_image_share_block(image, source, index);
}
