// SPDX-License-Identifier: Apache-2.0
// The parts that answers about the chain are made of, as JSON.
#ifndef LMM_SERVER_CHAIN_JSON_H
#define LMM_SERVER_CHAIN_JSON_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/amount.h"
#include "chaincore/chaincore.h"
#include "chaincore/contract/stake.h"

// Digits alone, without quotes.
void chain_json_digits(struct buf *out, struct bytes bytes);
// With quotes.
void chain_json_hex(struct buf *out, struct bytes bytes);
void chain_json_address(struct buf *out, const struct account_id *id);
void chain_json_amount(struct buf *out, struct amount amount);
void chain_json_time(struct buf *out, int64_t time_ms);
// `,"proof":"/v1/…/proof"`, behind other members: where a thing's proof is.
void chain_json_tx_proof(struct buf *out, const struct hash *tx_id);
void chain_json_block_proof(struct buf *out, uint64_t height);
void chain_json_account_proof(struct buf *out, const struct account_id *id);
void chain_json_contract_proof(struct buf *out, const struct account_id *id);
// `,"is_active":…,"left":…,"punished_in":…`, behind other members: whether a candidate stands, why
// not, and in which epoch it was last punished. NULL: it is none.
void chain_json_standing(struct buf *out, const struct candidate *candidate);
// `,"name":"…"`, behind other members.
void chain_json_hash(struct buf *out, const char *name, const struct hash *hash);

#endif
