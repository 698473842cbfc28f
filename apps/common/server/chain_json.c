// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/chain_json.h"

void chain_json_digits(struct buf *out, struct bytes bytes) {
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
}

void chain_json_hex(struct buf *out, struct bytes bytes) {
    buf_append_byte(out, '"');
    chain_json_digits(out, bytes);
    buf_append_byte(out, '"');
}

void chain_json_address(struct buf *out, const struct account_id *id) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, id->bytes);
    buf_append_format(out, "\"%s\"", address);
}

void chain_json_amount(struct buf *out, struct amount amount) {
    char text[AMOUNT_TEXT_MAX];
    amount_format(text, amount);
    buf_append_format(out, "\"%s\"", text);
}

void chain_json_time(struct buf *out, int64_t time_ms) {
    char text[25];
    clock_format_utc(text, time_ms);
    buf_append_format(out, "\"%s\"", text);
}

void chain_json_hash(struct buf *out, const char *name, const struct hash *hash) {
    buf_append_format(out, ",\"%s\":", name);
    chain_json_hex(out, BYTES_OF(hash->bytes));
}

void chain_json_tx_proof(struct buf *out, const struct hash *tx_id) {
    buf_append_string(out, ",\"proof\":\"/v1/transactions/");
    chain_json_digits(out, BYTES_OF(tx_id->bytes));
    buf_append_string(out, "/proof\"");
}

void chain_json_block_proof(struct buf *out, uint64_t height) {
    buf_append_format(out, ",\"proof\":\"/v1/blocks/%llu/proof\"", (unsigned long long)height);
}

static void append_address_proof(struct buf *out, const char *kind, const struct account_id *id) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, id->bytes);
    buf_append_format(out, ",\"proof\":\"/v1/%s/%s/proof\"", kind, address);
}

void chain_json_account_proof(struct buf *out, const struct account_id *id) {
    append_address_proof(out, "accounts", id);
}

void chain_json_contract_proof(struct buf *out, const struct account_id *id) {
    append_address_proof(out, "contracts", id);
}

void chain_json_standing(struct buf *out, const struct candidate *candidate) {
    static const char *const words[CANDIDATE_STANDINGS] = {[CANDIDATE_RESIGNED] = "\"resigned\"",
                                                           [CANDIDATE_STANDS] = "null",
                                                           [CANDIDATE_ABSENT] = "\"absent\"",
                                                           [CANDIDATE_EXPELLED] = "\"expelled\""};
    if (!candidate) {
        buf_append_string(out, ",\"is_active\":null,\"left\":null,\"punished_in\":null");
        return;
    }
    buf_append_format(out, ",\"is_active\":%s,\"left\":%s,\"punished_in\":",
                      candidate->standing == CANDIDATE_STANDS ? "true" : "false",
                      words[candidate->standing]);
    if (candidate->answers_from > 0)
        buf_append_format(out, "%llu", (unsigned long long)candidate->answers_from - 1);
    else
        buf_append_string(out, "null");
}
