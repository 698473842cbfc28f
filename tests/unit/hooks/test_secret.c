// SPDX-License-Identifier: Apache-2.0
#include "apps/common/hooks/hook_secret.h"
#include "tests/support/unit.h"
#include "tests/unit/hooks/suites.h"

// The specification's own example.
START_TEST(signs_as_the_specification_does) {
    static const uint8_t secret[] = {0x31, 0xf2, 0x90, 0xf6, 0xbf, 0x06, 0x29, 0x8a,
                                     0xab, 0x4f, 0x08, 0xd4, 0x3c, 0x3f, 0x08, 0x2c,
                                     0xf6, 0x48, 0xa3, 0x62, 0xda, 0x2d, 0xa4, 0xb0};
    const struct hook_signed message = {
        .id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
        .time_s = 1614265330,
        .body = bytes_of_string("{\"test\": 2432232314}"),
    };
    struct buf out = {0};
    hook_sign(&out, &message, BYTES_OF(secret));
    ck_assert_str_eq(buf_as_string(&out), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    buf_clear(&out);
}
END_TEST

START_TEST(shows_a_secret_in_base64) {
    uint8_t secret[HOOK_SECRET_BYTES];
    char text[HOOK_SECRET_CHARS + 1];
    for (size_t i = 0; i < sizeof secret; i++) secret[i] = (uint8_t)(i * 37 + 250);
    hook_secret_print(text, secret);
    ck_assert_str_eq(text, "whsec_+h9EaY6z2P0iR2yRttsAJUpvlLneAyhNcpe84QYrUHU=");
}
END_TEST

Suite *secret_suite(void) {
    Suite *suite = suite_create("secret");
    TCase *cases = tcase_create("secret");
    tcase_add_test(cases, signs_as_the_specification_does);
    tcase_add_test(cases, shows_a_secret_in_base64);
    suite_add_tcase(suite, cases);
    return suite;
}
