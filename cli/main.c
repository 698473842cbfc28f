// SPDX-License-Identifier: Apache-2.0
// lmm: the chain from the command line.
#include <config.h>

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "chaincore/crypto/sign.h"
#include "cli/describe.h"

int complain(int exit_status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "lmm: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    return exit_status;
}

// What was typed, before it is known whom the options are for.
struct typed {
    struct options options;
    uint64_t given; // a bit for each option
    bool asks_for_help;
};

// --name VALUE or --name=VALUE; false, with a complaint, when it is none.
static bool take_option(struct typed *out, int count, char **arguments, int *next) {
    const char *name = arguments[*next] + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] ? name + len + 1 : NULL;
    size_t i = 0;
    while (i < option_count &&
           (strncmp(option_rows[i].name, name, len) != 0 || option_rows[i].name[len]))
        i++;
    if (i == option_count)
        return complain(EXIT_USAGE, "there is no option --%.*s; see lmm --help", (int)len, name),
               false;
    const struct option_row *row = &option_rows[i];
    if (out->given >> i & 1) return complain(EXIT_USAGE, "--%s is given twice", row->name), false;
    out->given |= UINT64_C(1) << i;
    char *field = (char *)&out->options + row->offset;
    if (!row->value) {
        if (value) return complain(EXIT_USAGE, "--%s takes no value", row->name), false;
        *(bool *)field = true;
        return true;
    }
    if (!value && *next + 1 < count) value = arguments[++*next];
    if (!value) return complain(EXIT_USAGE, "--%s needs a %s", row->name, row->value), false;
    *(const char **)(void *)field = value;
    return true;
}

static bool take_arguments(struct typed *out, int count, char **arguments) {
    bool are_operands = false;
    for (int i = 1; i < count; i++) {
        const char *text = arguments[i];
        if (!are_operands && strcmp(text, "--") == 0) {
            are_operands = true;
        } else if (!are_operands && (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)) {
            out->asks_for_help = true;
        } else if (!are_operands && strncmp(text, "--", 2) == 0) {
            if (!take_option(out, count, arguments, &i)) return false;
        } else if (out->options.operand_count == MAX_OPERANDS) {
            return complain(EXIT_USAGE, "too many operands; see lmm --help"), false;
        } else {
            out->options.operands[out->options.operand_count++] = text;
        }
    }
    return true;
}

// Without a command, or with one that there is not.
static int answer_without(const struct typed *typed) {
    const char *first = typed->options.operand_count ? typed->options.operands[0] : NULL;
    if (typed->asks_for_help && describe_commands(stdout, first)) return EXIT_DONE;
    if (first && !typed->asks_for_help && describe_commands(stderr, first)) return EXIT_USAGE;
    if (first) return complain(EXIT_USAGE, "there is no command %s; see lmm --help", first);
    describe_commands(stderr, NULL);
    return EXIT_USAGE;
}

// Nothing that was typed is ignored.
static bool fits(const struct typed *typed, const struct command_row *command) {
    int least, most;
    command_operands(command, &least, &most);
    if (typed->options.operand_count < least || typed->options.operand_count > most) {
        describe_usage(stderr, command);
        return false;
    }
    for (size_t i = 0; i < option_count; i++)
        if ((typed->given >> i & 1) && !command_takes(command, i))
            return complain(EXIT_USAGE, "--%s says nothing to lmm %s", option_rows[i].name,
                            command->name),
                   false;
    return true;
}

static int run(struct typed *typed, const struct command_row *command) {
    if (!fits(typed, command)) return EXIT_USAGE;
    if (crypto_init() != STATUS_OK) return complain(EXIT_FAILED, "the cryptography is not sound");
    // Keys and passphrases are in this memory.
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int result = command->run(&typed->options);
    curl_global_cleanup();
    // A full disk, or nobody who reads on.
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(EXIT_FAILED, "the result cannot be written");
    return result;
}

int main(int count, char **arguments) {
    struct typed typed = {0};
    struct options *options = &typed.options;
    int words = 0;
    if (count == 2 && strcmp(arguments[1], "--version") == 0)
        return puts("lmm " PACKAGE_VERSION) < 0 ? EXIT_FAILED : EXIT_DONE;
    if (!take_arguments(&typed, count, arguments)) return EXIT_USAGE;
    const struct command_row *command =
        options->operand_count
            ? command_find(options->operands[0],
                           options->operand_count > 1 ? options->operands[1] : NULL, &words)
            : NULL;
    if (!command) return answer_without(&typed);
    if (typed.asks_for_help) {
        describe_command(stdout, command);
        return EXIT_DONE;
    }
    options->operand_count -= words;
    memmove(options->operands, options->operands + words,
            sizeof *options->operands * (size_t)options->operand_count);
    return run(&typed, command);
}
