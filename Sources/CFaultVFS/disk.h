#ifndef PARKSYNC_DISK_H
#define PARKSYNC_DISK_H

// What the files of this target share. Everything reachable from a disk is guarded by its mutex,
// except the counts of references to blocks, which are atomic: disks and snapshots share blocks.

#include "CFaultVFS.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

#define FV_BLOCK_BYTES 4096
#define FV_NAME_BYTES 256
#define FV_SHM_LOCKS 8

typedef struct {
    atomic_uint references;
    unsigned char bytes[FV_BLOCK_BYTES];
} fv_block;

/// The content of a file. A block that is NULL is full of zeroes; what a block has behind the end
/// of the file is zero.
typedef struct {
    fv_block **blocks;
    size_t count, room;
    int64_t size;
} fv_image;

/// The wal-index of one file. A handle of an earlier boot keeps the one that it has mapped.
typedef struct {
    unsigned references;
    void **regions;
    int count;
    unsigned shared[FV_SHM_LOCKS];
    unsigned exclusive;
} fv_shm;

struct fv_handle;

typedef struct fv_inode {
    char *name;
    /// The directory, and handles.
    unsigned references;
    /// Without a name: no faults, nothing durable.
    int is_temporary;
    int is_entry_durable;
    fv_image current, durable;
    /// Writes and truncations since the last sync: fv_op, then the data, padded to 8 bytes.
    unsigned char *pending;
    size_t pending_bytes, pending_room;
    /// Per block: 1 if a failed sync took it for clean.
    unsigned char *forgotten;
    size_t forgotten_count;
    /// Handles that hold SHARED or more; the one that holds more, and how much.
    unsigned shared;
    struct fv_handle *writer;
    fv_shm *shm;
} fv_inode;

typedef struct {
    int64_t offset;
    uint32_t bytes;
    uint32_t is_truncate;
} fv_op;

typedef struct {
    uint64_t state;
} fv_random;

typedef struct {
    int is_armed;
    char file[FV_NAME_BYTES];
    uint64_t skipped, times;
    uint32_t permillion;
} fv_fault;

typedef struct {
    fv_inode **items;
    size_t count, room;
} fv_list;

struct parksync_disk {
    sqlite3_vfs vfs;
    char name[FV_NAME_BYTES];
    pthread_mutex_t mutex;
    /// The owner, and handles.
    unsigned references;
    uint64_t boot;
    int is_dead;
    int sector_bytes, characteristics;
    uint64_t pending_bytes_max;
    /// By name; deleted ones whose deletion is not durable, oldest first.
    fv_list files, deleted;
    fv_fault faults[PARKSYNC_DISK_FAULTS];
    uint64_t fired[PARKSYNC_DISK_FAULTS];
    int64_t free_bytes;
    int is_limited, gives_back;
    fv_random fault_random, vfs_random;
    int64_t unix_milliseconds;
    parksync_disk_counters counters;
};

typedef struct fv_handle {
    sqlite3_file base;
    parksync_disk *disk;
    fv_inode *inode;
    uint64_t boot;
    int is_deleted_on_close;
    /// The next sync syncs the directory as well: SQLite's Unix VFS does that once for a new
    /// journal or write-ahead log.
    int syncs_directory;
    int lock;
    fv_shm *shm;
    unsigned shared, exclusive;
} fv_handle;

// image.c
void *fv_allocate(void *old, size_t bytes);
void fv_image_read(const fv_image *image, int64_t offset, void *bytes, int64_t count);
void fv_image_write(fv_image *image, int64_t offset, const void *bytes, int64_t count);
void fv_image_resize(fv_image *image, int64_t size);
void fv_image_share_block(fv_image *image, const fv_image *source, size_t block);
void fv_image_share(fv_image *image, const fv_image *source);

// random.c
uint64_t fv_next(fv_random *random);
uint64_t fv_below(fv_random *random, uint64_t bound);
void fv_fill(fv_random *random, void *bytes, size_t count);

// inode.c
fv_inode *fv_inode_make(const char *name);
void fv_inode_release(fv_inode *inode);
void fv_inode_write(parksync_disk *disk, fv_inode *inode, int64_t offset, const void *bytes, int64_t count);
void fv_inode_resize(parksync_disk *disk, fv_inode *inode, int64_t size);
void fv_inode_settle(fv_inode *inode);
void fv_inode_forget(fv_inode *inode);
void fv_inode_lose_power(parksync_disk *disk, fv_inode *inode, const parksync_disk_power *power, fv_random *random);
fv_shm *fv_shm_release(fv_shm *shm);

// directory.c
fv_inode *fv_find(parksync_disk *disk, const char *name);
fv_inode *fv_add(parksync_disk *disk, const char *name);
void fv_insert(fv_list *list, size_t index, fv_inode *inode);
void fv_remove(fv_list *list, size_t index);
void fv_sync_entry(parksync_disk *disk, fv_inode *inode);
void fv_sync_directory(parksync_disk *disk);
void fv_unlink(parksync_disk *disk, fv_inode *inode, int is_durable);
void fv_lose_entries(parksync_disk *disk, fv_random *random);
void fv_clear(parksync_disk *disk);

// faults.c
int fv_fires(parksync_disk *disk, int fault, const char *file);
int fv_loses_power(parksync_disk *disk, const char *file);
int64_t fv_room(parksync_disk *disk, const fv_inode *inode, int64_t offset, int64_t count);
void fv_resized(parksync_disk *disk, int64_t before, int64_t after);

// handle.c, locks.c

// Each call that SQLite makes through a handle is between these two.
static inline fv_handle *fv_enter(sqlite3_file *file) {
    fv_handle *handle = (fv_handle *)file;
    pthread_mutex_lock(&handle->disk->mutex);
    return handle;
}

static inline int fv_leave(fv_handle *handle, int result) {
    pthread_mutex_unlock(&handle->disk->mutex);
    return result;
}

extern const sqlite3_io_methods fv_methods;
int fv_is_alive(fv_handle *handle);
int fv_lock(sqlite3_file *file, int level);
int fv_unlock(sqlite3_file *file, int level);
int fv_check_reserved(sqlite3_file *file, int *result);
int fv_shm_map(sqlite3_file *file, int region, int bytes, int extends, void volatile **address);
int fv_shm_lock(sqlite3_file *file, int offset, int count, int flags);
void fv_shm_barrier(sqlite3_file *file);
int fv_shm_unmap(sqlite3_file *file, int deletes);

// vfs.c
void fv_fill_vfs(parksync_disk *disk);
void fv_disk_unreference(parksync_disk *disk);

#endif
