// SPDX-License-Identifier: Apache-2.0
// Where things are in folders; and a new one that a command makes: beside its place first, moved
// there when it is whole.
#ifndef LMM_CLI_PLACE_H
#define LMM_CLI_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "chaincore/base/status.h"

// Where it is made, which is free, as the place is; an empty folder there goes. False: it has
// complained.
bool place_find(char making[PATH_MAX], const char *place);
// Durable.
enum status place_take(const char *place, const char *making) MUST_CHECK;
// The path of what has that name in a folder. False when it is too long: it has complained.
bool place_inside(char out[PATH_MAX], const char *folder, const char *name);

#endif
