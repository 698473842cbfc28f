// SPDX-License-Identifier: Apache-2.0
// Lists of custody's rows by pages: a query made of a list's own text, of the filters that a
// request asks for, and of the place behind which its page goes on.
#ifndef LMM_SUPPLYCHAIN_CUSTODY_LISTS_H
#define LMM_SUPPLYCHAIN_CUSTODY_LISTS_H

#include "apps/common/http/http.h"
#include "apps/common/server/server.h"

enum { LIST_KEYS = 5, LIST_FILTERS = 5, LIST_PAGE = 20 };

enum list_filter_kind { FILTER_EPC, FILTER_ACCOUNT, FILTER_NUMBER, FILTER_STATE };

// A parameter of the query that must equal a column.
struct list_filter {
    const char *parameter; // NULL: no more
    const char *column;
    enum list_filter_kind kind;
    const char *(*state_name)(uint64_t state); // FILTER_STATE: its words, from 0 on
};

struct custody_list {
    const char *select;          // "SELECT … FROM …"
    const char *table;           // in front of keys and of the scope: "h." or ""
    const char *keys[LIST_KEYS]; // columns that order it, none of them negative; NULL: no more
    bool is_ascending;
    const char *scope; // NULL, or the column that equals the path's {id}
    struct list_filter filters[LIST_FILTERS];
    void (*append)(struct buf *out, struct db_statement *row); // as a JSON object
};

// Answers with {"items":[…]}.
enum status custody_list_answer(struct server *server, struct http_request *request,
                                struct http_response *response,
                                const struct custody_list *list) MUST_CHECK;
// The path's {id}; false when it is no number.
bool custody_read_id(const struct http_request *request, uint64_t *out);
// Of digits alone.
bool custody_read_number(struct bytes text, uint64_t *out);

#endif
