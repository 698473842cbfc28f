// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/ready.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "chaincore/chaincore.h"

static void append_ready_account(struct buf *out, struct server *server, int index) {
    const struct devnet_account *known = &server->devnet.accounts[index];
    struct account account;
    uint64_t next_seq;
    struct public_key key;
    char address[ADDRESS_CHARS + 1], balance[AMOUNT_TEXT_MAX], public[65];
    key_public_of(&key, &known->key);
    hex_encode(public, BYTES_OF(key.bytes));
    node_account(server->node, &known->id, &account, &next_seq);
    address_encode(address, known->id.bytes);
    amount_format(balance, account.balance);
    buf_append_format(out,
                      "%s{\"role\":\"%s\",\"address\":\"%s\",\"public_key\":\"%s\",\"path\":\"%s\","
                      "\"balance\":\"%s\"}",
                      index ? "," : "", known->role, address, public, known->path, balance);
}

enum status ready_write(struct server *server, const struct server_options *options) {
    struct params params;
    struct buf out = {0};
    char path[PATH_MAX + 32], chain_id[65];
    node_params(server->node, &params);
    hex_encode(chain_id, BYTES_OF(node_chain_id(server->node)->bytes));
    buf_append_format(&out, "{\"chain_id\":\"%s\",\"block_interval_ms\":%u,", chain_id,
                      params.block_interval_ms);
    if (server->is_devnet) buf_append_format(&out, "\"mnemonic\":\"%s\",", devnet_mnemonic);
    buf_append_string(&out, "\"accounts\":[");
    for (int i = 0; server->is_devnet && i < DEVNET_ACCOUNTS; i++)
        append_ready_account(&out, server, i);
    buf_append_format(&out,
                      "],\"market\":\"%s\",\"url\":\"%s://%s:%u\",\"api_key\":\"%s\","
                      "\"pid\":%ld,\"data_dir\":",
                      server->market_name, *options->tls_certificate ? "https" : "http",
                      options->address, http_server_port(server->http), server->api_key,
                      (long)getpid());
    http_append_json_string(&out, bytes_of_string(server->data_dir));
    buf_append_string(&out, "}\n");
    snprintf(path, sizeof path, "%s/ready.json", server->data_dir);
    // The keys of a devnet are everybody's; those of any other chain their owner's alone.
    enum status status = file_replace(path, buf_bytes(&out), server->is_devnet ? 0644 : 0600);
    buf_clear(&out);
    return status;
}

void ready_remove(const struct server *server) {
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/ready.json", server->data_dir);
    unlink(path);
}
