// SPDX-License-Identifier: Apache-2.0
#include "apps/common/abi/abi_value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/common/json/json.h"
#include "chaincore/base/codec.h"
#include "chaincore/base/utf8.h"
#include "chaincore/crypto/address.h"

enum { HASH_BYTES = 32 };

// A walk through a value and its type.
struct walk {
    const json_t *abi;
    unsigned depth;
    unsigned values; // so far
    struct abi_fault *fault;
    struct buf pointer;
};

enum type_kind {
    TYPE_BOOL,
    TYPE_U8,
    TYPE_U16,
    TYPE_U32,
    TYPE_U64,
    TYPE_I64,
    TYPE_HASH,
    TYPE_ACCOUNT,
    TYPE_BYTES,
    TYPE_STRING,
    TYPE_PLAIN, // so many of these
    TYPE_VEC = TYPE_PLAIN,
    TYPE_OPTION,
    TYPE_FIELDS,
    TYPE_UNKNOWN
};
static const char *const plain_names[TYPE_PLAIN] = {
    [TYPE_BOOL] = "bool",     [TYPE_U8] = "u8",           [TYPE_U16] = "u16",
    [TYPE_U32] = "u32",       [TYPE_U64] = "u64",         [TYPE_I64] = "i64",
    [TYPE_HASH] = "hash",     [TYPE_ACCOUNT] = "account", [TYPE_BYTES] = "bytes",
    [TYPE_STRING] = "string",
};

struct type {
    enum type_kind kind;
    char inner[ABI_TYPE_CHARS]; // of vec<> and option<>
    const json_t *fields;       // of a named one
};

static bool take_inner(struct type *out, const char *text, const char *outer) {
    size_t len = strlen(text), prefix = strlen(outer);
    if (strncmp(text, outer, prefix) != 0 || len < prefix + 2 || text[len - 1] != '>') return false;
    memcpy(out->inner, text + prefix, len - prefix - 1);
    out->inner[len - prefix - 1] = '\0';
    return true;
}

static struct type type_of(const json_t *abi, const char *text) {
    struct type type = {.kind = TYPE_UNKNOWN};
    if (strlen(text) >= ABI_TYPE_CHARS) return type;
    for (int i = 0; i < TYPE_PLAIN; i++)
        if (strcmp(text, plain_names[i]) == 0) type.kind = (enum type_kind)i;
    if (type.kind != TYPE_UNKNOWN) return type;
    type.fields = json_object_get(json_object_get(abi, "types"), text);
    if (json_is_array(type.fields))
        type.kind = TYPE_FIELDS;
    else if (take_inner(&type, text, "vec<"))
        type.kind = TYPE_VEC;
    else if (take_inner(&type, text, "option<") && strncmp(type.inner, "option<", 7) != 0)
        type.kind = TYPE_OPTION; // of another one JSON could not tell which of the two is not there
    return type;
}

// A field's name and type; false for what is none.
static bool read_field(const json_t *field, const char **name, const char **type) {
    *name = json_string_value(json_array_get(field, 0));
    *type = json_string_value(json_array_get(field, 1));
    return *name && *type && json_array_size(field) == 2;
}

// ---- descriptions whose values JSON can carry

static bool has_twins(const json_t *fields) {
    json_t *seen = json_object();
    const json_t *field;
    size_t index;
    bool is_found = false;
    json_array_foreach(fields, index, field) {
        const char *name = json_string_value(json_array_get(field, 0));
        if (!name) continue;
        if (json_object_get(seen, name)) is_found = true;
        json_object_set_new(seen, name, json_true());
    }
    json_decref(seen);
    return is_found;
}

// A list of fields, or an entry with such a list of arguments.
static const json_t *fields_of(const json_t *entry) {
    return json_is_array(entry) ? entry : json_object_get(entry, "arguments");
}

static bool is_distinct(json_t *abi) {
    static const char *const groups[] = {"types", "methods", "views", "events"};
    static const char *const entries[] = {"init", "upgrade"};
    const char *name;
    json_t *entry;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        json_object_foreach(json_object_get(abi, groups[i]), name,
                            entry) if (has_twins(fields_of(entry))) return false;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (has_twins(fields_of(json_object_get(abi, entries[i])))) return false;
    return true;
}

json_t *abi_parse(struct bytes text) {
    json_t *abi = NULL;
    if (json_parse(&abi, NULL, text, ABI_TEXT_MAX_BYTES) != STATUS_OK) return NULL;
    if (json_is_object(abi) && is_distinct(abi)) return abi;
    json_decref(abi);
    return NULL;
}

// One level down; false when that is too deep, or there have been too many values.
static bool enter(struct walk *walk) {
    walk->values++;
    return ++walk->depth <= ABI_MAX_DEPTH && walk->values <= ABI_MAX_VALUES;
}

// --- to bytes ---

static bool fail(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct walk *walk, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(walk->fault->text, sizeof walk->fault->text, format, arguments);
    va_end(arguments);
    snprintf(walk->fault->pointer, sizeof walk->fault->pointer, "%s",
             buf_as_string(&walk->pointer));
    return false;
}

static bool encode_value(struct walk *walk, struct buf *out, const char *type, const json_t *value);

static bool read_number(const json_t *value, uint64_t *out) {
    char *end;
    const char *text = json_string_value(value);
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        return true;
    }
    size_t digits = text ? strspn(text, "0123456789") : 0;
    if (digits == 0 || digits > 20 || text[digits]) return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0;
}

static bool encode_number(struct walk *walk, struct buf *out, enum type_kind kind,
                          const json_t *value) {
    static const uint64_t most[] = {[TYPE_U8] = UINT8_MAX,
                                    [TYPE_U16] = UINT16_MAX,
                                    [TYPE_U32] = UINT32_MAX,
                                    [TYPE_U64] = UINT64_MAX};
    uint64_t number;
    if (!read_number(value, &number) || number > most[kind])
        return fail(walk, "a whole number from 0 to %llu belongs here",
                    (unsigned long long)most[kind]);
    if (kind == TYPE_U8) encode_u8(out, (uint8_t)number);
    if (kind == TYPE_U16) encode_u16(out, (uint16_t)number);
    if (kind == TYPE_U32) encode_u32(out, (uint32_t)number);
    if (kind == TYPE_U64) encode_u64(out, number);
    return true;
}

static bool encode_signed(struct walk *walk, struct buf *out, const json_t *value) {
    const char *text = json_string_value(value);
    size_t sign = text && text[0] == '-', digits = text ? strspn(text + sign, "0123456789") : 0;
    long long number = json_integer_value(value);
    bool is_number = json_is_integer(value);
    if (digits > 0 && digits <= 20 && !text[sign + digits]) {
        errno = 0;
        number = strtoll(text, NULL, 10);
        is_number = errno == 0;
    }
    if (!is_number) return fail(walk, "a whole number of 64 bits belongs here");
    encode_u64(out, (uint64_t)number);
    return true;
}

static bool encode_hash(struct walk *walk, struct buf *out, const json_t *value) {
    uint8_t bytes[HASH_BYTES];
    const char *text = json_string_value(value);
    if (!text || (hex_decode(bytes, sizeof bytes, text) != STATUS_OK &&
                  address_decode(bytes, bytes_of_string(text)) != STATUS_OK))
        return fail(walk, "64 hexadecimal digits or an address belong here");
    encode_fixed(out, bytes, sizeof bytes);
    return true;
}

static bool encode_hex(struct walk *walk, struct buf *out, const json_t *value) {
    const char *text = json_string_value(value);
    size_t len = text ? strlen(text) : 1;
    if (len % 2 != 0 || len / 2 > UINT32_MAX)
        return fail(walk, "hexadecimal digits belong here, two for each byte");
    encode_u32(out, (uint32_t)(len / 2));
    uint8_t *room = buf_reserve(out, len / 2);
    if (hex_decode(room, len / 2, text) != STATUS_OK)
        return fail(walk, "hexadecimal digits belong here, two for each byte");
    out->len += len / 2;
    return true;
}

static bool encode_items(struct walk *walk, struct buf *out, const char *inner,
                         const json_t *value) {
    size_t index, len = walk->pointer.len;
    const json_t *item;
    if (!json_is_array(value)) return fail(walk, "a list belongs here");
    encode_u32(out, (uint32_t)json_array_size(value));
    for (index = 0; index < json_array_size(value); index++) {
        item = json_array_get(value, index);
        json_pointer_append_index(&walk->pointer, index);
        if (!encode_value(walk, out, inner, item)) return false;
        walk->pointer.len = len;
    }
    return true;
}

static bool has_no_other_member(struct walk *walk, const json_t *fields, const json_t *value) {
    const char *key;
    const json_t *unused;
    json_object_foreach((json_t *)value, key, unused) {
        bool is_known = false;
        for (size_t i = 0; i < json_array_size(fields) && !is_known; i++) {
            const char *name = json_string_value(json_array_get(json_array_get(fields, i), 0));
            is_known = name && strcmp(name, key) == 0;
        }
        if (!is_known) return fail(walk, "there is no member \"%.64s\"", key);
    }
    return true;
}

static bool encode_fields(struct walk *walk, struct buf *out, const json_t *fields,
                          const json_t *value) {
    size_t len = walk->pointer.len, count = json_array_size(fields);
    if (!json_is_object(value) && !json_is_array(value))
        return fail(walk, "an object or a list belongs here");
    if (json_is_array(value) && json_array_size(value) != count)
        return fail(walk, "%zu values belong here", count);
    if (json_is_object(value) && !has_no_other_member(walk, fields, value)) return false;
    for (size_t i = 0; i < count; i++) {
        const char *name, *type;
        if (!read_field(json_array_get(fields, i), &name, &type))
            return fail(walk, "the contract's description of this is none");
        const json_t *member =
            json_is_object(value) ? json_object_get(value, name) : json_array_get(value, i);
        if (!member) return fail(walk, "the member \"%.64s\" is missing", name);
        if (json_is_object(value))
            json_pointer_append_key(&walk->pointer, bytes_of_string(name));
        else
            json_pointer_append_index(&walk->pointer, i);
        if (!encode_value(walk, out, type, member)) return false;
        walk->pointer.len = len;
    }
    return true;
}

static bool encode_compound(struct walk *walk, struct buf *out, const struct type *type,
                            const json_t *value) {
    if (type->kind == TYPE_VEC) return encode_items(walk, out, type->inner, value);
    if (type->kind == TYPE_FIELDS) return encode_fields(walk, out, type->fields, value);
    if (type->kind != TYPE_OPTION)
        return fail(walk, "the contract's description names no type that is known");
    encode_bool(out, !json_is_null(value));
    return json_is_null(value) || encode_value(walk, out, type->inner, value);
}

static bool encode_value(struct walk *walk, struct buf *out, const char *text,
                         const json_t *value) {
    struct type type = type_of(walk->abi, text);
    bool is_done = false;
    if (!enter(walk)) return fail(walk, "values are nested too deeply, or too many");
    switch (type.kind) {
    case TYPE_BOOL:
        is_done = json_is_boolean(value) || fail(walk, "true or false belongs here");
        encode_bool(out, json_is_true(value));
        break;
    case TYPE_U8:
    case TYPE_U16:
    case TYPE_U32:
    case TYPE_U64:
        is_done = encode_number(walk, out, type.kind, value);
        break;
    case TYPE_I64:
        is_done = encode_signed(walk, out, value);
        break;
    case TYPE_HASH:
    case TYPE_ACCOUNT:
        is_done = encode_hash(walk, out, value);
        break;
    case TYPE_BYTES:
        is_done = encode_hex(walk, out, value);
        break;
    case TYPE_STRING:
        is_done = json_is_string(value) || fail(walk, "a text belongs here");
        if (is_done)
            encode_bytes(out, bytes_of(json_string_value(value), json_string_length(value)));
        break;
    case TYPE_VEC:
    case TYPE_OPTION:
    case TYPE_FIELDS:
    case TYPE_UNKNOWN:
        is_done = encode_compound(walk, out, &type, value);
        break;
    }
    walk->depth--;
    return is_done;
}

enum status abi_encode(struct buf *out, const json_t *abi, const json_t *fields,
                       const json_t *value, struct abi_fault *fault) {
    struct walk walk = {.abi = abi, .fault = fault};
    bool is_done = encode_fields(&walk, out, fields, value);
    buf_clear(&walk.pointer);
    return is_done ? STATUS_OK : STATUS_MALFORMED;
}

// --- and back ---

static json_t *decode_value(struct walk *walk, struct decoder *in, const char *type);

static json_t *decode_hex(struct decoder *in, struct bytes bytes) {
    struct buf text = {0};
    if (in->status != STATUS_OK) return NULL;
    hex_encode((char *)buf_reserve(&text, 2 * bytes.len + 1), bytes);
    text.len = 2 * bytes.len;
    json_t *json = json_stringn((const char *)text.data, text.len);
    buf_clear(&text);
    return json;
}

static json_t *decode_hash(struct decoder *in, bool is_account) {
    char address[ADDRESS_CHARS + 1];
    struct bytes bytes = decode_slice(in, HASH_BYTES);
    if (in->status != STATUS_OK || !is_account) return decode_hex(in, bytes);
    address_encode(address, bytes.data);
    return json_string(address);
}

static json_t *decode_u64_text(struct decoder *in) {
    char text[21];
    snprintf(text, sizeof text, "%llu", (unsigned long long)decode_u64(in));
    return json_string(text);
}

static json_t *decode_i64_text(struct decoder *in) {
    char text[21];
    snprintf(text, sizeof text, "%lld", (long long)decode_u64(in));
    return json_string(text);
}

static json_t *decode_text(struct decoder *in) {
    struct bytes text = decode_bytes(in, decoder_left(in));
    if (in->status != STATUS_OK || !utf8_is_valid(text)) return NULL;
    return json_stringn((const char *)text.data, text.len);
}

static json_t *decode_items(struct walk *walk, struct decoder *in, const char *inner) {
    uint32_t count = decode_count(in, ABI_MAX_VALUES);
    json_t *list = json_array();
    for (uint32_t i = 0; i < count && list; i++) {
        json_t *item = decode_value(walk, in, inner);
        if (!item || json_array_append_new(list, item) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *decode_fields(struct walk *walk, struct decoder *in, const json_t *fields) {
    json_t *object = json_object();
    for (size_t i = 0; i < json_array_size(fields) && object; i++) {
        const char *name, *type;
        json_t *member = read_field(json_array_get(fields, i), &name, &type)
                             ? decode_value(walk, in, type)
                             : NULL;
        if (!member || json_object_set_new(object, name, member) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

static json_t *decode_plain(struct decoder *in, enum type_kind kind) {
    switch (kind) {
    case TYPE_BOOL:
        return json_boolean(decode_bool(in));
    case TYPE_U8:
        return json_integer(decode_u8(in));
    case TYPE_U16:
        return json_integer(decode_u16(in));
    case TYPE_U32:
        return json_integer(decode_u32(in));
    case TYPE_U64:
        return decode_u64_text(in);
    case TYPE_I64:
        return decode_i64_text(in);
    case TYPE_HASH:
    case TYPE_ACCOUNT:
        return decode_hash(in, kind == TYPE_ACCOUNT);
    case TYPE_BYTES:
        return decode_hex(in, decode_bytes(in, decoder_left(in)));
    case TYPE_STRING:
        return decode_text(in);
    case TYPE_VEC:
    case TYPE_OPTION:
    case TYPE_FIELDS:
    case TYPE_UNKNOWN:
        break;
    }
    return NULL;
}

static json_t *decode_value(struct walk *walk, struct decoder *in, const char *text) {
    struct type type = type_of(walk->abi, text);
    json_t *value = NULL;
    if (!enter(walk)) return NULL;
    if (type.kind < TYPE_PLAIN)
        value = decode_plain(in, type.kind);
    else if (type.kind == TYPE_VEC)
        value = decode_items(walk, in, type.inner);
    else if (type.kind == TYPE_FIELDS)
        value = decode_fields(walk, in, type.fields);
    else if (type.kind == TYPE_OPTION)
        value = decode_bool(in) ? decode_value(walk, in, type.inner) : json_null();
    walk->depth--;
    if (in->status == STATUS_OK) return value;
    json_decref(value);
    return NULL;
}

static json_t *finish(const struct decoder *in, json_t *value) {
    if (value && decoder_finish(in) == STATUS_OK) return value;
    json_decref(value);
    return NULL;
}

json_t *abi_decode(const json_t *abi, const json_t *fields, struct bytes bytes) {
    struct walk walk = {.abi = abi};
    struct decoder in = decoder_of(bytes);
    return finish(&in, decode_fields(&walk, &in, fields));
}

json_t *abi_decode_type(const json_t *abi, const char *type, struct bytes bytes) {
    struct walk walk = {.abi = abi};
    struct decoder in = decoder_of(bytes);
    return finish(&in, decode_value(&walk, &in, type));
}
