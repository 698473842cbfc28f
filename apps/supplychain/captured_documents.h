// SPDX-License-Identifier: Apache-2.0
// What a captured document's bytes alone tell, without the database and without the chain's
// verdict: that is most of the work that rows take, and may be done ahead of them by another
// thread.
#ifndef LMM_SUPPLYCHAIN_CAPTURED_DOCUMENTS_H
#define LMM_SUPPLYCHAIN_CAPTURED_DOCUMENTS_H

#include "apps/supplychain/supplychain.h"

struct captured_document {
    enum capture_reason reason;     // CAPTURE_IS_WELL, or why it is no document to be captured
    struct epcis_document document; // borrows the text
    struct buf entries;             // one of ENTRY_BYTES for each event, as it should be registered
};

void captured_document_read(struct captured_document *out, const struct epcis_rules *rules,
                            struct bytes text);
void captured_document_clear(struct captured_document *read);

// Those of a block that came whole in one call. Touches nothing that changes.
struct captured_documents *captured_documents_of(const struct supplychain *market,
                                                 const struct index_block *block);
// That of an action of a transaction; NULL when it is none of them. `all` may be NULL.
struct captured_document *captured_documents_find(struct captured_documents *all, uint32_t tx_index,
                                                  uint32_t action_index);
void captured_documents_free(struct captured_documents *all); // NULL is allowed

#endif
