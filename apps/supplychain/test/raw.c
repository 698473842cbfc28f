// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/test/raw.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/unit.h"

void raw_open(void) { raw_open_on(NULL); }

void raw_open_on(const char *index) { raw_open_market("supplychain", index); }

void raw_encode_job(struct buf *out, uint8_t job) {
    uint8_t id[32];
    memset(id, job, sizeof id);
    encode_fixed(out, id, sizeof id);
}

void raw_encode_events(struct buf *out, const struct epcis_document *document, size_t first,
                       uint32_t count) {
    encode_u32(out, count);
    for (size_t i = first; i < first + count; i++) {
        const struct epcis_event *event = &document->events[i];
        char uri[EVENT_HASH_URI_SIZE];
        struct bytes id = event->id;
        struct hash hash;
        event_hash_print(uri, event->hash);
        encode_u8(out, id.len > 0 ? 2 : 0); // whether an eventID was given
        encode_fixed(out, event->hash, EVENT_HASH_SIZE);
        hash_bytes(&hash, HASH_USER, id.len > 0 ? id : bytes_of_string(uri));
        encode_fixed(out, &hash, sizeof hash);
        hash_bytes(&hash, HASH_USER, event->text);
        encode_fixed(out, &hash, sizeof hash);
    }
}

void raw_encode_entries(struct buf *out, const char *text) {
    struct epcis_document document;
    struct epcis_fault fault;
    assert_ok(epcis_document_split(&document, &fault, bytes_of_string(text)));
    ck_assert_uint_eq(document.event_count, 1);
    raw_encode_events(out, &document, 0, 1);
    epcis_document_clear(&document);
}

json_t *raw_get_job(uint8_t job) {
    char path[80] = "/capture/";
    uint8_t id[32];
    memset(id, job, sizeof id);
    hex_encode(path + strlen(path), BYTES_OF(id));
    return server_get(&raw.server, path);
}

void raw_check_failed(uint8_t job, const char *code) {
    json_t *found = raw_get_job(job);
    const json_t *errors = json_object_get(found, "errors"), *error = json_array_get(errors, 0);
    ck_assert(json_is_false(json_object_get(found, "running")));
    ck_assert(json_is_false(json_object_get(found, "success")));
    ck_assert_uint_eq(json_array_size(errors), 1);
    ck_assert_str_eq(member(error, "code"), code);
    ck_assert_str_ne(member(error, "detail"), "");
    json_decref(found);
}

void raw_check_job(uint8_t job, bool is_success, size_t rows) {
    json_t *found = raw_get_job(job);
    char *text = json_dumps(found, 0);
    ck_assert_msg(json_is_true(json_object_get(found, "success")) == is_success, "%s", text);
    ck_assert_msg(json_is_false(json_object_get(found, "running")), "%s", text);
    free(text);
    json_decref(found);
    json_t *list = server_get(&raw.server, "/v1/events");
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), rows);
    json_decref(list);
}
