// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/demo.h"

#include "apps/sample/contract/rules.h"
#include "apps/sample/sample.h"
#include "chaincore/chaincore.h"

static void sign(struct demo *demo, const char *role, const char *text) {
    struct buf arguments = {0};
    encode_bytes(&arguments, bytes_of_string(text));
    demo_call(demo, role, "sign", buf_bytes(&arguments), ENTRY_DEPOSIT_UNITS);
    buf_clear(&arguments);
}

void sample_demo(struct demo *demo) {
    sign(demo, "alice", "What a view from up here.");
    demo_settle(demo); // the list is newest first
    sign(demo, "bob", "We came by the north path, it is dry again. 北边的小路又干了。");
}
