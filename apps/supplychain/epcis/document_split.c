// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/document_split.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/scalar.h"
#include "chaincore/base/limits.h"

#define REPOSITORY_IRI "https://repository-x.example.com/"

struct split {
    struct epcis_document *document;
    struct epcis_fault *fault;
    struct epcis_context *context;
    const struct json_span *event_list; // NULL: the root is the event
    struct event_scope scope;
    struct buf line;
    struct buf epcs;
    struct buf text;
};

const char *epc_place_name(enum epc_place place) {
    switch (place) {
    case EPC_IN_LIST:
        return "epcList";
    case EPC_IN_CHILDREN:
        return "childEPCs";
    case EPC_IN_PARENT:
        return "parentID";
    case EPC_IN_INPUT:
        return "inputEPCList";
    case EPC_IN_OUTPUT:
        return "outputEPCList";
    case CLASS_IN_LIST:
        return "quantityList";
    case CLASS_IN_CHILDREN:
        return "childQuantityList";
    case CLASS_IN_INPUT:
        return "inputQuantityList";
    case CLASS_IN_OUTPUT:
        return "outputQuantityList";
    }
    return "";
}

static enum status refuse(struct split *s, enum status status, const char *reason,
                          const char *pointer) {
    s->fault->reason = reason;
    snprintf(s->fault->pointer, sizeof(s->fault->pointer), "%s", pointer);
    return status;
}

static int compare_bytes(const void *a, const void *b) {
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

// ---- the document

const char *epcis_event_list_pointer(enum epcis_form form) {
    return form == EPCIS_DOCUMENT ? "/epcisBody/eventList"
                                  : "/epcisBody/queryResults/resultsBody/eventList";
}

static bool text_is(const struct json_span *value, const char *text) {
    return value && value->kind == SPAN_STRING && bytes_equal(value->text, bytes_of_string(text));
}

// The names that the document wants left out of its events' hashes, under the prefix that the
// standard's example of a repository declares.
static void find_ignored(struct split *s, const struct json_span *holder) {
    const struct json_span *found = NULL;
    for (uint32_t i = 0; !found && holder && i < holder->count; i++) {
        struct bytes iri, rest;
        if (epcis_context_expand(s->context, holder->items[i].name, &iri, &rest) &&
            bytes_equal(iri, bytes_of_string(REPOSITORY_IRI)) &&
            bytes_equal(rest, bytes_of_string("ignoreFields")))
            found = &holder->items[i];
    }
    if (!found || found->kind != SPAN_ARRAY || found->count == 0) return;
    struct bytes *names = arena_alloc_array(&s->document->arena, found->count, sizeof(*names));
    size_t count = 0;
    for (uint32_t i = 0; i < found->count; i++)
        if (found->items[i].kind == SPAN_STRING) names[count++] = found->items[i].text;
    qsort(names, count, sizeof(*names), compare_bytes);
    s->scope.ignored = names;
    s->scope.ignored_count = count;
}

static enum status find_events(struct split *s, const struct json_span *root) {
    const struct json_span *type = span_member(root, "type");
    const struct json_span *body = span_member(root, "epcisBody");
    const struct json_span *results = span_member(body, "queryResults");
    if (root->kind != SPAN_OBJECT) return refuse(s, STATUS_MALFORMED, "is not an object", "");
    if (text_is(type, "EPCISDocument")) {
        s->document->form = EPCIS_DOCUMENT;
        s->event_list = span_member(body, "eventList");
    } else if (text_is(type, "EPCISQueryDocument")) {
        s->document->form = EPCIS_QUERY_DOCUMENT;
        s->event_list = span_member(span_member(results, "resultsBody"), "eventList");
    } else {
        s->document->form = EPCIS_BARE_EVENT;
        return STATUS_OK;
    }
    if (!s->event_list || s->event_list->kind != SPAN_ARRAY)
        return refuse(s, STATUS_MALFORMED, "is not a list of events",
                      epcis_event_list_pointer(s->document->form));
    const struct json_span *context = span_member(root, "@context");
    s->context = arena_alloc(&s->document->arena, sizeof(*s->context));
    if (context) s->document->context = context->raw;
    s->document->own_context = s->context;
    s->document->header = span_member(root, "epcisHeader");
    enum status status = epcis_context_build(s->context, &s->document->arena, NULL, context);
    if (status != STATUS_OK) return refuse(s, status, "is not a usable context", "/@context");
    find_ignored(s, s->document->form == EPCIS_DOCUMENT ? root : results);
    return STATUS_OK;
}

// ---- one event

static enum status refuse_long(struct split *s, const char *member) {
    char pointer[32];
    snprintf(pointer, sizeof pointer, "/%s", member);
    return refuse(s, STATUS_MALFORMED, "is longer than 2,048 bytes", pointer);
}

static enum status add_epc(struct split *s, const struct json_span *value, enum epc_place place) {
    struct event_epc epc = {.place = place};
    if (value->kind != SPAN_STRING) return STATUS_OK;
    buf_reset(&s->text);
    event_value_append(&s->text, value, s->scope.context);
    if (s->text.len == 0) return STATUS_OK;
    if (s->text.len > s->scope.max_len)
        return refuse(s, STATUS_TOO_LARGE, "says too much for the document's size", "");
    if (s->text.len > LIMIT_EPCIS_IDENTIFIER_BYTES) return refuse_long(s, epc_place_name(place));
    s->scope.max_len -= s->text.len;
    epc.id = arena_copy(&s->document->arena, buf_bytes(&s->text));
    buf_append(&s->epcs, BYTES_OF(epc));
    return STATUS_OK;
}

static int compare_epcs(const void *a, const void *b) {
    const struct event_epc *left = a, *right = b;
    if (left->place != right->place) return left->place < right->place ? -1 : 1;
    return bytes_compare(left->id, right->id);
}

static void keep_epcs(struct split *s, struct epcis_event *event) {
    size_t count = s->epcs.len / sizeof(struct event_epc), kept = 0;
    if (count == 0) return;
    struct event_epc *epcs = arena_alloc_array(&s->document->arena, count, sizeof(*epcs));
    memcpy(epcs, s->epcs.data, s->epcs.len);
    qsort(epcs, count, sizeof(*epcs), compare_epcs);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_epcs(&epcs[kept - 1], &epcs[i]) != 0) epcs[kept++] = epcs[i];
    event->epcs = epcs;
    event->epc_count = kept;
}

static enum status collect_epcs(struct split *s, struct epcis_event *event) {
    enum status status = STATUS_OK;
    buf_reset(&s->epcs);
    for (enum epc_place place = EPC_IN_LIST; place <= EPC_IN_OUTPUT; place++) {
        const struct json_span *value = span_member(event->value, epc_place_name(place));
        if (!value) continue;
        TRY(add_epc(s, value, place));
        for (uint32_t i = 0; i < value->count; i++) TRY(add_epc(s, &value->items[i], place));
    }
    for (enum epc_place place = CLASS_IN_LIST; place <= CLASS_IN_OUTPUT; place++) {
        const struct json_span *value = span_member(event->value, epc_place_name(place));
        for (uint32_t i = 0; value && i < value->count; i++) {
            const struct json_span *class = span_member(&value->items[i], "epcClass");
            if (class) TRY(add_epc(s, class, place));
        }
    }
    keep_epcs(s, event);
out:
    return status;
}

static enum status read_fields(struct split *s, struct epcis_event *event) {
    const struct json_span *id = span_member(event->value, "eventID");
    const struct json_span *time = span_member(event->value, "eventTime");
    const struct json_span *declaration = span_member(event->value, "errorDeclaration");
    event->type = span_member(event->value, "type")->text;
    if (id && id->kind != SPAN_STRING)
        return refuse(s, STATUS_MALFORMED, "is not a text", "/eventID");
    if (id) event->id = id->text;
    if (event->id.len > LIMIT_EPCIS_IDENTIFIER_BYTES) return refuse_long(s, "eventID");
    if (event->type.len > LIMIT_EPCIS_IDENTIFIER_BYTES) return refuse_long(s, "type");
    if (!time || time->kind != SPAN_STRING ||
        scalar_read_time(&event->event_time_ms, scalar_trim(time->text)) != STATUS_OK)
        return refuse(s, STATUS_MALFORMED, "is not a date and time", "/eventTime");
    event->is_error_declaration = declaration && declaration->kind == SPAN_OBJECT;
    return STATUS_OK;
}

static enum status find_context(struct split *s, struct epcis_event *event) {
    struct arena *arena = &s->document->arena;
    const struct json_span *own = span_member(event->value, "@context");
    event->context = s->context;
    if (s->context && !own) return STATUS_OK;
    struct epcis_context *context = arena_alloc(arena, sizeof(*context));
    event->context = context;
    enum status status = epcis_context_build(context, arena, s->context, own);
    if (status != STATUS_OK) return refuse(s, status, "is not a usable context", "/@context");
    return STATUS_OK;
}

static enum status split_event(struct split *s, struct epcis_event *event,
                               const struct json_span *value) {
    enum status status;
    if (value->kind != SPAN_OBJECT) return refuse(s, STATUS_MALFORMED, "is not an object", "");
    event->value = value;
    event->text = value->raw;
    TRY(find_context(s, event));
    s->scope.context = event->context;
    TRY(event_hash(event->hash, &s->line, s->fault, value, &s->scope));
    s->scope.max_len -= s->line.len; // what is left for the rest of the document
    TRY(collect_epcs(s, event));
    TRY(read_fields(s, event));
out:
    return status;
}

// Puts the event's place before what is in the fault.
static void place_fault(struct split *s, size_t index) {
    char inner[sizeof(s->fault->pointer)];
    if (!s->event_list) return;
    memcpy(inner, s->fault->pointer, sizeof(inner));
    int len = snprintf(s->fault->pointer, sizeof(inner), "%s/%zu",
                       epcis_event_list_pointer(s->document->form), index);
    if ((size_t)len + strlen(inner) < sizeof(inner))
        memcpy(s->fault->pointer + len, inner, strlen(inner) + 1);
}

static enum status split_events(struct split *s, const struct json_span *root) {
    struct epcis_document *document = s->document;
    size_t count = s->event_list ? s->event_list->count : 1;
    document->events = arena_alloc_array(&document->arena, count, sizeof(*document->events));
    for (size_t i = 0; i < count; i++) {
        const struct json_span *value = s->event_list ? &s->event_list->items[i] : root;
        enum status status = split_event(s, &document->events[i], value);
        if (status != STATUS_OK) {
            place_fault(s, i);
            return status;
        }
    }
    document->event_count = count;
    return STATUS_OK;
}

enum status epcis_document_split(struct epcis_document *out, struct epcis_fault *fault,
                                 struct bytes text) {
    struct split s = {.document = out, .fault = fault};
    struct span_fault syntax = {0};
    const struct json_span *root;
    enum status status;
    *out = (struct epcis_document){0};
    *fault = (struct epcis_fault){0};
    s.scope.max_len = text.len * LIMIT_EPCIS_EXPANSION + 65536;
    status = span_parse(&root, &syntax, &out->arena, text, SPAN_LAST_WINS);
    fault->reason = syntax.reason;
    if (status == STATUS_OK) status = find_events(&s, root);
    if (status == STATUS_OK) status = split_events(&s, root);
    buf_clear(&s.line);
    buf_clear(&s.epcs);
    buf_clear(&s.text);
    if (status != STATUS_OK) epcis_document_clear(out);
    return status;
}

void epcis_document_clear(struct epcis_document *document) {
    arena_clear(&document->arena);
    *document = (struct epcis_document){0};
}
