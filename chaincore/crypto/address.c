// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/address.h"

#include "chaincore/crypto/bech32m.h"

void address_encode(char out[ADDRESS_CHARS + 1], const uint8_t account_id[ACCOUNT_ID_BYTES]) {
    struct bech32m whole = {.prefix = "lmm"};
    char text[BECH32M_TEXT_MAX + 1];
    ENSURE(bech32m_put_bytes(&whole, bytes_of(account_id, ACCOUNT_ID_BYTES)) == STATUS_OK);
    ENSURE(bech32m_encode(text, &whole) == STATUS_OK);
    ENSURE(strlen(text) == ADDRESS_CHARS);
    memcpy(out, text, ADDRESS_CHARS + 1);
}

enum status address_decode(uint8_t account_id[ACCOUNT_ID_BYTES], struct bytes text) {
    enum status status = STATUS_OK;
    struct bech32m whole;
    uint8_t id[ACCOUNT_ID_BYTES];
    size_t len;
    TRY(bech32m_decode(&whole, text));
    TRY(strcmp(whole.prefix, "lmm") == 0 ? STATUS_OK : STATUS_MALFORMED);
    TRY(bech32m_take_bytes(id, &len, sizeof id, &whole, 0));
    TRY(len == sizeof id ? STATUS_OK : STATUS_MALFORMED);
    memcpy(account_id, id, sizeof id);
out:
    return status;
}

void address_of_key(char out[ADDRESS_CHARS + 1], const struct public_key *key) {
    struct hash id;
    hash_bytes(&id, HASH_ACCOUNT, BYTES_OF(key->bytes));
    address_encode(out, id.bytes);
}
