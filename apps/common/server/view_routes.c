// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/view_routes.h"

#include <stdio.h>

#include "apps/common/abi/abi_value.h"
#include "apps/common/json/json.h"
#include "apps/common/server/abi.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/chain_json.h"
#include "chaincore/chaincore.h"

enum { MAX_ARGUMENT_BYTES = LIMIT_HTTP_URI_BYTES / 2 };

void view_answer_problem(struct server *server, struct http_response *response,
                         const struct account_id *id, enum tx_code code, uint32_t contract_code) {
    struct buf module = {0}, sentence = {0};
    struct bytes abi;
    char number[11];
    bool is_unknown = code == TX_CODE_UNKNOWN_CONTRACT || code == TX_CODE_UNKNOWN_METHOD;
    http_problem_as(response, is_unknown ? 404 : 422, tx_code_name(code), tx_code_text(code));
    if (code == TX_CODE_CONTRACT_REFUSED) {
        snprintf(number, sizeof number, "%u", contract_code);
        http_problem_member(response, "contract_code", number);
        if (node_read_code(server->node, id, &module) == STATUS_OK &&
            abi_of_code(buf_bytes(&module), &abi) && abi_sentence(abi, contract_code, &sentence))
            http_problem_member(response, "contract_message", buf_as_string(&sentence));
    }
    buf_clear(&module);
    buf_clear(&sentence);
}

enum status get_contract_view(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    struct bytes text;
    struct buf result = {0};
    uint8_t arguments[MAX_ARGUMENT_BYTES];
    uint32_t contract_code;
    size_t len = 0;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    enum status status = http_query(request, "arguments", &text);
    if (status == STATUS_OK) {
        len = text.len / 2;
        status = text.len % 2 == 0 && len <= sizeof arguments
                     ? hex_decode(arguments, len, (const char *)text.data)
                     : STATUS_MALFORMED;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        http_problem(response, STATUS_INVALID, "not_hex", "`arguments` are bytes in hex.");
        return STATUS_OK;
    }
    enum tx_code code =
        node_query(server->node, &id, (const char *)http_param(request, "method").data,
                   bytes_of(arguments, len), &result, &contract_code);
    if (code == TX_CODE_OK) {
        buf_append_string(http_body_buf(response), "{\"result\":\"");
        chain_json_digits(http_body_buf(response), buf_bytes(&result));
        buf_append_string(http_body_buf(response), "\"}");
        http_set_type(response, "application/json");
    } else {
        view_answer_problem(server, response, &id, code, contract_code);
    }
    buf_clear(&result);
    return STATUS_OK;
}

// ---- by the contract's description

struct typed_view {
    struct server *server;
    struct account_id contract;
    const char *method;
    json_t *abi;
    const json_t *entry; // of the view
    struct buf arguments;
};

static void refuse(struct http_response *response, const char *pointer, const char *why) {
    http_problem(response, STATUS_INVALID, "invalid_arguments", why);
    http_problem_violation(response, pointer, "abi/type", why);
}

// False: the response says why there is no such view to be asked in JSON.
static bool find_view(struct typed_view *view, struct http_response *response) {
    struct buf code = {0};
    struct bytes text;
    bool is_there = node_read_code(view->server->node, &view->contract, &code) == STATUS_OK;
    if (is_there && abi_of_code(buf_bytes(&code), &text)) view->abi = abi_parse(text);
    buf_clear(&code);
    view->entry = json_object_get(json_object_get(view->abi, "views"), view->method);
    if (view->entry) return true;
    if (!is_there || view->abi)
        http_problem_as(response, 404,
                        tx_code_name(is_there ? TX_CODE_UNKNOWN_METHOD : TX_CODE_UNKNOWN_CONTRACT),
                        tx_code_text(is_there ? TX_CODE_UNKNOWN_METHOD : TX_CODE_UNKNOWN_CONTRACT));
    else
        http_problem(response, STATUS_UNSUPPORTED, "no_description",
                     "The contract does not describe itself; ask with bytes, by GET.");
    return false;
}

static bool read_arguments(struct typed_view *view, struct http_request *request,
                           struct http_response *response) {
    static const char *const members[] = {"arguments", NULL};
    struct json_fault syntax;
    struct abi_fault fault;
    struct buf pointer = {0};
    json_t *body = NULL, *given;
    bool is_read = false;
    const char *why = NULL;
    if (json_parse(&body, &syntax, http_body(request), VIEW_BODY_BYTES) != STATUS_OK)
        why = syntax.text;
    else if (!json_is_object(body) || !json_has_only(body, members, &pointer))
        why = "The body is an object with `arguments`.";
    if (why) {
        refuse(response, buf_as_string(&pointer), why);
        goto out;
    }
    if (!json_object_get(body, "arguments")) json_object_set_new(body, "arguments", json_array());
    given = json_object_get(body, "arguments");
    is_read = abi_encode(&view->arguments, view->abi, json_object_get(view->entry, "arguments"),
                         given, &fault) == STATUS_OK;
    if (is_read) goto out;
    buf_append_format(&pointer, "/arguments%s", fault.pointer);
    refuse(response, buf_as_string(&pointer), fault.text);
out:
    json_decref(body);
    buf_clear(&pointer);
    return is_read;
}

static void append_result(struct buf *out, const struct typed_view *view, struct bytes result) {
    const char *type = json_string_value(json_object_get(view->entry, "returns"));
    json_t *value = type ? abi_decode_type(view->abi, type, result) : NULL;
    buf_append_string(out, "{\"result\":");
    if (value)
        json_write(out, value, JSON_AS_READ);
    else
        buf_append_string(out, "null");
    buf_append_string(out, ",\"result_hex\":");
    chain_json_hex(out, result);
    buf_append_byte(out, '}');
    json_decref(value);
}

static void answer_view(struct typed_view *view, struct http_response *response) {
    struct buf result = {0};
    uint32_t contract_code;
    enum tx_code code = node_query(view->server->node, &view->contract, view->method,
                                   buf_bytes(&view->arguments), &result, &contract_code);
    if (code == TX_CODE_OK) {
        append_result(http_body_buf(response), view, buf_bytes(&result));
        http_set_type(response, "application/json");
    } else {
        view_answer_problem(view->server, response, &view->contract, code, contract_code);
    }
    buf_clear(&result);
}

enum status post_contract_view(void *context, struct http_request *request,
                               struct http_response *response) {
    struct typed_view view = {.server = context,
                              .method = (const char *)http_param(request, "method").data};
    if (!chain_asked_address(request, response, &view.contract)) return STATUS_OK;
    if (find_view(&view, response) && read_arguments(&view, request, response))
        answer_view(&view, response);
    json_decref(view.abi);
    buf_clear(&view.arguments);
    return STATUS_OK;
}
