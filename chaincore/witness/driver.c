// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/witness/driver_inside.h"

// Which of the set the own keys are.
static void find_own(struct driver *driver, const struct witness_set *set) {
    driver->rules.own = (struct witness_group){0};
    for (uint16_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < driver->key_count; k++)
            if (memcmp(&set->keys[i], &driver->publics[k], sizeof set->keys[i]) == 0) {
                group_add(&driver->rules.own, i);
                driver->key_of[i] = (uint8_t)k;
            }
}

static enum status set_epoch(struct driver *driver, uint64_t epoch) {
    struct witness_set set;
    struct consensus_epoch before;
    if (epoch > 0) {
        driver->calls.epoch(driver->calls.context, epoch - 1, &before, &set);
        driver->witnesses_before = before.witness_count;
    }
    driver->calls.epoch(driver->calls.context, epoch, &driver->rules, &set);
    enum status status = committee_init(&driver->committee, &driver->rules, &set);
    if (status != STATUS_OK) {
        log_error("witness", "the chain gave no sound set", log_number("epoch", (int64_t)epoch));
        return status;
    }
    find_own(driver, &set);
    return STATUS_OK;
}

static bool is_of_twin(const struct consensus_record *record) {
    return record->kind == RECORD_VOTES && record->votes.epoch == GUARD_FOR_GOOD;
}

static void restore(void *context, const struct vote_log_entry *entry) {
    struct driver *driver = context;
    struct hash id;
    if (is_of_twin(&entry->record)) driver->has_logged_twin = true;
    // Votes hold the key back, however old they are.
    if (entry->record.kind != RECORD_VOTES && !consensus_needs(driver->core, &entry->record))
        return;
    if (entry->record.kind == RECORD_BLOCK) {
        header_id(&id, entry->record.block);
        held_sweep(driver); // what the state machine has dropped to make room
        if (!held_add(driver, entry->record.block, &id, entry->body)) return;
    }
    consensus_restore(driver->core, &entry->record);
}

// Whatever is signed later lies behind it in the log.
void driver_hold_back(struct driver *driver, uint64_t epoch) {
    struct vote_log_entry entry = {.record = {.kind = RECORD_VOTES}};
    struct signed_votes *votes = &entry.record.votes;
    votes->epoch = epoch;
    votes->view = GUARD_WHOLE_EPOCH;
    votes->kind = VOTE_NULLIFY;
    vote_log_append(driver->log, &entry);
    consensus_hold_back(driver->core, epoch);
}

static void hold_back(struct driver *driver, uint64_t epoch) {
    log_warning("witness", "what was signed is not known: nothing is up to this epoch's end",
                log_number("epoch", (int64_t)epoch));
    driver_hold_back(driver, epoch);
}

// Who signs in an epoch has its boundary as final: the next can have begun where the keys were.
static enum status hold_back_from(struct driver *driver, const struct header *newest) {
    hold_back(driver, newest->epoch + 1);
    return vote_log_sync(driver->log);
}

// What showed it may be dropped, by the next start too: a power cut can have come before the line.
static enum status keep_twin(struct driver *driver) {
    struct consensus_state state;
    consensus_look(driver->core, &state);
    if (state.guard.epoch != GUARD_FOR_GOOD || driver->has_logged_twin) return STATUS_OK;
    driver_hold_back(driver, GUARD_FOR_GOOD);
    return vote_log_sync(driver->log);
}

static bool is_held_back(const struct consensus_state *state) {
    return state->guard.view == GUARD_WHOLE_EPOCH;
}

static enum status begin_log(struct driver *driver, struct consensus_root *root,
                             struct certificate *certificate) {
    uint64_t newest = root->header.height;
    if (vote_log_is_new(driver->log)) return vote_log_begin(driver->log, root);
    enum status status = vote_log_root(driver->log, root, certificate);
    if (status != STATUS_OK || root->header.height <= newest) return status;
    log_error("witness",
              "the chain is behind its log of votes: begin with an empty one (docs/witness.md)",
              log_number("height", (int64_t)newest),
              log_number("log", (int64_t)root->header.height));
    return STATUS_CORRUPT;
}

static enum status take_keys(struct driver *driver, const struct driver_config *config) {
    struct witness_set own = {.count = (uint16_t)config->key_count};
    if (config->key_count > LIMIT_WITNESSES) return STATUS_INVALID;
    driver->key_count = config->key_count;
    for (size_t i = 0; i < config->key_count; i++) {
        driver->keys[i] = config->keys[i];
        key_public_of(&driver->publics[i], &driver->keys[i]);
        own.keys[i] = driver->publics[i];
    }
    return own.count == 0 || witness_set_is_sound(&own) ? STATUS_OK : STATUS_INVALID;
}

// Of what its keys signed where blocks came in bulk it knows no more than before.
static void hold_back_further(struct driver *driver, uint64_t epoch) {
    struct consensus_state state;
    consensus_look(driver->core, &state);
    if (is_held_back(&state) && state.guard.epoch <= epoch) hold_back(driver, epoch + 1);
}

// Agreement begins where the chain is. The log's root may lie thousands of blocks below it, all of
// them final: the state machine has room for the unfinal ones alone. Where the chain is in another
// epoch, as after a process that ended while blocks came in bulk, the log does not know of it yet.
static enum status find_start(struct driver *driver, struct consensus_root *root,
                              const struct consensus_root *chain, bool *is_further) {
    *is_further = chain->epoch > root->epoch;
    if (chain->header.height > root->header.height) *root = *chain;
    return set_epoch(driver, root->epoch);
}

static enum status note_start(struct driver *driver, const struct consensus_root *root) {
    struct vote_log_entry entry = {.record = {.kind = RECORD_ROOT, .root = root}};
    hold_back_further(driver, root->epoch);
    vote_log_append(driver->log, &entry);
    return vote_log_sync(driver->log);
}

static enum status start(struct driver *driver, const struct driver_config *config) {
    struct certificate certificate;
    struct consensus_root root;
    bool is_further = false;
    enum status status = STATUS_OK;
    TRY(take_keys(driver, config));
    struct vote_log_config log = {.disk = config->disk,
                                  .chain_id = config->chain_id,
                                  .accepts_new_keys = config->accepts_new_keys,
                                  .draw = driver->calls.draw,
                                  .context = driver->calls.context,
                                  .slack_bytes = config->slack_bytes};
    vote_log_group(&log.group, driver->publics, driver->key_count);
    TRY(vote_log_open(&driver->log, &log));
    bool is_new = vote_log_is_new(driver->log);
    root = *config->root;
    driver->found_ms = root.header.time_ms;
    TRY(begin_log(driver, &root, &certificate));
    TRY(find_start(driver, &root, config->root, &is_further));
    driver->core = consensus_init(
        mem_alloc(consensus_bytes()),
        &(struct consensus_config){.chain_id = config->chain_id, .timeout_ms = config->timeout_ms},
        &driver->rules, &root);
    if (!is_new) TRY(vote_log_replay(driver->log, restore, driver));
    TRY(keep_twin(driver));
    if (is_further) TRY(note_start(driver, &root));
    bool is_others = vote_log_is_others(driver->log);
    bool is_nobodys = vote_log_is_nobodys(driver->log); // nobody has signed by it
    bool is_first = config->is_first_start && config->root->header.height == 0;
    bool is_lost = (is_new || is_nobodys) && !is_first;
    if (driver->key_count > 0 && (is_lost || (is_others && !is_nobodys)))
        TRY(hold_back_from(driver, &config->root->header));
    if (is_others) TRY(vote_log_take_over(driver->log, driver->core));
out:
    return status;
}

enum status driver_open(struct driver **out, const struct driver_config *config) {
    struct driver *driver = mem_alloc(sizeof *driver);
    driver->calls = *config->calls;
    driver->chain_id = config->chain_id;
    driver->ask_again_ms = config->timeout_ms / 2; // before the state machine asks others
    driver->verifier = verifier_init(mem_alloc(verifier_bytes()), &config->chain_id);
    enum status status = start(driver, config);
    if (status != STATUS_OK) {
        driver_close(driver);
        return status;
    }
    *out = driver;
    return STATUS_OK;
}

void driver_close(struct driver *driver) {
    if (!driver) return;
    inbox_clear(&driver->inbox);
    held_clear(driver);
    buf_clear(&driver->signed_votes);
    buf_clear(&driver->events);
    buf_clear(&driver->finals);
    buf_clear(&driver->encoded);
    vote_log_close(driver->log);
    mem_free(driver->core);
    mem_free(driver->verifier);
    secret_clear(driver->keys, sizeof driver->keys);
    mem_free(driver);
}

enum status driver_receive(struct driver *driver, uint16_t peer, struct bytes message) {
    struct wire_message *decoded = &driver->messages[0]; // no loop is under way
    ENSURE(peer < LIMIT_PEERS);
    enum status status = wire_decode(decoded, message);
    if (status == STATUS_OK)
        status = inbox_put(&driver->inbox, peer, driver_trusts(driver, peer), message);
    if (status == STATUS_OK && decoded->kind == WIRE_FETCH) driver->fetches_of[peer]++;
    return status;
}

void driver_peer_joined(struct driver *driver, uint16_t peer, const struct answer_owners *owners) {
    answers_peer_joined(&driver->answers, peer, owners, driver->time.now_ms);
}

void driver_peer_speaks_for(struct driver *driver, uint16_t peer,
                            const struct public_key *witness) {
    struct bytes owner = witness ? BYTES_OF(*witness) : bytes_of(NULL, 0);
    answers_peer_speaks_for(&driver->answers, peer, owner, driver->time.now_ms);
    inbox_peer_speaks_for(&driver->inbox, peer, owner);
}

void driver_peer_left(struct driver *driver, uint16_t peer) {
    inbox_peer_left(&driver->inbox, peer);
    driver->asked[peer] = false;
    driver->asked_last[peer].has = false;
    driver->fetches_of[peer] = 0;
    answers_peer_left(&driver->answers, peer);
    handout_peer_left(&driver->handout, peer);
    handout_peer_left(&driver->certificates, peer);
}

// Many certificates for seventy bytes: whoever asks again before it was answered has the answer to
// its last question, once at most in each run.
static bool is_last_fetch(struct driver *driver, uint16_t peer) {
    if (peer == PEER_NONE) return false;
    ENSURE(driver->fetches_of[peer] > 0);
    return --driver->fetches_of[peer] == 0;
}

static void blame(struct driver *driver, uint16_t peer) {
    if (peer != PEER_NONE) driver->calls.blame(driver->calls.context, peer);
}

void driver_note_work(struct driver *driver, bool has_work) {
    driver->has_news_of_work = driver->has_news_of_work || has_work != driver->has_work;
    driver->has_work = has_work;
}

// Holds the body that came with it; false: it is somebody else's body, or there is no room.
static bool take_body(struct driver *driver, uint16_t peer, const struct wire_message *message,
                      const struct hash *id) {
    if (held_find(driver, id)) return true;
    if (!driver->calls.is_body_of(driver->calls.context, &message->header, message->body)) {
        blame(driver, peer);
        return false;
    }
    return held_add(driver, &message->header, id, message->body) != NULL;
}

// A stranger waits for its turn: what all of them may have would else go to who asks first.
static void let_wait(struct driver *driver, uint16_t peer, const struct fetch *fetch) {
    static const struct hash none;
    driver->fetches[peer] = *fetch;
    handout_ask(&driver->certificates, peer, &none, false);
}

// Each may bring more, which goes behind.
static void feed_events(struct driver *driver) {
    for (size_t at = 0; at < driver->events.len; at += sizeof(struct pending_event)) {
        struct pending_event pending;
        memcpy(&pending, driver->events.data + at, sizeof pending);
        struct consensus_event event = {.kind = pending.kind, .peer = PEER_NONE};
        if (pending.kind == EVENT_BUILT) {
            event.built = pending.is_valid ? &pending.header : NULL;
        } else {
            event.executed.id = pending.id;
            event.executed.is_valid = pending.is_valid;
        }
        driver_feed(driver, &event);
    }
    buf_reset(&driver->events);
}

static void feed_message(struct driver *driver, uint16_t peer, const struct wire_message *message) {
    struct consensus_event event = {.peer = peer};
    struct hash id;
    switch (message->kind) {
    case WIRE_PROPOSE:
        if (!take_body(driver, peer, message, &message->message.proposal.id)) return;
        event.kind = EVENT_PROPOSAL;
        event.proposal = message->message.proposal;
        driver->counts.taken[VOTE_PROPOSE]++;
        break;
    case WIRE_NOTARIZE:
    case WIRE_NULLIFY:
    case WIRE_FINALIZE:
        event.kind = EVENT_VOTES;
        event.votes = message->message.votes;
        driver->counts.taken[event.votes.kind] += event.votes.count;
        break;
    case WIRE_CERTIFICATE:
        event.kind = EVENT_CERTIFICATE;
        event.sealed = message->message.sealed;
        break;
    case WIRE_FETCH:
        if (!is_last_fetch(driver, peer)) return;
        event.kind = EVENT_FETCH;
        event.fetch = message->message.fetch;
        if (driver_trusts(driver, peer)) break;
        let_wait(driver, peer, &event.fetch);
        return;
    case WIRE_AHEAD:
        if (peer == PEER_NONE || !driver->asked[peer]) return;
        driver->asked[peer] = false;
        event.kind = EVENT_AHEAD;
        event.ahead = message->message.ahead;
        break;
    case WIRE_BLOCK:
        header_id(&id, &message->header);
        if (!consensus_wants(driver->core, &id)) {
            driver->useless++;
            return;
        }
        if (!take_body(driver, peer, message, &id)) return;
        event.kind = EVENT_BLOCK;
        event.block = &message->header;
        break;
    case WIRE_KINDS:
        return;
    }
    driver_feed(driver, &event);
    feed_events(driver);
    held_sweep(driver);
}

static void feed_fetches(struct driver *driver) {
    uint16_t peer;
    while ((peer = handout_next(&driver->certificates, driver->time.now_ms)) != PEER_NONE) {
        struct consensus_event event = {
            .kind = EVENT_FETCH, .peer = peer, .fetch = driver->fetches[peer]};
        if (!driver_may_answer(driver, peer, WIRE_CERTIFICATE)) continue;
        driver_feed(driver, &event);
        feed_events(driver);
        held_sweep(driver);
    }
}

// What old messages say that come again is not verified again. BLOCK has nothing to verify.
static bool is_of_use(const struct driver *driver, const struct wire_message *message) {
    return message->kind == WIRE_BLOCK || consensus_can_use(driver->core, &message->message);
}

// Of a view near the own one: there may be as many messages of old ones as anybody has kept.
static bool is_of_now(const struct driver *driver, const struct wire_message *message) {
    struct consensus_state state;
    const struct consensus_message *what = &message->message;
    uint64_t view = 0, reach = LIMIT_VIEWS_COUNTED / 2;
    consensus_look(driver->core, &state);
    if (message->kind == WIRE_PROPOSE)
        view = what->proposal.view;
    else if (message->kind < WIRE_CERTIFICATE)
        view = what->votes.view;
    else if (message->kind == WIRE_CERTIFICATE)
        view = message->certificate.view;
    return view > 0 && view + reach >= state.view && view <= state.view + reach;
}

static bool may_go_on(struct driver *driver, const struct wire_message *message,
                      const struct inbox_item *item) {
    return driver->calls.passes && item->peer != PEER_NONE && is_of_now(driver, message) &&
           driver->calls.passes(driver->calls.context, item->peer, buf_bytes(&item->bytes));
}

// A proposal is signed and its body is not.
static bool has_own_body(struct driver *driver, const struct wire_message *message) {
    if (message->kind != WIRE_PROPOSE) return true;
    const struct held_block *held = held_find(driver, &message->message.proposal.id);
    if (held) return bytes_equal(buf_bytes(&held->body), message->body);
    return driver->calls.is_body_of(driver->calls.context, &message->header, message->body);
}

// Before it is executed here: the next one has as much to do.
static void pass_on(struct driver *driver, const struct wire_message *message) {
    const struct inbox_item *item = inbox_at(&driver->inbox, 0);
    if (may_go_on(driver, message, item) && has_own_body(driver, message))
        driver->calls.pass_on(driver->calls.context, item->peer, buf_bytes(&item->bytes));
}

// Places of what is of use are filled; returns how many.
static size_t verify_queue(struct driver *driver, struct verify_item *items, size_t count) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct inbox_item *item = inbox_at(&driver->inbox, i);
        struct wire_message *message = &driver->messages[i];
        ENSURE(wire_decode(message, buf_bytes(&item->bytes)) == STATUS_OK); // it was received
        if (is_of_use(driver, message) || may_go_on(driver, message, item))
            items[used++] = (struct verify_item){.message = message};
        else
            driver->useless++;
    }
    verify_messages(driver->verifier, &driver->committee, items, used);
    return used;
}

static void feed_queue(struct driver *driver) {
    struct verify_item items[LIMIT_DRIVER_MESSAGES];
    size_t count =
        driver->inbox.count < LIMIT_DRIVER_MESSAGES ? driver->inbox.count : LIMIT_DRIVER_MESSAGES;
    size_t used = verify_queue(driver, items, count), next = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t peer = inbox_at(&driver->inbox, 0)->peer;
        if (next < used && items[next].message == &driver->messages[i]) {
            if (items[next].is_forged) blame(driver, peer);
            if (items[next].is_valid) {
                pass_on(driver, &driver->messages[i]);
                feed_message(driver, peer, &driver->messages[i]);
            }
            next++;
        }
        inbox_drop_first(&driver->inbox);
    }
}

static enum status show_finals(struct driver *driver) {
    enum status status = STATUS_OK;
    struct buf finals = driver->finals;
    driver->finals = (struct buf){0};
    for (size_t at = 0; at < finals.len && status == STATUS_OK;
         at += sizeof(struct pending_final)) {
        struct pending_final pending;
        memcpy(&pending, finals.data + at, sizeof pending);
        const struct held_block *held = held_find(driver, &pending.id);
        ENSURE(held); // it was executed
        struct driver_final final = {.header = &pending.header,
                                     .id = pending.id,
                                     .body = buf_bytes(&held->body),
                                     .missed_views = pending.missed_views};
        if (pending.has_certificate) final.certificate = &pending.certificate;
        status = driver->calls.finalize(driver->calls.context, &final);
    }
    buf_clear(&finals);
    return status;
}

static void report_signed(struct driver *driver) {
    struct buf votes = driver->signed_votes;
    driver->signed_votes = (struct buf){0};
    struct vote_signer signers[LIMIT_WITNESSES];
    for (size_t at = 0; at < votes.len;) {
        struct consensus_event event = {.kind = EVENT_SIGNED, .peer = PEER_NONE};
        memcpy(&event.votes, votes.data + at, sizeof event.votes);
        at += sizeof event.votes;
        memcpy(signers, votes.data + at, event.votes.count * sizeof *signers);
        at += event.votes.count * sizeof *signers;
        event.votes.signers = signers;
        driver_feed(driver, &event);
    }
    buf_clear(&votes);
}

static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }
static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

// When this process began: the latest that the clock has said so, then or now, for it may have been
// wrong and set right meanwhile; and no earlier than the chain that it found.
static uint64_t began_ms(const struct driver *driver) {
    uint64_t ran_ms = driver->time.now_ms - driver->began_now_ms;
    uint64_t by_now = driver->time.wall_ms > ran_ms ? driver->time.wall_ms - ran_ms : 0;
    return most(driver->found_ms, most(driver->began_wall_ms, by_now));
}

// A boundary that was dated before this start may have come long after it was made: the network can
// have been beyond it when the keys were last used. By a clock that is behind the boundary nobody
// can tell.
static bool is_passed_late(const struct driver *driver) {
    struct consensus_root boundary;
    consensus_root_of(driver->core, &boundary);
    uint64_t made_ms = boundary.header.time_ms;
    return made_ms <= began_ms(driver) + LIMIT_CLOCK_AHEAD_MS ||
           made_ms > driver->time.wall_ms + LIMIT_CLOCK_AHEAD_MS;
}

static enum status begin_epoch(struct driver *driver) {
    struct consensus_state state;
    consensus_look(driver->core, &state);
    driver->is_epoch_over = false;
    if (driver->calls.knows_rules &&
        !driver->calls.knows_rules(driver->calls.context, state.epoch + 1))
        return STATUS_OK;
    enum status status = set_epoch(driver, state.epoch + 1);
    if (status != STATUS_OK) return status;
    if (driver->rules.first_view == 0) return STATUS_OK; // driver_take_synced will say where it is
    if (is_held_back(&state) && state.guard.epoch <= state.epoch && is_passed_late(driver))
        hold_back(driver, state.epoch + 1);
    struct consensus_event event = {
        .kind = EVENT_EPOCH, .peer = PEER_NONE, .epoch = &driver->rules};
    driver_feed(driver, &event);
    return STATUS_OK;
}

static bool is_quiet(const struct driver *driver) {
    return driver->inbox.count == 0 && driver->events.len == 0 && driver->finals.len == 0 &&
           !driver->is_epoch_over && vote_log_is_synced(driver->log);
}

// Nothing is shown of a loop, neither votes nor final blocks, before all of it is durable.
static enum status settle(struct driver *driver) {
    enum status status = STATUS_OK;
    do {
        feed_queue(driver);
        feed_fetches(driver);
        feed_events(driver);
        TRY(vote_log_sync(driver->log));
        TRY(show_finals(driver));
        held_sweep(driver);
        report_signed(driver); // of this epoch, before the next begins
        if (driver->is_epoch_over && driver->finals.len == 0) TRY(begin_epoch(driver));
    } while (!is_quiet(driver));
    TRY(vote_log_compact(driver->log, driver->core));
out:
    return status;
}

static void set_time(struct driver *driver, const struct driver_time *time) {
    if (!driver->has_begun) {
        driver->began_wall_ms = time->wall_ms;
        driver->began_now_ms = time->now_ms;
    }
    driver->has_begun = true;
    driver->time = *time;
}

enum status driver_run(struct driver *driver, const struct driver_time *time) {
    struct consensus_event event = {.kind = EVENT_TICK, .peer = PEER_NONE};
    set_time(driver, time);
    if (driver->has_news_of_work) {
        event.kind = EVENT_WORK;
        event.has_work = driver->has_work;
        driver->has_news_of_work = false;
    }
    driver_feed(driver, &event);
    enum status status = settle(driver);
    if (status == STATUS_OK) blocks_hand_out(driver);
    return status;
}

uint64_t driver_wake_ms(const struct driver *driver) {
    uint64_t core_ms = consensus_wake_ms(driver->core);
    uint64_t handout_ms = handout_wake_ms(&driver->handout);
    uint64_t fetches_ms = handout_wake_ms(&driver->certificates);
    return least(core_ms, least(handout_ms, fetches_ms));
}

// Who hands out final blocks may itself be an epoch behind the network.
enum status driver_take_synced(struct driver *driver, const struct consensus_root *root,
                               const struct driver_time *time) {
    struct consensus_state state;
    set_time(driver, time);
    consensus_look(driver->core, &state);
    if (root->header.height <= state.final_height) return STATUS_OK;
    if (root->epoch != driver->committee.epoch) {
        enum status status = set_epoch(driver, root->epoch);
        if (status != STATUS_OK) return status;
    }
    hold_back_further(driver, root->epoch);
    struct consensus_event event = {.kind = EVENT_SYNCED, .peer = PEER_NONE};
    event.synced.epoch = &driver->rules;
    event.synced.root = root;
    driver_feed(driver, &event);
    return settle(driver);
}

void driver_look(const struct driver *driver, struct consensus_state *out) {
    consensus_look(driver->core, out);
}

void driver_count(const struct driver *driver, struct verify_counts *out) {
    verify_count(driver->verifier, out);
    out->useless = driver->useless;
}

void driver_count_votes(const struct driver *driver, struct driver_counts *out) {
    *out = driver->counts;
    out->waiting = driver->inbox.count;
}
