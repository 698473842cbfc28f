// SPDX-License-Identifier: Apache-2.0
// A file of keys, sealed with a passphrase: Argon2id stretches it, secretbox (XSalsa20-Poly1305)
// seals the content. Holds a mnemonic, named seeds, or both. The cost of stretching is stored with
// the file and bounded when read, so that a file from elsewhere cannot exhaust memory or time.
// The layout stands in keystore_format.h. Not shared between threads.
#ifndef LMM_CRYPTO_KEYSTORE_H
#define LMM_CRYPTO_KEYSTORE_H

#include "chaincore/base/buf.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/mnemonic.h"

enum {
    // Of every witness its key and its account's, and all that a server signs with.
    KEYSTORE_SEEDS_MAX = 2 * LIMIT_WITNESSES + LIMIT_SIGNERS,
    KEYSTORE_NAME_MAX = 32,
    KEYSTORE_PASSPHRASE_MAX = 1024,
};

struct keystore_seed {
    char name[KEYSTORE_NAME_MAX + 1];
    uint8_t seed[32];
};

// What Argon2id may take: passes over that much memory.
struct keystore_cost {
    uint32_t passes;
    uint32_t memory_kib;
};

// Zero-initialised is empty and valid. Secret: keystore_clear when done.
struct keystore {
    char mnemonic[MNEMONIC_TEXT_MAX + 1];           // empty: none
    struct keystore_seed seeds[KEYSTORE_SEEDS_MAX]; // by name, ascending
    size_t seed_count;
    struct keystore_cost cost; // of the file that it was opened from
};

enum {
    KEYSTORE_PASSES_MIN = 1,
    KEYSTORE_PASSES_MAX = 16,
    KEYSTORE_MEMORY_KIB_MIN = 8 * 1024,
    KEYSTORE_MEMORY_KIB_MAX = 1024 * 1024,
};
// About half a second on a desktop of 2024; and for small machines, a tenth of that.
extern const struct keystore_cost keystore_cost_strong;
extern const struct keystore_cost keystore_cost_light;

// A name is 1 to 32 of a-z, 0-9 and "-_.". MALFORMED, EXISTS, FULL.
enum status keystore_add_seed(struct keystore *keystore, const char *name,
                              const uint8_t seed[32]) MUST_CHECK;
// NOT_FOUND; else as keystore_add_seed.
enum status keystore_rename_seed(struct keystore *keystore, const char *name,
                                 const char *new_name) MUST_CHECK;
// Nothing of it stays readable. NOT_FOUND.
enum status keystore_remove_seed(struct keystore *keystore, const char *name) MUST_CHECK;
// Replaces the one there is. Refuses what mnemonic_to_entropy refuses.
enum status keystore_set_mnemonic(struct keystore *keystore, struct bytes text) MUST_CHECK;
// Borrowed until the next change; NULL when there is none of that name.
const uint8_t *keystore_find_seed(const struct keystore *keystore, const char *name);
// Leaves it empty, nothing readable.
void keystore_clear(struct keystore *keystore);

// Appends the sealed file. INVALID for an empty passphrase or a cost out of bounds, TOO_LARGE for a
// passphrase over its bound, NO_MEMORY.
enum status keystore_seal(struct buf *out, const struct keystore *keystore, struct bytes passphrase,
                          struct keystore_cost cost) MUST_CHECK;
// UNAUTHORIZED for a wrong passphrase or a changed file, NO_MEMORY, UNSUPPORTED for a version of
// tomorrow, INVALID or a decoder's status for what no keystore of ours looks like. The keystore is
// written only on success.
enum status keystore_open(struct keystore *out, struct bytes file,
                          struct bytes passphrase) MUST_CHECK;

// The same with a file, replaced atomically with mode 0600. Also NOT_FOUND, IO.
enum status keystore_save(const char *path, const struct keystore *keystore,
                          struct bytes passphrase, struct keystore_cost cost) MUST_CHECK;
enum status keystore_load(struct keystore *out, const char *path,
                          struct bytes passphrase) MUST_CHECK;

#endif
