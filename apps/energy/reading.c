// SPDX-License-Identifier: Apache-2.0
#include "apps/energy/reading.h"

#include <string.h>

#include "apps/common/json/json.h"

const char *const side_words[] = {"buy", "sell", NULL};
const char *const kind_words[] = {"limit", "ioc", "fok", NULL};
const char *const direction_words[] = {"export", "import", NULL};

// ---- the query

static bool refuse_query(struct http_response *response, const char *name, const char *why) {
    http_problem(response, STATUS_INVALID, "invalid_query", why);
    http_problem_violation(response, name, "form", why);
    return false;
}

static bool read_number(uint64_t *out, unsigned *has, const char *name, unsigned flag,
                        struct http_request *request, struct http_response *response) {
    enum status status = http_query_u64(request, name, UINT64_MAX, out);
    if (status == STATUS_OK && *out == UINT64_MAX) return true;
    if (status != STATUS_OK || *out > UINT32_MAX)
        return refuse_query(response, name, "It is a number of up to ten digits.");
    *has |= flag;
    return true;
}

static bool read_account(struct filter *out, struct http_request *request,
                         struct http_response *response) {
    struct bytes text;
    enum status status = http_query(request, "account", &text);
    if (status == STATUS_NOT_FOUND) return true;
    if (status != STATUS_OK || address_decode(out->account.bytes, text) != STATUS_OK)
        return refuse_query(response, "account", "An account is told by its address.");
    out->has |= FILTER_ACCOUNT;
    return true;
}

static bool read_status(struct filter *out, struct http_request *request,
                        struct http_response *response) {
    static const char *const words[] = {"resting", "filled", "cancelled"};
    enum status status = http_query(request, "status", &out->status);
    if (status == STATUS_NOT_FOUND) return true;
    for (size_t i = 0; i < 3 && status == STATUS_OK; i++)
        if (bytes_equal(out->status, bytes_of_string(words[i]))) {
            out->has |= FILTER_STATUS;
            return true;
        }
    return refuse_query(response, "status", "A status is resting, filled or cancelled.");
}

bool filter_read(struct filter *out, struct http_request *request, struct http_response *response,
                 unsigned needs) {
    *out = (struct filter){0};
    if (!read_number(&out->zone, &out->has, "zone", FILTER_ZONE, request, response) ||
        !read_number(&out->slot, &out->has, "slot", FILTER_SLOT, request, response) ||
        !read_account(out, request, response) || !read_status(out, request, response))
        return false;
    unsigned missing = needs & ~out->has;
    const char *name = missing & FILTER_ZONE      ? "zone"
                       : missing & FILTER_SLOT    ? "slot"
                       : missing & FILTER_ACCOUNT ? "account"
                                                  : NULL;
    return name ? refuse_query(response, name, "This has to be told.") : true;
}

bool order_id_parse(struct order_id *out, struct bytes text) {
    uint64_t *const parts[] = {&out->zone, &out->slot, &out->number};
    size_t part = 0, digits = 0;
    *out = (struct order_id){0};
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c == '-' && digits > 0 && part < 2) {
            part++;
            digits = 0;
        } else if (c >= '0' && c <= '9' && digits < 18) {
            *parts[part] = *parts[part] * 10 + (uint64_t)(c - '0');
            digits++;
        } else {
            return false;
        }
    }
    return part == 2 && digits > 0 && out->zone <= UINT32_MAX && out->slot <= UINT32_MAX;
}

// ---- a body

static bool refuse_body(struct http_response *response, const char *pointer, const char *detail) {
    http_problem(response, STATUS_INVALID, "invalid_body", detail);
    http_problem_violation(response, pointer, "form", detail);
    return false;
}

static bool read_word(const struct member *member, const json_t *value) {
    for (size_t i = 0; json_is_string(value) && member->words[i]; i++) {
        *member->number = i;
        if (strcmp(json_string_value(value), member->words[i]) == 0) return true;
    }
    return false;
}

static bool read_hex(const struct member *member, const json_t *value) {
    uint8_t bytes[64];
    ENSURE(member->len <= sizeof bytes);
    if (!json_is_string(value) || json_string_length(value) != 2 * member->len ||
        hex_decode(bytes, member->len, json_string_value(value)) != STATUS_OK)
        return false;
    buf_append(member->bytes, bytes_of(bytes, member->len));
    return true;
}

static bool read_amount(const struct member *member, const json_t *value) {
    struct amount amount;
    if (!json_is_string(value) || amount_parse(&amount, json_string_value(value)) != STATUS_OK)
        return false;
    *member->number = amount_units(amount);
    return true;
}

static const char *read_member(const struct member *member, const json_t *value) {
    switch (member->type) {
    case MEMBER_NUMBER:
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return "It is a whole number, not below zero.";
        *member->number = (uint64_t)json_integer_value(value);
        return NULL;
    case MEMBER_WORD:
        return read_word(member, value) ? NULL : "It is none of the words that stand here.";
    case MEMBER_TEXT:
        if (!json_is_string(value)) return "It is a string.";
        buf_append(member->bytes, json_string_bytes(value));
        return NULL;
    case MEMBER_HEX:
        return read_hex(member, value) ? NULL : "It is so many hexadecimal digits.";
    case MEMBER_AMOUNT:
        return read_amount(member, value) ? NULL : "It is an amount in LMM, as a string.";
    }
    ENSURE(false && "a member's type");
}

static bool read_object(const struct member *members, size_t count, const json_t *object,
                        struct http_response *response) {
    char pointer[64];
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(object, members[i].name);
        const char *why = value ? read_member(&members[i], value) : "It has to be there.";
        if (!why) continue;
        snprintf(pointer, sizeof pointer, "/%s", members[i].name);
        return refuse_body(response, pointer, why);
    }
    return true;
}

bool members_read(const struct member *members, size_t count, struct http_request *request,
                  struct http_response *response) {
    enum { MOST = 8 };
    const char *names[MOST + 1] = {NULL};
    struct bytes body = http_body(request);
    struct json_fault fault;
    struct buf pointer = {0};
    json_t *object = NULL;
    bool is_good = false;
    ENSURE(count <= MOST);
    for (size_t i = 0; i < count; i++) names[i] = members[i].name;
    if (json_parse(&object, &fault, body, body.len) != STATUS_OK)
        refuse_body(response, "", fault.text);
    else if (!json_is_object(object))
        refuse_body(response, "", "The body is a JSON object.");
    else if (!json_has_only(object, names, &pointer))
        refuse_body(response, buf_as_string(&pointer), "There is no such member.");
    else
        is_good = read_object(members, count, object, response);
    buf_clear(&pointer);
    json_decref(object);
    return is_good;
}
