// SPDX-License-Identifier: Apache-2.0
// Webhooks on a source that a case fills, and a real receiver. One webhook is at hand: `hook`.
#ifndef LMM_TESTS_HOOKS_SENDING_H
#define LMM_TESTS_HOOKS_SENDING_H

#include "apps/common/hooks/hooks.h"
#include "tests/support/receiver.h"

enum { EVENT = 1, CAPTURE = 2, BOTH = 3 }; // "event" and "capture"

extern char folder[32]; // of the case
extern struct hooks *hooks;
extern struct hooks_config config; // for sending_begin
extern struct receiver *receiver;
extern struct webhook hook;
extern char secret[HOOK_SECRET_CHARS + 1]; // of it

void sending_set_up(void); // begins
void sending_tear_down(void);
void sending_begin(void);
void sending_end(void);

// One more message of the source.
void sending_tell(uint64_t height, uint64_t position, const char *kind);
// What reading the source comes to from now on, and how often it was read.
void sending_source_status(enum status status);
unsigned sending_reads(void);
// Behind which height it was read last. It takes a filter for a text within a message, which it
// then gives as a whole body.
uint64_t sending_read_behind(void);
uint64_t sending_read_heights(void); // and through how many

// Readings for this filter do not end from now on; NULL: all do. How many wait.
void sending_hold(const char *filter);
unsigned sending_held(void);

// Makes `hook`, which goes to the receiver.
void sending_make(uint32_t wanted);
struct webhook sending_get(void);
// Until `hook` is so, for ten seconds at most.
void await_cursor(uint64_t height, uint64_t position);
struct webhook await_state(enum hook_state state);
struct webhook await_outcome(enum hook_outcome outcome);

const struct receiver_post *post_at(size_t index);
// Waits for it. It has this id, and the signature of `secret`.
void assert_posted(size_t index, const char *id);

#endif
