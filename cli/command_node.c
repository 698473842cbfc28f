// SPDX-License-Identifier: Apache-2.0
// A node without a market: it follows a chain, signs blocks where it has a witness's keys, and
// serves other nodes.
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/monitor/arriving.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/clock_shared.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/chaincore.h"
#include "chaincore/net/peer_name.h"
#include "chaincore/node/devnet_keys.h"
#include "chaincore/node/network.h"
#include "cli/command.h"
#include "cli/node_http.h"
#include "cli/output.h"
#include "cli/place.h"
#include "cli/wallet.h"

// What it is told, checked; nothing is opened or made.
struct node_plan {
    const char *data;
    struct genesis_folder genesis;
    char address[IP_TEXT];
    char peer_text[LIMIT_BOOK_FIXED * (PEER_NAME_TEXT + 2)];
    const char *peers[LIMIT_BOOK_FIXED];
    struct public_key guarded[LIMIT_GUARDED];
    char votes[PATH_MAX];
    char http_address[IP_TEXT]; // empty: it answers nobody
    uint16_t http_port;
    struct node_network network;
    bool has_trusted;
    struct node_trusted trusted;
    uint32_t snapshots;
    size_t key_count;
    struct secret_key keys[LIMIT_WITNESSES];
};

static int plan_listen(struct node_plan *plan, const char *text) {
    struct endpoint endpoint;
    if (!text) return EXIT_DONE;
    if (!endpoint_parse(&endpoint, text))
        return complain(EXIT_USAGE, "--listen takes ADDRESS:PORT, not %s", text);
    ip_print(plan->address, &endpoint.ip);
    plan->network.address = plan->address;
    plan->network.port = endpoint.port;
    return EXIT_DONE;
}

static int plan_http(struct node_plan *plan, const char *text) {
    struct endpoint endpoint;
    if (!text) return EXIT_DONE;
    if (!endpoint_parse(&endpoint, text))
        return complain(EXIT_USAGE, "--http takes ADDRESS:PORT, not %s", text);
    ip_print(plan->http_address, &endpoint.ip);
    plan->http_port = endpoint.port;
    return EXIT_DONE;
}

static bool is_devnet(const struct node_plan *plan) {
    return genesis_folder_is_devnet(&plan->genesis);
}

// Blocks tell their time: whoever trusts a chain must not be told of a false one.
static int plan_skew(const struct node_plan *plan, const char *text) {
    enum { MOST_MS = 24 * 60 * 60 * 1000 };
    char *end;
    if (!text) return EXIT_DONE;
    long ms = strtol(text, &end, 10);
    if (end == text || *end || ms > MOST_MS || ms < -MOST_MS)
        return complain(EXIT_USAGE, "--clock-skew takes milliseconds, up to a day; not %s", text);
    if (!is_devnet(plan))
        return complain(EXIT_USAGE, "--clock-skew is for a chain that is called devnet alone");
    if (ms > 0)
        clock_wall_advance((uint64_t)ms);
    else
        clock_wall_set_back((uint64_t)-ms);
    return EXIT_DONE;
}

static bool is_named_twice(const struct node_plan *plan, const struct peer_name *name) {
    for (size_t i = 0; i < plan->network.peer_count; i++) {
        struct peer_name other;
        if (peer_name_parse(&other, plan->peers[i]) && peer_names_clash(&other, name)) return true;
    }
    return false;
}

static int plan_peers(struct node_plan *plan, const char *text) {
    struct peer_name name;
    struct node_network *network = &plan->network;
    char *at, *item, *rest = plan->peer_text;
    if (!text) return EXIT_DONE;
    if (strlen(text) >= sizeof plan->peer_text) return complain(EXIT_USAGE, "--peers is too long");
    memcpy(plan->peer_text, text, strlen(text) + 1);
    while ((item = strtok_r(rest, ", ", &at))) {
        rest = NULL;
        if (!peer_name_parse(&name, item))
            return complain(EXIT_USAGE, "--peers takes ADDRESS:PORT or KEY@ADDRESS:PORT,…, not %s",
                            item);
        if (network->peer_count == LIMIT_BOOK_FIXED)
            return complain(EXIT_USAGE, "--peers has more than %d", LIMIT_BOOK_FIXED);
        if (is_named_twice(plan, &name))
            return complain(EXIT_USAGE, "--peers has two keys for one address: %s", item);
        plan->peers[network->peer_count++] = item;
        network->takes_private |= !endpoint_is_public(&name.where);
    }
    network->peers = plan->peers;
    return EXIT_DONE;
}

// Behind --peers.
static int plan_announced(struct node_plan *plan, const char *text) {
    struct endpoint endpoint;
    if (!text) return EXIT_DONE;
    if (!endpoint_parse(&endpoint, text))
        return complain(EXIT_USAGE, "--announce takes ADDRESS:PORT, not %s", text);
    if (!plan->network.address)
        return complain(EXIT_USAGE, "--announce says nothing without --listen");
    if (!endpoint_may_be_told(&endpoint, plan->network.takes_private))
        return complain(EXIT_USAGE,
                        "--announce takes an address that others can reach, a private one only"
                        " where --peers has one too; not %s",
                        text);
    plan->network.announced = text;
    return EXIT_DONE;
}

static int plan_sentry(struct node_plan *plan, const struct options *options) {
    char text[LIMIT_GUARDED * (2 * sizeof(struct public_key) + 2) + 1];
    struct node_network *network = &plan->network;
    char *at, *item, *rest = text;
    network->guarded = plan->guarded;
    network->is_hidden = options->hidden;
    if (options->hidden && (options->listen || network->peer_count == 0))
        return complain(EXIT_USAGE, "--hidden goes with --peers, its sentries, and no --listen");
    if (!options->sentry_for) return EXIT_DONE;
    if (strlen(options->sentry_for) >= sizeof text)
        return complain(EXIT_USAGE, "--sentry-for has more than %d", LIMIT_GUARDED);
    memcpy(text, options->sentry_for, strlen(options->sentry_for) + 1);
    for (; (item = strtok_r(rest, ", ", &at)); rest = NULL) {
        struct public_key *key = &plan->guarded[network->guarded_count];
        if (network->guarded_count == LIMIT_GUARDED)
            return complain(EXIT_USAGE, "--sentry-for has more than %d", LIMIT_GUARDED);
        if (hex_decode(key->bytes, sizeof key->bytes, item) != STATUS_OK)
            return complain(EXIT_USAGE, "--sentry-for takes nodes' keys, 64 digits, not %s", item);
        network->guarded_count++;
    }
    return EXIT_DONE;
}

// Those whose names begin so, as `lmm genesis keys` names them.
static int plan_keys(struct node_plan *plan, const struct options *options) {
    static const char prefix[] = "witness";
    struct wallet wallet;
    if (!options->keystore) return EXIT_DONE;
    bool is_open = wallet_open(&wallet, WALLET_READ, options);
    for (size_t i = 0; is_open && i < wallet.keystore.seed_count; i++) {
        const struct keystore_seed *seed = &wallet.keystore.seeds[i];
        struct public_key public;
        if (strncmp(seed->name, prefix, sizeof prefix - 1) != 0) continue;
        if (plan->key_count < LIMIT_WITNESSES)
            key_from_seed(&plan->keys[plan->key_count++], &public, seed->seed);
    }
    wallet_close(&wallet);
    if (is_open && plan->key_count == 0)
        return complain(EXIT_FAILED, "%s has no key whose name begins with %s", options->keystore,
                        prefix);
    return is_open ? EXIT_DONE : EXIT_FAILED;
}

static int plan_joining(struct node_plan *plan, const struct options *options) {
    const char *count = options->snapshots;
    plan->snapshots = 2;
    if (count && (count[0] < '0' || count[0] > '0' + NODE_MAX_SNAPSHOTS || count[1]))
        return complain(EXIT_USAGE, "--snapshots takes a number from 0 to %d, not %s",
                        NODE_MAX_SNAPSHOTS, count);
    if (count) plan->snapshots = (uint32_t)(count[0] - '0');
    plan->has_trusted = options->trust && node_trusted_parse(&plan->trusted, options->trust);
    if (options->trust && !plan->has_trusted)
        return complain(EXIT_USAGE, "--trust takes HEIGHT:ID of a header, not %s", options->trust);
    return EXIT_DONE;
}

// None of them is taken that the chain has no witness of from its beginning.
static int take_devnet_keys(struct node_plan *plan, const struct options *options,
                            const struct genesis *genesis) {
    bool chosen[DEVNET_MOST_WITNESSES];
    uint8_t seed[MNEMONIC_SEED_BYTES];
    struct secret_key keys[DEVNET_MOST_WITNESSES];
    unsigned count = genesis->witness_count;
    if (options->keystore) return complain(EXIT_USAGE, "--devnet-keys contradicts --keystore");
    if (!devnet_choose_witnesses(chosen, count, options->devnet_keys))
        return complain(EXIT_USAGE, "--devnet-keys takes numbers from 1 to %u, as 1,3-4, not %s",
                        count, options->devnet_keys);
    devnet_seed(seed);
    devnet_witness_keys(keys, count, seed);
    for (size_t i = 0; i < count; i++) {
        struct public_key public;
        key_public_of(&public, &keys[i]);
        if (!chosen[i]) continue;
        if (memcmp(&genesis->witnesses[i].key, &public, sizeof public) != 0)
            return complain(EXIT_FAILED, "the chain's witness %zu is none of a devnet", i + 1);
        plan->keys[plan->key_count++] = keys[i];
    }
    return EXIT_DONE;
}

// What everybody may have or move is for no other chain.
static int plan_devnet(struct node_plan *plan, const struct options *options) {
    struct arena arena = {0};
    struct genesis genesis;
    int result = EXIT_DONE;
    if (!options->devnet_keys && !options->clock) return EXIT_DONE;
    if (options->clock && options->clock_skew)
        return complain(EXIT_USAGE,
                        "--clock contradicts --clock-skew, which would move it for all");
    ENSURE(genesis_decode(&genesis, &arena, buf_bytes(&plan->genesis.genesis)) == STATUS_OK);
    if (!is_devnet(plan))
        result = complain(EXIT_USAGE, "--devnet-keys and --clock are a devnet's");
    else if (options->devnet_keys)
        result = take_devnet_keys(plan, options, &genesis);
    arena_clear(&arena);
    plan->network.timeout_ms = DEVNET_TIMEOUT_MS;
    return result;
}

static int plan_make(struct node_plan *plan, const struct options *options) {
    const char *chain = options->operands[1];
    *plan = (struct node_plan){.data = options->operands[0]};
    plan->network.votes_dir = plan->votes;
    plan->network.is_first_start = options->first_start;
    plan->network.accepts_new_keys = options->accept_new_keys;
    enum status status = genesis_folder_read(&plan->genesis, chain);
    if (status != STATUS_OK) return complain(EXIT_FAILED, "%s: %s", chain, status_text(status));
    if (!options->listen && !options->peers)
        return complain(EXIT_USAGE, "--listen or --peers is needed: a node is among others");
    if (options->votes ? strlen(options->votes) >= sizeof plan->votes
                       : !place_inside(plan->votes, plan->data, "votes"))
        return complain(EXIT_USAGE, "--votes is too long");
    if (options->votes) memcpy(plan->votes, options->votes, strlen(options->votes) + 1);
    plan->network.per_address = is_devnet(plan) ? DEVNET_CONNECTIONS_PER_ADDRESS : 0;
    int result = plan_listen(plan, options->listen);
    if (result == EXIT_DONE) result = plan_peers(plan, options->peers);
    if (result == EXIT_DONE) result = plan_announced(plan, options->announce);
    if (result == EXIT_DONE) result = plan_sentry(plan, options);
    if (result == EXIT_DONE) result = plan_http(plan, options->http);
    if (result == EXIT_DONE) result = plan_skew(plan, options->clock_skew);
    if (result == EXIT_DONE) result = plan_joining(plan, options);
    if (result == EXIT_DONE) result = plan_keys(plan, options);
    return result == EXIT_DONE ? plan_devnet(plan, options) : result;
}

static void plan_clear(struct node_plan *plan) {
    genesis_folder_clear(&plan->genesis);
    secret_clear(plan->keys, sizeof plan->keys);
}

// A node that runs, and what it answers with; NULL: it answers nobody.
struct running {
    struct node *node;
    struct node_http *http;
};

static void append_url(struct buf *out, const struct node_plan *plan,
                       const struct node_http *http) {
    bool is_v6 = strchr(plan->http_address, ':') != NULL;
    buf_append_format(out, ",\"url\":\"http://%s%s%s:%u\"", is_v6 ? "[" : "", plan->http_address,
                      is_v6 ? "]" : "", node_http_port(http));
}

// DATA/ready.json, and the same on standard output.
static bool tell_ready(const struct running *running, const struct node_plan *plan,
                       const char *path) {
    char chain_id[65], node_key[65], name_text[PEER_NAME_TEXT];
    struct peer_name name;
    struct node_head head;
    struct public_key key;
    struct buf text = {0};
    ENSURE(node_network_key(running->node, &key));
    hex_encode(node_key, BYTES_OF(key.bytes));
    hex_encode(chain_id, BYTES_OF(node_chain_id(running->node)->bytes));
    node_head(running->node, &head);
    buf_append_format(&text,
                      "{\"chain_id\":\"%s\",\"node_key\":\"%s\",\"height\":%" PRIu64
                      ",\"peer_port\":%u,\"keys\":%zu,\"pid\":%ld",
                      chain_id, node_key, head.header.height, node_port(running->node),
                      plan->key_count, (long)getpid());
    if (node_network_name(running->node, &name)) {
        peer_name_print(name_text, &name);
        buf_append_format(&text, ",\"peer_name\":\"%s\"", name_text);
    }
    if (running->http) append_url(&text, plan, running->http);
    buf_append_string(&text, "}\n");
    bool is_told = file_replace(path, buf_bytes(&text), 0644) == STATUS_OK &&
                   fwrite(text.data, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
    buf_clear(&text);
    return is_told;
}

static int start_http(struct running *running, const struct node_plan *plan) {
    if (!*plan->http_address) return EXIT_DONE;
    enum status status =
        node_http_open(&running->http, running->node, plan->http_address, plan->http_port);
    if (status == STATUS_OK) return EXIT_DONE;
    return complain(EXIT_FAILED, "--http %s: %s", plan->http_address, status_text(status));
}

static int run_node(struct node *node, const struct node_plan *plan, const sigset_t *ends) {
    struct running running = {.node = node};
    char ready[PATH_MAX];
    int number;
    if (!place_inside(ready, plan->data, "ready.json")) return EXIT_USAGE;
    enum status status = node_start(node);
    if (status != STATUS_OK)
        return complain(EXIT_FAILED, "the node cannot start: %s", status_text(status));
    int result = start_http(&running, plan);
    if (result == EXIT_DONE && !tell_ready(&running, plan, ready))
        result = complain(EXIT_FAILED, "%s cannot be written", ready);
    if (result == EXIT_DONE) sigwait(ends, &number);
    unlink(ready);
    node_http_close(running.http);
    node_stop(node);
    return result;
}

struct arrival {
    const struct node_plan *plan;
    uint64_t started_ms;
    struct arriving *arriving; // NULL: nobody is to be told, or not yet
    enum status status;        // of that
};

// Signals that end it wait for the thread that takes them, which is not there yet.
static bool must_stop(void *context) {
    const struct arrival *arrival = context;
    sigset_t pending;
    return arrival->status != STATUS_OK ||
           (sigpending(&pending) == 0 &&
            (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1));
}

static void tell_arrival(void *context, const struct node_arrival_progress *progress) {
    struct arrival *arrival = context;
    const struct http_config http = {.address = arrival->plan->http_address,
                                     .port = arrival->plan->http_port};
    struct arriving_config config = {.http = &http, .started_ms = arrival->started_ms};
    if (!*http.address || arrival->status != STATUS_OK) return;
    if (!arrival->arriving) arrival->status = arriving_open(&arrival->arriving, &config);
    if (arrival->arriving) arriving_tell(arrival->arriving, progress);
}

// A new node comes to a chain that is there already. EXIT_DONE and *must_end: it was to stop.
static int arrive(const struct node_plan *plan, const struct node_config *config, bool *must_end) {
    struct arrival arrival = {.plan = plan, .started_ms = clock_wall_ms()};
    struct node_arrival wish = {.trusted = plan->has_trusted ? &plan->trusted : NULL,
                                .must_stop = must_stop,
                                .tell = tell_arrival,
                                .context = &arrival};
    enum status status = node_arrive(config, &wish);
    arriving_close(arrival.arriving);
    if (arrival.status != STATUS_OK)
        return complain(EXIT_FAILED, "--http %s: %s", plan->http_address,
                        status_text(arrival.status));
    *must_end = status == STATUS_CLOSED;
    if (status == STATUS_OK || *must_end) return EXIT_DONE;
    if (status == STATUS_TIMEOUT)
        return complain(
            EXIT_FAILED,
            "genesis, or the header of --trust, is older than a week, and witnesses of then "
            "may have left: --trust a newer header, or --allow-old-snapshot");
    return complain(EXIT_FAILED, "%s cannot be opened: %s", config->data_dir, status_text(status));
}

static int open_and_run(const struct node_plan *plan, const struct options *options) {
    char chain[PATH_MAX];
    struct node *node = NULL;
    sigset_t ends;
    if (!place_inside(chain, plan->data, "chain")) return EXIT_USAGE;
    // Before there are threads, which then leave these to this one.
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    enum status status = options->clock ? clock_wall_share(options->clock) : STATUS_OK;
    if (status != STATUS_OK)
        return complain(EXIT_FAILED, "%s: %s", options->clock, status_text(status));
    struct node_config config = {.data_dir = chain,
                                 .genesis = buf_bytes(&plan->genesis.genesis),
                                 .codes = plan->genesis.code_list,
                                 .code_count = plan->genesis.code_count,
                                 .witness_keys = plan->keys,
                                 .witness_key_count = plan->key_count,
                                 .must_prune = options->prune,
                                 .network = &plan->network,
                                 .takes_old_snapshot =
                                     options->allow_old_snapshot || is_devnet(plan),
                                 .snapshots = {.kept = plan->snapshots}};
    bool must_end = false;
    int result = arrive(plan, &config, &must_end);
    if (result != EXIT_DONE || must_end) return result;
    status = node_open(&node, &config);
    if (status != STATUS_OK)
        return complain(EXIT_FAILED, "%s cannot be opened: %s", chain, status_text(status));
    result = run_node(node, plan, &ends);
    node_close(node);
    return result;
}

int command_node(const struct options *options) {
    struct node_plan *plan = mem_alloc(sizeof *plan);
    int result = plan_make(plan, options);
    if (result == EXIT_DONE && !options->check) result = open_and_run(plan, options);
    plan_clear(plan);
    mem_free(plan);
    return result;
}
