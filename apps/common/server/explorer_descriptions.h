// SPDX-License-Identifier: Apache-2.0
// What the API's document says of the explorer's routes; each is named like its handler.
#ifndef LMM_SERVER_EXPLORER_DESCRIPTIONS_H
#define LMM_SERVER_EXPLORER_DESCRIPTIONS_H

#include "apps/common/http/openapi.h"

extern const struct http_description describes_get_transactions;
extern const struct http_description describes_get_block_transactions;
extern const struct http_description describes_get_decoded_transaction;
extern const struct http_description describes_get_tx_event_proof;
extern const struct http_description describes_get_block_proof;
extern const struct http_description describes_get_tx_proof;
extern const struct http_description describes_get_account_proof;
extern const struct http_description describes_get_contract_proof;
extern const struct http_description describes_get_storage_proof;
extern const struct http_description describes_get_contracts;
extern const struct http_description describes_get_witnesses;
extern const struct http_description describes_get_epochs;
extern const struct http_description describes_get_epoch;
extern const struct http_description describes_get_peers;
extern const struct http_description describes_get_nodes;
extern const struct http_description describes_get_ballots;
extern const struct http_description describes_post_simulate;
extern const struct http_description describes_get_search;

#endif
