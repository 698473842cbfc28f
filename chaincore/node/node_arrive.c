// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/node_arrive.h"

#include <dirent.h>
#include <uv.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/replica_kinds.h"
#include "chaincore/node/snapshot_store.h"

enum { LOOK_MS = 100, TELL_MS = 5000 };

struct arrival {
    const struct node_arrival *wish;
    struct secret_key key; // of this visit: the node's own is made when there is a node
    struct snapshot_fetch *fetch;
    struct host *host;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_check_t check;
    bool is_over;
    enum status status;
    enum fetch_state state;
    uint64_t told_ms;
};

// ---- what the machine asks for

static void send_frame(void *context, uint16_t peer, struct bytes message) {
    struct arrival *arrival = context;
    struct parcel *parcel = parcel_make(REPLICA_PAST, message);
    (void)!host_send(arrival->host, peer, parcel); // full: it is asked again
    parcel_drop(parcel);
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    struct arrival *arrival = context;
    host_penalise(arrival->host, peer, points);
}

// ---- what the host tells

static void joined(void *context, uint16_t peer, const struct peer_info *info) {
    struct arrival *arrival = context;
    struct fetch_peer own = {.gives_snapshots = info->hello.features & HELLO_GIVES_SNAPSHOTS,
                             .has_all_bodies = info->hello.features & HELLO_HAS_ALL_BODIES,
                             .final_height = info->hello.final_height};
    fetch_peer_joined(arrival->fetch, peer, &own);
}

// Whatever else a node tells its peers is for nodes that are there.
static enum status take_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct arrival *arrival = context;
    if (kind != REPLICA_PAST) return STATUS_OK;
    return fetch_receive(arrival->fetch, peer, payload, clock_monotonic_ms());
}

static void left(void *context, uint16_t peer, enum status why) {
    struct arrival *arrival = context;
    (void)why;
    fetch_peer_left(arrival->fetch, peer);
}

// ---- the loop

static void end(struct arrival *arrival, enum status status) {
    if (arrival->is_over) return;
    arrival->is_over = true;
    arrival->status = status;
    if (arrival->host) host_close(arrival->host, NULL, NULL);
    arrival->host = NULL;
    uv_close((uv_handle_t *)&arrival->timer, NULL);
    uv_close((uv_handle_t *)&arrival->check, NULL);
}

static void tell(struct arrival *arrival) {
    const struct node_arrival *wish = arrival->wish;
    struct fetch_counts counts;
    uint64_t now_ms = clock_monotonic_ms();
    fetch_count(arrival->fetch, &counts);
    struct node_arrival_progress progress = {.height = counts.plan.height,
                                             .pieces = counts.plan.piece_count,
                                             .pieces_here = counts.pieces,
                                             .bytes = counts.bytes};
    if (wish->tell) wish->tell(wish->context, &progress);
    if (now_ms < arrival->told_ms + TELL_MS) return;
    arrival->told_ms = now_ms;
    log_info("node", "joining", log_number("height", (int64_t)counts.plan.height),
             log_number("pieces", counts.plan.piece_count), log_number("here", counts.pieces),
             log_number("bytes", (int64_t)counts.bytes));
}

static void run_fetch(struct arrival *arrival) {
    uint64_t now_ms = clock_monotonic_ms();
    if (arrival->is_over) return;
    enum status status = fetch_run(arrival->fetch, now_ms, &arrival->state);
    bool is_done = arrival->state == FETCH_WHOLE || arrival->state == FETCH_BY_BLOCKS;
    if (status == STATUS_OK && !is_done) return;
    tell(arrival);
    end(arrival, status);
}

static void end_timer(uv_timer_t *timer) {
    struct arrival *arrival = timer->data;
    const struct node_arrival *wish = arrival->wish;
    tell(arrival);
    if (wish->must_stop && wish->must_stop(wish->context))
        end(arrival, STATUS_CLOSED);
    else
        run_fetch(arrival);
}

// Behind what has come.
static void end_poll(uv_check_t *check) { run_fetch(check->data); }

static enum status call_peers(struct arrival *arrival, const struct node_network *network) {
    struct book *book = host_book(arrival->host);
    for (size_t i = 0; i < network->peer_count; i++) {
        struct peer_name peer;
        if (!peer_name_parse(&peer, network->peers[i])) return STATUS_INVALID;
        enum status status = book_add_named(book, &peer);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static void open_handles(struct arrival *arrival) {
    ENSURE(uv_loop_init(&arrival->loop) == 0);
    ENSURE(uv_timer_init(&arrival->loop, &arrival->timer) == 0);
    ENSURE(uv_check_init(&arrival->loop, &arrival->check) == 0);
    arrival->timer.data = arrival->check.data = arrival;
    ENSURE(uv_timer_start(&arrival->timer, end_timer, 0, LOOK_MS) == 0);
    ENSURE(uv_check_start(&arrival->check, end_poll) == 0);
}

static enum status visit(struct arrival *arrival, const struct node_config *config,
                         const struct hash *chain_id) {
    struct host_config host = {
        .chain_id = *chain_id,
        .node_key = &arrival->key,
        .takes_private = config->network->takes_private,
        .is_hidden = config->network->is_hidden,
        .rules = &replica_rules,
        .events = {.context = arrival, .joined = joined, .frame = take_frame, .left = left}};
    open_handles(arrival);
    enum status status = host_open(&arrival->host, &arrival->loop, &host);
    if (status == STATUS_OK) status = call_peers(arrival, config->network);
    if (status != STATUS_OK) end(arrival, status);
    host_run_loop(&arrival->loop);
    ENSURE(uv_loop_close(&arrival->loop) == 0);
    return arrival->status;
}

// ---- the whole of it

static bool is_new_folder(const char *path) {
    DIR *folder = opendir(path);
    bool is_empty = true;
    if (!folder) return true;
    for (struct dirent *entry; (entry = readdir(folder));)
        is_empty =
            is_empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(folder);
    return is_empty;
}

static enum status find_chain(const struct node_config *config, struct hash *chain_id) {
    struct arena arena = {0};
    struct genesis genesis;
    enum status status = genesis_decode(&genesis, &arena, config->genesis);
    if (status == STATUS_OK) genesis_chain_id(chain_id, &genesis);
    arena_clear(&arena);
    return status;
}

static enum status fetch_snapshot(struct snapshot_store *store, const struct node_config *config,
                                  const struct node_arrival *wish, enum fetch_state *state) {
    struct fetch_calls calls = {.peers = {.send = send_frame, .penalise = penalise}};
    struct arrival *arrival = mem_alloc(sizeof *arrival);
    struct public_key public;
    struct fetch_plan plan;
    struct hash chain_id;
    uint8_t seed[32];
    enum status status = find_chain(config, &chain_id);
    if (status != STATUS_OK) goto out;
    random_bytes(seed, sizeof seed);
    key_from_seed(&arrival->key, &public, seed);
    secret_clear(seed, sizeof seed);
    arrival->wish = wish;
    arrival->told_ms = clock_monotonic_ms();
    calls.peers.context = arrival;
    snapshot_store_use(&calls, store);
    arrival->fetch =
        fetch_open(&(struct fetch_config){.calls = &calls, .far_ahead = wish->far_ahead},
                   clock_monotonic_ms());
    if (snapshot_store_resume(store, &plan)) fetch_resume(arrival->fetch, &plan);
    status = visit(arrival, config, &chain_id);
    *state = arrival->state;
out:
    fetch_close(arrival->fetch);
    secret_clear(&arrival->key, sizeof arrival->key);
    mem_free(arrival);
    return status;
}

enum status node_arrive(const struct node_config *config, const struct node_arrival *wish) {
    const struct node_network *network = config->network;
    struct snapshot_store *store;
    enum fetch_state state = FETCH_LOOKING;
    if (!network || network->peer_count == 0 || !is_new_folder(config->data_dir)) return STATUS_OK;
    if (network->is_first_start && config->witness_key_count > 0) return STATUS_OK;
    enum status status = snapshot_store_open(&store, config, wish->trusted);
    if (status != STATUS_OK) return status;
    TRY(fetch_snapshot(store, config, wish, &state));
    if (state == FETCH_WHOLE)
        status = node_join(config, snapshot_store_folder(store), wish->trusted);
    // Whether it was joined by, is not needed, or was spoilt on the disk.
    if (status != STATUS_TIMEOUT) snapshot_store_remove(store);
out:
    snapshot_store_close(store);
    return status;
}
