// SPDX-License-Identifier: Apache-2.0
// Any bytes as an EPCIS document. A refusal has a reason, and its pointer leads into the document.
#include "apps/supplychain/epcis/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_BYTES = 256 * 1024 };

static void follow_pointers(const struct violations *violations, struct bytes text) {
    json_t *root;
    if (json_parse(&root, NULL, text, TEXT_BYTES) != STATUS_OK) return;
    for (size_t i = 0; i < violations->count; i++) {
        ENSURE(json_pointer_find(root, bytes_of_string(violations->items[i].pointer)));
    }
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct epcis_rules *rules;
    if (!rules) ENSURE(epcis_rules_open(&rules) == STATUS_OK);
    struct epcis_acceptance acceptance = {
        .max_bytes = TEXT_BYTES, .max_events = 1000, .takes_single_event = true};
    struct violations violations = {0};
    struct bytes text = bytes_of(data, size);
    enum status status = epcis_document_check(&violations, rules, text, &acceptance);
    ENSURE((status == STATUS_OK) == (violations.count == 0));
    follow_pointers(&violations, text);
    violations_clear(&violations);
    return 0;
}
