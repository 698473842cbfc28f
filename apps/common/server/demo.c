// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/demo.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

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
            if (atomic_load(demo->stop)) demo->status = STATUS_UNAVAILABLE;
            if (demo->status != STATUS_OK) break;
            if (!node_wait(demo->server->node, head.header.height, STEP_MS)) steps++;
            node_head(demo->server->node, &head);
            if (steps < MOST_STEPS) continue;
            fail(demo, STATUS_UNAVAILABLE, "the chain makes no blocks", "");
            break;
        }
    }
    demo->count = 0;
}

void demo_let_pass(struct demo *demo, uint64_t ms) {
    demo_settle(demo);
    clock_wall_advance(ms);
    node_look_again(demo->server->node);
    demo->back_ms -= ms < demo->back_ms ? ms : demo->back_ms;
}

// ---- the thread

struct demo_maker {
    struct demo demo;
    void (*market_demo)(struct demo *demo);
    char mark[PATH_MAX + 32];
    pthread_t thread;
    bool has_thread;
    atomic_bool stop, is_over;
};

static void *make(void *context) {
    struct demo_maker *maker = context;
    maker->market_demo(&maker->demo);
    demo_let_pass(&maker->demo, maker->demo.back_ms);
    if (maker->demo.status == STATUS_OK && unlink(maker->mark) != 0) maker->demo.status = STATUS_IO;
    atomic_store(&maker->is_over, true);
    return NULL;
}

// The clock goes back, though not behind the chain's.
static void go_back(struct demo *demo, uint64_t chain_ms, uint64_t ms) {
    if (ms == 0) return;
    if (demo->now_ms < chain_ms) clock_wall_advance(chain_ms - demo->now_ms);
    if (demo->now_ms <= chain_ms) return;
    demo->back_ms = ms < demo->now_ms - chain_ms ? ms : demo->now_ms - chain_ms;
    clock_wall_set_back(demo->back_ms);
}

enum status demo_open(struct demo_maker **out, struct server *server,
                      const struct server_market *market) {
    struct node_head head;
    struct demo_maker *maker = mem_alloc(sizeof *maker);
    *maker = (struct demo_maker){.demo = {.server = server, .now_ms = clock_wall_ms()},
                                 .market_demo = market->demo};
    maker->demo.stop = &maker->stop;
    *out = maker;
    snprintf(maker->mark, sizeof maker->mark, "%s/demo-is-not-whole", server->data_dir);
    node_head(server->node, &head);
    if (head.header.height > 0) {
        atomic_store(&maker->is_over, true);
        return file_exists(maker->mark) ? STATUS_CORRUPT : STATUS_OK;
    }
    go_back(&maker->demo, head.header.time_ms, market->demo_back_ms);
    return file_replace(maker->mark, bytes_of("", 0), 0600);
}

enum status demo_begin(struct demo_maker *maker) {
    if (!maker || atomic_load(&maker->is_over)) return STATUS_OK;
    maker->has_thread = pthread_create(&maker->thread, NULL, make, maker) == 0;
    return maker->has_thread ? STATUS_OK : STATUS_NO_MEMORY;
}

bool demo_is_over(struct demo_maker *maker, enum status *status) {
    *status = STATUS_OK;
    if (!maker) return true;
    if (!atomic_load(&maker->is_over)) return false;
    *status = maker->demo.status;
    return true;
}

void demo_end(struct demo_maker *maker) {
    if (!maker) return;
    atomic_store(&maker->stop, true);
    if (maker->has_thread) pthread_join(maker->thread, NULL);
    mem_free(maker);
}
