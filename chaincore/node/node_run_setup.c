// SPDX-License-Identifier: Apache-2.0
// What a node among others is told at its start, and what it keeps of them in its data folder.
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/node_run_inside.h"

enum { BOOK_MAX_BYTES = 1 + 4 + LIMIT_BOOK_ENTRIES * (ENDPOINT_BYTES + 8 + 8) };

// --- configuration ---

static bool is_named_twice(const struct network *network, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (peer_names_clash(&network->peers[i], &network->peers[index])) return true;
    return false;
}

static enum status parse_peers(struct network *network, const struct node_network *config) {
    if (config->peer_count > LIMIT_BOOK_FIXED) return STATUS_TOO_LARGE;
    for (size_t i = 0; i < config->peer_count; i++) {
        if (!peer_name_parse(&network->peers[i], config->peers[i])) {
            log_error("node", "no address and port of a peer", log_text("peer", config->peers[i]));
            return STATUS_INVALID;
        }
        if (is_named_twice(network, i)) {
            log_error("node", "two keys are named for one address of a peer",
                      log_text("peer", config->peers[i]));
            return STATUS_INVALID;
        }
    }
    return STATUS_OK;
}

static enum status parse_announced(struct network *network, const struct node_network *config) {
    const char *text = config->announced;
    if (!text) return STATUS_OK;
    if (config->is_hidden || !config->address) return STATUS_INVALID;
    if (endpoint_parse(&network->announced, text) &&
        endpoint_may_be_told(&network->announced, config->takes_private))
        return STATUS_OK;
    log_error("node", "no address and port that could be announced", log_text("address", text));
    return STATUS_INVALID;
}

static enum status write_key(const char *path, const uint8_t seed[32]) {
    return file_replace(path, bytes_of(seed, 32), 0600);
}

// Its own, which no transaction and no vote is signed with; made at the first start.
static enum status load_key(struct network *network) {
    char path[PATH_MAX];
    struct buf stored = {0};
    uint8_t seed[32];
    file_path_in(path, network->node->folder, "node.key");
    enum status status = file_read(&stored, path, sizeof seed);
    if (status == STATUS_NOT_FOUND) {
        random_bytes(seed, sizeof seed);
        status = write_key(path, seed);
    } else if (status == STATUS_OK && stored.len != sizeof seed) {
        status = STATUS_CORRUPT;
    } else if (status == STATUS_OK) {
        memcpy(seed, stored.data, sizeof seed);
    }
    if (status == STATUS_OK) key_from_seed(&network->key, &network->public, seed);
    secret_clear(seed, sizeof seed);
    if (stored.data) secret_clear(stored.data, stored.len);
    buf_clear(&stored);
    return status;
}

enum status network_configure(struct node *node, const struct node_network *config) {
    enum status status;
    if (!config) return STATUS_OK;
    if (!config->votes_dir || config->guarded_count > LIMIT_GUARDED) return STATUS_INVALID;
    if (config->is_hidden && config->address) return STATUS_INVALID;
    struct network *network = mem_alloc(sizeof *network);
    node->network = network;
    network->node = node;
    network->config = *config;
    network->votes_dir = mem_copy_string(config->votes_dir);
    if (config->address) network->address = mem_copy_string(config->address);
    for (size_t i = 0; i < config->guarded_count; i++) network->guarded[i] = config->guarded[i];
    TRY(parse_peers(network, config));
    TRY(parse_announced(network, config));
    TRY(load_key(network));
out:
    return status;
}

void network_clear(struct node *node) {
    struct network *network = node->network;
    if (!network) return;
    secret_clear(&network->key, sizeof network->key);
    buf_clear(&network->outbox);
    buf_clear(&network->peers_now);
    mem_free(network->address);
    mem_free(network->votes_dir);
    mem_free(network);
    node->network = NULL;
}

// --- the list of peers ---

void network_keep_book(struct network *network) {
    char path[PATH_MAX];
    struct buf encoded = {0};
    file_path_in(path, network->node->folder, "peers");
    book_encode(&encoded, host_book(network->host));
    enum status status = file_replace(path, buf_bytes(&encoded), 0600);
    buf_clear(&encoded);
    if (status != STATUS_OK)
        log_warning("node", "the list of peers cannot be kept",
                    log_text("status", status_name(status)));
}

// What cannot be read is a loss of time alone.
void network_load_book(struct network *network) {
    char path[PATH_MAX];
    struct buf stored = {0};
    file_path_in(path, network->node->folder, "peers");
    enum status status = file_read(&stored, path, BOOK_MAX_BYTES);
    if (status == STATUS_OK) status = book_decode(host_book(network->host), buf_bytes(&stored));
    buf_clear(&stored);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        log_warning("node", "the list of peers is not readable",
                    log_text("status", status_name(status)));
}
