// SPDX-License-Identifier: Apache-2.0
// What a node without a market answers to whoever watches over it, by HTTP: /livez, /readyz and
// /metrics as servers do (docs/operating.md), where its chain stands, and its final blocks. Reading
// alone, for everybody: let only those reach it who should.
#ifndef LMM_CLI_NODE_HTTP_H
#define LMM_CLI_NODE_HTTP_H

#include <stdint.h>

#include "chaincore/node/node.h"

struct node_http;

// Answers from then on; the node must stay open until node_http_close. BUSY, UNAUTHORIZED, INVALID:
// it cannot listen there.
enum status node_http_open(struct node_http **out, struct node *node, const char *address,
                           uint16_t port) MUST_CHECK;
uint16_t node_http_port(const struct node_http *http);
void node_http_close(struct node_http *http); // NULL is allowed

#endif
