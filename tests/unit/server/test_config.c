// SPDX-License-Identifier: Apache-2.0
// Values from the command line, the environment, a file and the table, and what is said of wrong
// ones.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/common/server/config.h"
#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"
#include "tests/support/unit.h"
#include "tests/unit/server/suites.h"

enum { CONFIG, COLOUR, SIZE, LOUD, STORE, ONCE, ROWS };

static const struct config_option table[ROWS] = {
    [CONFIG] = {"config", "FILE", NULL, "the file", CONFIG_NOT_IN_FILE, false},
    [COLOUR] = {"back-colour", "NAME", "green", "what it looks like", CONFIG_EVERYWHERE, false},
    [SIZE] = {"size", "NUMBER", NULL, "how large", CONFIG_EVERYWHERE, false},
    [LOUD] = {"loud", NULL, NULL, "be heard", CONFIG_EVERYWHERE, false},
    [STORE] = {"store", "URL", NULL, "where", CONFIG_EVERYWHERE, true},
    [ONCE] = {"once", NULL, NULL, "this time", CONFIG_FLAG_ALONE, false},
};

static struct config config;
static char path[] = "/tmp/lmm-config-XXXXXX";

static void set_up(void) {
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    config = (struct config){0};
}

static void tear_down(void) {
    config_clear(&config);
    unlink(path);
}

#define read_flags(...) read_list((char *[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
static void read_list(char *const *flags) {
    config_clear(&config);
    config_read(&config, table, ROWS, flags);
}

static void read_text(const char *text) {
    assert_ok(file_replace(path, bytes_of_string(text), 0600));
    read_flags("--config", path);
}

static const char *faults(void) { return buf_as_string(&config.faults); }

// The faults without the file's name.
static const char *file_faults(void) {
    static char out[4096];
    size_t len = 0;
    for (const char *at = faults(); *at; at++) {
        if (strncmp(at, path, strlen(path)) == 0) at += strlen(path);
        ck_assert_uint_lt(len + 1, sizeof out);
        out[len++] = *at;
    }
    out[len] = '\0';
    return out;
}

START_TEST(the_command_line_goes_over_the_environment_over_the_file_over_the_default) {
    read_flags();
    ck_assert_str_eq(config_text(&config, COLOUR), "green");
    ck_assert_ptr_null(config_text(&config, SIZE));
    read_text("back-colour = red\n");
    ck_assert_str_eq(config_text(&config, COLOUR), "red");
    setenv("LMM_BACK_COLOUR", "blue", 1);
    read_flags("--config", path);
    ck_assert_str_eq(config_text(&config, COLOUR), "blue");
    read_flags("--back-colour", "white", "--config", path);
    ck_assert_str_eq(config_text(&config, COLOUR), "white");
    // A variable that is empty says nothing.
    setenv("LMM_BACK_COLOUR", "", 1);
    read_flags("--config", path);
    ck_assert_str_eq(config_text(&config, COLOUR), "red");
    setenv("LMM_CONFIG", path, 1);
    read_flags();
    ck_assert_str_eq(config_text(&config, COLOUR), "red");
    ck_assert_str_eq(faults(), "");
    unsetenv("LMM_CONFIG");
    unsetenv("LMM_BACK_COLOUR");
}
END_TEST

START_TEST(a_file_is_lines_of_key_and_value) {
    read_text("# a comment = no value\n\n  back-colour =  two words # and all  \r\n\tloud=yes\n"
              "store = postgresql://a?b=c");
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(config_text(&config, COLOUR), "two words # and all");
    ck_assert(config_switch(&config, LOUD));
    ck_assert_str_eq(config_text(&config, STORE), "postgresql://a?b=c");
    ck_assert_uint_eq(config.values[STORE].line, 5);
}
END_TEST

START_TEST(every_fault_of_a_file_is_told_with_its_line) {
    read_text("size = 1\nnonsense\ncolour = red\n= 1\nsize = 2\nonce = yes\nconfig = x\nloud =\n");
    ck_assert_str_eq(file_faults(), ":2: not a line of the form key = value\n"
                                    ":3: colour: there is no such option in a file\n"
                                    ":4: not a line of the form key = value\n"
                                    ":5: size: is set twice, first in line 1\n"
                                    ":6: once: there is no such option in a file\n"
                                    ":7: config: there is no such option in a file\n"
                                    ":8: loud: needs a value\n");
}
END_TEST

START_TEST(a_file_that_is_hidden_by_flags_is_still_checked) {
    assert_ok(file_replace(path, bytes_of_string("size = 1\nsize = 2\nwrong = 3\n"), 0600));
    read_flags("--config", path, "--size", "7");
    ck_assert_str_eq(file_faults(), ":2: size: is set twice, first in line 1\n"
                                    ":3: wrong: there is no such option in a file\n");
    ck_assert_str_eq(config_text(&config, SIZE), "7");
}
END_TEST

START_TEST(a_file_is_text_and_bounded) {
    struct buf text = {0};
    while (text.len < LIMIT_CONFIG_BYTES) buf_append_byte(&text, '#');
    assert_ok(file_replace(path, buf_bytes(&text), 0600));
    read_flags("--config", path);
    ck_assert_str_eq(faults(), "");
    buf_append_byte(&text, '#');
    assert_ok(file_replace(path, buf_bytes(&text), 0600));
    read_flags("--config", path);
    ck_assert_str_eq(file_faults(), ": is larger than 65536 bytes\n");
    read_text("size = \xff\n");
    ck_assert_str_eq(file_faults(), ": is not a text in UTF-8\n");
    assert_ok(file_replace(path, bytes_of("size = 1\0 2", 11), 0600));
    read_flags("--config", path);
    ck_assert_str_eq(file_faults(), ": is not a text in UTF-8\n");
    read_text("back-colour = a\x1b[2J\n");
    ck_assert_str_eq(file_faults(), ":1: back-colour: holds a control character\n");
    read_text("");
    ck_assert_str_eq(faults(), "");
    read_flags("--config", "/nowhere/at/all");
    ck_assert_str_eq(faults(), "/nowhere/at/all: cannot be read: no such thing\n");
    buf_clear(&text);
}
END_TEST

START_TEST(flags_are_known_once_and_have_their_values) {
    read_flags("--back-colour=a=b", "--loud", "--once=no", "--size", "--loud");
    ck_assert_str_eq(config_text(&config, COLOUR), "a=b");
    ck_assert(config_switch(&config, LOUD));
    ck_assert(!config_switch(&config, ONCE));
    ck_assert_str_eq(config_text(&config, SIZE), "--loud");
    ck_assert_str_eq(faults(), "");
    read_flags("--color", "--size", "1", "stray", "-s", "--", "--size=2",
               "--store=", "--loud=maybe", "--back-colour");
    config_switch(&config, LOUD);
    ck_assert_str_eq(faults(), "--color: there is no such flag\n"
                               "stray: there is no such flag\n"
                               "-s: there is no such flag\n"
                               "--: there is no such flag\n"
                               "--size: is given twice\n"
                               "--store: needs a value\n"
                               "--back-colour: needs a value\n"
                               "--loud: is yes or no, not maybe\n");
}
END_TEST

START_TEST(numbers_and_texts_have_bounds) {
    static const char *const bad[] = {
        "9", "1001", "-20", "+20", "20 ", "0x20", "two", "20.0", "99999999999999999999999"};
    char text[4];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_flags("--size", (char *)bad[i]);
        ck_assert_uint_eq(config_number(&config, SIZE, 10, 1000), 10);
        ck_assert_ptr_nonnull(strstr(faults(), "--size: is a whole number from 10 to 1000, not "));
    }
    read_flags("--size", "1000", "--store", "abc");
    ck_assert_uint_eq(config_number(&config, SIZE, 10, 1000), 1000);
    config_copy(&config, STORE, text, sizeof text);
    ck_assert_str_eq(text, "abc");
    config_copy(&config, COLOUR, text, sizeof text);
    ck_assert_str_eq(text, "");
    ck_assert_str_eq(faults(), "--back-colour: is longer than 3 bytes\n");
    setenv("LMM_SIZE", "x", 1);
    read_flags();
    config_number(&config, SIZE, 0, 1);
    ck_assert_str_eq(faults(), "LMM_SIZE: is a whole number from 0 to 1, not x\n");
    unsetenv("LMM_SIZE");
}
END_TEST

START_TEST(what_is_printed_names_origins_and_reads_as_a_file) {
    struct buf shown = {0}, wanted = {0};
    setenv("LMM_LOUD", "yes", 1);
    assert_ok(file_replace(path, bytes_of_string("\nsize = 12\n"), 0600));
    read_flags("--config", path, "--store", "sqlite:a:b@c", "--once");
    config_print(&config, &shown);
    buf_append_format(&wanted,
                      "# default\nback-colour = green\n# file %s:2\nsize = 12\n"
                      "# environment LMM_LOUD\nloud = yes\n# flag --store\nstore = sqlite:a:b@c\n",
                      path);
    ck_assert_str_eq(buf_as_string(&shown), buf_as_string(&wanted));
    unsetenv("LMM_LOUD");
    read_text(buf_as_string(&shown));
    ck_assert_str_eq(faults(), "");
    ck_assert_str_eq(config_text(&config, SIZE), "12");
    buf_clear(&shown);
    buf_clear(&wanted);
}
END_TEST

START_TEST(passwords_are_not_printed) {
    static const char *const cases[][2] = {
        {"postgresql://user:secret@host:5432/db", "postgresql://user:***@host:5432/db"},
        {"postgresql://user:sec@ret@host/db", "postgresql://user:***@host/db"},
        {"postgresql://user@host/db", "postgresql://user@host/db"},
        {"postgresql://host:5432/db", "postgresql://host:5432/db"},
        {"postgresql://user:secret@/db?host=/run", "postgresql://user:***@/db?***"},
        {"postgresql:///db?pass%77ord=secret", "postgresql:///db?***"},
        {"sqlite:/a/b.db", "sqlite:/a/b.db"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf shown = {0};
        char line[128];
        read_flags("--store", (char *)cases[i][0]);
        config_print(&config, &shown);
        snprintf(line, sizeof line, "\nstore = %s\n", cases[i][1]);
        ck_assert_msg(strstr(buf_as_string(&shown), line) != NULL, "%s", buf_as_string(&shown));
        buf_clear(&shown);
    }
}
END_TEST

START_TEST(the_help_comes_from_the_table) {
    struct buf shown = {0};
    read_flags();
    config_help(&config, &shown);
    ck_assert_ptr_nonnull(strstr(
        buf_as_string(&shown),
        "  --back-colour NAME\n      what it looks like (green); LMM_BACK_COLOUR; in a file\n"));
    ck_assert_ptr_nonnull(strstr(buf_as_string(&shown), "  --once\n      this time\n"));
    buf_clear(&shown);
}
END_TEST

Suite *config_suite(void) {
    Suite *suite = suite_create("config");
    TCase *cases = tcase_create("config");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases,
                   the_command_line_goes_over_the_environment_over_the_file_over_the_default);
    tcase_add_test(cases, a_file_is_lines_of_key_and_value);
    tcase_add_test(cases, every_fault_of_a_file_is_told_with_its_line);
    tcase_add_test(cases, a_file_that_is_hidden_by_flags_is_still_checked);
    tcase_add_test(cases, a_file_is_text_and_bounded);
    tcase_add_test(cases, flags_are_known_once_and_have_their_values);
    tcase_add_test(cases, numbers_and_texts_have_bounds);
    tcase_add_test(cases, what_is_printed_names_origins_and_reads_as_a_file);
    tcase_add_test(cases, passwords_are_not_printed);
    tcase_add_test(cases, the_help_comes_from_the_table);
    suite_add_tcase(suite, cases);
    return suite;
}
