// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/lock_inner.h"
#include "chaincore/light/light.h"

struct lock_ground lock_ground_now(const struct lock *lock) {
    return lock->has_ground ? lock->ground : lock_ground_of(&lock->state.trust);
}

struct lock_belief_now lock_belief_about(const struct lock *lock) {
    return (struct lock_belief_now){.state = &lock->state,
                                    .key = &lock->key,
                                    .ground = lock_ground_now(lock),
                                    .clock_ms = lock->clock_ms};
}

void lock_encode_ground(struct buf *out, const struct lock *lock) {
    struct lock_ground ground = lock_ground_now(lock);
    lock_belief_encode(out, &(struct lock_belief){.height = ground.height,
                                                  .time_ms = ground.time_ms,
                                                  .header_id = ground.header_id});
}

// ---- headers

// For this visit alone: neither the trust nor the clock goes back.
static enum lock_code take_older(struct lock *lock, const struct lock_news *news) {
    struct lock_ground ground;
    if (light_is_period_over(lock->state.trust.time_ms, lock->clock_ms))
        return LOCK_CODE_TRUST_OVER;
    enum lock_code code = lock_check_older(&ground, &lock->state, news, lock->clock_ms);
    if (code != LOCK_CODE_OK) return code;
    lock->ground = ground;
    lock->has_ground = true;
    return LOCK_CODE_OK;
}

static enum lock_code take_news(struct lock *lock, const struct lock_news *news) {
    struct light_trust *trust = &lock->state.trust;
    struct hash set_before = trust->set_hash;
    uint64_t height_before = trust->height;
    bool hands_over = false;
    enum lock_code code = lock_check_news(trust, &hands_over, news, lock->clock_ms);
    if (code != LOCK_CODE_OK) return code;
    if (hands_over) {
        lock->state.set_before = set_before;
        lock->state.set_before_ms = news->header.time_ms;
    }
    if (news->header.time_ms > lock->clock_ms) lock->clock_ms = news->header.time_ms;
    lock->has_ground = false;
    bool has_changed = hands_over || trust->height != height_before;
    return !has_changed || lock_keep(lock) ? LOCK_CODE_OK : LOCK_CODE_FLASH;
}

enum lock_code lock_answer_header(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_news news = {0};
    lock_news_decode_from(in, &news);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    if (!lock->has_clock) return LOCK_CODE_CLOCK_STOPPED;
    bool is_older = news.header.height < lock->state.trust.height;
    enum lock_code code = is_older ? take_older(lock, &news) : take_news(lock, &news);
    if (code != LOCK_CODE_OK) return code;
    lock_encode_ground(out, lock);
    return LOCK_CODE_OK;
}

// ---- the policy

enum lock_code lock_check_time(const struct lock *lock) {
    if (!lock->has_clock) return LOCK_CODE_CLOCK_STOPPED;
    if (light_is_period_over(lock->state.trust.time_ms, lock->clock_ms))
        return LOCK_CODE_TRUST_OVER;
    return LOCK_CODE_OK;
}

enum lock_code lock_answer_policy(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_state *state = &lock->state;
    struct lock_shown_policy shown = {0};
    lock_shown_policy_decode_from(in, &shown);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    struct lock_belief_now now = lock_belief_about(lock);
    enum lock_code code = lock_check_time(lock);
    if (code == LOCK_CODE_OK) code = lock_check_policy(&now, &lock->owner, &shown);
    if (code != LOCK_CODE_OK) return code;
    const struct policy *policy = &shown.policy;
    bool is_news =
        !state->is_bound || state->asset != policy->asset || state->policy_epoch != policy->epoch;
    state->is_bound = true;
    state->asset = policy->asset;
    state->policy_epoch = policy->epoch;
    lock->has_policy = true;
    lock->policy_header = now.ground.header_id;
    if (is_news) {
        state->policy_height = now.ground.height;
        lock_note(lock, &(struct lock_entry){.event = LOCK_EVENT_POLICY, .booking = policy->epoch});
        if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    }
    lock_policy_encode(out, policy);
    return LOCK_CODE_OK;
}

bool lock_has_policy_below(const struct lock *lock, const struct lock_ground *ground) {
    return lock->has_policy && hash_equal(&lock->policy_header, &ground->header_id);
}

// Unbinding raises the epoch on the chain, by one at the least: so does the lock.
enum lock_code lock_answer_unbound(struct lock *lock, struct decoder *in, struct buf *out) {
    struct lock_state *state = &lock->state;
    struct bytes branch = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
    if (decoder_finish(in) != STATUS_OK) return LOCK_CODE_MALFORMED;
    struct lock_belief_now now = lock_belief_about(lock);
    enum lock_code code = lock_check_time(lock);
    if (code == LOCK_CODE_OK) code = lock_check_unbound(&now, branch);
    if (code != LOCK_CODE_OK) return code;
    if (state->is_bound) {
        state->is_bound = false;
        state->asset = 0;
        state->policy_epoch++;
        state->policy_height = now.ground.height;
        lock_note(lock, &(struct lock_entry){.event = LOCK_EVENT_UNBOUND,
                                             .booking = state->policy_epoch});
        if (!lock_keep(lock)) return LOCK_CODE_FLASH;
    }
    encode_u64(out, state->policy_epoch);
    return LOCK_CODE_OK;
}
