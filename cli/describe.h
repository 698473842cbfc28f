// SPDX-License-Identifier: Apache-2.0
// The tables of table.h for people: usage and help on a terminal.
#ifndef LMM_CLI_DESCRIBE_H
#define LMM_CLI_DESCRIBE_H

#include <stdio.h>

#include "cli/table.h"

// All commands; or those whose first word this is. False when none is.
bool describe_commands(FILE *out, const char *group);
void describe_usage(FILE *out, const struct command_row *command);
// Its usage, what it does, and its options.
void describe_command(FILE *out, const struct command_row *command);

#endif
