// SPDX-License-Identifier: Apache-2.0
// Folders that know what of them a machine would find again after its power went: what was written,
// cut, created, renamed or removed there and not yet synced is noted, with what it replaced. The
// program that links this has its own open, write, pwrite, ftruncate, fsync, fdatasync, rename,
// unlink, remove, mkdir and rmdir, which the libraries under test and SQLite call instead of the C
// library's; files are real ones, so whatever reads needs no help. What is written through a
// mapping is not seen (SQLite's -shm, which no start relies on).
//
// A folder is the disk of one process, of which there may be many in this one:
//   crash_disk_cut       nothing gets there any more: calls fail. So the process can be dropped by
//                        its orderly close, and that writes nothing.
//   crash_disk_restart   once nobody has a file open: what the next process finds.
// A sync of a file makes its content durable and not its name; that of a folder makes names
// durable, those in it alone. Not synced, sectors of a write are there or not, each by the seed,
// or a part of the writes is; the last changes of the names in a folder are undone or not.
//
// Not thread-safe: whoever uses this has one thread that writes.
#ifndef LMM_TESTS_CRASH_DISK_H
#define LMM_TESTS_CRASH_DISK_H

#include <stdbool.h>
#include <stdint.h>

enum { CRASH_DISKS = 64, CRASH_SECTOR = 512 };

struct crash_disk;

struct crash_counts {
    uint64_t calls;         // that change something, or sync
    uint64_t writes_lost;   // in crashes, the whole of one
    uint64_t writes_torn;   // a part of one
    uint64_t writes_kept;   // though nobody had synced them
    uint64_t names_undone;  // creations, renames, removals
    uint64_t names_kept;    // though nobody had synced the folder
    uint64_t power_cuts;    // restarts of that kind
    uint64_t cuts_in_calls; // of crash_disk_cut_at
};

// `folder` must not be there yet, but its parent; ".lost" behind its name is used too.
struct crash_disk *crash_disk_open(const char *folder, uint64_t seed);
void crash_disk_close(struct crash_disk *disk); // removes the folder

void crash_disk_cut(struct crash_disk *disk);
// The power goes in the n-th call from now on, 1 being the next: a write may get there in part.
void crash_disk_cut_at(struct crash_disk *disk, uint64_t n);
// In the n-th sync, where what was written lies in the kernel alone. The later of the two counts.
void crash_disk_cut_at_sync(struct crash_disk *disk, uint64_t n);
bool crash_disk_is_cut(const struct crash_disk *disk);

// A process that was killed leaves all it wrote to the kernel.
enum crash_kind { CRASH_KILL, CRASH_POWER };
void crash_disk_restart(struct crash_disk *disk, enum crash_kind kind);
// So many writes and changed names have not been synced.
struct crash_pending {
    uint64_t writes, names;
};
struct crash_pending crash_disk_pending(const struct crash_disk *disk);
// In crashes to come: whatever was not synced, and nothing less.
void crash_disk_lose_all(struct crash_disk *disk, bool loses_all);
void crash_disk_count(const struct crash_disk *disk, struct crash_counts *out);

#endif
