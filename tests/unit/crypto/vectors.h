// SPDX-License-Identifier: Apache-2.0
// Reading the public test vectors: JSON, and the texts that BIPs and SLIPs carry theirs in.
#ifndef LMM_TESTS_CRYPTO_VECTORS_H
#define LMM_TESTS_CRYPTO_VECTORS_H

#include <jansson.h>

#include "chaincore/base/arena.h"
#include "tests/support/unit.h"

// A file of crypto/ of the public data; NULL, with the case counted as skipped, when it is not
// there. The caller drops the reference.
json_t *vectors_json(const char *name);
// The same as text, borrowed from the arena; NULL as above.
char *vectors_text(struct arena *arena, const char *name);

// A member that is hex, as bytes borrowed from the arena. Fails the case when it is not there.
struct bytes vectors_hex(struct arena *arena, const json_t *object, const char *member);
struct bytes vectors_unhex(struct arena *arena, const char *text);
const char *vectors_string(const json_t *object, const char *member);

// The next line of *text without its end, cut off in place; NULL at the end.
char *vectors_next_line(char **text);
// What stands between <tt> and </tt>, cut off in place; *rest goes behind it. NULL when there is
// none.
char *vectors_next_tt(char **rest);

#endif
