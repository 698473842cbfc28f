// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/sync_world.h"

#include "tests/support/unit.h"

struct sync_world sync_world;

static uint16_t number_of(const void *chain_of) {
    return (uint16_t)((const struct false_node *)chain_of - sync_world.nodes);
}

struct bytes sync_world_body(uint64_t height, struct buf *out) {
    buf_reset(out);
    buf_append_format(out, "body of %d", (int)height);
    if (sync_world.nodes[0].big_from > 0 && height >= sync_world.nodes[0].big_from)
        while (out->len < 700 * 1024) buf_append(out, bytes_of_string("more and more of it"));
    return buf_bytes(out);
}

static void send(void *context, uint16_t peer, struct bytes message) {
    struct buf scratch = {0}, changed = {0};
    struct sync_message decoded;
    uint16_t from = number_of(context);
    ck_assert_uint_lt(sync_world.line_count, LINES);
    assert_ok(sync_decode(&decoded, message));
    if (sync_world.twist && from > 0 && !sync_world.twist(from, &decoded, &scratch)) {
        buf_clear(&scratch);
        return;
    }
    sync_encode(&changed, &decoded);
    buf_clear(&scratch);
    if (peer == 0) sync_world.bytes_waiting += changed.len;
    if (sync_world.bytes_waiting > sync_world.most_waiting)
        sync_world.most_waiting = sync_world.bytes_waiting;
    if (sync_world.slow_at_ms > 0 && from == 1 && peer == 0 && decoded.kind == SYNC_BLOCK) {
        if (sync_world.slow_count == 0) sync_world.slow_at_ms = sync_world.now_ms + TIMEOUT_MS - 10;
        sync_world.slow_lines[sync_world.slow_count++] =
            (struct sync_line){.from = from, .to = peer, .message = changed};
        return;
    }
    sync_world.lines[sync_world.line_count++] =
        (struct sync_line){.from = from, .to = peer, .message = changed};
}

static bool has_room(void *context, uint16_t peer) {
    return peer != sync_world.nodes[number_of(context)].full_peer;
}

static void let_slow_pass(void) {
    if (sync_world.slow_count == 0 || sync_world.slow_at_ms > sync_world.now_ms) return;
    sync_world.lines[sync_world.line_count++] = sync_world.slow_lines[0];
    memmove(sync_world.slow_lines, sync_world.slow_lines + 1,
            --sync_world.slow_count * sizeof *sync_world.slow_lines);
    sync_world.slow_at_ms = sync_world.now_ms + TIMEOUT_MS - 10;
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    ck_assert_uint_eq(number_of(context), 0);
    sync_world.nodes[peer].points += points;
}

static void head(void *context, struct sync_head *out) {
    const struct false_node *node = context;
    *out = (struct sync_head){.height = node->top, .id = sync_world.chain.ids[node->top]};
    out->epoch = (node->top + 1) / EPOCH;
}

static uint64_t epoch_blocks(void *context) {
    (void)context;
    return EPOCH;
}

// The state names a set once the boundary before it is executed.
static bool set(void *context, uint64_t epoch, struct witness_set *out) {
    const struct false_node *node = context;
    if (epoch > (node->top + 1) / EPOCH) return false;
    *out = sync_world.chain.sets[epoch];
    return true;
}

static bool is_body_of(void *context, const struct header *header, struct bytes body) {
    struct buf right = {0};
    (void)context;
    bool is_right = bytes_equal(body, sync_world_body(header->height, &right));
    buf_clear(&right);
    return is_right;
}

static enum status take(void *context, const struct header *header, const struct hash *id,
                        struct bytes body, const struct certificate *certificate) {
    struct false_node *node = context;
    ck_assert_uint_eq(header->height, node->top + 1);
    ck_assert(hash_equal(id, &sync_world.chain.ids[header->height]));
    ck_assert(is_body_of(context, header, body));
    struct block_sync_counts counts;
    block_sync_count(node->sync, &counts);
    if (counts.behind > node->most_behind) node->most_behind = counts.behind;
    if (counts.behind > 0) node->least_behind = counts.behind;
    node->top++;
    node->taken++;
    if (certificate) node->certified = node->top;
    return STATUS_OK;
}

static bool must_wait(void *context) {
    const struct false_node *node = context;
    return node->a_second > 0 && node->top * 1000 > node->a_second * (sync_world.now_ms - START_MS);
}

static uint64_t oldest(void *context) { return ((struct false_node *)context)->oldest; }
static uint64_t newest(void *context) { return ((struct false_node *)context)->top; }

static enum status read_header(void *context, uint64_t height, struct header *header) {
    const struct false_node *node = context;
    if (height > node->top || height < node->oldest) return STATUS_NOT_FOUND;
    *header = sync_world.chain.headers[height];
    if (height == node->damaged) header->time_ms++;
    return STATUS_OK;
}

static enum status read_block(void *context, uint64_t height, struct header *header,
                              struct buf *body) {
    struct false_node *node = context;
    if (height > node->top || height < node->oldest) return STATUS_NOT_FOUND;
    *header = sync_world.chain.headers[height];
    node->reads++;
    sync_world_body(height, body);
    return STATUS_OK;
}

static enum status read_certificate(void *context, uint64_t height, struct buf *out) {
    const struct false_node *node = context;
    bool is_kept = height % KEPT_EVERY == 0 || (height + 1) % EPOCH == 0 || height == node->top;
    if (!is_kept || height > node->top) return STATUS_NOT_FOUND;
    const struct header *header = light_chain_header(&sync_world.chain, height);
    struct light_chain_vote vote = light_chain_vote(&sync_world.chain, header);
    light_chain_certify(&sync_world.chain, out, header, &vote);
    return STATUS_OK;
}

void sync_world_begin(void) {
    struct light_chain_plan plan = {
        .epochs = EPOCHS, .epoch_blocks = EPOCH, .interval_ms = 500, .witnesses = 4, .change = 2};
    light_chain_make(&sync_world.chain, &plan);
    sync_world.now_ms = START_MS;
    sync_world.twist = NULL;
    sync_world.twisted = 0;
    sync_world.bytes_waiting = sync_world.most_waiting = 0;
    for (uint16_t i = 0; i < NODES; i++) {
        struct sync_calls calls = {.context = &sync_world.nodes[i],
                                   .send = send,
                                   .has_room = has_room,
                                   .penalise = penalise,
                                   .chain = &sync_world.nodes[i],
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
        struct block_sync_config config = {
            .calls = &calls, .chain_id = sync_world.chain.chain_id, .timeout_ms = TIMEOUT_MS};
        sync_world.nodes[i] = (struct false_node){
            .oldest = 1, .full_peer = PEER_NONE, .top = i == 0 ? 0 : HEIGHTS - 1};
        sync_world.nodes[i].sync = block_sync_open(&config);
    }
}

void sync_world_forget_lines(void) {
    for (size_t i = 0; i < sync_world.line_count; i++) buf_clear(&sync_world.lines[i].message);
    sync_world.line_count = 0;
}

void sync_world_clear(void) {
    sync_world_forget_lines();
    for (uint16_t i = 0; i < NODES; i++) block_sync_close(sync_world.nodes[i].sync);
    light_chain_clear(&sync_world.chain);
}

void sync_world_join(uint16_t peer, uint64_t height) {
    block_sync_peer_joined(sync_world.nodes[0].sync, peer, height);
    block_sync_peer_joined(sync_world.nodes[peer].sync, 0, sync_world.nodes[0].top);
}

void sync_world_deliver(void) {
    size_t count = sync_world.line_count;
    for (size_t i = 0; i < count; i++) {
        struct sync_line line = sync_world.lines[i];
        assert_ok(block_sync_receive(sync_world.nodes[line.to].sync, line.from,
                                     buf_bytes(&line.message), sync_world.now_ms));
        if (line.to == 0) sync_world.bytes_waiting -= line.message.len;
        buf_clear(&line.message);
    }
    sync_world.line_count -= count;
    memmove(sync_world.lines, sync_world.lines + count,
            sync_world.line_count * sizeof *sync_world.lines);
}

static void pass_time(void) {
    uint64_t wake_ms = UINT64_MAX;
    for (uint16_t i = 0; i < NODES; i++) {
        uint64_t own_ms = block_sync_wake_ms(sync_world.nodes[i].sync);
        if (own_ms < wake_ms) wake_ms = own_ms;
    }
    if (sync_world.slow_count > 0 && sync_world.slow_at_ms < wake_ms)
        wake_ms = sync_world.slow_at_ms;
    ck_assert_msg(wake_ms != UINT64_MAX, "it waits for nothing");
    if (wake_ms > sync_world.now_ms) sync_world.now_ms = wake_ms;
}

enum status sync_world_step(bool *arrived) {
    bool other;
    *arrived = false;
    let_slow_pass();
    sync_world_deliver();
    enum status status = block_sync_run(sync_world.nodes[0].sync, sync_world.now_ms, arrived);
    if (status != STATUS_OK || *arrived) return status;
    for (uint16_t i = 1; i < NODES; i++)
        assert_ok(block_sync_run(sync_world.nodes[i].sync, sync_world.now_ms, &other));
    if (sync_world.line_count == 0) pass_time();
    return STATUS_OK;
}

enum status sync_world_run(void) {
    bool arrived;
    for (unsigned steps = 0; steps < 200000; steps++) {
        enum status status = sync_world_step(&arrived);
        if (status != STATUS_OK || arrived) return status;
    }
    ck_abort_msg("it never arrives");
    return STATUS_OK;
}

struct block_sync_counts sync_world_counts(uint16_t node) {
    struct block_sync_counts out;
    block_sync_count(sync_world.nodes[node].sync, &out);
    return out;
}

void sync_world_check_whole(void) {
    ck_assert_uint_eq(sync_world.nodes[0].top, HEIGHTS - 1);
    ck_assert_uint_eq(sync_world.nodes[0].certified, HEIGHTS - 1);
    ck_assert_uint_eq(sync_world.nodes[0].taken, HEIGHTS - 1);
    ck_assert(!sync_world_counts(0).is_running);
}
