// SPDX-License-Identifier: Apache-2.0
// What meterd asks a market's server, over HTTP. What goes wrong is told on standard error.
#ifndef LMM_ENERGY_METER_POST_H
#define LMM_ENERGY_METER_POST_H

#include <jansson.h>
#include <stdbool.h>

struct post_server {
    char url[256];
    char api_key[256];
};

void post_open(void); // once per process
void post_close(void);
// The answer, which the caller gives to json_decref; NULL when there is none.
json_t *post_get(const struct post_server *server, const char *path);
// Posts what the server signs, and waits until it is final. False: it was refused or failed.
bool post_transaction(const struct post_server *server, const char *path, const char *body);

#endif
