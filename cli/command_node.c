// SPDX-License-Identifier: Apache-2.0
// A node without a market: it follows a chain, signs blocks where it has a witness's keys, and
// serves other nodes.
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/chaincore.h"
#include "chaincore/net/endpoint.h"
#include "chaincore/node/network.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/wallet.h"

// What it is told, checked; nothing is opened or made.
struct node_plan {
    const char *data;
    struct genesis_folder genesis;
    char address[IP_TEXT];
    char peer_text[4096];
    const char *peers[LIMIT_BOOK_FIXED];
    struct public_key guarded[LIMIT_GUARDED];
    char votes[PATH_MAX];
    struct node_network network;
    size_t key_count;
    struct secret_key keys[LIMIT_WITNESSES];
};

static bool path_in(char out[PATH_MAX], const char *folder, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (len > 0 && len < PATH_MAX) return true;
    complain(EXIT_USAGE, "%s: the path is too long", folder);
    return false;
}

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

static int plan_peers(struct node_plan *plan, const char *text) {
    struct endpoint endpoint;
    struct node_network *network = &plan->network;
    char *at, *item, *rest = plan->peer_text;
    if (!text) return EXIT_DONE;
    if (strlen(text) >= sizeof plan->peer_text) return complain(EXIT_USAGE, "--peers is too long");
    memcpy(plan->peer_text, text, strlen(text) + 1);
    while ((item = strtok_r(rest, ", ", &at))) {
        rest = NULL;
        if (!endpoint_parse(&endpoint, item))
            return complain(EXIT_USAGE, "--peers takes ADDRESS:PORT,…, not %s", item);
        if (network->peer_count == LIMIT_BOOK_FIXED)
            return complain(EXIT_USAGE, "--peers has more than %d", LIMIT_BOOK_FIXED);
        plan->peers[network->peer_count++] = item;
        network->takes_private |= !endpoint_is_public(&endpoint);
    }
    network->peers = plan->peers;
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

static int plan_make(struct node_plan *plan, const struct options *options) {
    const char *chain = options->operands[1];
    *plan = (struct node_plan){.data = options->operands[0]};
    plan->network.votes_dir = plan->votes;
    plan->network.is_first_start = options->first_start;
    enum status status = genesis_folder_read(&plan->genesis, chain);
    if (status != STATUS_OK) return complain(EXIT_FAILED, "%s: %s", chain, status_text(status));
    if (!options->listen && !options->peers)
        return complain(EXIT_USAGE, "--listen or --peers is needed: a node is among others");
    if (options->votes ? strlen(options->votes) >= sizeof plan->votes
                       : !path_in(plan->votes, plan->data, "votes"))
        return complain(EXIT_USAGE, "--votes is too long");
    if (options->votes) memcpy(plan->votes, options->votes, strlen(options->votes) + 1);
    int result = plan_listen(plan, options->listen);
    if (result == EXIT_DONE) result = plan_peers(plan, options->peers);
    if (result == EXIT_DONE) result = plan_sentry(plan, options);
    return result == EXIT_DONE ? plan_keys(plan, options) : result;
}

static void plan_clear(struct node_plan *plan) {
    genesis_folder_clear(&plan->genesis);
    secret_clear(plan->keys, sizeof plan->keys);
}

// DATA/ready.json, and the same on standard output.
static bool tell_ready(struct node *node, const struct node_plan *plan, const char *path) {
    char chain_id[65], node_key[65], text[512];
    struct node_head head;
    struct public_key key;
    ENSURE(node_network_key(node, &key));
    hex_encode(node_key, BYTES_OF(key.bytes));
    hex_encode(chain_id, BYTES_OF(node_chain_id(node)->bytes));
    node_head(node, &head);
    int len = snprintf(text, sizeof text,
                       "{\"chain_id\":\"%s\",\"node_key\":\"%s\",\"height\":%" PRIu64
                       ",\"peer_port\":%u,\"keys\":%zu,\"pid\":%ld}\n",
                       chain_id, node_key, head.header.height, node_port(node), plan->key_count,
                       (long)getpid());
    ENSURE(len > 0 && (size_t)len < sizeof text);
    if (file_replace(path, bytes_of(text, (size_t)len), 0644) != STATUS_OK) return false;
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0;
}

static int run_node(struct node *node, const struct node_plan *plan, const sigset_t *ends) {
    char ready[PATH_MAX];
    int number;
    if (!path_in(ready, plan->data, "ready.json")) return EXIT_USAGE;
    enum status status = node_start(node);
    if (status != STATUS_OK)
        return complain(EXIT_FAILED, "the node cannot start: %s", status_text(status));
    if (!tell_ready(node, plan, ready)) return complain(EXIT_FAILED, "%s cannot be written", ready);
    sigwait(ends, &number);
    unlink(ready);
    node_stop(node);
    return EXIT_DONE;
}

static int open_and_run(const struct node_plan *plan, const struct options *options) {
    char chain[PATH_MAX];
    struct node *node = NULL;
    sigset_t ends;
    if (!path_in(chain, plan->data, "chain")) return EXIT_USAGE;
    // Before there are threads, which then leave these to this one.
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct node_config config = {.data_dir = chain,
                                 .genesis = buf_bytes(&plan->genesis.genesis),
                                 .codes = plan->genesis.code_list,
                                 .code_count = plan->genesis.code_count,
                                 .witness_keys = plan->keys,
                                 .witness_key_count = plan->key_count,
                                 .must_prune = options->prune,
                                 .network = &plan->network};
    enum status status = node_open(&node, &config);
    if (status != STATUS_OK)
        return complain(EXIT_FAILED, "%s cannot be opened: %s", chain, status_text(status));
    int result = run_node(node, plan, &ends);
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
