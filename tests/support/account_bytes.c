// SPDX-License-Identifier: Apache-2.0
#include "tests/support/account_bytes.h"

#include "chaincore/chain/state_key.h"

// Stake counts as if all unlockings were there, a ballot as the longest, a lane a round number.
enum {
    LANE = 100,
    FULL_STAKE = 33 + 8 + 4 + 8 * 24 + 100,
    FULL_BALLOT = 33 + 97 + 100,
    KEY_OF_CANDIDATE = 33 + 32 + 100
};

static uint64_t bytes_of_entry(enum state_space space, size_t key_len, size_t value_len) {
    if (space == STATE_LANE) return LANE;
    if (space == STATE_STAKE) return FULL_STAKE;
    if (space == STATE_BALLOT) return FULL_BALLOT;
    return key_len + value_len + 100 + (space == STATE_CANDIDATE ? KEY_OF_CANDIDATE : 0);
}

uint64_t account_bytes_held(const struct state_view *view, const struct account_id *id) {
    static const enum state_space spaces[] = {STATE_ENC_KEY, STATE_STAKE, STATE_CANDIDATE,
                                              STATE_VOTES,   STATE_LANE,  STATE_STREAM,
                                              STATE_BALLOT};
    struct account account;
    account_load(&account, view, id);
    uint64_t bytes = account.enc_key.version > 0 ? 4 + 32 : 0;
    if (account.authority.key_count > 0) bytes += 8 + 34 * (uint64_t)account.authority.key_count;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        struct state_key prefix;
        struct bytes key = bytes_of("", 0), value;
        state_key_make(&prefix, spaces[i], id, bytes_of("", 0));
        while (state_next(view, state_key_bytes(&prefix), key, &key, &value))
            bytes += bytes_of_entry(spaces[i], key.len, value.len);
    }
    return bytes;
}
