// SPDX-License-Identifier: Apache-2.0
// Lies to a node that joins: of where others are, of the state, of blocks of before. Whoever lies
// is all that it knows at first, and passes on what an honest node says until the lie is due. Then
// an honest one is to be found too, and the node has to join by it.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/block.h"
#include "tests/hostile/peers/behaviours.h"
#include "tests/hostile/peers/joiner.h"

enum {
    SOON_MS = 30 * 1000,
    HONEST = 2, // not the one that is at the second place
    HONEST_FROM = 4,
    FALSE_GROUPS_FROM = 100, // 127.100.0.1 and so on
    MOST_CALLS_OF_ONE = 4,   // of each address that was told, in so short a time
};

// Who lies, and whom he asks.
struct liar {
    struct trial *trial;
    struct joiner joiner;
    struct caller caller, honest;
    enum past_what what; // the lie's subject
    void (*lie)(struct liar *liar, struct past_message *answer);
    struct buf spoilt;
    bool has_lied;
};

static bool begin(struct liar *liar, struct trial *trial) {
    struct victim_report report;
    liar->trial = trial;
    if (!joiner_start(&liar->joiner, trial->victims)) {
        trial_fail(trial, "no node could be made to join");
        return false;
    }
    trial->victim = &liar->joiner.victim;
    trial->had_kib = victim_peak_kib(trial->victim);
    if (!victim_ask(&trial->victims->list[0], &report)) {
        trial_fail(trial, "a node is gone");
        return false;
    }
    caller_init(&liar->caller, &trial->victims->chain_id);
    liar->caller.hello.features |= HELLO_HAS_ALL_BODIES | HELLO_GIVES_SNAPSHOTS;
    liar->caller.hello.final_height = report.height;
    caller_init(&liar->honest, &trial->victims->chain_id);
    if (caller_connect(&liar->honest, trial->victims->list[HONEST].port, HONEST_FROM) &&
        caller_shake(&liar->honest))
        return true;
    trial_fail(trial, "the honest node does not answer");
    return false;
}

static bool meet(struct liar *liar) {
    if (joiner_answer(&liar->joiner, &liar->caller, SOON_MS)) return true;
    trial_fail(liar->trial, "it did not call");
    return false;
}

static void say_past(struct caller *caller, const struct past_message *message) {
    struct buf encoded = {0};
    past_encode(&encoded, message);
    (void)caller_say(caller, REPLICA_PAST, buf_bytes(&encoded));
    buf_clear(&encoded);
}

// The honest node's answer to the ask that the liar has just got, passed on until the lie is due.
static bool pass_answer(struct liar *liar, const struct past_message *ask) {
    struct past_message answer;
    uint32_t parts = ask->what == PAST_BLOCKS ? ask->which : 1;
    if (!caller_say(&liar->honest, REPLICA_PAST, buf_bytes(&liar->caller.got))) return false;
    for (uint32_t i = 0; i < parts; i++) {
        if (!caller_await(&liar->honest, REPLICA_PAST, SOON_MS) ||
            past_decode(&answer, buf_bytes(&liar->honest.got)) != STATUS_OK)
            return false;
        if (answer.kind == PAST_PART && ask->what == liar->what) {
            liar->lie(liar, &answer);
            liar->has_lied = true;
            return true;
        }
        (void)caller_say(&liar->caller, REPLICA_PAST, buf_bytes(&liar->honest.got));
        if (answer.kind == PAST_NOTHING) return true;
    }
    return true;
}

// It asks for a snapshot, and comes again for the blocks once it has joined.
static void serve_until_the_lie(struct liar *liar) {
    uint64_t until_ms = clock_monotonic_ms() + 2 * SOON_MS;
    if (!meet(liar)) return;
    while (!liar->has_lied && clock_monotonic_ms() < until_ms) {
        struct past_message ask;
        if (!caller_await(&liar->caller, REPLICA_PAST, SOON_MS)) {
            if (!liar->caller.is_closed || !meet(liar)) break;
            continue;
        }
        bool is_ask =
            past_decode(&ask, buf_bytes(&liar->caller.got)) == STATUS_OK && ask.kind == PAST_ASK;
        if (is_ask && !pass_answer(liar, &ask)) break;
    }
    if (!liar->has_lied) trial_fail(liar->trial, "it was not asked for what the lie is of");
}

static void end(struct liar *liar) {
    struct trial *trial = liar->trial;
    if (trial->victim == &liar->joiner.victim) {
        joiner_show_honest(&liar->joiner);
        bool is_there = joiner_await(&liar->joiner, &trial->joined);
        if (!is_there)
            trial_fail(trial, "it did not join");
        else if (trial->joined.oldest > 1)
            trial_fail(trial, "blocks of before are missing");
        trial->cpu_s = victim_cpu_s(trial->victim);
        trial->peak_kib = victim_peak_kib(trial->victim) - trial->had_kib;
        // The log is asked for what it says before the process goes.
        if (trial->named) trial->is_named = victim_has_said(trial->victim, trial->named);
        if (!joiner_end(&liar->joiner)) trial_fail(trial, "the node that joined did not end well");
    }
    caller_clear(&liar->honest);
    buf_clear(&liar->spoilt);
}

static void tell_lie(struct trial *trial, enum past_what what,
                     void (*lie)(struct liar *liar, struct past_message *answer)) {
    struct liar *liar = mem_alloc(sizeof *liar);
    liar->what = what;
    liar->lie = lie;
    if (begin(liar, trial)) {
        serve_until_the_lie(liar);
        trial_end(trial, &liar->caller);
    }
    end(liar);
    mem_free(liar);
}

static void spoil_byte(struct liar *liar, struct past_message *answer, size_t at) {
    buf_append(&liar->spoilt, answer->bytes);
    liar->spoilt.data[at] ^= 1;
    answer->bytes = buf_bytes(&liar->spoilt);
    say_past(&liar->caller, answer);
}

static void spoil_middle(struct liar *liar, struct past_message *answer) {
    spoil_byte(liar, answer, answer->bytes.len / 2);
}
static void lying_manifest(struct trial *trial) { tell_lie(trial, PAST_MANIFEST, spoil_middle); }
static void lying_piece(struct trial *trial) { tell_lie(trial, PAST_PIECE, spoil_middle); }

// The header that is asked for, above the transactions, receipts and events of the block below it.
static void say_other_body(struct liar *liar, struct past_message *answer) {
    struct header header, below;
    struct buf head = {0}, head_below = {0};
    struct past_message next = {0};
    buf_append(&liar->spoilt, answer->bytes);
    if (block_decode_header(&header, buf_bytes(&liar->spoilt)) != STATUS_OK ||
        !caller_await(&liar->honest, REPLICA_PAST, SOON_MS) ||
        past_decode(&next, buf_bytes(&liar->honest.got)) != STATUS_OK || next.kind != PAST_PART ||
        block_decode_header(&below, next.bytes) != STATUS_OK) {
        trial_fail(liar->trial, "there was no other body");
        return;
    }
    header_encode(&head, &header);
    header_encode(&head_below, &below);
    buf_reset(&liar->spoilt);
    buf_append(&liar->spoilt, buf_bytes(&head));
    buf_append(&liar->spoilt,
               bytes_of(next.bytes.data + head_below.len, next.bytes.len - head_below.len));
    answer->bytes = buf_bytes(&liar->spoilt);
    answer->total = (uint32_t)answer->bytes.len;
    say_past(&liar->caller, answer);
    buf_clear(&head);
    buf_clear(&head_below);
}
static void lying_past(struct trial *trial) { tell_lie(trial, PAST_BLOCKS, say_other_body); }

// Says half of what was sealed, and nothing more.
static void stall_midway(struct liar *liar, struct past_message *answer) {
    struct caller *caller = &liar->caller;
    caller_hold(caller);
    say_past(caller, answer);
    (void)caller_write(caller, bytes_of(caller->held.data, caller->held.len / 2));
}

static void stalled_piece(struct trial *trial) {
    struct liar *liar = mem_alloc(sizeof *liar);
    liar->what = PAST_PIECE;
    liar->lie = stall_midway;
    if (begin(liar, trial)) serve_until_the_lie(liar);
    end(liar); // it joins while the stall lasts
    trial->attempts++;
    trial->bytes += liar->caller.bytes;
    caller_clear(&liar->caller);
    mem_free(liar);
}

// ---- addresses

static int open_trap(uint16_t *port) {
    struct sockaddr_in own = {.sin_family = AF_INET};
    socklen_t len = sizeof own;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ENSURE(fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof own) == 0 && listen(fd, 1024) == 0 &&
           getsockname(fd, (struct sockaddr *)&own, &len) == 0);
    *port = ntohs(own.sin_port);
    return fd;
}

static void say_addresses(struct caller *caller, uint16_t port) {
    struct buf payload = {0};
    encode_u32(&payload, LIMIT_PEERS_TOLD);
    for (unsigned i = 0; i < LIMIT_PEERS_TOLD; i++) {
        struct endpoint told;
        char text[ENDPOINT_TEXT];
        snprintf(text, sizeof text, "127.%u.0.1:%u", FALSE_GROUPS_FROM + i, port);
        ENSURE(endpoint_parse(&told, text));
        endpoint_encode(&payload, &told);
    }
    (void)caller_say(caller, HOST_PEERS, buf_bytes(&payload));
    buf_clear(&payload);
}

// As many as one may tell, each in a network of its own: a trap that takes calls and says nothing.
static void false_addresses(struct trial *trial) {
    struct liar *liar = mem_alloc(sizeof *liar);
    uint16_t port = 0;
    int trap = open_trap(&port);
    unsigned calls = 0;
    if (begin(liar, trial) && meet(liar)) {
        if (!caller_await(&liar->caller, HOST_ASK_PEERS, SOON_MS))
            trial_fail(trial, "it did not ask for others");
        else
            say_addresses(&liar->caller, port);
    }
    end(liar);
    for (int taken; (taken = accept(trap, NULL, NULL)) >= 0; calls++) close(taken);
    close(trap);
    if (calls == 0) trial_fail(trial, "it called none of them");
    if (calls > MOST_CALLS_OF_ONE * LIMIT_PEERS_TOLD) trial_fail(trial, "it called them too often");
    trial->attempts += calls;
    trial->bytes += liar->caller.bytes;
    caller_clear(&liar->caller);
    mem_free(liar);
}

const struct behaviour past_behaviours[] = {
    {"false_addresses", "tells who joins of 64 places where nobody is", false_addresses,
     OUTCOME_STAYS, COUNTED_JOINED, 0, NULL, 32, false},
    {"lying_manifest", "passes a snapshot of another state", lying_manifest, OUTCOME_CLOSED,
     COUNTED_JOINED, 0, "a snapshot that is not the chain's", 32, false},
    {"lying_piece", "passes another piece of the state", lying_piece, OUTCOME_CLOSED,
     COUNTED_JOINED, 0, "a piece of another state", 32, false},
    {"stalled_piece", "stops in the middle of a piece", stalled_piece, OUTCOME_STAYS,
     COUNTED_JOINED, 0, NULL, 32, false},
    {"lying_past", "passes another body for a block of before", lying_past, OUTCOME_CLOSED,
     COUNTED_JOINED, 0, "a block of another chain", 32, false},
};
const size_t past_behaviour_count = sizeof past_behaviours / sizeof *past_behaviours;
