// SPDX-License-Identifier: Apache-2.0
// A sentry's part: a witness that is connected to its sentries alone is heard and hears through
// them. What it says goes to all, what the others say goes to it; nothing goes further than that,
// so sentries that know one another make no circles.
//
// The driver has verified what goes on, so a sentry can be made to pass nothing but what witnesses
// have signed for views that count. Each message goes on once in a while: witnesses repeat what is
// of use still, and their repetitions have to arrive where the first did not.
#include "chaincore/base/memory.h"
#include "chaincore/node/replica_inside.h"

enum { WAYS = 8 };
_Static_assert(LIMIT_RELAYED % WAYS == 0, "each set is whole");

struct relay *relay_open(const struct replica_config *config, uint32_t timeout_ms) {
    if (config->guarded_count == 0) return NULL;
    ENSURE(config->guarded_count <= LIMIT_GUARDED);
    struct relay *relay = mem_alloc(sizeof *relay);
    table_key_draw(&relay->key);
    relay->again_ms = timeout_ms / 2; // witnesses repeat themselves once in a timeout
    relay->guarded_count = config->guarded_count;
    memcpy(relay->guarded, config->guarded, config->guarded_count * sizeof *config->guarded);
    return relay;
}

void relay_close(struct relay *relay) { mem_free(relay); }

// Each way is a way of its own: that another sentry has passed a witness's vote on to this one does
// not say that all have it.
static uint64_t hash_of(const struct relay *relay, bool is_outward, struct bytes message) {
    uint64_t hash = table_hash(&relay->key, message) ^ (is_outward ? 1 : 0);
    return hash == 0 ? 2 : hash;
}

static bool is_recent(const struct replica *replica, const struct relayed *slot) {
    return slot->hash != 0 && replica->time.now_ms - slot->at_ms < replica->relay->again_ms;
}

// Where it is noted, or is to be; NULL: too much has gone on of late.
static struct relayed *place_of(struct replica *replica, uint64_t hash) {
    struct relayed *set = &replica->relay->slots[hash / 2 % (LIMIT_RELAYED / WAYS) * WAYS];
    struct relayed *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].hash == hash) return &set[i];
        if (set[i].hash == 0 || (oldest->hash != 0 && set[i].at_ms < oldest->at_ms))
            oldest = &set[i];
    }
    return is_recent(replica, oldest) ? NULL : oldest;
}

static bool has_guarded_peer(const struct replica *replica) {
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        if (replica->peers[i].is_guarded) return true;
    return false;
}

bool relay_passes(void *context, uint16_t peer, struct bytes message) {
    struct replica *replica = context;
    bool is_outward = replica->peers[peer].is_guarded;
    if (!is_outward && !has_guarded_peer(replica)) return false;
    uint64_t hash = hash_of(replica->relay, is_outward, message);
    const struct relayed *place = place_of(replica, hash);
    if (!place) replica->counts.unpassed++;
    return place && !(place->hash == hash && is_recent(replica, place));
}

static void send_others(struct replica *replica, uint16_t except, uint8_t kind,
                        struct bytes message) {
    if (replica->calls.send_others) {
        replica->calls.send_others(replica->calls.context, except, kind, message);
        return;
    }
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        if (i != except) replica->calls.send(replica->calls.context, i, kind, message);
}

void relay_pass_on(void *context, uint16_t peer, struct bytes message) {
    struct replica *replica = context;
    bool is_outward = replica->peers[peer].is_guarded;
    uint64_t hash = hash_of(replica->relay, is_outward, message);
    uint8_t kind = replica_kind_of((enum wire_kind)message.data[0]);
    struct relayed *place = place_of(replica, hash);
    ENSURE(place); // relay_passes said so
    *place = (struct relayed){.hash = hash, .at_ms = replica->time.now_ms};
    replica->counts.passed_on++;
    if (is_outward) {
        send_others(replica, peer, kind, message);
        return;
    }
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        if (replica->peers[i].is_guarded && i != peer)
            replica->calls.send(replica->calls.context, i, kind, message);
}
