// SPDX-License-Identifier: Apache-2.0
// Numbers for the fields of an event that queries can ask for and that are no columns of their own.
// The standard's fields have fixed ones, which are stored. What a document names itself (a field of
// an extension, the type of a business transaction, a unit that nobody knows) gets 62 bits of a
// hash, so that no list of names has to be kept beside the rows: two names share a number once in
// 2^62, and then a query for one finds the other's events too.
//
// Pure functions without state; any thread may call them.
#ifndef LMM_EPCIS_EVENT_FIELD_H
#define LMM_EPCIS_EVENT_FIELD_H

#include "chaincore/base/bytes.h"

enum event_field {
    FIELD_TRANSFORMATION_ID = 1,
    FIELD_DISPOSITION_SET,
    FIELD_DISPOSITION_UNSET,
    FIELD_BIZ_TRANSACTION, // these three by type
    FIELD_SOURCE,
    FIELD_DESTINATION,
    FIELD_QUANTITY, // of any unit; and by unit
    FIELD_DECLARATION_TIME,
    FIELD_ERROR_REASON,
    FIELD_CORRECTIVE_EVENT_ID,
    FIELD_SENSOR_ELEMENTS, // there are some
    FIELD_SENSOR_TYPE,
    FIELD_DEVICE_ID,
    FIELD_DATA_PROCESSING_METHOD,
    FIELD_BIZ_RULES,
    FIELD_MICROORGANISM,
    FIELD_CHEMICAL_SUBSTANCE,
    FIELD_STRING_VALUE,
    FIELD_BOOLEAN_VALUE,
    FIELD_HEX_BINARY_VALUE,
    FIELD_URI_VALUE,
    FIELD_PERC_RANK,
    FIELD_SENSOR_TIME,
    FIELD_START_TIME,
    FIELD_END_TIME,
    FIELD_VALUE, // these six by unit
    FIELD_MIN_VALUE,
    FIELD_MAX_VALUE,
    FIELD_MEAN_VALUE,
    FIELD_STANDARD_DEVIATION,
    FIELD_PERC_VALUE,
};

// What an extension's field extends.
enum event_part {
    PART_EVENT,
    PART_ILMD,
    PART_ERROR_DECLARATION,
    PART_SENSOR_ELEMENT,
    PART_SENSOR_METADATA,
    PART_SENSOR_REPORT,
    PART_READ_POINT,
    PART_BIZ_LOCATION,
};
struct event_extension {
    enum event_part part;
    bool is_inner;     // stands inside another field of an extension, at any depth
    struct bytes name; // with its namespace in place of the prefix
};

int64_t event_field_of_extension(const struct event_extension *extension);
// `type` in its one form: see vocabulary.h.
int64_t event_field_of_type(enum event_field field, struct bytes type);
// Of all units that measure the same; of this unit alone when it is not known.
int64_t event_field_in_unit(enum event_field field, struct bytes unit);
// A value of such a field in the unit in which it is compared.
double event_field_convert(enum event_field field, struct bytes unit, double value);

#endif
