// SPDX-License-Identifier: Apache-2.0
// The state at a checkpoint, cut into pieces for a node that joins. Nothing in it needs to be
// believed: the manifest begins with a cut, whose header a certificate proves, tells how the
// witnesses who signed that came to serve, and lists the hashes at which the pieces hang in the
// state's tree; they add up to the header's state_root. So each piece is judged by itself, whoever
// sends it, and what lies is known at once.
//
//   manifest: version u8 | cut, with a u32 length | certificate, with a u32 length | the keys of
//             the set that signed it, with a u32 count | hand-overs, with a u32 count, as in a
//             proof, the oldest first, one for each change of witnesses | top of the tree, in
//             preorder: a tag u8, and what follows it
//               0 empty | 1 a single leaf: its hash | 2 a subtree: its hash | 3 left and right
//   piece:    of each entry below a leaf or subtree, in the order of their paths: key and value,
//             each with a u32 length
//
// The pieces are numbered in the order in which the top of the tree names leaves and subtrees. As
// files: "manifest", "piece-00000" and so on, in a folder that is whole or not there.
#ifndef LMM_LEDGER_SNAPSHOT_H
#define LMM_LEDGER_SNAPSHOT_H

#include "chaincore/chain/certificate.h"
#include "chaincore/ledger/cut.h"
#include "chaincore/ledger/state.h"

enum {
    SNAPSHOT_VERSION = 2,
    SNAPSHOT_PIECE_BYTES = 1 << 20, // a subtree larger than this is cut up, unless it is one leaf
    SNAPSHOT_MAX_PIECE_BYTES = STATE_MAX_KEY + STATE_MAX_VALUE + 8,
    SNAPSHOT_MAX_PIECES = 1 << 16,
    // Where witnesses have changed more often than that, the newest ones are told, and who joins
    // has to know by itself what the first of them begins with.
    SNAPSHOT_MAX_HAND_OVERS = 1024,
    SNAPSHOT_MAX_HAND_OVER_BYTES =
        SNAPSHOT_MAX_HAND_OVERS *
        (HEADER_MAX_BYTES + 4 + CERTIFICATE_MAX_BYTES + 4 + 4 + 32 * LIMIT_WITNESSES),
    SNAPSHOT_MAX_MANIFEST_BYTES = (8 << 20) + SNAPSHOT_MAX_HAND_OVER_BYTES,
};

enum snapshot_tag {
    SNAPSHOT_EMPTY = 0,
    SNAPSHOT_LEAF = 1,
    SNAPSHOT_SUBTREE = 2,
    SNAPSHOT_INNER = 3,
    SNAPSHOT_TAGS
};

struct snapshot_source {
    const struct state_version *version; // the state after the cut's block
    const struct cut *cut;
    struct bytes certificate; // that makes the cut's header final
    struct bytes set;         // the keys of those who signed it
    uint32_t hand_over_count; // at most SNAPSHOT_MAX_HAND_OVERS
    struct bytes hand_overs;  // to that set, encoded one after the other (chain/proof.h)
    uint32_t piece_bytes;     // 0: SNAPSHOT_PIECE_BYTES
    uint64_t most_bytes;      // of all pieces; 0: no bound
};
// Any thread. TOO_LARGE for more than SNAPSHOT_MAX_PIECES, or bytes; EXISTS when the folder is
// there.
enum status snapshot_write(const struct snapshot_source *source, const char *directory) MUST_CHECK;

// A snapshot being taken in. That its header is final, and the hand-overs lead to those who signed
// it, is for the caller to find out.
struct snapshot;

// Copies the manifest. INVALID, or how it fails to decode, unless it adds up to its header.
enum status snapshot_open(struct snapshot **out, struct bytes manifest) MUST_CHECK;
void snapshot_close(struct snapshot *snapshot); // NULL is allowed
const struct cut *snapshot_cut(const struct snapshot *snapshot);
// Borrowed until it is closed. The hand-overs ascend, and end below the cut.
struct bytes snapshot_certificate(const struct snapshot *snapshot);
struct bytes snapshot_set(const struct snapshot *snapshot); // keys, one after the other
uint32_t snapshot_hand_over_count(const struct snapshot *snapshot);
struct bytes snapshot_hand_overs(const struct snapshot *snapshot);
uint32_t snapshot_piece_count(const struct snapshot *snapshot);
// Puts the piece's entries into the draft, if they are what the manifest promises; in any order,
// once each. INVALID, or how it fails to decode: then the draft is as it was. EXISTS for one that
// was added, NOT_FOUND beyond the last.
enum status snapshot_add(struct snapshot *snapshot, struct state_draft *draft, uint32_t number,
                         struct bytes piece) MUST_CHECK;
bool snapshot_is_whole(const struct snapshot *snapshot);
// Whether it would be taken, as above but for EXISTS.
enum status snapshot_check_piece(const struct snapshot *snapshot, uint32_t number,
                                 struct bytes piece) MUST_CHECK;

// The files of a folder. NOT_FOUND; TOO_LARGE.
enum status snapshot_read_manifest(struct buf *out, const char *directory) MUST_CHECK;
enum status snapshot_read_piece(struct buf *out, const char *directory, uint32_t number) MUST_CHECK;

#endif
