// SPDX-License-Identifier: Apache-2.0
#include "tests/joint/index_fixture.h"

#include "tests/support/unit.h"

struct fixture fixture;
struct test_database database;
struct db *outside;
struct index *index_;

struct index_script script;

enum status __real_db_commit(struct db *db);
enum status __wrap_db_commit(struct db *db);
enum status __wrap_db_commit(struct db *db) {
    enum status status = __real_db_commit(db);
    if (status == STATUS_OK) script.commits++;
    if (status != STATUS_OK || script.doubts == 0) return status;
    script.doubts--;
    return STATUS_UNAVAILABLE;
}

static void cut(struct db *db) {
    struct db_statement *statement;
    bool has_row;
    assert_ok(db_prepare(&statement, db, "SELECT pg_backend_pid() AS n"));
    assert_ok(db_step(statement, &has_row));
    int64_t process = db_column_i64(statement, "n");
    db_release(statement);
    struct db *admin;
    assert_ok(db_open(&admin, database.url));
    assert_ok(
        db_prepare(&statement, admin, "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)"));
    db_bind_i64(statement, 1, process);
    assert_ok(db_run(statement));
    db_close(admin);
}

static enum status apply(void *context, struct db *db, const struct index_block *given) {
    struct db_statement *statement;
    (void)context;
    script.applied++;
    if (given->prepared) {
        ck_assert_uint_eq(*(const uint64_t *)given->prepared, given->block->header.height);
        ck_assert(given->is_untold);
        script.applied_prepared++;
    }
    // The key makes a block that is projected twice fail for good.
    enum status status =
        db_prepare(&statement, db, "INSERT INTO seen (height, txs) VALUES ($1, $2)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, given->block->header.height);
    db_bind_u64(statement, 2, given->block->tx_count);
    status = db_run(statement);
    db_release(statement);
    if (status == STATUS_OK && script.cuts > 0 && script.cuts-- > 0) cut(db);
    if (script.fails) {
        script.tries++;
        return STATUS_BUSY;
    }
    return status;
}

static void *prepare(void *context, const struct index_block *given) {
    uint64_t *height = mem_alloc(sizeof *height);
    (void)context;
    *height = given->block->header.height;
    script.prepared++;
    return height;
}

static void discard(void *context, void *prepared) {
    (void)context;
    mem_free(prepared);
    script.prepared--;
}

static void committed(void *context, const struct index_block *given) {
    (void)context, (void)given;
    script.committed++;
}

static void skipped(void *context) {
    (void)context;
    script.skipped++;
}

const struct index_projection projection = {
    .version = 1,
    .schema = "CREATE TABLE seen (height BIGINT NOT NULL PRIMARY KEY, txs BIGINT NOT NULL)",
    .drop = "DROP TABLE IF EXISTS seen",
    .apply = apply,
    .prepare = prepare,
    .discard = discard,
    .committed = committed,
    .skipped = skipped};

enum status open_index(bool rebuild) {
    struct index_config config = {
        .node = fixture.node, .url = database.url, .projection = &projection, .rebuild = rebuild};
    return index_open(&index_, &config);
}

void start_index(bool rebuild) {
    assert_ok(open_index(rebuild));
    assert_ok(index_start(index_));
}

void close_index(void) {
    index_close(index_);
    index_ = NULL;
}

bool begin(int engine) {
    if (!test_database_open(&database, engine)) return false;
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
    start_index(false);
    assert_ok(db_open(&outside, database.url));
    return true;
}

void end(void) {
    close_index();
    db_close(outside);
    fixture_clear(&fixture);
    test_database_close(&database);
}

uint64_t head(void) {
    struct node_head found;
    node_head(fixture.node, &found);
    return found.header.height;
}

void make_blocks(int count) {
    for (int i = 0; i < count; i++) {
        struct tx tx;
        fixture_begin(&fixture, &tx, 0);
        tx.actions[tx.action_count++] = (struct tx_action){
            .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
        ck_assert_uint_eq(fixture_run(&fixture, &tx, 0).code, 0);
    }
}

void breathe(void) {
    struct node_head found;
    node_head(fixture.node, &found);
    node_wait(fixture.node, found.header.height, 5);
}

void await_index(void) {
    while (index_height(index_) < head()) breathe();
}

uint64_t number(const char *sql) {
    struct db_statement *statement;
    bool has_row;
    enum status status = db_prepare(&statement, outside, sql);
    ck_assert_msg(status == STATUS_OK, "%s", db_last_error(outside));
    assert_ok(db_step(statement, &has_row));
    uint64_t value = has_row ? db_column_u64(statement, "n") : UINT64_MAX;
    db_release(statement);
    return value;
}

void check_rows(uint64_t height) {
    ck_assert_uint_eq(number("SELECT height AS n FROM index_state"), height);
    ck_assert_uint_eq(number("SELECT count(*) AS n FROM seen"), height);
    ck_assert_uint_eq(number("SELECT CAST(coalesce(max(height), 0) AS BIGINT) AS n FROM seen"),
                      height);
}
