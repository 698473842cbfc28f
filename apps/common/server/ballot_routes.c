// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/ballot_routes.h"

#include "apps/common/server/chain_json.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/witnesses.h"

// What may change: the rest is fixed for a chain's life (parameters.h).
#define NUMBERS(X)       \
    X(block_interval_ms) \
    X(min_gas_price)     \
    X(block_gas_limit)   \
    X(deposit_per_byte)  \
    X(min_witnesses)     \
    X(protocol)

// The state that is asked, and the block that comes next.
struct ballots {
    const struct state_view *view;
    struct params params; // that rule
    uint64_t epoch;
    struct witnesses witnesses; // who serve
};

struct seat {
    bool has_ballot;
    bool is_told;
    struct approval approval;
    uint8_t len;
    uint8_t encoded[APPROVAL_MAX_BYTES];
};

static void append_changes(struct buf *out, const struct params *now, const struct params *then) {
    const char *comma = "";
    buf_append_string(out, ",\"changes\":[");
#define X(member)                                                                                \
    if (now->member != then->member) {                                                           \
        buf_append_format(out, "%s{\"name\":\"%s\",\"now\":%llu,\"then\":%llu}", comma, #member, \
                          (unsigned long long)now->member, (unsigned long long)then->member);    \
        comma = ",";                                                                             \
    }
    NUMBERS(X)
#undef X
    buf_append_byte(out, ']');
}

static void append_upgrade(struct buf *out, const struct approved_upgrade *upgrade) {
    buf_append_string(out, ",\"contract\":");
    chain_json_address(out, &upgrade->contract);
    chain_json_hash(out, "code_hash", &upgrade->code);
    chain_json_hash(out, "arguments_hash", &upgrade->arguments);
}

// All but the end of its object. `epoch`: from which parameters rule, or would.
static void append_approval(struct buf *out, const struct ballots *ballots,
                            const struct approval *approval, uint64_t epoch) {
    bool is_upgrade = approval->kind == APPROVE_UPGRADE;
    uint8_t storage[APPROVAL_MAX_BYTES];
    struct buf encoded = BUF_OVER(storage);
    approval_encode(&encoded, approval);
    buf_append_format(out,
                      "{\"approves\":\"%s\",\"content\":", is_upgrade ? "upgrade" : "parameters");
    chain_json_hex(out, buf_bytes(&encoded));
    if (is_upgrade) {
        buf_append_string(out, ",\"changes\":[]");
        append_upgrade(out, &approval->upgrade);
        buf_append_string(out, ",\"takes_effect\":null");
        return;
    }
    uint64_t height = epoch * ballots->params.epoch_blocks;
    append_changes(out, &ballots->params, &approval->params);
    buf_append_format(out,
                      ",\"contract\":null,\"code_hash\":null,\"arguments_hash\":null,"
                      "\"takes_effect\":{\"epoch\":%llu,\"height\":%llu}",
                      (unsigned long long)epoch, (unsigned long long)height);
}

static void read_seats(struct seat *seats, const struct ballots *ballots) {
    for (uint16_t i = 0; i < ballots->witnesses.count; i++) {
        struct seat *seat = &seats[i];
        struct buf encoded = BUF_OVER(seat->encoded);
        *seat = (struct seat){0};
        seat->has_ballot =
            ballot_load(&seat->approval, ballots->view, &ballots->witnesses.list[i].account);
        if (seat->has_ballot) approval_encode(&encoded, &seat->approval);
        seat->len = (uint8_t)encoded.len;
    }
}

static bool is_same(const struct seat *a, const struct seat *b) {
    return b->has_ballot && a->len == b->len && memcmp(a->encoded, b->encoded, a->len) == 0;
}

// A question, with everybody who approves of just this.
static void append_question(struct buf *out, const struct ballots *ballots, struct seat *seats,
                            uint16_t first) {
    uint16_t count = 0;
    append_approval(out, ballots, &seats[first].approval, ballots->epoch + 1);
    buf_append_string(out, ",\"witnesses\":[");
    for (uint16_t i = first; i < ballots->witnesses.count; i++) {
        if (!is_same(&seats[first], &seats[i])) continue;
        seats[i].is_told = true;
        buf_append_format(out, "%s{\"index\":%u,\"account\":", count++ > 0 ? "," : "", i);
        chain_json_address(out, &ballots->witnesses.list[i].account);
        buf_append_byte(out, '}');
    }
    buf_append_format(out, "],\"approvals\":%u}", count);
}

static void append_decided(struct buf *out, const struct ballots *ballots) {
    struct approval approval = {.kind = APPROVE_PARAMETERS};
    struct bytes key = bytes_of("", 0);
    uint64_t epoch = 0;
    const char *comma = "";
    buf_append_string(out, "],\"decided\":[");
    if (parameters_coming(&approval.params, &epoch, ballots->view)) {
        append_approval(out, ballots, &approval, epoch);
        buf_append_byte(out, '}');
        comma = ",";
    }
    approval.kind = APPROVE_UPGRADE;
    while (ballot_next_upgrade(&approval.upgrade, ballots->view, &key)) {
        buf_append_string(out, comma);
        append_approval(out, ballots, &approval, epoch);
        buf_append_byte(out, '}');
        comma = ",";
    }
    buf_append_string(out, "]}");
}

enum status get_ballots(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct ballots *ballots = arena_alloc(http_arena(request), sizeof *ballots);
    struct seat *seats = arena_alloc_array(http_arena(request), LIMIT_WITNESSES, sizeof *seats);
    struct state_version *version = node_state(server->node);
    const char *comma = "";
    ballots->view = state_version_view(version);
    parameters_load(&ballots->params, ballots->view);
    ballots->epoch = (state_version_height(version) + 1) / ballots->params.epoch_blocks;
    witnesses_load(&ballots->witnesses, ballots->view, ballots->epoch);
    read_seats(seats, ballots);
    buf_append_format(out, "{\"epoch\":%llu,\"seats\":%u,\"quorum\":%u,\"items\":[",
                      (unsigned long long)ballots->epoch, ballots->witnesses.count,
                      witness_quorum(ballots->witnesses.count));
    for (uint16_t i = 0; i < ballots->witnesses.count; i++) {
        if (!seats[i].has_ballot || seats[i].is_told) continue;
        buf_append_string(out, comma);
        append_question(out, ballots, seats, i);
        comma = ",";
    }
    append_decided(out, ballots);
    http_set_type(response, "application/json");
    node_state_release(version);
    return STATUS_OK;
}
