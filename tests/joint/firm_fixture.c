// SPDX-License-Identifier: Apache-2.0
#include "tests/joint/firm_fixture.h"

#include <stdio.h>

#include "apps/common/json/json.h"
#include "apps/common/server/api_key_routes.h"
#include "apps/common/server/api_keys.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/firm.h"
#include "apps/common/server/login.h"
#include "apps/common/server/login_routes.h"
#include "apps/common/server/member_routes.h"
#include "apps/common/server/signing.h"
#include "chaincore/chaincore.h"
#include "tests/support/api_document.h"
#include "tests/support/false_clock.h"

enum { TABLES = 5 };

const char host[] = "mill.example:8701", first[] = "the first key";
struct fixture fixture;
struct server server;
static struct http_route_table tables[TABLES];
static struct http_key first_key = {.name = "first", .scopes = "*"};
struct answer answer;
struct arena arena;
static json_t *document;

// What a market may have: the server signs a transfer for whoever asks.
static enum status post_capture(void *context, struct http_request *request,
                                struct http_response *response) {
    struct signer_order order = {
        .action = {.kind = TX_TRANSFER, .transfer = {.to = fixture.ids[AUDITOR]}},
        .gas_limit = CAPTURE_GAS};
    struct signer_job job = {.orders = &order, .count = 1};
    bool is_accepted;
    (void)context;
    random_bytes(job.id, sizeof job.id);
    enum status status = signing_submit(&server, request, response, &job, &is_accepted);
    if (status == STATUS_OK && is_accepted) http_set_code(response, 202);
    return status;
}

static const struct http_route market_routes[] = {
    {.method = HTTP_POST, .pattern = "/capture", .handle = post_capture, .scope = "capture"}};

void open_http(void) {
    assert_ok(
        http_server_open(&server.http, &(struct http_config){.address = "127.0.0.1",
                                                             .threads = 2,
                                                             .tables = tables,
                                                             .table_count = TABLES,
                                                             .keys = &first_key,
                                                             .key_count = 1,
                                                             .key_source = {callers_find, &server},
                                                             .lanes = server_lanes,
                                                             .lane_count = SERVER_LANES}));
    assert_ok(http_server_start(server.http));
}

void open_stores(void) {
    char path[96];
    snprintf(path, sizeof path, "%s/api-keys.db", fixture.folder);
    assert_ok(api_keys_open(&server.api_keys, path));
    snprintf(path, sizeof path, "%s/spending.db", fixture.folder);
    assert_ok(spending_open(&server.spending, path));
    assert_ok(firm_open(&server));
    login_set_domain(server.login, host);
}

void close_stores(void) {
    firm_close(&server);
    spending_close(server.spending);
    api_keys_close(server.api_keys);
}

static void open_signers(size_t named_count) {
    char path[96];
    struct server_account mill = {.name = "mill", .key = fixture.keys[OPERATOR]};
    struct signer_set_config signing = {.node = fixture.node,
                                        .path = path,
                                        .own = &fixture.keys[OWNER],
                                        .accounts = &mill,
                                        .account_count = named_count};
    snprintf(path, sizeof path, "%s/outbox.db", fixture.folder);
    assert_ok(signer_set_open(&server.signers, &signing));
    server.signer = signer_set_own(server.signers);
}

void reopen_signers(bool with_mill) {
    http_server_close(server.http);
    signer_set_close(server.signers);
    open_signers(with_mill);
    open_http();
}

void set_up(void) {
    false_clock_set_wall(0);
    false_clock_set_monotonic(0);
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
    server = (struct server){.node = fixture.node, .market_name = "a market"};
    snprintf(server.data_dir, sizeof server.data_dir, "%s", fixture.folder);
    open_signers(0);
    open_stores();
    http_key_hash(first_key.hash, bytes_of_string(first));
    tables[0] = (struct http_route_table){server_routes, server_route_count, &server};
    tables[1] = (struct http_route_table){api_key_routes, api_key_route_count, &server};
    tables[2] = (struct http_route_table){login_routes, login_route_count, &server};
    tables[3] = (struct http_route_table){member_routes, member_route_count, &server};
    tables[4] = (struct http_route_table){market_routes, 1, &server};
    server.tables = tables;
    server.table_count = TABLES;
    open_http();
    ask_get(&answer, http_server_port(server.http), "/openapi.json", "");
    ck_assert_int_eq(answer.code, 200);
    document = json_loads(answer_text(&answer), 0, NULL);
    ck_assert_ptr_nonnull(document);
}

void tear_down(void) {
    http_server_close(server.http);
    node_stop(fixture.node);
    signer_set_close(server.signers);
    close_stores();
    buf_clear(&server.openapi);
    json_decref(document);
    answer_clear(&answer);
    arena_clear(&arena);
    fixture_clear(&fixture);
}

// --- asking ---

// Segment by segment; "{…}" takes any.
static bool is_of(const char *pattern, const char *path) {
    for (; *pattern && *path && *path != '?'; pattern++, path++) {
        if (*pattern == '{') {
            pattern = strchr(pattern, '}');
            while (path[1] && path[1] != '/' && path[1] != '?') path++;
        } else if (*pattern != *path) {
            return false;
        }
    }
    return !*pattern && (!*path || *path == '?');
}

static void check_documented(const char *method, const char *path) {
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    static const char *const lower[] = {"get", "post", "put", "patch", "delete"};
    for (size_t i = 1; i < 4; i++)
        for (size_t k = 0; k < tables[i].count; k++) {
            const struct http_route *route = &tables[i].routes[k];
            if (strcmp(names[route->method], method) != 0 || !is_of(route->pattern, path)) continue;
            // What the kit says before any handler stands in no description.
            if (route->scope && (answer.code == 401 || strstr(answer_text(&answer), "_scope\"")))
                return;
            api_document_check(
                document, &(struct api_answer){route->pattern, lower[route->method], answer.code,
                                               answer_header(&answer, "Content-Type"),
                                               buf_bytes(&answer.body)});
            return;
        }
}

// With a body as JSON, unless it is "". The answer as JSON, in the arena's stead to be released.
json_t *ask_at(const char *name, const char *method, const char *path, const char *bearer,
               const char *body) {
    struct buf request = {0};
    buf_append_format(&request, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path, name);
    if (*bearer) buf_append_format(&request, "Authorization: Bearer %s\r\n", bearer);
    if (*body) buf_append_string(&request, "Content-Type: application/json\r\n");
    buf_append_format(&request, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    ask_bytes(&answer, http_server_port(server.http), buf_bytes(&request));
    buf_clear(&request);
    check_documented(method, path);
    return answer.body.len > 0 ? json_loads(answer_text(&answer), 0, NULL) : NULL;
}

json_t *call(const char *method, const char *path, const char *bearer, const char *body, int code) {
    json_t *json = ask_at(host, method, path, bearer, body);
    ck_assert_msg(answer.code == code, "%s %s: %d %s", method, path, answer.code,
                  answer_text(&answer));
    return json;
}

// Expects this code, and this problem when it is one.
void expect(const char *method, const char *path, const char *bearer, const char *body, int code,
            const char *problem) {
    json_t *json = call(method, path, bearer, body, code);
    if (problem) ck_assert_str_eq(json_string_value(json_object_get(json, "code")), problem);
    json_decref(json);
}

const char *address_of(int who) {
    char *text = arena_alloc(&arena, ADDRESS_CHARS + 1);
    address_encode(text, fixture.ids[who].bytes);
    return text;
}

const char *path_of(int who) { return arena_format(&arena, "/v1/members/%s", address_of(who)); }

const char *body_of(int who, const char *role, const char *more) {
    return arena_format(&arena, "{\"address\":\"%s\",\"name\":\"person %d\",\"role\":\"%s\"%s}",
                        address_of(who), who, role, more);
}

void add_member(int who, const char *role) {
    expect("POST", "/v1/members", first, body_of(who, role, ""), 201, NULL);
}

// --- logging in ---

const char *challenge(int who) {
    json_t *json = call("POST", "/v1/login/challenge", "",
                        arena_format(&arena, "{\"address\":\"%s\"}", address_of(who)), 200);
    const char *text = arena_copy_string(&arena, json_string_bytes(json_object_get(json, "text")));
    json_decref(json);
    return text;
}

const char *body_by(const char *text, const struct secret_key *key, enum sign_tag tag) {
    struct public_key public;
    struct signature signature;
    struct hash payload;
    char key_text[65], signature_text[129];
    struct buf body = {0};
    login_hash(&payload, bytes_of_string(text));
    sign_payload(&signature, key, tag, node_chain_id(fixture.node), &payload);
    key_public_of(&public, key);
    hex_encode(key_text, BYTES_OF(public.bytes));
    hex_encode(signature_text, BYTES_OF(signature.bytes));
    buf_append_string(&body, "{\"text\":");
    http_append_json_string(&body, bytes_of_string(text));
    buf_append_format(&body, ",\"public_key\":\"%s\",\"signature\":\"%s\"}", key_text,
                      signature_text);
    const char *copy = arena_copy_string(&arena, buf_bytes(&body));
    buf_clear(&body);
    return copy;
}

const char *body_for(int who) { return body_by(challenge(who), &fixture.keys[who], SIGN_LOG_IN); }

const char *log_in(int who) {
    json_t *json = call("POST", "/v1/login", "", body_for(who), 201);
    const char *token =
        arena_copy_string(&arena, json_string_bytes(json_object_get(json, "token")));
    ck_assert_str_eq(json_string_value(json_object_get(json, "address")), address_of(who));
    json_decref(json);
    return token;
}
