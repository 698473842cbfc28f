// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/witness_routes.h"

#include "apps/common/server/chain_json.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/tally.h"
#include "chaincore/contract/turns.h"
#include "chaincore/node/node_watch.h"

// What the rows say of a witness.
struct production {
    uint64_t blocks;
    uint64_t last_height; // 0: none
};

static enum status read_production(struct db *db, const struct public_key *key,
                                   struct production *out) {
    struct db_statement *statement;
    bool has_row;
    *out = (struct production){0};
    enum status status = db_prepare(
        &statement, db, "SELECT produced, last_height FROM chain_witness WHERE witness = $1");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(key->bytes));
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && has_row)
        *out = (struct production){db_column_u64(statement, "produced"),
                                   db_column_u64(statement, "last_height")};
    db_release(statement);
    return status;
}

static void append_candidate(struct buf *out, const struct state_view *view,
                             const struct account_id *id, uint64_t epoch) {
    struct candidate candidate;
    bool is_there = candidate_load(&candidate, view, id);
    buf_append_string(out, ",\"votes\":");
    if (is_there)
        chain_json_amount(out, amount_of_units(tally_of(&candidate, epoch)));
    else
        buf_append_string(out, "null");
    buf_append_string(out, ",\"commission\":");
    if (is_there)
        buf_append_format(out, "%u", candidate.commission);
    else
        buf_append_string(out, "null");
    chain_json_standing(out, is_there ? &candidate : NULL);
    buf_append_byte(out, '}');
}

static void append_turns(struct buf *out, const struct turns_record *turns, uint16_t index) {
    const struct attendance *attendance = &turns->of[index];
    buf_append_format(out, ",\"taken\":%llu,\"missed\":%llu,\"silent\":%llu,\"is_absent\":%s",
                      (unsigned long long)attendance->taken, (unsigned long long)attendance->missed,
                      (unsigned long long)attendance->silent,
                      turns_is_absent(turns, index) ? "true" : "false");
}

// Who leads the views from the next one on, each once; then it begins again.
static void append_leaders(struct buf *out, const struct node_turns *turns) {
    buf_append_format(out, ",\"view\":%llu,\"leads\":[", (unsigned long long)turns->view);
    for (uint16_t i = 0; i < turns->turns.count; i++)
        buf_append_format(out, "%s%u", i > 0 ? "," : "",
                          schedule_leader(&turns->turns, turns->view + i));
    buf_append_byte(out, ']');
}

static void append_witness(struct buf *out, uint16_t index, const struct witness *witness,
                           const struct production *production) {
    buf_append_format(out, "%s{\"index\":%u,\"key\":", index > 0 ? "," : "", index);
    chain_json_hex(out, BYTES_OF(witness->key.bytes));
    buf_append_string(out, ",\"account\":");
    chain_json_address(out, &witness->account);
    buf_append_format(
        out, ",\"produced\":%llu,\"last_height\":", (unsigned long long)production->blocks);
    if (production->last_height > 0)
        buf_append_format(out, "%llu", (unsigned long long)production->last_height);
    else
        buf_append_string(out, "null");
}

enum status get_witnesses(void *context, struct http_request *request,
                          struct http_response *response) {
    struct server *server = context;
    struct witnesses witnesses;
    struct turns_record turns;
    struct buf *out = http_body_buf(response);
    struct node_turns leaders;
    struct db *db;
    (void)request;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    node_turns(server->node, &leaders); // first: the state only grows
    struct state_version *version = node_state(server->node);
    witnesses_load(&witnesses, state_version_view(version), leaders.epoch);
    turns_load(&turns, state_version_view(version), leaders.epoch, witnesses.count);
    buf_append_format(out, "{\"epoch\":%llu,\"quorum\":%u,\"named\":%llu",
                      (unsigned long long)leaders.epoch, witness_quorum(witnesses.count),
                      (unsigned long long)turns.named);
    append_leaders(out, &leaders);
    buf_append_string(out, ",\"items\":[");
    for (uint16_t i = 0; i < witnesses.count && status == STATUS_OK; i++) {
        struct production production;
        status = read_production(db, &witnesses.list[i].key, &production);
        append_witness(out, i, &witnesses.list[i], &production);
        append_turns(out, &turns, i);
        append_candidate(out, state_version_view(version), &witnesses.list[i].account,
                         leaders.epoch);
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    node_state_release(version);
    db_pool_give(server->readers, db);
    return status;
}
