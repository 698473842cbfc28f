// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/test/asking.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/database.h"
#include "tests/support/unit.h"

static struct test_database database;
static char second_time[32]; // when the second document was recorded

json_t *asking_load(const char *path) {
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s: %s, line %d", path, error.text, error.line);
    return json;
}

const char *asking_value(const char *value) {
    return strcmp(value, "$") == 0 ? second_time : value;
}

json_t *asking_page(const char *path, char link[512]) {
    struct reply reply;
    server_ask(&server, &(struct ask){.path = path, .header = ASKED_PREFIXES}, &reply);
    ck_assert_msg(reply.status == 200, "%s: %ld %s", path, reply.status,
                  (const char *)reply.body.data);
    json_t *page = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    link[0] = '\0';
    if (*reply.link) sscanf(reply.link, "<%511[^>]", link);
    reply_clear(&reply);
    return page;
}

static const json_t *events_of(const json_t *document) {
    const json_t *body = json_object_get(document, "epcisBody");
    const json_t *results = json_object_get(json_object_get(body, "queryResults"), "resultsBody");
    return json_object_get(results, "eventList");
}

static char letter_of(const json_t *event) {
    const char *id = member(event, "eventID");
    return id[strlen(id) - 1];
}

void asking_find(const char *path, char found[64]) {
    char next[512];
    size_t count = 0;
    snprintf(next, sizeof next, "%s", path);
    while (*next) {
        json_t *document = asking_page(next, next);
        const json_t *events = events_of(document);
        for (size_t i = 0; i < json_array_size(events); i++) {
            ck_assert_uint_lt(count, 63);
            found[count++] = letter_of(json_array_get(events, i));
        }
        json_decref(document);
    }
    found[count] = '\0';
}

static void note_second_time(void) {
    json_t *list = server_get(&server, "/v1/events?eventType=https://ex.example/Inspection");
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    snprintf(second_time, sizeof second_time, "%s", member(item, "recordTime"));
    json_decref(list);
}

bool asking_open(int engine) {
    char path[512];
    const char *source = getenv("srcdir");
    if (!test_database_open(&database, engine)) return false;
    server_init(&server, "./lmm-supplychain");
    server.index = database.url;
    server_start(&server);
    snprintf(path, sizeof path, "%s/apps/supplychain/test/asked.json", source ? source : "..");
    json_t *documents = asking_load(path);
    for (size_t i = 0; i < json_array_size(documents); i++) {
        char *text = json_dumps(json_array_get(documents, i), 0);
        capture_well(bytes_of_string(text));
        free(text);
    }
    json_decref(documents);
    note_second_time();
    return true;
}

void asking_close(void) {
    server_clear(&server);
    test_database_close(&database);
}
