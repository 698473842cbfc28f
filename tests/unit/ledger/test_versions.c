// SPDX-License-Identifier: Apache-2.0
// Versions that branch, live and end in any order; and read by others meanwhile.
#include <pthread.h>

#include "chaincore/chain/state_proof.h"
#include "chaincore/ledger/state_internal.h"
#include "tests/unit/ledger/suites.h"

enum { KEYS = 300, VERSIONS = 12 };

static struct bytes key_of(int number) {
    static char text[24];
    return bytes_of(text, (size_t)snprintf(text, sizeof text, "a common prefix%04d", number));
}

struct model {
    uint32_t values[KEYS]; // 0: absent
};

// The root by definition, out of the sorted leaves: each half by itself.
struct leaf {
    struct hash path;
    struct hash hash;
};
static int compare_leaves(const void *a, const void *b) {
    return hash_compare(&((const struct leaf *)a)->path, &((const struct leaf *)b)->path);
}
static struct hash plain_root(const struct leaf *leaves, size_t count, unsigned depth) {
    struct hash root = {0};
    size_t left = 0;
    if (count == 1) return leaves[0].hash;
    if (count == 0) return root;
    while (left < count && !(leaves[left].path.bytes[depth / 8] >> (7 - depth % 8) & 1)) left++;
    struct hash a = plain_root(leaves, left, depth + 1);
    struct hash b = plain_root(leaves + left, count - left, depth + 1);
    hash_node(&root, &a, &b);
    return root;
}

static void check_version(const struct state_version *version, const struct model *model) {
    static struct leaf leaves[KEYS];
    const struct state_view *view = state_version_view(version);
    struct bytes after = bytes_of("", 0), value;
    size_t count = 0;
    for (int i = 0; i < KEYS; i++) {
        ck_assert_int_eq(state_get(view, key_of(i), &value), model->values[i] != 0);
        if (model->values[i] == 0) continue;
        assert_bytes_equal(value, BYTES_OF(model->values[i]));
        ck_assert(state_next(view, bytes_of_string("a"), after, &after, &value));
        assert_bytes_equal(after, key_of(i));
        struct hash value_hash;
        hash_bytes(&leaves[count].path, HASH_KEY, key_of(i));
        hash_bytes(&value_hash, HASH_VALUE, BYTES_OF(model->values[i]));
        state_leaf_hash(&leaves[count].hash, &leaves[count].path, &value_hash);
        count++;
    }
    ck_assert(!state_next(view, bytes_of_string("a"), after, &after, &value));
    qsort(leaves, count, sizeof *leaves, compare_leaves);
    struct hash expected = plain_root(leaves, count, 0);
    ck_assert(hash_equal(&expected, state_root(version)));
}

static void change_at_random(struct state_draft *draft, struct model *model, uint64_t *seed) {
    int number = (int)(next_random(seed) % KEYS);
    if (next_random(seed) % 3 == 0) {
        state_delete(draft, key_of(number));
        model->values[number] = 0;
    } else {
        model->values[number] = (uint32_t)(next_random(seed) % 5 + 1); // often what was there
        state_put(draft, key_of(number), BYTES_OF(model->values[number]));
    }
}

// A version made from any of those that live, with savepoints in one another.
static struct state_version *branch(struct state *state, struct state_version *base,
                                    struct model *model, uint64_t *seed) {
    struct state_draft *draft = state_draft_begin(state, base);
    for (uint64_t n = next_random(seed) % 40; n > 0; n--) {
        struct model outer = *model;
        size_t outer_point = state_savepoint(draft);
        change_at_random(draft, model, seed);
        struct model inner = *model;
        size_t inner_point = state_savepoint(draft);
        for (uint64_t k = next_random(seed) % 4; k > 0; k--) change_at_random(draft, model, seed);
        if (next_random(seed) % 2) {
            state_rollback(draft, inner_point);
            *model = inner;
        }
        if (next_random(seed) % 4 == 0) {
            state_rollback(draft, outer_point);
            *model = outer;
        }
    }
    return state_commit(draft, 1);
}

// What a state holds in memory for the one version that is left is what a state holds that was
// filled with the same entries and nothing else.
static void check_nothing_lingers(struct state *state, struct state_version *last,
                                  const struct model *model) {
    struct state *other = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(other, empty);
    for (int i = 0; i < KEYS; i++)
        if (model->values[i]) state_put(draft, key_of(i), BYTES_OF(model->values[i]));
    struct state_version *same = state_commit(draft, 1);
    state_draft_drop(state_draft_begin(state, last)); // reclaims
    ck_assert_uint_eq(tree_node_count(state->tree), tree_node_count(other->tree));
    state_version_unref(same);
    state_version_unref(empty);
    state_free(other);
}

START_TEST(branches_live_and_end_in_any_order) {
    struct state *state = state_create();
    struct state_version *versions[VERSIONS] = {0};
    static struct model models[VERSIONS];
    uint64_t seed = 1000 + (uint64_t)_i;
    memset(models, 0, sizeof models);
    versions[0] = state_version_empty();
    for (int step = 0; step < 400; step++) {
        size_t from = next_random(&seed) % VERSIONS, to = next_random(&seed) % VERSIONS;
        if (!versions[from]) continue;
        struct model model = models[from];
        struct state_version *made = branch(state, versions[from], &model, &seed);
        state_version_unref(versions[to]);
        versions[to] = made;
        models[to] = model;
        if (next_random(&seed) % 8 == 0) { // one that comes to nothing
            struct state_draft *draft = state_draft_begin(state, versions[to]);
            for (int i = 0; i < 30; i++) change_at_random(draft, &model, &seed);
            state_draft_drop(draft);
        }
        for (size_t i = 0; i < VERSIONS && step % 20 == 0; i++)
            if (versions[i]) check_version(versions[i], &models[i]);
    }
    size_t last = next_random(&seed) % VERSIONS;
    while (!versions[last]) last = (last + 1) % VERSIONS;
    for (size_t i = 0; i < VERSIONS; i++)
        if (i != last) state_version_unref(versions[i]);
    check_version(versions[last], &models[last]);
    check_nothing_lingers(state, versions[last], &models[last]);
    state_version_unref(versions[last]);
    state_free(state); // which counts what is left
}
END_TEST

START_TEST(a_value_of_a_mebibyte_and_a_key_of_the_longest_work) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    static uint8_t large[1 << 20], longest[STATE_MAX_KEY];
    struct bytes value;
    large[12345] = longest[100] = 7;
    state_put(draft, BYTES_OF(longest), BYTES_OF(large));
    size_t savepoint = state_savepoint(draft);
    state_put(draft, BYTES_OF(longest), bytes_of("", 0));
    state_rollback(draft, savepoint);
    struct state_version *version = state_commit(draft, 1);
    ck_assert(state_get(state_version_view(version), BYTES_OF(longest), &value));
    assert_bytes_equal(value, BYTES_OF(large));
    struct buf proof = {0};
    state_prove(version, BYTES_OF(longest), &proof);
    assert_ok(state_proof_check(buf_bytes(&proof), state_root(version), BYTES_OF(longest), &value));
    buf_clear(&proof);
    state_version_unref(version);
    state_version_unref(empty);
    state_free(state);
}
END_TEST

START_TEST(roots_of_tiny_trees_are_the_known_ones) {
    static const char *const entries[][2] = {{"a", "1"}, {"b", "2"}, {"c", ""}, {"alpha", "beta"}};
    static const char *const roots[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "4f1d513c7c7b1c63893058c19f8dff13dd10f6894f82d91a63c20b808f72e825",
        "a1d793bb9639f79e6e66c2ea563489c10aca9cf3ee419df53fe31754cb0575b6",
        "c31ecd4e809e0f7b7d23573b1d873d4138419dbbfc9d8153694c160cb4147798",
        "b6cafe6f7621a3d56f4f36e0953b9dc4fca1ebf6a6addd49665bcb4e114fb68f",
    };
    struct state *state = state_create();
    struct state_version *version = state_version_empty();
    for (size_t i = 0;; i++) {
        char hex[65];
        hex_encode(hex, BYTES_OF(*state_root(version)));
        ck_assert_str_eq(hex, roots[i]);
        if (i == sizeof entries / sizeof *entries) break;
        struct state_draft *draft = state_draft_begin(state, version);
        state_put(draft, bytes_of_string(entries[i][0]), bytes_of_string(entries[i][1]));
        state_version_unref(version);
        version = state_commit(draft, i + 1);
    }
    state_version_unref(version);
    state_free(state);
}
END_TEST

// Readers take the newest version as often as they can, while blocks move amounts about.
enum { ACCOUNTS = 200, TOTAL = ACCOUNTS * 1000, BLOCKS = 300, READERS = 3 };

struct shared {
    pthread_mutex_t lock;
    struct state_version *newest;
    bool is_over;
};

static uint64_t account_value(const struct state_view *view, int number) {
    struct bytes value;
    ck_assert(state_get(view, key_of(number), &value));
    return load_u64_le(value.data);
}

static void *read_on(void *argument) {
    struct shared *shared = argument;
    size_t looks = 0;
    bool is_over = false;
    while (!is_over) {
        pthread_mutex_lock(&shared->lock);
        struct state_version *version = state_version_ref(shared->newest);
        is_over = shared->is_over;
        pthread_mutex_unlock(&shared->lock);
        const struct state_view *view = state_version_view(version);
        struct bytes prefix = bytes_of_string("a"), after = bytes_of("", 0), value;
        uint64_t total = 0;
        while (state_next(view, prefix, after, &after, &value)) total += load_u64_le(value.data);
        if (total != TOTAL) return NULL;
        struct buf proof = {0};
        state_prove(version, after, &proof);
        ENSURE(state_proof_check(buf_bytes(&proof), state_root(version), after, &value) ==
               STATUS_OK);
        buf_clear(&proof);
        state_version_unref(version);
        looks++;
    }
    return looks > 0 ? shared : NULL;
}

static struct state_version *move_amounts(struct state *state, struct state_version *base,
                                          uint64_t *seed) {
    struct state_draft *draft = state_draft_begin(state, base);
    const struct state_view *view = state_draft_view(draft);
    for (int i = 0; i < 20; i++) {
        int from = (int)(next_random(seed) % ACCOUNTS), to = (int)(next_random(seed) % ACCOUNTS);
        uint64_t amount = account_value(view, from) / 2;
        uint64_t left = account_value(view, from) - amount;
        state_put(draft, key_of(from), BYTES_OF(left));
        uint64_t more = account_value(view, to) + amount;
        state_put(draft, key_of(to), BYTES_OF(more));
    }
    return state_commit(draft, 1);
}

START_TEST(readers_see_whole_versions_while_blocks_are_made) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct shared shared = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t readers[READERS];
    uint64_t seed = 3, start = TOTAL / ACCOUNTS;
    for (int i = 0; i < ACCOUNTS; i++) state_put(draft, key_of(i), BYTES_OF(start));
    shared.newest = state_commit(draft, 0);
    for (int i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, &shared), 0);
    for (int block = 0; block < BLOCKS; block++) {
        struct state_version *old = shared.newest, *made = move_amounts(state, old, &seed);
        pthread_mutex_lock(&shared.lock);
        shared.newest = made;
        shared.is_over = block == BLOCKS - 1;
        pthread_mutex_unlock(&shared.lock);
        state_version_unref(old);
    }
    for (int i = 0; i < READERS; i++) {
        void *result;
        ck_assert_int_eq(pthread_join(readers[i], &result), 0);
        ck_assert_ptr_eq(result, &shared);
    }
    state_version_unref(shared.newest);
    state_version_unref(empty);
    state_free(state);
}
END_TEST

Suite *versions_suite(void) {
    Suite *suite = suite_create("versions");
    TCase *cases = tcase_create("versions");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, branches_live_and_end_in_any_order, 0, 8);
    tcase_add_test(cases, a_value_of_a_mebibyte_and_a_key_of_the_longest_work);
    tcase_add_test(cases, roots_of_tiny_trees_are_the_known_ones);
    tcase_add_test(cases, readers_see_whole_versions_while_blocks_are_made);
    suite_add_tcase(suite, cases);
    return suite;
}
