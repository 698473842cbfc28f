// SPDX-License-Identifier: Apache-2.0
// The network: each two nodes have a connection or none. What goes over one keeps the order of its
// class, as on a channel (net/channel.h), and is lost when it ends, which each side learns of in
// its own time; then they meet again, under other numbers.
#include "tests/sim/nodes/nodes.h"

enum { LONG_MS = 2000, LEARN_MS = 3000, MEET_MS = 1000, BAN_MS = 10 * 1000 };

static struct sim_link *link_of(struct sim *sim, uint16_t a, uint16_t b) {
    return a < b ? &sim->links[a][b] : &sim->links[b][a];
}

static size_t side_of(const struct sim_node *self, uint16_t other) { return self->index > other; }

static bool are_apart(const struct sim *sim, uint16_t a, uint16_t b) {
    return sim->is_partitioned && sim->nodes[a].is_aside != sim->nodes[b].is_aside;
}

void links_begin(struct sim *sim) {
    struct draws *draws = &sim->draws;
    memset(sim->links, 0, sizeof sim->links);
    sim->is_partitioned = false;
    if (!sim_is_many(sim)) return;
    sim->timeout_ms = (uint32_t)(400 + draws_below(draws, 800));
    sim->delay_ms = (uint32_t)(1 + draws_below(draws, 40));
    sim->jitter_ms = (uint32_t)draws_below(draws, 60);
    sim->drop_percent = draws_percent(draws, 50) ? 0 : (uint32_t)draws_below(draws, 20);
    sim->break_percent = draws_percent(draws, 50) ? 0 : (uint32_t)draws_below(draws, 3);
    for (uint16_t i = 0; i < sim->node_count; i++)
        for (size_t k = 0; k < SIM_NUMBERS; k++) sim->nodes[i].peers[k] = PEER_NONE;
}

void links_clear(struct sim *sim) {
    for (size_t i = 0; i < SIM_SEEN; i++) packet_drop(sim->seen[i]);
    memset(sim->seen, 0, sizeof sim->seen);
    sim->seen_count = 0;
}

// --- connections ---

static void plan_meeting(struct sim *sim, uint16_t a, uint16_t b, uint64_t after_ms) {
    struct sim_link *link = link_of(sim, a, b);
    if (link->is_planned) return;
    link->is_planned = true;
    occasions_add(&sim->occasions,
                  &(struct occasion){
                      .at_ms = sim->now_ms + after_ms, .kind = AT_MEETING, .node = a, .from = b});
}

static void plan_next_meeting(struct sim *sim, uint16_t a, uint16_t b) {
    plan_meeting(sim, a, b, 50 + draws_below(&sim->draws, MEET_MS));
}

void links_came(struct sim_node *node) {
    struct sim *sim = node->sim;
    for (uint16_t other = 0; other < sim->node_count; other++)
        if (other != node->index)
            plan_meeting(sim, node->index, other, 1 + draws_below(&sim->draws, 300));
}

static void plan_parting(struct sim *sim, uint16_t node, uint16_t from) {
    uint64_t after =
        draws_percent(&sim->draws, 60) ? sim->delay_ms : draws_below(&sim->draws, LEARN_MS);
    occasions_add(&sim->occasions, &(struct occasion){.at_ms = sim->now_ms + after,
                                                      .kind = AT_PARTING,
                                                      .node = node,
                                                      .from = from,
                                                      .life = sim->nodes[node].life});
}

void links_break(struct sim *sim, uint16_t a, uint16_t b) {
    struct sim_link *link = link_of(sim, a, b);
    if (!link->is_open) return;
    link->is_open = false;
    sim->figures.breaks++;
    view_add(sim, a, VIEW_BREAK, 0);
    plan_parting(sim, a, b);
    plan_parting(sim, b, a);
    plan_next_meeting(sim, a, b);
}

static void forget(struct sim_node *node, uint16_t other) {
    struct sim_link *link = link_of(node->sim, node->index, other);
    size_t side = side_of(node, other);
    link->is_known[side] = false;
    node->peers[link->number[side]] = PEER_NONE;
}

void links_left(struct sim_node *node) {
    struct sim *sim = node->sim;
    for (uint16_t other = 0; other < sim->node_count; other++) {
        if (other == node->index) continue;
        links_break(sim, node->index, other);
        if (link_of(sim, node->index, other)->is_known[side_of(node, other)]) forget(node, other);
    }
}

void links_part(struct sim_node *node, uint16_t from) {
    const struct sim_link *link = link_of(node->sim, node->index, from);
    size_t side = side_of(node, from);
    if (!node->replica || !link->is_known[side]) return;
    uint16_t number = link->number[side];
    forget(node, from);
    replica_peer_left(node->replica, number);
    life_plan(node, node->sim->now_ms);
}

static void take_number(struct sim_node *node, uint16_t other, struct sim_link *link) {
    size_t at = (size_t)draws_below(&node->sim->draws, SIM_NUMBERS);
    while (node->peers[at] != PEER_NONE) at = (at + 1) % SIM_NUMBERS;
    node->peers[at] = other;
    link->number[side_of(node, other)] = (uint16_t)at;
    link->is_known[side_of(node, other)] = true;
}

// A hostile one may say that it has more than there is.
static void introduce(struct sim_node *to, const struct sim_node *peer) {
    struct sim *sim = to->sim;
    struct node_head head;
    node_head(peer->node, &head);
    struct replica_peer_info info = {
        .node_key = peer->node_key, .final_height = head.header.height, .takes_ids = true};
    if (peer->hostility & HOSTILE_SPOILS) info.final_height += draws_below(&sim->draws, 300);
    process_enter(to);
    replica_peer_joined(
        to->replica, link_of(sim, to->index, peer->index)->number[side_of(to, peer->index)], &info);
    process_leave();
    life_plan(to, sim->now_ms);
}

void links_meet(struct sim *sim, uint16_t a, uint16_t b) {
    struct sim_link *link = link_of(sim, a, b);
    struct sim_node *one = &sim->nodes[a], *other = &sim->nodes[b];
    link->is_planned = false;
    if (!one->is_up || !other->is_up || link->is_open) return; // who comes up plans again
    if (link->is_known[0] || link->is_known[1] || are_apart(sim, a, b) ||
        link->banned_until_ms > sim->now_ms) {
        plan_next_meeting(sim, a, b);
        return;
    }
    *link = (struct sim_link){.is_open = true, .time = link->time + 1};
    sim->figures.connections++;
    take_number(one, b, link);
    take_number(other, a, link);
    introduce(one, other);
    introduce(other, one);
}

void links_split(struct sim *sim, bool is_partitioned) {
    sim->is_partitioned = is_partitioned;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        sim->nodes[i].is_aside = is_partitioned && draws_percent(&sim->draws, 50);
        view_add(sim, i, VIEW_ASIDE, sim->nodes[i].is_aside);
    }
    if (!is_partitioned) return;
    sim->figures.partitions++;
    for (uint16_t a = 0; a < sim->node_count; a++)
        for (uint16_t b = a + 1; b < sim->node_count; b++)
            if (are_apart(sim, a, b)) links_break(sim, a, b);
}

// As a host does: at once, in the middle of whatever found it out.
static void let_go(struct sim_node *node, uint16_t other) {
    struct sim *sim = node->sim;
    struct sim_link *link = link_of(sim, node->index, other);
    link->banned_until_ms = sim->now_ms + 1 + draws_below(&sim->draws, BAN_MS);
    sim->figures.penalised++;
    links_break(sim, node->index, other);
    links_part(node, other);
}

// --- frames ---

uint32_t links_time(const struct sim_node *a, uint16_t b) {
    const struct sim_link *link = link_of(a->sim, a->index, b);
    return link->is_open ? link->time : 0;
}

static bool is_lost(struct sim_node *from, uint16_t to, uint8_t kind) {
    struct sim *sim = from->sim;
    if (links_time(from, to) == 0) return true; // it has not learnt of that yet
    if (sim->is_healed) return false;
    if (draws_below(&sim->draws, 1000) < sim->break_percent) {
        links_break(sim, from->index, to);
        return true;
    }
    // Its queue is full: not in the beginning, when keys are told.
    if (kind == REPLICA_KEYS || !draws_percent(&sim->draws, sim->drop_percent)) return false;
    sim->figures.frames_dropped++;
    return true;
}

void links_put(struct sim_node *from, uint16_t to, uint8_t kind, struct bytes payload) {
    struct sim *sim = from->sim;
    struct sim_link *link = link_of(sim, from->index, to);
    sim->figures.frames++;
    sim->figures.bytes += payload.len;
    if (is_lost(from, to, kind)) return;
    uint64_t *last = &link->last_ms[side_of(from, to)][replica_rules.kinds[kind].class];
    uint64_t at = sim->now_ms + sim->delay_ms + draws_below(&sim->draws, sim->jitter_ms + 1u);
    if (!sim->is_healed && draws_percent(&sim->draws, 2)) at += draws_below(&sim->draws, LONG_MS);
    if (at < *last) at = *last;
    *last = at;
    occasions_add(&sim->occasions, &(struct occasion){.at_ms = at,
                                                      .kind = AT_FRAME,
                                                      .node = to,
                                                      .from = from->index,
                                                      .life = link->time,
                                                      .packet = packet_new(kind, payload)});
}

static void remember(struct sim *sim, uint8_t kind, struct bytes payload) {
    struct packet **place = &sim->seen[sim->seen_count++ % SIM_SEEN];
    packet_drop(*place);
    *place = packet_new(kind, payload);
}

static void send_one(struct sim_node *from, uint16_t to, uint8_t kind, struct bytes payload) {
    if (from->hostility)
        hostile_send(from, to, kind, payload);
    else
        links_put(from, to, kind, payload);
}

// Of a machine without power nothing leaves.
static void send_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    if (crash_disk_is_cut(node->disk)) return;
    if (kind >= REPLICA_KINDS || payload.len > replica_rules.kinds[kind].max_bytes) {
        judge_fail(sim, "node %u sends a frame that is too large", node->index);
        return;
    }
    votes_judge(node, kind, payload);
    remember(sim, kind, payload);
    for (size_t i = 0; i < SIM_NUMBERS; i++)
        if (node->peers[i] != PEER_NONE && (peer == i || peer == PEER_NONE))
            send_one(node, node->peers[i], kind, payload);
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    struct sim_node *node = context;
    struct sim *sim = node->sim;
    if (peer >= SIM_NUMBERS || node->peers[peer] == PEER_NONE) return;
    uint16_t other = node->peers[peer];
    if (!node->is_hostile && !sim->nodes[other].is_hostile)
        judge_fail(sim, "node %u penalises node %u, which is honest", node->index, other);
    unsigned *penalty = &link_of(sim, node->index, other)->penalty[side_of(node, other)];
    *penalty += points;
    if (*penalty >= HOST_PENALTY_MAX) let_go(node, other);
}

static void draw(void *context, void *out, size_t len) {
    struct sim_node *node = context;
    draws_fill(&node->sim->inner, out, len);
}

struct replica_calls links_calls(struct sim_node *node) {
    return (struct replica_calls){
        .context = node, .send = send_frame, .penalise = penalise, .draw = draw};
}

void links_deliver(struct sim_node *to, uint16_t from, const struct packet *packet) {
    struct sim *sim = to->sim;
    const struct sim_link *link = link_of(sim, to->index, from);
    if (!link->is_known[side_of(to, from)] || hostile_hides(to, packet)) return;
    judge_note(sim, packet->bytes.len * 16 + packet->kind);
    process_enter(to);
    enum status status = replica_frame(to->replica, link->number[side_of(to, from)], packet->kind,
                                       buf_bytes(&packet->bytes));
    process_leave();
    if (status != STATUS_OK && !to->is_hostile && !sim->nodes[from].is_hostile)
        judge_fail(sim, "node %u refuses a frame of node %u: %s", to->index, from,
                   status_name(status));
    if (status != STATUS_OK) {
        process_enter(to);
        let_go(to, from);
        process_leave();
    }
    life_plan(to, sim->now_ms + draws_below(&sim->draws, 4));
}
