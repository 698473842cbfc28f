// SPDX-License-Identifier: Apache-2.0
// What a query becomes in SQL: that the engines look things up instead of reading every event, and
// that the largest query that is taken still runs.
#include <inttypes.h>

#include "apps/supplychain/epcis/event_field.h"
#include "apps/supplychain/event_plan.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

extern const char supplychain_schema[];

enum { EVENTS = 20000 };

static struct test_database database;
static struct db *db;
static struct arena arena;

static const char COLUMNS[] = "event.height, event.tx_index, event.position, event.body,"
                              " context.body AS context_body";

#define NUMBERS "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999) "
#define PLACE_OF_I "2 + i / 100, 0, i % 100"

// A hundred to a block. Every event has an item of its own and a lot that a hundred share; every
// thousandth is of another type, every tenth is packed. Each has its number in a field that is
// stored as a number, and one of two words.
static bool fill(int engine) {
    static const char *const scripts[] = {
        "INSERT INTO context (hash, body) VALUES ('c', 'c')",
        NUMBERS "INSERT INTO event (height, tx_index, position, event_id, hash, type, biz_step,"
                " time_ms, record_ms, is_declaration, sender, tx_id, chain_event, entry, context,"
                " body) SELECT " PLACE_OF_I ", 'urn:x:' || i, 'h', CASE WHEN i % 1000 = 7"
                " THEN 'AggregationEvent' ELSE 'ObjectEvent' END, CASE WHEN i % 10 = 0 THEN"
                " 'https://ref.gs1.org/cbv/BizStep-packing' ELSE"
                " 'https://ref.gs1.org/cbv/BizStep-shipping' END, i, 1000000 + i / 100 * 1000, 0,"
                " 's', 't', 0, 0, 'c', 'b' FROM n",
        NUMBERS "INSERT INTO epc (id, place, height, tx_index, position) SELECT"
                " 'https://id.gs1.org/01/04012345111118/21/' || i, 0, " PLACE_OF_I " FROM n",
        NUMBERS "INSERT INTO epc (id, place, height, tx_index, position) SELECT"
                " 'https://id.gs1.org/01/04012345111118/10/' || (i % 200), 5, " PLACE_OF_I
                " FROM n",
        NUMBERS "INSERT INTO event_value (field, number, is_first, height, tx_index, position)"
                " SELECT 22, i, 1, " PLACE_OF_I " FROM n", // FIELD_PERC_RANK
        NUMBERS "INSERT INTO event_value (field, text, is_first, height, tx_index, position)"
                " SELECT 18, CASE WHEN i < 15000 THEN 'many' ELSE 'few' END, 1, " PLACE_OF_I
                " FROM n", // FIELD_STRING_VALUE
        NUMBERS "INSERT INTO event_value (field, text, is_first, height, tx_index, position)"
                " SELECT 11, '', 1, " PLACE_OF_I " FROM n", // FIELD_SENSOR_ELEMENTS
        "INSERT INTO master_child (parent, child, sender) VALUES ('urn:a:site', 'urn:a:hall', 's')",
        "UPDATE event SET read_point = 'urn:a:hall' WHERE position = 5",
        "UPDATE event SET sender = 'other' WHERE position = 5 AND height > 100"};
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&db, database.url));
    assert_ok(db_exec_script(db, supplychain_schema));
    // As event_search does.
    if (engine == TEST_POSTGRES) assert_ok(db_exec_script(db, "SET enable_seqscan = off"));
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        assert_ok(db_exec_script(db, scripts[i]));
    // PostgreSQL does that by itself after a while, SQLite never.
    if (engine == TEST_POSTGRES) assert_ok(db_exec_script(db, "ANALYZE"));
    return true;
}

static void clear(void) {
    arena_clear(&arena);
    db_close(db);
    test_database_close(&database);
}

// A query, and how it is found.
struct asked {
    struct epcis_query query;
    struct event_conditions conditions;
    struct event_plan plan;
    struct event_sql sql;
};

// Names and values in turn, up to a NULL.
static void build(struct asked *out, const struct place *behind, const char *const *pairs) {
    struct query_parameter parameters[16];
    struct epcis_fault fault;
    const struct query_reading reading = {.arena = &arena, .takes_own = true};
    size_t count = 0;
    for (; pairs[0]; pairs += 2, count++)
        parameters[count] =
            query_parameter_of(&arena, bytes_of_string(pairs[0]), bytes_of_string(pairs[1]));
    enum status status = epcis_query_parse(&out->query, &fault, &reading, parameters, count);
    ck_assert_msg(status == STATUS_OK, "%s %s", fault.pointer, fault.reason);
    out->conditions = (struct event_conditions){
        .query = &out->query, .own_account = bytes_of_string("own"), .arena = &arena};
    status = event_plan_make(&out->plan, db, &out->conditions, behind);
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    const struct event_page page = {COLUMNS, out->query.per_page, LIMIT_QUERY_PAGE_BYTES};
    event_query_build(&out->sql, &out->conditions, &out->plan, &page);
}
#define BUILD(out, behind, ...) build(out, behind, (const char *const[]){__VA_ARGS__, NULL, NULL})

static size_t count_rows(const struct event_sql *query) {
    struct db_statement *statement;
    bool has_row;
    size_t count = 0;
    enum status status = event_sql_prepare(&statement, db, query);
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) count++;
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    db_release(statement);
    return count;
}

// The engine's plan, a step to a line.
static void explain(struct buf *out, const struct event_sql *query) {
    bool is_sqlite = strcmp(db_engine(db), "sqlite") == 0, has_row;
    struct event_sql asked = *query;
    struct db_statement *statement;
    asked.sql = (struct buf){0};
    buf_append_string(&asked.sql, is_sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ");
    buf_append(&asked.sql, buf_bytes(&query->sql));
    enum status status = event_sql_prepare(&statement, db, &asked);
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        buf_append(out, db_column_text(statement, is_sqlite ? "detail" : "QUERY PLAN"));
        buf_append_byte(out, '\n');
    }
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    db_release(statement);
    buf_clear(&asked.sql);
}

// A check looks at what the event at hand has, and not for the event among all that have it.
static void assert_checked_by_event(const char *plan, const char *search) {
    const char *check = strstr(plan, search);
    for (; check; check = strstr(check + 1, search)) {
        size_t line = strcspn(check, "\n");
        const char *place = strstr(check, "height=? AND tx_index=? AND position=?");
        ck_assert_msg(place && place < check + line, "%.1500s", plan);
    }
}

// Nothing is read whole, and what is walked is walked in the order of the page. SQLite calls a walk
// along an index a scan, too.
static void assert_looked_up(const struct asked *asked) {
    static const char *const wholes[] = {"Seq Scan on event", "Seq Scan on epc", "SCAN epc",
                                         "SCAN event_value", "SCAN event\n"};
    struct buf plan = {0};
    explain(&plan, &asked->sql);
    assert_checked_by_event(buf_as_string(&plan), "SEARCH value USING");
    assert_checked_by_event(buf_as_string(&plan), "SEARCH had USING");
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        ck_assert_msg(!strstr(buf_as_string(&plan), wholes[i]), "%.1500s", buf_as_string(&plan));
    buf_clear(&plan);
}

#define ITEM "https://id.gs1.org/01/04012345111118/21/"
#define ITEMS "urn:epc:idpat:sgtin:4012345.011111.*"
#define LOT "urn:epc:class:lgtin:4012345.011111.7"

static const struct {
    const char *pairs[7];
    enum event_way way;
    size_t count, behind; // rows from the newest on, and behind a place
} looked_up[] = {
    {{NULL}, WALKED, 30, 30},
    {{"MATCH_epc", ITEM "123"}, FROM_FEW, 1, 1},
    {{"MATCH_epc", ITEM "123|" ITEM "19999|urn:a:b"}, FROM_FEW, 2, 1},
    {{"MATCH_epc", ITEMS}, WALKED, 30, 30},
    {{"MATCH_anyEPC", ITEMS "|urn:a:b", "perPage", "5"}, WALKED, 5, 5},
    {{"MATCH_epcClass", LOT, "perPage", "1000"}, FROM_FEW, 100, 50},
    {{"MATCH_epcClass", LOT, "MATCH_epc", ITEM "207"}, FROM_FEW, 1, 1},
    {{"MATCH_epcClass", LOT, "GE_eventTime", "1970-01-01T00:00:10Z"}, FROM_FEW, 30, 0},
    {{"MATCH_epc", LOT}, FROM_FEW, 0, 0},
    {{"identifier", ITEM "123|" LOT, "perPage", "1000"}, FROM_FEW, 101, 51},
    {{"EQ_eventType", "AggregationEvent"}, FROM_FEW, 20, 10},
    {{"EQ_eventType", "AggregationEvent|TransactionEvent|ObjectEvent"}, BY_TEXT, 30, 30},
    {{"EQ_eventType", "AggregationEvent", "LT_eventTime", "1970-01-01T00:00:05Z"}, FROM_FEW, 5, 5},
    {{"EQ_eventType", "AggregationEvent", "MATCH_epc", ITEM "1007|" ITEM "1008"}, FROM_FEW, 1, 1},
    {{"EQ_eventType", "x:None"}, FROM_FEW, 0, 0},
    {{"EQ_bizStep", "packing", "perPage", "1000"}, FROM_FEW, 1000, 1000},
    {{"EQ_bizStep", "shipping"}, BY_TEXT, 30, 30},
    {{"EQ_bizStep", "shipping", "EQ_eventType", "ObjectEvent"}, BY_TEXT, 30, 30},
    {{"EQ_bizStep", "shipping|packing", "EQ_stringValue", "many"}, BY_TEXT, 30, 30},
    {{"EQ_stringValue", "few", "EQ_bizStep", "packing", "perPage", "1000"}, FROM_FEW, 500, 0},
    {{"GE_recordTime", "1970-01-01T00:19:50Z"}, WALKED, 30, 0},
    {{"GE_recordTime", "1970-01-01T00:19:50Z", "EQ_bizStep", "shipping"}, FROM_FEW, 30, 0},
    {{"LT_recordTime", "1970-01-01T00:16:41Z", "perPage", "1000"}, WALKED, 100, 100},
    {{"LT_eventTime", "1970-01-01T00:00:15Z"}, WALKED, 30, 30},
    {{"LT_eventTime", "1970-01-01T00:00:15Z", "EQ_bizStep", "shipping"}, WALKED, 30, 30},
    {{"GE_eventTime", "1970-01-01T00:00:05Z", "LT_eventTime", "1970-01-01T00:00:05.020Z"},
     FROM_FEW,
     20,
     20},
    {{"GE_eventTime", "1970-01-01T00:00:05Z", "LT_eventTime", "1970-01-01T00:00:15.020Z"},
     WALKED,
     30,
     30},
    {{"orderBy", "eventTime", "EQ_bizStep", "shipping"}, WALKED, 30, 30},
    // None of the newest are met, so that a walk would be long.
    {{"orderBy", "eventTime", "EQ_stringValue", "many"}, FROM_FEW, 30, 30},
    // Checked of one event at a time.
    {{"LE_percRank", "1e300"}, WALKED, 30, 30},
    {{"EQ_bizStep", "shipping", "LE_percRank", "1e300"}, BY_TEXT, 30, 30},
    {{"EQ_bizStep", "shipping", "MATCH_epc", ITEMS}, BY_TEXT, 30, 30},
    {{"EQ_bizStep", "shipping", "EQ_stringValue", "many"}, BY_TEXT, 30, 30},
    {{"GE_eventTime", "1970-01-01T00:00:05Z", "EQ_stringValue", "few"}, FROM_FEW, 30, 0},
    {{"EXISTS_gs1:number", ""}, FROM_FEW, 0, 0},
    {{"EQ_bizStep", "shipping", "EXISTS_sensorElementList", ""}, BY_TEXT, 30, 30},
    {{"EXISTS_errorDeclaration", "true"}, FROM_FEW, 0, 0},
    {{"WD_readPoint", "urn:a:site", "perPage", "1000"}, FROM_FEW, 99, 99},
    {{"WD_readPoint", "urn:a:hall", "perPage", "1000"}, FROM_FEW, 200, 100},
};

START_TEST(what_is_asked_for_is_looked_up) {
    static const struct place middle = {.height = 102};
    if (!fill(_i)) return;
    for (size_t i = 0; i < sizeof looked_up / sizeof *looked_up; i++) {
        static struct asked asked;
        build(&asked, NULL, looked_up[i].pairs);
        ck_assert_msg(count_rows(&asked.sql) == looked_up[i].count, "case %zu: %zu", i,
                      count_rows(&asked.sql));
        ck_assert_msg(asked.plan.way == looked_up[i].way, "case %zu: way %d", i, asked.plan.way);
        assert_looked_up(&asked);
        buf_clear(&asked.sql.sql);
        build(&asked, &middle, looked_up[i].pairs);
        ck_assert_msg(count_rows(&asked.sql) == looked_up[i].behind, "case %zu, behind: %zu", i,
                      count_rows(&asked.sql));
        assert_looked_up(&asked);
        buf_clear(&asked.sql.sql);
    }
    clear();
}
END_TEST

// A page behind a place, which moves on to the page's last event. Returns how many there were.
static size_t turn_page(struct place *behind, bool *has_more, const char *const *pairs) {
    static struct asked asked;
    struct db_statement *statement;
    bool has_row;
    size_t count = 0;
    build(&asked, behind->height > 0 ? behind : NULL, pairs);
    assert_ok(event_sql_prepare(&statement, db, &asked.sql));
    for (*has_more = false;; count++) {
        assert_ok(db_step(statement, &has_row));
        if (!has_row) break;
        struct place place = {db_column_u64(statement, "height"), 0,
                              (uint32_t)db_column_i64(statement, "position")};
        ck_assert(behind->height == 0 || place.height < behind->height ||
                  (place.height == behind->height && place.position < behind->position));
        *behind = place;
        *has_more = db_column_u64(statement, "remaining") > count + 1;
    }
    db_release(statement);
    buf_clear(&asked.sql.sql);
    return count;
}
#define TURN_PAGE(behind, has_more, ...) \
    turn_page(behind, has_more, (const char *const[]){__VA_ARGS__, NULL, NULL})

START_TEST(the_newest_come_first_and_pages_join) {
    static const struct {
        const char *pairs[5];
        size_t count;
    } cases[] = {{{"EQ_eventType", "AggregationEvent|x:None", "perPage", "6"}, EVENTS / 1000},
                 {{"EQ_bizStep", "shipping|packing", "perPage", "999"}, EVENTS},
                 {{"EQ_bizStep", "shipping", "perPage", "1000"}, EVENTS / 10 * 9},
                 {{"EQ_bizStep", "packing", "perPage", "1000"}, EVENTS / 10},
                 {{"identifier", ITEMS, "perPage", "1000"}, EVENTS},
                 {{"GE_percRank", "0", "perPage", "1000"}, EVENTS}};
    if (!fill(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct place behind = {0};
        size_t count = 0;
        for (bool has_more = true; has_more;)
            count += turn_page(&behind, &has_more, cases[i].pairs);
        ck_assert_msg(count == cases[i].count, "case %zu: %zu", i, count);
    }
    clear();
}
END_TEST

// Every second event has its number in a field of an extension.
static void give_field(void) {
    const struct event_extension extension = {PART_EVENT, false,
                                              bytes_of_string("https://gs1.org/voc/number")};
    struct buf script = {0};
    buf_append_string(&script, NUMBERS "INSERT INTO event_value (text, number, is_first, height,"
                                       " tx_index, position, field) SELECT 'n', i, 1, " PLACE_OF_I);
    buf_append_format(&script, ", %" PRId64 " FROM n WHERE i / 2 * 2 = i",
                      event_field_of_extension(&extension));
    assert_ok(db_exec_script(db, buf_as_string(&script)));
    buf_clear(&script);
}

START_TEST(few_events_are_not_looked_for_again_by_what_orders_them) {
    static const char *const orders[] = {"gs1:number", "eventTime"};
    static struct asked asked;
    static const struct place middle = {.height = 102};
    if (!fill(_i)) return;
    give_field();
    for (size_t i = 0; i < 2; i++) {
        struct buf plan = {0};
        BUILD(&asked, &middle, "EQ_bizStep", "packing", "orderBy", orders[i]);
        ck_assert(asked.plan.way == FROM_FEW && asked.plan.has_behind);
        ck_assert_uint_eq(count_rows(&asked.sql), 30);
        explain(&plan, &asked.sql);
        // PostgreSQL knows how many there are, and may read so few in any way.
        bool is_searched = strstr(buf_as_string(&plan), "event_value_by_number") ||
                           strstr(buf_as_string(&plan), "event_by_time");
        ck_assert_msg(_i == TEST_POSTGRES || !is_searched, "%.1500s", buf_as_string(&plan));
        buf_clear(&plan);
        buf_clear(&asked.sql.sql);
    }
    clear();
}
END_TEST

// The newest so many.
static void give_bodies(int events, size_t len) {
    struct buf body = {0};
    struct db_statement *statement;
    memset(buf_reserve(&body, len), 'b', len);
    body.len = len;
    assert_ok(db_prepare(&statement, db,
                         "UPDATE event SET body = $1 WHERE height = 201 AND position >= $2"));
    db_bind_bytes(statement, 1, buf_bytes(&body));
    db_bind_i64(statement, 2, 100 - events);
    assert_ok(db_run(statement));
    db_release(statement);
    buf_clear(&body);
}

START_TEST(a_page_ends_when_its_bodies_are_many_bytes) {
    if (!fill(_i)) return;
    struct place behind = {0};
    bool has_more;
    give_bodies(10, LIMIT_QUERY_PAGE_BYTES / 4);
    ck_assert_uint_eq(TURN_PAGE(&behind, &has_more, "perPage", "1000"), 4);
    ck_assert(has_more);
    ck_assert_uint_eq(TURN_PAGE(&behind, &has_more, "MATCH_epc", ITEMS, "perPage", "1000"), 4);
    ck_assert(has_more);
    ck_assert_uint_eq(TURN_PAGE(&behind, &has_more, "EQ_eventType", "ObjectEvent"), 30);
    ck_assert(has_more);
    behind.height = 0;
    give_bodies(1, LIMIT_QUERY_PAGE_BYTES + 1); // larger than a page, and yet on one
    ck_assert_uint_eq(TURN_PAGE(&behind, &has_more, "perPage", "1000"), 1);
    ck_assert(has_more);
    ck_assert_uint_eq(TURN_PAGE(&behind, &has_more, "MATCH_epc", ITEM "19998"), 1);
    ck_assert(!has_more);
    clear();
}
END_TEST

static void append_list(struct buf *out, const char *prefix, const char *suffix) {
    for (int i = 0; i < LIMIT_QUERY_VALUES; i++)
        buf_append_format(out, "%s%s%06d%s", i ? "|" : "", prefix, i, suffix);
}

START_TEST(the_largest_query_that_is_taken_runs) {
    if (!fill(_i)) return;
    static const struct place middle = {.height = 102};
    static struct asked asked;
    struct buf patterns = {0}, more = {0}, types = {0};
    append_list(&patterns, "urn:epc:idpat:sgtin:4012345.", ".*");
    append_list(&more, "urn:epc:idpat:sgtin:4012346.", ".*");
    append_list(&types, "ex:Type", "");
    types.len = types.len - 4 * strlen("|ex:Type000000"); // room for the rest
    BUILD(&asked, &middle, "MATCH_epc", buf_as_string(&patterns), "MATCH_anyEPC",
          buf_as_string(&more), "EQ_eventType", buf_as_string(&types), "GE_eventTime",
          "1970-01-01T00:00:00Z", "LT_eventTime", "2026-01-01T00:00:00Z", "GE_recordTime",
          "1970-01-01T00:00:00Z", "WD_readPoint", "urn:a:site");
    ck_assert_uint_eq(asked.query.value_count, LIMIT_QUERY_TERMS);
    ck_assert_uint_eq(count_rows(&asked.sql), 0);
    buf_clear(&asked.sql.sql);
    BUILD(&asked, &middle, "EQ_eventType", buf_as_string(&types));
    ck_assert_uint_eq(count_rows(&asked.sql), 0);
    buf_clear(&asked.sql.sql);
    buf_clear(&patterns);
    buf_clear(&more);
    buf_clear(&types);
    clear();
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("event query");
    TCase *cases = tcase_create("event query");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, what_is_asked_for_is_looked_up, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, the_newest_come_first_and_pages_join, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, few_events_are_not_looked_for_again_by_what_orders_them, 0,
                        TEST_ENGINES);
    tcase_add_loop_test(cases, a_page_ends_when_its_bodies_are_many_bytes, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, the_largest_query_that_is_taken_runs, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
