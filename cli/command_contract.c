// SPDX-License-Identifier: Apache-2.0
// Contracts: bringing them to the chain, calling them, asking them.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/submit.h"

// What is given when nobody says otherwise: ample for a contract of a few kilobytes.
enum { CALL_GAS = 20000000, DEPLOY_GAS = 20000000, DEPLOY_GAS_PER_BYTE = 300 };

// What the options say, once; the caller clears it.
struct request {
    struct buf arguments;
    struct buf code;
    struct amount value;
    bool has_upgrader;
    struct account_id upgrader;
    uint64_t gas;
};

static void request_clear(struct request *request) {
    buf_clear(&request->arguments);
    buf_clear(&request->code);
}

static bool read_hex(struct buf *out, const char *text) {
    size_t len = text ? strlen(text) / 2 : 0;
    if (!text) return true;
    uint8_t *room = buf_reserve(out, len + 1);
    if (strlen(text) % 2 != 0 || hex_decode(room, len, text) != STATUS_OK) return false;
    out->len += len;
    return true;
}

// `file` is of the module; NULL when there is none.
static bool read_request(struct request *out, const struct submission *submission,
                         const char *file) {
    const struct options *options = submission->options;
    if (!read_hex(&out->arguments, options->arguments)) {
        complain(EXIT_USAGE, "--arguments are bytes in hex");
        return false;
    }
    if (options->value && amount_parse(&out->value, options->value) != STATUS_OK) {
        complain(EXIT_USAGE, "%s is not an amount of LMM", options->value);
        return false;
    }
    out->has_upgrader = options->upgrader != NULL;
    if (options->upgrader && !submit_address(submission, options->upgrader, &out->upgrader))
        return false;
    if (file && file_read(&out->code, file, LIMIT_CODE_BYTES) != STATUS_OK) {
        complain(EXIT_FAILED, "%s cannot be read, or has more than 1 MiB", file);
        return false;
    }
    out->gas = file ? DEPLOY_GAS + DEPLOY_GAS_PER_BYTE * (uint64_t)out->code.len : CALL_GAS;
    return true;
}

static int deploy(struct submission *submission, struct request *request) {
    struct tx_action action = {.kind = TX_DEPLOY,
                               .deploy = {.code = buf_bytes(&request->code),
                                          .arguments = buf_bytes(&request->arguments),
                                          .has_upgrader = request->has_upgrader,
                                          .upgrader = request->upgrader}};
    struct hash id;
    struct account_id contract;
    char address[ADDRESS_CHARS + 1];
    int result =
        submit_action(submission, submission->options->operands[0], &action, request->gas, &id);
    if (result != EXIT_DONE) return result;
    account_id_of_deployed(&contract, &id, 0);
    address_encode(address, contract.bytes);
    printf(submission->options->json ? "{\"contract\": \"%s\"}\n" : "contract  %s\n", address);
    return EXIT_DONE;
}

static int upgrade(struct submission *submission, struct request *request) {
    struct tx_action action = {.kind = TX_UPGRADE,
                               .upgrade = {.code = buf_bytes(&request->code),
                                           .arguments = buf_bytes(&request->arguments),
                                           .has_upgrader = request->has_upgrader,
                                           .upgrader = request->upgrader}};
    if (!submit_address(submission, submission->options->operands[1], &action.upgrade.contract))
        return EXIT_USAGE;
    return submit_action(submission, submission->options->operands[0], &action, request->gas, NULL);
}

static int call(struct submission *submission, struct request *request) {
    struct tx_action action = {.kind = TX_CALL,
                               .call = {.method = bytes_of_string(submission->options->operands[2]),
                                        .arguments = buf_bytes(&request->arguments),
                                        .value = request->value}};
    if (!submit_address(submission, submission->options->operands[1], &action.call.contract))
        return EXIT_USAGE;
    if (action.call.method.len > LIMIT_METHOD_NAME_BYTES)
        return complain(EXIT_USAGE, "a method's name has at most 64 letters");
    return submit_action(submission, submission->options->operands[0], &action, request->gas, NULL);
}

static int run(const struct options *options, const char *file,
               int (*action)(struct submission *, struct request *)) {
    struct submission submission;
    struct request request = {.value = amount_of_units(0)};
    int result = EXIT_USAGE;
    submission_begin(&submission, options);
    if (read_request(&request, &submission, file)) result = action(&submission, &request);
    request_clear(&request);
    submission_end(&submission);
    return result;
}

int command_deploy(const struct options *options) {
    return run(options, options->operands[1], deploy);
}

int command_upgrade(const struct options *options) {
    return run(options, options->operands[2], upgrade);
}

int command_call(const struct options *options) { return run(options, NULL, call); }

int command_view(const struct options *options) {
    struct submission submission;
    struct account_id contract;
    struct buf path = {0};
    int result = EXIT_USAGE;
    submission_begin(&submission, options);
    const char *url = devnet_url(options, submission.devnet);
    if (url && submit_address(&submission, options->operands[0], &contract)) {
        char address[ADDRESS_CHARS + 1];
        address_encode(address, contract.bytes);
        buf_append_format(&path, "/v1/contracts/%s/views/%s?arguments=%s", address,
                          options->operands[1], options->arguments ? options->arguments : "");
        json_t *answer = client_ask_json(url, buf_as_string(&path), NULL);
        const char *text = json_string_value(json_object_get(answer, "result"));
        if (text) printf(options->json ? "{\"result\": \"%s\"}\n" : "%s\n", text);
        result = text ? EXIT_DONE : EXIT_FAILED;
        json_decref(answer);
    }
    buf_clear(&path);
    submission_end(&submission);
    return result;
}
