// SPDX-License-Identifier: Apache-2.0
// What a node tells its peers of itself, at first and from time to time: how far it is, and where
// people and programs find it, at what price. All of it is the peer's own word: a height proves
// nothing, and a client that goes to the address finds out by itself whether it is of this chain.
#ifndef LMM_NET_NEWS_H
#define LMM_NET_NEWS_H

#include "chaincore/base/codec.h"

enum {
    NEWS_VERSION = 1, // later ones are passed over
    NEWS_URL_BYTES = 264,
    NEWS_MAX_BYTES = 1 + 8 + 4 + NEWS_URL_BYTES + 8,
};

struct node_news {
    uint64_t final_height;
    // An origin, as https://example.org; empty: it has none that it wants known.
    char url[NEWS_URL_BYTES + 1];
    uint64_t price_per_mib; // in base units, for a MiB of its answers; 0: nothing
};

// "https://" or "http://", a name or an address, perhaps a port, and nothing behind.
bool news_is_origin(const char *url);
// Whether strangers could reach it: no address or name of one machine or firm alone.
bool news_is_public_origin(const char *url);

void news_write(struct buf *out, const struct node_news *news);
// UNSUPPORTED: of a later version; TRUNCATED, TRAILING, TOO_LARGE; MALFORMED: no origin, or a price
// without one.
enum status news_read(struct node_news *out, struct bytes in) MUST_CHECK;

#endif
