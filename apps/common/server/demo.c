// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/demo.h"

#include "chaincore/chaincore.h"

enum { DEMO_GAS = 50 * 1000 * 1000, VALID_BLOCKS = 1000, STEP_MS = 1000, MOST_STEPS = 120 };

static void fail(struct demo *demo, enum status status, const char *why, const char *code) {
    log_error("server", "the demo rows are not whole", log_text("why", why),
              log_text("code", code));
    if (demo->status == STATUS_OK) demo->status = status;
}

void demo_send(struct demo *demo, const char *role, struct tx *tx) {
    struct server *server = demo->server;
    const struct devnet_account *account = devnet_find(&server->devnet, role);
    struct params params;
    struct node_head head;
    struct buf encoded = {0};
    if (demo->status != STATUS_OK) return;
    if (!account) {
        fail(demo, STATUS_NOT_FOUND, "no such role", role);
        return;
    }
    if (demo->count == sizeof demo->ids / sizeof *demo->ids) demo_settle(demo);
    node_params(server->node, &params);
    node_head(server->node, &head);
    tx->version = TX_VERSION;
    tx->sender = account->id;
    tx->seq = node_next_seq(server->node, &(struct tx_lane){.account = account->id});
    tx->valid_until = head.header.height + VALID_BLOCKS;
    tx->gas_limit = DEMO_GAS;
    tx->gas_price = params.min_gas_price;
    ENSURE(tx_sign(tx, TX_ROLE_SENDER, &account->key, node_chain_id(server->node)) == STATUS_OK);
    tx_encode(&encoded, tx);
    enum tx_code code = node_submit(server->node, buf_bytes(&encoded), &demo->ids[demo->count]);
    buf_clear(&encoded);
    if (code == TX_CODE_OK)
        demo->count++;
    else
        fail(demo, STATUS_INVALID, "a transaction is refused", tx_code_name(code));
}

void demo_call(struct demo *demo, const char *role, const char *method, struct bytes arguments,
               uint64_t units) {
    static struct tx tx; // large, and the demo has one thread
    tx = (struct tx){.action_count = 1};
    tx.actions[0] = (struct tx_action){.kind = TX_CALL,
                                       .call = {.contract = demo->server->contract,
                                                .method = bytes_of_string(method),
                                                .arguments = arguments,
                                                .value = amount_of_units(units)}};
    demo_send(demo, role, &tx);
}

// Its end; false while there is none.
static bool find_end(struct demo *demo, const struct hash *id) {
    struct node_tx found;
    enum status status = node_find_tx(demo->server->node, id, &found);
    if (status != STATUS_OK) {
        fail(demo, status, "a transaction cannot be looked up", status_name(status));
        return true;
    }
    if (found.state != NODE_TX_FINAL && found.state != NODE_TX_DROPPED) return false;
    enum tx_code code =
        found.state == NODE_TX_FINAL ? (enum tx_code)found.receipt.code : found.code;
    if (code != TX_CODE_OK) fail(demo, STATUS_INVALID, "a transaction failed", tx_code_name(code));
    return true;
}

void demo_settle(struct demo *demo) {
    struct node_head head;
    int steps = 0;
    for (size_t i = 0; i < demo->count && demo->status == STATUS_OK; i++) {
        node_head(demo->server->node, &head);
        while (!find_end(demo, &demo->ids[i])) {
            if (!node_wait(demo->server->node, head.header.height, STEP_MS)) steps++;
            node_head(demo->server->node, &head);
            if (steps < MOST_STEPS) continue;
            fail(demo, STATUS_UNAVAILABLE, "the chain makes no blocks", "");
            break;
        }
    }
    demo->count = 0;
}

enum status demo_place(struct server *server, void (*market_demo)(struct demo *demo)) {
    struct node_head head;
    node_head(server->node, &head);
    if (head.header.height > 0) return STATUS_OK;
    struct demo demo = {.server = server, .now_ms = clock_wall_ms()};
    market_demo(&demo);
    demo_settle(&demo);
    return demo.status;
}
