// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a peer says of final blocks: what is a message has one encoding and keeps to
// its bounds, and a node that serves and is served stands whatever comes.
#include "chaincore/crypto/sign.h"
#include "chaincore/sync/block_sync.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOP = 20, BLOCKS = 10 };

static struct block_sync *sync;
static struct witness_set witnesses;
static struct header headers[TOP + 1];

static void send(void *context, uint16_t peer, struct bytes message) {
    struct sync_message decoded;
    (void)context, (void)peer;
    ENSURE(sync_decode(&decoded, message) == STATUS_OK);
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)peer, (void)points;
}
static void head(void *chain, struct sync_head *out) {
    (void)chain;
    *out = (struct sync_head){.height = TOP, .epoch = (TOP + 1) / BLOCKS};
}
static uint64_t epoch_blocks(void *chain) {
    (void)chain;
    return BLOCKS;
}
static bool set(void *chain, uint64_t epoch, struct witness_set *out) {
    (void)chain;
    *out = witnesses;
    return epoch <= (TOP + 1) / BLOCKS;
}
static bool is_body_of(void *chain, const struct header *header, struct bytes body) {
    (void)chain, (void)header;
    return body.len % 2 == 0;
}
// Nobody has signed anything.
static enum status take(void *chain, const struct header *header, const struct hash *id,
                        struct bytes body, const struct certificate *certificate) {
    (void)chain, (void)header, (void)id, (void)certificate;
    ENSURE(body.len > LIMIT_BODY_BYTES); // never
    return STATUS_OK;
}
static bool must_wait(void *chain) {
    (void)chain;
    return false;
}
static uint64_t oldest(void *chain) {
    (void)chain;
    return 3;
}
static uint64_t newest(void *chain) {
    (void)chain;
    return TOP;
}
static enum status read_header(void *chain, uint64_t height, struct header *header) {
    (void)chain;
    if (height < 3 || height > TOP) return STATUS_NOT_FOUND;
    *header = headers[height];
    return STATUS_OK;
}
static enum status read_block(void *chain, uint64_t height, struct header *header,
                              struct buf *body) {
    (void)chain;
    if (height < 3 || height > TOP) return STATUS_NOT_FOUND;
    *header = headers[height];
    buf_reset(body);
    return STATUS_OK;
}
static enum status read_certificate(void *chain, uint64_t height, struct buf *out) {
    (void)chain;
    buf_reset(out);
    return height % 4 == 0 ? STATUS_OK : STATUS_NOT_FOUND;
}

static void prepare(void) {
    static const struct sync_calls calls = {.send = send,
                                            .penalise = penalise,
                                            .head = head,
                                            .epoch_blocks = epoch_blocks,
                                            .set = set,
                                            .is_body_of = is_body_of,
                                            .take = take,
                                            .must_wait = must_wait,
                                            .oldest = oldest,
                                            .newest = newest,
                                            .read_header = read_header,
                                            .read_block = read_block,
                                            .read_certificate = read_certificate};
    ENSURE(crypto_init() == STATUS_OK);
    for (uint64_t height = 3; height <= TOP; height++) {
        headers[height] = (struct header){.version = HEADER_VERSION, .height = height};
        if (height > 3) header_id(&headers[height].parent, &headers[height - 1]);
    }
    witnesses.count = 4;
    for (uint8_t i = 0; i < 4; i++) witnesses.keys[i].bytes[0] = i;
    sync = block_sync_open(&(struct block_sync_config){.calls = &calls, .timeout_ms = 100});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint64_t now_ms;
    struct sync_message message;
    struct buf again = {0};
    bool arrived;
    if (!sync) prepare();
    if (size == 0) return 0;
    struct bytes in = bytes_of(data + 1, size - 1);
    if (sync_decode(&message, in) == STATUS_OK) {
        sync_encode(&again, &message);
        ENSURE(bytes_equal(buf_bytes(&again), in));
        buf_clear(&again);
    }
    uint16_t peer = *data % 2;
    block_sync_peer_joined(sync, peer, *data);
    if (*data & 2) block_sync_begin(sync, peer);
    for (int i = 0; i < 30; i++) {
        ENSURE(block_sync_run(sync, now_ms, &arrived) == STATUS_OK);
        if (i == 0 && block_sync_receive(sync, peer, in, now_ms) != STATUS_OK) break;
    }
    now_ms += *data;
    return 0;
}
