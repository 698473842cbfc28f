// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "chaincore/base/limits.h"
#include "chaincore/base/memory.h"
#include "chaincore/chain/proof.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/ledger/snapshot.h"

struct piece {
    struct hash hash;
    uint16_t depth; // at which it hangs in the tree
    bool is_leaf;
    bool is_added;
};

struct snapshot {
    struct buf manifest;
    struct cut cut;
    struct bytes certificate; // in `manifest`, as those behind it
    struct bytes set;
    struct bytes hand_overs;
    uint32_t hand_over_count;
    struct piece *pieces;
    uint32_t count;
    uint32_t capacity;
    uint32_t added;
};

static void add_piece(struct snapshot *snapshot, const struct piece *piece) {
    if (snapshot->count == snapshot->capacity) {
        snapshot->capacity = snapshot->capacity ? 2 * snapshot->capacity : 16;
        snapshot->pieces =
            mem_resize(snapshot->pieces, snapshot->capacity * sizeof *snapshot->pieces);
    }
    snapshot->pieces[snapshot->count++] = *piece;
}

// One way to say it: an inner node holds two leaves or more, so a leaf alone has risen out of it.
static bool is_canonical(uint8_t left, uint8_t right) {
    if (left == SNAPSHOT_EMPTY) return right == SNAPSHOT_SUBTREE || right == SNAPSHOT_INNER;
    if (right == SNAPSHOT_EMPTY) return left == SNAPSHOT_SUBTREE || left == SNAPSHOT_INNER;
    return true;
}

// Reads the top of the tree at `depth`, its hash and its tag.
static void read_top(struct decoder *in, struct snapshot *snapshot, unsigned depth,
                     struct hash *hash, uint8_t *tag) {
    *hash = (struct hash){0};
    *tag = decode_tag(in, SNAPSHOT_TAGS);
    if (in->status != STATUS_OK || *tag == SNAPSHOT_EMPTY) return;
    if (*tag == SNAPSHOT_INNER) {
        struct hash left, right;
        uint8_t left_tag, right_tag;
        if (depth == LIMIT_TREE_DEPTH) {
            decoder_fail(in, STATUS_INVALID);
            return;
        }
        read_top(in, snapshot, depth + 1, &left, &left_tag);
        read_top(in, snapshot, depth + 1, &right, &right_tag);
        if (in->status == STATUS_OK && !is_canonical(left_tag, right_tag))
            decoder_fail(in, STATUS_INVALID);
        hash_node(hash, &left, &right);
        return;
    }
    decode_fixed(in, hash, sizeof *hash);
    if (snapshot->count == SNAPSHOT_MAX_PIECES) decoder_fail(in, STATUS_TOO_LARGE);
    if (in->status != STATUS_OK) return;
    add_piece(
        snapshot,
        &(struct piece){.hash = *hash, .depth = (uint16_t)depth, .is_leaf = *tag == SNAPSHOT_LEAF});
}

// One way to say it: a set leads on by itself, so each names the next and none its own.
static void read_hand_overs(struct decoder *in, struct snapshot *snapshot) {
    struct proof_hand_over each;
    uint64_t height = 0;
    snapshot->hand_over_count = decode_count(in, SNAPSHOT_MAX_HAND_OVERS);
    const uint8_t *begin = in->next;
    for (uint32_t i = 0; i < snapshot->hand_over_count && in->status == STATUS_OK; i++) {
        proof_hand_over_decode_from(in, &each);
        if (in->status != STATUS_OK) return;
        if (each.set.len > 0 || each.header.height <= height) decoder_fail(in, STATUS_INVALID);
        height = each.header.height;
    }
    snapshot->hand_overs = bytes_of(begin, (size_t)(in->next - begin));
    if (height > 0 && snapshot->cut.header.height <= height) decoder_fail(in, STATUS_INVALID);
}

static enum status read_manifest(struct snapshot *snapshot) {
    struct decoder in = decoder_of(buf_bytes(&snapshot->manifest));
    struct hash root;
    uint8_t tag;
    if (decode_u8(&in) != SNAPSHOT_VERSION) decoder_fail(&in, STATUS_UNSUPPORTED);
    struct bytes cut = decode_bytes(&in, CUT_MAX_BYTES);
    enum status status = in.status;
    if (status == STATUS_OK) status = cut_decode(&snapshot->cut, cut);
    if (status != STATUS_OK) return status;
    snapshot->certificate = decode_bytes(&in, LIMIT_PROOF_BYTES);
    snapshot->set = decode_slice(&in, decode_count(&in, LIMIT_WITNESSES) * (size_t)32);
    read_hand_overs(&in, snapshot);
    read_top(&in, snapshot, 0, &root, &tag);
    status = decoder_finish(&in);
    if (status != STATUS_OK) return status;
    return hash_equal(&root, &snapshot->cut.header.state_root) ? STATUS_OK : STATUS_INVALID;
}

enum status snapshot_open(struct snapshot **out, struct bytes manifest) {
    if (manifest.len > SNAPSHOT_MAX_MANIFEST_BYTES) return STATUS_TOO_LARGE;
    struct snapshot *snapshot = mem_alloc(sizeof *snapshot);
    buf_append(&snapshot->manifest, manifest);
    enum status status = read_manifest(snapshot);
    if (status == STATUS_OK)
        *out = snapshot;
    else
        snapshot_close(snapshot);
    return status;
}

void snapshot_close(struct snapshot *snapshot) {
    if (!snapshot) return;
    buf_clear(&snapshot->manifest);
    mem_free(snapshot->pieces);
    mem_free(snapshot);
}

const struct cut *snapshot_cut(const struct snapshot *snapshot) { return &snapshot->cut; }

struct bytes snapshot_certificate(const struct snapshot *snapshot) {
    return snapshot->certificate;
}

struct bytes snapshot_set(const struct snapshot *snapshot) {
    return snapshot->set;
}

uint32_t snapshot_hand_over_count(const struct snapshot *snapshot) {
    return snapshot->hand_over_count;
}

struct bytes snapshot_hand_overs(const struct snapshot *snapshot) {
    return snapshot->hand_overs;
}

uint32_t snapshot_piece_count(const struct snapshot *snapshot) { return snapshot->count; }

bool snapshot_is_whole(const struct snapshot *snapshot) {
    return snapshot->added == snapshot->count;
}

struct leaf {
    struct hash path;
    struct hash hash;
};

struct leaves {
    struct leaf *items;
    size_t count;
    size_t capacity;
};

static void add_leaf(struct leaves *leaves, struct bytes key, struct bytes value) {
    struct hash value_hash;
    if (leaves->count == leaves->capacity) {
        leaves->capacity = leaves->capacity ? 2 * leaves->capacity : 64;
        leaves->items = mem_resize(leaves->items, leaves->capacity * sizeof *leaves->items);
    }
    struct leaf *leaf = &leaves->items[leaves->count++];
    hash_bytes(&leaf->path, HASH_KEY, key);
    hash_bytes(&value_hash, HASH_VALUE, value);
    state_leaf_hash(&leaf->hash, &leaf->path, &value_hash);
}

static unsigned bit_at(const struct hash *path, unsigned depth) {
    return path->bytes[depth / 8] >> (7 - depth % 8) & 1;
}

// The hash of the subtree that hangs at `depth`; paths ascend, none twice, so it ends at 256.
static void hash_subtree(struct hash *out, const struct leaf *leaves, size_t count,
                         unsigned depth) {
    struct hash left, right;
    size_t middle = 0;
    if (count == 0) *out = (struct hash){0};
    if (count == 1) *out = leaves[0].hash;
    if (count < 2) return;
    while (middle < count && !bit_at(&leaves[middle].path, depth)) middle++;
    hash_subtree(&left, leaves, middle, depth + 1);
    hash_subtree(&right, leaves + middle, count - middle, depth + 1);
    hash_node(out, &left, &right);
}

static bool share_front(const struct hash *a, const struct hash *b, unsigned bits) {
    for (unsigned i = 0; i < bits; i++)
        if (bit_at(a, i) != bit_at(b, i)) return false;
    return true;
}

static enum status check_piece(const struct piece *piece, const struct leaves *leaves) {
    struct hash hash;
    size_t count = leaves->count;
    if (count == 0 || (count == 1) != piece->is_leaf) return STATUS_INVALID;
    for (size_t i = 1; i < count; i++)
        if (hash_compare(&leaves->items[i - 1].path, &leaves->items[i].path) >= 0)
            return STATUS_INVALID;
    if (!share_front(&leaves->items[0].path, &leaves->items[count - 1].path, piece->depth))
        return STATUS_INVALID;
    hash_subtree(&hash, leaves->items, count, piece->depth);
    return hash_equal(&hash, &piece->hash) ? STATUS_OK : STATUS_INVALID;
}

// Calls for each entry once; with `leaves` it collects, with `draft` it puts.
static enum status walk(struct bytes bytes, struct leaves *leaves, struct state_draft *draft) {
    struct decoder in = decoder_of(bytes);
    while (in.status == STATUS_OK && decoder_left(&in) > 0) {
        struct bytes key = decode_bytes(&in, STATE_MAX_KEY);
        struct bytes value = decode_bytes(&in, STATE_MAX_VALUE);
        if (key.len == 0) decoder_fail(&in, STATUS_INVALID);
        if (in.status != STATUS_OK) break;
        if (leaves) add_leaf(leaves, key, value);
        if (draft) state_put(draft, key, value);
    }
    return decoder_finish(&in);
}

enum status snapshot_check_piece(const struct snapshot *snapshot, uint32_t number,
                                 struct bytes bytes) {
    struct leaves leaves = {0};
    if (number >= snapshot->count) return STATUS_NOT_FOUND;
    if (bytes.len > SNAPSHOT_MAX_PIECE_BYTES) return STATUS_TOO_LARGE;
    enum status status = walk(bytes, &leaves, NULL);
    if (status == STATUS_OK) status = check_piece(&snapshot->pieces[number], &leaves);
    mem_free(leaves.items);
    return status;
}

enum status snapshot_add(struct snapshot *snapshot, struct state_draft *draft, uint32_t number,
                         struct bytes bytes) {
    if (number < snapshot->count && snapshot->pieces[number].is_added) return STATUS_EXISTS;
    enum status status = snapshot_check_piece(snapshot, number, bytes);
    if (status != STATUS_OK) return status;
    snapshot->pieces[number].is_added = true;
    snapshot->added++;
    return walk(bytes, NULL, draft);
}
