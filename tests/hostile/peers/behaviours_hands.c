// SPDX-License-Identifier: Apache-2.0
// Before hands are shaken.
#include "chaincore/base/clock.h"
#include "tests/hostile/peers/behaviours.h"

enum { STALLED = 40, DRIP_MS = 50, LONG_MS = 30 * 1000 };

static void say_raw(struct trial *trial, struct bytes raw) {
    struct caller caller;
    if (!trial_connect(trial, &caller)) return;
    (void)caller_write(&caller, raw);
    trial_end(trial, &caller);
}

static void garbage(struct trial *trial) {
    say_raw(trial, bytes_of_string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    say_raw(trial, bytes_of_string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"));
    say_raw(trial, bytes_of_string("\xff\xff\xff\xff"));
}

static void small_order_key(struct trial *trial) {
    static const uint8_t first[34] = {32};
    say_raw(trial, BYTES_OF(first));
}

// All that a caller once said, said again: the node's own part is another.
static void replayed_handshake(struct trial *trial) {
    struct caller caller;
    struct buf said = {0};
    if (!trial_meet(trial, &caller)) return;
    buf_append(&said, buf_bytes(&caller.sent));
    caller_clear(&caller);
    say_raw(trial, buf_bytes(&said));
    buf_clear(&said);
}

static void other_chain(struct trial *trial) {
    struct caller caller;
    if (!trial_connect(trial, &caller)) return;
    caller.chain_id.bytes[0] ^= 1;
    if (caller_shake(&caller)) trial_fail(trial, "hands were shaken across chains");
    // The caller notices it first, and says its third message all the same.
    (void)caller_write(&caller, bytes_of("\x40\x00", 2));
    uint8_t third[64] = {1};
    (void)caller_write(&caller, BYTES_OF(third));
    trial_end(trial, &caller);
}

// The key of an honest node, which somebody else signs for.
static void wrong_key(struct trial *trial) {
    struct caller caller;
    if (!trial_connect(trial, &caller)) return;
    caller.hello.node = trial->victims->list[1].node_key;
    if (caller_shake_without_hello(&caller))
        (void)caller_say_hello(&caller, &caller.key);
    else
        trial_fail(trial, "hands were not shaken");
    trial_end(trial, &caller);
}

static void other_version(struct trial *trial) {
    struct caller caller;
    if (!trial_connect(trial, &caller)) return;
    uint8_t text[HELLO_BYTES] = {NET_VERSION + 1};
    if (caller_shake_without_hello(&caller))
        (void)caller_say_plain(&caller, BYTES_OF(text));
    else
        trial_fail(trial, "hands were not shaken");
    trial_end(trial, &caller);
}

// From so many addresses, while somebody honest comes as well.
static void half_open(struct trial *trial) {
    static struct caller callers[STALLED];
    struct caller honest;
    for (uint16_t i = 0; i < STALLED; i++) {
        caller_init(&callers[i], &trial->victims->chain_id);
        if (!caller_connect(&callers[i], trial->victim->port, (uint16_t)(trial->from + i)))
            trial_fail(trial, "nobody took the connection");
    }
    caller_init(&honest, &trial->victims->chain_id);
    if (!caller_connect(&honest, trial->victim->port, (uint16_t)(trial->from + STALLED)) ||
        !caller_shake(&honest))
        trial_fail(trial, "others were kept out");
    caller_clear(&honest);
    for (int i = 0; i < STALLED; i++) trial_end(trial, &callers[i]);
}

static void stalled_handshake(struct trial *trial) {
    struct caller caller;
    if (!trial_connect(trial, &caller)) return;
    if (!caller_begin_handshake(&caller)) trial_fail(trial, "the handshake did not begin");
    trial_end(trial, &caller);
}

static void a_byte_at_a_time(struct trial *trial) {
    static const uint8_t first[34] = {32, 0, 9};
    struct caller caller;
    if (!trial_connect(trial, &caller)) return;
    uint64_t until_ms = clock_monotonic_ms() + LONG_MS;
    for (size_t i = 0; !caller.is_closed && clock_monotonic_ms() < until_ms; i++) {
        if (i < sizeof first) (void)caller_write(&caller, bytes_of(first + i, 1));
        (void)caller_await_close(&caller, DRIP_MS);
        if (i + 2 >= sizeof first) break;
    }
    trial_end(trial, &caller);
}

const struct behaviour hands_behaviours[] = {
    {"garbage", "says HTTP, TLS and noise", garbage, OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_HANDSHAKE,
     NULL, 8, false},
    {"small_order_key", "shows a key that makes every secret the same", small_order_key,
     OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_HANDSHAKE, NULL, 8, false},
    {"replayed_handshake", "says again what another caller said", replayed_handshake,
     OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_HANDSHAKE, NULL, 8, false},
    {"other_chain", "is a node of another chain", other_chain, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_HANDSHAKE, NULL, 8, false},
    {"wrong_key", "says that it is another node", wrong_key, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_HELLO, NULL, 8, false},
    {"other_version", "speaks a later version", other_version, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_VERSION, NULL, 8, false},
    {"half_open", "connects forty times and says nothing", half_open, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_SLOW_HANDSHAKE, NULL, 8, false},
    {"stalled_handshake", "does not answer the second message", stalled_handshake, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_SLOW_HANDSHAKE, NULL, 8, false},
    {"a_byte_at_a_time", "says its first message byte by byte", a_byte_at_a_time, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_SLOW_HANDSHAKE, NULL, 8, false},
};
const size_t hands_behaviour_count = sizeof hands_behaviours / sizeof *hands_behaviours;
