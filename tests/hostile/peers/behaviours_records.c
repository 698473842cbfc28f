// SPDX-License-Identifier: Apache-2.0
// Of where witnesses are: what nobody has signed, what a witness has signed and is not so, and more
// than anybody needs.
#include <stdio.h>

#include "chaincore/base/clock.h"
#include "tests/hostile/peers/behaviours.h"

enum { LIAR = VICTIM_WITNESSES - 1, HONEST = 1, HEARD_MS = 2000 };

// Of a witness that means no good: a node of its own at a place of its choice.
static void make_record(struct witness_record *out, const struct trial *trial, uint16_t port) {
    uint8_t seed[32] = {'l'};
    struct secret_key node;
    struct public_key public;
    char where[32];
    snprintf(where, sizeof where, "127.0.0.1:%u", port);
    *out = (struct witness_record){.time_ms = clock_wall_ms()};
    ENSURE(endpoint_parse(&out->endpoint, where));
    key_from_seed(&node, &public, seed);
    witness_record_sign(out, &trial->victims->witnesses[LIAR], &node, &trial->victims->chain_id);
}

static void say_records(struct caller *caller, const struct witness_record *record,
                        uint32_t count) {
    struct buf payload = {0};
    encode_u32(&payload, count);
    for (uint32_t i = 0; i < count; i++) witness_record_encode(&payload, record);
    (void)caller_say(caller, REPLICA_RECORDS, buf_bytes(&payload));
    buf_clear(&payload);
}

static void forged_records(struct trial *trial) {
    struct witness_record record;
    for (int i = 0; i < 2; i++) {
        struct caller caller;
        if (!trial_meet(trial, &caller)) return;
        make_record(&record, trial, trial->victims->list[HONEST].port);
        (i == 0 ? &record.certified : &record.signed_by_node)->bytes[5] ^= 1;
        say_records(&caller, &record, 1);
        trial_end(trial, &caller);
    }
}

static void say_and_wait(struct trial *trial, const struct witness_record *record) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    say_records(&caller, record, 1);
    uint64_t until_ms = clock_monotonic_ms() + HEARD_MS;
    while (clock_monotonic_ms() < until_ms && !caller.is_closed) {
        pause_ms(50);
        caller_drain(&caller);
    }
    trial_leave(trial, &caller);
}

// Where an honest node is. Nobody calls who is connected with the witness, and its own node says
// otherwise before long.
static void false_record(struct trial *trial) {
    struct witness_record record;
    make_record(&record, trial, trial->victims->list[HONEST].port);
    say_and_wait(trial, &record);
}

static void record_flood(struct trial *trial) {
    struct caller caller;
    struct witness_record record;
    uint64_t until_ms = clock_monotonic_ms() + trial->duration_ms;
    if (!trial_meet(trial, &caller)) return;
    make_record(&record, trial, trial->victims->list[HONEST].port);
    do {
        say_records(&caller, &record, LIMIT_WITNESSES);
        say_records(&caller, &record, 0);
        caller_drain(&caller);
    } while (clock_monotonic_ms() < until_ms && !caller.is_closed);
    trial_leave(trial, &caller);
}

const struct behaviour record_behaviours[] = {
    {"forged_records", "tells where a witness is, and nobody has signed it", forged_records,
     OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_MESSAGE, NULL, 8, false},
    {"false_record", "is a witness, and says that it is where another node is", false_record,
     OUTCOME_STAYS, COUNTED_RECORDS, 0, NULL, 8, false},
    {"record_flood", "tells of a witness as often as it can", record_flood, OUTCOME_STAYS,
     COUNTED_UNREAD, 0, NULL, 16, false},
};
const size_t record_behaviour_count = sizeof record_behaviours / sizeof *record_behaviours;
