// SPDX-License-Identifier: Apache-2.0
// Things to rent. An owner lists an asset; whoever books it pays the rent and a deposit into this
// contract, which keeps both until the booking is settled, and refuses what overlaps. A lock may be
// bound to an asset: a grant in the state then tells it who may open it, and when.
//
// Use begins with a challenge that the renter's unlocking key and the lock have signed (without a
// lock: with the booking, once the renter's key has signed a challenge). It ends with a return that
// lock and renter have both signed; else with the renter's own `end`, unless the owner contests it
// within the claim window; else with the late minutes. Contested, a use with a lock goes on until
// its return; one without ends with the booking, or when a late `end` was contested. A challenge's
// time is that of the lock's clock; it counts no earlier than the booking (or the start), and no
// later than the block. Started minutes are billed, one at least, never more than the escrow. Never
// started: what was booked is owed, unless the owner has revoked the grant.
//
// Every booking is settled by a timer that it has paid for, when nobody did before: no money waits
// for anybody's help. docs/adr/022 says why it is so.
#include "apps/sharing/contract/settling.h"

struct range {
    uint64_t asset;
    uint64_t from_ms;
    uint64_t until_ms;
} __attribute__((packed));
#define TELL_RANGE(topic) lmm_event(topic, sizeof topic - 1, &range, sizeof range)

// ---- assets

static void read_text(struct lmm_reader *arguments, uint32_t least, uint32_t most) {
    uint32_t len = lmm_read_u32(arguments);
    if (len < least || len > most) lmm_refuse(SHARING_BAD_TEXT);
    uint8_t *out = (uint8_t *)&asset + asset_len;
    memcpy(out, &len, sizeof len);
    lmm_read(arguments, out + sizeof len, len);
    asset_len += (uint32_t)sizeof len + len;
}

static bool is_within(int64_t value, int64_t most) { return value >= -most && value <= most; }

// What an owner says of an asset.
static void read_terms(struct lmm_reader *arguments) {
    asset_len = ASSET_HEAD;
    read_text(arguments, 1, SHARING_TITLE_MAX);
    read_text(arguments, 0, SHARING_TEXT_MAX);
    read_text(arguments, 1, SHARING_PLACE_MAX);
    read_text(arguments, 1, SHARING_CATEGORY_MAX);
    asset.latitude = (int64_t)lmm_read_u64(arguments);
    asset.longitude = (int64_t)lmm_read_u64(arguments);
    lmm_read(arguments, asset.photo, sizeof asset.photo);
    asset.price = lmm_read_u64(arguments);
    asset.unit = lmm_read_u8(arguments);
    asset.deposit = lmm_read_u64(arguments);
    asset.late_cap = lmm_read_u32(arguments);
    asset.cancel_free = lmm_read_u32(arguments);
    asset.cancel_part = lmm_read_u8(arguments);
    lmm_reader_end(arguments);
    if (!is_within(asset.latitude, SHARING_LATITUDE_MAX) ||
        !is_within(asset.longitude, SHARING_LONGITUDE_MAX))
        lmm_refuse(SHARING_BAD_PLACE);
    if (asset.price == 0 || asset.price > SHARING_PRICE_MAX || asset.unit >= SHARING_UNITS)
        lmm_refuse(SHARING_BAD_PRICE);
    if (asset.deposit > SHARING_DEPOSIT_MAX) lmm_refuse(SHARING_BAD_DEPOSIT);
    if (asset.late_cap > SHARING_LATE_CAP_MAX) lmm_refuse(SHARING_BAD_LATE_CAP);
    if (asset.cancel_free > SHARING_CANCEL_FREE_MAX || asset.cancel_part > SHARING_CANCEL_PART_MAX)
        lmm_refuse(SHARING_BAD_CANCEL);
}

// list(terms) -> the asset's number
LMM_METHOD(list) {
    struct lmm_reader arguments = lmm_arguments();
    read_terms(&arguments);
    asset.number = next_number("n");
    lmm_caller(asset.owner);
    store_asset();
    TELL_ASSET("listed");
    lmm_return(&asset.number, sizeof asset.number);
}

// change(asset u64, terms): for bookings to come
LMM_METHOD(change) {
    struct lmm_reader arguments = lmm_arguments();
    load_own_asset(lmm_read_u64(&arguments));
    read_terms(&arguments);
    store_asset();
    TELL_ASSET("changed");
}

// withdraw(asset u64): no more bookings; those that are there go on.
LMM_METHOD(withdraw) {
    struct lmm_reader arguments = lmm_arguments();
    load_own_asset(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    asset.is_withdrawn = 1;
    store_asset();
    TELL_ASSET("withdrawn");
}

// block(asset u64, from u64, until u64): the owner keeps this time.
LMM_METHOD(block) {
    struct lmm_reader arguments = lmm_arguments();
    struct range range;
    lmm_read(&arguments, &range, sizeof range);
    lmm_reader_end(&arguments);
    now = lmm_block_time_ms();
    load_own_asset(range.asset);
    check_range(range.from_ms, range.until_ms);
    if (!is_free(range.asset, range.from_ms, range.until_ms, 0)) lmm_refuse(SHARING_TAKEN);
    if (asset.blocked == SHARING_BLOCKED_MAX) lmm_refuse(SHARING_TOO_MANY_BLOCKED);
    asset.blocked++;
    store_asset();
    take_slot(range.asset, range.until_ms, (struct slot){.from_ms = range.from_ms});
    TELL_RANGE("blocked");
}

// unblock(asset u64, until u64)
LMM_METHOD(unblock) {
    struct lmm_reader arguments = lmm_arguments();
    struct range range;
    struct slot slot;
    range.asset = lmm_read_u64(&arguments);
    range.until_ms = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    load_own_asset(range.asset);
    struct slot_key key = slot_key(range.asset, range.until_ms);
    if (lmm_storage_get(&key, sizeof key, &slot, sizeof slot) < 0 || slot.booking != 0)
        lmm_refuse(SHARING_NOT_BLOCKED);
    asset.blocked--;
    store_asset();
    free_slot(range.asset, range.until_ms);
    range.from_ms = slot.from_ms;
    TELL_RANGE("unblocked");
}

// ---- locks

static void read_signature(struct lmm_reader *arguments, uint8_t out[64]) {
    if (lmm_read_u32(arguments) != 64) lmm_refuse(SHARING_BAD_ARGUMENTS);
    lmm_read(arguments, out, 64);
}

// bind_lock(asset u64, lock, counter u64, the lock's signature of the binding)
LMM_METHOD(bind_lock) {
    struct lmm_reader arguments = lmm_arguments();
    struct lock_binding binding;
    struct lock lock = {0};
    struct policy policy;
    uint8_t signature[64], bytes[LOCK_BINDING_BYTES], hash[32];
    binding.asset = lmm_read_u64(&arguments);
    lmm_read(&arguments, binding.lock, sizeof binding.lock);
    binding.counter = lmm_read_u64(&arguments);
    read_signature(&arguments, signature);
    lmm_reader_end(&arguments);
    load_own_asset(binding.asset);
    memcpy(binding.owner, asset.owner, sizeof binding.owner);
    if (!has_lock(binding.lock)) lmm_refuse(SHARING_BAD_KEY);
    if (has_lock(asset.lock)) lmm_refuse(SHARING_HAS_A_LOCK);
    if (find_policy(&policy, binding.lock)) lmm_refuse(SHARING_LOCK_TAKEN);
    struct lock_key key = lock_key(binding.lock);
    lmm_storage_get(&key, sizeof key, &lock, sizeof lock);
    if (binding.counter <= lock.counter) lmm_refuse(SHARING_OLD_CHALLENGE);
    lock_binding_encode(bytes, &binding);
    lmm_hash(bytes, sizeof bytes, hash);
    if (!lmm_verify_tagged(CHALLENGE_LOCK_TAG, binding.lock, signature, hash))
        lmm_refuse(SHARING_BAD_LOCK_SIGNATURE);
    lock.counter = binding.counter;
    lmm_storage_set(&key, sizeof key, &lock, sizeof lock);
    memcpy(asset.lock, binding.lock, sizeof asset.lock);
    store_asset();
    store_policy(asset.lock, lock.epoch);
    TELL_ASSET("bound");
}

// Of an asset that is on offer or was: a lock must be free for another.
static void load_locked_asset(struct lmm_reader *arguments) {
    load_asset(lmm_read_u64(arguments));
    lmm_reader_end(arguments);
    if (!is_caller(asset.owner)) lmm_refuse(SHARING_NOT_THE_OWNER);
    if (!has_lock(asset.lock)) lmm_refuse(SHARING_NO_LOCK);
}

// unbind(asset u64): its grants are void.
LMM_METHOD(unbind) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[POLICY_KEY_BYTES];
    load_locked_asset(&arguments);
    raise_epoch(asset.lock);
    policy_key(key, asset.lock);
    lmm_storage_delete(key, sizeof key);
    memset(asset.lock, 0, sizeof asset.lock);
    store_asset();
    TELL_ASSET("unbound");
}

// revoke(asset u64): all grants up to now are void.
LMM_METHOD(revoke) {
    struct lmm_reader arguments = lmm_arguments();
    load_locked_asset(&arguments);
    store_policy(asset.lock, raise_epoch(asset.lock));
    TELL_ASSET("revoked");
}

// ---- bookings

// book(asset u64, from u64, until u64, the renter's unlocking key), with rent, deposit and what the
// timer costs -> the booking's number
LMM_PAYABLE(book) {
    struct lmm_reader arguments = lmm_arguments();
    struct range range;
    struct policy policy = {0};
    lmm_read(&arguments, &range, sizeof range);
    lmm_read(&arguments, booking.renter_key, sizeof booking.renter_key);
    lmm_reader_end(&arguments);
    now = lmm_block_time_ms();
    load_asset(range.asset);
    if (asset.is_withdrawn) lmm_refuse(SHARING_ASSET_WITHDRAWN);
    if (is_caller(asset.owner)) lmm_refuse(SHARING_OWN_ASSET);
    if (!has_lock(booking.renter_key)) lmm_refuse(SHARING_BAD_KEY);
    check_bookable(range.from_ms, range.until_ms);
    if (!is_free(range.asset, range.from_ms, range.until_ms, 0)) lmm_refuse(SHARING_TAKEN);
    booking.rent = minutes_between(range.from_ms, range.until_ms) * asset.price;
    booking.deposit = asset.deposit;
    if (lmm_value() != booking.rent + booking.deposit + timer_units())
        lmm_refuse(SHARING_WRONG_PAYMENT);
    booking.number = next_number("m");
    booking.asset = range.asset;
    memcpy(booking.owner, asset.owner, sizeof booking.owner);
    lmm_caller(booking.renter);
    memcpy(booking.lock, asset.lock, sizeof booking.lock);
    if (has_lock(asset.lock) && find_policy(&policy, asset.lock))
        booking.policy_epoch = policy.epoch;
    booking.from_ms = range.from_ms;
    booking.until_ms = range.until_ms;
    booking.price = asset.price;
    booking.late_cap = asset.late_cap;
    booking.cancel_free = asset.cancel_free;
    booking.cancel_part = asset.cancel_part;
    take_slot(range.asset, range.until_ms,
              (struct slot){.booking = booking.number, .from_ms = range.from_ms});
    set_timer(last_ms());
    store_grant(booking.until_ms);
    store_booking();
    TELL_BOOKING("booked");
    lmm_return(&booking.number, sizeof booking.number);
}

static void load_own_booking(uint64_t number) {
    load_booking(number);
    if (!is_caller(booking.renter)) lmm_refuse(SHARING_NOT_THE_RENTER);
}

// Base units that a longer booking takes: more rent, and what a timer costs more by now.
static uint64_t extension_units(uint64_t until_ms, uint64_t *rent) {
    uint64_t timer = timer_units();
    *rent = minutes_between(booking.from_ms, until_ms) * booking.price - booking.rent;
    return *rent + (timer > booking.timer_units ? timer - booking.timer_units : 0);
}

static void check_extension(uint64_t until_ms) {
    now = lmm_block_time_ms();
    if (booking.state == SHARING_ENDING) lmm_refuse(SHARING_ALREADY_ENDED);
    if (now >= booking.until_ms) lmm_refuse(SHARING_BOOKING_OVER);
    if (until_ms <= booking.until_ms) lmm_refuse(SHARING_BAD_RANGE);
    check_range(booking.from_ms, until_ms);
    if (until_ms - booking.from_ms > SHARING_BOOKING_MAX_MS) lmm_refuse(SHARING_TOO_LONG);
    load_asset(booking.asset);
    if (asset.is_withdrawn) lmm_refuse(SHARING_ASSET_WITHDRAWN);
    if (is_revoked()) lmm_refuse(SHARING_GRANT_REVOKED);
}

// extend(booking u64, until u64), with what it takes: at the booking's own price
LMM_PAYABLE(extend) {
    struct lmm_reader arguments = lmm_arguments();
    uint64_t rent;
    load_own_booking(lmm_read_u64(&arguments));
    uint64_t until_ms = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    check_extension(until_ms);
    if (!is_free(booking.asset, booking.from_ms, until_ms, booking.until_ms))
        lmm_refuse(SHARING_TAKEN);
    if (lmm_value() != extension_units(until_ms, &rent)) lmm_refuse(SHARING_WRONG_PAYMENT);
    free_slot(booking.asset, booking.until_ms);
    take_slot(booking.asset, until_ms,
              (struct slot){.booking = booking.number, .from_ms = booking.from_ms});
    booking.until_ms = until_ms;
    booking.rent += rent;
    uint64_t before = cancel_timer();
    set_timer(last_ms());
    if (before > booking.timer_units) pay(booking.renter, before - booking.timer_units);
    store_grant(booking.until_ms);
    store_booking();
    TELL_BOOKING("extended");
}

// cancel(booking u64): by either side before it begins; without a lock by its owner as well until
// it has started. All of it goes back, but for a renter who cancels later than was agreed. From its
// beginning on a lock may have started it without a network: then nobody cancels, and whoever has
// the lock's word may still bring it.
LMM_METHOD(cancel) {
    struct lmm_reader arguments = lmm_arguments();
    load_booking(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    bool is_owner = is_caller(booking.owner);
    if (!is_owner && !is_caller(booking.renter)) lmm_refuse(SHARING_NOT_A_PARTY);
    if (booking.state != SHARING_BOOKED) lmm_refuse(SHARING_ALREADY_STARTED);
    bool may_have_started = has_lock(booking.lock) || !is_owner;
    now = lmm_block_time_ms();
    if (may_have_started && now >= booking.from_ms) lmm_refuse(SHARING_TOO_LATE_TO_CANCEL);
    // Who takes the grant back has broken the agreement first.
    if (!is_owner && !is_revoked()) booking.bill = cancel_units();
    settle_as(SHARING_CANCELLED);
}

// Reads {booking u64, challenge, renter's signature} and holds it against the booking. `hash` is
// what was signed.
static void read_challenge(struct lmm_reader *arguments, struct challenge *out, uint8_t hash[32]) {
    uint8_t bytes[CHALLENGE_BYTES], signature[64];
    load_booking(lmm_read_u64(arguments));
    lmm_read(arguments, bytes, sizeof bytes);
    read_signature(arguments, signature);
    challenge_decode(out, bytes);
    now = lmm_block_time_ms();
    if (out->booking != booking.number) lmm_refuse(SHARING_OTHER_BOOKING);
    if (memcmp(out->lock, booking.lock, sizeof out->lock) != 0) lmm_refuse(SHARING_OTHER_LOCK);
    if (out->counter <= booking.counter) lmm_refuse(SHARING_OLD_CHALLENGE);
    if (out->height > lmm_block_height()) lmm_refuse(SHARING_FROM_THE_FUTURE);
    if (out->time_ms > now) out->time_ms = now; // a clock that is fast
    lmm_hash(bytes, sizeof bytes, hash);
    if (!lmm_verify_tagged(CHALLENGE_TAG, booking.renter_key, signature, hash))
        lmm_refuse(SHARING_BAD_SIGNATURE);
    booking.counter = out->counter;
}

// Reads {booking u64, challenge, the renter's signature, the lock's}; where there is no lock the
// last is empty.
static struct challenge read_use(struct lmm_reader *arguments, enum challenge_command command) {
    struct challenge challenge;
    uint8_t hash[32], signature[64];
    read_challenge(arguments, &challenge, hash);
    uint32_t len = lmm_read_u32(arguments);
    if (len != 0 && len != sizeof signature) lmm_refuse(SHARING_BAD_ARGUMENTS);
    lmm_read(arguments, signature, len);
    lmm_reader_end(arguments);
    if (challenge.command != command) lmm_refuse(SHARING_WRONG_COMMAND);
    bool has_one = has_lock(booking.lock);
    if (!has_one && (len != 0 || command == CHALLENGE_RETURN)) lmm_refuse(SHARING_NO_LOCK);
    if (has_one &&
        (len == 0 || !lmm_verify_tagged(CHALLENGE_LOCK_TAG, booking.lock, signature, hash)))
        lmm_refuse(SHARING_BAD_LOCK_SIGNATURE);
    return challenge;
}

// start(booking u64, challenge, the renter's signature, the lock's): by anyone who has them
LMM_METHOD(start) {
    struct lmm_reader arguments = lmm_arguments();
    struct challenge challenge = read_use(&arguments, CHALLENGE_START);
    if (booking.state != SHARING_BOOKED) lmm_refuse(SHARING_ALREADY_STARTED);
    if (now < booking.from_ms) lmm_refuse(SHARING_TOO_EARLY);
    if (challenge.time_ms >= booking.until_ms) lmm_refuse(SHARING_BOOKING_OVER);
    // Without a lock the time would be the renter's word alone.
    bool is_later = has_lock(booking.lock) && challenge.time_ms > booking.from_ms;
    booking.started_ms = is_later ? challenge.time_ms : booking.from_ms;
    booking.state = SHARING_RUNNING;
    store_booking();
    TELL_BOOKING("started");
}

// give_back(booking u64, challenge, the renter's signature, the lock's): by anyone. Where the start
// was kept from the chain, use has begun with the booking.
LMM_METHOD(give_back) {
    struct lmm_reader arguments = lmm_arguments();
    struct challenge challenge = read_use(&arguments, CHALLENGE_RETURN);
    if (now < booking.from_ms) lmm_refuse(SHARING_TOO_EARLY);
    if (booking.state == SHARING_BOOKED) booking.started_ms = booking.from_ms;
    // The lock knows better than an `end` when that was.
    uint64_t ended_ms = challenge.time_ms < last_ms() ? challenge.time_ms : last_ms();
    if (ended_ms < booking.started_ms) ended_ms = booking.started_ms;
    settle_use(SHARING_RETURNED, ended_ms);
}

// end(booking u64): the renter says that use is over.
LMM_METHOD(end) {
    struct lmm_reader arguments = lmm_arguments();
    load_own_booking(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    now = lmm_block_time_ms();
    if (booking.state == SHARING_BOOKED) lmm_refuse(SHARING_NOT_STARTED);
    if (booking.state == SHARING_ENDING) lmm_refuse(SHARING_ALREADY_ENDED);
    if (booking.outcome == SHARING_CONTESTED) lmm_refuse(SHARING_ALREADY_CONTESTED);
    if (now >= last_ms()) {
        settle_use(SHARING_ENDED, last_ms());
        return;
    }
    booking.ended_ms = now > booking.started_ms ? now : booking.started_ms;
    booking.state = SHARING_ENDING;
    // What has a lock may have to wait for its return, and nobody would pay for the timer then.
    if (!has_lock(booking.lock)) hasten_timer(claim_end_ms());
    store_grant(booking.ended_ms < booking.until_ms ? booking.ended_ms : booking.until_ms);
    store_booking();
    TELL_BOOKING("ended");
}

// contest(booking u64): the owner says that it is not so. What has a lock is then billed on to its
// return, without one to the booking's end, or to now.
LMM_METHOD(contest) {
    struct lmm_reader arguments = lmm_arguments();
    load_booking(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    now = lmm_block_time_ms();
    if (!is_caller(booking.owner)) lmm_refuse(SHARING_NOT_THE_OWNER);
    if (booking.state != SHARING_ENDING) lmm_refuse(SHARING_NOT_ENDING);
    if (now >= claim_end_ms()) lmm_refuse(SHARING_CLAIM_WINDOW_OVER);
    if (is_revoked()) lmm_refuse(SHARING_GRANT_REVOKED);
    if (!has_lock(booking.lock)) {
        bool is_late = booking.ended_ms >= booking.until_ms;
        settle_use(SHARING_CONTESTED, is_late ? now : booking.until_ms);
        return;
    }
    booking.state = SHARING_RUNNING;
    booking.outcome = SHARING_CONTESTED;
    booking.ended_ms = 0;
    store_grant(booking.until_ms); // who is billed on may open
    store_booking();
    TELL_BOOKING("contested");
}

// settle(booking u64): by its timer, or by anyone, once nothing can change any more
LMM_METHOD(settle) {
    struct lmm_reader arguments = lmm_arguments();
    load_booking(lmm_read_u64(&arguments));
    lmm_reader_end(&arguments);
    bool is_ending = booking.state == SHARING_ENDING;
    if (lmm_block_time_ms() < (is_ending ? claim_end_ms() : last_ms())) lmm_refuse(SHARING_NOT_DUE);
    if (booking.state == SHARING_BOOKED)
        settle_unused();
    else
        settle_use(is_ending ? SHARING_ENDED : SHARING_LATE,
                   is_ending ? booking.ended_ms : last_ms());
}

// ---- views: an option begins with whether there is one

static uint8_t answer[1 + sizeof(struct asset)];

static void return_option(bool is_there, const void *data, uint32_t len) {
    answer[0] = is_there;
    if (is_there) memcpy(answer + 1, data, len);
    lmm_return(answer, is_there ? 1 + len : 1);
}

static uint64_t read_number(void) {
    struct lmm_reader arguments = lmm_arguments();
    uint64_t number = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    return number;
}

static struct range read_range(void) {
    struct lmm_reader arguments = lmm_arguments();
    struct range range;
    lmm_read(&arguments, &range, sizeof range);
    lmm_reader_end(&arguments);
    now = lmm_block_time_ms();
    return range;
}

// asset(number u64)
LMM_VIEW(asset) {
    bool is_there = find_asset(read_number());
    return_option(is_there, &asset, asset_len);
}

// booking(number u64), while it is open
LMM_VIEW(booking) {
    bool is_there = find_booking(read_number());
    return_option(is_there, &booking, sizeof booking);
}

// free(asset u64, from u64, until u64)
LMM_VIEW(free) {
    struct range range = read_range();
    if (range.until_ms <= range.from_ms) lmm_refuse(SHARING_BAD_RANGE);
    load_asset(range.asset);
    uint8_t result = is_free(range.asset, range.from_ms, range.until_ms, 0);
    lmm_return(&result, sizeof result);
}

// grant(booking u64)
LMM_VIEW(grant) {
    uint8_t key[GRANT_KEY_BYTES], bytes[GRANT_BYTES];
    grant_key(key, read_number());
    bool is_there = lmm_storage_get(key, sizeof key, bytes, sizeof bytes) >= 0;
    return_option(is_there, bytes, sizeof bytes);
}

// policy(lock)
LMM_VIEW(policy) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[POLICY_KEY_BYTES] = {'p'}, bytes[POLICY_BYTES];
    lmm_read(&arguments, key + 1, sizeof key - 1);
    lmm_reader_end(&arguments);
    bool is_there = lmm_storage_get(key, sizeof key, bytes, sizeof bytes) >= 0;
    return_option(is_there, bytes, sizeof bytes);
}

struct quote {
    uint64_t minutes;
    uint64_t rent;
    uint64_t deposit;
    uint64_t timer; // comes back when nobody needs it
    uint64_t total; // what is to be paid
    uint8_t is_free;
} __attribute__((packed));

// quote(asset u64, from u64, until u64): refuses what `book` would, but for what is taken
LMM_VIEW(quote) {
    struct range range = read_range();
    load_asset(range.asset);
    if (asset.is_withdrawn) lmm_refuse(SHARING_ASSET_WITHDRAWN);
    check_bookable(range.from_ms, range.until_ms);
    struct quote quote = {.minutes = minutes_between(range.from_ms, range.until_ms),
                          .deposit = asset.deposit,
                          .timer = timer_units(),
                          .is_free = is_free(range.asset, range.from_ms, range.until_ms, 0)};
    quote.rent = quote.minutes * asset.price;
    quote.total = quote.rent + quote.deposit + quote.timer;
    lmm_return(&quote, sizeof quote);
}

// quote_extension(booking u64, until u64)
LMM_VIEW(quote_extension) {
    struct lmm_reader arguments = lmm_arguments();
    struct quote quote = {0};
    uint64_t rent;
    load_booking(lmm_read_u64(&arguments));
    uint64_t until_ms = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    check_extension(until_ms);
    quote.minutes = minutes_between(booking.from_ms, until_ms);
    quote.total = extension_units(until_ms, &rent);
    quote.rent = rent;
    quote.timer = quote.total - rent;
    quote.is_free = is_free(booking.asset, booking.from_ms, until_ms, booking.until_ms);
    lmm_return(&quote, sizeof quote);
}

LMM_ABI;
