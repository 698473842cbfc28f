// SPDX-License-Identifier: Apache-2.0
// Contracts: bringing them to the chain, calling them, asking them. Arguments are JSON by the
// contract's own description, or bytes.
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/abi/abi_value.h"
#include "apps/common/json/json.h"
#include "chaincore/base/file.h"
#include "chaincore/contract/abi.h"
#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/submit.h"

// What is given when nobody says otherwise: ample for a contract of a few kilobytes.
enum { CALL_GAS = 20000000, DEPLOY_GAS = 20000000, DEPLOY_GAS_PER_BYTE = 300 };

// What the options say, once; the caller clears it.
struct request {
    struct options options; // those of the command, with the server that its contract is at home on
    struct submission submission;
    struct account_id contract;
    json_t *abi; // NULL: unknown
    struct buf arguments;
    struct buf code;
    struct amount value;
    bool has_upgrader;
    struct account_id upgrader;
    uint64_t gas;
};

static void request_begin(struct request *out, const struct options *options) {
    *out = (struct request){.options = *options, .gas = CALL_GAS};
    submission_begin(&out->submission, &out->options);
}

static void request_end(struct request *request) {
    buf_clear(&request->arguments);
    buf_clear(&request->code);
    json_decref(request->abi);
    submission_end(&request->submission);
}

// --- descriptions ---

static const char *url_of(struct request *request) {
    return devnet_url(&request->options, request->submission.devnet);
}

static void append_contract_path(struct buf *out, const struct account_id *contract,
                                 const char *rest) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, contract->bytes);
    buf_append_format(out, "/v1/contracts/%s%s", address, rest);
}

// By its address, or its name in the genesis: what a later one calls itself counts for nothing. A
// market's own contract is asked for at that market's server. An exit status, with a complaint
// unless it is done.
static int find_contract(struct request *request, const char *text) {
    const char *address = devnet_address(request->submission.devnet, text);
    struct client_reply reply = {0};
    struct buf path = {0};
    if (address_decode(request->contract.bytes, bytes_of_string(address)) == STATUS_OK)
        return EXIT_DONE;
    request->options.url = devnet_market_url(&request->options, request->submission.devnet, text);
    if (!request->options.url) return EXIT_USAGE;
    account_id_of_system_contract(&request->contract, text);
    append_contract_path(&path, &request->contract, "");
    bool is_told = client_find(&reply, &(struct client_request){.url = request->options.url,
                                                                .path = buf_as_string(&path)});
    bool is_there = reply.status == 200;
    client_reply_clear(&reply);
    buf_clear(&path);
    if (!is_told) return EXIT_FAILED;
    if (is_there) return EXIT_DONE;
    return complain(EXIT_USAGE,
                    "%s is not an address, and no contract of the genesis; see lmm "
                    "contract list",
                    text);
}

// A contract need not describe itself: without that, request->abi stays NULL. False, with a
// complaint, when nobody can say.
static bool ask_abi(struct request *request) {
    struct client_reply reply;
    struct buf path = {0};
    const char *url = url_of(request);
    if (!url) return false;
    append_contract_path(&path, &request->contract, "/abi");
    bool is_told =
        client_find(&reply, &(struct client_request){.url = url, .path = buf_as_string(&path)});
    if (is_told && reply.status == 200) request->abi = abi_parse(buf_bytes(&reply.body));
    client_reply_clear(&reply);
    buf_clear(&path);
    return is_told;
}

// --- arguments ---

static bool encode_json(struct request *request, struct bytes text, const json_t *fields) {
    struct json_fault syntax;
    struct abi_fault fault;
    json_t *value;
    if (json_parse(&value, &syntax, text, LIMIT_TX_BYTES) != STATUS_OK) {
        complain(EXIT_USAGE, "--arguments: %s", syntax.text);
        return false;
    }
    enum status status = abi_encode(&request->arguments, request->abi, fields, value, &fault);
    json_decref(value);
    if (status == STATUS_OK) return true;
    complain(EXIT_USAGE, "--arguments%s%s: %s", *fault.pointer ? " " : "", fault.pointer,
             fault.text);
    return false;
}

static bool read_hex(struct buf *out, struct bytes text) {
    struct buf ended = {0};
    size_t len = text.len / 2;
    uint8_t *room = buf_reserve(out, len + 1);
    buf_append(&ended, text);
    bool is_hex = text.len % 2 == 0 && hex_decode(room, len, buf_as_string(&ended)) == STATUS_OK;
    if (is_hex) out->len += len;
    buf_clear(&ended);
    if (!is_hex) complain(EXIT_USAGE, "--arguments are JSON ([…] or {…}), or bytes in hex");
    return is_hex;
}

// Of the option, or of the file that @FILE names. `fields` are those of the description, NULL when
// it has none.
static bool read_arguments(struct request *request, const json_t *fields) {
    const char *given = request->options.arguments;
    struct buf text = {0};
    bool is_read = false;
    if (!given) return true;
    if (*given != '@') {
        buf_append_string(&text, given);
    } else if (file_read(&text, given + 1, LIMIT_TX_BYTES) != STATUS_OK) {
        complain(EXIT_USAGE, "%s cannot be read, or is too long", given + 1);
        goto out;
    }
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1])) text.len--;
    if (text.len == 0 || (text.data[0] != '[' && text.data[0] != '{'))
        is_read = read_hex(&request->arguments, buf_bytes(&text));
    else if (request->abi)
        is_read = encode_json(request, buf_bytes(&text), fields);
    else
        complain(EXIT_FAILED, "the contract does not describe itself: --arguments can be nothing "
                              "but bytes in hex");
out:
    buf_clear(&text);
    return is_read;
}

// The method or view of this name; NULL when the description has none.
static const json_t *find_entry(const struct request *request, const char *group,
                                const char *name) {
    return json_object_get(json_object_get(request->abi, group), name);
}

// A call that is spelt wrongly costs nothing.
static bool knows(const struct request *request, const char *group, const char *name) {
    if (!request->abi || find_entry(request, group, name)) return true;
    complain(EXIT_FAILED, "the contract has no %s %s (UNKNOWN_METHOD)",
             strcmp(group, "views") == 0 ? "view" : "method", name);
    return false;
}

static const json_t *arguments_of(const json_t *entry) {
    return json_object_get(entry, "arguments");
}

// --- transactions ---

static bool read_value(struct request *request) {
    const char *text = request->options.value;
    if (!text || amount_parse(&request->value, text) == STATUS_OK) return true;
    complain(EXIT_USAGE, "%s is not an amount of LMM", text);
    return false;
}

// A module, what its init or upgrade is given, and who may change it.
static bool read_module(struct request *request, const char *path, const char *entry) {
    const char *upgrader = request->options.upgrader;
    struct bytes abi;
    if (file_read(&request->code, path, LIMIT_CODE_BYTES) != STATUS_OK) {
        complain(EXIT_FAILED, "%s cannot be read, or has more than 1 MiB", path);
        return false;
    }
    request->gas = DEPLOY_GAS + DEPLOY_GAS_PER_BYTE * (uint64_t)request->code.len;
    if (abi_of_code(buf_bytes(&request->code), &abi)) request->abi = abi_parse(abi);
    request->has_upgrader = upgrader != NULL;
    return (!upgrader || submit_address(&request->submission, upgrader, &request->upgrader)) &&
           read_arguments(request, arguments_of(json_object_get(request->abi, entry)));
}

static int deploy(struct request *request) {
    const struct options *options = &request->options;
    struct tx_action action = {.kind = TX_DEPLOY};
    struct hash id;
    struct account_id contract;
    char address[ADDRESS_CHARS + 1];
    if (!read_module(request, options->operands[1], "init")) return EXIT_USAGE;
    action.deploy.code = buf_bytes(&request->code);
    action.deploy.arguments = buf_bytes(&request->arguments);
    action.deploy.has_upgrader = request->has_upgrader;
    action.deploy.upgrader = request->upgrader;
    int result =
        submit_action(&request->submission, options->operands[0], &action, request->gas, &id);
    if (result != EXIT_DONE || options->simulate) return result;
    account_id_of_deployed(&contract, &id, 0);
    address_encode(address, contract.bytes);
    printf(options->json ? "{\"contract\": \"%s\"}\n" : "contract  %s\n", address);
    return EXIT_DONE;
}

static int upgrade(struct request *request) {
    const struct options *options = &request->options;
    struct tx_action action = {.kind = TX_UPGRADE};
    int result = find_contract(request, options->operands[1]);
    if (result != EXIT_DONE) return result;
    if (!read_module(request, options->operands[2], "upgrade")) return EXIT_USAGE;
    action.upgrade.contract = request->contract;
    action.upgrade.code = buf_bytes(&request->code);
    action.upgrade.arguments = buf_bytes(&request->arguments);
    action.upgrade.has_upgrader = request->has_upgrader;
    action.upgrade.upgrader = request->upgrader;
    return submit_action(&request->submission, options->operands[0], &action, request->gas, NULL);
}

static int approve(struct request *request) {
    const struct options *options = &request->options;
    struct tx_action action = {.kind = TX_APPROVE, .approve = {.kind = APPROVE_UPGRADE}};
    struct approved_upgrade *upgrade = &action.approve.upgrade;
    int result = find_contract(request, options->operands[1]);
    if (result != EXIT_DONE) return result;
    if (!read_module(request, options->operands[2], "upgrade")) return EXIT_USAGE;
    upgrade->contract = request->contract;
    hash_bytes(&upgrade->code, HASH_CODE, buf_bytes(&request->code));
    hash_bytes(&upgrade->arguments, HASH_ARGUMENTS, buf_bytes(&request->arguments));
    return submit_action(&request->submission, options->operands[0], &action, SUBMIT_GAS, NULL);
}

static int call(struct request *request) {
    const struct options *options = &request->options;
    const char *method = options->operands[2];
    struct tx_action action = {.kind = TX_CALL};
    if (strlen(method) > LIMIT_METHOD_NAME_BYTES)
        return complain(EXIT_USAGE, "a method's name has at most %d letters",
                        LIMIT_METHOD_NAME_BYTES);
    if (!read_value(request)) return EXIT_USAGE;
    int result = find_contract(request, options->operands[1]);
    if (result != EXIT_DONE) return result;
    if (!ask_abi(request) || !knows(request, "methods", method)) return EXIT_FAILED;
    if (!read_arguments(request, arguments_of(find_entry(request, "methods", method))))
        return EXIT_USAGE;
    action.call.contract = request->contract;
    action.call.method = bytes_of_string(method);
    action.call.arguments = buf_bytes(&request->arguments);
    action.call.value = request->value;
    return submit_action(&request->submission, options->operands[0], &action, request->gas, NULL);
}

// --- views ---

// What the view returned, as the description has it; NULL where it says nothing that fits.
static json_t *decode_result(const struct request *request, const char *view, const char *hex) {
    const char *type =
        json_string_value(json_object_get(find_entry(request, "views", view), "returns"));
    struct buf bytes = {0};
    size_t len = strlen(hex) / 2;
    json_t *value = NULL;
    if (type && hex_decode(buf_reserve(&bytes, len + 1), len, hex) == STATUS_OK) {
        bytes.len = len;
        value = abi_decode_type(request->abi, type, buf_bytes(&bytes));
    }
    buf_clear(&bytes);
    return value;
}

static int print_result(const struct request *request, const char *view, const char *hex) {
    json_t *value = decode_result(request, view, hex);
    if (request->options.json)
        return output_json(json_pack("{s:s, s:o?}", "result", hex, "value", value));
    if (value) return output_json(value);
    return printf("%s\n", hex) > 0 ? EXIT_DONE : EXIT_FAILED;
}

static int view(struct request *request) {
    const struct options *options = &request->options;
    const char *name = options->operands[1];
    struct buf path = {0};
    char *escaped = curl_easy_escape(NULL, name, 0);
    int result = find_contract(request, options->operands[0]);
    if (result != EXIT_DONE) goto out;
    result = EXIT_FAILED;
    if (!ask_abi(request) || !knows(request, "views", name)) goto out;
    result = EXIT_USAGE;
    if (!read_arguments(request, arguments_of(find_entry(request, "views", name)))) goto out;
    append_contract_path(&path, &request->contract, "/views/");
    buf_append_format(&path, "%s?arguments=", escaped);
    hex_encode((char *)buf_reserve(&path, 2 * request->arguments.len + 1),
               buf_bytes(&request->arguments));
    path.len += 2 * request->arguments.len;
    json_t *answer = client_ask_json(url_of(request), buf_as_string(&path), NULL);
    const char *hex = json_string_value(json_object_get(answer, "result"));
    result = hex ? print_result(request, name, hex) : EXIT_FAILED;
    json_decref(answer);
out:
    curl_free(escaped);
    buf_clear(&path);
    return result;
}

// --- looking ---

static void print_fields(const json_t *fields) {
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const char *name = json_string_value(json_array_get(json_array_get(fields, i), 0));
        const char *type = json_string_value(json_array_get(json_array_get(fields, i), 1));
        printf("%s%s %s", i ? ", " : "", name ? name : "?", type ? type : "?");
    }
}

static void print_entries(const json_t *group, const char *kind) {
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)group, name, entry) {
        const char *returns = json_string_value(json_object_get(entry, "returns"));
        printf("%-10s %s(", kind, name);
        print_fields(json_is_array(entry) ? entry : arguments_of(entry));
        printf(")%s%s%s\n", returns ? " -> " : "", returns ? returns : "",
               json_is_true(json_object_get(entry, "payable")) ? ", takes LMM" : "");
    }
}

// A contract chose its texts: nothing of them may command the terminal. Printed as JSON, what is
// below a blank is escaped; what is behind ASCII is left out, C1 being there.
static bool is_printable(const json_t *value) {
    struct buf text = {0};
    bool is_plain = true;
    json_write(&text, value, JSON_AS_READ);
    for (size_t i = 0; i < text.len && is_plain; i++)
        is_plain = text.data[i] >= 0x20 && text.data[i] < 0x7F &&
                   !(text.data[i] == '\\' && text.data[i + 1] != '"');
    buf_clear(&text);
    return is_plain;
}

static void print_contract(const json_t *contract, const json_t *abi) {
    static const char *const members[] = {"address", "code_hash", "upgrader", "deposit"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *text = json_string_value(json_object_get(contract, members[i]));
        printf("%-10s %s\n", members[i], text ? text : "nobody");
    }
    if (abi && !is_printable(abi))
        printf("It describes itself with characters that --json shows.\n");
    if (!abi || !is_printable(abi)) return;
    print_entries(json_object_get(abi, "methods"), "method");
    print_entries(json_object_get(abi, "views"), "view");
    print_entries(json_object_get(abi, "events"), "event");
}

static int show(struct request *request) {
    const struct options *options = &request->options;
    struct buf path = {0};
    int result = find_contract(request, options->operands[0]);
    if (result != EXIT_DONE) return result;
    if (!ask_abi(request)) return EXIT_FAILED;
    append_contract_path(&path, &request->contract, "");
    json_t *contract = client_ask_json(url_of(request), buf_as_string(&path), NULL);
    result = contract ? EXIT_DONE : EXIT_FAILED;
    if (contract && options->json) {
        json_object_set_new(contract, "abi",
                            request->abi ? json_incref(request->abi) : json_null());
        result = output_json(json_incref(contract));
    } else if (contract) {
        print_contract(contract, request->abi);
    }
    json_decref(contract);
    buf_clear(&path);
    return result;
}

static int list(struct request *request) {
    const char *url = url_of(request);
    json_t *contracts = url ? client_ask_items(url, "/v1/contracts", NULL) : NULL, *contract;
    size_t index;
    if (!contracts) return url ? EXIT_FAILED : EXIT_USAGE;
    if (request->options.json) return output_json(contracts);
    json_array_foreach(contracts, index, contract) {
        const json_t *name = json_object_get(contract, "name");
        const char *address = json_string_value(json_object_get(contract, "address"));
        bool is_named = json_is_string(name) && is_printable(contract);
        bool is_of_genesis = json_integer_value(json_object_get(contract, "height")) == 0;
        printf("%s  %s%s\n", address ? address : "?", is_named ? json_string_value(name) : "-",
               is_of_genesis ? "" : ", deployed");
    }
    json_decref(contracts);
    return EXIT_DONE;
}

static int run(const struct options *options, int (*action)(struct request *)) {
    struct request request;
    request_begin(&request, options);
    int result = action(&request);
    request_end(&request);
    return result;
}

int command_deploy(const struct options *options) { return run(options, deploy); }
int command_upgrade(const struct options *options) { return run(options, upgrade); }
int command_approve_code(const struct options *options) { return run(options, approve); }
int command_call(const struct options *options) { return run(options, call); }
int command_view(const struct options *options) { return run(options, view); }
int command_contract_list(const struct options *options) { return run(options, list); }
int command_contract_show(const struct options *options) { return run(options, show); }
