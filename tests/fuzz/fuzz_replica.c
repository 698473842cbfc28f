// SPDX-License-Identifier: Apache-2.0
// Any bytes as frames of a peer, of every kind, to a whole node: keys, transactions, messages of
// agreement, sync, the past, records, ids; and as what a book of nodes, a told list of them, a
// node's news and a record are. One that is refused ends the connection, and the next frame is
// another peer's; the node stands whatever comes, is not halted and makes nothing final.
#include "chaincore/net/book.h"
#include "chaincore/net/news.h"
#include "tests/fuzz/fuzz_node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEER = 5, HEAD_BYTES = 3 };

static struct node *node;
static struct replica *replica;
static struct driver_time now = {.now_ms = 1000, .wall_ms = 1000 * 1000};

static void send(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    (void)context, (void)peer;
    ENSURE(kind < REPLICA_KINDS && payload.len <= replica_rules.kinds[kind].max_bytes);
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)points;
    ENSURE(peer == PEER);
}

static void begin(void) {
    fuzz_node_begin(&(struct replica_calls){.send = send, .penalise = penalise});
    node = fuzz_node.node;
    replica = fuzz_node.replica;
}

static void meet(void) {
    struct replica_peer_info info = {
        .node_key = {{9}}, .final_height = 3, .takes_records = true, .takes_ids = true};
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
