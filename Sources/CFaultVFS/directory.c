// Which files there are, and which the medium knows of.
//
// The name of a new file is durable after the first completed xSync of the file. A sync of the
// directory makes all names and all deletions durable; it comes with a deletion with `syncDir`, and
// with the first xSync of a new journal or write-ahead log. Until then a power loss may undo a
// deletion, unless the name belongs durably to a new file.

#include "disk.h"
#include <stdlib.h>
#include <string.h>

void fv_insert(fv_list *list, size_t index, fv_inode *inode) {
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 8;
        list->items = fv_allocate(list->items, list->room * sizeof *list->items);
    }
    memmove(list->items + index + 1, list->items + index, (list->count - index) * sizeof *list->items);
    list->items[index] = inode;
    list->count++;
}

void fv_remove(fv_list *list, size_t index) {
    list->count--;
    memmove(list->items + index, list->items + index + 1, (list->count - index) * sizeof *list->items);
}

/// Where the name stands, or would stand, in the order of bytes.
static size_t place(const fv_list *files, const char *name, int *is_there) {
    size_t index = 0;
    int order = 1;
    while (index < files->count && (order = strcmp(files->items[index]->name, name)) < 0) index++;
    *is_there = index < files->count && order == 0;
    return index;
}

fv_inode *fv_find(parksync_disk *disk, const char *name) {
    int is_there;
    size_t index = place(&disk->files, name, &is_there);
    return is_there ? disk->files.items[index] : NULL;
}

/// Makes an empty file. There must be none of the name.
fv_inode *fv_add(parksync_disk *disk, const char *name) {
    int is_there;
    size_t index = place(&disk->files, name, &is_there);
    fv_inode *inode = fv_inode_make(name);
    fv_insert(&disk->files, index, inode);
    return inode;
}

/// Forgets the deleted files of a name, or all of them, for good.
static void bury(parksync_disk *disk, const char *name) {
    for (size_t index = disk->deleted.count; index > 0; index--) {
        fv_inode *inode = disk->deleted.items[index - 1];
        if (name && strcmp(inode->name, name) != 0) continue;
        fv_remove(&disk->deleted, index - 1);
        fv_inode_release(inode);
    }
}

/// Makes the file's name durable, if it still has one.
void fv_sync_entry(parksync_disk *disk, fv_inode *inode) {
    if (inode->is_entry_durable || fv_find(disk, inode->name) != inode) return;
    inode->is_entry_durable = 1;
    bury(disk, inode->name);
}

/// Makes every name and every deletion durable.
void fv_sync_directory(parksync_disk *disk) {
    bury(disk, NULL);
    for (size_t index = 0; index < disk->files.count; index++) disk->files.items[index]->is_entry_durable = 1;
}

void fv_unlink(parksync_disk *disk, fv_inode *inode, int is_durable) {
    int is_there;
    size_t index = place(&disk->files, inode->name, &is_there);
    if (!is_there || disk->files.items[index] != inode) return;
    fv_resized(disk, inode->current.size, 0);
    fv_remove(&disk->files, index);
    if (is_durable) {
        fv_sync_directory(disk);
        fv_inode_release(inode);
    } else if (inode->is_entry_durable) {
        fv_insert(&disk->deleted, disk->deleted.count, inode);
    } else {
        // The medium never knew of it for certain; that it was made and not deleted there is left
        // out.
        fv_inode_release(inode);
    }
}

/// Decides which new files vanish and which deleted ones come back.
void fv_lose_entries(parksync_disk *disk, fv_random *random) {
    for (size_t index = disk->files.count; index > 0; index--) {
        fv_inode *inode = disk->files.items[index - 1];
        if (inode->is_entry_durable || fv_below(random, 2)) continue;
        fv_remove(&disk->files, index - 1);
        fv_inode_release(inode);
        disk->counters.files_vanished++;
    }
    // The newest first: an older one of the same name finds the name taken.
    for (size_t index = disk->deleted.count; index > 0; index--) {
        fv_inode *inode = disk->deleted.items[index - 1];
        fv_remove(&disk->deleted, index - 1);
        int is_there;
        size_t at = place(&disk->files, inode->name, &is_there);
        int returns = !(is_there && disk->files.items[at]->is_entry_durable) && fv_below(random, 2);
        if (!returns) {
            fv_inode_release(inode);
            continue;
        }
        if (is_there) {
            fv_inode_release(disk->files.items[at]);
            fv_remove(&disk->files, at);
        }
        fv_insert(&disk->files, at, inode);
        disk->counters.files_returned++;
    }
    fv_sync_directory(disk);
}

/// Removes every file, for good.
void fv_clear(parksync_disk *disk) {
    bury(disk, NULL);
    while (disk->files.count > 0) {
        fv_inode *inode = disk->files.items[disk->files.count - 1];
        fv_remove(&disk->files, disk->files.count - 1);
        fv_inode_release(inode);
    }
}
