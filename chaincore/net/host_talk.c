// SPDX-License-Identifier: Apache-2.0
// What hosts say among themselves: whether the other is there, and whom it knows.
#include "chaincore/base/clock.h"
#include "chaincore/net/host_inside.h"

enum { TELL_EVERY_MS = 30 * 1000 };

// Who stands behind a node inside a firm is nobody's business, and of no use to strangers.
static size_t leave_out_private(struct endpoint *told, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (endpoint_is_public(&told[i])) told[kept++] = told[i];
    return kept;
}

static size_t leave_out(struct endpoint *told, size_t count, const struct endpoint *asker) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!endpoint_equal(&told[i], asker)) told[kept++] = told[i];
    return kept;
}

// Whoever is the first to ask waits until there is somebody.
static void tell_peers(struct link *link) {
    struct host *host = link->host;
    struct endpoint told[LIMIT_PEERS_TOLD];
    struct buf payload = {0};
    size_t count = book_tell(host->book, clock_wall_ms(), host_random(), told, LIMIT_PEERS_TOLD);
    if (!host_is_inside(host, &link->info.remote)) count = leave_out_private(told, count);
    count = leave_out(told, count, &link->info.remote);
    link->is_waiting = count == 0;
    if (link->is_waiting) return;
    link->told_ms = host_now(host);
    encode_u32(&payload, (uint32_t)count);
    for (size_t i = 0; i < count; i++) endpoint_encode(&payload, &told[i]);
    (void)!link_send(link, HOST_PEERS, buf_bytes(&payload)); // full: it asks again
    buf_clear(&payload);
}

void talk_answer(struct host *host) {
    for (unsigned i = 0; i < host->config.limits.connections; i++)
        if (host->links[i] && host->links[i]->is_waiting) tell_peers(host->links[i]);
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
        (void)!book_add(host->book, &told[i], teller, host_is_inside(host, &link->info.remote));
    return status;
}

// Late by at most a tick of the loop, as what waits in it is.
static uint64_t now_us(void) { return uv_hrtime() / 1000; }

void talk_ping(struct link *link) {
    uint8_t payload[HOST_PING_BYTES];
    link->pinged_ms = host_now(link->host);
    link->ping_us = now_us();
    store_u64_le(payload, link->ping_us);
    (void)!link_send(link, HOST_PING, BYTES_OF(payload)); // full: it will be let go
}

// The answer to an older one tells nothing of now.
static enum status take_pong(struct link *link, struct bytes payload) {
    if (payload.len != HOST_PING_BYTES) return STATUS_MALFORMED;
    if (link->ping_us == 0 || load_u64_le(payload.data) != link->ping_us) return STATUS_OK;
    uint64_t latency_us = now_us() - link->ping_us;
    link->ping_us = 0;
    link->latency_us = latency_us < UINT32_MAX ? (uint32_t)latency_us : UINT32_MAX;
    if (link->latency_us == 0) link->latency_us = 1;
    return STATUS_OK;
}

void talk_tell(struct link *link) {
    const struct host_events *events = &link->host->config.events;
    struct node_news news = link->host->news;
    struct buf payload = {0};
    if (!(link->info.hello.features & HELLO_TAKES_NEWS)) return;
    if (link->host->config.is_hidden) news = (struct node_news){0}; // where it is nobody is told
    news.final_height = events->final_height ? events->final_height(events->context) : 0;
    news_write(&payload, &news);
    (void)!link_send(link, HOST_NEWS, buf_bytes(&payload)); // full: the next one will tell it
    buf_clear(&payload);
}

// Whom strangers cannot reach is of no use to them, and may be somebody else's.
static enum status take_news(struct link *link, struct bytes payload) {
    const struct host_events *events = &link->host->config.events;
    struct node_news news;
    enum status status = news_read(&news, payload);
    if (status == STATUS_UNSUPPORTED) return STATUS_OK;
    if (status != STATUS_OK) return status;
    bool is_guarded =
        events->is_guarded && events->is_guarded(events->context, &link->info.hello.node);
    bool is_inside = host_is_inside(link->host, &link->info.remote);
    if (is_guarded || (!is_inside && !news_is_public_origin(news.url)))
        news = (struct node_news){.final_height = news.final_height};
    link->news = news;
    return STATUS_OK;
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
        return take_pong(link, payload);
    case HOST_ASK_PEERS:
        if (payload.len > 0) return STATUS_MALFORMED;
        if (link->told_ms > 0 && now_ms - link->told_ms < TELL_EVERY_MS) return STATUS_OK;
        tell_peers(link);
        return STATUS_OK;
    case HOST_PEERS:
        return take_peers(link, payload);
    case HOST_NEWS:
        return take_news(link, payload);
    default:
        return STATUS_MALFORMED;
    }
}
