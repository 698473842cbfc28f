// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/signers.h"

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
    hash_bytes(out, HASH_SIGNERS, bytes_of(signers->keys, signers->count * sizeof *signers->keys));
}

enum tx_code signers_verify(const struct signers *signers, const struct tx *tx,
                            const struct hash *tx_id, const struct hash *chain_id) {
    struct sign_item items[LIMIT_TX_SIGNATURES];
    bool valid[LIMIT_TX_SIGNATURES];
    for (uint32_t i = 0; i < signers->count; i++)
        items[i] = (struct sign_item){.signature = &tx->signatures[i].signature,
                                      .key = &signers->keys[i],
                                      .payload = tx_id,
                                      .tag = SIGN_TRANSACTION};
    sign_verify_many(valid, items, signers->count, chain_id);
    for (uint32_t i = 0; i < signers->count; i++)
        if (!valid[i]) return TX_CODE_BAD_SIGNATURE;
    return TX_CODE_OK;
}
