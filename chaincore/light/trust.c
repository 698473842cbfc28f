// SPDX-License-Identifier: Apache-2.0
#include "chaincore/light/trust.h"

#include "chaincore/chain/genesis_head.h"
#include "chaincore/light/light.h"

enum { TRUST_VERSION = 1 };

enum status light_trust_begin(struct light_trust *trust, struct bytes genesis_head,
                              const struct hash *chain_id) {
    struct genesis_head head;
    struct hash id;
    genesis_head_id(&id, genesis_head);
    if (!hash_equal(&id, chain_id)) return STATUS_INVALID;
    enum status status = genesis_head_decode(&head, genesis_head);
    if (status != STATUS_OK) return status;
    memset(trust, 0, sizeof *trust);
    trust->chain_id = *chain_id;
    trust->set = head.set;
    trust->time_ms = head.time_ms;
    witness_set_hash(&trust->set_hash, &trust->set);
    return STATUS_OK;
}

bool light_is_period_over(uint64_t believed_ms, uint64_t now_ms) {
    return now_ms > believed_ms && now_ms - believed_ms > TRUST_PERIOD_MS;
}

static bool is_from_the_future(const struct header *header, uint64_t now_ms) {
    return header->time_ms > now_ms && header->time_ms - now_ms > TRUST_CLOCK_DRIFT_MS;
}

static void believe(struct light_trust *trust, const struct header *header,
                    const struct witness_set *set) {
    header_id(&trust->header_id, header);
    trust->height = header->height;
    trust->epoch = header->epoch;
    trust->view = header->view;
    trust->time_ms = header->time_ms;
    trust->state_root = header->state_root;
    trust->receipts_root = header->receipts_root;
    trust->history_root = header->history_root;
    if (set != &trust->set) trust->set = *set;
    witness_set_hash(&trust->set_hash, &trust->set);
}

enum status light_trust_begin_at(struct light_trust *trust, const struct hash *chain_id,
                                 const struct header *header, const struct witness_set *set) {
    struct hash hash;
    if (!witness_set_is_sound(set) || !hash_equal(&header->chain_id, chain_id))
        return STATUS_INVALID;
    witness_set_hash(&hash, set);
    if (!hash_equal(&hash, &header->set_hash) && !hash_equal(&hash, &header->next_set_hash))
        return STATUS_INVALID;
    memset(trust, 0, sizeof *trust);
    trust->chain_id = *chain_id;
    believe(trust, header, set);
    return STATUS_OK;
}

// Is the header newer than what is believed, and of this chain?
static enum status check_place(const struct light_trust *trust, const struct header *header) {
    struct hash id;
    if (!hash_equal(&header->chain_id, &trust->chain_id)) return STATUS_INVALID;
    if (header->height > trust->height) {
        bool goes_on = header->epoch >= trust->epoch && header->view > trust->view &&
                       header->time_ms > trust->time_ms;
        return goes_on ? STATUS_OK : STATUS_INVALID;
    }
    header_id(&id, header);
    bool is_other = header->height == trust->height && header->height > 0 &&
                    !hash_equal(&id, &trust->header_id);
    return is_other ? STATUS_CONFLICT : STATUS_EXISTS;
}

// Is the header final under the set, and may the set be believed? A set that is not the one that is
// believed needs more than a third of that among the signers: then one of them is honest, and an
// honest witness signs beside no set but the elected one.
static enum status check_signers(const struct light_trust *trust, const struct trust_step *step,
                                 const struct witness_set *set) {
    const struct header *header = step->header;
    struct certificate certificate;
    if (!witness_set_is_sound(set)) return STATUS_INVALID;
    struct decoder decoder = decoder_of(step->certificate);
    certificate_decode_from(&decoder, &certificate, set->count);
    enum status status = decoder_finish(&decoder);
    if (status != STATUS_OK) return status;
    bool is_believed =
        hash_equal(&header->set_hash, &trust->set_hash) ||
        (header->epoch > trust->epoch &&
         certificate_known(&certificate, set, &trust->set) > witness_faults(trust->set.count));
    return is_believed ? light_check_certified(header, &certificate, set) : STATUS_INVALID;
}

static enum status check_next(const struct trust_step *step) {
    struct hash hash;
    if (!witness_set_is_sound(step->next)) return STATUS_INVALID;
    witness_set_hash(&hash, step->next);
    return hash_equal(&hash, &step->header->next_set_hash) ? STATUS_OK : STATUS_INVALID;
}

// The header is the one that is believed, and so is what it names; the set may still be that of its
// own epoch.
static enum status hand_over(struct light_trust *trust, const struct trust_step *step) {
    if (!step->next || hash_equal(&trust->set_hash, &step->header->next_set_hash))
        return STATUS_EXISTS;
    enum status status = check_next(step);
    if (status == STATUS_OK) believe(trust, step->header, step->next);
    return status;
}

enum status light_trust_extend(struct light_trust *trust, const struct trust_step *step) {
    const struct witness_set *set = step->set ? step->set : &trust->set;
    enum status place = check_place(trust, step->header);
    if (place == STATUS_EXISTS && step->header->height == trust->height && trust->height > 0)
        return hand_over(trust, step);
    if (place != STATUS_OK && place != STATUS_CONFLICT) return place;
    enum status status = check_signers(trust, step, set);
    if (status == STATUS_OK) status = place;
    if (status == STATUS_OK && step->next) status = check_next(step);
    if (status == STATUS_OK) believe(trust, step->header, step->next ? step->next : set);
    return status;
}

enum status light_trust_advance(struct light_trust *trust, const struct trust_step *step,
                                uint64_t now_ms) {
    if (light_is_period_over(trust->time_ms, now_ms)) return STATUS_TIMEOUT;
    if (is_from_the_future(step->header, now_ms)) return STATUS_INVALID;
    return light_trust_extend(trust, step);
}

void trust_statement_payload(struct hash *out, const struct trust_statement *statement) {
    struct hasher hasher;
    uint8_t time[8];
    store_u64_le(time, statement->time_ms);
    hasher_init(&hasher, HASH_TRUST);
    hasher_add(&hasher, BYTES_OF(statement->device.bytes));
    hasher_add(&hasher, BYTES_OF(statement->nonce.bytes));
    hasher_add(&hasher, BYTES_OF(statement->header_id.bytes));
    hasher_add(&hasher, BYTES_OF(time));
    hasher_finish(&hasher, out);
}

enum status light_trust_restore(struct light_trust *trust, const struct trust_renewal *renewal,
                                const struct trust_owner *owner) {
    const struct trust_statement *statement = renewal->statement;
    const struct header *header = renewal->header;
    struct hash id, set_hash, payload;
    if (!witness_set_is_sound(renewal->set)) return STATUS_INVALID;
    header_id(&id, header);
    witness_set_hash(&set_hash, renewal->set);
    bool is_asked_for = hash_equal(&statement->device, &owner->device) &&
                        hash_equal(&statement->nonce, &owner->nonce);
    bool fits = hash_equal(&id, &statement->header_id) &&
                hash_equal(&header->chain_id, &trust->chain_id) &&
                hash_equal(&header->set_hash, &set_hash) && header->height >= trust->height;
    if (!is_asked_for || !fits || is_from_the_future(header, statement->time_ms))
        return STATUS_INVALID;
    trust_statement_payload(&payload, statement);
    if (!sign_verify(renewal->signature, &owner->key, SIGN_TRUST, &trust->chain_id, &payload))
        return STATUS_BAD_SIGNATURE;
    believe(trust, header, renewal->set);
    return STATUS_OK;
}

void light_trust_encode(struct buf *out, const struct light_trust *trust) {
    encode_u8(out, TRUST_VERSION);
    encode_fixed(out, &trust->chain_id, sizeof trust->chain_id);
    encode_u16(out, trust->set.count);
    encode_fixed(out, trust->set.keys, trust->set.count * sizeof *trust->set.keys);
    encode_u64(out, trust->height);
    encode_u64(out, trust->epoch);
    encode_u64(out, trust->view);
    encode_u64(out, trust->time_ms);
    encode_fixed(out, &trust->header_id, sizeof trust->header_id);
    encode_fixed(out, &trust->set_hash, sizeof trust->set_hash);
    encode_fixed(out, &trust->state_root, sizeof trust->state_root);
    encode_fixed(out, &trust->receipts_root, sizeof trust->receipts_root);
    encode_fixed(out, &trust->history_root, sizeof trust->history_root);
}

enum status light_trust_decode(struct light_trust *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    struct hash set_hash;
    memset(out, 0, sizeof *out);
    if (decode_u8(&decoder) != TRUST_VERSION) decoder_fail(&decoder, STATUS_UNSUPPORTED);
    decode_fixed(&decoder, &out->chain_id, sizeof out->chain_id);
    out->set.count = decode_u16(&decoder);
    if (out->set.count > LIMIT_WITNESSES) decoder_fail(&decoder, STATUS_TOO_LARGE);
    if (decoder.status != STATUS_OK) return decoder.status;
    decode_fixed(&decoder, out->set.keys, out->set.count * sizeof *out->set.keys);
    out->height = decode_u64(&decoder);
    out->epoch = decode_u64(&decoder);
    out->view = decode_u64(&decoder);
    out->time_ms = decode_u64(&decoder);
    decode_fixed(&decoder, &out->header_id, sizeof out->header_id);
    decode_fixed(&decoder, &out->set_hash, sizeof out->set_hash);
    decode_fixed(&decoder, &out->state_root, sizeof out->state_root);
    decode_fixed(&decoder, &out->receipts_root, sizeof out->receipts_root);
    decode_fixed(&decoder, &out->history_root, sizeof out->history_root);
    enum status status = decoder_finish(&decoder);
    if (status != STATUS_OK) return status;
    witness_set_hash(&set_hash, &out->set);
    return hash_equal(&set_hash, &out->set_hash) ? STATUS_OK : STATUS_INVALID;
}
