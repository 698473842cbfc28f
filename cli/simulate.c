// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/output.h"

static const char *text_of(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static void print_event(const json_t *event) {
    const char *name = text_of(event, "name"), *contract = text_of(event, "contract");
    const json_t *fields = json_object_get(event, "fields");
    printf("event  %s of %s  ", name ? name : "?", contract ? contract : "?");
    if (json_is_object(fields))
        json_dumpf(fields, stdout, JSON_PRESERVE_ORDER);
    else
        printf("%s", text_of(event, "data_hex") ? text_of(event, "data_hex") : "");
    printf("\n");
}

static void print(const json_t *told, bool is_done) {
    const char *code = text_of(told, "code"), *message = text_of(told, "message");
    const char *own = text_of(told, "contract_message"), *fee = text_of(told, "fee");
    const json_t *event;
    size_t index;
    if (is_done)
        printf("would be done");
    else
        printf("would fail: %s (%s)", own ? own : message ? message : "refused", code ? code : "?");
    printf(", for %lld gas, %s LMM\n",
           (long long)json_integer_value(json_object_get(told, "gas_used")), fee ? fee : "?");
    json_array_foreach(json_object_get(told, "events"), index, event) print_event(event);
}

int simulate_tx(const struct options *options, const char *url, const struct tx *tx) {
    struct buf encoded = {0};
    tx_encode(&encoded, tx);
    struct bytes body = buf_bytes(&encoded);
    json_t *told = client_ask_json(url, "/v1/simulate", &body);
    const char *code = text_of(told, "code");
    bool is_done = code && strcmp(code, "OK") == 0;
    if (told && options->json)
        output_json(json_incref(told));
    else if (told)
        print(told, is_done);
    json_decref(told);
    buf_clear(&encoded);
    return is_done ? EXIT_DONE : EXIT_FAILED;
}
