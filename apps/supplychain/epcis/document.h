// SPDX-License-Identifier: Apache-2.0
// Whether a text is a valid EPCIS 2.0 document: parsed, bounded and judged whole before anything is
// done with it. The standard's rules are data (apps/supplychain/schema/epcis.json), compiled once
// at start; here stand only the bounds and what kind of document is taken.
//
// Two members of one name pass, and the last is the one judged: GS1's own examples hold such, and
// GS1's schema is run on parsers that read so. Times that pass are RFC 3339 in the wide reading of
// format.h. What goes on with a document has to read both alike.
//
// Threading: the rules are immutable; many threads may check with them at a time.
#ifndef LMM_SUPPLYCHAIN_EPCIS_DOCUMENT_H
#define LMM_SUPPLYCHAIN_EPCIS_DOCUMENT_H

#include "apps/common/json/json.h"

struct epcis_rules;

// The rules as text.
struct bytes epcis_rules_text(void);
// The caller closes.
enum status epcis_rules_open(struct epcis_rules **out) MUST_CHECK;
void epcis_rules_close(struct epcis_rules *rules);

struct epcis_acceptance {
    size_t max_bytes;
    size_t max_events;
    // An event that brings its own context, beside EPCISDocument and EPCISQueryDocument.
    bool takes_single_event;
};

// OK, or INVALID (a rule is broken), MALFORMED (no JSON), TOO_LARGE (a bound), each with at least
// one violation appended to the list. NO_MEMORY comes without.
enum status epcis_document_check(struct violations *violations, const struct epcis_rules *rules,
                                 struct bytes text,
                                 const struct epcis_acceptance *acceptance) MUST_CHECK;

// The schema alone, for a value from elsewhere: OK or INVALID, as schema_validate.
enum status epcis_rules_validate(const struct epcis_rules *rules, struct violations *violations,
                                 const json_t *value) MUST_CHECK;

#endif
