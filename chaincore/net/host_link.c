// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"
#include "chaincore/net/host_inside.h"

// --- from the first to the last ---

struct link *link_make(struct host *host, bool is_outgoing) {
    struct link *link = mem_alloc(sizeof *link);
    link->host = host;
    link->slot = LINK_NO_SLOT;
    link->info.is_outgoing = is_outgoing;
    link->begun_ms = link->heard_ms = link->drained_ms = host_now(host);
    ENSURE(uv_tcp_init(host->loop, &link->tcp) == 0);
    link->tcp.data = link;
    host->handles++;
    return link;
}

bool link_place(struct link *link) {
    struct host *host = link->host;
    for (unsigned slot = 0; slot < host->config.limits.connections; slot++) {
        if (host->links[slot]) continue;
        link->slot = (uint16_t)slot;
        host->links[slot] = link;
        return true;
    }
    return false;
}

static void add_bytes(struct host_counts *counts, const struct channel *channel) {
    struct channel_counts of;
    channel_count(channel, &of);
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++) {
        counts->bytes_in[i] += of.bytes_in[i];
        counts->bytes_out[i] += of.bytes_out[i];
    }
}

void link_count(const struct link *link, struct host_counts *counts) {
    struct channel_counts of;
    if (!link->channel) return;
    channel_count(link->channel, &of);
    add_bytes(counts, link->channel);
    counts->queued += of.queued;
}

static size_t kept_of(const struct link *link) {
    struct channel_counts of;
    channel_count(link->channel, &of);
    return of.kept;
}

size_t link_arriving(const struct link *link) {
    return link->channel ? kept_of(link) + link->out.capacity : 0;
}

size_t link_load(const struct link *link) {
    return link->channel ? kept_of(link) + channel_share(link->channel) : 0;
}

static void free_link(uv_handle_t *handle) {
    struct link *link = handle->data;
    struct host *host = link->host;
    channel_close(link->channel);
    buf_clear(&link->out);
    mem_free(link);
    host_handle_closed(host);
}

// Hands are shaken before a peer says that it is full, or has banned this node: only one that was
// there for a while is called again at once.
static bool has_stayed(const struct link *link) {
    const struct host *host = link->host;
    return link->is_ready && link->penalty < HOST_PENALTY_MAX &&
           host_now(host) - link->ready_ms >= host->config.limits.stay_ms;
}

// Than the one that was named; else it is this node itself.
static bool is_another(const struct link *link) {
    return link->is_keyed && link->channel && channel_other_node(link->channel);
}

static void note_in_book(const struct link *link, enum status why) {
    struct host *host = link->host;
    uint64_t now_ms = clock_wall_ms();
    // The book has nothing of a call that it has not chosen, before that is answered.
    if (!link->info.is_outgoing || (link->is_meant && !link->is_ready)) return;
    switch (why) {
    case STATUS_CONFLICT: // this node itself, or another than the one that was named
        if (is_another(link))
            book_failed(host->book, &link->called, now_ms, host_random());
        else
            book_remove(host->book, &link->called);
        break;
    case STATUS_EXISTS: // connected the other way round
        if (link->is_missed)
            book_missed(host->book, &link->called, now_ms);
        else
            book_left(host->book, &link->called, now_ms + host->config.limits.ban_ms / 10);
        break;
    default:
        if (has_stayed(link))
            book_ended(host->book, &link->called, now_ms + host_random() % 1000);
        else
            book_failed(host->book, &link->called, now_ms, host_random());
    }
}

static void tell_another(const struct link *link) {
    const struct host_events *events = &link->host->config.events;
    if (events->found_another) events->found_another(events->context, &link->called, &link->meant);
}

void link_close(struct link *link, enum status why) {
    struct host *host = link->host;
    if (link->is_closing) return;
    link->is_closing = true;
    link->why = why;
    note_in_book(link, why);
    if (link->is_meant && why == STATUS_CONFLICT) tell_another(link);
    if (why == STATUS_CONFLICT && is_another(link)) host_note_other(host, link);
    if (link->slot != LINK_NO_SLOT) host->links[link->slot] = NULL;
    if (link->channel) {
        add_bytes(&host->counts, link->channel);
        channel_drop_waiting(link->channel);
    }
    if (link->is_ready) host->config.events.left(host->config.events.context, link->slot, why);
    uv_close((uv_handle_t *)&link->tcp, free_link);
}

// What came was no message of a peer: whoever sent it is not talked to for a while. But whatever
// else answers where this node called was not asked to be there: an honest node may be a neighbour
// of it, and whoever told of the place has lied.
static void close_broken(struct link *link, enum status why) {
    link->host->counts.broken++;
    host_note(link->host, link, host_cause_of(link, why), why);
    link->penalty = HOST_PENALTY_MAX;
    if (link->is_ready || !link->info.is_outgoing) host_ban(link->host, link);
    link_close(link, why);
}

// --- writing ---

static void end_write(uv_write_t *request, int error) {
    struct link *link = request->data;
    link->is_writing = false;
    if (link->is_closing) return;
    if (error != 0)
        link_close(link, STATUS_IO);
    else
        link_flush(link);
}

void link_flush(struct link *link) {
    if (link->is_closing || link->is_writing || link->is_receiving || !link->channel) return;
    if (!channel_has_output(link->channel)) return;
    buf_reset(&link->out);
    channel_take(link->channel, &link->out, WRITE_BYTES);
    uv_buf_t bytes = uv_buf_init((char *)link->out.data, (unsigned)link->out.len);
    link->write.data = link;
    link->is_writing = true;
    link->given += link->out.len;
    if (uv_write(&link->write, (uv_stream_t *)&link->tcp, &bytes, 1, end_write) != 0) {
        link->is_writing = false;
        link_close(link, STATUS_IO);
    }
}

enum status link_send(struct link *link, uint8_t kind, struct bytes payload) {
    struct parcel *parcel = parcel_make(kind, payload);
    enum status status = channel_send(link->channel, parcel);
    parcel_drop(parcel);
    link_flush(link);
    return status;
}

// --- shaking hands ---

static struct link *link_with(const struct link *other) {
    struct host *host = other->host;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (!link || link == other || !link->is_ready) continue;
        if (memcmp(&link->info.hello.node, &other->info.hello.node, sizeof link->info.hello.node) ==
            0)
            return link;
    }
    return NULL;
}

// Of two connections between the same nodes: of those that each has made one, the one of the node
// with the smaller key, so that both ends agree; of two made by one side, the newer: it would not
// have made it if the older one worked.
static bool is_kept_over(const struct link *link, const struct link *older) {
    if (link->info.is_outgoing == older->info.is_outgoing) return true;
    struct public_key own;
    key_public_of(&own, link->host->config.node_key);
    bool is_own_smaller = memcmp(&own, &link->info.hello.node, sizeof own) < 0;
    return link->info.is_outgoing == is_own_smaller;
}

void link_weigh(struct link *link) {
    const struct host_events *events = &link->host->config.events;
    bool is_trusted =
        events->is_trusted && events->is_trusted(events->context, &link->info.hello.node);
    link->is_privileged = is_trusted || link->info.is_named;
}

void link_name(struct link *link, const struct endpoint *found_at) {
    const struct host_events *events = &link->host->config.events;
    link->found_at = *found_at;
    if (link->info.is_named) return;
    link->info.is_named = true;
    link_weigh(link);
    if (events->named) events->named(events->context, link->slot);
}

// One that the operator named by its key is known by that, whoever called.
static void find_name(struct link *link, const struct link *older) {
    if (link->info.is_outgoing)
        link->found_at = link->called;
    else if (older)
        link->found_at = older->found_at;
    bool is_known = older && older->info.is_named;
    if (is_known || book_names(link->host->book, &link->info.hello.node))
        link->info.is_named = true;
}

static bool is_guarded(const struct link *link) {
    const struct host_events *events = &link->host->config.events;
    return events->is_guarded && events->is_guarded(events->context, &link->info.hello.node);
}

static void note_endpoint(struct link *link) {
    struct host *host = link->host;
    link->info.remote.port = link->info.hello.listen_port;
    if (is_guarded(link)) {
        if (link->info.is_outgoing) book_hide(host->book, &link->called);
    } else if (link->info.is_outgoing) {
        book_succeeded(host->book, &link->called, clock_wall_ms());
    } else if (link->info.remote.port > 0) {
        uint64_t group = endpoint_group(&link->info.remote);
        // What it says of itself is heard, like what others say; known or full is fine.
        (void)!book_add(host->book, &link->info.remote, group, host->config.takes_private);
    }
}

// It has called itself, and this is the called end, which knows it first. The other one ends by it.
static void close_other_end(const struct link *called) {
    struct host *host = called->host;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        struct sockaddr_storage own;
        struct endpoint end;
        int len = sizeof own;
        if (!link || !link->info.is_outgoing || link->is_ready) continue;
        if (uv_tcp_getsockname(&link->tcp, (struct sockaddr *)&own, &len) != 0) continue;
        endpoint_of_socket(&end, (struct sockaddr *)&own);
        if (endpoint_equal(&end, &called->called)) link_close(link, STATUS_CONFLICT);
    }
}

static enum status take_ready(void *context, const struct hello *hello) {
    struct link *link = context;
    struct host *host = link->host;
    link->info.hello = *hello;
    struct link *older = link_with(link);
    if (link->is_probe) {
        if (older && link->info.is_named) link_name(older, &link->called);
        link->is_missed = link->info.is_named && !older;
        note_endpoint(link);
        talk_answer(host);
        return STATUS_EXISTS;
    }
    if (bans_has_node(&host->bans, &hello->node, host_now(host))) {
        host->counts.banned++;
        host_note(host, link, CAUSE_BANNED_NODE, STATUS_CLOSED);
        return STATUS_CLOSED;
    }
    enum net_cause cause;
    if (older && !is_kept_over(link, older)) {
        if (link->info.is_named) link_name(older, &link->called);
        return STATUS_EXISTS;
    }
    find_name(link, older);
    link_weigh(link);
    if (!older && !host_has_place(link, &cause)) {
        host->counts.full++;
        host_note(host, link, cause, STATUS_FULL);
        return STATUS_FULL;
    }
    if (older) link_close(older, STATUS_EXISTS);
    link->is_ready = true;
    link->info.is_inside = host_is_inside(host, &link->info.remote);
    link->ready_ms = host_now(host);
    link->news.final_height = hello->final_height;
    note_endpoint(link);
    host->config.events.joined(host->config.events.context, link->slot, &link->info);
    if (link->info.is_outgoing && !host->config.is_hidden) talk_ask(link);
    talk_ping(link);
    talk_tell(link);
    return STATUS_OK;
}

// Full, known already, or out of turn is nobody's fault.
static bool is_a_fault(enum status status) {
    return status != STATUS_OK && status != STATUS_FULL && status != STATUS_EXISTS &&
           status != STATUS_CLOSED && status != STATUS_CONFLICT && status != STATUS_UNSUPPORTED;
}

static enum status take_frame(void *context, uint8_t kind, struct bytes payload) {
    struct link *link = context;
    const struct host_events *events = &link->host->config.events;
    if (link->is_closing) return STATUS_CLOSED; // dropped by what came before
    enum status status = kind < HOST_KINDS
                             ? talk_take(link, kind, payload)
                             : events->frame(events->context, link->slot, kind, payload);
    link->is_refused = is_a_fault(status);
    link->kind = kind;
    return status;
}

static void open_channel(struct link *link) {
    const struct host_config *config = &link->host->config;
    const struct host_events *events = &config->events;
    struct channel_config own = {
        .role = link->info.is_outgoing ? NOISE_INITIATOR : NOISE_RESPONDER,
        .chain_id = config->chain_id,
        .node_key = config->node_key,
        .hello = {.features = config->features | HELLO_TAKES_NEWS,
                  .final_height = events->final_height ? events->final_height(events->context) : 0,
                  .listen_port = link->host->port},
        .is_mute = link->is_probe,
        .meant = link->is_meant || link->is_keyed ? &link->meant : NULL,
        .rules = config->rules,
        .events = {link, take_ready, take_frame},
        .waiting = &link->host->waiting};
    link->channel = channel_open(&own);
}

// --- reading ---

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    struct link *link = handle->data;
    (void)suggested;
    *out = uv_buf_init(link->host->incoming, READ_BYTES);
}

static void take_bytes(uv_stream_t *stream, ssize_t len, const uv_buf_t *bytes) {
    struct link *link = stream->data;
    uint64_t now_ms = host_now(link->host);
    if (link->is_closing || len == 0) return;
    if (len < 0) {
        link_close(link, STATUS_CLOSED);
        return;
    }
    link->heard_ms = now_ms;
    link->is_receiving = true;
    enum status status = channel_receive(link->channel, bytes_of(bytes->base, (size_t)len), now_ms);
    link->is_receiving = false;
    if (is_a_fault(status)) {
        close_broken(link, status);
    } else if (status != STATUS_OK) {
        if (status == STATUS_CONFLICT) close_other_end(link);
        if (status == STATUS_UNSUPPORTED) host_note(link->host, link, CAUSE_VERSION, status);
        link_close(link, status);
    } else if (!link->is_closing) {
        link->paused_until_ms = channel_paused_until_ms(link->channel, now_ms);
        if (link->paused_until_ms > 0) uv_read_stop(stream);
        link_flush(link);
    }
}

void link_begin(struct link *link) {
    int yes = 1, unsent = WRITE_BYTES;
    uv_os_fd_t fd;
    uv_tcp_nodelay(&link->tcp, 1);
    // What waits in the kernel cannot be passed by what is urgent.
    if (uv_fileno((uv_handle_t *)&link->tcp, &fd) == 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    }
    open_channel(link);
    if (uv_read_start((uv_stream_t *)&link->tcp, give_room, take_bytes) != 0)
        link_close(link, STATUS_IO);
    else
        link_flush(link);
}

// --- calling ---

static void end_connect(uv_connect_t *request, int error) {
    struct link *link = request->data;
    if (link->is_closing) return;
    if (error == 0) {
        link_begin(link);
        return;
    }
    link->host->counts.failed++;
    link_close(link, STATUS_UNAVAILABLE);
}

static void to_socket(struct sockaddr_storage *out, const struct endpoint *endpoint) {
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(endpoint->port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(endpoint->port)};
    const uint8_t *ip = endpoint->ip.bytes;
    *out = (struct sockaddr_storage){0};
    if (ip_is_v4(&endpoint->ip)) {
        memcpy(&v4.sin_addr, ip + 12, sizeof v4.sin_addr);
        memcpy(out, &v4, sizeof v4);
    } else {
        memcpy(&v6.sin6_addr, ip, sizeof v6.sin6_addr);
        memcpy(out, &v6, sizeof v6);
    }
}

static void call(struct link *link, const struct endpoint *endpoint) {
    struct host *host = link->host;
    struct sockaddr_storage address;
    link->called = link->info.remote = *endpoint;
    if (!link_place(link)) {
        link_close(link, STATUS_FULL);
        if (!link->is_meant)
            book_left(host->book, endpoint, clock_wall_ms() + host->config.limits.handshake_ms);
        return;
    }
    host->counts.called++;
    link->connect.data = link;
    to_socket(&address, endpoint);
    if (uv_tcp_connect(&link->connect, &link->tcp, (struct sockaddr *)&address, end_connect) != 0) {
        host->counts.failed++;
        link_close(link, STATUS_UNAVAILABLE);
    }
}

// As that node, if it is to be one: by its key or, where none is named, by its place.
static bool is_named(const struct host *host, const struct endpoint *endpoint,
                     const struct public_key *node) {
    const struct book_entry *entry = book_find(host->book, endpoint);
    if (!entry || !entry->is_fixed) return false;
    return !node || !entry->has_node || memcmp(&entry->node, node, sizeof *node) == 0;
}

static void use_name(struct link *link, const struct endpoint *endpoint) {
    const struct book_entry *entry = book_find(link->host->book, endpoint);
    link->info.is_named = is_named(link->host, endpoint, NULL);
    link->is_keyed = link->info.is_named && entry->has_node;
    if (link->is_keyed) link->meant = entry->node;
}

void link_call(struct host *host, const struct endpoint *endpoint) {
    host_make_room(host, UINT_MAX);
    struct link *link = link_make(host, true);
    use_name(link, endpoint);
    call(link, endpoint);
}

void link_call_node(struct host *host, const struct endpoint *endpoint,
                    const struct public_key *node) {
    host_make_room(host, UINT_MAX);
    struct link *link = link_make(host, true);
    link->info.is_named = is_named(host, endpoint, node);
    link->is_meant = true;
    link->meant = *node;
    call(link, endpoint);
}

void link_probe(struct host *host, const struct endpoint *endpoint) {
    struct link *link = link_make(host, true);
    use_name(link, endpoint);
    link->is_probe = true;
    call(link, endpoint);
}

// --- as time goes by ---

// It talks, and does not read what it is told, or a little now and then: what waits for it keeps
// memory. Whoever has nothing waiting for a moment reads fast enough.
static bool is_stuck(struct link *link, uint64_t now_ms) {
    const struct host_limits *limits = &link->host->config.limits;
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&link->tcp);
    uint64_t sent = link->given - unsent;
    if (unsent > 0 && now_ms - link->drained_ms < limits->silence_ms) return false;
    uint64_t least = (uint64_t)limits->drain_bytes_per_s * limits->silence_ms / 1000;
    bool is_slow = unsent > 0 && sent - link->drained < least;
    link->drained = sent;
    link->drained_ms = now_ms;
    return is_slow;
}

void link_tick(struct link *link, uint64_t now_ms) {
    struct host *host = link->host;
    const struct host_limits *limits = &host->config.limits;
    if (link->is_closing) return;
    if (!link->is_ready) {
        if (now_ms - link->begun_ms < limits->handshake_ms) return;
        host->counts.timeouts++;
        if (!link->info.is_outgoing) host_note(host, link, CAUSE_SLOW_HANDSHAKE, STATUS_TIMEOUT);
        link_close(link, STATUS_TIMEOUT);
        return;
    }
    if (link->is_unproven) host_judge_unproven(link, now_ms);
    if (link->is_closing) return;
    if (is_stuck(link, now_ms)) {
        host->counts.silent++;
        host_note(host, link, CAUSE_STUCK, STATUS_TIMEOUT);
        link_close(link, STATUS_TIMEOUT);
        return;
    }
    if (link->paused_until_ms > 0) {
        host->counts.paused_ms += TICK_MS;
        link->heard_ms = now_ms;
        if (now_ms < link->paused_until_ms) return;
        link->paused_until_ms = 0;
        if (uv_read_start((uv_stream_t *)&link->tcp, give_room, take_bytes) != 0)
            link_close(link, STATUS_IO);
        return;
    }
    if (now_ms - link->heard_ms >= limits->silence_ms) {
        host->counts.silent++;
        host_note(host, link, CAUSE_SILENT, STATUS_TIMEOUT);
        link_close(link, STATUS_TIMEOUT);
    } else if (now_ms - link->pinged_ms >= limits->silence_ms / 2) {
        talk_ping(link);
        talk_tell(link);
    }
}
