// SPDX-License-Identifier: Apache-2.0
// lmm: the chain from the command line. Commands and options stand in two tables, from which
// parsing and help are made.
#include <curl/curl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "chaincore/base/log.h"
#include "chaincore/crypto/sign.h"
#include "cli/command.h"

struct command {
    const char *name; // one or two words
    const char *operands;
    int operand_count;
    int (*run)(const struct options *options);
    const char *help;
};

static const struct command commands[] = {
    {"keys new", "", 0, command_keys_new, "make a key and keep it in a sealed keystore"},
    {"keys import", "", 0, command_keys_import, "the same, from words on standard input"},
    {"keys list", "", 0, command_keys_list, "the accounts of the devnet or of the keystore"},
    {"genesis keys", "COUNT", 1, command_genesis_keys,
     "keys for so many witnesses, and a server's"},
    {"genesis make", "FILE", 1, command_genesis_make,
     "a chain's beginning, out of its description"},
    {"genesis show", "FOLDER", 1, command_genesis_show, "and the description out of that"},
    {"balance", "ACCOUNT", 1, command_balance, "what an account holds"},
    {"transfer", "FROM TO AMOUNT", 3, command_transfer, "send LMM"},
    {"tx", "ID", 1, command_tx, "what became of a transaction"},
    {"contract deploy", "FROM FILE", 2, command_deploy, "bring a module to the chain"},
    {"contract upgrade", "FROM CONTRACT FILE", 3, command_upgrade, "put other code under one"},
    {"contract call", "FROM CONTRACT METHOD", 3, command_call, "run a method"},
    {"contract view", "CONTRACT METHOD", 2, command_view, "ask without a transaction"},
    {"proof", "EVENT", 1, command_proof, "fetch the proof of an event, by its id or place"},
    {"verify", "FILE", 1, command_verify, "check a proof, offline"},
};

struct option_row {
    const char *name;
    const char *value; // NULL: a switch
    size_t offset;     // in struct options
    const char *help;
};

static const struct option_row rows[] = {
    {"--url", "URL", offsetof(struct options, url), "the node to ask (default: devnet.json's)"},
    {"--devnet", "FILE", offsetof(struct options, devnet), "devnet.json, if it is elsewhere"},
    {"--genesis", "FILE", offsetof(struct options, genesis), "verify: the chain to trust"},
    {"--keystore", "FILE", offsetof(struct options, keystore), "default: ~/.lmm/keystore"},
    {"--out", "FILE", offsetof(struct options, out), "proof, genesis: write it there"},
    {"--arguments", "HEX", offsetof(struct options, arguments), "of a method, view or init"},
    {"--value", "AMOUNT", offsetof(struct options, value), "LMM that go with a call"},
    {"--upgrader", "ACCOUNT", offsetof(struct options, upgrader), "who may upgrade; else nobody"},
    {"--gas", "NUMBER", offsetof(struct options, gas), "at most so much, and in deposits too"},
    {"--wait", NULL, offsetof(struct options, wait), "until the transaction is final"},
    {"--json", NULL, offsetof(struct options, json), "one line of JSON"},
};

enum { COMMANDS = sizeof commands / sizeof *commands, ROWS = sizeof rows / sizeof *rows };

int complain(int exit_status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "lmm: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    return exit_status;
}

static void print_help(FILE *out) {
    fprintf(out, "usage: lmm COMMAND [OPERANDS] [OPTIONS]\n\n");
    for (int i = 0; i < COMMANDS; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "%s %s", commands[i].name, commands[i].operands);
        fprintf(out, "  %-38s %s\n", usage, commands[i].help);
    }
    fprintf(out, "\n");
    for (int i = 0; i < ROWS; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "%s %s", rows[i].name, rows[i].value ? rows[i].value : "");
        fprintf(out, "  %-38s %s\n", usage, rows[i].help);
    }
    fprintf(out,
            "\nFROM and ACCOUNT may be a role of the devnet (`lmm keys list`); FROM may be the\n"
            "number of an account of the keystore, whose passphrase is asked for or taken\n"
            "from LMM_PASSPHRASE.\n");
}

// Takes an option out of the arguments; false, with a complaint, when it is none.
static bool take_option(struct options *options, int count, char **arguments, int *next) {
    const char *name = arguments[*next];
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0) continue;
        char *field = (char *)options + rows[i].offset;
        if (!rows[i].value) {
            *(bool *)field = true;
            return true;
        }
        if (*next + 1 == count) {
            complain(EXIT_USAGE, "%s needs a %s", name, rows[i].value);
            return false;
        }
        *(const char **)(void *)field = arguments[++*next];
        return true;
    }
    complain(EXIT_USAGE, "there is no option %s; see lmm --help", name);
    return false;
}

static const struct command *find_command(struct options *options) {
    for (int i = 0; i < COMMANDS; i++) {
        const char *space = strchr(commands[i].name, ' ');
        size_t first = space ? (size_t)(space - commands[i].name) : strlen(commands[i].name);
        int words = space ? 2 : 1;
        if (options->operand_count < words) continue;
        if (strlen(options->operands[0]) != first ||
            strncmp(options->operands[0], commands[i].name, first) != 0)
            continue;
        if (space && strcmp(options->operands[1], space + 1) != 0) continue;
        options->operand_count -= words;
        memmove(options->operands, options->operands + words,
                sizeof *options->operands * (size_t)options->operand_count);
        return &commands[i];
    }
    return NULL;
}

int main(int count, char **arguments) {
    struct options options = {0};
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--help") == 0) {
            print_help(stdout);
            return EXIT_DONE;
        }
        if (strncmp(arguments[i], "--", 2) == 0) {
            if (!take_option(&options, count, arguments, &i)) return EXIT_USAGE;
        } else if (options.operand_count == MAX_OPERANDS) {
            return complain(EXIT_USAGE, "too many operands; see lmm --help");
        } else {
            options.operands[options.operand_count++] = arguments[i];
        }
    }
    const struct command *command = find_command(&options);
    if (!command) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (options.operand_count != command->operand_count)
        return complain(EXIT_USAGE, "usage: lmm %s %s", command->name, command->operands);
    if (crypto_init() != STATUS_OK) return complain(EXIT_FAILED, "the cryptography is not sound");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int result = command->run(&options);
    curl_global_cleanup();
    return result;
}
