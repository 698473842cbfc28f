// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/witness/stage.h"

#include "chaincore/witness/accusation.h"

struct stage stage;

static bool is_synced(void) {
    for (size_t i = 0; i < FALSE_DISK_FILES; i++) {
        const struct false_file *file = &stage.disk.files[i];
        if (file->is_named && !bytes_equal(buf_bytes(&file->content), buf_bytes(&file->durable)))
            return false;
    }
    return true;
}

static void send(void *context, uint16_t peer, struct bytes message) {
    (void)context;
    stage.sent++;
    if (message.data[0] == WIRE_BLOCK) buf_append(&stage.given, BYTES_OF(peer));
    if (message.data[0] == WIRE_CERTIFICATE && peer < LIMIT_PEERS) stage.certificates_to[peer]++;
    if (message.data[0] <= WIRE_FINALIZE) stage.votes_sent++;
    stage.sent_of[message.data[0]]++;
    stage.bytes_sent += message.len;
    if (!is_synced()) stage.sent_unsynced++;
}

static bool has_room(void *context, uint16_t peer, enum wire_kind kind) {
    (void)context, (void)kind;
    return stage.full_peer == 0 || peer != stage.full_peer;
}

static bool is_trusted(void *context, uint16_t peer) {
    (void)context;
    return stage.strangers == 0 || peer < stage.strangers;
}

static uint16_t find_peer(void *context, const struct public_key *key) {
    (void)context, (void)key;
    return 1;
}

static bool is_body_of(void *context, const struct header *header, struct bytes body) {
    (void)context, (void)header, (void)body;
    stage.bodies_looked_at++;
    return !stage.has_false_bodies;
}

static bool execute(void *context, const struct header *header, struct bytes body) {
    (void)context, (void)header, (void)body;
    stage.executed++;
    return true;
}

static bool build(void *context, const struct driver_build *build, struct header *out,
                  struct buf *body) {
    (void)context;
    *out = (struct header){.version = HEADER_VERSION,
                           .height = build->parent->height + 1,
                           .epoch = build->epoch,
                           .view = build->view,
                           .parent = build->parent_id,
                           .time_ms = build->time_ms,
                           .leader = build->leader,
                           .set_hash = build->rules->set_hash};
    if (build->parent_certificate) {
        out->parent_voters_len = 1;
        out->parent_voters[0] = build->parent_certificate->bitmap[0];
    }
    buf_append_string(body, "body");
    return true;
}

static void forget(void *context, const struct hash *id) { (void)context, (void)id; }

// Of this very block, and not of one above it.
static void check_certificate(const struct driver_final *final) {
    struct hash chain_id = {0};
    struct vote what = {.epoch = final->header->epoch,
                        .kind = VOTE_FINALIZE,
                        .view = final->certificate->view,
                        .block_id = final->id};
    witness_set_hash(&what.set_hash, &stage.set);
    assert_ok(certificate_check(final->certificate, &stage.set, &what, &chain_id));
}

static enum status finalize(void *context, const struct driver_final *final) {
    (void)context;
    uint64_t height = final->header->height;
    if (final->certificate) check_certificate(final);
    assert_bytes_equal(final->body, bytes_of_string("body"));
    ck_assert(is_synced());
    if (height <= stage.final_height) return STATUS_OK;
    if (height == stage.fails_at_height) return STATUS_IO;
    ck_assert_uint_eq(height, stage.final_height + 1);
    stage.finals[height] = *final->header;
    if (final->certificate) {
        stage.certificate = *final->certificate;
        stage.root = (struct consensus_root){.epoch = final->header->epoch,
                                             .header = *final->header,
                                             .id = final->id,
                                             .view = final->certificate->view,
                                             .certificate = &stage.certificate};
    }
    stage.final_height = height;
    return STATUS_OK;
}

static bool find_block(void *context, const struct hash *id, struct header *header,
                       struct buf *body) {
    (void)context;
    if (stage.final_height == 0 || !hash_equal(id, &stage.root.id)) return false;
    *header = stage.root.header;
    stage.found++;
    buf_append_string(body, "body");
    return true;
}

void stage_epoch_rules(void *context, uint64_t epoch, struct consensus_epoch *rules,
                       struct witness_set *set) {
    (void)context;
    *rules = (struct consensus_epoch){.epoch = epoch,
                                      .first_view = 1,
                                      .witness_count = stage.set.count,
                                      .block_interval_ms = INTERVAL_MS,
                                      .epoch_blocks = EPOCH_BLOCKS,
                                      .leave_out_empty_blocks = stage.leaves_out_empty_blocks};
    if (epoch > 0) rules->first_view = stage.finals[epoch * EPOCH_BLOCKS - 1].view + 1;
    if (stage.is_further && epoch > 0) rules->first_view = 0;
    witness_set_hash(&rules->set_hash, &stage.set);
    if (stage.has_unsound_set) rules->set_hash.bytes[0] ^= 1;
    *set = stage.set;
}

static void sync_from(void *context, uint16_t peer) {
    (void)context, (void)peer;
    stage.syncs++;
}
static void evidence(void *context, const struct driver_evidence *found) {
    (void)context;
    ck_assert_uint_eq(found->first.witness, 1);
    ck_assert_uint_eq(found->second.witness, 1);
    struct evidence accusation;
    struct hash chain_id = {0};
    ck_assert(evidence_of_votes(&accusation, &found->first, &found->second));
    ck_assert(evidence_verify(&accusation, &stage.set, &chain_id));
    stage.evidence++;
}
static void blame(void *context, uint16_t peer) {
    (void)context;
    ck_assert_uint_eq(peer, 2);
    stage.blames++;
}
static void twin(void *context) {
    (void)context;
    if (!stage.has_twin) ck_abort_msg("somebody has its key");
    stage.twins_met++;
}
static void halt(void *context, enum halt_reason reason) {
    (void)context;
    ck_abort_msg("halted for reason %d", (int)reason);
}
static void draw(void *context, void *out, size_t len) {
    (void)context;
    false_disk_draw(&stage.disk, out, len);
}

void stage_open_driver(void) {
    struct driver_calls calls = {.send = send,
                                 .has_room = has_room,
                                 .is_trusted = is_trusted,
                                 .find_peer = find_peer,
                                 .is_body_of = is_body_of,
                                 .execute = execute,
                                 .build = build,
                                 .forget = forget,
                                 .finalize = finalize,
                                 .find_block = find_block,
                                 .epoch = stage_epoch_rules,
                                 .sync = sync_from,
                                 .evidence = evidence,
                                 .blame = blame,
                                 .twin = twin,
                                 .halt = halt,
                                 .draw = draw};
    struct disk disk = false_disk_calls(&stage.disk);
    struct driver_config config = {.calls = &calls,
                                   .disk = &disk,
                                   .keys = stage.keys + stage.first_key,
                                   .key_count = stage.key_count,
                                   .accepts_new_keys = stage.accepts_new_keys,
                                   .is_first_start = stage.is_first_start,
                                   .timeout_ms = 1000,
                                   .slack_bytes = stage.slack_bytes,
                                   .root = &stage.root};
    driver_close(stage.driver);
    stage.driver = NULL;
    assert_status(driver_open(&stage.driver, &config), stage.expected);
}

void stage_open(uint16_t witnesses, size_t own) {
    memset(&stage, 0, sizeof stage);
    false_disk_init(&stage.disk, 1);
    stage.set.count = witnesses;
    stage.key_count = own;
    for (uint16_t i = 0; i < 5; i++) {
        uint8_t seed[32] = {(uint8_t)i, 3};
        struct public_key public;
        key_from_seed(&stage.keys[i], &public, seed);
        if (i < witnesses) stage.set.keys[i] = public;
    }
    stage.time = (struct driver_time){.now_ms = 1000, .wall_ms = 1000000};
    stage.genesis = (struct header){.version = HEADER_VERSION, .time_ms = 999000};
    stage.root = (struct consensus_root){.header = stage.genesis};
    header_id(&stage.root.id, &stage.genesis);
    stage.is_first_start = true;
    stage_open_driver();
    stage.is_first_start = false;
}

void stage_close(void) {
    driver_close(stage.driver);
    false_disk_clear(&stage.disk);
    buf_clear(&stage.given);
}

enum status stage_run_for(uint64_t ms) {
    enum status status = STATUS_OK;
    uint64_t until = stage.time.now_ms + ms;
    while (stage.time.now_ms < until && status == STATUS_OK) {
        stage.time.now_ms += 50;
        stage.time.wall_ms += 50;
        status = driver_run(stage.driver, &stage.time);
    }
    return status;
}

static struct bytes proposed_body(void) {
    static uint8_t large[LIMIT_BODY_BYTES];
    return stage.body_bytes > 0 ? bytes_of(large, stage.body_bytes) : bytes_of_string("body");
}

void stage_make_proposal_at(struct buf *out, const struct block_place *place) {
    struct consensus_epoch rules;
    struct witness_set set;
    struct committee committee;
    uint64_t epoch = place->height / EPOCH_BLOCKS;
    stage_epoch_rules(NULL, epoch, &rules, &set);
    assert_ok(committee_init(&committee, &rules, &set));
    uint16_t leader = schedule_leader(&committee.schedule, place->height);
    struct header header = {.version = HEADER_VERSION,
                            .height = place->height,
                            .epoch = epoch,
                            .view = place->height,
                            .parent = place->parent,
                            .time_ms = stage.genesis.time_ms + place->height * INTERVAL_MS,
                            .leader = leader,
                            .set_hash = rules.set_hash};
    if (place->height > 1) header.parent_voters_len = 1, header.parent_voters[0] = 7;
    struct consensus_message message = {
        .kind = MESSAGE_PROPOSAL,
        .proposal = {.epoch = epoch, .view = place->height, .header = &header}};
    header_id(&message.proposal.id, &header);
    struct vote vote = {.epoch = epoch,
                        .set_hash = rules.set_hash,
                        .view = place->height,
                        .block_id = message.proposal.id};
    struct hash payload, chain_id = {0};
    vote_payload(&payload, &vote);
    sign_payload(&message.proposal.signature, &stage.keys[leader], SIGN_PROPOSAL, &chain_id,
                 &payload);
    wire_encode(out, &message, &(struct wire_company){.body = proposed_body()});
}

void stage_make_proposal(struct buf *out) {
    stage_make_proposal_at(out, &(struct block_place){.height = 1, .parent = stage.root.id});
}

void stage_receive_vote_in(uint64_t view, enum vote_kind kind, uint16_t witness,
                           const struct hash *id) {
    struct vote_signer signer = {.witness = witness};
    uint64_t epoch = view / EPOCH_BLOCKS;
    struct consensus_message message = {.kind = MESSAGE_VOTES,
                                        .votes = {.epoch = epoch,
                                                  .view = view,
                                                  .kind = kind,
                                                  .block_id = *id,
                                                  .count = 1,
                                                  .signers = &signer}};
    struct hash payload, chain_id = {0};
    struct buf encoded = {0};
    struct vote what = {.epoch = epoch, .kind = kind, .view = view, .block_id = *id};
    witness_set_hash(&what.set_hash, &stage.set);
    vote_payload(&payload, &what);
    sign_payload(&signer.signature, &stage.keys[witness], SIGN_VOTE, &chain_id, &payload);
    wire_encode(&encoded, &message, NULL);
    assert_ok(driver_receive(stage.driver, witness, buf_bytes(&encoded)));
    buf_clear(&encoded);
}

void stage_receive_vote(enum vote_kind kind, uint16_t witness, const struct hash *id) {
    stage_receive_vote_in(1, kind, witness, id);
}

void stage_receive_proposal_at(struct hash *id, const struct block_place *place) {
    static struct wire_message decoded;
    struct buf proposal = {0};
    stage_make_proposal_at(&proposal, place);
    assert_ok(driver_receive(stage.driver, 2, buf_bytes(&proposal)));
    assert_ok(driver_run(stage.driver, &stage.time));
    assert_ok(wire_decode(&decoded, buf_bytes(&proposal)));
    *id = decoded.message.proposal.id;
    buf_clear(&proposal);
}

void stage_receive_proposal(struct hash *id) {
    stage_receive_proposal_at(id, &(struct block_place){.height = 1, .parent = stage.root.id});
}

void stage_receive_message(const struct consensus_message *message) {
    struct buf encoded = {0};
    wire_encode(&encoded, message, &(struct wire_company){.witness_count = 4});
    assert_ok(driver_receive(stage.driver, 3, buf_bytes(&encoded)));
    assert_ok(driver_run(stage.driver, &stage.time));
    buf_clear(&encoded);
}
