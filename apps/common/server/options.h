// SPDX-License-Identifier: Apache-2.0
// The command line of a server, over the environment (LMM_DATA, LMM_LISTEN, LMM_INDEX, LMM_WEB,
// LMM_GENESIS, LMM_KEYS).
#ifndef LMM_SERVER_OPTIONS_H
#define LMM_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct server_options {
    char data[4096];
    char address[64];
    uint16_t port;
    char index[4096 + 32];
    char web[4096];     // empty: no pages
    bool devnet;        // or else both of:
    char genesis[4096]; // a folder (node/genesis_folder.h)
    char keys[4096];    // a file (keys.h)
    bool rebuild_index;
};

// False, with one line on standard error, when it is not a command line.
bool server_options_read(struct server_options *out, int count, char **arguments);

#endif
