// The wal-index: the shared memory in which all connections keep the index of a write-ahead log,
// and the locks on it. Layout and locks are in https://sqlite.org/walformat.html, "The WAL-Index
// File Format".

#include "CSQLiteSwitches.h"
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

#define REGION_BYTES 32768
#define HEADER_BYTES 48
#define CHECKED_BYTES 40

// Offsets in units of 32 bits.
#define IS_INITIALISED 12 /* in bytes */
#define PAGE_BYTES 14     /* in bytes */
#define LAST_FRAME 4
#define CHECKSUM 10
#define BACKFILLED 24

static sqlite3_file *main_file(void *connection) {
    sqlite3_file *file = NULL;
    int result = sqlite3_file_control((sqlite3 *)connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return result == SQLITE_OK && file && file->pMethods && file->pMethods->iVersion >= 2 ? file : NULL;
}

static int map(void *connection, volatile uint32_t **words) {
    sqlite3_file *file = main_file(connection);
    if (!file) return SQLITE_NOTFOUND;
    volatile void *region = NULL;
    int result = file->pMethods->xShmMap(file, 0, REGION_BYTES, 0, &region);
    if (result == SQLITE_OK && !region) result = SQLITE_NOTFOUND;
    *words = (volatile uint32_t *)region;
    return result;
}

/// Whether both copies of the header are the same and carry the checksum of what they hold.
static int read_header(volatile uint32_t *words, uint32_t header[HEADER_BYTES / 4]) {
    uint32_t second[HEADER_BYTES / 4];
    for (int i = 0; i < HEADER_BYTES / 4; i++) header[i] = __atomic_load_n(words + i, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (int i = 0; i < HEADER_BYTES / 4; i++) {
        second[i] = __atomic_load_n(words + HEADER_BYTES / 4 + i, __ATOMIC_RELAXED);
    }
    if (memcmp(header, second, HEADER_BYTES) != 0 || ((unsigned char *)header)[IS_INITIALISED] == 0) return 0;
    uint32_t a = 0, b = 0;
    for (int i = 0; i < CHECKED_BYTES / 4; i += 2) {
        a += header[i] + b;
        b += header[i + 1] + a;
    }
    return a == header[CHECKSUM] && b == header[CHECKSUM + 1];
}

int parksync_wal_look(void *connection, parksync_wal_state *state) {
    volatile uint32_t *words = NULL;
    int result = map(connection, &words);
    if (result != SQLITE_OK) return result;
    uint32_t header[HEADER_BYTES / 4];
    state->is_whole = read_header(words, header);
    uint16_t page = 0;
    memcpy(&page, (unsigned char *)header + PAGE_BYTES, sizeof page);
    // 65536 does not fit and is written as 1.
    state->page_bytes = (page & 0xfe00u) + ((page & 1u) << 16);
    state->last_frame = header[LAST_FRAME];
    state->backfilled = __atomic_load_n(words + BACKFILLED, __ATOMIC_ACQUIRE);
    return SQLITE_OK;
}

int parksync_wal_invalidate(void *connection) {
    volatile uint32_t *words = NULL;
    int result = map(connection, &words);
    if (result != SQLITE_OK) return result;
    volatile unsigned char *bytes = (volatile unsigned char *)words;
    // In SQLite's order: the second copy first.
    __atomic_store_n(bytes + HEADER_BYTES + IS_INITIALISED, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(bytes + IS_INITIALISED, 0, __ATOMIC_SEQ_CST);
    return SQLITE_OK;
}

static int change_lock(void *connection, int slot, int flags) {
    sqlite3_file *file = main_file(connection);
    volatile uint32_t *words = NULL;
    // Maps the region if nobody has yet; without it there is nothing to lock.
    int result = map(connection, &words);
    return result == SQLITE_OK ? file->pMethods->xShmLock(file, slot, 1, flags) : result;
}

int parksync_wal_lock(void *connection, int slot, int shared) {
    return change_lock(connection, slot, SQLITE_SHM_LOCK | (shared ? SQLITE_SHM_SHARED : SQLITE_SHM_EXCLUSIVE));
}

int parksync_wal_unlock(void *connection, int slot, int shared) {
    sqlite3_file *file = main_file(connection);
    // Also when the memory cannot be mapped any more.
    int flags = SQLITE_SHM_UNLOCK | (shared ? SQLITE_SHM_SHARED : SQLITE_SHM_EXCLUSIVE);
    return file ? file->pMethods->xShmLock(file, slot, 1, flags) : SQLITE_NOTFOUND;
}

int64_t parksync_wal_file_bytes(void *connection) {
    sqlite3_file *file = NULL;
    int result = sqlite3_file_control((sqlite3 *)connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (result != SQLITE_OK || !file || !file->pMethods) return 0;
    sqlite3_int64 bytes = 0;
    return file->pMethods->xFileSize(file, &bytes) == SQLITE_OK ? bytes : 0;
}
