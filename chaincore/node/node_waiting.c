// SPDX-License-Identifier: Apache-2.0
// What waits in the mempool outlives a graceful stop: the file "waiting" keeps the transactions as
// they came, and the next start admits them again, signatures and all. It stays where it is until
// the next stop replaces it: what became final or expired meanwhile is refused by the same rules.
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/node_internal.h"

static const size_t MOST_BYTES = LIMIT_MEMPOOL_BYTES + 4 * (size_t)LIMIT_MEMPOOL_TXS + 4;

void waiting_save(struct node *node) {
    struct buf out = {0};
    size_t most = mempool_count(node->mempool);
    const struct mempool_entry **entries = mem_alloc_array(most + 1, sizeof *entries);
    size_t count = mempool_select(node->mempool, entries, most, SIZE_MAX);
    encode_u32(&out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) encode_bytes(&out, entries[i]->encoded);
    mem_free((void *)entries);
    if (count == 0) {
        unlink(node->waiting_path);
    } else {
        enum status status = file_replace(node->waiting_path, buf_bytes(&out), 0600);
        if (status == STATUS_OK)
            log_info("node", "kept what waits", log_number("transactions", (int64_t)count));
        else
            log_error("node", "what waits cannot be kept", log_number("lost", (int64_t)count),
                      log_text("status", status_name(status)));
    }
    buf_clear(&out);
}

// Was it admitted once, and is neither waiting again nor in a block?
static bool is_lost(enum tx_code code) {
    return code != TX_CODE_OK && code != TX_CODE_DUPLICATE && code != TX_CODE_MALFORMED &&
           code != TX_CODE_TOO_LARGE;
}

static uint32_t submit_all(struct node *node, struct decoder *in, uint32_t count) {
    struct node_submission *items = mem_alloc_array((size_t)count + 1, sizeof *items);
    uint32_t decoded = 0, admitted = 0;
    for (; decoded < count && in->status == STATUS_OK; decoded++)
        items[decoded].encoded = decode_bytes(in, LIMIT_DEPLOY_TX_BYTES);
    if (in->status != STATUS_OK && decoded > 0) decoded--;
    node_submit_many(node, items, decoded);
    for (uint32_t i = 0; i < decoded; i++) {
        admitted += items[i].code == TX_CODE_OK;
        if (is_lost(items[i].code))
            drops_add(mempool_drops(node->mempool), &items[i].id, items[i].code);
    }
    mem_free(items);
    return admitted;
}

void waiting_load(struct node *node) {
    struct buf stored = {0};
    uint32_t admitted = 0, count = 0;
    enum status status = file_read(&stored, node->waiting_path, MOST_BYTES);
    if (status == STATUS_OK) {
        struct decoder in = decoder_of(buf_bytes(&stored));
        count = decode_count(&in, LIMIT_MEMPOOL_TXS);
        admitted = submit_all(node, &in, count);
        status = decoder_finish(&in);
    }
    buf_clear(&stored);
    if (status == STATUS_NOT_FOUND) return;
    log_at(status == STATUS_OK ? LOG_INFO : LOG_WARNING, "node", "admitted again what waited",
           log_number("transactions", admitted), log_number("of", count),
           log_text("status", status_name(status)));
}
