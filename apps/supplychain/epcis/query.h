// SPDX-License-Identifier: Apache-2.0
// The parameters of GET /events (EPCIS 2.0 REST binding, SimpleEventQuery), read into a plain
// struct: those that are answered so far, each bounded; any other is refused by its name. Lists
// hold alternatives, separated by "|".
//
//   eventType, EQ_eventType    one of the types, as written in the events
//   MATCH_epc                  one of the EPCs stands in epcList or childEPCs; patterns with a
//                              wildcard for the serial number are taken
//   MATCH_anyEPC               the same, or in parentID, inputEPCList or outputEPCList
//   GE_eventTime, LT_eventTime
//   perPage, nextPageToken
#ifndef LMM_EPCIS_QUERY_H
#define LMM_EPCIS_QUERY_H

#include "apps/supplychain/epcis/event_hash.h"

enum { QUERY_PAGE_DEFAULT = 30 };

// As received, unescaped.
struct query_parameter {
    struct bytes name;
    struct bytes value;
};

struct epc_match {
    struct bytes id; // canonical, as struct event_epc has it
    bool is_prefix;  // every EPC that starts so
};

struct epc_matches {
    const struct epc_match *items; // none: any event; each stands once
    size_t count;
};

struct epcis_query {
    const struct bytes *event_types; // none: any
    size_t event_type_count;
    struct epc_matches epcs;     // in epcList or childEPCs
    struct epc_matches any_epcs; // in any place
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

#endif
