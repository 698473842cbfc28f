// SPDX-License-Identifier: Apache-2.0
// Prints the manual of a market server, out of the table of its options: print_manual PROGRAM
// SUMMARY. Part of the build alone.
#include <config.h>

#include <stdio.h>

#include "apps/common/manual/manual.h"
#include "apps/common/server/options_table.h"

static const struct {
    const char *term, *text;
} statuses[] = {
    {"0", "Stopped by SIGTERM or SIGINT: what was accepted is durable."},
    {"1", "Anything that is not below."},
    {"2", "What it was told is wrong, or genesis or keys cannot be used."},
    {"3", "The address is taken."},
    {"4", "Another process has the data folder open."},
    {"5", "Data folder or index belong to another chain, or are damaged."},
    {"134", "A block could not be written, of a full disk above all. What was final is kept."},
};

static void write_options(struct manual *manual) {
    struct config config = {.options = server_option_table, .count = SERVER_OPTIONS};
    for (size_t i = 0; i < config.count; i++) {
        const struct config_option *option = &config.options[i];
        struct buf term = {0}, text = {0};
        buf_append_format(&term, "--%s%s%s", option->name, option->argument ? " " : "",
                          option->argument ? option->argument : "");
        buf_append_format(&text, "%s.", option->help);
        if (option->fallback) buf_append_format(&text, " Else %s.", option->fallback);
        if (option->reach == CONFIG_NOT_IN_FILE) buf_append_string(&text, " Not in a file.");
        if (option->reach == CONFIG_FLAG_ALONE) buf_append_string(&text, " On the command line.");
        manual_item(manual, buf_as_string(&term), buf_as_string(&text));
        buf_clear(&term);
        buf_clear(&text);
    }
    manual_end_items(manual);
}

static void write_manual(struct manual *manual, const char *program, const char *summary) {
    struct buf synopsis = {0};
    manual_begin(manual, program, PACKAGE_VERSION, summary);
    manual_section(manual, "Synopsis");
    buf_append_format(&synopsis,
                      "%s --data DIR --devnet [OPTIONS]\n"
                      "%s --data DIR --genesis DIR --keys FILE [OPTIONS]",
                      program, program);
    manual_literal(manual, buf_as_string(&synopsis));
    buf_clear(&synopsis);
    manual_section(manual, "Description");
    manual_paragraph(manual, "A full node, the index that follows it, and the API over both. Logs "
                             "lines of JSON to standard error.");
    manual_section(manual, "Options");
    write_options(manual);
    manual_section(manual, "Environment");
    manual_paragraph(manual, "What --listen says, LMM_LISTEN says as well, and so on, but for "
                             "what belongs on the command line. The command line goes over the "
                             "environment, that over the file of --config, that over what holds "
                             "else.");
    manual_section(manual, "Exit status");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        manual_item(manual, statuses[i].term, statuses[i].text);
    manual_end_items(manual);
    manual_section(manual, "Signals");
    manual_item(manual, "SIGTERM, SIGINT", "Stop.");
    manual_item(manual, "SIGHUP", "Read certificate and key of TLS again.");
    manual_end_items(manual);
    manual_section(manual, "See also");
    manual_paragraph(manual, "lmm(1)");
}

int main(int count, char **arguments) {
    struct buf out = {0};
    struct manual manual = {.out = &out, .format = MANUAL_ROFF};
    if (count != 3) return 2;
    write_manual(&manual, arguments[1], arguments[2]);
    bool is_out = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    buf_clear(&out);
    return is_out ? 0 : 1;
}
