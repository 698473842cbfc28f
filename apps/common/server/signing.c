// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/signing.h"

#include "apps/common/server/callers.h"
#include "chaincore/chaincore.h"

enum { DAY_S = 24 * 3600 };

static const char *const names[SPENDING_LIMITS] = {
    [SPENDING_TRANSACTION] = "transaction", [SPENDING_DAY] = "day", [SPENDING_TOTAL] = "total"};

const char *signing_limit_name(enum spending_limit limit) { return names[limit]; }

static void refuse(struct http_request *request, struct http_response *response,
                   const struct spending_refusal *refusal) {
    enum spending_limit limit = refusal->limit;
    static const struct {
        int code;
        const char *problem, *text;
    } refusals[SPENDING_LIMITS] = {
        [SPENDING_TRANSACTION] = {403, "spending_limit_transaction",
                                  "This may cost more than this API key may spend at once."},
        [SPENDING_DAY] = {429, "spending_limit_day",
                          "What this API key may spend in a day is spent; try again tomorrow."},
        [SPENDING_TOTAL] = {403, "spending_limit_total",
                            "What this API key may spend is spent; its limit can be raised."},
    };
    if (limit == SPENDING_DAY && refusal->is_alone) {
        http_problem_as(response, 403, refusals[limit].problem,
                        "This alone may cost more than this API key may spend in a day.");
        return;
    }
    uint64_t now_s = clock_wall_ms() / 1000;
    http_problem_as(response, refusals[limit].code, refusals[limit].problem, refusals[limit].text);
    if (limit == SPENDING_DAY)
        http_set_header(
            response, "Retry-After",
            arena_format(http_arena(request), "%llu", (unsigned long long)(DAY_S - now_s % DAY_S)));
}

static struct amount value_of(const struct tx_action *action) {
    if (action->kind == TX_CALL) return action->call.value;
    if (action->kind == TX_TRANSFER) return action->transfer.amount;
    return amount_of_units(0);
}

// FULL: the response says which limit.
static enum status reserve(struct server *server, struct http_request *request,
                           struct http_response *response, const struct signer_job *job) {
    struct params params;
    struct spending_refusal refusal;
    struct spending_tx *txs = arena_alloc_array(http_arena(request), job->count + 1, sizeof *txs);
    node_params(server->node, &params);
    for (size_t i = 0; i < job->count; i++)
        txs[i] = (struct spending_tx){.gas_limit = job->orders[i].gas_limit,
                                      .value = value_of(&job->orders[i].action)};
    struct spending_job wanted = {.id = job->id,
                                  .gas_price = params.min_gas_price,
                                  .txs = txs,
                                  .count = job->count,
                                  .cleanup_gas = job->cleanup ? job->cleanup->gas_limit : 0};
    enum status status =
        spending_reserve(server->spending, http_caller_id(request), &wanted, &refusal);
    if (status == STATUS_FULL) refuse(request, response, &refusal);
    return status;
}

struct signer_key *signing_signer(struct server *server, struct http_request *request,
                                  struct http_response *response) {
    const char *name = callers_signer(request);
    struct signer_key *signer = signer_set_find(server->signers, name);
    if (signer) return signer;
    http_problem_as(response, 403, "signer_missing",
                    "This server has no key any more for the account that you act as.");
    http_problem_member(response, "signer", name);
    return NULL;
}

struct signer_key *signing_reader(struct server *server, const struct http_request *request) {
    return signer_set_find(server->signers, callers_signer(request));
}

const struct account_id *signing_account(struct server *server,
                                         const struct http_request *request) {
    struct signer_key *signer = signing_reader(server, request);
    return signer_account(signer ? signer : server->signer);
}

static enum status submit(struct signer_key *signer, struct http_response *response,
                          const struct signer_job *job, bool *is_accepted) {
    enum tx_code code;
    enum status status = signer_submit(signer, job, &code);
    *is_accepted = status == STATUS_EXISTS || (status == STATUS_OK && code == TX_CODE_OK);
    if (status == STATUS_OK && code != TX_CODE_OK) server_tx_problem(response, code);
    return status == STATUS_EXISTS ? STATUS_OK : status;
}

enum status signing_submit(struct server *server, struct http_request *request,
                           struct http_response *response, const struct signer_job *job,
                           bool *is_accepted) {
    struct outbox_job known;
    *is_accepted = false;
    enum status status = signer_set_find_job(server->signers, job->id, http_arena(request), &known);
    if (status == STATUS_OK) {
        *is_accepted = true;
        return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND) return status;
    struct signer_key *signer = signing_signer(server, request, response);
    if (!signer) return STATUS_OK;
    if (!server->spending || !http_caller_id(request))
        return submit(signer, response, job, is_accepted);
    status = reserve(server, request, response, job);
    if (status == STATUS_FULL) return STATUS_OK;
    // Two at once under one id: the first has reserved it and submits it.
    if (status == STATUS_EXISTS) return STATUS_BUSY;
    if (status != STATUS_OK) return status;
    status = submit(signer, response, job, is_accepted);
    if (*is_accepted) {
        spending_accept(server->spending, job->id);
        return status;
    }
    enum status given = spending_give_back(server->spending, job->id);
    return status == STATUS_OK ? given : status;
}

void signing_fit_gas(struct server *server, const struct http_request *request,
                     struct signer_order *order, uint64_t spare) {
    struct signer_key *signer = signing_reader(server, request);
    uint64_t gas = signer ? signer_try(signer, order) : 0;
    if (gas == 0) return;
    uint64_t wanted = gas + gas / 2 + spare;
    if (wanted < order->gas_limit) order->gas_limit = wanted;
}

enum status signing_answer_order(struct server *server, struct http_request *request,
                                 struct http_response *response, const struct signer_order *order) {
    struct signer_job job = {.orders = order, .count = 1};
    struct outbox_job kept;
    bool is_accepted;
    char location[32 + 2 * sizeof kept.tx_ids->bytes + 1] = "/v1/transactions/";
    if (!http_idempotency_id(request, job.id)) random_bytes(job.id, sizeof job.id);
    enum status status = signing_submit(server, request, response, &job, &is_accepted);
    if (status != STATUS_OK || !is_accepted) return status;
    status = signer_set_find_job(server->signers, job.id, http_arena(request), &kept);
    if (status != STATUS_OK) return status;
    hex_encode(location + strlen(location), BYTES_OF(kept.tx_ids->bytes));
    http_set_code(response, 202);
    http_set_header(response, "Location", location);
    return STATUS_OK;
}

// --- what ended ---

static enum status look(void *context, const uint8_t id[OUTBOX_JOB_BYTES],
                        struct spending_outcome *outcomes, size_t count) {
    struct server *server = context;
    struct arena arena = {0};
    struct outbox_job job;
    enum status status = signer_set_find_job(server->signers, id, &arena, &job);
    if (status == STATUS_OK && job.finished_ms == 0) status = STATUS_BUSY;
    if (status == STATUS_OK && job.tx_count != count) status = STATUS_CORRUPT;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct node_tx found;
        outcomes[i] = (struct spending_outcome){0};
        status = node_find_tx(server->node, &job.tx_ids[i], &found);
        // However the job ended, what it sent may still cost something.
        if (status == STATUS_OK &&
            (found.state == NODE_TX_PENDING || found.state == NODE_TX_INCLUDED))
            status = STATUS_BUSY;
        if (status != STATUS_OK || found.state != NODE_TX_FINAL) continue;
        outcomes[i] = (struct spending_outcome){.was_run = true,
                                                .is_done = found.receipt.code == TX_CODE_OK,
                                                .gas_used = found.receipt.gas_used};
    }
    arena_clear(&arena);
    return status;
}

void signing_settle(struct server *server) {
    if (!server->spending) return;
    enum status status = spending_settle(server->spending, look, server);
    if (status != STATUS_OK)
        log_warning("spending", "what was spent cannot be settled",
                    log_text("status", status_name(status)));
}
