// SPDX-License-Identifier: Apache-2.0
#include "cli/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/stake.h"
#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/simulate.h"

enum { VALID_BLOCKS = 1000 };
enum { KEPT_OPEN_MS = 1000, FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 2000 };

// What a transaction needs to know of the chain.
struct place {
    const char *url;
    struct hash chain_id;
    uint64_t height;
    uint64_t gas_price;
    uint64_t account_deposit; // of an account that the transaction makes
};

static bool ask_place(struct place *out) {
    json_t *chain = client_ask_json(out->url, "/v1/chain", NULL);
    const char *chain_id = json_string_value(json_object_get(chain, "chain_id"));
    const json_t *price = json_object_get(chain, "min_gas_price");
    bool is_whole =
        chain_id && hex_decode(out->chain_id.bytes, sizeof out->chain_id, chain_id) == STATUS_OK;
    if (chain && !is_whole) complain(EXIT_FAILED, "the node's answer makes no sense");
    out->height = (uint64_t)json_integer_value(json_object_get(chain, "height"));
    out->gas_price = price ? (uint64_t)json_integer_value(price) : 1;
    out->account_deposit = (uint64_t)json_integer_value(json_object_get(chain, "account_deposit"));
    json_decref(chain);
    return is_whole;
}

// --- who signs ---

// An account, and those of its keys that are at hand. Secret.
struct signer {
    struct account_id id;
    uint64_t next_seq;
    struct authority authority;
    uint32_t count;
    struct secret_key keys[LIMIT_ACCOUNT_KEYS];
};

static bool read_authority(struct authority *out, const json_t *json) {
    size_t index;
    json_t *item;
    *out = (struct authority){.threshold =
                                  (uint32_t)json_integer_value(json_object_get(json, "threshold"))};
    json_array_foreach(json_object_get(json, "keys"), index, item) {
        const char *key = json_string_value(json_object_get(item, "key"));
        struct authority_key *to = &out->keys[out->key_count];
        if (out->key_count == LIMIT_ACCOUNT_KEYS || !key ||
            hex_decode(to->key.bytes, sizeof to->key.bytes, key) != STATUS_OK)
            return false;
        to->weight = (uint16_t)json_integer_value(json_object_get(item, "weight"));
        out->key_count++;
    }
    return true;
}

static bool ask_signer(struct signer *signer, const char *url) {
    char path[128], address[ADDRESS_CHARS + 1];
    address_encode(address, signer->id.bytes);
    snprintf(path, sizeof path, "/v1/accounts/%s", address);
    json_t *account = client_ask_json(url, path, NULL);
    const json_t *seq = json_object_get(account, "next_seq");
    bool is_whole = json_is_integer(seq) &&
                    read_authority(&signer->authority, json_object_get(account, "authority"));
    if (account && !is_whole) complain(EXIT_FAILED, "the node's answer makes no sense");
    signer->next_seq = (uint64_t)json_integer_value(seq);
    json_decref(account);
    return is_whole;
}

// `names`: with commas between them.
static bool find_keys(struct signer *out, struct keyring *keyring, const char *names) {
    char name[KEYSTORE_NAME_MAX + ADDRESS_CHARS + 1];
    while (*names) {
        size_t len = strcspn(names, ",");
        if (len == 0 || len >= sizeof name || out->count == LIMIT_ACCOUNT_KEYS) {
            complain(EXIT_USAGE, "keys have names with commas between them, at most %d",
                     LIMIT_ACCOUNT_KEYS);
            return false;
        }
        snprintf(name, sizeof name, "%.*s", (int)len, names);
        if (!keyring_find(keyring, name, &out->keys[out->count])) return false;
        out->count++;
        names += len + (names[len] ? 1 : 0);
    }
    return out->count > 0;
}

// The account is `account`, or that of the one key.
static bool find_signer(struct signer *out, struct submission *submission, const char *names,
                        const char *account) {
    struct public_key key;
    *out = (struct signer){0};
    if (!find_keys(out, &submission->keyring, names)) return false;
    if (account) return submit_address(submission, account, &out->id);
    if (out->count != 1) {
        complain(EXIT_USAGE, "several keys sign for an account: which one is --account?");
        return false;
    }
    key_public_of(&key, &out->keys[0]);
    account_id_of_key(&out->id, &key);
    return true;
}

// An account with an authority signs by index, lower ones first; another by the key that it is.
static bool sign(struct tx *tx, enum tx_role role, const struct signer *signer,
                 const struct hash *chain_id) {
    const struct authority *authority = &signer->authority;
    uint32_t count = 0;
    for (uint32_t k = 0; k < authority->key_count; k++)
        for (uint32_t i = 0; i < signer->count; i++) {
            struct public_key key;
            key_public_of(&key, &signer->keys[i]);
            if (memcmp(&key, &authority->keys[k].key, sizeof key) != 0) continue;
            if (tx_sign_indexed(tx, role, (uint8_t)k, &signer->keys[i], chain_id) != STATUS_OK)
                return false;
            count++;
            break;
        }
    if (authority->key_count == 0 && signer->count == 1)
        return tx_sign(tx, role, &signer->keys[0], chain_id) == STATUS_OK;
    return count == signer->count;
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
        output_json(json_pack("{s:s, s:s, s:O?, s:s?, s:s?}", "id", id, "status", status, "height",
                              height, "code", code, "message", has_failed ? message : NULL));
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

// --- sending ---

// What a transaction may lock is bounded by its gas money: a price for each byte of the state.
static uint64_t gas_for_deposit(const struct place *place, const struct tx_action *action) {
    uint64_t bytes = 0;
    if (action->kind == TX_TRANSFER) bytes = ACCOUNT_BYTES;
    if (action->kind == TX_SET_AUTHORITY) bytes = account_authority_bytes(LIMIT_ACCOUNT_KEYS);
    if (action->kind == TX_LOCK_STAKE) bytes = STAKE_BYTES;
    if (action->kind == TX_REGISTER_CANDIDATE) bytes = CANDIDATE_BYTES;
    if (action->kind == TX_APPROVE) bytes = BALLOT_BYTES;
    if (action->kind == TX_VOTE) bytes = votes_bytes(action->vote.count);
    if (bytes == 0 || place->gas_price == 0) return 0;
    uint64_t accounts = bytes / ACCOUNT_BYTES + 1;
    if (place->account_deposit > INT64_MAX / accounts) return INT64_MAX;
    return accounts * place->account_deposit / place->gas_price + 1;
}

static bool read_gas(uint64_t *out, const char *text) {
    char *end;
    if (!text) return true;
    *out = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && *out > 0) return true;
    complain(EXIT_USAGE, "--gas is a number");
    return false;
}

// On its own a pending one looks like one that is done.
static void tell_how_to_follow(const json_t *tx) {
    const char *id = json_string_value(json_object_get(tx, "id"));
    const char *status = json_string_value(json_object_get(tx, "status"));
    if (!id || !status || strcmp(status, "pending") != 0) return;
    fflush(stdout);
    fprintf(stderr,
            "It is taken, not yet final, and may still fail. How it ends: lmm tx %s --wait\n", id);
}

static int send(const struct options *options, const char *url, const struct tx *tx) {
    struct buf encoded = {0};
    int result = EXIT_FAILED;
    tx_encode(&encoded, tx);
    struct bytes body = buf_bytes(&encoded);
    json_t *answer = client_ask_json(url, "/v1/transactions", &body);
    const char *id = json_string_value(json_object_get(answer, "id"));
    if (id && options->wait) {
        json_t *done = submit_ask(url, id, true);
        json_decref(answer);
        answer = done;
    }
    if (answer) result = submit_print(answer, options);
    if (!options->json) tell_how_to_follow(answer);
    json_decref(answer);
    buf_clear(&encoded);
    return result;
}

// Signed and sent, or only tried, unless a key is none of its account's.
static int sign_and_send(const struct options *options, const struct place *place, struct tx *tx,
                         const struct signer *sender, const struct signer *payer) {
    if (!sign(tx, TX_ROLE_SENDER, sender, &place->chain_id) ||
        (tx->has_payer && !sign(tx, TX_ROLE_PAYER, payer, &place->chain_id)))
        return complain(EXIT_FAILED, "one of the keys is none that signs for the account");
    return options->simulate ? simulate_tx(options, place->url, tx) : send(options, place->url, tx);
}

int submit_action(struct submission *submission, const char *from, const struct tx_action *action,
                  uint64_t gas_limit, struct hash *id) {
    static struct tx tx;
    const struct options *options = submission->options;
    struct place place = {.url = devnet_url(options, submission->devnet)};
    struct signer sender, payer = {0};
    int result = EXIT_FAILED;
    if (!place.url || !read_gas(&gas_limit, options->gas)) return EXIT_USAGE;
    if (find_signer(&sender, submission, from, options->account) &&
        (!options->payer || find_signer(&payer, submission, options->payer, NULL)) &&
        ask_place(&place) && ask_signer(&sender, place.url) &&
        (!options->payer || ask_signer(&payer, place.url))) {
        uint64_t needed = gas_for_deposit(&place, action);
        tx = (struct tx){.version = TX_VERSION,
                         .sender = sender.id,
                         .seq = sender.next_seq,
                         .valid_until = place.height + VALID_BLOCKS,
                         .gas_limit = needed > gas_limit ? needed : gas_limit,
                         .gas_price = place.gas_price,
                         .has_payer = options->payer != NULL,
                         .payer = payer.id,
                         .action_count = 1,
                         .actions = {*action}};
        if (id) tx_id(id, &tx);
        result = sign_and_send(options, &place, &tx, &sender, &payer);
    }
    secret_clear(&sender, sizeof sender);
    secret_clear(&payer, sizeof payer);
    return result;
}

void submission_begin(struct submission *out, const struct options *options) {
    json_t *devnet = devnet_load(options);
    *out = (struct submission){.options = options, .devnet = devnet};
    keyring_init(&out->keyring, options, devnet);
}

void submission_end(struct submission *submission) {
    keyring_clear(&submission->keyring);
    json_decref(submission->devnet);
}

bool submit_address(const struct submission *submission, const char *text, struct account_id *out) {
    const char *address = devnet_address(submission->devnet, text);
    if (address_decode(out->bytes, bytes_of_string(address)) == STATUS_OK) return true;
    complain(EXIT_USAGE, "%s is not an address", address);
    return false;
}
