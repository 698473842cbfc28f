// SPDX-License-Identifier: Apache-2.0
// The records of a vote log as bytes. Internal to witness/.
#ifndef LMM_WITNESS_VOTE_RECORD_H
#define LMM_WITNESS_VOTE_RECORD_H

#include "chaincore/witness/vote_log.h"

// Behind the state machine's own kinds.
enum { VOTE_RECORD_OWNER = RECORD_VOTES + 1, VOTE_RECORD_WHOLE, VOTE_RECORD_KINDS };
enum {
    VOTE_ROOT_MAX_BYTES = 1 + 8 + 8 + HEADER_MAX_BYTES + 1 + CERTIFICATE_MAX_BYTES,
    VOTE_OWNER_BYTES = 1 + 1 + 32 + 32,
};

// A decoded record; it points into itself and into its bytes.
struct vote_record {
    uint8_t kind;
    struct vote_log_entry entry; // of the state machine's kinds
    struct header header;
    struct consensus_root root;
    struct certificate certificate;
    struct vote_signer signers[LIMIT_WITNESSES];
};

void vote_record_encode(struct buf *out, const struct vote_log_entry *entry);
void vote_record_encode_owner(struct buf *out, const struct vote_log_config *config);
// UNSUPPORTED of another version, CONFLICT of another chain. `is_other`: of other keys;
// `is_nobodys`: of none.
enum status vote_record_check_owner(struct bytes in, const struct vote_log_config *config,
                                    bool *is_other, bool *is_nobodys) MUST_CHECK;
enum status vote_record_decode(struct vote_record *out, struct bytes in) MUST_CHECK;

#endif
