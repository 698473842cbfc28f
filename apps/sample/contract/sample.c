// SPDX-License-Identifier: Apache-2.0
// A guest book. Whoever signs it leaves a text and a deposit; the author, and nobody else, may
// amend the text, or withdraw the entry and have the deposit back. Numbers are given in order and
// never twice.
//
// What is kept: 'n' -> how many entries there have been; 'e' ‖ number (big-endian) -> struct entry.
#include "apps/sample/contract/rules.h"
#include "chaincore/sdk/lmm.h"

enum { // refusals; their sentences stand in abi.json
    BAD_ARGUMENTS = LMM_BAD_ARGUMENTS,
    BAD_TEXT = 2,
    WRONG_DEPOSIT = 3,
    UNKNOWN_ENTRY = 4,
    NOT_THE_AUTHOR = 5,
};

struct entry {
    uint64_t number;
    uint8_t author[32];
    uint32_t text_len;
    uint8_t text[ENTRY_TEXT_MAX];
} __attribute__((packed));
enum { ENTRY_HEAD = 8 + 32 + 4, ENTRY_KEY_LEN = 1 + 8 };

static struct entry entry; // the one at hand

static void make_key(uint8_t key[ENTRY_KEY_LEN], uint64_t number) {
    key[0] = 'e';
    for (int i = 0; i < 8; i++) key[1 + i] = (uint8_t)(number >> (56 - 8 * i));
}

static bool load(uint64_t number) {
    uint8_t key[ENTRY_KEY_LEN];
    make_key(key, number);
    return lmm_storage_get(key, sizeof key, &entry, sizeof entry) >= 0;
}

static void load_own(uint64_t number) {
    uint8_t caller[32];
    if (!load(number)) lmm_refuse(UNKNOWN_ENTRY);
    lmm_caller(caller);
    if (memcmp(caller, entry.author, sizeof caller) != 0) lmm_refuse(NOT_THE_AUTHOR);
}

static void read_text(struct lmm_reader *arguments) {
    entry.text_len = lmm_read_u32(arguments);
    if (entry.text_len == 0 || entry.text_len > ENTRY_TEXT_MAX) lmm_refuse(BAD_TEXT);
    lmm_read(arguments, entry.text, entry.text_len);
}

static void store(void) {
    uint8_t key[ENTRY_KEY_LEN];
    make_key(key, entry.number);
    lmm_storage_set(key, sizeof key, &entry, ENTRY_HEAD + entry.text_len);
}

// Each event tells the entry as it now is.
#define TELL(topic) lmm_event(topic, sizeof topic - 1, &entry, ENTRY_HEAD + entry.text_len)

// sign(text), with the deposit
LMM_PAYABLE(sign) {
    struct lmm_reader arguments = lmm_arguments();
    uint64_t count = 0;
    read_text(&arguments);
    lmm_reader_end(&arguments);
    if (lmm_value() != ENTRY_DEPOSIT_UNITS) lmm_refuse(WRONG_DEPOSIT);
    lmm_storage_get("n", 1, &count, sizeof count);
    entry.number = ++count;
    lmm_caller(entry.author);
    lmm_storage_set("n", 1, &count, sizeof count);
    store();
    TELL("signed");
}

// amend(number u64, text)
LMM_METHOD(amend) {
    struct lmm_reader arguments = lmm_arguments();
    load_own(lmm_read_u64(&arguments));
    read_text(&arguments);
    lmm_reader_end(&arguments);
    store();
    TELL("amended");
}

// withdraw(number u64)
LMM_METHOD(withdraw) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[ENTRY_KEY_LEN];
    load_own(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    make_key(key, entry.number);
    lmm_storage_delete(key, sizeof key);
    lmm_transfer(entry.author, ENTRY_DEPOSIT_UNITS);
    entry.text_len = 0;
    TELL("withdrawn");
}

static struct { // an option begins with whether there is one
    uint8_t is_there;
    struct entry entry;
} __attribute__((packed)) answer;

// entry(number u64) -> option<entry>
LMM_VIEW(entry) {
    struct lmm_reader arguments = lmm_arguments();
    uint64_t number = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    answer.is_there = load(number);
    answer.entry = entry;
    lmm_return(&answer, answer.is_there ? 1 + ENTRY_HEAD + entry.text_len : 1);
}

LMM_ABI;
