// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node/cluster.h"

#include <stdio.h>

#include "chaincore/base/memory.h"
#include "tests/support/unit.h"

enum { START_MS = 1000 * 1000, WALL_MS = 1000 * 1000 * 1000, LINK_MS = 5 };

static uint64_t draw_below(struct cluster *cluster, uint64_t bound) {
    uint64_t x = cluster->random += 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return (x ^ x >> 31) % bound;
}

// --- the network ---

static void post(struct member *from, uint16_t to, uint8_t kind, struct bytes payload) {
    struct cluster *cluster = from->cluster;
    struct member *other = &cluster->members[to];
    if (from->is_away || other->is_away || !other->replica) return;
    if (cluster->is_apart[from->index][to]) return;
    if (draw_below(cluster, 100) < cluster->loss_percent) return;
    struct packet *packet = mem_alloc(sizeof *packet);
    struct packet **link = &cluster->packets;
    packet->at_ms = cluster->now_ms + LINK_MS;
    packet->from = from->index;
    packet->to = to;
    packet->lives = from->life + other->life;
    packet->kind = kind;
    buf_append(&packet->payload, payload);
    while (*link && (*link)->at_ms <= packet->at_ms) link = &(*link)->next;
    packet->next = *link;
    *link = packet;
}

static void send_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct member *member = context;
    struct cluster *cluster = member->cluster;
    ck_assert_uint_lt(kind, REPLICA_KINDS);
    ck_assert_uint_le(payload.len, replica_rules.kinds[kind].max_bytes);
    cluster->sent[kind]++;
    if (peer == CLUSTER_STRANGER || peer == PEER_NONE) {
        buf_reset(&cluster->told[kind]);
        buf_append(&cluster->told[kind], payload);
    }
    for (uint16_t to = 0; to < cluster->count; to++)
        if (to != member->index && (peer == to || peer == PEER_NONE))
            post(member, to, kind, payload);
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    struct member *member = context;
    ck_assert_uint_lt(peer, CLUSTER_PEERS);
    member->penalties[peer] += points;
}

static void draw(void *context, void *out, size_t len) {
    struct member *member = context;
    false_disk_draw(&member->votes, out, len);
}

static void drop_packet(struct packet *packet) {
    buf_clear(&packet->payload);
    mem_free(packet);
}

static void deliver(struct cluster *cluster) {
    struct packet *packet = cluster->packets;
    struct member *to = &cluster->members[packet->to];
    cluster->packets = packet->next;
    cluster->now_ms = packet->at_ms;
    const struct member *from = &cluster->members[packet->from];
    if (to->replica && from->replica && from->life + to->life == packet->lives) {
        assert_ok(
            replica_frame(to->replica, packet->from, packet->kind, buf_bytes(&packet->payload)));
        to->has_news = true;
    }
    drop_packet(packet);
}

// --- time ---

static void run_member(struct cluster *cluster, struct member *member) {
    struct driver_time time = {.now_ms = cluster->now_ms, .wall_ms = WALL_MS + cluster->now_ms};
    member->has_news = false;
    assert_ok(replica_run(member->replica, &time));
    member->wake_ms = replica_wake_ms(member->replica);
}

static struct member *next_member(struct cluster *cluster) {
    struct member *next = NULL;
    for (uint16_t i = 0; i < cluster->count; i++) {
        struct member *member = &cluster->members[i];
        if (!member->replica) continue;
        if (member->has_news) return member;
        if (!next || member->wake_ms < next->wake_ms) next = member;
    }
    return next;
}

// One thing, not behind the limit; false: nothing is left before it.
static bool step(struct cluster *cluster, uint64_t limit_ms) {
    struct member *member = next_member(cluster);
    uint64_t packet_ms = cluster->packets ? cluster->packets->at_ms : UINT64_MAX;
    uint64_t member_ms = !member            ? UINT64_MAX
                         : member->has_news ? cluster->now_ms
                                            : member->wake_ms;
    if (packet_ms > limit_ms && member_ms > limit_ms) return false;
    // What arrives at one moment is taken together.
    if (packet_ms <= member_ms || packet_ms <= cluster->now_ms) {
        deliver(cluster);
    } else {
        if (member_ms > cluster->now_ms) cluster->now_ms = member_ms;
        run_member(cluster, member);
    }
    return true;
}

bool cluster_run(struct cluster *cluster, cluster_goal *goal, const void *context, uint64_t ms) {
    uint64_t limit_ms = cluster->now_ms + ms;
    while (!goal(cluster, context))
        if (!step(cluster, limit_ms)) return false;
    return true;
}

void cluster_pass(struct cluster *cluster, uint64_t ms) {
    uint64_t limit_ms = cluster->now_ms + ms;
    while (step(cluster, limit_ms)) continue;
    cluster->now_ms = limit_ms;
}

// --- members ---

void cluster_init(struct cluster *cluster, const size_t *key_counts, uint16_t count) {
    size_t first = 0;
    *cluster = (struct cluster){.count = count, .now_ms = START_MS, .random = 1};
    for (uint16_t i = 0; i < count; i++) {
        struct member *member = &cluster->members[i];
        uint8_t seed[32] = {3, (uint8_t)i};
        *member = (struct member){.cluster = cluster, .index = i};
        fixture_init_counter(&member->fixture);
        memmove(member->fixture.witnesses, member->fixture.witnesses + first,
                key_counts[i] * sizeof *member->fixture.witnesses);
        member->fixture.witness_key_count = key_counts[i];
        first += key_counts[i];
        key_from_seed(&member->node_key, &member->node_public, seed);
        false_disk_init(&member->votes, i + 1);
        member->disk = false_disk_calls(&member->votes);
    }
    ck_assert_uint_le(first, FIXTURE_WITNESSES);
}

static void introduce(struct member *to, const struct member *peer) {
    struct node_head head;
    node_head(peer->fixture.node, &head);
    struct replica_peer_info info = {
        .node_key = peer->node_public, .final_height = head.header.height, .takes_ids = true};
    replica_peer_joined(to->replica, peer->index, &info);
    to->has_news = true;
}

void cluster_open(struct cluster *cluster, uint16_t index) {
    struct member *member = &cluster->members[index];
    struct replica_calls calls = {
        .context = member, .send = send_frame, .penalise = penalise, .draw = draw};
    struct public_key guarded[CLUSTER_NODES];
    size_t guarded_count = 0;
    for (uint16_t i = 0; i < cluster->count; i++)
        if (member->guards[i]) guarded[guarded_count++] = cluster->members[i].node_public;
    struct replica_config config = {.calls = &calls,
                                    .guarded = guarded,
                                    .guarded_count = guarded_count,
                                    .is_hidden = member->is_hidden,
                                    .disk = &member->disk,
                                    .node_key = member->node_public,
                                    .is_first_start = member->life == 0,
                                    .timeout_ms = CLUSTER_TIMEOUT_MS};
    assert_ok(fixture_open_idle(&member->fixture));
    assert_ok(replica_open(&member->replica, member->fixture.node, &config));
    member->life++;
    member->has_news = true;
    for (uint16_t i = 0; i < cluster->count; i++) {
        struct member *other = &cluster->members[i];
        if (other == member || !other->replica || cluster->is_apart[index][i]) continue;
        introduce(member, other);
        introduce(other, member);
    }
}

void cluster_open_all(struct cluster *cluster) {
    for (uint16_t i = 0; i < cluster->count; i++) cluster_open(cluster, i);
}

void cluster_close(struct cluster *cluster, uint16_t index) {
    struct member *member = &cluster->members[index];
    for (uint16_t i = 0; i < cluster->count; i++)
        if (i != index && cluster->members[i].replica && !cluster->is_apart[index][i])
            replica_peer_left(cluster->members[i].replica, index);
    replica_close(member->replica);
    member->replica = NULL;
    fixture_close(&member->fixture);
    false_disk_crash(&member->votes);
}

void cluster_clear(struct cluster *cluster) {
    for (uint16_t i = 0; i < cluster->count; i++) {
        struct member *member = &cluster->members[i];
        if (member->replica) cluster_close(cluster, i);
        fixture_clear(&member->fixture);
        false_disk_clear(&member->votes);
    }
    while (cluster->packets) {
        struct packet *packet = cluster->packets;
        cluster->packets = packet->next;
        drop_packet(packet);
    }
    for (size_t kind = 0; kind < REPLICA_KINDS; kind++) buf_clear(&cluster->told[kind]);
}

// --- transactions ---

struct hash cluster_submit(struct cluster *cluster, uint16_t index, int from, uint64_t units) {
    struct member *member = &cluster->members[index];
    struct fixture *fixture = &member->fixture;
    struct buf encoded = {0};
    struct hash id;
    struct tx tx;
    fixture_begin(fixture, &tx, from);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture->ids[3], .amount = amount_of_units(units)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture->keys[from], node_chain_id(fixture->node)));
    tx_encode(&encoded, &tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    if (member->replica) replica_note_tx(member->replica, buf_bytes(&encoded));
    member->has_news = true;
    buf_clear(&encoded);
    return id;
}

static bool is_final_at_all(struct cluster *cluster, const void *context) {
    for (uint16_t i = 0; i < cluster->count; i++) {
        const struct member *member = &cluster->members[i];
        struct node_tx found;
        if (!member->replica) continue;
        assert_ok(node_find_tx(member->fixture.node, context, &found));
        if (found.state != NODE_TX_FINAL) return false;
    }
    return true;
}

bool cluster_await(struct cluster *cluster, const struct hash *id) {
    return cluster_run(cluster, is_final_at_all, id, 60 * 1000);
}

static bool read_id(const struct member *member, uint64_t height, struct hash *out) {
    struct buf encoded = {0};
    struct header header;
    bool is_there =
        member->replica && node_read_block(member->fixture.node, height, &encoded) == STATUS_OK;
    if (is_there) {
        assert_ok(block_decode_header(&header, buf_bytes(&encoded)));
        header_id(out, &header);
    }
    buf_clear(&encoded);
    return is_there;
}

void cluster_compare(struct cluster *cluster) {
    bool is_any_there = true;
    for (uint64_t height = 1; is_any_there; height++) {
        struct hash ids[CLUSTER_NODES];
        size_t count = 0;
        for (uint16_t i = 0; i < cluster->count; i++)
            count += read_id(&cluster->members[i], height, &ids[count]);
        for (size_t i = 1; i < count; i++) ck_assert(hash_equal(&ids[i], &ids[0]));
        is_any_there = count > 0;
    }
}

uint64_t cluster_height(struct cluster *cluster, uint16_t member) {
    struct node_head head;
    node_head(cluster->members[member].fixture.node, &head);
    return head.header.height;
}

struct replica_look cluster_look(const struct cluster *cluster, uint16_t member) {
    struct replica_look out;
    replica_look(cluster->members[member].replica, &out);
    return out;
}
