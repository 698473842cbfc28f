// SPDX-License-Identifier: Apache-2.0
// Hosts on one loop, over the loopback, with what each of them has been told. What they say besides
// the host's own frames are words and loads.
#ifndef LMM_TESTS_NET_HOSTS_H
#define LMM_TESTS_NET_HOSTS_H

#include <uv.h>

#include "chaincore/base/clock.h"
#include "chaincore/net/host.h"
#include "tests/support/unit.h"

enum { HOSTS = 4, KIND_WORD = HOST_KINDS, KIND_LOAD, KINDS, LOAD_MAX = 1000 * 1000 };

struct test_host {
    struct host *host;
    struct host_config config; // to be changed before it is opened
    struct secret_key key;
    struct public_key public;
    int joined, left, frames;
    size_t bytes;
    uint16_t last_peer;
    struct peer_info last;
    enum status why;
    enum status answer;               // to the next frames
    bool trusts;                      // everybody
    const struct public_key *trusted; // somebody
};

extern uv_loop_t hosts_loop;
extern struct test_host hosts[HOSTS];
extern int hosts_closed; // how many are
extern const struct frame_rule hosts_kinds[KINDS];
extern const struct channel_rules hosts_rules;

void hosts_start(void); // none is open
void hosts_stop(void);
void hosts_open(int i);
void hosts_close(int i);
void hosts_note_closed(void *context);
bool hosts_trusts(void *context, const struct public_key *node);

struct endpoint hosts_endpoint(int i);
void hosts_call(int from, int to);
void hosts_connect_two(void);
void hosts_connect_caller(void); // the first one, where nobody can call it back
void hosts_say(int from, uint16_t peer, uint8_t kind, size_t len);
struct host_counts hosts_counts(int i);

// A socket of somebody who is no host.
int hosts_client(int to);
bool hosts_has_closed(int fd);

// Runs the hosts_loop until it is so.
#define await(condition)                                       \
    do {                                                       \
        uint64_t await_ms = clock_monotonic_ms() + 10000;      \
        while (!(condition)) {                                 \
            ck_assert_uint_lt(clock_monotonic_ms(), await_ms); \
            uv_run(&hosts_loop, UV_RUN_ONCE);                  \
        }                                                      \
    } while (0)

#endif
