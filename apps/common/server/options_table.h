// SPDX-License-Identifier: Apache-2.0
// The rows of the table of options, shared by the files that read and check them.
#ifndef LMM_SERVER_OPTIONS_TABLE_H
#define LMM_SERVER_OPTIONS_TABLE_H

#include "apps/common/server/options.h"

enum {
    OPTION_CONFIG,
    OPTION_DATA,
    OPTION_LISTEN,
    OPTION_PUBLIC_URL,
    OPTION_PRICE_PER_MIB,
    OPTION_INDEX,
    OPTION_TLS_CERTIFICATE,
    OPTION_TLS_KEY,
    OPTION_WEB,
    OPTION_DEVNET,
    OPTION_BLOCK_TIME,
    OPTION_DEMO,
    OPTION_DEMO_AFTER,
    OPTION_CLOCK,
    OPTION_GENESIS,
    OPTION_KEYS,
    OPTION_KEYS_PASSPHRASE,
    OPTION_KEYS_IN_CLEAR,
    OPTION_PEER_LISTEN,
    OPTION_PEER_ANNOUNCE,
    OPTION_PEERS,
    OPTION_VOTES,
    OPTION_FIRST_START,
    OPTION_ACCEPT_NEW_KEYS,
    OPTION_SENTRY_FOR,
    OPTION_HIDDEN,
    OPTION_TRUST,
    OPTION_ALLOW_OLD_SNAPSHOT,
    OPTION_SNAPSHOTS,
    OPTION_WITNESSES,
    OPTION_WITNESS_KEYS,
    OPTION_LOG_LEVEL,
    OPTION_CONNECTIONS,
    OPTION_CONNECTIONS_PER_ADDRESS,
    OPTION_SUBSCRIBERS,
    OPTION_LIMIT_ADDRESS,
    OPTION_LIMIT_KEY,
    OPTION_LIMIT_WRONG_KEYS,
    OPTION_TRUSTED_PROXIES,
    OPTION_FORWARDED_HEADER,
    OPTION_CORS_ORIGINS,
    OPTION_SPONSOR,
    OPTION_SPONSOR_ACCOUNT,
    OPTION_SPONSOR_CLIENT,
    OPTION_SPONSOR_TRANSACTIONS,
    OPTION_WEBHOOK_HTTP,
    OPTION_WEBHOOK_PRIVATE_TARGETS,
    OPTION_REBUILD_INDEX,
    OPTION_VERIFY_INDEX,
    OPTION_WRITE_GENESIS,
    OPTION_CHECK_CONFIG,
    OPTION_PRINT_CONFIG,
    OPTION_HELP,
    SERVER_OPTIONS
};

// options_http.c: what the HTTP server is told.
void options_take_http(struct server_options *out, struct config *config);
// The next item of a list with commas or blanks between, in place; NULL at its end.
char *options_next_item(char **at);

// options_network.c: what the node is told, behind data and chain.
void options_take_network(struct server_options *out, struct config *config);

extern const struct config_option server_option_table[SERVER_OPTIONS];

#endif
