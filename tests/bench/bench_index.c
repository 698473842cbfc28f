// SPDX-License-Identifier: Apache-2.0
// index_sqlite, index_postgres: events a second when the supply chain's index catches up with a
// chain that is there already: blocks from the log, decoded, documents validated, taken apart and
// hashed again, rows written. The baseline writes the same rows into the same engine by the same
// prepared inserts, in one transaction, and does nothing else. Turns alternate; medians count.
//
// The inserts are noted while the projection makes them: the linker puts the functions __wrap_…
// below in the place of the db layer's.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "apps/common/server/signer.h"
#include "apps/supplychain/contract/code.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"

enum { DOCUMENTS = 60, EVENTS = 150, TURNS = 5, MOST_LIVE = 16, MOST_VALUES = 32 };

// --- notes of inserts ---

struct value {
    enum { VALUE_NULL, VALUE_I64, VALUE_TEXT, VALUE_BYTES } kind;
    int64_t number;
    struct bytes bytes;
};
struct note {
    struct note *next;
    const char *sql;
    struct value values[MOST_VALUES];
};
static struct {
    bool is_on;
    struct arena arena;
    struct note *first;
    struct note *last;
    struct {
        struct db_statement *statement; // NULL: free
        struct note now;
    } live[MOST_LIVE];
} notes;

static struct note *live_of(struct db_statement *statement) {
    for (int i = 0; i < MOST_LIVE; i++)
        if (notes.live[i].statement == statement) return &notes.live[i].now;
    return NULL;
}

static void note_value(struct db_statement *statement, int index, struct value value) {
    struct note *note = notes.is_on ? live_of(statement) : NULL;
    if (!note) return;
    ENSURE(index >= 1 && index <= MOST_VALUES);
    value.bytes = arena_copy(&notes.arena, value.bytes);
    note->values[index - 1] = value;
}

enum status __real_db_prepare(struct db_statement **out, struct db *db, const char *sql);
enum status __wrap_db_prepare(struct db_statement **out, struct db *db, const char *sql);
enum status __wrap_db_prepare(struct db_statement **out, struct db *db, const char *sql) {
    enum status status = __real_db_prepare(out, db, sql);
    if (!notes.is_on || status != STATUS_OK) return status;
    for (int i = 0; i < MOST_LIVE; i++) {
        if (notes.live[i].statement && notes.live[i].statement != *out) continue;
        notes.live[i].statement = *out;
        notes.live[i].now = (struct note){.sql = sql};
        return status;
    }
    ENSURE(!"more statements in use than noted");
    return status;
}

void __real_db_release(struct db_statement *statement);
void __wrap_db_release(struct db_statement *statement);
void __wrap_db_release(struct db_statement *statement) {
    for (int i = 0; i < MOST_LIVE; i++)
        if (notes.live[i].statement == statement) notes.live[i].statement = NULL;
    __real_db_release(statement);
}

enum status __real_db_run(struct db_statement *statement);
enum status __wrap_db_run(struct db_statement *statement);
enum status __wrap_db_run(struct db_statement *statement) {
    struct note *now = notes.is_on ? live_of(statement) : NULL;
    enum status status = __real_db_run(statement);
    if (!now || strncmp(now->sql, "INSERT", 6) != 0) return status;
    struct note *note = arena_alloc(&notes.arena, sizeof *note);
    *note = *now;
    *(notes.last ? &notes.last->next : &notes.first) = note;
    notes.last = note;
    memset(now->values, 0, sizeof now->values); // as the statement's own
    return status;
}

#define WRAP_BIND(name, type, note)                                             \
    void __real_##name(struct db_statement *statement, int index, type value);  \
    void __wrap_##name(struct db_statement *statement, int index, type value);  \
    void __wrap_##name(struct db_statement *statement, int index, type value) { \
        note_value(statement, index, (struct value)note);                       \
        __real_##name(statement, index, value);                                 \
    }
#define NOTE(...) \
    { __VA_ARGS__ }
WRAP_BIND(db_bind_i64, int64_t, NOTE(.kind = VALUE_I64, .number = value))
WRAP_BIND(db_bind_u64, uint64_t, NOTE(.kind = VALUE_I64, .number = (int64_t)value))
WRAP_BIND(db_bind_text, struct bytes, NOTE(.kind = VALUE_TEXT, .bytes = value))
WRAP_BIND(db_bind_string, const char *, NOTE(.kind = VALUE_TEXT, .bytes = bytes_of_string(value)))
WRAP_BIND(db_bind_bytes, struct bytes, NOTE(.kind = VALUE_BYTES, .bytes = value))

// --- a chain with captures ---

static char folder[64];
static struct supplychain market;
static struct server server;

static void make_document(struct buf *out, int number) {
    buf_append_string(out, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                           "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                           "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\","
                           "\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < EVENTS; i++)
        buf_append_format(out,
                          "%s{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T%02d:%02d:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"bizStep\":\"shipping\",\"epcList\":["
                          "\"urn:epc:id:sgtin:0614141.107346.%d\","
                          "\"urn:epc:id:sgtin:0614141.107347.%d\"]}",
                          i ? "," : "", number % 24, i % 60, number * EVENTS + i, i);
    buf_append_string(out, "]}}");
}

static void encode_capture(struct buf *out, int number) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct buf body = {0};
    const uint8_t job[32] = {(uint8_t)number, 1};
    make_document(&body, number);
    ENSURE(epcis_document_split(&document, &fault, buf_bytes(&body)) == STATUS_OK);
    encode_fixed(out, job, sizeof job);
    encode_bytes(out, buf_bytes(&body));
    encode_u32(out, (uint32_t)document.event_count);
    for (size_t i = 0; i < document.event_count; i++) entry_encode(out, &document.events[i]);
    epcis_document_clear(&document);
    buf_clear(&body);
}

static void submit_captures(void) {
    for (int i = 0; i < DOCUMENTS; i++) {
        struct buf arguments = {0};
        enum tx_code code;
        encode_capture(&arguments, i);
        struct signer_order order = {.action = {.kind = TX_CALL,
                                                .call = {.contract = server.contract,
                                                         .method = bytes_of_string("capture"),
                                                         .arguments = buf_bytes(&arguments)}},
                                     .gas_limit = 100 * 1000 * 1000};
        struct signer_job job = {.id = {(uint8_t)i}, .orders = &order, .count = 1};
        ENSURE(signer_submit(server.signer, &job, &code) == STATUS_OK && code == TX_CODE_OK);
        buf_clear(&arguments);
    }
}

static void await_final(void) {
    const uint8_t last[OUTBOX_JOB_BYTES] = {DOCUMENTS - 1};
    struct arena arena = {0};
    struct outbox_job job = {0};
    while (job.finished_ms == 0) {
        struct node_head head;
        node_head(server.node, &head);
        node_wait(server.node, head.header.height, 1000);
        ENSURE(signer_find_job(server.signer, last, &arena, &job) == STATUS_OK);
    }
    ENSURE(job.code == TX_CODE_OK);
    arena_clear(&arena);
}

static void make_chain(void) {
    static const char name[] = "supplychain";
    char path[96];
    struct buf genesis = {0};
    struct bytes code = supplychain_contract_code();
    struct devnet_contract contract = {name, code};
    devnet_derive(&server.devnet);
    devnet_genesis(&genesis, &server.devnet, &contract, 1);
    struct node_config config = {.data_dir = folder,
                                 .genesis = buf_bytes(&genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .witness_keys = server.devnet.witness_keys,
                                 .witness_key_count = DEVNET_WITNESSES};
    ENSURE(node_open(&server.node, &config) == STATUS_OK);
    buf_clear(&genesis);
    account_id_of_system_contract(&server.contract, name);
    snprintf(path, sizeof path, "%s/outbox.db", folder);
    const struct secret_key *key = &devnet_find(&server.devnet, "server")->key;
    ENSURE(signer_open(&server.signer, server.node, key, path) == STATUS_OK);
    ENSURE(signer_start(server.signer) == STATUS_OK && node_start(server.node) == STATUS_OK);
    submit_captures();
    await_final();
    node_stop(server.node); // nothing happens beside from here on
    signer_close(server.signer);
    market.server = &server;
    server.market = &market;
    ENSURE(epcis_rules_open(&market.rules) == STATUS_OK);
}

// --- the two ways to rows ---

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    return projection_apply(context, db, block);
}

static const struct index_projection *projection(void) {
    static struct index_projection out;
    out = (struct index_projection){.version = 1,
                                    .schema = supplychain_schema,
                                    .drop = supplychain_drop,
                                    .apply = apply,
                                    .context = &market};
    return &out;
}

static double seconds_since(uint64_t began_ns) {
    return (double)(clock_monotonic_ns() - began_ns) / 1e9;
}

static double run_index(const char *url) {
    struct index *index;
    struct node_head head;
    static const struct timespec step = {.tv_nsec = 1000 * 1000};
    struct index_config config = {
        .node = server.node, .url = url, .projection = projection(), .rebuild = true};
    node_head(server.node, &head);
    ENSURE(index_open(&index, &config) == STATUS_OK);
    uint64_t began_ns = clock_monotonic_ns();
    ENSURE(index_start(index) == STATUS_OK);
    while (index_height(index) < head.header.height) nanosleep(&step, NULL);
    double took_s = seconds_since(began_ns);
    index_close(index);
    return took_s;
}

static void insert(struct db *db, const struct note *note) {
    struct db_statement *statement;
    ENSURE(db_prepare(&statement, db, note->sql) == STATUS_OK);
    for (int i = 0; i < MOST_VALUES; i++) {
        const struct value *value = &note->values[i];
        if (value->kind == VALUE_I64) db_bind_i64(statement, i + 1, value->number);
        if (value->kind == VALUE_TEXT) db_bind_text(statement, i + 1, value->bytes);
        if (value->kind == VALUE_BYTES) db_bind_bytes(statement, i + 1, value->bytes);
    }
    ENSURE(db_run(statement) == STATUS_OK);
    db_release(statement);
}

static double run_baseline(const char *url) {
    struct db *db;
    ENSURE(db_open(&db, url) == STATUS_OK);
    ENSURE(db_exec_script(db, supplychain_drop) == STATUS_OK);
    ENSURE(db_exec_script(db, supplychain_schema) == STATUS_OK);
    uint64_t began_ns = clock_monotonic_ns();
    ENSURE(db_begin(db) == STATUS_OK);
    for (const struct note *note = notes.first; note; note = note->next) insert(db, note);
    ENSURE(db_commit(db) == STATUS_OK);
    double took_s = seconds_since(began_ns);
    db_close(db);
    return took_s;
}

static uint64_t count_events(const char *url) {
    struct db *db;
    struct db_statement *statement;
    bool has_row;
    ENSURE(db_open(&db, url) == STATUS_OK);
    ENSURE(db_prepare(&statement, db, "SELECT count(*) AS n FROM event") == STATUS_OK);
    ENSURE(db_step(statement, &has_row) == STATUS_OK && has_row);
    uint64_t count = db_column_u64(statement, "n");
    db_release(statement);
    db_close(db);
    return count;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void measure(const char *name, const char *url) {
    double index_s[TURNS], baseline_s[TURNS];
    const double events = (double)DOCUMENTS * EVENTS;
    notes.is_on = !notes.first;
    run_index(url);
    notes.is_on = false;
    for (int i = 0; i < TURNS; i++) {
        baseline_s[i] = run_baseline(url);
        ENSURE(count_events(url) == DOCUMENTS * EVENTS);
        index_s[i] = run_index(url);
        ENSURE(count_events(url) == DOCUMENTS * EVENTS);
    }
    qsort(index_s, TURNS, sizeof *index_s, compare);
    qsort(baseline_s, TURNS, sizeof *baseline_s, compare);
    double rate = events / index_s[TURNS / 2], baseline = events / baseline_s[TURNS / 2];
    printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"events/s\",\"baseline\":\"the same rows by "
           "prepared inserts\",\"baseline_value\":%.0f,\"ratio\":%.3f}\n",
           name, rate, baseline, rate / baseline);
    fflush(stdout);
}

int main(void) {
    char url[96], command[96];
    const char *postgres = getenv("LMM_TEST_POSTGRES");
    log_set_level(LOG_ERROR);
    ENSURE(crypto_init() == STATUS_OK);
    snprintf(folder, sizeof folder, "/tmp/lmm-bench-XXXXXX");
    ENSURE(mkdtemp(folder) != NULL);
    make_chain();
    snprintf(url, sizeof url, "sqlite:%s/index.db", folder);
    measure("index_sqlite", url);
    if (postgres && *postgres) measure("index_postgres", postgres);
    epcis_rules_close(market.rules);
    arena_clear(&notes.arena);
    node_close(server.node);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 ? 0 : 1;
}
