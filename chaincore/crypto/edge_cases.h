// SPDX-License-Identifier: Apache-2.0
// The twelve signatures on which Ed25519 verifiers disagree, after ed25519-speccheck, and the
// verdict that this chain has frozen for each (Chalkias, Garillot, Nikolaenko: "Taming the many
// EdDSAs").
#ifndef LMM_CRYPTO_EDGE_CASES_H
#define LMM_CRYPTO_EDGE_CASES_H

#include <stdbool.h>

enum { EDGE_CASES = 12 };

struct edge_case {
    bool is_accepted;
    const char *message; // hex
    const char *key;
    const char *signature;
};

extern const struct edge_case edge_cases[EDGE_CASES];

#endif
