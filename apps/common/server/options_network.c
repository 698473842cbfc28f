// SPDX-License-Identifier: Apache-2.0
// What a server is told of other nodes.
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/server/options_table.h"
#include "chaincore/net/peer_name.h"

static void take_peer_listen(struct server_options *out, struct config *config) {
    struct endpoint endpoint;
    const char *text = config_text(config, OPTION_PEER_LISTEN);
    if (!text) return;
    if (!endpoint_parse(&endpoint, text)) {
        config_fault(config, OPTION_PEER_LISTEN, "takes ADDRESS:PORT, not %s", text);
        return;
    }
    out->is_networked = true;
    out->peer_port = endpoint.port;
    ip_print(out->peer_address, &endpoint.ip);
}

static bool takes_private(const struct server_options *options) {
    return options->devnet || options->has_private_peers;
}

// Behind --peers.
static void take_peer_announce(struct server_options *out, struct config *config) {
    struct endpoint endpoint;
    const char *text = config_text(config, OPTION_PEER_ANNOUNCE);
    if (!text) return;
    if (!endpoint_parse(&endpoint, text))
        config_fault(config, OPTION_PEER_ANNOUNCE, "takes ADDRESS:PORT, not %s", text);
    else if (!*out->peer_address)
        config_fault(config, OPTION_PEER_ANNOUNCE, "says nothing without --peer-listen");
    else if (!endpoint_may_be_told(&endpoint, takes_private(out)))
        config_fault(config, OPTION_PEER_ANNOUNCE,
                     "takes an address that others can reach, a private one only where --peers has"
                     " one too; not %s",
                     text);
    else
        endpoint_print(out->peer_announced, &endpoint);
}

static bool is_named_twice(const struct server_options *options, const struct peer_name *name) {
    for (size_t i = 0; i < options->peer_count; i++) {
        struct peer_name other;
        if (peer_name_parse(&other, options->peers[i]) && peer_names_clash(&other, name))
            return true;
    }
    return false;
}

// The peers as they were told, in out->peer_text.
static void take_peers(struct server_options *out, struct config *config) {
    struct peer_name name;
    char *at = out->peer_text, *item;
    config_copy(config, OPTION_PEERS, out->peer_text, sizeof out->peer_text);
    while ((item = options_next_item(&at))) {
        out->is_networked = true;
        if (!peer_name_parse(&name, item)) {
            config_fault(
                config, OPTION_PEERS,
                "takes addresses and ports, as 192.0.2.1:7000, with the node's key and @ in"
                " front or without; not %s",
                item);
        } else if (out->peer_count == LIMIT_BOOK_FIXED) {
            config_fault(config, OPTION_PEERS, "has more than %d", LIMIT_BOOK_FIXED);
            return;
        } else if (is_named_twice(out, &name)) {
            config_fault(config, OPTION_PEERS, "has two keys for one address: %s", item);
        } else {
            out->peers[out->peer_count++] = item;
            out->has_private_peers |= !endpoint_is_public(&name.where);
        }
    }
}

static void take_price(struct server_options *out, struct config *config) {
    const char *text = config_text(config, OPTION_PRICE_PER_MIB);
    if (text && amount_parse(&out->price_per_mib, text) != STATUS_OK)
        config_fault(config, OPTION_PRICE_PER_MIB, "takes an amount of LMM, not %s", text);
}

static void take_votes(struct server_options *out, struct config *config) {
    const char *text = config_text(config, OPTION_VOTES);
    if (text && !out->is_networked)
        config_fault(config, OPTION_VOTES, "says nothing without peers or an address for them");
    config_copy(config, OPTION_VOTES, out->votes, sizeof out->votes);
    if (*out->votes || !out->is_networked || !*out->data) return;
    int len = snprintf(out->votes, sizeof out->votes, "%s/votes", out->data);
    if (len < 0 || (size_t)len >= sizeof out->votes) *out->votes = '\0'; // data is at fault already
    config_default(config, OPTION_VOTES, out->votes);
}

static void take_first_start(struct server_options *out, struct config *config) {
    bool is_said = config_switch(config, OPTION_FIRST_START);
    if (is_said && !out->is_networked)
        config_fault(config, OPTION_FIRST_START,
                     "says nothing without peers or an address for them");
    out->is_first_start = is_said || out->devnet;
}

static void take_accept_new_keys(struct server_options *out, struct config *config) {
    out->accepts_new_keys = config_switch(config, OPTION_ACCEPT_NEW_KEYS);
    if (out->accepts_new_keys && !out->is_networked)
        config_fault(config, OPTION_ACCEPT_NEW_KEYS,
                     "says nothing without peers or an address for them");
}

static void take_sentry_for(struct server_options *out, struct config *config) {
    char text[LIMIT_GUARDED * (2 * sizeof(struct public_key) + 2) + 1], *at = text, *item;
    config_copy(config, OPTION_SENTRY_FOR, text, sizeof text);
    if (*text && !out->is_networked)
        config_fault(config, OPTION_SENTRY_FOR,
                     "says nothing without peers or an address for them");
    while ((item = options_next_item(&at))) {
        struct public_key *key = &out->guarded[out->guarded_count];
        if (out->guarded_count == LIMIT_GUARDED) {
            config_fault(config, OPTION_SENTRY_FOR, "has more than %d", LIMIT_GUARDED);
            return;
        }
        if (hex_decode(key->bytes, sizeof key->bytes, item) == STATUS_OK)
            out->guarded_count++;
        else
            config_fault(config, OPTION_SENTRY_FOR, "takes nodes' keys, 64 digits; not %s", item);
    }
}

static void take_hidden(struct server_options *out, struct config *config) {
    out->is_hidden = config_switch(config, OPTION_HIDDEN);
    if (out->is_hidden && (out->peer_count == 0 || *out->peer_address))
        config_fault(config, OPTION_HIDDEN,
                     "goes with --peers, its sentries, and no --peer-listen");
}

static void take_joining(struct server_options *out, struct config *config) {
    const char *trusted = config_text(config, OPTION_TRUST);
    out->has_trusted = trusted && node_trusted_parse(&out->trusted, trusted);
    if (trusted && !out->has_trusted)
        config_fault(config, OPTION_TRUST,
                     "takes a height and 64 hexadecimal digits, as 7199:0a1b…; not %s", trusted);
    out->takes_old_snapshot = config_switch(config, OPTION_ALLOW_OLD_SNAPSHOT);
    out->snapshots = (uint32_t)config_number(config, OPTION_SNAPSHOTS, 0, NODE_MAX_SNAPSHOTS);
    if (!out->is_networked) out->snapshots = 0;
}

static void take_witnesses(struct server_options *out, struct config *config) {
    out->witness_count = DEVNET_WITNESSES;
    if (!config_text(config, OPTION_WITNESSES)) return;
    out->witness_count =
        (unsigned)config_number(config, OPTION_WITNESSES, DEVNET_WITNESSES, DEVNET_MOST_WITNESSES);
    if (!out->devnet)
        config_fault(config, OPTION_WITNESSES,
                     "is a devnet's; another chain's genesis tells its own");
}

static void take_witness_keys(struct server_options *out, struct config *config) {
    char text[256];
    config_copy(config, OPTION_WITNESS_KEYS, text, sizeof text);
    if (!*text) return;
    out->has_witness_choice = true;
    if (!out->devnet)
        config_fault(config, OPTION_WITNESS_KEYS, "is a devnet's; else those of the file of keys");
    if (!devnet_choose_witnesses(out->witness_choice, out->witness_count, text))
        config_fault(config, OPTION_WITNESS_KEYS,
                     "takes numbers from 1 to %u, as 1,3-4, or none; not %s", out->witness_count,
                     text);
}

// What demo rows tell lies in the past, and the chain's time is agreed on.
static void check_clock(struct server_options *out, struct config *config) {
    if (out->is_networked && out->demo && !*out->clock)
        config_fault(config, OPTION_DEMO, "among other nodes needs the --clock of them all");
}

void options_take_network(struct server_options *out, struct config *config) {
    take_peer_listen(out, config);
    take_peers(out, config);
    take_peer_announce(out, config);
    take_price(out, config);
    take_votes(out, config);
    take_first_start(out, config);
    take_accept_new_keys(out, config);
    take_sentry_for(out, config);
    take_hidden(out, config);
    take_joining(out, config);
    take_witnesses(out, config);
    take_witness_keys(out, config);
    check_clock(out, config);
}

void server_options_devnet_keys(const struct server_options *options, struct server_keys *out,
                                const struct devnet *devnet) {
    size_t count = 0;
    server_keys_of_devnet(out, devnet);
    if (!options->has_witness_choice) return;
    for (size_t i = 0; i < devnet->witness_count; i++)
        if (options->witness_choice[i]) out->witnesses[count++] = out->witnesses[i];
    out->witness_count = count;
}

const struct node_network *server_options_network(struct server_options *options) {
    options->network = (struct node_network){
        .address = *options->peer_address ? options->peer_address : NULL,
        .port = options->peer_port,
        .announced = *options->peer_announced ? options->peer_announced : NULL,
        .peers = options->peers,
        .peer_count = options->peer_count,
        .votes_dir = options->votes,
        .is_first_start = options->is_first_start,
        .accepts_new_keys = options->accepts_new_keys,
        .guarded = options->guarded,
        .guarded_count = options->guarded_count,
        .is_hidden = options->is_hidden,
        .takes_private = takes_private(options),
        .per_address = options->devnet ? DEVNET_CONNECTIONS_PER_ADDRESS : 0,
        .timeout_ms = options->devnet ? DEVNET_TIMEOUT_MS : 0};
    return options->is_networked ? &options->network : NULL;
}
