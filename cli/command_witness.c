// SPDX-License-Identifier: Apache-2.0
// What witnesses decide together, and evidence against one.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/submit.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

// --- parameters by their names ---

struct number {
    const char *name;
    const char *words;
    uint64_t most;
    size_t offset;
    size_t size;
};

#define NUMBER(member, words)                                                     \
    {                                                                             \
#member, words, UINT64_MAX>>(64 - 8 * sizeof((struct params){0}.member)), \
            offsetof(struct params, member), sizeof((struct params){0}.member)    \
    }

// The last one never changes, nor do the two that are true or false.
static const struct number numbers[] = {
    NUMBER(block_interval_ms, "milliseconds between two blocks"),
    NUMBER(min_gas_price, "the least price of gas, in base units"),
    NUMBER(block_gas_limit, "the gas of all that a block runs"),
    NUMBER(deposit_per_byte, "what a byte of state locks, in base units"),
    NUMBER(min_witnesses, "with fewer candidates the old witnesses go on"),
    NUMBER(protocol, "the version of the protocol"),
    NUMBER(epoch_blocks, "the blocks of an epoch"),
};
enum { CHANGEABLE = COUNT_OF(numbers) - 1 };

static uint64_t number_get(const struct params *params, const struct number *number) {
    uint8_t bytes[8] = {0};
    memcpy(bytes, (const char *)params + number->offset, number->size);
    return load_u64_le(bytes);
}

static void number_set(struct params *params, const struct number *number, uint64_t value) {
    uint8_t bytes[8];
    store_u64_le(bytes, value);
    memcpy((char *)params + number->offset, bytes, number->size);
}

static bool read_parameters(struct params *out, const json_t *json) {
    *out = (struct params){.leave_out_empty_blocks =
                               json_is_true(json_object_get(json, "leave_out_empty_blocks")),
                           .allow_floats = json_is_true(json_object_get(json, "allow_floats"))};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const json_t *value = json_object_get(json, numbers[i].name);
        if (!json_is_integer(value)) return false;
        number_set(out, &numbers[i], (uint64_t)json_integer_value(value));
    }
    return true;
}

static bool ask_parameters(struct params *out, const char *url) {
    json_t *json = client_ask_json(url, "/v1/parameters", NULL);
    bool is_read = json && read_parameters(out, json);
    if (json && !is_read) complain(EXIT_FAILED, "the node's answer makes no sense");
    json_decref(json);
    return is_read;
}

// --- what there is to approve of ---

static bool decode_approval(struct approval *out, const json_t *item) {
    uint8_t encoded[APPROVAL_MAX_BYTES];
    const char *hex = json_string_value(json_object_get(item, "content"));
    size_t len = hex ? strlen(hex) / 2 : 0;
    if (len == 0 || len > sizeof encoded || hex_decode(encoded, len, hex) != STATUS_OK)
        return false;
    struct decoder decoder = decoder_of(bytes_of(encoded, len));
    approval_decode_from(&decoder, out);
    return decoder_finish(&decoder) == STATUS_OK && out->kind != APPROVE_NOTHING;
}

static void print_hash(FILE *to, const char *what, const struct hash *hash) {
    char hex[2 * sizeof hash->bytes + 1];
    hex_encode(hex, BYTES_OF(hash->bytes));
    fprintf(to, "  %s %s\n", what, hex);
}

// By its content, and not by what a node says of that.
static void print_approval(FILE *to, const struct approval *approval, const struct params *now) {
    char address[ADDRESS_CHARS + 1];
    if (approval->kind == APPROVE_UPGRADE) {
        address_encode(address, approval->upgrade.contract.bytes);
        fprintf(to, "  other code for contract %s\n", address);
        print_hash(to, "code hash", &approval->upgrade.code);
        print_hash(to, "hash of its arguments", &approval->upgrade.arguments);
        return;
    }
    bool is_any = false;
    for (size_t i = 0; i < CHANGEABLE; i++) {
        uint64_t before = number_get(now, &numbers[i]);
        uint64_t then = number_get(&approval->params, &numbers[i]);
        if (before == then) continue;
        is_any = true;
        fprintf(to, "  %s: %llu -> %llu (%s)\n", numbers[i].name, (unsigned long long)before,
                (unsigned long long)then, numbers[i].words);
    }
    if (!is_any) fprintf(to, "  the parameters as they are\n");
}

static json_t *ask_ballots(const char *url) { return client_ask_json(url, "/v1/ballots", NULL); }

static long long number_of(const json_t *object, const char *name) {
    return json_integer_value(json_object_get(object, name));
}

static void print_effect(const json_t *item, const char *condition) {
    const json_t *at = json_object_get(item, "takes_effect");
    if (json_is_object(at))
        printf("  takes effect at height %lld, epoch %lld%s\n", number_of(at, "height"),
               number_of(at, "epoch"), condition);
    else
        printf("  takes effect when somebody brings the code: lmm contract upgrade\n");
}

static bool print_items(const json_t *ballots, const struct params *now) {
    struct approval approval;
    size_t index, place;
    json_t *item, *witness;
    json_array_foreach(json_object_get(ballots, "items"), index, item) {
        if (!decode_approval(&approval, item)) return false;
        printf("open: %lld of %lld witnesses approve, %lld decide\n", number_of(item, "approvals"),
               number_of(ballots, "seats"), number_of(ballots, "quorum"));
        print_approval(stdout, &approval, now);
        print_effect(item, ", if it is decided in this one");
        json_array_foreach(json_object_get(item, "witnesses"), place, witness) {
            const char *account = json_string_value(json_object_get(witness, "account"));
            printf("  approved by witness %lld, %s\n", number_of(witness, "index"),
                   account ? account : "?");
        }
    }
    json_array_foreach(json_object_get(ballots, "decided"), index, item) {
        if (!decode_approval(&approval, item)) return false;
        printf("decided\n");
        print_approval(stdout, &approval, now);
        print_effect(item, "");
    }
    if (json_array_size(json_object_get(ballots, "items")) == 0 &&
        json_array_size(json_object_get(ballots, "decided")) == 0)
        printf("no witness asks for anything\n");
    return true;
}

int command_ballots(const struct options *options) {
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    struct params now;
    json_t *ballots = url ? ask_ballots(url) : NULL;
    int result = url ? EXIT_FAILED : EXIT_USAGE;
    if (ballots && options->json) {
        result = output_json(json_incref(ballots));
    } else if (ballots && ask_parameters(&now, url)) {
        result = print_items(ballots, &now)
                     ? EXIT_DONE
                     : complain(EXIT_FAILED, "the node's answer makes no sense");
    }
    json_decref(ballots);
    json_decref(devnet);
    return result;
}

// --- approving ---

// Of these words the whole text is one number.
static bool read_number(const char *text, uint64_t most, uint64_t *out) {
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9') return false;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *out <= most;
}

static bool change_parameter(struct params *params, const char *text) {
    size_t len = strcspn(text, "=");
    uint64_t value;
    for (size_t i = 0; i < CHANGEABLE; i++) {
        if (strlen(numbers[i].name) != len || memcmp(numbers[i].name, text, len) != 0) continue;
        if (text[len] == '=' && read_number(text + len + 1, numbers[i].most, &value)) {
            number_set(params, &numbers[i], value);
            return true;
        }
        complain(EXIT_USAGE, "%s is a number up to %llu: %s=NUMBER", numbers[i].name,
                 (unsigned long long)numbers[i].most, numbers[i].name);
        return false;
    }
    complain(EXIT_USAGE,
             "%.*s is no parameter that changes; these are block_interval_ms, min_gas_price, "
             "block_gas_limit, deposit_per_byte, min_witnesses and protocol",
             (int)len, text);
    return false;
}

// What is decided already, or else what rules: the others stay so.
static void find_base(struct params *out, const struct params *now, const json_t *ballots) {
    struct approval approval;
    size_t index;
    json_t *item;
    *out = *now;
    json_array_foreach(json_object_get(ballots, "decided"), index, item) {
        if (decode_approval(&approval, item) && approval.kind == APPROVE_PARAMETERS)
            *out = approval.params;
    }
}

struct decision {
    struct submission *submission;
    const char *url;
    struct params now;
    json_t *ballots;
    struct approval approval;
};

static int read_changes(struct decision *decision) {
    const struct options *options = decision->submission->options;
    decision->approval.kind = APPROVE_PARAMETERS;
    find_base(&decision->approval.params, &decision->now, decision->ballots);
    for (int i = 1; i < options->operand_count; i++)
        if (!change_parameter(&decision->approval.params, options->operands[i])) return EXIT_USAGE;
    return EXIT_DONE;
}

static bool names_account(const json_t *item, const char *address) {
    size_t index;
    json_t *witness;
    json_array_foreach(json_object_get(item, "witnesses"), index, witness) {
        const char *account = json_string_value(json_object_get(witness, "account"));
        if (account && strcmp(account, address) == 0) return true;
    }
    return false;
}

static int read_same(struct decision *decision) {
    const char *name = decision->submission->options->operands[1];
    char address[ADDRESS_CHARS + 1];
    struct account_id id;
    size_t index;
    json_t *item;
    if (!submit_address(decision->submission, name, &id)) return EXIT_USAGE;
    address_encode(address, id.bytes);
    json_array_foreach(json_object_get(decision->ballots, "items"), index, item) {
        if (!names_account(item, address)) continue;
        if (decode_approval(&decision->approval, item)) return EXIT_DONE;
        return complain(EXIT_FAILED, "the node's answer makes no sense");
    }
    return complain(EXIT_FAILED, "%s is no witness that approves of anything; see lmm ballots",
                    name);
}

static int send(struct submission *submission, const struct approval *approval) {
    struct tx_action action = {.kind = TX_APPROVE, .approve = *approval};
    return submit_action(submission, submission->options->operands[0], &action, SUBMIT_GAS, NULL);
}

static int decide(const struct options *options, int (*read)(struct decision *)) {
    struct submission submission;
    struct decision decision = {.submission = &submission};
    int result = EXIT_USAGE;
    submission_begin(&submission, options);
    decision.url = devnet_url(options, submission.devnet);
    if (!decision.url) goto out;
    result = EXIT_FAILED;
    decision.ballots = ask_ballots(decision.url);
    if (!decision.ballots || !ask_parameters(&decision.now, decision.url)) goto out;
    result = read(&decision);
    if (result != EXIT_DONE) goto out;
    if (!options->json) {
        fprintf(stderr, "approves of\n");
        print_approval(stderr, &decision.approval, &decision.now);
    }
    result = send(&submission, &decision.approval);
out:
    json_decref(decision.ballots);
    submission_end(&submission);
    return result;
}

int command_approve_parameters(const struct options *options) {
    return decide(options, read_changes);
}
int command_approve_same(const struct options *options) { return decide(options, read_same); }

int command_approve_nothing(const struct options *options) {
    struct approval nothing = {.kind = APPROVE_NOTHING};
    struct submission submission;
    submission_begin(&submission, options);
    int result = send(&submission, &nothing);
    submission_end(&submission);
    return result;
}

// --- evidence ---

static bool read_evidence(struct evidence *out, const char *path) {
    struct buf bytes = {0};
    enum status status = file_read(&bytes, path, EVIDENCE_BYTES);
    struct decoder decoder = decoder_of(buf_bytes(&bytes));
    if (status == STATUS_OK) {
        evidence_decode_from(&decoder, out);
        status = decoder_finish(&decoder);
        if (status != STATUS_OK)
            complain(EXIT_FAILED, "%s is no evidence: two signatures that contradict one another",
                     path);
    } else {
        complain(EXIT_FAILED, "%s cannot be read, or has more than %d bytes", path, EVIDENCE_BYTES);
    }
    buf_clear(&bytes);
    return status == STATUS_OK;
}

int command_evidence(const struct options *options) {
    struct tx_action action = {.kind = TX_EVIDENCE};
    struct submission submission;
    int result = EXIT_FAILED;
    submission_begin(&submission, options);
    if (read_evidence(&action.evidence, options->operands[1]))
        result = submit_action(&submission, options->operands[0], &action, SUBMIT_GAS, NULL);
    submission_end(&submission);
    return result;
}
