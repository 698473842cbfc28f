// SPDX-License-Identifier: Apache-2.0
// A disk in memory (chaincore/witness/disk.h) that keeps what a real one has to keep, and not more:
// a crash takes what was not synced, or parts of it, sector by sector, as numbers from a seed say.
#ifndef LMM_TESTS_FALSE_DISK_H
#define LMM_TESTS_FALSE_DISK_H

#include "chaincore/witness/disk.h"

enum { FALSE_DISK_FILES = 8, FALSE_DISK_SECTOR = 512 };

struct false_disk {
    struct false_file {
        uint64_t number;
        bool is_named, was_named; // now, and what a crash cannot take back
        struct buf content, durable;
    } files[FALSE_DISK_FILES];
    uint64_t random;
    uint64_t calls;       // that change something
    uint64_t fails_at;    // the call that fails, and all behind it; 0: none
    bool loses_all;       // in a crash: whatever was not synced, and nothing less
    uint64_t syncs, torn; // for whoever counts
    bool forgets_to_sync; // confirms, and does nothing
};

void false_disk_init(struct false_disk *disk, uint64_t seed);
void false_disk_clear(struct false_disk *disk);
struct disk false_disk_calls(struct false_disk *disk);
// The power goes, and comes again.
void false_disk_crash(struct false_disk *disk);
// NULL: there is none.
struct false_file *false_disk_file(struct false_disk *disk, uint64_t number);
uint64_t false_disk_random(struct false_disk *disk, uint64_t bound);
// For vote_log_config.draw; context: the disk.
void false_disk_draw(void *context, void *out, size_t len);

#endif
