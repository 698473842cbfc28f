// SPDX-License-Identifier: Apache-2.0
// Transactions that came before those they follow in their lanes. One is sent whole, the one before
// it told by its id alone, or asked of a peer that answers late: without a place to wait, all of
// such a lane would have to come again.
#include "chaincore/base/memory.h"
#include "chaincore/contract/lane.h"
#include "chaincore/node/replica_inside.h"

enum { LOOK_MS = 20 }; // no sooner again: it costs a look into the state for each

struct early_item {
    struct tx_lane lane;
    uint64_t seq;
    uint64_t at_ms;
    uint16_t peer;
    bool is_taken;
    struct buf encoded;
};

struct early {
    struct early_item items[LIMIT_GOSSIP_EARLY]; // as they came
    size_t count;
    size_t bytes;
    uint64_t look_ms;
    uint64_t news; // when it was looked last
};

void early_init(struct replica *replica) { replica->early = mem_alloc(sizeof *replica->early); }

static void drop(struct replica *replica, struct early_item *item) {
    replica->early->bytes -= item->encoded.len;
    replica->peers[item->peer].early--;
    buf_clear(&item->encoded);
}

// Those for which `must` says so; the others stay in order.
static void drop_those(struct replica *replica,
                       bool (*must)(const struct early_item *item, uint64_t what), uint64_t what) {
    struct early *early = replica->early;
    size_t kept = 0;
    for (size_t i = 0; i < early->count; i++) {
        struct early_item *item = &early->items[i];
        if (must(item, what))
            drop(replica, item);
        else
            early->items[kept++] = *item;
    }
    early->count = kept;
}

static bool is_any(const struct early_item *item, uint64_t what) {
    (void)item, (void)what;
    return true;
}
static bool is_of_peer(const struct early_item *item, uint64_t peer) { return item->peer == peer; }
static bool is_taken(const struct early_item *item, uint64_t what) {
    (void)what;
    return item->is_taken;
}
static bool is_over(const struct early_item *item, uint64_t now_ms) {
    return item->is_taken || now_ms - item->at_ms >= LIMIT_GOSSIP_EARLY_MS;
}

void early_clear(struct replica *replica) {
    if (!replica->early) return;
    drop_those(replica, is_any, 0);
    mem_free(replica->early);
    replica->early = NULL;
}

void early_forget_peer(struct replica *replica, uint16_t peer) {
    if (replica->peers[peer].early > 0) drop_those(replica, is_of_peer, peer);
}

void early_drop_taken(struct replica *replica) { drop_those(replica, is_taken, 0); }

static bool is_there(const struct early *early, const struct tx_lane *lane, uint64_t seq) {
    for (size_t i = 0; i < early->count; i++)
        if (early->items[i].seq == seq && tx_lane_equal(&early->items[i].lane, lane)) return true;
    return false;
}

// Whoever has no money can sign as many as there are places: strangers get half of them.
static bool has_place(const struct replica *replica, uint16_t peer, size_t len) {
    const struct early *early = replica->early;
    size_t part = peer_is_trusted(replica, peer) ? 1 : 2;
    return early->count < LIMIT_GOSSIP_EARLY / part &&
           early->bytes + len <= LIMIT_GOSSIP_EARLY_BYTES / part &&
           replica->peers[peer].early < LIMIT_GOSSIP_EARLY_OF_PEER;
}

bool early_keep(struct replica *replica, uint16_t peer, struct bytes encoded) {
    struct early *early = replica->early;
    struct tx tx;
    if (tx_decode(&tx, encoded) != STATUS_OK) return false;
    struct tx_lane lane = tx_lane(&tx);
    if (is_there(early, &lane, tx.seq)) return true;
    if (!has_place(replica, peer, encoded.len)) return false;
    struct early_item *item = &early->items[early->count++];
    *item = (struct early_item){
        .lane = lane, .seq = tx.seq, .at_ms = replica->time.now_ms, .peer = peer};
    buf_append(&item->encoded, encoded);
    early->bytes += encoded.len;
    replica->peers[peer].early++;
    replica->counts.txs_early++;
    return true;
}

// It moves with whatever a lane could have moved by.
static uint64_t news_of(const struct replica *replica) {
    return replica->counts.txs_taken + replica->counts.txs_out + replica->head_height;
}

static uint64_t expected_seq(struct node *node, const struct tx_lane *lane) {
    uint64_t state_seq = lane_next_seq(state_version_view(node->version), lane);
    return mempool_expected_seq(node->mempool, lane, state_seq);
}

// What is past, or so far ahead that no mempool takes those before it, is as good as taken.
static void look(struct replica *replica, struct early_tx *out, size_t most, size_t *count) {
    struct early *early = replica->early;
    const struct early_item *before = NULL;
    struct node *node = replica->node;
    pthread_mutex_lock(&node->lock);
    for (size_t i = 0; i < early->count && *count < most; i++) {
        struct early_item *item = &early->items[i];
        bool is_next =
            before && tx_lane_equal(&before->lane, &item->lane) && item->seq == before->seq + 1;
        uint64_t expected = is_next ? item->seq : expected_seq(node, &item->lane);
        item->is_taken = item->seq <= expected || item->seq - expected > LIMIT_MEMPOOL_TXS_PER_LANE;
        if (item->seq != expected) continue;
        out[(*count)++] = (struct early_tx){item->peer, buf_bytes(&item->encoded)};
        before = item;
    }
    pthread_mutex_unlock(&node->lock);
}

size_t early_take(struct replica *replica, struct early_tx *out, size_t most) {
    struct early *early = replica->early;
    uint64_t now_ms = replica->time.now_ms, news = news_of(replica);
    size_t count = 0;
    if (early->count == 0) return 0;
    if (now_ms - early->items[0].at_ms >= LIMIT_GOSSIP_EARLY_MS)
        drop_those(replica, is_over, now_ms);
    if (news == early->news || now_ms < early->look_ms) return 0;
    early->news = news;
    early->look_ms = now_ms + LOOK_MS;
    look(replica, out, most, &count);
    if (count == 0) early_drop_taken(replica);
    return count;
}

uint64_t early_wake_ms(const struct replica *replica) {
    const struct early *early = replica->early;
    if (early->count == 0) return UINT64_MAX;
    uint64_t over_ms = early->items[0].at_ms + LIMIT_GOSSIP_EARLY_MS;
    bool has_news = early->news != news_of(replica);
    return has_news && early->look_ms < over_ms ? early->look_ms : over_ms;
}
