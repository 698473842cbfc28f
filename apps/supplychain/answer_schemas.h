// SPDX-License-Identifier: Apache-2.0
// The forms of the supply chain's answers, for the API's document (http/openapi.h).
#ifndef LMM_SUPPLYCHAIN_ANSWER_SCHEMAS_H
#define LMM_SUPPLYCHAIN_ANSWER_SCHEMAS_H

#include "apps/common/server/schema_words.h"

#define SCHEMA_PLACE "{\"type\":\"string\",\"pattern\":\"^[0-9]+-[0-9]+-[0-9]+$\"}"
#define SCHEMA_EVENT_HASH \
    "{\"type\":\"string\",\"pattern\":\"^ni:///sha-256;[0-9a-f]{64}[?]ver=CBV2.0$\"}"
#define SCHEMA_ANY_OBJECT "{\"type\":\"object\"}"

// Documents have the members of their standard, whose own schema says more.
#define SCHEMA_EPCIS_DOCUMENT                                                                    \
    "{\"type\":\"object\",\"required\":[\"@context\",\"type\",\"schemaVersion\",\"epcisBody\"]," \
    "\"properties\":{\"type\":{\"enum\":[\"EPCISDocument\",\"EPCISQueryDocument\"]},"            \
    "\"schemaVersion\":{\"const\":\"2.0\"},\"creationDate\":" SCHEMA_TIME                        \
    ",\"epcisBody\":" SCHEMA_ANY_OBJECT "}}"
#define SCHEMA_COLLECTION                                                             \
    SCHEMA_OBJECT("\"@context\",\"type\",\"member\"",                                 \
                  "\"@context\":" SCHEMA_TEXT ",\"type\":{\"const\":\"Collection\"}," \
                  "\"member\":" SCHEMA_LIST(SCHEMA_TEXT))
#define SCHEMA_NAMED_QUERY \
    SCHEMA_OBJECT("\"name\",\"query\"", "\"name\":" SCHEMA_TEXT ",\"query\":" SCHEMA_ANY_OBJECT)
// `signer`: whose it is, where that is not the server's own account.
#define SCHEMA_SHOWN_QUERY                                                                 \
    SCHEMA_OBJECT("\"name\",\"query\"", "\"name\":" SCHEMA_TEXT ",\"signer\":" SCHEMA_TEXT \
                                        ",\"query\":" SCHEMA_ANY_OBJECT)

#define JOB_ERROR                                                                            \
    SCHEMA_OBJECT("\"type\",\"title\",\"code\",\"contract_code\",\"detail\"",                \
                  "\"type\":" SCHEMA_TEXT ",\"title\":" SCHEMA_TEXT ",\"code\":" SCHEMA_TEXT \
                  ",\"contract_code\":" SCHEMA_COUNT ",\"detail\":" SCHEMA_TEXT)
#define JOB_EVENT                                                    \
    SCHEMA_OBJECT("\"id\",\"eventID\",\"hash\"",                     \
                  "\"id\":" SCHEMA_PLACE ",\"eventID\":" SCHEMA_TEXT \
                  ",\"hash\":" SCHEMA_EVENT_HASH)
// `finishedAt` once it is, `height` and `proof` once it has a block; its events where it is asked
// for alone.
#define SCHEMA_CAPTURE_JOB                                                                       \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"captureID\","           \
    "\"createdAt\",\"running\",\"success\",\"captureErrorBehaviour\",\"errors\",\"tx\"],"        \
    "\"properties\":{\"captureID\":" SCHEMA_HASH ",\"createdAt\":" SCHEMA_TIME                   \
    ",\"finishedAt\":" SCHEMA_TIME ",\"running\":" SCHEMA_BOOLEAN ",\"success\":" SCHEMA_BOOLEAN \
    ",\"captureErrorBehaviour\":{\"const\":\"rollback\"},\"errors\":" SCHEMA_LIST(               \
        JOB_ERROR) ",\"tx\":" SCHEMA_LIST(SCHEMA_HASH) ",\"height\":" SCHEMA_COUNT               \
                                                       ",\"proof\":" SCHEMA_TEXT                 \
                                                       ",\"event_count\":" SCHEMA_COUNT          \
                                                       ",\"events\":" SCHEMA_LIST(               \
                                                           JOB_EVENT) ",\"next\":" SCHEMA_PLACE  \
                                                                      "}}"

#define SCHEMA_SUBSCRIPTION                                                                   \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"subscriptionID\","   \
    "\"queryName\",\"dest\",\"stream\",\"state\",\"createdAt\"],\"properties\":{"             \
    "\"subscriptionID\":" SCHEMA_TEXT ",\"queryName\":" SCHEMA_TEXT ",\"dest\":" SCHEMA_TEXT  \
    ",\"stream\":{\"const\":true},\"state\":{\"enum\":[\"active\",\"paused\",\"disabled\"]}," \
    "\"createdAt\":" SCHEMA_TIME ",\"lastNotifiedAt\":" SCHEMA_TIME "}}"
#define SCHEMA_SUBSCRIPTION_WISH                                                    \
    SCHEMA_WISH("\"dest\",\"stream\"",                                              \
                "\"dest\":" SCHEMA_TEXT ",\"signatureToken\":" SCHEMA_TEXT          \
                ",\"stream\":{\"const\":true},\"reportIfEmpty\":{\"const\":false}," \
                "\"initialRecordTime\":" SCHEMA_TIME)

// `context` where one event is asked for.
#define SCHEMA_EVENT                                                                        \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"id\",\"eventID\"," \
    "\"hash\",\"type\",\"eventTime\",\"recordTime\",\"errorDeclaration\",\"capturedBy\","   \
    "\"height\",\"tx\",\"final\",\"proof\",\"event\"],\"properties\":{\"id\":" SCHEMA_PLACE \
    ",\"eventID\":" SCHEMA_TEXT ",\"hash\":" SCHEMA_EVENT_HASH ",\"type\":" SCHEMA_TEXT     \
    ",\"eventTime\":" SCHEMA_TIME ",\"recordTime\":" SCHEMA_TIME                            \
    ",\"errorDeclaration\":" SCHEMA_BOOLEAN ",\"capturedBy\":" SCHEMA_ADDRESS               \
    ",\"height\":" SCHEMA_COUNT ",\"tx\":" SCHEMA_HASH ",\"final\":{\"const\":true},"       \
    "\"proof\":" SCHEMA_TEXT ",\"event\":" SCHEMA_ANY_OBJECT ",\"context\":{}}}"
#define SCHEMA_EVENT_LIST               \
    SCHEMA_OBJECT("\"items\",\"next\"", \
                  "\"items\":" SCHEMA_LIST(SCHEMA_EVENT) ",\"next\":" SCHEMA_MAYBE(SCHEMA_TEXT))
#define SCHEMA_HASHES SCHEMA_OBJECT("\"hashes\"", "\"hashes\":" SCHEMA_LIST(SCHEMA_EVENT_HASH))

#endif
