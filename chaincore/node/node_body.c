// SPDX-License-Identifier: Apache-2.0
// A block's transactions on their way between nodes, and whether they are signed.
#include "chaincore/base/memory.h"
#include "chaincore/chain/block_roots.h"
#include "chaincore/contract/signers.h"
#include "chaincore/crypto/hash_lanes.h"
#include "chaincore/node/node_block.h"
#include "chaincore/node/node_branch.h"

// So many side by side: as in node_submit.c.
enum { AT_ONCE = 32 };

enum status body_decode(struct body *out, struct arena *arena, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > LIMIT_BODY_BYTES) return STATUS_TOO_LARGE;
    out->count = decode_count(&decoder, LIMIT_BLOCK_TXS);
    struct bytes *txs = arena_alloc_array(arena, out->count, sizeof *txs);
    for (uint32_t i = 0; i < out->count && decoder.status == STATUS_OK; i++)
        txs[i] = decode_bytes(&decoder, LIMIT_DEPLOY_TX_BYTES);
    out->txs = txs;
    return decoder_finish(&decoder);
}

void body_encode(struct buf *out, const struct block *block) {
    uint32_t timers = 0;
    while (timers < block->tx_count && block->txs[timers].encoded.len == 0) timers++;
    encode_u32(out, block->tx_count - timers);
    for (uint32_t i = timers; i < block->tx_count; i++) encode_bytes(out, block->txs[i].encoded);
}

// Some transactions of a body, and what is found out about them.
struct batch {
    size_t count;
    const struct bytes *encoded;
    struct vetted *vetted;
    struct tx txs[AT_ONCE];
    struct bytes bodies[AT_ONCE]; // what the ids are the hashes of
    struct signers signers[AT_ONCE];
};

static bool batch_decode(struct batch *batch) {
    struct hash_item items[AT_ONCE];
    for (size_t i = 0; i < batch->count; i++) {
        if (tx_decode(&batch->txs[i], batch->encoded[i]) != STATUS_OK) return false;
        batch->bodies[i] = tx_body(batch->encoded[i], &batch->txs[i]);
        items[i] = (struct hash_item){&batch->vetted[i].id, batch->bodies[i]};
    }
    hash_many(HASH_TX, items, batch->count);
    return true;
}

// The id says nothing of the signatures: all of the bytes must be the same.
static void batch_look_up(struct node *node, struct batch *batch) {
    pthread_mutex_lock(&node->lock);
    for (size_t i = 0; i < batch->count; i++) {
        struct vetted *vetted = &batch->vetted[i];
        const struct mempool_entry *entry = mempool_find(node->mempool, &vetted->id);
        vetted->is_verified = entry && bytes_equal(entry->encoded, batch->encoded[i]);
        if (vetted->is_verified) vetted->signers = entry->signers;
    }
    pthread_mutex_unlock(&node->lock);
}

static void batch_verify(const struct node *node, struct batch *batch,
                         const struct state_view *view) {
    struct signers_check checks[AT_ONCE];
    struct vetted *checked[AT_ONCE];
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->vetted[i].is_verified ||
            signers_find(&batch->signers[i], view, &batch->txs[i]) != TX_CODE_OK)
            continue;
        checked[count] = &batch->vetted[i];
        checks[count++] = (struct signers_check){
            .signers = &batch->signers[i], .tx = &batch->txs[i], .tx_id = &batch->vetted[i].id};
    }
    signers_verify_many(checks, count, &node->chain_id);
    for (size_t i = 0; i < count; i++) {
        checked[i]->is_verified = checks[i].code == TX_CODE_OK;
        if (checked[i]->is_verified) signers_hash(&checked[i]->signers, checks[i].signers);
    }
}

bool body_vet(struct node *node, struct vetted *out, const struct body *body,
              const struct parent *parent) {
    struct batch *batch = mem_alloc(sizeof *batch);
    bool is_sound = true;
    for (uint32_t done = 0; done < body->count && is_sound; done += AT_ONCE) {
        batch->count = body->count - done < AT_ONCE ? body->count - done : AT_ONCE;
        batch->encoded = body->txs + done;
        batch->vetted = out + done;
        is_sound = batch_decode(batch);
        if (!is_sound) break;
        batch_look_up(node, batch);
        batch_verify(node, batch, state_version_view(parent->version));
    }
    mem_free(batch);
    return is_sound;
}

// The root over all of them.
static bool find_root(struct hash *out, const struct body *body, struct arena *arena) {
    struct batch *batch = mem_alloc(sizeof *batch);
    struct vetted *vetted = arena_alloc_array(arena, body->count, sizeof *vetted);
    struct hash *ids = arena_alloc_array(arena, body->count, sizeof *ids);
    struct bytes *signatures = arena_alloc_array(arena, body->count, sizeof *signatures);
    bool is_sound = true;
    for (uint32_t done = 0; done < body->count && is_sound; done += AT_ONCE) {
        batch->count = body->count - done < AT_ONCE ? body->count - done : AT_ONCE;
        batch->encoded = body->txs + done;
        batch->vetted = vetted + done;
        is_sound = batch_decode(batch);
        for (size_t i = 0; i < batch->count && is_sound; i++) {
            size_t body_len = batch->bodies[i].len;
            ids[done + i] = batch->vetted[i].id;
            signatures[done + i] =
                bytes_of(batch->encoded[i].data + body_len, batch->encoded[i].len - body_len);
        }
    }
    mem_free(batch);
    if (is_sound) block_tx_root(out, ids, signatures, body->count);
    return is_sound;
}

bool node_branch_is_body_of(struct node *node, const struct header *header, struct bytes body) {
    struct arena arena = {0};
    struct body decoded;
    struct hash root;
    (void)node;
    bool is_body = body_decode(&decoded, &arena, body) == STATUS_OK &&
                   find_root(&root, &decoded, &arena) && hash_equal(&root, &header->tx_root);
    arena_clear(&arena);
    return is_body;
}
