// SPDX-License-Identifier: Apache-2.0
// Why a node believes the header of a snapshot: the witnesses of genesis handed over to those who
// signed it, or somebody vouches for a header on the way.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/contract/stake.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/node/node_internal.h"
#include "tests/support/false_clock.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

enum { EPOCH = 12, NODES = 3 };

static struct fixture nodes[NODES]; // the chain's, and those that join one after another
static char snapshot[96];
static bool takes_old;

static void begin_chain(void) {
    char folder[sizeof nodes[0].folder];
    takes_old = true;
    fixture_init_counter(&nodes[0]);
    fixture_set_epoch(&nodes[0], EPOCH);
    fixture_set_balance(&nodes[0], "20000000");
    nodes[0].witness_key_count = FIXTURE_KEYS;
    assert_ok(fixture_open(&nodes[0]));
    memcpy(folder, nodes[0].folder, sizeof folder);
    for (int i = 1; i < NODES; i++) {
        nodes[i] = nodes[0];
        nodes[i].node = NULL;
        snprintf(nodes[i].folder, sizeof nodes[i].folder, "%.40s-%d", folder, i);
    }
    snprintf(snapshot, sizeof snapshot, "%s-snapshot", folder);
}

static void clear_chain(void) {
    for (int i = 1; i < NODES; i++) {
        fixture_close(&nodes[i]);
        assert_ok(file_remove_tree(nodes[i].folder));
    }
    fixture_clear(&nodes[0]);
    assert_ok(file_remove_tree(snapshot));
    false_clock_set_wall(0);
}

static uint64_t height_of(struct fixture *of) {
    struct node_head head;
    node_head(of->node, &head);
    return head.header.height;
}

static void run_blocks(struct fixture *of, uint64_t height) {
    while (height_of(of) < height) {
        struct tx tx;
        uint64_t amount = 3;
        fixture_begin(of, &tx, 0);
        fixture_add_call(of, &tx, "add", BYTES_OF(amount));
        fixture_run(of, &tx, 0);
    }
}

// Account 0 goes on with the nth key.
static void change_key(struct fixture *of, int n) {
    struct tx tx;
    fixture_begin(of, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){.kind = TX_REGISTER_CANDIDATE,
                                                       .register_candidate = {.commission = 2500}};
    key_public_of(&tx.actions[0].register_candidate.key, &of->witnesses[n]);
    ck_assert_str_eq(tx_code_name((enum tx_code)fixture_run(of, &tx, 0).code), "OK");
}

// Three changes of witnesses, and the snapshot of height 47. They are elected with block 11; keys
// change with blocks 23 and 35.
static void make_snapshot(void) {
    fixture_stand_for_election(&nodes[0]);
    run_blocks(&nodes[0], EPOCH);
    change_key(&nodes[0], 8);
    run_blocks(&nodes[0], 2 * EPOCH);
    change_key(&nodes[0], 9);
    run_blocks(&nodes[0], 4 * EPOCH);
    assert_ok(checkpoint_wait(nodes[0].node->checkpoint));
    assert_ok(node_write_snapshot(nodes[0].node, snapshot));
}

static enum status join(int who, const struct node_trusted *trusted) {
    struct bytes code = buf_bytes(&nodes[who].contract_code);
    struct node_config config = {.data_dir = nodes[who].folder,
                                 .genesis = buf_bytes(&nodes[who].genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .takes_old_snapshot = takes_old};
    enum status status = node_join(&config, snapshot, trusted);
    ck_assert(file_exists(nodes[who].folder) == (status == STATUS_OK));
    return status;
}

static void leave(int who) {
    fixture_close(&nodes[who]);
    assert_ok(file_remove_tree(nodes[who].folder));
}

// The manifest, taken apart.
struct manifest {
    struct buf encoded;
    struct bytes cut, certificate, set, rest;
    uint32_t count;
    struct bytes hand_overs[8]; // each as encoded
    uint64_t heights[8];
};

static void read_manifest(struct manifest *out) {
    *out = (struct manifest){0};
    assert_ok(snapshot_read_manifest(&out->encoded, snapshot));
    struct decoder in = decoder_of(buf_bytes(&out->encoded));
    ck_assert_uint_eq(decode_u8(&in), SNAPSHOT_VERSION);
    out->cut = decode_bytes(&in, CUT_MAX_BYTES);
    out->certificate = decode_bytes(&in, CERTIFICATE_MAX_BYTES);
    out->set = decode_slice(&in, decode_count(&in, LIMIT_WITNESSES) * sizeof(struct public_key));
    out->count = decode_count(&in, 8);
    for (uint32_t i = 0; i < out->count; i++) {
        struct proof_hand_over each;
        const uint8_t *begin = in.next;
        proof_hand_over_decode_from(&in, &each);
        out->hand_overs[i] = bytes_of(begin, (size_t)(in.next - begin));
        out->heights[i] = each.header.height;
    }
    assert_ok(in.status);
    out->rest = decode_slice(&in, decoder_left(&in));
}

static void write_manifest(const struct manifest *manifest) {
    char path[128];
    struct buf out = {0};
    encode_u8(&out, SNAPSHOT_VERSION);
    encode_bytes(&out, manifest->cut);
    encode_bytes(&out, manifest->certificate);
    encode_u32(&out, (uint32_t)(manifest->set.len / sizeof(struct public_key)));
    buf_append(&out, manifest->set);
    encode_u32(&out, manifest->count);
    for (uint32_t i = 0; i < manifest->count; i++) buf_append(&out, manifest->hand_overs[i]);
    buf_append(&out, manifest->rest);
    snprintf(path, sizeof path, "%s/manifest", snapshot);
    assert_ok(file_replace(path, buf_bytes(&out), 0600));
    buf_clear(&out);
}

// The header at a height, as somebody may know it.
static struct node_trusted known(uint64_t height) {
    struct node_trusted out = {.height = height};
    struct buf block = {0};
    struct header header;
    assert_ok(node_read_block(nodes[0].node, height, &block));
    assert_ok(block_decode_header(&header, buf_bytes(&block)));
    header_id(&out.id, &header);
    buf_clear(&block);
    return out;
}

START_TEST(a_node_joins_where_others_were_elected_and_hands_on_how) {
    struct manifest manifest;
    struct node_head head;
    make_snapshot();
    read_manifest(&manifest);
    ck_assert_uint_eq(manifest.count, 3);
    for (uint32_t i = 0; i < manifest.count; i++)
        ck_assert_uint_eq(manifest.heights[i], (i + 1) * EPOCH - 1);
    assert_ok(join(1, NULL));
    assert_ok(fixture_open(&nodes[1]));
    node_head(nodes[1].node, &head);
    ck_assert_uint_eq(head.header.height, 4 * EPOCH - 1);
    // One more change there, and a snapshot by who has seen but the last of them.
    change_key(&nodes[1], 4);
    run_blocks(&nodes[1], 6 * EPOCH);
    assert_ok(checkpoint_wait(nodes[1].node->checkpoint));
    assert_ok(file_remove_tree(snapshot));
    assert_ok(node_write_snapshot(nodes[1].node, snapshot));
    buf_clear(&manifest.encoded);
    read_manifest(&manifest);
    ck_assert_uint_eq(manifest.count, 4);
    ck_assert_uint_eq(manifest.heights[3], 5 * EPOCH - 1);
    assert_ok(join(2, NULL));
    assert_ok(fixture_open(&nodes[2]));
    run_blocks(&nodes[2], 7 * EPOCH);
    buf_clear(&manifest.encoded);
}
END_TEST

START_TEST(no_bit_of_a_hand_over_may_change) {
    struct manifest manifest;
    make_snapshot();
    read_manifest(&manifest);
    // Those of the second, in front of it the certificate and the set.
    uint8_t *begin = (uint8_t *)(uintptr_t)manifest.certificate.data - 4;
    uint8_t *end = (uint8_t *)(uintptr_t)manifest.hand_overs[2].data;
    for (uint8_t *at = begin; at < end; at++) {
        *at ^= 0x10;
        struct manifest changed = manifest;
        char path[128];
        snprintf(path, sizeof path, "%s/manifest", snapshot);
        assert_ok(file_replace(path, buf_bytes(&changed.encoded), 0600));
        ck_assert(join(1, NULL) != STATUS_OK);
        *at ^= 0x10;
    }
    write_manifest(&manifest);
    assert_ok(join(1, NULL));
    buf_clear(&manifest.encoded);
}
END_TEST

START_TEST(a_missing_or_misplaced_hand_over_is_refused) {
    struct manifest manifest;
    make_snapshot();
    read_manifest(&manifest);
    takes_old = false; // genesis is old, and no reason before a snapshot is proven
    for (uint32_t missing = 0; missing < manifest.count; missing++) {
        struct manifest changed = manifest;
        changed.count = 0;
        for (uint32_t i = 0; i < manifest.count; i++)
            if (i != missing) changed.hand_overs[changed.count++] = manifest.hand_overs[i];
        write_manifest(&changed);
        assert_status(join(1, NULL), STATUS_INVALID);
    }
    struct manifest changed = manifest;
    changed.hand_overs[0] = manifest.hand_overs[1];
    changed.hand_overs[1] = manifest.hand_overs[0];
    write_manifest(&changed);
    assert_status(join(1, NULL), STATUS_INVALID);
    changed = manifest;
    changed.set = bytes_of(manifest.set.data, manifest.set.len - 32);
    write_manifest(&changed);
    assert_status(join(1, NULL), STATUS_INVALID);
    buf_clear(&manifest.encoded);
}
END_TEST

START_TEST(the_certificate_of_another_header_is_refused) {
    struct manifest manifest;
    struct proof_hand_over last;
    make_snapshot();
    read_manifest(&manifest);
    struct decoder in = decoder_of(manifest.hand_overs[2]);
    proof_hand_over_decode_from(&in, &last);
    struct manifest changed = manifest;
    changed.certificate = last.certificate;
    write_manifest(&changed);
    ck_assert(join(1, NULL) != STATUS_OK);
    // Nor does the trusted header make it the snapshot's own.
    struct node_trusted own = known(4 * EPOCH - 1);
    ck_assert(join(1, &own) != STATUS_OK);
    write_manifest(&manifest);
    assert_ok(join(1, &own));
    buf_clear(&manifest.encoded);
}
END_TEST

// What is trusted stands for all that came before it, and for nothing that comes behind.
START_TEST(a_trusted_header_takes_the_place_of_those_before) {
    struct manifest manifest;
    make_snapshot();
    read_manifest(&manifest);
    struct manifest changed = manifest;
    struct buf second = {0};
    for (uint32_t i = 1; i < manifest.count; i++) {
        struct node_trusted trusted = known(manifest.heights[i]);
        changed.count = 0;
        for (uint32_t k = i; k < manifest.count; k++)
            changed.hand_overs[changed.count++] = manifest.hand_overs[k];
        write_manifest(&changed);
        assert_status(join(1, NULL), STATUS_INVALID);
        assert_ok(join(1, &trusted));
        leave(1);
    }
    // The certificate of the one behind it still counts.
    struct node_trusted first = known(manifest.heights[0]);
    buf_append(&second, manifest.hand_overs[1]);
    second.data[second.len - 4 - manifest.set.len - 4 - 10] ^= 1;
    changed = manifest;
    changed.hand_overs[1] = buf_bytes(&second);
    write_manifest(&changed);
    assert_status(join(1, &first), STATUS_BAD_SIGNATURE);
    buf_clear(&second);
    buf_clear(&manifest.encoded);
}
END_TEST

START_TEST(a_trusted_header_that_is_not_on_the_way_is_told_from_another_in_its_place) {
    make_snapshot();
    struct node_trusted trusted = known(2 * EPOCH);
    assert_status(join(1, &trusted), STATUS_NOT_FOUND);
    trusted = known(4 * EPOCH); // behind the snapshot
    assert_status(join(1, &trusted), STATUS_NOT_FOUND);
    trusted = known(2 * EPOCH - 1);
    trusted.id.bytes[7] ^= 1;
    assert_status(join(1, &trusted), STATUS_CONFLICT);
    trusted = known(4 * EPOCH - 1);
    trusted.id.bytes[31] ^= 1;
    assert_status(join(1, &trusted), STATUS_CONFLICT);
    trusted.id.bytes[31] ^= 1;
    assert_ok(join(1, &trusted));
}
END_TEST

START_TEST(what_is_older_than_stakes_are_locked_proves_nothing_unless_it_is_wished) {
    static const int64_t WEEK_MS = 7 * INT64_C(24) * 3600 * 1000;
    make_snapshot();
    struct node_trusted own = known(4 * EPOCH - 1), first = known(EPOCH - 1);
    takes_old = false;
    assert_status(join(1, NULL), STATUS_TIMEOUT); // genesis is of 1970
    assert_ok(join(1, &first));
    leave(1);
    assert_ok(join(1, &own));
    leave(1);
    false_clock_set_wall(WEEK_MS - 60000);
    assert_ok(join(1, &first));
    leave(1);
    assert_ok(join(1, &own));
    leave(1);
    false_clock_set_wall(WEEK_MS + 60000);
    assert_status(join(1, &first), STATUS_TIMEOUT);
    assert_status(join(1, &own), STATUS_TIMEOUT);
    takes_old = true;
    assert_ok(join(1, &first));
    leave(1);
    assert_ok(join(1, &own));
    leave(1);
    assert_ok(join(1, NULL));
}
END_TEST

START_TEST(a_node_that_prunes_keeps_what_leads_to_its_witnesses) {
    static const int64_t LONG_MS = 40 * INT64_C(24) * 3600 * 1000;
    struct manifest manifest;
    fixture_close(&nodes[0]);
    nodes[0].segment_bytes = 4000;
    nodes[0].must_prune = true;
    assert_ok(fixture_open(&nodes[0]));
    fixture_stand_for_election(&nodes[0]);
    run_blocks(&nodes[0], 4 * EPOCH);
    false_clock_set_wall(LONG_MS);
    run_blocks(&nodes[0], 150);
    ck_assert_uint_gt(block_log_oldest(nodes[0].node->log), EPOCH);
    assert_ok(checkpoint_wait(nodes[0].node->checkpoint));
    assert_ok(node_write_snapshot(nodes[0].node, snapshot));
    read_manifest(&manifest);
    ck_assert_uint_eq(manifest.count, 1);
    ck_assert_uint_eq(manifest.heights[0], EPOCH - 1);
    assert_ok(join(1, NULL));
    buf_clear(&manifest.encoded);
}
END_TEST

START_TEST(hand_overs_that_were_kept_and_are_damaged_are_named) {
    char path[128];
    struct buf kept = {0};
    make_snapshot();
    assert_ok(join(1, NULL));
    assert_ok(fixture_open(&nodes[1]));
    run_blocks(&nodes[1], 5 * EPOCH);
    assert_ok(checkpoint_wait(nodes[1].node->checkpoint));
    snprintf(path, sizeof path, "%s/hand-overs", nodes[1].folder);
    assert_ok(file_read(&kept, path, SNAPSHOT_MAX_HAND_OVER_BYTES));
    assert_ok(file_replace(path, bytes_of(kept.data, kept.len - 1), 0600));
    assert_ok(file_remove_tree(snapshot));
    assert_status(node_write_snapshot(nodes[1].node, snapshot), STATUS_CORRUPT);
    ck_assert(!file_exists(snapshot));
    assert_ok(file_replace(path, buf_bytes(&kept), 0600));
    assert_ok(node_write_snapshot(nodes[1].node, snapshot));
    assert_ok(join(2, NULL));
    buf_clear(&kept);
}
END_TEST

START_TEST(a_trusted_header_is_read_as_people_write_it) {
    static const char *const wrong[] = {
        "",     ":",      "5",     "5:",   "5:ab",    "-5:00",    " 5:00",
        "0:00", "0x5:00", "5 :00", "x:00", "5:00:00", "5;000000", "99999999999999999999:00"};
    char text[80], digits[65];
    struct hash id;
    struct node_trusted trusted;
    for (size_t i = 0; i < sizeof id; i++) id.bytes[i] = (uint8_t)(3 * i);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert(!node_trusted_parse(&trusted, wrong[i]));
    hex_encode(digits, BYTES_OF(id));
    snprintf(text, sizeof text, "863999:%s", digits);
    ck_assert(node_trusted_parse(&trusted, text));
    ck_assert_uint_eq(trusted.height, 863999);
    ck_assert(hash_equal(&trusted.id, &id));
    snprintf(text, sizeof text, "863999:%s0", digits);
    ck_assert(!node_trusted_parse(&trusted, text));
}
END_TEST

Suite *snapshot_trust_suite(void) {
    Suite *suite = suite_create("snapshot_trust");
    TCase *cases = tcase_create("snapshot_trust");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin_chain, clear_chain);
    tcase_add_test(cases, a_node_joins_where_others_were_elected_and_hands_on_how);
    tcase_add_test(cases, no_bit_of_a_hand_over_may_change);
    tcase_add_test(cases, a_missing_or_misplaced_hand_over_is_refused);
    tcase_add_test(cases, the_certificate_of_another_header_is_refused);
    tcase_add_test(cases, a_trusted_header_takes_the_place_of_those_before);
    tcase_add_test(cases,
                   a_trusted_header_that_is_not_on_the_way_is_told_from_another_in_its_place);
    tcase_add_test(cases, what_is_older_than_stakes_are_locked_proves_nothing_unless_it_is_wished);
    tcase_add_test(cases, a_node_that_prunes_keeps_what_leads_to_its_witnesses);
    tcase_add_test(cases, hand_overs_that_were_kept_and_are_damaged_are_named);
    tcase_add_test(cases, a_trusted_header_is_read_as_people_write_it);
    suite_add_tcase(suite, cases);
    return suite;
}
