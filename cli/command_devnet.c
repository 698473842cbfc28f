// SPDX-License-Identifier: Apache-2.0
// What a devnet alone does.
#include <stdio.h>

#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/submit.h"

static int ask_faucet(struct submission *submission, const char *url) {
    const struct options *options = submission->options;
    char address[ADDRESS_CHARS + 1];
    struct account_id id;
    struct buf body = {0};
    struct amount amount;
    const char *wish = options->operand_count > 1 ? options->operands[1] : NULL;
    if (!submit_address(submission, options->operands[0], &id)) return EXIT_USAGE;
    if (wish && amount_parse(&amount, wish) != STATUS_OK)
        return complain(EXIT_USAGE, "%s is not an amount of LMM", wish);
    address_encode(address, id.bytes);
    buf_append_format(&body, "{\"address\":\"%s\"", address);
    if (wish) buf_append_format(&body, ",\"amount\":\"%s\"", wish);
    buf_append_byte(&body, '}');
    struct bytes text = buf_bytes(&body);
    json_t *answer = client_send_json(&(struct client_request){
        .url = url, .path = "/v1/faucet", .body = &text, .type = "application/json"});
    const char *tx = json_string_value(json_object_get(answer, "id"));
    if (tx && options->wait) {
        json_t *done = submit_ask(url, tx, true);
        json_decref(answer);
        answer = done;
    }
    int result = answer ? submit_print(answer, options) : EXIT_FAILED;
    json_decref(answer);
    buf_clear(&body);
    return result;
}

int command_faucet(const struct options *options) {
    struct submission submission;
    submission_begin(&submission, options);
    const char *url = devnet_url(options, submission.devnet);
    int result = url ? ask_faucet(&submission, url) : EXIT_USAGE;
    submission_end(&submission);
    return result;
}
