// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/event_field.h"

#include "apps/supplychain/epcis/unit.h"
#include "chaincore/base/codec.h"
#include "chaincore/crypto/hash.h"

// What is told apart, before its name.
enum { NAME_OF_EXTENSION = 1, NAME_OF_TYPE, NAME_OF_KIND, NAME_OF_UNIT };

static int64_t number_of(uint8_t what, uint8_t where, struct bytes name) {
    struct hasher hasher;
    struct hash hash;
    const uint8_t head[2] = {what, where};
    hasher_init(&hasher, HASH_USER);
    hasher_add(&hasher, BYTES_OF(head));
    hasher_add(&hasher, name);
    hasher_finish(&hasher, &hash);
    // Positive, and above all of enum event_field.
    return (int64_t)(load_u64_le(hash.bytes) >> 2 | UINT64_C(1) << 62);
}

int64_t event_field_of_extension(const struct event_extension *extension) {
    return number_of(NAME_OF_EXTENSION, (uint8_t)(extension->part << 1 | extension->is_inner),
                     extension->name);
}

int64_t event_field_of_type(enum event_field field, struct bytes type) {
    return number_of(NAME_OF_TYPE, (uint8_t)field, type);
}

int64_t event_field_in_unit(enum event_field field, struct bytes code) {
    const struct unit *unit = unit_find(code);
    if (!unit) return number_of(NAME_OF_UNIT, (uint8_t)field, code);
    return number_of(NAME_OF_KIND, (uint8_t)field, bytes_of_string(unit->kind));
}

double event_field_convert(enum event_field field, struct bytes code, double value) {
    const struct unit *unit = unit_find(code);
    if (!unit) return value;
    return field == FIELD_STANDARD_DEVIATION ? unit_convert_difference(unit, value)
                                             : unit_convert(unit, value);
}
