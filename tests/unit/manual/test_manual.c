// SPDX-License-Identifier: Apache-2.0
#include "apps/common/manual/manual.h"

#include "tests/support/unit.h"

// Everything that is markup in roff or Markdown, and a line that begins with each.
static const char hostile[] =
    ".dot\n'quote \\back -hyphen *star* _low_ `tick` <a> [b] | … 中 😀 \x80";

static void write(struct buf *out, enum manual_format format) {
    struct manual manual = {.out = out, .format = format};
    manual_begin(&manual, "lmm-x", "1.2", "what it is - in short");
    manual_section(&manual, "Options");
    manual_paragraph(&manual, hostile);
    manual_literal(&manual, ".lmm -x\n");
    manual_item(&manual, "--name VALUE", "what it means");
    manual_end_items(&manual);
}

START_TEST(roff_takes_nothing_of_a_text_for_a_command) {
    struct buf out = {0};
    write(&out, MANUAL_ROFF);
    ck_assert_str_eq(
        buf_as_string(&out),
        ".TH LMM-X 1 \"\" \"lmm-x 1.2\" \"User Commands\"\n.SH NAME\n"
        "lmm\\-x \\- what it is \\- in short\n.SH OPTIONS\n.PP\n"
        "\\&.dot\n\\&'quote \\eback \\-hyphen *star* _low_ `tick` <a> [b] | \\[u2026] \\[u4E2D] "
        "\\[u1F600] ?\n"
        ".PP\n.nf\n.RS\n\\&.lmm \\-x\n\n.RE\n.fi\n.TP\n.B \\-\\-name VALUE\nwhat it means\n");
    buf_clear(&out);
}
END_TEST

START_TEST(markdown_shows_a_text_as_it_is) {
    struct buf out = {0};
    write(&out, MANUAL_MARKDOWN);
    ck_assert_str_eq(
        buf_as_string(&out),
        "# `lmm-x`: what it is - in short\n\n## Options\n\n"
        ".dot\n'quote \\\\back -hyphen \\*star\\* \\_low\\_ \\`tick\\` \\<a\\> \\[b\\] "
        "\\| … 中 😀 \x80\n\n```\n.lmm -x\n\n```\n\n- `--name VALUE`: what it means\n");
    buf_clear(&out);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("manual");
    TCase *cases = tcase_create("manual");
    tcase_add_test(cases, roff_takes_nothing_of_a_text_for_a_command);
    tcase_add_test(cases, markdown_shows_a_text_as_it_is);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
