// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/host.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/net/host_inside.h"

enum {
    CALLS_AT_ONCE = 8,
    CALLS_OF_PLACE = 8,    // that one address may make at once, for each place that it has
    OUTGOING_OF_GROUP = 2, // so that nobody's network is all that a node sees
    ASK_EVERY_MS = 300 * 1000,
    ASK_SOON_MS = 60 * 1000, // while too few are known to call
    GROUP_WAIT_MS = 60 * 1000,
    KNOWN_WAIT_MS = 5 * 1000,
    PROBES_AT_ONCE = 2,
    PROBE_EVERY_MS = 200,
    PROBE_GROUP_MS = 5 * 1000,         // until one group is asked a second time in a row
    PROBE_WAIT_MS = 1000,              // at most, of those whose turn it is not
    PROBE_AGAIN_MS = 12 * 3600 * 1000, // well before it is told no more
    LIGHT_BYTES = 1024 * 1024,         // all links with no more are a fraction of what may be held
};

uint64_t host_random(void) {
    uint64_t random;
    random_bytes(&random, sizeof random);
    return random;
}

bool host_is_inside(const struct host *host, const struct endpoint *endpoint) {
    struct endpoint any = {.ip = endpoint->ip, .port = 1};
    return host->config.takes_private && !endpoint_is_public(&any);
}

// A node that has said who it is goes by its key. An address inside a firm or a machine may be many
// nodes', and those that are trusted take nobody with them.
void host_ban(struct host *host, const struct link *link) {
    struct endpoint remote = link->info.remote;
    struct bytes owner = bytes_of(NULL, 0);
    uint64_t until_ms = host_now(host) + host->config.limits.ban_ms;
    remote.port = 1;
    if (endpoint_is_public(&remote) && !link->is_privileged) owner = ip_owner(&remote.ip);
    if (link->is_ready)
        bans_add_node(&host->bans, &link->info.hello.node, owner, until_ms);
    else if (owner.len > 0)
        bans_add_owner(&host->bans, owner, until_ms);
}

// --- calling ---

unsigned host_outgoing_of(const struct host *host, const uint64_t *group) {
    unsigned count = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (!link || !link->info.is_outgoing || link->is_probe) continue;
        bool is_on_its_way = link->is_meant && !link->is_ready;
        if (link->info.is_named || is_on_its_way || link->is_privileged) continue;
        count += !group || endpoint_group(&link->called) == *group;
    }
    return count;
}

// Under way. Of either kind as many as if the other were not.
static unsigned calls_of(const struct host *host, bool is_meant) {
    unsigned count = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (!link || !link->info.is_outgoing || link->is_ready) continue;
        count += link->is_meant == is_meant;
    }
    return count;
}

static bool is_called(const struct host *host, const struct endpoint *endpoint) {
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (!link || !link->info.is_outgoing || link->is_ready) continue;
        if (endpoint_equal(&link->called, endpoint)) return true;
    }
    return false;
}

bool host_call_node(struct host *host, const struct endpoint *endpoint,
                    const struct public_key *node) {
    if (host->is_closing || calls_of(host, true) >= CALLS_AT_ONCE) return false;
    if (is_called(host, endpoint)) return false;
    link_call_node(host, endpoint, node);
    return true;
}

// Whoever says that it listens there, or has answered there.
static const struct link *peer_at(const struct host *host, const struct endpoint *endpoint) {
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (link && link->is_ready && endpoint_equal(&link->info.remote, endpoint)) return link;
    }
    return NULL;
}

// Who calls says where it listens, and that alone proves nothing.
static bool is_to_be_probed(const struct host *host, const struct book_entry *entry,
                            uint64_t wall_ms) {
    if (entry->is_hidden || host->config.is_hidden) return false;
    return entry->success_ms == 0 || wall_ms > entry->success_ms + PROBE_AGAIN_MS;
}

static bool may_probe(const struct host *host, const struct endpoint *endpoint) {
    uint64_t passed_ms = host_now(host) - host->probed_ms;
    bool is_varied = host_is_inside(host, endpoint) || passed_ms >= PROBE_GROUP_MS ||
                     endpoint_group(endpoint) != host->probed_group;
    unsigned probes = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++)
        probes += host->links[i] && host->links[i]->is_probe;
    return probes < PROBES_AT_ONCE && passed_ms >= PROBE_EVERY_MS && is_varied;
}

// It has called, and is connected.
static void look_back_at(struct host *host, const struct book_entry *entry, uint64_t wall_ms) {
    const struct endpoint endpoint = entry->endpoint;
    if (!is_to_be_probed(host, entry, wall_ms)) {
        book_left(host->book, &endpoint, wall_ms + KNOWN_WAIT_MS);
    } else if (!may_probe(host, &endpoint)) {
        book_left(host->book, &endpoint, wall_ms + host_random() % PROBE_WAIT_MS);
    } else {
        host->probed_ms = host_now(host);
        host->probed_group = endpoint_group(&endpoint);
        link_probe(host, &endpoint);
    }
}

static bool has_peer(const struct host *host, const struct public_key *node) {
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (link && link->is_ready && memcmp(&link->info.hello.node, node, sizeof *node) == 0)
            return true;
    }
    return false;
}

static bool is_found_at(const struct host *host, const struct endpoint *endpoint) {
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (link && link->is_ready && endpoint_equal(&link->found_at, endpoint)) return true;
    }
    return false;
}

// Whoever answers at the place that the operator named. What peers say of where they listen keeps
// nobody from being called: a neighbour at the same address could say so, and one that is named
// too. But it may be true, and then a probe spares a second connection.
static bool may_call_place(struct host *host, const struct book_entry *entry, uint64_t wall_ms) {
    const struct endpoint endpoint = entry->endpoint;
    if (is_found_at(host, &endpoint)) {
        book_left(host->book, &endpoint, wall_ms + KNOWN_WAIT_MS);
        return false;
    }
    if (entry->is_missed || !peer_at(host, &endpoint)) return true;
    link_probe(host, &endpoint);
    return false;
}

// Whether this one is called now; else it is put off.
static bool may_call(struct host *host, const struct endpoint *endpoint, uint64_t wall_ms) {
    const struct book_entry *entry = book_find(host->book, endpoint);
    if (entry->has_node) { // whoever says that it listens there
        bool is_there = has_peer(host, &entry->node);
        if (is_there) book_left(host->book, endpoint, wall_ms + KNOWN_WAIT_MS);
        return !is_there;
    }
    if (entry->is_fixed) return may_call_place(host, entry, wall_ms);
    if (peer_at(host, endpoint)) {
        look_back_at(host, entry, wall_ms);
        return false;
    }
    uint64_t group = endpoint_group(endpoint);
    bool is_wanted =
        !host->config.is_hidden && host_outgoing_of(host, NULL) < host->config.limits.outgoing;
    bool is_varied =
        host_is_inside(host, endpoint) || host_outgoing_of(host, &group) < OUTGOING_OF_GROUP;
    if (!is_wanted || !is_varied) book_left(host->book, endpoint, wall_ms + GROUP_WAIT_MS);
    return is_wanted && is_varied;
}

static void call_some(struct host *host) {
    uint64_t wall_ms = clock_wall_ms();
    struct endpoint next;
    if (!book_is_due(host->book, wall_ms)) return;
    for (unsigned calls = calls_of(host, false); calls < CALLS_AT_ONCE; calls++) {
        if (!book_next(host->book, wall_ms, host_random(), &next)) return;
        if (may_call(host, &next, wall_ms)) link_call(host, &next);
    }
}

// --- as time goes by ---

static void ask_for_more(struct host *host) {
    uint64_t now_ms = host_now(host);
    bool is_wanting = host_outgoing_of(host, NULL) < host->config.limits.outgoing;
    uint64_t wait_ms = is_wanting ? ASK_SOON_MS : ASK_EVERY_MS;
    if (host->config.is_hidden || now_ms - host->asked_ms < wait_ms) return;
    host->asked_ms = now_ms;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (link && link->is_ready && link->info.is_outgoing) talk_ask(link);
    }
}

// Of strangers the one for which most is kept, unless that is little: then of all. For what others
// hold all strangers would go, and free next to nothing.
static struct link *heaviest_of(const struct host *host) {
    struct link *heaviest = NULL, *stranger = NULL;
    size_t most = 0, most_of_strangers = LIGHT_BYTES;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        size_t load = link ? link_load(link) : 0;
        if (load > most) {
            heaviest = link;
            most = load;
        }
        if (load > most_of_strangers && !link->is_privileged) {
            stranger = link;
            most_of_strangers = load;
        }
    }
    return stranger ? stranger : heaviest;
}

static void count_arriving(struct host *host) {
    host->arriving = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++)
        if (host->links[i]) host->arriving += link_arriving(host->links[i]);
}

static bool holds_too_much(const struct host *host) {
    return host->waiting + host->arriving > host->config.limits.held_bytes;
}

static void keep_to_memory(struct host *host) {
    count_arriving(host);
    while (holds_too_much(host)) {
        struct link *heaviest = heaviest_of(host);
        if (!heaviest) return;
        host_note(host, heaviest, CAUSE_HEAVY, STATUS_FULL);
        link_close(heaviest, STATUS_FULL);
        count_arriving(host);
    }
}

static void tick(uv_timer_t *timer) {
    struct host *host = timer->data;
    for (unsigned i = 0; i < host->config.limits.connections; i++)
        if (host->links[i]) link_tick(host->links[i], host_now(host));
    host_weigh_all(host);
    keep_to_memory(host);
    if (host->is_closing) return; // by what the caller was told
    call_some(host);
    ask_for_more(host);
    host_note_unsaid(host);
}

static void take_client(uv_stream_t *listener, int error) {
    struct host *host = listener->data;
    if (error == 0 && !host->is_closing) link_accept(host);
}

// --- open and close ---

static void use_defaults(struct host_limits *limits) {
    _Static_assert(LIMIT_PEERS / 2 >= LIMIT_WITNESSES, "a place for each");
    if (limits->connections == 0) limits->connections = LIMIT_PEERS;
    if (limits->reserved == 0) limits->reserved = limits->connections / 2;
    if (limits->per_owner == 0) limits->per_owner = 4;
    if (limits->per_site == 0) {
        unsigned part = limits->connections / 8;
        limits->per_site = part > limits->per_owner ? part : limits->per_owner;
    }
    if (limits->outgoing == 0) {
        unsigned half = (limits->connections - limits->reserved) / 2;
        limits->outgoing = half < 8 ? half : 8;
    }
    if (limits->handshake_ms == 0) limits->handshake_ms = 5000;
    if (limits->silence_ms == 0) limits->silence_ms = 60 * 1000;
    if (limits->drain_bytes_per_s == 0) limits->drain_bytes_per_s = LIMIT_NET_DRAIN_BYTES_PER_S;
    if (limits->held_bytes == 0) limits->held_bytes = LIMIT_NET_HELD_BYTES;
    if (limits->ban_ms == 0) limits->ban_ms = 600 * 1000;
    if (limits->fade_ms == 0) limits->fade_ms = 60 * 1000;
    if (limits->stay_ms == 0) limits->stay_ms = 60 * 1000;
}

static enum status status_of_uv(int error) {
    switch (error) {
    case 0:
        return STATUS_OK;
    case UV_EADDRINUSE:
        return STATUS_BUSY;
    case UV_EACCES:
        return STATUS_UNAUTHORIZED;
    case UV_EADDRNOTAVAIL:
    case UV_EINVAL:
        return STATUS_INVALID;
    default:
        return STATUS_IO;
    }
}

static enum status listen_on(struct host *host) {
    struct sockaddr_storage address;
    const char *text = host->config.address;
    int port = host->config.port, len = sizeof address;
    if (uv_ip4_addr(text, port, (struct sockaddr_in *)&address) != 0 &&
        uv_ip6_addr(text, port, (struct sockaddr_in6 *)&address) != 0)
        return STATUS_INVALID;
    int error = uv_tcp_bind(&host->listener, (struct sockaddr *)&address, 0);
    if (error == 0) error = uv_listen((uv_stream_t *)&host->listener, BACKLOG, take_client);
    if (error == 0) error = uv_tcp_getsockname(&host->listener, (struct sockaddr *)&address, &len);
    if (error != 0) return status_of_uv(error);
    bool is_v6 = address.ss_family == AF_INET6;
    host->port = ntohs(is_v6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                             : ((struct sockaddr_in *)&address)->sin_port);
    host->is_listening = true;
    return STATUS_OK;
}

void host_handle_closed(struct host *host) {
    if (--host->handles > 0 || !host->is_closing) return;
    void (*closed)(void *) = host->closed;
    void *context = host->closed_context;
    book_close(host->book);
    mem_free(host->links);
    mem_free(host);
    if (closed) closed(context);
}

static void end_handle(uv_handle_t *handle) { host_handle_closed(handle->data); }

void host_close(struct host *host, void (*closed)(void *context), void *context) {
    host->is_closing = true;
    host->closed = closed;
    host->closed_context = context;
    for (unsigned i = 0; i < host->config.limits.connections; i++)
        if (host->links[i]) link_close(host->links[i], STATUS_CLOSED);
    uv_close((uv_handle_t *)&host->listener, end_handle);
    uv_close((uv_handle_t *)&host->timer, end_handle);
}

enum status host_open(struct host **out, struct uv_loop_s *loop, const struct host_config *config) {
    struct host *host = mem_alloc(sizeof *host);
    enum status status = STATUS_OK;
    *out = NULL;
    host->config = *config;
    host->loop = loop;
    use_defaults(&host->config.limits);
    for (int kind = HOST_PING; kind <= HOST_NEWS; kind++)
        ENSURE(config->rules->kinds[kind].max_bytes > 0);
    _Static_assert((int)LIMIT_PEERS < (int)PEER_NOBODY, "a peer's number");
    ENSURE(host->config.limits.connections <= LIMIT_PEERS);
    ENSURE(host->config.limits.reserved + host->config.limits.outgoing <=
           host->config.limits.connections);
    host->book = book_open();
    host->links = mem_alloc_array(host->config.limits.connections, sizeof(struct link *));
    host->asked_ms = uv_now(loop);
    unsigned per_owner = host->config.limits.per_owner;
    rates_init(&host->rates, CALLS_OF_PLACE * per_owner, (per_owner + 3) / 4);
    ENSURE(uv_tcp_init(loop, &host->listener) == 0 && uv_timer_init(loop, &host->timer) == 0);
    host->listener.data = host->timer.data = host;
    host->handles = 2;
    if (config->address) status = listen_on(host);
    if (status != STATUS_OK) {
        host_close(host, NULL, NULL);
        return status;
    }
    ENSURE(uv_timer_start(&host->timer, tick, 0, TICK_MS) == 0);
    *out = host;
    return STATUS_OK;
}

uint16_t host_port(const struct host *host) { return host->port; }
struct book *host_book(struct host *host) {
    return host->book;
}

// --- for the caller ---

static struct link *peer_of(const struct host *host, uint16_t peer) {
    struct link *link = peer < host->config.limits.connections ? host->links[peer] : NULL;
    return link && link->is_ready ? link : NULL;
}

const struct peer_info *host_peer(const struct host *host, uint16_t peer) {
    const struct link *link = peer_of(host, peer);
    return link ? &link->info : NULL;
}

void host_set_news(struct host *host, const struct node_news *news) {
    host->news = *news;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (link && link->is_ready) talk_tell(link);
    }
}

// What was seldom and long ago is no row of faults.
static unsigned penalty_of(const struct link *link) {
    const struct host *host = link->host;
    uint64_t faded = (host_now(host) - link->penalised_ms) / host->config.limits.fade_ms;
    return faded < link->penalty ? link->penalty - (unsigned)faded : 0;
}

bool host_look(const struct host *host, uint16_t peer, struct host_peer_state *out) {
    const struct link *link = peer_of(host, peer);
    struct channel_counts counts;
    if (!link) return false;
    channel_count(link->channel, &counts);
    *out = (struct host_peer_state){.news = link->news,
                                    .connected_ms = host_now(host) - link->ready_ms,
                                    .latency_us = link->latency_us,
                                    .penalty = penalty_of(link),
                                    .is_privileged = link->is_privileged,
                                    .queued = counts.queued + link->out.len};
    for (int i = 0; i < CHANNEL_CLASSES_MAX; i++) {
        out->bytes_in += counts.bytes_in[i];
        out->bytes_out += counts.bytes_out[i];
    }
    return true;
}

enum status host_send(struct host *host, uint16_t peer, struct parcel *parcel) {
    struct link *link = peer_of(host, peer);
    if (!link) return STATUS_UNAVAILABLE;
    if (!link->is_privileged && holds_too_much(host)) return STATUS_FULL;
    enum status status = channel_send(link->channel, parcel);
    if (status == STATUS_OK) link_flush(link);
    return status;
}

bool host_has_room(const struct host *host, uint16_t peer, uint8_t kind, size_t bytes) {
    const struct link *link = peer_of(host, peer);
    if (!link || (!link->is_privileged && holds_too_much(host))) return false;
    return channel_has_room(link->channel, kind, bytes);
}

size_t host_send_all(struct host *host, struct parcel *parcel, uint16_t except) {
    size_t count = 0;
    for (unsigned peer = 0; peer < host->config.limits.connections; peer++)
        if (peer != except) count += host_send(host, (uint16_t)peer, parcel) == STATUS_OK;
    return count;
}

void host_penalise(struct host *host, uint16_t peer, unsigned points) {
    struct link *link = peer_of(host, peer);
    if (!link) return;
    link->penalty = penalty_of(link) + (points < HOST_PENALTY_MAX ? points : HOST_PENALTY_MAX);
    link->penalised_ms = host_now(host);
    if (link->penalty < HOST_PENALTY_MAX) return;
    host_note(host, link, CAUSE_PENALTIES, STATUS_UNAUTHORIZED);
    host_ban(host, link);
    link_close(link, STATUS_UNAUTHORIZED);
}

void host_weigh(struct host *host, uint16_t peer) {
    struct link *link = peer_of(host, peer);
    if (link) link_weigh(link);
}

void host_drop(struct host *host, uint16_t peer, enum status why) {
    struct link *link = peer_of(host, peer);
    if (link) link_close(link, why);
}

void host_count(const struct host *host, struct host_counts *out) {
    *out = host->counts;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        if (!link) continue;
        link_count(link, out);
        out->connections++;
        out->peers += link->is_ready;
        out->outgoing += link->info.is_outgoing && !link->is_probe;
    }
}

void host_run_loop(struct uv_loop_s *loop) {
    const struct timespec at_once = {0};
    sigset_t broken_pipe, before;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ENSURE(pthread_sigmask(SIG_BLOCK, &broken_pipe, &before) == 0);
    uv_run(loop, UV_RUN_DEFAULT);
    // One that came is this thread's own, and waits for it.
    if (!sigismember(&before, SIGPIPE))
        while (sigtimedwait(&broken_pipe, NULL, &at_once) < 0 && errno == EINTR) {}
    ENSURE(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}
