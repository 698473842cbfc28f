// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/merkle.h"
#include "tests/unit/chain/suites.h"

enum { MOST = 40 };

static void make_leaves(struct hash *leaves) {
    for (uint8_t i = 0; i < MOST; i++) hash_bytes(&leaves[i], HASH_EVENT, bytes_of(&i, 1));
}

// RFC 6962, section 2.1, word for word.
static void naive_root(struct hash *out, const struct hash *leaves, size_t count) {
    if (count == 1) {
        *out = leaves[0];
        return;
    }
    size_t left = 1;
    while (left * 2 < count) left *= 2;
    struct hash a, b;
    naive_root(&a, leaves, left);
    naive_root(&b, leaves + left, count - left);
    hash_node(out, &a, &b);
}

START_TEST(roots_are_those_of_rfc_6962) {
    struct hash leaves[MOST], expected, root;
    make_leaves(leaves);
    for (size_t count = 1; count <= MOST; count++) {
        naive_root(&expected, leaves, count);
        merkle_tree_root(&root, leaves, count);
        ck_assert(hash_equal(&root, &expected));
    }
    merkle_tree_root(&root, leaves, 0);
    ck_assert(hash_is_zero(&root));
}
END_TEST

START_TEST(every_leaf_has_a_branch_that_proves_its_place) {
    struct hash leaves[MOST], root;
    make_leaves(leaves);
    for (size_t count = 1; count <= MOST; count++) {
        merkle_list_root(&root, leaves, count);
        for (size_t i = 0; i < count; i++) {
            struct merkle_branch branch, back;
            merkle_branch_make(&branch, leaves, count, i);
            struct buf encoded = {0};
            merkle_branch_encode(&encoded, &branch);
            struct decoder decoder = decoder_of(buf_bytes(&encoded));
            merkle_branch_decode(&decoder, &back);
            assert_ok(decoder_finish(&decoder));
            assert_ok(merkle_branch_check(&back, &leaves[i], &root));
            assert_status(merkle_branch_check(&back, &leaves[(i + 1) % MOST], &root),
                          STATUS_INVALID);
            buf_clear(&encoded);
        }
    }
}
END_TEST

START_TEST(a_branch_with_any_bit_flipped_proves_nothing) {
    struct hash leaves[MOST], root;
    make_leaves(leaves);
    merkle_list_root(&root, leaves, 21);
    struct merkle_branch branch, back;
    merkle_branch_make(&branch, leaves, 21, 13);
    struct buf encoded = {0};
    merkle_branch_encode(&encoded, &branch);
    for (size_t bit = 0; bit < encoded.len * 8; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct decoder decoder = decoder_of(buf_bytes(&encoded));
        merkle_branch_decode(&decoder, &back);
        enum status status = decoder_finish(&decoder);
        if (status == STATUS_OK) status = merkle_branch_check(&back, &leaves[13], &root);
        ck_assert_msg(status != STATUS_OK, "bit %zu", bit);
        encoded.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_clear(&encoded);
}
END_TEST

Suite *merkle_suite(void) {
    Suite *suite = suite_create("merkle");
    TCase *cases = tcase_create("merkle");
    tcase_add_test(cases, roots_are_those_of_rfc_6962);
    tcase_add_test(cases, every_leaf_has_a_branch_that_proves_its_place);
    tcase_add_test(cases, a_branch_with_any_bit_flipped_proves_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
