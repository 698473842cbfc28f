// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/mempool.h"

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

enum { BUCKETS = 2 * LIMIT_MEMPOOL_TXS };

struct item {
    struct mempool_entry entry;
    struct item *next_in_bucket;
    struct item *next_of_sender;
    uint8_t encoded[];
};

// A sender with at least one waiting transaction, in a ring of all of them.
struct sender {
    struct account_id id;
    struct item *first;
    struct item *last;
    size_t count;
    struct sender *next_in_bucket;
    struct sender *older;
    struct sender *newer;
};

struct mempool {
    struct item *items[BUCKETS]; // by transaction id
    struct sender *senders[BUCKETS];
    struct sender *oldest;
    struct sender *newest;
    size_t count;
    size_t bytes;
};

// Ids are hashes (or chosen by someone who must find a preimage), so their bytes spread by
// themselves; a sender can crowd a bucket only with keys of its own, up to the pool's bound.
static size_t bucket_of(const uint8_t *id) { return load_u32_le(id) % BUCKETS; }

struct mempool *mempool_create(void) {
    return mem_alloc(sizeof(struct mempool));
}

void mempool_free(struct mempool *pool) {
    if (!pool) return;
    while (pool->oldest) mempool_drop_from(pool, &pool->oldest->id, 0);
    mem_free(pool);
}

size_t mempool_count(const struct mempool *pool) { return pool->count; }

bool mempool_has(const struct mempool *pool, const struct hash *id) {
    const struct item *item = pool->items[bucket_of(id->bytes)];
    while (item && !hash_equal(&item->entry.id, id)) item = item->next_in_bucket;
    return item != NULL;
}

static struct sender *find_sender(const struct mempool *pool, const struct account_id *id) {
    struct sender *sender = pool->senders[bucket_of(id->bytes)];
    while (sender && !account_id_equal(&sender->id, id)) sender = sender->next_in_bucket;
    return sender;
}

uint64_t mempool_expected_seq(const struct mempool *pool, const struct account_id *id,
                              uint64_t state_seq) {
    const struct sender *sender = find_sender(pool, id);
    return sender ? sender->last->entry.seq + 1 : state_seq;
}

static struct sender *add_sender(struct mempool *pool, const struct account_id *id) {
    struct sender *sender = mem_alloc(sizeof *sender);
    struct sender **bucket = &pool->senders[bucket_of(id->bytes)];
    sender->id = *id;
    sender->next_in_bucket = *bucket;
    *bucket = sender;
    sender->older = pool->newest;
    if (pool->newest)
        pool->newest->newer = sender;
    else
        pool->oldest = sender;
    pool->newest = sender;
    return sender;
}

static void remove_sender(struct mempool *pool, struct sender *sender) {
    struct sender **link = &pool->senders[bucket_of(sender->id.bytes)];
    while (*link != sender) link = &(*link)->next_in_bucket;
    *link = sender->next_in_bucket;
    *(sender->older ? &sender->older->newer : &pool->oldest) = sender->newer;
    *(sender->newer ? &sender->newer->older : &pool->newest) = sender->older;
    mem_free(sender);
}

enum tx_code mempool_add(struct mempool *pool, const struct mempool_entry *entry,
                         uint64_t state_seq) {
    if (mempool_has(pool, &entry->id)) return TX_CODE_DUPLICATE;
    uint64_t expected = mempool_expected_seq(pool, &entry->sender, state_seq);
    if (entry->seq < expected) return TX_CODE_WRONG_NONCE;
    if (entry->seq > expected) return TX_CODE_NONCE_GAP;
    struct sender *sender = find_sender(pool, &entry->sender);
    if (pool->count >= LIMIT_MEMPOOL_TXS ||
        pool->bytes + entry->encoded.len > LIMIT_MEMPOOL_BYTES ||
        (sender && sender->count >= LIMIT_MEMPOOL_TXS_PER_SENDER))
        return TX_CODE_MEMPOOL_FULL;
    struct item *item = mem_alloc(sizeof *item + entry->encoded.len);
    item->entry = *entry;
    memcpy(item->encoded, entry->encoded.data, entry->encoded.len);
    item->entry.encoded.data = item->encoded;
    struct item **bucket = &pool->items[bucket_of(entry->id.bytes)];
    item->next_in_bucket = *bucket;
    *bucket = item;
    if (!sender) sender = add_sender(pool, &entry->sender);
    *(sender->last ? &sender->last->next_of_sender : &sender->first) = item;
    sender->last = item;
    sender->count++;
    pool->count++;
    pool->bytes += entry->encoded.len;
    return TX_CODE_OK;
}

size_t mempool_select(const struct mempool *pool, const struct mempool_entry **out,
                      size_t max_count, size_t max_bytes) {
    size_t sender_count = 0, count = 0, bytes = 0;
    for (const struct sender *s = pool->oldest; s; s = s->newer) sender_count++;
    if (sender_count == 0) return 0;
    struct item **next = mem_alloc_array(sender_count, sizeof *next);
    struct sender *sender = pool->oldest;
    for (size_t i = 0; i < sender_count; i++, sender = sender->newer) next[i] = sender->first;
    bool has_taken = true;
    while (has_taken && count < max_count) {
        has_taken = false;
        for (size_t i = 0; i < sender_count && count < max_count; i++) {
            if (!next[i]) continue;
            if (bytes + next[i]->entry.encoded.len > max_bytes) {
                next[i] = NULL; // what stands behind it must wait with it
                continue;
            }
            bytes += next[i]->entry.encoded.len;
            out[count++] = &next[i]->entry;
            next[i] = next[i]->next_of_sender;
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
    mem_free(item);
}

void mempool_advance(struct mempool *pool, const struct account_id *id, uint64_t next_seq) {
    struct sender *sender = find_sender(pool, id);
    if (!sender) return;
    while (sender->first && sender->first->entry.seq < next_seq) {
        struct item *item = sender->first;
        sender->first = item->next_of_sender;
        sender->count--;
        free_item(pool, item);
    }
    if (!sender->first) remove_sender(pool, sender);
}

static void drop_behind(struct mempool *pool, struct sender *sender, struct item *kept) {
    struct item *item = kept ? kept->next_of_sender : sender->first;
    while (item) {
        struct item *next = item->next_of_sender;
        sender->count--;
        free_item(pool, item);
        item = next;
    }
    sender->last = kept;
    if (kept)
        kept->next_of_sender = NULL;
    else
        remove_sender(pool, sender);
}

void mempool_drop_from(struct mempool *pool, const struct account_id *id, uint64_t seq) {
    struct sender *sender = find_sender(pool, id);
    if (!sender || sender->last->entry.seq < seq) return;
    struct item *kept = NULL;
    for (struct item *i = sender->first; i && i->entry.seq < seq; i = i->next_of_sender) kept = i;
    drop_behind(pool, sender, kept);
}

void mempool_expire(struct mempool *pool, uint64_t height) {
    struct sender *next;
    for (struct sender *sender = pool->oldest; sender; sender = next) {
        next = sender->newer;
        struct item *kept = NULL, *item = sender->first;
        while (item && item->entry.valid_until >= height) {
            kept = item;
            item = item->next_of_sender;
        }
        if (item) drop_behind(pool, sender, kept);
    }
}
