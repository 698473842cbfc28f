// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/signers.h"

#include "chaincore/base/memory.h"
#include "chaincore/contract/account.h"

// The entries of one role, from where the last one ended. False when they are not enough.
static bool find_of_role(struct signers *out, const struct account *account,
                         const struct account_id *id, const struct tx *tx, enum tx_role role) {
    const struct authority *authority = &account->authority;
    uint32_t weight = 0;
    for (; out->count < tx->signature_count; out->count++) {
        const struct tx_signature *entry = &tx->signatures[out->count];
        struct public_key *key = &out->keys[out->count];
        if (entry->role != role) break;
        if (authority->key_count > 0) {
            if (entry->has_key || entry->key_index >= authority->key_count) return false;
            *key = authority->keys[entry->key_index].key;
            weight += authority->keys[entry->key_index].weight;
            continue;
        }
        struct account_id owner;
        if (!entry->has_key || entry->key_index != 0) return false;
        account_id_of_key(&owner, &entry->key);
        if (!account_id_equal(&owner, id)) return false;
        *key = entry->key;
        weight = 1;
    }
    return weight >= (authority->key_count > 0 ? authority->threshold : 1);
}

enum tx_code signers_find(struct signers *out, const struct state_view *view, const struct tx *tx) {
    struct account account;
    out->count = 0;
    // The codec has made sure that the sender's entries stand before the payer's.
    account_load(&account, view, &tx->sender);
    if (!find_of_role(out, &account, &tx->sender, tx, TX_ROLE_SENDER))
        return TX_CODE_NOT_AUTHORIZED;
    if (tx->has_payer) {
        account_load(&account, view, &tx->payer);
        if (!find_of_role(out, &account, &tx->payer, tx, TX_ROLE_PAYER))
            return TX_CODE_NOT_AUTHORIZED;
    }
    return out->count == tx->signature_count ? TX_CODE_OK : TX_CODE_NOT_AUTHORIZED;
}

void signers_hash(struct hash *out, const struct signers *signers) {
    _Static_assert(sizeof *out == sizeof *signers->keys, "a key stands for itself");
    if (signers->count == 1) {
        memcpy(out->bytes, signers->keys[0].bytes, sizeof *out);
        return;
    }
    hash_bytes(out, HASH_SIGNERS, bytes_of(signers->keys, signers->count * sizeof *signers->keys));
}

// The signatures of all transactions in a row, and the verdicts on them.
struct row {
    size_t count;
    struct sign_item *items;
    bool *valid;
};

static void add_to_row(struct row *row, const struct signers_check *check) {
    for (uint32_t i = 0; i < check->signers->count; i++)
        row->items[row->count++] =
            (struct sign_item){.signature = &check->tx->signatures[i].signature,
                               .key = &check->signers->keys[i],
                               .payload = check->tx_id,
                               .tag = SIGN_TRANSACTION};
}

void signers_verify_many(struct signers_check *checks, size_t count, const struct hash *chain_id) {
    struct row row = {0};
    size_t most = 0;
    for (size_t i = 0; i < count; i++) most += checks[i].signers->count;
    row.items = mem_alloc_array(most + 1, sizeof *row.items);
    row.valid = mem_alloc_array(most + 1, sizeof *row.valid);
    for (size_t i = 0; i < count; i++) add_to_row(&row, &checks[i]);
    sign_verify_many(row.valid, row.items, row.count, chain_id);
    const bool *valid = row.valid;
    for (size_t i = 0; i < count; i++) {
        checks[i].code = TX_CODE_OK;
        for (uint32_t k = checks[i].signers->count; k > 0; k--)
            if (!*valid++) checks[i].code = TX_CODE_BAD_SIGNATURE;
    }
    mem_free(row.items);
    mem_free(row.valid);
}

enum tx_code signers_verify(const struct signers *signers, const struct tx *tx,
                            const struct hash *tx_id, const struct hash *chain_id) {
    struct signers_check check = {.signers = signers, .tx = tx, .tx_id = tx_id};
    signers_verify_many(&check, 1, chain_id);
    return check.code;
}
