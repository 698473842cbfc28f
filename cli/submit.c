// SPDX-License-Identifier: Apache-2.0
#include "cli/submit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/wallet.h"

enum { VALID_BLOCKS = 1000 };
enum { KEPT_OPEN_MS = 1000, FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 2000 };

// What a transaction needs to know of the chain and of the sender.
struct place {
    const char *url;
    struct hash chain_id;
    uint64_t height;
    uint64_t gas_price;
    uint64_t account_deposit; // of an account that the transaction makes
    uint64_t next_seq;
    uint64_t gas_limit; // of the transaction
};

static bool ask_place(struct place *out, const char *sender) {
    char path[128];
    json_t *chain = client_ask_json(out->url, "/v1/chain", NULL);
    snprintf(path, sizeof path, "/v1/accounts/%s", sender);
    json_t *account = chain ? client_ask_json(out->url, path, NULL) : NULL;
    const char *chain_id = json_string_value(json_object_get(chain, "chain_id"));
    const json_t *price = json_object_get(chain, "min_gas_price");
    bool is_whole = chain_id && account &&
                    hex_decode(out->chain_id.bytes, sizeof out->chain_id, chain_id) == STATUS_OK;
    if (chain && account && !is_whole) complain(EXIT_FAILED, "the node's answer makes no sense");
    out->height = (uint64_t)json_integer_value(json_object_get(chain, "height"));
    out->gas_price = price ? (uint64_t)json_integer_value(price) : 1;
    out->account_deposit = (uint64_t)json_integer_value(json_object_get(chain, "account_deposit"));
    out->next_seq = (uint64_t)json_integer_value(json_object_get(account, "next_seq"));
    json_decref(chain);
    json_decref(account);
    return is_whole;
}

// FROM: a role or address of the devnet, or a name or number of the keystore. Who names a keystore
// means it.
static bool find_key(const struct options *options, const json_t *devnet, const char *from,
                     struct secret_key *out) {
    struct wallet wallet;
    if (!options->keystore && devnet_key(devnet, from, out)) return true;
    bool is_found = wallet_open(&wallet, WALLET_READ, options);
    if (is_found && !wallet_key(&wallet, from, out)) {
        is_found = devnet_key(devnet, from, out);
        if (!is_found)
            complain(EXIT_FAILED, "%s is neither a role of the devnet nor a key of %s", from,
                     wallet.path);
    }
    wallet_close(&wallet);
    return is_found;
}

int submit_print(const json_t *tx, const struct options *options) {
    const char *status = json_string_value(json_object_get(tx, "status"));
    const char *id = json_string_value(json_object_get(tx, "id"));
    const json_t *height = json_object_get(tx, "height");
    const char *code = json_string_value(json_object_get(tx, "code"));
    const char *message = json_string_value(json_object_get(tx, "message"));
    const char *own = json_string_value(json_object_get(tx, "contract_message"));
    if (own) message = own; // the contract's own words
    if (!status || !id) return complain(EXIT_FAILED, "the node's answer makes no sense");
    bool has_failed = strcmp(status, "failed") == 0;
    if (options->json) {
        output_json(json_pack("{s:s, s:s, s:O?, s:s?}", "id", id, "status", status, "height",
                              height, "code", code));
    } else {
        printf("%s  %s", id, status);
        if (json_is_integer(height))
            printf(" at height %lld", (long long)json_integer_value(height));
        if (has_failed) printf(": %s (%s)", message ? message : "refused", code ? code : "?");
        printf("\n");
    }
    return has_failed ? EXIT_FAILED : EXIT_DONE;
}

static json_t *ask(const char *url, const char *id, bool waits) {
    char path[160];
    snprintf(path, sizeof path, "/v1/transactions/%s%s", id, waits ? "?wait=final" : "");
    return client_ask_json(url, path, NULL);
}

// A node keeps a question open until there is news; one that has no room for it answers at once,
// and is asked again less and less often.
static void pause_after(uint64_t asked_ms, uint32_t *pause_ms) {
    if (clock_monotonic_ms() - asked_ms >= KEPT_OPEN_MS) {
        *pause_ms = FIRST_PAUSE_MS;
        return;
    }
    struct timespec pause = {.tv_sec = *pause_ms / 1000,
                             .tv_nsec = (long)(*pause_ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
    *pause_ms = *pause_ms < LONGEST_PAUSE_MS / 2 ? *pause_ms * 2 : LONGEST_PAUSE_MS;
}

json_t *submit_ask(const char *url, const char *id, bool waits) {
    for (uint32_t pause_ms = FIRST_PAUSE_MS;;) {
        uint64_t asked_ms = clock_monotonic_ms();
        json_t *tx = ask(url, id, waits);
        const char *status = json_string_value(json_object_get(tx, "status"));
        if (!waits || !status || strcmp(status, "final") == 0 || strcmp(status, "failed") == 0)
            return tx;
        json_decref(tx);
        pause_after(asked_ms, &pause_ms);
    }
}

static enum status build(struct buf *out, const struct place *place, const struct secret_key *key,
                         const struct tx_action *action, struct hash *id) {
    struct public_key public;
    struct tx tx = {.version = TX_VERSION,
                    .seq = place->next_seq,
                    .valid_until = place->height + VALID_BLOCKS,
                    .gas_limit = place->gas_limit,
                    .gas_price = place->gas_price,
                    .action_count = 1,
                    .actions = {*action}};
    key_public_of(&public, key);
    account_id_of_key(&tx.sender, &public);
    tx_id(id, &tx);
    enum status status = tx_sign(&tx, TX_ROLE_SENDER, key, &place->chain_id);
    if (status == STATUS_OK) tx_encode(out, &tx);
    return status;
}

// What a transaction may lock is bounded by its gas money; a transfer may make an account.
static void cover_deposit(struct place *place, const struct tx_action *action) {
    if (action->kind != TX_TRANSFER || place->gas_price == 0) return;
    uint64_t needed = place->account_deposit / place->gas_price + 1;
    if (needed > place->gas_limit) place->gas_limit = needed;
}

static int send(const struct options *options, const struct place *place,
                const struct secret_key *key, const struct tx_action *action,
                struct hash *tx_hash) {
    struct buf encoded = {0};
    int result = EXIT_FAILED;
    if (build(&encoded, place, key, action, tx_hash) == STATUS_OK) {
        struct bytes body = buf_bytes(&encoded);
        json_t *tx = client_ask_json(place->url, "/v1/transactions", &body);
        const char *id = json_string_value(json_object_get(tx, "id"));
        if (id && options->wait) {
            json_t *done = submit_ask(place->url, id, true);
            json_decref(tx);
            tx = done;
        }
        if (tx) result = submit_print(tx, options);
        json_decref(tx);
    }
    buf_clear(&encoded);
    return result;
}

int submit_action(const struct options *options, const json_t *devnet,
                  const struct tx_action *action, uint64_t gas_limit, struct hash *id) {
    struct place place = {.url = devnet_url(options, devnet), .gas_limit = gas_limit};
    struct secret_key key;
    struct public_key public;
    struct hash unused;
    char sender[ADDRESS_CHARS + 1];
    if (!place.url) return EXIT_USAGE;
    if (!find_key(options, devnet, options->operands[0], &key)) return EXIT_FAILED;
    key_public_of(&public, &key);
    address_of_key(sender, &public);
    int result = EXIT_FAILED;
    if (ask_place(&place, sender)) {
        cover_deposit(&place, action);
        result = send(options, &place, &key, action, id ? id : &unused);
    }
    secret_clear(&key, sizeof key);
    return result;
}
