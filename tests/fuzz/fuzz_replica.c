// SPDX-License-Identifier: Apache-2.0
// Any bytes as frames of a peer, of every kind, to a whole node: keys, transactions, messages of
// agreement, sync, the past, records; and as what a book of nodes, a told list of them, a node's
// news and a record are. One that is refused ends the connection, and the next frame is another
// peer's; the node stands whatever comes, is not halted and makes nothing final.
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/net/book.h"
#include "chaincore/net/news.h"
#include "chaincore/node/replica.h"
#include "tests/support/false_disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WITNESSES = 4, PEER = 5, HEAD_BYTES = 3 };

static struct node *node;
static struct replica *replica;
static struct false_disk votes;
static struct driver_time now = {.now_ms = 1000, .wall_ms = 1000 * 1000};
static char folder[] = "/tmp/lmm-fuzz-XXXXXX";

static void send(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    (void)context, (void)peer;
    ENSURE(kind < REPLICA_KINDS && payload.len <= replica_rules.kinds[kind].max_bytes);
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)points;
    ENSURE(peer == PEER);
}

static void remove_folder(void) {
    replica_close(replica);
    node_close(node);
    false_disk_clear(&votes);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
}

static void make_genesis(struct buf *out, struct secret_key *key) {
    struct genesis_witness witnesses[WITNESSES];
    struct genesis_account account = {.balance = amount_of_units(1000)};
    for (unsigned i = 0; i < WITNESSES; i++) {
        uint8_t seed[32] = {(uint8_t)i};
        key_from_seed(key, &witnesses[i].key, seed);
        account_id_of_key(&witnesses[i].account, &witnesses[i].key);
    }
    account.id = witnesses[0].account;
    struct genesis genesis = {.name = bytes_of_string("fuzz"),
                              .time_ms = 1000,
                              .params = {.block_interval_ms = 1000,
                                         .epoch_blocks = 120,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .deposit_per_byte = 10,
                                         .min_witnesses = WITNESSES,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = 1,
                              .accounts = &account,
                              .witness_count = WITNESSES,
                              .witnesses = witnesses};
    genesis_encode(out, &genesis);
}

static void begin(void) {
    struct buf genesis = {0};
    struct secret_key key;
    struct public_key node_key = {{1}}, guarded = {{9}};
    struct disk disk;
    log_set_level(LOG_ERROR);
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    make_genesis(&genesis, &key);
    ENSURE(node_open(&node, &(struct node_config){.data_dir = folder,
                                                  .genesis = buf_bytes(&genesis),
                                                  .witness_keys = &key,
                                                  .witness_key_count = 1}) == STATUS_OK);
    false_disk_init(&votes, 1);
    disk = false_disk_calls(&votes);
    struct replica_calls calls = {
        .context = &votes, .send = send, .penalise = penalise, .draw = false_disk_draw};
    // A sentry too, of the peer itself: what it says would go on.
    struct replica_config config = {.calls = &calls,
                                    .disk = &disk,
                                    .node_key = node_key,
                                    .is_first_start = true,
                                    .guarded = &guarded,
                                    .guarded_count = 1};
    ENSURE(replica_open(&replica, node, &config) == STATUS_OK);
    buf_clear(&genesis);
    atexit(remove_folder);
}

static void meet(void) {
    struct replica_peer_info info = {.node_key = {{9}}, .final_height = 3, .takes_records = true};
    replica_peer_joined(replica, PEER, &info);
}

static void feed_frames(struct bytes in) {
    meet();
    while (in.len >= HEAD_BYTES) {
        uint8_t kind = (uint8_t)(in.data[0] % (REPLICA_KINDS + 1));
        size_t len = load_u16_le(in.data + 1), most = in.len - HEAD_BYTES;
        if (len > most) len = most;
        enum status status =
            replica_frame(replica, PEER, kind, bytes_of(in.data + HEAD_BYTES, len));
        in = bytes_of(in.data + HEAD_BYTES + len, most - len);
        if (status == STATUS_OK) continue;
        replica_peer_left(replica, PEER);
        meet();
    }
    now.now_ms++;
    ENSURE(replica_run(replica, &now) == STATUS_OK);
    replica_peer_left(replica, PEER);
    struct node_head head;
    struct node_health health;
    node_head(node, &head);
    node_health(node, &health);
    ENSURE(head.header.height == 0 && !health.is_halted);
}

static void feed_book(struct bytes in) {
    struct buf again = {0};
    struct book *book = book_open();
    if (book_decode(book, in) == STATUS_OK) {
        book_encode(&again, book);
        ENSURE(bytes_equal(buf_bytes(&again), in));
    }
    book_close(book);
    buf_clear(&again);
}

// As the host takes them.
static void feed_peers(struct bytes in) {
    struct buf again = {0};
    struct endpoint told[LIMIT_PEERS_TOLD];
    struct decoder decoder = decoder_of(in);
    uint32_t count = decode_count(&decoder, LIMIT_PEERS_TOLD);
    for (uint32_t i = 0; i < count; i++) endpoint_decode(&decoder, &told[i]);
    if (decoder_finish(&decoder) == STATUS_OK) {
        encode_u32(&again, count);
        for (uint32_t i = 0; i < count; i++) endpoint_encode(&again, &told[i]);
        ENSURE(bytes_equal(buf_bytes(&again), in));
    }
    buf_clear(&again);
}

static void feed_news(struct bytes in) {
    struct node_news news;
    struct buf again = {0};
    if (news_read(&news, in) == STATUS_OK) {
        ENSURE(*news.url ? news_is_origin(news.url) : news.price_per_mib == 0);
        news_write(&again, &news);
        ENSURE(bytes_equal(buf_bytes(&again), in));
    }
    buf_clear(&again);
}

static void feed_record(struct bytes in) {
    struct witness_record record;
    struct buf again = {0};
    struct decoder decoder = decoder_of(in);
    witness_record_decode(&decoder, &record);
    if (decoder_finish(&decoder) == STATUS_OK) {
        witness_record_encode(&again, &record);
        ENSURE(bytes_equal(buf_bytes(&again), in));
        (void)witness_records_verify(&record, 1, node_chain_id(node));
    }
    buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!node) begin();
    if (size == 0) return 0;
    struct bytes in = bytes_of(data + 1, size - 1);
    switch (data[0] % 8) {
    case 0:
        feed_book(in);
        break;
    case 1:
        feed_peers(in);
        break;
    case 2:
        feed_news(in);
        break;
    case 7:
        feed_record(in);
        break;
    default:
        feed_frames(in);
    }
    return 0;
}
