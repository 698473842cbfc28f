// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/peers/behaviours.h"

enum { CLOSE_MS = 30 * 1000, OVERHEAR_MS = 30 * 1000, HONEST = 1, HONEST_FROM = 2 };

void trial_fail(struct trial *trial, const char *why) {
    if (!trial->failure) trial->failure = why;
}

bool trial_connect(struct trial *trial, struct caller *caller) {
    caller_init(caller, &trial->victims->chain_id);
    if (caller_connect(caller, trial->victim->port, trial->from)) return true;
    trial_fail(trial, "nobody took the connection");
    return false;
}

bool trial_meet(struct trial *trial, struct caller *caller) {
    if (!trial_connect(trial, caller)) return false;
    if (caller_shake(caller)) return true;
    trial_fail(trial, "hands were not shaken");
    return false;
}

void trial_leave(struct trial *trial, struct caller *caller) {
    trial->attempts++;
    trial->closed += caller->is_closed;
    trial->bytes += caller->bytes;
    caller_clear(caller);
}

void trial_end(struct trial *trial, struct caller *caller) {
    (void)caller_await_close(caller, CLOSE_MS);
    trial_leave(trial, caller);
}

bool trial_overhear(struct trial *trial, uint8_t kind, struct buf *out) {
    struct caller ear;
    caller_init(&ear, &trial->victims->chain_id);
    bool has_heard = caller_connect(&ear, trial->victims->list[HONEST].port, HONEST_FROM) &&
                     caller_shake(&ear) && caller_await(&ear, kind, OVERHEAR_MS);
    buf_reset(out);
    if (has_heard)
        buf_append(out, buf_bytes(&ear.got));
    else
        trial_fail(trial, "nothing was overheard");
    caller_clear(&ear);
    return has_heard;
}

// FETCH and AHEAD come in the same kind of frames.
bool trial_overhear_vote(struct trial *trial, struct wire_message *out, struct buf *bytes) {
    for (int i = 0; i < 100; i++) {
        if (!trial_overhear(trial, REPLICA_VOTE, bytes)) return false;
        if (wire_decode(out, buf_bytes(bytes)) == STATUS_OK && out->message.kind == MESSAGE_VOTES)
            return true;
    }
    trial_fail(trial, "no votes were overheard");
    return false;
}
