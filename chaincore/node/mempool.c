// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/mempool.h"

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"
#include "chaincore/contract/lane.h"
#include "chaincore/crypto/table_hash.h"

enum { BUCKETS = 2 * LIMIT_MEMPOOL_TXS };

struct item {
    struct mempool_entry entry;
    struct item *next_in_bucket;
    struct item *next_in_row;
    uint8_t encoded[];
};

// A lane with at least one waiting transaction, in a ring of all of them.
struct row {
    struct tx_lane lane;
    struct item *first;
    struct item *last;
    size_t count;
    struct row *next_in_bucket;
    struct row *older;
    struct row *newer;
};

// An account's part in what waits: as a sender, and as a payer.
struct share {
    struct account_id id;
    size_t sent; // transactions, in all of its lanes
    size_t sent_bytes;
    size_t paid; // transactions that it pays for
    struct amount reserved;
    struct share *next_in_bucket;
};

struct mempool {
    struct table_key key;
    struct share *shares[BUCKETS];
    struct item *items[BUCKETS]; // by how the transaction's id begins
    struct row *rows[BUCKETS];
    struct row *oldest;
    struct row *newest;
    size_t count;
    size_t bytes;
    struct drops *drops;
};

_Static_assert(sizeof(struct tx_lane) == sizeof(struct account_id) + sizeof(uint32_t),
               "a lane is hashed as it lies in memory");

static size_t bucket_of(const struct mempool *pool, struct bytes key) {
    return table_hash(&pool->key, key) % BUCKETS;
}
static size_t bucket_of_start(const struct mempool *pool, uint64_t start) {
    return bucket_of(pool, BYTES_OF(start));
}
static struct item **items_of(struct mempool *pool, const struct hash *id) {
    return &pool->items[bucket_of_start(pool, tx_start(id))];
}
static struct row **rows_of(struct mempool *pool, const struct tx_lane *lane) {
    return &pool->rows[bucket_of(pool, BYTES_OF(*lane))];
}

struct mempool *mempool_create(void) {
    struct mempool *pool = mem_alloc(sizeof *pool);
    table_key_draw(&pool->key);
    pool->drops = drops_create();
    return pool;
}

void mempool_free(struct mempool *pool) {
    if (!pool) return;
    while (pool->oldest) mempool_drop_from(pool, &pool->oldest->lane, 0, TX_CODE_NOT_RUNNING);
    drops_free(pool->drops);
    mem_free(pool);
}

struct drops *mempool_drops(struct mempool *pool) {
    return pool->drops;
}

size_t mempool_count(const struct mempool *pool) { return pool->count; }

size_t mempool_bytes(const struct mempool *pool) { return pool->bytes; }

const struct mempool_entry *mempool_find(const struct mempool *pool, const struct hash *id) {
    const struct item *item = pool->items[bucket_of_start(pool, tx_start(id))];
    while (item && !hash_equal(&item->entry.id, id)) item = item->next_in_bucket;
    return item ? &item->entry : NULL;
}

const struct mempool_entry *mempool_find_start(const struct mempool *pool, uint64_t start) {
    const struct item *item = pool->items[bucket_of_start(pool, start)];
    while (item && tx_start(&item->entry.id) != start) item = item->next_in_bucket;
    return item ? &item->entry : NULL;
}

bool mempool_has(const struct mempool *pool, const struct hash *id) {
    return mempool_find(pool, id) != NULL;
}

size_t mempool_longest_bucket(const struct mempool *pool) {
    size_t longest = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        size_t items = 0, rows = 0, shares = 0;
        for (const struct item *p = pool->items[i]; p; p = p->next_in_bucket) items++;
        for (const struct row *p = pool->rows[i]; p; p = p->next_in_bucket) rows++;
        for (const struct share *p = pool->shares[i]; p; p = p->next_in_bucket) shares++;
        if (items > longest) longest = items;
        if (rows > longest) longest = rows;
        if (shares > longest) longest = shares;
    }
    return longest;
}

static struct row *find_row(const struct mempool *pool, const struct tx_lane *lane) {
    struct row *row = pool->rows[bucket_of(pool, BYTES_OF(*lane))];
    while (row && !tx_lane_equal(&row->lane, lane)) row = row->next_in_bucket;
    return row;
}

uint64_t mempool_expected_seq(const struct mempool *pool, const struct tx_lane *lane,
                              uint64_t state_seq) {
    const struct row *row = find_row(pool, lane);
    return row ? row->last->entry.seq + 1 : state_seq;
}

static struct row *add_row(struct mempool *pool, const struct tx_lane *lane) {
    struct row *row = mem_alloc(sizeof *row);
    struct row **bucket = rows_of(pool, lane);
    row->lane = *lane;
    row->next_in_bucket = *bucket;
    *bucket = row;
    row->older = pool->newest;
    if (pool->newest)
        pool->newest->newer = row;
    else
        pool->oldest = row;
    pool->newest = row;
    return row;
}

static void remove_row(struct mempool *pool, struct row *row) {
    struct row **link = rows_of(pool, &row->lane);
    while (*link != row) link = &(*link)->next_in_bucket;
    *link = row->next_in_bucket;
    *(row->older ? &row->older->newer : &pool->oldest) = row->newer;
    *(row->newer ? &row->newer->older : &pool->newest) = row->older;
    mem_free(row);
}

static struct share **find_share(struct mempool *pool, const struct account_id *id) {
    struct share **link = &pool->shares[bucket_of(pool, BYTES_OF(id->bytes))];
    while (*link && !account_id_equal(&(*link)->id, id)) link = &(*link)->next_in_bucket;
    return link;
}

static struct share *find_or_add_share(struct mempool *pool, const struct account_id *id) {
    struct share **link = find_share(pool, id);
    if (!*link) {
        *link = mem_alloc(sizeof **link);
        (*link)->id = *id;
    }
    return *link;
}

// Has the sender room for this one too?
static bool fits_share(struct mempool *pool, const struct mempool_entry *entry) {
    const struct share *share = *find_share(pool, &entry->lane.account);
    size_t sent = share ? share->sent : 0, bytes = share ? share->sent_bytes : 0;
    return sent < LIMIT_MEMPOOL_TXS_PER_SENDER &&
           bytes + entry->encoded.len <= LIMIT_MEMPOOL_BYTES_PER_SENDER;
}

// Can the payer, who holds so much, pay for this one too?
static bool can_pay(struct mempool *pool, const struct mempool_entry *entry,
                    struct amount payer_holds) {
    const struct share *share = *find_share(pool, &entry->payer);
    struct amount sum = share ? share->reserved : amount_of_units(0);
    return amount_add(&sum, sum, entry->most) == STATUS_OK && amount_compare(sum, payer_holds) <= 0;
}

static void take_share(struct mempool *pool, const struct mempool_entry *entry) {
    struct share *sender = find_or_add_share(pool, &entry->lane.account);
    sender->sent++;
    sender->sent_bytes += entry->encoded.len;
    struct share *payer = find_or_add_share(pool, &entry->payer);
    payer->paid++;
    ENSURE(amount_add(&payer->reserved, payer->reserved, entry->most) == STATUS_OK);
}

static void drop_if_unused(struct share **link) {
    struct share *share = *link;
    if (share->sent > 0 || share->paid > 0) return;
    *link = share->next_in_bucket;
    mem_free(share);
}

static void give_back(struct mempool *pool, const struct mempool_entry *entry) {
    struct share **link = find_share(pool, &entry->payer);
    ENSURE(*link && amount_sub(&(*link)->reserved, (*link)->reserved, entry->most) == STATUS_OK);
    (*link)->paid--;
    drop_if_unused(link);
    link = find_share(pool, &entry->lane.account);
    ENSURE(*link);
    (*link)->sent--;
    (*link)->sent_bytes -= entry->encoded.len;
    drop_if_unused(link);
}

enum tx_code mempool_add(struct mempool *pool, const struct mempool_entry *entry,
                         uint64_t state_seq, struct amount payer_holds) {
    if (mempool_has(pool, &entry->id)) return TX_CODE_DUPLICATE;
    uint64_t expected = mempool_expected_seq(pool, &entry->lane, state_seq);
    if (entry->seq < expected) return TX_CODE_WRONG_NONCE;
    if (entry->seq > expected) return TX_CODE_NONCE_GAP;
    struct row *row = find_row(pool, &entry->lane);
    if (pool->count >= LIMIT_MEMPOOL_TXS ||
        pool->bytes + entry->encoded.len > LIMIT_MEMPOOL_BYTES ||
        (row && row->count >= LIMIT_MEMPOOL_TXS_PER_LANE) || !fits_share(pool, entry))
        return TX_CODE_MEMPOOL_FULL;
    if (!can_pay(pool, entry, payer_holds)) return TX_CODE_CANNOT_PAY_GAS;
    take_share(pool, entry);
    struct item *item = mem_alloc(sizeof *item + entry->encoded.len);
    item->entry = *entry;
    memcpy(item->encoded, entry->encoded.data, entry->encoded.len);
    item->entry.encoded.data = item->encoded;
    struct item **bucket = items_of(pool, &entry->id);
    item->next_in_bucket = *bucket;
    *bucket = item;
    if (!row) row = add_row(pool, &entry->lane);
    *(row->last ? &row->last->next_in_row : &row->first) = item;
    row->last = item;
    row->count++;
    pool->count++;
    pool->bytes += entry->encoded.len;
    return TX_CODE_OK;
}

static struct item *first_behind(const struct row *row, const struct state_view *view) {
    struct item *item = row->first;
    uint64_t next_seq = view ? lane_next_seq(view, &row->lane) : 0;
    while (item && item->entry.seq < next_seq) item = item->next_in_row;
    return item;
}

size_t mempool_select(const struct mempool *pool, const struct mempool_entry **out,
                      size_t max_count, size_t max_bytes) {
    return mempool_select_behind(pool, out, max_count, max_bytes, NULL);
}

size_t mempool_select_behind(const struct mempool *pool, const struct mempool_entry **out,
                             size_t max_count, size_t max_bytes, const struct state_view *view) {
    size_t row_count = 0, count = 0, bytes = 0;
    for (const struct row *s = pool->oldest; s; s = s->newer) row_count++;
    if (row_count == 0) return 0;
    struct item **next = mem_alloc_array(row_count, sizeof *next);
    struct row *row = pool->oldest;
    for (size_t i = 0; i < row_count; i++, row = row->newer) next[i] = first_behind(row, view);
    bool has_taken = true;
    while (has_taken && count < max_count) {
        has_taken = false;
        for (size_t i = 0; i < row_count && count < max_count; i++) {
            if (!next[i]) continue;
            if (bytes + next[i]->entry.encoded.len > max_bytes) {
                next[i] = NULL; // what stands behind it must wait with it
                continue;
            }
            bytes += next[i]->entry.encoded.len;
            out[count++] = &next[i]->entry;
            next[i] = next[i]->next_in_row;
            has_taken = true;
        }
    }
    mem_free(next);
    return count;
}

const struct mempool_entry *mempool_next_lane(const struct mempool *pool,
                                              const struct mempool_entry *before) {
    const struct row *row = before ? find_row(pool, &before->lane)->newer : pool->oldest;
    return row ? &row->first->entry : NULL;
}

static void free_item(struct mempool *pool, struct item *item) {
    struct item **link = items_of(pool, &item->entry.id);
    while (*link != item) link = &(*link)->next_in_bucket;
    *link = item->next_in_bucket;
    pool->count--;
    pool->bytes -= item->entry.encoded.len;
    give_back(pool, &item->entry);
    mem_free(item);
}

void mempool_advance(struct mempool *pool, const struct tx_lane *lane, uint64_t next_seq,
                     const struct hash *done) {
    struct row *row = find_row(pool, lane);
    if (!row) return;
    while (row->first && row->first->entry.seq < next_seq) {
        struct item *item = row->first;
        row->first = item->next_in_row;
        row->count--;
        if (!hash_equal(&item->entry.id, done))
            drops_add(pool->drops, &item->entry.id, TX_CODE_WRONG_NONCE);
        free_item(pool, item);
    }
    if (!row->first) remove_row(pool, row);
}

static void drop_behind(struct mempool *pool, struct row *row, struct item *kept,
                        enum tx_code code) {
    struct item *item = kept ? kept->next_in_row : row->first;
    while (item) {
        struct item *next = item->next_in_row;
        drops_add(pool->drops, &item->entry.id, code);
        code = TX_CODE_NONCE_GAP;
        row->count--;
        free_item(pool, item);
        item = next;
    }
    row->last = kept;
    if (kept)
        kept->next_in_row = NULL;
    else
        remove_row(pool, row);
}

void mempool_drop_from(struct mempool *pool, const struct tx_lane *lane, uint64_t seq,
                       enum tx_code code) {
    struct row *row = find_row(pool, lane);
    if (!row || row->last->entry.seq < seq) return;
    struct item *kept = NULL;
    for (struct item *i = row->first; i && i->entry.seq < seq; i = i->next_in_row) kept = i;
    drop_behind(pool, row, kept, code);
}

void mempool_expire(struct mempool *pool, uint64_t height) {
    struct row *next;
    for (struct row *row = pool->oldest; row; row = next) {
        next = row->newer;
        struct item *kept = NULL, *item = row->first;
        while (item && item->entry.valid_until >= height) {
            kept = item;
            item = item->next_in_row;
        }
        if (item) drop_behind(pool, row, kept, TX_CODE_EXPIRED);
    }
}
