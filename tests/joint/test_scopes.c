// SPDX-License-Identifier: Apache-2.0
// Who may ask what, on every market's server: each route without a key, with one that has every
// scope but the route's, with one of a company and with the business' own. The table below is what
// is meant; what a server answers to is held against it, so that a new route needs a line here
// unless it reads and is open.
#include <stdio.h>

#include "tests/support/server_process.h"
#include "tests/support/unit.h"

static struct server_process server;

// A scope of NULL: for everybody.
static const struct rule {
    const char *method, *pattern, *scope;
} rules[] = {
    {"POST", "/v1/contracts/{address}/views/{method}", NULL},
    {"POST", "/v1/transactions", NULL}, // signed by whoever sends it
    {"POST", "/v1/simulate", NULL},
    {"POST", "/v1/faucet", NULL}, // of a devnet alone, as the next
    {"POST", "/v1/devnet/warp", NULL},
    {"POST", "/v1/sponsor", NULL},
    {"POST", "/v1/login/challenge", NULL},
    {"POST", "/v1/login", NULL},
    {"DELETE", "/v1/login", NULL}, // by the token that it ends
    {"POST", "/v1/event-hash", NULL},
    {"DELETE", "/nextPageToken/{token}", NULL},

    {"GET", "/v1/keys", "admin"},
    {"POST", "/v1/keys", "admin"},
    {"GET", "/v1/keys/{id}", "admin"},
    {"PATCH", "/v1/keys/{id}", "admin"},
    {"DELETE", "/v1/keys/{id}", "admin"},
    {"POST", "/v1/keys/{id}/rotate", "admin"},
    {"GET", "/v1/signers", "audit"},
    {"GET", "/v1/members", "audit"},
    {"GET", "/v1/members/{address}", "audit"},
    {"GET", "/v1/audit", "audit"},
    {"POST", "/v1/members", "members"},
    {"PATCH", "/v1/members/{address}", "members"},
    {"DELETE", "/v1/members/{address}", "members"},
    {"GET", "/v1/webhooks/kinds", "webhooks"},
    {"GET", "/v1/webhooks", "webhooks"},
    {"POST", "/v1/webhooks", "webhooks"},
    {"GET", "/v1/webhooks/{id}", "webhooks"},
    {"PATCH", "/v1/webhooks/{id}", "webhooks"},
    {"DELETE", "/v1/webhooks/{id}", "webhooks"},
    {"POST", "/v1/webhooks/{id}/rotate", "webhooks"},
    {"POST", "/v1/webhooks/{id}/replay", "webhooks"},
    {"POST", "/v1/webhooks/{id}/messages/{message}/resend", "webhooks"},
    {"GET", "/v1/webhooks/{id}/deliveries", "webhooks"},

    {"POST", "/capture", "capture"},
    {"DELETE", "/v1/captures/{id}", "capture"},
    {"POST", "/queries", "queries"},
    {"DELETE", "/queries/{name}", "queries"},
    {"GET", "/queries/{name}/subscriptions", "webhooks"},
    {"POST", "/queries/{name}/subscriptions", "webhooks"},
    {"GET", "/queries/{name}/subscriptions/{id}", "webhooks"},
    {"DELETE", "/queries/{name}/subscriptions/{id}", "webhooks"},
    {"POST", "/v1/shipments", "custody"},
    {"POST", "/v1/shipments/{id}/readings", "custody"},
    {"POST", "/v1/shipments/{id}/departure", "custody"},
    {"POST", "/v1/shipments/{id}/arrival", "custody"},
    {"POST", "/v1/hand-overs", "custody"},
    {"POST", "/v1/hand-overs/{id}/accept", "custody"},
    {"POST", "/v1/hand-overs/{id}/refuse", "custody"},
    {"POST", "/v1/hand-overs/{id}/withdraw", "custody"},

    {"POST", "/v1/orders", "orders"},
    {"DELETE", "/v1/orders/{id}", "orders"},
    {"POST", "/v1/meters", "meters"},
    {"POST", "/v1/meters/{key}/approval", "zones"},
    {"POST", "/v1/zones", "zones"},
    {"POST", "/v1/readings", "readings"},
    {"POST", "/v1/settlements", "settlements"},

    {"POST", "/v1/assets", "assets"},
    {"PUT", "/v1/assets/{id}", "assets"},
    {"DELETE", "/v1/assets/{id}", "assets"},
    {"POST", "/v1/assets/{id}/calendar", "assets"},
    {"POST", "/v1/assets/{id}/calendar/free", "assets"},
    {"POST", "/v1/assets/{id}/lock", "assets"},
    {"DELETE", "/v1/assets/{id}/lock", "assets"},
    {"POST", "/v1/assets/{id}/lock/revoke", "assets"},
    {"POST", "/v1/bookings", "bookings"},
    {"DELETE", "/v1/bookings/{id}", "bookings"},
    {"POST", "/v1/bookings/{id}/start", "bookings"},
    {"POST", "/v1/bookings/{id}/extend", "bookings"},
    {"POST", "/v1/bookings/{id}/return", "bookings"},
    {"POST", "/v1/bookings/{id}/end", "bookings"},
    {"POST", "/v1/bookings/{id}/contest", "bookings"},
    {"POST", "/v1/bookings/{id}/settle", "bookings"},

    {"POST", "/v1/entries", "entries"},
    {"PUT", "/v1/entries/{number}", "entries"},
    {"DELETE", "/v1/entries/{number}", "entries"},
};
enum { RULES = sizeof rules / sizeof *rules };
static bool is_met[RULES]; // by some market

static const char *const markets[] = {"./lmm-supplychain", "./lmm-energy", "./lmm-sharing",
                                      "./lmm-sample"};
enum { MARKETS = sizeof markets / sizeof *markets, SCOPES = 16 };

// What this market's server has, and a key without each.
static struct {
    const char *name;
    char key[sizeof server.api_key];
} scopes[SCOPES];
static size_t scope_count;
static char firm[sizeof server.api_key], company[sizeof server.api_key];

// NULL: the table does not tell.
static const struct rule *find_rule(const char *method, const char *pattern) {
    for (size_t i = 0; i < RULES; i++)
        if (strcmp(rules[i].method, method) == 0 && strcmp(rules[i].pattern, pattern) == 0) {
            is_met[i] = true;
            return &rules[i];
        }
    return NULL;
}

static size_t find_scope(const char *name) {
    size_t at = 0;
    while (at < scope_count && strcmp(scopes[at].name, name) != 0) at++;
    return at;
}

static void make_key(char out[sizeof server.api_key], const char *without, const char *signer) {
    struct buf body = {0};
    json_t *made;
    buf_append_string(&body, "{\"name\":\"a key\",\"scopes\":[");
    const char *comma = "";
    for (size_t i = 0; i < scope_count; i++) {
        if (strcmp(scopes[i].name, without) == 0) continue;
        buf_append_format(&body, "%s\"%s\"", comma, scopes[i].name);
        comma = ",";
    }
    buf_append_format(&body, "],\"signer\":\"%s\"}", signer);
    ck_assert_int_eq(server_ask_json(&server, "POST", "/v1/keys", buf_as_string(&body), &made),
                     201);
    snprintf(out, sizeof server.api_key, "%s", member(made, "key"));
    json_decref(made);
    buf_clear(&body);
}

static const char *method_of(const char *lower) {
    static const char *const methods[][2] = {
        {"get", "GET"}, {"post", "POST"}, {"put", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i][0], lower) == 0) return methods[i][1];
    return NULL; // what a path has besides: its parameters
}

// Without a body nothing is made, and under such names nothing is there.
static void fill(char *out, size_t size, const char *pattern) {
    size_t len = 0;
    for (; *pattern && len + 2 < size; pattern++) {
        out[len++] = *pattern == '{' ? '0' : *pattern;
        if (*pattern == '{') pattern = strchr(pattern, '}');
    }
    out[len] = '\0';
}

// What an answer says of who asks: 0, or 401, or 403 for a scope that is missing.
static int refusal(const char *method, const char *path, const char *key) {
    struct reply reply;
    snprintf(server.api_key, sizeof server.api_key, "%s", key ? key : "");
    server_ask(&server, &(struct ask){.path = path, .method = method, .without_key = !key}, &reply);
    json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    const char *code = member(problem, "code");
    int said = strcmp(code, "no_key") == 0 ? 401 : strcmp(code, "missing_scope") == 0 ? 403 : 0;
    if (said) ck_assert_int_eq(reply.status, said);
    json_decref(problem);
    reply_clear(&reply);
    snprintf(server.api_key, sizeof server.api_key, "%s", firm);
    return said;
}

static void check_route(const char *method, const char *pattern, const char *scope) {
    char path[256];
    fill(path, sizeof path, pattern);
    ck_assert_msg(refusal(method, path, NULL) == (scope ? 401 : 0), "%s %s", method, pattern);
    if (!scope) return;
    ck_assert_msg(refusal(method, path, scopes[find_scope(scope)].key) == 403, "%s %s with all but",
                  method, pattern);
    ck_assert_msg(refusal(method, path, company) == 0, "%s %s", method, pattern);
    ck_assert_msg(refusal(method, path, firm) == 0, "%s %s", method, pattern);
}

static const char *scope_of(const json_t *operation) {
    const json_t *security = json_array_get(json_object_get(operation, "security"), 0);
    return json_string_value(json_array_get(json_object_get(security, "key"), 0));
}

static bool is_stream(const json_t *operation) {
    const json_t *content =
        json_object_get(json_object_get(json_object_get(operation, "responses"), "200"), "content");
    return json_object_get(content, "text/event-stream") != NULL;
}

typedef void route_visit(const char *method, const char *pattern, const json_t *operation);

static void each_route(json_t *document, route_visit *visit) {
    const char *pattern, *lower;
    json_t *path, *operation;
    json_object_foreach(json_object_get(document, "paths"), pattern, path) {
        json_object_foreach(path, lower, operation) {
            const char *method = method_of(lower);
            if (method && !is_stream(operation)) visit(method, pattern, operation);
        }
    }
}

static void note_scope(const char *method, const char *pattern, const json_t *operation) {
    const char *scope = scope_of(operation);
    (void)method;
    (void)pattern;
    if (!scope || find_scope(scope) < scope_count) return;
    ck_assert_uint_lt(scope_count, SCOPES);
    scopes[scope_count++].name = scope;
}

static void check(const char *method, const char *pattern, const json_t *operation) {
    const struct rule *rule = find_rule(method, pattern);
    const char *scope = scope_of(operation);
    ck_assert_msg(rule || strcmp(method, "GET") == 0, "%s %s is in no table", method, pattern);
    const char *meant = rule ? rule->scope : NULL;
    ck_assert_msg(!scope == !meant && (!scope || strcmp(scope, meant) == 0), "%s %s asks for %s",
                  method, pattern, scope ? scope : "nothing");
    check_route(method, pattern, scope);
}

static void check_market(const char *program) {
    server_init(&server, program);
    server_start(&server);
    snprintf(firm, sizeof firm, "%s", server.api_key);
    json_t *document = server_get(&server, "/openapi.json");
    scope_count = 0;
    each_route(document, note_scope);
    ck_assert_uint_gt(scope_count, 4);
    for (size_t i = 0; i < scope_count; i++) make_key(scopes[i].key, scopes[i].name, "server");
    make_key(company, "", "alice");
    each_route(document, check);
    json_decref(document);
    server_clear(&server);
}

START_TEST(every_route_of_every_market_asks_for_what_it_is_meant_to) {
    for (size_t i = 0; i < MARKETS; i++) check_market(markets[i]);
    for (size_t i = 0; i < RULES; i++)
        ck_assert_msg(is_met[i], "no market has %s %s", rules[i].method, rules[i].pattern);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("scopes");
    TCase *cases = tcase_create("scopes");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, every_route_of_every_market_asks_for_what_it_is_meant_to);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
