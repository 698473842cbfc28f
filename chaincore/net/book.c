// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/book.h"

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"

enum {
    FIRST_WAIT_MS = 1000,
    LONGEST_WAIT_MS = 3600 * 1000,
    FIXED_WAIT_MS = 30 * 1000, // at most, for those that the operator named
    LOST_FAILURES = 20, // in a row, half a day: then it counts for no more than one never met
    TOLD_FOR_MS = 24 * 3600 * 1000,
    FORMAT = 1,
};

struct book {
    struct book_entry entries[LIMIT_BOOK_ENTRIES];
    size_t count;
    uint64_t turns; // how often one was chosen
};

struct book *book_open(void) {
    return mem_alloc(sizeof(struct book));
}

void book_close(struct book *book) { mem_free(book); }

size_t book_count(const struct book *book) { return book->count; }

static struct book_entry *find(struct book *book, const struct endpoint *endpoint) {
    for (size_t i = 0; i < book->count; i++)
        if (endpoint_equal(&book->entries[i].endpoint, endpoint)) return &book->entries[i];
    return NULL;
}

const struct book_entry *book_find(const struct book *book, const struct endpoint *endpoint) {
    for (size_t i = 0; i < book->count; i++)
        if (endpoint_equal(&book->entries[i].endpoint, endpoint)) return &book->entries[i];
    return NULL;
}

static void remove_at(struct book *book, size_t index) {
    book->entries[index] = book->entries[--book->count];
}

// --- adding ---

static bool may_go(const struct book_entry *entry) {
    if (entry->is_fixed || entry->is_busy) return false;
    return entry->failures >= (entry->success_ms > 0 ? LOST_FAILURES : 1);
}

// What has a number of places: the whole book, a group of addresses, or who told of them.
enum share { SHARE_BOOK, SHARE_GROUP, SHARE_TELLER };

static bool is_of(const struct book_entry *entry, enum share share, uint64_t owner) {
    switch (share) {
    case SHARE_BOOK:
        return true;
    case SHARE_GROUP:
        return !entry->is_fixed && endpoint_group(&entry->endpoint) == owner;
    case SHARE_TELLER:
        return !entry->is_fixed && entry->told_by == owner && entry->success_ms == 0;
    }
    return false;
}

// Whether it has a place, or one that may go. That one leaves: of several, who has failed most
// often. So nobody keeps others out by addresses where nobody is.
static bool make_room(struct book *book, enum share share, uint64_t owner) {
    static const size_t places[] = {[SHARE_BOOK] = LIMIT_BOOK_ENTRIES,
                                    [SHARE_GROUP] = LIMIT_BOOK_OF_GROUP,
                                    [SHARE_TELLER] = LIMIT_BOOK_OF_TELLER};
    size_t worst = SIZE_MAX, count = 0;
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = &book->entries[i];
        if (!is_of(entry, share, owner)) continue;
        count++;
        if (!may_go(entry)) continue;
        if (worst == SIZE_MAX || entry->failures > book->entries[worst].failures) worst = i;
    }
    if (count < places[share]) return true;
    if (worst == SIZE_MAX) return false;
    remove_at(book, worst);
    return true;
}

enum status book_add_fixed(struct book *book, const struct endpoint *endpoint) {
    struct book_entry *entry = find(book, endpoint);
    size_t fixed = 0;
    for (size_t i = 0; i < book->count; i++) fixed += book->entries[i].is_fixed;
    if (entry && entry->is_fixed) return STATUS_OK;
    if (fixed >= LIMIT_BOOK_FIXED || (!entry && !make_room(book, SHARE_BOOK, 0)))
        return STATUS_FULL;
    if (!entry) {
        entry = &book->entries[book->count++];
        *entry = (struct book_entry){.endpoint = *endpoint};
    }
    entry->is_fixed = true;
    entry->call_at_ms = 0;
    return STATUS_OK;
}

static bool is_same_node(const struct book_entry *entry, const struct public_key *node) {
    return entry->has_node && memcmp(&entry->node, node, sizeof *node) == 0;
}

enum status book_add_named(struct book *book, const struct peer_name *name) {
    enum status status = book_add_fixed(book, &name->where);
    if (status != STATUS_OK || !name->has_node) return status;
    struct book_entry *entry = find(book, &name->where);
    if (entry->has_node && !is_same_node(entry, &name->node)) return STATUS_EXISTS;
    entry->has_node = true;
    entry->node = name->node;
    return STATUS_OK;
}

bool book_names(const struct book *book, const struct public_key *node) {
    for (size_t i = 0; i < book->count; i++)
        if (book->entries[i].is_fixed && is_same_node(&book->entries[i], node)) return true;
    return false;
}

unsigned book_named_of(const struct book *book, struct bytes owner) {
    unsigned count = 0;
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = &book->entries[i];
        count += entry->is_fixed && bytes_equal(ip_owner(&entry->endpoint.ip), owner);
    }
    return count;
}

enum status book_add(struct book *book, const struct endpoint *endpoint, uint64_t told_by,
                     bool takes_private) {
    if (endpoint->port == 0 || (!takes_private && !endpoint_is_public(endpoint)))
        return STATUS_INVALID;
    if (find(book, endpoint)) return STATUS_EXISTS;
    if (!make_room(book, SHARE_TELLER, told_by) ||
        !make_room(book, SHARE_GROUP, endpoint_group(endpoint)) || !make_room(book, SHARE_BOOK, 0))
        return STATUS_FULL;
    book->entries[book->count++] = (struct book_entry){.endpoint = *endpoint, .told_by = told_by};
    return STATUS_OK;
}

// --- calling ---

enum rank { RANK_FIXED, RANK_PROVEN, RANK_HEARD_OF, RANKS };

static enum rank rank_of(const struct book_entry *entry) {
    if (entry->is_fixed) return RANK_FIXED;
    return entry->success_ms > 0 ? RANK_PROVEN : RANK_HEARD_OF;
}

// What lies further ahead than any wait was noted before the clock was set back.
static bool is_due(const struct book_entry *entry, uint64_t now_ms) {
    return !entry->is_busy && (entry->call_at_ms <= now_ms ||
                               entry->call_at_ms - now_ms > 2 * (uint64_t)LONGEST_WAIT_MS);
}

static struct book_entry *choose(struct book *book, uint64_t now_ms, uint64_t random,
                                 enum rank rank) {
    size_t due = 0;
    for (size_t i = 0; i < book->count; i++)
        due += is_due(&book->entries[i], now_ms) && rank_of(&book->entries[i]) == rank;
    if (due == 0) return NULL;
    size_t skip = random % due;
    for (size_t i = 0;; i++) {
        struct book_entry *entry = &book->entries[i];
        if (!is_due(entry, now_ms) || rank_of(entry) != rank) continue;
        if (skip-- == 0) return entry;
    }
}

bool book_next(struct book *book, uint64_t now_ms, uint64_t random, struct endpoint *out) {
    static const enum rank orders[2][RANKS] = {{RANK_FIXED, RANK_PROVEN, RANK_HEARD_OF},
                                               {RANK_FIXED, RANK_HEARD_OF, RANK_PROVEN}};
    const enum rank *order = orders[book->turns++ % 2];
    struct book_entry *entry = NULL;
    for (size_t i = 0; i < RANKS && !entry; i++) entry = choose(book, now_ms, random, order[i]);
    if (!entry) return false;
    entry->is_busy = true;
    *out = entry->endpoint;
    return true;
}

bool book_is_due(const struct book *book, uint64_t now_ms) {
    for (size_t i = 0; i < book->count; i++)
        if (is_due(&book->entries[i], now_ms)) return true;
    return false;
}

void book_succeeded(struct book *book, const struct endpoint *endpoint, uint64_t now_ms) {
    struct book_entry *entry = find(book, endpoint);
    if (!entry) return;
    entry->is_busy = true;
    entry->is_missed = false;
    entry->success_ms = now_ms > 0 ? now_ms : 1;
}

void book_hide(struct book *book, const struct endpoint *endpoint) {
    struct book_entry *entry = find(book, endpoint);
    if (!entry) return;
    entry->is_busy = true;
    entry->is_hidden = true;
    entry->success_ms = 0;
}

// Three quarters of the wait, and up to half of it more.
static uint64_t with_jitter(uint64_t wait_ms, uint64_t random) {
    return wait_ms - wait_ms / 4 + random % (wait_ms / 2 + 1);
}

void book_failed(struct book *book, const struct endpoint *endpoint, uint64_t now_ms,
                 uint64_t random) {
    struct book_entry *entry = find(book, endpoint);
    if (!entry) return;
    uint64_t longest = entry->is_fixed ? FIXED_WAIT_MS : LONGEST_WAIT_MS;
    uint64_t wait_ms = (uint64_t)FIRST_WAIT_MS << (entry->failures < 16 ? entry->failures : 16);
    if (wait_ms > longest) wait_ms = longest;
    entry->is_busy = entry->is_missed = false;
    entry->failures++;
    entry->call_at_ms = now_ms + with_jitter(wait_ms, random);
}

void book_ended(struct book *book, const struct endpoint *endpoint, uint64_t again_ms) {
    struct book_entry *entry = find(book, endpoint);
    if (entry) entry->failures = 0;
    book_left(book, endpoint, again_ms);
}

void book_missed(struct book *book, const struct endpoint *endpoint, uint64_t now_ms) {
    struct book_entry *entry = find(book, endpoint);
    if (!entry) return;
    entry->is_busy = false;
    entry->is_missed = true;
    entry->call_at_ms = now_ms;
}

void book_left(struct book *book, const struct endpoint *endpoint, uint64_t again_ms) {
    struct book_entry *entry = find(book, endpoint);
    if (!entry) return;
    entry->is_busy = entry->is_missed = false;
    entry->call_at_ms = again_ms;
}

void book_remove(struct book *book, const struct endpoint *endpoint) {
    struct book_entry *entry = find(book, endpoint);
    if (entry) remove_at(book, (size_t)(entry - book->entries));
}

// --- telling and keeping ---

static bool is_told(const struct book_entry *entry, uint64_t now_ms) {
    return !entry->is_hidden && entry->success_ms > 0 && entry->success_ms + TOLD_FOR_MS > now_ms;
}

size_t book_tell(const struct book *book, uint64_t now_ms, uint64_t random, struct endpoint *out,
                 size_t most) {
    size_t count = 0;
    for (size_t i = 0; i < book->count && count < most; i++) {
        const struct book_entry *entry = &book->entries[(i + random) % book->count];
        if (is_told(entry, now_ms)) out[count++] = entry->endpoint;
    }
    return count;
}

void book_encode(struct buf *out, const struct book *book) {
    uint32_t count = 0;
    for (size_t i = 0; i < book->count; i++) count += book->entries[i].success_ms > 0;
    encode_u8(out, FORMAT);
    encode_u32(out, count);
    for (size_t i = 0; i < book->count; i++) {
        const struct book_entry *entry = &book->entries[i];
        if (entry->success_ms == 0) continue;
        endpoint_encode(out, &entry->endpoint);
        encode_u64(out, entry->success_ms);
        encode_u64(out, entry->told_by);
    }
}

enum status book_decode(struct book *book, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    ENSURE(book->count == 0);
    if (decode_u8(&decoder) != FORMAT) decoder_fail(&decoder, STATUS_MALFORMED);
    uint32_t count = decode_count(&decoder, LIMIT_BOOK_ENTRIES);
    for (uint32_t i = 0; i < count && decoder.status == STATUS_OK; i++) {
        struct book_entry entry = {0};
        endpoint_decode(&decoder, &entry.endpoint);
        entry.success_ms = decode_u64(&decoder);
        entry.told_by = decode_u64(&decoder);
        if (entry.success_ms == 0 || find(book, &entry.endpoint))
            decoder_fail(&decoder, STATUS_MALFORMED);
        book->entries[book->count++] = entry;
    }
    enum status status = decoder_finish(&decoder);
    if (status != STATUS_OK) book->count = 0;
    return status;
}
