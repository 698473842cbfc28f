// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/tx.h"

static void encode_upgrader(struct buf *out, bool is_there, const struct account_id *upgrader) {
    encode_bool(out, is_there);
    if (is_there) encode_fixed(out, upgrader, sizeof *upgrader);
}

static bool decode_upgrader(struct decoder *in, struct account_id *upgrader) {
    bool is_there = decode_bool(in);
    if (is_there) decode_fixed(in, upgrader, sizeof *upgrader);
    return is_there;
}

static void encode_call(struct buf *out, const struct tx_action *action) {
    encode_fixed(out, &action->call.contract, sizeof action->call.contract);
    encode_bytes(out, action->call.method);
    encode_bytes(out, action->call.arguments);
    encode_amount(out, action->call.value);
}

static void encode_deploy(struct buf *out, const struct tx_action *action) {
    encode_bytes(out, action->deploy.code);
    encode_bytes(out, action->deploy.arguments);
    encode_upgrader(out, action->deploy.has_upgrader, &action->deploy.upgrader);
}

static void encode_upgrade(struct buf *out, const struct tx_action *action) {
    encode_fixed(out, &action->upgrade.contract, sizeof action->upgrade.contract);
    encode_bytes(out, action->upgrade.code);
    encode_bytes(out, action->upgrade.arguments);
    encode_upgrader(out, action->upgrade.has_upgrader, &action->upgrade.upgrader);
}

static void encode_action(struct buf *out, const struct tx_action *action) {
    encode_u8(out, (uint8_t)action->kind);
    switch (action->kind) {
    case TX_TRANSFER:
        encode_fixed(out, &action->transfer.to, sizeof action->transfer.to);
        encode_amount(out, action->transfer.amount);
        break;
    case TX_CALL:
        encode_call(out, action);
        break;
    case TX_DEPLOY:
        encode_deploy(out, action);
        break;
    case TX_UPGRADE:
        encode_upgrade(out, action);
        break;
    case TX_SET_AUTHORITY:
        encode_fixed(out, action->set_authority.authority.data,
                     action->set_authority.authority.len);
        break;
    case TX_SET_ENC_KEY:
        encode_fixed(out, action->set_enc_key.key, sizeof action->set_enc_key.key);
        break;
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
        encode_amount(out, action->stake.amount);
        break;
    case TX_WITHDRAW_STAKE:
    case TX_RESIGN_CANDIDATE:
    case TX_CLAIM_SHARES:
        break;
    case TX_REGISTER_CANDIDATE:
        encode_fixed(out, &action->register_candidate.key, sizeof action->register_candidate.key);
        encode_u16(out, action->register_candidate.commission);
        break;
    case TX_VOTE:
        encode_u32(out, action->vote.count);
        encode_fixed(out, action->vote.candidates.data, action->vote.candidates.len);
        break;
    case TX_CLOSE_LANE:
        encode_u32(out, action->close_lane.lane);
        break;
    case TX_DATA:
        envelope_encode(out, &action->data);
        break;
    case TX_REMOVE_ACCOUNT:
        encode_fixed(out, &action->remove_account.account, sizeof action->remove_account.account);
        break;
    case TX_EVIDENCE:
        evidence_encode(out, &action->evidence);
        break;
    case TX_APPROVE:
        approval_encode(out, &action->approve);
        break;
    case TX_ACTION_KINDS:
        ENSURE(false && "an action kind");
    }
}

static bool is_method_name(struct bytes name) {
    if (name.len == 0) return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

// Checked here, decoded again by the one who needs it: it is large and rare.
static struct bytes decode_authority(struct decoder *in) {
    struct authority authority;
    const uint8_t *begin = in->next;
    authority_decode_from(in, &authority);
    return bytes_of(begin, in->status == STATUS_OK ? (size_t)(in->next - begin) : 0);
}

static void decode_call(struct decoder *in, struct tx_action *out) {
    decode_fixed(in, &out->call.contract, sizeof out->call.contract);
    out->call.method = decode_bytes(in, LIMIT_METHOD_NAME_BYTES);
    if (in->status == STATUS_OK && !is_method_name(out->call.method))
        decoder_fail(in, STATUS_MALFORMED);
    out->call.arguments = decode_bytes(in, LIMIT_TX_BYTES);
    out->call.value = decode_amount(in);
}

static void decode_upgrade(struct decoder *in, struct tx_action *out) {
    decode_fixed(in, &out->upgrade.contract, sizeof out->upgrade.contract);
    out->upgrade.code = decode_bytes(in, LIMIT_CODE_BYTES);
    out->upgrade.arguments = decode_bytes(in, LIMIT_TX_BYTES);
    out->upgrade.has_upgrader = decode_upgrader(in, &out->upgrade.upgrader);
}

// Ascending, so none twice.
static void decode_vote(struct decoder *in, struct tx_action *out) {
    out->vote.count = decode_count(in, LIMIT_VOTES);
    out->vote.candidates = decode_slice(in, (size_t)out->vote.count * sizeof(struct account_id));
    const uint8_t *id = out->vote.candidates.data;
    for (uint32_t i = 1; in->status == STATUS_OK && i < out->vote.count; i++, id += 32)
        if (memcmp(id, id + 32, 32) >= 0) decoder_fail(in, STATUS_MALFORMED);
}

static void decode_candidate(struct decoder *in, struct tx_action *out) {
    decode_fixed(in, &out->register_candidate.key, sizeof out->register_candidate.key);
    out->register_candidate.commission = decode_u16(in);
    if (out->register_candidate.commission > LIMIT_COMMISSION) decoder_fail(in, STATUS_MALFORMED);
}

static void decode_action(struct decoder *in, struct tx_action *out) {
    out->kind = (enum tx_action_kind)decode_tag(in, TX_ACTION_KINDS);
    switch (out->kind) {
    case TX_TRANSFER:
        decode_fixed(in, &out->transfer.to, sizeof out->transfer.to);
        out->transfer.amount = decode_amount(in);
        break;
    case TX_CALL:
        decode_call(in, out);
        break;
    case TX_DEPLOY:
        out->deploy.code = decode_bytes(in, LIMIT_CODE_BYTES);
        out->deploy.arguments = decode_bytes(in, LIMIT_TX_BYTES);
        out->deploy.has_upgrader = decode_upgrader(in, &out->deploy.upgrader);
        break;
    case TX_UPGRADE:
        decode_upgrade(in, out);
        break;
    case TX_SET_AUTHORITY:
        out->set_authority.authority = decode_authority(in);
        break;
    case TX_SET_ENC_KEY:
        decode_fixed(in, out->set_enc_key.key, sizeof out->set_enc_key.key);
        break;
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
        out->stake.amount = decode_amount(in);
        break;
    case TX_WITHDRAW_STAKE:
    case TX_RESIGN_CANDIDATE:
    case TX_CLAIM_SHARES:
    case TX_ACTION_KINDS:
        break;
    case TX_REGISTER_CANDIDATE:
        decode_candidate(in, out);
        break;
    case TX_VOTE:
        decode_vote(in, out);
        break;
    case TX_CLOSE_LANE:
        out->close_lane.lane = decode_u32(in);
        if (out->close_lane.lane == 0) decoder_fail(in, STATUS_MALFORMED);
        break;
    case TX_DATA:
        envelope_decode_from(in, &out->data);
        break;
    case TX_REMOVE_ACCOUNT:
        decode_fixed(in, &out->remove_account.account, sizeof out->remove_account.account);
        break;
    case TX_EVIDENCE:
        evidence_decode_from(in, &out->evidence);
        break;
    case TX_APPROVE:
        approval_decode_from(in, &out->approve);
        break;
    default: // a tag that is kept
        decoder_fail(in, STATUS_MALFORMED);
    }
}

void tx_encode_body(struct buf *out, const struct tx *tx) {
    encode_u8(out, tx->version);
    encode_fixed(out, &tx->sender, sizeof tx->sender);
    encode_u32(out, tx->lane);
    encode_u64(out, tx->seq);
    encode_u64(out, tx->valid_until);
    encode_u64(out, tx->gas_limit);
    encode_u64(out, tx->gas_price);
    encode_bool(out, tx->has_payer);
    if (tx->has_payer) encode_fixed(out, &tx->payer, sizeof tx->payer);
    encode_u32(out, tx->action_count);
    for (uint32_t i = 0; i < tx->action_count; i++) encode_action(out, &tx->actions[i]);
}

static void encode_signatures(struct buf *out, const struct tx *tx) {
    encode_u32(out, tx->signature_count);
    for (uint32_t i = 0; i < tx->signature_count; i++) {
        const struct tx_signature *entry = &tx->signatures[i];
        encode_u8(out, (uint8_t)entry->role);
        encode_u8(out, entry->key_index);
        encode_bool(out, entry->has_key);
        if (entry->has_key) encode_fixed(out, &entry->key, sizeof entry->key);
        encode_fixed(out, &entry->signature, sizeof entry->signature);
    }
}

void tx_encode(struct buf *out, const struct tx *tx) {
    tx_encode_body(out, tx);
    encode_signatures(out, tx);
}

// The field that was decoded last is the one that failed, if it is the first. `fault` may be NULL.
static void note(const struct decoder *in, struct tx_fault *fault, const char *field,
                 uint32_t index) {
    if (!fault || fault->field || in->status == STATUS_OK) return;
    fault->field = field;
    fault->index = index;
}

static void decode_numbers(struct decoder *in, struct tx *out, struct tx_fault *fault) {
    out->lane = decode_u32(in);
    note(in, fault, "lane", 0);
    out->seq = decode_u64(in);
    note(in, fault, "seq", 0);
    out->valid_until = decode_u64(in);
    note(in, fault, "valid_until", 0);
    out->gas_limit = decode_u64(in);
    note(in, fault, "gas_limit", 0);
    out->gas_price = decode_u64(in);
    note(in, fault, "gas_price", 0);
}

static void decode_body(struct decoder *in, struct tx *out, struct tx_fault *fault) {
    out->version = decode_u8(in);
    if (in->status == STATUS_OK && out->version != TX_VERSION) decoder_fail(in, STATUS_UNSUPPORTED);
    note(in, fault, "version", 0);
    decode_fixed(in, &out->sender, sizeof out->sender);
    note(in, fault, "sender", 0);
    decode_numbers(in, out, fault);
    out->has_payer = decode_bool(in);
    if (out->has_payer) decode_fixed(in, &out->payer, sizeof out->payer);
    note(in, fault, "payer", 0);
    out->action_count = decode_count(in, LIMIT_TX_ACTIONS);
    if (in->status == STATUS_OK && out->action_count == 0) decoder_fail(in, STATUS_MALFORMED);
    note(in, fault, "action_count", 0);
    for (uint32_t i = 0; i < out->action_count; i++) {
        decode_action(in, &out->actions[i]);
        note(in, fault, "actions", i);
    }
}

// Entries ascend by role and key index: one order, and no signature counted twice.
static void decode_signatures(struct decoder *in, struct tx *out, struct tx_fault *fault) {
    int previous = -1;
    out->signature_count = decode_count(in, LIMIT_TX_SIGNATURES);
    note(in, fault, "signature_count", 0);
    for (uint32_t i = 0; i < out->signature_count; i++) {
        struct tx_signature *entry = &out->signatures[i];
        entry->role = (enum tx_role)decode_tag(in, 2);
        entry->key_index = decode_tag(in, LIMIT_ACCOUNT_KEYS);
        entry->has_key = decode_bool(in);
        if (entry->has_key) decode_fixed(in, &entry->key, sizeof entry->key);
        decode_fixed(in, &entry->signature, sizeof entry->signature);
        int place = (int)entry->role * LIMIT_ACCOUNT_KEYS + entry->key_index;
        if (in->status == STATUS_OK && place <= previous) decoder_fail(in, STATUS_MALFORMED);
        note(in, fault, "signatures", i);
        previous = place;
    }
}

static enum status decode(struct tx *out, struct bytes in, struct tx_fault *fault) {
    struct decoder decoder = decoder_of(in);
    memset(out, 0, sizeof *out);
    if (in.len > LIMIT_DEPLOY_TX_BYTES) return STATUS_TOO_LARGE;
    decode_body(&decoder, out, fault);
    decode_signatures(&decoder, out, fault);
    enum status status = decoder_finish(&decoder);
    if (status != STATUS_OK) return status;
    bool deploys = false;
    for (uint32_t i = 0; i < out->action_count; i++)
        if (out->actions[i].kind == TX_DEPLOY || out->actions[i].kind == TX_UPGRADE) deploys = true;
    return in.len > LIMIT_TX_BYTES && !deploys ? STATUS_TOO_LARGE : STATUS_OK;
}

enum status tx_decode(struct tx *out, struct bytes in) { return decode(out, in, NULL); }

void tx_find_fault(struct tx_fault *out, struct bytes in) {
    struct tx tx;
    *out = (struct tx_fault){0};
    out->status = decode(&tx, in, out);
}

struct bytes tx_body(struct bytes encoded, const struct tx *tx) {
    size_t signatures = sizeof(uint32_t);
    for (uint32_t i = 0; i < tx->signature_count; i++)
        signatures += 3 + (tx->signatures[i].has_key ? sizeof(struct public_key) : 0) +
                      sizeof(struct signature);
    ENSURE(signatures < encoded.len);
    return bytes_of(encoded.data, encoded.len - signatures);
}

void tx_id(struct hash *out, const struct tx *tx) {
    struct buf body = {0};
    tx_encode_body(&body, tx);
    hash_bytes(out, HASH_TX, buf_bytes(&body));
    buf_clear(&body);
}

void tx_leaf(struct hash *out, struct bytes encoded, const struct tx *tx) {
    struct bytes body = tx_body(encoded, tx);
    struct hash id;
    tx_leaf_of_parts(out, &id, body, bytes_of(encoded.data + body.len, encoded.len - body.len));
}

void tx_leaf_of_parts(struct hash *leaf, struct hash *id, struct bytes body,
                      struct bytes signatures) {
    struct hasher hasher;
    hash_bytes(id, HASH_TX, body);
    hasher_init(&hasher, HASH_TX_LEAF);
    hasher_add(&hasher, BYTES_OF(id->bytes));
    hasher_add(&hasher, signatures);
    hasher_finish(&hasher, leaf);
}

enum status tx_sign(struct tx *tx, enum tx_role role, const struct secret_key *key,
                    const struct hash *chain_id) {
    enum status status = tx_sign_indexed(tx, role, 0, key, chain_id);
    if (status != STATUS_OK) return status;
    struct tx_signature *entry = &tx->signatures[tx->signature_count - 1];
    entry->has_key = true;
    key_public_of(&entry->key, key);
    return STATUS_OK;
}

enum status tx_sign_indexed(struct tx *tx, enum tx_role role, uint8_t key_index,
                            const struct secret_key *key, const struct hash *chain_id) {
    if (tx->signature_count == LIMIT_TX_SIGNATURES) return STATUS_FULL;
    struct tx_signature *entry = &tx->signatures[tx->signature_count];
    struct hash id;
    *entry = (struct tx_signature){.role = role, .key_index = key_index};
    tx_id(&id, tx);
    sign_payload(&entry->signature, key, SIGN_TRANSACTION, chain_id, &id);
    tx->signature_count++;
    return STATUS_OK;
}

const struct account_id *tx_payer(const struct tx *tx) {
    return tx->has_payer ? &tx->payer : &tx->sender;
}

uint64_t tx_kept_until_ms(const struct tx *tx, uint64_t block_time_ms) {
    uint64_t until_ms = envelope_kept_until_ms(ENVELOPE_30_DAYS, block_time_ms);
    for (uint32_t i = 0; i < tx->action_count; i++) {
        if (tx->actions[i].kind != TX_DATA) continue;
        uint64_t own_ms = envelope_kept_until_ms(tx->actions[i].data.retention, block_time_ms);
        if (own_ms > until_ms) until_ms = own_ms;
    }
    return until_ms;
}
