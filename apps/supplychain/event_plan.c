// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/event_plan.h"

#include <stdio.h>

// ---- order

static bool has_time_bounds(const struct epcis_query *query) {
    for (size_t i = 0; i < query->condition_count; i++)
        if (query->conditions[i].target == TARGET_EVENT_TIME) return true;
    return false;
}

static enum event_order first_order(const struct epcis_query *query) {
    switch (query->order) {
    case ORDER_NONE:
        return has_time_bounds(query) ? BY_TIME : BY_PLACE;
    case ORDER_EVENT_TIME:
        return BY_TIME;
    case ORDER_RECORD_TIME: // later blocks have later times
        return BY_PLACE;
    case ORDER_FIELD:
        return BY_NUMBER_OF_FIELD;
    }
    return BY_PLACE;
}

struct event_plan event_plan_for_count(const struct event_plan *plan,
                                       const struct epcis_query *query) {
    struct event_plan out = *plan;
    out.has_behind = out.lacks_field = false;
    out.order = first_order(query) == BY_TIME ? BY_TIME : BY_PLACE;
    return out;
}

bool event_plan_next_part(struct event_plan *plan) {
    plan->has_behind = false;
    switch (plan->order) {
    case BY_NUMBER_OF_FIELD:
        plan->order = BY_TIME_OF_FIELD;
        return true;
    case BY_TIME_OF_FIELD:
        plan->order = BY_TEXT_OF_FIELD;
        return true;
    case BY_TEXT_OF_FIELD:
        plan->order = BY_PLACE;
        plan->lacks_field = true;
        return true;
    case BY_PLACE:
    case BY_TIME:
        break;
    }
    return false;
}

static void read_mark(struct event_plan *plan, struct arena *arena,
                      struct db_statement *statement) {
    struct event_mark *out = &plan->behind;
    if (plan->order == BY_TIME) {
        out->number = db_column_i64(statement, "event_time");
    } else if (db_column_is_null(statement, "is_first")) {
        plan->order = BY_PLACE;
        plan->lacks_field = true;
    } else if (!db_column_is_null(statement, "number")) {
        plan->order = BY_NUMBER_OF_FIELD;
        out->number = db_column_i64(statement, "number");
    } else if (!db_column_is_null(statement, "time_ms")) {
        plan->order = BY_TIME_OF_FIELD;
        out->number = db_column_i64(statement, "time_ms");
    } else {
        plan->order = BY_TEXT_OF_FIELD;
        out->text = arena_copy(arena, db_column_text(statement, "text"));
    }
}

// Where the event at `place` stands in the query's order.
static enum status find_mark(struct event_plan *plan, struct db *db,
                             const struct event_conditions *conditions, const struct place *place) {
    struct db_statement *statement;
    bool has_row = false;
    plan->has_behind = true;
    plan->behind = (struct event_mark){.place = *place};
    enum status status = db_prepare(
        &statement, db,
        "SELECT event.time_ms AS event_time, sorted.is_first AS is_first, sorted.number AS number,"
        " sorted.time_ms AS time_ms, sorted.text AS text FROM event LEFT JOIN event_value AS sorted"
        " ON sorted.height = event.height AND sorted.tx_index = event.tx_index"
        " AND sorted.position = event.position AND sorted.field = $4 AND sorted.is_first = 1"
        " WHERE event.height = $1 AND event.tx_index = $2 AND event.position = $3");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, place->height);
    db_bind_u64(statement, 2, place->tx_index);
    db_bind_u64(statement, 3, place->position);
    db_bind_i64(statement, 4, conditions->query->order_field);
    TRY(db_step(statement, &has_row));
    if (has_row && plan->order != BY_PLACE) read_mark(plan, conditions->arena, statement);
    bool may_lack = conditions->takes_any_place && plan->order == BY_PLACE;
    if (!has_row && !may_lack) status = STATUS_NOT_FOUND;
out:
    db_release(statement);
    return status;
}

// ---- times of record

// The first row at or above a height; height INT64_MAX when there is none.
static enum status find_row_above(struct db *db, uint64_t height, uint64_t *found,
                                  int64_t *record_ms) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status = db_prepare(&statement, db,
                                    "SELECT height, record_ms FROM event WHERE height >= $1"
                                    " ORDER BY height, tx_index, position LIMIT 1");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, height);
    TRY(db_step(statement, &has_row));
    *found = has_row ? db_column_u64(statement, "height") : INT64_MAX;
    *record_ms = has_row ? db_column_i64(statement, "record_ms") : INT64_MAX;
out:
    db_release(statement);
    return status;
}

static enum status find_highest(struct db *db, uint64_t *height) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status = db_prepare(&statement, db, "SELECT max(height) AS height FROM event");
    if (status != STATUS_OK) return status;
    TRY(db_step(statement, &has_row));
    *height = has_row ? db_column_u64(statement, "height") : 0;
out:
    db_release(statement);
    return status;
}

// The lowest height whose block is as late: later blocks have later times, so halves are left out.
static enum status find_height(struct db *db, int64_t time_ms, uint64_t *out) {
    uint64_t low = 0, high;
    enum status status;
    TRY(find_highest(db, &high));
    high++;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2, found;
        int64_t record_ms;
        TRY(find_row_above(db, middle, &found, &record_ms));
        if (record_ms >= time_ms)
            high = middle;
        else
            low = found + 1;
    }
    *out = low;
out:
    return status;
}

static enum status bound_heights(struct event_plan *plan, struct db *db,
                                 const struct event_conditions *conditions) {
    const struct epcis_query *query = conditions->query;
    enum status status = STATUS_OK;
    plan->from_height = conditions->heights.from;
    plan->before_height = conditions->heights.before > 0 ? conditions->heights.before : INT64_MAX;
    for (size_t i = 0; i < query->condition_count; i++) {
        const struct query_condition *condition = &query->conditions[i];
        uint64_t height;
        if (condition->target != TARGET_RECORD_TIME) continue;
        TRY(find_height(db, condition->numbers[0], &height));
        if (condition->test != TEST_GREATER_EQUAL)
            plan->before_height = height < plan->before_height ? height : plan->before_height;
        else if (height > plan->from_height)
            plan->from_height = height;
    }
out:
    return status;
}

// ---- the way

// What each look-up finds, one more than `most` at most.
static void build_counts(struct event_sql *out, const struct event_conditions *conditions,
                         const struct event_plan *plan, uint32_t most) {
    const struct epcis_query *query = conditions->query;
    const char *separator = "SELECT ";
    *out = (struct event_sql){0};
    struct event_heights heights = event_heights_of(out, plan);
    for (size_t i = 0; i < query->condition_count; i++) {
        if (!event_condition_is_source(&query->conditions[i])) continue;
        buf_append_format(&out->sql, "%s(SELECT count(*) FROM (SELECT 1 FROM %s AS source WHERE ",
                          separator, event_condition_table(&query->conditions[i]));
        event_condition_lookup(out, conditions, i, EVERY_TEXT, "source");
        event_heights_write(out, &heights, "source");
        buf_append_format(&out->sql, " LIMIT %u) AS found_%zu) AS count_%zu", most + 1, i, i);
        separator = ", ";
    }
}

struct counts {
    int64_t of[LIMIT_QUERY_CONDITIONS];
    uint32_t most; // that were counted; one more stands for any number
};

static enum status read_counts(struct counts *out, struct db *db, const struct event_sql *sql,
                               const struct epcis_query *query) {
    struct db_statement *statement;
    bool has_row = false;
    enum status status = event_sql_prepare(&statement, db, sql);
    if (status != STATUS_OK) return status;
    TRY(db_step(statement, &has_row));
    for (size_t i = 0; has_row && i < query->condition_count; i++) {
        char column[32];
        snprintf(column, sizeof column, "count_%zu", i);
        if (event_condition_is_source(&query->conditions[i]))
            out->of[i] = db_column_i64(statement, column);
    }
out:
    db_release(statement);
    return status;
}

static enum status count_each(struct counts *out, const struct event_plan *plan, struct db *db,
                              const struct event_conditions *conditions, uint32_t most) {
    struct event_sql *sql = arena_alloc(conditions->arena, sizeof *sql);
    *out = (struct counts){.most = most};
    build_counts(sql, conditions, plan, most);
    enum status status = read_counts(out, db, sql, conditions->query);
    buf_clear(&sql->sql);
    return status;
}

// The condition that is met by the fewest events, if all of these were counted.
static void choose_few(struct event_plan *plan, const struct epcis_query *query,
                       const struct counts *counts) {
    int64_t fewest = INT64_MAX;
    for (size_t i = 0; i < query->condition_count; i++) {
        if (!event_condition_is_source(&query->conditions[i])) continue;
        if (counts->of[i] > counts->most || counts->of[i] >= fewest) continue;
        fewest = counts->of[i];
        plan->way = FROM_FEW;
        plan->most = counts->most;
        plan->driver = i;
    }
}

// Each text costs a walk of its own, so the fewer the better.
static void choose_texts(struct event_plan *plan, const struct epcis_query *query) {
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < query->condition_count; i++) {
        const struct query_condition *condition = &query->conditions[i];
        if (!event_condition_is_ordered(condition) || condition->text_count >= fewest) continue;
        fewest = condition->text_count;
        plan->way = BY_TEXT;
        plan->driver = i;
    }
}

// Does a walk in the page's order meet any within its first steps?
static enum status probe(bool *meets, const struct event_plan *plan, struct db *db,
                         const struct event_conditions *conditions) {
    struct event_sql *sql = arena_alloc(conditions->arena, sizeof *sql);
    struct db_statement *statement;
    bool has_row = false;
    event_query_build_probe(sql, conditions, plan);
    enum status status = event_sql_prepare(&statement, db, sql);
    if (status == STATUS_OK) status = db_step(statement, &has_row);
    if (status == STATUS_OK) *meets = db_column_i64(statement, "events") > 0;
    db_release(statement);
    buf_clear(&sql->sql);
    return status;
}

static bool has_source(const struct epcis_query *query) {
    for (size_t i = 0; i < query->condition_count; i++)
        if (event_condition_is_source(&query->conditions[i])) return true;
    return false;
}

static enum status choose_way(struct event_plan *plan, struct db *db,
                              const struct event_conditions *conditions) {
    const struct epcis_query *query = conditions->query;
    struct counts counts;
    bool meets = true;
    enum status status = STATUS_OK;
    plan->way = WALKED;
    if (!has_source(query)) return STATUS_OK;
    TRY(count_each(&counts, plan, db, conditions, FEW_EVENTS));
    choose_few(plan, query, &counts);
    if (plan->way == WALKED && first_order(query) == BY_PLACE) choose_texts(plan, query);
    if (plan->way == WALKED) TRY(probe(&meets, plan, db, conditions));
    if (meets) return STATUS_OK;
    TRY(count_each(&counts, plan, db, conditions, MANY_EVENTS));
    choose_few(plan, query, &counts);
out:
    return status;
}

enum status event_plan_make(struct event_plan *out, struct db *db,
                            const struct event_conditions *conditions, const struct place *behind) {
    const struct epcis_query *query = conditions->query;
    enum status status;
    *out = (struct event_plan){.order = first_order(query)};
    if (behind) TRY(find_mark(out, db, conditions, behind));
    TRY(bound_heights(out, db, conditions));
    TRY(choose_way(out, db, conditions));
out:
    return status;
}
