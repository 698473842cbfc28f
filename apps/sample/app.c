// SPDX-License-Identifier: Apache-2.0
// lmm-sample: Guest book, a market server (README.md).
#include "apps/common/http/openapi.h"
#include "apps/common/server/schema_words.h"
#include "apps/common/server/signing.h"
#include "apps/sample/sample.h"
#include "chaincore/chaincore.h"

enum { BODY_BYTES = 4096 };

#define JSON "application/json"
#define READS HTTP_LANE(SERVER_LANE_READ)
#define WORKS HTTP_LANE(SERVER_LANE_WORK)

#define ENTRY                                                                                     \
    SCHEMA_OBJECT("\"number\",\"author\",\"text\",\"signed\",\"changed\",\"final\",\"height\","   \
                  "\"tx\",\"proof\"",                                                             \
                  "\"number\":" SCHEMA_COUNT ",\"author\":" SCHEMA_ADDRESS                        \
                  ",\"text\":" SCHEMA_TEXT ",\"signed\":" SCHEMA_TIME ",\"changed\":" SCHEMA_TIME \
                  ",\"final\":" SCHEMA_BOOLEAN ",\"height\":" SCHEMA_COUNT ",\"tx\":" SCHEMA_HASH \
                  ",\"proof\":" SCHEMA_TEXT)
#define BODY SCHEMA_OBJECT("\"text\"", "\"text\":" SCHEMA_TEXT)
#define NUMBER \
    { "number", SCHEMA_COUNT, "The entry's." }
#define ACCEPTED \
    { 202, "`Location` is the transaction, whose status tells how it ends.", NULL }
#define NO_ENTRY \
    { 404, "There is no such entry.", NULL }
#define BAD_BODY \
    { 400, "`invalid_entry`, with the place that is wrong.", NULL }

static const struct http_route routes[] = {
    {HTTP_GET, "/v1/entries", get_entries, NULL, NULL, JSON_OR_CSV, 0, NULL, READS,
     &(const struct http_description){
         .summary = "The entries, newest first",
         .parameters = {DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN},
         .answers = {{200, "A page of them.", SCHEMA_PAGE(ENTRY)},
                     {400, "`invalid_query`, with the parameter.", NULL}}}},
    {HTTP_GET, "/v1/entries/{number}", get_entry, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){.summary = "An entry",
                                      .parameters = {NUMBER},
                                      .answers = {{200, "The entry.", ENTRY}, NO_ENTRY}}},
    {HTTP_GET, "/v1/entries/{number}/proof", get_entry_proof, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){.summary = "What proves an entry without this server",
                                      .parameters = {NUMBER, DESCRIBED_BELIEVED},
                                      .answers = DESCRIBED_PROOF}},
    {HTTP_POST, "/v1/entries", post_entry, "entries", JSON, NULL, BODY_BYTES, NULL, WORKS,
     &(const struct http_description){.summary = "Signs the book, by the server's own account",
                                      .body = BODY,
                                      .answers = {ACCEPTED, BAD_BODY, DESCRIBED_SIGNING}}},
    {HTTP_PUT, "/v1/entries/{number}", put_entry, "entries", JSON, NULL, BODY_BYTES, NULL, WORKS,
     &(const struct http_description){
         .summary = "Amends an entry of the server's own",
         .body = BODY,
         .parameters = {NUMBER},
         .answers = {ACCEPTED, BAD_BODY, NO_ENTRY, DESCRIBED_SIGNING}}},
    {HTTP_DELETE, "/v1/entries/{number}", delete_entry, "entries", NULL, NULL, 0, NULL, WORKS,
     &(const struct http_description){.summary = "Withdraws an entry of the server's own",
                                      .parameters = {NUMBER},
                                      .answers = {ACCEPTED, NO_ENTRY, DESCRIBED_SIGNING}}},
};

static enum status open_market(struct server *server) {
    struct sample *market = mem_alloc(sizeof *market);
    *market = (struct sample){.server = server};
    server->market = market;
    return STATUS_OK;
}

static void close_market(struct server *server) {
    struct sample *market = server->market;
    buf_clear(&market->news);
    mem_free(market);
    server->market = NULL;
}

extern const uint8_t sample_contract_start[], sample_contract_end[]; // embedded.S

int main(int count, char **arguments) {
    const struct server_market market = {
        .name = "sample",
        .contract_code =
            bytes_of(sample_contract_start, (size_t)(sample_contract_end - sample_contract_start)),
        .projection = {.version = PROJECTION_VERSION,
                       .schema = sample_schema,
                       .drop = sample_drop,
                       .apply = projection_apply,
                       .committed = projection_committed},
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        // Nothing is sponsored: an author who withdraws would get what the server had locked.
        .sponsored_methods = NULL,
        .hook_kinds = sample_hook_kinds,
        .hook_kind_count = SAMPLE_HOOK_KINDS,
        .read_hooks = sample_read_hooks,
        .demo = sample_demo,
        .open = open_market,
        .close = close_market};
    return server_main(&market, count, arguments);
}
