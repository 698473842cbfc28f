// SPDX-License-Identifier: Apache-2.0
// Pages and other files that do not change while the server runs: an embedded table, or a directory
// read once into memory. A request only ever looks a path up, so no path can lead out of it. Each
// has an ETag of its content, security headers (a page's Content-Security-Policy allows nothing
// from elsewhere), and its gzip form (FILE.gz beside FILE) for who accepts it.
#ifndef LMM_HTTP_ASSETS_H
#define LMM_HTTP_ASSETS_H

#include "chaincore/base/bytes.h"

struct http_assets;

// One of an embedded table; borrowed for as long as the assets live.
struct http_asset {
    const char *path; // "/app.js"; "/index.html" also answers "/"
    struct bytes content;
    struct bytes gzip; // empty: there is none
};

// The caller closes, after the server.
enum status http_assets_from_table(struct http_assets **out, const struct http_asset *table,
                                   size_t count) MUST_CHECK;
// Regular files below the directory, names of [A-Za-z0-9._-] that don't begin with a dot, no
// symbolic links. Bounded: LIMIT_HTTP_ASSETS files, LIMIT_HTTP_ASSET_BYTES in all (TOO_LARGE).
enum status http_assets_from_directory(struct http_assets **out, const char *path) MUST_CHECK;
// NULL is allowed.
void http_assets_close(struct http_assets *assets);

#endif
