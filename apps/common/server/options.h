// SPDX-License-Identifier: Apache-2.0
// What a server is told (config.h says from where), read and held against what it means.
// docs/configuration.md lists it for people.
#ifndef LMM_SERVER_OPTIONS_H
#define LMM_SERVER_OPTIONS_H

#include "apps/common/http/server.h"
#include "apps/common/server/config.h"
#include "apps/common/server/keys.h"
#include "apps/common/server/sponsor.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "chaincore/net/peer_name.h"
#include "chaincore/node/devnet_keys.h"

enum { EXIT_CONFIGURATION = 2 }; // the status of a program that cannot run with what it was told

struct server_options {
    char data[4096];
    char address[64];
    uint16_t port;
    char index[4096 + 32];
    char web[4096];             // empty: no pages
    char tls_certificate[4096]; // empty: no TLS
    char tls_key[4096];
    char public_url[LIMIT_LOGIN_DOMAIN_BYTES + 9]; // an origin; empty: the address
    uint32_t block_time_ms;                        // of the devnet
    bool demo;                                     // likewise: rows at its first start
    char demo_after[4096];                         // a file that they wait for; empty: for nothing
    char clock[4096];            // a devnet's (base/clock_shared.h); empty: the machine's
    bool devnet;                 // or else both of:
    char genesis[4096];          // a folder (node/genesis_folder.h)
    char keys[4096];             // a file (keys.h)
    char keys_passphrase[4096];  // a file; empty: there is none
    bool keys_in_clear;          // the keys are not sealed, and may be so
    struct node_network network; // filled in by server_options_network
    bool is_networked;           // among other nodes
    char peer_address[64];       // empty: it takes no nodes' connections
    uint16_t peer_port;
    char peer_announced[ENDPOINT_TEXT]; // empty: where it listens
    char peer_text[LIMIT_BOOK_FIXED * (PEER_NAME_TEXT + 2)];
    const char *peers[LIMIT_BOOK_FIXED]; // in that text
    size_t peer_count;
    bool has_private_peers;                   // whom strangers could not reach
    struct amount price_per_mib;              // of answers; told with the server's address
    char votes[4096];                         // a folder
    bool is_first_start;                      // of its keys of blocks
    bool accepts_new_keys;                    // though what is in `votes` is of others
    struct public_key guarded[LIMIT_GUARDED]; // nodes that it is a sentry for
    size_t guarded_count;
    bool is_hidden; // it stands behind sentries
    bool has_trusted;
    struct node_trusted trusted; // that it joins on
    bool takes_old_snapshot;
    uint32_t snapshots;      // kept for others to join by
    bool has_witness_choice; // of the devnet's
    bool witness_choice[DEVNET_MOST_WITNESSES];
    unsigned witness_count; // that the devnet has
    bool rebuild_index;
    bool must_verify_index;   // and end
    char write_genesis[4096]; // the devnet's, into this folder, and end; empty: no
    struct http_limits limits;
    unsigned subscribers; // of live streams
    struct ip_network proxies[LIMIT_HTTP_PROXIES];
    size_t proxy_count;
    bool reads_forwarded;
    char origin_text[2048];
    const char *origins[LIMIT_HTTP_ORIGINS]; // in that text
    size_t origin_count;
    struct sponsor_terms sponsor; // without methods; nothing a day: off
    char sponsor_account[LIMIT_SIGNER_NAME_BYTES + 1];
    bool hooks_http;    // webhooks may go to http://
    bool hooks_private; // and to addresses that are not public
    enum log_level log_level;
    bool must_check; // look at what they name, and end
    bool must_print;
    bool must_help;
};

// Reads all four places. What is wrong stands in config->faults; `out` is whole even then, and can
// do without the configuration, which borrows from it. The caller clears that.
void server_options_read(struct server_options *out, struct config *config, char *const *arguments);

// What the node is to be opened with; NULL: it is alone. Borrowed from the options.
const struct node_network *server_options_network(struct server_options *options);
// A devnet's, with those of its witnesses that were chosen.
void server_options_devnet_keys(const struct server_options *options, struct server_keys *out,
                                const struct devnet *devnet);

// Looks at what they name, files and folders and their form, without changing or locking anything;
// whatever would keep a server from starting is a fault. (Whether the address is free and a
// database is there will be seen at the start.)
void server_options_check(const struct server_options *options, struct config *config);

// The same for a program: reads, prints what was asked for and, on standard error, what is wrong.
// True: the server is to run; false: the program ends with this status.
bool server_options_take(struct server_options *out, char *const *arguments, int *exit_status);

#endif
