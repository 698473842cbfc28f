// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/tx_json.h"

#include "apps/common/abi/abi_value.h"
#include "apps/common/http/http.h"
#include "apps/common/json/json.h"
#include "apps/common/server/abi.h"
#include "apps/common/server/chain_json.h"
#include "chaincore/contract/abi.h"

// An action's place: what a deployed contract's address is made of.
struct tx_place {
    const struct hash *tx_id;
    uint32_t index;
};

// A transaction may speak to more contracts than this: those beyond are shown as bytes.
enum { MAX_DESCRIPTIONS = 16 };

struct description {
    struct account_id contract;
    json_t *abi;     // NULL: it gives none
    struct buf code; // that `text` lies in
    struct bytes text;
};

struct tx_teller {
    struct node *node;
    uint32_t count;
    struct description descriptions[MAX_DESCRIPTIONS];
};

struct tx_teller *tx_teller_open(struct node *node) {
    struct tx_teller *teller = mem_alloc(sizeof *teller);
    teller->node = node;
    return teller;
}

void tx_teller_close(struct tx_teller *teller) {
    for (uint32_t i = 0; i < teller->count; i++) {
        json_decref(teller->descriptions[i].abi);
        buf_clear(&teller->descriptions[i].code);
    }
    mem_free(teller);
}

// NULL when there is no room for one more.
static const struct description *describe(struct tx_teller *teller,
                                          const struct account_id *contract) {
    for (uint32_t i = 0; i < teller->count; i++)
        if (account_id_equal(&teller->descriptions[i].contract, contract))
            return &teller->descriptions[i];
    if (teller->count == MAX_DESCRIPTIONS) return NULL;
    struct description *made = &teller->descriptions[teller->count++];
    made->contract = *contract;
    if (node_read_code(teller->node, contract, &made->code) == STATUS_OK &&
        abi_of_code(buf_bytes(&made->code), &made->text))
        made->abi = abi_parse(made->text);
    return made;
}

static const json_t *abi_of(struct tx_teller *teller, const struct account_id *contract) {
    const struct description *known = describe(teller, contract);
    return known ? known->abi : NULL;
}

// Takes the value over.
static void append_json(struct buf *out, json_t *value) {
    if (value)
        json_write(out, value, JSON_AS_READ);
    else
        buf_append_string(out, "null");
    json_decref(value);
}

// ---- in lists

const char *tx_json_action(int action) {
    static const char *const names[TX_ACTION_KINDS] = {
        "transfer",         "call",       "deploy",       "upgrade",        "set_authority",
        "set_enc_key",      "lock_stake", "unlock_stake", "withdraw_stake", "register_candidate",
        "resign_candidate", "vote",       "close_lane",   "data",           "remove_account",
        "claim_shares",     "evidence",   "approve"};
    return action >= 0 && action < TX_ACTION_KINDS ? names[action] : "timer";
}

static void append_account(struct buf *out, const char *name, bool is_there,
                           const struct account_id *id) {
    buf_append_format(out, ",\"%s\":", name);
    if (is_there)
        chain_json_address(out, id);
    else
        buf_append_string(out, "null");
}

void tx_json_summary(struct buf *out, const struct chain_tx_row *row) {
    buf_append_string(out, "{\"id\":");
    chain_json_hex(out, BYTES_OF(row->id.bytes));
    buf_append_format(out,
                      ",\"height\":%llu,\"index\":%u,\"time\":", (unsigned long long)row->height,
                      row->index);
    chain_json_time(out, row->time_ms);
    buf_append_format(out, ",\"is_timer\":%s", row->action == CHAIN_TIMER ? "true" : "false");
    append_account(out, "sender", row->has_sender, &row->sender);
    buf_append_format(out, ",\"action\":\"%s\",\"action_count\":%u", tx_json_action(row->action),
                      row->action_count);
    append_account(out, "contract", row->has_contract, &row->contract);
    buf_append_string(out, ",\"method\":");
    if (row->method.len > 0)
        http_append_json_string(out, row->method);
    else
        buf_append_string(out, "null");
    append_account(out, "to", row->has_transfer, &row->to);
    buf_append_string(out, ",\"amount\":");
    if (row->has_transfer)
        chain_json_amount(out, row->amount);
    else
        buf_append_string(out, "null");
    buf_append_format(out, ",\"code\":\"%s\",\"gas_used\":%llu,\"event_count\":%u",
                      tx_code_name(row->code), (unsigned long long)row->gas_used, row->event_count);
    chain_json_tx_proof(out, &row->id);
}

// ---- actions

// By the description's entry in one of its groups, or one that stands alone ("init").
static json_t *decode_arguments(const json_t *abi, const json_t *entry, struct bytes arguments) {
    return entry ? abi_decode(abi, json_object_get(entry, "arguments"), arguments) : NULL;
}

static void append_arguments(struct buf *out, const json_t *abi, const json_t *entry,
                             struct bytes arguments) {
    buf_append_string(out, ",\"arguments\":");
    append_json(out, decode_arguments(abi, entry, arguments));
    buf_append_string(out, ",\"arguments_hex\":");
    chain_json_hex(out, arguments);
}

static void append_call(struct buf *out, struct tx_teller *teller, const struct tx_action *action) {
    const json_t *abi = abi_of(teller, &action->call.contract);
    struct buf name = {0};
    buf_append(&name, action->call.method);
    append_account(out, "contract", true, &action->call.contract);
    buf_append_string(out, ",\"method\":");
    http_append_json_string(out, action->call.method);
    buf_append_string(out, ",\"amount\":");
    chain_json_amount(out, action->call.value);
    append_arguments(out, abi,
                     json_object_get(json_object_get(abi, "methods"), buf_as_string(&name)),
                     action->call.arguments);
    buf_clear(&name);
}

// What brings code, and what its entry of this name was given.
struct brought {
    const char *entry;
    const struct account_id *contract;
    struct bytes code;
    struct bytes arguments;
    const struct account_id *upgrader; // NULL: nobody
};

static void append_code(struct buf *out, const struct brought *brought) {
    struct bytes text;
    json_t *abi = abi_of_code(brought->code, &text) ? abi_parse(text) : NULL;
    append_account(out, "contract", true, brought->contract);
    append_account(out, "upgrader", brought->upgrader != NULL, brought->upgrader);
    buf_append_format(out, ",\"code_bytes\":%zu", brought->code.len);
    append_arguments(out, abi, json_object_get(abi, brought->entry), brought->arguments);
    json_decref(abi);
}

static void append_deploy(struct buf *out, const struct tx_action *action, const struct hash *tx_id,
                          uint32_t index) {
    struct account_id contract;
    account_id_of_deployed(&contract, tx_id, index);
    append_code(out,
                &(struct brought){.entry = "init",
                                  .contract = &contract,
                                  .code = action->deploy.code,
                                  .arguments = action->deploy.arguments,
                                  .upgrader = action->deploy.has_upgrader ? &action->deploy.upgrader
                                                                          : NULL});
}

static void append_upgrade(struct buf *out, const struct tx_action *action) {
    append_code(out, &(struct brought){.entry = "upgrade",
                                       .contract = &action->upgrade.contract,
                                       .code = action->upgrade.code,
                                       .arguments = action->upgrade.arguments,
                                       .upgrader = action->upgrade.has_upgrader
                                                       ? &action->upgrade.upgrader
                                                       : NULL});
}

static void append_authority(struct buf *out, struct bytes encoded) {
    struct authority authority;
    struct decoder decoder = decoder_of(encoded);
    authority_decode_from(&decoder, &authority);
    ENSURE(decoder_finish(&decoder) == STATUS_OK); // as the transaction was decoded
    buf_append_format(out, ",\"threshold\":%u,\"keys\":[", authority.threshold);
    for (uint32_t i = 0; i < authority.key_count; i++) {
        buf_append_string(out, i > 0 ? ",{\"key\":" : "{\"key\":");
        chain_json_hex(out, BYTES_OF(authority.keys[i].key.bytes));
        buf_append_format(out, ",\"weight\":%u}", authority.keys[i].weight);
    }
    buf_append_byte(out, ']');
}

static void append_votes(struct buf *out, const struct tx_action *action) {
    buf_append_string(out, ",\"candidates\":[");
    for (uint32_t i = 0; i < action->vote.count; i++) {
        struct account_id candidate;
        memcpy(candidate.bytes, action->vote.candidates.data + i * sizeof candidate.bytes,
               sizeof candidate.bytes);
        if (i > 0) buf_append_byte(out, ',');
        chain_json_address(out, &candidate);
    }
    buf_append_byte(out, ']');
}

static void append_envelope(struct buf *out, const struct envelope *envelope) {
    static const char *const retentions[ENVELOPE_RETENTIONS] = {"30 days", "1 year", "10 years",
                                                                "for ever"};
    buf_append_format(out,
                      ",\"seq\":%llu,\"retention\":\"%s\",\"recipient_count\":%u,"
                      "\"ciphertext_bytes\":%zu",
                      (unsigned long long)envelope->seq, retentions[envelope->retention],
                      envelope->recipient_count, envelope->ciphertext.len);
    chain_json_hash(out, "previous", &envelope->previous);
}

static void append_key(struct buf *out, struct bytes key) {
    buf_append_string(out, ",\"key\":");
    chain_json_hex(out, key);
}

static void append_approval(struct buf *out, const struct approval *approval) {
    static const char *const kinds[] = {"nothing", "parameters", "upgrade"};
    const struct params *params = &approval->params;
    buf_append_format(out, ",\"approves\":\"%s\"", kinds[approval->kind]);
    if (approval->kind == APPROVE_UPGRADE) {
        append_account(out, "contract", true, &approval->upgrade.contract);
        chain_json_hash(out, "code_hash", &approval->upgrade.code);
        chain_json_hash(out, "arguments_hash", &approval->upgrade.arguments);
    } else if (approval->kind == APPROVE_PARAMETERS) {
        buf_append_format(out,
                          ",\"block_interval_ms\":%u,\"min_gas_price\":%llu,"
                          "\"block_gas_limit\":%llu,\"deposit_per_byte\":%llu,"
                          "\"min_witnesses\":%u,\"protocol\":%u",
                          params->block_interval_ms, (unsigned long long)params->min_gas_price,
                          (unsigned long long)params->block_gas_limit,
                          (unsigned long long)params->deposit_per_byte, params->min_witnesses,
                          params->protocol);
    }
}

static void append_evidence(struct buf *out, const struct evidence *evidence) {
    static const char *const kinds[] = {"propose", "notarize", "nullify", "finalize"};
    buf_append_format(out,
                      ",\"epoch\":%llu,\"view\":%llu,\"witness\":%u,\"signed\":[\"%s\",\"%s\"]",
                      (unsigned long long)evidence->epoch, (unsigned long long)evidence->view,
                      evidence->witness, kinds[evidence->first.kind], kinds[evidence->second.kind]);
}

static void append_stake(struct buf *out, const struct tx_action *action) {
    if (action->kind == TX_VOTE) {
        append_votes(out, action);
    } else if (action->kind == TX_REGISTER_CANDIDATE) {
        append_key(out, BYTES_OF(action->register_candidate.key.bytes));
        buf_append_format(out, ",\"commission\":%u", action->register_candidate.commission);
    } else if (action->kind != TX_WITHDRAW_STAKE && action->kind != TX_RESIGN_CANDIDATE) {
        buf_append_string(out, ",\"amount\":");
        chain_json_amount(out, action->stake.amount);
    }
}

static void append_action(struct buf *out, struct tx_teller *teller, const struct tx_action *action,
                          const struct tx_place *place) {
    switch (action->kind) {
    case TX_TRANSFER:
        append_account(out, "to", true, &action->transfer.to);
        buf_append_string(out, ",\"amount\":");
        chain_json_amount(out, action->transfer.amount);
        break;
    case TX_CALL:
        append_call(out, teller, action);
        break;
    case TX_DEPLOY:
        append_deploy(out, action, place->tx_id, place->index);
        break;
    case TX_UPGRADE:
        append_upgrade(out, action);
        break;
    case TX_SET_AUTHORITY:
        append_authority(out, action->set_authority.authority);
        break;
    case TX_SET_ENC_KEY:
        append_key(out, BYTES_OF(action->set_enc_key.key));
        break;
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
    case TX_WITHDRAW_STAKE:
    case TX_REGISTER_CANDIDATE:
    case TX_RESIGN_CANDIDATE:
    case TX_VOTE:
        append_stake(out, action);
        break;
    case TX_CLOSE_LANE:
        buf_append_format(out, ",\"lane\":%u", action->close_lane.lane);
        break;
    case TX_DATA:
        append_envelope(out, &action->data);
        break;
    case TX_REMOVE_ACCOUNT:
        append_account(out, "account", true, &action->remove_account.account);
        break;
    case TX_APPROVE:
        append_approval(out, &action->approve);
        break;
    case TX_EVIDENCE:
        append_evidence(out, &action->evidence);
        break;
    case TX_CLAIM_SHARES:
    case TX_ACTION_KINDS:
        break;
    }
}

void tx_json_actions(struct buf *out, struct tx_teller *teller, const struct tx *tx,
                     const struct hash *tx_id) {
    buf_append_byte(out, '[');
    for (uint32_t i = 0; i < tx->action_count; i++) {
        const struct tx_action *action = &tx->actions[i];
        buf_append_format(out, "%s{\"kind\":\"%s\"", i > 0 ? "," : "",
                          tx_json_action((int)action->kind));
        append_action(out, teller, action, &(struct tx_place){tx_id, i});
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
}

// ---- what came of it

// An event is named by its topic, where that is a text.
static const json_t *fields_of(const json_t *abi, struct bytes topic) {
    struct buf name = {0};
    buf_append(&name, topic);
    const json_t *fields = json_object_get(json_object_get(abi, "events"), buf_as_string(&name));
    buf_clear(&name);
    return fields;
}

void tx_json_events(struct buf *out, struct tx_teller *teller, const struct event *events,
                    uint32_t count, const struct hash *tx_id) {
    buf_append_byte(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        const struct event *event = &events[i];
        const json_t *abi = abi_of(teller, &event->contract);
        const json_t *fields = fields_of(abi, event->topic);
        buf_append_format(out, "%s{\"index\":%u", i > 0 ? "," : "", i);
        append_account(out, "contract", true, &event->contract);
        buf_append_string(out, ",\"name\":");
        http_append_json_string(out, event->topic);
        buf_append_string(out, ",\"fields\":");
        append_json(out, fields ? abi_decode(abi, fields, event->data) : NULL);
        buf_append_string(out, ",\"data_hex\":");
        chain_json_hex(out, event->data);
        if (tx_id) {
            buf_append_string(out, ",\"proof\":\"/v1/transactions/");
            chain_json_digits(out, BYTES_OF(tx_id->bytes));
            buf_append_format(out, "/events/%u/proof\"", i);
        }
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
}

// The one contract that may have refused; where there are several, nothing in the receipt says
// which.
static bool find_abi(struct node *node, const struct tx *tx, struct buf *code, struct bytes *abi) {
    const struct account_id *called = NULL;
    struct bytes brought = bytes_of("", 0);
    uint32_t sources = 0;
    for (uint32_t i = 0; i < tx->action_count; i++) {
        const struct tx_action *action = &tx->actions[i];
        if (action->kind == TX_CALL) {
            if (called && account_id_equal(called, &action->call.contract)) continue;
            called = &action->call.contract;
        } else if (action->kind == TX_DEPLOY) {
            brought = action->deploy.code;
        } else if (action->kind == TX_UPGRADE) {
            brought = action->upgrade.code;
        } else {
            continue;
        }
        sources++;
    }
    if (sources != 1) return false;
    if (called && node_read_code(node, called, code) != STATUS_OK) return false;
    return abi_of_code(called ? buf_bytes(code) : brought, abi);
}

bool tx_json_sentence(struct buf *out, struct node *node, const struct tx *tx,
                      uint32_t contract_code) {
    struct buf code = {0};
    struct bytes abi;
    bool is_there = find_abi(node, tx, &code, &abi) && abi_sentence(abi, contract_code, out);
    buf_clear(&code);
    return is_there;
}

void tx_json_outcome(struct buf *out, struct node *node, const struct tx_outcome *outcome) {
    struct buf sentence = {0};
    buf_append_string(out, ",\"message\":");
    http_append_json_string(out, bytes_of_string(tx_code_text(outcome->code)));
    buf_append_format(out, ",\"contract_code\":%u", outcome->contract_code);
    if (outcome->code == TX_CODE_CONTRACT_REFUSED && outcome->tx &&
        tx_json_sentence(&sentence, node, outcome->tx, outcome->contract_code)) {
        buf_append_string(out, ",\"contract_message\":");
        http_append_json_string(out, buf_bytes(&sentence));
    }
    buf_clear(&sentence);
}

// ---- the whole

static void append_signers(struct buf *out, const struct tx *tx) {
    buf_append_string(out, ",\"signers\":[");
    for (uint32_t i = 0; i < tx->signature_count; i++) {
        const struct tx_signature *signature = &tx->signatures[i];
        bool is_payer = signature->role == TX_ROLE_PAYER;
        buf_append_format(out, "%s{\"role\":\"%s\"", i > 0 ? "," : "",
                          is_payer ? "payer" : "sender");
        append_account(out, "account", true, is_payer ? tx_payer(tx) : &tx->sender);
        buf_append_format(out, ",\"key_index\":%u,\"key\":", signature->key_index);
        if (signature->has_key)
            chain_json_hex(out, BYTES_OF(signature->key.bytes));
        else
            buf_append_string(out, "null");
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
}

// What the gas costs. The chain has taken it, so it fits.
static void append_fee(struct buf *out, const struct tx *tx, uint64_t gas_used) {
    struct amount fee;
    ENSURE(amount_mul(&fee, amount_of_units(tx->gas_price), gas_used) == STATUS_OK);
    buf_append_string(out, ",\"fee\":");
    chain_json_amount(out, fee);
}

static void append_signed(struct buf *out, const struct tx *tx) {
    append_account(out, "payer", true, tx_payer(tx));
    buf_append_format(out,
                      ",\"lane\":%u,\"seq\":%llu,\"valid_until\":%llu,\"gas_limit\":%llu,"
                      "\"gas_price\":%llu",
                      tx->lane, (unsigned long long)tx->seq, (unsigned long long)tx->valid_until,
                      (unsigned long long)tx->gas_limit, (unsigned long long)tx->gas_price);
    append_signers(out, tx);
}

void tx_json_decoded(struct buf *out, struct node *node, const struct block *block,
                     uint32_t index) {
    const struct block_tx *done = &block->txs[index];
    struct tx_teller *teller = tx_teller_open(node);
    struct tx *tx = mem_alloc(sizeof *tx);
    struct chain_tx_row row;
    chain_tx_row_make(&row, block, index, tx);
    const struct tx *signed_tx = row.has_sender ? tx : NULL;
    tx_json_summary(out, &row);
    tx_json_outcome(out, node,
                    &(struct tx_outcome){row.code, done->receipt.contract_code, signed_tx});
    if (signed_tx) {
        append_fee(out, tx, row.gas_used);
        append_signed(out, tx);
        buf_append_string(out, ",\"actions\":");
        tx_json_actions(out, teller, tx, &row.id);
    }
    buf_append_string(out, ",\"events\":");
    tx_json_events(out, teller, done->events, done->event_count, &row.id);
    buf_append_byte(out, '}');
    mem_free(tx);
    tx_teller_close(teller);
}
