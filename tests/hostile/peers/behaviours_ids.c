// SPDX-License-Identifier: Apache-2.0
// Of ids of transactions: told, and nothing is behind them; told by the hundred thousand; asked
// for, and nobody told them.
#include "chaincore/base/clock.h"
#include "chaincore/chain/tx.h"
#include "chaincore/node/mempool.h"
#include "tests/hostile/peers/behaviours.h"

enum { AT_ONCE = 8, TOLD = 512, STEP_MS = 50, CLOSE_MS = 60 * 1000 };

static void say_ids(struct caller *caller, enum tx_ids what, uint64_t first, uint32_t count) {
    struct buf payload = {0};
    encode_u8(&payload, (uint8_t)what);
    encode_u32(&payload, count);
    for (uint32_t i = 0; i < count; i++) encode_u64(&payload, first + i);
    (void)caller_say(caller, REPLICA_TX_IDS, buf_bytes(&payload));
    buf_clear(&payload);
}

// Goes on to tell of more, as who is well does, until it is let go.
static void tell_on(struct trial *trial, struct caller *caller, uint64_t next) {
    uint64_t until_ms = clock_monotonic_ms() + CLOSE_MS;
    while (!caller->is_closed && clock_monotonic_ms() < until_ms) {
        say_ids(caller, TX_IDS_HAVE, next++, 1);
        if (caller->is_holding) (void)caller_flush(caller);
        pause_ms(STEP_MS);
        caller_drain(caller);
    }
    trial_leave(trial, caller);
}

static void undelivered(struct trial *trial) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    say_ids(&caller, TX_IDS_HAVE, 1, TOLD);
    tell_on(trial, &caller, 1 + TOLD);
}

static void id_flood(struct trial *trial) {
    struct caller caller;
    uint64_t until_ms = clock_monotonic_ms() + trial->duration_ms, next = 1 << 20;
    bool is_taken = true;
    if (!trial_meet(trial, &caller)) return;
    while (is_taken && clock_monotonic_ms() < until_ms) {
        caller_hold(&caller);
        for (int i = 0; i < AT_ONCE; i++, next += LIMIT_GOSSIP_IDS)
            say_ids(&caller, TX_IDS_HAVE, next, LIMIT_GOSSIP_IDS);
        is_taken = caller_flush(&caller);
        caller_drain(&caller);
    }
    tell_on(trial, &caller, next);
}

// Of one that waits, as a rule, and which an honest node has sent somebody else.
static bool overhear_id(struct trial *trial, uint64_t *start) {
    struct buf frame = {0};
    struct tx tx;
    struct hash id;
    bool is_heard = trial_overhear(trial, REPLICA_TXS, &frame);
    if (is_heard) {
        struct decoder in = decoder_of(buf_bytes(&frame));
        (void)decode_u32(&in);
        is_heard = tx_decode(&tx, decode_bytes(&in, LIMIT_DEPLOY_TX_BYTES)) == STATUS_OK;
        if (is_heard) tx_id(&id, &tx);
        if (is_heard) *start = tx_start(&id);
    }
    buf_clear(&frame);
    if (!is_heard) trial_fail(trial, "no transaction was overheard");
    return is_heard;
}

static void untold(struct trial *trial) {
    struct caller caller;
    uint64_t start, until_ms = clock_monotonic_ms() + CLOSE_MS;
    if (!overhear_id(trial, &start) || !trial_meet(trial, &caller)) return;
    while (!caller.is_closed && clock_monotonic_ms() < until_ms) {
        for (int i = 0; i < AT_ONCE; i++) say_ids(&caller, TX_IDS_WANT, start, LIMIT_GOSSIP_IDS);
        caller_drain(&caller);
    }
    trial_leave(trial, &caller);
}

static const char let_go[] = "\"cause\":\"undelivered\"";

const struct behaviour id_behaviours[] = {
    {"undelivered", "tells of transactions that it never delivers", undelivered, OUTCOME_CLOSED,
     COUNTED_FAULT, FAULT_UNDELIVERED, NULL, 8, false},
    {"id_flood", "tells of as many transactions as it can", id_flood, OUTCOME_CLOSED,
     COUNTED_UNNOTED, 0, let_go, 16, false},
    {"untold", "asks for what it was not told of, again and again", untold, OUTCOME_CLOSED,
     COUNTED_FAULT, FAULT_UNTOLD, NULL, 16, false},
};
const size_t id_behaviour_count = sizeof id_behaviours / sizeof *id_behaviours;
