// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/custody_lists.h"

#include "apps/common/http/page.h"
#include "apps/supplychain/epcis/identifier.h"
#include "chaincore/chaincore.h"

enum { KEY_BYTES = 8, STATES_MOST = 16 };

// What the query is bound to, in the order of its $1, $2, ….
struct values {
    size_t count;
    struct {
        struct bytes bytes, text; // data NULL: none
        uint64_t number;
    } items[LIST_FILTERS + LIST_KEYS + 2];
};

struct wish {
    const struct custody_list *list;
    struct http_page page;
    struct values values;
    struct buf where;
    struct arena *arena;
};

static void refuse(struct http_response *response, const char *parameter, const char *why) {
    http_problem(response, STATUS_INVALID, "invalid_query", why);
    http_problem_violation(response, parameter, "form", why);
}

bool custody_read_number(struct bytes text, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *out > INT64_MAX / 10 - 1) return false;
        *out = *out * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.len > 0;
}

bool custody_read_id(const struct http_request *request, uint64_t *out) {
    return custody_read_number(http_param(request, "id"), out);
}

static size_t add_value(struct values *values) {
    ENSURE(values->count < sizeof values->items / sizeof *values->items);
    return values->count++;
}

static void begin_condition(struct wish *wish) {
    buf_append_string(&wish->where, wish->where.len ? " AND " : " WHERE ");
}

// ---- filters

static bool read_account(struct wish *wish, struct bytes text, size_t at) {
    uint8_t *id = arena_alloc(wish->arena, ACCOUNT_ID_BYTES);
    if (address_decode(id, text) != STATUS_OK) return false;
    wish->values.items[at].bytes = bytes_of(id, ACCOUNT_ID_BYTES);
    return true;
}

static bool read_state(struct wish *wish, const struct list_filter *filter, struct bytes text,
                       size_t at) {
    for (uint64_t i = 0; i < STATES_MOST; i++) {
        const char *name = filter->state_name(i);
        if (!name) return false;
        wish->values.items[at].number = i;
        if (bytes_equal(text, bytes_of_string(name))) return true;
    }
    return false;
}

static void read_epc(struct wish *wish, struct bytes text, size_t at) {
    struct buf id = {0};
    if (!identifier_canonicalise(&id, text)) buf_append(&id, text);
    wish->values.items[at].text = arena_copy(wish->arena, buf_bytes(&id));
    buf_clear(&id);
}

static bool read_value(struct wish *wish, const struct list_filter *filter, struct bytes text) {
    size_t at = add_value(&wish->values);
    switch (filter->kind) {
    case FILTER_EPC:
        read_epc(wish, text, at);
        return text.len > 0;
    case FILTER_ACCOUNT:
        return read_account(wish, text, at);
    case FILTER_NUMBER:
        return custody_read_number(text, &wish->values.items[at].number);
    case FILTER_STATE:
        return read_state(wish, filter, text, at);
    }
    return false;
}

static bool read_filters(struct wish *wish, struct http_request *request,
                         struct http_response *response) {
    for (size_t i = 0; i < LIST_FILTERS && wish->list->filters[i].parameter; i++) {
        const struct list_filter *filter = &wish->list->filters[i];
        struct bytes text;
        enum status status = http_query(request, filter->parameter, &text);
        if (status == STATUS_NOT_FOUND) continue;
        if (status != STATUS_OK || !read_value(wish, filter, text)) {
            refuse(response, filter->parameter, "This is no value of the parameter.");
            return false;
        }
        begin_condition(wish);
        buf_append_format(&wish->where, "%s = $%zu", filter->column, wish->values.count);
    }
    return true;
}

// ---- pages

static size_t count_keys(const struct custody_list *list) {
    size_t count = 0;
    while (count < LIST_KEYS && list->keys[count]) count++;
    return count;
}

static void append_keys(struct buf *out, const struct custody_list *list, const char *behind) {
    for (size_t i = 0; i < count_keys(list); i++)
        buf_append_format(out, "%s%s%s%s", i ? ", " : "", list->table, list->keys[i], behind);
}

// False: the token is none of the list's.
static bool add_behind(struct wish *wish) {
    if (!wish->page.is_behind) return true;
    begin_condition(wish);
    buf_append_byte(&wish->where, '(');
    append_keys(&wish->where, wish->list, "");
    buf_append_string(&wish->where, wish->list->is_ascending ? ") > (" : ") < (");
    for (size_t i = 0; i < count_keys(wish->list); i++) {
        uint64_t key = load_u64_be(wish->page.token + i * KEY_BYTES);
        if (key > INT64_MAX) return false;
        wish->values.items[add_value(&wish->values)].number = key;
        buf_append_format(&wish->where, "%s$%zu", i ? ", " : "", wish->values.count);
    }
    buf_append_byte(&wish->where, ')');
    return true;
}

static bool read_wish(struct wish *wish, struct http_request *request,
                      struct http_response *response) {
    const struct http_paging paging = {LIST_PAGE, LIMIT_QUERY_PAGE,
                                       count_keys(wish->list) * KEY_BYTES};
    if (!http_page_read(&wish->page, request, response, &paging)) return false;
    if (wish->list->scope) {
        size_t at = add_value(&wish->values);
        ENSURE(custody_read_id(request, &wish->values.items[at].number));
        begin_condition(wish);
        buf_append_format(&wish->where, "%s%s = $%zu", wish->list->table, wish->list->scope,
                          wish->values.count);
    }
    if (!read_filters(wish, request, response)) return false;
    if (add_behind(wish)) return true;
    http_page_refuse(response);
    return false;
}

static enum status prepare(struct db_statement **out, struct db *db, struct wish *wish) {
    struct buf sql = {0};
    const char *direction = wish->list->is_ascending ? "" : " DESC";
    size_t limit = add_value(&wish->values);
    wish->values.items[limit].number = wish->page.length + 1; // one more tells of another page
    buf_append_string(&sql, wish->list->select);
    buf_append(&sql, buf_bytes(&wish->where));
    buf_append_string(&sql, " ORDER BY ");
    append_keys(&sql, wish->list, direction);
    buf_append_format(&sql, " LIMIT $%zu", wish->values.count);
    enum status status = db_prepare(out, db, buf_as_string(&sql));
    for (size_t i = 0; i < wish->values.count && status == STATUS_OK; i++) {
        if (wish->values.items[i].bytes.data)
            db_bind_bytes(*out, (int)i + 1, wish->values.items[i].bytes);
        else if (wish->values.items[i].text.data)
            db_bind_text(*out, (int)i + 1, wish->values.items[i].text);
        else
            db_bind_u64(*out, (int)i + 1, wish->values.items[i].number);
    }
    buf_clear(&sql);
    return status;
}

static enum status append_items(struct db *db, struct wish *wish, struct http_request *request,
                                struct http_response *response) {
    struct buf *out = http_body_buf(response);
    struct db_statement *row;
    uint8_t last[LIST_KEYS * KEY_BYTES];
    size_t keys = count_keys(wish->list);
    bool has_row = false;
    enum status status = prepare(&row, db, wish);
    if (status != STATUS_OK) return status;
    for (uint64_t count = 0;
         (status = db_step(row, &has_row)) == STATUS_OK && has_row && count < wish->page.length;
         count++) {
        if (count > 0) buf_append_byte(out, ',');
        wish->list->append(out, row);
        for (size_t i = 0; i < keys; i++)
            store_u64_be(last + i * KEY_BYTES, db_column_u64(row, wish->list->keys[i]));
    }
    db_release(row);
    if (status == STATUS_OK && has_row)
        http_page_link(request, response, bytes_of(last, keys * KEY_BYTES));
    return status;
}

enum status custody_list_answer(struct server *server, struct http_request *request,
                                struct http_response *response, const struct custody_list *list) {
    struct wish wish = {.list = list, .arena = http_arena(request)};
    struct db *db;
    enum status status = STATUS_OK;
    if (!read_wish(&wish, request, response)) goto out;
    TRY(db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS));
    buf_append_string(http_body_buf(response), "{\"items\":[");
    status = append_items(db, &wish, request, response);
    db_pool_give(server->readers, db);
    buf_append_string(http_body_buf(response), "]}");
    http_set_type(response, "application/json");
out:
    buf_clear(&wish.where);
    return status;
}
