// How much memory a statement from outside may have SQLite take. It may name a long value a
// thousand times, as a column or as an argument, and SQLite copies it each time; functions make
// more of it. Only large blocks are counted: whatever is small is bounded by its number.

#include "CSQLiteSwitches.h"
#include <sqlite3.h>
#include <stddef.h>

static sqlite3_mem_methods system_methods;
/// Of the guest's statement that this thread executes.
static _Thread_local parksync_guest_memory *guest;

static int64_t counted(int64_t bytes) { return bytes >= PARKSYNC_LARGE_BLOCK_BYTES ? bytes : 0; }

static int64_t size_of(void *block) { return guest && block ? counted(system_methods.xSize(block)) : 0; }

/// Whether the guest may have a block of so many bytes, if it gives another back.
static int has_room(int bytes, int64_t given_back) {
    if (!guest || counted(bytes) == 0 || guest->held_bytes - given_back + bytes <= guest->held_bytes_max) return 1;
    guest->is_refused = 1;
    return 0;
}

static void *take(int bytes) {
    if (!has_room(bytes, 0)) return NULL;
    void *block = system_methods.xMalloc(bytes);
    if (guest) guest->held_bytes += size_of(block);
    return block;
}

static void *take_other(void *block, int bytes) {
    int64_t before = size_of(block);
    if (!has_room(bytes, before)) return NULL;
    void *other = system_methods.xRealloc(block, bytes);
    if (guest && other) guest->held_bytes += size_of(other) - before;
    return other;
}

static void give_back(void *block) {
    if (guest) guest->held_bytes -= size_of(block);
    system_methods.xFree(block);
}

/// When the program is loaded: whatever calls SQLite first makes this impossible.
__attribute__((constructor)) static void count_blocks(void) {
    sqlite3_mem_methods methods;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &methods) != SQLITE_OK) return;
    system_methods = methods;
    methods.xMalloc = take;
    methods.xFree = give_back;
    methods.xRealloc = take_other;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

int parksync_sqlite_guest_step(void *statement, parksync_guest_memory *memory) {
    guest = memory;
    int result = sqlite3_step(statement);
    guest = NULL;
    return result;
}
