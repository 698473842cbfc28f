// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/genesis_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "tests/support/unit.h"
#include "tests/unit/node/suites.h"

static char folder[64], genesis_path[96], code_path[96];
static struct bytes code(void) { return bytes_of_string("a module"); }

static void write_genesis(struct bytes contract_name) {
    struct genesis_witness witness = {.key = {{1}}};
    struct genesis_contract contract = {.name = contract_name};
    struct buf encoded = {0};
    hash_bytes(&contract.code_hash, HASH_CODE, code());
    struct genesis genesis = {.name = bytes_of_string("test"),
                              .params = {.block_interval_ms = 1,
                                         .epoch_blocks = 2,
                                         .block_gas_limit = 1,
                                         .min_witnesses = 1,
                                         .protocol = 1},
                              .witness_count = 1,
                              .witnesses = &witness,
                              .contract_count = 1,
                              .contracts = &contract};
    genesis_encode(&encoded, &genesis);
    assert_ok(file_replace(genesis_path, buf_bytes(&encoded), 0600));
    buf_clear(&encoded);
}

static void begin(void) {
    static const char template[] = "/tmp/lmm-genesis-XXXXXX";
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(genesis_path, sizeof genesis_path, "%s/genesis", folder);
    snprintf(code_path, sizeof code_path, "%s/pot.wasm", folder);
    write_genesis(bytes_of_string("pot"));
    assert_ok(file_replace(code_path, code(), 0600));
}
static void clear(void) { assert_ok(file_remove_tree(folder)); }

static enum status status_of(const char *path) {
    struct genesis_folder read;
    enum status status = genesis_folder_read(&read, path);
    genesis_folder_clear(&read);
    return status;
}

START_TEST(the_genesis_comes_with_the_code_that_it_names) {
    struct genesis_folder read;
    assert_ok(genesis_folder_read(&read, folder));
    ck_assert_uint_eq(read.code_count, 1);
    assert_bytes_equal(read.code_list[0], code());
    genesis_folder_clear(&read);
}
END_TEST

START_TEST(a_folder_that_is_written_is_read_again) {
    struct genesis_folder read, again;
    char other[96];
    snprintf(other, sizeof other, "%s/a/b", folder);
    assert_ok(genesis_folder_read(&read, folder));
    assert_ok(genesis_folder_write(&read, other));
    assert_ok(genesis_folder_read(&again, other));
    assert_bytes_equal(buf_bytes(&again.genesis), buf_bytes(&read.genesis));
    assert_bytes_equal(again.code_list[0], code());
    genesis_folder_clear(&again);
    read.code_list[0] = bytes_of_string("another module");
    assert_status(genesis_folder_write(&read, other), STATUS_INVALID);
    read.code_count = 0;
    assert_status(genesis_folder_write(&read, other), STATUS_INVALID);
    genesis_folder_clear(&read);
}
END_TEST

START_TEST(what_is_missing_is_not_found) {
    ck_assert_int_eq(unlink(code_path), 0);
    assert_status(status_of(folder), STATUS_NOT_FOUND);
    ck_assert_int_eq(unlink(genesis_path), 0);
    assert_status(status_of(folder), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(other_code_and_what_is_no_genesis_are_refused) {
    assert_ok(file_replace(code_path, bytes_of_string("another"), 0600));
    assert_status(status_of(folder), STATUS_INVALID);
    assert_ok(file_replace(genesis_path, bytes_of_string("no genesis"), 0600));
    assert_status(status_of(folder), STATUS_INVALID);
}
END_TEST

// The name becomes part of a path.
START_TEST(a_contract_is_named_by_plain_letters) {
    static const char *const names[] = {"", "../pot", "Pot", "a/b", "a b", "p.t"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        write_genesis(bytes_of_string(names[i]));
        assert_status(status_of(folder), STATUS_INVALID);
    }
}
END_TEST

START_TEST(a_path_without_end_is_too_long) {
    static char path[5000];
    memset(path, 'a', sizeof path - 1);
    assert_status(status_of(path), STATUS_TOO_LARGE);
}
END_TEST

Suite *genesis_folder_suite(void) {
    Suite *suite = suite_create("genesis folder");
    TCase *cases = tcase_create("genesis folder");
    tcase_add_checked_fixture(cases, begin, clear);
    tcase_add_test(cases, the_genesis_comes_with_the_code_that_it_names);
    tcase_add_test(cases, a_folder_that_is_written_is_read_again);
    tcase_add_test(cases, what_is_missing_is_not_found);
    tcase_add_test(cases, other_code_and_what_is_no_genesis_are_refused);
    tcase_add_test(cases, a_contract_is_named_by_plain_letters);
    tcase_add_test(cases, a_path_without_end_is_too_long);
    suite_add_tcase(suite, cases);
    return suite;
}
