// SPDX-License-Identifier: Apache-2.0
// Custody's part of the API: handlers, the forms of bodies and answers, and the rows of the table
// of routes (app.c).
#ifndef LMM_SUPPLYCHAIN_CUSTODY_ROUTES_H
#define LMM_SUPPLYCHAIN_CUSTODY_ROUTES_H

#include "apps/common/http/http.h"
#include "apps/common/server/schema_words.h"

enum { CUSTODY_BODY_BYTES = 16384 };

// routes_custody.c
enum status get_shipments(void *server, struct http_request *request,
                          struct http_response *response);
enum status get_shipment(void *server, struct http_request *request,
                         struct http_response *response);
enum status get_readings(void *server, struct http_request *request,
                         struct http_response *response);
enum status get_journeys(void *server, struct http_request *request,
                         struct http_response *response);
enum status get_journey(void *server, struct http_request *request, struct http_response *response);
enum status get_alarms(void *server, struct http_request *request, struct http_response *response);
enum status get_hand_overs(void *server, struct http_request *request,
                           struct http_response *response);
enum status get_hand_over(void *server, struct http_request *request,
                          struct http_response *response);
enum status get_custody_proof(void *server, struct http_request *request,
                              struct http_response *response);
// routes_trace.c
enum status get_trace(void *server, struct http_request *request, struct http_response *response);
enum status get_recall(void *server, struct http_request *request, struct http_response *response);
// custody_calls.c
enum status post_shipment(void *server, struct http_request *request,
                          struct http_response *response);
enum status post_departure(void *server, struct http_request *request,
                           struct http_response *response);
enum status post_arrival(void *server, struct http_request *request,
                         struct http_response *response);
enum status post_readings(void *server, struct http_request *request,
                          struct http_response *response);
enum status post_hand_over(void *server, struct http_request *request,
                           struct http_response *response);
enum status post_acceptance(void *server, struct http_request *request,
                            struct http_response *response);
enum status post_refusal(void *server, struct http_request *request,
                         struct http_response *response);
enum status post_withdrawal(void *server, struct http_request *request,
                            struct http_response *response);

// ---- forms

#define SCHEMA_MILLI "{\"type\":\"integer\"}"
#define SCHEMA_CUSTODY_STATE "{\"enum\":[\"at_rest\",\"under_way\",\"arrived\"]}"
#define SCHEMA_HAND_OVER_STATE "{\"enum\":[\"offered\",\"accepted\",\"refused\",\"withdrawn\"]}"
#define CUSTODY_END_NAMES "\"height\",\"tx\",\"final\",\"proof\""
#define CUSTODY_END                                   \
    "\"height\":" SCHEMA_COUNT ",\"tx\":" SCHEMA_HASH \
    ",\"final\":{\"const\":true},\"proof\":" SCHEMA_TEXT
#define SHIPMENT_NAMES                                                                   \
    "\"id\",\"epc\",\"quantity_milli\",\"uom\",\"offered_milli\",\"state\",\"origin\","  \
    "\"custodian\",\"shipper\",\"destination\",\"registered\",\"departed\",\"arrived\"," \
    "\"alarms\",\"journey\",\"journey_alarms\",\"parent\","
#define SHIPMENT_MEMBERS                                                                          \
    "\"id\":" SCHEMA_COUNT ",\"epc\":" SCHEMA_TEXT ",\"quantity_milli\":" SCHEMA_COUNT            \
    ",\"uom\":" SCHEMA_TEXT ",\"offered_milli\":" SCHEMA_COUNT ",\"state\":" SCHEMA_CUSTODY_STATE \
    ",\"origin\":" SCHEMA_ADDRESS ",\"custodian\":" SCHEMA_ADDRESS                                \
    ",\"shipper\":" SCHEMA_MAYBE(SCHEMA_ADDRESS) ",\"destination\":" SCHEMA_MAYBE(                \
        SCHEMA_ADDRESS) ",\"registered\":" SCHEMA_TIME                                            \
                        ",\"departed\":" SCHEMA_MAYBE(SCHEMA_TIME) ",\"arrived\":" SCHEMA_MAYBE(  \
                            SCHEMA_TIME) ",\"alarms\":" SCHEMA_COUNT                              \
                                         ",\"journey\":" SCHEMA_MAYBE(                            \
                                             SCHEMA_COUNT) ",\"journey_alarms\":" SCHEMA_COUNT    \
                                                           ",\"parent\":" SCHEMA_MAYBE(           \
                                                               SCHEMA_COUNT) ","
#define SCHEMA_EXTREME                                     \
    SCHEMA_MAYBE(SCHEMA_OBJECT("\"time\",\"value_milli\"", \
                               "\"time\":" SCHEMA_TIME ",\"value_milli\":" SCHEMA_MILLI))
#define CONDITION_NAMES \
    "\"property\",\"uom\",\"min_milli\",\"max_milli\",\"readings\",\"is_out\",\"last\",\"worst\""
#define CONDITION_MEMBERS                                                         \
    "\"property\":" SCHEMA_TEXT ",\"uom\":" SCHEMA_TEXT                           \
    ",\"min_milli\":" SCHEMA_MAYBE(SCHEMA_MILLI) ",\"max_milli\":" SCHEMA_MAYBE(  \
        SCHEMA_MILLI) ",\"readings\":" SCHEMA_COUNT ",\"is_out\":" SCHEMA_BOOLEAN \
                      ",\"last\":" SCHEMA_EXTREME ",\"worst\":" SCHEMA_EXTREME
#define SCHEMA_CONDITION SCHEMA_OBJECT(CONDITION_NAMES, CONDITION_MEMBERS)
#define SCHEMA_RULE                                        \
    SCHEMA_OBJECT("\"rule\",\"sensors\"," CONDITION_NAMES, \
                  "\"rule\":" SCHEMA_COUNT                 \
                  ",\"sensors\":" SCHEMA_LIST(SCHEMA_HASH) "," CONDITION_MEMBERS)
#define SCHEMA_SHIPMENT \
    SCHEMA_OBJECT(SHIPMENT_NAMES CUSTODY_END_NAMES, SHIPMENT_MEMBERS CUSTODY_END)
#define SCHEMA_WHOLE_SHIPMENT                                              \
    SCHEMA_OBJECT(SHIPMENT_NAMES "\"event\",\"rules\"," CUSTODY_END_NAMES, \
                  SHIPMENT_MEMBERS "\"event\":" SCHEMA_MAYBE(              \
                      SCHEMA_TEXT) ",\"rules\":" SCHEMA_LIST(SCHEMA_RULE) "," CUSTODY_END)
#define JOURNEY_NAMES \
    "\"shipment\",\"journey\",\"shipper\",\"destination\",\"departed\",\"arrived\","
#define JOURNEY_MEMBERS                                                                      \
    "\"shipment\":" SCHEMA_COUNT ",\"journey\":" SCHEMA_COUNT ",\"shipper\":" SCHEMA_ADDRESS \
    ",\"destination\":" SCHEMA_ADDRESS ",\"departed\":" SCHEMA_TIME                          \
    ",\"arrived\":" SCHEMA_MAYBE(SCHEMA_TIME) ","
#define SCHEMA_JOURNEY SCHEMA_OBJECT(JOURNEY_NAMES CUSTODY_END_NAMES, JOURNEY_MEMBERS CUSTODY_END)
#define SCHEMA_WHOLE_JOURNEY                                    \
    SCHEMA_OBJECT(JOURNEY_NAMES "\"rules\"," CUSTODY_END_NAMES, \
                  JOURNEY_MEMBERS "\"rules\":" SCHEMA_LIST(SCHEMA_RULE) "," CUSTODY_END)
#define TOLD_BY_NAMES "\"signed\",\"sensor\",\"custodian\",\"recorded\",\"late\"," CUSTODY_END_NAMES
#define TOLD_BY                                                               \
    "\"signed\":" SCHEMA_BOOLEAN                                              \
    ",\"sensor\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"custodian\":" SCHEMA_ADDRESS \
                                             ",\"recorded\":" SCHEMA_TIME     \
                                             ",\"late\":" SCHEMA_BOOLEAN "," CUSTODY_END
#define READING_NAMES \
    "\"journey\",\"rule\",\"number\",\"property\",\"uom\",\"time\",\"value_milli\","
#define READING_MEMBERS                                                               \
    "\"journey\":" SCHEMA_COUNT ",\"rule\":" SCHEMA_COUNT ",\"number\":" SCHEMA_COUNT \
    ",\"property\":" SCHEMA_TEXT ",\"uom\":" SCHEMA_TEXT ",\"time\":" SCHEMA_TIME     \
    ",\"value_milli\":" SCHEMA_MILLI ","
#define SCHEMA_READING                                         \
    SCHEMA_OBJECT("\"shipment\"," READING_NAMES TOLD_BY_NAMES, \
                  "\"shipment\":" SCHEMA_COUNT "," READING_MEMBERS TOLD_BY)
#define SCHEMA_ALARM                                                                               \
    SCHEMA_OBJECT(                                                                                 \
        "\"shipment\",\"epc\",\"alarm\",\"min_milli\",\"max_milli\"," READING_NAMES TOLD_BY_NAMES, \
        "\"shipment\":" SCHEMA_COUNT ",\"epc\":" SCHEMA_TEXT ",\"alarm\":" SCHEMA_COUNT            \
        "," READING_MEMBERS "\"min_milli\":" SCHEMA_MAYBE(                                         \
            SCHEMA_MILLI) ",\"max_milli\":" SCHEMA_MAYBE(SCHEMA_MILLI) "," TOLD_BY)
#define SCHEMA_HAND_OVER                                                                        \
    SCHEMA_OBJECT(                                                                              \
        "\"id\",\"shipment\",\"part\",\"epc\",\"quantity_milli\",\"uom\",\"from\","             \
        "\"to\",\"state\",\"offered\",\"closed\",\"alarms\",\"alarms_now\",\"alarms_earlier\"," \
        "\"conditions\",\"reason\"," CUSTODY_END_NAMES,                                         \
        "\"id\":" SCHEMA_COUNT ",\"shipment\":" SCHEMA_COUNT ",\"part\":" SCHEMA_MAYBE(         \
            SCHEMA_COUNT) ",\"epc\":" SCHEMA_TEXT ",\"quantity_milli\":" SCHEMA_COUNT           \
                          ",\"uom\":" SCHEMA_TEXT ",\"from\":" SCHEMA_ADDRESS                   \
                          ",\"to\":" SCHEMA_ADDRESS ",\"state\":" SCHEMA_HAND_OVER_STATE        \
                          ",\"offered\":" SCHEMA_TIME ",\"closed\":" SCHEMA_MAYBE(              \
                              SCHEMA_TIME) ",\"alarms\":" SCHEMA_COUNT                          \
                                           ",\"alarms_now\":" SCHEMA_COUNT                      \
                                           ",\"alarms_earlier\":" SCHEMA_COUNT                  \
                                           ",\"conditions\":" SCHEMA_LIST(                      \
                                               SCHEMA_CONDITION) ",\"reason\":" SCHEMA_TEXT     \
                                                                 "," CUSTODY_END)

#define SCHEMA_HOLDING                                                                          \
    SCHEMA_OBJECT("\"shipment\",\"custodian\",\"quantity_milli\",\"uom\",\"state\",\"alarms\"", \
                  "\"shipment\":" SCHEMA_COUNT ",\"custodian\":" SCHEMA_ADDRESS                 \
                  ",\"quantity_milli\":" SCHEMA_COUNT ",\"uom\":" SCHEMA_TEXT                   \
                  ",\"state\":" SCHEMA_CUSTODY_STATE ",\"alarms\":" SCHEMA_COUNT)
#define SCHEMA_TRACED                                                                             \
    SCHEMA_OBJECT("\"epc\",\"steps\",\"direction\",\"captured_by\",\"shipments\"",                \
                  "\"epc\":" SCHEMA_TEXT ",\"steps\":" SCHEMA_COUNT ",\"direction\":"             \
                  "{\"enum\":[\"forward\",\"backward\",null]}"                                    \
                  ",\"captured_by\":" SCHEMA_MAYBE(SCHEMA_ADDRESS) ",\"shipments\":" SCHEMA_LIST( \
                      SCHEMA_HOLDING))
#define SCHEMA_JOIN                                                                       \
    SCHEMA_OBJECT(                                                                        \
        "\"id\",\"eventID\",\"type\",\"eventTime\",\"bizStep\",\"capturedBy\",\"proof\"", \
        "\"id\":" SCHEMA_PLACE ",\"eventID\":" SCHEMA_TEXT ",\"type\":" SCHEMA_TEXT       \
        ",\"eventTime\":" SCHEMA_TIME                                                     \
        ",\"bizStep\":" SCHEMA_MAYBE(SCHEMA_TEXT) ",\"capturedBy\":" SCHEMA_ADDRESS       \
                                                  ",\"proof\":" SCHEMA_TEXT)
#define SCHEMA_EDGE                                                                           \
    SCHEMA_OBJECT("\"epc\",\"event\",\"place\",\"quantity\",\"uom\"",                         \
                  "\"epc\":" SCHEMA_TEXT ",\"event\":" SCHEMA_PLACE ",\"place\":" SCHEMA_TEXT \
                  ",\"quantity\":"                                                            \
                  "{\"type\":[\"number\",\"null\"]}"                                          \
                  ",\"uom\":" SCHEMA_MAYBE(SCHEMA_TEXT))
#define TRACE_CUT_SCHEMA                                                                       \
    "\"is_cut\":" SCHEMA_BOOLEAN                                                               \
    ",\"cut\":" SCHEMA_LIST("{\"enum\":[\"steps\",\"identifiers\",\"strangers\",\"accounts\"," \
                            "\"events\",\"edges\",\"shipments\"]}")
#define SCHEMA_TRACE                                                                        \
    SCHEMA_OBJECT("\"identifiers\",\"events\",\"edges\",\"is_cut\",\"cut\"",                \
                  "\"identifiers\":" SCHEMA_LIST(SCHEMA_TRACED) ",\"events\":" SCHEMA_LIST( \
                      SCHEMA_JOIN) ",\"edges\":" SCHEMA_LIST(SCHEMA_EDGE) "," TRACE_CUT_SCHEMA)
#define RECALLED_NAMES                                                                   \
    "\"epc\",\"steps\",\"shipment\",\"custodian\",\"quantity_milli\",\"uom\",\"state\"," \
    "\"alarms\",\"last_captured_by\",\"captured_by\""
#define RECALLED_QUANTITY \
    "\"quantity_milli\":" SCHEMA_MAYBE(SCHEMA_COUNT) ",\"uom\":" SCHEMA_MAYBE(SCHEMA_TEXT)
#define RECALLED_STATE \
    "\"state\":" SCHEMA_MAYBE(SCHEMA_CUSTODY_STATE) ",\"alarms\":" SCHEMA_MAYBE(SCHEMA_COUNT)
#define RECALLED_HOLDING                                                       \
    "\"shipment\":" SCHEMA_MAYBE(SCHEMA_COUNT) ",\"custodian\":" SCHEMA_MAYBE( \
        SCHEMA_ADDRESS) "," RECALLED_QUANTITY "," RECALLED_STATE
#define SCHEMA_RECALLED                                                                  \
    SCHEMA_OBJECT(RECALLED_NAMES,                                                        \
                  "\"epc\":" SCHEMA_TEXT ",\"steps\":" SCHEMA_COUNT "," RECALLED_HOLDING \
                  ",\"last_captured_by\":" SCHEMA_MAYBE(                                 \
                      SCHEMA_ADDRESS) ",\"captured_by\":" SCHEMA_MAYBE(SCHEMA_ADDRESS))
#define SCHEMA_RECALL                             \
    SCHEMA_OBJECT("\"items\",\"is_cut\",\"cut\"", \
                  "\"items\":" SCHEMA_LIST(SCHEMA_RECALLED) "," TRACE_CUT_SCHEMA)

#define BODY_SHIPMENT                                                                              \
    SCHEMA_WISH("\"epc\",\"quantity_milli\",\"event_hash\"",                                       \
                "\"epc\":" SCHEMA_TEXT ",\"quantity_milli\":" SCHEMA_COUNT ",\"uom\":" SCHEMA_TEXT \
                ",\"event_hash\":" SCHEMA_TEXT)
#define BODY_RULE                                                                            \
    SCHEMA_WISH("\"property\",\"uom\"",                                                      \
                "\"property\":" SCHEMA_TEXT ",\"uom\":" SCHEMA_TEXT                          \
                ",\"min_milli\":" SCHEMA_MAYBE(SCHEMA_MILLI) ",\"max_milli\":" SCHEMA_MAYBE( \
                    SCHEMA_MILLI) ",\"sensors\":" SCHEMA_LIST(SCHEMA_HASH))
#define BODY_DEPARTURE \
    SCHEMA_WISH("\"to\"", "\"to\":" SCHEMA_ADDRESS ",\"rules\":" SCHEMA_LIST(BODY_RULE))
#define BODY_READING                             \
    SCHEMA_OBJECT("\"time_ms\",\"value_milli\"", \
                  "\"time_ms\":" SCHEMA_COUNT ",\"value_milli\":" SCHEMA_MILLI)
#define BODY_READINGS                                                                            \
    SCHEMA_WISH("\"first\",\"readings\"",                                                        \
                "\"journey\":" SCHEMA_COUNT ",\"rule\":" SCHEMA_COUNT ",\"first\":" SCHEMA_COUNT \
                ",\"readings\":" SCHEMA_LIST(BODY_READING) ",\"sensor\":" SCHEMA_HASH            \
                                                           ",\"signature\":" SCHEMA_HEX)
#define BODY_OFFER                                                                 \
    SCHEMA_OBJECT("\"shipment\",\"quantity_milli\",\"to\"",                        \
                  "\"shipment\":" SCHEMA_COUNT ",\"quantity_milli\":" SCHEMA_COUNT \
                  ",\"to\":" SCHEMA_ADDRESS)
#define BODY_NOTHING "{\"type\":\"object\",\"additionalProperties\":false}"

// ---- the table's rows

#define CUSTODY_READS HTTP_LANE(SERVER_LANE_READ)
#define CUSTODY_ID \
    { "id", SCHEMA_COUNT, "Its number." }
#define CUSTODY_PAGES DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN
#define CUSTODY_GET(path, handle, types, about) \
    { HTTP_GET, path, handle, NULL, NULL, types, 0, NULL, CUSTODY_READS, about }
#define CUSTODY_LIST(path, handle, text, item, ...)     \
    CUSTODY_GET(                                        \
        path, handle, JSON_OR_CSV,                      \
        (&(const struct http_description){              \
            .summary = text,                            \
            .parameters = {CUSTODY_PAGES, __VA_ARGS__}, \
            .answers = {{200, "A page of them.", SCHEMA_PAGE(item)}, DESCRIBED_INVALID_QUERY}}))
#define CUSTODY_ONE(path, handle, text, schema) \
    CUSTODY_GET(                                \
        path, handle, "application/json",       \
        (&(const struct http_description){      \
            .summary = text,                    \
            .parameters = {CUSTODY_ID},         \
            .answers = {{200, "It.", schema}, {404, "There is none of this number.", NULL}}}))
#define CUSTODY_POST_WITH(path, handle, text, schema, ...)                                      \
    {                                                                                           \
        HTTP_POST, path, handle, "custody", "application/json", NULL, CUSTODY_BODY_BYTES, NULL, \
            HTTP_LANE(SERVER_LANE_WORK),                                                        \
            (&(const struct http_description){                                                  \
                .summary = text,                                                                \
                .body = schema,                                                                 \
                .answers = {{202,                                                               \
                             "`Location` is the transaction, whose status tells how it "        \
                             "ends.",                                                           \
                             NULL},                                                             \
                            {400, "`invalid_body`, with the place that is wrong.", NULL},       \
                            __VA_ARGS__}})                                                      \
    }

#define CUSTODY_POST(path, handle, text, schema) \
    CUSTODY_POST_WITH(path, handle, text, schema, DESCRIBED_SIGNING)
// Of the thing whose number is in the path.
#define CUSTODY_POST_OF(path, handle, text, schema)                                         \
    CUSTODY_POST_WITH(path, handle, text, schema, {404, "The path holds no number.", NULL}, \
                      DESCRIBED_SIGNING)

#define CUSTODY_ROUTES                                                                             \
    CUSTODY_LIST("/v1/shipments", get_shipments,                                                   \
                 "Shipments: quantities of goods, each with who holds it; the newest first",       \
                 SCHEMA_SHIPMENT, {"epc", SCHEMA_TEXT, "An identifier, in any of its forms."},     \
                 {"origin", SCHEMA_ADDRESS, "Who registered it."},                                 \
                 {"custodian", SCHEMA_ADDRESS, "Who holds it."},                                   \
                 {"state", SCHEMA_CUSTODY_STATE, "Where it is on its way."}),                      \
        CUSTODY_ONE("/v1/shipments/{id}", get_shipment,                                            \
                    "A shipment with the rules of its last journey, and how it fared by them",     \
                    SCHEMA_WHOLE_SHIPMENT),                                                        \
        CUSTODY_GET("/v1/shipments/{id}/journeys", get_journeys, JSON_OR_CSV,                      \
                    (&(const struct http_description){                                             \
                        .summary = "A shipment's journeys, the last first",                        \
                        .parameters = {CUSTODY_PAGES, CUSTODY_ID},                                 \
                        .answers = {{200, "A page of them.", SCHEMA_PAGE(SCHEMA_JOURNEY)},         \
                                    DESCRIBED_INVALID_QUERY,                                       \
                                    {404, "There is no such shipment.", NULL}}})),                 \
        CUSTODY_GET(                                                                               \
            "/v1/shipments/{id}/journeys/{journey}", get_journey, "application/json",              \
            (&(const struct http_description){                                                     \
                .summary = "A journey with its rules, and how the goods fared by them",            \
                .parameters = {CUSTODY_ID, {"journey", SCHEMA_COUNT, "Its number, from 1."}},      \
                .answers = {{200, "It.", SCHEMA_WHOLE_JOURNEY},                                    \
                            {404, "There is no such journey.", NULL}}})),                          \
        CUSTODY_GET("/v1/shipments/{id}/readings", get_readings, JSON_OR_CSV,                      \
                    (&(const struct http_description){                                             \
                        .summary = "What was measured on a shipment's way, in the order of time",  \
                        .parameters = {CUSTODY_PAGES,                                              \
                                       CUSTODY_ID,                                                 \
                                       {"journey", SCHEMA_COUNT, "Of this journey alone."},        \
                                       {"rule", SCHEMA_COUNT, "Of this rule alone."}},             \
                        .answers = {{200, "A page of them.", SCHEMA_PAGE(SCHEMA_READING)},         \
                                    DESCRIBED_INVALID_QUERY,                                       \
                                    {404, "There is no such shipment.", NULL}}})),                 \
        CUSTODY_LIST("/v1/alarms", get_alarms, "Readings out of bounds, the newest first",         \
                     SCHEMA_ALARM, {"shipment", SCHEMA_COUNT, "Of this shipment."},                \
                     {"custodian", SCHEMA_ADDRESS, "While this account held it."}),                \
        CUSTODY_LIST("/v1/hand-overs", get_hand_overs,                                             \
                     "What was offered from account to account, the newest first",                 \
                     SCHEMA_HAND_OVER, {"from", SCHEMA_ADDRESS, "Who offered."},                   \
                     {"to", SCHEMA_ADDRESS, "To whom."},                                           \
                     {"shipment", SCHEMA_COUNT, "Of this shipment."},                              \
                     {"state", SCHEMA_HAND_OVER_STATE, "How it stands."}),                         \
        CUSTODY_ONE("/v1/hand-overs/{id}", get_hand_over,                                          \
                    "A hand-over with the condition as it was offered", SCHEMA_HAND_OVER),         \
        CUSTODY_GET(                                                                               \
            "/v1/custody/{place}/proof", get_custody_proof, "application/json",                    \
            (&(const struct http_description){                                                     \
                .summary = "What proves a fact of custody without this server",                    \
                .parameters = {{"place", SCHEMA_PLACE, "Where it was told, as its `proof` says."}, \
                               DESCRIBED_BELIEVED},                                                \
                .answers = DESCRIBED_PROOF})),                                                     \
        CUSTODY_POST("/v1/shipments", post_shipment,                                               \
                     "Registers goods by the hash of an event that the server's account "          \
                     "captured",                                                                   \
                     BODY_SHIPMENT),                                                               \
        CUSTODY_POST_OF("/v1/shipments/{id}/departure", post_departure,                            \
                        "Sends a shipment off, with the rules of its journey", BODY_DEPARTURE),    \
        CUSTODY_POST_OF("/v1/shipments/{id}/arrival", post_arrival,                                \
                        "Ends the journey of a shipment that is back, or that its custodian had "  \
                        "sent to itself",                                                          \
                        BODY_NOTHING),                                                             \
        CUSTODY_POST_OF(                                                                           \
            "/v1/shipments/{id}/readings", post_readings,                                          \
            "Adds readings that a sensor signed, or, without one, the custodian's own",            \
            BODY_READINGS),                                                                        \
        CUSTODY_POST("/v1/hand-overs", post_hand_over, "Offers a shipment, or a part of it",       \
                     BODY_OFFER),                                                                  \
        CUSTODY_POST_OF("/v1/hand-overs/{id}/accept", post_acceptance,                             \
                        "Accepts what is offered, with the number of the journey's alarms seen "   \
                        "(`alarms_now`)",                                                          \
                        SCHEMA_OBJECT("\"alarms\"", "\"alarms\":" SCHEMA_COUNT)),                  \
        CUSTODY_POST_OF("/v1/hand-overs/{id}/refuse", post_refusal, "Refuses what is offered",     \
                        SCHEMA_OBJECT("\"reason\"", "\"reason\":" SCHEMA_TEXT)),                   \
        CUSTODY_POST_OF("/v1/hand-overs/{id}/withdraw", post_withdrawal,                           \
                        "Takes back what was offered", BODY_NOTHING)

#endif
