// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/costly.h"

#include "apps/common/server/devnet.h"

enum { MOST_GAS = 400 * 1000 * 1000, KEY_BYTES = 64 };

// (module (memory 1) (func (export "init") (loop (br 0))))
static const uint8_t endless[] = {
    0,  'a', 's', 'm', 1,   0,   0,   0,             // WebAssembly, version 1
    1,  4,   1,   96,  0,   0,                       // types: ()
    3,  2,   1,   0,                                 // functions: of that type
    5,  3,   1,   0,   1,                            // memories: one page
    7,  8,   1,   4,   'i', 'n', 'i', 't', 0, 0,     // exports
    10, 9,   1,   7,   0,   3,   64,  12,  0, 11, 11 // code: loop, br 0, end, end
};

static void append_simulation(struct buf *out) {
    struct devnet devnet;
    static const struct hash any_chain;
    struct tx tx = {.version = TX_VERSION, .gas_limit = MOST_GAS};
    devnet_derive(&devnet);
    const struct devnet_account *sender = devnet_find(&devnet, "alice");
    ENSURE(sender != NULL);
    tx.sender = sender->id;
    tx.gas_price = 1;
    tx.valid_until = LIMIT_VALID_UNTIL_BLOCKS; // the chain is young
    tx.action_count = 1;
    tx.actions[0].kind = TX_DEPLOY;
    tx.actions[0].deploy.code = BYTES_OF(endless);
    // A simulation asks for the room that a signature takes, not whether it is good.
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &sender->key, &any_chain) == STATUS_OK);
    tx_encode(out, &tx);
}

void costly_simulation(struct buf *out) {
    struct buf body = {0};
    append_simulation(&body);
    buf_append_format(out,
                      "POST /v1/simulate HTTP/1.1\r\nHost: x\r\n"
                      "Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n\r\n",
                      body.len);
    buf_append(out, buf_bytes(&body));
    buf_clear(&body);
}

void costly_view(struct buf *out, unsigned n) {
    struct account_id contract;
    char address[ADDRESS_CHARS + 1];
    account_id_of_system_contract(&contract, "supplychain");
    address_encode(address, contract.bytes);
    buf_append_format(out,
                      "GET /v1/contracts/%s/views/place?arguments=%0*x HTTP/1.1\r\n"
                      "Host: x\r\n\r\n",
                      address, 2 * KEY_BYTES, n);
}

void costly_search(struct buf *out, unsigned n) {
    buf_append_format(out, "GET /v1/search?q=%064x HTTP/1.1\r\nHost: x\r\n\r\n", n);
}
