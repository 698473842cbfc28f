// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/chain_rows.h"
#include "apps/common/server/frame.h"
#include "apps/common/server/live.h"
#include "apps/common/server/server_hooks.h"
#include "chaincore/chaincore.h"

void server_publish(struct server *server, const char *type, struct bytes json) {
    struct frame *frame = (struct frame *)(void *)server; // its first member
    enum status status = http_stream_publish(server->live, ++frame->next_event_id, type, json);
    if (status != STATUS_OK)
        log_warning("server", "a live event was not published", log_text("type", type),
                    log_text("status", status_name(status)));
}

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    struct frame *frame = context;
    const struct index_projection *projection = &frame->market->projection;
    enum status status = chain_rows_apply(db, frame->server.node, block);
    return status == STATUS_OK ? projection->apply(frame->server.market, db, block) : status;
}

static void *prepare(void *context, const struct index_block *block) {
    struct frame *frame = context;
    return frame->market->projection.prepare(frame->server.market, block);
}

static void discard(void *context, void *prepared) {
    struct frame *frame = context;
    frame->market->projection.discard(frame->server.market, prepared);
}

static void committed(void *context, const struct index_block *given) {
    struct frame *frame = context;
    const struct block *block = given->block;
    char time[25], id_text[65];
    struct hash id;
    struct buf json = {0};
    clock_format_utc(time, (int64_t)block->header.time_ms);
    header_id(&id, &block->header);
    hex_encode(id_text, BYTES_OF(id.bytes));
    buf_append_format(&json, "{\"height\":%llu,\"time\":\"%s\",\"txs\":%u,\"id\":\"%s\"}",
                      (unsigned long long)block->header.height, time, block->tx_count, id_text);
    if (frame->next_event_id < live_before(block->header.height))
        frame->next_event_id = live_before(block->header.height);
    server_publish(&frame->server, "block", buf_bytes(&json));
    buf_clear(&json);
    hooks_wake(frame->server.hooks);
    if (frame->market->projection.committed)
        frame->market->projection.committed(frame->server.market, given);
}

// Whoever follows the news has missed some.
static void skipped(void *context) {
    struct frame *frame = context;
    server_publish(&frame->server, "reset", bytes_of_string("{}"));
    hooks_wake(frame->server.hooks);
}

int frame_fail_index(struct frame *frame, enum status status) {
    return frame_fail(frame, status == STATUS_CONFLICT ? EXIT_WRONG_DATA : EXIT_FAILURE,
                      "the index cannot be opened", status);
}

struct index_config frame_set_up_index(struct frame *frame) {
    frame->projection = frame->market->projection;
    frame->projection.apply = apply;
    if (frame->projection.prepare) frame->projection.prepare = prepare;
    if (frame->projection.discard) frame->projection.discard = discard;
    frame->projection.committed = committed;
    frame->projection.skipped = skipped;
    frame->projection.context = frame;
    chain_rows_join(&frame->projection);
    return (struct index_config){.node = frame->server.node,
                                 .url = frame->options.index,
                                 .projection = &frame->projection,
                                 .rebuild = frame->options.rebuild_index};
}

int frame_open_index(struct frame *frame) {
    const struct index_config config = frame_set_up_index(frame);
    frame->server.market_searches = frame->market->search;
    enum status status = index_open(&frame->server.index, &config);
    if (status == STATUS_OK)
        status = db_pool_open(&frame->server.readers, frame->options.index,
                              server_lanes[SERVER_LANE_READ - 1].threads + HOOK_READERS);
    if (status == STATUS_OK)
        status = db_pool_open(&frame->server.searchers, frame->options.index,
                              server_lanes[SERVER_LANE_SEARCH - 1].threads);
    return status == STATUS_OK ? 0 : frame_fail_index(frame, status);
}
