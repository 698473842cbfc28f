// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/replica.h"

#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/contract/timer.h"
#include "chaincore/node/node_branch.h"
#include "chaincore/node/node_sync_chain.h"
#include "chaincore/node/replica_inside.h"

// Of a view: three times what a block of four megabytes takes to be everywhere and executed.
enum { USUAL_TIMEOUT_MS = 3000 };
// Until it is looked whether a peer has read what it was told.
enum { ROOM_MS = 20 };

// --- what the driver asks for ---

uint8_t replica_kind_of(enum wire_kind wire) {
    switch (wire) {
    case WIRE_NOTARIZE:
    case WIRE_NULLIFY:
    case WIRE_FINALIZE:
    case WIRE_FETCH:
    case WIRE_AHEAD:
        return REPLICA_VOTE;
    case WIRE_CERTIFICATE:
        return REPLICA_CERTIFICATE;
    case WIRE_PROPOSE:
    case WIRE_BLOCK:
    case WIRE_KINDS:
        break;
    }
    return REPLICA_BLOCK;
}

static void send(void *context, uint16_t peer, struct bytes message) {
    struct replica *replica = context;
    uint8_t kind = replica_kind_of((enum wire_kind)message.data[0]);
    replica->calls.send(replica->calls.context, peer, kind, message);
}

static bool has_room(void *context, uint16_t peer, enum wire_kind wire) {
    struct replica *replica = context;
    const struct replica_calls *calls = &replica->calls;
    uint8_t kind = replica_kind_of(wire);
    return !calls->has_room ||
           calls->has_room(calls->context, peer, kind, replica_rules.kinds[kind].max_bytes);
}

static bool is_trusted(void *context, uint16_t peer) { return peer_is_trusted(context, peer); }

static uint16_t find_peer(void *context, const struct public_key *key) {
    return peer_of_witness(context, key);
}

static bool is_body_of(void *context, const struct header *header, struct bytes body) {
    return node_branch_is_body_of(((struct replica *)context)->node, header, body);
}

static bool execute(void *context, const struct header *header, struct bytes body) {
    return node_branch_execute(((struct replica *)context)->node, header, body);
}

static bool build(void *context, const struct driver_build *what, struct header *out,
                  struct buf *body) {
    return node_branch_build(((struct replica *)context)->node, what, out, body);
}

static void forget(void *context, const struct hash *id) {
    node_branch_forget(((struct replica *)context)->node, id);
}

// A block that is shown has told the time, if it is of now, and the next is due from then on.
static void note_head(struct replica *replica) {
    struct node *node = replica->node;
    pthread_mutex_lock(&node->lock);
    if (node->head.header.height > replica->head_height) {
        replica->head_height = node->head.header.height;
        uint64_t told_ms = node->head.header.time_ms + LIMIT_CLOCK_AHEAD_MS;
        node->parent_ms = replica->time.now_ms;
        if (told_ms >= replica->time.wall_ms) node->has_moved_clock = false;
    }
    pthread_mutex_unlock(&node->lock);
}

// The first that fails is the last: what the disk holds only a restart can tell.
static enum status finalize(void *context, const struct driver_final *final) {
    struct replica *replica = context;
    enum status status = node_branch_finalize(replica->node, final);
    if (status == STATUS_OK)
        note_head(replica);
    else
        log_error("node", "a final block could not be kept",
                  log_number("height", (int64_t) final->header->height),
                  log_text("status", status_name(status)));
    return status;
}

static bool find_block(void *context, const struct hash *id, struct header *header,
                       struct buf *body) {
    return node_branch_find_block(((struct replica *)context)->node, id, header, body);
}

static void epoch(void *context, uint64_t number, struct consensus_epoch *rules,
                  struct witness_set *set) {
    struct replica *replica = context;
    node_branch_epoch(replica->node, number, rules, set);
    keys_begin_epoch(replica, number, set);
}

// The boundary before it is the head.
static bool knows_rules(void *context, uint64_t number) {
    struct node *node = ((struct replica *)context)->node;
    return seats_know_protocol(node) || number < node->seats.epoch;
}

static void sync_from(void *context, uint16_t peer) {
    struct replica *replica = context;
    if (peer < LIMIT_PEERS && replica->peers[peer].is_there) block_sync_begin(replica->sync, peer);
}

static void blame(void *context, uint16_t peer) {
    struct replica *replica = context;
    replica->counts.blamed++;
    peer_penalise(replica, peer, FAULT_FORGED);
}

static void draw(void *context, void *out, size_t len) {
    struct replica *replica = context;
    replica->calls.draw(replica->calls.context, out, len);
}

// --- what sync asks for ---

static void send_sync(void *context, uint16_t peer, struct bytes message) {
    struct replica *replica = context;
    replica->calls.send(replica->calls.context, peer, REPLICA_SYNC, message);
}

static bool has_sync_room(void *context, uint16_t peer) {
    struct replica *replica = context;
    const struct replica_calls *calls = &replica->calls;
    return !calls->has_room ||
           calls->has_room(calls->context, peer, REPLICA_SYNC, REPLICA_SYNC_BYTES);
}

static void send_past(void *context, uint16_t peer, struct bytes message) {
    struct replica *replica = context;
    replica->calls.send(replica->calls.context, peer, REPLICA_PAST, message);
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    struct replica *replica = context;
    if (peer >= LIMIT_PEERS || !replica->peers[peer].is_there) return;
    replica->counts.faults[FAULT_SYNC]++;
    replica->calls.penalise(replica->calls.context, peer, points);
}

// --- life ---

static void open_sync(struct replica *replica) {
    struct sync_calls calls = {
        .context = replica, .send = send_sync, .has_room = has_sync_room, .penalise = penalise};
    node_sync_use_node(&calls, replica->node);
    replica->sync = block_sync_open(
        &(struct block_sync_config){.calls = &calls, .chain_id = replica->node->chain_id});
}

static void open_past(struct replica *replica) {
    struct past_source source = {.context = replica, .send = send_past, .has_room = has_sync_room};
    past_serve_use_node(&source, replica->node);
    replica->past = past_serve_open(&source);
}

static enum status open_fill(struct replica *replica) {
    struct fill_calls calls = {
        .peers = {.context = replica, .send = send_past, .penalise = penalise}};
    enum status status = node_fill_open(&replica->fill, replica->node);
    if (!replica->fill) return status;
    node_fill_use(&calls, replica->fill);
    replica->filling = past_fill_open(&calls, 0);
    return STATUS_OK;
}

static enum status open_driver(struct replica *replica, const struct replica_config *config) {
    struct driver_calls calls = {.context = replica,
                                 .send = send,
                                 .has_room = has_room,
                                 .is_trusted = is_trusted,
                                 .find_peer = find_peer,
                                 .is_body_of = is_body_of,
                                 .execute = execute,
                                 .build = build,
                                 .forget = forget,
                                 .finalize = finalize,
                                 .find_block = find_block,
                                 .epoch = epoch,
                                 .knows_rules = knows_rules,
                                 .sync = sync_from,
                                 .evidence = charges_take,
                                 .blame = blame,
                                 .twin = halt_signing,
                                 .halt = halt_now,
                                 .draw = draw};
    struct certificate certificate;
    struct consensus_root root;
    if (replica->relay) {
        calls.passes = relay_passes;
        calls.pass_on = relay_pass_on;
    }
    node_branch_root(replica->node, &root, &certificate);
    return driver_open(&replica->driver,
                       &(struct driver_config){.calls = &calls,
                                               .disk = config->disk,
                                               .chain_id = replica->node->chain_id,
                                               .keys = replica->node->keys,
                                               .key_count = replica->node->key_count,
                                               .accepts_new_keys = config->accepts_new_keys,
                                               .is_first_start = config->is_first_start,
                                               .timeout_ms = config->timeout_ms ? config->timeout_ms
                                                                                : USUAL_TIMEOUT_MS,
                                               .slack_bytes = config->slack_bytes,
                                               .root = &root});
}

static bool signs_no_more(const struct replica *replica) {
    struct consensus_state state;
    driver_look(replica->driver, &state);
    return state.guard.epoch == GUARD_FOR_GOOD;
}

enum status replica_open(struct replica **out, struct node *node,
                         const struct replica_config *config) {
    struct replica *replica = mem_alloc(sizeof *replica);
    replica->node = node;
    replica->calls = *config->calls;
    replica->node_key = config->node_key;
    replica->head_height = node->head.header.height;
    replica->is_hidden = config->is_hidden;
    uint32_t timeout_ms = config->timeout_ms ? config->timeout_ms : USUAL_TIMEOUT_MS;
    replica->relay = relay_open(config, timeout_ms);
    txs_init(replica);
    open_sync(replica);
    open_past(replica);
    enum status status = open_fill(replica);
    if (status == STATUS_OK) status = open_driver(replica, config);
    if (status == STATUS_OK && signs_no_more(replica)) halt_signing(replica);
    if (status == STATUS_OK) status = halt_load(replica);
    if (status == STATUS_OK) status = charges_load(replica);
    if (status != STATUS_OK) {
        replica_close(replica);
        return status;
    }
    *out = replica;
    return STATUS_OK;
}

void replica_close(struct replica *replica) {
    if (!replica) return;
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        replica_peer_left(replica, i);
    txs_clear(replica);
    block_sync_close(replica->sync);
    past_serve_close(replica->past);
    past_fill_close(replica->filling);
    node_fill_close(replica->fill);
    driver_close(replica->driver);
    relay_close(replica->relay);
    mem_free(replica);
}

// --- frames ---

// Without the protocol of the next block it stays behind the boundary before it (driver.h). Where a
// newer release has gone on from there already, and this older one was started after it, there is
// no such place.
static bool may_agree(const struct replica *replica) {
    struct node *node = replica->node;
    struct consensus_state state;
    if (replica->is_halted) return false;
    if (seats_know_protocol(node)) return true;
    driver_look(replica->driver, &state);
    return node->params.protocol <= node->newest_protocol && state.epoch < node->seats.epoch;
}

static enum status take_message(struct replica *replica, uint16_t peer, uint8_t kind,
                                struct bytes payload) {
    if (payload.len == 0 || payload.data[0] >= WIRE_KINDS) return STATUS_MALFORMED;
    if (replica_kind_of((enum wire_kind)payload.data[0]) != kind) return STATUS_MALFORMED;
    if (!may_agree(replica)) return STATUS_OK; // no driver runs that would take it
    enum status status = driver_receive(replica->driver, peer, payload);
    if (status != STATUS_BUSY) return status;
    replica->counts.busy++; // what was missed is fetched
    return STATUS_OK;
}

static enum status take_past(struct replica *replica, uint16_t peer, struct bytes payload) {
    struct past_message message;
    enum status status = past_decode(&message, payload);
    if (status != STATUS_OK) return status;
    if (message.kind == PAST_ASK)
        past_serve_note(replica->past, peer, &message);
    else if (replica->filling)
        past_fill_receive(replica->filling, peer, &message, replica->time.now_ms);
    return STATUS_OK;
}

// That what it is asked for could have come before: a frame of a class that goes before may say no
// more than that the line is full.
static void note_heard(struct replica *replica, uint16_t peer, uint8_t kind) {
    if (kind == REPLICA_TX_IDS || kind == REPLICA_TXS || kind == REPLICA_SYNC ||
        kind == REPLICA_PAST)
        replica->peers[peer].heard_ms = replica->time.now_ms;
}

enum status replica_frame(struct replica *replica, uint16_t peer, uint8_t kind,
                          struct bytes payload) {
    ENSURE(peer < LIMIT_PEERS && replica->peers[peer].is_there);
    note_heard(replica, peer, kind);
    switch (kind) {
    case REPLICA_VOTE:
    case REPLICA_CERTIFICATE:
    case REPLICA_BLOCK:
        return take_message(replica, peer, kind, payload);
    case REPLICA_KEYS:
        return keys_take(replica, peer, payload);
    case REPLICA_TXS:
        return txs_take(replica, peer, payload);
    case REPLICA_TX_IDS:
        return ids_take(replica, peer, payload);
    case REPLICA_SYNC:
        return block_sync_receive(replica->sync, peer, payload, replica->time.now_ms);
    case REPLICA_PAST:
        return take_past(replica, peer, payload);
    case REPLICA_RECORDS:
        return records_take(replica, peer, payload);
    default:
        return STATUS_MALFORMED;
    }
}

void replica_note_tx(struct replica *replica, struct bytes encoded) {
    txs_note(replica, encoded, NULL, &(struct holders){0});
}

// --- running ---

// When the chain's next timer is due, by the wall clock.
static uint64_t timer_due_ms(struct node *node) {
    uint64_t due_ms;
    struct state_version *version = node_state(node);
    bool has_timer = timer_next_due(state_version_view(version), &due_ms);
    state_version_unref(version);
    return has_timer ? due_ms : UINT64_MAX;
}

// Of a protocol that is not known nobody can tell what a block could take.
static bool has_work(struct replica *replica) {
    struct node *node = replica->node;
    if (!seats_know_protocol(node)) return false;
    work_look(node);
    pthread_mutex_lock(&node->lock);
    bool has_any = node->has_work || node->has_moved_clock;
    uint64_t parent_ms = node->head.header.time_ms;
    pthread_mutex_unlock(&node->lock);
    uint64_t now_ms = replica->time.wall_ms > parent_ms ? replica->time.wall_ms : parent_ms;
    return has_any || timer_due_ms(node) <= now_ms;
}

static enum status take_synced(struct replica *replica) {
    struct certificate certificate;
    struct consensus_root root;
    node_branch_root(replica->node, &root, &certificate);
    return driver_take_synced(replica->driver, &root, &replica->time);
}

// What others have as final contradicts what is final here: there is nothing true to add.
static enum status run_sync(struct replica *replica) {
    bool has_arrived = false;
    enum status status = block_sync_run(replica->sync, replica->time.now_ms, &has_arrived);
    if (status == STATUS_CONFLICT) {
        halt_now(replica, HALT_TWO_BRANCHES);
        return replica->halt_status;
    }
    if (status == STATUS_OK) note_head(replica);
    return status == STATUS_OK && has_arrived ? take_synced(replica) : status;
}

static enum status run_past(struct replica *replica) {
    past_serve_run(replica->past);
    if (!replica->filling) return STATUS_OK;
    enum status status = past_fill_run(replica->filling, replica->time.now_ms);
    return status == STATUS_OK ? node_fill_run(replica->fill) : status;
}

// What is left of the work shows in the block that is final.
static enum status run_driver(struct replica *replica) {
    enum status status;
    uint64_t height;
    do {
        height = replica->head_height;
        driver_note_work(replica->driver, has_work(replica));
        status = driver_run(replica->driver, &replica->time);
    } while (status == STATUS_OK && replica->head_height > height && has_work(replica));
    return status == STATUS_OK ? replica->halt_status : status;
}

// A sentry verifies nothing of the epochs whose protocol it lacks, and so passes nothing on.
static void tell_cut_off(struct replica *replica) {
    if (!replica->relay || replica->has_told_cut_off) return;
    replica->has_told_cut_off = true;
    log_error("node", "witnesses behind this sentry are cut off: it lacks the chain's protocol",
              log_number("guarded", (int64_t)replica->relay->guarded_count));
}

static enum status run_agreement(struct replica *replica) {
    if (!seats_know_protocol(replica->node)) tell_cut_off(replica);
    enum status status = may_agree(replica) ? run_driver(replica) : STATUS_OK;
    if (status == STATUS_OK && !replica->is_halted) status = run_sync(replica);
    if (status != STATUS_OK || !seats_know_protocol(replica->node)) return status;
    return charges_run(replica);
}

enum status replica_run(struct replica *replica, const struct driver_time *time) {
    replica->time = *time;
    txs_admit(replica);
    enum status status = replica->is_halted ? STATUS_OK : run_agreement(replica);
    if (status == STATUS_OK) status = run_past(replica);
    if (status == STATUS_OK) txs_tell(replica);
    if (status == STATUS_OK) asks_run(replica);
    if (status == STATUS_OK) records_run(replica);
    return status;
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static uint64_t agreement_wake_ms(const struct replica *replica) {
    uint64_t wake_ms = block_sync_wake_ms(replica->sync);
    if (may_agree(replica)) wake_ms = least(wake_ms, driver_wake_ms(replica->driver));
    if (!seats_know_protocol(replica->node)) return wake_ms;
    return least(wake_ms, charges_wake_ms(replica));
}

uint64_t replica_wake_ms(const struct replica *replica) {
    const struct driver_time *time = &replica->time;
    if (txs_have_come(replica) || replica->out.len > 0) return time->now_ms;
    if (past_serve_has_work(replica->past) || node_fill_has_work(replica->fill))
        return time->now_ms;
    uint64_t wake_ms = replica->is_halted ? UINT64_MAX : agreement_wake_ms(replica);
    if (past_serve_waits(replica->past)) wake_ms = least(wake_ms, time->now_ms + ROOM_MS);
    wake_ms = least(wake_ms, records_wake_ms(replica));
    wake_ms = least(wake_ms, least(asks_wake_ms(replica), early_wake_ms(replica)));
    if (replica->filling) wake_ms = least(wake_ms, past_fill_wake_ms(replica->filling));
    uint64_t due_ms = timer_due_ms(replica->node);
    if (due_ms > time->wall_ms && due_ms != UINT64_MAX)
        wake_ms = least(wake_ms, time->now_ms + (due_ms - time->wall_ms));
    return replica->peer_count > 0 ? least(wake_ms, replica->again_ms) : wake_ms;
}

void replica_exchange(const struct replica *replica, struct node_exchange *out) {
    struct block_sync_counts sync;
    struct past_serve_counts served;
    struct past_fill_counts filled = {0};
    block_sync_count(replica->sync, &sync);
    past_serve_count(replica->past, &served);
    if (replica->filling) past_fill_count(replica->filling, &filled);
    *out = (struct node_exchange){.is_syncing = sync.is_running,
                                  .goal = sync.goal,
                                  .behind = sync.behind,
                                  .synced_blocks = sync.blocks,
                                  .synced_bytes = sync.bytes,
                                  .filled_blocks = filled.blocks,
                                  .filled_bytes = filled.bytes,
                                  .served_blocks = sync.served_blocks,
                                  .past_parts = served.parts,
                                  .past_bytes = served.bytes,
                                  .lies = sync.lies + filled.lies,
                                  .timeouts = sync.timeouts + filled.timeouts};
}

void replica_look(const struct replica *replica, struct replica_look *out) {
    *out = (struct replica_look){
        .counts = replica->counts, .peers = replica->peer_count, .keys = replica->own_count};
    out->witnesses = replica->set.count;
    driver_look(replica->driver, &out->agreement);
    driver_count(replica->driver, &out->verified);
    driver_count_votes(replica->driver, &out->votes);
    block_sync_count(replica->sync, &out->sync);
    out->charges = replica->charge_count;
    if (replica->charge_count > 0) out->charges_since = replica->charges[0].since;
    out->tx_bytes = replica->waiting;
    out->ids_open = asks_open_count(replica);
    out->records = witness_records_count(&replica->records, replica->time.wall_ms);
    for (uint16_t i = 0; i < replica->set.count; i++)
        if (keys_find_peer(replica, &replica->set.keys[i]) != PEER_NONE) out->keys_known++;
}
