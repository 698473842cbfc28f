// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "tests/unit/consensus/suites.h"

static void open_table(struct table *table, uint16_t count, const struct witness_group *own) {
    memset(table, 0, sizeof *table);
    table->now_ms = 1000 * 1000;
    table->config = (struct consensus_config){.chain_id = {{7}}, .timeout_ms = TABLE_TIMEOUT_MS};
    table->epoch = (struct consensus_epoch){.first_view = 1,
                                            .set_hash = {{8}},
                                            .leader_seed = {{9}},
                                            .leader_id = {{10}},
                                            .witness_count = count,
                                            .own = *own,
                                            .block_interval_ms = TABLE_INTERVAL_MS,
                                            .epoch_blocks = TABLE_EPOCH_BLOCKS};
    struct schedule_seed seed = {.seed = table->epoch.leader_seed, .id = table->epoch.leader_id};
    schedule_init(&table->schedule, &seed, 1, count);
    table->genesis = (struct header){.version = HEADER_VERSION,
                                     .chain_id = table->config.chain_id,
                                     .time_ms = table->now_ms - TABLE_INTERVAL_MS};
    header_id(&table->genesis_id, &table->genesis);
    table->core = malloc(consensus_bytes());
    ck_assert_ptr_nonnull(table->core);
    // What it is given may hold anything.
    memset(table->core, 0xa5, consensus_bytes());
    table_reopen(table);
}

void table_open(struct table *table, uint16_t count, uint16_t self) {
    struct witness_group own = {0};
    group_add(&own, self);
    open_table(table, count, &own);
}

void table_open_group(struct table *table, uint16_t count, uint16_t own_count) {
    struct witness_group own = {0};
    for (uint16_t i = 0; i < own_count; i++) group_add(&own, i);
    open_table(table, count, &own);
}

void table_reopen(struct table *table) {
    struct consensus_root root = {.header = table->genesis, .id = table->genesis_id};
    table->core = consensus_init(table->core, &table->config, &table->epoch, &root);
    table->actions = (struct consensus_actions){0};
}

void table_close(struct table *table) { free(table->core); }

void table_feed(struct table *table, struct consensus_event event) {
    event.now_ms = event.wall_ms = table->now_ms;
    table->actions = consensus_step(table->core, &event);
}

void table_tick(struct table *table, uint64_t after_ms) {
    table->now_ms += after_ms;
    table_feed(table, (struct consensus_event){.kind = EVENT_TICK, .peer = PEER_NONE});
}

void table_block(const struct table *table, struct header *out, const struct header *parent,
                 uint64_t view) {
    *out = (struct header){.version = HEADER_VERSION,
                           .chain_id = table->config.chain_id,
                           .height = parent->height + 1,
                           .epoch = table->epoch.epoch,
                           .view = view,
                           .time_ms = parent->time_ms + TABLE_INTERVAL_MS,
                           .leader = schedule_leader(&table->schedule, view),
                           .set_hash = table->epoch.set_hash};
    header_id(&out->parent, parent);
    if (parent->height == 0) return;
    out->parent_voters_len = (uint8_t)((table->epoch.witness_count + 7) / 8);
    for (uint16_t i = 1; i < table->epoch.witness_count; i++)
        out->parent_voters[i / 8] |= (uint8_t)(1u << (i % 8));
}

void table_propose(struct table *table, const struct header *header, uint64_t view) {
    struct consensus_event event = {.kind = EVENT_PROPOSAL, .peer = 1};
    event.proposal = (struct proposal){.epoch = header->epoch, .view = view, .header = header};
    header_id(&event.proposal.id, header);
    table_feed(table, event);
}

void table_execute(struct table *table, const struct header *header, bool is_valid) {
    struct consensus_event event = {.kind = EVENT_EXECUTED, .peer = PEER_NONE};
    header_id(&event.executed.id, header);
    event.executed.is_valid = is_valid;
    table_feed(table, event);
}

void table_vote(struct table *table, enum vote_kind kind, uint64_t view,
                const struct header *header, uint16_t witness) {
    struct consensus_event event = {.kind = EVENT_VOTES, .peer = witness};
    struct vote_signer signer = {.witness = witness};
    event.votes = (struct signed_votes){
        .epoch = table->epoch.epoch, .view = view, .kind = kind, .count = 1, .signers = &signer};
    if (header) header_id(&event.votes.block_id, header);
    table_feed(table, event);
}

void table_seal(struct table *table, struct certificate *out, uint64_t view) {
    memset(out, 0, sizeof *out);
    out->view = view;
    for (uint16_t i = 1; i < table->epoch.witness_count; i++)
        certificate_add(out, i, &(struct signature){{(uint8_t)i}});
}

void table_certify(struct table *table, enum vote_kind kind, uint64_t view,
                   const struct header *header) {
    static struct certificate certificate;
    table_seal(table, &certificate, view);
    struct consensus_event event = {.kind = EVENT_CERTIFICATE, .peer = 1};
    event.sealed =
        (struct sealed){.epoch = table->epoch.epoch, .kind = kind, .certificate = &certificate};
    if (header) header_id(&event.sealed.block_id, header);
    table_feed(table, event);
}

void table_signed(struct table *table, const struct sign_request *request) {
    struct vote_signer signers[LIMIT_WITNESSES];
    ck_assert_ptr_nonnull(request);
    struct consensus_event event = {.kind = EVENT_SIGNED, .peer = PEER_NONE};
    event.votes = (struct signed_votes){.epoch = request->epoch,
                                        .view = request->view,
                                        .kind = request->kind,
                                        .block_id = request->block_id,
                                        .signers = signers};
    for (uint16_t i = 0; i < table->epoch.witness_count; i++)
        if (group_has(&request->by, i))
            signers[event.votes.count++] = (struct vote_signer){
                .witness = i, .signature = {{(uint8_t)(100 + request->kind), (uint8_t)i}}};
    table_feed(table, event);
}

const struct consensus_action *table_action(const struct table *table,
                                            enum consensus_action_kind kind, size_t nth) {
    for (size_t i = 0; i < table->actions.count; i++)
        if (table->actions.list[i].kind == kind && nth-- == 0) return &table->actions.list[i];
    return NULL;
}

const struct sign_request *table_asked(const struct table *table, enum vote_kind kind) {
    const struct consensus_action *action;
    for (size_t i = 0; (action = table_action(table, ACTION_SIGN, i)) != NULL; i++)
        if (action->sign.kind == kind) return &action->sign;
    return NULL;
}

const struct consensus_message *table_sent(const struct table *table, enum message_kind kind,
                                           size_t nth) {
    const struct consensus_action *action;
    for (size_t i = 0; (action = table_action(table, ACTION_SEND, i)) != NULL; i++)
        if (action->send.message.kind == kind && nth-- == 0) return &action->send.message;
    return NULL;
}

size_t table_place(const struct table *table, enum consensus_action_kind kind) {
    for (size_t i = 0; i < table->actions.count; i++)
        if (table->actions.list[i].kind == kind) return i;
    return SIZE_MAX;
}

struct consensus_state table_state(const struct table *table) {
    struct consensus_state state;
    consensus_look(table->core, &state);
    return state;
}

void table_agree(struct table *table, struct header *out, const struct header *parent,
                 uint64_t view, bool is_final) {
    table_block(table, out, parent, view);
    if (table->now_ms < out->time_ms) table->now_ms = out->time_ms;
    if (group_has(&table->epoch.own, out->leader)) {
        table_feed(table, (struct consensus_event){.kind = EVENT_TICK, .peer = PEER_NONE});
        table_feed(table,
                   (struct consensus_event){.kind = EVENT_BUILT, .peer = PEER_NONE, .built = out});
    } else {
        table_propose(table, out, view);
        table_execute(table, out, true);
    }
    table_certify(table, VOTE_NOTARIZE, view, out);
    if (is_final) table_certify(table, VOTE_FINALIZE, view, out);
}
