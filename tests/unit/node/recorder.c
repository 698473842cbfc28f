// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node/recorder.h"

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"

static struct cluster cluster;
struct recorder recorder;

static void send(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct decoder in = decoder_of(payload);
    (void)context;
    if (kind != REPLICA_RECORDS) return;
    ck_assert_uint_le(payload.len, replica_rules.kinds[kind].max_bytes);
    ck_assert_uint_lt(recorder.told_count, sizeof recorder.told / sizeof *recorder.told);
    recorder.told[recorder.told_count].peer = peer;
    recorder.told[recorder.told_count].count = decode_count(&in, LIMIT_WITNESSES);
    for (uint32_t i = 0; i < recorder.told[recorder.told_count].count; i++)
        witness_record_decode(&in, &recorder.told[recorder.told_count].last);
    assert_ok(decoder_finish(&in));
    recorder.told_count++;
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)peer, (void)points;
    ck_abort_msg("nobody is to be blamed");
}
static bool call(void *context, const struct endpoint *where, const struct public_key *node) {
    (void)context;
    if (recorder.is_busy || recorder.call_room == 0) return false;
    recorder.call_room--;
    ck_assert_uint_lt(recorder.call_count, MOST_CALLS);
    recorder.calls[recorder.call_count].where = *where;
    recorder.calls[recorder.call_count++].node = *node;
    return true;
}

struct fixture *recorder_fixture(void) {
    return &cluster.members[0].fixture;
}
const struct hash *recorder_chain(void) { return node_chain_id(recorder_fixture()->node); }
struct secret_key *recorder_witness(int number) {
    return &recorder_fixture()->witnesses[number];
}

struct endpoint recorder_at(const char *text) {
    struct endpoint endpoint;
    ck_assert(endpoint_parse(&endpoint, text));
    return endpoint;
}

struct public_key recorder_public(const struct secret_key *key) {
    struct public_key public;
    key_public_of(&public, key);
    return public;
}

void recorder_begin(size_t keys) {
    static const size_t counts[] = {0};
    log_set_level(LOG_ERROR);
    cluster_init(&cluster, counts, 1);
    struct member *member = &cluster.members[0];
    recorder_fixture()->witness_key_count = keys;
    for (int i = 0; i < FIXTURE_WITNESSES; i++) {
        struct public_key public;
        uint8_t seed[32] = {5, (uint8_t)i};
        key_from_seed(&recorder.nodes[i], &public, seed);
    }
    struct replica_calls table = {.context = member,
                                  .send = send,
                                  .penalise = penalise,
                                  .call = call,
                                  .draw = false_disk_draw};
    table.context = &member->votes;
    struct replica_config config = {.calls = &table,
                                    .disk = &member->disk,
                                    .node_key = recorder_public(&recorder.nodes[0]),
                                    .is_first_start = true};
    assert_ok(fixture_open_idle(recorder_fixture()));
    assert_ok(replica_open(&recorder.replica, recorder_fixture()->node, &config));
    recorder.now = (struct driver_time){.now_ms = 1000 * 1000, .wall_ms = 1000 * 1000 * 1000};
    recorder.told_count = recorder.call_count = 0;
    recorder.is_busy = false;
    recorder.call_room = SIZE_MAX;
    assert_ok(replica_run(recorder.replica, &recorder.now));
}

void recorder_end(void) {
    replica_close(recorder.replica);
    fixture_close(recorder_fixture());
    cluster_clear(&cluster);
}

void recorder_pass(uint64_t ms) {
    recorder.now.now_ms += ms;
    recorder.now.wall_ms += ms;
    assert_ok(replica_run(recorder.replica, &recorder.now));
}

void recorder_meet(uint16_t peer, bool takes_records) {
    struct replica_peer_info info = {.node_key = {{9, (uint8_t)peer}},
                                     .takes_records = takes_records};
    replica_peer_joined(recorder.replica, peer, &info);
}

struct witness_record recorder_record_of(int number, int node, const char *where,
                                         int64_t ahead_ms) {
    struct witness_record record = {.endpoint = recorder_at(where),
                                    .time_ms = recorder.now.wall_ms + (uint64_t)ahead_ms};
    witness_record_sign(&record, recorder_witness(number), &recorder.nodes[node], recorder_chain());
    return record;
}

struct witness_record recorder_record(int number, const char *where, int64_t ahead_ms) {
    return recorder_record_of(number, number, where, ahead_ms);
}

void recorder_meet_node(uint16_t peer, int node, int number) {
    struct replica_peer_info info = {.node_key = recorder_public(&recorder.nodes[node]),
                                     .takes_records = true};
    struct public_key key = recorder_public(recorder_witness(number));
    struct signature signature;
    struct hash what;
    struct buf payload = {0};
    replica_peer_joined(recorder.replica, peer, &info);
    node_key_hash(&what, &info.node_key);
    sign_payload(&signature, recorder_witness(number), SIGN_NODE_KEY, recorder_chain(), &what);
    encode_u32(&payload, 1);
    encode_fixed(&payload, key.bytes, sizeof key.bytes);
    encode_fixed(&payload, signature.bytes, sizeof signature.bytes);
    assert_ok(replica_frame(recorder.replica, peer, REPLICA_KEYS, buf_bytes(&payload)));
    buf_clear(&payload);
}

enum status recorder_say_many(uint16_t peer, const struct witness_record *records, uint32_t count) {
    struct buf payload = {0};
    encode_u32(&payload, count);
    for (uint32_t i = 0; i < count; i++) witness_record_encode(&payload, &records[i]);
    enum status status =
        replica_frame(recorder.replica, peer, REPLICA_RECORDS, buf_bytes(&payload));
    buf_clear(&payload);
    return status;
}
enum status recorder_say(uint16_t peer, struct witness_record record) {
    return recorder_say_many(peer, &record, 1);
}

struct replica_look recorder_look(void) {
    struct replica_look out;
    assert_ok(replica_run(recorder.replica, &recorder.now));
    replica_look(recorder.replica, &out);
    return out;
}

void recorder_announce(const char *where) {
    struct endpoint endpoint = recorder_at(where);
    replica_announce(recorder.replica, &endpoint, &recorder.nodes[0]);
    recorder_pass(1);
}
