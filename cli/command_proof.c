// SPDX-License-Identifier: Apache-2.0
// Fetching a proof, and checking one with nothing but the chain's id.
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/crypto/address.h"
#include "chaincore/light/light.h"
#include "cli/client.h"
#include "cli/devnet.h"

enum { MAX_PROOF_FILE = 2 * PROOF_MAX_BYTES + 256 };

static int write_out(const struct options *options, struct bytes content) {
    if (!options->out)
        return fwrite(content.data, 1, content.len, stdout) == content.len ? EXIT_DONE
                                                                           : EXIT_FAILED;
    enum status status = file_replace(options->out, content, 0644);
    return status == STATUS_OK ? EXIT_DONE
                               : complain(EXIT_FAILED, "%s: %s", options->out, status_text(status));
}

int command_proof(const struct options *options) {
    struct buf path = {0};
    struct client_reply reply = {0};
    json_t *devnet = devnet_load(options);
    const char *url = devnet_url(options, devnet);
    char *escaped = curl_easy_escape(NULL, options->operands[0], 0);
    int result = EXIT_FAILED;
    buf_append_format(&path, "/v1/events/%s/proof", escaped);
    if (url && client_ask(&reply, url, buf_as_string(&path), NULL)) {
        if (reply.status == 200)
            result = write_out(options, buf_bytes(&reply.body));
        else
            complain(EXIT_FAILED, "the node has no such event (HTTP %ld)", reply.status);
    }
    client_reply_clear(&reply);
    buf_clear(&path);
    curl_free(escaped);
    json_decref(devnet);
    return result;
}

// The chain that is trusted: of --genesis (its file, as the node keeps it), or of devnet.json.
static bool trusted_chain(const struct options *options, struct hash *out) {
    if (options->genesis) {
        struct buf genesis = {0};
        enum status status = file_read(&genesis, options->genesis, GENESIS_MAX_BYTES);
        if (status == STATUS_OK) genesis_chain_id(out, buf_bytes(&genesis));
        buf_clear(&genesis);
        if (status != STATUS_OK)
            complain(EXIT_USAGE, "%s: %s", options->genesis, status_text(status));
        return status == STATUS_OK;
    }
    json_t *devnet = devnet_load(options);
    const char *chain_id = json_string_value(json_object_get(devnet, "chain_id"));
    bool is_known = chain_id && hex_decode(out->bytes, sizeof out->bytes, chain_id) == STATUS_OK;
    if (!is_known)
        complain(EXIT_USAGE, "which chain to trust? No --genesis given, and no devnet.json here");
    json_decref(devnet);
    return is_known;
}

static int print_fact(const struct light_fact *fact, const struct options *options) {
    char contract[ADDRESS_CHARS + 1], time[25], id[65];
    address_encode(contract, fact->event->contract.bytes);
    clock_format_utc(time, fact->time_ms);
    hex_encode(id, BYTES_OF(fact->tx_id.bytes));
    if (options->json) {
        printf(
            "{\"verified\": true, \"contract\": \"%s\", \"topic\": \"%.*s\", \"height\": %" PRIu64
            ", \"time\": \"%s\", \"tx\": \"%s\", \"signers\": %u, \"witnesses\": %u}\n",
            contract, (int)fact->event->topic.len, (const char *)fact->event->topic.data,
            fact->height, time, id, fact->signers, fact->witnesses);
        return EXIT_DONE;
    }
    printf("Verified: final at %s (height %" PRIu64 "), signed by %u of %u witnesses.\n", time,
           fact->height, fact->signers, fact->witnesses);
    printf("Contract %s said \"%.*s\" in transaction %s.\n", contract, (int)fact->event->topic.len,
           (const char *)fact->event->topic.data, id);
    if (fact->payload.len > 0)
        printf("It commits to:\n%.*s\n", (int)fact->payload.len, (const char *)fact->payload.data);
    return EXIT_DONE;
}

static int check_file(const struct options *options, struct bytes file,
                      const struct hash *trusted) {
    static struct event_proof proof;
    struct buf encoded = {0};
    struct hash claimed;
    struct light_fact fact;
    enum light_step step = LIGHT_CHAIN;
    int result = EXIT_FAILED;
    enum status status = proof_file_read(&claimed, &encoded, file);
    if (status == STATUS_OK) status = event_proof_decode(&proof, buf_bytes(&encoded));
    if (status != STATUS_OK)
        complain(EXIT_FAILED, "not verified: this is not a proof file (%s)", status_text(status));
    else if (!hash_equal(&claimed, trusted))
        complain(EXIT_FAILED, "not verified: %s", light_step_text(LIGHT_CHAIN));
    else if (light_check_event(&fact, &step, &proof, trusted) != STATUS_OK)
        complain(EXIT_FAILED, "not verified: %s", light_step_text(step));
    else
        result = print_fact(&fact, options);
    buf_clear(&encoded);
    return result;
}

int command_verify(const struct options *options) {
    struct hash trusted;
    struct buf file = {0};
    const char *path = options->operands[0];
    if (!trusted_chain(options, &trusted)) return EXIT_USAGE;
    enum status status = file_read(&file, path, MAX_PROOF_FILE);
    int result = status == STATUS_OK ? check_file(options, buf_bytes(&file), &trusted)
                                     : complain(EXIT_USAGE, "%s: %s", path, status_text(status));
    buf_clear(&file);
    return result;
}
