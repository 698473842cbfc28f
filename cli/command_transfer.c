// SPDX-License-Identifier: Apache-2.0
// Moving money, and what became of it.
#include <stdio.h>

#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/submit.h"

enum { TRANSFER_GAS = 200000 };

int command_transfer(const struct options *options) {
    struct submission submission;
    struct tx_action action = {.kind = TX_TRANSFER};
    int result = EXIT_USAGE;
    submission_begin(&submission, options);
    if (!submit_address(&submission, options->operands[1], &action.transfer.to))
        result = EXIT_USAGE;
    else if (amount_parse(&action.transfer.amount, options->operands[2]) != STATUS_OK)
        complain(EXIT_USAGE, "%s is not an amount of LMM", options->operands[2]);
    else
        result = submit_action(&submission, options->operands[0], &action, TRANSFER_GAS, NULL);
    submission_end(&submission);
    return result;
}

static int print_decoded(const char *url, const char *id) {
    char path[160];
    snprintf(path, sizeof path, "/v1/transactions/%s/decoded", id);
    json_t *decoded = client_ask_json(url, path, NULL);
    return decoded ? output_json(decoded) : EXIT_FAILED;
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
        if (tx && options->decoded)
            result = print_decoded(url, id);
        else
            result = tx ? submit_print(tx, options) : EXIT_FAILED;
        json_decref(tx);
    }
    json_decref(devnet);
    return result;
}
