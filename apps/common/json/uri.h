// SPDX-License-Identifier: Apache-2.0
// URIs as text (RFC 3986): is it one, and what does a reference mean against a base. Looks nothing
// up and opens nothing.
#ifndef LMM_JSON_URI_H
#define LMM_JSON_URI_H

#include "chaincore/base/buf.h"

// Has a scheme and something behind its colon; ASCII without spaces. The verdicts are those of the
// reference validator that GS1's schema is run with (ajv-formats 3): where a host stands, only its
// characters and a bracketed IP literal are checked, and an empty path is refused.
bool uri_is_valid(struct bytes text);
// A URI, or a reference relative to one, the empty one included.
bool uri_reference_is_valid(struct bytes text);

bool ipv4_is_valid(struct bytes text);
bool ipv6_is_valid(struct bytes text);

// Appends what `reference` means against `base` (RFC 3986, 5.2.2), its fragment included. An empty
// base leaves the reference as it is.
void uri_resolve(struct buf *out, struct bytes base, struct bytes reference);
// The text before the first '#', and what follows it (empty when there is none).
struct bytes uri_without_fragment(struct bytes uri);
struct bytes uri_fragment(struct bytes uri);
// Undoes %XX. False when an escape is broken.
bool percent_decode(struct buf *out, struct bytes text);

#endif
