// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/demo.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "chaincore/base/clock_shared.h"
#include "chaincore/chaincore.h"

enum { DEMO_GAS = 50 * 1000 * 1000, VALID_BLOCKS = 1000, STEP_MS = 1000, MOST_STEPS = 120 };
enum { PRESENT_MS = 2 * 60 * 1000 }; // a head within that of the clock: it is idle, at most

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
    if (ms == 0) return;
    clock_wall_advance(ms);
    node_look_again(demo->server->node);
    demo->back_ms -= ms < demo->back_ms ? ms : demo->back_ms;
}

// ---- the thread

struct demo_maker {
    struct demo demo;
    struct demo_wish wish;
    char cut_off[PATH_MAX + 32], made[PATH_MAX + 32]; // marks
    pthread_t thread;
    bool has_thread;
    atomic_bool stop, is_over;
};

static enum status mark(const struct demo_maker *maker) {
    return file_replace(maker->cut_off, bytes_of("", 0), 0600);
}

// The other server's are here too when the chain is of now again.
static bool is_my_turn(const struct demo_maker *maker) {
    struct node_head head;
    node_head(maker->demo.server->node, &head);
    return file_exists(maker->wish.after) && head.header.time_ms + PRESENT_MS >= clock_wall_ms();
}

// Whoever ends meanwhile has left nothing.
static void await_turn(struct demo_maker *maker) {
    static const struct timespec step = {.tv_nsec = 20 * 1000 * 1000};
    if (!*maker->wish.after) return;
    while (!is_my_turn(maker) && !atomic_load(&maker->stop)) nanosleep(&step, NULL);
    maker->demo.now_ms = clock_wall_ms();
    maker->demo.status = atomic_load(&maker->stop) ? STATUS_UNAVAILABLE : mark(maker);
}

static void *make(void *context) {
    struct demo_maker *maker = context;
    struct demo *demo = &maker->demo;
    await_turn(maker);
    if (demo->status == STATUS_OK) maker->wish.market->demo(demo);
    demo_let_pass(demo, demo->back_ms);
    if (demo->status == STATUS_OK && rename(maker->cut_off, maker->made) != 0)
        demo->status = STATUS_IO;
    atomic_store(&maker->is_over, true);
    return NULL;
}

// The clock goes back, though not behind the chain's.
static void go_back(struct demo *demo, uint64_t chain_ms, uint64_t ms) {
    if (ms == 0) return;
    // Without blocks there is nothing yet that a clock which outlives a start could tell.
    if (clock_wall_is_shared()) clock_wall_set_back(clock_wall_shift_ms());
    demo->now_ms = clock_wall_ms();
    if (demo->now_ms < chain_ms) clock_wall_advance(chain_ms - demo->now_ms);
    if (demo->now_ms <= chain_ms) return;
    demo->back_ms = ms < demo->now_ms - chain_ms ? ms : demo->now_ms - chain_ms;
    clock_wall_set_back(demo->back_ms);
}

enum status demo_open(struct demo_maker **out, struct server *server,
                      const struct demo_wish *wish) {
    struct node_head head;
    struct demo_maker *maker = mem_alloc(sizeof *maker);
    *maker =
        (struct demo_maker){.demo = {.server = server, .now_ms = clock_wall_ms()}, .wish = *wish};
    maker->demo.stop = &maker->stop;
    *out = maker;
    snprintf(maker->cut_off, sizeof maker->cut_off, "%s/demo-is-not-whole", server->data_dir);
    snprintf(maker->made, sizeof maker->made, "%s/demo-is-made", server->data_dir);
    node_head(server->node, &head);
    bool has_blocks = head.header.height > 0;
    if (has_blocks && file_exists(maker->cut_off)) return STATUS_CORRUPT;
    if (file_exists(maker->made) || (has_blocks && !wish->is_among_others)) {
        atomic_store(&maker->is_over, true);
        return STATUS_OK;
    }
    if (!has_blocks) go_back(&maker->demo, head.header.time_ms, wish->market->demo_back_ms);
    return *wish->after ? STATUS_OK : mark(maker);
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
