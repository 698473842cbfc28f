// SPDX-License-Identifier: Apache-2.0
// Two zones of one grid, four roofs and two cars: what they order for a day.
// Their meters stand in meter/profile.h, and are played by meterd.
#include "apps/common/server/demo.h"

#include "apps/energy/energy.h"
#include "apps/energy/meter/profile.h"

enum { CAP = 30000, LOT_WH = 10, GATE_MS = 300000, WAIT_MS = 3600000 };
static const uint64_t ZONE_UNITS = 10000000000; // 100 LMM, for timers

static void make_zone(struct demo *demo, const char *name) {
    struct buf arguments = {0};
    encode_u64(&arguments, CAP);
    encode_u64(&arguments, LOT_WH);
    encode_u32(&arguments, GATE_MS);
    encode_u32(&arguments, WAIT_MS);
    encode_bytes(&arguments, bytes_of_string(name));
    demo_call(demo, "grid", "zone", buf_bytes(&arguments), ZONE_UNITS);
    buf_clear(&arguments);
}

// What a household's connection can carry in a quarter of an hour.
enum { CONNECTION_WH = 5000 };

static void approve(struct demo *demo, const struct household *household, uint8_t direction) {
    struct buf arguments = {0};
    struct meter_key meter;
    meter_key_of(&meter, household, direction);
    encode_fixed(&arguments, &meter.key, sizeof meter.key);
    encode_u64(&arguments, CONNECTION_WH);
    demo_call(demo, "grid", "approve", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
}

static void sign_in(struct demo *demo, const struct household *household, uint8_t direction) {
    const struct devnet_account *owner = devnet_find(&demo->server->devnet, household->role);
    struct buf arguments = {0};
    struct meter_key meter;
    struct signature signature;
    ENSURE(owner != NULL);
    meter_key_of(&meter, household, direction);
    const struct meter_place place = {node_chain_id(demo->server->node), &demo->server->contract};
    meter_sign_in(&signature, &meter, &place,
                  &(struct meter_owner){household->zone, direction, owner->id});
    encode_u32(&arguments, household->zone);
    encode_u8(&arguments, direction);
    encode_fixed(&arguments, &meter.key, sizeof meter.key);
    encode_fixed(&arguments, &signature, sizeof signature);
    demo_call(demo, household->role, "meter", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
}

// What opening a slot costs, and more: what is not needed comes back at once.
static const uint64_t OPENING_UNITS = 100000000;

static void order(struct demo *demo, const struct household *household, uint32_t slot,
                  const struct wish_of_slot *wish) {
    struct buf arguments = {0};
    encode_u32(&arguments, household->zone);
    encode_u32(&arguments, slot);
    encode_u8(&arguments, (uint8_t)wish->side);
    encode_u8(&arguments, LIMIT);
    encode_u64(&arguments, wish->price);
    encode_u64(&arguments, wish->wh);
    demo_call(demo, household->role, "order", buf_bytes(&arguments),
              wish->wh * (wish->side == BUY ? wish->price : CAP) + OPENING_UNITS);
    buf_clear(&arguments);
}

// Roofs sell what they will have left, by day alone; everybody buys what will be wanting.
static void place_orders(struct demo *demo, uint32_t slot) {
    struct wish_of_slot wishes[WISHES];
    for (size_t i = 0; i < HOUSEHOLDS; i++) {
        size_t count = profile_wishes(wishes, &households[i], slot, LOT_WH);
        for (size_t k = 0; k < count; k++) order(demo, &households[i], slot, &wishes[k]);
    }
}

void energy_demo(struct demo *demo) {
    enum { SLOTS = 96 }; // a day
    make_zone(demo, "North village");
    demo_settle(demo);
    make_zone(demo, "South village · 南村");
    demo_settle(demo);
    for (size_t i = 0; i < HOUSEHOLDS; i++)
        for (int direction = 0; direction < DIRECTIONS; direction++)
            sign_in(demo, &households[i], (uint8_t)direction);
    demo_settle(demo);
    for (size_t i = 0; i < HOUSEHOLDS; i++)
        for (int direction = 0; direction < DIRECTIONS; direction++)
            approve(demo, &households[i], (uint8_t)direction);
    uint32_t first = (uint32_t)((demo->now_ms + GATE_MS) / SLOT_MS) + 1;
    for (uint32_t slot = first; slot < first + SLOTS; slot++) place_orders(demo, slot);
    demo_settle(demo);
}
