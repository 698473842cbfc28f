// SPDX-License-Identifier: Apache-2.0
// The twelve signatures on which Ed25519 verifiers disagree, after ed25519-speccheck, and the
// verdict that this chain has frozen for each (Chalkias, Garillot, Nikolaenko: "Taming the many
// EdDSAs").
#ifndef LMM_CRYPTO_EDGE_CASES_H
#define LMM_CRYPTO_EDGE_CASES_H

#include "chaincore/crypto/sign.h"

enum { EDGE_CASES = 12 };

struct edge_case {
    bool is_accepted;
    const char *message; // hex
    const char *key;
    const char *signature;
};

extern const struct edge_case edge_cases[EDGE_CASES];

typedef bool edge_verifier(const struct signature *signature, const struct public_key *key,
                           struct bytes message);
// What the verifier says of each, V accepted and X refused, and a NUL.
void edge_row_of(char row[EDGE_CASES + 1], edge_verifier *verify);
// UNSUPPORTED when that is not the frozen row. Every verifier that the chain may use is held to it
// when the process starts. Needs neither memory nor a log, so a device calls it too.
enum status edge_judge(edge_verifier *verify) MUST_CHECK;
// The same, with a line in the log.
enum status edge_check(edge_verifier *verify) MUST_CHECK;

#endif
