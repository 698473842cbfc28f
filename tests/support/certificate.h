// SPDX-License-Identifier: Apache-2.0
// Certificates for tests: self-signed, for 127.0.0.1, each with a key of its own.
#ifndef LMM_TESTS_CERTIFICATE_H
#define LMM_TESTS_CERTIFICATE_H

#include <stdint.h>

// Writes both as PEM (the key 0600). It is valid from a day before until `days` from now.
void certificate_write(const char *certificate_path, const char *key_path, uint32_t serial,
                       int days);

#endif
