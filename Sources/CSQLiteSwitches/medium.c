// Reading what lies on the disk. O_DIRECT is no standard flag, and Swift does not see it.

#define _GNU_SOURCE
#include "CSQLiteSwitches.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#define EXT_MAGIC 0xEF53
#define XFS_MAGIC 0x58465342

int parksync_medium_open(const char *path) {
    int descriptor = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (descriptor < 0) return -1;
    struct statfs info;
    // Others may take O_DIRECT and read from the cache all the same (btrfs with compression,
    // network file systems).
    if (fstatfs(descriptor, &info) == 0 && (info.f_type == EXT_MAGIC || info.f_type == XFS_MAGIC)) return descriptor;
    close(descriptor);
    return -1;
}

int64_t parksync_medium_pread(int descriptor, void *bytes, int64_t count, int64_t offset) {
    int64_t done = 0;
    while (done < count) {
        ssize_t got = pread(descriptor, (char *)bytes + done, (size_t)(count - done), offset + done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += got;
        // A piece that is no multiple of a sector is the file's end.
        if (got % 512 != 0) break;
    }
    return done;
}
