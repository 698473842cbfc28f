// SPDX-License-Identifier: Apache-2.0
// What hosts say among themselves: whether the other is there, and whom it knows.
#include "chaincore/base/clock.h"
#include "chaincore/net/host_inside.h"

enum { TELL_EVERY_MS = 60 * 1000 };

// Who stands behind a node inside a firm is nobody's business, and of no use to strangers.
static size_t leave_out_private(struct endpoint *told, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (endpoint_is_public(&told[i])) told[kept++] = told[i];
    return kept;
}

static void tell_peers(struct link *link) {
    struct host *host = link->host;
    struct endpoint told[LIMIT_PEERS_TOLD];
    struct buf payload = {0};
    size_t count = book_tell(host->book, clock_wall_ms(), host_random(), told, LIMIT_PEERS_TOLD);
    if (!host->config.takes_private) count = leave_out_private(told, count);
    encode_u32(&payload, (uint32_t)count);
    for (size_t i = 0; i < count; i++) endpoint_encode(&payload, &told[i]);
    (void)!link_send(link, HOST_PEERS, buf_bytes(&payload)); // full: it asks again
    buf_clear(&payload);
}

static enum status take_peers(struct link *link, struct bytes payload) {
    struct host *host = link->host;
    struct decoder decoder = decoder_of(payload);
    struct endpoint told[LIMIT_PEERS_TOLD];
    uint64_t teller = endpoint_group(&link->info.remote);
    if (!link->is_asked) return STATUS_MALFORMED;
    link->is_asked = false;
    uint32_t count = decode_count(&decoder, LIMIT_PEERS_TOLD);
    for (uint32_t i = 0; i < count; i++) endpoint_decode(&decoder, &told[i]);
    enum status status = decoder_finish(&decoder);
    // Those that are known, not to be reached, or too many of a kind are passed over.
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++)
        (void)!book_add(host->book, &told[i], teller, host->config.takes_private);
    return status;
}

void talk_ask(struct link *link) {
    if (link_send(link, HOST_ASK_PEERS, bytes_of(NULL, 0)) == STATUS_OK) link->is_asked = true;
}

enum status talk_take(struct link *link, uint8_t kind, struct bytes payload) {
    uint64_t now_ms = host_now(link->host);
    switch (kind) {
    case HOST_PING:
        if (payload.len != HOST_PING_BYTES) return STATUS_MALFORMED;
        (void)!link_send(link, HOST_PONG, payload); // full: it has other signs of life
        return STATUS_OK;
    case HOST_PONG:
        return payload.len == HOST_PING_BYTES ? STATUS_OK : STATUS_MALFORMED;
    case HOST_ASK_PEERS:
        if (payload.len > 0) return STATUS_MALFORMED;
        if (link->told_ms > 0 && now_ms - link->told_ms < TELL_EVERY_MS) return STATUS_OK;
        link->told_ms = now_ms;
        tell_peers(link);
        return STATUS_OK;
    case HOST_PEERS:
        return take_peers(link, payload);
    default:
        return STATUS_MALFORMED;
    }
}
