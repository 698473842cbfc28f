// SPDX-License-Identifier: Apache-2.0
// Capturing: a document is judged whole before it is answered; then it goes to the chain under a
// job, in one transaction where it fits, staged in chunks where not. The job ends when its last
// transaction is final; one that fails then, or before, is dropped on the chain by the server
// itself.
#include "apps/common/server/signing.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

enum {
    CHUNK_BYTES = 40000,  // of the document, in one transaction
    CHUNK_ENTRIES = 200,  // 19,400 bytes more
    SINGLE_BYTES = 60000, // document and entries that fit one transaction
    MAX_ORDERS = CAPTURE_MAX_BYTES / CHUNK_BYTES + CAPTURE_MAX_EVENTS / CHUNK_ENTRIES + 4,
    GAS_FLAT = 2000000,
    GAS_PER_BYTE = 60,
    GAS_PER_ENTRY = 50000,
    GAS_PER_DROPPED_CHUNK = 20000,
};

static void show_violations(struct http_response *response, enum status status,
                            const struct violations *violations) {
    http_problem(response, status == STATUS_TOO_LARGE ? STATUS_TOO_LARGE : STATUS_INVALID,
                 "invalid_document", "The document is not valid EPCIS 2.0; nothing was captured.");
    for (size_t i = 0; i < violations->count; i++)
        http_problem_violation(response, violations->items[i].pointer, violations->items[i].rule,
                               violations->items[i].detail);
}

// Checks and takes the body apart. False: the response tells why not.
static bool read_document(struct supplychain *market, struct http_request *request,
                          struct http_response *response, struct epcis_document *out) {
    struct violations violations = {0};
    struct epcis_fault fault = {0};
    struct bytes body = http_body(request);
    enum status status =
        epcis_document_check(&violations, market->rules, body, &capture_acceptance);
    if (status != STATUS_OK) {
        show_violations(response, status, &violations);
    } else {
        status = epcis_document_split(out, &fault, body);
        if (status != STATUS_OK) {
            http_problem(response, status, "invalid_document", fault.reason);
            http_problem_violation(response, fault.pointer, "epcis/events", fault.reason);
        }
    }
    violations_clear(&violations);
    return status == STATUS_OK;
}

enum status post_event_hash(void *context, struct http_request *request,
                            struct http_response *response) {
    struct server *server = context;
    struct epcis_document document = {0};
    struct buf *out = http_body_buf(response);
    if (!read_document(server->market, request, response, &document)) return STATUS_OK;
    buf_append_string(out, "{\"hashes\":[");
    for (size_t i = 0; i < document.event_count; i++) {
        char uri[EVENT_HASH_URI_SIZE];
        event_hash_print(uri, document.events[i].hash);
        buf_append_format(out, "%s\"%s\"", i ? "," : "", uri);
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    epcis_document_clear(&document);
    return STATUS_OK;
}

// The transactions of one capture, in the request's arena.
struct plan {
    struct server *server;
    struct arena *arena;
    uint8_t job[32];
    size_t count;
    struct signer_order *orders;
    struct signer_order cleanup; // of what was staged
};

static void add_order(struct plan *plan, const char *method, const struct buf *arguments,
                      size_t entry_count) {
    struct bytes kept = arena_copy(plan->arena, buf_bytes(arguments));
    ENSURE(plan->count < MAX_ORDERS);
    plan->orders[plan->count++] =
        (struct signer_order){.action = {.kind = TX_CALL,
                                         .call = {.contract = plan->server->contract,
                                                  .method = bytes_of_string(method),
                                                  .arguments = kept}},
                              .gas_limit = GAS_FLAT + GAS_PER_BYTE * (uint64_t)kept.len +
                                           GAS_PER_ENTRY * (uint64_t)entry_count};
}

static void encode_entries(struct buf *out, const struct epcis_document *document, size_t first,
                           size_t count) {
    encode_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) entry_encode(out, &document->events[first + i]);
}

static void plan_single(struct plan *plan, const struct epcis_document *document,
                        struct bytes body) {
    struct buf arguments = {0};
    encode_fixed(&arguments, plan->job, sizeof plan->job);
    encode_bytes(&arguments, body);
    encode_entries(&arguments, document, 0, document->event_count);
    add_order(plan, "capture", &arguments, document->event_count);
    buf_clear(&arguments);
}

// The job's id is borrowed.
static struct signer_order order_drop(const struct server *server, const uint8_t job[32],
                                      uint32_t chunks) {
    return (struct signer_order){.action = {.kind = TX_CALL,
                                            .call = {.contract = server->contract,
                                                     .method = bytes_of_string("drop"),
                                                     .arguments = bytes_of(job, 32)}},
                                 .gas_limit = GAS_FLAT + GAS_PER_DROPPED_CHUNK * (uint64_t)chunks};
}

static void plan_staged(struct plan *plan, const struct epcis_document *document,
                        struct bytes body) {
    struct buf arguments = {0};
    size_t offset = 0, entry = 0;
    uint32_t index = 0;
    for (; offset < body.len || entry < document->event_count; index++) {
        size_t len = body.len - offset < CHUNK_BYTES ? body.len - offset : CHUNK_BYTES;
        size_t left = document->event_count - entry;
        size_t entries = left < CHUNK_ENTRIES ? left : CHUNK_ENTRIES;
        buf_reset(&arguments);
        encode_fixed(&arguments, plan->job, sizeof plan->job);
        encode_u32(&arguments, index);
        encode_bytes(&arguments, bytes_of(body.data + offset, len));
        encode_entries(&arguments, document, entry, entries);
        add_order(plan, "stage", &arguments, 0);
        offset += len;
        entry += entries;
    }
    buf_reset(&arguments);
    encode_fixed(&arguments, plan->job, sizeof plan->job);
    encode_u32(&arguments, index);
    encode_u64(&arguments, body.len);
    add_order(plan, "close", &arguments, document->event_count + (size_t)index * 10);
    plan->cleanup = order_drop(plan->server, plan->job, index);
    buf_clear(&arguments);
}

static enum status submit(const struct plan *plan, struct http_request *request,
                          struct http_response *response) {
    struct signer_job job = {.is_listed = true,
                             .orders = plan->orders,
                             .count = plan->count,
                             .cleanup = plan->count > 1 ? &plan->cleanup : NULL};
    char location[16 + 64 + 1] = "/capture/";
    bool is_accepted;
    memcpy(job.id, plan->job, sizeof job.id);
    enum status status = signing_submit(plan->server, request, response, &job, &is_accepted);
    if (status != STATUS_OK || !is_accepted) return status;
    hex_encode(location + strlen(location), BYTES_OF(plan->job));
    http_set_code(response, 202);
    http_set_header(response, "Location", location);
    return STATUS_OK;
}

enum status post_capture(void *context, struct http_request *request,
                         struct http_response *response) {
    struct server *server = context;
    struct epcis_document document = {0};
    struct plan plan = {.server = server, .arena = http_arena(request)};
    struct bytes body = http_body(request);
    const char *behaviour = http_header(request, "GS1-Capture-Error-Behaviour");
    if (behaviour && strcmp(behaviour, "rollback") != 0) {
        http_problem(response, STATUS_INVALID, "unsupported_error_behaviour",
                     "Captures are all or nothing here: GS1-Capture-Error-Behaviour can only be "
                     "rollback.");
        http_problem_member(response, "header", "GS1-Capture-Error-Behaviour");
        http_problem_member(response, "supported", "rollback");
        return STATUS_OK;
    }
    if (!read_document(server->market, request, response, &document)) return STATUS_OK;
    enum status status = STATUS_OK;
    if (document.event_count == 0) {
        http_problem(response, STATUS_INVALID, "no_events", "The document holds no events.");
        http_problem_violation(response, epcis_event_list_pointer(document.form),
                               "epcis/event-count", "there are no events");
    } else {
        plan.orders = arena_alloc_array(plan.arena, MAX_ORDERS, sizeof *plan.orders);
        if (!http_idempotency_id(request, plan.job)) random_bytes(plan.job, sizeof plan.job);
        if (body.len + document.event_count * ENTRY_BYTES <= SINGLE_BYTES)
            plan_single(&plan, &document, body);
        else
            plan_staged(&plan, &document, body);
        status = submit(&plan, request, response);
    }
    epcis_document_clear(&document);
    return status;
}

// What the chain holds of a job of an account: whether it is there, and then whether it is closed,
// and of how many chunks.
struct chain_job {
    bool is_there, is_closed;
    uint32_t chunks;
};
static enum status ask_contract(struct server *server, const struct account_id *account,
                                const uint8_t job[32], struct chain_job *out) {
    struct buf arguments = {0}, answer = {0};
    uint32_t contract_code;
    encode_fixed(&arguments, account, ACCOUNT_ID_BYTES);
    encode_fixed(&arguments, job, 32);
    enum tx_code code = node_query(server->node, &server->contract, "job", buf_bytes(&arguments),
                                   &answer, &contract_code);
    struct decoder in = decoder_of(buf_bytes(&answer));
    *out = (struct chain_job){.is_there = decode_u8(&in) != 0}; // an option
    out->is_closed = out->is_there && decode_u8(&in) != 0;
    out->chunks = out->is_there ? decode_u32(&in) : 0;
    enum status status = code == TX_CODE_OK ? in.status : STATUS_UNAVAILABLE;
    buf_clear(&arguments);
    buf_clear(&answer);
    return status;
}

// Is the server itself still sending what belongs to the job?
static bool is_under_way(struct server *server, struct arena *arena, const uint8_t job[32]) {
    struct outbox_job kept;
    return signer_set_find_job(server->signers, job, arena, &kept) == STATUS_OK &&
           kept.finished_ms == 0;
}

enum status delete_capture(void *context, struct http_request *request,
                           struct http_response *response) {
    struct server *server = context;
    struct chain_job found;
    uint8_t job[32];
    if (hex_decode(job, sizeof job, (const char *)http_param(request, "id").data) != STATUS_OK)
        return STATUS_NOT_FOUND;
    if (is_under_way(server, http_arena(request), job)) {
        http_problem(response, STATUS_CONFLICT, "capture_running",
                     "This capture is on its way; only one that stays unfinished can be dropped.");
        return STATUS_OK;
    }
    struct signer_key *signer = signing_signer(server, request, response);
    if (!signer) return STATUS_OK;
    enum status status = ask_contract(server, signer_account(signer), job, &found);
    if (status != STATUS_OK) return status;
    if (!found.is_there) return STATUS_NOT_FOUND;
    if (found.is_closed) {
        http_problem(response, STATUS_CONFLICT, "capture_finished",
                     "This capture is finished: what is on the chain stays there.");
        return STATUS_OK;
    }
    struct signer_order order = order_drop(server, job, found.chunks);
    return signing_answer_order(server, request, response, &order);
}
