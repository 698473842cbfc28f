// SPDX-License-Identifier: Apache-2.0
// Records of where witnesses are: their bytes, what a node takes, keeps and passes on, whom it
// calls, and what those cost it who lie.
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/node/witness_records.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

enum {
    FIRST = 100,
    MOST_CALLS = 64,
    HOUR_MS = 3600 * 1000,
    DAY_MS = 24 * HOUR_MS,
    JITTER_MS = 3000
};

// A replica whose network is this file: what it says is kept, and whom it calls.
static struct cluster cluster;
static struct replica *replica;
static struct driver_time now;
static struct secret_key nodes[FIXTURE_WITNESSES]; // the witnesses' nodes
static struct {
    uint16_t peer;
    uint32_t count;
    struct witness_record last;
} told[256];
static size_t told_count;
static struct {
    struct endpoint where;
    struct public_key node;
} calls[MOST_CALLS];
static size_t call_count;
static bool is_busy;

static void send(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct decoder in = decoder_of(payload);
    (void)context;
    if (kind != REPLICA_RECORDS) return;
    ck_assert_uint_le(payload.len, replica_rules.kinds[kind].max_bytes);
    ck_assert_uint_lt(told_count, sizeof told / sizeof *told);
    told[told_count].peer = peer;
    told[told_count].count = decode_count(&in, LIMIT_WITNESSES);
    for (uint32_t i = 0; i < told[told_count].count; i++)
        witness_record_decode(&in, &told[told_count].last);
    assert_ok(decoder_finish(&in));
    told_count++;
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)peer, (void)points;
    ck_abort_msg("nobody is to be blamed");
}
static bool call(void *context, const struct endpoint *where, const struct public_key *node) {
    (void)context;
    if (is_busy) return false;
    ck_assert_uint_lt(call_count, MOST_CALLS);
    calls[call_count].where = *where;
    calls[call_count++].node = *node;
    return true;
}

static struct fixture *fixture(void) { return &cluster.members[0].fixture; }
static const struct hash *chain(void) { return node_chain_id(fixture()->node); }
static struct secret_key *witness(int number) { return &fixture()->witnesses[number]; }

static struct endpoint at(const char *text) {
    struct endpoint endpoint;
    ck_assert(endpoint_parse(&endpoint, text));
    return endpoint;
}

static struct public_key public_of(const struct secret_key *key) {
    struct public_key public;
    key_public_of(&public, key);
    return public;
}

// Witness 0 has the first `keys` of the keys of genesis.
static void begin(size_t keys) {
    static const size_t counts[] = {0};
    log_set_level(LOG_ERROR);
    cluster_init(&cluster, counts, 1);
    struct member *member = &cluster.members[0];
    fixture()->witness_key_count = keys;
    for (int i = 0; i < FIXTURE_WITNESSES; i++) {
        struct public_key public;
        uint8_t seed[32] = {5, (uint8_t)i};
        key_from_seed(&nodes[i], &public, seed);
    }
    struct replica_calls table = {.context = member,
                                  .send = send,
                                  .penalise = penalise,
                                  .call = call,
                                  .draw = false_disk_draw};
    table.context = &member->votes;
    struct replica_config config = {.calls = &table,
                                    .disk = &member->disk,
                                    .node_key = public_of(&nodes[0]),
                                    .is_first_start = true};
    assert_ok(fixture_open_idle(fixture()));
    assert_ok(replica_open(&replica, fixture()->node, &config));
    now = (struct driver_time){.now_ms = 1000 * 1000, .wall_ms = 1000 * 1000 * 1000};
    told_count = call_count = 0;
    is_busy = false;
    assert_ok(replica_run(replica, &now));
}

static void tear_down(void) {
    replica_close(replica);
    fixture_close(fixture());
    cluster_clear(&cluster);
}

static void pass(uint64_t ms) {
    now.now_ms += ms;
    now.wall_ms += ms;
    assert_ok(replica_run(replica, &now));
}

static void meet(uint16_t peer, bool takes_records) {
    struct replica_peer_info info = {.node_key = {{9, (uint8_t)peer}},
                                     .takes_records = takes_records};
    replica_peer_joined(replica, peer, &info);
}

static struct witness_record record_of(int number, const char *where, int64_t ahead_ms) {
    struct witness_record record = {.endpoint = at(where),
                                    .time_ms = now.wall_ms + (uint64_t)ahead_ms};
    witness_record_sign(&record, witness(number), &nodes[number], chain());
    return record;
}

static enum status say_many(uint16_t peer, const struct witness_record *records, uint32_t count) {
    struct buf payload = {0};
    encode_u32(&payload, count);
    for (uint32_t i = 0; i < count; i++) witness_record_encode(&payload, &records[i]);
    enum status status = replica_frame(replica, peer, REPLICA_RECORDS, buf_bytes(&payload));
    buf_clear(&payload);
    return status;
}
static enum status say(uint16_t peer, struct witness_record record) {
    return say_many(peer, &record, 1);
}

static struct replica_look look(void) {
    struct replica_look out;
    assert_ok(replica_run(replica, &now));
    replica_look(replica, &out);
    return out;
}

// --- bytes ---

START_TEST(a_record_has_its_bytes_and_no_other) {
    struct witness_record record = {.endpoint = at("192.0.2.1:7000"),
                                    .time_ms = 0x0102030405060708};
    struct witness_record decoded;
    struct secret_key key, node;
    struct public_key public;
    struct hash chain_id = {{7}}, digest;
    struct buf out = {0};
    char text[2 * sizeof digest + 1];
    uint8_t seed[32] = {1};
    key_from_seed(&key, &public, seed);
    seed[0] = 2;
    key_from_seed(&node, &public, seed);
    witness_record_sign(&record, &key, &node, &chain_id);
    witness_record_encode(&out, &record);
    ck_assert_uint_eq(out.len, WITNESS_RECORD_BYTES);
    hash_bytes(&digest, HASH_USER, buf_bytes(&out));
    hex_encode(text, BYTES_OF(digest));
    ck_assert_str_eq(text, "95834369222b060195f21bb622884b8219521536717c9053c1f1e1279bca1b66");
    ck_assert(witness_records_verify(&record, 1, &chain_id));
    for (size_t len = 0; len <= out.len; len++) {
        struct decoder in = decoder_of(bytes_of(out.data, len));
        witness_record_decode(&in, &decoded);
        ck_assert_int_eq(decoder_finish(&in) == STATUS_OK, len == out.len);
    }
    // Whatever bit is another, it is another's, or nobody's.
    for (size_t bit = 0; bit < 8 * out.len; bit++) {
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct decoder in = decoder_of(buf_bytes(&out));
        witness_record_decode(&in, &decoded);
        if (decoder_finish(&in) == STATUS_OK)
            ck_assert(!witness_records_verify(&decoded, 1, &chain_id));
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(out.data + 64 + 16, 0, 2); // the port
    struct decoder in = decoder_of(buf_bytes(&out));
    witness_record_decode(&in, &decoded);
    assert_status(decoder_finish(&in), STATUS_MALFORMED);
    buf_clear(&out);
}
END_TEST

START_TEST(a_forged_one_is_found_among_many) {
    struct witness_record records[LIMIT_WITNESSES];
    begin(1);
    for (size_t i = 0; i < LIMIT_WITNESSES; i++)
        records[i] = record_of((int)(i % FIXTURE_WITNESSES), "9.9.9.9:1", (int64_t)i);
    ck_assert(witness_records_verify(records, LIMIT_WITNESSES, chain()));
    for (size_t i = 0; i < LIMIT_WITNESSES; i += 10) {
        struct signature *signature =
            i % 20 == 0 ? &records[i].certified : &records[i].signed_by_node;
        signature->bytes[3] ^= 1;
        ck_assert(!witness_records_verify(records, LIMIT_WITNESSES, chain()));
        signature->bytes[3] ^= 1;
    }
}
END_TEST

// --- what is kept, and passed on ---

START_TEST(what_is_new_goes_on_once_to_all_others) {
    begin(1);
    for (uint16_t i = 0; i < 4; i++) meet(FIRST + i, i != 3);
    struct witness_record record = record_of(1, "9.9.9.9:7000", 0);
    assert_ok(say(FIRST, record));
    ck_assert_uint_eq(told_count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(told[i].peer, FIRST + 1 + i); // not back, and not to who takes none
        ck_assert_uint_eq(told[i].count, 1);
        ck_assert_mem_eq(&told[i].last.node, &record.node, sizeof record.node);
    }
    for (uint16_t i = 0; i < 4; i++) assert_ok(say(FIRST + i, record));
    ck_assert_uint_eq(told_count, 2);
    assert_ok(say(FIRST + 1, record_of(1, "9.9.9.9:7001", -1))); // older
    ck_assert_uint_eq(told_count, 2);
    assert_ok(say(FIRST + 1, record_of(1, "9.9.9.9:7001", 1)));
    ck_assert_uint_eq(told_count, 4);
    ck_assert_uint_eq(told[3].last.endpoint.port, 7001);
    ck_assert_uint_eq(look().records, 1);
    ck_assert_uint_eq(look().counts.records_taken, 2);
}
END_TEST

START_TEST(what_is_not_of_now_or_of_no_witness_is_passed_over) {
    begin(1);
    meet(FIRST, true);
    meet(FIRST + 1, true);
    struct witness_record nobodys = {.endpoint = at("9.9.9.9:1"), .time_ms = now.wall_ms};
    witness_record_sign(&nobodys, &fixture()->witnesses[7], &nodes[1], chain());
    assert_ok(say(FIRST, nobodys));
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", LIMIT_CLOCK_AHEAD_MS + 1)));
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", -(int64_t)LIMIT_RECORD_MS - 1)));
    assert_ok(say(FIRST, record_of(1, "192.168.1.1:1", 0))); // from who is not inside
    ck_assert_uint_eq(look().records, 0);
    ck_assert_uint_eq(told_count, 0);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", -(int64_t)LIMIT_RECORD_MS)));
    ck_assert_uint_eq(look().records, 1);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", LIMIT_CLOCK_AHEAD_MS)));
    ck_assert_uint_eq(told_count, 2);
    pass(LIMIT_RECORD_MS + LIMIT_CLOCK_AHEAD_MS);
    ck_assert_uint_eq(look().records, 1);
    pass(1);
    ck_assert_uint_eq(look().records, 0);
}
END_TEST

START_TEST(what_is_at_a_private_address_is_for_such_peers_alone) {
    begin(1);
    meet(FIRST, true);
    struct replica_peer_info inside = {
        .node_key = {{9, 1}}, .takes_records = true, .is_inside = true};
    for (uint16_t i = 1; i < 3; i++) {
        inside.node_key.bytes[2] = (uint8_t)i;
        replica_peer_joined(replica, FIRST + i, &inside);
    }
    assert_ok(say(FIRST + 1, record_of(1, "192.168.1.1:1", 0)));
    ck_assert_uint_eq(told_count, 1);
    ck_assert_uint_eq(told[0].peer, FIRST + 2);
    ck_assert_uint_eq(look().records, 1);
}
END_TEST

START_TEST(who_forges_one_is_let_go_and_nothing_of_it_stays) {
    begin(1);
    meet(FIRST, true);
    meet(FIRST + 1, true);
    for (int i = 0; i < 2; i++) {
        struct witness_record records[] = {record_of(1, "9.9.9.9:1", 0),
                                           record_of(2, "9.9.9.9:2", 0)};
        (i == 0 ? &records[1].certified : &records[1].signed_by_node)->bytes[0] ^= 1;
        assert_status(say_many(FIRST, records, 2), STATUS_BAD_SIGNATURE);
    }
    // A key that the witness has not certified says where it is.
    struct witness_record moved = record_of(1, "9.9.9.9:1", 0);
    const struct signature certified = moved.certified;
    witness_record_sign(&moved, witness(1), &nodes[2], chain());
    moved.certified = certified;
    assert_status(say(FIRST, moved), STATUS_BAD_SIGNATURE);
    ck_assert_uint_eq(look().counts.records_forged, 3);
    ck_assert_uint_eq(look().records, 0);
    ck_assert_uint_eq(told_count, 0);
}
END_TEST

START_TEST(a_frame_of_them_cut_anywhere_is_refused) {
    struct buf payload = {0};
    begin(1);
    meet(FIRST, true);
    struct witness_record record = record_of(1, "9.9.9.9:1", 0);
    encode_u32(&payload, 1);
    witness_record_encode(&payload, &record);
    buf_append_byte(&payload, 0);
    for (size_t len = 0; len <= payload.len; len++) {
        if (len + 1 == payload.len) continue;
        ck_assert_int_ne(
            replica_frame(replica, FIRST, REPLICA_RECORDS, bytes_of(payload.data, len)), STATUS_OK);
    }
    buf_clear(&payload);
    encode_u32(&payload, LIMIT_WITNESSES + 1);
    for (int i = 0; i <= LIMIT_WITNESSES; i++) witness_record_encode(&payload, &record);
    assert_status(replica_frame(replica, FIRST, REPLICA_RECORDS, buf_bytes(&payload)),
                  STATUS_TOO_LARGE);
    buf_clear(&payload);
    ck_assert_uint_eq(look().records, 0);
}
END_TEST

START_TEST(a_flood_of_one_witness_goes_on_slowly) {
    begin(1);
    meet(FIRST, true);
    meet(FIRST + 1, true);
    for (int i = 0; i < 100; i++) assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", i)));
    ck_assert_uint_eq(told_count, LIMIT_RECORDS_AT_ONCE);
    for (int i = 0; i < 100; i++) {
        pass(LIMIT_RECORD_EVERY_MS / 10);
        assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", 200)));
    }
    ck_assert_uint_le(look().counts.records_taken, LIMIT_RECORDS_AT_ONCE + 10);
    ck_assert_uint_ge(look().counts.records_taken, LIMIT_RECORDS_AT_ONCE + 9);
    assert_ok(say(FIRST, record_of(2, "9.9.9.9:2", 0))); // the others' go on
    ck_assert_uint_eq(look().records, 2);
}
END_TEST

START_TEST(a_peer_is_listened_to_up_to_a_number_and_again_later) {
    struct witness_record records[LIMIT_WITNESSES];
    begin(1);
    meet(FIRST, true);
    meet(FIRST + 1, true);
    for (int i = 0; i < LIMIT_WITNESSES; i++)
        records[i] = record_of(1, "9.9.9.9:1", -(int64_t)LIMIT_RECORD_MS - 1);
    for (int i = 0; i < 20; i++) assert_ok(say_many(FIRST, records, LIMIT_WITNESSES));
    uint64_t unread = 20 * LIMIT_WITNESSES - LIMIT_RECORDS_OF_PEER;
    ck_assert_uint_eq(look().counts.records_unread, unread);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", 0)));
    ck_assert_uint_eq(look().records, 0);
    assert_ok(say(FIRST + 1, record_of(1, "9.9.9.9:1", 0)));
    ck_assert_uint_eq(look().records, 1);
    pass(60 * 1000);
    assert_ok(say(FIRST, record_of(2, "9.9.9.9:2", 0)));
    ck_assert_uint_eq(look().records, 2);
}
END_TEST

START_TEST(who_is_certified_in_a_record_finds_a_place) {
    begin(1);
    meet(FIRST, true);
    struct public_key node = public_of(&nodes[1]);
    ck_assert(!replica_is_trusted(replica, &node));
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:1", 0)));
    ck_assert(replica_is_trusted(replica, &node));
}
END_TEST

// --- what it says itself ---

static void announce(const char *where) {
    struct endpoint endpoint = at(where);
    replica_announce(replica, &endpoint, &nodes[0]);
    pass(1);
}

START_TEST(it_says_where_it_is_at_once_to_who_comes_and_each_hour) {
    begin(2);
    meet(FIRST, true);
    meet(FIRST + 1, false);
    announce("9.9.9.9:7000");
    ck_assert_uint_eq(told_count, 1);
    ck_assert_uint_eq(told[0].peer, FIRST);
    ck_assert_uint_eq(told[0].count, 2); // one for each key
    ck_assert(witness_records_verify(&told[0].last, 1, chain()));
    uint64_t first_ms = told[0].last.time_ms;
    ck_assert_uint_eq(first_ms, now.wall_ms);
    told_count = 0;
    meet(FIRST + 2, true);
    ck_assert_uint_eq(told_count, 1);
    ck_assert_uint_eq(told[0].peer, FIRST + 2);
    pass(60 * 1000); // once more, for those that were on their way
    told_count = 0;
    uint64_t frames = 0, newest = 0;
    for (uint64_t ms = 0; ms < 3 * HOUR_MS; ms += 60 * 1000) {
        pass(60 * 1000);
        for (size_t i = 0; i < told_count; i++) {
            if (told[i].count == 0) continue; // a question
            frames++;
            newest = told[i].last.time_ms;
        }
        told_count = 0;
    }
    ck_assert_uint_eq(frames, 3 * 2);
    ck_assert_uint_gt(newest, first_ms + 2 * HOUR_MS);
}
END_TEST

START_TEST(who_holds_no_key_of_the_set_says_nothing) {
    begin(0);
    meet(FIRST, true);
    announce("9.9.9.9:7000");
    for (size_t i = 0; i < told_count; i++) ck_assert_uint_eq(told[i].count, 0);
    ck_assert_uint_eq(look().records, 0);
}
END_TEST

START_TEST(what_was_said_of_it_before_is_outdone) {
    begin(1);
    meet(FIRST, true);
    announce("9.9.9.9:7000");
    told_count = 0;
    assert_ok(say(FIRST, record_of(0, "9.9.9.9:6000", 4000))); // its clock was ahead then
    pass(LIMIT_RECORD_EVERY_MS);
    bool is_outdone = false;
    for (size_t i = 0; i < told_count; i++) {
        if (told[i].count == 0) continue;
        ck_assert_uint_eq(told[i].last.endpoint.port, 7000);
        is_outdone = true;
    }
    ck_assert(is_outdone);
}
END_TEST

START_TEST(a_clock_that_is_moved_makes_a_record_of_then) {
    begin(1);
    meet(FIRST, true);
    announce("9.9.9.9:7000");
    pass(LIMIT_RECORD_EVERY_MS);
    told_count = 0;
    now.wall_ms += 2 * (uint64_t)DAY_MS;
    pass(1);
    ck_assert_uint_ge(told_count, 1);
    ck_assert_uint_eq(told[told_count - 1].last.time_ms, now.wall_ms);
}
END_TEST

// --- questions ---

START_TEST(who_lacks_records_asks_one_peer_a_minute_and_is_told_all) {
    begin(1);
    meet(FIRST, false);
    meet(FIRST + 1, true);
    pass(3000);
    ck_assert_uint_eq(told_count, 1);
    ck_assert_uint_eq(told[0].peer, FIRST + 1);
    ck_assert_uint_eq(told[0].count, 0);
    pass(50 * 1000);
    ck_assert_uint_eq(told_count, 1);
    pass(10 * 1000);
    ck_assert_uint_eq(told_count, 2);
    for (int i = 1; i < FIXTURE_WITNESSES; i++)
        assert_ok(say(FIRST + 1, record_of(i, "9.9.9.9:1", i)));
    told_count = 0;
    pass(120 * 1000);
    ck_assert_uint_eq(told_count, 0); // it lacks none
    assert_ok(say_many(FIRST + 1, NULL, 0));
    ck_assert_uint_eq(told_count, 1);
    ck_assert_uint_eq(told[0].peer, FIRST + 1);
    ck_assert_uint_eq(told[0].count, 3);
    for (int i = 0; i < 100; i++) assert_ok(say_many(FIRST + 1, NULL, 0));
    ck_assert_uint_eq(told_count, 1);
    pass(30 * 1000);
    assert_ok(say_many(FIRST + 1, NULL, 0));
    ck_assert_uint_eq(told_count, 2);
}
END_TEST

// --- calls ---

START_TEST(a_witness_calls_those_that_it_lacks) {
    begin(1);
    meet(FIRST, true);
    for (int i = 1; i < 3; i++) assert_ok(say(FIRST, record_of(i, "9.9.9.9:7000", i)));
    is_busy = true;
    pass(JITTER_MS);
    ck_assert_uint_eq(call_count, 0);
    is_busy = false;
    pass(1000);
    ck_assert_uint_eq(call_count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct public_key node = public_of(&nodes[1 + i]);
        ck_assert_mem_eq(&calls[i].node, &node, sizeof node);
        ck_assert_uint_eq(calls[i].where.port, 7000);
    }
    // One answers, the other is called again and again, more seldom each time.
    struct replica_peer_info info = {.node_key = public_of(&nodes[1])};
    replica_peer_joined(replica, FIRST + 1, &info);
    uint64_t made = 0;
    for (int i = 0; i < 3600; i++) {
        call_count = 0;
        pass(1000);
        for (size_t k = 0; k < call_count; k++) {
            struct public_key other = public_of(&nodes[2]);
            ck_assert_mem_eq(&calls[k].node, &other, sizeof other);
        }
        made += call_count;
    }
    ck_assert_uint_ge(made, 3600 / 80);
    ck_assert_uint_le(made, 3600 / 48 + 5);
    call_count = 0;
    replica_peer_left(replica, FIRST + 1);
    pass(JITTER_MS);
    ck_assert_uint_ge(call_count, 1);
    struct public_key node = public_of(&nodes[1]);
    ck_assert_mem_eq(&calls[0].node, &node, sizeof node);
}
END_TEST

START_TEST(who_is_found_elsewhere_is_called_there_at_once) {
    begin(1);
    meet(FIRST, true);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:7000", 0)));
    for (int i = 0; i < 600; i++) pass(1000);
    ck_assert_uint_ge(call_count, 10);
    call_count = 0;
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:7001", 0)));
    pass(JITTER_MS);
    ck_assert_uint_eq(call_count, 1);
    ck_assert_uint_eq(calls[0].where.port, 7001);
}
END_TEST

START_TEST(where_another_answers_nobody_is_called_before_a_newer_record) {
    struct public_key node;
    begin(1);
    meet(FIRST, true);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:7000", 0)));
    pass(JITTER_MS);
    ck_assert_uint_eq(call_count, 1);
    node = public_of(&nodes[1]);
    replica_found_another(replica, &node);
    ck_assert_uint_eq(look().counts.records_wrong, 1);
    for (int i = 0; i < 3600; i++) pass(1000);
    ck_assert_uint_eq(call_count, 1);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:7000", 0)));
    pass(JITTER_MS);
    ck_assert_uint_eq(call_count, 2);
}
END_TEST

START_TEST(who_is_no_witness_calls_nobody) {
    begin(0);
    meet(FIRST, true);
    assert_ok(say(FIRST, record_of(1, "9.9.9.9:7000", 0)));
    for (int i = 0; i < 100; i++) pass(1000);
    ck_assert_uint_eq(look().records, 1);
    ck_assert_uint_eq(call_count, 0);
}
END_TEST

Suite *records_suite(void) {
    Suite *suite = suite_create("records");
    TCase *cases = tcase_create("records");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_record_has_its_bytes_and_no_other);
    suite_add_tcase(suite, cases);
    cases = tcase_create("replica");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, NULL, tear_down);
    tcase_add_test(cases, a_forged_one_is_found_among_many);
    tcase_add_test(cases, what_is_new_goes_on_once_to_all_others);
    tcase_add_test(cases, what_is_not_of_now_or_of_no_witness_is_passed_over);
    tcase_add_test(cases, what_is_at_a_private_address_is_for_such_peers_alone);
    tcase_add_test(cases, who_forges_one_is_let_go_and_nothing_of_it_stays);
    tcase_add_test(cases, a_frame_of_them_cut_anywhere_is_refused);
    tcase_add_test(cases, a_flood_of_one_witness_goes_on_slowly);
    tcase_add_test(cases, a_peer_is_listened_to_up_to_a_number_and_again_later);
    tcase_add_test(cases, who_is_certified_in_a_record_finds_a_place);
    tcase_add_test(cases, it_says_where_it_is_at_once_to_who_comes_and_each_hour);
    tcase_add_test(cases, who_holds_no_key_of_the_set_says_nothing);
    tcase_add_test(cases, what_was_said_of_it_before_is_outdone);
    tcase_add_test(cases, a_clock_that_is_moved_makes_a_record_of_then);
    tcase_add_test(cases, who_lacks_records_asks_one_peer_a_minute_and_is_told_all);
    tcase_add_test(cases, a_witness_calls_those_that_it_lacks);
    tcase_add_test(cases, who_is_found_elsewhere_is_called_there_at_once);
    tcase_add_test(cases, where_another_answers_nobody_is_called_before_a_newer_record);
    tcase_add_test(cases, who_is_no_witness_calls_nobody);
    suite_add_tcase(suite, cases);
    return suite;
}
