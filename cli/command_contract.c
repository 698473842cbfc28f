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

static bool read_address(struct account_id *out, const json_t *devnet, const char *text) {
    const char *address = devnet_address(devnet, text);
    if (address_decode(out->bytes, bytes_of_string(address)) == STATUS_OK) return true;
    complain(EXIT_USAGE, "%s is not an address", address);
    return false;
}

static bool read_gas(uint64_t *out, const char *text) {
    char *end;
    if (!text) return true;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *out > 0;
}

// `file` is of the module; NULL when there is none.
static bool read_request(struct request *out, const struct options *options, const json_t *devnet,
                         const char *file) {
    if (!read_hex(&out->arguments, options->arguments)) {
        complain(EXIT_USAGE, "--arguments are bytes in hex");
        return false;
    }
    if (options->value && amount_parse(&out->value, options->value) != STATUS_OK) {
        complain(EXIT_USAGE, "%s is not an amount of LMM", options->value);
        return false;
    }
    out->has_upgrader = options->upgrader != NULL;
    if (options->upgrader && !read_address(&out->upgrader, devnet, options->upgrader)) return false;
    if (file && file_read(&out->code, file, LIMIT_CODE_BYTES) != STATUS_OK) {
        complain(EXIT_FAILED, "%s cannot be read, or has more than 1 MiB", file);
        return false;
    }
    out->gas = file ? DEPLOY_GAS + DEPLOY_GAS_PER_BYTE * (uint64_t)out->code.len : CALL_GAS;
    if (read_gas(&out->gas, options->gas)) return true;
    complain(EXIT_USAGE, "--gas is a number");
    return false;
}

static int deploy(const struct options *options, const json_t *devnet, struct request *request) {
    struct tx_action action = {.kind = TX_DEPLOY,
                               .deploy = {.code = buf_bytes(&request->code),
                                          .arguments = buf_bytes(&request->arguments),
                                          .has_upgrader = request->has_upgrader,
                                          .upgrader = request->upgrader}};
    struct hash id;
    struct account_id contract;
    char address[ADDRESS_CHARS + 1];
    int result = submit_action(options, devnet, &action, request->gas, &id);
    if (result != EXIT_DONE) return result;
    account_id_of_deployed(&contract, &id, 0);
    address_encode(address, contract.bytes);
    printf(options->json ? "{\"contract\": \"%s\"}\n" : "contract  %s\n", address);
    return EXIT_DONE;
}

static int upgrade(const struct options *options, const json_t *devnet, struct request *request) {
    struct tx_action action = {.kind = TX_UPGRADE,
                               .upgrade = {.code = buf_bytes(&request->code),
                                           .arguments = buf_bytes(&request->arguments),
                                           .has_upgrader = request->has_upgrader,
                                           .upgrader = request->upgrader}};
    if (!read_address(&action.upgrade.contract, devnet, options->operands[1])) return EXIT_USAGE;
    return submit_action(options, devnet, &action, request->gas, NULL);
}

static int call(const struct options *options, const json_t *devnet, struct request *request) {
    struct tx_action action = {.kind = TX_CALL,
                               .call = {.method = bytes_of_string(options->operands[2]),
                                        .arguments = buf_bytes(&request->arguments),
                                        .value = request->value}};
    if (!read_address(&action.call.contract, devnet, options->operands[1])) return EXIT_USAGE;
    if (action.call.method.len > LIMIT_METHOD_NAME_BYTES)
        return complain(EXIT_USAGE, "a method's name has at most 64 letters");
    return submit_action(options, devnet, &action, request->gas, NULL);
}

static int run(const struct options *options, const char *file,
               int (*action)(const struct options *, const json_t *, struct request *)) {
    struct request request = {.value = amount_of_units(0)};
    json_t *devnet = devnet_load(options);
    int result = EXIT_USAGE;
    if (read_request(&request, options, devnet, file)) result = action(options, devnet, &request);
    request_clear(&request);
    json_decref(devnet);
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
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    struct account_id contract;
    struct buf path = {0};
    int result = EXIT_USAGE;
    if (url && read_address(&contract, devnet, options->operands[0])) {
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
    json_decref(devnet);
    return result;
}
