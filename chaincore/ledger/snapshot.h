// SPDX-License-Identifier: Apache-2.0
// The state at a checkpoint, cut into pieces for a node that joins. Nothing in it needs to be
// believed: the manifest begins with a cut, whose header a certificate proves, and lists the hashes
// at which the pieces hang in the state's tree; they add up to the header's state_root. So each
// piece is judged by itself, whoever sends it, and what lies is known at once.
//
//   manifest: version u8 | cut, with a u32 length | certificate, with a u32 length | top of the
//             tree, in preorder: a tag u8, and what follows it
//               0 empty | 1 a single leaf: its hash | 2 a subtree: its hash | 3 left and right
//   piece:    of each entry below a leaf or subtree, in the order of their paths: key and value,
//             each with a u32 length
//
// The pieces are numbered in the order in which the top of the tree names leaves and subtrees. As
// files: "manifest", "piece-00000" and so on, in a folder that is whole or not there.
#ifndef LMM_LEDGER_SNAPSHOT_H
#define LMM_LEDGER_SNAPSHOT_H

#include "chaincore/ledger/cut.h"
#include "chaincore/ledger/state.h"

enum {
    SNAPSHOT_VERSION = 1,
    SNAPSHOT_PIECE_BYTES = 1 << 20, // a subtree larger than this is cut up, unless it is one leaf
    SNAPSHOT_MAX_PIECE_BYTES = STATE_MAX_KEY + STATE_MAX_VALUE + 8,
    SNAPSHOT_MAX_PIECES = 1 << 16,
    SNAPSHOT_MAX_MANIFEST_BYTES = 8 << 20,
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
    uint32_t piece_bytes;     // 0: SNAPSHOT_PIECE_BYTES
};
// Any thread. TOO_LARGE for more than SNAPSHOT_MAX_PIECES; EXISTS when the folder is there.
enum status snapshot_write(const struct snapshot_source *source, const char *directory) MUST_CHECK;

// A snapshot being taken in. That its header is final is for the caller to find out.
struct snapshot;

// Copies the manifest. INVALID, or how it fails to decode, unless it adds up to its header.
enum status snapshot_open(struct snapshot **out, struct bytes manifest) MUST_CHECK;
void snapshot_close(struct snapshot *snapshot); // NULL is allowed
const struct cut *snapshot_cut(const struct snapshot *snapshot);
// Borrowed until it is closed.
struct bytes snapshot_certificate(const struct snapshot *snapshot);
uint32_t snapshot_piece_count(const struct snapshot *snapshot);
// Puts the piece's entries into the draft, if they are what the manifest promises; in any order,
// once each. INVALID, or how it fails to decode: then the draft is as it was. EXISTS for one that
// was added, NOT_FOUND beyond the last.
enum status snapshot_add(struct snapshot *snapshot, struct state_draft *draft, uint32_t number,
                         struct bytes piece) MUST_CHECK;
bool snapshot_is_whole(const struct snapshot *snapshot);

// The files of a folder. NOT_FOUND; TOO_LARGE.
enum status snapshot_read_manifest(struct buf *out, const char *directory) MUST_CHECK;
enum status snapshot_read_piece(struct buf *out, const char *directory, uint32_t number) MUST_CHECK;

#endif
