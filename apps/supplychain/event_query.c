// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/event_query.h"

#include <inttypes.h>

// Both ends of each prefix, each type, both times, a place, the length of the page twice, its
// bytes.
_Static_assert(2 * LIMIT_QUERY_MATCHES + LIMIT_QUERY_VALUES + 2 + 3 + 2 + 1 <= LIMIT_DB_PARAMS,
               "every query that is taken fits into a statement");

#define PLACE "height, tx_index, position"
#define NEWEST_FIRST " ORDER BY height DESC, tx_index DESC, position DESC"
#define EVENTS_NEWEST_FIRST " ORDER BY event.height DESC, event.tx_index DESC, event.position DESC"

// What is the same in every part of a query: numbers of values.
struct shared {
    const struct epcis_query *query;
    struct arena *arena;
    int time_from, time_before; // 0: none
    int behind;                 // the first of three; 0: none
    int limit;
};

static int add_text(struct event_query *out, struct bytes text) {
    ENSURE(out->count < LIMIT_DB_PARAMS);
    out->values[out->count].text = text;
    return ++out->count;
}

static int add_number(struct event_query *out, int64_t number) {
    ENSURE(out->count < LIMIT_DB_PARAMS);
    out->values[out->count].number = number;
    return ++out->count;
}

// The first text behind all that begin so.
static struct bytes behind_prefix(struct bytes prefix, struct arena *arena) {
    char *end = arena_copy_string(arena, prefix);
    size_t len = prefix.len;
    while (len > 0 && (unsigned char)end[len - 1] >= 0x7e) len--;
    if (len > 0) end[len - 1]++;
    return bytes_of(end, len);
}

static void where_times(struct event_query *out, const struct shared *shared) {
    if (shared->time_from) buf_append_format(&out->sql, " AND time_ms >= $%d", shared->time_from);
    if (shared->time_before)
        buf_append_format(&out->sql, " AND time_ms < $%d", shared->time_before);
}

// `table` with a dot, or nothing where the columns are clear without.
static void where_behind(struct event_query *out, const struct shared *shared, const char *table) {
    if (!shared->behind) return;
    buf_append_format(&out->sql,
                      " AND (%sheight, %stx_index, %sposition) <"
                      " (CAST($%d AS BIGINT), CAST($%d AS BIGINT), CAST($%d AS BIGINT))",
                      table, table, table, shared->behind, shared->behind + 1, shared->behind + 2);
}

static void where_places(struct event_query *out, unsigned places) {
    const char *separator = "";
    buf_append_string(&out->sql, " AND place IN (");
    for (unsigned place = 0; places >> place; place++) {
        if (!(places >> place & 1)) continue;
        buf_append_format(&out->sql, "%s%u", separator, place);
        separator = ", ";
    }
    buf_append_byte(&out->sql, ')');
}

static void where_ids(struct event_query *out, const struct match_group *group,
                      struct arena *arena) {
    for (size_t i = 0; i < group->count; i++) {
        const struct epc_match *match = &group->matches[i];
        if (i > 0) buf_append_string(&out->sql, " OR ");
        int from = add_text(out, match->id);
        if (match->is_prefix)
            buf_append_format(&out->sql, "(id >= $%d AND id < $%d)", from,
                              add_text(out, behind_prefix(match->id, arena)));
        else
            buf_append_format(&out->sql, "id = $%d", from);
    }
}

// The places where one of the identifiers stands.
static void select_group(struct event_query *out, const struct shared *shared,
                         const struct match_group *group) {
    buf_append_string(&out->sql, "SELECT DISTINCT " PLACE " FROM epc WHERE (");
    where_ids(out, group, shared->arena);
    buf_append_byte(&out->sql, ')');
    where_places(out, group->places);
    where_behind(out, shared, "");
}

// The newest page of each type: they hold the newest page of all of them together.
static void select_types(struct event_query *out, const struct shared *shared) {
    const struct epcis_query *query = shared->query;
    for (size_t i = 0; i < query->event_type_count; i++) {
        buf_append_format(&out->sql,
                          "%sSELECT " PLACE " FROM (SELECT " PLACE " FROM event WHERE type = $%d",
                          i ? " UNION " : "", add_text(out, query->event_types[i]));
        where_times(out, shared);
        where_behind(out, shared, "");
        buf_append_format(&out->sql, NEWEST_FIRST " LIMIT $%d) AS type_%zu", shared->limit, i);
    }
}

// What is looked up, as a table before that of the events; CROSS JOIN keeps SQLite to this order.
// When nothing else is asked for, a page of places is enough: no event is read that isn't shown.
static void from_looked_up(struct event_query *out, const struct shared *shared) {
    const struct epcis_query *query = shared->query;
    bool is_alone = query->group_count == 1 && query->event_type_count == 0 && !shared->time_from &&
                    !shared->time_before;
    if (query->group_count + query->event_type_count == 0) return;
    buf_append_byte(&out->sql, '(');
    if (query->group_count > 0)
        select_group(out, shared, &query->groups[0]);
    else
        select_types(out, shared);
    if (is_alone) buf_append_format(&out->sql, NEWEST_FIRST " LIMIT $%d", shared->limit);
    buf_append_string(&out->sql, ") AS found CROSS JOIN ");
}

// What a looked-up place has to be besides.
static void where_looked_up(struct event_query *out, const struct shared *shared) {
    const struct epcis_query *query = shared->query;
    if (query->group_count + query->event_type_count == 0) return;
    buf_append_string(&out->sql, " AND event.height = found.height AND event.tx_index ="
                                 " found.tx_index AND event.position = found.position");
    for (size_t i = 1; i < query->group_count; i++) {
        buf_append_string(&out->sql, " AND (event.height, event.tx_index, event.position) IN (");
        select_group(out, shared, &query->groups[i]);
        buf_append_byte(&out->sql, ')');
    }
    if (query->group_count == 0 || query->event_type_count == 0) return;
    buf_append_string(&out->sql, " AND type IN (");
    for (size_t i = 0; i < query->event_type_count; i++)
        buf_append_format(&out->sql, "%s$%d", i ? ", " : "", add_text(out, query->event_types[i]));
    buf_append_byte(&out->sql, ')');
}

static struct shared share(struct event_query *out, const struct epcis_query *query,
                           const struct place *behind, struct arena *arena) {
    struct shared shared = {.query = query, .arena = arena};
    if (query->has_time_from) shared.time_from = add_number(out, query->time_from_ms);
    if (query->has_time_before) shared.time_before = add_number(out, query->time_before_ms);
    if (behind) {
        shared.behind = add_number(out, (int64_t)behind->height);
        add_number(out, behind->tx_index);
        add_number(out, behind->position);
    }
    shared.limit = add_number(out, (int64_t)query->per_page + 1);
    return shared;
}

// The page's places and one more, each with the bytes that it brings.
static void select_page(struct event_query *out, const struct shared *shared) {
    buf_append_string(&out->sql,
                      "SELECT event.height AS height, event.tx_index AS tx_index, event.position AS"
                      " position, length(event.body) + length(context.body) AS bytes FROM ");
    from_looked_up(out, shared);
    buf_append_string(&out->sql, "event CROSS JOIN context WHERE context.hash = event.context");
    where_looked_up(out, shared);
    where_times(out, shared);
    where_behind(out, shared, "event.");
    buf_append_format(&out->sql, EVENTS_NEWEST_FIRST " LIMIT $%d", shared->limit);
}

void event_query_build(struct event_query *out, const char *columns,
                       const struct epcis_query *query, const struct place *behind,
                       struct arena *arena) {
    *out = (struct event_query){0};
    struct shared shared = share(out, query, behind, arena);
    // Bodies are read of those alone that are shown: an event as long as the bytes before it leave
    // room, whatever its own.
    buf_append_format(&out->sql,
                      "SELECT %s, page.remaining AS remaining FROM (SELECT " PLACE
                      ", count(*) OVER () AS remaining, sum(bytes) OVER (" NEWEST_FIRST
                      " ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before FROM (",
                      columns);
    select_page(out, &shared);
    buf_append_format(&out->sql,
                      ") AS asked) AS page CROSS JOIN event CROSS JOIN context"
                      " WHERE page.bytes_before < $%d AND event.height = page.height"
                      " AND event.tx_index = page.tx_index AND event.position = page.position"
                      " AND context.hash = event.context" EVENTS_NEWEST_FIRST,
                      add_number(out, LIMIT_QUERY_PAGE_BYTES));
    buf_append_format(&out->sql, " LIMIT $%d", add_number(out, (int64_t)query->per_page));
}

enum status event_query_prepare(struct db_statement **out, struct db *db,
                                const struct event_query *query) {
    struct buf sql = {0};
    buf_append(&sql, buf_bytes(&query->sql));
    enum status status = db_prepare(out, db, buf_as_string(&sql));
    buf_clear(&sql);
    for (int i = 0; status == STATUS_OK && i < query->count; i++) {
        if (query->values[i].text.data)
            db_bind_text(*out, i + 1, query->values[i].text);
        else
            db_bind_i64(*out, i + 1, query->values[i].number);
    }
    return status;
}
