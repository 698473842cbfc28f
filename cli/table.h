// SPDX-License-Identifier: Apache-2.0
// What can be typed behind `lmm`: the commands and the options, in two tables. Parsing, usage, the
// manual and the shells' completions are made from them, so that none of these knows more or less
// than another.
#ifndef LMM_CLI_TABLE_H
#define LMM_CLI_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"

// What a word stands for: shells complete by it.
enum word_kind { WORD_TEXT, WORD_FILE, WORD_FOLDER };

struct option_row {
    const char *name;  // without its dashes
    const char *value; // what it takes, for people; NULL: a switch
    enum word_kind kind;
    size_t offset; // in struct options: of a const char *, or of a bool for a switch
    const char *help;
};

struct command_row {
    const char *name; // one or two words
    // What stands behind it, a word each: "FROM TO AMOUNT", "[NAME]" where it may be left out, and
    // "KEY..." for one or more. Shells complete FILE and FOLDER.
    const char *operands;
    uint64_t options; // a bit for each row that it takes
    int (*run)(const struct options *options);
    const char *help;  // half a line
    const char *about; // more sentences for its manual; NULL: none
};

extern const struct command_row command_rows[];
extern const size_t command_count;
extern const struct option_row option_rows[];
extern const size_t option_count;

static inline bool command_takes(const struct command_row *command, size_t option) {
    return command->options >> option & 1;
}
// How many operands a command takes, at least and at most.
void command_operands(const struct command_row *command, int *least, int *most);
// The row of these two words, or of the first; *words says how many of them are its name. NULL when
// there is none.
const struct command_row *command_find(const char *first, const char *second, int *words);

#endif
