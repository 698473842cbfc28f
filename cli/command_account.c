// SPDX-License-Identifier: Apache-2.0
// Accounts: what they hold and who signs for them; stake, candidates and votes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/submit.h"

// --- looking ---

// The account as the node has it; NULL with a complaint.
static json_t *ask_account(struct submission *submission, const char *name, int *result) {
    char path[128], address[ADDRESS_CHARS + 1];
    struct account_id id;
    *result = EXIT_USAGE;
    if (!submit_address(submission, name, &id)) return NULL;
    const char *url = devnet_url(submission->options, submission->devnet);
    if (!url) return NULL;
    address_encode(address, id.bytes);
    snprintf(path, sizeof path, "/v1/accounts/%s", address);
    *result = EXIT_FAILED;
    return client_ask_json(url, path, NULL);
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "?";
}

int command_balance(const struct options *options) {
    struct submission submission;
    int result;
    submission_begin(&submission, options);
    json_t *account = ask_account(&submission, options->operands[0], &result);
    if (account && options->json)
        result = output_json(json_pack("{s:s, s:s}", "address", text_of(account, "address"),
                                       "balance", text_of(account, "balance")));
    else if (account)
        result = printf("%s LMM\n", text_of(account, "balance")) > 0 ? EXIT_DONE : EXIT_FAILED;
    json_decref(account);
    submission_end(&submission);
    return result;
}

// Behind other words, and none of them for one that stands.
static const char *standing_of(const json_t *candidate) {
    const char *left = json_string_value(json_object_get(candidate, "left"));
    if (!left) return "";
    if (strcmp(left, "expelled") == 0) return ", expelled: it contradicted itself as a witness";
    if (strcmp(left, "absent") == 0) return ", out: it was absent as a witness";
    return ", resigned";
}

static void print_candidate(const json_t *candidate) {
    printf("%s LMM of votes, %g %% commission%s, key %s\n", text_of(candidate, "votes"),
           (double)json_integer_value(json_object_get(candidate, "commission")) / 100,
           standing_of(candidate), text_of(candidate, "key"));
}

static void print_account(const json_t *account) {
    size_t index;
    json_t *item;
    const json_t *authority = json_object_get(account, "authority");
    const json_t *stake = json_object_get(account, "stake");
    const json_t *candidate = json_object_get(account, "candidate");
    printf("address    %s\nbalance    %s LMM\n", text_of(account, "address"),
           text_of(account, "balance"));
    json_array_foreach(json_object_get(authority, "keys"), index, item) {
        printf("key        %s, weight %lld of %lld\n", text_of(item, "key"),
               (long long)json_integer_value(json_object_get(item, "weight")),
               (long long)json_integer_value(json_object_get(authority, "threshold")));
    }
    if (json_is_object(stake)) printf("locked     %s LMM\n", text_of(stake, "locked"));
    json_array_foreach(json_object_get(stake, "unlocks"), index, item) {
        printf("unlocking  %s LMM, ready %s\n", text_of(item, "amount"), text_of(item, "ready"));
    }
    if (json_is_object(candidate)) {
        printf("candidate  ");
        print_candidate(candidate);
    }
    json_array_foreach(json_object_get(account, "votes"), index, item) {
        printf("votes for  %s\n", json_string_value(item));
    }
    if (json_array_size(json_object_get(account, "votes")) > 0)
        printf("earned     %s LMM\n", text_of(account, "earned"));
}

int command_account_show(const struct options *options) {
    struct submission submission;
    int result;
    submission_begin(&submission, options);
    json_t *account = ask_account(&submission, options->operands[0], &result);
    if (account && options->json) {
        result = output_json(json_incref(account));
    } else if (account) {
        print_account(account);
        result = EXIT_DONE;
    }
    json_decref(account);
    submission_end(&submission);
    return result;
}

int command_candidates(const struct options *options) {
    json_t *devnet = devnet_load(options), *candidate;
    const char *url = devnet_url(options, devnet);
    json_t *items = url ? client_ask_items(url, "/v1/candidates?perPage=1000", NULL) : NULL;
    int result = url ? EXIT_FAILED : EXIT_USAGE;
    size_t index;
    if (items && options->json) {
        result = output_json(json_incref(items));
    } else if (items) {
        json_array_foreach(items, index, candidate) {
            printf("%s  ", text_of(candidate, "address"));
            print_candidate(candidate);
        }
        result = EXIT_DONE;
    }
    json_decref(items);
    json_decref(devnet);
    return result;
}

// --- acting ---

static int run(const struct options *options,
               bool (*read)(struct submission *, struct tx_action *, struct buf *),
               enum tx_action_kind kind) {
    struct submission submission;
    struct tx_action action = {.kind = kind};
    struct buf bytes = {0}; // that the action borrows
    int result = EXIT_USAGE;
    submission_begin(&submission, options);
    if (!read || read(&submission, &action, &bytes))
        result = submit_action(&submission, options->operands[0], &action, SUBMIT_GAS, NULL);
    buf_clear(&bytes);
    submission_end(&submission);
    return result;
}

static bool read_amount(struct submission *submission, struct tx_action *action,
                        struct buf *bytes) {
    const char *text = submission->options->operands[1];
    (void)bytes;
    if (amount_parse(&action->stake.amount, text) == STATUS_OK) return true;
    complain(EXIT_USAGE, "%s is not an amount of LMM", text);
    return false;
}

// A whole number up to `most` and what ends it.
static bool read_number(const char *text, uint64_t most, uint64_t *out) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 10 || text[digits]) return false;
    *out = strtoull(text, NULL, 10);
    return *out <= most;
}

// KEY or KEY:WEIGHT.
static bool read_weighted_key(struct keyring *keyring, const char *text,
                              struct authority_key *out) {
    char name[2 * sizeof out->key.bytes + 1];
    uint64_t weight = 1;
    size_t len = strcspn(text, ":");
    if (len < sizeof name && (!text[len] || read_number(text + len + 1, UINT16_MAX, &weight)) &&
        weight > 0) {
        snprintf(name, sizeof name, "%.*s", (int)len, text);
        out->weight = (uint16_t)weight;
        return keyring_find_public(keyring, name, &out->key);
    }
    complain(EXIT_USAGE, "%s is no KEY or KEY:WEIGHT with a weight from 1 to 65535", text);
    return false;
}

static int compare_keys(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct public_key));
}

static bool read_keys(struct submission *submission, struct tx_action *action, struct buf *bytes) {
    const struct options *options = submission->options;
    struct authority authority = {0}, decoded;
    uint64_t threshold;
    if (!read_number(options->operands[1], UINT32_MAX, &threshold)) {
        complain(EXIT_USAGE, "%s is no weight that keys could reach", options->operands[1]);
        return false;
    }
    authority.threshold = (uint32_t)threshold;
    for (int i = 2; i < options->operand_count; i++) {
        if (authority.key_count == LIMIT_ACCOUNT_KEYS) {
            complain(EXIT_USAGE, "an account has at most %d keys", LIMIT_ACCOUNT_KEYS);
            return false;
        }
        if (!read_weighted_key(&submission->keyring, options->operands[i],
                               &authority.keys[authority.key_count++]))
            return false;
    }
    qsort(authority.keys, authority.key_count, sizeof *authority.keys, compare_keys);
    authority_encode(bytes, &authority);
    struct decoder decoder = decoder_of(buf_bytes(bytes));
    authority_decode_from(&decoder, &decoded);
    action->set_authority.authority = buf_bytes(bytes);
    if (decoder_finish(&decoder) == STATUS_OK) return true;
    complain(EXIT_USAGE,
             "a key is there twice, or all together do not reach %llu: nobody could "
             "sign",
             (unsigned long long)threshold);
    return false;
}

static bool read_candidate(struct submission *submission, struct tx_action *action,
                           struct buf *bytes) {
    const struct options *options = submission->options;
    struct amount commission;
    uint64_t unit = 1000000; // of an amount's 8 decimals, two are kept
    (void)bytes;
    if (amount_parse(&commission, options->operands[2]) != STATUS_OK ||
        amount_units(commission) % unit != 0 || amount_units(commission) / unit > 10000) {
        complain(EXIT_USAGE, "%s is no commission: per cent, with up to 2 digits behind the point",
                 options->operands[2]);
        return false;
    }
    action->register_candidate.commission = (uint16_t)(amount_units(commission) / unit);
    return keyring_find_public(&submission->keyring, options->operands[1],
                               &action->register_candidate.key);
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static bool read_votes(struct submission *submission, struct tx_action *action, struct buf *bytes) {
    const struct options *options = submission->options;
    struct account_id ids[LIMIT_VOTES];
    uint32_t count = 0;
    for (int i = 1; i < options->operand_count; i++) {
        if (count == LIMIT_VOTES) {
            complain(EXIT_USAGE, "an account votes for at most %d candidates", LIMIT_VOTES);
            return false;
        }
        if (!submit_address(submission, options->operands[i], &ids[count++])) return false;
    }
    qsort(ids, count, sizeof *ids, compare_ids);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && compare_ids(&ids[i - 1], &ids[i]) == 0) {
            complain(EXIT_USAGE, "a candidate is there twice");
            return false;
        }
        buf_append(bytes, BYTES_OF(ids[i].bytes));
    }
    action->vote.count = count;
    action->vote.candidates = buf_bytes(bytes);
    return true;
}

int command_set_keys(const struct options *options) {
    return run(options, read_keys, TX_SET_AUTHORITY);
}
int command_stake_lock(const struct options *options) {
    return run(options, read_amount, TX_LOCK_STAKE);
}
int command_stake_unlock(const struct options *options) {
    return run(options, read_amount, TX_UNLOCK_STAKE);
}
int command_stake_withdraw(const struct options *options) {
    return run(options, NULL, TX_WITHDRAW_STAKE);
}
int command_stake_claim(const struct options *options) {
    return run(options, NULL, TX_CLAIM_SHARES);
}
int command_candidate_register(const struct options *options) {
    return run(options, read_candidate, TX_REGISTER_CANDIDATE);
}
int command_candidate_resign(const struct options *options) {
    return run(options, NULL, TX_RESIGN_CANDIDATE);
}
int command_vote(const struct options *options) { return run(options, read_votes, TX_VOTE); }
