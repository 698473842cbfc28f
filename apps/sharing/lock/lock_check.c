// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/lock_check.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/light/light.h"

// ---- headers

// Of an encoded certificate by `witnesses` of them; 0 for what is none.
static unsigned count_signers(struct bytes certificate, uint16_t witnesses) {
    enum { VIEW_BYTES = 8 };
    size_t bitmap_len = ((size_t)witnesses + 7) / 8;
    unsigned count = 0;
    if (certificate.len < VIEW_BYTES + bitmap_len) return 0;
    for (size_t i = 0; i < bitmap_len; i++)
        for (unsigned bits = certificate.data[VIEW_BYTES + i]; bits != 0; bits >>= 1)
            count += bits & 1;
    return count;
}

static enum lock_code code_of(enum status status, bool has_set) {
    if (status == STATUS_OK || status == STATUS_EXISTS) return LOCK_CODE_OK;
    if (status == STATUS_TIMEOUT) return LOCK_CODE_TRUST_OVER;
    if (status == STATUS_CONFLICT) return LOCK_CODE_OTHER_HEADER;
    if (status == STATUS_BAD_SIGNATURE) return LOCK_CODE_CERTIFICATE;
    if (status == STATUS_INVALID) return has_set ? LOCK_CODE_WITNESSES : LOCK_CODE_HEADER_TIME;
    return LOCK_CODE_MALFORMED;
}

// Sets are large, and most headers come without: each has a frame that is there only when it is
// needed.
#define OWN_FRAME __attribute__((noinline))

static enum lock_code take_step(struct light_trust *trust, const struct trust_step *step,
                                uint64_t now_ms) {
    const struct witness_set *signing = step->set ? step->set : &trust->set;
    const struct header *header = step->header;
    struct hash hash;
    if (header->height > trust->height) {
        witness_set_hash(&hash, signing);
        if (!hash_equal(&hash, &header->set_hash)) return LOCK_CODE_WITNESSES;
        if (count_signers(step->certificate, signing->count) < witness_quorum(signing->count))
            return LOCK_CODE_QUORUM;
    }
    if (header->time_ms > now_ms) now_ms = header->time_ms;
    enum status status = light_trust_advance(trust, step, now_ms);
    return code_of(status, step->set != NULL || step->next != NULL);
}

static OWN_FRAME enum lock_code take_with_next(struct light_trust *trust, struct trust_step step,
                                               struct bytes keys, uint64_t now_ms) {
    struct witness_set next;
    if (witness_set_read(&next, keys) != STATUS_OK) return LOCK_CODE_WITNESSES;
    step.next = &next;
    return take_step(trust, &step, now_ms);
}

static enum lock_code take(struct light_trust *trust, const struct trust_step *step,
                           const struct lock_news *news, uint64_t now_ms) {
    return news->next.len > 0 ? take_with_next(trust, *step, news->next, now_ms)
                              : take_step(trust, step, now_ms);
}

static OWN_FRAME enum lock_code take_with_set(struct light_trust *trust, struct trust_step step,
                                              const struct lock_news *news, uint64_t now_ms) {
    struct witness_set set;
    if (witness_set_read(&set, news->set) != STATUS_OK) return LOCK_CODE_WITNESSES;
    step.set = &set;
    return take(trust, &step, news, now_ms);
}

enum lock_code lock_check_news(struct light_trust *trust, bool *hands_over,
                               const struct lock_news *news, uint64_t now_ms) {
    struct trust_step step = {.header = &news->header, .certificate = news->certificate};
    struct hash set_hash = trust->set_hash;
    *hands_over = false;
    if (!hash_equal(&news->header.chain_id, &trust->chain_id)) return LOCK_CODE_OTHER_CHAIN;
    enum lock_code code = news->set.len > 0 ? take_with_set(trust, step, news, now_ms)
                                            : take(trust, &step, news, now_ms);
    *hands_over = !hash_equal(&set_hash, &trust->set_hash);
    return code;
}

static bool is_too_old(uint64_t proven_ms, uint64_t now_ms) {
    return now_ms > proven_ms && now_ms - proven_ms > LIMIT_LOCK_PROOF_AGE_MS;
}

struct lock_ground lock_ground_of(const struct light_trust *trust) {
    return (struct lock_ground){trust->height, trust->time_ms, trust->header_id, trust->state_root};
}

static enum lock_code check_older_signers(const struct lock_news *news,
                                          const struct witness_set *set) {
    struct bytes certificate = news->certificate;
    if (count_signers(certificate, set->count) < witness_quorum(set->count))
        return LOCK_CODE_QUORUM;
    return code_of(light_check_header(&news->header, certificate, set), false);
}

static OWN_FRAME enum lock_code check_older_set(const struct lock_news *news,
                                                const struct hash *set_before) {
    struct witness_set set;
    struct hash hash;
    if (witness_set_read(&set, news->set) != STATUS_OK) return LOCK_CODE_WITNESSES;
    witness_set_hash(&hash, &set);
    if (!hash_equal(&hash, set_before)) return LOCK_CODE_WITNESSES;
    return check_older_signers(news, &set);
}

enum lock_code lock_check_older(struct lock_ground *out, const struct lock_state *state,
                                const struct lock_news *news, uint64_t now_ms) {
    const struct light_trust *trust = &state->trust;
    const struct header *header = &news->header;
    enum lock_code code;
    if (!hash_equal(&header->chain_id, &trust->chain_id)) return LOCK_CODE_OTHER_CHAIN;
    if (header->view >= trust->view || header->time_ms >= trust->time_ms)
        return LOCK_CODE_HEADER_TIME;
    if (is_too_old(header->time_ms, now_ms)) return LOCK_CODE_OLD_PROOF;
    if (hash_equal(&header->set_hash, &trust->set_hash))
        code = check_older_signers(news, &trust->set);
    else if (hash_equal(&header->set_hash, &state->set_before) &&
             header->time_ms <= state->set_before_ms && news->set.len > 0)
        code = check_older_set(news, &state->set_before);
    else
        code = LOCK_CODE_OLD_HEADER;
    if (code != LOCK_CODE_OK) return code;
    *out = (struct lock_ground){
        .height = header->height, .time_ms = header->time_ms, .state_root = header->state_root};
    header_id(&out->header_id, header);
    return LOCK_CODE_OK;
}

enum lock_code lock_check_vouching(struct lock_state *state, const struct public_key *key,
                                   const struct lock_vouching *vouching) {
    const struct header *header = &vouching->header;
    struct witness_set set;
    struct trust_statement statement = {.nonce = vouching->nonce, .time_ms = vouching->time_ms};
    struct trust_owner owner = {.key = state->owner_key, .nonce = vouching->nonce};
    memcpy(statement.device.bytes, key->bytes, sizeof statement.device);
    owner.device = statement.device;
    if (!hash_equal(&header->chain_id, &state->trust.chain_id)) return LOCK_CODE_OTHER_CHAIN;
    if (header->height < state->trust.height) return LOCK_CODE_OLD_HEADER;
    if (witness_set_read(&set, vouching->set) != STATUS_OK) return LOCK_CODE_WITNESSES;
    header_id(&statement.header_id, header);
    struct trust_renewal renewal = {
        .header = header, .set = &set, .statement = &statement, .signature = &vouching->signature};
    enum status status = light_trust_restore(&state->trust, &renewal, &owner);
    if (status == STATUS_BAD_SIGNATURE) return LOCK_CODE_SIGNATURE;
    return status == STATUS_OK ? LOCK_CODE_OK : LOCK_CODE_VOUCHING;
}

// ---- what stands in the state

// NULL: nothing does.
static bool stands(const struct lock_belief_now *now, struct bytes key, const struct bytes *value,
                   struct bytes branch) {
    struct state_key whole;
    state_key_make(&whole, STATE_STORAGE, now->state->contract.bytes, key);
    // No header is known at genesis, whose state the trust does not name.
    return now->ground.height > 0 && state_proof_check(branch, &now->ground.state_root,
                                                       state_key_bytes(&whole), value) == STATUS_OK;
}

enum lock_code lock_check_policy(const struct lock_belief_now *now, const struct account_id *owner,
                                 const struct lock_shown_policy *shown) {
    const struct policy *policy = &shown->policy;
    uint8_t name[POLICY_KEY_BYTES], value[POLICY_BYTES];
    policy_key(name, now->key->bytes);
    policy_encode(value, policy);
    if (policy->version != POLICY_VERSION) return LOCK_CODE_RECORD_VERSION;
    if (memcmp(policy->owner, owner->bytes, sizeof policy->owner) != 0)
        return LOCK_CODE_OTHER_OWNER;
    struct bytes entry = BYTES_OF(value);
    if (!stands(now, BYTES_OF(name), &entry, shown->branch)) return LOCK_CODE_BRANCH;
    return policy->epoch < now->state->policy_epoch ? LOCK_CODE_OLD_POLICY : LOCK_CODE_OK;
}

enum lock_code lock_check_unbound(const struct lock_belief_now *now, struct bytes branch) {
    uint8_t name[POLICY_KEY_BYTES];
    policy_key(name, now->key->bytes);
    if (!stands(now, BYTES_OF(name), NULL, branch)) return LOCK_CODE_BRANCH;
    // Where the epoch's first policy stood and behind it none is missing but by an unbinding.
    bool is_older = now->state->is_bound && now->ground.height <= now->state->policy_height;
    return is_older ? LOCK_CODE_OLD_POLICY : LOCK_CODE_OK;
}

enum lock_code lock_check_grant(const struct lock_belief_now *now,
                                const struct lock_shown_grant *shown,
                                const struct lock_granted *to) {
    const struct grant *grant = &shown->grant;
    uint8_t name[GRANT_KEY_BYTES], value[GRANT_BYTES];
    grant_key(name, grant->booking);
    grant_encode(value, grant);
    if (grant->version != GRANT_VERSION) return LOCK_CODE_RECORD_VERSION;
    struct bytes entry = BYTES_OF(value);
    if (!stands(now, BYTES_OF(name), &entry, shown->branch)) return LOCK_CODE_BRANCH;
    if (memcmp(grant->lock, now->key->bytes, sizeof grant->lock) != 0) return LOCK_CODE_GRANT_LOCK;
    if (grant->booking != to->booking) return LOCK_CODE_GRANT_BOOKING;
    if (grant->asset != now->state->asset) return LOCK_CODE_GRANT_ASSET;
    if (memcmp(grant->renter_key, to->renter_key->bytes, sizeof grant->renter_key) != 0)
        return LOCK_CODE_GRANT_RENTER;
    return LOCK_CODE_OK;
}

// ---- the order of things

static bool was_started(const struct lock_state *state, const struct grant *grant) {
    if (grant->from_ms <= state->forgotten_ms) return true;
    for (size_t i = 0; i < LIMIT_LOCK_STARTED; i++)
        if (state->started[i].booking == grant->booking) return true;
    return false;
}

enum lock_code lock_check_start(const struct lock_belief_now *now, const struct grant *grant) {
    uint64_t proven_ms = now->ground.time_ms;
    if (grant->policy_epoch < now->state->policy_epoch) return LOCK_CODE_REVOKED;
    if (now->clock_ms < grant->from_ms) return LOCK_CODE_TOO_EARLY;
    // From its beginning on a booking that has a lock is not cancelled any more.
    if (proven_ms < grant->from_ms) return LOCK_CODE_CANCELLABLE;
    if (now->clock_ms >= grant->until_ms) return LOCK_CODE_EXPIRED;
    if (is_too_old(proven_ms, now->clock_ms)) return LOCK_CODE_OLD_PROOF;
    return was_started(now->state, grant) ? LOCK_CODE_ALREADY_STARTED : LOCK_CODE_OK;
}

void lock_note_start(struct lock_state *state, const struct grant *grant) {
    struct lock_started *place = &state->started[0];
    // A free place begins at 0, before any other.
    for (size_t i = 1; i < LIMIT_LOCK_STARTED; i++)
        if (state->started[i].from_ms < place->from_ms) place = &state->started[i];
    if (place->from_ms > state->forgotten_ms) state->forgotten_ms = place->from_ms;
    *place = (struct lock_started){grant->booking, grant->from_ms};
}

enum lock_code lock_check_go_on(const struct lock_state *state, const struct challenge *challenge,
                                uint64_t now_ms) {
    if (!state->is_in_use || state->use.booking != challenge->booking) return LOCK_CODE_NOT_STARTED;
    if (challenge->command == CHALLENGE_RETURN) return LOCK_CODE_OK;
    if (state->use.policy_epoch < state->policy_epoch) return LOCK_CODE_REVOKED;
    return now_ms < state->use.until_ms ? LOCK_CODE_OK : LOCK_CODE_EXPIRED;
}
