// SPDX-License-Identifier: Apache-2.0
// What must never be, whatever goes wrong; and what must be, once nothing goes wrong any more.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/drivers/drivers.h"

enum { RECOVERY_MS = 10 * 60 * 1000, RECOVERY_BLOCKS = 6, CALM_BLOCKS = 50 };

void judge_fail(struct sim *sim, const char *format, ...) {
    va_list arguments;
    if (sim->violation) return;
    va_start(arguments, format);
    vsnprintf(sim->violation_text, sizeof sim->violation_text, format, arguments);
    va_end(arguments);
    sim->violation = sim->violation_text;
}

void judge_begin(struct sim *sim) {
    if (!sim->notes) sim->notes = calloc(SIM_NOTES, sizeof *sim->notes);
    ENSURE(sim->notes);
    memset(sim->notes, 0, SIM_NOTES * sizeof *sim->notes);
    sim->digest = sim->seed;
}

void judge_note(struct sim *sim, uint64_t number) {
    sim->digest = (sim->digest ^ number ^ sim->now_ms) * 0x100000001b3u;
}

static struct signed_note *note_of(struct sim *sim, uint16_t key, const struct signed_votes *vote,
                                   enum vote_kind kind) {
    uint64_t place = ((vote->view * 31 + vote->epoch) * 128 + key) * 4 + (uint64_t)kind;
    for (size_t i = 0; i < SIM_NOTES; i++) {
        struct signed_note *note = &sim->notes[(place + i) % SIM_NOTES];
        if (!note->is_taken) return note;
        if (note->key == key && note->epoch == vote->epoch && note->view == vote->view &&
            note->kind == kind)
            return note;
    }
    abort(); // more notes than there is room for
}

static bool holds(struct bytes where, struct bytes wanted) {
    const uint8_t *at = where.data, *end = where.data + where.len;
    while (at && (size_t)(end - at) >= wanted.len) {
        if (memcmp(at, wanted.data, wanted.len) == 0) return true;
        at = memchr(at + 1, wanted.data[0], (size_t)(end - at) - 1);
    }
    return false;
}

// The block with its own body: every header begins with its version and the chain's id.
static bool holds_block(const struct sim *sim, struct bytes where, const struct hash *wanted) {
    struct header header;
    struct hash id, root;
    for (size_t at = 1; at + 32 <= where.len; at++) {
        if (memcmp(where.data + at, sim->chain_id.bytes, 32) != 0) continue;
        struct decoder in = decoder_of(bytes_of(where.data + at - 1, where.len - at + 1));
        header_decode_from(&in, &header);
        struct bytes body = decode_bytes(&in, LIMIT_BODY_BYTES);
        if (in.status != STATUS_OK) continue;
        header_id(&id, &header);
        hash_bytes(&root, HASH_USER, body);
        if (hash_equal(&id, wanted) && hash_equal(&root, &header.tx_root)) return true;
    }
    return false;
}

static bool is_final(const struct sim_node *node, const struct hash *id) {
    for (uint64_t height = node->final_height; height > 0; height--)
        if (hash_equal(&node->finals[height].id, id)) return true;
    return false;
}

// A signature that leaves lies on the disk, and so does the block that NOTARIZE is for.
static void judge_durable(struct sim_node *node, const struct signed_votes *vote) {
    struct bytes signature = BYTES_OF(vote->signers[vote->count - 1].signature.bytes);
    bool has_vote = false,
         has_block = vote->kind != VOTE_NOTARIZE || is_final(node, &vote->block_id);
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        const struct false_file *file = &node->disk.files[i];
        if (!file->is_named || !file->was_named) continue;
        struct bytes durable = buf_bytes(&file->durable);
        has_vote = has_vote || holds(durable, signature);
        has_block = has_block || holds_block(node->sim, durable, &vote->block_id);
    }
    if (!has_vote) judge_fail(node->sim, "node %u sends what is not on its disk", node->index);
    if (!has_block)
        judge_fail(node->sim, "node %u votes for a block that is not on its disk", node->index);
}

void judge_shown(struct sim_node *node, const struct certificate *certificate) {
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        const struct false_file *file = &node->disk.files[i];
        if (file->is_named && file->was_named &&
            holds(buf_bytes(&file->durable), BYTES_OF(certificate->signatures[0].bytes)))
            return;
    }
    judge_fail(node->sim, "node %u shows what is not on its disk", node->index);
}

// Nobody where the key is now knows what it has signed in such an epoch.
static void judge_silence(struct sim_node *node, uint16_t key, uint64_t epoch) {
    struct sim *sim = node->sim;
    if (epoch < sim->signs_from[key])
        judge_fail(sim, "node %u signs in epoch %u by a key that had signed there elsewhere",
                   node->index, (unsigned)epoch);
    if (epoch >= sim->signed_until[key]) sim->signed_until[key] = epoch + 1;
}

// Whether the key has signed it for the first time.
static bool note_vote(struct sim_node *node, uint16_t key, const struct signed_votes *vote) {
    struct sim *sim = node->sim;
    struct signed_note *note = note_of(sim, key, vote, vote->kind);
    bool is_new = !note->is_taken;
    if (!is_new && !hash_equal(&note->id, &vote->block_id))
        judge_fail(sim, "node %u signs two things of kind %d in view %u", node->index,
                   (int)vote->kind, (unsigned)vote->view);
    *note = (struct signed_note){.is_taken = true,
                                 .key = key,
                                 .epoch = vote->epoch,
                                 .view = vote->view,
                                 .kind = vote->kind,
                                 .id = vote->block_id};
    enum vote_kind other = vote->kind == VOTE_NULLIFY ? VOTE_FINALIZE : VOTE_NULLIFY;
    if ((vote->kind == VOTE_NULLIFY || vote->kind == VOTE_FINALIZE) &&
        note_of(sim, key, vote, other)->is_taken)
        judge_fail(sim, "node %u nullifies and finalises view %u", node->index,
                   (unsigned)vote->view);
    if (is_new) judge_silence(node, key, vote->epoch);
    return is_new;
}

void judge_build(struct sim_node *node, const struct driver_build *build, bool is_made) {
    if (!is_made) node->sim->figures.unbuilt++;
    if (node->unbuilt.attempts > 0 && node->unbuilt.epoch == build->epoch &&
        node->unbuilt.view == build->view) {
        node->unbuilt.attempts++;
        return;
    }
    if (is_made) return;
    node->unbuilt.epoch = build->epoch;
    node->unbuilt.view = build->view;
    node->unbuilt.first_ms = node->sim->now_ms;
    node->unbuilt.attempts = 1;
}

// Who gives its own view up has tried more than once to make a block: what was in the way may have
// gone. Where empty ones are left out the work may have gone as well.
static void judge_attempts(struct sim_node *node, const struct signed_votes *votes) {
    struct sim *sim = node->sim;
    if (votes->kind != VOTE_NULLIFY || node->unbuilt.attempts != 1 || sim->leaves_out) return;
    if (node->unbuilt.epoch != votes->epoch || node->unbuilt.view != votes->view) return;
    if (sim->now_ms > node->unbuilt.first_ms + sim->timeout_ms / 2)
        judge_fail(sim, "node %u has tried once to make a block in view %u", node->index,
                   (unsigned)votes->view);
}

static void judge_votes(struct sim_node *node, const struct signed_votes *votes) {
    const struct sim_epoch *epoch = &node->sim->epochs[votes->epoch];
    struct witness_group own = group_of(epoch, node), signers = {0};
    bool is_new = false;
    if (node->has_met)
        judge_fail(node->sim, "node %u signs on, though its key is elsewhere, too", node->index);
    if (node->is_hostile) return;
    for (uint16_t i = 0; i < votes->count; i++) {
        uint16_t witness = votes->signers[i].witness;
        group_add(&signers, witness);
        is_new = note_vote(node, epoch->key_of[witness], votes) || is_new;
    }
    // What is sent again may be of keys that are elsewhere now.
    if (!is_new) return;
    judge_attempts(node, votes);
    judge_durable(node, votes);
    if (votes->kind != VOTE_PROPOSE && memcmp(&own, &signers, sizeof own) != 0)
        judge_fail(node->sim, "node %u: its keys do not sign alike in view %u", node->index,
                   (unsigned)votes->view);
}

static uint16_t leader_of(const struct sim *sim, uint64_t number, uint64_t view) {
    const struct consensus_epoch *rules = &sim->epochs[number].rules;
    struct schedule_seed seed = {.seed = rules->leader_seed, .id = rules->leader_id};
    struct schedule schedule;
    schedule_init(&schedule, &seed, rules->first_view, rules->witness_count);
    return schedule_leader(&schedule, view);
}

void judge_sent(struct sim_node *node, struct bytes message) {
    static struct wire_message decoded;
    enum status status = wire_decode(&decoded, message);
    if (status != STATUS_OK) {
        judge_fail(node->sim, "node %u sends what is %s", node->index, status_name(status));
        return;
    }
    judge_note(node->sim, message.len * 16 + (uint64_t)decoded.kind);
    if (decoded.message.kind == MESSAGE_VOTES && decoded.kind != WIRE_BLOCK)
        judge_votes(node, &decoded.message.votes);
    if (decoded.kind != WIRE_PROPOSE) return;
    const struct proposal *proposal = &decoded.message.proposal;
    struct vote_signer leader = {.witness = leader_of(node->sim, proposal->epoch, proposal->view),
                                 .signature = proposal->signature};
    judge_votes(node, &(struct signed_votes){.epoch = proposal->epoch,
                                             .view = proposal->view,
                                             .kind = VOTE_PROPOSE,
                                             .block_id = proposal->id,
                                             .count = 1,
                                             .signers = &leader});
}

void judge_final(struct sim_node *node, const struct hash *id, uint64_t height) {
    struct sim *sim = node->sim;
    if (node->is_hostile) return;
    if (height == sim->final_count) {
        sim->final_ids[sim->final_count++] = *id;
        sim->figures.blocks++;
    }
    if (height > sim->final_count || !hash_equal(&sim->final_ids[height], id))
        judge_fail(sim, "two blocks of height %u are final", (unsigned)height);
}

static struct sign_place place_of(const struct sim_node *node) {
    struct consensus_state state;
    driver_look(node->driver, &state);
    return (struct sign_place){.epoch = state.epoch, .view = state.view};
}

void judge_ran(struct sim_node *node) {
    node->reached = place_of(node);
    node->is_silenced = node->has_met;
}

// What the log has shows it: then it has been kept, too.
static void judge_over(struct sim_node *node) {
    struct consensus_state state;
    driver_look(node->driver, &state);
    if (state.guard.epoch != GUARD_FOR_GOOD) return;
    if (!node->is_hostile)
        judge_fail(node->sim, "node %u finds its own key elsewhere", node->index);
    node->has_met = node->is_silenced = true;
}

void judge_started(struct sim_node *node) {
    struct sign_place now = place_of(node), before = node->reached;
    judge_over(node);
    bool is_back =
        now.epoch < before.epoch || (now.epoch == before.epoch && now.view < before.view);
    if (is_back)
        judge_fail(node->sim, "node %u begins in view %u, having been in %u", node->index,
                   (unsigned)now.view, (unsigned)before.view);
}

// What is final the chain has to be told to forget.
static void judge_memory(struct sim_node *node) {
    for (size_t i = 0; i < node->executed_count; i++)
        if (is_final(node, &node->executed[i].id))
            judge_fail(node->sim, "node %u is not told to forget a final block", node->index);
}

// Without work a block waits for a minute, once: not with each leader that does not come.
enum { IDLE_BOUND_MS = LIMIT_EMPTY_PAUSE_MS * RECOVERY_BLOCKS };

bool judge_is_done(struct sim *sim) {
    if (sim->options.is_calm) return sim->final_count > CALM_BLOCKS;
    if (!sim->is_healed) return false;
    uint64_t lowest = UINT64_MAX;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *node = &sim->nodes[i];
        if (!node->is_hostile && node->final_height < lowest) lowest = node->final_height;
    }
    uint64_t took = sim->now_ms - sim->heal_ms;
    uint64_t bound = RECOVERY_MS + (sim->is_idle ? IDLE_BOUND_MS : 0);
    if (lowest >= sim->heal_height + RECOVERY_BLOCKS) {
        for (uint16_t i = 0; i < sim->node_count; i++) judge_memory(&sim->nodes[i]);
        if (took > sim->figures.longest_recovery_ms) sim->figures.longest_recovery_ms = took;
        return true;
    }
    if (took > bound)
        judge_fail(sim, "%u ms after healing, height %u of %u", (unsigned)took, (unsigned)lowest,
                   (unsigned)(sim->heal_height + RECOVERY_BLOCKS));
    return false;
}
