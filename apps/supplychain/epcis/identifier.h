// SPDX-License-Identifier: Apache-2.0
// GS1 identifiers in their one canonical form, so that an EPC URN and the Digital Links that name
// the same thing are equal bytes: https://id.gs1.org/ and the key, with the finest qualifier and
// nothing else (GS1 EPC Tag Data Standard 1.13 for the URNs, GS1 Digital Link URI Syntax 1.3 for
// the links, CBV 2.0 section 8.9 for what the event hash makes of them).
//
// Pure functions without state; any thread may call them.
#ifndef LMM_EPCIS_IDENTIFIER_H
#define LMM_EPCIS_IDENTIFIER_H

#include "chaincore/base/buf.h"

// Appends the canonical Digital Link of an EPC URN (id, class, idpat) or of any http(s) Digital
// Link. False, and nothing is appended, when the text is neither or breaks the key's syntax. Check
// digits are computed for URNs and taken as they are in links.
bool identifier_canonicalise(struct buf *out, struct bytes text);

// The same of an element string as it stands under a bar code, "(01)09521321123457(10)A-7": its key
// with the finest qualifier; elements that name nothing, such as dates, are passed over.
bool identifier_of_elements(struct buf *out, struct bytes text);

// Is it a pattern (urn:epc:idpat:) with one wildcard, in place of the serial number? Then appends
// what the canonical form of every EPC that it matches starts with.
bool identifier_pattern_prefix(struct buf *out, struct bytes text);
// Does it have the form of a pattern, supported or not?
bool identifier_is_pattern(struct bytes text);

#endif
