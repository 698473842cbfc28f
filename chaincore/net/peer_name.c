// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/peer_name.h"

#include <stdio.h>

enum { KEY_DIGITS = 2 * sizeof(struct public_key) };

bool peer_name_parse(struct peer_name *out, const char *text) {
    char digits[KEY_DIGITS + 1];
    const char *at = strchr(text, '@');
    *out = (struct peer_name){.has_node = at != NULL};
    if (!at) return endpoint_parse(&out->where, text);
    if (at - text != KEY_DIGITS) return false;
    memcpy(digits, text, KEY_DIGITS);
    digits[KEY_DIGITS] = '\0';
    return hex_decode(out->node.bytes, sizeof out->node.bytes, digits) == STATUS_OK &&
           endpoint_parse(&out->where, at + 1);
}

bool peer_names_clash(const struct peer_name *a, const struct peer_name *b) {
    return a->has_node && b->has_node && endpoint_equal(&a->where, &b->where) &&
           memcmp(&a->node, &b->node, sizeof a->node) != 0;
}

void peer_name_print(char out[PEER_NAME_TEXT], const struct peer_name *name) {
    char digits[KEY_DIGITS + 1], where[ENDPOINT_TEXT];
    endpoint_print(where, &name->where);
    hex_encode(digits, BYTES_OF(name->node));
    if (name->has_node)
        snprintf(out, PEER_NAME_TEXT, "%s@%s", digits, where);
    else
        snprintf(out, PEER_NAME_TEXT, "%s", where);
}
