// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a peer says of the chain's past: what is a message has one encoding and keeps
// to its bounds; and a node that joins by it, fills up by it or serves it stands whatever comes.
#include "chaincore/base/log.h"
#include "chaincore/crypto/sign.h"
#include "chaincore/sync/past_fill.h"
#include "chaincore/sync/past_serve.h"
#include "chaincore/sync/snapshot_fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TOP = 300, PIECES = 5 };

static struct snapshot_fetch *fetch;
static struct past_fill *fill;
static struct past_serve *serve;
static uint64_t missing;
static uint64_t now_ms;

static void send(void *context, uint16_t peer, struct bytes message) {
    struct past_message decoded;
    (void)context, (void)peer;
    ENSURE(past_decode(&decoded, message) == STATUS_OK);
}
static void penalise(void *context, uint16_t peer, unsigned points) {
    (void)context, (void)peer, (void)points;
}
static enum status begin(void *store, struct bytes manifest, struct fetch_plan *out) {
    (void)store;
    ENSURE(manifest.len <= SNAPSHOT_MAX_MANIFEST_BYTES);
    if (manifest.len % 2) return STATUS_INVALID;
    *out = (struct fetch_plan){.height = manifest.data[0], .piece_count = PIECES};
    return STATUS_OK;
}
static bool has(void *store, uint32_t piece) {
    (void)store, (void)piece;
    return false;
}
static enum status keep_piece(void *store, uint32_t piece, struct bytes bytes) {
    (void)store;
    ENSURE(piece < PIECES && bytes.len <= SNAPSHOT_MAX_PIECE_BYTES);
    return bytes.len % 2 ? STATUS_INVALID : STATUS_OK;
}
static void forget(void *store) { (void)store; }
static uint64_t find_missing(void *chain) {
    (void)chain;
    return missing;
}
static enum status keep_block(void *chain, struct bytes block) {
    (void)chain;
    ENSURE(block.len > 0 && block.len <= PAST_MAX_BLOCK_BYTES && missing > 0);
    if (block.len % 2) return STATUS_INVALID;
    missing--;
    return STATUS_OK;
}
static uint64_t number(void *chain) {
    (void)chain;
    return 7;
}
static enum status read_row(void *chain, uint64_t height, struct buf *out) {
    (void)chain;
    buf_append_format(out, "row %d", (int)(height % 100));
    return height % 5 ? STATUS_OK : STATUS_NOT_FOUND;
}
static enum status read_piece(void *chain, uint64_t height, uint32_t piece, struct buf *out) {
    return read_row(chain, height + piece, out);
}

static void prepare(void) {
    static const struct past_calls peers = {.send = send, .penalise = penalise};
    static const struct past_source source = {.send = send,
                                              .oldest = number,
                                              .snapshot = number,
                                              .read_manifest = read_row,
                                              .read_piece = read_piece,
                                              .read_block = read_row};
    log_set_level(LOG_ERROR); // who lies is named each time
    ENSURE(crypto_init() == STATUS_OK);
    struct fetch_calls fetch_calls = {
        .peers = peers, .begin = begin, .has = has, .keep = keep_piece, .forget = forget};
    struct fill_calls fill_calls = {.peers = peers, .missing = find_missing, .keep = keep_block};
    fetch = fetch_open(&(struct fetch_config){.calls = &fetch_calls, .timeout_ms = 100}, 0);
    fill = past_fill_open(&fill_calls, 100);
    serve = past_serve_open(&source);
    missing = TOP;
}

static void take(uint16_t peer, struct bytes in) {
    struct past_message message;
    struct buf again = {0};
    if (past_decode(&message, in) != STATUS_OK) return;
    past_encode(&again, &message);
    ENSURE(bytes_equal(buf_bytes(&again), in));
    buf_clear(&again);
    if (message.kind == PAST_ASK) past_serve_note(serve, peer, &message);
    past_fill_receive(fill, peer, &message, now_ms);
    ENSURE(fetch_receive(fetch, peer, in, now_ms) == STATUS_OK);
}

// A row of messages, each with a u16 length: an answer has the number of what it answers, and both
// machines count from one.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum fetch_state state;
    prepare();
    now_ms = 1;
    for (uint16_t peer = 0; peer < 2; peer++) {
        past_fill_peer_joined(fill, peer, TOP);
        fetch_peer_joined(fetch, peer,
                          &(struct fetch_peer){.gives_snapshots = true, .final_height = 5000});
    }
    while (size >= 3) {
        size_t len = (size_t)data[1] | (size_t)(data[2] & 0x0f) << 8;
        if (len > size - 3) len = size - 3;
        now_ms += data[0] & 0x40;
        ENSURE(past_fill_run(fill, now_ms) == STATUS_OK);
        ENSURE(fetch_run(fetch, now_ms, &state) == STATUS_OK);
        past_serve_run(serve);
        if (data[0] & 0x80) past_fill_peer_left(fill, data[0] & 1);
        take(data[0] & 1, bytes_of(data + 3, len));
        data += 3 + len;
        size -= 3 + len;
    }
    fetch_close(fetch);
    past_fill_close(fill);
    past_serve_close(serve);
    return 0;
}
