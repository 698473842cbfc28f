// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/simulate_routes.h"

#include "apps/common/server/chain_json.h"
#include "apps/common/server/tx_json.h"

static void append_simulation(struct buf *out, struct server *server,
                              const struct node_simulation *simulation) {
    struct tx_teller *teller = tx_teller_open(server->node);
    const struct tx *tx = &simulation->tx;
    struct amount fee;
    ENSURE(amount_mul(&fee, amount_of_units(tx->gas_price), simulation->receipt.gas_used) ==
           STATUS_OK);
    buf_append_format(out, "{\"height\":%llu,\"code\":\"%s\"",
                      (unsigned long long)simulation->height, tx_code_name(simulation->code));
    tx_json_outcome(out, server->node,
                    &(struct tx_outcome){simulation->code, simulation->receipt.contract_code, tx});
    buf_append_format(
        out, ",\"gas_used\":%llu,\"fee\":", (unsigned long long)simulation->receipt.gas_used);
    chain_json_amount(out, fee);
    buf_append_string(out, ",\"actions\":");
    tx_json_actions(out, teller, tx, &simulation->receipt.tx_id);
    buf_append_string(out, ",\"events\":");
    tx_json_events(out, teller, simulation->events, simulation->event_count, NULL);
    buf_append_byte(out, '}');
    tx_teller_close(teller);
}

enum status post_simulate(void *context, struct http_request *request,
                          struct http_response *response) {
    struct server *server = context;
    struct node_simulation *simulation = arena_alloc(http_arena(request), sizeof *simulation);
    enum tx_code code = node_simulate(server->node, http_body(request), simulation);
    if (code == TX_CODE_OK && simulation->was_cut_off) {
        http_problem_as(response, 422, "simulation_too_long",
                        "It takes more gas than a simulation may use.");
    } else if (code == TX_CODE_OK) {
        append_simulation(http_body_buf(response), server, simulation);
        http_set_type(response, "application/json");
    } else {
        server_encoded_tx_problem(response, code, http_body(request));
    }
    node_simulation_clear(simulation);
    return STATUS_OK;
}
