// SPDX-License-Identifier: Apache-2.0
// Any bytes as each thing of crypto/ that is decoded: a keystore's file and content (without the
// stretching between them), Bech32m and addresses, words, derivation paths. What is accepted has
// one encoding, so it must be written again as it was read.
#include <ctype.h>

#include "chaincore/crypto/address.h"
#include "chaincore/crypto/bech32m.h"
#include "chaincore/crypto/derive.h"
#include "chaincore/crypto/keystore_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file(struct bytes in) {
    struct keystore_file file;
    struct buf again = {0};
    if (keystore_decode_file(&file, in) == STATUS_OK) {
        ENSURE(keystore_cost_is_bounded(file.cost) && in.len <= KEYSTORE_FILE_MAX);
        keystore_encode_file(&again, &file);
        ENSURE(bytes_equal(buf_bytes(&again), in));
    }
    buf_clear(&again);
}

static void check_content(struct bytes in) {
    struct keystore keystore;
    struct buf again = {0};
    if (keystore_decode_content(&keystore, in) == STATUS_OK) {
        ENSURE(in.len <= KEYSTORE_CONTENT_MAX);
        keystore_encode_content(&again, &keystore);
        ENSURE(bytes_equal(buf_bytes(&again), in));
    }
    buf_clear(&again);
}

static void check_bech32m(struct bytes in) {
    struct bech32m whole, again = {.value_count = 0};
    char text[BECH32M_TEXT_MAX + 1], address[ADDRESS_CHARS + 1];
    uint8_t bytes[64], id[ACCOUNT_ID_BYTES];
    size_t len;
    if (bech32m_decode(&whole, in) != STATUS_OK) {
        ENSURE(address_decode(id, in) != STATUS_OK);
        return;
    }
    ENSURE(bech32m_encode(text, &whole) == STATUS_OK && strlen(text) == in.len);
    for (size_t i = 0; i < in.len; i++) ENSURE(tolower(in.data[i]) == text[i]);
    if (bech32m_take_bytes(bytes, &len, sizeof bytes, &whole, 0) == STATUS_OK) {
        ENSURE(bech32m_put_bytes(&again, bytes_of(bytes, len)) == STATUS_OK);
        ENSURE(again.value_count == whole.value_count &&
               memcmp(again.values, whole.values, again.value_count) == 0);
    }
    if (address_decode(id, in) == STATUS_OK) {
        address_encode(address, id);
        ENSURE(strcmp(address, text) == 0);
    }
}

static void check_words(struct bytes in) {
    uint8_t entropy[MNEMONIC_ENTROPY_MAX];
    char text[MNEMONIC_TEXT_MAX + 1];
    size_t len;
    if (mnemonic_to_entropy(entropy, &len, in) != STATUS_OK) return;
    ENSURE(mnemonic_from_entropy(text, bytes_of(entropy, len)) == STATUS_OK);
    ENSURE(bytes_equal(bytes_of_string(text), in));
}

static void check_path(struct bytes in) {
    struct derive_path path;
    struct buf again = {0};
    if (derive_path_parse(&path, in) != STATUS_OK) return;
    buf_append_string(&again, "m");
    for (size_t i = 0; i < path.depth; i++) buf_append_format(&again, "/%u'", path.indices[i]);
    ENSURE(bytes_equal(buf_bytes(&again), in));
    buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes in = bytes_of(data, size);
    check_file(in);
    check_content(in);
    check_bech32m(in);
    check_words(in);
    check_path(in);
    return 0;
}
