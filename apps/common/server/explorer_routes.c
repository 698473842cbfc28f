// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/explorer_routes.h"

#include "apps/common/server/ballot_routes.h"
#include "apps/common/server/contract_list.h"
#include "apps/common/server/epoch_routes.h"
#include "apps/common/server/explorer_descriptions.h"
#include "apps/common/server/network_routes.h"
#include "apps/common/server/proof_routes.h"
#include "apps/common/server/search_routes.h"
#include "apps/common/server/simulate_routes.h"
#include "apps/common/server/transaction_routes.h"
#include "apps/common/server/witness_routes.h"

const struct http_route explorer_routes[] = {
    {HTTP_GET, "/v1/transactions", get_transactions, NULL, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_transactions},
    {HTTP_GET, "/v1/blocks/{height}/transactions", get_block_transactions, NULL, NULL, JSON_OR_CSV,
     0, NULL, HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_block_transactions},
    {HTTP_GET, "/v1/transactions/{id}/decoded", get_decoded_transaction, NULL, NULL,
     "application/json", 0, NULL, HTTP_LANE(SERVER_LANE_TRY), &describes_get_decoded_transaction},
    {HTTP_GET, "/v1/transactions/{id}/events/{index}/proof", get_tx_event_proof, NULL, NULL,
     "application/json", 0, NULL, HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_tx_event_proof},
    {HTTP_GET, "/v1/blocks/{height}/proof", get_block_proof, NULL, NULL, "application/json", 0,
     NULL, HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_block_proof},
    {HTTP_GET, "/v1/transactions/{id}/proof", get_tx_proof, NULL, NULL, "application/json", 0, NULL,
     HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_tx_proof},
    {HTTP_GET, "/v1/accounts/{address}/proof", get_account_proof, NULL, NULL, "application/json", 0,
     NULL, HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_account_proof},
    {HTTP_GET, "/v1/contracts/{address}/proof", get_contract_proof, NULL, NULL, "application/json",
     0, NULL, HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_contract_proof},
    {HTTP_GET, "/v1/contracts/{address}/storage/{key}/proof", get_storage_proof, NULL, NULL,
     "application/json", 0, NULL, HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_storage_proof},
    {HTTP_GET, "/v1/contracts", get_contracts, NULL, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_SEARCH), &describes_get_contracts},
    {HTTP_GET, "/v1/witnesses", get_witnesses, NULL, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_witnesses},
    {HTTP_GET, "/v1/epochs", get_epochs, NULL, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_epochs},
    {HTTP_GET, "/v1/epochs/{epoch}", get_epoch, NULL, NULL, "application/json", 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_epoch},
    {HTTP_GET, "/v1/peers", get_peers, NULL, NULL, JSON_OR_CSV, 0, NULL, 0, &describes_get_peers},
    {HTTP_GET, "/v1/nodes", get_nodes, NULL, NULL, JSON_OR_CSV, 0, NULL, 0, &describes_get_nodes},
    {HTTP_GET, "/v1/ballots", get_ballots, NULL, NULL, "application/json", 0, NULL, 0,
     &describes_get_ballots},
    {HTTP_POST, "/v1/simulate", post_simulate, NULL, "application/octet-stream", "application/json",
     LIMIT_DEPLOY_TX_BYTES, NULL, HTTP_LANE(SERVER_LANE_SIMULATE) | HTTP_NO_EFFECT,
     &describes_post_simulate},
    {HTTP_GET, "/v1/search", get_search, NULL, NULL, "application/json", 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_get_search},
};
const size_t explorer_route_count = sizeof explorer_routes / sizeof *explorer_routes;
