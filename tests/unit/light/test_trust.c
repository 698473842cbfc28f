// SPDX-License-Identifier: Apache-2.0
// A light client follows a chain whose witnesses change. The chain is made here, header by header,
// with keys that the test holds; so its witnesses can also be made to lie.
#include "chaincore/chain/genesis.h"
#include "chaincore/light/light.h"
#include "tests/support/unit.h"
#include "tests/unit/light/suites.h"

enum { KEYS = 16, EPOCH = 10, MINUTE = 60000 };
static const uint64_t start = UINT64_C(1700000000000);

static struct secret_key secrets[KEYS];
static struct hash chain_id;
static struct buf genesis_head;
static struct light_trust trust;

// Seven witnesses each: f is 2, a quorum 5. FAR shares nobody with FIRST, NEAR four, EDGE two.
static struct witness_set FIRST, NEAR, EDGE, FAR;

static void make_set(struct witness_set *out, const uint8_t *keys, uint16_t count) {
    *out = (struct witness_set){.count = count};
    for (uint16_t i = 0; i < count; i++) key_public_of(&out->keys[i], &secrets[keys[i]]);
}

static const struct params PARAMS = {.block_interval_ms = 1,
                                     .epoch_blocks = EPOCH,
                                     .min_gas_price = 1,
                                     .block_gas_limit = 1,
                                     .min_witnesses = 1,
                                     .protocol = PROTOCOL_NEWEST};

static void set_up(void) {
    ENSURE(crypto_init() == STATUS_OK);
    for (uint8_t i = 0; i < KEYS; i++) {
        uint8_t seed[32] = {5, i};
        struct public_key key;
        key_from_seed(&secrets[i], &key, seed);
    }
    make_set(&FIRST, (const uint8_t[]){0, 1, 2, 3, 4, 5, 6}, 7);
    make_set(&NEAR, (const uint8_t[]){3, 4, 5, 6, 7, 8, 9}, 7);
    make_set(&EDGE, (const uint8_t[]){5, 6, 7, 8, 9, 10, 11}, 7);
    make_set(&FAR, (const uint8_t[]){9, 10, 11, 12, 13, 14, 15}, 7);
    struct genesis_witness witnesses[7] = {0};
    for (int i = 0; i < 7; i++) witnesses[i].key = FIRST.keys[i];
    struct genesis content = {.name = bytes_of_string("test"),
                              .time_ms = start,
                              .params = PARAMS,
                              .witness_count = 7,
                              .witnesses = witnesses};
    genesis_head_encode(&genesis_head, &content);
    genesis_chain_id(&chain_id, &content);
    assert_ok(light_trust_begin(&trust, buf_bytes(&genesis_head), &chain_id));
}

static void tear_down(void) { buf_clear(&genesis_head); }

static struct header make_header(uint64_t height, const struct witness_set *set) {
    struct header header = {.version = HEADER_VERSION,
                            .chain_id = chain_id,
                            .height = height,
                            .epoch = height / EPOCH,
                            .view = height + 3,
                            .time_ms = start + height * MINUTE,
                            .parent_voters_len = 1};
    witness_set_hash(&header.set_hash, set);
    header.state_root.bytes[0] = (uint8_t)height;
    return header;
}

struct signing {
    const struct witness_set *set;
    unsigned witnesses; // a bit for each index that signs
    uint64_t view;
    enum vote_kind kind;
};

static const struct secret_key *secret_of(const struct public_key *key) {
    for (int i = 0; i < KEYS; i++)
        if (memcmp(secrets[i].bytes + 32, key, 32) == 0) return &secrets[i];
    ENSURE(false && "a key of the test");
    return NULL;
}

static void certify(struct buf *out, const struct header *header, const struct signing *signing) {
    struct certificate certificate = {.view = signing->view};
    struct vote vote = {.epoch = header->epoch,
                        .set_hash = header->set_hash,
                        .kind = signing->kind,
                        .view = signing->view};
    struct hash payload;
    header_id(&vote.block_id, header);
    vote_payload(&payload, &vote);
    for (uint16_t i = 0; i < signing->set->count; i++) {
        struct signature signature;
        if (!(signing->witnesses >> i & 1)) continue;
        sign_payload(&signature, secret_of(&signing->set->keys[i]), SIGN_VOTE, &chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    buf_reset(out);
    certificate_encode(out, &certificate, signing->set->count);
}

// Everything about one attempt to make the client believe a header.
struct attempt {
    struct header header;
    struct signing signing;
    const struct witness_set *set, *next;
    uint64_t now_ms;
};

static struct attempt attempt_at(uint64_t height, const struct witness_set *set) {
    struct attempt out = {.header = make_header(height, set)};
    out.signing =
        (struct signing){.set = set, .witnesses = 0x1f, .view = height + 3, .kind = VOTE_FINALIZE};
    out.set = set == &FIRST ? NULL : set;
    out.now_ms = out.header.time_ms + MINUTE;
    return out;
}

static enum status try_it(struct attempt *attempt) {
    struct buf certificate = {0};
    struct light_trust before = trust;
    certify(&certificate, &attempt->header, &attempt->signing);
    struct trust_step step = {.header = &attempt->header,
                              .certificate = buf_bytes(&certificate),
                              .set = attempt->set,
                              .next = attempt->next};
    enum status status = light_trust_advance(&trust, &step, attempt->now_ms);
    if (status != STATUS_OK) ck_assert(memcmp(&trust, &before, sizeof trust) == 0);
    buf_clear(&certificate);
    return status;
}

static void believe(uint64_t height, const struct witness_set *set) {
    struct attempt attempt = attempt_at(height, set);
    assert_ok(try_it(&attempt));
    ck_assert_uint_eq(trust.height, height);
}

START_TEST(a_quorum_of_the_believed_set_leads_on) {
    believe(1, &FIRST);
    believe(5, &FIRST);
    believe(25, &FIRST); // the same set, two epochs on
    ck_assert_uint_eq(trust.epoch, 2);
    ck_assert_uint_eq(trust.state_root.bytes[0], 25);
}
END_TEST

START_TEST(what_no_quorum_signed_for_this_purpose_is_refused) {
    struct attempt good = attempt_at(4, &FIRST), bad = good;
    bad.signing.witnesses = 0x0f;
    assert_status(try_it(&bad), STATUS_INVALID);
    bad = good;
    bad.signing.kind = VOTE_NOTARIZE;
    assert_status(try_it(&bad), STATUS_BAD_SIGNATURE);
    bad = good;
    bad.signing.view--; // before the block was there
    assert_status(try_it(&bad), STATUS_INVALID);
    bad = good;
    bad.signing.view += 5; // repeated in a later view
    assert_ok(try_it(&bad));
}
END_TEST

START_TEST(a_header_must_be_newer_of_this_chain_and_not_from_the_future) {
    believe(4, &FIRST);
    struct attempt attempt = attempt_at(4, &FIRST);
    assert_status(try_it(&attempt), STATUS_EXISTS);
    attempt = attempt_at(3, &FIRST);
    assert_status(try_it(&attempt), STATUS_EXISTS);
    attempt = attempt_at(4, &FIRST);
    attempt.header.gas_used = 1; // another block, and just as final: the witnesses broke their word
    assert_status(try_it(&attempt), STATUS_CONFLICT);
    attempt = attempt_at(5, &FIRST);
    attempt.header.chain_id.bytes[0] ^= 1;
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt = attempt_at(5, &FIRST);
    attempt.header.time_ms = trust.time_ms;
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt = attempt_at(5, &FIRST);
    attempt.now_ms = attempt.header.time_ms - TRUST_CLOCK_DRIFT_MS - 1;
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt.now_ms++;
    assert_ok(try_it(&attempt));
}
END_TEST

START_TEST(the_last_header_of_an_epoch_hands_over_to_any_set) {
    struct attempt attempt = attempt_at(EPOCH - 1, &FIRST);
    witness_set_hash(&attempt.header.next_set_hash, &FAR);
    attempt.next = &NEAR;
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt.next = &FAR;
    assert_ok(try_it(&attempt));
    attempt = attempt_at(EPOCH, &FIRST);
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt = attempt_at(EPOCH, &FAR);
    attempt.set = NULL; // it is the believed one now
    assert_ok(try_it(&attempt));
    believe(EPOCH + 2, &FAR);
}
END_TEST

// The last header of epoch 0, which names FAR: nobody of FIRST is in it, so nobody can skip to it.
static struct attempt boundary_attempt(void) {
    struct attempt attempt = attempt_at(EPOCH - 1, &FIRST);
    witness_set_hash(&attempt.header.next_set_hash, &FAR);
    return attempt;
}

START_TEST(a_last_header_that_is_believed_already_still_hands_over) {
    struct attempt boundary = boundary_attempt(), attempt;
    assert_ok(try_it(&boundary));
    attempt = attempt_at(EPOCH, &FAR);
    attempt.signing.witnesses = 0x7f;
    assert_status(try_it(&attempt), STATUS_INVALID);
    assert_status(try_it(&boundary), STATUS_EXISTS); // it brings nothing new
    boundary.next = &NEAR;
    assert_status(try_it(&boundary), STATUS_INVALID);
    boundary.next = &FAR;
    uint64_t now_ms = boundary.now_ms;
    boundary.now_ms = trust.time_ms + TRUST_PERIOD_MS + 1;
    assert_status(try_it(&boundary), STATUS_TIMEOUT);
    boundary.now_ms = now_ms;
    boundary.header.gas_used = 1; // another header of that height
    assert_status(try_it(&boundary), STATUS_CONFLICT);
    boundary.header.gas_used = 0;
    struct trust_step step = {.header = &boundary.header, .next = &FAR};
    assert_ok(light_trust_advance(&trust, &step, boundary.now_ms)); // needs no certificate again
    ck_assert_uint_eq(trust.height, EPOCH - 1);
    assert_status(try_it(&boundary), STATUS_EXISTS);
    believe(EPOCH, &FAR);
}
END_TEST

START_TEST(a_header_within_an_epoch_hands_over_to_nobody) {
    struct attempt attempt = attempt_at(4, &FIRST);
    assert_ok(try_it(&attempt));
    attempt.next = &FAR;
    assert_status(try_it(&attempt), STATUS_INVALID);
}
END_TEST

START_TEST(a_set_is_skipped_to_when_more_than_a_third_of_the_believed_one_signed) {
    struct attempt attempt = attempt_at(15, &NEAR);
    attempt.signing.witnesses = 0x7c; // two of those that are known, and three new ones
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt.signing.witnesses = 0x3e; // three of those that are known
    assert_ok(try_it(&attempt));
    ck_assert(memcmp(&trust.set, &NEAR, sizeof NEAR) == 0);
    tear_down();
    set_up();
    attempt = attempt_at(15, &EDGE);
    attempt.signing.witnesses = 0x7f; // only two are known
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt = attempt_at(15, &FAR);
    attempt.signing.witnesses = 0x7f;
    assert_status(try_it(&attempt), STATUS_INVALID);
    believe(15, &NEAR); // and from there it goes on
    believe(25, &EDGE);
}
END_TEST

START_TEST(within_an_epoch_the_set_stays) {
    believe(12, &FIRST);
    struct attempt attempt = attempt_at(14, &NEAR);
    attempt.signing.witnesses = 0x7f;
    assert_status(try_it(&attempt), STATUS_INVALID);
}
END_TEST

START_TEST(a_set_with_a_key_twice_is_none) {
    struct witness_set doubled = FIRST;
    doubled.keys[6] = doubled.keys[5];
    struct attempt attempt = attempt_at(15, &doubled);
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt = attempt_at(EPOCH - 1, &FIRST);
    witness_set_hash(&attempt.header.next_set_hash, &doubled);
    attempt.next = &doubled;
    assert_status(try_it(&attempt), STATUS_INVALID);
}
END_TEST

START_TEST(a_last_header_that_the_owner_vouched_for_hands_over_too) {
    struct trust_owner owner = {.device = {{1}}, .nonce = {{2}}};
    struct attempt boundary = boundary_attempt(), attempt;
    struct trust_statement statement = {
        .device = owner.device, .nonce = owner.nonce, .time_ms = boundary.header.time_ms};
    struct trust_renewal renewal = {
        .header = &boundary.header, .set = &FIRST, .statement = &statement};
    struct signature signature;
    struct hash payload;
    header_id(&statement.header_id, &boundary.header);
    trust_statement_payload(&payload, &statement);
    key_public_of(&owner.key, &secrets[0]);
    sign_payload(&signature, &secrets[0], SIGN_TRUST, &chain_id, &payload);
    renewal.signature = &signature;
    assert_ok(light_trust_restore(&trust, &renewal, &owner));
    attempt = attempt_at(EPOCH, &FAR);
    assert_status(try_it(&attempt), STATUS_INVALID);
    boundary.next = &FAR;
    assert_ok(try_it(&boundary));
    assert_ok(try_it(&attempt));
}
END_TEST

static enum status renew(uint64_t height, int owner, unsigned wrong) {
    struct trust_owner known = {.device = {{1}}, .nonce = {{2}}};
    struct trust_statement statement = {.device = known.device, .nonce = known.nonce};
    struct header header = make_header(height, &FAR);
    struct signature signature;
    struct hash payload;
    key_public_of(&known.key, &secrets[0]);
    statement.time_ms = header.time_ms - (wrong & 1 ? TRUST_CLOCK_DRIFT_MS + 1 : 0);
    header_id(&statement.header_id, &header);
    if (wrong & 2) statement.device.bytes[0] ^= 1;
    if (wrong & 4) statement.nonce.bytes[0] ^= 1;
    if (wrong & 8) header.gas_used++;
    trust_statement_payload(&payload, &statement);
    sign_payload(&signature, &secrets[owner], SIGN_TRUST, &chain_id, &payload);
    struct trust_renewal renewal = {.header = &header,
                                    .set = wrong & 16 ? &NEAR : &FAR,
                                    .statement = &statement,
                                    .signature = &signature};
    struct light_trust before = trust;
    enum status status = light_trust_restore(&trust, &renewal, &known);
    if (status != STATUS_OK) ck_assert(memcmp(&trust, &before, sizeof trust) == 0);
    return status;
}

START_TEST(past_the_trusting_period_only_the_owner_brings_trust_back) {
    believe(1, &FIRST);
    struct attempt attempt = attempt_at(2, &FIRST);
    attempt.now_ms = trust.time_ms + TRUST_PERIOD_MS + 1;
    assert_status(try_it(&attempt), STATUS_TIMEOUT);
    for (unsigned wrong = 1; wrong < 32; wrong *= 2)
        assert_status(renew(50, 0, wrong), STATUS_INVALID);
    assert_status(renew(50, 1, 0), STATUS_BAD_SIGNATURE);
    assert_ok(renew(50, 0, 0));
    assert_status(renew(49, 0, 0), STATUS_INVALID); // never back
    attempt = attempt_at(51, &FAR);
    assert_ok(try_it(&attempt));
    attempt = attempt_at(52, &FAR);
    attempt.now_ms = trust.time_ms + TRUST_PERIOD_MS; // the last moment
    assert_ok(try_it(&attempt));
}
END_TEST

START_TEST(no_bit_of_header_or_certificate_may_change) {
    struct attempt attempt = attempt_at(3, &FIRST);
    struct buf header = {0}, certificate = {0};
    header_encode(&header, &attempt.header);
    certify(&certificate, &attempt.header, &attempt.signing);
    struct light_trust before = trust;
    for (size_t bit = 0; bit < (header.len + certificate.len) * 8; bit++) {
        size_t byte = bit / 8;
        uint8_t *at = byte < header.len ? &header.data[byte] : &certificate.data[byte - header.len];
        struct header changed;
        *at ^= (uint8_t)(1u << bit % 8);
        if (header_decode(&changed, buf_bytes(&header)) == STATUS_OK) {
            struct trust_step step = {.header = &changed, .certificate = buf_bytes(&certificate)};
            ck_assert_int_ne(light_trust_advance(&trust, &step, attempt.now_ms), STATUS_OK);
        }
        *at ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert(memcmp(&before, &trust, sizeof trust) == 0);
    buf_clear(&header);
    buf_clear(&certificate);
}
END_TEST

START_TEST(trust_is_kept_whole_or_not_at_all) {
    struct buf encoded = {0};
    struct light_trust back;
    believe(15, &NEAR);
    light_trust_encode(&encoded, &trust);
    ck_assert_uint_le(encoded.len, TRUST_MAX_BYTES);
    assert_ok(light_trust_decode(&back, buf_bytes(&encoded)));
    ck_assert(memcmp(&back, &trust, sizeof trust) == 0);
    for (size_t len = 0; len < encoded.len; len++)
        assert_status(light_trust_decode(&back, bytes_of(encoded.data, len)), STATUS_TRUNCATED);
    encoded.data[40] ^= 1; // a witness's key
    assert_status(light_trust_decode(&back, buf_bytes(&encoded)), STATUS_INVALID);
    buf_clear(&encoded);
}
END_TEST

START_TEST(older_headers_are_believed_by_the_history) {
    struct hash ids[4];
    struct header headers[4];
    for (uint64_t i = 0; i < 4; i++) {
        headers[i] = make_header(i, &FIRST);
        header_id(&ids[i], &headers[i]);
    }
    struct attempt attempt = attempt_at(4, &FIRST);
    merkle_list_root(&attempt.header.history_root, ids, 4);
    assert_ok(try_it(&attempt));
    for (uint64_t i = 0; i < 4; i++) {
        struct merkle_branch branch;
        merkle_branch_make(&branch, ids, 4, i);
        assert_ok(light_check_older(&trust, &headers[i], &branch));
        assert_status(light_check_older(&trust, &headers[(i + 1) % 4], &branch), STATUS_INVALID);
        headers[i].gas_used++;
        assert_status(light_check_older(&trust, &headers[i], &branch), STATUS_INVALID);
    }
}
END_TEST

START_TEST(what_names_the_chain_and_is_no_genesis_gives_no_trust) {
    struct light_trust none;
    struct hash id, other = chain_id;
    struct bytes garbage = bytes_of_string("no genesis");
    other.bytes[0] ^= 1;
    assert_status(light_trust_begin(&none, buf_bytes(&genesis_head), &other), STATUS_INVALID);
    genesis_head_id(&id, garbage);
    ck_assert_int_ne(light_trust_begin(&none, garbage, &id), STATUS_OK);
    // Nobody signs.
    struct buf empty = {0};
    struct genesis content = {.name = bytes_of_string("test"), .params = PARAMS};
    genesis_head_encode(&empty, &content);
    genesis_chain_id(&id, &content);
    assert_status(light_trust_begin(&none, buf_bytes(&empty), &id), STATUS_INVALID);
    // One signs as two.
    struct genesis_witness twice[2] = {{.key = FIRST.keys[0]}, {.key = FIRST.keys[0]}};
    content.witness_count = 2;
    content.witnesses = twice;
    buf_reset(&empty);
    genesis_head_encode(&empty, &content);
    genesis_chain_id(&id, &content);
    assert_status(light_trust_begin(&none, buf_bytes(&empty), &id), STATUS_INVALID);
    buf_clear(&empty);
}
END_TEST

START_TEST(neither_epoch_nor_view_goes_back) {
    believe(25, &FIRST);
    struct attempt attempt = attempt_at(26, &FIRST);
    attempt.header.epoch = 1;
    assert_status(try_it(&attempt), STATUS_INVALID);
    attempt = attempt_at(26, &FIRST);
    attempt.header.view = trust.view;
    assert_status(try_it(&attempt), STATUS_INVALID);
}
END_TEST

START_TEST(the_header_of_genesis_is_nothing_new) {
    struct attempt attempt = attempt_at(0, &FIRST);
    assert_status(try_it(&attempt), STATUS_EXISTS);
}
END_TEST

START_TEST(an_owner_cannot_vouch_for_another_chain_or_for_no_set) {
    struct trust_owner owner = {.device = {{1}}};
    struct header header = make_header(50, &FAR);
    struct witness_set nobody = {.count = 0}, crowd = {.count = LIMIT_WITNESSES + 1};
    struct trust_statement statement = {.device = owner.device, .time_ms = header.time_ms};
    struct signature signature;
    struct hash payload;
    header.chain_id.bytes[0] ^= 1;
    key_public_of(&owner.key, &secrets[0]);
    header_id(&statement.header_id, &header);
    trust_statement_payload(&payload, &statement);
    sign_payload(&signature, &secrets[0], SIGN_TRUST, &chain_id, &payload);
    struct trust_renewal renewal = {
        .header = &header, .set = &FAR, .statement = &statement, .signature = &signature};
    assert_status(light_trust_restore(&trust, &renewal, &owner), STATUS_INVALID);
    renewal.set = &nobody;
    assert_status(light_trust_restore(&trust, &renewal, &owner), STATUS_INVALID);
    renewal.set = &crowd;
    assert_status(light_trust_restore(&trust, &renewal, &owner), STATUS_INVALID);
}
END_TEST

START_TEST(kept_trust_in_more_witnesses_than_there_can_be_is_refused) {
    struct buf encoded = {0};
    struct light_trust back;
    light_trust_encode(&encoded, &trust);
    store_u16_le(encoded.data + 33, LIMIT_WITNESSES + 1);
    assert_status(light_trust_decode(&back, buf_bytes(&encoded)), STATUS_TOO_LARGE);
    buf_clear(&encoded);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("light");
    TCase *cases = tcase_create("trust");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_quorum_of_the_believed_set_leads_on);
    tcase_add_test(cases, what_no_quorum_signed_for_this_purpose_is_refused);
    tcase_add_test(cases, a_header_must_be_newer_of_this_chain_and_not_from_the_future);
    tcase_add_test(cases, the_last_header_of_an_epoch_hands_over_to_any_set);
    tcase_add_test(cases, a_last_header_that_is_believed_already_still_hands_over);
    tcase_add_test(cases, a_header_within_an_epoch_hands_over_to_nobody);
    tcase_add_test(cases, a_last_header_that_the_owner_vouched_for_hands_over_too);
    tcase_add_test(cases, a_set_is_skipped_to_when_more_than_a_third_of_the_believed_one_signed);
    tcase_add_test(cases, within_an_epoch_the_set_stays);
    tcase_add_test(cases, a_set_with_a_key_twice_is_none);
    tcase_add_test(cases, past_the_trusting_period_only_the_owner_brings_trust_back);
    tcase_add_test(cases, no_bit_of_header_or_certificate_may_change);
    tcase_add_test(cases, trust_is_kept_whole_or_not_at_all);
    tcase_add_test(cases, older_headers_are_believed_by_the_history);
    tcase_add_test(cases, what_names_the_chain_and_is_no_genesis_gives_no_trust);
    tcase_add_test(cases, neither_epoch_nor_view_goes_back);
    tcase_add_test(cases, the_header_of_genesis_is_nothing_new);
    tcase_add_test(cases, an_owner_cannot_vouch_for_another_chain_or_for_no_set);
    tcase_add_test(cases, kept_trust_in_more_witnesses_than_there_can_be_is_refused);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
    srunner_add_suite(runner, event_suite());
    srunner_add_suite(runner, path_suite());
}
