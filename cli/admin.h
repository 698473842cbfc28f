// SPDX-License-Identifier: Apache-2.0
// Asking a server for what its API keys open: by the key of --api-key-file, LMM_API_KEY, or the
// devnet's own.
#ifndef LMM_CLI_ADMIN_H
#define LMM_CLI_ADMIN_H

#include <jansson.h>

#include "cli/command.h"

enum { ADMIN_KEY_CHARS = 256 };

struct admin {
    json_t *devnet;
    const char *url;
    char key[ADMIN_KEY_CHARS];
};

// False, with a complaint. The caller calls admin_end in any case.
bool admin_begin(struct admin *out, const struct options *options);
// The same for what anybody may ask, and whose key is good is told more: without one `key` is
// empty.
bool admin_begin_open(struct admin *out, const struct options *options);
void admin_end(struct admin *admin);
// As client_send_json, with a body or NULL.
json_t *admin_ask(const struct admin *admin, const char *method, const char *path,
                  const json_t *body);

// The text of a member, or "-".
const char *admin_text(const json_t *object, const char *name);
// "day=5,total=100" (NULL: none) as the object's member `limits`; false, with a complaint.
bool admin_read_limits(const char *text, json_t *object);
// What somebody may spend, and has spent.
void admin_print_limits(const json_t *of);

#endif
