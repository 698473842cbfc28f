// SPDX-License-Identifier: Apache-2.0
// SimpleEventQuery (EPCIS 2.0, section 8.2.7.1 and its REST binding), read into a plain struct:
// what an event has to be, in what order and how much of it. Each parameter is a row of the table
// in query_parameters.c, which says what it looks at and how its value is read; one that is no row
// is refused by its name. Parameters narrow one another; the values of one are alternatives. Of a
// field that an event has several times, one has to fit; two parameters need not be met by the same
// one.
//
//   eventType, EQ_eventType    types of events
//   EQ_                        action, bizStep, disposition, persistentDisposition_set and _unset,
//                              readPoint, bizLocation, transformationID, bizTransaction_TYPE,
//                              source_TYPE, destination_TYPE, eventID, errorReason,
//                              correctiveEventID
//   WD_                        readPoint, bizLocation: these, or what captured master data says
//   lies
//                              within
//   MATCH_                     epc, parentID, inputEPC, outputEPC, anyEPC, epcClass, inputEPCClass,
//                              outputEPCClass, anyEPCClass; among EPCs a pattern with a wildcard
//                              for the serial number is taken, among classes it is one by its name
//   EQ_ GT_ GE_ LT_ LE_        quantity, quantity_UOM, percRank, and of sensor reports value_UOM,
//                              minValue_UOM, maxValue_UOM, meanValue_UOM, sDev_UOM, percValue_UOM:
//                              in any unit of the same kind
//   GE_ LT_                    eventTime, recordTime, errorDeclarationTime (errorDeclaration_Time),
//                              time, startTime, endTime
//   EQ_                        type, deviceID, dataProcessingMethod, bizRules, microorganism,
//                              chemicalSubstance, stringValue, booleanValue, hexBinaryValue,
//                              uriValue of sensor elements
//   EXISTS_                    errorDeclaration, sensorElementList
//   EQ_ GT_ GE_ LT_ LE_ EXISTS_  of extensions: FIELD, INNER_FIELD, and either behind ILMD_,
//                              ERROR_DECLARATION_, SENSORELEMENT_, SENSORMETADATA_, SENSORREPORT_,
//                              readPoint_, bizLocation_. FIELD is prefix:name or a whole IRI.
//   HASATTR_FIELD, EQATTR_FIELD_ATTRIBUTE (EQ_ATTR_…)
//                              what captured master data says of the field's value; FIELD is
//                              bizStep, disposition, readPoint, bizLocation or of an extension
//   orderBy, orderDirection, eventCountLimit, maxEventCount, perPage, nextPageToken
//
// Our own GET /v1/events takes one more:
//
//   identifier                 an EPC, a parent or a class, wherever it stands
#ifndef LMM_EPCIS_QUERY_H
#define LMM_EPCIS_QUERY_H

#include "apps/supplychain/epcis/document_split.h"
#include "chaincore/base/limits.h"

enum { QUERY_PAGE_DEFAULT = 30 };

// As received: a list of values was taken apart, each is unescaped.
struct query_parameter {
    struct bytes name;
    const struct bytes *values;
    size_t count;
};
// Takes "a|b" apart; the values live in the arena and borrow from the text.
struct query_parameter query_parameter_of(struct arena *arena, struct bytes name,
                                          struct bytes value);

// What a condition looks at.
enum query_target {
    TARGET_EVENT_TYPE, // these seven are texts of the event itself
    TARGET_ACTION,
    TARGET_BIZ_STEP,
    TARGET_DISPOSITION,
    TARGET_READ_POINT,
    TARGET_BIZ_LOCATION,
    TARGET_EVENT_ID,
    TARGET_EVENT_TIME,
    TARGET_RECORD_TIME,
    TARGET_DECLARATION, // is it one?
    TARGET_IDENTIFIER,  // in `places`
    TARGET_VALUE,       // of `field`
};

enum query_test {
    TEST_ONE_OF, // one of the texts
    TEST_ONE_OF_NUMBERS,
    TEST_GREATER, // these four: than the only number
    TEST_GREATER_EQUAL,
    TEST_LESS,
    TEST_LESS_EQUAL,
    TEST_EXISTS,
    TEST_WITHIN,        // one of the texts, or below one in the master data
    TEST_HAS_ATTRIBUTE, // one of the texts is an attribute of it
    TEST_ATTRIBUTE,     // `attribute` of it is one of the texts
};

struct query_text {
    struct bytes text; // in its one form
    bool is_prefix;    // whatever starts so
};

struct query_condition {
    enum query_target target;
    enum query_test test;
    unsigned places;        // a bit (1 << enum epc_place) for each
    int64_t field;          // see event_field.h
    bool is_time;           // the numbers are milliseconds since 1970 UTC, else sortable doubles
    struct bytes attribute; // its name
    const struct query_text *texts; // sorted; each stands once
    size_t text_count;
    const int64_t *numbers;
    size_t number_count;
};

enum query_order { ORDER_NONE, ORDER_EVENT_TIME, ORDER_RECORD_TIME, ORDER_FIELD };

struct epcis_query {
    struct query_condition conditions[LIMIT_QUERY_CONDITIONS];
    size_t condition_count;
    size_t value_count; // of all conditions, prefixes twice: LIMIT_QUERY_TERMS at most
    enum query_order order;
    int64_t order_field; // of an extension
    bool is_ascending;
    uint32_t event_count_limit; // 0: none
    bool has_max_event_count;
    uint32_t max_event_count;
    uint32_t per_page;       // 1 to LIMIT_QUERY_PAGE, which larger wishes are cut to
    struct bytes page_token; // letters, digits, "-", "_"; empty for the first page
};

// What is given besides the parameters.
struct query_reading {
    struct arena *arena;
    const struct epcis_context *context; // what prefixes stand for; NULL: the standard's alone
    bool takes_own;                      // the parameters of our own besides
};

// Lives in the arena and borrows from the parameters. INVALID, with fault->pointer naming the
// parameter and fault->rule the rule; TOO_LARGE for a value or a list over its bound.
enum status epcis_query_parse(struct epcis_query *out, struct epcis_fault *fault,
                              const struct query_reading *reading,
                              const struct query_parameter *parameters, size_t count) MUST_CHECK;

// The prefixes that a GS1-Extensions header declares: "ex=https://example.com/,own=https://…".
// Lives in the arena and borrows from the text. MALFORMED, TOO_LARGE.
enum status epcis_query_context(struct epcis_context *out, struct arena *arena,
                                const char *header) MUST_CHECK;

#endif
