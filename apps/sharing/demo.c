// SPDX-License-Identifier: Apache-2.0
// What a devnet has to rent from its first start: things of people in one town, and a few hours
// that are taken. Bern, so that a map has something to show.
#include "apps/common/server/demo.h"
#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chaincore.h"

#define HOUR_MS (60 * SHARING_MINUTE_MS)
enum { ONE_LMM = 100000000 };

static const struct offer {
    const char *owner; // a role
    const char *title, *text, *place, *category;
    int64_t latitude, longitude; // 1e-7 degrees
    uint64_t price_per_hour;     // base units, a multiple of 60
    uint64_t deposit;            // LMM
    uint32_t late_cap;           // minutes
    uint32_t cancel_free;        // minutes
    uint8_t cancel_part;         // per cent
} offers[] = {
    {"alice", "Full-frame camera with two lenses",
     "A mirrorless body with a 35 mm and an 85 mm lens, two batteries and a padded bag. Cleaned "
     "after "
     "every rental. Please bring the cards back empty.",
     "Kramgasse 12, Bern", "Cameras", 469480000, 74474000, 240000000, 50, 120, 1440, 50},
    {"carol", "Cargo bike with rain cover",
     "Electric, carries 80 kg or two children. Range about 60 km; the charger is in the box. "
     "Helmets "
     "hang beside the door.",
     "Breitenrainplatz 30, Bern", "Bikes", 469590000, 74560000, 120000000, 30, 240, 720, 25},
    {"dave", "Hammer drill and bits",
     "For concrete and brick, with six bits from 5 to 14 mm, goggles and ear protectors.",
     "Effingerstrasse 41, Bern", "Tools", 469450000, 74320000, 60000000, 10, 1440, 0, 0},
    {"alice", "Tent for three and two mats",
     "Two minutes to pitch, dry up to a real storm. Comes with pegs, a groundsheet and a lamp.",
     "Kramgasse 12, Bern", "Outdoors", 469481000, 74475000, 30000000, 20, 1440, 2880, 50},
    {"carol", "Projector and screen",
     "Full HD, bright enough for an evening in the garden; a folding screen of two metres and all "
     "the cables one could want.",
     "Lorrainestrasse 15, Bern", "Events", 469555000, 74455000, 90000000, 20, 180, 1440, 50},
    {"dave", "Quiet room for six",
     "A table, a whiteboard and coffee, two minutes from the station. The door opens for your "
     "booking.",
     "Laupenstrasse 8, Bern", "Rooms", 469483000, 74378000, 360000000, 10, 30, 120, 100},
};
enum { CAMERA = 1, BIKE, DRILL, TENT, PROJECTOR, ROOM }; // their numbers

static void list(struct demo *demo, const struct offer *offer) {
    struct buf arguments = {0};
    const struct sharing_asset asset = {.latitude = offer->latitude,
                                        .longitude = offer->longitude,
                                        .price = amount_of_units(offer->price_per_hour / 60),
                                        .unit = SHARING_PER_HOUR,
                                        .deposit = amount_of_units(offer->deposit * ONE_LMM),
                                        .late_cap = offer->late_cap,
                                        .cancel_free = offer->cancel_free,
                                        .cancel_part = offer->cancel_part,
                                        .title = bytes_of_string(offer->title),
                                        .text = bytes_of_string(offer->text),
                                        .place = bytes_of_string(offer->place),
                                        .category = bytes_of_string(offer->category)};
    asset_encode_terms(&arguments, &asset);
    demo_call(demo, offer->owner, "list", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
}

// So many full hours, that many hours behind the next one.
struct hours {
    uint64_t asset, after, count;
};

static void encode_hours(struct buf *out, const struct demo *demo, const struct hours *hours) {
    uint64_t from_ms = (demo->now_ms / HOUR_MS + 1 + hours->after) * HOUR_MS;
    encode_u64(out, hours->asset);
    encode_u64(out, from_ms);
    encode_u64(out, from_ms + hours->count * HOUR_MS);
}

// Opened by the renter's own account key.
static void book(struct demo *demo, const char *renter, struct hours hours) {
    const struct offer *offer = &offers[hours.asset - 1];
    struct buf arguments = {0};
    struct public_key key;
    struct params params;
    node_params(demo->server->node, &params);
    uint64_t timer = SHARING_SETTLE_GAS * (params.min_gas_price > 0 ? params.min_gas_price : 1);
    key_public_of(&key, &devnet_find(&demo->server->devnet, renter)->key);
    encode_hours(&arguments, demo, &hours);
    encode_fixed(&arguments, key.bytes, sizeof key.bytes);
    demo_call(demo, renter, "book", buf_bytes(&arguments),
              offer->price_per_hour * hours.count + offer->deposit * ONE_LMM + timer);
    buf_clear(&arguments);
}

static void keep(struct demo *demo, struct hours hours) {
    struct buf arguments = {0};
    encode_hours(&arguments, demo, &hours);
    demo_call(demo, offers[hours.asset - 1].owner, "block", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
}

// The seed of the lock that ./run plays beside this server (scripts/lib/devnet.sh knows it too):
// the camera's. As public as all keys of a devnet.
static const uint8_t lock_seed[32] = "the camera's lock on the devnet.";

static void bind_lock(struct demo *demo, const char *owner, uint64_t asset) {
    struct secret_key secret;
    struct public_key key;
    struct lock_binding binding = {.asset = asset, .counter = 1};
    struct signature signature;
    struct hash hash;
    struct buf arguments = {0};
    uint8_t bytes[LOCK_BINDING_BYTES];
    key_from_seed(&secret, &key, lock_seed);
    memcpy(binding.owner, devnet_find(&demo->server->devnet, owner)->id.bytes,
           sizeof binding.owner);
    memcpy(binding.lock, key.bytes, sizeof binding.lock);
    lock_binding_encode(bytes, &binding);
    hash_bytes(&hash, HASH_USER, BYTES_OF(bytes));
    sign_payload(&signature, &secret, SIGN_LOCK_LOG, node_chain_id(demo->server->node), &hash);
    encode_u64(&arguments, asset);
    encode_fixed(&arguments, key.bytes, sizeof key.bytes);
    encode_u64(&arguments, binding.counter);
    encode_bytes(&arguments, BYTES_OF(signature.bytes));
    demo_call(demo, owner, "bind_lock", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
}

void sharing_demo(struct demo *demo) {
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        list(demo, &offers[i]);
        demo_settle(demo); // so that their numbers are those above
    }
    bind_lock(demo, offers[CAMERA - 1].owner, CAMERA);
    book(demo, "bob", (struct hours){BIKE, 20, 5});
    book(demo, "bob", (struct hours){ROOM, 44, 2});
    book(demo, "dave", (struct hours){TENT, 72, 48});
    book(demo, "alice", (struct hours){DRILL, 3, 4});
    keep(demo, (struct hours){CAMERA, 96, 24});
    keep(demo, (struct hours){PROJECTOR, 48, 12});
    demo_settle(demo);
}
