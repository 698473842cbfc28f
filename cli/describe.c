// SPDX-License-Identifier: Apache-2.0
#include <config.h>

#include "cli/describe.h"

#include <string.h>

#include "apps/common/manual/manual.h"

enum { MAX_LINE = 128, HELP_COLUMN = 36 };

static const char notes[] =
    "ACCOUNT, TO and CONTRACT are addresses; on a devnet a role (`lmm keys list`) does as well. "
    "FROM and KEY are a role, or a name or number of the keystore, which comes first when "
    "--keystore is given; FROM may be several, with commas between them, for an account that has "
    "several keys (--account). AMOUNT is in LMM, with up to 8 "
    "digits behind the point.";

static const struct {
    const char *term, *text;
} statuses[] = {
    {"0", "Done."},
    {"1", "Refused or failed; one sentence on standard error says why."},
    {"2", "Used wrongly: nothing was sent and nothing changed."},
};

static const struct {
    const char *term, *text;
} variables[] = {
    {"LMM_PASSPHRASE", "The passphrase of the keystore, when none of --passphrase-file and "
                       "--passphrase-fd is given. Whoever may read this process' environment "
                       "reads it."},
    {"LMM_API_KEY", "The API key, when no --api-key-file is given; on a devnet its own does."},
    {"HOME", "Where .lmm/keystore lies."},
    {"http_proxy, https_proxy, no_proxy", "As curl takes them; a node of this machine is always "
                                          "asked directly."},
};

static const struct {
    const char *term, *text;
} files[] = {
    {"~/.lmm/keystore", "The keys, sealed with a passphrase."},
    {"devnet.json", "What ./run writes: the devnet's chain, accounts and servers. Looked for in "
                    "the current folder, then beside the program."},
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void format_command(char out[MAX_LINE], const struct command_row *command) {
    snprintf(out, MAX_LINE, "%s%s%s", command->name, *command->operands ? " " : "",
             command->operands);
}

static void format_option(char out[MAX_LINE], const struct option_row *option) {
    snprintf(out, MAX_LINE, "--%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
}

static void print_row(FILE *out, const char *term, const char *help) {
    fprintf(out, "  %-*s %s\n", HELP_COLUMN, term, help);
}

bool describe_commands(FILE *out, const char *group) {
    char line[MAX_LINE];
    size_t len = group ? strlen(group) : 0;
    bool is_any = false;
    for (size_t i = 0; i < command_count; i++) {
        const char *name = command_rows[i].name;
        if (group && (strncmp(name, group, len) != 0 || name[len] != ' ')) continue;
        if (!is_any) fprintf(out, "usage: lmm COMMAND [OPERANDS] [OPTIONS]\n\n");
        is_any = true;
        format_command(line, &command_rows[i]);
        print_row(out, line, command_rows[i].help);
    }
    if (is_any)
        fprintf(out, "\n`lmm COMMAND --help` tells its options; `man lmm`, or `lmm manual "
                     "markdown`, all.\n");
    return is_any;
}

void describe_usage(FILE *out, const struct command_row *command) {
    fprintf(out, "usage: lmm %s%s%s%s\n", command->name, *command->operands ? " " : "",
            command->operands, command->options ? " [OPTIONS]" : "");
}

void describe_command(FILE *out, const struct command_row *command) {
    char line[MAX_LINE];
    describe_usage(out, command);
    fprintf(out, "\n  %s\n", command->help);
    if (command->about) fprintf(out, "\n%s\n", command->about);
    if (command->options) fprintf(out, "\n");
    for (size_t i = 0; i < option_count; i++) {
        if (!command_takes(command, i)) continue;
        format_option(line, &option_rows[i]);
        print_row(out, line, option_rows[i].help);
    }
}

static void write_command(struct manual *manual, const struct command_row *command) {
    struct buf text = {0};
    char line[MAX_LINE], term[MAX_LINE + 4];
    buf_append_format(&text, "%s.", command->help);
    if (command->about) buf_append_format(&text, " %s", command->about);
    bool is_first = true;
    for (size_t i = 0; i < option_count; i++) {
        if (!command_takes(command, i)) continue;
        buf_append_format(&text, "%s--%s", is_first ? " Takes " : ", ", option_rows[i].name);
        is_first = false;
    }
    if (!is_first) buf_append_byte(&text, '.');
    format_command(line, command);
    snprintf(term, sizeof term, "lmm %s", line);
    manual_item(manual, term, buf_as_string(&text));
    buf_clear(&text);
}

static void write_tables(struct manual *manual) {
    char line[MAX_LINE];
    manual_section(manual, "Commands");
    for (size_t i = 0; i < command_count; i++) write_command(manual, &command_rows[i]);
    manual_end_items(manual);
    manual_paragraph(manual, notes);
    manual_section(manual, "Options");
    for (size_t i = 0; i < option_count; i++) {
        format_option(line, &option_rows[i]);
        manual_item(manual, line, option_rows[i].help);
    }
    manual_end_items(manual);
}

static void write_manual(struct manual *manual) {
    manual_begin(manual, "lmm", PACKAGE_VERSION, "the chain from the command line");
    manual_section(manual, "Synopsis");
    manual_literal(manual, "lmm COMMAND [OPERANDS] [OPTIONS]\nlmm [COMMAND] --help\nlmm --version");
    manual_section(manual, "Description");
    manual_paragraph(manual, "Keeps keys, sends transactions, asks a node, and checks proofs "
                             "without one. Results go to standard output, anything else to "
                             "standard error; nothing is coloured. A node that is busy and says "
                             "when to come again is asked again then, for a minute in all.");
    write_tables(manual);
    manual_section(manual, "Exit status");
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        manual_item(manual, statuses[i].term, statuses[i].text);
    manual_end_items(manual);
    manual_section(manual, "Environment");
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        manual_item(manual, variables[i].term, variables[i].text);
    manual_end_items(manual);
    manual_section(manual, "Files");
    for (size_t i = 0; i < COUNT_OF(files); i++) manual_item(manual, files[i].term, files[i].text);
    manual_end_items(manual);
    manual_section(manual, "Example");
    manual_literal(manual, "lmm transfer alice bob 1.5 --wait --json");
}

int command_manual(const struct options *options) {
    struct buf out = {0};
    struct manual manual = {.out = &out, .format = MANUAL_ROFF};
    const char *format = options->operands[0];
    if (strcmp(format, "markdown") == 0)
        manual.format = MANUAL_MARKDOWN;
    else if (strcmp(format, "roff") != 0)
        return complain(EXIT_USAGE, "the manual comes as roff or markdown, not as %s", format);
    write_manual(&manual);
    bool is_out = fwrite(out.data, 1, out.len, stdout) == out.len;
    buf_clear(&out);
    return is_out ? EXIT_DONE : EXIT_FAILED;
}
