// SPDX-License-Identifier: Apache-2.0
// Nodes one has heard of, and which of them to call next. Nobody who tells addresses can fill it:
// those that have answered are never pushed out by those that have not, one group of addresses has
// few places, and one teller too; where all are taken, those go that failed. It has no clock and no
// randomness of its own; times are of the wall clock, in milliseconds, and may jump.
#ifndef LMM_NET_BOOK_H
#define LMM_NET_BOOK_H

#include "chaincore/net/peer_name.h"

struct book;

struct book_entry {
    struct endpoint endpoint;
    bool is_fixed; // named by the operator: stays, and is called again soon
    bool has_node; // by its key too: `node`, and nobody else there
    struct public_key node;
    bool is_busy;        // called, or connected
    bool is_hidden;      // told to nobody, and not kept
    bool is_missed;      // a node answered there that is no peer yet: it is called, whoever else
                         // says that it listens there
    uint32_t failures;   // since it was a peer for a while
    uint64_t success_ms; // when it answered last; 0: never
    uint64_t call_at_ms; // not before
    uint64_t told_by;    // the group of who told it; 0: the operator
};

struct book *book_open(void);
void book_close(struct book *book);

// The operator's own. FULL: LIMIT_BOOK_FIXED are.
enum status book_add_fixed(struct book *book, const struct endpoint *endpoint) MUST_CHECK;
// The same by its name. EXISTS: another node is named there already.
enum status book_add_named(struct book *book, const struct peer_name *name) MUST_CHECK;
// Whether the operator named this node by its key, wherever that is.
bool book_names(const struct book *book, const struct public_key *node);
// How many endpoints of that address (ip_owner) the operator named.
unsigned book_named_of(const struct book *book, struct bytes owner);
// What a peer of that group has told. EXISTS; INVALID: no address that strangers could reach, where
// `takes_private` does not allow it; FULL: the teller, its group or the book has no place for it.
enum status book_add(struct book *book, const struct endpoint *endpoint, uint64_t told_by,
                     bool takes_private) MUST_CHECK;
// The next to be called, which is busy from then on; false: none is due. Fixed ones come first,
// then by turns those that have answered before and those that never have. `random` chooses.
bool book_next(struct book *book, uint64_t now_ms, uint64_t random, struct endpoint *out);
// Whether one is due.
bool book_is_due(const struct book *book, uint64_t now_ms);
// It answered, and hands were shaken.
void book_succeeded(struct book *book, const struct endpoint *endpoint, uint64_t now_ms);
// It did not, or was no peer: later, twice as late each time, and never at the same moment as
// others.
void book_failed(struct book *book, const struct endpoint *endpoint, uint64_t now_ms,
                 uint64_t random);
// A connection that has lasted is over, and with it all failures before. `again_ms`: not to be
// called before.
void book_ended(struct book *book, const struct endpoint *endpoint, uint64_t again_ms);
// It is not called now, or was connected the other way round.
void book_left(struct book *book, const struct endpoint *endpoint, uint64_t again_ms);
// A probe has found a node there that is no peer: it is due at once.
void book_missed(struct book *book, const struct endpoint *endpoint, uint64_t now_ms);
// It is this node: not kept. One of another chain fails, as if nobody were there: it would be told
// again, and called at once.
void book_remove(struct book *book, const struct endpoint *endpoint);
// Where it is found is nobody's business: it answered, and is told to nobody.
void book_hide(struct book *book, const struct endpoint *endpoint);
// Up to `most` that have answered lately, to be told to a peer. Returns how many.
size_t book_tell(const struct book *book, uint64_t now_ms, uint64_t random, struct endpoint *out,
                 size_t most);

size_t book_count(const struct book *book);
const struct book_entry *book_find(const struct book *book, const struct endpoint *endpoint);
// What is kept over a restart: those that have answered.
void book_encode(struct buf *out, const struct book *book);
// Into an empty book. TRUNCATED, TRAILING, MALFORMED, TOO_LARGE: nothing is taken.
enum status book_decode(struct book *book, struct bytes in) MUST_CHECK;

#endif
