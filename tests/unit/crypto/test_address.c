// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/crypto/address.h"
#include "chaincore/crypto/bech32m.h"
#include "tests/unit/crypto/vectors.h"

Suite *address_suite(void);

static struct arena arena;

static void tear_down(void) { arena_clear(&arena); }

static enum status decode(struct bech32m *out, const char *text) {
    return bech32m_decode(out, bytes_of_string(text));
}

static void assert_reads_back(const char *text) {
    struct bech32m whole;
    char again[BECH32M_TEXT_MAX + 1], lower[BECH32M_TEXT_MAX + 1] = {0};
    assert_ok(decode(&whole, text));
    assert_ok(bech32m_encode(again, &whole));
    for (size_t i = 0; text[i]; i++) lower[i] = (char)tolower(text[i]);
    ck_assert_str_eq(again, lower);
}

// A segregated witness address as BIP-350 has it, of the versions that use Bech32m. Writes the
// program's script in hex.
static bool read_segwit(char script[2 * 42 + 1], const char *text) {
    struct bech32m whole;
    uint8_t program[42];
    size_t len;
    if (decode(&whole, text) != STATUS_OK) return false;
    if (strcmp(whole.prefix, "bc") != 0 && strcmp(whole.prefix, "tb") != 0) return false;
    if (whole.value_count == 0 || whole.values[0] == 0 || whole.values[0] > 16) return false;
    if (bech32m_take_bytes(program + 2, &len, 40, &whole, 1) != STATUS_OK || len < 2) return false;
    program[0] = (uint8_t)(0x50 + whole.values[0]);
    program[1] = (uint8_t)len;
    hex_encode(script, bytes_of(program, len + 2));
    return true;
}

enum section { OTHER, VALID, INVALID, SEGWIT_VALID, SEGWIT_INVALID, SECTIONS };

static enum section section_after(enum section now, const char *line) {
    static const char *const openings[SECTIONS] = {
        [VALID] = "The following strings are valid Bech32m",
        [INVALID] = "The following string are not valid Bech32m",
        [SEGWIT_VALID] = "The following list gives valid segwit addresses",
        [SEGWIT_INVALID] = "The following list gives invalid segwit addresses"};
    for (enum section i = VALID; i < SECTIONS; i++)
        if (strncmp(line, openings[i], strlen(openings[i])) == 0) return i;
    return now;
}

static void check_invalid(const char *line, const char *text) {
    struct bech32m whole;
    // Some carry a first character that cannot be printed: 0x7F + <tt>…</tt>.
    if (strncmp(line, "* 0x", 4) == 0)
        text = arena_format(&arena, "%c%s", (int)strtoul(line + 4, NULL, 16), text);
    enum status status = decode(&whole, text);
    ck_assert_msg(status == STATUS_MALFORMED || status == STATUS_TOO_LARGE ||
                      status == STATUS_INVALID,
                  "%s: %s", text, status_name(status));
}

static void check_segwit_valid(const char *text, const char *script) {
    char read[2 * 42 + 1];
    struct bech32m whole;
    // Version 0 has the checksum of the older Bech32, which is never one of Bech32m.
    if (strncmp(script, "00", 2) == 0) {
        assert_status(decode(&whole, text), STATUS_INVALID);
        return;
    }
    ck_assert(read_segwit(read, text));
    ck_assert_str_eq(read, script);
    assert_reads_back(text);
}

START_TEST(bip_350_has_its_vectors_all_as_expected) {
    size_t counts[SECTIONS] = {0};
    enum section section = OTHER;
    char *text = vectors_text(&arena, "bip-0350_bech32m_vectors.mediawiki"), *line;
    if (!text) return;
    while ((line = vectors_next_line(&text))) {
        char script[2 * 42 + 1], *rest = line, *first, *second;
        section = section_after(section, line);
        if (strncmp(line, "* ", 2) != 0 || !(first = vectors_next_tt(&rest))) continue;
        counts[section]++;
        switch (section) {
        case VALID:
            assert_reads_back(first);
            break;
        case INVALID:
            check_invalid(line, first);
            break;
        case SEGWIT_VALID:
            second = vectors_next_tt(&rest);
            ck_assert_ptr_nonnull(second);
            check_segwit_valid(first, second);
            break;
        case SEGWIT_INVALID:
            ck_assert_msg(!read_segwit(script, first), "%s", first);
            break;
        case OTHER:
        case SECTIONS:
            ck_abort_msg("a vector outside the sections: %s", line);
        }
    }
    printf("bip-0350: %zu of 7 valid, %zu of 14 invalid, segwit %zu of 8 and %zu of 15\n",
           counts[VALID], counts[INVALID], counts[SEGWIT_VALID], counts[SEGWIT_INVALID]);
    ck_assert_uint_eq(counts[VALID], 7);
    ck_assert_uint_eq(counts[INVALID], 14);
    ck_assert_uint_eq(counts[SEGWIT_VALID], 8);
    ck_assert_uint_eq(counts[SEGWIT_INVALID], 15);
}
END_TEST

START_TEST(bech32m_writes_nothing_that_it_would_not_read) {
    static const struct bech32m bad[] = {
        {.prefix = "", .value_count = 1},
        {.prefix = "Upper", .value_count = 1},
        {.prefix = "sp ace", .value_count = 1},
        {.prefix = "high\x80", .value_count = 1},
        {.prefix = "good", .values = {32}, .value_count = 1},
    };
    char text[BECH32M_TEXT_MAX + 1];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_status(bech32m_encode(text, &bad[i]), STATUS_MALFORMED);
    struct bech32m whole = {.prefix = "good", .values = {31}, .value_count = 90 - 4 - 1 - 6};
    assert_ok(bech32m_encode(text, &whole));
    ck_assert_uint_eq(strlen(text), BECH32M_TEXT_MAX);
    assert_reads_back(text);
    whole.value_count++;
    assert_status(bech32m_encode(text, &whole), STATUS_TOO_LARGE);
    whole.value_count = SIZE_MAX;
    assert_status(bech32m_encode(text, &whole), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(bytes_of_any_length_come_back_from_their_values) {
    uint8_t in[60], out[60];
    for (size_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i * 37 + 11);
    for (size_t len = 0; len <= 51; len++) {
        struct bech32m whole = {.prefix = "x"};
        size_t out_len = 99;
        assert_ok(bech32m_put_bytes(&whole, bytes_of(in, len)));
        ck_assert_uint_eq(whole.value_count, (len * 8 + 4) / 5);
        assert_ok(bech32m_take_bytes(out, &out_len, sizeof out, &whole, 0));
        assert_bytes_equal(bytes_of(out, out_len), bytes_of(in, len));
        if (len > 0)
            assert_status(bech32m_take_bytes(out, &out_len, len - 1, &whole, 0), STATUS_TOO_LARGE);
    }
    struct bech32m whole = {.prefix = "x"};
    assert_status(bech32m_put_bytes(&whole, bytes_of(in, 52)), STATUS_TOO_LARGE);
    ck_assert_uint_eq(whole.value_count, 0);
}
END_TEST

// Made by another implementation of Bech32m, of the bytes 0 to 31.
static const char golden[] = "lmm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0spw6mgk";

static enum status decode_address(const char *text) {
    uint8_t id[ACCOUNT_ID_BYTES];
    return address_decode(id, bytes_of_string(text));
}

START_TEST(an_address_has_its_golden_text_and_reads_back_in_either_case) {
    uint8_t id[ACCOUNT_ID_BYTES], read[ACCOUNT_ID_BYTES];
    char text[ADDRESS_CHARS + 1];
    for (size_t i = 0; i < sizeof id; i++) id[i] = (uint8_t)i;
    address_encode(text, id);
    ck_assert_str_eq(text, golden);
    assert_ok(address_decode(read, bytes_of_string(text)));
    ck_assert_mem_eq(read, id, sizeof id);
    for (char *c = text; *c; c++) *c = (char)toupper(*c);
    memset(read, 0, sizeof read);
    assert_ok(address_decode(read, bytes_of_string(text)));
    ck_assert_mem_eq(read, id, sizeof id);
    text[5] = (char)tolower(text[5]);
    assert_status(decode_address(text), STATUS_MALFORMED);
}
END_TEST

START_TEST(the_address_of_a_key_is_that_of_its_hash) {
    struct public_key key;
    char text[ADDRESS_CHARS + 1];
    assert_ok(hex_decode(key.bytes, sizeof key.bytes,
                         "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"));
    address_of_key(text, &key);
    ck_assert_str_eq(text, "lmm1tpruednz5m9valx7uugrnxg0ln04w09s5t7jkax2gwczd0htxeeqr7va4v");
}
END_TEST

START_TEST(an_address_with_one_wrong_character_is_refused) {
    char text[ADDRESS_CHARS + 1];
    for (size_t place = 0; place < ADDRESS_CHARS; place++)
        for (int c = 1; c < 256; c++) {
            memcpy(text, golden, sizeof text);
            if ((char)c == golden[place]) continue;
            text[place] = (char)c;
            ck_assert_int_ne(decode_address(text), STATUS_OK);
        }
    memcpy(text, golden, sizeof text);
    text[20] = text[20] == 'q' ? 'p' : 'q';
    assert_status(decode_address(text), STATUS_INVALID);
}
END_TEST

START_TEST(an_address_of_another_length_prefix_or_filling_is_refused) {
    uint8_t id[ACCOUNT_ID_BYTES];
    for (size_t len = 0; len < ADDRESS_CHARS; len++)
        ck_assert_int_ne(address_decode(id, bytes_of(golden, len)), STATUS_OK);
    // The NUL behind it is not part of it.
    assert_status(address_decode(id, bytes_of(golden, sizeof golden)), STATUS_MALFORMED);
    // All of these have a good checksum.
    assert_status(decode_address("lmn1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sfnr5xa"),
                  STATUS_MALFORMED);
    assert_status(decode_address("lmm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc03ucww4y"),
                  STATUS_MALFORMED);
    assert_status(decode_address("lmm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarctfl2sr"),
                  STATUS_MALFORMED);
    assert_status(decode_address("lmm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0jqrwnzux"),
                  STATUS_TOO_LARGE);
    assert_status(decode_address("lmm1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sqaadl22"),
                  STATUS_TOO_LARGE);
}
END_TEST

Suite *address_suite(void) {
    Suite *suite = suite_create("address");
    TCase *cases = tcase_create("address");
    tcase_add_checked_fixture(cases, NULL, tear_down);
    tcase_add_test(cases, bip_350_has_its_vectors_all_as_expected);
    tcase_add_test(cases, bech32m_writes_nothing_that_it_would_not_read);
    tcase_add_test(cases, bytes_of_any_length_come_back_from_their_values);
    tcase_add_test(cases, an_address_has_its_golden_text_and_reads_back_in_either_case);
    tcase_add_test(cases, the_address_of_a_key_is_that_of_its_hash);
    tcase_add_test(cases, an_address_with_one_wrong_character_is_refused);
    tcase_add_test(cases, an_address_of_another_length_prefix_or_filling_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
