// SPDX-License-Identifier: Apache-2.0
#include "tests/support/signed_calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/raw.h"
#include "tests/support/unit.h"

// Long enough that what has to be asked between two blocks is; if not, it is asked again.
#define BLOCK_TIME_MS "4000"
enum { AGAIN = 20 };

void signed_calls_open(const char *market) {
    raw.block_time = BLOCK_TIME_MS;
    raw_open_market(market, NULL);
}

// ---- asking

// With a key of one's own, or NULL. The caller calls reply_clear.
static void ask_any(const struct signed_call *call, const char *key, struct reply *reply) {
    static char bearer[160];
    struct ask ask = {.path = call->path, .method = call->method};
    if (call->body) ask.body = bytes_of_string(call->body);
    if (call->body) ask.content_type = "application/json";
    if (key) {
        snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", key);
        ask.without_key = true;
        ask.header = bearer;
    }
    server_ask(&raw.server, &ask, reply);
}

// The caller calls json_decref.
static json_t *ask(const struct signed_call *call, const char *key, long status) {
    struct reply reply;
    ask_any(call, key, &reply);
    ck_assert_msg(reply.status == status, "%s %s: %ld %s", call->method, call->path, reply.status,
                  (const char *)reply.body.data);
    json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    reply_clear(&reply);
    return answer;
}

// `code` is NULL where the market has a name of its own.
static void check_problem(const struct reply *reply, const char *code) {
    json_t *problem = json_loadb((const char *)reply->body.data, reply->body.len, 0, NULL);
    if (code) ck_assert_str_eq(member(problem, "code"), code);
    ck_assert_str_ne(member(problem, "code"), "");
    ck_assert_str_ne(member(problem, "title"), "");
    ck_assert_str_ne(member(problem, "detail"), "");
    if (reply->status == 429 || reply->status == 503)
        ck_assert_ptr_nonnull(strstr((const char *)reply->headers.data, "Retry-After: "));
    json_decref(problem);
}

static void expect(const struct signed_call *call, const char *key, long status, const char *code) {
    struct reply reply;
    ask_any(call, key, &reply);
    ck_assert_msg(reply.status == status, "%s %s: %ld %s", call->method, call->path, reply.status,
                  (const char *)reply.body.data);
    check_problem(&reply, code);
    reply_clear(&reply);
}

// ---- by the request alone

static void check_requests(const struct signed_call *call) {
    struct signed_call bad = *call;
    bad.body = "[]";
    if (call->body) expect(&bad, NULL, 400, NULL);
    bad = *call;
    bad.path = call->nowhere;
    if (call->nowhere) expect(&bad, NULL, 404, "not_found");
}

// ---- by what a key may spend

struct limited_key {
    char path[64], text[128];
};

static void make_key(struct limited_key *out, const char *limits) {
    char body[160];
    snprintf(body, sizeof body, "{\"name\":\"limited\",\"scopes\":[\"*\"],\"limits\":%s}", limits);
    json_t *made = ask(&(struct signed_call){"POST", "/v1/keys", body, NULL}, NULL, 201);
    snprintf(out->path, sizeof out->path, "/v1/keys/%s", member(made, "id"));
    snprintf(out->text, sizeof out->text, "%s", member(made, "key"));
    json_decref(made);
}

// One call is within the day's limit, and another one too much: the limit is what one costs.
static void check_day(const struct signed_call *call) {
    struct limited_key key;
    char body[96];
    make_key(&key, "{\"day\":\"1000000\"}");
    json_decref(ask(call, key.text, 202));
    json_t *shown = server_get(&raw.server, key.path);
    const char *spent = member(json_object_get(shown, "spent"), "today");
    ck_assert_str_ne(spent, "0");
    snprintf(body, sizeof body, "{\"limits\":{\"day\":\"%s\"}}", spent);
    json_decref(shown);
    json_decref(ask(&(struct signed_call){"PATCH", key.path, body, NULL}, NULL, 200));
    expect(call, key.text, 429, "spending_limit_day");
}

// ---- by what the node takes

enum { FILLER_GAS = 900000000, RESERVING_GAS = 1000000 }; // a block has room for one of the first

struct filler {
    size_t code_len; // 0: a transfer of nothing
    uint64_t gas_price, until;
    const struct secret_key *payer; // NULL: the sender
    // With a payer, in a lane of its own from its beginning: that of calls goes on as it was.
    uint64_t seq;
};

static char last_filler[160]; // the path of the last one that was accepted

// A transaction of who acts, of so many bytes of code that is none; the answer's status.
static long send_filler(const struct filler *filler) {
    static uint8_t code[LIMIT_CODE_BYTES];
    static struct tx tx;
    struct buf encoded = {0};
    struct reply reply;
    struct public_key public;
    tx = (struct tx){.version = TX_VERSION,
                     .sender = raw.sender,
                     .lane = filler->payer ? 1 : 0,
                     .seq = filler->payer ? filler->seq : raw_next_seq(),
                     .valid_until = filler->until,
                     .gas_limit = filler->code_len > 0 ? FILLER_GAS : RESERVING_GAS,
                     .gas_price = filler->gas_price,
                     .has_payer = filler->payer != NULL,
                     .action_count = 1};
    tx.actions[0] = (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = raw.sender}};
    if (filler->code_len > 0)
        tx.actions[0] = (struct tx_action){.kind = TX_DEPLOY,
                                           .deploy = {.code = bytes_of(code, filler->code_len)}};
    if (filler->payer) key_public_of(&public, filler->payer);
    if (filler->payer) account_id_of_key(&tx.payer, &public);
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
    if (filler->payer) assert_ok(tx_sign(&tx, TX_ROLE_PAYER, filler->payer, &raw.chain_id));
    tx_encode(&encoded, &tx);
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/transactions",
                             .body = buf_bytes(&encoded),
                             .content_type = "application/octet-stream"},
               &reply);
    long status = reply.status;
    if (status == 202) snprintf(last_filler, sizeof last_filler, "%s", reply.location);
    reply_clear(&reply);
    buf_clear(&encoded);
    return status;
}

static uint64_t chain_height(void) {
    json_t *chain = server_get(&raw.server, "/v1/chain");
    uint64_t height = (uint64_t)json_integer_value(json_object_get(chain, "height"));
    json_decref(chain);
    return height;
}

// What waits may cost all that there is.
static void reserve_all(void) {
    char path[128];
    snprintf(path, sizeof path, "/v1/accounts/%s", raw.address);
    json_t *account = server_get(&raw.server, path);
    struct filler filler = {.until = chain_height() + 2};
    filler.gas_price = strtoull(member(account, "units"), NULL, 10) / RESERVING_GAS;
    json_decref(account);
    while (filler.gas_price > 0)
        if (send_filler(&filler) != 202) filler.gas_price /= 2;
}

// Every transaction of a call is larger than one of a single byte of code. On a machine with much
// to do blocks come while it fills: what would be too late for the next one is given more time.
static void fill(const struct secret_key *payer) {
    struct filler filler = {
        .code_len = LIMIT_CODE_BYTES, .gas_price = 1, .until = chain_height() + 2, .payer = payer};
    unsigned again = 0;
    while (filler.code_len > 0) {
        long status = send_filler(&filler);
        bool is_late = status == 422 && ++again < AGAIN;
        ck_assert_msg(status == 202 || status == 503 || is_late, "%ld", status);
        if (status == 202) filler.seq++;
        if (status == 503) filler.code_len /= 2;
        if (is_late) filler.until = chain_height() + 2;
    }
}

static void fill_own(void) { fill(NULL); }

void signed_calls_fill(const char *payer) {
    struct raw acting = raw;
    raw_act_as(payer);
    struct secret_key key = raw.key;
    raw = acting;
    fill(&key);
}

// One more block, by a transaction of somebody else.
static void await_block(void) {
    static struct tx tx;
    struct hash id;
    struct raw acting = raw;
    raw_act_as("alice");
    tx = (struct tx){.action_count = 1};
    tx.actions[0] = (struct tx_action){.kind = TX_TRANSFER, .transfer = {.to = raw.sender}};
    raw_run(&tx, &id, "OK");
    raw = acting;
}

// Until nothing of it waits any more: it is in a block, or its time is over, which nobody is told.
static void await_over(void) {
    for (bool is_over = false; !is_over;) {
        json_t *tx = server_get(&raw.server, last_filler);
        is_over = strcmp(member(tx, "status"), "final") == 0 ||
                  strcmp(member(tx, "status"), "failed") == 0;
        json_decref(tx);
        if (!is_over) await_block();
    }
}

struct condition {
    void (*make)(void);
    long status;
    const char *code;
};

// A block that comes may end the condition: then it is made again.
static void check_under(const struct condition *condition, const struct signed_call *calls,
                        size_t count) {
    condition->make();
    unsigned again = 0;
    for (size_t i = 0; i < count;) {
        struct reply reply;
        ask_any(&calls[i], NULL, &reply);
        if (reply.status == condition->status) {
            check_problem(&reply, condition->code);
            i++;
        } else {
            ck_assert_msg(++again < AGAIN, "%s %s: %ld %s", calls[i].method, calls[i].path,
                          reply.status, (const char *)reply.body.data);
            condition->make();
        }
        reply_clear(&reply);
    }
    await_over();
}

void signed_calls_check(const struct signed_call *calls, size_t count) {
    static const struct condition poor = {reserve_all, 422, "CANNOT_PAY_GAS"};
    static const struct condition full = {fill_own, 503, "MEMPOOL_FULL"};
    struct limited_key key;
    raw_act_as("server");
    make_key(&key, "{\"transaction\":\"0.00000001\"}");
    for (size_t i = 0; i < count; i++) {
        check_requests(&calls[i]);
        expect(&calls[i], key.text, 403, "spending_limit_transaction");
    }
    check_under(&poor, calls, count);
    check_under(&full, calls, count);
    for (size_t i = 0; i < count; i++) check_day(&calls[i]);
}
