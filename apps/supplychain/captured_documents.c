// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/captured_documents.h"

#include "chaincore/chaincore.h"

struct item {
    uint32_t tx_index, action_index;
    struct captured_document read;
};

struct captured_documents {
    const struct supplychain *market;
    size_t count, capacity;
    struct item **items; // in the block's order
    size_t next;         // they are asked for in that order
};

void captured_document_read(struct captured_document *out, const struct epcis_rules *rules,
                            struct bytes text) {
    struct violations violations = {.wanted = 1};
    struct epcis_fault fault;
    *out = (struct captured_document){.reason = CAPTURE_IS_WELL};
    enum status status = epcis_document_check(&violations, rules, text, &capture_acceptance);
    violations_clear(&violations);
    if (status != STATUS_OK)
        out->reason = CAPTURE_INVALID_DOCUMENT;
    else if (epcis_document_split(&out->document, &fault, text) != STATUS_OK)
        out->reason = CAPTURE_DOCUMENT_NOT_SPLIT;
    for (size_t i = 0; out->reason == CAPTURE_IS_WELL && i < out->document.event_count; i++)
        entry_encode(&out->entries, &out->document.events[i]);
}

void captured_document_clear(struct captured_document *read) {
    epcis_document_clear(&read->document);
    buf_clear(&read->entries);
}

static void add(struct captured_documents *all, const struct item *place, struct bytes text) {
    if (all->count == all->capacity) {
        all->capacity = 2 * all->capacity + 4;
        all->items = mem_resize(all->items, all->capacity * sizeof(struct item *));
    }
    struct item *item = mem_alloc(sizeof *item);
    item->tx_index = place->tx_index;
    item->action_index = place->action_index;
    captured_document_read(&item->read, all->market->rules, text);
    all->items[all->count++] = item;
}

// The contract has read the arguments in the same way.
static void take_action(struct captured_documents *all, const struct item *place,
                        const struct tx_action *action) {
    if (action->kind != TX_CALL ||
        !account_id_equal(&action->call.contract, &all->market->server->contract) ||
        !bytes_equal(action->call.method, bytes_of_string("capture")))
        return;
    struct decoder arguments = decoder_of(action->call.arguments);
    uint8_t job[32];
    decode_fixed(&arguments, job, sizeof job);
    struct bytes text = decode_bytes(&arguments, CAPTURE_MAX_BYTES);
    if (arguments.status == STATUS_OK) add(all, place, text);
}

struct captured_documents *captured_documents_of(const struct supplychain *market,
                                                 const struct index_block *block) {
    struct captured_documents *all = mem_alloc(sizeof *all);
    all->market = market;
    for (uint32_t i = 0; i < block->block->tx_count; i++) {
        const struct block_tx *done = &block->block->txs[i];
        if (done->encoded.len == 0 || done->receipt.code != TX_CODE_OK) continue;
        struct tx *tx = arena_alloc(block->arena, sizeof *tx);
        ENSURE(tx_decode(tx, done->encoded) == STATUS_OK);
        for (uint32_t k = 0; k < tx->action_count; k++)
            take_action(all, &(struct item){.tx_index = i, .action_index = k}, &tx->actions[k]);
    }
    return all;
}

struct captured_document *captured_documents_find(struct captured_documents *all, uint32_t tx_index,
                                                  uint32_t action_index) {
    if (!all) return NULL;
    for (size_t i = 0; i < all->count; i++) {
        struct item *item = all->items[(all->next + i) % all->count];
        if (item->tx_index != tx_index || item->action_index != action_index) continue;
        all->next += i + 1;
        return &item->read;
    }
    return NULL;
}

void captured_documents_free(struct captured_documents *all) {
    if (!all) return;
    for (size_t i = 0; i < all->count; i++) {
        captured_document_clear(&all->items[i]->read);
        mem_free(all->items[i]);
    }
    mem_free(all->items);
    mem_free(all);
}
