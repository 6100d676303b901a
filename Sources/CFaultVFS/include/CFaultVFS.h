#ifndef PARKSYNC_CFAULT_VFS_H
#define PARKSYNC_CFAULT_VFS_H

#include <stdint.h>

// A disk in memory for SQLite, which fails when it is told to. Tests and simulations only.
//
// Each disk registers an SQLite VFS of its own, never as the default. A file is opened as
// "file:/BOOT/NAME?vfs=DISK", where BOOT is the number of the disk's present boot: what was opened,
// or named, before a crash fails afterwards and changes nothing. The model is told in
// docs/internals/virtual-disk.md.
//
// All functions may be called from any thread. Results are SQLite result codes unless told
// otherwise.

typedef struct parksync_disk parksync_disk;
typedef struct parksync_disk_snapshot parksync_disk_snapshot;

/// What can go wrong. `arm` takes the first seven; the others are made by calls of their own and
/// counted with them.
enum {
    /// xRead fails.
    PARKSYNC_DISK_READ_ERROR = 0,
    /// xWrite fails and writes nothing.
    PARKSYNC_DISK_WRITE_ERROR = 1,
    /// xSync fails; what it should have made durable is still to be written, and a later sync does
    /// it.
    PARKSYNC_DISK_SYNC_ERROR = 2,
    /// xSync fails, and the kernel takes the pages for clean: a later sync skips them unless they
    /// are written again.
    PARKSYNC_DISK_SYNC_FORGETS = 3,
    /// xTruncate fails.
    PARKSYNC_DISK_TRUNCATE_ERROR = 4,
    /// xSync succeeds and makes nothing durable.
    PARKSYNC_DISK_LOST_SYNC = 5,
    /// xRead returns one wrong bit; the file is as it was.
    PARKSYNC_DISK_MISREAD = 6,
    /// Power fails in the middle of an xWrite, xTruncate, xSync or xDelete: it fails, and so does
    /// everything after it.
    PARKSYNC_DISK_POWER_LOSS = 7,
    /// No room: see `parksync_disk_limit`.
    PARKSYNC_DISK_FULL = 8,
    /// See `parksync_disk_flip`.
    PARKSYNC_DISK_BIT_FLIP = 9,
    PARKSYNC_DISK_FAULTS = 10,
};

typedef struct {
    /// Only calls for this file count; NULL for all files.
    const char *file;
    /// Calls that pass before the fault can fire.
    uint64_t skipped;
    /// How often it fires; 0 for until it is disarmed.
    uint64_t times;
    /// How likely it is to fire at a call, of 1,000,000.
    uint32_t permillion;
} parksync_disk_trigger;

typedef struct {
    uint64_t opens, reads, writes, truncates, syncs, deletes;
    uint64_t bytes_read, bytes_written;
    /// Calls and microseconds of xSleep, which returns at once.
    uint64_t sleeps, slept_microseconds;
    /// Calls that failed because their handle or path was of an earlier boot, or the power was off.
    uint64_t refused;
    /// Files written back without a sync, because more than `pending_bytes_max` waited.
    uint64_t writebacks;
    /// Power losses so far: unsynced writes kept, dropped and torn, sectors with garbage,
    /// truncations undone, new files that vanished, deleted files that came back.
    uint64_t kept, dropped, torn, garbage_sectors, truncates_undone, files_vanished, files_returned;
} parksync_disk_counters;

typedef struct {
    uint64_t seed;
    /// How many of 1,000 unsynced writes are on the medium as a whole, and how many not at all. The
    /// others are torn.
    uint32_t kept_permille, dropped_permille;
    /// How many of 1,000 sectors of a torn write are full of garbage.
    uint32_t garbage_permille;
} parksync_disk_power;

/// Makes and registers a disk.
///
/// - sector_bytes: a power of two from 512 to 4096.
/// - characteristics: SQLITE_IOCAP_ bits that the disk claims; 0 for a plain disk.
/// - pending_bytes_max: unsynced bytes of a file at which it is written back as a whole.
/// - returns: NULL if another disk has the name, the sector size is wrong, or SQLite was built
///   without URI file names.
parksync_disk *parksync_disk_make(
    const char *name, uint64_t seed, int sector_bytes, int characteristics, uint64_t pending_bytes_max);

/// Unregisters the disk. Handles that are still open fail from now on; their close is harmless.
void parksync_disk_release(parksync_disk *disk);

uint64_t parksync_disk_boot(parksync_disk *disk);
/// 1 after a power loss, until `parksync_disk_power_off`.
int parksync_disk_is_dead(parksync_disk *disk);
void parksync_disk_read_counters(parksync_disk *disk, parksync_disk_counters *counters);
uint64_t parksync_disk_fired(parksync_disk *disk, int fault);
/// The time that SQL sees on this disk, in milliseconds since 1970.
void parksync_disk_set_time(parksync_disk *disk, int64_t unix_milliseconds);

/// Arms one of the first eight faults, in place of how it was armed before.
void parksync_disk_arm(parksync_disk *disk, int fault, parksync_disk_trigger trigger);
/// Disarms it. The count of `parksync_disk_fired` stays.
void parksync_disk_disarm(parksync_disk *disk, int fault);
/// Lets files grow by this many bytes more; negative for no limit. With `gives_back`, shorter and
/// deleted files free theirs.
void parksync_disk_limit(parksync_disk *disk, int64_t free_bytes, int gives_back);
/// Flips one bit, drawn with `seed`, of the bytes `from` up to `to` of a file, or of all files if
/// `file` is NULL.
///
/// - returns: SQLITE_NOTFOUND if there is no such byte.
int parksync_disk_flip(
    parksync_disk *disk, const char *file, int64_t from, int64_t to, uint64_t seed, char *found, int found_bytes,
    int64_t *bit);

/// Ends every process of the machine: what was written stays; locks, shared memory and handles are
/// gone.
void parksync_disk_kill(parksync_disk *disk);
/// Turns the power off and on: what was not synced is kept, dropped or torn.
void parksync_disk_power_off(parksync_disk *disk, parksync_disk_power power);

/// The file's size in bytes, or -1 if there is no such file.
int64_t parksync_disk_size(parksync_disk *disk, const char *file);
/// Name and size of the file at `index` in the order of names; SQLITE_NOTFOUND behind the last.
int parksync_disk_file(parksync_disk *disk, int index, char *name, int name_bytes, int64_t *size);
/// Reads as a program beside SQLite would; no faults. Returns the bytes read, or -1 if there is no
/// such file.
int64_t parksync_disk_read(parksync_disk *disk, const char *file, int64_t offset, void *bytes, int64_t count);
/// Puts a file with this content, durable, in the place of any other of the name.
void parksync_disk_put(parksync_disk *disk, const char *file, const void *bytes, int64_t count);
/// Deletes a file for good; SQLITE_NOTFOUND if there is none. Handles on it keep what they have, as
/// on Unix.
int parksync_disk_delete(parksync_disk *disk, const char *file);
/// A hash of all files as readers see them (0), or as the medium has them (1).
///
/// Left out is what SQLite draws at random for itself: salts and checksums of a "-wal", all but the
/// length of a "-wal" without a header and of a "-journal".
uint64_t parksync_disk_hash(parksync_disk *disk, int is_durable);

/// All files as readers see them now. Shares its content with the disk.
parksync_disk_snapshot *parksync_disk_take(parksync_disk *disk);
/// Makes the snapshot's files, durable, the only ones of the disk. Ends every process of the
/// machine.
void parksync_disk_restore(parksync_disk *disk, parksync_disk_snapshot *snapshot);
void parksync_disk_snapshot_release(parksync_disk_snapshot *snapshot);

// ---- A pause in a checkpoint, on real files ----
// For one test at a time: there is one pause in the process, and one thread that uses the file
// system.

/// The name of the file system, as in "file:/path?vfs=parksync-pause".
#define PARKSYNC_PAUSE_VFS "parksync-pause"

/// Registers the file system; further calls do nothing.
int parksync_pause_register(void);
/// Calls `body` once, in the next checkpoint that finds a new wal-index header, between its reading
/// the header and its reading how much is written back. NULL for no pause.
void parksync_pause_arm(void (*body)(void *), void *context);
/// 0 once the body was called.
int parksync_pause_is_armed(void);

#endif
