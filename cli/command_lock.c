// SPDX-License-Identifier: Apache-2.0
// A lock of the sharing market, as its renter and its owner use it. All but `lock grant` ask the
// lock alone: no server is needed.
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/proof.h"
#include "chaincore/crypto/address.h"
#include "chaincore/light/light.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/keyring.h"
#include "cli/lock_grant.h"
#include "cli/lock_link.h"
#include "cli/lock_thing.h"
#include "cli/output.h"

enum {
    CLOCK_DRIFT_MS = 2 * 60 * 1000, // between a lock's clock and this computer's
    WAY_MS = 1000,                  // of a statement to a lock, more or less
};

static const char MARKET[] = "sharing"; // whose server is asked, where a devnet has it

// ---- a visit

struct visit {
    const struct options *options;
    json_t *devnet;
    struct keyring keyring;
    struct lock_link link;
    struct phone phone;
    struct phone_signer signer;
};

static void visit_end(struct visit *visit) {
    secret_clear(&visit->signer, sizeof visit->signer);
    phone_clear(&visit->phone);
    lock_link_close(&visit->link);
    keyring_clear(&visit->keyring);
    json_decref(visit->devnet);
}

// By where its radio is, or by what it says of itself as a thing of the web.
static bool reach(struct lock_link *out, const char *lock) {
    struct buf radio = {0};
    if (strncmp(lock, "ws:", 3) == 0) return lock_link_open(out, lock);
    bool is_reached = lock_thing_radio(&radio, lock) && lock_link_open(out, buf_as_string(&radio));
    buf_clear(&radio);
    return is_reached;
}

// False, with a complaint. The caller ends the visit in any case.
static bool visit_begin(struct visit *visit, const struct options *options, bool signs) {
    memset(visit, 0, sizeof *visit);
    visit->options = options;
    visit->link.fd = -1;
    visit->devnet = devnet_load(options);
    keyring_init(&visit->keyring, options, visit->devnet);
    const char *lock = options->lock ? options->lock : devnet_lock(visit->devnet);
    if (!lock)
        return complain(EXIT_USAGE, "which lock? --lock http://HOST:PORT/, its Thing Description, "
                                    "or ws://HOST:PORT/lock"),
               false;
    if (signs && !options->key) return complain(EXIT_USAGE, "whose key signs? --key NAME"), false;
    if (signs && !keyring_find(&visit->keyring, options->key, &visit->signer.key)) return false;
    visit->signer.now_ms = clock_wall_ms();
    visit->signer.drift_ms = options->yes ? UINT64_MAX : CLOCK_DRIFT_MS;
    if (!reach(&visit->link, lock)) return false;
    visit->phone = (struct phone){.context = &visit->link, .ask = lock_link_ask};
    return true;
}

// The exit status, with a complaint unless it is done.
static int visit_result(const struct visit *visit, enum status status) {
    if (status == STATUS_OK) return EXIT_DONE;
    uint16_t code = (uint16_t)visit->phone.code;
    if (code != LOCK_CODE_OK)
        return complain(EXIT_FAILED, "the lock refuses: %s (%s)", lock_code_text(code),
                        lock_code_name(code));
    if (status == STATUS_CONFLICT)
        return complain(EXIT_FAILED, "nothing was signed: the lock's clock differs from this "
                                     "computer's by more than two minutes; --yes signs all the "
                                     "same");
    if (status == STATUS_UNAUTHORIZED)
        return complain(EXIT_FAILED, "nothing was signed: the grant is for another lock");
    if (status == STATUS_BAD_SIGNATURE)
        return complain(EXIT_FAILED, "what came was not signed by this lock, or was changed");
    return complain(EXIT_FAILED, "the lock: %s", status_text(status));
}

static bool needs_grant(const struct options *options, struct lock_grant_file *out) {
    memset(out, 0, sizeof *out);
    if (!options->grant)
        return complain(EXIT_USAGE, "by which grant? --grant FILE, of lmm lock grant"), false;
    return lock_grant_load(out, options->grant);
}

// ---- JSON

static void put_hex(json_t *object, const char *name, struct bytes bytes) {
    struct buf digits = {0};
    hex_encode((char *)buf_reserve(&digits, 2 * bytes.len + 1), bytes);
    digits.len = 2 * bytes.len;
    json_object_set_new(object, name, json_string(buf_as_string(&digits)));
    buf_clear(&digits);
}

static void put_number(json_t *object, const char *name, uint64_t number) {
    json_object_set_new(object, name, json_integer((json_int_t)number));
}

static void put_time(json_t *object, const char *name, uint64_t time_ms) {
    char text[25];
    clock_format_utc(text, (int64_t)time_ms);
    json_object_set_new(object, name, json_string(text));
}

// The arguments of the contract's start or give_back.
static json_t *receipt_json(const struct lock_receipt *receipt) {
    const struct challenge *challenge = &receipt->challenge;
    json_t *object = json_object(), *shown = json_object();
    put_number(shown, "command", challenge->command);
    put_hex(shown, "lock", bytes_of(challenge->lock, sizeof challenge->lock));
    put_hex(shown, "nonce", bytes_of(challenge->nonce, sizeof challenge->nonce));
    put_number(shown, "counter", challenge->counter);
    put_number(shown, "booking", challenge->booking);
    put_number(shown, "height", challenge->height);
    put_number(shown, "time_ms", challenge->time_ms);
    put_number(object, "booking", challenge->booking);
    json_object_set_new(object, "challenge", shown);
    put_hex(object, "signature", BYTES_OF(receipt->signature.bytes));
    put_hex(object, "lock_signature", BYTES_OF(receipt->lock_signature.bytes));
    return object;
}

static int write_receipt(const struct options *options, const struct lock_receipt *receipt) {
    json_t *object = receipt_json(receipt);
    if (!options->out) return output_json(object);
    int failed = json_dump_file(object, options->out, JSON_COMPACT);
    json_decref(object);
    return failed ? complain(EXIT_FAILED, "%s cannot be written", options->out) : EXIT_DONE;
}

// ---- online

int command_lock_grant(const struct options *options) {
    struct buf path = {0};
    struct client_reply reply = {0};
    json_t *devnet = devnet_load(options);
    const char *url = devnet_market_url(options, devnet, MARKET);
    char *escaped = curl_easy_escape(NULL, options->operands[0], 0);
    int result = EXIT_FAILED;
    buf_append_format(&path, "/v1/bookings/%s/grant", escaped);
    if (url &&
        client_find(&reply, &(struct client_request){.url = url, .path = buf_as_string(&path)})) {
        enum status status = STATUS_OK;
        if (reply.status != 200)
            complain(EXIT_FAILED, "the server has no grant of this booking (HTTP %ld)",
                     reply.status);
        else if (!options->out)
            result = fwrite(reply.body.data, 1, reply.body.len, stdout) == reply.body.len
                         ? EXIT_DONE
                         : EXIT_FAILED;
        else if ((status = file_replace(options->out, buf_bytes(&reply.body), 0644)) == STATUS_OK)
            result = EXIT_DONE;
        if (status != STATUS_OK) complain(EXIT_FAILED, "%s: %s", options->out, status_text(status));
    }
    client_reply_clear(&reply);
    buf_clear(&path);
    curl_free(escaped);
    json_decref(devnet);
    return result;
}

// ---- for anybody

static int print_report(const struct options *options, const struct lock_report *report) {
    bool knows_time = report->flags & LOCK_FLAG_CLOCK, is_bound = report->flags & LOCK_FLAG_BOUND;
    bool is_in_use = report->flags & LOCK_FLAG_IN_USE, is_open = report->flags & LOCK_FLAG_OPEN;
    char clock[25], owner[ADDRESS_CHARS + 1];
    clock_format_utc(clock, (int64_t)report->clock_ms);
    address_encode(owner, report->owner);
    if (!options->json) {
        printf("%s, %s, battery %u %%\n", is_open ? "open" : "shut", is_in_use ? "in use" : "free",
               report->battery);
        printf("%s %s\n", knows_time ? "clock" : "clock stopped at", clock);
        if (is_in_use) printf("booking %" PRIu64 "\n", report->booking);
        if (is_bound) printf("asset %" PRIu64 "\n", report->asset);
        printf("owner %s\n", owner);
        if (report->log_lost > 0)
            printf("%" PRIu64 " entries of the log are lost\n", report->log_lost);
        return EXIT_DONE;
    }
    json_t *object = json_object();
    put_hex(object, "lock", BYTES_OF(report->lock.bytes));
    json_object_set_new(object, "owner", json_string(owner));
    json_object_set_new(object, "is_open", json_boolean(is_open));
    json_object_set_new(object, "knows_time", json_boolean(knows_time));
    put_time(object, "clock", report->clock_ms);
    put_number(object, "battery", report->battery);
    json_object_set_new(object, "asset",
                        is_bound ? json_integer((json_int_t)report->asset) : json_null());
    json_object_set_new(object, "booking",
                        is_in_use ? json_integer((json_int_t)report->booking) : json_null());
    put_number(object, "policy_epoch", report->policy_epoch);
    put_number(object, "height", report->header_height);
    put_number(object, "counter", report->counter);
    put_number(object, "log_first", report->log_first);
    put_number(object, "log_next", report->log_next);
    put_number(object, "log_lost", report->log_lost);
    return output_json(object);
}

int command_lock_status(const struct options *options) {
    struct visit visit;
    struct lock_report report = {0};
    int result = EXIT_FAILED;
    if (visit_begin(&visit, options, false)) {
        result = visit_result(&visit, phone_report(&visit.phone, &report));
        if (result == EXIT_DONE) result = print_report(options, &report);
    }
    visit_end(&visit);
    return result;
}

static bool read_number(uint64_t *out, const char *text) {
    char *end;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

// [start|return] [BOOKING]; without them the last of any.
static bool read_receipt_wish(struct lock_receipt_wish *out, const struct options *options) {
    const char *command = options->operand_count > 0 ? options->operands[0] : NULL;
    *out = (struct lock_receipt_wish){0};
    if (command && strcmp(command, "start") == 0) out->command = CHALLENGE_START;
    if (command && strcmp(command, "return") == 0) out->command = CHALLENGE_RETURN;
    if (command && out->command == 0)
        return complain(EXIT_USAGE, "%s is neither start nor return", command), false;
    if (options->operand_count > 1 && !read_number(&out->booking, options->operands[1]))
        return complain(EXIT_USAGE, "%s is no booking's number", options->operands[1]), false;
    return true;
}

int command_lock_receipt(const struct options *options) {
    struct visit visit;
    struct lock_receipt receipt = {0};
    struct lock_receipt_wish wish;
    int result = EXIT_FAILED;
    if (!read_receipt_wish(&wish, options)) return EXIT_USAGE;
    if (visit_begin(&visit, options, false)) {
        result = visit_result(&visit, phone_receipt(&visit.phone, &receipt, &wish));
        if (result == EXIT_DONE) result = write_receipt(options, &receipt);
    }
    visit_end(&visit);
    return result;
}

// ---- the renter

static int use(const struct options *options, enum challenge_command command) {
    struct visit visit;
    struct lock_grant_file file;
    struct lock_receipt receipt = {0};
    struct lock_used used = {0};
    int result = EXIT_FAILED;
    if (needs_grant(options, &file)) {
        if (visit_begin(&visit, options, true)) {
            enum status status = phone_introduce(&visit.phone, &file.proof);
            // What has started goes on, whatever the lock thinks of the proof.
            if (status == STATUS_OK || (status == STATUS_INVALID && command != CHALLENGE_START))
                status =
                    phone_use(&visit.phone, &used, &receipt, &file.proof, command, &visit.signer);
            result = visit_result(&visit, status);
            if (result == EXIT_DONE && command != CHALLENGE_OPEN)
                result = write_receipt(options, &receipt);
            else if (result == EXIT_DONE)
                printf("open\n");
        }
        visit_end(&visit);
    }
    lock_grant_clear(&file);
    return result;
}

int command_lock_open(const struct options *options) { return use(options, CHALLENGE_OPEN); }
int command_lock_start(const struct options *options) { return use(options, CHALLENGE_START); }
int command_lock_return(const struct options *options) { return use(options, CHALLENGE_RETURN); }

// ---- the owner

static json_t *entry_json(const struct lock_entry *entry) {
    static const char *const events[] = {NULL,     "opened",   "started", "returned", "trusted",
                                         "policy", "power_on", "cleared", "unbound"};
    json_t *object = json_object();
    bool is_known = entry->event > 0 && entry->event < sizeof events / sizeof *events;
    put_number(object, "index", entry->index);
    put_time(object, "time", entry->time_ms);
    json_object_set_new(object, "event", json_string(is_known ? events[entry->event] : "unknown"));
    put_number(object, "booking", entry->booking);
    put_hex(object, "who", bytes_of(entry->who, sizeof entry->who));
    put_hex(object, "what", bytes_of(entry->what, sizeof entry->what));
    return object;
}

static int print_log(const struct lock_log_part *part, const struct hash *link) {
    json_t *object = json_object(), *entries = json_array();
    size_t count = part->entries.len / sizeof(struct lock_entry);
    for (size_t i = 0; i < count; i++) {
        struct lock_entry entry;
        memcpy(&entry, part->entries.data + i * sizeof entry, sizeof entry);
        json_array_append_new(entries, entry_json(&entry));
    }
    json_object_set_new(object, "entries", entries);
    put_number(object, "next", part->first + count);
    put_hex(object, "link", BYTES_OF(link->bytes));
    return output_json(object);
}

int command_lock_log(const struct options *options) {
    struct visit visit;
    struct lock_log_part part = {0};
    struct hash link = {{0}};
    struct phone_log log = {.link = &link, .knows_link = options->operand_count != 1};
    int result = EXIT_FAILED;
    if (options->operand_count > 0 && !read_number(&log.from, options->operands[0]))
        return complain(EXIT_USAGE, "%s is no entry's number", options->operands[0]);
    if (options->operand_count > 1 &&
        hex_decode(link.bytes, sizeof link.bytes, options->operands[1]) != STATUS_OK)
        return complain(EXIT_USAGE, "%s is no link", options->operands[1]);
    if (visit_begin(&visit, options, true)) {
        result = visit_result(&visit, phone_log(&visit.phone, &part, &log, &visit.signer));
        if (result == EXIT_DONE) result = print_log(&part, &link);
    }
    visit_end(&visit);
    return result;
}

int command_lock_bind(const struct options *options) {
    struct visit visit;
    struct lock_binding binding = {0};
    struct signature signature;
    int result = EXIT_FAILED;
    if (!read_number(&binding.asset, options->operands[0]))
        return complain(EXIT_USAGE, "%s is no asset's number", options->operands[0]);
    if (visit_begin(&visit, options, true)) {
        result =
            visit_result(&visit, phone_bind(&visit.phone, &binding, &signature, &visit.signer));
        if (result == EXIT_DONE) {
            json_t *object = json_object();
            put_number(object, "asset", binding.asset);
            put_hex(object, "lock", bytes_of(binding.lock, sizeof binding.lock));
            put_number(object, "counter", binding.counter);
            put_hex(object, "lock_signature", BYTES_OF(signature.bytes));
            result = output_json(object);
        }
    }
    visit_end(&visit);
    return result;
}

int command_lock_clear(const struct options *options) {
    struct visit visit;
    uint64_t booking;
    int result = EXIT_FAILED;
    if (!read_number(&booking, options->operands[0]))
        return complain(EXIT_USAGE, "%s is no booking's number", options->operands[0]);
    if (visit_begin(&visit, options, true))
        result = visit_result(&visit, phone_clear_use(&visit.phone, booking, &visit.signer));
    visit_end(&visit);
    return result;
}

// The chain that the owner trusts: its id, and the witnesses of its genesis.
struct trusted_genesis {
    struct hash chain_id;
    struct witness_set set;
};

static bool read_genesis(struct trusted_genesis *out, const char *path) {
    struct arena arena = {0};
    struct buf encoded = {0};
    struct genesis genesis;
    enum status status = file_read(&encoded, path, GENESIS_MAX_BYTES);
    if (status == STATUS_OK) status = genesis_decode(&genesis, &arena, buf_bytes(&encoded));
    if (status == STATUS_OK) {
        genesis_chain_id(&out->chain_id, &genesis);
        genesis_witness_set(&out->set, &genesis);
    }
    buf_clear(&encoded);
    arena_clear(&arena);
    if (status != STATUS_OK) complain(EXIT_USAGE, "%s: %s", path, status_text(status));
    return status == STATUS_OK;
}

static bool read_height(uint64_t *out, const char *url) {
    json_t *chain = client_ask_json(url, "/v1/chain", NULL);
    *out = (uint64_t)json_integer_value(json_object_get(chain, "height"));
    json_decref(chain);
    return *out > 0 || (complain(EXIT_FAILED, "%s has no block yet", url), false);
}

static bool check_header(struct header *out, struct bytes file, const struct hash *chain_id) {
    struct hash claimed;
    struct buf encoded = {0};
    struct block_proof proof;
    struct light_fact fact;
    enum light_step step = LIGHT_DONE;
    enum status status = proof_file_read(&claimed, &encoded, file);
    if (status == STATUS_OK) status = block_proof_decode(&proof, buf_bytes(&encoded));
    if (status == STATUS_OK) status = light_check_block(&fact, &step, &proof, chain_id);
    if (status == STATUS_OK) *out = proof.ground.header;
    buf_clear(&encoded);
    if (status != STATUS_OK)
        complain(EXIT_FAILED, "the node's newest block is not proven: %s",
                 step == LIGHT_DONE ? status_text(status) : light_step_text(step));
    return status == STATUS_OK;
}

// The newest header of a node, which the witnesses have to have signed.
static bool fetch_header(struct header *out, const struct options *options,
                         const struct hash *chain_id) {
    struct buf path = {0};
    struct client_reply reply = {0};
    json_t *devnet = devnet_load(options);
    const char *url = devnet_market_url(options, devnet, MARKET);
    uint64_t height;
    bool is_there = url && read_height(&height, url);
    if (is_there) {
        buf_append_format(&path, "/v1/blocks/%" PRIu64 "/proof", height);
        is_there =
            client_find(&reply, &(struct client_request){.url = url, .path = buf_as_string(&path)});
        if (is_there && reply.status != 200)
            is_there = (complain(EXIT_FAILED, "the node has no proof of its block (HTTP %ld)",
                                 reply.status),
                        false);
        if (is_there) is_there = check_header(out, buf_bytes(&reply.body), chain_id);
    }
    client_reply_clear(&reply);
    buf_clear(&path);
    json_decref(devnet);
    return is_there;
}

static bool load_header(struct header *out, const struct options *options,
                        const struct hash *chain_id) {
    struct lock_grant_file file;
    if (!options->grant) return fetch_header(out, options, chain_id);
    bool is_loaded = lock_grant_load(&file, options->grant);
    if (is_loaded) *out = file.proof.header;
    lock_grant_clear(&file);
    return is_loaded;
}

static enum status vouch(struct visit *visit, const struct header *header,
                         const struct witness_set *set) {
    struct grant_proof proof = {.header = *header};
    struct lock_report report;
    enum status status = phone_report(&visit->phone, &report);
    if (status != STATUS_OK) return status;
    // The statement is before neither the header nor what the lock knows of the time when it comes.
    if (visit->signer.now_ms < header->time_ms) visit->signer.now_ms = header->time_ms;
    if ((report.flags & LOCK_FLAG_CLOCK) && visit->signer.now_ms < report.clock_ms + WAY_MS)
        visit->signer.now_ms = report.clock_ms + WAY_MS;
    return phone_vouch(&visit->phone, &proof, witness_set_keys(set), &visit->signer);
}

int command_lock_trust(const struct options *options) {
    static struct trusted_genesis genesis;
    struct visit visit;
    struct header header;
    int result = EXIT_FAILED;
    if (!options->genesis)
        return complain(EXIT_USAGE, "whose witnesses? --genesis FILE, as a node keeps it");
    if (!read_genesis(&genesis, options->genesis)) return EXIT_USAGE;
    if (!load_header(&header, options, &genesis.chain_id)) return EXIT_FAILED;
    if (visit_begin(&visit, options, true))
        result = visit_result(&visit, vouch(&visit, &header, &genesis.set));
    visit_end(&visit);
    return result;
}
