// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/chain/state_proof.h"
#include "chaincore/ledger/state.h"
#include "tests/unit/ledger/suites.h"

enum { KEYS = 400 };

// The model: a value per key number, -1 when absent.
struct model {
    int values[KEYS];
};

static struct bytes key_of(int number) {
    static char text[16];
    return bytes_of(text, (size_t)snprintf(text, sizeof text, "key%04d", number));
}

static struct bytes value_of(int number) {
    static char text[16];
    return bytes_of(text, (size_t)snprintf(text, sizeof text, "v%d", number));
}

static bool path_bit(const struct hash *path, unsigned depth) {
    return path->bytes[depth / 8] >> (7 - depth % 8) & 1;
}

// The root by definition: split all leaves by the bits of their paths.
static struct hash naive_root(const struct hash *paths, const struct hash *leaves, size_t count,
                              unsigned depth) {
    struct hash left_paths[KEYS], left[KEYS], right_paths[KEYS], right[KEYS], out = {0};
    size_t left_count = 0, right_count = 0;
    if (count == 0) return out;
    if (count == 1) return leaves[0];
    for (size_t i = 0; i < count; i++) {
        if (path_bit(&paths[i], depth)) {
            right_paths[right_count] = paths[i];
            right[right_count++] = leaves[i];
        } else {
            left_paths[left_count] = paths[i];
            left[left_count++] = leaves[i];
        }
    }
    struct hash a = naive_root(left_paths, left, left_count, depth + 1);
    struct hash b = naive_root(right_paths, right, right_count, depth + 1);
    hash_node(&out, &a, &b);
    return out;
}

static void check_root(const struct model *model, const struct state_version *version) {
    struct hash paths[KEYS], leaves[KEYS], value_hash;
    size_t count = 0;
    for (int i = 0; i < KEYS; i++) {
        if (model->values[i] < 0) continue;
        hash_bytes(&paths[count], HASH_KEY, key_of(i));
        hash_bytes(&value_hash, HASH_VALUE, value_of(model->values[i]));
        state_leaf_hash(&leaves[count], &paths[count], &value_hash);
        count++;
    }
    struct hash expected = naive_root(paths, leaves, count, 0);
    ck_assert(hash_equal(&expected, state_root(version)));
}

static void check_content(const struct model *model, const struct state_view *view) {
    struct bytes key = bytes_of("", 0), value;
    uint64_t count = 0;
    for (int i = 0; i < KEYS; i++) {
        bool is_there = state_get(view, key_of(i), &value);
        ck_assert_int_eq(is_there, model->values[i] >= 0);
        if (!is_there) continue;
        count++;
        assert_bytes_equal(value, value_of(model->values[i]));
        ck_assert(state_next(view, bytes_of_string("key"), key, &key, &value));
        assert_bytes_equal(key, key_of(i));
    }
    ck_assert(!state_next(view, bytes_of_string("key"), key, &key, &value));
    ck_assert_uint_eq(state_count(view), count);
}

static void change_at_random(struct state_draft *draft, struct model *model, uint64_t *seed) {
    int number = (int)(next_random(seed) % KEYS);
    if (next_random(seed) % 3 == 0) {
        state_delete(draft, key_of(number));
        model->values[number] = -1;
    } else {
        model->values[number] = (int)(next_random(seed) % 1000);
        state_put(draft, key_of(number), value_of(model->values[number]));
    }
}

// Changes, some of them settled on the way, of which nothing stays.
static void change_in_vain(struct state *state, struct state_version *base,
                           const struct model *model, uint64_t *seed) {
    struct state_draft *draft = state_draft_begin(state, base);
    struct model changed = *model;
    for (uint64_t i = next_random(seed) % 60; i-- > 0;) {
        change_at_random(draft, &changed, seed);
        if (next_random(seed) % 16 == 0) state_draft_settle(draft);
    }
    check_content(&changed, state_draft_view(draft));
    state_draft_drop(draft);
}

START_TEST(versions_hold_what_a_plain_table_holds) {
    enum { VERSIONS = 60 };
    struct state *state = state_create();
    struct state_version *versions[VERSIONS];
    static struct model models[VERSIONS];
    uint64_t seed = (uint64_t)_i + 1;
    memset(models[0].values, 0xff, sizeof models[0].values);
    versions[0] = state_version_empty();
    for (int v = 1; v < VERSIONS; v++) {
        change_in_vain(state, versions[v - 1], &models[v - 1], &seed);
        struct state_draft *draft = state_draft_begin(state, versions[v - 1]);
        models[v] = models[v - 1];
        uint64_t changes = next_random(&seed) % 60;
        for (uint64_t i = 0; i < changes; i++) {
            struct model before = models[v];
            if (next_random(&seed) % 16 == 0) state_draft_settle(draft);
            size_t savepoint = state_savepoint(draft);
            for (uint64_t n = next_random(&seed) % 5; n-- > 0;)
                change_at_random(draft, &models[v], &seed);
            if (next_random(&seed) % 4) continue;
            state_rollback(draft, savepoint);
            models[v] = before;
        }
        check_content(&models[v], state_draft_view(draft));
        versions[v] = state_commit(draft, (uint64_t)v);
    }
    for (int v = 0; v < VERSIONS; v++) {
        check_content(&models[v], state_version_view(versions[v]));
        check_root(&models[v], versions[v]);
        state_version_unref(versions[v]);
    }
    state_free(state);
}
END_TEST

// Changes on the side, rolled back in part, while a draft of the writer's stands on the same
// version.
static void try_beside(struct state_version *base, const struct model *model, uint64_t *seed) {
    struct state_draft *trial = state_trial_begin(base);
    struct model changed = *model;
    for (uint64_t i = 0; i < 60; i++) {
        struct model before = changed;
        size_t savepoint = state_savepoint(trial);
        change_at_random(trial, &changed, seed);
        if (next_random(seed) % 4) continue;
        state_rollback(trial, savepoint);
        changed = before;
    }
    check_content(&changed, state_draft_view(trial));
    check_content(model, state_version_view(base));
    state_draft_drop(trial);
}

START_TEST(a_trial_leaves_all_others_as_they_are) {
    struct state *state = state_create();
    struct state_version *base = state_version_empty();
    static struct model model;
    uint64_t seed = (uint64_t)_i + 1;
    memset(model.values, 0xff, sizeof model.values);
    for (uint64_t v = 1; v <= 20; v++) {
        struct state_draft *draft = state_draft_begin(state, base);
        struct model before = model;
        for (int i = 0; i < 40; i++) change_at_random(draft, &model, &seed);
        try_beside(base, &before, &seed);
        check_content(&model, state_draft_view(draft));
        struct state_version *next = state_commit(draft, v);
        state_version_unref(base);
        base = next;
        try_beside(base, &model, &seed);
        check_root(&model, base);
    }
    // One may outlive its version's place among the others.
    struct state_draft *trial = state_trial_begin(base);
    state_put(trial, key_of(1), value_of(1));
    state_version_unref(base);
    state_draft_drop(state_draft_begin(state, base));
    state_draft_drop(trial);
    state_free(state);
}
END_TEST

struct replay {
    struct state_draft *draft;
};

static enum status replay_change(void *context, struct bytes key, const struct bytes *value) {
    struct replay *replay = context;
    if (value)
        state_put(replay->draft, key, *value);
    else
        state_delete(replay->draft, key);
    return STATUS_OK;
}

START_TEST(a_difference_leads_from_one_version_to_another) {
    struct state *state = state_create();
    static struct model model;
    uint64_t seed = 77 + (uint64_t)_i;
    memset(model.values, 0xff, sizeof model.values);
    struct state_version *old = state_version_empty(), *copy = state_version_ref(old);
    for (int round = 0; round < 30; round++) {
        struct state_draft *draft = state_draft_begin(state, old);
        for (uint64_t n = next_random(&seed) % 80; n-- > 0;) change_at_random(draft, &model, &seed);
        struct state_version *new = state_commit(draft, (uint64_t)round);
        struct replay replay = {.draft = state_draft_begin(state, copy)};
        assert_ok(state_diff(old, new, replay_change, &replay));
        state_version_unref(copy);
        copy = state_commit(replay.draft, (uint64_t)round);
        ck_assert(hash_equal(state_root(copy), state_root(new)));
        check_content(&model, state_version_view(copy));
        state_version_unref(old);
        old = new;
    }
    state_version_unref(old);
    state_version_unref(copy);
    state_free(state);
}
END_TEST

START_TEST(iteration_keeps_to_its_prefix) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct bytes key, value;
    static const char *const keys[] = {"a", "b", "b1", "b2", "ba", "c"};
    for (size_t i = 0; i < 6; i++) state_put(draft, bytes_of_string(keys[i]), bytes_of("", 0));
    const struct state_view *view = state_draft_view(draft);
    key = bytes_of("", 0);
    for (size_t i = 1; i < 5; i++) {
        ck_assert(state_next(view, bytes_of_string("b"), key, &key, &value));
        assert_bytes_equal(key, bytes_of_string(keys[i]));
    }
    ck_assert(!state_next(view, bytes_of_string("b"), key, &key, &value));
    ck_assert(state_next(view, bytes_of_string("b"), bytes_of_string("a"), &key, &value));
    assert_bytes_equal(key, bytes_of_string("b"));
    ck_assert(!state_next(view, bytes_of_string("b"), bytes_of_string("c"), &key, &value));
    state_draft_drop(draft);
    state_version_unref(empty);
    state_free(state);
}
END_TEST

static struct state_version *sample_version(struct state *state, int count) {
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    for (int i = 0; i < count; i++) state_put(draft, key_of(i), value_of(i));
    state_version_unref(empty);
    return state_commit(draft, 1);
}

START_TEST(members_and_absences_are_proven_at_every_size) {
    struct state *state = state_create();
    for (int count = 0; count < 60; count++) {
        struct state_version *version = sample_version(state, count);
        const struct hash *root = state_root(version);
        for (int i = 0; i < 70; i++) {
            struct buf proof = {0};
            struct bytes value = value_of(i), other = bytes_of_string("other");
            state_prove(version, key_of(i), &proof);
            assert_status(state_proof_check(buf_bytes(&proof), root, key_of(i), &value),
                          i < count ? STATUS_OK : STATUS_INVALID);
            assert_status(state_proof_check(buf_bytes(&proof), root, key_of(i), NULL),
                          i < count ? STATUS_INVALID : STATUS_OK);
            assert_status(state_proof_check(buf_bytes(&proof), root, key_of(i), &other),
                          STATUS_INVALID);
            buf_clear(&proof);
        }
        state_version_unref(version);
    }
    state_free(state);
}
END_TEST

START_TEST(a_state_proof_with_any_bit_flipped_is_refused) {
    struct state *state = state_create();
    struct state_version *version = sample_version(state, 50);
    static const int numbers[] = {7, 60, 61, 62, 63, 64};
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
        struct buf proof = {0};
        struct bytes value = value_of(numbers[n]);
        const struct bytes *expected = numbers[n] < 50 ? &value : NULL;
        state_prove(version, key_of(numbers[n]), &proof);
        for (size_t bit = 0; bit < proof.len * 8; bit++) {
            proof.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert_msg(state_proof_check(buf_bytes(&proof), state_root(version),
                                            key_of(numbers[n]), expected) != STATUS_OK,
                          "key %d, bit %zu", numbers[n], bit);
            proof.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t len = 0; len < proof.len; len++)
            ck_assert(state_proof_check(bytes_of(proof.data, len), state_root(version),
                                        key_of(numbers[n]), expected) != STATUS_OK);
        buf_clear(&proof);
    }
    state_version_unref(version);
    state_free(state);
}
END_TEST

Suite *state_suite(void) {
    Suite *suite = suite_create("state");
    TCase *cases = tcase_create("state");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, versions_hold_what_a_plain_table_holds, 0, 8);
    tcase_add_loop_test(cases, a_difference_leads_from_one_version_to_another, 0, 8);
    tcase_add_loop_test(cases, a_trial_leaves_all_others_as_they_are, 0, 8);
    tcase_add_test(cases, iteration_keeps_to_its_prefix);
    tcase_add_test(cases, members_and_absences_are_proven_at_every_size);
    tcase_add_test(cases, a_state_proof_with_any_bit_flipped_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
