// SPDX-License-Identifier: Apache-2.0
// The English word list of BIP-39, in alphabetical order: a word's place is its eleven bits.
#ifndef LMM_CRYPTO_MNEMONIC_WORDS_H
#define LMM_CRYPTO_MNEMONIC_WORDS_H

#include "chaincore/crypto/mnemonic.h"

enum { MNEMONIC_LIST_WORDS = 2048 };

extern const char mnemonic_words[MNEMONIC_LIST_WORDS][MNEMONIC_WORD_CHARS_MAX + 1];

#endif
