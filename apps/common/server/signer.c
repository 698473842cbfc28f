// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/signer.h"

#include <pthread.h>

#include "chaincore/base/memory.h"

enum { VALID_BLOCKS = 1200 };

struct signer_key {
    pthread_mutex_t lock; // from asking for a sequence number until the mempool has counted it
    struct node *node;
    struct secret_key key;
    struct account_id account;
};

struct signer_key *signer_open(struct node *node, const struct secret_key *key) {
    struct signer_key *signer = mem_alloc(sizeof *signer);
    struct public_key public;
    pthread_mutex_init(&signer->lock, NULL);
    signer->node = node;
    signer->key = *key;
    key_public_of(&public, key);
    account_id_of_key(&signer->account, &public);
    return signer;
}

void signer_close(struct signer_key *signer) {
    if (!signer) return;
    pthread_mutex_destroy(&signer->lock);
    secret_clear(&signer->key, sizeof signer->key);
    mem_free(signer);
}

const struct account_id *signer_account(const struct signer_key *signer) {
    return &signer->account;
}

static enum tx_code submit_one(struct signer_key *signer, const struct signer_order *order,
                               struct hash *id) {
    struct account account;
    struct node_head head;
    struct params params;
    struct buf encoded = {0};
    node_head(signer->node, &head);
    node_params(signer->node, &params);
    struct tx tx = {.version = TX_VERSION,
                    .sender = signer->account,
                    .valid_until = head.header.height + VALID_BLOCKS,
                    .gas_limit = order->gas_limit,
                    .gas_price = params.min_gas_price,
                    .action_count = 1,
                    .actions = {order->action}};
    node_account(signer->node, &signer->account, &account, &tx.seq);
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &signer->key, node_chain_id(signer->node)) == STATUS_OK);
    tx_encode(&encoded, &tx);
    enum tx_code code = node_submit(signer->node, buf_bytes(&encoded), id);
    buf_clear(&encoded);
    return code;
}

enum tx_code signer_submit(struct signer_key *signer, const struct signer_order *orders,
                           size_t count, struct hash *ids, size_t *accepted) {
    enum tx_code code = TX_CODE_OK;
    pthread_mutex_lock(&signer->lock);
    for (*accepted = 0; *accepted < count; ++*accepted) {
        code = submit_one(signer, &orders[*accepted], &ids[*accepted]);
        if (code != TX_CODE_OK) break;
    }
    pthread_mutex_unlock(&signer->lock);
    return code;
}
