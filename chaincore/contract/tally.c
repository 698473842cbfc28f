// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/tally.h"

#include "chaincore/base/memory.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/share.h"

// What a block does to one candidate.
struct change {
    struct account_id candidate;
    int64_t votes; // no sum of balances comes near 2^63
    int64_t gain;
    int64_t held;
};

// The changes by candidate: in the order in which candidates came first, and places to find them
// by (1 + the index; 0: empty). A candidate locks a fortune, so there are few however many voters a
// block touches.
struct changes {
    uint32_t count;
    uint32_t place_count; // a power of two, at least twice `count`; 0 in the beginning
    struct change *items;
    uint32_t *places;
};

// Where the candidate stands, or may stand. Ids are hashes: their bytes spread by themselves.
static uint32_t *find_place(const struct changes *changes, const struct account_id *candidate) {
    uint32_t mask = changes->place_count - 1;
    uint32_t at = load_u32_le(candidate->bytes) & mask;
    while (changes->places[at] > 0 &&
           !account_id_equal(&changes->items[changes->places[at] - 1].candidate, candidate))
        at = (at + 1) & mask;
    return &changes->places[at];
}

static void grow(struct changes *changes) {
    enum { FIRST_PLACES = 256 };
    changes->place_count = changes->place_count ? 2 * changes->place_count : FIRST_PLACES;
    changes->items = mem_resize(changes->items, changes->place_count / 2 * sizeof *changes->items);
    mem_free(changes->places);
    changes->places = mem_alloc_array(changes->place_count, sizeof *changes->places);
    for (uint32_t i = 0; i < changes->count; i++)
        *find_place(changes, &changes->items[i].candidate) = i + 1;
}

static struct change *find_change(struct changes *changes, const struct account_id *candidate) {
    if (2 * changes->count == changes->place_count) grow(changes);
    uint32_t *place = find_place(changes, candidate);
    if (*place == 0) {
        changes->items[changes->count] = (struct change){.candidate = *candidate};
        *place = ++changes->count;
    }
    return &changes->items[*place - 1];
}

// What an account gives to each candidate that it votes for.
struct weight {
    int64_t votes;
    int64_t gain;
    int64_t held; // share.h
};

static struct weight weight_of(const struct account *account, const struct voter *voter) {
    uint64_t balance = amount_units(account->balance);
    uint64_t start = amount_units(account->epoch_start);
    if (account->choices == 0) return (struct weight){0};
    int64_t all = (int64_t)(balance / account->choices);
    int64_t held = (int64_t)((start < balance ? start : balance) / account->choices);
    return (struct weight){.votes = all, .gain = all - held, .held = (int64_t)voter->weight};
}

static void add_weight(struct changes *changes, const struct votes *votes, struct weight weight) {
    if (weight.votes == 0 && weight.gain == 0 && weight.held == 0) return;
    for (uint32_t i = 0; i < votes->count; i++) {
        struct change *change = find_change(changes, &votes->candidates[i]);
        change->votes += weight.votes;
        change->gain += weight.gain;
        change->held += weight.held;
    }
}

static bool has_same_votes(const struct voter *a, const struct voter *b) {
    return a->votes.count == b->votes.count &&
           memcmp(a->votes.candidates, b->votes.candidates,
                  a->votes.count * sizeof *a->votes.candidates) == 0;
}

// Nobody holds for its choices more than it has.
static void hold_less(struct state_draft *draft, const struct account_id *id,
                      const struct account *account, struct voter *voter) {
    uint64_t most = account->choices > 0 ? amount_units(account->balance) / account->choices : 0;
    if (voter->weight <= most) return;
    voter_look(voter, state_draft_view(draft));
    voter->weight = most;
    voter_store(draft, id, voter);
}

static void count_votes(struct changes *changes, struct state_draft *draft,
                        const struct account_id *id, const struct account *before,
                        const struct account *now) {
    struct voter old, new;
    voter_load(&old, state_draft_base(draft), id);
    voter_load(&new, state_draft_view(draft), id);
    ENSURE(old.votes.count == before->choices && new.votes.count == now->choices);
    hold_less(draft, id, now, &new);
    struct weight taken = weight_of(before, &old), given = weight_of(now, &new);
    if (has_same_votes(&old, &new)) {
        given.votes -= taken.votes;
        given.gain -= taken.gain;
        given.held -= taken.held;
    } else {
        add_weight(changes, &old.votes, (struct weight){-taken.votes, -taken.gain, -taken.held});
    }
    add_weight(changes, &new.votes, given);
}

static void add_account(struct changes *changes, struct state_draft *draft, uint64_t epoch,
                        const struct account_id *id, struct bytes value_before) {
    struct account before, now;
    account_decode(&before, value_before);
    account_load(&now, state_draft_view(draft), id);
    if (before.epoch != epoch) {
        before.epoch = epoch;
        before.epoch_start = before.balance;
    }
    if (!now.is_there) return; // removed, so it votes for nobody
    if (now.epoch != epoch || amount_compare(now.epoch_start, before.epoch_start) != 0) {
        now.epoch = epoch;
        now.epoch_start = before.epoch_start;
        account_store(draft, id, &now);
    }
    if (before.choices > 0 || now.choices > 0) count_votes(changes, draft, id, &before, &now);
}

static void apply_change(struct state_draft *draft, uint64_t epoch, const struct change *change) {
    struct candidate candidate;
    if (change->votes == 0 && change->gain == 0 && change->held == 0) return;
    ENSURE(candidate_load(&candidate, state_draft_view(draft), &change->candidate));
    if (candidate.gain_epoch != epoch) candidate.gain = 0;
    candidate.gain_epoch = epoch;
    // Modulo 2^64, so the order of plus and minus does not matter.
    candidate.votes += (uint64_t)change->votes;
    candidate.gain += (uint64_t)change->gain;
    candidate.held += (uint64_t)change->held;
    ENSURE(candidate.gain <= candidate.votes && candidate.held <= candidate.votes);
    candidate_store(draft, &change->candidate, &candidate);
}

void tally_block(struct state_draft *draft, uint64_t epoch) {
    static const uint8_t space = STATE_ACCOUNT;
    struct changes changes = {0};
    struct state_changes walk = state_draft_changes(draft);
    struct bytes key, before;
    while (state_next_change(draft, &walk, bytes_of(&space, 1), &key, &before)) {
        struct account_id id;
        memcpy(id.bytes, key.data + 1, sizeof id.bytes);
        add_account(&changes, draft, epoch, &id, before);
    }
    for (uint32_t i = 0; i < changes.count; i++) apply_change(draft, epoch, &changes.items[i]);
    mem_free(changes.items);
    mem_free(changes.places);
}

uint64_t tally_of(const struct candidate *candidate, uint64_t epoch) {
    return candidate->gain_epoch == epoch ? candidate->votes - candidate->gain : candidate->votes;
}
