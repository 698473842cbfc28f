// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/account_routes.h"

#include "apps/common/http/page.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/chain_json.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chaincore.h"
#include "chaincore/contract/share.h"
#include "chaincore/contract/tally.h"

static const struct http_paging paging = {
    .usual = 100, .most = LIMIT_QUERY_PAGE, .token_bytes = ACCOUNT_ID_BYTES};

static void append_amount(struct buf *out, const char *name, struct amount amount) {
    char text[AMOUNT_TEXT_MAX];
    amount_format(text, amount);
    buf_append_format(out, "\"%s\":\"%s\"", name, text);
}

static void append_key(struct buf *out, const struct public_key *key) {
    char text[2 * sizeof key->bytes + 1];
    hex_encode(text, BYTES_OF(key->bytes));
    buf_append_format(out, "\"key\":\"%s\"", text);
}

static void append_authority(struct buf *out, const struct authority *authority) {
    buf_append_string(out, ",\"authority\":");
    if (authority->key_count == 0) {
        buf_append_string(out, "null");
        return;
    }
    buf_append_format(out, "{\"threshold\":%u,\"keys\":[", authority->threshold);
    for (uint32_t i = 0; i < authority->key_count; i++) {
        buf_append_string(out, i ? ",{" : "{");
        append_key(out, &authority->keys[i].key);
        buf_append_format(out, ",\"weight\":%u}", authority->keys[i].weight);
    }
    buf_append_string(out, "]}");
}

static void append_stake(struct buf *out, const struct state_view *view,
                         const struct account_id *id) {
    struct stake stake;
    buf_append_string(out, ",\"stake\":");
    if (!stake_load(&stake, view, id)) {
        buf_append_string(out, "null");
        return;
    }
    buf_append_byte(out, '{');
    append_amount(out, "locked", stake.locked);
    buf_append_string(out, ",\"unlocks\":[");
    for (uint32_t i = 0; i < stake.unlock_count; i++) {
        char time[25];
        clock_format_utc(time, (int64_t)stake.unlocks[i].ready_ms);
        buf_append_string(out, i ? ",{" : "{");
        append_amount(out, "amount", stake.unlocks[i].amount);
        buf_append_format(out, ",\"ready\":\"%s\"}", time);
    }
    buf_append_string(out, "]}");
}

// With what it is owed at the height of the view.
static void append_votes(struct buf *out, const struct state_view *view,
                         const struct account_id *id) {
    struct voter voter;
    voter_load(&voter, view, id);
    voter_look(&voter, view);
    buf_append_string(out, ",\"votes\":[");
    for (uint32_t i = 0; i < voter.votes.count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        chain_json_address(out, &voter.votes.candidates[i]);
    }
    buf_append_string(out, "],\"earned\":");
    chain_json_amount(out, voter.owed);
}

static void append_candidate(struct buf *out, const struct candidate *candidate, uint64_t epoch) {
    append_key(out, &candidate->key);
    chain_json_standing(out, candidate);
    buf_append_format(out, ",\"commission\":%u,", candidate->commission);
    append_amount(out, "votes", amount_of_units(tally_of(candidate, epoch)));
}

// The height grows with each block; who has read the account has read it until something else
// differs.
static void name_account(struct http_response *response, struct bytes account) {
    struct hash hash;
    char text[2 * sizeof hash.bytes + 1];
    hash_bytes(&hash, HASH_ETAG, account);
    hex_encode(text, BYTES_OF(hash.bytes));
    http_set_weak_etag(response, text);
}

enum status get_account(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct account_id id;
    struct account account;
    struct candidate candidate;
    struct node_head head;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    struct state_version *version = node_state(server->node);
    const struct state_view *view = state_version_view(version);
    account_load(&account, view, &id);
    node_head(server->node, &head);
    uint64_t height = state_version_height(version);
    buf_append_string(out, "{\"address\":");
    chain_json_address(out, &id);
    buf_append_byte(out, ',');
    append_amount(out, "balance", account.balance);
    buf_append_format(
        out, ",\"units\":\"%llu\",\"next_seq\":%llu",
        (unsigned long long)amount_units(account.balance),
        (unsigned long long)node_next_seq(server->node, &(struct tx_lane){.account = id}));
    append_authority(out, &account.authority);
    append_stake(out, view, &id);
    buf_append_string(out, ",\"candidate\":");
    if (candidate_load(&candidate, view, &id)) {
        buf_append_byte(out, '{');
        append_candidate(out, &candidate, head.header.epoch);
        buf_append_byte(out, '}');
    } else {
        buf_append_string(out, "null");
    }
    append_votes(out, view, &id);
    name_account(response, buf_bytes(out));
    buf_append_format(out, ",\"height\":%llu", (unsigned long long)height);
    chain_json_account_proof(out, &id);
    buf_append_byte(out, '}');
    node_state_release(version);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

enum status get_candidates(void *context, struct http_request *request,
                           struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct account_id id = {0};
    struct http_page page;
    uint64_t count = 0;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    if (page.is_behind) memcpy(id.bytes, page.token, sizeof id.bytes);
    struct node_head head;
    struct state_key from;
    const uint8_t space = STATE_CANDIDATE;
    struct state_version *version = node_state(server->node);
    node_head(server->node, &head);
    state_key_make(&from, STATE_CANDIDATE, id.bytes, bytes_of("", 0));
    struct bytes key = page.is_behind ? state_key_bytes(&from) : bytes_of("", 0), value;
    buf_append_string(out, "{\"items\":[");
    while (count < page.length &&
           state_next(state_version_view(version), bytes_of(&space, 1), key, &key, &value)) {
        struct candidate candidate;
        memcpy(id.bytes, key.data + 1, sizeof id.bytes);
        ENSURE(candidate_load(&candidate, state_version_view(version), &id));
        buf_append_string(out, count++ > 0 ? ",{\"address\":" : "{\"address\":");
        chain_json_address(out, &id);
        buf_append_byte(out, ',');
        append_candidate(out, &candidate, head.header.epoch);
        buf_append_byte(out, '}');
    }
    bool is_more = count == page.length &&
                   state_next(state_version_view(version), bytes_of(&space, 1), key, &key, &value);
    node_state_release(version);
    buf_append_string(out, "]}");
    if (is_more) http_page_link(request, response, BYTES_OF(id.bytes));
    http_set_type(response, "application/json");
    return STATUS_OK;
}
