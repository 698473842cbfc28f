// SPDX-License-Identifier: Apache-2.0
// A server with the events of asked.json, and what it finds of them.
#ifndef LMM_SUPPLYCHAIN_TEST_ASKING_H
#define LMM_SUPPLYCHAIN_TEST_ASKING_H

#include "apps/supplychain/test/asked.h"
#include "apps/supplychain/test/capturing.h"

// What the prefixes of the cases stand for.
#define ASKED_PREFIXES "GS1-Extensions: ex=https://ex.example/, other=https://other.example/"

// On the engine (tests/support/database.h). False, and the case counts as skipped, when it isn't
// there.
bool asking_open(int engine);
void asking_close(void);

// A file as JSON. The caller calls json_decref.
json_t *asking_load(const char *path);
// A case's value: the time of the second capture for "$".
const char *asking_value(const char *value);
// Answers 200 with JSON; `link` is the path of the next page, or empty. The caller calls
// json_decref.
json_t *asking_page(const char *path, char link[512]);
// The letters of the events that were found, in the order of the answer, page by page.
void asking_find(const char *path, char found[64]);

#endif
