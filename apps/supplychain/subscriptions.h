// SPDX-License-Identifier: Apache-2.0
// Subscriptions to named queries (EPCIS 2.0, section 12.5): each event that a query finds is sent
// where the subscriber says, as an EPCISQueryDocument, in the order in which events were recorded.
// A subscription is a webhook (hooks/hooks.h) whose filter is the query's name, and whose owner is
// the query's: signed, retried, guarded and kept as those are. docs/adr/024 says what is taken of
// the standard.
#ifndef LMM_SUPPLYCHAIN_SUBSCRIPTIONS_H
#define LMM_SUPPLYCHAIN_SUBSCRIPTIONS_H

#include "apps/supplychain/named_queries.h"
#include "apps/supplychain/supplychain.h"

enum { SUBSCRIPTION_BODY_BYTES = 4096 };

// Whose queries are searched for, and the connection that it is done by, in a transaction.
struct hook_rows {
    struct supplychain *market;
    struct db *db;
};

// For a webhook whose filter is a query's name. No message when there is no such query (any more).
enum status subscription_read(const struct hook_rows *source, struct arena *arena,
                              const struct hook_reading *reading,
                              struct hook_batch *out) MUST_CHECK;
// Ends all of a query's.
enum status subscriptions_end(struct server *server, const struct query_name *query) MUST_CHECK;

enum status post_subscription(void *server, struct http_request *request,
                              struct http_response *response);
enum status get_subscriptions(void *server, struct http_request *request,
                              struct http_response *response);
enum status get_subscription(void *server, struct http_request *request,
                             struct http_response *response);
enum status delete_subscription(void *server, struct http_request *request,
                                struct http_response *response);

#endif
