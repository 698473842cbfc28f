// SPDX-License-Identifier: Apache-2.0
// What a devnet alone does.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/crypto/address.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
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

// A number of seconds, or with s, m, h or d behind it. 0 when it is none.
static uint64_t read_duration(const char *text) {
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 24 * 3600}};
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9) return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(text + digits, units[i].unit) == 0)
            return strtoull(text, NULL, 10) * units[i].seconds;
    return 0;
}

int command_warp(const struct options *options) {
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    uint64_t seconds = read_duration(options->operands[0]);
    struct buf body = {0};
    int result = EXIT_USAGE;
    if (seconds == 0) {
        complain(EXIT_USAGE, "%s is no time to move on by: 90, 90s, 15m, 2h or 7d",
                 options->operands[0]);
    } else if (url) {
        buf_append_format(&body, "{\"seconds\":%llu}", (unsigned long long)seconds);
        struct bytes text = buf_bytes(&body);
        json_t *answer = client_send_json(&(struct client_request){
            .url = url, .path = "/v1/devnet/warp", .body = &text, .type = "application/json"});
        const char *time = json_string_value(json_object_get(answer, "time"));
        result = time ? EXIT_DONE : EXIT_FAILED;
        if (time && options->json)
            result = output_json(json_pack("{s:s}", "time", time));
        else if (time)
            printf("%s\n", time);
        json_decref(answer);
    }
    buf_clear(&body);
    json_decref(devnet);
    return result;
}
