// SPDX-License-Identifier: Apache-2.0
// A market server: a full node, the index that follows it, and the API over both, in one process. A
// market gives its name, contract, projection and routes; everything else is here. docs/devnet.md
// tells the command line and what a server leaves in its data folder.
#ifndef LMM_SERVER_SERVER_H
#define LMM_SERVER_SERVER_H

#include "apps/common/db/pool.h"
#include "apps/common/hooks/hooks.h"
#include "apps/common/http/stream.h"
#include "apps/common/index/index.h"
#include "apps/common/server/devnet.h"
#include "apps/common/server/signer.h"
#include "apps/common/server/spending.h"

// Something that a search has found. Texts are borrowed until the search has ended.
struct search_hit {
    const char *kind; // "block", "event": one word
    struct bytes id;
    struct bytes title;
    const char *path; // of its page, behind the "#"
};
enum { SEARCH_HITS = 20 };
struct search_hits {
    size_t count;
    struct search_hit items[SEARCH_HITS];
};

struct demo;
// Of struct server_market.
typedef enum status server_search(void *market, struct db *db, struct arena *arena,
                                  struct bytes text, struct search_hits *out);
typedef enum status server_read_hooks(void *market, struct db *db, struct arena *arena,
                                      const struct hook_reading *reading, struct hook_batch *out);

// What the market's handlers and projection reach. Constant from start to stop.
struct server {
    struct node *node;
    struct index *index;
    struct db_pool *readers;
    struct db_pool *searchers; // for what may take long
    struct http_server *http;
    struct http_stream *live;
    struct signer_set *signers; // the accounts it signs with
    struct signer_key *signer;  // of these the business' own
    struct signer_key *payer;   // and the one that pays for others; NULL: none is called so
    struct spending *spending;  // what callers may spend of it; NULL: without limits
    struct sponsor *sponsor;    // NULL: pays for nobody else
    struct api_keys *api_keys;  // but for the one below
    struct members *members;    // of the firm (firm.h)
    struct sessions *sessions;  // of those who logged in
    struct login *login;
    struct rate_table *login_rate;
    struct answers *answers; // kept for Idempotency-Keys
    struct hooks *hooks;     // webhooks
    server_read_hooks *market_reads_hooks;
    server_search *market_searches;
    const struct http_route_table *tables;
    size_t table_count;
    struct buf openapi; // the API's document, once somebody has asked for it
    char openapi_etag[65];
    struct account_id contract; // the market's
    const char *market_name;
    uint64_t started_ms;
    bool has_pages; // for browsers
    bool is_devnet;
    struct devnet devnet; // empty on any other chain
    char api_key[65];     // made on the first start; may do everything
    char data_dir[4096];  // absolute
    void *market;         // its own context
};

// How long a handler waits for a connection to the index.
enum { SERVER_DB_TAKE_MS = 5000 };

// Where handlers run (HTTP_LANE) that wait for something, so that the HTTP threads wait for
// nothing.
enum server_lane {
    SERVER_LANE_READ = 1, // looks up in the index; has as many threads as there are readers
    SERVER_LANE_SEARCH,   // looks through it; likewise with searchers
    SERVER_LANE_WORK,     // computes, or waits for a disk
    SERVER_LANE_TRY,      // computes for whoever asks, and changes nothing
    SERVER_LANE_HOOKS,    // may wait for names to be looked up
    SERVER_LANE_SIMULATE, // tries transactions, which may take long
    SERVER_LANES = SERVER_LANE_SIMULATE,
};

// What lists produce.
#define JSON_OR_CSV "application/json, text/csv"

struct server_market {
    const char *name; // also of its contract in genesis
    struct bytes contract_code;
    struct index_projection projection; // its context is server->market
    const struct http_route *routes;    // their context is the server
    size_t route_count;
    // Methods of the contract that the server may pay for (sponsor.h), and NULL; a NULL list: none.
    // What one of them locks, nobody must be able to free to another's profit.
    const char *const *sponsored_methods;
    // What webhooks tell, from the rows; the context is server->market. `read_hooks` may be NULL:
    // nothing. With it the live stream must tell the same: who was away gets it from here (live.h).
    const struct hook_kind *hook_kinds;
    size_t hook_kind_count;
    server_read_hooks *read_hooks;
    uint32_t hook_filtered; // bits of the kinds that only the market makes webhooks for
    // Signs by the token of whoever made a webhook with one; NULL: no webhook has any.
    const char *hook_token_header;
    // Adds what the market knows under a text that a person looks for, as long as there is room.
    // May be NULL.
    server_search *search;
    // What its pages connect to beside their server, such as a bridge to devices on a person's own
    // machine: sources of a Content-Security-Policy. NULL: nothing.
    const char *page_connects;
    // What a devnet has from its first start with --demo (demo.h). May be NULL.
    void (*demo)(struct demo *demo);
    uint64_t demo_back_ms; // so long before the first start its story begins
    // Makes server->market before anything of the market is called; and frees it after all of that.
    enum status (*open)(struct server *server);
    void (*close)(struct server *server);
};

// The whole life of the process. Returns the exit status that docs/devnet.md lists.
int server_main(const struct server_market *market, int argument_count, char **arguments);

// Publishes on /v1/live; ids are given out here. From the index' thread only.
void server_publish(struct server *server, const char *type, struct bytes json);

// How far the rows are behind the chain when that is more than people expect: after a rebuild, or
// when the database was away. 0 otherwise. What is not found meanwhile may be there.
uint64_t server_blocks_behind(struct server *server);

// The routes that every market has (chain_routes.c), and the lanes.
extern const struct http_route server_routes[];
extern const size_t server_route_count;
extern const struct http_lane server_lanes[SERVER_LANES];

// Answers with the problem of a refused transaction.
void server_tx_problem(struct http_response *response, enum tx_code code);
// The same, with the field that is wrong where its bytes are none of a transaction.
void server_encoded_tx_problem(struct http_response *response, enum tx_code code,
                               struct bytes encoded);

#endif
