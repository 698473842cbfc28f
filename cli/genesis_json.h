// SPDX-License-Identifier: Apache-2.0
// A genesis as JSON, as docs/genesis.md describes it, and back.
#ifndef LMM_CLI_GENESIS_JSON_H
#define LMM_CLI_GENESIS_JSON_H

#include <jansson.h>

#include "chaincore/base/arena.h"
#include "chaincore/chain/genesis.h"

// What the description says; everything lies in the arena.
struct genesis_text {
    struct genesis genesis;                        // without code hashes
    const char *code_paths[GENESIS_MAX_CONTRACTS]; // as written, in the order of the contracts
};

// False, with a complaint that names the place by its JSON pointer.
bool genesis_json_read(struct genesis_text *out, struct arena *arena, const json_t *json);
// The caller calls json_decref.
json_t *genesis_json_write(const struct genesis *genesis);

#endif
