// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/mempool.h"

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

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

// Who pays for waiting transactions, and what they may cost together.
struct purse {
    struct account_id id;
    struct amount reserved;
    size_t count;
    struct purse *next_in_bucket;
};

struct mempool {
    struct purse *purses[BUCKETS];
    struct item *items[BUCKETS]; // by transaction id
    struct row *rows[BUCKETS];
    struct row *oldest;
    struct row *newest;
    size_t count;
    size_t bytes;
};

// Ids are hashes (or chosen by someone who must find a preimage), so their bytes spread by
// themselves; a row can crowd a bucket only with keys of its own, up to the pool's bound.
static size_t bucket_of(const uint8_t *id) { return load_u32_le(id) % BUCKETS; }
static size_t bucket_of_lane(const struct tx_lane *lane) {
    // A multiplier of Knuth's, so that the lanes of one account spread too.
    return (load_u32_le(lane->account.bytes) ^ lane->number * 2654435761u) % BUCKETS;
}

struct mempool *mempool_create(void) {
    return mem_alloc(sizeof(struct mempool));
}

void mempool_free(struct mempool *pool) {
    if (!pool) return;
    while (pool->oldest) mempool_drop_from(pool, &pool->oldest->lane, 0);
    mem_free(pool);
}

size_t mempool_count(const struct mempool *pool) { return pool->count; }

bool mempool_has(const struct mempool *pool, const struct hash *id) {
    const struct item *item = pool->items[bucket_of(id->bytes)];
    while (item && !hash_equal(&item->entry.id, id)) item = item->next_in_bucket;
    return item != NULL;
}

static struct row *find_row(const struct mempool *pool, const struct tx_lane *lane) {
    struct row *row = pool->rows[bucket_of_lane(lane)];
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
    struct row **bucket = &pool->rows[bucket_of_lane(lane)];
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
    struct row **link = &pool->rows[bucket_of_lane(&row->lane)];
    while (*link != row) link = &(*link)->next_in_bucket;
    *link = row->next_in_bucket;
    *(row->older ? &row->older->newer : &pool->oldest) = row->newer;
    *(row->newer ? &row->newer->older : &pool->newest) = row->older;
    mem_free(row);
}

static struct purse **find_purse(struct mempool *pool, const struct account_id *id) {
    struct purse **link = &pool->purses[bucket_of(id->bytes)];
    while (*link && !account_id_equal(&(*link)->id, id)) link = &(*link)->next_in_bucket;
    return link;
}

// Can the payer, who holds so much, pay for this one too?
static bool reserve(struct mempool *pool, const struct mempool_entry *entry,
                    struct amount payer_holds) {
    struct purse **link = find_purse(pool, &entry->payer);
    struct amount sum = *link ? (*link)->reserved : amount_of_units(0);
    if (amount_add(&sum, sum, entry->most) != STATUS_OK || amount_compare(sum, payer_holds) > 0)
        return false;
    if (!*link) {
        *link = mem_alloc(sizeof **link);
        (*link)->id = entry->payer;
    }
    (*link)->reserved = sum;
    (*link)->count++;
    return true;
}

static void give_back(struct mempool *pool, const struct mempool_entry *entry) {
    struct purse **link = find_purse(pool, &entry->payer), *purse = *link;
    ENSURE(purse && amount_sub(&purse->reserved, purse->reserved, entry->most) == STATUS_OK);
    if (--purse->count > 0) return;
    *link = purse->next_in_bucket;
    mem_free(purse);
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
        (row && row->count >= LIMIT_MEMPOOL_TXS_PER_SENDER))
        return TX_CODE_MEMPOOL_FULL;
    if (!reserve(pool, entry, payer_holds)) return TX_CODE_CANNOT_PAY_GAS;
    struct item *item = mem_alloc(sizeof *item + entry->encoded.len);
    item->entry = *entry;
    memcpy(item->encoded, entry->encoded.data, entry->encoded.len);
    item->entry.encoded.data = item->encoded;
    struct item **bucket = &pool->items[bucket_of(entry->id.bytes)];
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

size_t mempool_select(const struct mempool *pool, const struct mempool_entry **out,
                      size_t max_count, size_t max_bytes) {
    size_t row_count = 0, count = 0, bytes = 0;
    for (const struct row *s = pool->oldest; s; s = s->newer) row_count++;
    if (row_count == 0) return 0;
    struct item **next = mem_alloc_array(row_count, sizeof *next);
    struct row *row = pool->oldest;
    for (size_t i = 0; i < row_count; i++, row = row->newer) next[i] = row->first;
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

static void free_item(struct mempool *pool, struct item *item) {
    struct item **link = &pool->items[bucket_of(item->entry.id.bytes)];
    while (*link != item) link = &(*link)->next_in_bucket;
    *link = item->next_in_bucket;
    pool->count--;
    pool->bytes -= item->entry.encoded.len;
    give_back(pool, &item->entry);
    mem_free(item);
}

void mempool_advance(struct mempool *pool, const struct tx_lane *lane, uint64_t next_seq) {
    struct row *row = find_row(pool, lane);
    if (!row) return;
    while (row->first && row->first->entry.seq < next_seq) {
        struct item *item = row->first;
        row->first = item->next_in_row;
        row->count--;
        free_item(pool, item);
    }
    if (!row->first) remove_row(pool, row);
}

static void drop_behind(struct mempool *pool, struct row *row, struct item *kept) {
    struct item *item = kept ? kept->next_in_row : row->first;
    while (item) {
        struct item *next = item->next_in_row;
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

void mempool_drop_from(struct mempool *pool, const struct tx_lane *lane, uint64_t seq) {
    struct row *row = find_row(pool, lane);
    if (!row || row->last->entry.seq < seq) return;
    struct item *kept = NULL;
    for (struct item *i = row->first; i && i->entry.seq < seq; i = i->next_in_row) kept = i;
    drop_behind(pool, row, kept);
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
        if (item) drop_behind(pool, row, kept);
    }
}
