// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/signer_routes.h"

#include <stdio.h>

#include "apps/common/http/openapi.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/schema_words.h"
#include "chaincore/chaincore.h"

enum status get_signers(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct signer_key *signer;
    (void)request;
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; (signer = signer_set_at(server->signers, i)); i++) {
        char address[ADDRESS_CHARS + 1];
        address_encode(address, signer_account(signer)->bytes);
        buf_append_format(out, "%s{\"name\":\"%s\",\"address\":\"%s\",\"waiting\":%zu}",
                          i > 0 ? "," : "", signer_name(signer), address, signer_waiting(signer));
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

#define SIGNER                                                           \
    SCHEMA_OBJECT("\"name\",\"address\",\"waiting\"",                    \
                  "\"name\":" SCHEMA_TEXT ",\"address\":" SCHEMA_ADDRESS \
                  ",\"waiting\":" SCHEMA_COUNT)

const struct http_description describes_get_signers = {
    .summary = "The accounts that this server signs with",
    .answers = {{200,
                 "The business' own first; and how many transactions of each are not final yet.",
                 SCHEMA_PAGE(SIGNER)}}};

bool signer_read(char out[LIMIT_SIGNER_NAME_BYTES + 1], struct server *server,
                 const struct http_request *request, const json_t *value) {
    const char *name = value ? json_string_value(value) : callers_signer(request);
    if (!name || (value && !signer_set_find(server->signers, name))) return false;
    snprintf(out, LIMIT_SIGNER_NAME_BYTES + 1, "%s", name);
    return true;
}

const char *signer_tell_all(struct server *server, struct arena *arena) {
    struct buf text = {0};
    struct signer_key *signer;
    buf_append_string(&text, "One of the accounts that this server signs with: ");
    for (size_t i = 0; (signer = signer_set_at(server->signers, i)); i++)
        buf_append_format(&text, "%s%s", i > 0 ? ", " : "", signer_name(signer));
    buf_append_byte(&text, '.');
    const char *told = arena_copy_string(arena, buf_bytes(&text));
    buf_clear(&text);
    return told;
}
