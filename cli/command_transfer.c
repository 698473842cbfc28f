// SPDX-License-Identifier: Apache-2.0
// Moving money, and what became of it.
#include <stdio.h>

#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/submit.h"

enum { TRANSFER_GAS = 200000 };

static int transfer(const struct options *options, const json_t *devnet) {
    struct tx_action action = {.kind = TX_TRANSFER};
    const char *to = devnet_address(devnet, options->operands[1]);
    if (address_decode(action.transfer.to.bytes, bytes_of_string(to)) != STATUS_OK)
        return complain(EXIT_USAGE, "%s is not an address", to);
    if (amount_parse(&action.transfer.amount, options->operands[2]) != STATUS_OK)
        return complain(EXIT_USAGE, "%s is not an amount of LMM", options->operands[2]);
    return submit_action(options, devnet, &action, TRANSFER_GAS, NULL);
}

int command_transfer(const struct options *options) {
    json_t *devnet = devnet_load(options);
    int result = transfer(options, devnet);
    json_decref(devnet);
    return result;
}

int command_tx(const struct options *options) {
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    const char *id = options->operands[0];
    struct hash parsed;
    int result = EXIT_USAGE;
    if (hex_decode(parsed.bytes, sizeof parsed, id) != STATUS_OK) {
        complain(EXIT_USAGE, "%s is not a transaction's id: 64 hex digits", id);
    } else if (url) {
        json_t *tx = submit_ask(url, id, options->wait);
        result = tx ? submit_print(tx, options) : EXIT_FAILED;
        json_decref(tx);
    }
    json_decref(devnet);
    return result;
}

int command_balance(const struct options *options) {
    char path[128];
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    const char *address = devnet_address(devnet, options->operands[0]);
    uint8_t id[ACCOUNT_ID_BYTES];
    int result = EXIT_USAGE;
    if (address_decode(id, bytes_of_string(address)) != STATUS_OK) {
        complain(EXIT_USAGE, "%s is not an address", address);
    } else if (url) {
        snprintf(path, sizeof path, "/v1/accounts/%s", address);
        json_t *account = client_ask_json(url, path, NULL);
        const char *balance = json_string_value(json_object_get(account, "balance"));
        if (balance && options->json)
            printf("{\"address\": \"%s\", \"balance\": \"%s\"}\n", address, balance);
        else if (balance)
            printf("%s LMM\n", balance);
        result = balance ? EXIT_DONE : EXIT_FAILED;
        json_decref(account);
    }
    json_decref(devnet);
    return result;
}
