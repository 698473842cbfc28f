// SPDX-License-Identifier: Apache-2.0
// Prints the golden bytes of docs/protocol.md, block by block: "@@ name", then its lines. What it
// prints comes from the code that the chain runs; scripts/protocol-doc puts it into the text.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/block.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/merkle.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/chain/tx.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/signers.h"
#include "chaincore/contract/stake.h"
#include "chaincore/crypto/address.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/light/light.h"
#include "chaincore/vm/vm.h"

static void begin(const char *name) { printf("@@ %s\n", name); }

static void show_hex(const char *label, struct bytes bytes) {
    printf("%s:", label);
    for (size_t i = 0; i < bytes.len; i++) printf("%s%02x", i % 32 ? "" : "\n  ", bytes.data[i]);
    printf("\n");
}

static void show_hash(const char *label, const struct hash *hash) {
    printf("%s: ", label);
    for (size_t i = 0; i < sizeof hash->bytes; i++) printf("%02x", hash->bytes[i]);
    printf("\n");
}

static void show_buf(const char *label, struct buf *buf) {
    show_hex(label, buf_bytes(buf));
    buf_reset(buf);
}

// 00 01 02 ..., from a first byte that tells which it is.
static void fill(void *out, size_t len, uint8_t first) {
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = (uint8_t)(first + i);
}

static struct secret_key secret;
static struct public_key public;
static struct hash chain_id;

static void show_domains(void) {
    static const char *const names[] = {
#define X(name, text) text,
        HASH_DOMAIN_LIST(X)
#undef X
    };
    begin("domains");
    for (int i = 0; i < HASH_DOMAINS; i++) {
        struct hash hash;
        hash_bytes(&hash, (enum hash_domain)i, bytes_of_string("abc"));
        show_hash(names[i], &hash);
    }
}

static void show_tags(void) {
    static const char *const names[] = {
#define X(name, text) text,
        SIGN_TAG_LIST(X)
#undef X
    };
    struct hash payload;
    fill(&payload, sizeof payload, 0x40);
    begin("tags");
    show_hex("secret seed", bytes_of(secret.bytes, 32));
    show_hex("public key", BYTES_OF(public.bytes));
    show_hash("chain id", &chain_id);
    show_hash("payload", &payload);
    for (int i = 0; i < SIGN_TAGS; i++) {
        struct signature signature;
        sign_payload(&signature, &secret, (enum sign_tag)i, &chain_id, &payload);
        show_hex(names[i], BYTES_OF(signature.bytes));
    }
}

static void show_accounts(void) {
    struct account_id id;
    struct hash tx;
    char address[ADDRESS_CHARS + 1];
    begin("account-id");
    account_id_of_key(&id, &public);
    address_encode(address, id.bytes);
    show_hex("of the public key above", BYTES_OF(id.bytes));
    printf("address: %s\n", address);
    fill(&tx, sizeof tx, 0x60);
    account_id_of_deployed(&id, &tx, 1);
    show_hash("transaction", &tx);
    show_hex("of the contract that its action 1 deploys", BYTES_OF(id.bytes));
    account_id_of_system_contract(&id, "supplychain");
    show_hex("of the contract `supplychain` in genesis", BYTES_OF(id.bytes));
}

// For one recipient, with bytes that count up where there would be noise.
static struct envelope sample_envelope(struct buf *storage) {
    struct envelope out = {.seq = 1, .retention = ENVELOPE_1_YEAR, .recipient_count = 1};
    uint8_t wrapped[ENVELOPE_WRAPPED_BYTES], sealed[20];
    fill(wrapped, sizeof wrapped, 0x40);
    fill(sealed, sizeof sealed, 0xa0);
    buf_append(storage, BYTES_OF(public.bytes));
    encode_u32(storage, 1);
    buf_append(storage, BYTES_OF(wrapped));
    buf_append(storage, BYTES_OF(sealed));
    fill(&out.nonce, sizeof out.nonce, 0x90);
    out.recipients = bytes_of(storage->data, ENVELOPE_RECIPIENT_BYTES);
    out.ciphertext = bytes_of(storage->data + ENVELOPE_RECIPIENT_BYTES, sizeof sealed);
    return out;
}

static struct tx_action sample_action(enum tx_action_kind kind, struct buf *storage) {
    struct tx_action out = {.kind = kind};
    struct authority authority = {.threshold = 2, .key_count = 2};
    switch (kind) {
    case TX_TRANSFER:
        fill(&out.transfer.to, 32, 1);
        out.transfer.amount = amount_of_units(1000);
        break;
    case TX_CALL:
        fill(&out.call.contract, 32, 2);
        out.call.method = bytes_of_string("add");
        out.call.arguments = bytes_of_string("\x2a");
        out.call.value = amount_of_units(5);
        break;
    case TX_DEPLOY:
        out.deploy.code = bytes_of("\0asm", 4);
        break;
    case TX_UPGRADE:
        fill(&out.upgrade.contract, 32, 2);
        out.upgrade.code = bytes_of("\0asm", 4);
        out.upgrade.has_upgrader = true;
        fill(&out.upgrade.upgrader, 32, 4);
        break;
    case TX_SET_AUTHORITY:
        for (uint8_t i = 0; i < 2; i++) {
            fill(&authority.keys[i].key, 32, (uint8_t)(i + 3));
            authority.keys[i].weight = 1;
        }
        authority_encode(storage, &authority);
        out.set_authority.authority = buf_bytes(storage);
        break;
    case TX_SET_ENC_KEY:
        fill(out.set_enc_key.key, 32, 5);
        break;
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
        out.stake.amount = amount_of_units(7);
        break;
    case TX_REGISTER_CANDIDATE:
        fill(&out.register_candidate.key, 32, 6);
        out.register_candidate.commission = 1000;
        break;
    case TX_VOTE:
        buf_append(storage, BYTES_OF(public.bytes));
        out.vote.count = 1;
        out.vote.candidates = buf_bytes(storage);
        break;
    case TX_CLOSE_LANE:
        out.close_lane.lane = 9;
        break;
    case TX_DATA:
        out.data = sample_envelope(storage);
        break;
    default: // those without content
        break;
    }
    return out;
}

static void show_envelope(void) {
    struct buf storage = {0};
    struct envelope envelope = sample_envelope(&storage);
    struct envelope_place place = {.chain_id = chain_id, .seq = 1};
    struct hash hash;
    account_id_of_key(&place.sender, &public);
    begin("envelope");
    envelope_id(&hash, &place);
    show_hash("id on this chain", &hash);
    envelope_hash(&hash, &envelope);
    show_hash("what the next names as previous", &hash);
    buf_clear(&storage);
}

static struct tx sample_tx(void) {
    struct tx tx = {.version = TX_VERSION,
                    .seq = 3,
                    .valid_until = 1000,
                    .gas_limit = 200000,
                    .gas_price = 1,
                    .action_count = 1};
    account_id_of_key(&tx.sender, &public);
    return tx;
}

static void show_transactions(void) {
    static const struct {
        const char *name;
        enum tx_action_kind kind;
    } kinds[] = {{"transfer", TX_TRANSFER},
                 {"call", TX_CALL},
                 {"deploy", TX_DEPLOY},
                 {"upgrade", TX_UPGRADE},
                 {"set_authority", TX_SET_AUTHORITY},
                 {"set_enc_key", TX_SET_ENC_KEY},
                 {"lock_stake", TX_LOCK_STAKE},
                 {"unlock_stake", TX_UNLOCK_STAKE},
                 {"withdraw_stake", TX_WITHDRAW_STAKE},
                 {"register_candidate", TX_REGISTER_CANDIDATE},
                 {"resign_candidate", TX_RESIGN_CANDIDATE},
                 {"vote", TX_VOTE},
                 {"close_lane", TX_CLOSE_LANE},
                 {"data", TX_DATA}};
    struct buf encoded = {0}, storage = {0};
    struct hash hash;
    struct tx tx = sample_tx();
    tx.actions[0] = sample_action(TX_TRANSFER, &storage);
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &secret, &chain_id) == STATUS_OK);
    begin("transaction");
    tx_encode(&encoded, &tx);
    show_hex("a transfer, signed", buf_bytes(&encoded));
    tx_id(&hash, &tx);
    show_hash("id", &hash);
    tx_leaf(&hash, buf_bytes(&encoded), &tx);
    buf_reset(&encoded);
    show_hash("leaf under tx_root", &hash);
    begin("actions");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        tx = sample_tx();
        // What stands before the first action is the same in all: cut it off.
        tx.action_count = 0;
        tx_encode_body(&encoded, &tx);
        size_t front = encoded.len;
        buf_reset(&encoded);
        buf_reset(&storage);
        tx.action_count = 1;
        tx.actions[0] = sample_action(kinds[i].kind, &storage);
        tx_encode_body(&encoded, &tx);
        show_hex(kinds[i].name, bytes_of(encoded.data + front, encoded.len - front));
        buf_reset(&encoded);
    }
    buf_clear(&encoded);
    buf_clear(&storage);
}

static void show_codes(void) {
    begin("codes");
#define X(name, number, text) printf("| %d | `%s` | %s |\n", number, #name, text);
    TX_CODE_LIST(X)
#undef X
    begin("traps");
#define X(name, text) printf("| `%s` | %s |\n", #name, text);
    VM_TRAP_LIST(X)
#undef X
}

static struct receipt sample_receipt(void) {
    struct receipt receipt = {.code = TX_CODE_CONTRACT_REFUSED, .contract_code = 7, .gas_used = 99};
    fill(&receipt.tx_id, 32, 0x10);
    fill(&receipt.events_root, 32, 0x20);
    return receipt;
}

static struct header sample_header(void) {
    struct header header = {.version = HEADER_VERSION,
                            .chain_id = chain_id,
                            .height = 2,
                            .epoch = 1,
                            .view = 3,
                            .time_ms = UINT64_C(1700000000000),
                            .leader = 1,
                            .gas_used = 99,
                            .parent_voters_len = 1,
                            .parent_voters = {7}};
    struct hash *const roots[] = {
        &header.parent,        &header.set_hash,   &header.next_set_hash, &header.tx_root,
        &header.receipts_root, &header.state_root, &header.history_root,  &header.params_hash};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) fill(roots[i], 32, (uint8_t)(i << 4));
    return header;
}

static void show_blocks(void) {
    struct buf encoded = {0};
    struct hash hash;
    struct receipt receipt = sample_receipt();
    struct event event = {.topic = bytes_of_string("added"), .data = bytes_of_string("\1\2\3")};
    fill(&event.contract, 32, 0x30);
    begin("receipt");
    receipt_encode(&encoded, &receipt);
    show_buf("receipt", &encoded);
    receipt_leaf(&hash, &receipt);
    show_hash("leaf under receipts_root", &hash);
    event_encode(&encoded, &event);
    show_buf("event", &encoded);
    event_leaf(&hash, &event);
    show_hash("leaf under events_root", &hash);
    begin("header");
    struct header header = sample_header();
    header_encode(&encoded, &header);
    show_buf("header", &encoded);
    header_id(&hash, &header);
    show_hash("id", &hash);
    buf_clear(&encoded);
}

static void show_certificate(void) {
    struct witness_set set = {.count = 4};
    struct certificate certificate = {.view = 3};
    struct vote vote = {.epoch = 1, .kind = VOTE_FINALIZE, .view = 3};
    struct buf encoded = {0};
    struct hash payload;
    struct secret_key keys[4];
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[32] = {1, i};
        key_from_seed(&keys[i], &set.keys[i], seed);
    }
    witness_set_hash(&vote.set_hash, &set);
    fill(&vote.block_id, 32, 0x50);
    vote_payload(&payload, &vote);
    for (uint16_t i = 0; i < 3; i++) {
        struct signature signature;
        sign_payload(&signature, &keys[i], SIGN_VOTE, &chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    begin("certificate");
    show_hash("set_hash of the keys with seeds 01 00…, 01 01…, 01 02…, 01 03…", &vote.set_hash);
    show_hash("block id", &vote.block_id);
    show_hash("payload of FINALIZE in epoch 1, view 3", &payload);
    certificate_encode(&encoded, &certificate, 4);
    show_buf("certificate of the first three", &encoded);
    buf_clear(&encoded);
}

static void show_genesis(void) {
    struct params params = {.block_interval_ms = 500,
                            .epoch_blocks = 120,
                            .min_gas_price = 1,
                            .block_gas_limit = 1000000000,
                            .deposit_per_byte = 10,
                            .leave_out_empty_blocks = true};
    struct genesis_account account = {.balance = amount_of_units(100)};
    struct genesis_witness witness = {.key = public};
    struct buf encoded = {0};
    struct hash hash;
    fill(&account.id, 32, 1);
    account_id_of_key(&witness.account, &public);
    struct genesis genesis = {.name = bytes_of_string("devnet"),
                              .time_ms = UINT64_C(1700000000000),
                              .params = params,
                              .account_count = 1,
                              .accounts = &account,
                              .witness_count = 1,
                              .witnesses = &witness};
    begin("params");
    params_encode(&encoded, &params);
    show_buf("params", &encoded);
    params_hash(&hash, &params);
    show_hash("params_hash", &hash);
    begin("genesis");
    genesis_encode(&encoded, &genesis);
    genesis_chain_id(&hash, buf_bytes(&encoded));
    show_buf("genesis", &encoded);
    show_hash("chain id", &hash);
    buf_clear(&encoded);
}

static void show_lists(void) {
    struct hash leaves[5], root;
    begin("lists");
    for (size_t count = 0; count <= 5; count++) {
        char label[32];
        if (count > 0) fill(&leaves[count - 1], 32, (uint8_t)count);
        merkle_list_root(&root, leaves, count);
        snprintf(label, sizeof label, "%zu leaves", count);
        show_hash(label, &root);
    }
    struct merkle_branch branch;
    struct buf encoded = {0};
    merkle_branch_make(&branch, leaves, 5, 2);
    merkle_branch_encode(&encoded, &branch);
    show_buf("branch of leaf 2 of 5", &encoded);
    buf_clear(&encoded);
}

static void show_entry(const struct state_view *view, const char *label, enum state_space space,
                       const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    state_key_make(&key, space, id, bytes_of("", 0));
    ENSURE(state_get(view, state_key_bytes(&key), &value));
    printf("%s, key:", label);
    show_hex("", state_key_bytes(&key));
    show_hex("value", value);
}

static void show_state(void) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct account account = {.balance = amount_of_units(1000), .next_seq = 2, .last_used = 9};
    struct votes votes = {.count = 1};
    struct account_id id, contract;
    account.epoch_start = amount_of_units(1100);
    account_id_of_key(&id, &public);
    account_id_of_system_contract(&contract, "supplychain");
    account_store(draft, &id, &account);
    account_set_enc_key(draft, &id, public.bytes);
    ENSURE(stake_lock(draft, &id, amount_of_units(500)) == TX_CODE_OK);
    ENSURE(stake_unlock(draft, &id, amount_of_units(200), 1000) == TX_CODE_OK);
    struct candidate candidate = {.is_active = true, .commission = 1000, .votes = 600, .gain = 50};
    fill(&candidate.key, 32, 6);
    candidate_store(draft, &id, &candidate);
    votes.candidates[0] = id;
    ENSURE(stake_vote(draft, &id, &votes) == TX_CODE_OK);
    struct contract_record record = {.right = {.kind = UPGRADE_BY_WITNESSES},
                                     .deposit = {.bytes = 300, .amount = amount_of_units(3000)}};
    fill(&record.code_hash, 32, 7);
    contract_store(draft, &contract, &record);
    struct state_version *version = state_commit(draft, 1);
    const struct state_view *view = state_version_view(version);
    begin("state");
    show_entry(view, "account", STATE_ACCOUNT, &id);
    show_entry(view, "stake", STATE_STAKE, &id);
    show_entry(view, "candidate", STATE_CANDIDATE, &id);
    show_entry(view, "votes", STATE_VOTES, &id);
    show_entry(view, "contract", STATE_CONTRACT, &contract);
    show_hash("state_root over these five", state_root(version));
    struct state_key key;
    struct buf proof = {0};
    state_key_make(&key, STATE_ACCOUNT, &id, bytes_of("", 0));
    state_prove(version, state_key_bytes(&key), &proof);
    show_buf("proof of the account", &proof);
    state_key_make(&key, STATE_ACCOUNT, &contract, bytes_of("", 0));
    state_prove(version, state_key_bytes(&key), &proof);
    show_buf("proof that `supplychain` has no account", &proof);
    buf_clear(&proof);
    state_version_unref(version);
    state_version_unref(empty);
    state_free(state);
}

// Parameters and results as the machine writes them: i is i32, I is i64.
static void show_host(void) {
    const struct vm_import_table *table = host_imports();
    begin("host");
    for (size_t i = 0; i < table->count; i++) {
        const struct vm_host_function *function = &table->functions[i];
        printf("%s.%s(%s)%s%s\n", table->module, function->name, function->parameters,
               *function->result ? " -> " : "", function->result);
    }
}

static void show_trust(void) {
    struct trust_statement statement = {.time_ms = UINT64_C(1700000000000)};
    struct hash payload;
    fill(&statement.device, 32, 1);
    fill(&statement.nonce, 32, 2);
    fill(&statement.header_id, 32, 3);
    trust_statement_payload(&payload, &statement);
    begin("trust");
    show_hash("payload for device 01 02…, nonce 02 03…, header 03 04…, time 1700000000000",
              &payload);
}

// Four entries whose values are their keys, in pieces of at most forty bytes.
static void show_snapshot(void) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct buf manifest = {0}, piece = {0}, encoded = {0};
    char folder[] = "/tmp/lmm-golden-XXXXXX", path[64];
    static const char *const keys[] = {"north", "east", "south", "west"};
    for (size_t i = 0; i < 4; i++)
        state_put(draft, bytes_of_string(keys[i]), bytes_of_string(keys[i]));
    struct state_version *version = state_commit(draft, 3);
    struct cut cut = {.header = {.version = HEADER_VERSION, .height = 3}, .below.count = 3};
    cut.header.state_root = *state_root(version);
    fill(&cut.below.peaks[0], 32, 0x10);
    fill(&cut.below.peaks[1], 32, 0x20);
    history_peaks_root(&cut.header.history_root, &cut.below);
    struct snapshot_source source = {.version = version,
                                     .cut = &cut,
                                     .certificate = bytes_of_string("certificate"),
                                     .piece_bytes = 40};
    ENSURE(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/snapshot", folder);
    ENSURE(snapshot_write(&source, path) == STATUS_OK);
    ENSURE(snapshot_read_manifest(&manifest, path) == STATUS_OK);
    begin("snapshot");
    cut_encode(&encoded, &cut);
    size_t front = 1 + 4 + encoded.len + 4 + source.certificate.len;
    show_buf("cut at height 3, peaks 10 11… and 20 21…", &encoded);
    struct buf top = {0};
    buf_append(&top, bytes_of(manifest.data + front, manifest.len - front));
    show_buf("top of the tree of north, east, south and west", &top);
    for (uint32_t i = 0; snapshot_read_piece(&piece, path, i) == STATUS_OK; i++) {
        show_buf("piece", &piece);
        buf_reset(&piece);
    }
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    buf_clear(&manifest);
    buf_clear(&piece);
    buf_clear(&encoded);
    buf_clear(&top);
    state_version_unref(version);
    state_version_unref(empty);
    state_free(state);
}

int main(void) {
    uint8_t seed[32];
    if (crypto_init() != STATUS_OK) return 1;
    fill(seed, sizeof seed, 0);
    key_from_seed(&secret, &public, seed);
    fill(&chain_id, sizeof chain_id, 0x80);
    show_domains();
    show_tags();
    show_accounts();
    show_transactions();
    show_envelope();
    show_codes();
    show_blocks();
    show_certificate();
    show_genesis();
    show_lists();
    show_state();
    show_host();
    show_trust();
    show_snapshot();
    return 0;
}
