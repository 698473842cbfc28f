// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/btree.h"
#include "tests/unit/ledger/suites.h"

enum { KEYS = 3000, MOST_BYTES = 120 };

// Sorted keys that are hard to tell apart: few different bytes, zeros among them, long common
// prefixes, and keys that begin others.
struct universe {
    uint8_t data[KEYS][MOST_BYTES];
    struct bytes keys[KEYS];
};

static int compare_keys(const void *a, const void *b) {
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static void make_universe(struct universe *universe, uint64_t seed) {
    static const size_t shared[] = {0, 1, 3, 4, 5, 7, 8, 9, 33, 66};
    for (size_t i = 0; i < KEYS; i++) {
        size_t prefix = shared[next_random(&seed) % (sizeof shared / sizeof *shared)];
        size_t len = prefix + 1 + next_random(&seed) % 24;
        for (size_t k = 0; k < len; k++)
            universe->data[i][k] =
                k < prefix ? (uint8_t)(prefix + k) : (uint8_t)(next_random(&seed) % 3);
        universe->keys[i] = bytes_of(universe->data[i], len);
    }
    qsort(universe->keys, KEYS, sizeof *universe->keys, compare_keys);
}

// Holds a subtree to what btree.h says of it; returns its height.
static int check_node(const struct btree_node *node, struct bytes low, struct bytes high,
                      bool is_root) {
    int height = -1;
    ck_assert_uint_ge(node->count, is_root ? (node->is_leaf ? 1 : 2) : BTREE_MIN);
    ck_assert_uint_le(node->count, BTREE_FANOUT);
    if (node->skip > 0) {
        ck_assert(low.data && high.data && low.len >= node->skip && high.len >= node->skip);
        ck_assert_mem_eq(low.data, high.data, node->skip);
    }
    for (uint16_t i = node->is_leaf ? 0 : 1; i < node->count; i++) {
        struct bytes key = btree_key(node->items[i]);
        uint8_t head[4] = {0};
        for (size_t k = 0; k < sizeof head && node->skip + k < key.len; k++)
            head[k] = key.data[node->skip + k];
        ck_assert_uint_eq(node->heads[i], load_u32_be(head));
        if (low.data) ck_assert_int_ge(bytes_compare(key, low), 0);
        if (high.data) ck_assert_int_lt(bytes_compare(key, high), 0);
        if (i > 1 || (i == 1 && node->is_leaf))
            ck_assert_int_gt(bytes_compare(key, btree_key(node->items[i - 1])), 0);
    }
    for (uint16_t i = 0; !node->is_leaf && i < node->count; i++) {
        struct bytes from = i > 0 ? btree_key(node->items[i]) : low;
        struct bytes to = i + 1 < node->count ? btree_key(node->items[i + 1]) : high;
        int below = check_node(node->children[i], from, to, false);
        ck_assert(height == -1 || height == below);
        height = below;
    }
    return height + 1;
}

static void check_tree(const struct btree_node *root, const struct universe *universe,
                       const bool *is_there) {
    struct btree_cursor cursor;
    if (root) check_node(root, (struct bytes){0}, (struct bytes){0}, true);
    btree_cursor_start(&cursor, root);
    for (size_t i = 0; i < KEYS; i++) {
        bool is_again = i > 0 && bytes_equal(universe->keys[i], universe->keys[i - 1]);
        struct btree_item *found = btree_find(root, universe->keys[i]);
        ck_assert_int_eq(found != NULL, is_there[i]);
        if (!is_there[i] || is_again) continue;
        ck_assert_ptr_eq(cursor.item, found);
        assert_bytes_equal(btree_key(found), universe->keys[i]);
        btree_cursor_next(&cursor);
    }
    ck_assert_ptr_null(cursor.item);
}

static size_t first_of(const struct universe *universe, size_t index) {
    while (index > 0 && bytes_equal(universe->keys[index], universe->keys[index - 1])) index--;
    return index;
}

static void set_there(const struct universe *universe, bool *is_there, size_t index, bool value) {
    size_t first = first_of(universe, index);
    for (size_t i = first; i < KEYS && bytes_equal(universe->keys[i], universe->keys[first]); i++)
        is_there[i] = value;
}

// One random operation; `growth` of 8 are insertions.
static void change(struct btree_node **root, const struct btree_writer *writer,
                   const struct universe *universe, bool *is_there, size_t index, bool is_put) {
    struct bytes key = universe->keys[index];
    struct btree_item *before = is_put ? btree_put(root, writer, btree_item_make(writer, key, key))
                                       : btree_remove(root, writer, key);
    ck_assert_int_eq(before != NULL, is_there[index]);
    if (before) {
        assert_bytes_equal(btree_key(before), key);
        btree_item_drop(writer, before);
    }
    set_there(universe, is_there, index, is_put);
}

START_TEST(every_node_keeps_its_rules_while_keys_come_and_go) {
    static struct universe universe;
    static bool is_there[KEYS];
    struct slab slab = {0};
    struct retired_list retired = {0};
    struct btree_writer writer = {.id = 1, .slab = &slab, .retired = &retired};
    struct btree_node *root = NULL;
    uint64_t seed = 100 + (uint64_t)_i;
    make_universe(&universe, seed);
    memset(is_there, 0, sizeof is_there);
    for (int phase = 0; phase < 12; phase++) {
        unsigned growth = phase % 2 == 0 ? 7 : 1;
        for (int i = 0; i < 2500; i++) {
            bool is_put = next_random(&seed) % 8 < growth;
            change(&root, &writer, &universe, is_there, next_random(&seed) % KEYS, is_put);
        }
        check_tree(root, &universe, is_there);
    }
    for (size_t i = 0; i < KEYS; i++)
        change(&root, &writer, &universe, is_there, (i * 7) % KEYS, false);
    ck_assert_ptr_null(root);
    ck_assert_uint_eq(retired.memory_count, 0); // all of it was the one writer's
    ck_assert_uint_eq(slab.taken_count, 0);
    slab_clear(&slab);
}
END_TEST

START_TEST(seeking_finds_the_next_key_wherever_it_lies) {
    static struct universe universe;
    static bool is_there[KEYS];
    struct slab slab = {0};
    struct retired_list retired = {0};
    struct btree_writer writer = {.id = 1, .slab = &slab, .retired = &retired};
    struct btree_node *root = NULL;
    uint64_t seed = 200 + (uint64_t)_i;
    make_universe(&universe, seed);
    memset(is_there, 0, sizeof is_there);
    for (int i = 0; i < KEYS; i++)
        change(&root, &writer, &universe, is_there, next_random(&seed) % KEYS, true);
    for (size_t i = 0; i < KEYS; i++) {
        size_t next = i, above = i;
        while (next < KEYS && !is_there[next]) next++;
        while (above < KEYS &&
               (!is_there[above] || bytes_equal(universe.keys[above], universe.keys[i])))
            above++;
        struct btree_item *found = btree_seek(root, universe.keys[i], false);
        ck_assert_ptr_eq(found, next < KEYS ? btree_find(root, universe.keys[next]) : NULL);
        found = btree_seek(root, universe.keys[i], true);
        ck_assert_ptr_eq(found, above < KEYS ? btree_find(root, universe.keys[above]) : NULL);
    }
    btree_discard(&slab, root, 0);
    ck_assert_uint_eq(slab.taken_count, 0);
    slab_clear(&slab);
}
END_TEST

START_TEST(ascending_keys_fill_three_quarters_of_each_leaf) {
    struct slab slab = {0};
    struct retired_list retired = {0};
    struct btree_writer writer = {.id = 1, .slab = &slab, .retired = &retired};
    struct btree_node *root = NULL;
    size_t leaves = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        uint8_t key[8];
        store_u64_be(key, i);
        ck_assert_ptr_null(
            btree_put(&root, &writer, btree_item_make(&writer, BYTES_OF(key), BYTES_OF(i))));
    }
    struct btree_cursor cursor;
    for (btree_cursor_start(&cursor, root); cursor.item; btree_cursor_next(&cursor))
        if (cursor.path[cursor.levels - 1].index == 0) leaves++;
    ck_assert_uint_le(leaves, 10000 / 24 + 1);
    btree_discard(&slab, root, 0);
    ck_assert_uint_eq(slab.taken_count, 0);
    slab_clear(&slab);
}
END_TEST

Suite *btree_suite(void) {
    Suite *suite = suite_create("btree");
    TCase *cases = tcase_create("btree");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, every_node_keeps_its_rules_while_keys_come_and_go, 0, 4);
    tcase_add_loop_test(cases, seeking_finds_the_next_key_wherever_it_lies, 0, 4);
    tcase_add_test(cases, ascending_keys_fill_three_quarters_of_each_leaf);
    suite_add_tcase(suite, cases);
    return suite;
}
