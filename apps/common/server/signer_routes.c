// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/signer_routes.h"

#include <stdio.h>

#include "apps/common/http/openapi.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/schema_words.h"
#include "chaincore/chaincore.h"

static void append_signer(struct buf *out, struct signer_key *signer) {
    char address[ADDRESS_CHARS + 1];
    enum tx_code code = signer_held_up(signer);
    address_encode(address, signer_account(signer)->bytes);
    buf_append_format(out, "{\"name\":\"%s\",\"address\":\"%s\",\"waiting\":%zu,\"held_up\":",
                      signer_name(signer), address, signer_waiting(signer));
    buf_append_format(out, code == TX_CODE_OK ? "null}" : "\"%s\"}", tx_code_name(code));
}

enum status get_signers(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct signer_key *signer;
    const char *only = callers_only_signer(request), *comma = "";
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; (signer = signer_set_at(server->signers, i)); i++) {
        if (only && strcmp(only, signer_name(signer)) != 0) continue;
        buf_append_string(out, comma);
        append_signer(out, signer);
        comma = ",";
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

#define SIGNER                                                           \
    SCHEMA_OBJECT("\"name\",\"address\",\"waiting\",\"held_up\"",        \
                  "\"name\":" SCHEMA_TEXT ",\"address\":" SCHEMA_ADDRESS \
                  ",\"waiting\":" SCHEMA_COUNT ",\"held_up\":" SCHEMA_MAYBE(SCHEMA_TEXT))

const struct http_description describes_get_signers = {
    .summary = "The accounts that this server signs with; the one to who acts as a further one",
    .answers = {{200,
                 "The business' own first; how many transactions of each are not final yet, and "
                 "the code of what holds them up.",
                 SCHEMA_PAGE(SIGNER)}}};

bool signer_read(char out[LIMIT_SIGNER_NAME_BYTES + 1], struct server *server,
                 const struct http_request *request, const json_t *value) {
    const char *name = value ? json_string_value(value) : callers_signer(request);
    if (!name || strlen(name) > LIMIT_SIGNER_NAME_BYTES) return false;
    // Whoever may name one alone learns of no other whether it is there.
    bool is_theirs = callers_only_signer(request) != NULL;
    if (value && !is_theirs && !signer_set_find(server->signers, name)) return false;
    snprintf(out, LIMIT_SIGNER_NAME_BYTES + 1, "%s", name);
    return true;
}

const char *signer_tell_all(struct server *server, struct http_request *request) {
    const char *only = callers_only_signer(request);
    struct buf text = {0};
    struct signer_key *signer;
    if (only) return arena_format(http_arena(request), "The account that you act as: %s.", only);
    buf_append_string(&text, "One of the accounts that this server signs with: ");
    for (size_t i = 0; (signer = signer_set_at(server->signers, i)); i++)
        buf_append_format(&text, "%s%s", i > 0 ? ", " : "", signer_name(signer));
    buf_append_byte(&text, '.');
    const char *told = arena_copy_string(http_arena(request), buf_bytes(&text));
    buf_clear(&text);
    return told;
}
