// SPDX-License-Identifier: Apache-2.0
// A run of a server's process: the server and what only its frame needs. server.c opens, serves and
// closes it; frame_index.c joins the chain's and the market's rows; frame_stores.c opens what the
// data folder holds beside the chain.
//
// All of it is called by the process' first thread. What opens returns 0, or the status to exit
// with, and has logged why; what was opened is closed at the end of the run, whatever failed.
#ifndef LMM_SERVER_FRAME_H
#define LMM_SERVER_FRAME_H

#include <signal.h>
#include <stdlib.h>

#include "apps/common/http/assets.h"
#include "apps/common/server/demo.h"
#include "apps/common/server/finality.h"
#include "apps/common/server/keys.h"
#include "apps/common/server/options.h"
#include "apps/common/server/server.h"

// Beside EXIT_CONFIGURATION (options.h).
enum { EXIT_ADDRESS_TAKEN = 3, EXIT_FOLDER_TAKEN = 4, EXIT_WRONG_DATA = 5 };

struct frame {
    struct server server;
    struct server_options options;
    const struct server_market *market;
    struct index_projection projection; // the market's, and the chain's rows
    struct http_assets *assets;
    struct finality *finality;
    struct demo_maker *demo;
    struct server_keys keys;
    struct http_key key;
    struct http_route_table tables[8];
    uint64_t next_event_id;
    int exit_status;
    sigset_t signals;
};

// Logs it. Returns the exit status; the first of a run is what the process ends with.
int frame_fail(struct frame *frame, int exit_status, const char *what, enum status status);
// Of a file of the data folder.
int frame_fail_store(struct frame *frame, const char *what, enum status status);

// --- frame_index.c ---
struct index_config frame_set_up_index(struct frame *frame);
int frame_open_index(struct frame *frame);
int frame_fail_index(struct frame *frame, enum status status);

// --- frame_stores.c ---
// The business' own key and those beside it, and what it has promised to send.
int frame_open_signers(struct frame *frame);
int frame_open_sponsor(struct frame *frame); // after the signers
int frame_open_api_keys(struct frame *frame);
int frame_open_spending(struct frame *frame);
int frame_open_firm(struct frame *frame); // after the API keys
int frame_open_answers(struct frame *frame);
int frame_open_hooks(struct frame *frame); // after the index

#endif
