// SPDX-License-Identifier: Apache-2.0
// Checking a proof with nothing but the chain's id, and telling what it proves.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/base/utf8.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/crypto/address.h"
#include "chaincore/light/light.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"

enum { MAX_PROOF_FILE = 2 * PROOF_MAX_BYTES + 256 };

// A proof of any form, decoded; what it proves, and how it is told.
struct checked {
    enum proof_form form;
    struct event_proof event;
    struct tx_proof tx;
    struct entry_proof entry;
    struct block_proof block;
    struct light_fact fact;
    enum light_step step;
    bool is_json;
};

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

// One object: what is proven, then who signed it and since when they are known.
static int print_json(const struct light_fact *fact, const char *kind, json_t *what) {
    char time[25], trusted[25];
    clock_format_utc(time, (int64_t)fact->time_ms);
    clock_format_utc(trusted, (int64_t)fact->trusted_ms);
    json_t *object = json_pack("{s:b, s:s}", "verified", 1, "kind", kind);
    json_t *trust =
        json_pack("{s:I, s:s, s:i, s:i, s:s, s:i, s:b}", "height", (json_int_t)fact->height, "time",
                  time, "signers", fact->signers, "witnesses", fact->witnesses, "trusted_since",
                  trusted, "hand_overs", (int)fact->hand_overs, "is_trusting_period_over",
                  light_is_period_over(fact->trusted_ms, clock_wall_ms()));
    ENSURE(what && json_object_update_new(object, what) == 0);
    ENSURE(json_object_update_new(object, trust) == 0);
    return output_json(object);
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

static void print_head(const struct light_fact *fact) {
    char time[25];
    clock_format_utc(time, (int64_t)fact->time_ms);
    printf("Verified: final at %s (height %" PRIu64 "), signed by %u of %u witnesses.\n", time,
           fact->height, fact->signers, fact->witnesses);
    print_trust(fact);
}

static int print_event(const struct checked *checked) {
    const struct light_fact *fact = &checked->fact;
    char contract[ADDRESS_CHARS + 1], id[65], name[GENESIS_MAX_NAME + 1];
    struct buf topic = {0}, payload = {0};
    address_encode(contract, fact->event->contract.bytes);
    hex_encode(id, BYTES_OF(fact->tx_id.bytes));
    name_of(name, checked->event.ground.backing.genesis_head, &fact->event->contract);
    append_visible(&topic, fact->event->topic);
    append_visible(&payload, fact->payload);
    if (checked->is_json) {
        print_json(fact, "event",
                   json_pack("{s:s, s:s?, s:s, s:s}", "contract", contract, "contract_name",
                             *name ? name : NULL, "topic", buf_as_string(&topic), "tx", id));
    } else {
        print_head(fact);
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

static bool find_sender(char out[ADDRESS_CHARS + 1], const struct tx_proof *proof) {
    struct tx *tx = mem_alloc(sizeof *tx);
    struct buf encoded = {0};
    buf_append(&encoded, proof->body);
    buf_append(&encoded, proof->signatures);
    bool is_there = proof->has_tx && tx_decode(tx, buf_bytes(&encoded)) == STATUS_OK;
    if (is_there) address_encode(out, tx->sender.bytes);
    buf_clear(&encoded);
    mem_free(tx);
    return is_there;
}

static int print_tx(const struct checked *checked) {
    const struct receipt *receipt = &checked->tx.receipt;
    enum tx_code code = (enum tx_code)receipt->code;
    char id[65], sender[ADDRESS_CHARS + 1] = "";
    hex_encode(id, BYTES_OF(receipt->tx_id.bytes));
    bool is_signed = find_sender(sender, &checked->tx);
    if (checked->is_json)
        return print_json(&checked->fact, "transaction",
                          json_pack("{s:s, s:s?, s:s, s:i, s:I}", "tx", id, "sender",
                                    is_signed ? sender : NULL, "code", tx_code_name(code),
                                    "contract_code", (int)receipt->contract_code, "gas_used",
                                    (json_int_t)receipt->gas_used));
    print_head(&checked->fact);
    printf("Transaction %s", id);
    if (is_signed) printf(", sent by %s,", sender);
    if (code == TX_CODE_OK)
        printf(" did what it says.\n");
    else
        printf(" failed: %s (%s)\n", tx_code_text(code), tx_code_name(code));
    return EXIT_DONE;
}

// ---- of the state

// What is said of an account or a contract, or "" for a value that is only bytes.
static json_t *describe_account(struct buf *out, struct bytes value) {
    struct account account;
    char balance[AMOUNT_TEXT_MAX];
    if (account_read(&account, value) != STATUS_OK) return json_object();
    amount_format(balance, account.balance);
    buf_append_format(out, "holds %s LMM, and its next sequence number is %" PRIu64, balance,
                      account.next_seq);
    return json_pack("{s:s, s:I}", "balance", balance, "next_seq", (json_int_t)account.next_seq);
}

static json_t *describe_contract(struct buf *out, struct bytes value) {
    struct contract_record record;
    char code_hash[65];
    if (contract_record_decode(&record, value) != STATUS_OK) return json_object();
    hex_encode(code_hash, BYTES_OF(record.code_hash.bytes));
    buf_append_format(out, "has the code %s", code_hash);
    return json_pack("{s:s}", "code_hash", code_hash);
}

static void append_hex(struct buf *out, struct bytes bytes) {
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
}

// Whose entry it is, and what is said of it.
static json_t *describe_entry(const struct entry_proof *entry, struct buf *who, struct buf *what) {
    uint8_t space = entry->key.len >= STATE_KEY_PREFIX ? entry->key.data[0] : 0;
    char address[ADDRESS_CHARS + 1];
    struct bytes rest = entry->key;
    json_t *object = NULL;
    if (space == STATE_ACCOUNT || space == STATE_CONTRACT || space == STATE_STORAGE) {
        address_encode(address, entry->key.data + 1);
        rest = bytes_of(rest.data + STATE_KEY_PREFIX, rest.len - STATE_KEY_PREFIX);
        buf_append_format(who, "%s %s", space == STATE_ACCOUNT ? "Account" : "Contract", address);
    } else {
        buf_append_string(who, "The state");
    }
    if (!entry->has_value)
        buf_append_string(what, rest.len > 0 ? "keeps nothing" : "is not there");
    else if (space == STATE_ACCOUNT)
        object = describe_account(what, entry->value);
    else if (space == STATE_CONTRACT)
        object = describe_contract(what, entry->value);
    if (what->len == 0) {
        buf_append_string(what, "keeps ");
        append_hex(what, entry->value);
    }
    if (rest.len > 0) {
        buf_append_string(what, " under ");
        append_hex(what, rest);
    }
    if (!object) object = json_object();
    if (rest.len != entry->key.len) json_object_set_new(object, "address", json_string(address));
    return object;
}

static int print_entry(const struct checked *checked) {
    const struct entry_proof *entry = &checked->entry;
    struct buf who = {0}, what = {0}, key = {0}, value = {0};
    json_t *object = describe_entry(entry, &who, &what);
    append_hex(&key, entry->key);
    append_hex(&value, entry->has_value ? entry->value : bytes_of("", 0));
    if (checked->is_json) {
        json_object_set_new(object, "key", json_string(buf_as_string(&key)));
        json_object_set_new(object, "value",
                            entry->has_value ? json_string(buf_as_string(&value)) : json_null());
        print_json(&checked->fact, "state", object);
    } else {
        json_decref(object);
        print_head(&checked->fact);
        printf("After this block: %s %s.\n", buf_as_string(&who), buf_as_string(&what));
    }
    buf_clear(&who);
    buf_clear(&what);
    buf_clear(&key);
    buf_clear(&value);
    return EXIT_DONE;
}

static int print_block(const struct checked *checked) {
    struct hash id;
    char digits[65];
    header_id(&id, &checked->block.ground.header);
    hex_encode(digits, BYTES_OF(id.bytes));
    if (checked->is_json)
        return print_json(&checked->fact, "block", json_pack("{s:s}", "id", digits));
    print_head(&checked->fact);
    printf("Block %s is the chain's.\n", digits);
    return EXIT_DONE;
}

// ---- any of them

static enum status decode_any(struct checked *out, struct bytes proof) {
    enum status status = proof_form_of(&out->form, proof);
    if (status != STATUS_OK) return status;
    switch (out->form) {
    case PROOF_OF_EVENT:
        return event_proof_decode(&out->event, proof);
    case PROOF_OF_TX:
        return tx_proof_decode(&out->tx, proof);
    case PROOF_OF_ENTRY:
        return entry_proof_decode(&out->entry, proof);
    case PROOF_OF_BLOCK:
        return block_proof_decode(&out->block, proof);
    case PROOF_FORMS_END:
        break;
    }
    return STATUS_UNSUPPORTED;
}

static enum status check_any(struct checked *checked, const struct hash *trusted) {
    struct light_fact *fact = &checked->fact;
    switch (checked->form) {
    case PROOF_OF_EVENT:
        return light_check_event(fact, &checked->step, &checked->event, trusted);
    case PROOF_OF_TX:
        return light_check_tx_proof(fact, &checked->step, &checked->tx, trusted);
    case PROOF_OF_ENTRY:
        return light_check_entry(fact, &checked->step, &checked->entry, trusted);
    case PROOF_OF_BLOCK:
        return light_check_block(fact, &checked->step, &checked->block, trusted);
    case PROOF_FORMS_END:
        break;
    }
    return STATUS_UNSUPPORTED;
}

static int print_any(const struct checked *checked) {
    switch (checked->form) {
    case PROOF_OF_EVENT:
        return print_event(checked);
    case PROOF_OF_TX:
        return print_tx(checked);
    case PROOF_OF_ENTRY:
        return print_entry(checked);
    case PROOF_OF_BLOCK:
        return print_block(checked);
    case PROOF_FORMS_END:
        break;
    }
    return EXIT_FAILED;
}

static int check_file(const struct options *options, struct bytes file,
                      const struct hash *trusted) {
    struct checked *checked = mem_alloc(sizeof *checked);
    struct buf encoded = {0};
    struct hash claimed;
    int result = EXIT_FAILED;
    checked->is_json = options->json;
    enum status status = proof_file_read(&claimed, &encoded, file);
    if (status == STATUS_OK) status = decode_any(checked, buf_bytes(&encoded));
    if (status != STATUS_OK)
        complain(EXIT_FAILED, "not verified: this is not a proof file (%s)", status_text(status));
    else if (!hash_equal(&claimed, trusted))
        complain(EXIT_FAILED, "not verified: %s", light_step_text(LIGHT_CHAIN));
    else if (check_any(checked, trusted) != STATUS_OK)
        complain(EXIT_FAILED, "not verified: %s", light_step_text(checked->step));
    else
        result = print_any(checked);
    buf_clear(&encoded);
    mem_free(checked);
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
