// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/mnemonic.h"

#include "chaincore/crypto/mnemonic_words.h"
#include "chaincore/crypto/pbkdf2.h"
#include "chaincore/crypto/sha256.h"
#include "chaincore/crypto/sign.h"

enum { WORD_BITS = 11, PBKDF2_ROUNDS = 2048, ENTROPY_MIN = 16 };

// Entropy and behind it the byte that its checksum begins; a word's bits are cut from the whole.
struct bit_string {
    uint8_t bytes[MNEMONIC_ENTROPY_MAX + 1];
};

static void add_checksum(struct bit_string *bits, size_t entropy_len) {
    uint8_t digest[SHA256_SIZE];
    sha256(digest, bytes_of(bits->bytes, entropy_len));
    // One checksum bit for 32 of entropy: 4 to 8, so never more than a byte.
    unsigned checksum_bits = (unsigned)entropy_len / 4;
    bits->bytes[entropy_len] = (uint8_t)(digest[0] & 0xff00 >> checksum_bits);
    secret_clear(digest, sizeof digest);
}

static bool bit_at(const struct bit_string *bits, size_t place) {
    return bits->bytes[place / 8] >> (7 - place % 8) & 1;
}

enum status mnemonic_from_entropy(char out[MNEMONIC_TEXT_MAX + 1], struct bytes entropy) {
    struct bit_string bits = {{0}};
    if (entropy.len < ENTROPY_MIN || entropy.len > MNEMONIC_ENTROPY_MAX || entropy.len % 4 != 0)
        return STATUS_MALFORMED;
    memcpy(bits.bytes, entropy.data, entropy.len);
    add_checksum(&bits, entropy.len);
    size_t word_count = entropy.len * 3 / 4;
    for (size_t i = 0; i < word_count; i++) {
        unsigned index = 0;
        for (size_t j = 0; j < WORD_BITS; j++)
            index = index << 1 | bit_at(&bits, i * WORD_BITS + j);
        size_t len = strlen(mnemonic_words[index]);
        if (i > 0) *out++ = ' ';
        memcpy(out, mnemonic_words[index], len);
        out += len;
    }
    *out = '\0';
    secret_clear(&bits, sizeof bits);
    return STATUS_OK;
}

// The word's place in the list, or MNEMONIC_LIST_WORDS.
static unsigned find_word(struct bytes word) {
    unsigned low = 0, high = MNEMONIC_LIST_WORDS;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = bytes_compare(word, bytes_of_string(mnemonic_words[middle]));
        if (order == 0) return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return MNEMONIC_LIST_WORDS;
}

// Sets the words' bits and their number.
static enum status read_words(struct bit_string *bits, size_t *word_count, struct bytes text) {
    size_t count = 0, start = 0;
    if (text.len > MNEMONIC_TEXT_MAX) return STATUS_MALFORMED;
    for (size_t end = 0; end <= text.len; end++) {
        if (end < text.len && text.data[end] != ' ') continue;
        if (count == MNEMONIC_WORDS_MAX) return STATUS_MALFORMED;
        unsigned index = find_word(bytes_of(text.data + start, end - start));
        if (index == MNEMONIC_LIST_WORDS) return STATUS_MALFORMED;
        for (size_t i = 0; i < WORD_BITS; i++) {
            size_t place = count * WORD_BITS + i;
            if (index >> (WORD_BITS - 1 - i) & 1)
                bits->bytes[place / 8] |= (uint8_t)(0x80 >> place % 8);
        }
        count++;
        start = end + 1;
    }
    *word_count = count;
    return STATUS_OK;
}

enum status mnemonic_to_entropy(uint8_t out[MNEMONIC_ENTROPY_MAX], size_t *out_len,
                                struct bytes text) {
    enum status status = STATUS_OK;
    struct bit_string bits = {{0}}, expected = {{0}};
    size_t word_count;
    TRY(read_words(&bits, &word_count, text));
    if (word_count < 12 || word_count % 3 != 0) {
        status = STATUS_MALFORMED;
        goto out;
    }
    size_t len = word_count / 3 * 4;
    memcpy(expected.bytes, bits.bytes, len);
    add_checksum(&expected, len);
    if (!secret_equal(&bits, &expected, sizeof bits)) {
        status = STATUS_INVALID;
        goto out;
    }
    memcpy(out, bits.bytes, len);
    *out_len = len;
out:
    secret_clear(&bits, sizeof bits);
    secret_clear(&expected, sizeof expected);
    return status;
}

enum status mnemonic_to_seed(uint8_t out[MNEMONIC_SEED_BYTES], struct bytes text,
                             struct bytes passphrase) {
    uint8_t entropy[MNEMONIC_ENTROPY_MAX];
    size_t entropy_len;
    enum status status = mnemonic_to_entropy(entropy, &entropy_len, text);
    secret_clear(entropy, sizeof entropy);
    if (status != STATUS_OK) return status;
    pbkdf2_sha512(out, text, bytes_of_string("mnemonic"), passphrase, PBKDF2_ROUNDS);
    return STATUS_OK;
}
