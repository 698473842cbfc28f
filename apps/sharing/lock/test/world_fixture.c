// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/test/world_fixture.h"

#include "tests/support/unit.h"

struct lock_world world;

void world_set_up(void) {
    ENSURE(crypto_init() == STATUS_OK);
    world_open(&world, 4, 100);
}

void world_set_up_introduced(void) {
    world_set_up();
    world_introduce(&world);
}

void world_tear_down(void) { world_close(&world); }
