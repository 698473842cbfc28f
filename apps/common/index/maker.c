// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/maker.h"

#include "chaincore/chaincore.h"

static const char CURSOR_SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS index_state (one BIGINT NOT NULL PRIMARY KEY,"
    " chain_id BLOB NOT NULL, height BIGINT NOT NULL, block_id BLOB NOT NULL,"
    " version BLOB NOT NULL);";

void maker_init(struct maker *maker, struct node *node, const struct index_projection *projection) {
    struct hasher hasher;
    struct hash rules;
    uint8_t version[4];
    maker->node = node;
    maker->projection = *projection;
    store_u32_le(version, projection->version);
    hash_bytes(&rules, HASH_USER, projection->rules);
    hasher_init(&hasher, HASH_USER);
    hasher_add(&hasher, BYTES_OF(version));
    hasher_add(&hasher, BYTES_OF(rules.bytes));
    hasher_add(&hasher, bytes_of_string(projection->schema));
    hasher_finish(&hasher, &maker->version);
    ahead_init(&maker->ahead, node, &maker->projection);
}

void maker_clear(struct maker *maker) { ahead_clear(&maker->ahead); }

// --- the cursor ---

struct place {
    uint64_t height;
    struct hash block_id;
};

enum status maker_make_cursor(struct db *db) { return db_exec_script(db, CURSOR_SCHEMA); }

static enum status take_hash(struct hash *out, struct db_statement *statement, const char *column) {
    struct bytes value = db_column_bytes(statement, column);
    if (value.len != sizeof *out) return STATUS_CORRUPT;
    memcpy(out, value.data, sizeof *out);
    return STATUS_OK;
}

enum status maker_read_cursor(struct cursor *out, struct db *db) {
    struct db_statement *statement;
    *out = (struct cursor){0};
    enum status status =
        db_prepare(&statement, db, "SELECT chain_id, height, block_id, version FROM index_state");
    if (status != STATUS_OK) return status;
    TRY(db_step(statement, &out->is_there));
    if (!out->is_there) goto out;
    out->height = db_column_u64(statement, "height");
    TRY(take_hash(&out->chain_id, statement, "chain_id"));
    TRY(take_hash(&out->block_id, statement, "block_id"));
    TRY(take_hash(&out->version, statement, "version"));
out:
    db_release(statement);
    return status;
}

// Of a node that has joined later than the block, and fetches it from others.
static bool is_to_come(struct node *node, uint64_t height) {
    struct node_past past;
    node_past(node, &past);
    return past.is_filling && height < past.oldest;
}

// A chain made afresh has the same id when its genesis is the same, as every devnet's is: so the
// block itself must be on it.
enum status maker_check_cursor(const struct maker *maker, const struct cursor *cursor) {
    struct buf encoded = {0};
    struct header header;
    struct hash id;
    enum status status = STATUS_OK;
    if (!hash_equal(&cursor->chain_id, node_chain_id(maker->node))) return STATUS_CONFLICT;
    if (cursor->height == 0) return STATUS_OK;
    status = node_read_block(maker->node, cursor->height, &encoded);
    if (status == STATUS_NOT_FOUND && is_to_come(maker->node, cursor->height))
        status = STATUS_UNAVAILABLE;
    if (status == STATUS_NOT_FOUND) status = STATUS_CONFLICT; // the chain is not that long
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    buf_clear(&encoded);
    if (status != STATUS_OK) return status;
    header_id(&id, &header);
    return hash_equal(&id, &cursor->block_id) ? STATUS_OK : STATUS_CONFLICT;
}

// Before the first block.
static enum status reset_cursor(const struct maker *maker, struct db *db) {
    static const struct hash none;
    struct db_statement *statement;
    enum status status = db_prepare(
        &statement, db,
        "INSERT INTO index_state (one, chain_id, height, block_id, version)"
        " VALUES (1, $1, 0, $2, $3) ON CONFLICT (one) DO UPDATE SET chain_id = excluded.chain_id,"
        " height = excluded.height, block_id = excluded.block_id, version = excluded.version");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(node_chain_id(maker->node)->bytes));
    db_bind_bytes(statement, 2, BYTES_OF(none.bytes));
    db_bind_bytes(statement, 3, BYTES_OF(maker->version.bytes));
    status = db_run(statement);
    db_release(statement);
    return status;
}

// CONFLICT: it is not where it is to be moved from.
static enum status move_cursor(const struct maker *maker, struct db *db, const struct place *from,
                               const struct place *to) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db,
                                    "UPDATE index_state SET height = $1, block_id = $2"
                                    " WHERE height = $3 AND block_id = $4 AND version = $5");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, to->height);
    db_bind_bytes(statement, 2, BYTES_OF(to->block_id.bytes));
    db_bind_u64(statement, 3, from->height);
    db_bind_bytes(statement, 4, BYTES_OF(from->block_id.bytes));
    db_bind_bytes(statement, 5, BYTES_OF(maker->version.bytes));
    status = db_run(statement);
    if (status == STATUS_OK && db_changes(statement) != 1) status = STATUS_CONFLICT;
    db_release(statement);
    return status;
}

static struct place place_of(const struct header *header) {
    struct place place = {.height = header->height};
    header_id(&place.block_id, header);
    return place;
}

enum status maker_advance_cursor(const struct maker *maker, struct db *db,
                                 const struct header *header) {
    struct place from = {.height = header->height - 1}, to = place_of(header);
    if (from.height > 0) from.block_id = header->parent;
    return move_cursor(maker, db, &from, &to);
}

// --- rows ---

enum status maker_make_tables(const struct maker *maker, struct db *db) {
    enum status status;
    TRY(db_exec_script(db, maker->projection.schema));
    TRY(maker_make_cursor(db));
    TRY(reset_cursor(maker, db));
out:
    return status;
}

static enum status write_untold(struct maker *maker, struct db *db, struct reading *reading) {
    struct index_block given = {.block = &reading->block,
                                .arena = &reading->arena,
                                .prepared = reading->prepared,
                                .is_untold = true};
    return maker->projection.apply(maker->projection.context, db, &given);
}

// The cursor is moved twice: to the first block before anything else, so that nobody else writes
// from there on, and in the end to the last.
enum status maker_write_blocks(struct maker *maker, struct db *db, uint64_t *height,
                               uint64_t last) {
    struct place first = {0}, end = {0};
    size_t size = 0;
    enum status status = STATUS_OK;
    for (int i = 0; i < LIMIT_INDEX_BATCH && size < LIMIT_INDEX_BATCH_BYTES; i++) {
        if (*height >= last || maker->must_stop || status != STATUS_OK) break;
        struct reading *reading = ahead_take(&maker->ahead, ++*height, last);
        size += reading->encoded.len;
        status = reading->status;
        if (status == STATUS_OK) end = place_of(&reading->block.header);
        if (status == STATUS_OK && i == 0) {
            first = end;
            status = maker_advance_cursor(maker, db, &reading->block.header);
        }
        if (status == STATUS_OK) status = write_untold(maker, db, reading);
        ahead_give(&maker->ahead);
    }
    if (status == STATUS_OK && end.height > first.height)
        status = move_cursor(maker, db, &first, &end);
    return status;
}
