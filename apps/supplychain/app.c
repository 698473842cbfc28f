// SPDX-License-Identifier: Apache-2.0
// lmm-supplychain: tracking by EPCIS events, each anchored on the chain.
#include "apps/common/abi/abi_value.h"
#include "apps/common/http/openapi.h"
#include "apps/common/server/signing.h"
#include "apps/supplychain/answer_schemas.h"
#include "apps/supplychain/contract/code.h"
#include "apps/supplychain/custody_routes.h"
#include "apps/supplychain/named_queries.h"
#include "apps/supplychain/subscriptions.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

#define JSON_TYPES "application/json, application/ld+json"
#define ANSWER_TYPES "application/ld+json, application/json"
#define READS HTTP_LANE(SERVER_LANE_READ)
#define SEARCHES HTTP_LANE(SERVER_LANE_SEARCH)
#define HOOKS HTTP_LANE(SERVER_LANE_HOOKS)
#define WORKS HTTP_LANE(SERVER_LANE_WORK)
#define TRIES (HTTP_LANE(SERVER_LANE_TRY) | HTTP_NO_EFFECT)

#define GS1_GET(path, handle, types, lane, about) \
    { HTTP_GET, path, handle, NULL, NULL, types, 0, gs1_prepare, (lane) | HTTP_ANY_QUERY, about }
// Of a list: by pages, and by all that SimpleEventQuery knows.
#define PAGED(text, ...)                                                \
    (&(const struct http_description){                                  \
        .summary = (text),                                              \
        .parameters = {DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN}, \
        .answers = {__VA_ARGS__}})
#define QUERIED(text, ...)                                                                       \
    (&(const struct http_description){                                                           \
        .summary = (text),                                                                       \
        .parameters = {DESCRIBED_PER_PAGE(1000),                                                 \
                       DESCRIBED_PAGE_TOKEN,                                                     \
                       {"parameters",                                                            \
                        "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}",  \
                        "Those of SimpleEventQuery, each under its own name; an unknown one is " \
                        "an error."}},                                                           \
        .answers = {__VA_ARGS__}})
// Of another version than is spoken here.
#define VERSIONED \
    { 406, "`unsupported_version`.", NULL }
#define INVALID_QUERY \
    { 400, "`invalid_query`, with the parameter.", NULL }
#define TOO_MANY \
    { 413, "`query_too_large`: more than maxEventCount.", NULL }
#define ABSENT \
    { 404, "There is nothing of that name.", NULL }
#define QUERY_NAME \
    { "name", SCHEMA_TEXT, "The query's." }
#define QUERY_OWNER                                                                          \
    {                                                                                        \
        "signer", SCHEMA_TEXT,                                                               \
            "Whose query, where it is not that of the account that the caller acts as: for " \
            "keys of the server's own account."                                              \
    }
#define BAD_DOCUMENT \
    { 400, "`invalid_document`, with each rule that it breaks.", NULL }

#define TRACED_EPC \
    { "epc", SCHEMA_TEXT, "The identifier, in any of its forms." }

#define COLLECTION(path)                                                                         \
    GS1_GET(path, get_collection, "application/json", READS,                                     \
            PAGED("What the captured events have of these",                                      \
                  {200, "A page of them.", SCHEMA_COLLECTION}, INVALID_QUERY, VERSIONED)),       \
        GS1_GET(path "/{value}", get_collection_value, "application/json", READS,                \
                HTTP_DESCRIBED("What is there of one of these",                                  \
                               {200, "Where its events are.", SCHEMA_COLLECTION}, INVALID_QUERY, \
                               ABSENT, VERSIONED)),                                              \
        GS1_GET(path "/{value}/events", get_collection_events, ANSWER_TYPES, SEARCHES,           \
                QUERIED("The events with one of these",                                          \
                        {200, "An EPCIS query document.", SCHEMA_EPCIS_DOCUMENT}, INVALID_QUERY, \
                        ABSENT, TOO_MANY, VERSIONED))

#define SUBSCRIPTIONS "/queries/{name}/subscriptions"

static const struct http_description describes_query = {
    .summary = "A named query",
    .parameters = {QUERY_NAME, QUERY_OWNER},
    .answers = {{200, "The query.", SCHEMA_SHOWN_QUERY}, ABSENT, VERSIONED}};
static const struct http_description describes_query_events = {
    .summary = "The events of a named query",
    .parameters = {QUERY_NAME, QUERY_OWNER, DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN},
    .answers = {{200, "An EPCIS query document.", SCHEMA_EPCIS_DOCUMENT},
                INVALID_QUERY,
                ABSENT,
                TOO_MANY,
                VERSIONED}};

static const struct http_route routes[] = {
    GS1_GET("/", get_entry_points, "application/json, application/ld+json", 0,
            HTTP_DESCRIBED("Where the standard's resources are, for who does not want the pages",
                           {200, "Their names.", SCHEMA_COLLECTION}, VERSIONED)),
    {HTTP_DELETE, "/nextPageToken/{token}", delete_page_token, NULL, NULL, NULL, 0, gs1_prepare, 0,
     HTTP_DESCRIBED("Tells that a page's token is used no more",
                    {204, "It held nothing on the server, and would still be good.", NULL},
                    {404, "This is no token.", NULL}, VERSIONED)},
    {HTTP_POST, "/capture", post_capture, "capture", JSON_TYPES, NULL, CAPTURE_MAX_BYTES,
     gs1_prepare_capture, WORKS | HTTP_ANY_QUERY,
     HTTP_DESCRIBED("Captures an EPCIS document",
                    {202, "Taken; `Location` is the capture job.", NULL},
                    {400,
                     "`invalid_document` with each rule that it breaks, `no_events`, or "
                     "`unsupported_error_behaviour`.",
                     NULL},
                    {413, "`invalid_document`: it holds too many events.", NULL}, VERSIONED,
                    DESCRIBED_SIGNING)},
    GS1_GET("/capture", get_capture_jobs, "application/json", READS,
            PAGED("The capture jobs", {200, "A page of them.", SCHEMA_LIST(SCHEMA_CAPTURE_JOB)},
                  INVALID_QUERY, VERSIONED)),
    GS1_GET("/capture/{id}", get_capture_job, "application/json", READS,
            PAGED("A capture job",
                  {200, "How far it is, and what it has sent.", SCHEMA_CAPTURE_JOB}, INVALID_QUERY,
                  ABSENT, VERSIONED)),
    GS1_GET("/events", get_events, ANSWER_TYPES, SEARCHES,
            QUERIED("Events by the parameters of SimpleEventQuery",
                    {200, "An EPCIS query document.", SCHEMA_EPCIS_DOCUMENT}, INVALID_QUERY,
                    TOO_MANY, VERSIONED)),
    GS1_GET("/events/{id}", get_event_document, ANSWER_TYPES, READS,
            HTTP_DESCRIBED("An event as an EPCIS document",
                           {200, "The document.", SCHEMA_EPCIS_DOCUMENT}, ABSENT, VERSIONED)),
    COLLECTION("/eventTypes"),
    COLLECTION("/epcs"),
    COLLECTION("/bizSteps"),
    COLLECTION("/bizLocations"),
    COLLECTION("/readPoints"),
    COLLECTION("/dispositions"),
    {HTTP_POST, "/queries", post_query, "queries", "application/json", "application/json",
     LIMIT_NAMED_QUERY_BYTES, gs1_prepare, WORKS,
     &(const struct http_description){.summary = "Gives a query a name",
                                      .body = SCHEMA_NAMED_QUERY,
                                      .answers = {{201, "It is kept.", SCHEMA_SHOWN_QUERY},
                                                  INVALID_QUERY,
                                                  {409, "`query_exists`.", NULL},
                                                  HTTP_DESCRIBED_QUOTA,
                                                  VERSIONED}}},
    GS1_GET("/queries", get_queries, "application/json", READS,
            PAGED("The named queries of the account that the caller acts as; to callers with a "
                  "key of the server's own account, all",
                  {200, "A page of them.", SCHEMA_LIST(SCHEMA_SHOWN_QUERY)}, INVALID_QUERY,
                  VERSIONED)),
    GS1_GET("/queries/{name}", get_query, "application/json", READS, &describes_query),
    {HTTP_DELETE, "/queries/{name}", delete_query, "queries", NULL, NULL, 0, gs1_prepare, WORKS,
     &(const struct http_description){
         .summary = "Forgets a named query",
         .parameters = {QUERY_NAME, QUERY_OWNER},
         .answers = {{204, "It is forgotten, and what subscribed to it.", NULL},
                     ABSENT,
                     VERSIONED}}},
    GS1_GET("/queries/{name}/events", get_query_events, ANSWER_TYPES, SEARCHES,
            &describes_query_events),
    {HTTP_POST, SUBSCRIPTIONS, post_subscription, "webhooks", "application/json",
     "application/json", SUBSCRIPTION_BODY_BYTES, gs1_prepare, HOOKS,
     &(const struct http_description){
         .summary = "Subscribes to a named query",
         .body = SCHEMA_SUBSCRIPTION_WISH,
         .answers = {{201, "What it finds is sent from now on.", SCHEMA_SUBSCRIPTION},
                     {400, "`invalid_subscription`, with the member that is wrong.", NULL},
                     ABSENT,
                     {409, "`subscribe_not_permitted`: the query orders or counts.", NULL},
                     HTTP_DESCRIBED_QUOTA,
                     VERSIONED}}},
    {HTTP_GET, SUBSCRIPTIONS, get_subscriptions, "webhooks", NULL, "application/json", 0,
     gs1_prepare, HOOKS,
     HTTP_DESCRIBED("The subscriptions to a named query",
                    {200, "All of them.", SCHEMA_LIST(SCHEMA_SUBSCRIPTION)}, ABSENT, VERSIONED)},
    {HTTP_GET, SUBSCRIPTIONS "/{id}", get_subscription, "webhooks", NULL, "application/json", 0,
     gs1_prepare, HOOKS,
     HTTP_DESCRIBED("A subscription", {200, "Without its token.", SCHEMA_SUBSCRIPTION}, ABSENT,
                    VERSIONED)},
    {HTTP_DELETE, SUBSCRIPTIONS "/{id}", delete_subscription, "webhooks", NULL, NULL, 0,
     gs1_prepare, HOOKS,
     HTTP_DESCRIBED("Ends a subscription", {204, "Nothing more is sent.", NULL}, ABSENT,
                    VERSIONED)},
    {HTTP_GET, "/v1/events", get_event_list, NULL, NULL, JSON_OR_CSV, 0, NULL,
     SEARCHES | HTTP_ANY_QUERY,
     QUERIED("Events, found by what they tell", {200, "A page of them.", SCHEMA_EVENT_LIST},
             INVALID_QUERY, TOO_MANY)},
    {HTTP_GET, "/v1/events/{id}", get_event, NULL, NULL, "application/json", 0, NULL, READS,
     HTTP_DESCRIBED("An event with its place on the chain", {200, "The event.", SCHEMA_EVENT},
                    {404, "There is no such event.", NULL})},
    {HTTP_GET, "/v1/events/{id}/proof", get_event_proof, NULL, NULL, "application/json", 0, NULL,
     READS,
     &(const struct http_description){
         .summary = "What proves an event without this server",
         .parameters = {{"id", SCHEMA_PLACE, "The event's, as lists tell it."}, DESCRIBED_BELIEVED},
         .answers = DESCRIBED_PROOF}},
    {HTTP_DELETE, "/v1/captures/{id}", delete_capture, "capture", NULL, NULL, 0, NULL, WORKS,
     HTTP_DESCRIBED("Drops a capture that was begun and never finished",
                    {202, "`Location` is the transaction that drops it.", NULL},
                    {404, "There is no such capture.", NULL},
                    {409, "`capture_running` or `capture_finished`.", NULL}, DESCRIBED_SIGNING)},
    {HTTP_POST, "/v1/event-hash", post_event_hash, NULL, JSON_TYPES, "application/json",
     CAPTURE_MAX_BYTES, NULL, TRIES,
     HTTP_DESCRIBED("The CBV 2.0 hashes of a document's events",
                    {200, "The hashes.", SCHEMA_HASHES}, BAD_DOCUMENT,
                    {413, "`invalid_document`: it holds too many events.", NULL})},
    CUSTODY_ROUTES,
    {HTTP_GET, "/v1/trace", get_trace, NULL, NULL, "application/json", 0, NULL, SEARCHES,
     &(const struct http_description){
         .summary = "What goods came from and went into, as a graph of identifiers and events",
         .parameters = {TRACED_EPC,
                        {"direction", "{\"enum\":[\"forward\",\"backward\",\"both\"]}",
                         "Which way; both when it is not told."}},
         .answers = {{200, "The graph.", SCHEMA_TRACE}, INVALID_QUERY}}},
    {HTTP_GET, "/v1/recall", get_recall, NULL, NULL, JSON_OR_CSV, 0, NULL, SEARCHES,
     &(const struct http_description){.summary = "All that goods went into, with who holds it",
                                      .parameters = {TRACED_EPC},
                                      .answers = {{200,
                                                   "The list; where it is cut, `Recall-Cut` names "
                                                   "the bounds that were met, also beside CSV.",
                                                   SCHEMA_RECALL},
                                                  INVALID_QUERY}}},
};

// Nothing by which an entry of the state goes away again: what it locked is given back to whoever
// pays for that, as for what staging a document locks.
static const char *const sponsored_methods[] = {"capture", "accept", "refuse", NULL};

static enum status open_market(struct server *server) {
    struct supplychain *supplychain = mem_alloc(sizeof *supplychain);
    *supplychain = (struct supplychain){.server = server};
    ENSURE(abi_of_code(supplychain_contract_code(), &supplychain->abi));
    ENSURE((supplychain->description = abi_parse(supplychain->abi)));
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
    json_decref(supplychain->description);
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
                                                        .prepare = projection_prepare,
                                                        .discard = projection_discard,
                                                        .committed = projection_committed},
                                         .routes = routes,
                                         .route_count = sizeof routes / sizeof *routes,
                                         .sponsored_methods = sponsored_methods,
                                         .hook_kinds = supplychain_hook_kinds,
                                         .hook_kind_count = SUPPLYCHAIN_HOOK_KINDS,
                                         .read_hooks = supplychain_read_hooks,
                                         .hook_filtered = 1U << HOOK_KIND_QUERY,
                                         .hook_token_header = "GS1-Signature",
                                         .search = supplychain_search,
                                         .demo = supplychain_demo,
                                         .demo_back_ms = SUPPLYCHAIN_DEMO_BACK_MS,
                                         .open = open_market,
                                         .close = close_market};
    return server_main(&market, count, arguments);
}
