// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/signer.h"

#include <pthread.h>
#include <stdatomic.h>

#include "chaincore/chaincore.h"

enum { VALID_BLOCKS = 1200, WAIT_MS = 1000, FILLER_GAS = 1000000 };

struct signer_key {
    pthread_mutex_t lock; // from asking for a sequence number until the mempool has counted it
    struct node *node;
    struct outbox *outbox;
    struct secret_key key;
    struct account_id account;
    pthread_t follower;
    bool is_running;
    atomic_bool must_stop;
};

enum status signer_open(struct signer_key **out, struct node *node, const struct secret_key *key,
                        const char *path) {
    struct signer_key *signer = mem_alloc(sizeof *signer);
    struct public_key public;
    pthread_mutex_init(&signer->lock, NULL);
    signer->node = node;
    signer->key = *key;
    key_public_of(&public, key);
    account_id_of_key(&signer->account, &public);
    struct outbox_config config = {.node = node, .path = path, .account = signer->account};
    enum status status = outbox_open(&signer->outbox, &config);
    if (status == STATUS_OK)
        *out = signer;
    else
        signer_close(signer);
    return status;
}

void signer_close(struct signer_key *signer) {
    if (!signer) return;
    signer->must_stop = true;
    if (signer->is_running) pthread_join(signer->follower, NULL);
    outbox_close(signer->outbox);
    pthread_mutex_destroy(&signer->lock);
    secret_clear(&signer->key, sizeof signer->key);
    mem_free(signer);
}

const struct account_id *signer_account(const struct signer_key *signer) {
    return &signer->account;
}

// Appends the signed transaction.
static void sign(struct signer_key *signer, const struct signer_order *order, uint64_t seq,
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
    enum tx_code code = outbox_push(signer->outbox);
    while (code == TX_CODE_NONCE_GAP) {
        code = fill_gap(signer);
        if (code == TX_CODE_OK) code = outbox_push(signer->outbox);
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
    enum status status = outbox_put(signer->outbox, &entry);
    for (size_t i = 0; i < job->count; i++) buf_clear(&encoded[i]);
    mem_free(encoded);
    mem_free(txs);
    return status;
}

enum status signer_submit(struct signer_key *signer, const struct signer_job *job,
                          enum tx_code *code) {
    enum status status = STATUS_OK;
    pthread_mutex_lock(&signer->lock);
    *code = catch_up(signer);
    if (*code != TX_CODE_OK) goto out;
    TRY(keep(signer, job, NULL));
    *code = outbox_push(signer->outbox);
    // What the node refuses after it took the first of them goes out later.
    if (*code != TX_CODE_OK && !outbox_forget(signer->outbox, job->id)) *code = TX_CODE_OK;
out:
    pthread_mutex_unlock(&signer->lock);
    return status;
}

enum status signer_find_job(struct signer_key *signer, const uint8_t id[OUTBOX_JOB_BYTES],
                            struct arena *arena, struct outbox_job *out) {
    return outbox_find(signer->outbox, id, arena, out);
}

enum status signer_list_jobs(struct signer_key *signer, const struct outbox_page *page,
                             struct arena *arena, struct outbox_job **out, size_t *count) {
    return outbox_list(signer->outbox, page, arena, out, count);
}

// Under the lock, when all that was accepted is out: sends what is due besides.
static enum tx_code clean_up(struct signer_key *signer) {
    struct arena arena = {0};
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        uint8_t failed[OUTBOX_JOB_BYTES];
        struct outbox_call call;
        struct signer_job job = {.count = 1};
        status = outbox_find_cleanup(signer->outbox, &arena, failed, &call);
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
    return outbox_push(signer->outbox);
}

static void *follow(void *argument) {
    struct signer_key *signer = argument;
    struct node_head head;
    enum tx_code told = TX_CODE_OK;
    while (!signer->must_stop) {
        node_head(signer->node, &head);
        if (!outbox_is_empty(signer->outbox)) {
            pthread_mutex_lock(&signer->lock);
            outbox_settle(signer->outbox);
            enum tx_code code = catch_up(signer);
            if (code == TX_CODE_OK) code = clean_up(signer);
            pthread_mutex_unlock(&signer->lock);
            if (code != told && code != TX_CODE_OK && code != TX_CODE_NOT_RUNNING)
                log_warning("signer", "what was accepted waits",
                            log_text("code", tx_code_name(code)));
            told = code;
        }
        node_wait(signer->node, head.header.height, WAIT_MS);
    }
    return NULL;
}

enum status signer_start(struct signer_key *signer) {
    pthread_mutex_lock(&signer->lock);
    outbox_settle(signer->outbox);
    (void)!catch_up(signer); // the thread tries again
    pthread_mutex_unlock(&signer->lock);
    if (pthread_create(&signer->follower, NULL, follow, signer) != 0) return STATUS_NO_MEMORY;
    signer->is_running = true;
    return STATUS_OK;
}
