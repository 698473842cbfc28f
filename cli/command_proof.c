// SPDX-License-Identifier: Apache-2.0
// Fetching a proof, and checking one with nothing but the chain's id.
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/utf8.h"
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
    if (url &&
        client_send(&reply, &(struct client_request){.url = url, .path = buf_as_string(&path)})) {
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

static bool read_chain_id(struct hash *out, const char *path) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct genesis genesis;
    enum status status = file_read(&encoded, path, GENESIS_MAX_BYTES);
    if (status == STATUS_OK) status = genesis_decode(&genesis, &arena, buf_bytes(&encoded));
    if (status == STATUS_OK)
        genesis_chain_id(out, &genesis);
    else
        complain(EXIT_USAGE, "%s: %s", path, status_text(status));
    buf_clear(&encoded);
    arena_clear(&arena);
    return status == STATUS_OK;
}

// The chain that is trusted: of --genesis (its file, as the node keeps it), or of devnet.json.
static bool trusted_chain(const struct options *options, struct hash *out) {
    if (options->genesis) return read_chain_id(out, options->genesis);
    json_t *devnet = devnet_load(options);
    const char *chain_id = json_string_value(json_object_get(devnet, "chain_id"));
    bool is_known = chain_id && hex_decode(out->bytes, sizeof out->bytes, chain_id) == STATUS_OK;
    if (!is_known)
        complain(EXIT_USAGE, "which chain to trust? No --genesis given, and no devnet.json here");
    json_decref(devnet);
    return is_known;
}

// The name of a contract that stands in genesis; "" for any other, which anybody may have deployed.
static void name_of(char out[GENESIS_MAX_NAME + 1], struct bytes genesis_head,
                    const struct account_id *contract) {
    struct genesis_head head;
    out[0] = '\0';
    enum status status = genesis_head_decode(&head, genesis_head);
    for (uint32_t i = 0; status == STATUS_OK && i < head.contract_count; i++) {
        char name[GENESIS_MAX_NAME + 1] = {0};
        struct account_id id;
        memcpy(name, head.contracts[i].name.data, head.contracts[i].name.len);
        account_id_of_system_contract(&id, name);
        if (account_id_equal(&id, contract)) memcpy(out, name, sizeof name);
    }
}

// A contract chose these bytes: nothing of them may command the terminal.
static void append_visible(struct buf *out, struct bytes text) {
    while (text.len > 0) {
        uint8_t c = text.data[0];
        bool ends_line = c == '\r' && text.len > 1 && text.data[1] == '\n';
        size_t len = utf8_first(text);
        // C1 controls are U+0080 to U+009F.
        bool is_control = len < 2 ? (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f
                                  : c == 0xc2 && text.data[1] < 0xa0;
        if (ends_line)
            (void)0; // the line feed behind it says so
        else if (len > 0 && !is_control)
            buf_append(out, bytes_of(text.data, len));
        else
            for (size_t i = 0; i < (len ? len : 1); i++)
                buf_append_format(out, "\\x%02x", text.data[i]);
        len = len ? len : 1;
        text = bytes_of(text.data + len, text.len - len);
    }
}

static void print_json(const struct light_fact *fact, const char *contract, const char *name,
                       const char *topic) {
    char time[25], id[65], trusted[25];
    clock_format_utc(time, (int64_t)fact->time_ms);
    clock_format_utc(trusted, (int64_t)fact->trusted_ms);
    hex_encode(id, BYTES_OF(fact->tx_id.bytes));
    json_t *object = json_pack(
        "{s:b, s:s, s:s?, s:s, s:I, s:s, s:s, s:i, s:i, s:s, s:i, s:b}", "verified", 1, "contract",
        contract, "contract_name", *name ? name : NULL, "topic", topic, "height",
        (json_int_t)fact->height, "time", time, "tx", id, "signers", fact->signers, "witnesses",
        fact->witnesses, "trusted_since", trusted, "hand_overs", (int)fact->hand_overs,
        "is_trusting_period_over", light_is_period_over(fact->trusted_ms, clock_wall_ms()));
    json_dumpf(object, stdout, JSON_ENCODE_ANY);
    printf("\n");
    json_decref(object);
}

// What signatures alone can say of time, and what they cannot: docs/proofs.md.
static void print_trust(const struct light_fact *fact) {
    char trusted[25];
    uint64_t now_ms = clock_wall_ms();
    clock_format_utc(trusted, (int64_t)fact->trusted_ms);
    if (fact->hand_overs == 0)
        printf("Genesis named them at %s.", trusted);
    else
        printf("The witnesses of genesis (%s) handed over to them in %u steps.", trusted,
               (unsigned)fact->hand_overs);
    if (light_is_period_over(fact->trusted_ms, now_ms))
        printf(" That is more than 7 days ago: only one who follows\nthe chain can tell whether "
               "witnesses that have left since have signed another past.");
    if (fact->anchor_time_ms > now_ms && fact->anchor_time_ms - now_ms > TRUST_CLOCK_DRIFT_MS)
        printf(" By this computer's clock they signed in the future.");
    printf("\n");
}

static int print_fact(const struct light_fact *fact, struct bytes genesis_head,
                      const struct options *options) {
    char contract[ADDRESS_CHARS + 1], time[25], id[65], name[GENESIS_MAX_NAME + 1];
    struct buf topic = {0}, payload = {0};
    address_encode(contract, fact->event->contract.bytes);
    clock_format_utc(time, (int64_t)fact->time_ms);
    hex_encode(id, BYTES_OF(fact->tx_id.bytes));
    name_of(name, genesis_head, &fact->event->contract);
    append_visible(&topic, fact->event->topic);
    append_visible(&payload, fact->payload);
    if (options->json) {
        print_json(fact, contract, name, buf_as_string(&topic));
    } else {
        printf("Verified: final at %s (height %" PRIu64 "), signed by %u of %u witnesses.\n", time,
               fact->height, fact->signers, fact->witnesses);
        print_trust(fact);
        if (*name)
            printf("The chain's own contract %s (%s)", name, contract);
        else
            printf("Contract %s, which is no part of the chain's genesis: anybody may have "
                   "deployed it. It",
                   contract);
        printf(" said \"%s\" in transaction %s.\n", buf_as_string(&topic), id);
        if (payload.len > 0) printf("It commits to:\n%s\n", buf_as_string(&payload));
    }
    buf_clear(&topic);
    buf_clear(&payload);
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
        result = print_fact(&fact, proof.backing.genesis_head, options);
    buf_clear(&encoded);
    return result;
}

int command_verify(const struct options *options) {
    struct hash trusted;
    struct buf file = {0};
    const char *path = options->operands[0];
    if (backup_is_folder(path)) return backup_verify(options);
    if (!trusted_chain(options, &trusted)) return EXIT_USAGE;
    enum status status = file_read(&file, path, MAX_PROOF_FILE);
    int result = status == STATUS_OK ? check_file(options, buf_bytes(&file), &trusted)
                                     : complain(EXIT_USAGE, "%s: %s", path, status_text(status));
    buf_clear(&file);
    return result;
}
