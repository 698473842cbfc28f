// SPDX-License-Identifier: Apache-2.0
// What requests bring, read: the query's filters, a path's order, the members of a body.
#ifndef LMM_ENERGY_READING_H
#define LMM_ENERGY_READING_H

#include "apps/common/http/http.h"
#include "apps/energy/energy.h"

// Which rows a list shows; what was not asked for is absent.
enum filter_flags { FILTER_ZONE = 1, FILTER_SLOT = 2, FILTER_ACCOUNT = 4, FILTER_STATUS = 8 };
struct filter {
    unsigned has; // flags
    uint64_t zone, slot;
    struct account_id account;
    struct bytes status; // of an order, borrowed from the request
};
// False: the response is a problem with the parameter that is wrong. `needs` are those that must be
// there.
bool filter_read(struct filter *out, struct http_request *request, struct http_response *response,
                 unsigned needs);

// "1-1978000-17": zone, slot and number. False when it is none.
struct order_id {
    uint64_t zone, slot, number;
};
bool order_id_parse(struct order_id *out, struct bytes text);

// Members of a JSON body, each of which must be there.
enum member_type { MEMBER_NUMBER, MEMBER_WORD, MEMBER_TEXT, MEMBER_HEX, MEMBER_AMOUNT };
struct member {
    const char *name;
    enum member_type type;
    uint64_t *number;         // a number, an amount in base units, or a word's place among `words`
    const char *const *words; // ends with NULL
    struct buf *bytes;        // of a text or hex; appended
    size_t len;               // of the hex, in bytes
};
// False: the response says what is wrong.
bool members_read(const struct member *members, size_t count, struct http_request *request,
                  struct http_response *response);
#define MEMBERS_READ(members, request, response) \
    members_read(members, sizeof(members) / sizeof *(members), request, response)

extern const char *const side_words[], *const kind_words[], *const direction_words[];

#endif
