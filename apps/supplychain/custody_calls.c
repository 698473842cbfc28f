// SPDX-License-Identifier: Apache-2.0
// Custody's methods over HTTP, called by the server's own account. A body has the arguments that
// the contract's description names, but for the one that stands in the path; what may be left out
// is filled in. No rule is judged here: what is wrong, the contract refuses.
#include "apps/common/abi/abi_value.h"
#include "apps/common/json/json.h"
#include "apps/common/server/signing.h"
#include "apps/supplychain/custody_lists.h"
#include "apps/supplychain/custody_routes.h"
#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

// The most; what is set aside is what it takes when it is tried, and something for what happens to
// the goods until it runs.
enum { CUSTODY_GAS = 6000000, GAS_PER_READING = 300000, GAS_SPARE = 300000 };

#define HASH_URI_HEAD "ni:///sha-256;"
#define HASH_URI_TAIL "?ver=CBV2.0"

struct call {
    const char *method;
    const char *of; // the argument that the path's {id} is; NULL: none
    void (*fill)(json_t *body);
};

static bool refuse(struct http_response *response, const char *pointer, const char *detail) {
    http_problem(response, STATUS_INVALID, "invalid_body", detail);
    http_problem_violation(response, pointer, "form", detail);
    return false;
}

static void fill_in(json_t *object, const char *name, json_t *value) {
    if (json_object_get(object, name))
        json_decref(value);
    else
        json_object_set_new(object, name, value);
}

// Its body is an object.
static bool read_body(json_t **out, struct http_request *request, struct http_response *response) {
    struct json_fault fault;
    struct bytes body = http_body(request);
    if (body.len == 0) body = bytes_of_string("{}");
    if (json_parse(out, &fault, body, CUSTODY_BODY_BYTES) != STATUS_OK)
        return refuse(response, "", fault.text);
    return json_is_object(*out) || refuse(response, "", "The body is a JSON object.");
}

static bool encode(struct buf *out, struct supplychain *market, const struct call *call,
                   json_t *body, struct http_response *response) {
    struct abi_fault fault;
    const json_t *methods = json_object_get(market->description, "methods");
    const json_t *fields = json_object_get(json_object_get(methods, call->method), "arguments");
    if (abi_encode(out, market->description, fields, body, &fault) == STATUS_OK) return true;
    return refuse(response, fault.pointer, fault.text);
}

static bool read_arguments(struct buf *out, struct server *server, const struct call *call,
                           struct http_request *request, struct http_response *response) {
    json_t *body = NULL;
    uint64_t id;
    bool is_read = read_body(&body, request, response);
    if (is_read && call->of) {
        ENSURE(custody_read_id(request, &id));
        if (json_object_get(body, call->of))
            is_read = refuse(response, "", "The path says already of what it is.");
        else
            json_object_set_new(body, call->of, json_integer((json_int_t)id));
    }
    if (is_read && call->fill) call->fill(body);
    is_read = is_read && encode(out, server->market, call, body, response);
    json_decref(body);
    return is_read;
}

static enum status answer(struct server *server, struct http_request *request,
                          struct http_response *response, const struct call *call) {
    struct buf arguments = {0};
    enum status status = STATUS_OK;
    uint64_t unused;
    if (call->of && !custody_read_id(request, &unused)) return STATUS_NOT_FOUND;
    if (read_arguments(&arguments, server, call, request, response)) {
        struct signer_order order = {.action = {.kind = TX_CALL,
                                                .call = {.contract = server->contract,
                                                         .method = bytes_of_string(call->method),
                                                         .arguments = buf_bytes(&arguments)}},
                                     .gas_limit = CUSTODY_GAS +
                                                  GAS_PER_READING * (uint64_t)(arguments.len / 16)};
        signing_fit_gas(server, request, &order, GAS_SPARE);
        status = signing_answer_order(server, request, response, &order);
    }
    buf_clear(&arguments);
    return status;
}

// ---- shipments

// An event's hash as lists tell it, or its digits alone.
static void fill_event_hash(json_t *body) {
    struct bytes text = json_string_bytes(json_object_get(body, "event_hash"));
    size_t head = strlen(HASH_URI_HEAD), tail = strlen(HASH_URI_TAIL), digits = 64;
    if (text.len != head + digits + tail || memcmp(text.data, HASH_URI_HEAD, head) != 0 ||
        memcmp(text.data + head + digits, HASH_URI_TAIL, tail) != 0)
        return;
    json_object_set_new(body, "event_hash", json_stringn((const char *)text.data + head, digits));
}

static void fill_registration(json_t *body) {
    struct buf epc = {0};
    json_t *given = json_object_get(body, "epc");
    if (json_is_string(given) && identifier_canonicalise(&epc, json_string_bytes(given)))
        json_object_set_new(body, "epc", json_stringn((const char *)epc.data, epc.len));
    buf_clear(&epc);
    fill_event_hash(body);
    fill_in(body, "uom", json_string(""));
}

enum status post_shipment(void *server, struct http_request *request,
                          struct http_response *response) {
    static const struct call call = {.method = "register", .fill = fill_registration};
    return answer(server, request, response, &call);
}

static void fill_departure(json_t *body) {
    fill_in(body, "rules", json_array());
    json_t *rules = json_object_get(body, "rules");
    for (size_t i = 0; i < json_array_size(rules); i++) {
        json_t *rule = json_array_get(rules, i);
        if (!json_is_object(rule)) continue;
        fill_in(rule, "min_milli", json_null());
        fill_in(rule, "max_milli", json_null());
        fill_in(rule, "sensors", json_array());
    }
}

enum status post_departure(void *server, struct http_request *request,
                           struct http_response *response) {
    static const struct call call = {"depart", "shipment", fill_departure};
    return answer(server, request, response, &call);
}

enum status post_arrival(void *server, struct http_request *request,
                         struct http_response *response) {
    static const struct call call = {"arrive", "shipment", NULL};
    return answer(server, request, response, &call);
}

static void fill_readings(json_t *body) { fill_in(body, "rule", json_integer(0)); }

// With a sensor they are what it signed, else the custodian's word.
enum status post_readings(void *server, struct http_request *request,
                          struct http_response *response) {
    static const struct call measured = {"measure", "shipment", fill_readings};
    static const struct call reported = {"report", "shipment", fill_readings};
    json_t *body = NULL;
    if (!read_body(&body, request, response)) {
        json_decref(body);
        return STATUS_OK;
    }
    bool is_signed = json_object_get(body, "sensor") || json_object_get(body, "signature");
    json_decref(body);
    return answer(server, request, response, is_signed ? &measured : &reported);
}

// ---- hand-overs

enum status post_hand_over(void *server, struct http_request *request,
                           struct http_response *response) {
    static const struct call call = {.method = "offer"};
    return answer(server, request, response, &call);
}

enum status post_acceptance(void *server, struct http_request *request,
                            struct http_response *response) {
    static const struct call call = {"accept", "hand_over", NULL};
    return answer(server, request, response, &call);
}

enum status post_refusal(void *server, struct http_request *request,
                         struct http_response *response) {
    static const struct call call = {"refuse", "hand_over", NULL};
    return answer(server, request, response, &call);
}

enum status post_withdrawal(void *server, struct http_request *request,
                            struct http_response *response) {
    static const struct call call = {"withdraw", "hand_over", NULL};
    return answer(server, request, response, &call);
}
