// SPDX-License-Identifier: Apache-2.0
// What a query becomes in SQL: that the engines look things up instead of reading every event, and
// that the largest query that is taken still runs.
#include "apps/supplychain/event_query.h"
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

// A hundred to a block. Every event has an item of its own and a lot that a hundred share; every
// thousandth is of another type.
static bool fill(int engine) {
    if (!test_database_open(&database, engine)) return false;
    assert_ok(db_open(&db, database.url));
    assert_ok(db_exec_script(db, supplychain_schema));
    assert_ok(db_exec_script(db, "INSERT INTO context (hash, body) VALUES ('c', 'c')"));
    assert_ok(db_exec_script(
        db, NUMBERS
        "INSERT INTO event (height, tx_index, position, event_id, hash, type, time_ms, record_ms,"
        " is_declaration, sender, tx_id, chain_event, entry, context, body)"
        " SELECT 2 + i / 100, 0, i % 100, 'urn:x:' || i, 'h', CASE WHEN i % 1000 = 7 THEN"
        " 'AggregationEvent' ELSE 'ObjectEvent' END, i, i, 0, 's', 't', 0, 0, 'c', 'b' FROM n"));
    assert_ok(db_exec_script(
        db, NUMBERS "INSERT INTO epc (id, place, height, tx_index, position)"
                    " SELECT 'https://id.gs1.org/01/04012345111118/21/' || i, 0, 2 + i / 100, 0,"
                    " i % 100 FROM n"));
    assert_ok(db_exec_script(
        db,
        NUMBERS "INSERT INTO epc (id, place, height, tx_index, position)"
                " SELECT 'https://id.gs1.org/01/04012345111118/10/' || (i % 200), 5, 2 + i / 100,"
                " 0, i % 100 FROM n"));
    assert_ok(db_exec_script(db, "ANALYZE"));
    return true;
}

static void clear(void) {
    arena_clear(&arena);
    db_close(db);
    test_database_close(&database);
}

// Names and values in turn, up to a NULL.
static void build(struct event_query *out, const struct place *behind, const char *const *pairs) {
    struct query_parameter parameters[16];
    struct epcis_query query;
    struct epcis_fault fault;
    size_t count = 0;
    for (; pairs[0]; pairs += 2, count++)
        parameters[count] =
            (struct query_parameter){bytes_of_string(pairs[0]), bytes_of_string(pairs[1])};
    enum status status = epcis_query_parse_own(&query, &fault, &arena, parameters, count);
    ck_assert_msg(status == STATUS_OK, "%s %s", fault.pointer, fault.reason);
    event_query_build(out, COLUMNS, &query, behind, &arena);
}
#define BUILD(out, behind, ...) build(out, behind, (const char *const[]){__VA_ARGS__, NULL, NULL})

static size_t count_rows(const struct event_query *query) {
    struct db_statement *statement;
    bool has_row;
    size_t count = 0;
    enum status status = event_query_prepare(&statement, db, query);
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) count++;
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    db_release(statement);
    return count;
}

// The engine's plan, a step to a line.
static void explain(struct buf *out, const struct event_query *query) {
    bool is_sqlite = strcmp(db_engine(db), "sqlite") == 0, has_row;
    struct event_query asked = *query;
    struct db_statement *statement;
    asked.sql = (struct buf){0};
    buf_append_string(&asked.sql, is_sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ");
    buf_append(&asked.sql, buf_bytes(&query->sql));
    enum status status = event_query_prepare(&statement, db, &asked);
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        buf_append(out, db_column_text(statement, is_sqlite ? "detail" : "QUERY PLAN"));
        buf_append_byte(out, '\n');
    }
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(db));
    db_release(statement);
    buf_clear(&asked.sql);
}

// Nothing is read whole: neither the events nor the identifiers.
static void assert_looked_up(const struct event_query *query) {
    static const char *const wholes[] = {"SCAN event", "SCAN epc", "Seq Scan on event",
                                         "Seq Scan on epc", "CORRELATED"};
    struct buf plan = {0};
    explain(&plan, query);
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        ck_assert_msg(!strstr(buf_as_string(&plan), wholes[i]), "%.*s\n%s", (int)query->sql.len,
                      (const char *)query->sql.data, buf_as_string(&plan));
    buf_clear(&plan);
}

#define ITEM "https://id.gs1.org/01/04012345111118/21/"
#define ITEMS "urn:epc:idpat:sgtin:4012345.011111.*"
#define LOT "urn:epc:class:lgtin:4012345.011111.7"

START_TEST(what_is_asked_for_is_looked_up) {
    static const struct {
        const char *pairs[5];
        size_t count, behind; // rows from the newest on, and behind a place
    } cases[] = {
        {{"MATCH_epc", ITEM "123"}, 1, 1},
        {{"MATCH_epc", ITEM "123|" ITEM "19999|urn:a:b"}, 2, 1},
        {{"MATCH_epc", ITEMS}, 30, 30},
        {{"MATCH_anyEPC", ITEMS "|urn:a:b", "perPage", "5"}, 5, 5},
        {{"MATCH_epcClass", LOT, "perPage", "1000"}, 100, 50},
        {{"MATCH_epcClass", LOT, "MATCH_epc", ITEM "207"}, 1, 1},
        {{"MATCH_epcClass", LOT, "GE_eventTime", "1970-01-01T00:00:10Z"}, 30, 0},
        {{"MATCH_epc", LOT}, 0, 0},
        {{"identifier", ITEM "123|" LOT, "perPage", "1000"}, 101, 51},
        {{"EQ_eventType", "AggregationEvent"}, 20, 10},
        {{"EQ_eventType", "AggregationEvent|TransactionEvent|ObjectEvent"}, 30, 30},
        {{"EQ_eventType", "AggregationEvent", "LT_eventTime", "1970-01-01T00:00:05Z"}, 5, 5},
        {{"EQ_eventType", "AggregationEvent", "MATCH_epc", ITEM "1007|" ITEM "1008"}, 1, 1},
        {{"EQ_eventType", "x:None"}, 0, 0},
    };
    static const struct place middle = {.height = 102};
    if (!fill(_i)) return;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event_query query;
        build(&query, NULL, cases[i].pairs);
        ck_assert_msg(count_rows(&query) == cases[i].count, "case %zu: %zu", i, count_rows(&query));
        assert_looked_up(&query);
        buf_clear(&query.sql);
        build(&query, &middle, cases[i].pairs);
        ck_assert_msg(count_rows(&query) == cases[i].behind, "case %zu, behind: %zu", i,
                      count_rows(&query));
        assert_looked_up(&query);
        buf_clear(&query.sql);
    }
    clear();
}
END_TEST

// A page behind a place, which moves on to the page's last event. Returns how many there were.
static size_t turn_page(struct place *behind, bool *has_more, const char *const *pairs) {
    struct event_query query;
    struct db_statement *statement;
    bool has_row;
    size_t count = 0;
    build(&query, behind->height > 0 ? behind : NULL, pairs);
    assert_ok(event_query_prepare(&statement, db, &query));
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
    buf_clear(&query.sql);
    return count;
}
#define TURN_PAGE(behind, has_more, ...) \
    turn_page(behind, has_more, (const char *const[]){__VA_ARGS__, NULL, NULL})

START_TEST(the_newest_come_first_and_pages_join) {
    if (!fill(_i)) return;
    struct place behind = {0};
    size_t count = 0;
    for (bool has_more = true; has_more;)
        count += TURN_PAGE(&behind, &has_more, "EQ_eventType", "AggregationEvent|x:None", "perPage",
                           "6");
    ck_assert_uint_eq(count, EVENTS / 1000);
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
    struct buf patterns = {0}, more = {0}, types = {0};
    struct event_query query;
    append_list(&patterns, "urn:epc:idpat:sgtin:4012345.", ".*");
    append_list(&more, "urn:epc:idpat:sgtin:4012346.", ".*");
    append_list(&types, "ex:Type", "");
    BUILD(&query, &middle, "MATCH_epc", buf_as_string(&patterns), "MATCH_anyEPC",
          buf_as_string(&more), "EQ_eventType", buf_as_string(&types), "GE_eventTime",
          "1970-01-01T00:00:00Z", "LT_eventTime", "2026-01-01T00:00:00Z");
    ck_assert_int_eq(query.count, 2 * LIMIT_QUERY_MATCHES + LIMIT_QUERY_VALUES + 8);
    ck_assert_uint_eq(count_rows(&query), 0);
    buf_clear(&query.sql);
    BUILD(&query, &middle, "EQ_eventType", buf_as_string(&types));
    ck_assert_uint_eq(count_rows(&query), 0);
    buf_clear(&query.sql);
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
    tcase_add_loop_test(cases, a_page_ends_when_its_bodies_are_many_bytes, 0, TEST_ENGINES);
    tcase_add_loop_test(cases, the_largest_query_that_is_taken_runs, 0, TEST_ENGINES);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
