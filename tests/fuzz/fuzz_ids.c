// SPDX-License-Identifier: Apache-2.0
// What a dozen peers tell, ask for and send of transactions, in any order, and how time passes
// meanwhile: nobody is asked for what it has not told, nobody is sent more than it was told of,
// what is remembered is bounded, and nothing is left when all have gone.
#include <string.h>

#include "chaincore/chain/tx.h"
#include "chaincore/node/mempool.h"
#include "tests/fuzz/fuzz_node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEERS = 12, TXS = 16, NOTHINGS = 112, STARTS = TXS + NOTHINGS, MOST_IN_FRAME = 40 };
enum { JOIN, HAVE, WANT, LACK, SEND, PASS, SUBMIT, RAW, OPS };

static struct driver_time now = {.now_ms = 1000, .wall_ms = 1000 * 1000};
static struct buf txs[TXS];
static uint64_t starts[STARTS]; // of the transactions, and of nothing that there is
static struct {
    bool is_there;
    bool has_told[STARTS];
    bool has_told_others; // which are not among these
    uint64_t granted;     // bytes that it was told of
} peers[PEERS];
static bool is_answering;

static int find_start(uint64_t start) {
    for (int i = 0; i < STARTS; i++)
        if (starts[i] == start) return i;
    return -1;
}

// One of them is of before: it does not know the frames.
static bool takes_ids(uint16_t peer) { return peer != PEERS - 1; }

static void hear_ids(uint16_t peer, struct decoder *in) {
    ENSURE(takes_ids(peer));
    uint8_t what = decode_tag(in, TX_IDS_KINDS);
    uint32_t count = decode_count(in, LIMIT_GOSSIP_IDS);
    ENSURE(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        int which = find_start(decode_u64(in));
        if (what == TX_IDS_WANT)
            ENSURE(which < 0 ? peers[peer].has_told_others : peers[peer].has_told[which]);
        if (what != TX_IDS_HAVE) continue;
        ENSURE(which >= 0 && which < TXS);
        peers[peer].granted += txs[which].len;
    }
}

static void hear(uint16_t peer, uint8_t kind, struct bytes payload) {
    struct decoder in = decoder_of(payload);
    ENSURE(peers[peer].is_there);
    if (kind == REPLICA_TX_IDS) hear_ids(peer, &in);
    if (kind == REPLICA_TXS && is_answering) {
        uint32_t count = decode_u32(&in);
        for (uint32_t i = 0; i < count; i++) {
            size_t len = decode_bytes(&in, LIMIT_DEPLOY_TX_BYTES).len;
            ENSURE(len <= peers[peer].granted);
            peers[peer].granted -= len;
        }
    }
    if (kind == REPLICA_TX_IDS || is_answering) ENSURE(decoder_finish(&in) == STATUS_OK);
}

static void send(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    (void)context;
    ENSURE(kind < REPLICA_KINDS && payload.len <= replica_rules.kinds[kind].max_bytes);
    for (uint16_t i = 0; i < PEERS; i++)
        if (peer == i || (peer == PEER_NONE && peers[i].is_there)) hear(i, kind, payload);
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)points;
    ENSURE(peer < PEERS && peers[peer].is_there);
}

static void begin(void) {
    fuzz_node_begin(&(struct replica_calls){.send = send, .penalise = penalise});
    for (uint64_t i = 0; i < TXS; i++) {
        struct hash id;
        struct tx tx = {.version = TX_VERSION,
                        .sender = fuzz_node.account,
                        .lane = (uint32_t)(i % 4),
                        .seq = i / 4,
                        .valid_until = 1000,
                        .gas_limit = 20000000,
                        .gas_price = 1,
                        .action_count = 1};
        tx.actions[0] =
            (struct tx_action){.kind = TX_TRANSFER,
                               .transfer = {.to = fuzz_node.account, .amount = amount_of_units(1)}};
        ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &fuzz_node.key, node_chain_id(fuzz_node.node)) ==
               STATUS_OK);
        tx_encode(&txs[i], &tx);
        tx_id(&id, &tx);
        starts[i] = tx_start(&id);
    }
    for (uint64_t i = TXS; i < STARTS; i++) starts[i] = i;
}

static void join_or_leave(uint16_t peer) {
    if (peers[peer].is_there) {
        replica_peer_left(fuzz_node.replica, peer);
        memset(&peers[peer], 0, sizeof peers[peer]);
        return;
    }
    struct replica_peer_info info = {
        .node_key = {{20, (uint8_t)peer}}, .is_named = peer % 3 == 0, .takes_ids = takes_ids(peer)};
    peers[peer].is_there = true;
    replica_peer_joined(fuzz_node.replica, peer, &info);
}

static void say(uint16_t peer, uint8_t kind, struct bytes payload) {
    if (replica_frame(fuzz_node.replica, peer, kind, payload) != STATUS_OK) join_or_leave(peer);
}

static void say_ids(uint16_t peer, uint8_t op, uint8_t first, uint8_t count) {
    static const uint8_t kinds[OPS] = {
        [HAVE] = TX_IDS_HAVE, [WANT] = TX_IDS_WANT, [LACK] = TX_IDS_LACK};
    struct buf payload = {0};
    count = (uint8_t)(1 + count % MOST_IN_FRAME);
    encode_u8(&payload, kinds[op]);
    encode_u32(&payload, count);
    for (int i = 0; i < count; i++) {
        int which = (first + i) % STARTS;
        encode_u64(&payload, starts[which]);
        if (op == HAVE) peers[peer].has_told[which] = true;
    }
    is_answering = op == WANT;
    say(peer, REPLICA_TX_IDS, buf_bytes(&payload));
    is_answering = false;
    buf_clear(&payload);
}

static void send_tx(uint16_t peer, uint8_t which, uint8_t change) {
    struct buf payload = {0};
    encode_u32(&payload, 1);
    encode_bytes(&payload, buf_bytes(&txs[which % TXS]));
    if (change % 4 == 0) payload.data[payload.len - 1 - change % 64] ^= change;
    say(peer, REPLICA_TXS, buf_bytes(&payload));
    buf_clear(&payload);
}

static void pass(uint64_t ms) {
    now.now_ms += ms;
    now.wall_ms += ms;
    ENSURE(replica_run(fuzz_node.replica, &now) == STATUS_OK);
    struct replica_look look;
    replica_look(fuzz_node.replica, &look);
    ENSURE(look.ids_open <= LIMIT_GOSSIP_WANTED);
}

static void submit(uint8_t which) {
    struct hash id;
    struct bytes encoded = buf_bytes(&txs[which % TXS]);
    if (node_submit(fuzz_node.node, encoded, &id) == TX_CODE_OK)
        replica_note_tx(fuzz_node.replica, encoded);
}

static void say_raw(uint16_t peer, struct bytes *in) {
    size_t len = in->len < 60 ? in->len : 60;
    struct bytes payload = bytes_of(in->data, len);
    *in = bytes_of(in->data + len, in->len - len);
    peers[peer].has_told_others = true;
    memset(peers[peer].has_told, true, sizeof peers[peer].has_told);
    peers[peer].granted = UINT64_MAX / 2;
    say(peer, REPLICA_TX_IDS, payload);
}

static void act(uint16_t peer, const uint8_t step[4], struct bytes *in) {
    uint8_t op = step[0] % OPS;
    if (op == PASS)
        pass((uint64_t)step[1] * step[2]);
    else if (op == SUBMIT)
        submit(step[2]);
    else if (op == JOIN || !peers[peer].is_there)
        join_or_leave(peer);
    else if (op == SEND)
        send_tx(peer, step[2], step[3]);
    else if (op == RAW)
        say_raw(peer, in);
    else
        say_ids(peer, op, step[2], step[3]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!fuzz_node.node) begin();
    struct bytes in = bytes_of(data, size);
    while (in.len >= 4) {
        const uint8_t *step = in.data;
        in = bytes_of(in.data + 4, in.len - 4);
        act(step[1] % PEERS, step, &in);
    }
    pass(0);
    for (uint16_t i = 0; i < PEERS; i++)
        if (peers[i].is_there) join_or_leave(i);
    pass(0);
    pass(LIMIT_GOSSIP_ASK_WAIT_MS);
    struct replica_look look;
    replica_look(fuzz_node.replica, &look);
    ENSURE(look.ids_open == 0);
    now.now_ms += 3 * LIMIT_GOSSIP_SEEN_MS; // what has come is news once more
    return 0;
}
