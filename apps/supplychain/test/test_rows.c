// SPDX-License-Identifier: Apache-2.0
// The rows of the index: the same on every engine, after a rebuild, after a kill.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/test/capturing.h"
#include "chaincore/chaincore.h"
#include "tests/support/database.h"
#include "tests/support/unit.h"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

// --- every row of every table, as the engine has it ---

// Texts by their bytes, so that both engines agree on the order.
static const struct {
    const char *query;
    const char *columns; // of each a letter for its kind, then its name
} tables[] = {
    {"SELECT * FROM context ORDER BY hash", "bhash bbody"},
    {"SELECT * FROM event ORDER BY height, tx_index, position",
     "iheight itx_index iposition tevent_id bhash ttype itime_ms irecord_ms iis_declaration bsender"
     " btx_id ichain_event ientry bcontext bbody"},
    {"SELECT * FROM epc ORDER BY height, tx_index, position, place, id COLLATE \"C\"",
     "tid iplace iheight itx_index iposition"},
    {"SELECT * FROM job ORDER BY job, sender",
     "bjob bsender iheight itx_index itime_ms icreated_ms btx_id icode icontract_code treason "
     "ievent_count"},
    {"SELECT * FROM job_event ORDER BY job, sender, position",
     "bjob bsender iposition tevent_id bhash irow_height irow_tx_index irow_position"},
    {"SELECT * FROM job_tx ORDER BY job, sender, height, tx_index",
     "bjob bsender iheight itx_index itime_ms btx_id"},
    {"SELECT * FROM chunk ORDER BY sender, job, position", "bsender bjob iposition iheight bbody"},
};

static void dump_column(struct buf *out, struct db_statement *row, char kind, const char *name) {
    struct bytes bytes;
    switch (kind) {
    case 'i':
        buf_append_format(out, "%lld ", (long long)db_column_i64(row, name));
        return;
    case 't':
        bytes = db_column_text(row, name);
        break;
    default:
        bytes = db_column_bytes(row, name);
    }
    buf_append_format(out, "%zu:", bytes.len);
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
    buf_append_byte(out, ' ');
}

static void dump_table(struct buf *out, struct db *db, size_t table) {
    struct db_statement *row;
    bool has_row;
    enum status status = db_prepare(&row, db, tables[table].query);
    ck_assert_msg(status == STATUS_OK, "%s: %s", tables[table].query, db_last_error(db));
    buf_append_format(out, "%s\n", tables[table].query);
    for (;;) {
        char names[256], *rest = NULL;
        status = db_step(row, &has_row);
        ck_assert_msg(status == STATUS_OK, "%s: %s", tables[table].query, db_last_error(db));
        if (!has_row) break;
        snprintf(names, sizeof names, "%s", tables[table].columns);
        for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
            dump_column(out, row, name[0], name + 1);
        buf_append_byte(out, '\n');
    }
    db_release(row);
}

// All rows of the index as one text, from the database itself.
static char *dump_rows(void) {
    struct db *db;
    struct buf out = {0};
    char url[1024];
    if (server.index)
        snprintf(url, sizeof url, "%s", server.index);
    else
        snprintf(url, sizeof url, "sqlite:%s/data/index.db", server.folder);
    assert_ok(db_open(&db, url));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) dump_table(&out, db, i);
    db_close(db);
    char *text = strdup(buf_as_string(&out));
    buf_clear(&out);
    ck_assert_uint_gt(strlen(text), 10000); // it is of something
    return text;
}

static void capture_some(void) {
    struct buf large = {0}, longest = {0};
    make_long(&longest, 2048);
    capture_well(buf_bytes(&longest));
    buf_clear(&longest);
    make_large(&large, 700);
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, "") "," EVENT("", EPC_B, ""))));
    capture_well(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_A, CORRECTION))));
    capture_well(buf_bytes(&large));
    json_decref(capture_job(bytes_of_string(DOCUMENT(EVENT(ID_X, EPC_B, "")))));
    buf_clear(&large);
}

START_TEST(an_index_dropped_and_rebuilt_has_the_same_rows) {
    capture_some();
    char *before = dump_rows();
    server_stop(&server);
    server.rebuild_index = true;
    server_start(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(rows_of_a_chain_that_is_gone_are_refused) {
    char command[160];
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    server_stop(&server);
    snprintf(command, sizeof command, "rm -r %s/data/chain", server.folder);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(server_fail(&server), 5); // docs/devnet.md: other data
    server.rebuild_index = true;
    server_start(&server);
    ck_assert_uint_eq(count_events(""), 0);
}
END_TEST

START_TEST(sqlite_and_postgresql_have_the_same_rows) {
    struct test_database database;
    if (!test_database_open(&database, TEST_POSTGRES)) return;
    capture_some();
    char *before = dump_rows();
    server_stop(&server);
    server.index = database.url;
    server_start(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    ck_assert_uint_eq(count_events("?MATCH_epc=" EPC_A), 2);
    server_stop(&server);
    test_database_close(&database);
    free(before);
    free(after);
}
END_TEST

START_TEST(what_is_final_survives_a_kill) {
    capture_some();
    char *before = dump_rows();
    server_kill(&server);
    server_start(&server);
    char *after = dump_rows();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("supplychain rows");
    TCase *cases = tcase_create("server");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_index_dropped_and_rebuilt_has_the_same_rows);
    tcase_add_test(cases, rows_of_a_chain_that_is_gone_are_refused);
    tcase_add_test(cases, sqlite_and_postgresql_have_the_same_rows);
    tcase_add_test(cases, what_is_final_survives_a_kill);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
