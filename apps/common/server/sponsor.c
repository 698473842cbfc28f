// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/sponsor.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/db/db.h"
#include "chaincore/chaincore.h"

// A client without bytes is everybody.
static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS spent (day BIGINT NOT NULL,"
                             " client BLOB NOT NULL, units BIGINT NOT NULL,"
                             " PRIMARY KEY (day, client));";

enum { DAY_MS = 24 * 3600 * 1000 };

struct sponsor {
    struct sponsor_terms terms;
    pthread_mutex_t lock; // of all that follows
    struct db *db;
    uint64_t day; // whose rows are there
};

enum status sponsor_open(struct sponsor **out, const char *path,
                         const struct sponsor_terms *terms) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct sponsor *sponsor = mem_alloc(sizeof *sponsor);
    *sponsor = (struct sponsor){.terms = *terms};
    pthread_mutex_init(&sponsor->lock, NULL);
    *out = NULL;
    int len = snprintf(url, sizeof url, "sqlite:%s", path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&sponsor->db, url));
    TRY(db_make_durable(sponsor->db));
    TRY(db_exec_script(sponsor->db, SCHEMA));
    *out = sponsor;
out:
    if (status != STATUS_OK) sponsor_close(sponsor);
    return status;
}

void sponsor_close(struct sponsor *sponsor) {
    if (!sponsor) return;
    db_close(sponsor->db);
    pthread_mutex_destroy(&sponsor->lock);
    mem_free(sponsor);
}

const struct sponsor_terms *sponsor_terms(const struct sponsor *sponsor) { return &sponsor->terms; }

// Rows of other days go; a clock that was set back finds its day spent as it was.
static enum status begin_day(struct sponsor *sponsor) {
    struct db_statement *statement = NULL;
    uint64_t day = clock_wall_ms() / DAY_MS;
    enum status status = STATUS_OK;
    if (day <= sponsor->day) return STATUS_OK;
    TRY(db_prepare(&statement, sponsor->db, "DELETE FROM spent WHERE day < $1"));
    db_bind_u64(statement, 1, day);
    TRY(db_run(statement));
    sponsor->day = day;
out:
    db_release(statement);
    return status;
}

static enum status read_spent(struct sponsor *sponsor, struct bytes client, uint64_t *units) {
    struct db_statement *row = NULL;
    bool has_row;
    enum status status = STATUS_OK;
    *units = 0;
    TRY(db_prepare(&row, sponsor->db, "SELECT units FROM spent WHERE day = $1 AND client = $2"));
    db_bind_u64(row, 1, sponsor->day);
    db_bind_bytes(row, 2, client);
    TRY(db_step(row, &has_row));
    if (has_row) *units = db_column_u64(row, "units");
out:
    db_release(row);
    return status;
}

static enum status write_spent(struct sponsor *sponsor, struct bytes client, uint64_t units) {
    struct db_statement *row = NULL;
    enum status status = STATUS_OK;
    TRY(db_prepare(&row, sponsor->db,
                   "INSERT INTO spent (day, client, units) VALUES ($1, $2, $3)"
                   " ON CONFLICT (day, client) DO UPDATE SET units = excluded.units"));
    db_bind_u64(row, 1, sponsor->day);
    db_bind_bytes(row, 2, client);
    db_bind_u64(row, 3, units);
    TRY(db_run(row));
out:
    db_release(row);
    return status;
}

static enum status take(struct sponsor *sponsor, struct bytes client, struct amount amount,
                        struct amount most) {
    uint64_t spent;
    struct amount sum;
    enum status status = read_spent(sponsor, client, &spent);
    if (status != STATUS_OK) return status;
    if (amount_add(&sum, amount_of_units(spent), amount) != STATUS_OK ||
        amount_compare(sum, most) > 0)
        return STATUS_FULL;
    return write_spent(sponsor, client, amount_units(sum));
}

static enum status give_back(struct sponsor *sponsor, struct bytes client, struct amount amount) {
    uint64_t spent;
    struct amount rest;
    enum status status = read_spent(sponsor, client, &spent);
    if (status != STATUS_OK) return status;
    if (amount_sub(&rest, amount_of_units(spent), amount) != STATUS_OK) return STATUS_CORRUPT;
    return write_spent(sponsor, client, amount_units(rest));
}

enum status sponsor_take(struct sponsor *sponsor, struct bytes client, struct amount amount,
                         uint64_t *day) {
    enum status status;
    ENSURE(client.len > 0 && client.len <= SPONSOR_CLIENT_BYTES);
    pthread_mutex_lock(&sponsor->lock);
    TRY(db_begin(sponsor->db));
    TRY(begin_day(sponsor));
    TRY(take(sponsor, bytes_of("", 0), amount, sponsor->terms.a_day));
    TRY(take(sponsor, client, amount, sponsor->terms.a_client));
    TRY(db_commit(sponsor->db));
    *day = sponsor->day;
out:
    db_rollback(sponsor->db);
    pthread_mutex_unlock(&sponsor->lock);
    return status;
}

enum status sponsor_give_back(struct sponsor *sponsor, struct bytes client, struct amount amount,
                              uint64_t day) {
    enum status status;
    pthread_mutex_lock(&sponsor->lock);
    TRY(db_begin(sponsor->db));
    TRY(begin_day(sponsor));
    if (sponsor->day == day) {
        TRY(give_back(sponsor, bytes_of("", 0), amount));
        TRY(give_back(sponsor, client, amount));
    }
    TRY(db_commit(sponsor->db));
out:
    db_rollback(sponsor->db);
    pthread_mutex_unlock(&sponsor->lock);
    return status;
}
