// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node/teller.h"

#include "chaincore/base/log.h"

static struct cluster cluster;
struct teller teller;

struct fixture *teller_fixture(void) {
    return &cluster.members[0].fixture;
}

uint64_t teller_start_of(struct bytes encoded) {
    struct tx tx;
    struct hash id;
    assert_ok(tx_decode(&tx, encoded));
    tx_id(&id, &tx);
    return tx_start(&id);
}

static void note(struct heard *heard, uint64_t start) {
    ck_assert_uint_lt(heard->count, TELLER_IDS);
    heard->starts[heard->count++] = start;
}

static void hear(uint16_t peer, uint8_t kind, struct bytes payload) {
    struct decoder in = decoder_of(payload);
    if (kind == REPLICA_TXS) {
        uint32_t count = decode_u32(&in);
        ck_assert_uint_gt(count, 0);
        for (uint32_t i = 0; i < count; i++)
            note(&teller.whole[peer], teller_start_of(decode_bytes(&in, LIMIT_DEPLOY_TX_BYTES)));
    } else {
        ck_assert(teller.takes_ids[peer]);
        uint8_t what = decode_tag(&in, TX_IDS_KINDS);
        uint32_t count = decode_count(&in, LIMIT_GOSSIP_IDS);
        ck_assert_uint_gt(count, 0);
        for (uint32_t i = 0; i < count; i++) note(&teller.ids[what][peer], decode_u64(&in));
    }
    assert_ok(decoder_finish(&in));
}

static void send(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    (void)context;
    ck_assert_uint_le(payload.len, replica_rules.kinds[kind].max_bytes);
    if (kind != REPLICA_TXS && kind != REPLICA_TX_IDS) return;
    ck_assert_uint_lt(peer, TELLER_PEERS);
    hear(peer, kind, payload);
}
static bool has_room(void *context, uint16_t peer, uint8_t kind, size_t bytes) {
    (void)context, (void)peer, (void)kind, (void)bytes;
    return !teller.is_full;
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context;
    teller.penalties[peer] += points;
}

void teller_hear_no_more(void) {
    memset(teller.whole, 0, sizeof teller.whole);
    memset(teller.ids, 0, sizeof teller.ids);
}

void teller_begin(void) {
    static const size_t none[] = {0};
    log_set_level((enum log_level)(LOG_ERROR + 1));
    memset(&teller, 0, sizeof teller);
    cluster_init(&cluster, none, 1);
    struct member *member = &cluster.members[0];
    struct replica_calls calls = {.context = &member->votes,
                                  .send = send,
                                  .has_room = has_room,
                                  .penalise = penalise,
                                  .draw = false_disk_draw};
    struct replica_config config = {
        .calls = &calls, .disk = &member->disk, .node_key = {{1}}, .is_first_start = true};
    assert_ok(fixture_open_idle(teller_fixture()));
    assert_ok(replica_open(&teller.replica, teller_fixture()->node, &config));
    teller.now = (struct driver_time){.now_ms = 1000 * 1000, .wall_ms = 1000 * 1000 * 1000};
    assert_ok(replica_run(teller.replica, &teller.now));
}

void teller_end(void) {
    replica_close(teller.replica);
    fixture_close(teller_fixture());
    cluster_clear(&cluster);
}

void teller_pass(uint64_t ms) {
    teller.now.now_ms += ms;
    teller.now.wall_ms += ms;
    assert_ok(replica_run(teller.replica, &teller.now));
}

static struct public_key node_key_of(uint16_t peer) {
    return (struct public_key){{9, (uint8_t)peer}};
}

void teller_join(uint16_t peer, bool takes_ids) {
    struct replica_peer_info info = {.node_key = node_key_of(peer), .takes_ids = takes_ids};
    teller.takes_ids[peer] = takes_ids;
    replica_peer_joined(teller.replica, peer, &info);
}

static void meet(uint16_t first, uint16_t count, bool takes_ids) {
    for (uint16_t i = first; i < first + count; i++) teller_join(i, takes_ids);
    teller_pass(1);
    teller_hear_no_more();
}

void teller_meet(uint16_t first, uint16_t count) { meet(first, count, true); }
void teller_meet_without_ids(uint16_t first, uint16_t count) { meet(first, count, false); }

static void say(uint16_t peer, uint8_t kind, struct buf *payload) {
    assert_ok(replica_frame(teller.replica, peer, kind, buf_bytes(payload)));
    buf_clear(payload);
}

void teller_make_witness(uint16_t peer, int witness) {
    struct public_key node_key = node_key_of(peer), public;
    const struct secret_key *key = &teller_fixture()->witnesses[witness];
    struct buf payload = {0};
    struct signature signature;
    struct hash what;
    hash_bytes(&what, HASH_NODE_KEY, BYTES_OF(node_key));
    key_public_of(&public, key);
    sign_payload(&signature, key, SIGN_NODE_KEY, node_chain_id(teller_fixture()->node), &what);
    encode_u32(&payload, 1);
    encode_fixed(&payload, public.bytes, sizeof public.bytes);
    encode_fixed(&payload, signature.bytes, sizeof signature.bytes);
    say(peer, REPLICA_KEYS, &payload);
}

struct buf teller_transfer_at(int from, uint64_t seq) {
    struct buf encoded = {0};
    struct tx tx = {.version = TX_VERSION,
                    .sender = teller_fixture()->ids[from],
                    .seq = seq,
                    .valid_until = 1000,
                    .gas_limit = 20000000,
                    .gas_price = 1,
                    .action_count = 1};
    tx.actions[0] = (struct tx_action){
        .kind = TX_TRANSFER,
        .transfer = {.to = teller_fixture()->ids[3], .amount = amount_of_units(1)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &teller_fixture()->keys[from],
                      node_chain_id(teller_fixture()->node)));
    tx_encode(&encoded, &tx);
    return encoded;
}
struct buf teller_transfer(int from) {
    return teller_transfer_at(from, teller.next_seq[from]++);
}

uint64_t teller_submit(void) {
    struct buf encoded = teller_transfer(0);
    struct hash id;
    ck_assert_str_eq(tx_code_name(node_submit(teller_fixture()->node, buf_bytes(&encoded), &id)),
                     "OK");
    replica_note_tx(teller.replica, buf_bytes(&encoded));
    buf_clear(&encoded);
    return tx_start(&id);
}

void teller_say_ids(uint16_t peer, enum tx_ids what, const uint64_t *starts, uint32_t count) {
    struct buf payload = {0};
    encode_u8(&payload, (uint8_t)what);
    encode_u32(&payload, count);
    for (uint32_t i = 0; i < count; i++) encode_u64(&payload, starts[i]);
    say(peer, REPLICA_TX_IDS, &payload);
}
void teller_say_id(uint16_t peer, enum tx_ids what, uint64_t start) {
    teller_say_ids(peer, what, &start, 1);
}

void teller_say_tx(uint16_t peer, const struct buf *encoded) {
    struct buf payload = {0};
    encode_u32(&payload, 1);
    encode_bytes(&payload, buf_bytes(encoded));
    say(peer, REPLICA_TXS, &payload);
}

void teller_say_nothings(uint16_t peer, uint64_t first, size_t count) {
    uint64_t starts[LIMIT_GOSSIP_IDS];
    while (count > 0) {
        uint32_t some = (uint32_t)(count < LIMIT_GOSSIP_IDS ? count : LIMIT_GOSSIP_IDS);
        for (uint32_t i = 0; i < some; i++) starts[i] = first++;
        teller_say_ids(peer, TX_IDS_HAVE, starts, some);
        count -= some;
    }
}

struct replica_look teller_look(void) {
    struct replica_look out;
    replica_look(teller.replica, &out);
    return out;
}
struct replica_counts teller_counts(void) {
    return teller_look().counts;
}

size_t heard_by_peers(const struct heard *heard, uint64_t start) {
    size_t peers = 0;
    for (int i = 0; i < TELLER_PEERS; i++)
        for (size_t k = 0; k < heard[i].count; k++) peers += heard[i].starts[k] == start;
    return peers;
}
size_t heard_in_all(const struct heard *heard) {
    size_t all = 0;
    for (int i = 0; i < TELLER_PEERS; i++) all += heard[i].count;
    return all;
}
unsigned teller_penalties(void) {
    unsigned sum = 0;
    for (int i = 0; i < TELLER_PEERS; i++) sum += teller.penalties[i];
    return sum;
}
