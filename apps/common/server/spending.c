// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/spending.h"

#include <pthread.h>
#include <stdio.h>

#include "apps/common/db/db.h"
#include "chaincore/chaincore.h"

// An order is the gas limit and the value of each transaction.
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS spender (id TEXT NOT NULL PRIMARY KEY, most_0 BIGINT,"
    " most_1 BIGINT, most_2 BIGINT, day BIGINT NOT NULL, day_units BIGINT NOT NULL,"
    " total_units BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS reserved (id BLOB NOT NULL PRIMARY KEY, spender TEXT NOT NULL,"
    " day BIGINT NOT NULL, units BIGINT NOT NULL, gas_price BIGINT NOT NULL,"
    " cleanup_units BIGINT NOT NULL, txs BLOB NOT NULL);";

enum {
    DAY_MS = 24 * 3600 * 1000,
    TX_BYTES = 16,
    SETTLED_AT_ONCE = 64,
    KEPT_DAYS = OUTBOX_KEPT_MS / DAY_MS
};
static const char *const most_columns[] = {"most_0", "most_1", "most_2"};

// A job between its reservation and the answer of the signer.
struct underway {
    struct underway *next;
    uint8_t id[OUTBOX_JOB_BYTES];
};

struct spending {
    pthread_mutex_t lock; // of all that follows
    struct db *db;
    struct underway *underway;
    uint64_t refused[SPENDING_LIMITS];
};

struct spender {
    const char *id;
    struct spending_terms terms;
    uint64_t day;
    struct amount today;
    struct amount total;
};

struct reservation {
    uint8_t id[OUTBOX_JOB_BYTES];
    const char *spender; // in the arena, as `txs`
    uint64_t day;
    struct amount sum;
    uint64_t gas_price;
    struct amount cleanup;
    struct spending_tx *txs;
    size_t count;
};

bool spending_has_limits(const struct spending_terms *terms) {
    for (int i = 0; i < SPENDING_LIMITS; i++)
        if (terms->is_set[i]) return true;
    return false;
}

enum status spending_open(struct spending **out, const char *path) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct spending *spending = mem_alloc(sizeof *spending);
    pthread_mutex_init(&spending->lock, NULL);
    *out = NULL;
    int len = snprintf(url, sizeof url, "sqlite:%s", path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&spending->db, url));
    TRY(db_make_durable(spending->db));
    TRY(db_exec_script(spending->db, SCHEMA));
    *out = spending;
out:
    if (status != STATUS_OK) spending_close(spending);
    return status;
}

static void end_underway(struct spending *spending, const uint8_t id[OUTBOX_JOB_BYTES]) {
    struct underway **link = &spending->underway;
    while (*link && memcmp((*link)->id, id, OUTBOX_JOB_BYTES) != 0) link = &(*link)->next;
    struct underway *found = *link;
    if (!found) return;
    *link = found->next;
    mem_free(found);
}

void spending_close(struct spending *spending) {
    if (!spending) return;
    while (spending->underway) end_underway(spending, spending->underway->id);
    db_close(spending->db);
    pthread_mutex_destroy(&spending->lock);
    mem_free(spending);
}

// --- who spends, under the lock ---

static enum status run(struct db_statement *statement) {
    enum status status = db_run(statement);
    db_release(statement);
    return status;
}

// As of today.
static enum status read_spender(struct spending *spending, const char *id, struct spender *out) {
    struct db_statement *row;
    bool has_row;
    uint64_t today = clock_wall_ms() / DAY_MS;
    *out = (struct spender){.id = id, .day = today};
    enum status status =
        db_prepare(&row, spending->db,
                   "SELECT most_0, most_1, most_2, day, day_units, total_units FROM spender"
                   " WHERE id = $1");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, id);
    TRY(db_step(row, &has_row));
    if (!has_row) goto out;
    for (int i = 0; i < SPENDING_LIMITS; i++) {
        out->terms.is_set[i] = !db_column_is_null(row, most_columns[i]);
        if (out->terms.is_set[i])
            out->terms.most[i] = amount_of_units(db_column_u64(row, most_columns[i]));
    }
    out->total = amount_of_units(db_column_u64(row, "total_units"));
    uint64_t day = db_column_u64(row, "day");
    if (day < today) goto out;
    out->day = day;
    out->today = amount_of_units(db_column_u64(row, "day_units"));
out:
    db_release(row);
    return status;
}

static enum status write_spender(struct spending *spending, const struct spender *spender) {
    struct db_statement *row;
    enum status status =
        db_prepare(&row, spending->db,
                   "INSERT INTO spender (id, most_0, most_1, most_2, day, day_units, total_units)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET"
                   " most_0 = excluded.most_0, most_1 = excluded.most_1, most_2 = excluded.most_2,"
                   " day = excluded.day, day_units = excluded.day_units,"
                   " total_units = excluded.total_units");
    if (status != STATUS_OK) return status;
    db_bind_string(row, 1, spender->id);
    for (int i = 0; i < SPENDING_LIMITS; i++)
        if (spender->terms.is_set[i])
            db_bind_u64(row, 2 + i, amount_units(spender->terms.most[i]));
        else
            db_bind_null(row, 2 + i);
    db_bind_u64(row, 5, spender->day);
    db_bind_u64(row, 6, amount_units(spender->today));
    db_bind_u64(row, 7, amount_units(spender->total));
    return run(row);
}

enum status spending_set(struct spending *spending, const char *spender,
                         const struct spending_terms *terms) {
    struct spender known;
    pthread_mutex_lock(&spending->lock);
    enum status status = read_spender(spending, spender, &known);
    known.terms = *terms;
    if (status == STATUS_OK) status = write_spender(spending, &known);
    pthread_mutex_unlock(&spending->lock);
    return status;
}

enum status spending_read(struct spending *spending, const char *spender,
                          struct spending_report *out) {
    struct spender known;
    pthread_mutex_lock(&spending->lock);
    enum status status = read_spender(spending, spender, &known);
    pthread_mutex_unlock(&spending->lock);
    *out =
        (struct spending_report){.terms = known.terms, .today = known.today, .total = known.total};
    return status;
}

uint64_t spending_refused(struct spending *spending, enum spending_limit limit) {
    pthread_mutex_lock(&spending->lock);
    uint64_t count = spending->refused[limit];
    pthread_mutex_unlock(&spending->lock);
    return count;
}

// --- reserving ---

// Gas, and as much again in deposits.
static enum status most_for_gas(struct amount *out, uint64_t gas_limit, uint64_t gas_price) {
    enum status status = amount_mul(out, amount_of_units(gas_price), gas_limit);
    return status == STATUS_OK ? amount_add(out, *out, *out) : status;
}

static enum status find_most(const struct spending_job *job, struct amount *largest,
                             struct amount *sum, struct amount *cleanup) {
    enum status status = STATUS_OK;
    *largest = *sum = amount_of_units(0);
    for (size_t i = 0; i < job->count; i++) {
        struct amount one;
        TRY(most_for_gas(&one, job->txs[i].gas_limit, job->gas_price));
        TRY(amount_add(&one, one, job->txs[i].value));
        TRY(amount_add(sum, *sum, one));
        if (amount_compare(one, *largest) > 0) *largest = one;
    }
    TRY(most_for_gas(cleanup, job->cleanup_gas, job->gas_price));
    TRY(amount_add(sum, *sum, *cleanup));
    if (amount_compare(*cleanup, *largest) > 0) *largest = *cleanup;
out:
    return status;
}

static enum status check(struct spending *spending, const struct spender *after,
                         const struct amount alone[SPENDING_LIMITS],
                         struct spending_refusal *refusal) {
    const struct amount asked[] = {alone[SPENDING_TRANSACTION], after->today, after->total};
    for (int i = 0; i < SPENDING_LIMITS; i++) {
        if (!after->terms.is_set[i]) continue;
        if (amount_compare(asked[i], after->terms.most[i]) <= 0) continue;
        refusal->limit = (enum spending_limit)i;
        refusal->is_alone = amount_compare(alone[i], after->terms.most[i]) > 0;
        spending->refused[i]++;
        return STATUS_FULL;
    }
    return STATUS_OK;
}

static enum status write_reservation(struct spending *spending, const struct spender *spender,
                                     const struct spending_job *job, struct amount sum,
                                     struct amount cleanup) {
    struct db_statement *row = NULL;
    struct buf txs = {0};
    enum status status;
    for (size_t i = 0; i < job->count; i++) {
        encode_u64(&txs, job->txs[i].gas_limit);
        encode_amount(&txs, job->txs[i].value);
    }
    TRY(db_prepare(&row, spending->db,
                   "INSERT INTO reserved (id, spender, day, units, gas_price, cleanup_units, txs)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7)"));
    db_bind_bytes(row, 1, bytes_of(job->id, OUTBOX_JOB_BYTES));
    db_bind_string(row, 2, spender->id);
    db_bind_u64(row, 3, spender->day);
    db_bind_u64(row, 4, amount_units(sum));
    db_bind_u64(row, 5, job->gas_price);
    db_bind_u64(row, 6, amount_units(cleanup));
    db_bind_bytes(row, 7, buf_bytes(&txs));
    TRY(db_run(row));
out:
    db_release(row);
    buf_clear(&txs);
    return status;
}

enum status spending_reserve(struct spending *spending, const char *spender,
                             const struct spending_job *job, struct spending_refusal *refusal) {
    struct spender after;
    struct amount largest, sum, cleanup;
    enum status status;
    pthread_mutex_lock(&spending->lock);
    TRY(db_begin(spending->db));
    TRY(read_spender(spending, spender, &after));
    if (!spending_has_limits(&after.terms)) goto out;
    TRY(find_most(job, &largest, &sum, &cleanup));
    TRY(amount_add(&after.today, after.today, sum));
    TRY(amount_add(&after.total, after.total, sum));
    const struct amount alone[SPENDING_LIMITS] = {largest, sum, sum};
    TRY(check(spending, &after, alone, refusal));
    TRY(write_reservation(spending, &after, job, sum, cleanup));
    TRY(write_spender(spending, &after));
    TRY(db_commit(spending->db));
    struct underway *underway = mem_alloc(sizeof *underway);
    memcpy(underway->id, job->id, OUTBOX_JOB_BYTES);
    underway->next = spending->underway;
    spending->underway = underway;
out:
    db_rollback(spending->db);
    pthread_mutex_unlock(&spending->lock);
    return status;
}

void spending_accept(struct spending *spending, const uint8_t id[OUTBOX_JOB_BYTES]) {
    pthread_mutex_lock(&spending->lock);
    end_underway(spending, id);
    pthread_mutex_unlock(&spending->lock);
}

// --- settling ---

static bool read_reservation(struct db_statement *row, struct arena *arena,
                             struct reservation *out) {
    struct bytes id = db_column_bytes(row, "id"), txs = db_column_bytes(row, "txs");
    if (id.len != OUTBOX_JOB_BYTES || txs.len % TX_BYTES != 0) return false;
    *out = (struct reservation){.spender = arena_copy_string(arena, db_column_text(row, "spender")),
                                .day = db_column_u64(row, "day"),
                                .sum = amount_of_units(db_column_u64(row, "units")),
                                .gas_price = db_column_u64(row, "gas_price"),
                                .cleanup = amount_of_units(db_column_u64(row, "cleanup_units")),
                                .count = txs.len / TX_BYTES};
    memcpy(out->id, id.data, id.len);
    out->txs = arena_alloc_array(arena, out->count + 1, sizeof *out->txs);
    struct decoder in = decoder_of(txs);
    for (size_t i = 0; i < out->count; i++) {
        out->txs[i].gas_limit = decode_u64(&in);
        out->txs[i].value = decode_amount(&in);
    }
    return in.status == STATUS_OK;
}

// It goes, and its sum with it, but for what it has cost. Of another day than the spender's only
// the total remembers it.
static enum status end_reservation(struct spending *spending, const struct reservation *one,
                                   struct amount cost) {
    struct spender spender;
    struct db_statement *row = NULL;
    struct amount left;
    enum status status;
    TRY(db_begin(spending->db));
    TRY(db_prepare(&row, spending->db, "DELETE FROM reserved WHERE id = $1"));
    db_bind_bytes(row, 1, BYTES_OF(one->id));
    TRY(db_run(row));
    if (db_changes(row) == 0) goto out; // settled meanwhile
    TRY(read_spender(spending, one->spender, &spender));
    TRY(amount_sub(&left, one->sum, cost));
    TRY(amount_sub(&spender.total, spender.total, left));
    if (spender.day == one->day) TRY(amount_sub(&spender.today, spender.today, left));
    TRY(write_spender(spending, &spender));
    TRY(db_commit(spending->db));
out:
    db_release(row);
    db_rollback(spending->db);
    return status;
}

static bool is_underway(const struct spending *spending, const uint8_t *id) {
    for (const struct underway *at = spending->underway; at; at = at->next)
        if (memcmp(at->id, id, OUTBOX_JOB_BYTES) == 0) return true;
    return false;
}

// Up to SETTLED_AT_ONCE behind an id; without those that nobody has answered yet.
static enum status read_reserved(struct spending *spending, struct bytes behind,
                                 struct arena *arena, struct reservation *out, size_t *count) {
    struct db_statement *row;
    bool has_row;
    *count = 0;
    enum status status = db_prepare(&row, spending->db,
                                    "SELECT id, spender, day, units, gas_price, cleanup_units, txs"
                                    " FROM reserved WHERE id > $1 ORDER BY id LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_bytes(row, 1, behind);
    db_bind_u64(row, 2, SETTLED_AT_ONCE);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        if (!read_reservation(row, arena, &out[*count])) status = STATUS_CORRUPT;
        if (status != STATUS_OK) break;
        ++*count;
    }
    db_release(row);
    return status;
}

enum status spending_give_back(struct spending *spending, const uint8_t id[OUTBOX_JOB_BYTES]) {
    struct db_statement *row = NULL;
    struct arena arena = {0};
    struct reservation found;
    bool has_row;
    enum status status;
    pthread_mutex_lock(&spending->lock);
    TRY(db_prepare(&row, spending->db,
                   "SELECT id, spender, day, units, gas_price, cleanup_units, txs FROM reserved"
                   " WHERE id = $1"));
    db_bind_bytes(row, 1, bytes_of(id, OUTBOX_JOB_BYTES));
    TRY(db_step(row, &has_row));
    if (has_row && !read_reservation(row, &arena, &found)) status = STATUS_CORRUPT;
    db_release(row);
    row = NULL;
    if (status == STATUS_OK && has_row)
        status = end_reservation(spending, &found, amount_of_units(0));
out:
    db_release(row);
    end_underway(spending, id);
    pthread_mutex_unlock(&spending->lock);
    arena_clear(&arena);
    return status;
}

static enum status find_cost(const struct reservation *one, const struct spending_outcome *outcomes,
                             struct amount *out) {
    enum status status = STATUS_OK;
    bool is_done = false, has_failed = false;
    *out = amount_of_units(0);
    for (size_t i = 0; i < one->count; i++) {
        struct amount gas;
        has_failed |= !outcomes[i].is_done;
        if (!outcomes[i].was_run) continue;
        TRY(amount_mul(&gas, amount_of_units(one->gas_price), outcomes[i].gas_used));
        TRY(amount_add(out, *out, gas));
        if (!outcomes[i].is_done) continue;
        is_done = true;
        // What it locked as deposits stands in no receipt.
        TRY(amount_mul(&gas, amount_of_units(one->gas_price), one->txs[i].gas_limit));
        TRY(amount_add(out, *out, gas));
        TRY(amount_add(out, *out, one->txs[i].value));
    }
    if (is_done && has_failed) TRY(amount_add(out, *out, one->cleanup));
out:
    return status;
}

static enum status settle_one(struct spending *spending, const struct reservation *one,
                              spending_look *look, void *context) {
    struct spending_outcome *outcomes = mem_alloc_array(one->count + 1, sizeof *outcomes);
    struct amount cost = amount_of_units(0);
    enum status status = look(context, one->id, outcomes, one->count);
    if (status == STATUS_BUSY) {
        mem_free(outcomes);
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = find_cost(one, outcomes, &cost);
    } else if (status == STATUS_NOT_FOUND) {
        bool is_old = clock_wall_ms() / DAY_MS >= one->day + KEPT_DAYS;
        if (is_old) cost = one->sum;
        status = STATUS_OK;
    }
    mem_free(outcomes);
    if (amount_compare(cost, one->sum) > 0) cost = one->sum;
    if (status != STATUS_OK) return status;
    pthread_mutex_lock(&spending->lock);
    status = end_reservation(spending, one, cost);
    pthread_mutex_unlock(&spending->lock);
    return status;
}

enum status spending_settle(struct spending *spending, spending_look *look, void *context) {
    struct reservation *list = mem_alloc_array(SETTLED_AT_ONCE, sizeof *list);
    uint8_t behind[OUTBOX_JOB_BYTES];
    struct arena arena = {0};
    size_t count, skip_len = 0;
    enum status status = STATUS_OK;
    do {
        bool waits[SETTLED_AT_ONCE];
        arena_clear(&arena);
        pthread_mutex_lock(&spending->lock);
        status = read_reserved(spending, bytes_of(behind, skip_len), &arena, list, &count);
        for (size_t i = 0; i < count && status == STATUS_OK; i++)
            waits[i] = is_underway(spending, list[i].id);
        pthread_mutex_unlock(&spending->lock);
        for (size_t i = 0; i < count && status == STATUS_OK; i++)
            if (!waits[i]) status = settle_one(spending, &list[i], look, context);
        if (count > 0) memcpy(behind, list[count - 1].id, sizeof behind);
        skip_len = sizeof behind;
    } while (status == STATUS_OK && count == SETTLED_AT_ONCE);
    arena_clear(&arena);
    mem_free(list);
    return status;
}
