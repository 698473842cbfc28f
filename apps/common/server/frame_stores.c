// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <stdio.h>

#include "apps/common/server/answers.h"
#include "apps/common/server/api_keys.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/firm.h"
#include "apps/common/server/frame.h"
#include "apps/common/server/server_hooks.h"
#include "apps/common/server/sponsor.h"
#include "chaincore/chaincore.h"

int frame_open_signers(struct frame *frame) {
    struct server *server = &frame->server;
    char path[PATH_MAX + 32];
    struct signer_set_config config = {.node = server->node,
                                       .path = path,
                                       .own = &frame->keys.server,
                                       .accounts = frame->keys.accounts,
                                       .account_count = frame->keys.account_count};
    snprintf(path, sizeof path, "%s/outbox.db", server->data_dir);
    enum status status = signer_set_open(&server->signers, &config);
    if (status != STATUS_OK) return frame_fail_store(frame, "the outbox cannot be opened", status);
    server->signer = signer_set_own(server->signers);
    server->payer = signer_set_find(server->signers, frame->options.sponsor_account);
    return 0;
}

int frame_open_sponsor(struct frame *frame) {
    static const char *const none[] = {NULL};
    struct server *server = &frame->server;
    struct sponsor_terms terms = frame->options.sponsor;
    char path[PATH_MAX + 32];
    if (amount_is_zero(terms.a_day)) return 0;
    if (!server->payer)
        return frame_fail(frame, EXIT_CONFIGURATION, "there is no key of --sponsor-account",
                          STATUS_NOT_FOUND);
    terms.methods = frame->market->sponsored_methods ? frame->market->sponsored_methods : none;
    snprintf(path, sizeof path, "%s/sponsor.db", server->data_dir);
    enum status status = sponsor_open(&server->sponsor, path, &terms);
    if (status == STATUS_OK) return 0;
    return frame_fail_store(frame, "what was spent on others cannot be read", status);
}

// The demo key: made on the first start, the same ever after.
static enum status read_api_key(struct server *server) {
    char path[PATH_MAX + 32];
    uint8_t key[32];
    struct buf stored = {0};
    snprintf(path, sizeof path, "%s/api-key", server->data_dir);
    enum status status = file_read(&stored, path, sizeof server->api_key);
    if (status == STATUS_OK && stored.len == 64) {
        memcpy(server->api_key, stored.data, 64);
    } else if (status == STATUS_NOT_FOUND) {
        random_bytes(key, sizeof key);
        hex_encode(server->api_key, BYTES_OF(key));
        status = file_replace(path, bytes_of_string(server->api_key), 0600);
    } else if (status == STATUS_OK) {
        status = STATUS_CORRUPT;
    }
    buf_clear(&stored);
    return status;
}

int frame_open_api_keys(struct frame *frame) {
    struct server *server = &frame->server;
    char path[PATH_MAX + 32];
    enum status status = read_api_key(server);
    if (status != STATUS_OK) return frame_fail(frame, EXIT_FAILURE, "no API key", status);
    frame->key = (struct http_key){.name = server->is_devnet ? "devnet" : "first", .scopes = "*"};
    http_key_hash(frame->key.hash, bytes_of_string(server->api_key));
    snprintf(path, sizeof path, "%s/api-keys.db", server->data_dir);
    status = api_keys_open(&server->api_keys, path);
    if (status == STATUS_OK) return 0;
    return frame_fail_store(frame, "the API keys cannot be read", status);
}

int frame_open_spending(struct frame *frame) {
    struct server *server = &frame->server;
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/spending.db", server->data_dir);
    enum status status = spending_open(&server->spending, path);
    if (status == STATUS_OK) return 0;
    return frame_fail_store(frame, "what API keys have spent cannot be read", status);
}

int frame_open_firm(struct frame *frame) {
    enum status status = firm_open(&frame->server);
    if (status == STATUS_OK) {
        callers_take_key_notes(&frame->server); // of what a crash has cut off
        return 0;
    }
    return frame_fail_store(frame, "the firm's members cannot be read", status);
}

int frame_open_answers(struct frame *frame) {
    struct server *server = &frame->server;
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/answers.db", server->data_dir);
    enum status status = answers_open(&server->answers, &(struct answers_config){.path = path});
    if (status == STATUS_OK) return 0;
    return frame_fail_store(frame, "kept answers cannot be read", status);
}

int frame_open_hooks(struct frame *frame) {
    const struct hook_rules rules = {.allows_http = frame->options.hooks_http,
                                     .allows_private = frame->options.hooks_private};
    enum status status = server_hooks_open(&frame->server, frame->market, &rules);
    if (status == STATUS_OK) return 0;
    return frame_fail_store(frame, "the webhooks cannot be read", status);
}
