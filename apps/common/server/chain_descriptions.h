// SPDX-License-Identifier: Apache-2.0
// What the API's document says of the routes that every market has; each is named like its handler.
#ifndef LMM_SERVER_CHAIN_DESCRIPTIONS_H
#define LMM_SERVER_CHAIN_DESCRIPTIONS_H

#include "apps/common/http/openapi.h"

extern const struct http_description describes_get_chain;
extern const struct http_description describes_get_parameters;
extern const struct http_description describes_get_blocks;
extern const struct http_description describes_get_block;
extern const struct http_description describes_get_account;
extern const struct http_description describes_get_candidates;
extern const struct http_description describes_get_contract;
extern const struct http_description describes_get_contract_abi;
extern const struct http_description describes_get_contract_view;
extern const struct http_description describes_post_contract_view;
extern const struct http_description describes_post_transaction;
extern const struct http_description describes_get_transaction;
extern const struct http_description describes_get_live;
extern const struct http_description describes_get_devnet;
extern const struct http_description describes_post_faucet;
extern const struct http_description describes_post_warp;
extern const struct http_description describes_get_openapi;
extern const struct http_description describes_get_docs;
extern const struct http_description describes_get_livez;
extern const struct http_description describes_get_readyz;
extern const struct http_description describes_get_metrics;

#endif
