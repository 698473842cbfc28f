// SPDX-License-Identifier: Apache-2.0
// Much of what is allowed or useless, and too little.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/chain/tx.h"
#include "tests/hostile/peers/behaviours.h"

enum {
    AT_ONCE = 256,
    TXS_IN_FRAME = 64,
    LEAVE_MS = 300,
    CLOSE_MS = 30 * 1000,
    CHURN = 700,
    MANY = 5000,
    PINGS = 160 * 1000, // more bytes than their class may have at once
    LARGE_BLOCKS = 8,
    SIP_BYTES = 1500, // five times a second
    BEGINNERS = 24,   // of blocks of four megabytes
    CONTINUES = 128,
};

static struct wire_message message; // large

// The same frame for as long as the trial lasts, or until nothing more is taken.
static void flood(struct trial *trial, uint8_t kind, struct bytes payload) {
    struct caller caller;
    uint64_t until_ms = clock_monotonic_ms() + trial->duration_ms;
    bool is_taken = true;
    if (!trial_meet(trial, &caller)) return;
    while (is_taken && clock_monotonic_ms() < until_ms) {
        caller_hold(&caller);
        for (int i = 0; i < AT_ONCE; i++) (void)caller_say(&caller, kind, payload);
        is_taken = caller_flush(&caller);
        caller_drain(&caller);
    }
    pause_ms(LEAVE_MS); // until it has looked at all of it
    trial_leave(trial, &caller);
}

static void flood_votes(struct trial *trial, uint64_t views_on) {
    struct buf vote = {0}, changed = {0};
    if (trial_overhear_vote(trial, &message, &vote)) {
        message.message.votes.view += views_on;
        wire_encode_votes(&changed, &message.message.votes);
        flood(trial, REPLICA_VOTE, buf_bytes(&changed));
    }
    buf_clear(&changed);
    buf_clear(&vote);
}

static void old_votes(struct trial *trial) { flood_votes(trial, 0); }
static void far_votes(struct trial *trial) { flood_votes(trial, 100000); }

static void useless_fetches(struct trial *trial) {
    struct buf encoded = {0};
    struct consensus_message fetch = {.kind = MESSAGE_FETCH,
                                      .fetch = {.certificates_from = 1, .block_id = {{1}}}};
    wire_encode(&encoded, &fetch, NULL);
    flood(trial, REPLICA_VOTE, buf_bytes(&encoded));
    buf_clear(&encoded);
}

// A block of late, which any node hands on to who lacks it, and all certificates with it.
static void greedy_fetches(struct trial *trial) {
    struct buf whole = {0}, encoded = {0};
    if (trial_overhear(trial, REPLICA_BLOCK, &whole) &&
        wire_decode(&message, buf_bytes(&whole)) == STATUS_OK) {
        struct consensus_message fetch = {.kind = MESSAGE_FETCH,
                                          .fetch = {.epoch = message.header.epoch,
                                                    .view = message.header.view,
                                                    .certificates_from = message.header.view}};
        header_id(&fetch.fetch.block_id, &message.header);
        wire_encode(&encoded, &fetch, NULL);
        flood(trial, REPLICA_VOTE, buf_bytes(&encoded));
    }
    buf_clear(&encoded);
    buf_clear(&whole);
}

static void say_pings(struct caller *caller, int count) {
    static const uint8_t payload[HOST_PING_BYTES];
    for (int i = 0; i < count && !caller->is_closed; i += AT_ONCE) {
        caller_hold(caller);
        for (int k = 0; k < AT_ONCE; k++) (void)caller_say(caller, HOST_PING, BYTES_OF(payload));
        if (!caller_flush(caller)) return;
    }
}

static uint64_t paused_ms(struct trial *trial) {
    struct victim_report report = {0};
    (void)victim_ask(trial->victim, &report);
    return report.look.host.paused_ms;
}

// For a view that is far away, with as many signatures as there may be: until it has had enough,
// however slow this machine is.
static void large_votes(struct trial *trial) {
    static struct vote_signer signers[LIMIT_WITNESSES];
    struct signed_votes votes = {
        .view = 100000, .kind = VOTE_NULLIFY, .count = LIMIT_WITNESSES, .signers = signers};
    struct buf encoded = {0};
    struct caller caller;
    uint64_t before_ms = paused_ms(trial), until_ms = clock_monotonic_ms() + CLOSE_MS;
    if (!trial_meet(trial, &caller)) return;
    for (uint16_t i = 0; i < LIMIT_WITNESSES; i++) signers[i].witness = i;
    wire_encode_votes(&encoded, &votes);
    while (paused_ms(trial) == before_ms && clock_monotonic_ms() < until_ms) {
        for (int i = 0; i < AT_ONCE; i++)
            (void)caller_say(&caller, REPLICA_VOTE, buf_bytes(&encoded));
        caller_drain(&caller);
    }
    buf_clear(&encoded);
    trial_leave(trial, &caller);
}

// Says much that is answered, and gives a sign of life now and then; of the answers it reads so
// many bytes each time.
static void read_too_little(struct trial *trial, size_t sip_bytes) {
    struct caller caller;
    if (!trial_meet(trial, &caller)) return;
    say_pings(&caller, PINGS);
    uint64_t until_ms = clock_monotonic_ms() + CLOSE_MS;
    while (!caller.is_closed && clock_monotonic_ms() < until_ms) {
        pause_ms(200);
        say_pings(&caller, 1);
        if (sip_bytes > 0) caller_sip(&caller, sip_bytes);
    }
    trial_leave(trial, &caller);
}

static void reads_nothing(struct trial *trial) { read_too_little(trial, 0); }
static void reads_little(struct trial *trial) { read_too_little(trial, SIP_BYTES); }

// All of a block but its end.
static void begin_block(struct caller *caller) {
    static uint8_t chunk[1 + 4 + CHANNEL_CHUNK_BYTES] = {REPLICA_BLOCK};
    store_u32_le(chunk + 1, WIRE_MAX_BYTES);
    (void)caller_say_plain(caller, BYTES_OF(chunk));
    chunk[4] = REPLICA_BLOCK | CONTINUES;
    for (size_t said = CHANNEL_CHUNK_BYTES; said + CHANNEL_CHUNK_BYTES < WIRE_MAX_BYTES;
         said += CHANNEL_CHUNK_BYTES)
        if (!caller_say_plain(caller, bytes_of(chunk + 4, 1 + CHANNEL_CHUNK_BYTES))) return;
}

// Many that say nothing to its end, each within what it may.
static void half_blocks(struct trial *trial) {
    static const uint8_t ping[HOST_PING_BYTES];
    static struct caller callers[BEGINNERS];
    int count = 0;
    for (; count < BEGINNERS && !trial->failure; count++) {
        trial->from++;
        if (!trial_meet(trial, &callers[count])) break;
        begin_block(&callers[count]);
        for (int i = 0; i <= count; i++) { // or they would be let go for their silence
            (void)caller_say(&callers[i], HOST_PING, BYTES_OF(ping));
            caller_drain(&callers[i]);
        }
    }
    pause_ms(LEAVE_MS);
    for (int i = 0; i < count; i++) {
        caller_drain(&callers[i]);
        trial_leave(trial, &callers[i]);
    }
}

static void silent(struct trial *trial) {
    struct caller caller;
    if (trial_meet(trial, &caller)) trial_end(trial, &caller);
}

static void large_blocks(struct trial *trial) {
    struct buf whole = {0}, block = {0};
    struct caller caller;
    if (trial_overhear(trial, REPLICA_BLOCK, &whole) &&
        wire_decode(&message, buf_bytes(&whole)) == STATUS_OK && trial_meet(trial, &caller)) {
        static uint8_t body[LIMIT_BODY_BYTES];
        wire_encode_block(&block, &message.header, BYTES_OF(body));
        for (int i = 0; i < LARGE_BLOCKS; i++) {
            if (!caller_say(&caller, REPLICA_BLOCK, buf_bytes(&block))) break;
            caller_drain(&caller);
        }
        pause_ms(LEAVE_MS);
        trial_leave(trial, &caller);
    }
    buf_clear(&block);
    buf_clear(&whole);
}

// ---- transactions, of accounts that do nothing else

static void append_tx(struct buf *out, const struct trial *trial, int from, uint64_t seq,
                      const struct hash *chain_id) {
    struct buf encoded = {0};
    struct tx tx = {.version = TX_VERSION,
                    .sender = trial->victims->ids[from],
                    .seq = seq,
                    .valid_until = 20000,
                    .gas_limit = 20000000,
                    .gas_price = 1,
                    .action_count = 1};
    tx.actions[0] = (struct tx_action){
        .kind = TX_TRANSFER,
        .transfer = {.to = trial->victims->ids[1], .amount = amount_of_units(1)}};
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &trial->victims->keys[from], chain_id) == STATUS_OK);
    tx_encode(&encoded, &tx);
    encode_bytes(out, buf_bytes(&encoded));
    buf_clear(&encoded);
}

static void say_txs(struct trial *trial, int from, uint64_t first_seq,
                    const struct hash *chain_id) {
    struct caller caller;
    struct buf frame = {0};
    uint64_t until_ms = clock_monotonic_ms() + trial->duration_ms, seq = first_seq;
    if (!trial_meet(trial, &caller)) return;
    do {
        buf_reset(&frame);
        encode_u32(&frame, TXS_IN_FRAME);
        for (int i = 0; i < TXS_IN_FRAME; i++) append_tx(&frame, trial, from, seq++, chain_id);
        if (!caller_say(&caller, REPLICA_TXS, buf_bytes(&frame))) break;
        caller_drain(&caller);
    } while (clock_monotonic_ms() < until_ms || seq - first_seq < 4 * (uint64_t)TXS_IN_FRAME);
    buf_clear(&frame);
    if (chain_id != &trial->victims->chain_id)
        (void)caller_await_close(&caller, CLOSE_MS);
    else
        pause_ms(LEAVE_MS);
    caller_drain(&caller);
    trial_leave(trial, &caller);
}

static void good_txs(struct trial *trial) { say_txs(trial, 2, 0, &trial->victims->chain_id); }
static void wrong_nonces(struct trial *trial) {
    say_txs(trial, 3, 1000000, &trial->victims->chain_id);
}
static void wrong_signatures(struct trial *trial) {
    static const struct hash other_chain = {{3}};
    say_txs(trial, 3, 0, &other_chain);
}

// ---- connections

static void churn(struct trial *trial) {
    for (int i = 0; i < CHURN; i++) {
        struct caller caller;
        if (trial_connect(trial, &caller)) caller.is_closed = true; // by this end
        trial_leave(trial, &caller);
    }
}

// At once, from one address, while somebody honest comes from another.
static void many_connections(struct trial *trial) {
    static struct caller callers[MANY];
    struct caller honest;
    int count = 0;
    for (; count < MANY; count++) {
        caller_init(&callers[count], &trial->victims->chain_id);
        if (!caller_connect(&callers[count], trial->victim->port, trial->from)) break;
    }
    if (count < MANY) trial_fail(trial, "not so many connections were made");
    caller_init(&honest, &trial->victims->chain_id);
    if (!caller_connect(&honest, trial->victim->port, (uint16_t)(trial->from + 1)) ||
        !caller_shake(&honest))
        trial_fail(trial, "others were kept out");
    caller_clear(&honest);
    for (int i = 0; i < count; i++) {
        (void)caller_await_close(&callers[i], CLOSE_MS);
        trial_leave(trial, &callers[i]);
    }
}

const struct behaviour flood_behaviours[] = {
    {"old_votes", "repeats a vote that has been counted", old_votes, OUTCOME_STAYS, COUNTED_USELESS,
     0, NULL, 16, false},
    {"far_votes", "votes for views that are far away", far_votes, OUTCOME_STAYS, COUNTED_USELESS, 0,
     NULL, 16, false},
    {"useless_fetches", "asks for what there is not, again and again", useless_fetches,
     OUTCOME_STAYS, COUNTED_BUSY, 0, NULL, 16, false},
    {"greedy_fetches", "asks for a block that there is, again and again", greedy_fetches,
     OUTCOME_STAYS, COUNTED_BUSY, 0, NULL, 24, false},
    {"large_votes", "sends more votes than their class may have", large_votes, OUTCOME_STAYS,
     COUNTED_PAUSED, 0, NULL, 24, false},
    {"large_blocks", "sends blocks of four megabytes that nobody wants", large_blocks,
     OUTCOME_STAYS, COUNTED_USELESS, 0, NULL, 48, false},
    {"good_txs", "moves its money as fast as it can sign", good_txs, OUTCOME_STAYS, COUNTED_TXS, 0,
     NULL, 48, false},
    {"wrong_nonces", "sends transactions that are far too early", wrong_nonces, OUTCOME_STAYS,
     COUNTED_TXS, 0, NULL, 32, false},
    {"wrong_signatures", "sends transactions of another chain", wrong_signatures, OUTCOME_CLOSED,
     COUNTED_FAULT, FAULT_BAD_SIGNATURES, NULL, 32, false},
    {"reads_nothing", "lets all answers wait", reads_nothing, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_STUCK, NULL, 24, false},
    {"reads_little", "reads a little of what waits, now and then", reads_little, OUTCOME_CLOSED,
     COUNTED_CAUSE, CAUSE_STUCK, NULL, 24, false},
    {"half_blocks", "has two dozen blocks sent by as many nodes, but for their ends", half_blocks,
     OUTCOME_REFUSED, COUNTED_CAUSE, CAUSE_HEAVY, NULL, 96, false},
    {"silent", "shakes hands and says nothing more", silent, OUTCOME_CLOSED, COUNTED_CAUSE,
     CAUSE_SILENT, NULL, 8, false},
    {"churn", "connects and lets go, again and again", churn, OUTCOME_REFUSED, COUNTED_CAUSE,
     CAUSE_ADDRESS_OFTEN, NULL, 8, false},
    {"many_connections", "makes 5,000 connections from one address", many_connections,
     OUTCOME_CLOSED, COUNTED_CAUSE, CAUSE_ADDRESS_OFTEN, NULL, 16, false},
};
const size_t flood_behaviour_count = sizeof flood_behaviours / sizeof *flood_behaviours;
