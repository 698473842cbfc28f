// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node/branch_fixture.h"

#include "tests/support/unit.h"

void made_clear(struct made *made) { buf_clear(&made->body); }

void branch_pay(struct fixture *at, int from, int to, struct hash *id) {
    struct tx tx;
    fixture_begin(at, &tx, from);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = at->ids[to], .amount = amount_of_units(7)}};
    ck_assert_int_eq(fixture_submit(at, &tx, from, id), TX_CODE_OK);
}

struct made made_head(struct fixture *at) {
    struct node_head head;
    node_head(at->node, &head);
    return (struct made){.header = head.header, .id = head.id};
}

uint16_t branch_leader(struct fixture *at, uint64_t epoch, uint64_t view) {
    struct consensus_epoch rules;
    struct witness_set set;
    struct schedule schedule;
    node_branch_epoch(at->node, epoch, &rules, &set);
    struct schedule_seed seed = {.seed = rules.leader_seed, .id = rules.leader_id};
    schedule_init(&schedule, &seed, rules.first_view, rules.witness_count);
    return schedule_leader(&schedule, view);
}

bool branch_try_build(struct fixture *at, const struct made *parent, uint64_t views,
                      struct made *out) {
    struct certificate certificate = {.bitmap = {0xf}, .signature_count = 4};
    uint64_t epoch = (parent->header.height + 1) / node_genesis(at->node)->params.epoch_blocks;
    struct driver_build build = {.parent = &parent->header,
                                 .parent_id = parent->id,
                                 .epoch = epoch,
                                 .view = parent->header.view + views,
                                 .time_ms = parent->header.time_ms + 1,
                                 .parent_certificate = &certificate};
    build.leader = branch_leader(at, epoch, build.view);
    *out = (struct made){0};
    if (!node_branch_build(at->node, &build, &out->header, &out->body)) return false;
    header_id(&out->id, &out->header);
    return true;
}
struct made branch_build(struct fixture *at, const struct made *parent, uint64_t views) {
    struct made made;
    ck_assert(branch_try_build(at, parent, views, &made));
    return made;
}

bool branch_take_in(struct fixture *at, const struct made *made) {
    return node_branch_execute(at->node, &made->header, buf_bytes(&made->body));
}

struct certificate branch_certify(struct fixture *at, const struct made *made) {
    struct consensus_epoch rules;
    struct witness_set set;
    struct hash payload;
    node_branch_epoch(at->node, made->header.epoch, &rules, &set);
    struct certificate certificate = {.view = made->header.view};
    struct vote vote = {.epoch = made->header.epoch,
                        .set_hash = made->header.set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = made->header.view,
                        .block_id = made->id};
    vote_payload(&payload, &vote);
    for (uint16_t i = 0; i < set.count; i++) {
        for (int k = 0; k < FIXTURE_KEYS; k++) {
            struct signature signature;
            struct public_key key;
            key_public_of(&key, &at->witnesses[k]);
            if (memcmp(&key, &set.keys[i], sizeof key) != 0) continue;
            sign_payload(&signature, &at->witnesses[k], SIGN_VOTE, node_chain_id(at->node),
                         &payload);
            certificate_add(&certificate, i, &signature);
        }
    }
    return certificate;
}

enum status branch_finalize_bare(struct fixture *at, const struct made *made) {
    struct driver_final final = {
        .header = &made->header, .id = made->id, .body = buf_bytes(&made->body)};
    return node_branch_finalize(at->node, &final);
}
enum status branch_finalize(struct fixture *at, const struct made *made) {
    struct certificate certificate = branch_certify(at, made);
    struct driver_final final = {.header = &made->header,
                                 .id = made->id,
                                 .body = buf_bytes(&made->body),
                                 .certificate = &certificate};
    return node_branch_finalize(at->node, &final);
}

static struct node_head head_of(struct fixture *at) {
    struct node_head head;
    node_head(at->node, &head);
    return head;
}
void branch_check_head(struct fixture *at, const struct made *made) {
    struct node_head head = head_of(at);
    ck_assert_uint_eq(head.header.height, made->header.height);
    ck_assert(hash_equal(&head.id, &made->id));
}

uint32_t made_tx_count(const struct made *made) { return load_u32_le(made->body.data); }
