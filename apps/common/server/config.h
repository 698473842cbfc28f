// SPDX-License-Identifier: Apache-2.0
// What a program is told, out of four places: the command line over the environment over a file
// over a default. All that can be told stands in one table of the caller's; its row "listen" is the
// flag `--listen X` or `--listen=X`, the variable LMM_LISTEN and the file's line `listen = X`. A
// row without an argument is a switch: `--devnet` (or `--devnet=no`), `LMM_DEVNET=yes`, `devnet =
// yes`. The row "config" names the file.
//
// A file has one `key = value` a line, blank lines and lines that begin with "#"; UTF-8, at most
// LIMIT_CONFIG_BYTES. What is wrong is collected, a line of text for each fault, so that an
// operator sees all of it at once.
#ifndef LMM_SERVER_CONFIG_H
#define LMM_SERVER_CONFIG_H

#include "chaincore/base/buf.h"

enum { CONFIG_OPTIONS = 64 };

enum config_reach {
    CONFIG_EVERYWHERE,
    CONFIG_NOT_IN_FILE,
    CONFIG_FLAG_ALONE, // about one start: neither in a file nor in the environment
};

struct config_option {
    const char *name;     // lower-case words, "-" between them
    const char *argument; // what it takes, for people; NULL: a switch
    const char *fallback; // NULL: none; of a switch, "no"
    const char *help;     // a sentence without its full stop
    enum config_reach reach;
    bool is_url; // may hold a password: shown without it
};

enum config_origin {
    CONFIG_NOT_SET,
    CONFIG_FALLBACK,
    CONFIG_FILE,
    CONFIG_ENVIRONMENT,
    CONFIG_FLAG
};

struct config_value {
    const char *text; // NULL: not set
    enum config_origin origin;
    unsigned line; // of the file
};

struct config {
    const struct config_option *options;
    size_t count;
    struct config_value values[CONFIG_OPTIONS];
    const char *path;  // of the file; NULL: there is none
    struct buf text;   // of the file; its values stand in here
    struct buf faults; // a line each
};

// Looks in all four places. `arguments` end with NULL and, as the table, are borrowed for as long
// as `out` lives. The caller clears it in any case.
void config_read(struct config *out, const struct config_option *options, size_t count,
                 char *const *arguments);
void config_clear(struct config *config);

// The value of a row; NULL: not set. Never empty.
const char *config_text(const struct config *config, size_t option);
// Of a switch. Neither "yes" nor "no" is a fault.
bool config_switch(struct config *config, size_t option);
// Of a number in decimal digits from `least` to `most`; anything else is a fault, and `least`.
uint64_t config_number(struct config *config, size_t option, uint64_t least, uint64_t most);
// Copies the value, or "". One that does not fit is a fault.
void config_copy(struct config *config, size_t option, char *out, size_t size);
// What stands for a value that is not set; borrowed.
void config_default(struct config *config, size_t option, const char *text);

// Keeps what is wrong with a value, behind the words that say where it stands.
void config_fault(struct config *config, size_t option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Every value with its origin, in the form of a file; passwords are masked.
void config_print(const struct config *config, struct buf *out);
// What there is to be told, from the table.
void config_help(const struct config *config, struct buf *out);

#endif
