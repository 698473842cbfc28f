// SPDX-License-Identifier: Apache-2.0
// A contract's values as JSON, and back: its ABI (contract/abi.h) names the types of arguments,
// results and events; their bytes are Borsh.
//
// | type                | JSON                                                                    |
// |---------------------|-------------------------------------------------------------------------|
// | bool                | true, false                                                             |
// | u8, u16, u32        | a number                                                                |
// | u64                 | a string of decimal digits, since 2^53 is not all; read as a number too |
// | i64                 | the same, with a minus sign in front when it is below zero              |
// | hash                | 64 hexadecimal digits; an address is read too                           |
// | account             | an address; 64 hexadecimal digits are read too                          |
// | bytes               | hexadecimal digits                                                      |
// | string              | a string                                                                |
// | vec<T>, option<T>   | an array; null, or the value, which is no option itself                 |
// | a name under "types"| an object with a member for each field; an array in their order is read |
//
// Anybody may deploy anything, so an ABI is a stranger's text: its nesting is bounded, and so is
// the number of values that one of its types makes.
#ifndef LMM_ABI_ABI_VALUE_H
#define LMM_ABI_ABI_VALUE_H

#include <jansson.h>

#include "chaincore/base/buf.h"

enum {
    ABI_TEXT_MAX_BYTES = 64 * 1024,
    ABI_MAX_DEPTH = 16,
    ABI_MAX_VALUES = 1 << 16,
    ABI_TYPE_CHARS = 64
};

// What does not fit, and where.
struct abi_fault {
    char pointer[128]; // into the JSON value (RFC 6901)
    char text[160];    // a sentence without its full stop
};

// The ABI of a module or as a node hands it out. NULL when it is none, or names two fields of one
// list alike. The caller calls json_decref.
json_t *abi_parse(struct bytes text);

// `fields` is a list of [name, type]: of a method's arguments, an event, a type. NULL: there are
// none. Appends the value, an object or array of them. MALFORMED with the fault.
enum status abi_encode(struct buf *out, const json_t *abi, const json_t *fields,
                       const json_t *value, struct abi_fault *fault) MUST_CHECK;
// The fields out of all of `bytes`, as an object. NULL when they are none of these; the caller
// calls json_decref.
json_t *abi_decode(const json_t *abi, const json_t *fields, struct bytes bytes);
// The same for one value of this type.
json_t *abi_decode_type(const json_t *abi, const char *type, struct bytes bytes);

#endif
