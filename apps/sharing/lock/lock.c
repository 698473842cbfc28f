// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/lock_inner.h"

#include "chaincore/light/light.h"

// ---- what is kept

bool lock_keep(struct lock *lock) {
    struct buf image = BUF_OVER(lock->image);
    uint64_t generation = lock->generation + 1;
    lock->state.clock_ms = lock->clock_ms;
    lock_flash_encode(&image, &lock->state, generation);
    bool is_kept =
        lock->port.write(lock->port.context, lock_flash_slot(generation), buf_bytes(&image));
    secret_clear(lock->image, sizeof lock->image);
    if (is_kept)
        lock->generation = generation;
    else
        lock->is_broken = true;
    return is_kept;
}

void lock_note(struct lock *lock, const struct lock_entry *entry) {
    struct lock_entry timed = *entry;
    timed.time_ms = lock->clock_ms;
    lock_log_append(&lock->state.log, &timed);
}

static void begin(struct lock *lock, const struct lock_port *port) {
    memset(lock, 0, sizeof *lock);
    lock->port = *port;
}

static void know_itself(struct lock *lock) {
    key_public_of(&lock->key, &lock->state.secret);
    account_id_of_key(&lock->owner, &lock->state.owner_key);
}

enum status lock_set_up(struct lock *out, const struct lock_port *port,
                        const struct lock_setup *setup, uint64_t uptime_ms) {
    begin(out, port);
    struct lock_state *state = &out->state;
    enum status status = light_trust_begin(&state->trust, setup->genesis_head, &setup->chain_id);
    if (status != STATUS_OK) return status;
    if (setup->now_ms > state->trust.time_ms) state->trust.time_ms = setup->now_ms;
    key_from_seed(&state->secret, &out->key, setup->seed);
    state->owner_key = setup->owner_key;
    state->contract = setup->contract;
    know_itself(out);
    out->has_clock = true;
    out->clock_ms = setup->now_ms;
    out->uptime_ms = uptime_ms;
    return lock_keep(out) ? STATUS_OK : STATUS_IO;
}

enum status lock_power_on(struct lock *out, const struct lock_port *port,
                          const struct bytes slots[LOCK_SLOTS], const struct lock_power *power) {
    begin(out, port);
    enum status status = lock_flash_read(&out->state, &out->generation, slots);
    if (status != STATUS_OK) return status;
    know_itself(out);
    out->uptime_ms = power->uptime_ms;
    out->clock_ms = out->state.clock_ms;
    out->has_clock = power->has_rtc && power->rtc_ms >= out->clock_ms &&
                     !light_is_period_over(out->state.trust.time_ms, power->rtc_ms);
    if (out->has_clock) out->clock_ms = power->rtc_ms;
    lock_note(out, &(struct lock_entry){.event = LOCK_EVENT_POWER_ON});
    return lock_keep(out) ? STATUS_OK : STATUS_IO;
}

// ---- answers

static uint8_t flags_of(const struct lock *lock) {
    return (uint8_t)((lock->has_clock ? LOCK_FLAG_CLOCK : 0) |
                     (lock->state.is_bound ? LOCK_FLAG_BOUND : 0) |
                     (lock->state.is_in_use ? LOCK_FLAG_IN_USE : 0) |
                     (lock->is_open ? LOCK_FLAG_OPEN : 0));
}

static enum lock_code answer_challenge(struct lock *lock, struct buf *out) {
    const struct light_trust *trust = &lock->state.trust;
    lock->port.draw(lock->port.context, &lock->nonce, sizeof lock->nonce);
    lock->has_nonce = true;
    lock->nonce_uptime_ms = lock->uptime_ms;
    lock->nonce_clock_ms = lock->clock_ms;
    lock_greeting_encode(out, &(struct lock_greeting){.chain_id = trust->chain_id,
                                                      .lock = lock->key,
                                                      .nonce = lock->nonce,
                                                      .counter = lock->state.counter + 1,
                                                      .header_height = trust->height,
                                                      .header_time_ms = trust->time_ms,
                                                      .header_id = trust->header_id,
                                                      .epoch = trust->epoch,
                                                      .clock_ms = lock->clock_ms,
                                                      .flags = flags_of(lock)});
    return LOCK_CODE_OK;
}

// ---- the nonce

// Whatever comes of it, a nonce that was named is not good again.
static enum lock_code take_nonce(struct lock *lock, const uint8_t nonce[32]) {
    if (lock->has_nonce && memcmp(nonce, lock->nonce.bytes, sizeof lock->nonce) == 0) {
        lock->has_nonce = false;
        lock->used_nonce = lock->nonce;
        return lock->uptime_ms - lock->nonce_uptime_ms <= LIMIT_LOCK_NONCE_MS
                   ? LOCK_CODE_OK
                   : LOCK_CODE_NONCE_EXPIRED;
    }
    bool was_used = !hash_is_zero(&lock->used_nonce) &&
                    memcmp(nonce, lock->used_nonce.bytes, sizeof lock->used_nonce) == 0;
    return was_used ? LOCK_CODE_NONCE_USED : LOCK_CODE_NO_NONCE;
}

// It names the header that is known; a start that below which the grant stands.
static enum lock_code take_challenge(struct lock *lock, const struct challenge *challenge) {
    const struct light_trust *trust = &lock->state.trust;
    uint64_t height =
        challenge->command == CHALLENGE_START ? lock_ground_now(lock).height : trust->height;
    if (memcmp(challenge->lock, lock->key.bytes, sizeof challenge->lock) != 0)
        return LOCK_CODE_OTHER_LOCK;
    enum lock_code code = take_nonce(lock, challenge->nonce);
    if (code != LOCK_CODE_OK) return code;
    if (challenge->counter != lock->state.counter + 1) return LOCK_CODE_COUNTER;
    if (challenge->height < height) return LOCK_CODE_OLD_HEADER;
    if (challenge->height > height) return LOCK_CODE_UNKNOWN_HEADER;
    // A header that came behind the greeting may have moved the clock.
    bool is_told =
        challenge->time_ms == lock->nonce_clock_ms && challenge->time_ms >= trust->time_ms;
    return is_told ? LOCK_CODE_OK : LOCK_CODE_TIME;
}

static bool is_signed(const struct lock *lock, const struct challenge *challenge,
                      const struct public_key *key, const struct signature *signature) {
    struct hash hash;
    lock_challenge_hash(&hash, challenge);
    return sign_verify(signature, key, SIGN_CHALLENGE, &lock->state.trust.chain_id, &hash);
}

// ---- the door

static enum lock_code check_start(struct lock *lock, const struct lock_use *use) {
    struct lock_shown_grant shown = {.grant = use->grant, .branch = use->branch};
    struct lock_granted to = {.booking = use->challenge.booking, .renter_key = &use->signer};
    struct lock_belief_now now = lock_belief_about(lock);
    enum lock_code code = lock_check_time(lock);
    if (code == LOCK_CODE_OK && !lock->state.is_bound) code = LOCK_CODE_NOT_BOUND;
    if (code == LOCK_CODE_OK && use->challenge.command != CHALLENGE_START) code = LOCK_CODE_COMMAND;
    if (code == LOCK_CODE_OK) code = take_challenge(lock, &use->challenge);
    if (code == LOCK_CODE_OK) code = lock_check_grant(&now, &shown, &to);
    if (code == LOCK_CODE_OK) code = lock_check_start(&now, &use->grant);
    // Else a revoked renter would show a grant that stands, and keep back what has voided it.
    if (code == LOCK_CODE_OK && !lock_has_policy_below(lock, &now.ground))
        code = LOCK_CODE_NO_POLICY;
    if (code == LOCK_CODE_OK && !is_signed(lock, &use->challenge, &use->signer, &use->signature))
        code = LOCK_CODE_SIGNATURE;
    return code;
}

static uint8_t event_of(uint8_t command) {
    if (command == CHALLENGE_START) return LOCK_EVENT_STARTED;
    return command == CHALLENGE_RETURN ? LOCK_EVENT_RETURNED : LOCK_EVENT_OPENED;
}

// By what a renter has signed.
struct lock_signed {
    const struct challenge *challenge;
    const struct public_key *signer;
    const struct signature *signature;
};

static void note_use(struct lock *lock, const struct lock_signed *by, const struct hash *hash) {
    struct lock_entry entry = {.event = event_of(by->challenge->command),
                               .booking = by->challenge->booking};
    memcpy(entry.who, by->signer->bytes, sizeof entry.who);
    memcpy(entry.what, hash->bytes, sizeof entry.what);
    lock_note(lock, &entry);
}

// The oldest receipt goes.
static void keep_receipt(struct lock_state *state, const struct lock_signed *by,
                         const struct signature *own) {
    struct lock_receipt *receipts = state->receipts;
    memmove(receipts + 1, receipts, (LIMIT_LOCK_RECEIPTS - 1) * sizeof *receipts);
    receipts[0] = (struct lock_receipt){.challenge = *by->challenge,
                                        .signer = *by->signer,
                                        .signature = *by->signature,
                                        .lock_signature = *own};
    if (state->receipt_count < LIMIT_LOCK_RECEIPTS) state->receipt_count++;
}

// What is allowed is signed if it is billed by, kept, and only then done.
static enum lock_code do_use(struct lock *lock, const struct lock_signed *by, struct buf *out) {
    struct lock_state *state = &lock->state;
    struct lock_used used = {0};
    struct hash hash;
    uint8_t command = by->challenge->command;
    lock_challenge_hash(&hash, by->challenge);
    state->counter = by->challenge->counter;
    if (command != CHALLENGE_OPEN) {
        sign_payload(&used.signature, &state->secret, SIGN_LOCK_LOG, &state->trust.chain_id, &hash);
        keep_receipt(state, by, &used.signature);
    }
    note_use(lock, by, &hash);
    if (command == CHALLENGE_RETURN) {
        state->is_in_use = false;
        state->use = (struct lock_use_now){0};
    }
    if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    lock->is_open = command != CHALLENGE_RETURN;
    used.time_ms = lock->clock_ms;
    used.entry = lock_log_next(&state->log) - 1;
    used.is_open = lock->is_open;
    lock_used_encode(out, &used);
    return LOCK_CODE_OK;
}

static enum lock_code answer_start(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_state *state = &lock->state;
    struct lock_use use = {0};
    lock_use_decode_from(in, &use);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    enum lock_code code = check_start(lock, &use);
    if (code != LOCK_CODE_OK) return code;
    const struct grant *grant = &use.grant;
    lock_note_start(state, grant);
    state->is_in_use = true;
    state->use = (struct lock_use_now){.booking = grant->booking,
                                       .renter_key = use.signer,
                                       .until_ms = grant->until_ms,
                                       .policy_epoch = grant->policy_epoch,
                                       .height = lock_ground_now(lock).height};
    return do_use(lock, &(struct lock_signed){&use.challenge, &use.signer, &use.signature}, out);
}

// By the key that the grant of the start named: no header, no proof.
static enum lock_code answer_go_on(struct lock *lock, struct decoder *in, struct buf *out) {
    const struct lock_state *state = &lock->state;
    struct lock_wish wish = {0};
    lock_wish_decode_from(in, &wish);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    const struct challenge *challenge = &wish.challenge;
    bool is_known = challenge->command == CHALLENGE_OPEN || challenge->command == CHALLENGE_RETURN;
    if (!lock->has_clock) return LOCK_CODE_CLOCK_STOPPED;
    if (!is_known) return LOCK_CODE_COMMAND;
    enum lock_code code = take_challenge(lock, challenge);
    if (code == LOCK_CODE_OK) code = lock_check_go_on(state, challenge, lock->clock_ms);
    if (code != LOCK_CODE_OK) return code;
    struct public_key renter = state->use.renter_key;
    if (!is_signed(lock, challenge, &renter, &wish.signature)) return LOCK_CODE_SIGNATURE;
    return do_use(lock, &(struct lock_signed){challenge, &renter, &wish.signature}, out);
}

// The booking in use is longer, or shorter, than the lock knew. What stands below an older header
// than that changes nothing.
static enum lock_code answer_extend(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_use_now *use = &lock->state.use;
    struct lock_shown_grant shown = {0};
    lock_shown_grant_decode_from(in, &shown);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    struct lock_belief_now now = lock_belief_about(lock);
    struct lock_granted to = {.booking = use->booking, .renter_key = &use->renter_key};
    enum lock_code code = lock_check_time(lock);
    if (code == LOCK_CODE_OK && !lock->state.is_in_use) code = LOCK_CODE_NOT_STARTED;
    if (code == LOCK_CODE_OK) code = lock_check_grant(&now, &shown, &to);
    if (code != LOCK_CODE_OK) return code;
    if (now.ground.height > use->height && shown.grant.until_ms != use->until_ms) {
        use->height = now.ground.height;
        use->until_ms = shown.grant.until_ms;
        if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    }
    encode_u64(out, use->until_ms);
    return LOCK_CODE_OK;
}

// ---- the owner

static enum lock_code answer_trust(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_vouching vouching = {0};
    lock_vouching_decode_from(in, &vouching);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    enum lock_code code = take_nonce(lock, vouching.nonce.bytes);
    if (code == LOCK_CODE_OK && vouching.time_ms < lock->clock_ms) code = LOCK_CODE_CLOCK_BACK;
    if (code == LOCK_CODE_OK) code = lock_check_vouching(&lock->state, &lock->key, &vouching);
    if (code != LOCK_CODE_OK) return code;
    lock->clock_ms = vouching.time_ms;
    lock->has_clock = true;
    struct lock_entry entry = {.event = LOCK_EVENT_TRUSTED};
    memcpy(entry.who, lock->state.owner_key.bytes, sizeof entry.who);
    memcpy(entry.what, lock->state.trust.header_id.bytes, sizeof entry.what);
    lock_note(lock, &entry);
    lock->state.set_before = (struct hash){{0}};
    lock->state.set_before_ms = 0;
    lock->has_ground = false;
    if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    lock_encode_ground(out, lock);
    return LOCK_CODE_OK;
}

// The owner's own challenge, which counts like a renter's.
static enum lock_code take_wish(struct lock *lock, struct lock_wish *out, struct decoder *in,
                                enum lock_owner_command command) {
    lock_wish_decode_from(in, out);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    if (out->challenge.command != (uint8_t)command) return LOCK_CODE_COMMAND;
    enum lock_code code = take_challenge(lock, &out->challenge);
    if (code != LOCK_CODE_OK) return code;
    return is_signed(lock, &out->challenge, &lock->state.owner_key, &out->signature)
               ? LOCK_CODE_OK
               : LOCK_CODE_SIGNATURE;
}

static enum lock_code answer_log(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_log *log = &lock->state.log;
    struct lock_wish wish = {0};
    struct lock_log_part part = {0};
    struct hash last;
    enum lock_code code = take_wish(lock, &wish, in, LOCK_READ_LOG);
    if (code != LOCK_CODE_OK) return code;
    lock->state.counter = wish.challenge.counter;
    uint64_t next = lock_log_next(log);
    uint64_t wanted = wish.challenge.booking > next ? next : wish.challenge.booking;
    if (wanted > log->carried) log->carried = wanted;
    if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    part.first = wanted > log->first ? wanted : log->first;
    lock_log_link(&part.before, log, part.first);
    size_t skipped = (size_t)(part.first - log->first);
    part.entries = bytes_of(log->entries + skipped, (log->count - skipped) * sizeof *log->entries);
    lock_log_link(&last, log, next);
    sign_payload(&part.signature, &lock->state.secret, SIGN_LOCK_LOG, &lock->state.trust.chain_id,
                 &last);
    lock_log_part_encode(out, &part);
    return LOCK_CODE_OK;
}

static enum lock_code answer_binding(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_wish wish = {0};
    struct signature signature;
    struct hash hash;
    enum lock_code code = take_wish(lock, &wish, in, LOCK_BIND);
    if (code != LOCK_CODE_OK) return code;
    lock->state.counter = wish.challenge.counter;
    if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    struct lock_binding binding = {.asset = wish.challenge.booking,
                                   .counter = wish.challenge.counter};
    memcpy(binding.lock, lock->key.bytes, sizeof binding.lock);
    memcpy(binding.owner, lock->owner.bytes, sizeof binding.owner);
    lock_binding_hash(&hash, &binding);
    sign_payload(&signature, &lock->state.secret, SIGN_LOCK_LOG, &lock->state.trust.chain_id,
                 &hash);
    encode_fixed(out, &signature, sizeof signature);
    return LOCK_CODE_OK;
}

// A use that nobody returned is over for the lock; what is billed the contract knows.
static enum lock_code answer_clear(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_state *state = &lock->state;
    struct lock_wish wish = {0};
    struct lock_entry entry = {.event = LOCK_EVENT_CLEARED};
    struct hash hash;
    enum lock_code code = take_wish(lock, &wish, in, LOCK_CLEAR);
    if (code != LOCK_CODE_OK) return code;
    if (!state->is_in_use || state->use.booking != wish.challenge.booking)
        return LOCK_CODE_NOT_STARTED;
    lock_challenge_hash(&hash, &wish.challenge);
    state->counter = wish.challenge.counter;
    entry.booking = state->use.booking;
    memcpy(entry.who, state->owner_key.bytes, sizeof entry.who);
    memcpy(entry.what, hash.bytes, sizeof entry.what);
    lock_note(lock, &entry);
    state->is_in_use = false;
    state->use = (struct lock_use_now){0};
    if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    lock->is_open = false;
    encode_u64(out, lock_log_next(&state->log) - 1);
    return LOCK_CODE_OK;
}

// ---- for anybody

static enum lock_code answer_status(const struct lock *lock, uint8_t battery, struct buf *out) {
    const struct lock_state *state = &lock->state;
    struct lock_report report = {.lock = lock->key,
                                 .flags = flags_of(lock),
                                 .battery = battery,
                                 .asset = state->asset,
                                 .booking = state->use.booking,
                                 .policy_epoch = state->policy_epoch,
                                 .header_height = state->trust.height,
                                 .header_time_ms = state->trust.time_ms,
                                 .clock_ms = lock->clock_ms,
                                 .counter = state->counter,
                                 .log_first = state->log.first,
                                 .log_next = lock_log_next(&state->log),
                                 .log_lost = lock_log_lost(&state->log)};
    memcpy(report.owner, lock->owner.bytes, sizeof report.owner);
    lock_report_encode(out, &report);
    return LOCK_CODE_OK;
}

static enum lock_code answer_receipt(const struct lock *lock, struct decoder *in, struct buf *out) {
    const struct lock_state *state = &lock->state;
    struct lock_receipt_wish wish = {0};
    lock_receipt_wish_decode_from(in, &wish);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    for (size_t i = 0; i < state->receipt_count; i++) {
        const struct challenge *challenge = &state->receipts[i].challenge;
        if (wish.command != 0 && wish.command != challenge->command) continue;
        if (wish.booking != 0 && wish.booking != challenge->booking) continue;
        lock_receipt_encode(out, &state->receipts[i]);
        return LOCK_CODE_OK;
    }
    return LOCK_CODE_NO_RECEIPT;
}

// ---- messages

// The kinds that have no content.
static bool is_bare(uint8_t kind) { return kind == LOCK_ASK_CHALLENGE || kind == LOCK_ASK_STATUS; }

static enum lock_code answer(struct lock *lock, uint8_t kind, struct decoder *in, struct buf *out) {
    if (is_bare(kind) && decoder_left(in) > 0) return LOCK_CODE_MALFORMED;
    switch (kind) {
    case LOCK_ASK_CHALLENGE:
        return answer_challenge(lock, out);
    case LOCK_ASK_HEADER:
        return lock_answer_header(lock, in, out);
    case LOCK_ASK_POLICY:
        return lock_answer_policy(lock, in, out);
    case LOCK_ASK_UNBOUND:
        return lock_answer_unbound(lock, in, out);
    case LOCK_ASK_START:
        return answer_start(lock, in, out);
    case LOCK_ASK_GO_ON:
        return answer_go_on(lock, in, out);
    case LOCK_ASK_EXTEND:
        return answer_extend(lock, in, out);
    case LOCK_ASK_CLEAR:
        return answer_clear(lock, in, out);
    case LOCK_ASK_TRUST:
        return answer_trust(lock, in, out);
    case LOCK_ASK_LOG:
        return answer_log(lock, in, out);
    case LOCK_ASK_BINDING:
        return answer_binding(lock, in, out);
    case LOCK_ASK_RECEIPT:
        return answer_receipt(lock, in, out);
    default:
        return LOCK_CODE_UNKNOWN_KIND;
    }
}

static void answer_message(struct lock *lock, struct bytes message, uint8_t battery) {
    struct buf out = BUF_OVER(lock->answer);
    struct decoder in = decoder_of(message);
    uint8_t kind = decode_u8(&in);
    enum lock_code code = LOCK_CODE_OK;
    encode_u8(&out, (uint8_t)(kind | LOCK_ANSWER));
    if (lock->is_broken)
        code = LOCK_CODE_FLASH;
    else if (kind == LOCK_ASK_STATUS && decoder_left(&in) == 0)
        code = answer_status(lock, battery, &out);
    else
        code = answer(lock, kind, &in, &out);
    if (code != LOCK_CODE_OK) {
        buf_reset(&out);
        lock_refusal_encode(&out, kind, code);
    }
    lock->out = (struct lock_frames_out){.message = buf_bytes(&out)};
}

static void move_clock(struct lock *lock, uint64_t uptime_ms) {
    if (uptime_ms < lock->uptime_ms) {
        // Power was away, and nobody has said so.
        lock->has_clock = false;
        lock->has_nonce = false;
    } else if (lock->has_clock) {
        lock->clock_ms += uptime_ms - lock->uptime_ms;
    }
    lock->uptime_ms = uptime_ms;
}

void lock_connect(struct lock *lock) {
    lock->has_nonce = false;
    lock->has_ground = false;
    lock->has_policy = false;
    lock->in.next = 0;
    lock->in.len = 0;
    lock->in.wanted = 0;
    lock->out = (struct lock_frames_out){0};
}

void lock_receive(struct lock *lock, struct bytes frame, const struct lock_moment *moment) {
    bool is_whole;
    move_clock(lock, moment->uptime_ms);
    enum lock_code code = lock_frame_take(&lock->in, &is_whole, frame);
    if (code != LOCK_CODE_OK) {
        struct buf out = BUF_OVER(lock->answer);
        lock_refusal_encode(&out, 0, code);
        lock->out = (struct lock_frames_out){.message = buf_bytes(&out)};
    } else if (is_whole) {
        answer_message(lock, bytes_of(lock->in.message, lock->in.wanted), moment->battery);
    }
}

size_t lock_give(struct lock *lock, uint8_t frame[LIMIT_LOCK_FRAME_BYTES], size_t room) {
    return lock_frame_give(&lock->out, frame, room);
}
