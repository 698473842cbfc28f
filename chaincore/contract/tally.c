// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/tally.h"

#include <stdlib.h>

#include "chaincore/base/memory.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"

// What one account's change does to one candidate.
struct change {
    struct account_id candidate;
    int64_t votes; // no sum of balances comes near 2^63
    int64_t gain;
};

struct changes {
    size_t count;
    size_t capacity;
    struct change *items;
};

static void add_change(struct changes *changes, const struct change *change) {
    if (changes->count == changes->capacity) {
        changes->capacity = changes->capacity ? 2 * changes->capacity : 64;
        changes->items = mem_resize(changes->items, changes->capacity * sizeof *changes->items);
    }
    changes->items[changes->count++] = *change;
}

// What the account's votes weigh in all, with this sign.
static void add_votes(struct changes *changes, const struct votes *votes,
                      const struct account *account, int sign) {
    if (votes->count == 0) return;
    uint64_t balance = amount_units(account->balance);
    uint64_t start = amount_units(account->epoch_start);
    int64_t all = (int64_t)(balance / votes->count);
    int64_t held = (int64_t)((start < balance ? start : balance) / votes->count);
    for (uint32_t i = 0; i < votes->count; i++)
        add_change(changes, &(struct change){.candidate = votes->candidates[i],
                                             .votes = sign * all,
                                             .gain = sign * (all - held)});
}

static void add_account(struct changes *changes, struct state_draft *draft, uint64_t epoch,
                        const struct account_id *id, struct bytes value_before) {
    struct account before, now;
    struct votes votes;
    const struct state_view *base = state_draft_base(draft);
    account_decode(&before, value_before);
    account_load(&now, state_draft_view(draft), id);
    if (before.epoch != epoch) {
        before.epoch = epoch;
        before.epoch_start = before.balance;
    }
    if (now.epoch != epoch || amount_compare(now.epoch_start, before.epoch_start) != 0) {
        now.epoch = epoch;
        now.epoch_start = before.epoch_start;
        account_store(draft, id, &now);
    }
    votes_load(&votes, base, id);
    add_votes(changes, &votes, &before, -1);
    votes_load(&votes, state_draft_view(draft), id);
    add_votes(changes, &votes, &now, 1);
}

static int compare_changes(const void *a, const void *b) {
    const struct change *left = a, *right = b;
    return memcmp(&left->candidate, &right->candidate, sizeof left->candidate);
}

static void apply_change(struct state_draft *draft, uint64_t epoch, const struct change *change) {
    struct candidate candidate;
    if (change->votes == 0 && change->gain == 0) return;
    ENSURE(candidate_load(&candidate, state_draft_view(draft), &change->candidate));
    if (candidate.gain_epoch != epoch) candidate.gain = 0;
    candidate.gain_epoch = epoch;
    // Modulo 2^64, so the order of plus and minus does not matter.
    candidate.votes += (uint64_t)change->votes;
    candidate.gain += (uint64_t)change->gain;
    ENSURE(candidate.gain <= candidate.votes);
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
    if (changes.count > 0)
        qsort(changes.items, changes.count, sizeof *changes.items, compare_changes);
    for (size_t i = 0; i < changes.count; i++) {
        struct change *next = &changes.items[i + 1];
        if (i + 1 < changes.count && compare_changes(&changes.items[i], next) == 0) {
            next->votes += changes.items[i].votes;
            next->gain += changes.items[i].gain;
        } else {
            apply_change(draft, epoch, &changes.items[i]);
        }
    }
    mem_free(changes.items);
}

uint64_t tally_of(const struct candidate *candidate, uint64_t epoch) {
    return candidate->gain_epoch == epoch ? candidate->votes - candidate->gain : candidate->votes;
}
