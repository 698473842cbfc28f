// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/event_condition.h"

#include <inttypes.h>

// A condition, the SQL that it goes into, and its first value there.
struct writer {
    struct event_sql *out;
    const struct event_conditions *all;
    const struct query_condition *condition;
    int first;
};

// ---- values

// The first text behind all that begin so.
static struct bytes behind_prefix(struct bytes prefix, struct arena *arena) {
    char *end = arena_copy_string(arena, prefix);
    size_t len = prefix.len;
    while (len > 0 && (unsigned char)end[len - 1] >= 0x7e) len--;
    if (len > 0) end[len - 1]++;
    return bytes_of(end, len);
}

// All values of the condition, one behind the other: the attribute, the texts (of a prefix both
// ends), the numbers.
static void add_values(struct writer *w, size_t index) {
    const struct query_condition *condition = w->condition;
    int *first = &w->out->first[index];
    if (*first == 0) {
        *first = w->out->count + 1;
        if (condition->attribute.len > 0) event_sql_text(w->out, condition->attribute);
        for (size_t i = 0; i < condition->text_count; i++) {
            const struct query_text *text = &condition->texts[i];
            event_sql_text(w->out, text->text);
            if (text->is_prefix) event_sql_text(w->out, behind_prefix(text->text, w->all->arena));
        }
        for (size_t i = 0; i < condition->number_count; i++)
            event_sql_number(w->out, condition->numbers[i]);
    }
    w->first = *first;
}

static struct writer writer_of(struct event_sql *out, const struct event_conditions *all,
                               size_t index) {
    struct writer w = {out, all, &all->query->conditions[index], 0};
    add_values(&w, index);
    return w;
}

static int first_text(const struct writer *w) {
    return w->first + (w->condition->attribute.len > 0);
}

static int own_account(struct writer *w) {
    if (w->out->own_account == 0)
        w->out->own_account = event_sql_bytes(w->out, w->all->own_account);
    return w->out->own_account;
}

static void write_list(struct writer *w, int first, size_t count) {
    buf_append_string(&w->out->sql, " IN (");
    for (size_t i = 0; i < count; i++)
        buf_append_format(&w->out->sql, "%s$%d", i ? ", " : "", first + (int)i);
    buf_append_byte(&w->out->sql, ')');
}

static void write_texts(struct writer *w, int text) {
    if (text == EVERY_TEXT)
        write_list(w, first_text(w), w->condition->text_count);
    else
        buf_append_format(&w->out->sql, " = $%d", first_text(w) + text);
}

// ---- columns and rows

static const char *column_of(enum query_target target) {
    switch (target) {
    case TARGET_EVENT_TYPE:
        return "type";
    case TARGET_ACTION:
        return "action";
    case TARGET_BIZ_STEP:
        return "biz_step";
    case TARGET_DISPOSITION:
        return "disposition";
    case TARGET_READ_POINT:
        return "read_point";
    case TARGET_BIZ_LOCATION:
        return "biz_location";
    case TARGET_EVENT_ID:
        return "event_id";
    case TARGET_EVENT_TIME:
    case TARGET_RECORD_TIME:
    case TARGET_DECLARATION:
    case TARGET_IDENTIFIER:
    case TARGET_VALUE:
        break;
    }
    return NULL;
}

static const char *comparison_of(enum query_test test) {
    switch (test) {
    case TEST_GREATER:
        return ">";
    case TEST_GREATER_EQUAL:
        return ">=";
    case TEST_LESS:
        return "<";
    case TEST_LESS_EQUAL:
        return "<=";
    case TEST_ONE_OF:
    case TEST_ONE_OF_NUMBERS:
    case TEST_EXISTS:
    case TEST_WITHIN:
    case TEST_HAS_ATTRIBUTE:
    case TEST_ATTRIBUTE:
        break;
    }
    return NULL;
}

static bool is_about_master_data(const struct query_condition *condition) {
    return condition->test == TEST_WITHIN || condition->test == TEST_HAS_ATTRIBUTE ||
           condition->test == TEST_ATTRIBUTE;
}

// ---- identifiers

static void write_identifiers(struct writer *w, const char *table, int text) {
    struct buf *sql = &w->out->sql;
    const struct query_condition *condition = w->condition;
    int value = first_text(w);
    const char *separator = "(";
    for (size_t i = 0; i < condition->text_count; i++) {
        bool is_prefix = condition->texts[i].is_prefix;
        if (text == EVERY_TEXT || text == (int)i) {
            if (is_prefix)
                buf_append_format(sql, "%s(%s.id >= $%d AND %s.id < $%d)", separator, table, value,
                                  table, value + 1);
            else
                buf_append_format(sql, "%s%s.id = $%d", separator, table, value);
            separator = " OR ";
        }
        value += is_prefix ? 2 : 1;
    }
    buf_append_format(sql, ") AND %s.place IN (", table);
    separator = "";
    for (unsigned place = 0; condition->places >> place; place++) {
        if (!(condition->places >> place & 1)) continue;
        buf_append_format(sql, "%s%u", separator, place);
        separator = ", ";
    }
    buf_append_byte(sql, ')');
}

// ---- values of event_value

static void write_value(struct writer *w, const char *table, int text, bool is_check) {
    struct buf *sql = &w->out->sql;
    const struct query_condition *condition = w->condition;
    const char *number = condition->is_time ? "time_ms" : "number";
    buf_append_format(sql, "%s.field = %" PRId64, table, condition->field);
    if (condition->test == TEST_EXISTS) {
        buf_append_format(sql,
                          is_check ? " AND CASE WHEN %s.text IS NULL THEN 0 ELSE 1 END = 1"
                                   : " AND %s.text IS NOT NULL",
                          table);
        return;
    }
    if (condition->test == TEST_ONE_OF) {
        buf_append_format(sql, " AND %s.text IS NOT NULL AND %s.text", table, table);
        write_texts(w, text);
        return;
    }
    // SQLite sees through `number + 0`, and then reads all numbers of the field.
    if (is_check)
        buf_append_format(sql, " AND CASE WHEN %s.%s IS NULL THEN NULL ELSE %s.%s END", table,
                          number, table, number);
    else
        buf_append_format(sql, " AND %s.%s IS NOT NULL AND %s.%s", table, number, table, number);
    if (condition->test == TEST_ONE_OF_NUMBERS)
        write_list(w, w->first, condition->number_count);
    else
        buf_append_format(sql, " %s $%d", comparison_of(condition->test), w->first);
}

// ---- master data

// Of whom it counts, for the event's row `event`.
static void write_whose(struct writer *w) {
    buf_append_format(&w->out->sql, "(said.sender = event.sender OR said.sender = $%d)",
                      own_account(w));
}

// What lies below the texts: each with who says so.
static void write_descendants(struct writer *w) {
    buf_append_string(&w->out->sql, "WITH RECURSIVE below(id, sender) AS (SELECT child, sender"
                                    " FROM master_child WHERE parent");
    write_texts(w, EVERY_TEXT);
    buf_append_string(&w->out->sql,
                      " UNION SELECT master_child.child, master_child.sender FROM below"
                      " CROSS JOIN master_child WHERE master_child.parent = below.id"
                      " AND master_child.sender = below.sender) ");
}

static void write_attribute(struct writer *w, bool is_check) {
    struct buf *sql = &w->out->sql;
    buf_append_string(sql, is_check ? "COALESCE(said.name, '')" : "said.name");
    if (w->condition->test == TEST_ATTRIBUTE)
        buf_append_format(sql, " = $%d AND said.value", w->first);
    write_texts(w, EVERY_TEXT);
}

// The identifiers that are meant, whoever says so.
static void write_meant(struct writer *w) {
    struct buf *sql = &w->out->sql;
    buf_append_string(sql, " IN (");
    if (w->condition->test == TEST_WITHIN) {
        write_descendants(w);
        buf_append_string(sql, "SELECT id FROM below");
        for (size_t i = 0; i < w->condition->text_count; i++)
            buf_append_format(sql, " UNION SELECT CAST($%d AS TEXT)", first_text(w) + (int)i);
    } else {
        buf_append_string(sql, "SELECT said.id FROM master_attribute AS said WHERE ");
        write_attribute(w, false);
    }
    buf_append_byte(sql, ')');
}

// ---- looked up

bool event_condition_is_source(const struct query_condition *condition) {
    return condition->target != TARGET_RECORD_TIME;
}

bool event_condition_is_wide(const struct query_condition *condition) {
    return is_about_master_data(condition);
}

bool event_condition_is_ordered(const struct query_condition *condition) {
    if (condition->test != TEST_ONE_OF) return false;
    for (size_t i = 0; i < condition->text_count; i++)
        if (condition->texts[i].is_prefix) return false;
    return true;
}

static void write_column_lookup(struct writer *w, int text, const char *as) {
    struct buf *sql = &w->out->sql;
    const struct query_condition *condition = w->condition;
    if (condition->target == TARGET_DECLARATION) {
        buf_append_format(sql, "%s.is_declaration = 1", as);
        return;
    }
    if (condition->target == TARGET_EVENT_TIME) {
        buf_append_format(sql, "%s.time_ms %s $%d", as, comparison_of(condition->test), w->first);
        return;
    }
    buf_append_format(sql, "%s.%s", as, column_of(condition->target));
    if (is_about_master_data(condition))
        write_meant(w);
    else
        write_texts(w, text);
}

const char *event_condition_table(const struct query_condition *condition) {
    if (condition->target == TARGET_IDENTIFIER) return "epc";
    return condition->target == TARGET_VALUE ? "event_value" : "event";
}

void event_condition_lookup(struct event_sql *out, const struct event_conditions *all, size_t index,
                            int text, const char *as) {
    struct writer w = writer_of(out, all, index);
    if (w.condition->target == TARGET_IDENTIFIER) {
        write_identifiers(&w, as, text);
    } else if (w.condition->target != TARGET_VALUE) {
        write_column_lookup(&w, text, as);
    } else if (is_about_master_data(w.condition)) {
        buf_append_format(&out->sql, "%s.field = %" PRId64 " AND %s.text IS NOT NULL AND %s.text",
                          as, w.condition->field, as, as);
        write_meant(&w);
    } else {
        write_value(&w, as, text, false);
    }
}

// ---- as a check

#define OF_EVENT(table)                                                               \
    table ".height = event.height AND " table ".tx_index = event.tx_index AND " table \
          ".position = event.position AND "
// With an offset it stays a look-up of its own, which PostgreSQL makes no join of.
#define END_EXISTS " LIMIT 1 OFFSET 0)"

static void check_column(struct writer *w) {
    struct buf *sql = &w->out->sql;
    const struct query_condition *condition = w->condition;
    if (condition->target == TARGET_DECLARATION)
        buf_append_string(sql, "event.is_declaration + 0 = 1");
    else if (condition->target == TARGET_EVENT_TIME)
        buf_append_format(sql, "event.time_ms + 0 %s $%d", comparison_of(condition->test),
                          w->first);
    else
        buf_append_format(sql, "COALESCE(event.%s, '')", column_of(condition->target));
    if (column_of(condition->target)) write_texts(w, EVERY_TEXT);
}

static void check_master_data(struct writer *w) {
    struct buf *sql = &w->out->sql;
    const struct query_condition *condition = w->condition;
    const char *column = column_of(condition->target);
    if (condition->test == TEST_WITHIN) {
        buf_append_format(sql, "(COALESCE(event.%s, '')", column);
        write_texts(w, EVERY_TEXT);
        buf_append_string(sql, " OR EXISTS (");
        write_descendants(w);
        buf_append_format(sql, "SELECT 1 FROM below AS said WHERE said.id = event.%s AND ", column);
        write_whose(w);
        buf_append_string(sql, END_EXISTS ")");
        return;
    }
    if (column)
        buf_append_format(sql,
                          "EXISTS (SELECT 1 FROM master_attribute AS said"
                          " WHERE said.id = event.%s AND ",
                          column);
    else
        buf_append_format(sql,
                          "EXISTS (SELECT 1 FROM event_value AS value CROSS JOIN master_attribute"
                          " AS said WHERE " OF_EVENT("value") "value.field = %" PRId64
                                                              " AND said.id = value.text AND ",
                          condition->field);
    write_attribute(w, true);
    buf_append_string(sql, " AND ");
    write_whose(w);
    buf_append_string(sql, END_EXISTS);
}

void event_condition_check(struct event_sql *out, const struct event_conditions *all,
                           size_t index) {
    const struct query_condition *condition = &all->query->conditions[index];
    if (condition->target == TARGET_RECORD_TIME) return;
    struct writer w = writer_of(out, all, index);
    struct buf *sql = &out->sql;
    buf_append_string(sql, " AND ");
    if (is_about_master_data(condition)) {
        check_master_data(&w);
    } else if (condition->target == TARGET_IDENTIFIER) {
        buf_append_string(sql, "EXISTS (SELECT 1 FROM epc WHERE " OF_EVENT("epc"));
        write_identifiers(&w, "epc", EVERY_TEXT);
        buf_append_string(sql, END_EXISTS);
    } else if (condition->target == TARGET_VALUE) {
        buf_append_string(sql,
                          "EXISTS (SELECT 1 FROM event_value AS value WHERE " OF_EVENT("value"));
        write_value(&w, "value", EVERY_TEXT, true);
        buf_append_string(sql, END_EXISTS);
    } else {
        check_column(&w);
    }
}
