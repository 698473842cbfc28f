// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/phone.h"

#include "chaincore/chain/account_id.h"
#include "chaincore/light/trust.h"

void phone_clear(struct phone *phone) {
    buf_clear(&phone->message);
    buf_clear(&phone->answer);
}

// ---- one question

static struct buf *begin(struct phone *phone, enum lock_kind kind) {
    buf_reset(&phone->message);
    buf_append_byte(&phone->message, (uint8_t)kind);
    return &phone->message;
}

// *in stands behind the answer's kind.
static enum status ask(struct phone *phone, struct decoder *in) {
    uint8_t asked = phone->message.data[0];
    phone->code = LOCK_CODE_OK;
    enum status status = phone->ask(phone->context, buf_bytes(&phone->message), &phone->answer);
    if (status != STATUS_OK) return status;
    *in = decoder_of(buf_bytes(&phone->answer));
    uint8_t kind = decode_u8(in);
    if (kind == LOCK_REFUSAL) {
        (void)decode_u8(in);
        phone->code = (enum lock_code)decode_u16(in);
        status = decoder_finish(in);
        return status == STATUS_OK ? STATUS_INVALID : status;
    }
    if (in->status != STATUS_OK) return in->status;
    return kind == (asked | LOCK_ANSWER) ? STATUS_OK : STATUS_MALFORMED;
}

enum status phone_greet(struct phone *phone, struct lock_greeting *out) {
    struct decoder in;
    begin(phone, LOCK_ASK_CHALLENGE);
    enum status status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_greeting_decode_from(&in, out);
    return decoder_finish(&in);
}

enum status phone_report(struct phone *phone, struct lock_report *out) {
    struct decoder in;
    begin(phone, LOCK_ASK_STATUS);
    enum status status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_report_decode_from(&in, out);
    return decoder_finish(&in);
}

enum status phone_receipt(struct phone *phone, struct lock_receipt *out,
                          const struct lock_receipt_wish *wish) {
    struct decoder in;
    lock_receipt_wish_encode(begin(phone, LOCK_ASK_RECEIPT), wish);
    enum status status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_receipt_decode_from(&in, out);
    return decoder_finish(&in);
}

// ---- what the lock is to believe

static enum status show(struct phone *phone, const struct lock_news *news) {
    struct decoder in;
    struct lock_belief belief;
    lock_news_encode(begin(phone, LOCK_ASK_HEADER), news);
    enum status status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_belief_decode_from(&in, &belief);
    return decoder_finish(&in);
}

// Nothing is shown to, or signed for, a lock that the grant does not name, or of another chain.
static bool is_meant(const struct lock_greeting *greeting, const struct grant_proof *proof) {
    return memcmp(greeting->lock.bytes, proof->grant.lock, sizeof proof->grant.lock) == 0 &&
           hash_equal(&greeting->chain_id, &proof->header.chain_id);
}

// What a lock knows already is left out. That which it knows last may have handed over or not.
static enum status show_changes(struct phone *phone, const struct grant_proof *proof,
                                uint64_t height) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < proof->change_count && status == STATUS_OK; i++) {
        const struct phone_change *change = &proof->changes[i];
        if (change->header.height < height) continue;
        status = show(phone, &(struct lock_news){.header = change->header,
                                                 .certificate = change->certificate,
                                                 .set = bytes_of("", 0),
                                                 .next = change->next});
    }
    return status;
}

static enum status show_header(struct phone *phone, const struct grant_proof *proof) {
    struct lock_news news = {.header = proof->header,
                             .certificate = proof->certificate,
                             .set = bytes_of("", 0),
                             .next = bytes_of("", 0)};
    struct lock_greeting greeting;
    struct hash id;
    enum status status = phone_greet(phone, &greeting);
    if (status != STATUS_OK) return status;
    if (!is_meant(&greeting, proof)) return STATUS_UNAUTHORIZED;
    header_id(&id, &proof->header);
    if (hash_equal(&id, &greeting.header_id)) return STATUS_OK;
    if (proof->header.height > greeting.header_height) {
        status = show_changes(phone, proof, greeting.header_height);
        if (status != STATUS_OK) return status;
    } else {
        // They may have handed over since.
        news.set = proof->witnesses;
    }
    return show(phone, &news);
}

static enum status show_unbound(struct phone *phone, struct bytes branch) {
    struct decoder in;
    encode_bytes(begin(phone, LOCK_ASK_UNBOUND), branch);
    enum status status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    (void)decode_u64(&in);
    return decoder_finish(&in);
}

enum status phone_introduce(struct phone *phone, const struct grant_proof *proof) {
    struct lock_shown_policy shown = {.policy = proof->policy, .branch = proof->policy_branch};
    struct decoder in;
    struct policy known;
    enum status status = show_header(phone, proof);
    if (status != STATUS_OK) return status;
    if (!proof->has_policy) return show_unbound(phone, proof->policy_branch);
    lock_shown_policy_encode(begin(phone, LOCK_ASK_POLICY), &shown);
    status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_policy_decode_from(&in, &known);
    return decoder_finish(&in);
}

// ---- what is signed

static bool is_near(uint64_t a, uint64_t b, uint64_t drift) {
    return a > b ? a - b <= drift : b - a <= drift;
}

struct signing {
    const struct phone_signer *signer;
    const struct grant_proof *proof; // NULL: an owner's
};

static enum status sign_challenge(struct phone *phone, struct challenge *out,
                                  struct signature *signature, struct lock_greeting *greeting,
                                  const struct signing *signing) {
    const struct phone_signer *signer = signing->signer;
    struct hash hash;
    enum status status = phone_greet(phone, greeting);
    if (status != STATUS_OK) return status;
    if (signing->proof && !is_meant(greeting, signing->proof)) return STATUS_UNAUTHORIZED;
    // A clock that stopped is the lock's to tell, by refusing.
    if ((greeting->flags & LOCK_FLAG_CLOCK) &&
        !is_near(greeting->clock_ms, signer->now_ms, signer->drift_ms))
        return STATUS_CONFLICT;
    memcpy(out->lock, greeting->lock.bytes, sizeof out->lock);
    memcpy(out->nonce, greeting->nonce.bytes, sizeof out->nonce);
    out->counter = greeting->counter;
    out->height =
        out->command == CHALLENGE_START ? signing->proof->header.height : greeting->header_height;
    out->time_ms = greeting->clock_ms;
    lock_challenge_hash(&hash, out);
    sign_payload(signature, &signer->key, SIGN_CHALLENGE, &greeting->chain_id, &hash);
    return STATUS_OK;
}

// OK as well when the lock refuses: what is in use goes on without.
static enum status offer_extension(struct phone *phone, const struct grant_proof *proof) {
    struct lock_shown_grant shown = {.grant = proof->grant, .branch = proof->grant_branch};
    struct decoder in;
    lock_shown_grant_encode(begin(phone, LOCK_ASK_EXTEND), &shown);
    enum status status = ask(phone, &in);
    if (status == STATUS_INVALID) return STATUS_OK;
    if (status != STATUS_OK) return status;
    (void)decode_u64(&in);
    return decoder_finish(&in);
}

static void say_use(struct phone *phone, const struct lock_use *use) {
    struct lock_wish wish = {.challenge = use->challenge, .signature = use->signature};
    if (use->challenge.command == CHALLENGE_START)
        lock_use_encode(begin(phone, LOCK_ASK_START), use);
    else
        lock_wish_encode(begin(phone, LOCK_ASK_GO_ON), &wish);
}

enum status phone_use(struct phone *phone, struct lock_used *out, struct lock_receipt *receipt,
                      const struct grant_proof *proof, enum challenge_command command,
                      const struct phone_signer *signer) {
    struct lock_use use = {
        .challenge = {.command = (uint8_t)command, .booking = proof->grant.booking},
        .grant = proof->grant,
        .branch = proof->grant_branch};
    struct lock_greeting greeting;
    struct decoder in;
    struct hash hash;
    key_public_of(&use.signer, &signer->key);
    enum status status = command == CHALLENGE_OPEN ? offer_extension(phone, proof) : STATUS_OK;
    if (status != STATUS_OK) return status;
    status = sign_challenge(phone, &use.challenge, &use.signature, &greeting,
                            &(struct signing){signer, proof});
    if (status != STATUS_OK) return status;
    say_use(phone, &use);
    status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_used_decode_from(&in, out);
    status = decoder_finish(&in);
    if (status != STATUS_OK) return status;
    lock_challenge_hash(&hash, &use.challenge);
    if (command != CHALLENGE_OPEN &&
        !sign_verify(&out->signature, &greeting.lock, SIGN_LOCK_LOG, &greeting.chain_id, &hash))
        return STATUS_BAD_SIGNATURE;
    *receipt = (struct lock_receipt){.challenge = use.challenge,
                                     .signer = use.signer,
                                     .signature = use.signature,
                                     .lock_signature = out->signature};
    return STATUS_OK;
}

// ---- the owner

static enum status ask_wish(struct phone *phone, enum lock_kind kind, struct challenge *challenge,
                            struct lock_greeting *greeting, const struct phone_signer *signer,
                            struct decoder *in) {
    struct lock_wish wish;
    enum status status = sign_challenge(phone, challenge, &wish.signature, greeting,
                                        &(struct signing){.signer = signer});
    if (status != STATUS_OK) return status;
    wish.challenge = *challenge;
    lock_wish_encode(begin(phone, kind), &wish);
    return ask(phone, in);
}

// Follows the links; false when they do not go on from what is known, or are not signed.
static bool is_of_the_lock(const struct lock_log_part *part, const struct phone_log *log,
                           const struct lock_greeting *greeting) {
    struct hash link = part->before;
    if (part->entries.len % sizeof(struct lock_entry) != 0) return false;
    if (log->knows_link && part->first == log->from && !hash_equal(&link, log->link)) return false;
    for (size_t at = 0; at < part->entries.len; at += sizeof(struct lock_entry)) {
        struct lock_entry entry;
        memcpy(&entry, part->entries.data + at, sizeof entry);
        if (entry.index != part->first + at / sizeof entry) return false;
        lock_entry_link(&link, &link, &entry);
    }
    *log->link = link;
    return sign_verify(&part->signature, &greeting->lock, SIGN_LOCK_LOG, &greeting->chain_id,
                       &link);
}

enum status phone_log(struct phone *phone, struct lock_log_part *out, const struct phone_log *log,
                      const struct phone_signer *signer) {
    struct challenge challenge = {.command = LOCK_READ_LOG, .booking = log->from};
    struct lock_greeting greeting;
    struct decoder in;
    enum status status = ask_wish(phone, LOCK_ASK_LOG, &challenge, &greeting, signer, &in);
    if (status != STATUS_OK) return status;
    lock_log_part_decode_from(&in, out);
    status = decoder_finish(&in);
    if (status != STATUS_OK) return status;
    return is_of_the_lock(out, log, &greeting) ? STATUS_OK : STATUS_BAD_SIGNATURE;
}

enum status phone_bind(struct phone *phone, struct lock_binding *binding, struct signature *out,
                       const struct phone_signer *signer) {
    struct challenge challenge = {.command = LOCK_BIND, .booking = binding->asset};
    struct lock_greeting greeting;
    struct public_key owner;
    struct account_id account;
    struct decoder in;
    struct hash hash;
    enum status status = ask_wish(phone, LOCK_ASK_BINDING, &challenge, &greeting, signer, &in);
    if (status != STATUS_OK) return status;
    decode_fixed(&in, out, sizeof *out);
    status = decoder_finish(&in);
    if (status != STATUS_OK) return status;
    key_public_of(&owner, &signer->key);
    account_id_of_key(&account, &owner);
    memcpy(binding->owner, account.bytes, sizeof binding->owner);
    memcpy(binding->lock, greeting.lock.bytes, sizeof binding->lock);
    binding->counter = challenge.counter;
    lock_binding_hash(&hash, binding);
    bool is_signed = sign_verify(out, &greeting.lock, SIGN_LOCK_LOG, &greeting.chain_id, &hash);
    return is_signed ? STATUS_OK : STATUS_BAD_SIGNATURE;
}

enum status phone_clear_use(struct phone *phone, uint64_t booking,
                            const struct phone_signer *signer) {
    struct challenge challenge = {.command = LOCK_CLEAR, .booking = booking};
    struct lock_greeting greeting;
    struct decoder in;
    enum status status = ask_wish(phone, LOCK_ASK_CLEAR, &challenge, &greeting, signer, &in);
    if (status != STATUS_OK) return status;
    (void)decode_u64(&in);
    return decoder_finish(&in);
}

enum status phone_vouch(struct phone *phone, const struct grant_proof *proof, struct bytes set,
                        const struct phone_signer *signer) {
    struct lock_vouching vouching = {
        .time_ms = signer->now_ms, .header = proof->header, .set = set};
    struct trust_statement statement = {.time_ms = signer->now_ms};
    struct lock_greeting greeting;
    struct lock_belief belief;
    struct decoder in;
    struct hash payload;
    enum status status = phone_greet(phone, &greeting);
    if (status != STATUS_OK) return status;
    vouching.nonce = greeting.nonce;
    statement.nonce = greeting.nonce;
    memcpy(statement.device.bytes, greeting.lock.bytes, sizeof statement.device);
    header_id(&statement.header_id, &proof->header);
    trust_statement_payload(&payload, &statement);
    sign_payload(&vouching.signature, &signer->key, SIGN_TRUST, &greeting.chain_id, &payload);
    lock_vouching_encode(begin(phone, LOCK_ASK_TRUST), &vouching);
    status = ask(phone, &in);
    if (status != STATUS_OK) return status;
    lock_belief_decode_from(&in, &belief);
    return decoder_finish(&in);
}
