// SPDX-License-Identifier: Apache-2.0
// What is in the repository (EPCIS 2.0, section 12): lists of event types, EPCs, business steps,
// locations, read points and dispositions, each with the events that have it. Words of the standard
// are there always and come first; of everything else what events have, in its one form.
//
// A list is read from an index by jumping from each value to the next, so it costs what is shown.
#include "apps/supplychain/epcis/scalar.h"
#include "apps/supplychain/epcis/vocabulary.h"
#include "apps/supplychain/query_request.h"
#include "chaincore/chaincore.h"

struct collection {
    const char *path;
    const char *table, *column;
    enum vocabulary vocabulary;
    const char *parameter; // of the events that have a value
};

static const struct collection collections[] = {
    {"/eventTypes", "event", "type", VOCABULARY_EVENT_TYPE, "eventType"},
    {"/epcs", "epc", "id", VOCABULARY_NONE, "MATCH_anyEPC"},
    {"/bizSteps", "event", "biz_step", VOCABULARY_BIZ_STEP, "EQ_bizStep"},
    {"/bizLocations", "event", "biz_location", VOCABULARY_NONE, "EQ_bizLocation"},
    {"/readPoints", "event", "read_point", VOCABULARY_NONE, "EQ_readPoint"},
    {"/dispositions", "event", "disposition", VOCABULARY_DISPOSITION, "EQ_disposition"},
};

static const struct collection *collection_of(const struct http_request *request) {
    const char *path = http_path(request);
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++) {
        size_t len = strlen(collections[i].path);
        if (strncmp(path, collections[i].path, len) == 0 && (path[len] == '/' || !path[len]))
            return &collections[i];
    }
    status_claim_failed("a route of a collection has its path", __FILE__, __LINE__, __func__);
}

// ---- values

// What an identifier stood for first is what it is: an EPC, or the class of a quantity.
#define FIRST_PLACE                                                                             \
    "(SELECT epc.place FROM epc WHERE epc.id = known.value ORDER BY epc.height, epc.tx_index, " \
    "epc.position, epc.place LIMIT 1)"

static void write_jump(struct buf *sql, const struct collection *of, const char *behind) {
    buf_append_format(sql, "(SELECT %s FROM %s WHERE %s > %s ORDER BY %s LIMIT 1)", of->column,
                      of->table, of->column, behind, of->column);
}

static enum status prepare_values(struct db_statement **out, struct db *db,
                                  const struct collection *of) {
    struct buf sql = {0};
    bool is_epc = strcmp(of->table, "epc") == 0;
    buf_append_string(&sql, "WITH RECURSIVE known(value, number) AS (SELECT ");
    write_jump(&sql, of, "$1");
    buf_append_string(&sql, ", CAST(1 AS BIGINT) UNION ALL SELECT ");
    write_jump(&sql, of, "known.value");
    buf_append_format(&sql,
                      ", known.number + 1 FROM known WHERE known.value IS NOT NULL"
                      " AND known.number < $2) SELECT known.value AS value, %s AS place FROM known"
                      " WHERE known.value IS NOT NULL",
                      is_epc ? FIRST_PLACE : "CAST(0 AS BIGINT)");
    enum status status = db_prepare(out, db, buf_as_string(&sql));
    buf_clear(&sql);
    return status;
}

struct members {
    const struct collection *of;
    struct arena *arena;
    struct text_page page;
    struct bytes *items;
    size_t count;
    struct bytes last; // looked at
    bool has_more;
};

// The standard's own words come first.
static void add_words(struct members *m) {
    const struct vocabulary_words *words = vocabulary_words(m->of->vocabulary);
    size_t next = 0;
    if (m->page.behind.len > 0 && !vocabulary_has(m->of->vocabulary, m->page.behind)) return;
    while (next < words->count && m->page.behind.len > 0 &&
           bytes_compare(bytes_of_string(words->words[next]), m->page.behind) <= 0)
        next++;
    while (next < words->count && m->count < m->page.length)
        m->items[m->count++] = m->last = bytes_of_string(words->words[next++]);
    m->has_more = next < words->count;
    if (!m->has_more) m->page.behind = bytes_of("", 0); // of what comes next
}

static void add_value(struct members *m, struct bytes value, int64_t place) {
    struct bytes shown = vocabulary_short_form(m->of->vocabulary, value);
    m->last = arena_copy(m->arena, value);
    if (place < CLASS_IN_LIST && !vocabulary_has(m->of->vocabulary, shown))
        m->items[m->count++] = m->last;
}

// More are looked at than are shown: words of the standard are among them, and classes.
static enum status read_values(struct db *db, struct members *m) {
    struct db_statement *row;
    uint64_t most = m->page.length + UINT64_C(64), seen = 0;
    bool has_row = false;
    enum status status = prepare_values(&row, db, m->of);
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, m->page.behind);
    db_bind_u64(row, 2, most);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        m->has_more = m->count == m->page.length || ++seen == most;
        if (m->count == m->page.length) break;
        add_value(m, db_column_text(row, "value"), db_column_i64(row, "place"));
    }
    db_release(row);
    return status;
}

static enum status find_members(struct server *server, struct members *m) {
    struct db *db;
    add_words(m);
    if (m->has_more) return STATUS_OK;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = read_values(db, m);
    db_pool_give(server->readers, db);
    return status;
}

static void begin_collection(struct http_response *response) {
    buf_append_string(http_body_buf(response), "{\"@context\":\"" EPCIS_CONTEXT_URL
                                               "\",\"type\":\"Collection\",\"member\":[");
    http_set_type(response, "application/json");
}

enum status get_collection(void *context, struct http_request *request,
                           struct http_response *response) {
    struct members m = {.of = collection_of(request), .arena = http_arena(request)};
    struct buf *out = http_body_buf(response);
    if (!query_request_read_texts(request, response, &m.page)) return STATUS_OK;
    m.items = arena_alloc_array(m.arena, m.page.length, sizeof *m.items);
    enum status status = find_members(context, &m);
    if (status != STATUS_OK) return status;
    begin_collection(response);
    for (size_t i = 0; i < m.count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        http_append_json_string(out, m.items[i]);
    }
    buf_append_string(out, "]}");
    if (m.has_more) query_request_link_text(request, response, m.last);
    return STATUS_OK;
}

// ---- the standard's own paths

enum status get_entry_points(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context, (void)request;
    begin_collection(response);
    buf_append_string(http_body_buf(response),
                      "\"capture\",\"events\",\"eventTypes\",\"epcs\",\"bizSteps\","
                      "\"bizLocations\",\"readPoints\",\"dispositions\",\"queries\"]}");
    return STATUS_OK;
}

// A token says itself where its list goes on: nothing here has to be forgotten.
enum status delete_page_token(void *context, struct http_request *request,
                              struct http_response *response) {
    struct bytes token = http_param(request, "token");
    (void)context;
    for (size_t i = 0; i < token.len; i++)
        if (!memchr("0123456789abcdef-", token.data[i], 17)) return STATUS_NOT_FOUND;
    http_set_code(response, 204);
    return STATUS_OK;
}

// ---- one value

static enum status look_in(struct db *db, const struct collection *of, struct bytes value) {
    struct db_statement *row;
    struct buf sql = {0};
    bool has_row = false, is_epc = strcmp(of->table, "epc") == 0;
    buf_append_format(&sql, "SELECT %s AS place FROM %s WHERE %s = $1%s LIMIT 1",
                      is_epc ? "place" : "CAST(0 AS BIGINT)", of->table, of->column,
                      is_epc ? " ORDER BY height, tx_index, position, place" : "");
    enum status status = db_prepare(&row, db, buf_as_string(&sql));
    buf_clear(&sql);
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, value);
    status = db_step(row, &has_row);
    if (status == STATUS_OK && (!has_row || db_column_i64(row, "place") >= CLASS_IN_LIST))
        status = STATUS_NOT_FOUND;
    db_release(row);
    return status;
}

static enum status look_for(struct server *server, const struct collection *of,
                            struct bytes value) {
    struct db *db;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = look_in(db, of, value);
    db_pool_give(server->readers, db);
    return status;
}

// NOT_FOUND for what no event has and the standard does not know.
static enum status find_value(struct server *server, struct http_request *request,
                              const struct epcis_context *context) {
    const struct collection *of = collection_of(request);
    struct bytes given = scalar_trim(http_param(request, "value"));
    struct buf value = {0};
    enum status status = STATUS_OK;
    if (vocabulary_has(of->vocabulary, given)) return STATUS_OK;
    if (given.len > LIMIT_QUERY_VALUE_BYTES || !memchr(given.data, ':', given.len))
        return STATUS_NOT_FOUND;
    vocabulary_append_value(&value, of->vocabulary, given, context);
    struct bytes shown = vocabulary_short_form(of->vocabulary, buf_bytes(&value));
    if (!vocabulary_has(of->vocabulary, shown)) status = look_for(server, of, buf_bytes(&value));
    buf_clear(&value);
    return status;
}

enum status get_collection_value(void *server, struct http_request *request,
                                 struct http_response *response) {
    struct epcis_context storage;
    const struct epcis_context *context;
    if (!query_request_read_context(request, response, &storage, &context)) return STATUS_OK;
    enum status status = find_value(server, request, context);
    if (status != STATUS_OK) return status;
    begin_collection(response);
    buf_append_string(http_body_buf(response), "\"events\"]}");
    return STATUS_OK;
}

enum status get_collection_events(void *server, struct http_request *request,
                                  struct http_response *response) {
    struct epcis_context storage;
    const struct epcis_context *context;
    if (!query_request_read_context(request, response, &storage, &context)) return STATUS_OK;
    enum status status = find_value(server, request, context);
    if (status != STATUS_OK) return status;
    const struct bytes value = http_param(request, "value");
    const struct query_parameter parameter = {bytes_of_string(collection_of(request)->parameter),
                                              &value, 1};
    const struct query_request wanted = {
        .parameters = &parameter, .parameter_count = 1, .context = context};
    return get_events_of(server, request, response, &wanted);
}
