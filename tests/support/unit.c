// SPDX-License-Identifier: Apache-2.0
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *shared_data(const char *relative) {
    static char path[4096];
    const char *root = getenv("LMM_SHARED_DATA");
    snprintf(path, sizeof path, "%s/%s", root ? root : SHARED_DATA, relative);
    return access(path, R_OK) == 0 ? path : NULL;
}

void test_folder(char out[TEST_FOLDER_BYTES], const char *name) {
    const char *ground = getenv("TMPDIR");
    if (!ground || strlen(ground) + strlen(name) + sizeof "/lmm--XXXXXX" > TEST_FOLDER_BYTES)
        ground = "/tmp";
    snprintf(out, TEST_FOLDER_BYTES, "%s/lmm-%s-XXXXXX", ground, name);
    ck_assert_ptr_nonnull(mkdtemp(out));
}

// `check` adds these lines up into its closing line.
void skip_case(const char *why) { printf("SKIPPED %s\n", why); }

// Cases' bounds are for what hangs. Where eight tests share two busy processors, what takes a
// second alone may take twenty.
#define PATIENCE "5"

int main(void) {
    setenv("CK_TIMEOUT_MULTIPLIER", PATIENCE, 0);
    SRunner *runner = srunner_create(NULL);
    add_suites(runner);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    int run = srunner_ntests_run(runner);
    // `check` adds these lines up too: Check's own ends in words that differ by outcome.
    printf("COUNTED %d passed, %d failed\n", run - failed, failed);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
