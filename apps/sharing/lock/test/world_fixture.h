// SPDX-License-Identifier: Apache-2.0
// The world of the suites here, one at a time: as world_open leaves it, or introduced besides.
#ifndef LMM_SHARING_LOCK_TEST_FIXTURE_H
#define LMM_SHARING_LOCK_TEST_FIXTURE_H

#include "apps/sharing/lock/test/lock_world.h"

extern struct lock_world world;
void world_set_up(void);
void world_set_up_introduced(void);
void world_tear_down(void);

#endif
