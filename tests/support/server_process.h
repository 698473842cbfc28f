// SPDX-License-Identifier: Apache-2.0
// A real server program under test: started in a folder of its own, asked over HTTP, stopped or
// killed.
#ifndef LMM_TESTS_SERVER_PROCESS_H
#define LMM_TESTS_SERVER_PROCESS_H

#include <jansson.h>
#include <sys/types.h>

#include "chaincore/base/buf.h"

struct server_process {
    const char *program;  // from the build tree's root
    char folder[64];      // with its data below
    const char *index;    // NULL: SQLite in the data folder
    bool rebuild_index;   // and wait until the new rows are there
    const char *flags[8]; // more of them, up to the first NULL
    const char *ca_file;  // whom to believe under TLS
    pid_t pid;
    char url[64];
    char api_key[128];
    json_t *ready; // ready.json
};

// Makes the folder. The server is started by server_start, also again after a stop or kill.
void server_init(struct server_process *server, const char *program);
void server_start(struct server_process *server); // returns once it is ready
int server_fail(struct server_process *server);   // expects that it ends by itself: its exit status
void server_stop(struct server_process *server);  // expects a graceful stop with status 0
void server_kill(struct server_process *server);  // kill -9
void server_clear(struct server_process *server); // stops it and removes the folder

struct reply {
    long status;
    struct buf body;    // with a NUL behind it
    struct buf headers; // all of them as they came, with a NUL behind
    char type[96];
    char location[160];
    char link[512];
};
struct ask {
    const char *path;
    const char *method; // NULL: GET without a body, POST with one
    struct bytes body;
    const char *content_type; // with a body
    const char *header;       // one more, "Name: value"
    bool without_key;
};
// The reply; the caller clears it. It has to be one that the server's own /openapi.json has for the
// operation: its number, its type, the form of its body and, of a problem, its code.
void server_ask(const struct server_process *server, const struct ask *ask, struct reply *out);
void reply_clear(struct reply *reply);
// With a JSON body, NULL: none. The status; what came in *out, unless that is NULL: the caller
// calls json_decref.
long server_ask_json(const struct server_process *server, const char *method, const char *path,
                     const char *body, json_t **out);
// GET as JSON; expects 200. The caller calls json_decref.
json_t *server_get(const struct server_process *server, const char *path);
// Until the index has the rows of the block at that height: a transaction is final before.
void server_await_index(const struct server_process *server, uint64_t height);
// A text member, "" when there is none.
const char *member(const json_t *object, const char *name);

#endif
