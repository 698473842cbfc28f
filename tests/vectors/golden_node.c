// SPDX-License-Identifier: Apache-2.0
// What nodes say to one another of final blocks, and of what lies behind one that joins.
#include <stdio.h>

#include "chaincore/node/replica_kinds.h"
#include "chaincore/sync/past_message.h"
#include "chaincore/sync/sync_message.h"
#include "tests/vectors/golden.h"

void golden_frames(void) {
    static const char *const rows[REPLICA_KINDS][2] = {
        [HOST_PING] = {"PING", "eight bytes that the peer wants back"},
        [HOST_PONG] = {"PONG", "the eight of a PING"},
        [HOST_ASK_PEERS] = {"ASK_PEERS", "nothing"},
        [HOST_PEERS] = {"PEERS", "vec&lt;{IPv6 address [16], port u16}&gt;"},
        [HOST_NEWS] = {"NEWS", "{version u8 = 1, final height u64, origin bytes, price u64}"},
        [REPLICA_VOTE] = {"VOTE", "NOTARIZE, NULLIFY, FINALIZE, FETCH or AHEAD"},
        [REPLICA_CERTIFICATE] = {"CERTIFICATE", "CERTIFICATE"},
        [REPLICA_BLOCK] = {"BLOCK", "PROPOSE or BLOCK"},
        [REPLICA_KEYS] = {"KEYS", "vec&lt;{consensus key [32], signature [64]}&gt;"},
        [REPLICA_TXS] = {"TXS", "vec&lt;bytes&gt; of signed transactions"},
        [REPLICA_SYNC] = {"SYNC", "of final blocks, below"},
        [REPLICA_PAST] = {"PAST", "of what lies behind, below"},
        [REPLICA_RECORDS] = {"RECORDS", "vec&lt;record&gt; of witnesses, below; none: a question"},
        [REPLICA_TX_IDS] =
            {"TX_IDS", "{kind u8, vec&lt;u64&gt;}: transactions by how their ids begin, below"},
    };
    golden_begin("frames");
    for (size_t kind = 0; kind < REPLICA_KINDS; kind++) {
        const struct frame_rule *rule = &replica_rules.kinds[kind];
        ENSURE((rule->max_bytes > 0) == (rows[kind][0] != NULL));
        if (rule->max_bytes == 0) continue;
        printf("| %zu | %s | %s | %s | %u |\n", kind, rows[kind][0],
               replica_class_name(rule->class), rows[kind][1], rule->max_bytes);
    }
}

static void show_sync(const char *label, const struct sync_message *message) {
    struct buf encoded = {0};
    sync_encode(&encoded, message);
    golden_buf(label, &encoded);
    buf_clear(&encoded);
}

static void show_past(const char *label, const struct past_message *message) {
    struct buf encoded = {0};
    past_encode(&encoded, message);
    golden_buf(label, &encoded);
    buf_clear(&encoded);
}

void golden_record(void) {
    struct witness_record record = {.time_ms = 1700000000000};
    struct buf encoded = {0};
    uint8_t seed[32];
    struct secret_key node;
    struct public_key public;
    golden_fill(seed, sizeof seed, 0x20);
    key_from_seed(&node, &public, seed);
    ENSURE(endpoint_parse(&record.endpoint, "192.0.2.1:7000"));
    witness_record_sign(&record, &golden_secret, &node, &golden_chain_id);
    witness_record_encode(&encoded, &record);
    golden_begin("record");
    golden_buf("the witness at 192.0.2.1:7000, its node's key of the seed 20 21 22 …", &encoded);
}

void golden_sync(void) {
    static const uint8_t empty[4] = {0}; // no transactions
    struct header header = {.version = HEADER_VERSION, .height = 7, .epoch = 1, .view = 3};
    struct buf headers = {0};
    header_encode(&headers, &header);
    golden_begin("sync");
    show_sync("ASK_HEADERS of 128 from 7 on",
              &(struct sync_message){
                  .kind = SYNC_ASK_HEADERS, .number = 1, .from = 7, .count = LIMIT_SYNC_HEADERS});
    show_sync("HEADERS, with `certificate` for a certificate",
              &(struct sync_message){.kind = SYNC_HEADERS,
                                     .number = 1,
                                     .newest = 9,
                                     .headers = buf_bytes(&headers),
                                     .header_count = 1,
                                     .certificate = bytes_of_string("certificate")});
    show_sync("ASK_BLOCKS of 32 from 7 on",
              &(struct sync_message){.kind = SYNC_ASK_BLOCKS,
                                     .number = 2,
                                     .from = 7,
                                     .count = LIMIT_SYNC_BLOCKS,
                                     .most_bytes = LIMIT_SYNC_ANSWER_BYTES});
    show_sync("BLOCK 7, with an empty body",
              &(struct sync_message){
                  .kind = SYNC_BLOCK, .number = 2, .from = 7, .body = BYTES_OF(empty)});
    show_sync("NOTHING: blocks 5 to 9 are there",
              &(struct sync_message){.kind = SYNC_NOTHING, .number = 3, .oldest = 5, .newest = 9});
    buf_clear(&headers);
}

static void show_rows(void) {
    static const char *const rows[PAST_WHATS] = {
        [PAST_MANIFEST] = "a manifest | of the snapshot; 0: the newest, with offset 0 | 0",
        [PAST_PIECE] = "a piece | of the snapshot, 1 or more | its number, below 65,536",
        [PAST_BLOCKS] = "blocks, downwards | of the first | how many, 1 to 256, `height` at most",
    };
    golden_begin("past-rows");
    for (unsigned i = 0; i < PAST_WHATS; i++)
        printf("| %u | %s | %u |\n", i, rows[i], past_most_bytes((enum past_what)i));
}

void golden_past(void) {
    ENSURE(SNAPSHOT_MAX_PIECES == 65536 && PAST_MAX_BLOCKS == 256);
    show_rows();
    golden_begin("past");
    show_past("ASK for the manifest of the newest snapshot",
              &(struct past_message){.kind = PAST_ASK, .number = 1, .what = PAST_MANIFEST});
    show_past("ASK for piece 2 of the snapshot at height 1199, from byte 1048576 on",
              &(struct past_message){.kind = PAST_ASK,
                                     .number = 2,
                                     .what = PAST_PIECE,
                                     .height = 1199,
                                     .which = 2,
                                     .offset = PAST_ANSWER_BYTES});
    show_past("ASK for blocks 1198 down to 943", &(struct past_message){.kind = PAST_ASK,
                                                                        .number = 3,
                                                                        .what = PAST_BLOCKS,
                                                                        .height = 1198,
                                                                        .which = PAST_MAX_BLOCKS});
    show_past("PART: a piece of seven bytes, whole",
              &(struct past_message){.kind = PAST_PART,
                                     .number = 2,
                                     .height = 1199,
                                     .total = 7,
                                     .bytes = bytes_of_string("a piece")});
    show_past(
        "NOTHING: blocks from 1 on, a snapshot at 1199",
        &(struct past_message){.kind = PAST_NOTHING, .number = 3, .oldest = 1, .snapshot = 1199});
}
