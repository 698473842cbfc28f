// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/identifier.h"

#include <stdio.h>

#include "tests/unit/supplychain/epcis_suites.h"

#define GS1 "https://id.gs1.org/"

struct pair {
    const char *text;
    const char *expected; // behind https://id.gs1.org/; NULL: stays as it is
};

static void assert_pairs(const struct pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct buf out = {0}, expected = {0};
        buf_append_string(&out, "before ");
        buf_append_string(&expected, "before ");
        if (pairs[i].expected) buf_append_format(&expected, GS1 "%s", pairs[i].expected);
        bool fits = identifier_canonicalise(&out, bytes_of_string(pairs[i].text));
        ck_assert_msg(fits == (pairs[i].expected != NULL), "%s", pairs[i].text);
        ck_assert_str_eq(buf_as_string(&out), buf_as_string(&expected));
        buf_clear(&out);
        buf_clear(&expected);
    }
}
#define ASSERT_PAIRS(pairs) assert_pairs(pairs, sizeof(pairs) / sizeof(*(pairs)))

static const struct pair urns[] = {
    {"urn:epc:id:sgtin:4012345.011111.9876", "01/04012345111118/21/9876"},
    {"urn:epc:id:sgtin:415056789012.0.987654", "01/04150567890128/21/987654"},
    {"urn:epc:id:sgtin:123456.1234567.A", "01/11234562345675/21/A"},
    {"urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()",
     "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29"},
    {"urn:epc:id:sgtin:0614141.812345.a.b*c+d,e:f", "01/80614141123458/21/a.b%2Ac%2Bd%2Ce%3Af"},
    {"urn:epc:id:sgtin:4012345.01111.9876", NULL},
    {"urn:epc:id:sgtin:4012345.0111111.9876", NULL},
    {"urn:epc:id:sgtin:40123.01111111.9876", NULL},
    {"urn:epc:id:sgtin:4012345678901..9876", NULL},
    {"urn:epc:id:sgtin:4012345.011111.", NULL},
    {"urn:epc:id:sgtin:4012345.011111", NULL},
    {"urn:epc:id:sgtin:401234a.011111.1", NULL},
    {"urn:epc:id:sgtin:4012345.011111.a/b", NULL},
    {"urn:epc:id:sgtin:4012345.011111.a#b", NULL},
    {"urn:epc:id:sgtin:4012345.011111.a%2", NULL},
    {"urn:epc:id:sgtin:4012345.011111.a%23", NULL},
    {"urn:epc:id:sgtin:4012345.011111.12345678901234567890",
     "01/04012345111118/21/12345678901234567890"},
    {"urn:epc:id:sgtin:4012345.011111.123456789012345678901", NULL},
    {"urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB",
     "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB"},
    {"urn:epc:id:upui:1234567.098765.12345678901234567890123456789", NULL},
    {"urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987"},
    {"urn:epc:id:itip:4012345.011111.1.02.987", NULL},
    {"urn:epc:id:itip:4012345.011111.01.987", NULL},
    {"urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111"},
    {"urn:epc:id:sscc:4012345.311111111", NULL},
    {"urn:epc:id:sscc:4012345.3111111111.1", NULL},
    {"urn:epc:id:sgln:4012345.00005.122", "414/4012345000054/254/122"},
    {"urn:epc:id:sgln:4012345.00005.0", "414/4012345000054"},
    {"urn:epc:id:sgln:4012345.00005.00", "414/4012345000054/254/00"},
    {"urn:epc:id:sgln:401234500005..0", "414/4012345000054"},
    {"urn:epc:id:sgln:4012345.00005", NULL},
    {"urn:epc:id:pgln:4000001.00000", "417/4000001000005"},
    {"urn:epc:id:pgln:999999999999.", "417/9999999999994"},
    {"urn:epc:id:pgln:4000001.0000", NULL},
    {"urn:epc:id:pgln:4000001.00000.0", NULL},
    {"urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"},
    {"urn:epc:id:grai:4012345.00022.12345678901234567", NULL},
    {"urn:epc:id:giai:4012345.ABC345", "8004/4012345ABC345"},
    {"urn:epc:id:giai:4012345.a.b", "8004/4012345a.b"},
    {"urn:epc:id:giai:4012345.12345678901234567890123", "8004/401234512345678901234567890123"},
    {"urn:epc:id:giai:4012345.123456789012345678901234", NULL},
    {"urn:epc:id:giai:4012345.", NULL},
    {"urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"},
    {"urn:epc:id:ginc:06141.xyz", NULL},
    {"urn:epc:id:gsrn:4012345.0000006765", "8018/401234500000067657"},
    {"urn:epc:id:gsrn:4012345.000000676", NULL},
    {"urn:epc:id:gsrnp:4012345.0000000007", "8017/401234500000000074"},
    {"urn:epc:id:gsrnp:4012345.000000000x", NULL},
    {"urn:epc:id:gdti:4012345.00009.PO-4711", "253/4012345000092PO-4711"},
    {"urn:epc:id:gdti:987659999999..9", "253/98765999999929"},
    {"urn:epc:id:gdti:4012345.00009", NULL},
    {"urn:epc:id:sgcn:4012345.00009.123456789012", "255/4012345000092123456789012"},
    {"urn:epc:id:sgcn:4012345.00009.12a", NULL},
    {"urn:epc:id:sgcn:4012345.00009.1234567890123", NULL},
    {"urn:epc:id:gsin:4012345.222333444", "402/40123452223334442"},
    {"urn:epc:id:gsin:4012345.22233344", NULL},
    {"urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234",
     "8010/061414111111111111111-A%23%2F/8011/1234"},
    {"urn:epc:id:cpi:0614141.ab.1234", NULL},
    {"urn:epc:id:cpi:0614141.AB.12x", NULL},
    {"urn:epc:id:cpi:0614141.AB.1234567890123", NULL},
    {"urn:epc:id:cpi:0614141.AB", NULL},
    {"urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987"},
    {"urn:epc:class:lgtin:4012345.01234.Lot987", NULL},
    {"urn:epc:class:sgtin:4012345.012345.Lot987", NULL},
    {"urn:epc:id:lgtin:4012345.012345.Lot987", NULL},
    {"urn:epc:id:sgtin:4012345.011111.*", "01/04012345111118/21/%2A"},
    {"urn:epc:id:unknown:4012345.011111.1", NULL},
    {"urn:epc:id:sgtin", NULL},
    {"urn:epc:tag:sgtin-96:3.4012345.011111.1", NULL},
    {"URN:EPC:ID:SGTIN:4012345.011111.9876", NULL},
    {"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", NULL},
    {"urn:", NULL},
    {"", NULL},
};

static const struct pair patterns[] = {
    {"urn:epc:idpat:sgtin:4012345.066666.*", "01/04012345666663"},
    {"urn:epc:idpat:upui:4012345.066666.*", "01/04012345666663"},
    {"urn:epc:idpat:itip:4012345.011111.01.02.*", "8006/040123451111180102"},
    {"urn:epc:idpat:grai:4012345.00022.*", "8003/04012345000221"},
    {"urn:epc:idpat:gdti:4012345.00009.*", "253/4012345000092"},
    {"urn:epc:idpat:sgcn:4012345.00009.*", "255/4012345000092"},
    {"urn:epc:idpat:cpi:0614141.AB%2F.*", "8010/0614141AB%2F"},
    {"urn:epc:idpat:sgtin:4012345.*.*", NULL},
    {"urn:epc:idpat:sgtin:4012345.066666.1", NULL},
    {"urn:epc:idpat:sgtin:4012345.066666.1*", NULL},
    {"urn:epc:idpat:sgtin:4012345.066666.**", NULL},
    {"urn:epc:idpat:sgtin:4012345.06666.*", NULL},
    {"urn:epc:idpat:sscc:4012345.*", NULL},
    {"urn:epc:idpat:sgln:4012345.00005.*", NULL},
    {"urn:epc:idpat:giai:4012345.*", NULL},
    {"urn:epc:idpat:gsrn:4012345.*", NULL},
};

static const struct pair links[] = {
    {"https://id.gs1.org/00/340123451111111111", "00/340123451111111111"},
    {"https://id.gs1.org/00/34012345111111111", NULL},
    {"https://id.gs1.org/01/04012345111118", "01/04012345111118"},
    {"https://example.com/some/path/gtin/04012345111118?a=b#c", "01/04012345111118"},
    {"http://example.com/01/4012345111118", "01/04012345111118"},
    {"http://example.com/01/012345678905", "01/00012345678905"},
    {"http://example.com/01/12345670", "01/00000012345670"},
    {"http://example.com/01/123456789", NULL},
    {"http://example.com/01/040123451111189", NULL},
    {"https://e.org/01/04012345111118/21/A-1", "01/04012345111118/21/A-1"},
    {"https://e.org/01/04012345111118/ser/A-1", "01/04012345111118/21/A-1"},
    {"https://e.org/01/04012345111118/10/L", "01/04012345111118/10/L"},
    {"https://e.org/01/04012345111118/lot/L", "01/04012345111118/10/L"},
    {"https://e.org/01/04012345111118/22/V", "01/04012345111118"},
    {"https://e.org/01/04012345111118/cpv/V/lot/L/ser/S", "01/04012345111118/21/S"},
    {"https://e.org/01/04012345111118/22/V/10/L", "01/04012345111118/10/L"},
    {"https://e.org/01/04012345111118/235/T", "01/04012345111118/235/T"},
    {"https://e.org/01/04012345111118/22/V/235/T", "01/04012345111118/235/T"},
    {"https://e.org/01/04012345111118/235/1234567890123456789012345678",
     "01/04012345111118/235/1234567890123456789012345678"},
    {"https://e.org/01/04012345111118/235/12345678901234567890123456789", NULL},
    {"https://e.org/01/04012345111118/10/L/235/T", NULL},
    {"https://e.org/01/04012345111118/21/S/10/L", NULL},
    {"https://e.org/01/04012345111118/99/S", NULL},
    {"https://e.org/01/04012345111118/", NULL},
    {"https://e.org/01/04012345111118/21", NULL},
    {"https://e.org/01/04012345111118/21/a%2Fb", NULL},
    {"https://e.org/01/04012345111118/21/123456789012345678901", NULL},
    {"https://e.org/01/04012345111118/21/12345678901234567890",
     "01/04012345111118/21/12345678901234567890"},
    {"https://e.org/01/0401234511111x", NULL},
    {"https://e.org/253/4012345000092PO-4711", "253/4012345000092PO-4711"},
    {"https://e.org/gdti/4012345000092", "253/4012345000092"},
    {"https://e.org/253/4012345000092123456789012345678", NULL},
    {"https://e.org/253/401234500009", NULL},
    {"https://e.org/255/4012345000092123", "255/4012345000092123"},
    {"https://e.org/gcn/4012345000092", "255/4012345000092"},
    {"https://e.org/255/4012345000092A", NULL},
    {"https://e.org/401/0614141xyz", "401/0614141xyz"},
    {"https://e.org/ginc/061414112345678901234567890123", "401/061414112345678901234567890123"},
    {"https://e.org/401/0614141123456789012345678901234", NULL},
    {"https://e.org/402/40123452223334442", "402/40123452223334442"},
    {"https://e.org/gsin/40123452223334442", "402/40123452223334442"},
    {"https://e.org/402/4012345222333444", NULL},
    {"https://e.org/414/4012345000054", "414/4012345000054"},
    {"https://e.org/gln/4012345000054/254/1.2", "414/4012345000054/254/1.2"},
    {"https://e.org/414/4012345000054/21/1", NULL},
    {"https://e.org/417/4000001000005", "417/4000001000005"},
    {"https://e.org/party/4000001000005", "417/4000001000005"},
    {"https://e.org/417/4000001000005/254/1", NULL},
    {"https://e.org/8003/04012345000221334455", "8003/04012345000221334455"},
    {"https://e.org/grai/04012345000221", "8003/04012345000221"},
    {"https://e.org/8003/0401234500022112345678901234567", NULL},
    {"https://e.org/8004/4012345ABC", "8004/4012345ABC"},
    {"https://e.org/giai/4012345ABC", "8004/4012345ABC"},
    {"https://e.org/8004/4012345A+C", NULL},
    {"https://e.org/8006/040123451111180102/21/9", "8006/040123451111180102/21/9"},
    {"https://e.org/itip/040123451111180102/22/V/10/L/21/9", "8006/040123451111180102/21/9"},
    {"https://e.org/8006/040123451111180102/10/L", "8006/040123451111180102/10/L"},
    {"https://e.org/8006/040123451111180102", "8006/040123451111180102"},
    {"https://e.org/8006/040123451111180102/235/L", NULL},
    {"https://e.org/8010/0614141AB/8011/1234", "8010/0614141AB/8011/1234"},
    {"https://e.org/cpid/0614141A-B/C", "8010/0614141A-B/C"},
    {"https://e.org/8010/0614141ab", NULL},
    {"https://e.org/8010/0614141AB/8011/1234567890123", "8010/0614141AB/8011/1234567890123"},
    {"https://e.org/8010/0614141AB/8011/12345678901234567", NULL},
    {"https://e.org/8010/0614141ABCDEFGHIJKLMNOPQRSTUVWX", NULL},
    {"https://e.org/8017/401234500000000074", "8017/401234500000000074"},
    {"https://e.org/gsrnp/401234500000000074", "8017/401234500000000074"},
    {"https://e.org/8017/40123450000000007", NULL},
    {"https://e.org/8018/401234500000067657", "8018/401234500000067657"},
    {"https://e.org/gsrn/401234500000067657/8019/1", NULL},
    {"https://e.org/sscc/340123451111111111", "00/340123451111111111"},
    {"https://e.org/01/foo/00/340123451111111111", "00/340123451111111111"},
    {"https://e.org/414/01/04012345111118", "01/04012345111118"},
    {"https://e.org/x?/01/04012345111118", NULL},
    {"https://e.org#/01/04012345111118", NULL},
    {"https:///01/04012345111118", NULL},
    {"https://e.org", NULL},
    {"https://e.org/01", NULL},
    {"https://e.org/01/", NULL},
    {"ftp://e.org/01/04012345111118", NULL},
    {"//e.org/01/04012345111118", NULL},
};

START_TEST(urns_become_digital_links) { ASSERT_PAIRS(urns); }
END_TEST
START_TEST(patterns_become_the_class_they_stand_for) { ASSERT_PAIRS(patterns); }
END_TEST
START_TEST(links_of_every_form_become_canonical) { ASSERT_PAIRS(links); }
END_TEST

START_TEST(a_canonical_link_stays_as_it_is) {
    // Escapes come from URNs only; a link that has them stays as written anyway.
    for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
        struct buf once = {0}, twice = {0};
        if (!identifier_canonicalise(&once, bytes_of_string(links[i].text))) continue;
        ck_assert(identifier_canonicalise(&twice, buf_bytes(&once)));
        ck_assert_str_eq(buf_as_string(&twice), buf_as_string(&once));
        buf_clear(&once);
        buf_clear(&twice);
    }
}
END_TEST

START_TEST(no_truncation_and_no_flipped_bit_does_harm) {
    for (size_t i = 0; i < sizeof(urns) / sizeof(*urns); i++) {
        struct buf copy = {0}, out = {0};
        size_t len = strlen(urns[i].text);
        for (size_t cut = 0; cut <= len; cut++) {
            buf_clear(&copy);
            buf_append(&copy, bytes_of(urns[i].text, cut));
            bool fits = identifier_canonicalise(&out, buf_bytes(&copy));
            ck_assert(fits || out.len == 0);
            buf_reset(&out);
        }
        for (size_t bit = 0; bit < len * 8; bit++) {
            copy.data[bit / 8] = (uint8_t)(copy.data[bit / 8] ^ 1 << bit % 8);
            bool fits = identifier_canonicalise(&out, buf_bytes(&copy));
            ck_assert(fits || out.len == 0);
            buf_reset(&out);
            copy.data[bit / 8] = (uint8_t)(copy.data[bit / 8] ^ 1 << bit % 8);
        }
        buf_clear(&copy);
        buf_clear(&out);
    }
}
END_TEST

START_TEST(element_strings_become_the_link_of_their_key) {
    static const struct pair cases[] = {
        {"(01)09521321123457(10)A-7", "01/09521321123457/10/A-7"},
        {"(01)09521321123457 (17)261231 (10)A-7  (21)8100 ", "01/09521321123457/21/8100"},
        {"(10)A-7(01)09521321123457", "01/09521321123457/10/A-7"},
        {"(17)261231(01)9521321123457", "01/09521321123457"},
        {"(00)095213211234567897", "00/095213211234567897"},
        {"(414)9521321000036(254)12", "414/9521321000036/254/12"},
        {"(17)261231(10)A-7", NULL},
        {"(01)0952132112345X", NULL},
        {"(01)", NULL},
        {"(01)09521321123457(10", NULL},
        {"(01)09521321123457 A-7", NULL},
        {"(01)09521321123457(10)A/7", NULL},
        {"(01)09521321123457(10)A?7", NULL},
        {"(x1)09521321123457", NULL},
        {"09521321123457", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf out = {0}, expected = {0};
        if (cases[i].expected) buf_append_format(&expected, GS1 "%s", cases[i].expected);
        bool is_one = identifier_of_elements(&out, bytes_of_string(cases[i].text));
        ck_assert_msg(is_one == (cases[i].expected != NULL), "%s", cases[i].text);
        ck_assert_str_eq(buf_as_string(&out), buf_as_string(&expected));
        buf_clear(&out);
        buf_clear(&expected);
    }
}
END_TEST

START_TEST(a_patterns_prefix_starts_what_it_matches) {
    static const struct pair cases[] = {
        {"urn:epc:idpat:sgtin:4012345.066666.*", "01/04012345666663/21/"},
        {"urn:epc:idpat:upui:4012345.066666.*", "01/04012345666663/235/"},
        {"urn:epc:idpat:itip:4012345.011111.01.02.*", "8006/040123451111180102/21/"},
        {"urn:epc:idpat:grai:4012345.00022.*", "8003/04012345000221"},
        {"urn:epc:idpat:cpi:0614141.AB.*", "8010/0614141AB/8011/"},
        {"urn:epc:idpat:sgtin:4012345.*.*", NULL},
        {"urn:epc:id:sgtin:4012345.066666.1", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf out = {0}, expected = {0};
        if (cases[i].expected) buf_append_format(&expected, GS1 "%s", cases[i].expected);
        ck_assert_int_eq(identifier_pattern_prefix(&out, bytes_of_string(cases[i].text)),
                         cases[i].expected != NULL);
        ck_assert_str_eq(buf_as_string(&out), buf_as_string(&expected));
        buf_clear(&out);
        buf_clear(&expected);
    }
    ck_assert(identifier_is_pattern(bytes_of_string("urn:epc:idpat:sgtin:4012345.*.*")));
    ck_assert(!identifier_is_pattern(bytes_of_string("urn:epc:id:sgtin:4012345.066666.1")));
}
END_TEST

Suite *identifier_suite(void) {
    Suite *suite = suite_create("identifier");
    TCase *tcase = tcase_create("identifier");
    tcase_add_test(tcase, urns_become_digital_links);
    tcase_add_test(tcase, patterns_become_the_class_they_stand_for);
    tcase_add_test(tcase, links_of_every_form_become_canonical);
    tcase_add_test(tcase, a_canonical_link_stays_as_it_is);
    tcase_add_test(tcase, no_truncation_and_no_flipped_bit_does_harm);
    tcase_add_test(tcase, a_patterns_prefix_starts_what_it_matches);
    tcase_add_test(tcase, element_strings_become_the_link_of_their_key);
    suite_add_tcase(suite, tcase);
    return suite;
}
