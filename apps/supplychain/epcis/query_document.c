// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query_document.h"

#include <stdlib.h>

#include "apps/supplychain/epcis/context_use.h"
#include "apps/supplychain/epcis/scalar.h"

// A stored event, parsed again.
struct source {
    const struct json_span *event;
    const struct json_span *entries[2]; // what stood at @context: of the document, of the event
    const struct epcis_context *outer;  // the document's; NULL for none
    struct epcis_context context;       // the event's, inside the document's
    struct context_use use;
};

// A term that some event needs, and whether the answer's context can define it for all.
struct shared_term {
    struct bytes name;
    struct bytes definition;      // compact JSON
    const struct json_span *span; // of it
    bool is_contested;
    bool names_others; // its definition does
};

// One event at a time is parsed, as often as it is needed: the tree may be thirty times its text.
struct assembly {
    const struct epcis_answer *answer;
    struct arena arena;        // of the terms
    struct arena scratch;      // of the source at hand
    struct shared_term *terms; // sorted by name, each name once
    size_t term_count;
    struct bytes common_context; // of all documents; empty when they differ
};

static enum status parse_part(const struct json_span **out, struct arena *arena,
                              struct bytes text) {
    return span_parse(out, NULL, arena, text, SPAN_LAST_WINS) == STATUS_OK ? STATUS_OK
                                                                           : STATUS_CORRUPT;
}

static enum status open_outer(struct source *out, struct arena *arena, struct bytes text) {
    enum status status = STATUS_OK;
    if (text.len == 0) return STATUS_OK;
    struct epcis_context *outer = arena_alloc(arena, sizeof(*outer));
    TRY(parse_part(&out->entries[0], arena, text));
    TRY(epcis_context_build(outer, arena, NULL, out->entries[0]));
    out->outer = outer;
out:
    return status;
}

static enum status open_source(struct source *out, struct arena *arena,
                               const struct epcis_source *stored) {
    enum status status = STATUS_OK;
    *out = (struct source){0};
    TRY(parse_part(&out->event, arena, stored->text));
    if (out->event->kind != SPAN_OBJECT) return STATUS_CORRUPT;
    TRY(open_outer(out, arena, stored->context));
    out->entries[1] = span_member(out->event, "@context");
    TRY(epcis_context_build(&out->context, arena, out->outer, out->entries[1]));
    context_use_find(&out->use, arena, &out->context, out->event);
out:
    return status == STATUS_OK ? status : STATUS_CORRUPT;
}

// Calls visit with each event, in order; what is handed out lives until it returns.
static enum status visit_sources(struct assembly *a,
                                 void (*visit)(void *user, const struct source *source,
                                               const struct epcis_answer_event *event),
                                 void *user) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < a->answer->event_count && status == STATUS_OK; i++) {
        struct source source;
        arena_reset(&a->scratch);
        status = open_source(&source, &a->scratch, &a->answer->events[i].source);
        if (status == STATUS_OK) visit(user, &source, &a->answer->events[i]);
    }
    return status;
}

// ---- the answer's context

static int compare_terms(const void *a, const void *b) {
    return bytes_compare(((const struct shared_term *)a)->name,
                         ((const struct shared_term *)b)->name);
}

static struct shared_term *find_shared(struct assembly *a, struct bytes name) {
    struct shared_term wanted = {.name = name};
    if (a->term_count == 0) return NULL;
    return bsearch(&wanted, a->terms, a->term_count, sizeof(wanted), compare_terms);
}

struct collection {
    struct assembly *assembly;
    struct buf terms; // struct shared_term, as they come
    struct buf text;  // of the definition at hand
};

static void collect_terms(void *user, const struct source *source,
                          const struct epcis_answer_event *event) {
    struct collection *collection = user;
    struct arena *arena = &collection->assembly->arena;
    (void)event;
    for (size_t i = 0; source->context.is_plain && i < source->use.count; i++) {
        const struct epcis_term *used = source->use.terms[i].term;
        buf_reset(&collection->text);
        span_write(&collection->text, used->definition);
        struct shared_term term = {.name = arena_copy(arena, used->name),
                                   .definition = arena_copy(arena, buf_bytes(&collection->text))};
        buf_append(&collection->terms, BYTES_OF(term));
    }
}

static enum status parse_definition(struct assembly *a, struct shared_term *term) {
    const struct json_span *parsed;
    enum status status = parse_part(&parsed, &a->arena, term->definition);
    if (status != STATUS_OK) return status;
    struct json_span *span = arena_alloc(&a->arena, sizeof(*span));
    *span = *parsed;
    span->name = term->name;
    term->span = span;
    return STATUS_OK;
}

// Every term that an event under a plain context uses; contested where two define it differently.
static enum status gather_terms(struct assembly *a) {
    struct collection collection = {.assembly = a};
    enum status status = visit_sources(a, collect_terms, &collection);
    size_t count = collection.terms.len / sizeof(*a->terms);
    if (count) {
        a->terms = arena_alloc_array(&a->arena, count, sizeof(*a->terms));
        memcpy(a->terms, collection.terms.data, collection.terms.len);
        qsort(a->terms, count, sizeof(*a->terms), compare_terms);
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        size_t kept = a->term_count;
        if (kept > 0 && bytes_equal(a->terms[kept - 1].name, a->terms[i].name)) {
            struct shared_term *last = &a->terms[kept - 1];
            last->is_contested |= !bytes_equal(last->definition, a->terms[i].definition);
        } else {
            a->terms[kept] = a->terms[i];
            status = parse_definition(a, &a->terms[a->term_count++]);
        }
    }
    buf_clear(&collection.terms);
    buf_clear(&collection.text);
    return status;
}

struct mention {
    struct assembly *assembly;
    const struct source *source;
};

// A name that this event leaves undefined must stay so.
static void contest_undefined(void *user, struct bytes name) {
    struct mention *mention = user;
    struct shared_term *term = find_shared(mention->assembly, name);
    if (term && !epcis_context_find(&mention->source->context, name)) term->is_contested = true;
}

static void contest_of(void *user, const struct source *source,
                       const struct epcis_answer_event *event) {
    struct mention mention = {.assembly = user, .source = source};
    (void)event;
    event_mentions_visit(source->event, contest_undefined, &mention);
    for (size_t i = 0; i < source->use.count; i++)
        mentions_visit(source->use.terms[i].term->definition, contest_undefined, &mention);
}

struct dependence {
    struct assembly *assembly;
    const struct shared_term *of;
    bool is_there;    // names another shared term
    bool is_unsteady; // names one that is contested or itself names others
};

static void look_for_others(void *user, struct bytes name) {
    struct dependence *dependence = user;
    const struct shared_term *other = find_shared(dependence->assembly, name);
    if (!other || other == dependence->of) return;
    dependence->is_there = true;
    if (other->is_contested || other->names_others) dependence->is_unsteady = true;
}

// A definition that names a contested term means different things, too. One step is followed; what
// stands on longer chains counts as contested, so that no chain costs more than its length.
static void contest_dependants(struct assembly *a) {
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < a->term_count; i++) {
            struct shared_term *term = &a->terms[i];
            struct dependence dependence = {.assembly = a, .of = term};
            mentions_visit(term->span, look_for_others, &dependence);
            if (round == 0)
                term->names_others = dependence.is_there;
            else if (term->names_others && dependence.is_unsteady)
                term->is_contested = true;
        }
    }
}

static enum status settle_context(struct assembly *a) {
    const struct epcis_answer *answer = a->answer;
    struct bytes first = answer->event_count ? answer->events[0].source.context : bytes_of(NULL, 0);
    bool is_common = first.len > 0;
    enum status status = STATUS_OK;
    for (size_t i = 1; i < answer->event_count && is_common; i++)
        is_common = bytes_equal(answer->events[i].source.context, first);
    if (is_common) {
        a->common_context = first;
        return STATUS_OK;
    }
    TRY(gather_terms(a));
    TRY(visit_sources(a, contest_of, a));
    contest_dependants(a);
out:
    return status;
}

// ---- writing

static void write_definition(struct buf *out, const struct epcis_term *term, bool is_first) {
    buf_append_byte(out, is_first ? '{' : ',');
    span_write_string(out, term->name);
    buf_append_byte(out, ':');
    span_write(out, term->definition);
}

static void write_answer_context(struct buf *out, const struct assembly *a) {
    bool is_first = true;
    if (a->common_context.len) {
        buf_append(out, a->common_context);
        return;
    }
    buf_append_string(out, "[\"" EPCIS_CONTEXT_URL "\"");
    for (size_t i = 0; i < a->term_count; i++) {
        struct epcis_term term = {a->terms[i].name, a->terms[i].span};
        if (a->terms[i].is_contested) continue;
        if (is_first) buf_append_byte(out, ',');
        write_definition(out, &term, is_first);
        is_first = false;
    }
    buf_append_string(out, is_first ? "]" : "}]");
}

struct entry {
    struct bytes text;
    size_t position;
    bool comes_again;
};

struct entry_ref {
    struct entry *entry;
};

static int compare_entries(const void *a, const void *b) {
    const struct entry *left = ((const struct entry_ref *)a)->entry;
    const struct entry *right = ((const struct entry_ref *)b)->entry;
    int order = bytes_compare(left->text, right->text);
    if (order) return order;
    return left->position < right->position ? -1 : 1;
}

static void collect_entries(struct buf *out, struct arena *arena, const struct json_span *context) {
    struct buf text = {0};
    bool is_list = context->kind == SPAN_ARRAY;
    for (uint32_t i = 0; i < (is_list ? context->count : 1); i++) {
        struct entry entry = {.position = out->len};
        buf_reset(&text);
        span_write(&text, is_list ? &context->items[i] : context);
        entry.text = arena_copy(arena, buf_bytes(&text));
        buf_append(out, BYTES_OF(entry));
    }
    buf_clear(&text);
}

// All entries of both contexts in one list; of equal ones the last, as a context must not repeat.
static void write_whole_context(struct buf *out, struct arena *arena, const struct source *source) {
    struct buf collected = {0};
    for (int layer = 0; layer < 2; layer++)
        if (source->entries[layer]) collect_entries(&collected, arena, source->entries[layer]);
    struct entry *entries = (struct entry *)(void *)collected.data;
    size_t count = collected.len / sizeof(*entries);
    struct entry_ref *sorted = arena_alloc_array(arena, count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) sorted[i].entry = &entries[i];
    qsort(sorted, count, sizeof(*sorted), compare_entries);
    for (size_t i = 1; i < count; i++)
        sorted[i - 1].entry->comes_again =
            bytes_equal(sorted[i - 1].entry->text, sorted[i].entry->text);
    buf_append_byte(out, '[');
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].comes_again) continue;
        if (!is_first) buf_append_byte(out, ',');
        buf_append(out, entries[i].text);
        is_first = false;
    }
    buf_append_byte(out, ']');
    buf_clear(&collected);
}

// The definitions that the answer's context does not hold.
static void write_own_terms(struct buf *out, struct assembly *a, const struct source *source) {
    bool is_first = true;
    for (size_t i = 0; i < source->use.count; i++) {
        const struct epcis_term *term = source->use.terms[i].term;
        const struct shared_term *shared = find_shared(a, term->name);
        if (shared && !shared->is_contested) continue;
        if (is_first) buf_append_string(out, "\"@context\":");
        write_definition(out, term, is_first);
        is_first = false;
    }
    if (!is_first) buf_append_string(out, "},");
}

// The member and a comma; nothing for an event that the answer's context serves.
static void write_event_context(struct buf *out, struct assembly *a, const struct source *source) {
    bool has_own = source->entries[1] != NULL;
    if (a->common_context.len && has_own) {
        buf_append_string(out, "\"@context\":");
        span_write(out, source->entries[1]);
        buf_append_byte(out, ',');
    } else if (a->common_context.len == 0 && source->context.is_plain) {
        write_own_terms(out, a, source);
    } else if (a->common_context.len == 0 && (has_own || source->entries[0])) {
        buf_append_string(out, "\"@context\":");
        write_whole_context(out, &a->scratch, source);
        buf_append_byte(out, ',');
    }
}

static bool is_rewritten(struct bytes name) {
    return bytes_equal(name, bytes_of_string("@context")) ||
           bytes_equal(name, bytes_of_string("recordTime"));
}

struct writing {
    struct assembly *assembly;
    struct buf *out;
    bool is_behind; // another event
};

static void write_event(void *user, const struct source *source,
                        const struct epcis_answer_event *answer) {
    struct writing *writing = user;
    struct buf *out = writing->out;
    if (writing->is_behind) buf_append_byte(out, ',');
    writing->is_behind = true;
    buf_append_byte(out, '{');
    write_event_context(out, writing->assembly, source);
    if (!span_member(source->event, "eventID")) {
        char id[EVENT_HASH_URI_SIZE];
        event_hash_print(id, answer->hash);
        buf_append_format(out, "\"eventID\":\"%s\",", id);
    }
    for (uint32_t i = 0; i < source->event->count; i++) {
        const struct json_span *member = &source->event->items[i];
        if (is_rewritten(member->name)) continue;
        span_write_string(out, member->name);
        buf_append_byte(out, ':');
        span_write(out, member);
        buf_append_byte(out, ',');
    }
    buf_append_string(out, "\"recordTime\":\"");
    scalar_append_time(out, answer->record_time_ms);
    buf_append_string(out, "\"}");
}

static enum status write_document(struct buf *out, struct assembly *a) {
    const struct epcis_answer *answer = a->answer;
    const char *name = answer->query_name ? answer->query_name : "SimpleEventQuery";
    struct writing writing = {.assembly = a, .out = out};
    buf_append_string(out, "{\"@context\":");
    write_answer_context(out, a);
    buf_append_string(out, ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\","
                           "\"creationDate\":\"");
    scalar_append_time(out, answer->creation_time_ms);
    buf_append_string(out, "\",\"epcisBody\":{\"queryResults\":{\"queryName\":");
    span_write_string(out, bytes_of_string(name));
    buf_append_string(out, ",\"resultsBody\":{\"eventList\":[");
    enum status status = visit_sources(a, write_event, &writing);
    buf_append_string(out, "]}}}}");
    return status;
}

enum status epcis_query_document_write(struct buf *out, const struct epcis_answer *answer) {
    struct assembly a = {.answer = answer};
    size_t begin = out->len;
    enum status status = settle_context(&a);
    if (status == STATUS_OK) status = write_document(out, &a);
    if (status != STATUS_OK) out->len = begin;
    arena_clear(&a.scratch);
    arena_clear(&a.arena);
    return status;
}

// ---- equality

struct canon {
    struct arena arena;
    const struct source *source;
};

static void write_expanded(struct buf *out, const struct canon *canon, struct bytes text) {
    struct bytes iri, rest;
    struct buf whole = {0};
    const struct epcis_term *term = epcis_context_find(&canon->source->context, text);
    if (term && term->definition->kind == SPAN_STRING) {
        text = term->definition->text;
    } else if (epcis_context_expand(&canon->source->context, text, &iri, &rest)) {
        buf_append(&whole, iri);
        buf_append(&whole, rest);
        text = buf_bytes(&whole);
    }
    span_write_string(out, text);
    buf_clear(&whole);
}

static void write_canonical(struct buf *out, struct canon *canon, const struct json_span *value);

static int compare_bytes(const void *a, const void *b) {
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

// Each member as a text, in the order of the texts.
static void write_members(struct buf *out, struct canon *canon, const struct json_span *object) {
    struct bytes *members = arena_alloc_array(&canon->arena, object->count + 1u, sizeof(*members));
    struct buf text = {0};
    size_t count = 0;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct json_span *member = &object->items[i];
        buf_reset(&text);
        write_expanded(&text, canon, member->name);
        buf_append_byte(&text, ':');
        write_canonical(&text, canon, member);
        members[count++] = arena_copy(&canon->arena, buf_bytes(&text));
    }
    qsort(members, count, sizeof(*members), compare_bytes);
    buf_append_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        buf_append(out, members[i]);
        buf_append_byte(out, ',');
    }
    buf_append_byte(out, '}');
    buf_clear(&text);
}

static void write_canonical(struct buf *out, struct canon *canon, const struct json_span *value) {
    switch (value->kind) {
    case SPAN_STRING:
        write_expanded(out, canon, value->text);
        break;
    case SPAN_NUMBER:
        if (!scalar_append_number(out, value->text)) buf_append(out, value->text);
        break;
    case SPAN_OBJECT:
        write_members(out, canon, value);
        break;
    case SPAN_ARRAY:
        buf_append_byte(out, '[');
        for (uint32_t i = 0; i < value->count; i++) {
            write_canonical(out, canon, &value->items[i]);
            buf_append_byte(out, ',');
        }
        buf_append_byte(out, ']');
        break;
    case SPAN_NULL:
    case SPAN_TRUE:
    case SPAN_FALSE:
        buf_append(out, value->raw);
        break;
    }
}

static bool has_url(const struct epcis_context *context, size_t from, struct bytes url) {
    for (size_t i = from; i < context->url_count; i++)
        if (bytes_equal(context->urls[i], url)) return true;
    return false;
}

// Of a URL that stands there twice, the last; `inner` stands behind the context.
static void write_foreign_urls(struct buf *out, const struct epcis_context *context,
                               const struct epcis_context *inner) {
    for (size_t i = 0; i < context->url_count; i++) {
        struct bytes url = context->urls[i];
        bool comes_again = has_url(context, i + 1, url) || (inner && has_url(inner, 0, url));
        if (!comes_again && !bytes_equal(url, bytes_of_string(EPCIS_CONTEXT_URL)))
            span_write_string(out, url);
    }
}

// What prefixes stand for is in the expanded names; what else the context says of used terms, and
// where it points to, has to agree by itself.
static void write_definitions(struct buf *out, struct canon *canon) {
    const struct source *source = canon->source;
    for (size_t i = 0; i < source->use.count; i++) {
        const struct epcis_term *term = source->use.terms[i].term;
        if (term->definition->kind == SPAN_STRING) continue;
        write_expanded(out, canon, term->name);
        write_canonical(out, canon, term->definition);
    }
    if (source->outer) write_foreign_urls(out, source->outer, &source->context);
    write_foreign_urls(out, &source->context, NULL);
}

static bool is_compared(struct bytes name) {
    return !is_rewritten(name) && !bytes_equal(name, bytes_of_string("eventID"));
}

// The event with those of its members that are compared, and the terms that these use.
static void keep_compared(struct source *source, struct arena *arena) {
    struct json_span *items = arena_alloc_array(arena, source->event->count + 1u, sizeof(*items));
    struct json_span *event = arena_alloc(arena, sizeof(*event));
    *event = (struct json_span){.kind = SPAN_OBJECT, .items = items};
    for (uint32_t i = 0; i < source->event->count; i++)
        if (is_compared(source->event->items[i].name))
            items[event->count++] = source->event->items[i];
    source->event = event;
    context_use_find(&source->use, arena, &source->context, event);
}

static void write_meaning(struct buf *out, struct source *source) {
    struct canon canon = {.source = source};
    keep_compared(source, &canon.arena);
    write_members(out, &canon, source->event);
    write_definitions(out, &canon);
    arena_clear(&canon.arena);
}

static bool ids_agree(const struct source *a, const struct source *b) {
    const struct json_span *left = span_member(a->event, "eventID");
    const struct json_span *right = span_member(b->event, "eventID");
    struct canon left_canon = {.source = a}, right_canon = {.source = b};
    struct buf left_text = {0}, right_text = {0};
    if (!left || !right) return true;
    write_canonical(&left_text, &left_canon, left);
    write_canonical(&right_text, &right_canon, right);
    bool are_equal = bytes_equal(buf_bytes(&left_text), buf_bytes(&right_text));
    buf_clear(&left_text);
    buf_clear(&right_text);
    arena_clear(&left_canon.arena);
    arena_clear(&right_canon.arena);
    return are_equal;
}

bool epcis_events_equal(const struct epcis_source *a, const struct epcis_source *b) {
    struct arena arena = {0};
    struct buf left_text = {0}, right_text = {0};
    struct source left, right;
    bool are_equal = false;
    if (open_source(&left, &arena, a) == STATUS_OK && open_source(&right, &arena, b) == STATUS_OK &&
        ids_agree(&left, &right)) {
        write_meaning(&left_text, &left);
        write_meaning(&right_text, &right);
        are_equal = bytes_equal(buf_bytes(&left_text), buf_bytes(&right_text));
    }
    buf_clear(&left_text);
    buf_clear(&right_text);
    arena_clear(&arena);
    return are_equal;
}
