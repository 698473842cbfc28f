// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/finality.h"

#include <pthread.h>
#include <stdatomic.h>

enum { WAIT_MS = 1000 };

struct finality {
    struct node *node;
    struct http_server *http;
    uint64_t height; // the newest that was told of
    pthread_t follower;
    atomic_bool must_stop;
};

static void tell(struct finality *finality, uint64_t height) {
    struct buf encoded = {0};
    struct arena arena = {0};
    struct block block;
    enum status status = node_read_block(finality->node, height, &encoded);
    if (status == STATUS_OK) status = block_decode(&block, &arena, buf_bytes(&encoded));
    for (uint32_t i = 0; status == STATUS_OK && i < block.tx_count; i++)
        http_notify(finality->http, BYTES_OF(block.txs[i].receipt.tx_id.bytes));
    if (status != STATUS_OK)
        log_warning("server", "a final block cannot be told of",
                    log_number("height", (int64_t)height), log_text("status", status_name(status)));
    arena_clear(&arena);
    buf_clear(&encoded);
}

static void *follow(void *argument) {
    struct finality *finality = argument;
    while (!finality->must_stop) {
        struct node_head head;
        node_wait(finality->node, finality->height, WAIT_MS);
        node_head(finality->node, &head);
        // Who begins to wait from here on finds it final by itself.
        while (finality->height < head.header.height && http_is_awaited(finality->http))
            tell(finality, ++finality->height);
        finality->height = head.header.height;
    }
    return NULL;
}

enum status finality_open(struct finality **out, struct node *node, struct http_server *http) {
    struct finality *finality = mem_alloc(sizeof *finality);
    struct node_head head;
    node_head(node, &head);
    finality->node = node;
    finality->http = http;
    finality->height = head.header.height;
    if (pthread_create(&finality->follower, NULL, follow, finality) != 0) {
        mem_free(finality);
        return STATUS_NO_MEMORY;
    }
    *out = finality;
    return STATUS_OK;
}

void finality_close(struct finality *finality) {
    if (!finality) return;
    finality->must_stop = true;
    pthread_join(finality->follower, NULL);
    mem_free(finality);
}
