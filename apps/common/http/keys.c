// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"
#include "chaincore/crypto/sign.h"

enum { LONGEST_KEY = 256 };

void http_key_hash(uint8_t out[32], struct bytes key) {
    struct hash hash;
    hash_bytes(&hash, HASH_API_KEY, key);
    memcpy(out, hash.bytes, sizeof hash.bytes);
}

// Looks at all keys, and at each in constant time, so that the time tells nothing.
static const struct http_key *find_own(const struct http_server *server, struct bytes key) {
    const struct http_key *found = NULL;
    uint8_t hash[32];
    http_key_hash(hash, key);
    for (size_t i = 0; i < server->config.key_count; i++)
        if (secret_equal(hash, server->config.keys[i].hash, sizeof hash))
            found = &server->config.keys[i];
    return found;
}

const struct http_key *key_find(struct http_request *request, const char *authorization) {
    static const char scheme[] = "bearer ";
    const struct http_key_source *source = &request->server->config.key_source;
    struct bytes header = bytes_of_string(authorization);
    size_t skip = sizeof scheme - 1;
    if (header.len <= skip || header.len > skip + LONGEST_KEY) return NULL;
    if (!text_is(bytes_of(header.data, skip), scheme)) return NULL;
    struct bytes key = text_trim(bytes_of(header.data + skip, header.len - skip));
    const struct http_key *own = find_own(request->server, key);
    if (own || !source->find) return own;
    struct http_key *found = arena_alloc(&request->arena, sizeof *found);
    return source->find(source->context, &request->arena, key, found) ? found : NULL;
}

bool key_has_scope(const struct http_key *key, const char *scope) {
    struct bytes list = bytes_of_string(key->scopes), item;
    while (text_next(&list, ' ', &item))
        if (bytes_equal(item, bytes_of_string("*")) || bytes_equal(item, bytes_of_string(scope)))
            return true;
    return false;
}
