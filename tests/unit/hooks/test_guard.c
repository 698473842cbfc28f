// SPDX-License-Identifier: Apache-2.0
#include "apps/common/hooks/hook_guard.h"
#include "tests/support/unit.h"
#include "tests/unit/hooks/suites.h"

static bool is_public(const char *text) {
    struct ip_address address;
    ck_assert_msg(ip_parse(&address, text), "%s is no address", text);
    return hook_address_is_public(&address);
}

START_TEST(the_servers_own_network_is_no_target) {
    static const char *const closed[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
    };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        ck_assert_msg(!is_public(closed[i]), "%s", closed[i]);
}
END_TEST

START_TEST(what_stands_beside_it_is) {
    static const char *const open[] = {
        "1.1.1.1",       "9.255.255.255",   "11.0.0.0",     "100.63.255.255",
        "100.128.0.0",   "126.0.0.1",       "128.0.0.1",    "169.253.255.255",
        "169.255.0.0",   "172.15.255.255",  "172.32.0.0",   "192.167.0.1",
        "192.169.0.0",   "198.17.255.255",  "198.20.0.0",   "223.255.0.1",
        "168.63.129.15", "::ffff:1.1.1.1",  "2001:200::1",  "2001:4860:4860::8888",
        "2003::1",       "2606:4700::1111", "2a00:1450::1", "3ffe::1",
    };
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        ck_assert_msg(is_public(open[i]), "%s", open[i]);
}
END_TEST

static enum status check(const char *url, bool allows_http, bool allows_private) {
    const struct hook_rules rules = {.allows_http = allows_http, .allows_private = allows_private};
    const char *why = NULL;
    enum status status = hook_target_check(url, &rules, &why);
    ck_assert((status == STATUS_OK) == (why == NULL));
    return status;
}

START_TEST(only_plain_addresses_of_https_are_taken) {
    static const char *const wrong[] = {
        "",
        "example.org/hook",
        "/hook",
        "https://",
        "http://1.1.1.1/",
        "ftp://1.1.1.1/",
        "file:///etc/passwd",
        "gopher://1.1.1.1/",
        "javascript:alert(1)",
        "https://user@1.1.1.1/",
        "https://user:word@1.1.1.1/",
        "https://1.1.1.1/#there",
        "https://1.1.1.1/a b",
        "https://1.1.1.1/\r\nHost: x",
        "https://1.1.1.1:99999/",
        "https://exa\xC3\xA4mple.org/",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(check(wrong[i], false, false) == STATUS_INVALID, "%s", wrong[i]);
    assert_ok(check("https://1.1.1.1/hook?a=b", false, false));
    assert_ok(check("https://1.1.1.1:8443/", false, false));
    assert_ok(check("HTTPS://[2606:4700::1111]/", false, false));
    assert_ok(check("http://1.1.1.1/", true, false));
    assert_status(check("ftp://1.1.1.1/", true, true), STATUS_INVALID);
}
END_TEST

START_TEST(names_and_numbers_that_lead_inside_are_refused) {
    static const char *const inside[] = {
        "https://localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://0/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://10.1.2.3:8080/",
        "https://[fe80::1%25lo]/",
    };
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        ck_assert_msg(check(inside[i], false, false) == STATUS_INVALID, "%s", inside[i]);
        ck_assert_msg(check(inside[i], false, true) == STATUS_OK, "%s", inside[i]);
    }
}
END_TEST

Suite *guard_suite(void) {
    Suite *suite = suite_create("guard");
    TCase *cases = tcase_create("guard");
    tcase_set_timeout(cases, 30);
    tcase_add_test(cases, the_servers_own_network_is_no_target);
    tcase_add_test(cases, what_stands_beside_it_is);
    tcase_add_test(cases, only_plain_addresses_of_https_are_taken);
    tcase_add_test(cases, names_and_numbers_that_lead_inside_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
