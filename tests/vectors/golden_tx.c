// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/chain/receipt.h"
#include "chaincore/chain/tx.h"
#include "chaincore/vm/vm.h"
#include "tests/vectors/golden.h"

struct envelope golden_envelope_of(struct buf *storage) {
    struct envelope out = {.seq = 1, .retention = ENVELOPE_1_YEAR, .recipient_count = 1};
    uint8_t wrapped[ENVELOPE_WRAPPED_BYTES], sealed[20];
    golden_fill(wrapped, sizeof wrapped, 0x40);
    golden_fill(sealed, sizeof sealed, 0xa0);
    buf_append(storage, BYTES_OF(golden_public.bytes));
    encode_u32(storage, 1);
    buf_append(storage, BYTES_OF(wrapped));
    buf_append(storage, BYTES_OF(sealed));
    golden_fill(&out.nonce, sizeof out.nonce, 0x90);
    out.recipients = bytes_of(storage->data, ENVELOPE_RECIPIENT_BYTES);
    out.ciphertext = bytes_of(storage->data + ENVELOPE_RECIPIENT_BYTES, sizeof sealed);
    return out;
}

static struct bytes sample_authority(struct buf *storage) {
    struct authority authority = {.threshold = 2, .key_count = 2};
    for (uint8_t i = 0; i < 2; i++) {
        golden_fill(&authority.keys[i].key, 32, (uint8_t)(i + 3));
        authority.keys[i].weight = 1;
    }
    authority_encode(storage, &authority);
    return buf_bytes(storage);
}

static struct evidence golden_evidence(void) {
    struct evidence out = {.epoch = 2,
                           .view = 300,
                           .witness = 1,
                           .first = {.kind = VOTE_NULLIFY},
                           .second = {.kind = VOTE_FINALIZE}};
    golden_fill(&out.first.signature, 64, 7);
    golden_fill(&out.second.block_id, 32, 8);
    golden_fill(&out.second.signature, 64, 9);
    return out;
}

static struct approval golden_approval(void) {
    struct approval out = {.kind = APPROVE_UPGRADE};
    golden_fill(&out.upgrade, sizeof out.upgrade, 10);
    return out;
}

static void fill_vote(struct tx_action *out, struct buf *storage) {
    buf_append(storage, BYTES_OF(golden_public.bytes));
    out->vote.count = 1;
    out->vote.candidates = buf_bytes(storage);
}

static struct tx_action sample_action(enum tx_action_kind kind, struct buf *storage) {
    struct tx_action out = {.kind = kind};
    switch (kind) {
    case TX_TRANSFER:
        golden_fill(&out.transfer.to, 32, 1);
        out.transfer.amount = amount_of_units(1000);
        break;
    case TX_CALL:
        golden_fill(&out.call.contract, 32, 2);
        out.call.method = bytes_of_string("add");
        out.call.arguments = bytes_of_string("\x2a");
        out.call.value = amount_of_units(5);
        break;
    case TX_DEPLOY:
        out.deploy.code = bytes_of("\0asm", 4);
        break;
    case TX_UPGRADE:
        golden_fill(&out.upgrade.contract, 32, 2);
        out.upgrade.code = bytes_of("\0asm", 4);
        out.upgrade.has_upgrader = true;
        golden_fill(&out.upgrade.upgrader, 32, 4);
        break;
    case TX_SET_AUTHORITY:
        out.set_authority.authority = sample_authority(storage);
        break;
    case TX_SET_ENC_KEY:
        golden_fill(out.set_enc_key.key, 32, 5);
        break;
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
        out.stake.amount = amount_of_units(7);
        break;
    case TX_REGISTER_CANDIDATE:
        golden_fill(&out.register_candidate.key, 32, 6);
        out.register_candidate.commission = 1000;
        break;
    case TX_VOTE:
        fill_vote(&out, storage);
        break;
    case TX_CLOSE_LANE:
        out.close_lane.lane = 9;
        break;
    case TX_DATA:
        out.data = golden_envelope_of(storage);
        break;
    case TX_REMOVE_ACCOUNT:
        account_id_of_key(&out.remove_account.account, &golden_public);
        break;
    case TX_APPROVE:
        out.approve = golden_approval();
        break;
    case TX_EVIDENCE:
        out.evidence = golden_evidence();
        break;
    default: // those without content
        break;
    }
    return out;
}

void golden_envelope(void) {
    struct buf storage = {0};
    struct envelope envelope = golden_envelope_of(&storage);
    struct envelope_place place = {.chain_id = golden_chain_id, .seq = 1};
    struct hash hash;
    account_id_of_key(&place.sender, &golden_public);
    golden_begin("envelope");
    envelope_id(&hash, &place);
    golden_hash("id on this chain", &hash);
    envelope_hash(&hash, &envelope);
    golden_hash("what the next names as previous", &hash);
    buf_clear(&storage);
}

static struct tx sample_tx(void) {
    struct tx tx = {.version = TX_VERSION,
                    .seq = 3,
                    .valid_until = 1000,
                    .gas_limit = 200000,
                    .gas_price = 1,
                    .action_count = 1};
    account_id_of_key(&tx.sender, &golden_public);
    return tx;
}

void golden_transactions(void) {
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
                 {"data", TX_DATA},
                 {"remove_account", TX_REMOVE_ACCOUNT},
                 {"claim_shares", TX_CLAIM_SHARES},
                 {"evidence", TX_EVIDENCE},
                 {"approve", TX_APPROVE}};
    struct buf encoded = {0}, storage = {0};
    struct hash hash;
    struct tx tx = sample_tx();
    tx.actions[0] = sample_action(TX_TRANSFER, &storage);
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &golden_secret, &golden_chain_id) == STATUS_OK);
    golden_begin("transaction");
    tx_encode(&encoded, &tx);
    golden_hex("a transfer, signed", buf_bytes(&encoded));
    tx_id(&hash, &tx);
    golden_hash("id", &hash);
    tx_leaf(&hash, buf_bytes(&encoded), &tx);
    buf_reset(&encoded);
    golden_hash("leaf under tx_root", &hash);
    golden_begin("actions");
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
        golden_hex(kinds[i].name, bytes_of(encoded.data + front, encoded.len - front));
        buf_reset(&encoded);
    }
    buf_clear(&encoded);
    buf_clear(&storage);
}

void golden_codes(void) {
    golden_begin("codes");
#define X(name, number, text) printf("| %d | `%s` | %s |\n", number, #name, text);
    TX_CODE_LIST(X)
#undef X
    golden_begin("traps");
#define X(name, text) printf("| `%s` | %s |\n", #name, text);
    VM_TRAP_LIST(X)
#undef X
}
