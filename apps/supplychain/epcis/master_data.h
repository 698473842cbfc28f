// SPDX-License-Identifier: Apache-2.0
// The master data in a document's header (EPCIS 2.0, epcisMasterData): what it says of places,
// products and other words of vocabularies, in the forms in which queries are compared. What kind
// of vocabulary an element stands in is left out: an identifier means the same in all of them.
#ifndef LMM_EPCIS_MASTER_DATA_H
#define LMM_EPCIS_MASTER_DATA_H

#include "apps/supplychain/epcis/document_split.h"

struct master_attribute {
    struct bytes name;
    struct bytes value; // of an object, empty
};

struct master_element {
    struct bytes id;
    const struct bytes *children; // what lies below it
    size_t child_count;
    const struct master_attribute *attributes;
    size_t attribute_count;
};

struct master_data {
    const struct master_element *elements; // in the document's order; one may come again
    size_t count;
};

// Lives in the arena and borrows from the document. What is longer than an identifier may be
// (LIMIT_EPCIS_IDENTIFIER_BYTES) can be asked for by nobody and is left out.
void master_data_collect(struct master_data *out, struct arena *arena,
                         const struct epcis_document *document);

#endif
