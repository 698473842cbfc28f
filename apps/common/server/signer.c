// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/signer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "chaincore/chaincore.h"

enum { VALID_BLOCKS = 1200, WAIT_MS = 1000, FILLER_GAS = 1000000 };

struct signer_key {
    char name[LIMIT_SIGNER_NAME_BYTES + 1];
    pthread_mutex_t lock; // from asking for a sequence number until the mempool has counted it
    struct node *node;
    struct outbox_queue *queue;
    bool has_key; // else what was signed goes out, and nothing is added
    struct secret_key key;
    struct account_id account;
    _Atomic enum tx_code held_up; // the follower's: why it waits, and since when
    _Atomic uint64_t held_up_ms;  // of the monotonic clock
};

struct signer_set {
    struct node *node;
    struct outbox *outbox;
    size_t count; // the own one first, and those without a key last
    size_t keyed; // of these
    struct signer_key *items;
    pthread_t follower;
    bool is_running;
    atomic_bool must_stop;
};

// --- opening ---

static void add(struct signer_set *signers, const char *name, const struct secret_key *key,
                const struct account_id *account) {
    struct signer_key *signer = &signers->items[signers->count++];
    *signer = (struct signer_key){.node = signers->node,
                                  .queue = outbox_queue_of(signers->outbox, account),
                                  .has_key = key != NULL,
                                  .account = *account};
    snprintf(signer->name, sizeof signer->name, "%s", name);
    if (key) signer->key = *key;
    pthread_mutex_init(&signer->lock, NULL);
}

static void add_key(struct signer_set *signers, const char *name, const struct secret_key *key) {
    struct public_key public;
    struct account_id account;
    key_public_of(&public, key);
    account_id_of_key(&account, &public);
    add(signers, name, key, &account);
    signers->keyed++;
}

static bool has_account(const struct signer_set *signers, const struct account_id *account) {
    for (size_t i = 0; i < signers->count; i++)
        if (account_id_equal(&signers->items[i].account, account)) return true;
    return false;
}

// What is left of accounts whose keys are not here any more.
static void add_left(struct signer_set *signers) {
    char address[ADDRESS_CHARS + 1];
    struct outbox_queue *queue = NULL;
    while ((queue = outbox_next_queue(signers->outbox, queue))) {
        if (has_account(signers, outbox_account(queue))) continue;
        address_encode(address, outbox_account(queue)->bytes);
        log_warning("signer", "jobs are left of an account whose key is not here",
                    log_text("account", address));
        add(signers, "", NULL, outbox_account(queue));
    }
}

static size_t count_queues(struct outbox *outbox) {
    size_t count = 0;
    for (struct outbox_queue *queue = NULL; (queue = outbox_next_queue(outbox, queue));) count++;
    return count;
}

enum status signer_set_open(struct signer_set **out, const struct signer_set_config *config) {
    struct signer_set *signers = mem_alloc(sizeof *signers);
    struct public_key public;
    struct outbox_config outbox = {.node = config->node, .path = config->path};
    ENSURE(config->account_count < LIMIT_SIGNERS);
    signers->node = config->node;
    key_public_of(&public, config->own);
    account_id_of_key(&outbox.account, &public);
    enum status status = outbox_open(&signers->outbox, &outbox);
    if (status != STATUS_OK) {
        signer_set_close(signers);
        return status;
    }
    size_t most = 1 + config->account_count + count_queues(signers->outbox);
    signers->items = mem_alloc_array(most, sizeof *signers->items);
    add_key(signers, server_account_name, config->own);
    for (size_t i = 0; i < config->account_count; i++)
        add_key(signers, config->accounts[i].name, &config->accounts[i].key);
    add_left(signers);
    *out = signers;
    return STATUS_OK;
}

void signer_set_close(struct signer_set *signers) {
    if (!signers) return;
    signers->must_stop = true;
    if (signers->is_running) pthread_join(signers->follower, NULL);
    outbox_close(signers->outbox);
    for (size_t i = 0; i < signers->count; i++) pthread_mutex_destroy(&signers->items[i].lock);
    if (signers->items) secret_clear(signers->items, signers->count * sizeof *signers->items);
    mem_free(signers->items);
    mem_free(signers);
}

// --- which ---

struct signer_key *signer_set_own(struct signer_set *signers) {
    return &signers->items[0];
}

struct signer_key *signer_set_at(struct signer_set *signers, size_t index) {
    return index < signers->keyed ? &signers->items[index] : NULL;
}

struct signer_key *signer_set_find(struct signer_set *signers, const char *name) {
    for (size_t i = 0; i < signers->keyed; i++)
        if (strcmp(signers->items[i].name, name) == 0) return &signers->items[i];
    return NULL;
}

const char *signer_name(const struct signer_key *signer) { return signer->name; }

const struct account_id *signer_account(const struct signer_key *signer) {
    return &signer->account;
}

size_t signer_waiting(struct signer_key *signer) { return outbox_count(signer->queue); }

enum tx_code signer_held_up(const struct signer_key *signer) { return signer->held_up; }

static bool is_unpaid(enum tx_code code) {
    return code == TX_CODE_CANNOT_PAY_GAS || code == TX_CODE_CANNOT_PAY_DEPOSIT;
}

void signer_set_report(struct signer_set *signers, struct signer_report *out) {
    uint64_t now_ms = clock_monotonic_ms();
    *out = (struct signer_report){0};
    for (size_t i = 0; i < signers->count; i++) {
        struct signer_key *signer = &signers->items[i];
        enum tx_code code = signer->held_up;
        uint64_t since_ms = signer->held_up_ms, *longest;
        out->waiting += signer_waiting(signer);
        if (code == TX_CODE_OK) continue;
        longest = is_unpaid(code) ? &out->unpaid_ms : &out->refused_ms;
        // At least one, so that what has just begun is told too.
        uint64_t passed_ms = now_ms > since_ms ? now_ms - since_ms : 1;
        if (passed_ms > *longest) *longest = passed_ms;
    }
}

// --- signing ---

// Appends the signed transaction.
static void sign(const struct signer_key *signer, const struct signer_order *order, uint64_t seq,
                 struct outbox_tx *out, struct buf *encoded) {
    struct node_head head;
    struct params params;
    node_head(signer->node, &head);
    node_params(signer->node, &params);
    struct tx tx = {.version = TX_VERSION,
                    .sender = signer->account,
                    .seq = seq,
                    .valid_until = head.header.height + VALID_BLOCKS,
                    .gas_limit = order->gas_limit,
                    .gas_price = params.min_gas_price,
                    .action_count = 1,
                    .actions = {order->action}};
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &signer->key, node_chain_id(signer->node)) == STATUS_OK);
    tx_encode(encoded, &tx);
    *out = (struct outbox_tx){.seq = seq, .valid_until = tx.valid_until};
    tx_id(&out->id, &tx);
}

uint64_t signer_try(const struct signer_key *signer, const struct signer_order *order) {
    struct node_simulation *simulation = mem_alloc(sizeof *simulation);
    struct outbox_tx unused;
    struct buf encoded = {0};
    sign(signer, order, 0, &unused, &encoded); // it need not be the next one's number
    enum tx_code code = node_simulate(signer->node, buf_bytes(&encoded), simulation);
    bool is_well = code == TX_CODE_OK && !simulation->was_cut_off && simulation->code == TX_CODE_OK;
    uint64_t gas = is_well ? simulation->receipt.gas_used : 0;
    node_simulation_clear(simulation);
    mem_free(simulation);
    buf_clear(&encoded);
    return gas;
}

void signer_pay(const struct signer_key *signer, struct tx *tx, struct buf *encoded) {
    ENSURE(tx->has_payer && account_id_equal(&tx->payer, &signer->account));
    ENSURE(tx_sign(tx, TX_ROLE_PAYER, &signer->key, node_chain_id(signer->node)) == STATUS_OK);
    tx_encode(encoded, tx);
}

static uint64_t next_seq(struct signer_key *signer) {
    struct account account;
    uint64_t seq;
    node_account(signer->node, &signer->account, &account, &seq);
    return seq;
}

// A number that nobody will use any more stands before what was accepted: it is spent on nothing.
static enum tx_code fill_gap(struct signer_key *signer) {
    struct signer_order nothing = {
        .action = {.kind = TX_TRANSFER, .transfer = {.to = signer->account}},
        .gas_limit = FILLER_GAS};
    struct outbox_tx tx;
    struct buf encoded = {0};
    struct hash id;
    sign(signer, &nothing, next_seq(signer), &tx, &encoded);
    enum tx_code code = node_submit(signer->node, buf_bytes(&encoded), &id);
    buf_clear(&encoded);
    return code;
}

// What was accepted earlier goes first.
static enum tx_code catch_up(struct signer_key *signer) {
    enum tx_code code = outbox_push(signer->queue);
    while (code == TX_CODE_NONCE_GAP && signer->has_key) {
        code = fill_gap(signer);
        if (code == TX_CODE_OK) code = outbox_push(signer->queue);
    }
    // Those jobs have failed, or will when the chain has gone on: nothing waits for them.
    bool is_over = code == TX_CODE_WRONG_NONCE || code == TX_CODE_EXPIRED;
    return is_over ? TX_CODE_OK : code;
}

// `cleans` is NULL, or the job whose cleanup this one is.
static enum status keep(struct signer_key *signer, const struct signer_job *job,
                        const uint8_t *cleans) {
    struct outbox_tx *txs = mem_alloc_array(job->count + 1, sizeof *txs);
    struct buf *encoded = mem_alloc_array(job->count + 1, sizeof *encoded);
    uint64_t seq = next_seq(signer);
    for (size_t i = 0; i < job->count; i++) {
        sign(signer, &job->orders[i], seq + i, &txs[i], &encoded[i]);
        txs[i].encoded = buf_bytes(&encoded[i]);
    }
    struct outbox_entry entry = {.job = job->id,
                                 .is_listed = job->is_listed,
                                 .txs = txs,
                                 .count = job->count,
                                 .cleans = cleans};
    struct outbox_call cleanup;
    if (job->cleanup) {
        ENSURE(job->cleanup->action.kind == TX_CALL);
        cleanup = (struct outbox_call){.contract = job->cleanup->action.call.contract,
                                       .method = job->cleanup->action.call.method,
                                       .arguments = job->cleanup->action.call.arguments,
                                       .gas_limit = job->cleanup->gas_limit};
        entry.cleanup = &cleanup;
    }
    enum status status = outbox_put(signer->queue, &entry);
    for (size_t i = 0; i < job->count; i++) buf_clear(&encoded[i]);
    mem_free(encoded);
    mem_free(txs);
    return status;
}

// Somebody else who has the key was faster with the number, or what stood before it is gone.
static bool is_overtaken(enum tx_code code) {
    return code == TX_CODE_WRONG_NONCE || code == TX_CODE_NONCE_GAP;
}

static enum status submit_once(struct signer_key *signer, const struct signer_job *job,
                               enum tx_code *code) {
    *code = catch_up(signer);
    if (*code != TX_CODE_OK) return STATUS_OK;
    enum status status = keep(signer, job, NULL);
    if (status != STATUS_OK) return status;
    *code = outbox_push(signer->queue);
    // What the node refuses after it took the first of them goes out later.
    if (*code != TX_CODE_OK && !outbox_forget(signer->queue, job->id)) *code = TX_CODE_OK;
    return STATUS_OK;
}

enum status signer_submit(struct signer_key *signer, const struct signer_job *job,
                          enum tx_code *code) {
    enum status status;
    unsigned attempts = 0;
    pthread_mutex_lock(&signer->lock);
    do status = submit_once(signer, job, code);
    while (status == STATUS_OK && is_overtaken(*code) && ++attempts < LIMIT_SIGNER_ATTEMPTS);
    if (status == STATUS_OK && is_overtaken(*code)) status = STATUS_BUSY;
    pthread_mutex_unlock(&signer->lock);
    return status;
}

enum status signer_set_find_job(struct signer_set *signers, const uint8_t id[OUTBOX_JOB_BYTES],
                                struct arena *arena, struct outbox_job *out) {
    return outbox_find(signers->outbox, id, arena, out);
}

enum status signer_list_jobs(struct signer_key *signer, const struct outbox_page *page,
                             struct arena *arena, struct outbox_job **out, size_t *count) {
    return outbox_list(signer->queue, page, arena, out, count);
}

// Under the lock, when all that was accepted is out: sends what is due besides.
static enum tx_code clean_up(struct signer_key *signer) {
    struct arena arena = {0};
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        uint8_t failed[OUTBOX_JOB_BYTES];
        struct outbox_call call;
        struct signer_job job = {.count = 1};
        status = outbox_find_cleanup(signer->queue, &arena, failed, &call);
        if (status != STATUS_OK) break;
        struct signer_order order = {.action = {.kind = TX_CALL,
                                                .call = {.contract = call.contract,
                                                         .method = call.method,
                                                         .arguments = call.arguments}},
                                     .gas_limit = call.gas_limit};
        job.orders = &order;
        random_bytes(job.id, sizeof job.id);
        status = keep(signer, &job, failed);
    }
    if (status != STATUS_NOT_FOUND)
        log_error("signer", "what a failed job left cannot be cleaned up",
                  log_text("status", status_name(status)));
    arena_clear(&arena);
    return outbox_push(signer->queue);
}

static void note_held_up(struct signer_key *signer, enum tx_code code) {
    if (code == TX_CODE_NOT_RUNNING) code = TX_CODE_OK; // the server starts or stops
    if (code == signer->held_up) return;
    if (code != TX_CODE_OK) {
        log_warning("signer", "what was accepted waits", log_text("signer", signer->name),
                    log_text("code", tx_code_name(code)));
        signer->held_up_ms = clock_monotonic_ms();
    }
    signer->held_up = code;
}

static void look_after(struct signer_key *signer) {
    if (outbox_is_empty(signer->queue)) {
        note_held_up(signer, TX_CODE_OK);
        return;
    }
    pthread_mutex_lock(&signer->lock);
    outbox_settle(signer->queue);
    enum tx_code code = catch_up(signer);
    if (code == TX_CODE_OK && signer->has_key) code = clean_up(signer);
    pthread_mutex_unlock(&signer->lock);
    note_held_up(signer, code);
}

static void *follow(void *argument) {
    struct signer_set *signers = argument;
    struct node_head head;
    while (!signers->must_stop) {
        node_head(signers->node, &head);
        for (size_t i = 0; i < signers->count; i++) look_after(&signers->items[i]);
        node_wait(signers->node, head.header.height, WAIT_MS);
    }
    return NULL;
}

enum status signer_set_start(struct signer_set *signers) {
    for (size_t i = 0; i < signers->count; i++) {
        struct signer_key *signer = &signers->items[i];
        pthread_mutex_lock(&signer->lock);
        outbox_settle(signer->queue);
        (void)!catch_up(signer); // the thread tries again
        pthread_mutex_unlock(&signer->lock);
    }
    if (pthread_create(&signers->follower, NULL, follow, signers) != 0) return STATUS_NO_MEMORY;
    signers->is_running = true;
    return STATUS_OK;
}
