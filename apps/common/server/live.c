// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/live.h"

#include "apps/common/server/server_hooks.h"
#include "chaincore/chaincore.h"

enum { BLOCK_EVENT = 1 }; // the number of the block's own

// Of messages from the height of `seen` on: which is the first that was missed. True: that cannot
// be told, as some of the height's own were seen. (Their numbers may be others by now: a capture
// that is tried again moves.)
static bool is_cut(const struct hook_batch *batch, uint64_t seen, size_t *first) {
    uint64_t height = seen >> LIVE_ID_BITS, number = seen - live_before(height);
    size_t count = 0;
    while (count < batch->count && batch->items[count].place.height == height) count++;
    bool has_none = number <= BLOCK_EVENT, has_all = number >= BLOCK_EVENT + count;
    *first = has_none ? 0 : count;
    return !has_none && !has_all;
}

static void append_missed(struct buf *out, const struct hook_batch *batch, size_t first,
                          uint64_t last_height) {
    uint64_t height = 0, number = 0;
    for (size_t i = first; i < batch->count; i++) {
        const struct hook_message *message = &batch->items[i];
        if (message->place.height > last_height) return;
        if (message->place.height != height) number = BLOCK_EVENT;
        height = message->place.height;
        http_stream_append(out, live_before(height) + ++number, message->kind, message->data);
    }
}

// NOT_FOUND: it cannot be told.
static enum status read_missed(struct server *server, struct arena *arena,
                               const struct http_stream_gap *gap, struct buf *out) {
    const struct hook_reading reading = {
        .behind = {(gap->seen >> LIVE_ID_BITS) - 1, HOOK_LAST_POSITION},
        .kinds = UINT32_MAX,
        .max = LIMIT_LIVE_MISSED + 1};
    struct hook_batch batch = {0};
    size_t first;
    uint64_t last_height = gap->until >> LIVE_ID_BITS;
    if (!server->market_reads_hooks || gap->seen < live_before(1) ||
        index_height(server->index) < last_height)
        return STATUS_NOT_FOUND;
    enum status status = server_read_rows(server, arena, &reading, &batch);
    if (status != STATUS_OK) return status;
    if (batch.count == reading.max || is_cut(&batch, gap->seen, &first)) return STATUS_NOT_FOUND;
    append_missed(out, &batch, first, last_height);
    return out->len <= LIMIT_LIVE_MISSED_BYTES ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status get_live(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct http_stream_gap gap = {0};
    struct buf missed = {0};
    bool is_whole = http_stream_find_gap(server->live, request, &gap) &&
                    read_missed(server, http_arena(request), &gap, &missed) == STATUS_OK;
    const struct http_stream_missed behind = {
        &missed, live_before((gap.until >> LIVE_ID_BITS) + 1) - 1}; // the whole of its block
    enum status status =
        is_whole ? http_stream_subscribe_behind(server->live, request, response, &behind)
                 : http_stream_subscribe(server->live, request, response);
    buf_clear(&missed);
    return status;
}
