// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/answers.h"

_Static_assert(LIMIT_ANSWER_OWNERS >= ANSWER_OWNERS_OF_PEER * LIMIT_PEERS + LIMIT_PEERS,
               "all that are connected have theirs, and some that were");
_Static_assert(LIMIT_ANSWER_OWNERS < UINT16_MAX, "a number for each");

static uint64_t used_now(const struct answer_account *account, uint64_t now_ms) {
    uint64_t passed_ms = now_ms > account->counted_ms ? now_ms - account->counted_ms : 0;
    if (passed_ms > account->used / LIMIT_ANSWER_BYTES_PER_MS) return 0;
    return account->used - passed_ms * LIMIT_ANSWER_BYTES_PER_MS;
}

// Its own, or of those that nobody connected has the one that has had least.
static uint16_t account_of(struct answers *answers, struct bytes owner, uint64_t now_ms) {
    struct answer_account *least = NULL;
    ENSURE(owner.len <= ANSWER_OWNER_BYTES);
    for (unsigned i = 0; i < LIMIT_ANSWER_OWNERS; i++) {
        struct answer_account *account = &answers->accounts[i];
        if (bytes_equal(bytes_of(account->owner, account->owner_len), owner)) return (uint16_t)i;
        if (account->peers > 0) continue;
        if (!least || used_now(account, now_ms) < used_now(least, now_ms)) least = account;
    }
    ENSURE(least);
    *least = (struct answer_account){.owner_len = (uint8_t)owner.len};
    memcpy(least->owner, owner.data, owner.len);
    return (uint16_t)(least - answers->accounts);
}

static void leave_account(struct answers *answers, uint16_t peer, enum answer_owner which) {
    uint16_t *next = &answers->of_peer[peer][which];
    if (*next > 0) answers->accounts[*next - 1].peers--;
    *next = 0;
}

static void use_account(struct answers *answers, uint16_t peer, enum answer_owner which,
                        struct bytes owner, uint64_t now_ms) {
    leave_account(answers, peer, which);
    if (owner.len == 0) return;
    uint16_t account = account_of(answers, owner, now_ms);
    answers->accounts[account].peers++;
    answers->of_peer[peer][which] = (uint16_t)(account + 1);
}

void answers_peer_joined(struct answers *answers, uint16_t peer, const struct answer_owners *owners,
                         uint64_t now_ms) {
    answers_peer_left(answers, peer);
    use_account(answers, peer, ANSWER_NODE, owners->node, now_ms);
    use_account(answers, peer, ANSWER_PLACE, owners->place, now_ms);
}

void answers_peer_left(struct answers *answers, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    for (int i = 0; i < ANSWER_OWNERS_OF_PEER; i++)
        leave_account(answers, peer, (enum answer_owner)i);
    answers->unknown[peer] = (struct answer_account){0};
}

void answers_peer_speaks_for(struct answers *answers, uint16_t peer, struct bytes witness,
                             uint64_t now_ms) {
    ENSURE(peer < LIMIT_PEERS);
    use_account(answers, peer, ANSWER_WITNESS, witness, now_ms);
}

// Those that count for this peer: the place that a trusted one comes from is no matter.
static size_t accounts_of(struct answers *answers, const struct answer_asker *asker,
                          struct answer_account *out[ANSWER_OWNERS_OF_PEER]) {
    const uint16_t *next = answers->of_peer[asker->peer];
    size_t count = 0;
    for (int i = 0; i < ANSWER_OWNERS_OF_PEER; i++)
        if (next[i] > 0 && (i != ANSWER_PLACE || !asker->is_trusted))
            out[count++] = &answers->accounts[next[i] - 1];
    if (count == 0) out[count++] = &answers->unknown[asker->peer];
    return count;
}

bool answers_may(struct answers *answers, const struct answer_asker *asker, uint64_t now_ms) {
    struct answer_account *accounts[ANSWER_OWNERS_OF_PEER];
    bool may = true;
    ENSURE(asker->peer < LIMIT_PEERS);
    size_t count = accounts_of(answers, asker, accounts);
    for (size_t i = 0; i < count; i++) {
        accounts[i]->used = used_now(accounts[i], now_ms);
        accounts[i]->counted_ms = now_ms;
        may = may && accounts[i]->used < LIMIT_ANSWER_BYTES; // the last may reach over
    }
    return may;
}

void answers_note(struct answers *answers, const struct answer_asker *asker, size_t bytes) {
    struct answer_account *accounts[ANSWER_OWNERS_OF_PEER];
    ENSURE(asker->peer < LIMIT_PEERS);
    size_t count = accounts_of(answers, asker, accounts);
    for (size_t i = 0; i < count; i++) accounts[i]->used += bytes;
}
