// SPDX-License-Identifier: Apache-2.0
// A node among others: its replica on one thread, with a libuv loop for its connections. Other
// threads hand over what was submitted to them, and wake it.
#include <stdlib.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/clock_shared.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/light/light.h"
#include "chaincore/node/node_run_inside.h"
#include "chaincore/node/node_watch.h"

enum {
    KEEP_BOOK_MS = 5 * 60 * 1000,
    LOOK_MS = 250,
    LONGEST_SLEEP_MS = 60 * 1000, // the wall clock may jump, and with it a timer's moment
    SHARED_SLEEP_MS = 100,        // where another process may move it, and people wait for that
};

// --- what the replica asks for ---

static void send_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct network *network = context;
    struct parcel *parcel = parcel_make(kind, payload);
    if (peer == PEER_NONE)
        host_send_all(network->host, parcel, PEER_NOBODY);
    else
        (void)!host_send(network->host, peer, parcel); // full: it does without
    parcel_drop(parcel);
}

static void send_others(void *context, uint16_t except, uint8_t kind, struct bytes payload) {
    struct network *network = context;
    struct parcel *parcel = parcel_make(kind, payload);
    host_send_all(network->host, parcel, except);
    parcel_drop(parcel);
}

static bool has_room(void *context, uint16_t peer, uint8_t kind, size_t bytes) {
    const struct network *network = context;
    return host_has_room(network->host, peer, kind, bytes);
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    struct network *network = context;
    host_penalise(network->host, peer, points);
}

static bool call_node(void *context, const struct endpoint *where, const struct public_key *node) {
    struct network *network = context;
    return !network->is_closing && host_call_node(network->host, where, node);
}

static void draw(void *context, void *out, size_t len) {
    (void)context;
    random_bytes(out, len);
}

// --- what the host tells ---

static bool is_trusted(void *context, const struct public_key *node_key) {
    const struct network *network = context;
    return replica_is_trusted(network->replica, node_key);
}

static bool is_guarded(void *context, const struct public_key *node_key) {
    const struct network *network = context;
    return replica_is_guarded(network->replica, node_key);
}

static void count_peers(struct network *network, int more) {
    pthread_mutex_lock(&network->node->lock);
    network->peer_count = (unsigned)((int)network->peer_count + more);
    pthread_mutex_unlock(&network->node->lock);
    network->has_news = true;
}

static void joined(void *context, uint16_t peer, const struct peer_info *info) {
    struct network *network = context;
    struct replica_peer_info own = {.node_key = info->hello.node,
                                    .final_height = info->hello.final_height,
                                    .is_named = info->is_named,
                                    .takes_records = info->hello.features & HELLO_TAKES_RECORDS,
                                    .takes_ids = info->hello.features & HELLO_TAKES_IDS,
                                    .is_inside = info->is_inside};
    struct endpoint remote = {.ip = info->remote.ip, .port = 1};
    // An address inside a firm or a machine may be many nodes'.
    if (endpoint_is_public(&remote)) own.place = ip_owner(&info->remote.ip);
    count_peers(network, 1);
    replica_peer_joined(network->replica, peer, &own);
}

static enum status take_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct network *network = context;
    network->has_news = true;
    enum status status = replica_frame(network->replica, peer, kind, payload);
    if (kind == REPLICA_KEYS && status == STATUS_OK) host_weigh(network->host, peer);
    return status;
}

static void left(void *context, uint16_t peer, enum status why) {
    struct network *network = context;
    (void)why;
    count_peers(network, -1);
    replica_peer_left(network->replica, peer);
}

static void named(void *context, uint16_t peer) {
    struct network *network = context;
    replica_peer_named(network->replica, peer);
}

static void found_another(void *context, const struct endpoint *where,
                          const struct public_key *node_key) {
    struct network *network = context;
    replica_found_another(network->replica, where, node_key);
}

static uint64_t final_height(void *context) {
    const struct network *network = context;
    struct node_head head;
    node_head(network->node, &head);
    return head.header.height;
}

// --- the loop ---

static void run_replica(struct network *network);
static void end_timer(uv_timer_t *timer) { run_replica(timer->data); }
static void stay_awake(uv_idle_t *idle) { (void)idle; }

// What is due at once comes behind a look at the sockets: a timer without a wait is taken again
// before the loop goes on, and who always has work would never hear that it is to stop.
static void sleep_until(struct network *network, uint64_t wake_ms) {
    uint64_t now_ms = clock_monotonic_ms(), wait_ms = wake_ms > now_ms ? wake_ms - now_ms : 0;
    uint64_t longest_ms = clock_wall_is_shared() ? SHARED_SLEEP_MS : LONGEST_SLEEP_MS;
    if (wait_ms > longest_ms) wait_ms = longest_ms;
    if (wait_ms == 0) network->has_news = true;
    uv_update_time(&network->loop);
    ENSURE(uv_timer_start(&network->timer, end_timer, wait_ms > 0 ? wait_ms : 1, 0) == 0);
    ENSURE((wait_ms > 0 ? uv_idle_stop(&network->idle)
                        : uv_idle_start(&network->idle, stay_awake)) == 0);
}

static void note_exchange(struct network *network) {
    struct node_exchange exchange;
    replica_exchange(network->replica, &exchange);
    pthread_mutex_lock(&network->node->lock);
    network->exchange = exchange;
    pthread_mutex_unlock(&network->node->lock);
}

// Moved by another process too: a block is to tell the time.
static void look_at_clock(struct network *network) {
    uint64_t shift_ms = clock_wall_shift_ms();
    if (shift_ms == network->clock_shift_ms) return;
    network->clock_shift_ms = shift_ms;
    pthread_mutex_lock(&network->node->lock);
    network->node->has_moved_clock = true;
    pthread_mutex_unlock(&network->node->lock);
}

// Without its disk a node has nothing true to say: it stops at once, and recovery begins from what
// the disk holds.
static void run_replica(struct network *network) {
    look_at_clock(network);
    struct driver_time time = {.now_ms = clock_monotonic_ms(), .wall_ms = clock_wall_ms()};
    network->has_news = false;
    enum status status = replica_run(network->replica, &time);
    if (status != STATUS_OK) {
        log_error("node", "what agreement needs could not be made durable; stopping",
                  log_text("status", status_name(status)));
        abort();
    }
    note_exchange(network);
    if (time.now_ms >= network->keep_book_ms) {
        network->keep_book_ms = time.now_ms + KEEP_BOOK_MS;
        network_keep_book(network);
    }
    sleep_until(network, replica_wake_ms(network->replica));
}

// For other threads.
static void note_look(struct network *network) {
    struct network_look look;
    uint64_t now_ms = clock_monotonic_ms();
    if (now_ms < network->look_ms) return;
    network->look_ms = now_ms + LOOK_MS;
    host_count(network->host, &look.host);
    replica_look(network->replica, &look.replica);
    pthread_mutex_lock(&network->node->lock);
    network->look = look;
    pthread_mutex_unlock(&network->node->lock);
}

// Behind what has come: all of it together. The host's clock ticks, so this comes again and again.
static void end_poll(uv_check_t *check) {
    struct network *network = check->data;
    if (network->is_closing) return;
    if (network->has_news) run_replica(network);
    note_look(network);
}

// For other threads, which must not look into what this one works with.
static void watch(uv_timer_t *timer) {
    struct network *network = timer->data;
    struct buf peers = {0};
    struct node_peer peer;
    if (network->is_closing) return;
    for (unsigned i = 0; i < LIMIT_PEERS; i++) {
        if (!host_look(network->host, (uint16_t)i, &peer.state)) continue;
        peer.info = *host_peer(network->host, (uint16_t)i);
        buf_append(&peers, BYTES_OF(peer));
    }
    pthread_mutex_lock(&network->node->lock);
    struct buf before = network->peers_now;
    network->peers_now = peers;
    pthread_mutex_unlock(&network->node->lock);
    buf_clear(&before);
}

static void close_loop(struct network *network) {
    struct host *host = network->host;
    if (network->is_closing) return;
    network->is_closing = true;
    if (host) {
        network_keep_book(network);
        host_close(host, NULL, NULL);
    }
    uv_close((uv_handle_t *)&network->async, NULL);
    uv_close((uv_handle_t *)&network->timer, NULL);
    uv_close((uv_handle_t *)&network->idle, NULL);
    uv_close((uv_handle_t *)&network->watch, NULL);
    uv_close((uv_handle_t *)&network->check, NULL);
}

static void take_outbox(struct network *network, struct buf *out) {
    for (struct decoder in = decoder_of(buf_bytes(out)); decoder_left(&in) > 0;)
        replica_note_tx(network->replica, decode_bytes(&in, LIMIT_DEPLOY_TX_BYTES));
    buf_clear(out);
}

static void end_wake(uv_async_t *async) {
    struct network *network = async->data;
    struct node *node = network->node;
    struct buf outbox;
    pthread_mutex_lock(&node->lock);
    bool must_stop = node->must_stop;
    outbox = network->outbox;
    network->outbox = (struct buf){0};
    struct node_news news = network->news;
    bool must_tell = network->has_news_to_tell;
    network->has_news_to_tell = false;
    if (must_stop) network->is_open = false; // nobody wakes it any more
    pthread_mutex_unlock(&node->lock);
    take_outbox(network, &outbox);
    if (must_tell) host_set_news(network->host, &news);
    network->has_news = true;
    if (must_stop) close_loop(network);
}

static void *run(void *argument) {
    struct network *network = argument;
    run_replica(network);
    ENSURE(uv_timer_start(&network->watch, watch, 0, NODE_WATCH_MS) == 0);
    host_run_loop(&network->loop);
    return NULL;
}

// --- start and stop ---

static void open_handles(struct network *network) {
    network->is_closing = false;
    ENSURE(uv_loop_init(&network->loop) == 0);
    ENSURE(uv_async_init(&network->loop, &network->async, end_wake) == 0);
    ENSURE(uv_timer_init(&network->loop, &network->timer) == 0);
    ENSURE(uv_idle_init(&network->loop, &network->idle) == 0);
    ENSURE(uv_timer_init(&network->loop, &network->watch) == 0);
    ENSURE(uv_check_init(&network->loop, &network->check) == 0);
    ENSURE(uv_check_start(&network->check, end_poll) == 0);
    network->async.data = network->timer.data = network->check.data = network;
    network->watch.data = network;
}

static bool has_all_bodies(const struct node *node) {
    return !node->must_prune && block_log_oldest(node->log) == 1;
}

static enum status open_host(struct network *network) {
    const struct node *node = network->node;
    struct host_config config = {.address = network->address,
                                 .port = network->config.port,
                                 .chain_id = node->chain_id,
                                 .node_key = &network->key,
                                 .features = (has_all_bodies(node) ? HELLO_HAS_ALL_BODIES : 0) |
                                             (node->snapshots ? HELLO_GIVES_SNAPSHOTS : 0) |
                                             (node->key_count > 0 ? HELLO_SIGNS : 0) |
                                             (network->config.is_hidden ? 0 : HELLO_TAKES_RECORDS) |
                                             HELLO_TAKES_IDS,
                                 .takes_private = network->config.takes_private,
                                 .is_hidden = network->config.is_hidden,
                                 .rules = &replica_rules,
                                 .limits = {.per_owner = network->config.per_address,
                                            .handshake_ms = network->config.handshake_ms,
                                            .silence_ms = network->config.silence_ms,
                                            .held_bytes = network->config.held_bytes},
                                 .events = {network, is_trusted, joined, take_frame, left,
                                            final_height, is_guarded, named, found_another}};
    enum status status = host_open(&network->host, &network->loop, &config);
    if (status != STATUS_OK) return status;
    network_load_book(network);
    for (size_t i = 0; status == STATUS_OK && i < network->config.peer_count; i++)
        status = book_add_named(host_book(network->host), &network->peers[i]);
    return status;
}

static enum status open_replica(struct network *network) {
    struct replica_calls calls = {.context = network,
                                  .send = send_frame,
                                  .send_others = send_others,
                                  .has_room = has_room,
                                  .penalise = penalise,
                                  .call = call_node,
                                  .draw = draw};
    enum status status = disk_folder_open(&network->disk, network->votes_dir);
    if (status != STATUS_OK) return status;
    network->disk_calls = disk_folder_calls(network->disk);
    struct replica_config config = {.calls = &calls,
                                    .disk = &network->disk_calls,
                                    .node_key = network->public,
                                    .accepts_new_keys = network->config.accepts_new_keys,
                                    .is_first_start = network->config.is_first_start,
                                    .guarded = network->guarded,
                                    .guarded_count = network->config.guarded_count,
                                    .is_hidden = network->config.is_hidden,
                                    .timeout_ms = network->config.timeout_ms};
    return replica_open(&network->replica, network->node, &config);
}

// Where it listens may be no place for others: any address of this machine, or one inside.
static bool find_announced(const struct network *network, struct endpoint *out) {
    *out = network->announced;
    if (out->port > 0) return true;
    out->port = host_port(network->host);
    if (!network->address || out->port == 0 || !ip_parse(&out->ip, network->address)) return false;
    return endpoint_may_be_told(out, network->config.takes_private);
}

static void announce(struct network *network) {
    struct endpoint where;
    if (network->node->key_count == 0) return;
    if (find_announced(network, &where))
        replica_announce(network->replica, &where, &network->key);
    else if (!network->config.is_hidden)
        log_warning("node", "no address is known at which other witnesses could reach this one");
}

// The loop is nobody's any more.
static void close_all(struct network *network) {
    close_loop(network);
    host_run_loop(&network->loop);
    ENSURE(uv_loop_close(&network->loop) == 0);
    replica_close(network->replica);
    disk_folder_close(network->disk);
    network->replica = NULL;
    network->disk = NULL;
    network->host = NULL;
}

// For operators, who know from where a private address can be reached; any address is none.
static bool find_place(const struct network *network, struct endpoint *out) {
    struct ip_address any, any_v4;
    ENSURE(ip_parse(&any, "::") && ip_parse(&any_v4, "0.0.0.0"));
    *out = network->announced;
    if (out->port > 0) return true;
    out->port = host_port(network->host);
    return network->address && out->port > 0 && ip_parse(&out->ip, network->address) &&
           memcmp(&out->ip, &any, sizeof any) != 0 && memcmp(&out->ip, &any_v4, sizeof any_v4) != 0;
}

static void find_name(struct network *network) {
    network->name = (struct peer_name){.has_node = true, .node = network->public};
    network->has_name = find_place(network, &network->name.where);
}

static void tell_key(const struct network *network) {
    char key[2 * sizeof network->public + 1], text[PEER_NAME_TEXT] = "";
    if (network->has_name) peer_name_print(text, &network->name);
    hex_encode(key, BYTES_OF(network->public));
    log_info("node", "other nodes know this one by its key, and may name it so",
             log_text("node_key", key), log_number("port", host_port(network->host)),
             log_text("name", text));
}

// Whoever was away for so long cannot tell by signatures whom it meets.
static void tell_age(const struct network *network) {
    struct node_head head;
    char time[25];
    node_head(network->node, &head);
    if (head.header.height == 0 && network->config.is_first_start) return;
    if (!light_is_period_over(head.header.time_ms, clock_wall_ms())) return;
    clock_format_utc(time, (int64_t)head.header.time_ms);
    log_warning(
        "node",
        "the newest block here is older than witnesses' stakes are locked for sure: once it "
        "has caught up, compare a block of today with what people you know have",
        log_text("time", time), log_number("height", (int64_t)head.header.height));
}

enum status network_start(struct node *node) {
    struct network *network = node->network;
    enum status status;
    open_handles(network);
    TRY(network_mark(node));
    TRY(open_replica(network));
    TRY(open_host(network));
    find_name(network);
    tell_key(network);
    tell_age(network);
    announce(network);
    network->keep_book_ms = clock_monotonic_ms() + KEEP_BOOK_MS;
    network->clock_shift_ms = clock_wall_shift_ms();
    pthread_mutex_lock(&node->lock);
    network->port_now = host_port(network->host);
    network->look = (struct network_look){0};
    network->is_open = true;
    struct node_news news = network->news;
    network->has_news_to_tell = false;
    pthread_mutex_unlock(&node->lock);
    host_set_news(network->host, &news);
    if (pthread_create(&node->producer, NULL, run, network) == 0) return STATUS_OK;
    status = STATUS_NO_MEMORY;
out:
    network_end(node);
    return status;
}

void network_end(struct node *node) {
    struct network *network = node->network;
    pthread_mutex_lock(&node->lock);
    network->is_open = false;
    pthread_mutex_unlock(&node->lock);
    close_all(network);
}

// --- for other threads ---

void network_wake(struct node *node) {
    struct network *network = node->network;
    if (network && network->is_open) ENSURE(uv_async_send(&network->async) == 0);
}

// What finds no room is passed on later, with all that waits.
void network_note(struct node *node, const struct node_submission *items, size_t count) {
    struct network *network = node->network;
    if (!network) return;
    pthread_mutex_lock(&node->lock);
    for (size_t i = 0; i < count && network->is_open; i++) {
        struct bytes encoded = items[i].encoded;
        if (items[i].code != TX_CODE_OK) continue;
        if (network->outbox.len + 4 + encoded.len <= LIMIT_GOSSIP_OUT_BYTES)
            encode_bytes(&network->outbox, encoded);
    }
    network_wake(node);
    pthread_mutex_unlock(&node->lock);
}

uint16_t node_port(struct node *node) {
    uint16_t port = 0;
    pthread_mutex_lock(&node->lock);
    if (node->network && node->network->is_open) port = node->network->port_now;
    pthread_mutex_unlock(&node->lock);
    return port;
}

unsigned network_peers(const struct node *node) {
    return node->network && node->network->is_open ? node->network->peer_count : 0;
}

bool node_network_look(struct node *node, struct network_look *out) {
    struct network *network = node->network;
    if (!network) return false;
    pthread_mutex_lock(&node->lock);
    bool is_open = network->is_open;
    *out = network->look;
    pthread_mutex_unlock(&node->lock);
    return is_open;
}

bool node_network_key(const struct node *node, struct public_key *out) {
    if (node->network) *out = node->network->public;
    return node->network != NULL;
}

bool node_network_name(const struct node *node, struct peer_name *out) {
    if (!node->network || !node->network->has_name) return false;
    *out = node->network->name;
    return true;
}

size_t node_peers(struct node *node, struct node_peer *out, size_t most) {
    pthread_mutex_lock(&node->lock);
    const struct network *network = node->network;
    size_t count = network && network->is_open ? network->peers_now.len / sizeof *out : 0;
    size_t copied = count < most ? count : most;
    if (copied > 0) memcpy(out, network->peers_now.data, copied * sizeof *out);
    pthread_mutex_unlock(&node->lock);
    return count;
}

enum status node_advertise(struct node *node, const struct node_news *news) {
    struct network *network = node->network;
    if (*news->url && !news_is_origin(news->url)) return STATUS_INVALID;
    if (!network) return STATUS_OK;
    pthread_mutex_lock(&node->lock);
    network->news = *news;
    if (!*news->url) network->news.price_per_mib = 0;
    network->has_news_to_tell = true;
    network_wake(node);
    pthread_mutex_unlock(&node->lock);
    return STATUS_OK;
}

void node_advertised(struct node *node, struct node_news *out) {
    pthread_mutex_lock(&node->lock);
    *out = node->network ? node->network->news : (struct node_news){0};
    out->final_height = node->head.header.height;
    pthread_mutex_unlock(&node->lock);
}

void network_exchange(const struct node *node, struct node_exchange *out) {
    *out = node->network ? node->network->exchange : (struct node_exchange){0};
}
