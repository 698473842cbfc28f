// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a stranger sends to a node that joins: a manifest, a cut, or a piece of a
// snapshot that is known; the first byte says as which. Only the piece that went out is ever taken
// in.
#include "chaincore/crypto/sign.h"
#include "chaincore/ledger/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Five entries in one piece.
static struct state *state;
static struct snapshot *known;
static struct buf manifest;

static struct state_draft *empty_draft(void) {
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    state_version_unref(empty);
    return draft;
}

static void prepare(void) {
    struct cut cut = {.header = {.version = HEADER_VERSION}};
    struct buf encoded = {0};
    ENSURE(crypto_init() == STATUS_OK);
    state = state_create();
    struct state_draft *draft = empty_draft();
    for (uint8_t i = 0; i < 5; i++) state_put(draft, BYTES_OF(i), BYTES_OF(i));
    struct state_version *version = state_commit(draft, 0);
    cut.header.state_root = *state_root(version);
    history_peaks_root(&cut.header.history_root, &cut.below);
    cut_encode(&encoded, &cut);
    encode_u8(&manifest, SNAPSHOT_VERSION);
    encode_bytes(&manifest, buf_bytes(&encoded));
    encode_bytes(&manifest, bytes_of("", 0));
    encode_u64(&manifest, 0); // no set, no hand-overs
    encode_u8(&manifest, SNAPSHOT_SUBTREE);
    encode_fixed(&manifest, state_root(version), sizeof(struct hash));
    state_version_unref(version);
    buf_clear(&encoded);
}

static void check_manifest(struct bytes in) {
    struct snapshot *snapshot;
    if (snapshot_open(&snapshot, in) != STATUS_OK) return;
    const struct cut *cut = snapshot_cut(snapshot);
    ENSURE(cut->below.count == cut->header.height);
    ENSURE(snapshot_piece_count(snapshot) <= SNAPSHOT_MAX_PIECES);
    ENSURE(snapshot_hand_over_count(snapshot) <= SNAPSHOT_MAX_HAND_OVERS);
    ENSURE(snapshot_set(snapshot).len % sizeof(struct public_key) == 0);
    snapshot_close(snapshot);
}

static void check_cut(struct bytes in) {
    struct cut cut;
    struct buf again = {0};
    if (cut_decode(&cut, in) != STATUS_OK) return;
    cut_encode(&again, &cut);
    ENSURE(bytes_equal(buf_bytes(&again), in));
    buf_clear(&again);
}

static void check_piece(struct bytes in) {
    struct state_draft *draft = empty_draft();
    ENSURE(snapshot_open(&known, buf_bytes(&manifest)) == STATUS_OK);
    enum status status = snapshot_add(known, draft, 0, in);
    ENSURE(state_count(state_draft_view(draft)) == (status == STATUS_OK ? 5 : 0));
    snapshot_close(known);
    state_draft_drop(draft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!state) prepare();
    if (size == 0) return 0;
    struct bytes in = bytes_of(data + 1, size - 1);
    if (*data % 3 == 0) check_manifest(in);
    if (*data % 3 == 1) check_cut(in);
    if (*data % 3 == 2) check_piece(in);
    return 0;
}
