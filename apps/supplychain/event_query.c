// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/event_query.h"

#include <inttypes.h>

// All values of the conditions, whose master data counts, a field's mark, a place, heights, bytes
// and lengths.
_Static_assert(LIMIT_QUERY_TERMS + 1 + 4 + 2 + 3 <= LIMIT_DB_PARAMS,
               "every query that is taken fits into a statement");

// What is the same in every part of a statement: numbers of values.
struct building {
    struct event_sql *out;
    const struct event_conditions *conditions;
    const struct event_plan *plan;
    bool is_ascending;
    struct event_heights heights;
    int behind; // the first of three; 0: none
    int behind_key;
    int limit;
};

static bool has_key(const struct building *b) { return b->plan->order != BY_PLACE; }

// The column that the order goes by before the place.
static const char *key_of(const struct building *b) {
    switch (b->plan->order) {
    case BY_TIME:
        return "event.time_ms";
    case BY_NUMBER_OF_FIELD:
        return "sorted.number";
    case BY_TIME_OF_FIELD:
        return "sorted.time_ms";
    case BY_TEXT_OF_FIELD:
        return "sorted.text";
    case BY_PLACE:
        break;
    }
    return NULL;
}

// The same for a comparison. Of few events each has been found by its place: no index of the key is
// to find them again.
static const char *compared_key_of(const struct building *b) {
    if (b->plan->way != FROM_FEW) return key_of(b);
    switch (b->plan->order) {
    case BY_TIME:
        return "event.time_ms + 0";
    case BY_NUMBER_OF_FIELD:
        return "sorted.number + 0";
    case BY_TIME_OF_FIELD:
        return "sorted.time_ms + 0";
    case BY_TEXT_OF_FIELD:
        return "COALESCE(sorted.text, '')";
    case BY_PLACE:
        break;
    }
    return NULL;
}

// Is there a row of the field beside that of the event?
static bool has_sorted(const struct building *b) { return has_key(b) && b->plan->order != BY_TIME; }
// Whose columns tell the place, so that the index that has the key has them too.
static const char *placed_by(const struct building *b) {
    return has_sorted(b) ? "sorted" : "event";
}

static const char *direction(const struct building *b) { return b->is_ascending ? "ASC" : "DESC"; }

// ---- windows

struct event_heights event_heights_of(struct event_sql *out, const struct event_plan *plan) {
    struct event_heights heights = {0};
    if (plan->from_height > 0) heights.from = event_sql_number(out, (int64_t)plan->from_height);
    if (plan->before_height < INT64_MAX)
        heights.before = event_sql_number(out, (int64_t)plan->before_height);
    return heights;
}

void event_heights_write(struct event_sql *out, const struct event_heights *heights,
                         const char *table) {
    if (heights->from) buf_append_format(&out->sql, " AND %s.height >= $%d", table, heights->from);
    if (heights->before)
        buf_append_format(&out->sql, " AND %s.height < $%d", table, heights->before);
}

// Behind the mark: by place alone for a table that has no more.
static void write_behind(const struct building *b, const char *table, const char *key) {
    struct buf *sql = &b->out->sql;
    if (!b->behind) return;
    buf_append_string(sql, " AND (");
    if (key) buf_append_format(sql, "%s, ", key);
    buf_append_format(sql, "%s.height, %s.tx_index, %s.position) %c (", table, table, table,
                      b->is_ascending ? '>' : '<');
    if (key)
        buf_append_format(sql,
                          b->plan->order == BY_TEXT_OF_FIELD ? "$%d, " : "CAST($%d AS BIGINT), ",
                          b->behind_key);
    buf_append_format(sql, "CAST($%d AS BIGINT), CAST($%d AS BIGINT), CAST($%d AS BIGINT))",
                      b->behind, b->behind + 1, b->behind + 2);
}

static void write_order(const struct building *b, const char *table, const char *key) {
    struct buf *sql = &b->out->sql;
    buf_append_string(sql, " ORDER BY ");
    if (key) buf_append_format(sql, "%s %s, ", key, direction(b));
    buf_append_format(sql, "%s.height %s, %s.tx_index %s, %s.position %s", table, direction(b),
                      table, direction(b), table, direction(b));
}

static void write_place(const struct building *b, const char *table) {
    buf_append_format(&b->out->sql,
                      "%s.height AS height, %s.tx_index AS tx_index, %s.position AS position",
                      table, table, table);
}

static void write_same_place(const struct building *b, const char *table, const char *other) {
    buf_append_format(&b->out->sql,
                      "%s.height = %s.height AND %s.tx_index = %s.tx_index"
                      " AND %s.position = %s.position",
                      table, other, table, other, table, other);
}

// ---- checks

static const struct query_condition *driver_of(const struct building *b) {
    if (b->plan->way == WALKED) return NULL;
    return &b->conditions->query->conditions[b->plan->driver];
}

// Does a look-up in the order of time serve the condition?
static bool is_served(const struct building *b, const struct query_condition *condition) {
    return b->plan->way == WALKED && b->plan->order == BY_TIME &&
           condition->target == TARGET_EVENT_TIME;
}

static bool is_checked(const struct building *b, size_t index) {
    const struct query_condition *condition = &b->conditions->query->conditions[index];
    if (condition->target == TARGET_RECORD_TIME) return false;
    return condition != driver_of(b) || event_condition_is_wide(condition);
}

static bool has_checks(const struct building *b) {
    for (size_t i = 0; i < b->conditions->query->condition_count; i++)
        if (is_checked(b, i)) return true;
    return b->plan->lacks_field;
}

static void write_checks(const struct building *b) {
    const struct epcis_query *query = b->conditions->query;
    for (size_t i = 0; i < query->condition_count; i++) {
        if (!is_checked(b, i)) continue;
        if (is_served(b, &query->conditions[i])) {
            buf_append_string(&b->out->sql, " AND ");
            event_condition_lookup(b->out, b->conditions, i, EVERY_TEXT, "event");
        } else {
            event_condition_check(b->out, b->conditions, i);
        }
    }
    if (b->plan->lacks_field)
        buf_append_format(&b->out->sql,
                          " AND NOT EXISTS (SELECT 1 FROM event_value AS lacked WHERE"
                          " lacked.height = event.height AND lacked.tx_index = event.tx_index"
                          " AND lacked.position = event.position AND lacked.field = %" PRId64
                          " LIMIT 1 OFFSET 0)",
                          query->order_field);
}

static void write_sorted(const struct building *b) {
    struct buf *sql = &b->out->sql;
    buf_append_format(
        sql, "sorted.field%s = %" PRId64 " AND sorted.is_first = 1 AND %s IS NOT NULL",
        b->plan->way == FROM_FEW ? " + 0" : "", b->conditions->query->order_field, key_of(b));
    if (b->plan->order != BY_NUMBER_OF_FIELD) buf_append_string(sql, " AND sorted.number IS NULL");
    if (b->plan->order == BY_TEXT_OF_FIELD) buf_append_string(sql, " AND sorted.time_ms IS NULL");
}

// ---- the three ways to places

// All that the driver finds, each once.
static void select_found(const struct building *b) {
    struct buf *sql = &b->out->sql;
    buf_append_string(sql, "SELECT DISTINCT ");
    write_place(b, "source");
    buf_append_format(sql, " FROM %s AS source WHERE ", event_condition_table(driver_of(b)));
    event_condition_lookup(b->out, b->conditions, b->plan->driver, EVERY_TEXT, "source");
    event_heights_write(b->out, &b->heights, "source");
    if (!has_key(b)) write_behind(b, "source", NULL);
}

// From few, or walked: in the page's order, checked.
static void select_checked(const struct building *b) {
    struct buf *sql = &b->out->sql;
    const char *key = key_of(b);
    buf_append_string(sql, "SELECT ");
    write_place(b, placed_by(b));
    if (key) buf_append_format(sql, ", %s AS sort_key", key);
    buf_append_string(sql, " FROM ");
    if (b->plan->way == FROM_FEW) {
        buf_append_byte(sql, '(');
        select_found(b);
        buf_append_format(sql, " LIMIT %u) AS source CROSS JOIN event%s WHERE ", b->plan->most,
                          has_sorted(b) ? " CROSS JOIN event_value AS sorted" : "");
        write_same_place(b, "event", "source");
        buf_append_string(sql, has_sorted(b) ? " AND " : "");
    } else {
        buf_append_format(sql, "%sevent WHERE ",
                          has_sorted(b) ? "event_value AS sorted CROSS JOIN " : "");
        if (!has_sorted(b)) buf_append_string(sql, "0 = 0");
    }
    if (has_sorted(b)) {
        write_same_place(b, b->plan->way == FROM_FEW ? "sorted" : "event",
                         b->plan->way == FROM_FEW ? "event" : "sorted");
        buf_append_string(sql, " AND ");
        write_sorted(b);
    }
    if (b->plan->way == WALKED) event_heights_write(b->out, &b->heights, placed_by(b));
    if (has_key(b) || b->plan->way == WALKED) write_behind(b, placed_by(b), compared_key_of(b));
    write_checks(b);
    write_order(b, placed_by(b), key);
    buf_append_format(sql, " LIMIT $%d", b->limit);
}

// A page of the driver's alone.
static void select_few(const struct building *b) {
    struct buf *sql = &b->out->sql;
    buf_append_string(sql, "SELECT height, tx_index, position FROM (");
    select_found(b);
    buf_append_string(sql, ") AS found");
    write_order(b, "found", NULL);
    buf_append_format(sql, " LIMIT $%d", b->limit);
}

// The first of one text's events.
static void select_of_text(const struct building *b, int text) {
    struct buf *sql = &b->out->sql;
    const char *table = event_condition_table(driver_of(b));
    bool is_event = strcmp(table, "event") == 0, joins = has_checks(b) && !is_event;
    // Several rows of one event may have it: an identifier in several places, a value as a text and
    // as a number.
    buf_append_format(sql, "SELECT %s", is_event ? "" : "DISTINCT ");
    write_place(b, table);
    buf_append_format(sql, " FROM %s%s WHERE ", table, joins ? " CROSS JOIN event" : "");
    event_condition_lookup(b->out, b->conditions, b->plan->driver, text, table);
    event_heights_write(b->out, &b->heights, table);
    write_behind(b, table, NULL);
    if (joins) {
        buf_append_string(sql, " AND ");
        write_same_place(b, "event", table);
    }
    if (has_checks(b)) write_checks(b);
    write_order(b, table, NULL);
    buf_append_format(sql, " LIMIT $%d", b->limit);
}

static void select_by_text(const struct building *b) {
    struct buf *sql = &b->out->sql;
    size_t count = driver_of(b)->text_count;
    buf_append_string(sql, "SELECT height, tx_index, position FROM (");
    for (size_t i = 0; i < count; i++) {
        buf_append_format(sql, "%sSELECT height, tx_index, position FROM (", i ? " UNION " : "");
        select_of_text(b, (int)i);
        buf_append_format(sql, ") AS text_%zu", i);
    }
    buf_append_string(sql, ") AS found");
    write_order(b, "found", NULL);
    buf_append_format(sql, " LIMIT $%d", b->limit);
}

static void select_places(const struct building *b) {
    if (b->plan->way == BY_TEXT)
        select_by_text(b);
    else if (b->plan->way == FROM_FEW && !has_key(b) && !has_checks(b))
        select_few(b);
    else
        select_checked(b);
}

// ---- a page

static struct building begin(struct event_sql *out, const struct event_conditions *conditions,
                             const struct event_plan *plan, uint32_t limit) {
    struct building b = {.out = out,
                         .conditions = conditions,
                         .plan = plan,
                         .is_ascending = conditions->query->is_ascending};
    const struct event_mark *behind = &plan->behind;
    *out = (struct event_sql){0};
    b.heights = event_heights_of(out, plan);
    if (plan->has_behind && has_key(&b))
        b.behind_key = plan->order == BY_TEXT_OF_FIELD ? event_sql_text(out, behind->text)
                                                       : event_sql_number(out, behind->number);
    if (plan->has_behind) {
        b.behind = event_sql_number(out, (int64_t)behind->place.height);
        event_sql_number(out, behind->place.tx_index);
        event_sql_number(out, behind->place.position);
    }
    b.limit = event_sql_number(out, limit);
    return b;
}

void event_query_build(struct event_sql *out, const struct event_conditions *conditions,
                       const struct event_plan *plan, const struct event_page *page) {
    struct building b = begin(out, conditions, plan, page->length + 1);
    struct buf *sql = &out->sql;
    const char *key = has_key(&b) ? "asked.sort_key" : NULL;
    // Bodies are read of those alone that are shown: an event as long as the bytes before it leave
    // room, whatever its own.
    buf_append_format(sql,
                      "SELECT %s, page.remaining AS remaining FROM (SELECT asked.*,"
                      " count(*) OVER () AS remaining, sum(asked.bytes) OVER (",
                      page->columns);
    write_order(&b, "asked", key);
    buf_append_format(sql,
                      " ROWS UNBOUNDED PRECEDING) - asked.bytes AS bytes_before FROM (SELECT %s",
                      key ? "places.sort_key AS sort_key, " : "");
    write_place(&b, "places");
    buf_append_string(sql, ", length(event.body) + length(context.body) AS bytes FROM (");
    select_places(&b);
    buf_append_string(sql, ") AS places CROSS JOIN event CROSS JOIN context WHERE ");
    write_same_place(&b, "event", "places");
    buf_append_format(sql,
                      " AND context.hash = event.context) AS asked) AS page CROSS JOIN event"
                      " CROSS JOIN context WHERE page.bytes_before < $%d AND ",
                      event_sql_number(out, page->bytes));
    write_same_place(&b, "event", "page");
    buf_append_string(sql, " AND context.hash = event.context");
    write_order(&b, "page", key ? "page.sort_key" : NULL);
    buf_append_format(sql, " LIMIT $%d", event_sql_number(out, page->length));
}

void event_query_build_count(struct event_sql *out, const struct event_conditions *conditions,
                             const struct event_plan *plan, uint32_t most) {
    struct building b = begin(out, conditions, plan, most);
    buf_append_string(&out->sql, "SELECT count(*) AS events FROM (");
    select_places(&b);
    buf_append_string(&out->sql, ") AS counted");
}

// What conditions ask of an event's own row.
static const char PROBED[] = "event.height, event.tx_index, event.position, event.type,"
                             " event.action, event.biz_step, event.disposition, event.read_point,"
                             " event.biz_location, event.event_id, event.time_ms,"
                             " event.is_declaration, event.sender";

// The first steps of a walk in the page's order.
static void select_steps(const struct building *b) {
    struct buf *sql = &b->out->sql;
    const struct epcis_query *query = b->conditions->query;
    if (has_sorted(b))
        buf_append_string(sql, "SELECT sorted.height, sorted.tx_index, sorted.position"
                               " FROM event_value AS sorted WHERE ");
    else
        buf_append_format(sql, "SELECT %s FROM event WHERE 0 = 0", PROBED);
    if (has_sorted(b)) write_sorted(b);
    for (size_t i = 0; i < query->condition_count; i++) {
        if (!is_served(b, &query->conditions[i])) continue;
        buf_append_string(sql, " AND ");
        event_condition_lookup(b->out, b->conditions, i, EVERY_TEXT, "event");
    }
    event_heights_write(b->out, &b->heights, placed_by(b));
    write_behind(b, placed_by(b), key_of(b));
    write_order(b, placed_by(b), key_of(b));
    buf_append_format(sql, " LIMIT $%d", b->limit);
}

void event_query_build_probe(struct event_sql *out, const struct event_conditions *conditions,
                             const struct event_plan *plan) {
    struct building b = begin(out, conditions, plan, PROBE_STEPS);
    const struct epcis_query *query = conditions->query;
    buf_append_string(&out->sql, "SELECT count(*) AS events FROM (");
    select_steps(&b);
    if (has_sorted(&b)) {
        buf_append_string(&out->sql, ") AS stepped CROSS JOIN event WHERE ");
        write_same_place(&b, "event", "stepped");
    } else {
        buf_append_string(&out->sql, ") AS event WHERE 0 = 0");
    }
    for (size_t i = 0; i < query->condition_count; i++)
        if (!is_served(&b, &query->conditions[i])) event_condition_check(out, conditions, i);
}
