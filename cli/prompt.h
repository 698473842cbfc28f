// SPDX-License-Identifier: Apache-2.0
// What a person types: secrets, which no terminal shows and no buffer of the C library keeps, and
// consent.
#ifndef LMM_CLI_PROMPT_H
#define LMM_CLI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

// A line of the file, without its end, byte by byte: what follows it stays unread. False at the end
// of the file, and for a line that does not fit.
bool prompt_read_line(int fd, char *out, size_t size);
// The question and a line without echo where standard input is a terminal; a line of it otherwise.
bool prompt_secret(const char *question, char *out, size_t size);
// Whether standard input is a terminal, and "yes" is typed there.
bool prompt_consent(const char *question);

#endif
