// SPDX-License-Identifier: Apache-2.0
// Prints the golden bytes of docs/protocol.md (golden.h); those of keys, hashes and lists stand
// here.
#include <stdio.h>

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/merkle.h"
#include "chaincore/crypto/address.h"
#include "tests/vectors/golden.h"

static void show_domains(void) {
    static const char *const names[] = {
#define X(name, text) text,
        HASH_DOMAIN_LIST(X)
#undef X
    };
    golden_begin("domains");
    for (int i = 0; i < HASH_DOMAINS; i++) {
        struct hash hash;
        hash_bytes(&hash, (enum hash_domain)i, bytes_of_string("abc"));
        golden_hash(names[i], &hash);
    }
}

static void show_tags(void) {
    static const char *const names[] = {
#define X(name, text) text,
        SIGN_TAG_LIST(X)
#undef X
    };
    struct hash payload;
    golden_fill(&payload, sizeof payload, 0x40);
    golden_begin("tags");
    golden_hex("secret seed", bytes_of(golden_secret.bytes, 32));
    golden_hex("public key", BYTES_OF(golden_public.bytes));
    golden_hash("chain id", &golden_chain_id);
    golden_hash("payload", &payload);
    for (int i = 0; i < SIGN_TAGS; i++) {
        struct signature signature;
        sign_payload(&signature, &golden_secret, (enum sign_tag)i, &golden_chain_id, &payload);
        golden_hex(names[i], BYTES_OF(signature.bytes));
    }
}

static void show_accounts(void) {
    struct account_id id;
    struct hash tx;
    char address[ADDRESS_CHARS + 1];
    golden_begin("account-id");
    account_id_of_key(&id, &golden_public);
    address_encode(address, id.bytes);
    golden_hex("of the public key above", BYTES_OF(id.bytes));
    printf("address: %s\n", address);
    golden_fill(&tx, sizeof tx, 0x60);
    account_id_of_deployed(&id, &tx, 1);
    golden_hash("transaction", &tx);
    golden_hex("of the contract that its action 1 deploys", BYTES_OF(id.bytes));
    account_id_of_system_contract(&id, "supplychain");
    golden_hex("of the contract `supplychain` in genesis", BYTES_OF(id.bytes));
}

static void show_lists(void) {
    struct hash leaves[5], root;
    golden_begin("lists");
    for (size_t count = 0; count <= 5; count++) {
        char label[32];
        if (count > 0) golden_fill(&leaves[count - 1], 32, (uint8_t)count);
        merkle_list_root(&root, leaves, count);
        snprintf(label, sizeof label, "%zu leaves", count);
        golden_hash(label, &root);
    }
    struct merkle_branch branch;
    struct buf encoded = {0};
    merkle_branch_make(&branch, leaves, 5, 2);
    merkle_branch_encode(&encoded, &branch);
    golden_buf("branch of leaf 2 of 5", &encoded);
    buf_clear(&encoded);
}

int main(void) {
    golden_init();
    show_domains();
    show_tags();
    show_accounts();
    golden_transactions();
    golden_envelope();
    golden_codes();
    golden_receipts();
    golden_certificate();
    golden_messages();
    golden_params();
    show_lists();
    golden_deposits();
    golden_chain();
    golden_params_next();
    golden_host();
    golden_bounds();
    golden_trust();
    golden_proof();
    golden_snapshot();
    golden_frames();
    golden_record();
    golden_sync();
    golden_past();
    return 0;
}
