// SPDX-License-Identifier: Apache-2.0
// The certificate and key that a server shows under TLS, from two PEM files, and read again while
// it runs: new connections get the new one. libmicrohttpd asks for it without saying for whom, so a
// process has one server with TLS at a time.
//
// Thread-safe.
#ifndef LMM_HTTP_TLS_H
#define LMM_HTTP_TLS_H

#include "chaincore/base/bytes.h"

struct MHD_OptionItem;

// What stands in both files is looked at, whether the key belongs to the certificate included. The
// chain begins with the server's own certificate. NOT_FOUND, TOO_LARGE, IO; UNAUTHORIZED: anybody
// on this machine may read the key; MALFORMED; CONFLICT: the key is of another certificate;
// INVALID: it has expired. `why` is a sentence without its full stop, static.
enum status http_tls_check(const char *certificate_path, const char *key_path,
                           const char **why) MUST_CHECK;

// Reads them and shows them from now on. On failure what was shown before stays; the log says why.
// One that has expired is shown all the same.
enum status tls_load(const char *certificate_path, const char *key_path) MUST_CHECK;
// Forgets all, when no connection is left.
void tls_clear(void);
// When the one that is shown expires, in seconds since 1970; 0: none is shown.
uint64_t tls_expiry_s(void);
// For MHD_OPTION_ARRAY, besides the flag; static.
const struct MHD_OptionItem *tls_options(void);

#endif
