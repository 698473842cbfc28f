// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/document.h"

#include "apps/common/json/schema.h"
#include "chaincore/base/memory.h"

extern const uint8_t epcis_schema_json[], epcis_schema_json_end[];

struct epcis_rules {
    struct schema *schema;
};

struct bytes epcis_rules_text(void) {
    return bytes_of(epcis_schema_json, (size_t)(epcis_schema_json_end - epcis_schema_json));
}

enum status epcis_rules_open(struct epcis_rules **out) {
    enum status status = STATUS_OK;
    struct epcis_rules *rules = mem_alloc(sizeof *rules);
    struct schema_options options = {.asserts_formats = true};
    struct bytes text = epcis_rules_text();
    json_t *json = NULL;
    TRY(json_parse(&json, NULL, text, text.len));
    TRY(schema_compile(&rules->schema, NULL, json, &options));
out:
    json_decref(json);
    if (status != STATUS_OK) {
        mem_free(rules);
        rules = NULL;
    }
    *out = rules;
    return status;
}

void epcis_rules_close(struct epcis_rules *rules) {
    if (!rules) return;
    schema_close(rules->schema);
    mem_free(rules);
}

enum status epcis_rules_validate(const struct epcis_rules *rules, struct violations *violations,
                                 const json_t *value) {
    return schema_validate(rules->schema, violations, value);
}

static const char EVENTS[] = "/epcisBody/eventList";
static const char QUERY_EVENTS[] = "/epcisBody/queryResults/resultsBody/eventList";

// What the schema does not say: which kinds are taken here, and how much at a time.
static enum status check_acceptance(struct violations *violations, const json_t *root,
                                    const struct epcis_acceptance *acceptance) {
    const char *type = json_string_value(json_object_get(root, "type")), *list = NULL;
    if (strcmp(type, "EPCISDocument") == 0) list = EVENTS;
    if (strcmp(type, "EPCISQueryDocument") == 0) list = QUERY_EVENTS;
    if (!list) {
        if (acceptance->takes_single_event) return STATUS_OK;
        violations_add(violations, bytes_of_string("/type"), "epcis/document-type",
                       "a single event is not taken here; expected is an EPCISDocument or an "
                       "EPCISQueryDocument");
        return STATUS_INVALID;
    }
    size_t count = json_array_size(json_pointer_find(root, bytes_of_string(list)));
    if (count <= acceptance->max_events) return STATUS_OK;
    struct buf text = {0};
    buf_append_format(&text, "there are %zu events, not at most %zu", count,
                      acceptance->max_events);
    violations_add(violations, bytes_of_string(list), "epcis/event-count", buf_as_string(&text));
    buf_clear(&text);
    return STATUS_TOO_LARGE;
}

enum status epcis_document_check(struct violations *violations, const struct epcis_rules *rules,
                                 struct bytes text, const struct epcis_acceptance *acceptance) {
    enum status status = STATUS_OK;
    json_t *root = NULL;
    struct json_source source = {
        .text = text, .max_bytes = acceptance->max_bytes, .last_duplicate_wins = true};
    TRY(json_parse_reporting(&root, violations, &source));
    TRY(schema_validate(rules->schema, violations, root));
    TRY(check_acceptance(violations, root, acceptance));
out:
    json_decref(root);
    return status;
}
