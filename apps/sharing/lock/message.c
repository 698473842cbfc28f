// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/message.h"

#define ENCODE_FIXED(out, object) encode_fixed(out, &(object), sizeof(object))
#define DECODE_FIXED(in, object) decode_fixed(in, &(object), sizeof(object))

#define RECORD(name, SIZE)                                                  \
    void lock_##name##_encode(struct buf *out, const struct name *record) { \
        uint8_t bytes[SIZE];                                                \
        name##_encode(bytes, record);                                       \
        encode_fixed(out, bytes, sizeof bytes);                             \
    }                                                                       \
    void lock_##name##_decode_from(struct decoder *in, struct name *out) {  \
        uint8_t bytes[SIZE] = {0};                                          \
        decode_fixed(in, bytes, sizeof bytes);                              \
        name##_decode(out, bytes);                                          \
    }
RECORD(challenge, CHALLENGE_BYTES)
RECORD(grant, GRANT_BYTES)
RECORD(policy, POLICY_BYTES)
#undef RECORD

void lock_greeting_encode(struct buf *out, const struct lock_greeting *greeting) {
    ENCODE_FIXED(out, greeting->chain_id);
    ENCODE_FIXED(out, greeting->lock);
    ENCODE_FIXED(out, greeting->nonce);
    encode_u64(out, greeting->counter);
    encode_u64(out, greeting->header_height);
    encode_u64(out, greeting->header_time_ms);
    ENCODE_FIXED(out, greeting->header_id);
    encode_u64(out, greeting->epoch);
    encode_u64(out, greeting->clock_ms);
    encode_u8(out, greeting->flags);
}

void lock_greeting_decode_from(struct decoder *in, struct lock_greeting *out) {
    DECODE_FIXED(in, out->chain_id);
    DECODE_FIXED(in, out->lock);
    DECODE_FIXED(in, out->nonce);
    out->counter = decode_u64(in);
    out->header_height = decode_u64(in);
    out->header_time_ms = decode_u64(in);
    DECODE_FIXED(in, out->header_id);
    out->epoch = decode_u64(in);
    out->clock_ms = decode_u64(in);
    out->flags = decode_u8(in);
}

void lock_news_encode(struct buf *out, const struct lock_news *news) {
    header_encode(out, &news->header);
    encode_bytes(out, news->certificate);
    encode_bytes(out, news->set);
    encode_bytes(out, news->next);
}

void lock_news_decode_from(struct decoder *in, struct lock_news *out) {
    header_decode_from(in, &out->header);
    out->certificate = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
    out->set = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
    out->next = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
}

void lock_belief_encode(struct buf *out, const struct lock_belief *belief) {
    encode_u64(out, belief->height);
    encode_u64(out, belief->time_ms);
    ENCODE_FIXED(out, belief->header_id);
}

void lock_belief_decode_from(struct decoder *in, struct lock_belief *out) {
    out->height = decode_u64(in);
    out->time_ms = decode_u64(in);
    DECODE_FIXED(in, out->header_id);
}

void lock_shown_policy_encode(struct buf *out, const struct lock_shown_policy *shown) {
    lock_policy_encode(out, &shown->policy);
    encode_bytes(out, shown->branch);
}

void lock_shown_policy_decode_from(struct decoder *in, struct lock_shown_policy *out) {
    lock_policy_decode_from(in, &out->policy);
    out->branch = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
}

void lock_shown_grant_encode(struct buf *out, const struct lock_shown_grant *shown) {
    lock_grant_encode(out, &shown->grant);
    encode_bytes(out, shown->branch);
}

void lock_shown_grant_decode_from(struct decoder *in, struct lock_shown_grant *out) {
    lock_grant_decode_from(in, &out->grant);
    out->branch = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
}

void lock_use_encode(struct buf *out, const struct lock_use *use) {
    lock_challenge_encode(out, &use->challenge);
    ENCODE_FIXED(out, use->signer);
    ENCODE_FIXED(out, use->signature);
    lock_grant_encode(out, &use->grant);
    encode_bytes(out, use->branch);
}

void lock_use_decode_from(struct decoder *in, struct lock_use *out) {
    lock_challenge_decode_from(in, &out->challenge);
    DECODE_FIXED(in, out->signer);
    DECODE_FIXED(in, out->signature);
    lock_grant_decode_from(in, &out->grant);
    out->branch = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
}

void lock_used_encode(struct buf *out, const struct lock_used *used) {
    ENCODE_FIXED(out, used->signature);
    encode_u64(out, used->time_ms);
    encode_u64(out, used->entry);
    encode_bool(out, used->is_open);
}

void lock_used_decode_from(struct decoder *in, struct lock_used *out) {
    DECODE_FIXED(in, out->signature);
    out->time_ms = decode_u64(in);
    out->entry = decode_u64(in);
    out->is_open = decode_bool(in);
}

void lock_vouching_encode(struct buf *out, const struct lock_vouching *vouching) {
    ENCODE_FIXED(out, vouching->nonce);
    encode_u64(out, vouching->time_ms);
    header_encode(out, &vouching->header);
    encode_bytes(out, vouching->set);
    ENCODE_FIXED(out, vouching->signature);
}

void lock_vouching_decode_from(struct decoder *in, struct lock_vouching *out) {
    DECODE_FIXED(in, out->nonce);
    out->time_ms = decode_u64(in);
    header_decode_from(in, &out->header);
    out->set = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
    DECODE_FIXED(in, out->signature);
}

void lock_report_encode(struct buf *out, const struct lock_report *report) {
    ENCODE_FIXED(out, report->lock);
    ENCODE_FIXED(out, report->owner);
    encode_u8(out, report->flags);
    encode_u8(out, report->battery);
    encode_u64(out, report->asset);
    encode_u64(out, report->booking);
    encode_u64(out, report->policy_epoch);
    encode_u64(out, report->header_height);
    encode_u64(out, report->header_time_ms);
    encode_u64(out, report->clock_ms);
    encode_u64(out, report->counter);
    encode_u64(out, report->log_first);
    encode_u64(out, report->log_next);
    encode_u64(out, report->log_lost);
}

void lock_report_decode_from(struct decoder *in, struct lock_report *out) {
    DECODE_FIXED(in, out->lock);
    DECODE_FIXED(in, out->owner);
    out->flags = decode_u8(in);
    out->battery = decode_u8(in);
    out->asset = decode_u64(in);
    out->booking = decode_u64(in);
    out->policy_epoch = decode_u64(in);
    out->header_height = decode_u64(in);
    out->header_time_ms = decode_u64(in);
    out->clock_ms = decode_u64(in);
    out->counter = decode_u64(in);
    out->log_first = decode_u64(in);
    out->log_next = decode_u64(in);
    out->log_lost = decode_u64(in);
}

void lock_wish_encode(struct buf *out, const struct lock_wish *wish) {
    lock_challenge_encode(out, &wish->challenge);
    ENCODE_FIXED(out, wish->signature);
}

void lock_wish_decode_from(struct decoder *in, struct lock_wish *out) {
    lock_challenge_decode_from(in, &out->challenge);
    DECODE_FIXED(in, out->signature);
}

void lock_log_part_encode(struct buf *out, const struct lock_log_part *part) {
    encode_u64(out, part->first);
    ENCODE_FIXED(out, part->before);
    encode_bytes(out, part->entries);
    ENCODE_FIXED(out, part->signature);
}

void lock_log_part_decode_from(struct decoder *in, struct lock_log_part *out) {
    out->first = decode_u64(in);
    DECODE_FIXED(in, out->before);
    out->entries = decode_bytes(in, LIMIT_LOCK_MESSAGE_BYTES);
    DECODE_FIXED(in, out->signature);
}

void lock_receipt_wish_encode(struct buf *out, const struct lock_receipt_wish *wish) {
    encode_u8(out, wish->command);
    encode_u64(out, wish->booking);
}

void lock_receipt_wish_decode_from(struct decoder *in, struct lock_receipt_wish *out) {
    out->command = decode_u8(in);
    out->booking = decode_u64(in);
}

void lock_receipt_encode(struct buf *out, const struct lock_receipt *receipt) {
    lock_challenge_encode(out, &receipt->challenge);
    ENCODE_FIXED(out, receipt->signer);
    ENCODE_FIXED(out, receipt->signature);
    ENCODE_FIXED(out, receipt->lock_signature);
}

void lock_receipt_decode_from(struct decoder *in, struct lock_receipt *out) {
    lock_challenge_decode_from(in, &out->challenge);
    DECODE_FIXED(in, out->signer);
    DECODE_FIXED(in, out->signature);
    DECODE_FIXED(in, out->lock_signature);
}

void lock_refusal_encode(struct buf *out, uint8_t kind, enum lock_code code) {
    encode_u8(out, LOCK_REFUSAL);
    encode_u8(out, kind);
    encode_u16(out, (uint16_t)code);
}

void lock_challenge_hash(struct hash *out, const struct challenge *challenge) {
    uint8_t bytes[CHALLENGE_BYTES];
    challenge_encode(bytes, challenge);
    hash_bytes(out, HASH_USER, BYTES_OF(bytes));
}

void lock_binding_hash(struct hash *out, const struct lock_binding *binding) {
    uint8_t bytes[LOCK_BINDING_BYTES];
    lock_binding_encode(bytes, binding);
    hash_bytes(out, HASH_USER, BYTES_OF(bytes));
}
