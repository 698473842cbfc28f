// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/codec.h"
#include "tests/support/unit.h"

Suite *codec_suite(void);

static void encode_sample(struct buf *out) {
    encode_u8(out, 0x01);
    encode_u16(out, 0x0203);
    encode_u32(out, 0x04050607);
    encode_u64(out, 0x08090a0b0c0d0e0f);
    encode_bool(out, true);
    encode_bytes(out, bytes_of_string("abc"));
    encode_fixed(out, "xy", 2);
}

static enum status decode_sample(struct bytes in) {
    struct decoder decoder = decoder_of(in);
    decode_u8(&decoder);
    decode_u16(&decoder);
    decode_u32(&decoder);
    decode_u64(&decoder);
    decode_bool(&decoder);
    decode_bytes(&decoder, 16);
    char fixed[2];
    decode_fixed(&decoder, fixed, sizeof fixed);
    return decoder_finish(&decoder);
}

START_TEST(golden_bytes_are_borsh) {
    static const uint8_t golden[] = {0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0f, 0x0e,
                                     0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08, 0x01, 0x03, 0x00,
                                     0x00, 0x00, 'a',  'b',  'c',  'x',  'y'};
    struct buf out = {0};
    encode_sample(&out);
    assert_bytes_equal(buf_bytes(&out), BYTES_OF(golden));
    buf_clear(&out);
}
END_TEST

START_TEST(every_truncation_is_refused_and_trailing_bytes_too) {
    struct buf out = {0};
    encode_sample(&out);
    for (size_t len = 0; len < out.len; len++)
        assert_status(decode_sample(bytes_of(out.data, len)), STATUS_TRUNCATED);
    assert_ok(decode_sample(buf_bytes(&out)));
    encode_u8(&out, 0);
    assert_status(decode_sample(buf_bytes(&out)), STATUS_TRAILING);
    buf_clear(&out);
}
END_TEST

START_TEST(a_boolean_or_tag_out_of_range_is_refused) {
    struct decoder decoder = decoder_of(bytes_of("\x02", 1));
    ck_assert(!decode_bool(&decoder));
    assert_status(decoder_finish(&decoder), STATUS_MALFORMED);
    decoder = decoder_of(bytes_of("\x05", 1));
    decode_tag(&decoder, 5);
    assert_status(decoder_finish(&decoder), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_length_over_its_bound_is_refused_and_the_error_sticks) {
    struct decoder decoder = decoder_of(bytes_of("\xff\xff\xff\xff\x01\x02", 6));
    ck_assert_uint_eq(decode_bytes(&decoder, 100).len, 0);
    ck_assert_uint_eq(decode_u8(&decoder), 0);
    assert_status(decoder_finish(&decoder), STATUS_TOO_LARGE);
}
END_TEST

Suite *codec_suite(void) {
    Suite *suite = suite_create("codec");
    TCase *cases = tcase_create("codec");
    tcase_add_test(cases, golden_bytes_are_borsh);
    tcase_add_test(cases, every_truncation_is_refused_and_trailing_bytes_too);
    tcase_add_test(cases, a_boolean_or_tag_out_of_range_is_refused);
    tcase_add_test(cases, a_length_over_its_bound_is_refused_and_the_error_sticks);
    suite_add_tcase(suite, cases);
    return suite;
}
