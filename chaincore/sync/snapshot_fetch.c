// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/snapshot_fetch.h"

#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/consensus/consensus.h"

enum {
    FAR_AHEAD = 1000,
    SETTLE_MS = 500,
    PATIENCE_MS = 5000,
    HELD_BACK = 24, // times as much for who has failed, and is asked again
    MOST_ASKS = 16, // at once, each for one piece
    NO_PIECE = SNAPSHOT_MAX_PIECES,
};

struct snapshot_fetch {
    struct past_asking asking;
    struct fetch_calls calls;
    struct fetch_config config;
    enum fetch_state state;
    enum status failure; // of the store
    struct fetch_plan plan;
    uint8_t *is_here;  // of each piece
    uint8_t *is_asked; // the same
    uint32_t here;
    uint32_t first_missing; // none below is
    uint64_t began_ms;      // looking, or to be without anybody who has the snapshot
    uint64_t met_ms;        // the first peer; 0: none yet
    bool has_met_ahead;     // one who is far ahead
    bool has_news;
    struct fetch_side {
        bool lacks; // what it was asked for, as it says
        bool has_all_bodies;
        uint32_t piece; // that it was asked for
    } sides[LIMIT_PEERS];
};

struct snapshot_fetch *fetch_open(const struct fetch_config *config, uint64_t now_ms) {
    struct snapshot_fetch *fetch = mem_alloc(sizeof *fetch);
    fetch->calls = *config->calls;
    fetch->config = *config;
    if (!config->far_ahead) fetch->config.far_ahead = FAR_AHEAD;
    if (!config->settle_ms) fetch->config.settle_ms = SETTLE_MS;
    if (!config->patience_ms) fetch->config.patience_ms = PATIENCE_MS;
    past_asking_init(&fetch->asking, &config->calls->peers, config->timeout_ms);
    fetch->asking.now_ms = fetch->began_ms = now_ms;
    return fetch;
}

static void drop_plan(struct snapshot_fetch *fetch) {
    mem_free(fetch->is_here);
    mem_free(fetch->is_asked);
    fetch->is_here = fetch->is_asked = NULL;
    fetch->plan = (struct fetch_plan){0};
    fetch->here = fetch->first_missing = 0;
}

void fetch_close(struct snapshot_fetch *fetch) {
    if (!fetch) return;
    past_asking_clear(&fetch->asking);
    drop_plan(fetch);
    mem_free(fetch);
}

static void begin_pieces(struct snapshot_fetch *fetch, const struct fetch_plan *plan) {
    drop_plan(fetch);
    fetch->plan = *plan;
    fetch->is_here = mem_alloc_array((size_t)plan->piece_count + 1, 1);
    fetch->is_asked = mem_alloc_array((size_t)plan->piece_count + 1, 1);
    for (uint32_t i = 0; i < plan->piece_count; i++) {
        fetch->is_here[i] = fetch->calls.has(fetch->calls.store, i);
        fetch->here += fetch->is_here[i];
    }
    fetch->state = FETCH_PIECES;
    fetch->began_ms = 0;
    fetch->has_news = true;
    log_info("node", "joining by a snapshot", log_number("height", (int64_t)plan->height),
             log_number("pieces", plan->piece_count), log_number("here", fetch->here));
}

void fetch_resume(struct snapshot_fetch *fetch, const struct fetch_plan *plan) {
    begin_pieces(fetch, plan);
}

static void begin_again(struct snapshot_fetch *fetch) {
    log_info("node", "nobody has the snapshot any more that was begun",
             log_number("height", (int64_t)fetch->plan.height));
    fetch->calls.forget(fetch->calls.store);
    drop_plan(fetch);
    for (uint16_t i = 0; i < fetch->asking.peer_end; i++) {
        past_end_ask(&fetch->asking, i);
        fetch->sides[i].lacks = false;
        fetch->sides[i].piece = NO_PIECE;
    }
    fetch->state = FETCH_LOOKING;
    fetch->began_ms = fetch->asking.now_ms;
    fetch->has_news = true;
}

// ---- peers

// Its piece may be asked of another.
static void give_back(struct snapshot_fetch *fetch, uint16_t peer) {
    uint32_t piece = fetch->sides[peer].piece;
    if (piece < fetch->plan.piece_count) fetch->is_asked[piece] = false;
    fetch->sides[peer].piece = NO_PIECE;
    fetch->has_news = true;
}

void fetch_peer_left(struct snapshot_fetch *fetch, uint16_t peer) {
    past_peer_left(&fetch->asking, peer);
    give_back(fetch, peer);
    fetch->sides[peer] = (struct fetch_side){.piece = NO_PIECE};
}

void fetch_peer_joined(struct snapshot_fetch *fetch, uint16_t peer, const struct fetch_peer *info) {
    struct past_peer_info own = {.gives_snapshots = info->gives_snapshots,
                                 .final_height = info->final_height};
    past_peer_joined(&fetch->asking, peer, &own);
    fetch->sides[peer] =
        (struct fetch_side){.has_all_bodies = info->has_all_bodies, .piece = NO_PIECE};
    if (fetch->met_ms == 0) fetch->met_ms = fetch->asking.now_ms;
    fetch->has_met_ahead |= info->final_height >= fetch->config.far_ahead;
    fetch->has_news = true;
}

static void accuse(struct snapshot_fetch *fetch, uint16_t peer, const char *what) {
    past_accuse(&fetch->asking, peer, what);
    give_back(fetch, peer);
}

static bool may_have_manifest(const void *context, uint16_t number, const struct past_peer *peer) {
    const struct snapshot_fetch *fetch = context;
    return peer->gives_snapshots && peer->newest >= fetch->config.far_ahead &&
           !fetch->sides[number].lacks;
}

static bool may_have_piece(const void *context, uint16_t number, const struct past_peer *peer) {
    const struct snapshot_fetch *fetch = context;
    return peer->gives_snapshots && !fetch->sides[number].lacks;
}

// ---- asking

static void ask_on(struct snapshot_fetch *fetch) {
    for (uint16_t i = 0; i < fetch->asking.peer_end; i++) past_ask_on(&fetch->asking, i);
}

static bool is_body_there(const struct snapshot_fetch *fetch) {
    for (uint16_t i = 0; i < fetch->asking.peer_end; i++)
        if (fetch->asking.peers[i].is_there && fetch->sides[i].has_all_bodies) return true;
    return false;
}

// Until when others may come, whom to wait for. Where somebody is far ahead and nobody has the
// first blocks, there is no other way than to wait; and who has failed once is asked again, for all
// blocks since genesis cost more than some patience.
static uint64_t give_up_ms(const struct snapshot_fetch *fetch, bool is_held_back) {
    uint64_t patience_ms = (uint64_t)fetch->config.patience_ms * (is_held_back ? HELD_BACK : 1);
    if (fetch->met_ms == 0) return fetch->began_ms + fetch->config.patience_ms;
    if (!fetch->has_met_ahead) return fetch->met_ms + fetch->config.settle_ms;
    return is_body_there(fetch) ? fetch->began_ms + patience_ms : UINT64_MAX;
}

static void look(struct snapshot_fetch *fetch) {
    bool later = false;
    ask_on(fetch);
    if (past_asks_out(&fetch->asking) > 0) return;
    uint16_t peer = past_choose(&fetch->asking, may_have_manifest, fetch, &later);
    if (peer != PEER_NONE)
        past_ask(&fetch->asking, peer, PAST_MANIFEST, 0, 0);
    else if (fetch->asking.now_ms >= give_up_ms(fetch, later))
        fetch->state = FETCH_BY_BLOCKS;
}

static uint32_t find_missing(struct snapshot_fetch *fetch) {
    while (fetch->first_missing < fetch->plan.piece_count && fetch->is_here[fetch->first_missing])
        fetch->first_missing++;
    for (uint32_t i = fetch->first_missing; i < fetch->plan.piece_count; i++)
        if (!fetch->is_here[i] && !fetch->is_asked[i]) return i;
    return NO_PIECE;
}

static void ask_pieces(struct snapshot_fetch *fetch) {
    bool later = false;
    ask_on(fetch);
    while (past_asks_out(&fetch->asking) < MOST_ASKS) {
        uint32_t piece = find_missing(fetch);
        if (piece == NO_PIECE) return;
        uint16_t peer = past_choose(&fetch->asking, may_have_piece, fetch, &later);
        if (peer == PEER_NONE) break;
        fetch->is_asked[piece] = true;
        fetch->sides[peer].piece = piece;
        past_ask(&fetch->asking, peer, PAST_PIECE, fetch->plan.height, piece);
    }
    bool is_anybody = later || past_asks_out(&fetch->asking) > 0;
    if (is_anybody)
        fetch->began_ms = 0;
    else if (fetch->began_ms == 0)
        fetch->began_ms = fetch->asking.now_ms;
    else if (fetch->asking.now_ms >= fetch->began_ms + fetch->config.patience_ms)
        begin_again(fetch);
}

// ---- answers

// TIMEOUT: what this node believes is too old, whoever it asks.
static bool is_own_failure(enum status status) {
    return status == STATUS_IO || status == STATUS_FULL || status == STATUS_NO_MEMORY ||
           status == STATUS_TIMEOUT;
}

static void take_manifest(struct snapshot_fetch *fetch, uint16_t peer, uint64_t height) {
    struct fetch_plan plan = {0};
    struct bytes manifest = buf_bytes(&fetch->asking.peers[peer].row);
    enum status status = fetch->calls.begin(fetch->calls.store, manifest, &plan);
    if (is_own_failure(status)) {
        fetch->failure = status;
        return;
    }
    if (status == STATUS_NOT_FOUND) {
        log_warning("node", "a snapshot does not lead on from the header that is trusted",
                    log_number("height", (int64_t)height));
        fetch->sides[peer].lacks = true;
        past_row_taken(&fetch->asking, peer);
        return;
    }
    if (status == STATUS_OK && plan.height != height) {
        fetch->calls.forget(fetch->calls.store);
        status = STATUS_INVALID;
    }
    if (status != STATUS_OK) {
        accuse(fetch, peer, "a snapshot that is not the chain's");
        return;
    }
    past_row_taken(&fetch->asking, peer);
    begin_pieces(fetch, &plan);
}

static void take_piece(struct snapshot_fetch *fetch, uint16_t peer) {
    uint32_t piece = fetch->sides[peer].piece;
    ENSURE(piece < fetch->plan.piece_count);
    struct bytes bytes = buf_bytes(&fetch->asking.peers[peer].row);
    enum status status =
        fetch->is_here[piece] ? STATUS_OK : fetch->calls.keep(fetch->calls.store, piece, bytes);
    if (is_own_failure(status)) {
        fetch->failure = status;
        return;
    }
    if (status != STATUS_OK) {
        accuse(fetch, peer, "a piece of another state");
        return;
    }
    fetch->here += !fetch->is_here[piece];
    fetch->is_here[piece] = true;
    past_row_taken(&fetch->asking, peer);
    give_back(fetch, peer);
}

enum status fetch_receive(struct snapshot_fetch *fetch, uint16_t peer, struct bytes bytes,
                          uint64_t now_ms) {
    struct past_message message;
    uint64_t height = 0;
    ENSURE(peer < LIMIT_PEERS);
    enum status status = past_decode(&message, bytes);
    if (status != STATUS_OK) return status;
    fetch->asking.now_ms = now_ms;
    fetch->has_news = true;
    switch (past_take(&fetch->asking, peer, &message, &height)) {
    case PAST_TOOK_NONE:
        fetch->sides[peer].lacks = true;
        give_back(fetch, peer);
        break;
    case PAST_TOOK_LOST:
        give_back(fetch, peer);
        break;
    case PAST_TOOK_ROW:
        if (fetch->asking.peers[peer].what == PAST_MANIFEST)
            take_manifest(fetch, peer, height);
        else
            take_piece(fetch, peer);
        break;
    case PAST_TOOK_NOTHING:
        if (fetch->asking.peers[peer].has_lied) give_back(fetch, peer);
        break;
    case PAST_TOOK_PART:
        break;
    }
    return STATUS_OK;
}

// ---- running

enum status fetch_run(struct snapshot_fetch *fetch, uint64_t now_ms, enum fetch_state *state) {
    uint16_t late;
    fetch->asking.now_ms = now_ms;
    fetch->has_news = false;
    while ((late = past_find_late(&fetch->asking)) != PEER_NONE) give_back(fetch, late);
    if (fetch->failure == STATUS_OK && fetch->state == FETCH_LOOKING) look(fetch);
    if (fetch->failure == STATUS_OK && fetch->state == FETCH_PIECES) {
        if (fetch->here == fetch->plan.piece_count)
            fetch->state = FETCH_WHOLE;
        else
            ask_pieces(fetch);
    }
    *state = fetch->state;
    return fetch->failure;
}

uint64_t fetch_wake_ms(const struct snapshot_fetch *fetch) {
    if (fetch->has_news) return fetch->asking.now_ms;
    uint64_t wake_ms = past_wake_ms(&fetch->asking);
    uint64_t end_ms = UINT64_MAX;
    if (fetch->state == FETCH_LOOKING) end_ms = give_up_ms(fetch, false);
    if (fetch->state == FETCH_PIECES && fetch->began_ms > 0)
        end_ms = fetch->began_ms + fetch->config.patience_ms;
    return end_ms > fetch->asking.now_ms && end_ms < wake_ms ? end_ms : wake_ms;
}

void fetch_count(const struct snapshot_fetch *fetch, struct fetch_counts *out) {
    *out = (struct fetch_counts){.plan = fetch->plan,
                                 .pieces = fetch->here,
                                 .bytes = fetch->asking.bytes,
                                 .lies = fetch->asking.lies,
                                 .timeouts = fetch->asking.timeouts};
}
