// SPDX-License-Identifier: Apache-2.0
// A pot: people put money in until a deadline. When it then holds its goal, all of it goes to the
// one it was started for; when it does not, everybody may take back what was theirs.
// docs/tutorial-contract.md explains it line by line.
#include "chaincore/sdk/lmm.h"

enum { // what it refuses with; the sentences stand in pot.json
    BAD_ARGUMENTS = LMM_BAD_ARGUMENTS,
    NOTHING_GIVEN = 2,
    TOO_LATE = 3,
    TOO_EARLY = 4,
    SETTLED = 5,
    NOTHING_HERE = 6,
    WRONG_PRICE = 7,
    ARMED = 8,
};

enum { OPEN, PAID, FAILED };

enum { SETTLE_GAS = 200000 }; // ample for what `settle` does, and for an account that it makes

struct pot {
    uint8_t to[32];
    uint64_t goal;
    uint64_t deadline_ms;
    uint64_t total;
    uint8_t state;
    uint8_t is_armed;
} __attribute__((packed));

struct share_key {
    uint8_t kind; // 's'
    uint8_t account[32];
};

static struct pot load_pot(void) {
    struct pot pot;
    lmm_storage_get("pot", 3, &pot, sizeof pot);
    return pot;
}

static void store_pot(const struct pot *pot) { lmm_storage_set("pot", 3, pot, sizeof *pot); }

static uint64_t load_share(const struct share_key *key) {
    uint64_t units = 0;
    lmm_storage_get(key, sizeof *key, &units, sizeof units);
    return units;
}

// init(to, goal u64, deadline u64)
LMM_INIT {
    struct lmm_reader arguments = lmm_arguments();
    struct pot pot = {.state = OPEN};
    lmm_read(&arguments, pot.to, sizeof pot.to);
    pot.goal = lmm_read_u64(&arguments);
    pot.deadline_ms = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    if (pot.goal == 0) lmm_refuse(BAD_ARGUMENTS);
    if (pot.deadline_ms <= lmm_block_time_ms()) lmm_refuse(TOO_LATE);
    store_pot(&pot);
}

// give(), with money
LMM_PAYABLE(give) {
    struct {
        uint8_t from[32];
        uint64_t amount, total;
    } __attribute__((packed)) given;
    struct share_key key = {.kind = 's'};
    struct pot pot = load_pot();
    if (lmm_value() == 0) lmm_refuse(NOTHING_GIVEN);
    if (lmm_block_time_ms() >= pot.deadline_ms) lmm_refuse(TOO_LATE);
    lmm_caller(key.account);
    uint64_t units = load_share(&key) + lmm_value();
    lmm_storage_set(&key, sizeof key, &units, sizeof units);
    pot.total += lmm_value();
    store_pot(&pot);
    lmm_caller(given.from);
    given.amount = lmm_value();
    given.total = pot.total;
    lmm_event("given", 5, &given, sizeof given);
}

// arm(), with the price of a timer, of which the caller gets back what is left: then nobody has to
// remember the deadline.
LMM_PAYABLE(arm) {
    struct pot pot = load_pot();
    uint8_t payer[32];
    if (pot.is_armed) lmm_refuse(ARMED);
    if (lmm_block_time_ms() >= pot.deadline_ms) lmm_refuse(TOO_LATE);
    if (lmm_value() != SETTLE_GAS * lmm_timer_price()) lmm_refuse(WRONG_PRICE);
    lmm_caller(payer);
    lmm_timer_set_for(payer, pot.deadline_ms, "settle", 6, "", 0, SETTLE_GAS);
    pot.is_armed = 1;
    store_pot(&pot);
}

// settle(): by the timer, or by anyone
LMM_METHOD(settle) {
    struct pot pot = load_pot();
    if (pot.state != OPEN) lmm_refuse(SETTLED);
    if (lmm_block_time_ms() < pot.deadline_ms) lmm_refuse(TOO_EARLY);
    pot.state = pot.total >= pot.goal ? PAID : FAILED;
    store_pot(&pot);
    if (pot.state == PAID) lmm_transfer(pot.to, pot.total);
    lmm_event("settled", 7, &pot.state, 1);
}

// take_back(): what the caller gave to a pot that failed
LMM_METHOD(take_back) {
    struct share_key key = {.kind = 's'};
    lmm_caller(key.account);
    uint64_t units = load_share(&key);
    if (load_pot().state != FAILED || units == 0) lmm_refuse(NOTHING_HERE);
    lmm_storage_delete(&key, sizeof key);
    lmm_transfer(key.account, units);
}

// pot() -> {to, goal, deadline, total, state, is_armed}
LMM_VIEW(pot) {
    struct pot pot = load_pot();
    lmm_return(&pot, sizeof pot);
}

// share(account) -> u64
LMM_VIEW(share) {
    struct lmm_reader arguments = lmm_arguments();
    struct share_key key = {.kind = 's'};
    lmm_read(&arguments, key.account, sizeof key.account);
    lmm_reader_end(&arguments);
    uint64_t units = load_share(&key);
    lmm_return(&units, sizeof units);
}

LMM_ABI;
