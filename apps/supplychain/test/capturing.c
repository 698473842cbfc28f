// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/test/capturing.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/unit.h"

struct server_process server;

void capture(struct bytes document, struct reply *out) {
    server_ask(
        &server,
        &(struct ask){.path = "/capture", .body = document, .content_type = "application/ld+json"},
        out);
}

// One that is in a block leads to the proof of the transaction that ended it.
static void check_proof_link(const json_t *job) {
    char expected[96];
    const json_t *txs = json_object_get(job, "tx");
    const char *proof = json_string_value(json_object_get(job, "proof"));
    ck_assert(json_object_get(job, "height") ? proof != NULL : proof == NULL);
    if (!proof) return;
    snprintf(expected, sizeof expected, "/v1/transactions/%s/proof",
             json_string_value(json_array_get(txs, json_array_size(txs) - 1)));
    ck_assert_str_eq(proof, expected);
}

// Each answer that it still runs is followed by a wait for its transaction.
static json_t *await_job(const char *location) {
    for (;;) {
        json_t *job = server_get(&server, location);
        if (!json_is_true(json_object_get(job, "running"))) {
            check_proof_link(job);
            return job;
        }
        char path[160];
        const json_t *txs = json_object_get(job, "tx");
        ck_assert_uint_gt(json_array_size(txs), 0);
        const json_t *last = json_array_get(txs, json_array_size(txs) - 1);
        snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", json_string_value(last));
        json_decref(server_get(&server, path));
        json_decref(job);
    }
}

json_t *capture_job(struct bytes document) {
    struct reply reply;
    capture(document, &reply);
    ck_assert_msg(reply.status == 202, "%ld %s", reply.status, (const char *)reply.body.data);
    json_t *job = await_job(reply.location);
    reply_clear(&reply);
    return job;
}

void capture_well(struct bytes document) {
    json_t *job = capture_job(document);
    char *text = json_dumps(job, 0);
    ck_assert_msg(json_is_true(json_object_get(job, "success")), "%s", text);
    free(text);
    json_decref(job);
}

size_t count_events(const char *query) {
    char path[512];
    snprintf(path, sizeof path, "/v1/events%s", query);
    json_t *list = server_get(&server, path);
    size_t count = json_array_size(json_object_get(list, "items"));
    json_decref(list);
    return count;
}

void make_long(struct buf *out, size_t len) {
    char ids[2][4096] = {"urn:ex:", "urn:ex:"};
    uint32_t noise = 1;
    for (int i = 0; i < 2; i++) {
        for (size_t k = 7; k < len; k++) {
            noise = noise * 1664525 + 1013904223;
            ids[i][k] = "0123456789abcdefghijklmnopqrstuv"[noise >> 27];
        }
        ids[i][len] = '\0';
    }
    buf_append_format(out,
                      "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                      "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                      "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\","
                      "\"epcisBody\":{\"eventList\":[{\"type\":\"ObjectEvent\","
                      "\"action\":\"OBSERVE\",\"eventID\":\"%s\","
                      "\"eventTime\":\"2026-01-02T03:04:05Z\","
                      "\"eventTimeZoneOffset\":\"+00:00\",\"epcList\":[\"%s\"]}]}}",
                      ids[0], ids[1]);
}

void make_large(struct buf *out, int events) {
    buf_append_string(out, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                           "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                           "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\","
                           "\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < events; i++)
        buf_append_format(out,
                          "%s{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T03:%02d:%02dZ\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.%d\"]}",
                          i ? "," : "", i / 60 % 60, i % 60, i);
    buf_append_string(out, "]}}");
}
