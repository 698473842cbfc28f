// SPDX-License-Identifier: Apache-2.0
// What a phone carries to a lock: grants and policies, as they stand in the state, with what proves
// them.
#include "apps/common/server/chain_json.h"
#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chaincore.h"

// `name` with what leads to it: "{\"grant".
static void append_proof(struct buf *out, const char *name, const struct node_state_proof *proof) {
    buf_append_format(out, "%s\":{\"value\":", name);
    if (proof->has_value)
        chain_json_hex(out, buf_bytes(&proof->value));
    else
        buf_append_string(out, "null");
    buf_append_string(out, ",\"branch\":");
    chain_json_hex(out, buf_bytes(&proof->branch));
    buf_append_byte(out, '}');
}

static void append_header(struct buf *out, const struct header *header, struct bytes certificate) {
    struct buf encoded = {0};
    header_encode(&encoded, header);
    buf_append_format(out, "\"height\":%llu,\"header\":", (unsigned long long)header->height);
    chain_json_hex(out, buf_bytes(&encoded));
    buf_append_string(out, ",\"certificate\":");
    chain_json_hex(out, certificate);
    buf_clear(&encoded);
}

// For a lock that has slept over them.
static void append_changes(struct buf *out, const struct node_changes *changes) {
    struct decoder in = decoder_of(buf_bytes(&changes->hand_overs));
    buf_append_string(out, ",\"changes\":[");
    for (uint32_t i = 0; i < changes->count; i++) {
        struct proof_hand_over hand_over;
        proof_hand_over_decode_from(&in, &hand_over);
        ENSURE(in.status == STATUS_OK);
        buf_append_string(out, i > 0 ? ",{" : "{");
        append_header(out, &hand_over.header, hand_over.certificate);
        buf_append_string(out, ",\"next\":");
        chain_json_hex(out, hand_over.next);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, ']');
}

// The header below which the proof stands, with all that leads a lock to it from this moment on. A
// lock believes nobody for longer than the trusting period.
static enum status append_head(struct server *server, struct buf *out,
                               const struct node_state_proof *proof, uint64_t since_ms) {
    const struct header *header = &proof->head.header;
    struct node_changes changes;
    if (header->time_ms > TRUST_PERIOD_MS && since_ms < header->time_ms - TRUST_PERIOD_MS)
        since_ms = header->time_ms - TRUST_PERIOD_MS;
    enum status status = node_list_changes(server->node, header, since_ms, &changes);
    if (status == STATUS_OK) {
        buf_append_string(out, ",\"time\":");
        chain_json_time(out, (int64_t)header->time_ms);
        buf_append_byte(out, ',');
        append_header(out, header, buf_bytes(&proof->certificate));
        buf_append_string(out, ",\"witnesses\":");
        chain_json_hex(out, witness_set_keys(&changes.set));
        append_changes(out, &changes);
        buf_append_byte(out, '}');
    }
    node_changes_clear(&changes);
    return status;
}

static enum status prove(struct server *server, uint64_t height, struct bytes storage_key,
                         struct node_state_proof *out) {
    struct state_key key;
    state_key_make(&key, STATE_STORAGE, server->contract.bytes, storage_key);
    return node_prove_state(server->node, height, state_key_bytes(&key), out);
}

// Both at one height, so that one header proves them.
static enum status prove_both(struct server *server, uint64_t booking,
                              struct node_state_proof *grant, struct node_state_proof *policy) {
    struct node_head head;
    struct grant decoded;
    uint8_t key[POLICY_KEY_BYTES];
    node_head(server->node, &head);
    grant_key(key, booking);
    enum status status = prove(server, head.header.height, bytes_of(key, GRANT_KEY_BYTES), grant);
    if (status != STATUS_OK) return status;
    if (!grant->has_value) return STATUS_NOT_FOUND;
    ENSURE(grant->value.len == GRANT_BYTES);
    grant_decode(&decoded, grant->value.data);
    policy_key(key, decoded.lock);
    return prove(server, head.header.height, BYTES_OF(key), policy);
}

// What the phone has of a former answer it need not be told again. False: the response says what is
// wrong.
static bool asked_since(struct http_request *request, struct http_response *response,
                        uint64_t *out_ms) {
    bool is_there;
    *out_ms = 0;
    return asked_query_time(request, response, "since", &is_there, out_ms);
}

enum status get_grant(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct node_state_proof grant = {0}, policy = {0};
    uint64_t booking, since_ms;
    if (!sharing_path_id(request, &booking)) return STATUS_NOT_FOUND;
    if (!asked_since(request, response, &since_ms)) return STATUS_OK;
    enum status status = prove_both(server, booking, &grant, &policy);
    if (status == STATUS_OK) {
        struct buf *out = http_body_buf(response);
        append_proof(out, "{\"grant", &grant);
        append_proof(out, ",\"policy", &policy);
        status = append_head(server, out, &grant, since_ms);
        http_set_type(response, "application/json");
    }
    node_state_proof_clear(&grant);
    node_state_proof_clear(&policy);
    return status;
}

// ---- the policy alone: so a revocation travels with any phone

static enum status answer_policy(struct server *server, struct http_response *response,
                                 const struct sharing_asset *asset, uint64_t since_ms) {
    struct node_state_proof policy = {0};
    struct node_head head;
    uint8_t key[POLICY_KEY_BYTES];
    node_head(server->node, &head);
    policy_key(key, asset->lock.bytes);
    enum status status = prove(server, head.header.height, BYTES_OF(key), &policy);
    if (status == STATUS_OK) {
        struct buf *out = http_body_buf(response);
        buf_append_string(out, "{\"lock\":");
        chain_json_hex(out, BYTES_OF(asset->lock.bytes));
        append_proof(out, ",\"policy", &policy);
        status = append_head(server, out, &policy, since_ms);
        http_set_type(response, "application/json");
    }
    node_state_proof_clear(&policy);
    return status;
}

static enum status with_asset(struct server *server, struct http_request *request,
                              struct http_response *response, struct db_statement *row) {
    static const struct public_key none;
    struct sharing_asset asset;
    uint64_t since_ms;
    if (!asked_since(request, response, &since_ms)) return STATUS_OK;
    asset_decode(&asset, db_column_bytes(row, "record"));
    if (memcmp(&asset.lock, &none, sizeof none) == 0) return STATUS_NOT_FOUND;
    return answer_policy(server, response, &asset, since_ms);
}

enum status get_lock(void *context, struct http_request *request, struct http_response *response) {
    return sharing_answer_one(context, request, response,
                              "SELECT record FROM asset WHERE number = $1", with_asset);
}
