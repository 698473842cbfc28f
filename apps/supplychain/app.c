// SPDX-License-Identifier: Apache-2.0
// lmm-supplychain: tracking by EPCIS events, each anchored on the chain.
#include "apps/supplychain/contract/code.h"
#include "apps/supplychain/named_queries.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

#define JSON_TYPES "application/json, application/ld+json"
#define ANSWER_TYPES "application/ld+json, application/json"
#define READS HTTP_LANE(SERVER_LANE_READ)
#define SEARCHES HTTP_LANE(SERVER_LANE_SEARCH)
#define WORKS HTTP_LANE(SERVER_LANE_WORK)

#define GS1_GET(path, handle, types, lane) \
    { HTTP_GET, path, handle, NULL, NULL, types, 0, gs1_prepare, lane, NULL }
#define COLLECTION(path)                                                           \
    GS1_GET(path, get_collection, "application/json", READS),                      \
        GS1_GET(path "/{value}", get_collection_value, "application/json", READS), \
        GS1_GET(path "/{value}/events", get_collection_events, ANSWER_TYPES, SEARCHES)

static const struct http_route routes[] = {
    {HTTP_POST, "/capture", post_capture, "capture", JSON_TYPES, NULL, CAPTURE_MAX_BYTES,
     gs1_prepare_capture, WORKS, NULL},
    GS1_GET("/capture", get_capture_jobs, "application/json", READS),
    GS1_GET("/capture/{id}", get_capture_job, "application/json", READS),
    GS1_GET("/events", get_events, ANSWER_TYPES, SEARCHES),
    GS1_GET("/events/{id}", get_event_document, ANSWER_TYPES, READS),
    COLLECTION("/eventTypes"),
    COLLECTION("/epcs"),
    COLLECTION("/bizSteps"),
    COLLECTION("/bizLocations"),
    COLLECTION("/readPoints"),
    COLLECTION("/dispositions"),
    {HTTP_POST, "/queries", post_query, "queries", "application/json", "application/json",
     LIMIT_NAMED_QUERY_BYTES, gs1_prepare, WORKS, NULL},
    GS1_GET("/queries", get_queries, "application/json", READS),
    GS1_GET("/queries/{name}", get_query, "application/json", READS),
    {HTTP_DELETE, "/queries/{name}", delete_query, "queries", NULL, NULL, 0, gs1_prepare, WORKS,
     NULL},
    GS1_GET("/queries/{name}/events", get_query_events, ANSWER_TYPES, SEARCHES),
    {HTTP_GET, "/v1/events", get_event_list, NULL, NULL, "application/json", 0, NULL, SEARCHES,
     NULL},
    {HTTP_GET, "/v1/events/{id}", get_event, NULL, NULL, "application/json", 0, NULL, READS, NULL},
    {HTTP_GET, "/v1/events/{id}/proof", get_event_proof, NULL, NULL, "application/json", 0, NULL,
     READS, NULL},
    {HTTP_DELETE, "/v1/captures/{id}", delete_capture, "capture", NULL, NULL, 0, NULL, WORKS, NULL},
    {HTTP_POST, "/v1/event-hash", post_event_hash, NULL, JSON_TYPES, "application/json",
     CAPTURE_MAX_BYTES, NULL, WORKS | HTTP_NO_EFFECT, NULL},
};

// What staging a document locks is given back to whoever pays for its drop: nothing to sponsor.
static const char *const sponsored_methods[] = {"capture", NULL};

static enum status open_market(struct server *server) {
    struct supplychain *supplychain = mem_alloc(sizeof *supplychain);
    *supplychain = (struct supplychain){.server = server};
    ENSURE(abi_of_code(supplychain_contract_code(), &supplychain->abi));
    server->market = supplychain;
    struct buf path = {0};
    buf_append_format(&path, "%s/queries.db", server->data_dir);
    enum status status = named_queries_open(&supplychain->queries, buf_as_string(&path));
    buf_clear(&path);
    return status == STATUS_OK ? epcis_rules_open(&supplychain->rules) : status;
}

static void close_market(struct server *server) {
    struct supplychain *supplychain = server->market;
    epcis_rules_close(supplychain->rules);
    named_queries_close(supplychain->queries);
    buf_clear(&supplychain->news);
    mem_free(supplychain);
    server->market = NULL;
}

int main(int count, char **arguments) {
    const struct server_market market = {.name = "supplychain",
                                         .contract_code = supplychain_contract_code(),
                                         .projection = {.version = PROJECTION_VERSION,
                                                        .rules = epcis_rules_text(),
                                                        .schema = supplychain_schema,
                                                        .drop = supplychain_drop,
                                                        .apply = projection_apply,
                                                        .committed = projection_committed},
                                         .routes = routes,
                                         .route_count = sizeof routes / sizeof *routes,
                                         .sponsored_methods = sponsored_methods,
                                         .hook_kinds = supplychain_hook_kinds,
                                         .hook_kind_count = SUPPLYCHAIN_HOOK_KINDS,
                                         .read_hooks = supplychain_read_hooks,
                                         .open = open_market,
                                         .close = close_market};
    return server_main(&market, count, arguments);
}
