// SPDX-License-Identifier: Apache-2.0
// The parameters of GET /events (EPCIS 2.0 REST binding, SimpleEventQuery), read into a plain
// struct: those that are answered so far, each bounded; any other is refused by its name. Lists
// hold alternatives, separated by "|".
//
//   eventType, EQ_eventType    one of the types, as written in the events
//   MATCH_epc                  one of the EPCs stands in epcList or childEPCs; patterns with a
//                              wildcard for the serial number are taken
//   MATCH_parentID, MATCH_inputEPC, MATCH_outputEPC, MATCH_anyEPC
//                              likewise, in parentID, inputEPCList, outputEPCList, any of the five
//   MATCH_epcClass             one of the classes stands in quantityList or childQuantityList; a
//                              pattern is the class of its own name
//   MATCH_inputEPCClass, MATCH_outputEPCClass, MATCH_anyEPCClass
//                              likewise, in inputQuantityList, outputQuantityList, any of the four
//   GE_eventTime, LT_eventTime
//   perPage, nextPageToken
//
// Several parameters narrow one another. Our own GET /v1/events takes one more:
//
//   identifier                 an EPC, a parent or a class, wherever it stands
#ifndef LMM_EPCIS_QUERY_H
#define LMM_EPCIS_QUERY_H

#include "apps/supplychain/epcis/document_split.h"

enum {
    QUERY_PAGE_DEFAULT = 30,
    QUERY_GROUPS = 10, // parameters that name identifiers
};

// As received, unescaped.
struct query_parameter {
    struct bytes name;
    struct bytes value;
};

struct epc_match {
    struct bytes id; // canonical, as struct event_epc has it
    bool is_prefix;  // every EPC that starts so
};

// What one parameter asks for: one of these identifiers in one of these places.
struct match_group {
    unsigned places;                 // a bit (1 << enum epc_place) for each
    const struct epc_match *matches; // each stands once
    size_t count;
};

struct epcis_query {
    const struct bytes *event_types; // none: any
    size_t event_type_count;
    struct match_group groups[QUERY_GROUPS];
    size_t group_count;
    size_t match_count; // of all groups, LIMIT_QUERY_MATCHES at most
    bool has_time_from, has_time_before;
    int64_t time_from_ms;    // eventTime >=, in milliseconds since 1970 UTC
    int64_t time_before_ms;  // eventTime <
    uint32_t per_page;       // 1 to LIMIT_QUERY_PAGE, which larger wishes are cut to
    struct bytes page_token; // letters, digits, "-", "_"; empty for the first page
};

// Lives in the arena and borrows from the parameters. INVALID, with fault->pointer naming the
// parameter; TOO_LARGE for a value or a list over its bound.
enum status epcis_query_parse(struct epcis_query *out, struct epcis_fault *fault,
                              struct arena *arena, const struct query_parameter *parameters,
                              size_t count) MUST_CHECK;
// With the parameters of our own besides.
enum status epcis_query_parse_own(struct epcis_query *out, struct epcis_fault *fault,
                                  struct arena *arena, const struct query_parameter *parameters,
                                  size_t count) MUST_CHECK;

#endif
