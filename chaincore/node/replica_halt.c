// SPDX-License-Identifier: Apache-2.0
// Where agreement is broken a node signs nothing any more, also after a restart: what it saw, it
// may not see again, and whoever starts a process anew has not found out yet who is wrong. So a
// file says it, which the operator takes away (docs/witness.md).
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/node/replica_inside.h"

enum { REASON_BYTES = 256 };

static void path_of(char out[PATH_MAX], const struct node *node) {
    int len = snprintf(out, PATH_MAX, "%s/halted", node->folder);
    ENSURE(len > 0 && len < PATH_MAX);
}

static const char *reason_of(enum halt_reason reason) {
    switch (reason) {
    case HALT_TWO_CERTIFICATES:
        return "two certificates contradict each other";
    case HALT_TWO_BRANCHES:
        return "a final block is on another branch";
    case HALT_INVALID_FINAL:
        return "a final block does not execute here";
    }
    return "";
}

static void mark(struct replica *replica) {
    struct node *node = replica->node;
    replica->is_halted = true;
    pthread_mutex_lock(&node->lock);
    node->is_halted = true;
    pthread_mutex_unlock(&node->lock);
}

void halt_now(void *context, enum halt_reason reason) {
    struct replica *replica = context;
    const char *text = reason_of(reason);
    char path[PATH_MAX];
    if (replica->is_halted) return;
    path_of(path, replica->node);
    log_error("node", "agreement is broken: this node signs nothing any more",
              log_text("reason", text), log_text("file", path));
    mark(replica);
    replica->halt_status = file_replace(path, bytes_of_string(text), 0600);
}

void halt_signing(void *context) {
    struct node *node = ((struct replica *)context)->node;
    log_error("node", "somebody else signs with a key of this node: it signs nothing any more, "
                      "and follows (docs/witness.md)");
    pthread_mutex_lock(&node->lock);
    node->has_twin = true;
    pthread_mutex_unlock(&node->lock);
}

enum status halt_load(struct replica *replica) {
    char path[PATH_MAX], text[REASON_BYTES + 1];
    struct buf stored = {0};
    path_of(path, replica->node);
    enum status status = file_read(&stored, path, REASON_BYTES);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    int len = stored.len < REASON_BYTES ? (int)stored.len : REASON_BYTES;
    snprintf(text, sizeof text, "%.*s", len, len > 0 ? (const char *)stored.data : "");
    buf_clear(&stored);
    if (status == STATUS_IO) return status;
    log_error("node",
              "agreement was broken before this start: nothing is signed until the file goes",
              log_text("reason", text), log_text("file", path));
    mark(replica);
    return STATUS_OK;
}
