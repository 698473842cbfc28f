// SPDX-License-Identifier: Apache-2.0
// Evidence against a witness, from where a node meets it to where the chain has punished: over a
// process that is killed, on a disk that was damaged, and with no money to pay its gas from.
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/contract/stake.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

// The last of the witnesses of genesis has its key in the hands of the test, which signs with it
// what contradicts itself. Its account, as those of the others, is one that has what stake needs;
// those of the keys of blocks have nothing.
enum { CULPRIT = 3 };
static struct cluster cluster;
static const size_t one_each[] = {1, 1, 1};
static struct secret_key culprit;

static void give_accounts_of_people(struct fixture *fixture) {
    struct arena arena = {0};
    struct genesis genesis;
    struct genesis_witness witnesses[FIXTURE_WITNESSES];
    struct buf changed = {0};
    assert_ok(genesis_decode(&genesis, &arena, buf_bytes(&fixture->genesis)));
    for (int i = 0; i < FIXTURE_WITNESSES; i++) {
        witnesses[i] = genesis.witnesses[i];
        witnesses[i].account = fixture->ids[i];
    }
    genesis.witnesses = witnesses;
    genesis_encode(&changed, &genesis);
    arena_clear(&arena);
    buf_clear(&fixture->genesis);
    fixture->genesis = changed;
}

static struct hash submit(struct tx *tx, int from) {
    struct fixture *fixture = &cluster.members[0].fixture;
    struct buf encoded = {0};
    struct hash id;
    assert_ok(tx_sign(tx, TX_ROLE_SENDER, &fixture->keys[from], node_chain_id(fixture->node)));
    tx_encode(&encoded, tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    replica_note_tx(cluster.members[0].replica, buf_bytes(&encoded));
    cluster.members[0].has_news = true;
    buf_clear(&encoded);
    return id;
}

// By a key that no set has yet.
static void stand_for_election(void) {
    struct fixture *fixture = &cluster.members[0].fixture;
    struct public_key key;
    struct tx tx;
    uint8_t seed[32] = {9};
    struct secret_key secret;
    key_from_seed(&secret, &key, seed);
    fixture_begin(fixture, &tx, CULPRIT);
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_LOCK_STAKE, .stake = {amount_of_units(STAKE_MIN)}};
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_REGISTER_CANDIDATE, .register_candidate = {.key = key, .commission = 0}};
    struct hash id = submit(&tx, CULPRIT);
    ck_assert(cluster_await(&cluster, &id));
}

static void set_up(void) {
    log_set_level((enum log_level)(LOG_ERROR + 1));
    cluster_init(&cluster, one_each, 3);
    culprit = cluster.members[0].fixture.witnesses[CULPRIT];
    for (uint16_t i = 0; i < cluster.count; i++) {
        fixture_set_balance(&cluster.members[i].fixture, "6000000");
        give_accounts_of_people(&cluster.members[i].fixture);
    }
    cluster_open_all(&cluster);
    stand_for_election();
}
static void tear_down(void) { cluster_clear(&cluster); }

// --- two votes ---

static struct evidence_vote sign(enum vote_kind kind, uint64_t view, uint8_t block) {
    struct node *node = cluster.members[0].fixture.node;
    struct evidence_vote out = {.kind = kind};
    struct vote vote = {.kind = kind, .view = view};
    struct witnesses witnesses;
    struct witness_set set;
    struct hash payload;
    out.block_id.bytes[0] = vote.block_id.bytes[0] = block;
    ck_assert(node_witnesses(node, 0, &witnesses));
    witnesses_set(&set, &witnesses);
    witness_set_hash(&vote.set_hash, &set);
    vote_payload(&payload, &vote);
    sign_payload(&out.signature, &culprit, SIGN_VOTE, node_chain_id(node), &payload);
    return out;
}

static void tell_vote(uint64_t view, const struct evidence_vote *vote) {
    struct member *member = &cluster.members[0];
    struct buf encoded = {0};
    struct vote_signer signer = {.witness = CULPRIT, .signature = vote->signature};
    struct consensus_message message = {.kind = MESSAGE_VOTES};
    message.votes = (struct signed_votes){.view = view,
                                          .kind = vote->kind,
                                          .block_id = vote->block_id,
                                          .count = 1,
                                          .signers = &signer};
    wire_encode(&encoded, &message, &(struct wire_company){0});
    assert_ok(replica_frame(member->replica, CLUSTER_STRANGER, REPLICA_VOTE, buf_bytes(&encoded)));
    member->has_news = true;
    buf_clear(&encoded);
}

static void meet_stranger(void) {
    struct replica_peer_info info = {.node_key = {{9}}};
    replica_peer_joined(cluster.members[0].replica, CLUSTER_STRANGER, &info);
}

// To the first member alone.
static void tell_contradiction(enum vote_kind kind, uint64_t view) {
    for (uint8_t block = 1; block <= 2; block++) {
        struct evidence_vote vote = sign(kind, view, block);
        tell_vote(view, &vote);
    }
    cluster_pass(&cluster, 1);
}

static uint64_t view_now(void) { return cluster_look(&cluster, 0).agreement.view; }

// --- what comes of it ---

static bool is_punished_at(const struct member *member) {
    struct candidate candidate;
    struct state_version *version = node_state(member->fixture.node);
    ck_assert(
        candidate_load(&candidate, state_version_view(version), &member->fixture.ids[CULPRIT]));
    node_state_release(version);
    return candidate.standing == CANDIDATE_EXPELLED;
}

static bool is_punished_at_all(struct cluster *all, const void *context) {
    (void)context;
    for (uint16_t i = 0; i < all->count; i++)
        if (!is_punished_at(&all->members[i])) return false;
    return true;
}

// To the account that the first member's key of blocks stands for.
static void send_money(void) {
    struct fixture *fixture = &cluster.members[0].fixture;
    struct public_key key;
    struct account_id id;
    struct tx tx;
    key_public_of(&key, &fixture->witnesses[0]);
    account_id_of_key(&id, &key);
    fixture_begin(fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = id, .amount = amount_of_units(100000000)}};
    struct hash tx_id = submit(&tx, 0);
    ck_assert(cluster_await(&cluster, &tx_id));
}

static void path_of(char path[128], const char *name) {
    int len = snprintf(path, 128, "%s/%s", cluster.members[0].fixture.folder, name);
    ck_assert_int_lt(len, 128);
}

static struct buf read_kept(const char *name) {
    char path[128];
    struct buf out = {0};
    path_of(path, name);
    enum status status = file_read(&out, path, 1 << 20);
    if (status != STATUS_NOT_FOUND) assert_ok(status);
    return out;
}

static size_t kept_bytes(const char *name) {
    struct buf kept = read_kept(name);
    size_t len = kept.len;
    buf_clear(&kept);
    return len;
}

static void close_all(void) {
    for (uint16_t i = 0; i < cluster.count; i++) cluster_close(&cluster, i);
}

// In a process of its own the first member opens, does this and is killed.
static void kill_after(void (*what)(void)) {
    int how;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        cluster_open(&cluster, 0);
        meet_stranger();
        what();
        kill(getpid(), SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

static void meet_evidence(void) { tell_contradiction(VOTE_NOTARIZE, view_now() + 1); }

START_TEST(what_a_killed_process_had_met_is_shown_by_the_next_one) {
    close_all();
    kill_after(meet_evidence);
    cluster_open_all(&cluster);
    ck_assert_uint_eq(cluster_look(&cluster, 0).charges, 1);
    cluster_pass(&cluster, 5 * 60 * 1000); // no account can pay
    ck_assert(!is_punished_at(&cluster.members[0]));
    send_money();
    ck_assert(cluster_run(&cluster, is_punished_at_all, NULL, 5 * 60 * 1000));
    ck_assert_uint_eq(cluster_look(&cluster, 1).charges, 0);
    cluster_pass(&cluster, 10);
    ck_assert_uint_eq(cluster_look(&cluster, 0).charges, 0);
    ck_assert_uint_eq(kept_bytes("evidence"), 0);
}
END_TEST

static void send_what_is_kept(void) {
    ck_assert_uint_eq(cluster_look(&cluster, 0).charges, 1);
    cluster_pass(&cluster, 5000);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.charges, 1);
}

// A transaction that is in nobody's block yet is gone with the process that sent it.
START_TEST(what_was_sent_and_is_in_no_block_is_sent_again) {
    send_money();
    close_all();
    kill_after(meet_evidence);
    for (int i = 0; i < 2; i++) kill_after(send_what_is_kept);
    cluster_open_all(&cluster);
    ck_assert_uint_eq(cluster_look(&cluster, 0).charges, 1);
    ck_assert(cluster_run(&cluster, is_punished_at_all, NULL, 5 * 60 * 1000));
}
END_TEST

// --- bounds ---

START_TEST(a_witness_that_goes_on_with_it_fills_no_disk) {
    meet_stranger();
    for (uint64_t round = 0; round < 50; round++) {
        uint64_t view = view_now();
        tell_contradiction(VOTE_NOTARIZE, view + round % 4);
        tell_contradiction(VOTE_FINALIZE, view + round % 4);
        cluster_pass(&cluster, CLUSTER_TIMEOUT_MS);
        ck_assert_uint_eq(cluster_look(&cluster, 0).charges, 1);
        ck_assert_uint_eq(kept_bytes("evidence"), EVIDENCE_BYTES);
    }
    replica_peer_left(cluster.members[0].replica, CLUSTER_STRANGER);
}
END_TEST

static size_t lines_of(FILE *file) {
    char line[1024];
    size_t count = 0;
    rewind(file);
    while (fgets(line, sizeof line, file)) count += strstr(line, "contradicts itself") != NULL;
    return count;
}

START_TEST(the_log_names_a_witness_once_in_an_epoch) {
    FILE *log = tmpfile();
    int old = dup(STDERR_FILENO);
    ck_assert(log && old >= 0);
    ck_assert_int_eq(dup2(fileno(log), STDERR_FILENO), STDERR_FILENO);
    log_set_level(LOG_WARNING);
    meet_stranger();
    for (uint64_t view = view_now() + 1, end = view + 5; view < end; view++)
        tell_contradiction(VOTE_NOTARIZE, view);
    ck_assert_int_eq(dup2(old, STDERR_FILENO), STDERR_FILENO);
    close(old);
    ck_assert_uint_eq(lines_of(log), 1);
    fclose(log);
    replica_peer_left(cluster.members[0].replica, CLUSTER_STRANGER);
}
END_TEST

// --- damage ---

static void put_kept(struct bytes content) {
    char path[128];
    path_of(path, "evidence");
    assert_ok(file_replace(path, content, 0600));
}

static struct buf keep_one(void) {
    meet_stranger();
    meet_evidence();
    struct buf kept = read_kept("evidence");
    ck_assert_uint_eq(kept.len, EVIDENCE_BYTES);
    cluster_close(&cluster, 0);
    return kept;
}

// The file is there, whole, for whoever looks into it; what it still proves is not lost.
static void check_set_aside(struct bytes content, size_t charges) {
    put_kept(content);
    cluster_open(&cluster, 0);
    ck_assert_uint_eq(cluster_look(&cluster, 0).charges, charges);
    cluster_pass(&cluster, 1);
    struct buf aside = read_kept("evidence.damaged");
    ck_assert_mem_eq(aside.data, content.data, content.len);
    ck_assert_uint_eq(aside.len, content.len);
    ck_assert_uint_eq(kept_bytes("evidence"), charges * EVIDENCE_BYTES);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.charges, 0);
    buf_clear(&aside);
    cluster_close(&cluster, 0);
}

START_TEST(one_changed_bit_of_what_is_kept_is_found) {
    struct buf kept = keep_one();
    for (size_t at = 0; at < kept.len; at += 3) {
        kept.data[at] ^= (uint8_t)(1u << at % 8);
        check_set_aside(buf_bytes(&kept), 0);
        kept.data[at] ^= (uint8_t)(1u << at % 8);
    }
    buf_clear(&kept);
}
END_TEST

START_TEST(what_is_whole_beside_what_is_damaged_counts) {
    struct buf kept = keep_one(), more = {0};
    buf_append(&more, buf_bytes(&kept));
    buf_append(&more, buf_bytes(&kept));
    more.data[20] ^= 1; // of the first one
    check_set_aside(buf_bytes(&more), 1);
    buf_reset(&more);
    buf_append(&more, buf_bytes(&kept));
    buf_append(&more, bytes_of(kept.data, kept.len / 2));
    check_set_aside(buf_bytes(&more), 1);
    buf_reset(&more); // larger than any that a node writes
    for (int i = 0; i <= LIMIT_CHARGES; i++) buf_append(&more, buf_bytes(&kept));
    check_set_aside(buf_bytes(&more), 0);
    buf_clear(&more);
    buf_clear(&kept);
}
END_TEST

// As of a disk that fails: what cannot be read now is not written over.
START_TEST(without_its_evidence_no_node_starts) {
    struct member *member = &cluster.members[0];
    struct replica_calls calls = {0};
    struct replica_config config = {
        .calls = &calls, .disk = &member->disk, .node_key = member->node_public};
    struct replica *replica = NULL;
    char path[128];
    struct buf kept = keep_one();
    path_of(path, "evidence");
    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    assert_ok(fixture_open_idle(&member->fixture));
    ck_assert_int_eq(replica_open(&replica, member->fixture.node, &config), STATUS_IO);
    fixture_close(&member->fixture);
    ck_assert_int_eq(rmdir(path), 0);
    put_kept(buf_bytes(&kept));
    cluster_open(&cluster, 0);
    ck_assert_uint_eq(cluster_look(&cluster, 0).charges, 1);
    buf_clear(&kept);
}
END_TEST

Suite *charges_suite(void) {
    Suite *suite = suite_create("charges");
    TCase *cases = tcase_create("charges");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_a_killed_process_had_met_is_shown_by_the_next_one);
    tcase_add_test(cases, what_was_sent_and_is_in_no_block_is_sent_again);
    tcase_add_test(cases, a_witness_that_goes_on_with_it_fills_no_disk);
    tcase_add_test(cases, the_log_names_a_witness_once_in_an_epoch);
    tcase_add_test(cases, one_changed_bit_of_what_is_kept_is_found);
    tcase_add_test(cases, what_is_whole_beside_what_is_damaged_counts);
    tcase_add_test(cases, without_its_evidence_no_node_starts);
    suite_add_tcase(suite, cases);
    return suite;
}
