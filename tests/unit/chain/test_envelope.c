// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/envelope.h"
#include "chaincore/chain/tx.h"
#include "tests/unit/chain/suites.h"

enum { PEOPLE = 3 };

static struct envelope_reader readers[PEOPLE];
static struct envelope_key keys[PEOPLE];
static struct envelope_place place;
static struct envelope envelope;
static struct buf storage;

static struct bytes content(void) { return bytes_of_string("4.2 degrees"); }

static void begin(void) {
    place =
        (struct envelope_place){.chain_id = {{1}}, .sender = {{2}}, .seq = 7, .previous = {{3}}};
    for (uint8_t i = 0; i < PEOPLE; i++) {
        readers[i].id = keys[i].id = (struct account_id){{(uint8_t)(i + 1)}};
        keys[i].version = i + 1u;
        enc_key_generate(&readers[i].key, &keys[i].key);
    }
    struct envelope_plain plain = {.retention = ENVELOPE_1_YEAR,
                                   .recipient_count = PEOPLE - 1,
                                   .recipients = keys,
                                   .content = content()};
    storage = (struct buf){0};
    assert_ok(envelope_seal(&envelope, &storage, &place, &plain));
}
static void clear(void) { buf_clear(&storage); }

START_TEST(each_recipient_reads_it_and_nobody_else) {
    struct buf plain = {0};
    for (int i = 0; i < PEOPLE - 1; i++) {
        buf_reset(&plain);
        assert_ok(envelope_open(&plain, &envelope, &place, &readers[i]));
        assert_bytes_equal(buf_bytes(&plain), content());
    }
    buf_reset(&plain);
    assert_status(envelope_open(&plain, &envelope, &place, &readers[2]), STATUS_NOT_FOUND);
    // Another's key under a recipient's name.
    struct envelope_reader thief = {.id = readers[0].id, .key = readers[2].key};
    assert_status(envelope_open(&plain, &envelope, &place, &thief), STATUS_UNAUTHORIZED);
    ck_assert_uint_eq(plain.len, 0);
    buf_clear(&plain);
}
END_TEST

START_TEST(it_names_the_key_that_each_recipient_needs) {
    struct envelope_recipient recipient;
    for (uint32_t i = 0; i < PEOPLE - 1; i++) {
        envelope_recipient(&recipient, &envelope, i);
        ck_assert(account_id_equal(&recipient.id, &keys[i].id));
        ck_assert_uint_eq(recipient.key_version, keys[i].version);
    }
}
END_TEST

START_TEST(it_is_read_nowhere_but_in_its_place) {
    struct envelope_place others[4] = {place, place, place, place};
    struct buf plain = {0};
    others[0].chain_id.bytes[0] ^= 1;
    others[1].sender.bytes[0] ^= 1;
    others[2].seq++;
    others[3].previous.bytes[0] ^= 1;
    for (int i = 0; i < 4; i++)
        assert_status(envelope_open(&plain, &envelope, &others[i], &readers[0]),
                      STATUS_UNAUTHORIZED);
    buf_clear(&plain);
}
END_TEST

// Every bit of its encoding: the first reader then reads nothing, or what was meant for others.
START_TEST(a_flipped_bit_is_not_read) {
    struct buf encoded = {0}, plain = {0};
    struct hash before, after;
    envelope_encode(&encoded, &envelope);
    envelope_hash(&before, &envelope);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        struct envelope back;
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct decoder in = decoder_of(buf_bytes(&encoded));
        envelope_decode_from(&in, &back);
        if (decoder_finish(&in) == STATUS_OK) {
            envelope_hash(&after, &back);
            ck_assert(!hash_equal(&before, &after));
            struct envelope_place there = place;
            there.seq = back.seq;
            there.previous = back.previous;
            buf_reset(&plain);
            enum status status = envelope_open(&plain, &back, &there, &readers[0]);
            // Outside the tag: the retention, the others, and the version that is only a hint.
            if (status == STATUS_OK) assert_bytes_equal(buf_bytes(&plain), content());
            bool is_sealed = bit / 8 >= 45 + 2 * ENVELOPE_RECIPIENT_BYTES || bit / 8 < 40;
            if (is_sealed) ck_assert_int_ne(status, STATUS_OK);
        }
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_clear(&encoded);
    buf_clear(&plain);
}
END_TEST

static enum status decode(struct envelope *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    envelope_decode_from(&decoder, out);
    return decoder_finish(&decoder);
}

static enum status again(const struct envelope *changed) {
    struct buf encoded = {0};
    struct envelope back;
    envelope_encode(&encoded, changed);
    enum status status = decode(&back, buf_bytes(&encoded));
    buf_clear(&encoded);
    return status;
}

START_TEST(what_is_no_envelope_is_refused) {
    struct envelope changed = envelope;
    uint8_t many[(LIMIT_ENVELOPE_RECIPIENTS + 1) * ENVELOPE_RECIPIENT_BYTES] = {0};
    assert_ok(again(&changed));
    changed.seq = 0;
    assert_status(again(&changed), STATUS_MALFORMED);
    changed = envelope;
    changed.ciphertext.len = SEAL_TAG_BYTES - 1;
    assert_status(again(&changed), STATUS_MALFORMED);
    changed = envelope;
    changed.recipient_count = 0;
    changed.recipients.len = 0;
    assert_status(again(&changed), STATUS_MALFORMED);
    changed = envelope;
    changed.retention = ENVELOPE_RETENTIONS;
    assert_status(again(&changed), STATUS_MALFORMED);
    for (uint8_t i = 0; i <= LIMIT_ENVELOPE_RECIPIENTS; i++) {
        many[i * ENVELOPE_RECIPIENT_BYTES] = (uint8_t)(i + 1);
        many[i * ENVELOPE_RECIPIENT_BYTES + 32] = 1;
    }
    changed = envelope;
    changed.recipients = bytes_of(many, sizeof many - ENVELOPE_RECIPIENT_BYTES);
    changed.recipient_count = LIMIT_ENVELOPE_RECIPIENTS;
    assert_ok(again(&changed));
    changed.recipients.len += ENVELOPE_RECIPIENT_BYTES;
    changed.recipient_count++;
    assert_status(again(&changed), STATUS_TOO_LARGE);
    // The same recipient twice, out of order, and with a key of no version.
    changed.recipients.len = 2 * ENVELOPE_RECIPIENT_BYTES;
    changed.recipient_count = 2;
    many[ENVELOPE_RECIPIENT_BYTES] = 1;
    assert_status(again(&changed), STATUS_MALFORMED);
    many[ENVELOPE_RECIPIENT_BYTES] = 0;
    assert_status(again(&changed), STATUS_MALFORMED);
    many[ENVELOPE_RECIPIENT_BYTES] = 2;
    many[ENVELOPE_RECIPIENT_BYTES + 32] = 0;
    assert_status(again(&changed), STATUS_MALFORMED);
}
END_TEST

START_TEST(what_cannot_be_sealed_is_said) {
    struct envelope out;
    struct envelope_plain plain = {.recipient_count = 2, .recipients = keys, .content = content()};
    struct envelope_key swapped[2] = {keys[1], keys[0]}, bad[1] = {keys[0]};
    assert_ok(envelope_seal(&out, &storage, &place, &plain));
    plain.recipients = swapped;
    assert_status(envelope_seal(&out, &storage, &place, &plain), STATUS_INVALID);
    plain.recipients = bad;
    plain.recipient_count = 1;
    bad[0].key = (struct enc_public_key){{0}}; // of small order
    assert_status(envelope_seal(&out, &storage, &place, &plain), STATUS_INVALID);
    plain.recipient_count = 0;
    assert_status(envelope_seal(&out, &storage, &place, &plain), STATUS_INVALID);
    plain.recipient_count = LIMIT_ENVELOPE_RECIPIENTS + 1;
    assert_status(envelope_seal(&out, &storage, &place, &plain), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(a_body_is_kept_as_long_as_its_longest_envelope) {
    static const uint64_t day_ms = UINT64_C(86400000);
    struct tx tx = {.action_count = 1, .actions[0].kind = TX_WITHDRAW_STAKE};
    ck_assert_uint_eq(tx_kept_until_ms(&tx, 5), 5 + 30 * day_ms);
    tx.action_count = 3;
    tx.actions[1] = (struct tx_action){.kind = TX_DATA, .data.retention = ENVELOPE_10_YEARS};
    tx.actions[2] = (struct tx_action){.kind = TX_DATA, .data.retention = ENVELOPE_1_YEAR};
    ck_assert_uint_eq(tx_kept_until_ms(&tx, 5), 5 + 3653 * day_ms);
    tx.actions[1].data.retention = ENVELOPE_30_DAYS;
    ck_assert_uint_eq(tx_kept_until_ms(&tx, 5), 5 + 366 * day_ms);
    tx.actions[1].data.retention = ENVELOPE_FOR_EVER;
    ck_assert_uint_eq(tx_kept_until_ms(&tx, 5), UINT64_MAX);
    ck_assert_uint_eq(envelope_kept_until_ms(ENVELOPE_1_YEAR, UINT64_MAX - 7), UINT64_MAX);
}
END_TEST

Suite *envelope_suite(void) {
    Suite *suite = suite_create("envelope");
    TCase *cases = tcase_create("envelope");
    tcase_add_checked_fixture(cases, begin, clear);
    tcase_add_test(cases, each_recipient_reads_it_and_nobody_else);
    tcase_add_test(cases, it_names_the_key_that_each_recipient_needs);
    tcase_add_test(cases, it_is_read_nowhere_but_in_its_place);
    tcase_add_test(cases, a_flipped_bit_is_not_read);
    tcase_add_test(cases, what_is_no_envelope_is_refused);
    tcase_add_test(cases, what_cannot_be_sealed_is_said);
    tcase_add_test(cases, a_body_is_kept_as_long_as_its_longest_envelope);
    suite_add_tcase(suite, cases);
    return suite;
}
