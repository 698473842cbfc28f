// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/devnet.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/common/server/devnet_contracts.h"
#include "chaincore/chaincore.h"

static const uint64_t GENESIS_TIME_MS = 1767225600000; // 2026-01-01T00:00:00Z
static const char BALANCE[] = "10000000";

static const struct {
    const char *role;
    const char *path;
} roles[DEVNET_ACCOUNTS] = {
    {"witness-1", "m/44'/5718'/0'/1'/0'"}, {"witness-2", "m/44'/5718'/0'/1'/1'"},
    {"witness-3", "m/44'/5718'/0'/1'/2'"}, {"witness-4", "m/44'/5718'/0'/1'/3'"},
    {"server", "m/44'/5718'/0'/2'/0'"},    {"faucet", "m/44'/5718'/0'/3'/0'"},
    {"alice", "m/44'/5718'/0'/0'/0'"},     {"bob", "m/44'/5718'/0'/0'/1'"},
    {"carol", "m/44'/5718'/0'/0'/2'"},     {"dave", "m/44'/5718'/0'/0'/3'"},
    {"fishery", "m/44'/5718'/0'/4'/0'"},   {"carrier", "m/44'/5718'/0'/4'/1'"},
    {"shop", "m/44'/5718'/0'/4'/2'"},      {"grid", "m/44'/5718'/0'/4'/3'"},
    {"home-1", "m/44'/5718'/0'/5'/0'"},    {"home-2", "m/44'/5718'/0'/5'/1'"},
    {"home-3", "m/44'/5718'/0'/5'/2'"},    {"home-4", "m/44'/5718'/0'/5'/3'"},
    {"home-5", "m/44'/5718'/0'/5'/4'"},    {"home-6", "m/44'/5718'/0'/5'/5'"},
};

static void account_of(struct account_id *out, const struct secret_key *secret) {
    struct public_key key;
    key_public_of(&key, secret);
    account_id_of_key(out, &key);
}

void devnet_derive_with(struct devnet *out, unsigned witness_count) {
    uint8_t seed[MNEMONIC_SEED_BYTES];
    ENSURE(witness_count >= DEVNET_WITNESSES && witness_count <= DEVNET_MOST_WITNESSES);
    devnet_seed(seed);
    for (int i = 0; i < DEVNET_ACCOUNTS; i++) {
        struct devnet_account *account = &out->accounts[i];
        *account = (struct devnet_account){.role = roles[i].role, .path = roles[i].path};
        devnet_derive_key(&account->key, seed, roles[i].path);
        account_of(&account->id, &account->key);
    }
    out->witness_count = witness_count;
    devnet_witness_keys(out->witness_keys, witness_count, seed);
    for (unsigned i = 0; i < witness_count; i++) {
        struct secret_key key;
        char path[32];
        snprintf(path, sizeof path, "m/44'/5718'/0'/1'/%u'", i);
        devnet_derive_key(&key, seed, path);
        account_of(&out->witness_accounts[i], &key);
    }
}

void devnet_derive(struct devnet *out) { devnet_derive_with(out, DEVNET_WITNESSES); }

const struct devnet_account *devnet_find(const struct devnet *devnet, const char *role) {
    for (int i = 0; i < DEVNET_ACCOUNTS; i++)
        if (strcmp(devnet->accounts[i].role, role) == 0) return &devnet->accounts[i];
    return NULL;
}

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static uint32_t insert(struct devnet_contract *list, uint32_t count, struct devnet_contract added) {
    uint32_t place = 0;
    while (place < count && strcmp(list[place].name, added.name) < 0) place++;
    if (place < count && strcmp(list[place].name, added.name) == 0) return count;
    ENSURE(count < GENESIS_MAX_CONTRACTS);
    memmove(&list[place + 1], &list[place], (count - place) * sizeof *list);
    list[place] = added;
    return count + 1;
}

uint32_t devnet_list_contracts(struct devnet_contract out[GENESIS_MAX_CONTRACTS],
                               struct devnet_contract own) {
    uint32_t count = insert(out, 0, own);
    for (const struct embedded_contract *contract = devnet_contracts; contract->name; contract++)
        count = insert(out, count,
                       (struct devnet_contract){
                           contract->name,
                           bytes_of(contract->start, (size_t)(contract->end - contract->start))});
    return count;
}

void devnet_genesis(struct buf *out, const struct devnet *devnet, uint32_t block_interval_ms,
                    const struct devnet_contract *contracts, uint32_t contract_count) {
    struct genesis_account accounts[DEVNET_ACCOUNTS + DEVNET_MOST_WITNESSES];
    struct genesis_witness witnesses[DEVNET_MOST_WITNESSES];
    struct genesis_contract listed[GENESIS_MAX_CONTRACTS] = {0};
    ENSURE(contract_count <= GENESIS_MAX_CONTRACTS);
    uint32_t account_count = 0;
    for (int i = 0; i < DEVNET_ACCOUNTS; i++) accounts[account_count++].id = devnet->accounts[i].id;
    for (unsigned i = 0; i < devnet->witness_count; i++) {
        witnesses[i].account = devnet->witness_accounts[i];
        key_public_of(&witnesses[i].key, &devnet->witness_keys[i]);
        // The first ones have a role.
        if (i >= DEVNET_WITNESSES) accounts[account_count++].id = devnet->witness_accounts[i];
    }
    for (uint32_t i = 0; i < account_count; i++)
        ENSURE(amount_parse(&accounts[i].balance, BALANCE) == STATUS_OK);
    qsort(accounts, account_count, sizeof *accounts, compare_accounts);
    for (uint32_t i = 0; i < contract_count; i++) {
        listed[i].name = bytes_of_string(contracts[i].name);
        hash_bytes(&listed[i].code_hash, HASH_CODE, contracts[i].code);
    }
    struct genesis genesis = {.name = bytes_of_string("devnet"),
                              .time_ms = GENESIS_TIME_MS,
                              .params = {.block_interval_ms = block_interval_ms,
                                         .epoch_blocks = 120,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .deposit_per_byte = 10,
                                         .min_witnesses = (uint16_t)devnet->witness_count,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = account_count,
                              .accounts = accounts,
                              .witness_count = (uint16_t)devnet->witness_count,
                              .witnesses = witnesses,
                              .contract_count = contract_count,
                              .contracts = listed};
    genesis_encode(out, &genesis);
}
