// SPDX-License-Identifier: Apache-2.0
// Tells how far rows are on their way to a height: on a terminal (standard error) a bar that moves,
// elsewhere a line of the log every five seconds. Private to this folder. One thread's at a time.
#ifndef LMM_INDEX_PROGRESS_H
#define LMM_INDEX_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "chaincore/base/buf.h"

struct progress {
    const char *what;    // "catching up"
    uint64_t began_ms;   // 0: not begun
    uint64_t from;       // the height it began at
    uint64_t told_ms;    // when it was told last
    bool is_on_terminal; // and the bar is there
};

// Begins with the first call; `what` is borrowed until the end.
void progress_tell(struct progress *progress, const char *what, uint64_t height, uint64_t head);
// Removes the bar; the next call begins anew. Harmless when none has begun.
void progress_end(struct progress *progress);

// What is known at one moment, and how a terminal shows it.
struct progress_figures {
    uint64_t height, head;
    uint64_t done;       // blocks, in
    uint64_t elapsed_ms; // so long
};
uint64_t progress_blocks_per_s(const struct progress_figures *figures);
// UINT64_MAX: nobody knows.
uint64_t progress_remaining_s(const struct progress_figures *figures);
void progress_append_bar(struct buf *out, const char *what, const struct progress_figures *figures);

#endif
