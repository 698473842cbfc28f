// SPDX-License-Identifier: Apache-2.0
// What devnet.json tells: the chain, its public demo keys, and where its servers are.
#ifndef LMM_CLI_DEVNET_H
#define LMM_CLI_DEVNET_H

#include <jansson.h>

#include "chaincore/crypto/sign.h"
#include "cli/command.h"

// NULL when there is none (that is no error). The caller calls json_decref.
json_t *devnet_load(const struct options *options);
// The URL to talk to: --url, which may be the name of one of the devnet's servers, or the first of
// them. NULL, with a complaint, without either.
const char *devnet_url(const struct options *options, const json_t *devnet);
// For what one market alone has: without --url that market's server, where the devnet has it.
const char *devnet_market_url(const struct options *options, const json_t *devnet,
                              const char *market);
// The Thing Description of its demo's lock; NULL when it has none.
const char *devnet_lock(const json_t *devnet);
// The key of a role or address of the devnet. False when it has none such.
bool devnet_key(const json_t *devnet, const char *role_or_address, struct secret_key *out);
// The address of a role; the text itself when it is no role.
const char *devnet_address(const json_t *devnet, const char *role_or_address);

#endif
