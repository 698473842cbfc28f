// SPDX-License-Identifier: Apache-2.0
// One seed's story as a page: what each node signed, showed and suffered, on an axis of time. Off
// unless view_begin was called; then everything is kept until view_end writes it.
#ifndef LMM_TESTS_SIM_VIEW_H
#define LMM_TESTS_SIM_VIEW_H

#include <stdbool.h>
#include <stdint.h>

enum view_kind {
    VIEW_UP,
    VIEW_STOP,
    VIEW_KILL,
    VIEW_POWER,
    VIEW_PROPOSE,
    VIEW_NOTARIZE,
    VIEW_NULLIFY,
    VIEW_FINALIZE,
    VIEW_SHOWN,
    VIEW_CLOCK,
    VIEW_LOST_VOTES,
    VIEW_BREAK,
    VIEW_ASIDE, // of a partition that begins: on which side
    VIEW_HEALED,
    VIEW_LIE,
    VIEW_KINDS
};

struct sim;

void view_begin(void);
// `number` is a view, a height, or what else the kind has one for.
void view_add(const struct sim *sim, uint16_t node, enum view_kind kind, uint64_t number);
// Writes the page to the path, out of the template; false: that failed.
bool view_end(const struct sim *sim, const char *path, const char *template_path);

#endif
