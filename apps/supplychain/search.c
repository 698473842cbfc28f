// SPDX-License-Identifier: Apache-2.0
// What the supply chain knows under a text: an event by its eventID, whatever
// events are about by any of its names, and lots by their number alone.
#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/supplychain.h"

static void add(struct search_hits *hits, const struct search_hit *hit) {
    if (hits->count < SEARCH_HITS) hits->items[hits->count++] = *hit;
}

// Captors may have given several events one id.
static enum status find_events(struct db *db, struct arena *arena, struct bytes text,
                               struct search_hits *out) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, db,
                   "SELECT height, tx_index, position FROM event WHERE event_id = $1"
                   " ORDER BY height DESC, tx_index DESC, position DESC LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, text);
    db_bind_u64(statement, 2, SEARCH_HITS);
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        const char *place = arena_format(arena, "%llu-%llu-%llu",
                                         (unsigned long long)db_column_u64(statement, "height"),
                                         (unsigned long long)db_column_u64(statement, "tx_index"),
                                         (unsigned long long)db_column_u64(statement, "position"));
        add(out, &(struct search_hit){"event", bytes_of_string(place), text,
                                      arena_format(arena, "/event/%s", place)});
    }
    db_release(statement);
    return status;
}

static enum status is_known(bool *out, struct db *db, struct bytes id) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, "SELECT id FROM epc WHERE id = $1 LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_text(statement, 1, id);
    status = db_step(statement, out);
    db_release(statement);
    return status;
}

static void append_escaped(struct buf *out, struct bytes text) {
    for (size_t i = 0; i < text.len; i++) buf_append_format(out, "%%%02X", text.data[i]);
}

static void add_thing(struct search_hits *out, struct arena *arena, struct bytes id,
                      struct bytes title) {
    struct buf path = {0};
    buf_append_string(&path, "/?epc=");
    append_escaped(&path, id);
    add(out, &(struct search_hit){"epc", arena_copy(arena, id), title,
                                  arena_copy_string(arena, buf_bytes(&path))});
    buf_clear(&path);
}

// By whatever of its names.
static enum status find_thing(struct db *db, struct arena *arena, struct bytes text,
                              struct search_hits *out) {
    struct buf id = {0};
    bool is_there = false;
    if (!identifier_canonicalise(&id, text) && !identifier_of_elements(&id, text))
        buf_append(&id, text);
    enum status status = is_known(&is_there, db, buf_bytes(&id));
    if (is_there) add_thing(out, arena, buf_bytes(&id), text);
    buf_clear(&id);
    return status;
}

// The next lot of this number behind an identifier, in the words of the index epc_by_lot: of one
// that is in a million events, one row is read.
static const char next_lot[] =
    "SELECT id FROM epc WHERE substr(id, 1, 22) = 'https://id.gs1.org/01/' AND"
    " substr(id, 37, 4) = '/10/' AND substr(id, 41) = $1 AND id > $2 ORDER BY id LIMIT 1";

// Of whatever product.
static enum status find_lots(struct db *db, struct arena *arena, struct bytes number,
                             struct search_hits *out) {
    struct db_statement *statement;
    struct bytes last = bytes_of_string("");
    bool has_row = true;
    enum status status = db_prepare(&statement, db, next_lot);
    if (status != STATUS_OK) return status;
    while (status == STATUS_OK && has_row && out->count < SEARCH_HITS) {
        db_bind_text(statement, 1, number);
        db_bind_text(statement, 2, last);
        status = db_step(statement, &has_row);
        if (status != STATUS_OK || !has_row) break;
        last = arena_copy(arena, db_column_text(statement, "id"));
        add_thing(out, arena, last, last);
        db_reset(statement);
    }
    db_release(statement);
    return status;
}

enum status supplychain_search(void *context, struct db *db, struct arena *arena, struct bytes text,
                               struct search_hits *out) {
    (void)context;
    enum status status = find_events(db, arena, text, out);
    if (status == STATUS_OK) status = find_thing(db, arena, text, out);
    return status == STATUS_OK ? find_lots(db, arena, text, out) : status;
}
