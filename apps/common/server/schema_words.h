// SPDX-License-Identifier: Apache-2.0
// The words of the API's schemas (http/openapi.h).
#ifndef LMM_SERVER_SCHEMA_WORDS_H
#define LMM_SERVER_SCHEMA_WORDS_H

#define SCHEMA_ADDRESS "{\"type\":\"string\",\"pattern\":\"^lmm1[02-9ac-hj-np-z]{58}$\"}"
#define SCHEMA_HASH "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}"
#define SCHEMA_COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define SCHEMA_AMOUNT "{\"type\":\"string\",\"pattern\":\"^[0-9]+(\\\\.[0-9]+)?$\"}"
#define SCHEMA_TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define SCHEMA_BOOLEAN "{\"type\":\"boolean\"}"
#define SCHEMA_TEXT "{\"type\":\"string\"}"
#define SCHEMA_HEX "{\"type\":\"string\",\"pattern\":\"^([0-9a-f]{2})*$\"}"
// Behind `is_active`: why a candidate stands no longer, and the epoch in which it was last
// punished.
#define SCHEMA_STANDING                                                            \
    ",\"left\":{\"enum\":[\"resigned\",\"absent\",\"expelled\",null]},\"punished_" \
    "in\":" SCHEMA_MAYBE(SCHEMA_COUNT)
// Or null.
#define SCHEMA_MAYBE(schema) "{\"anyOf\":[" schema ",{\"type\":\"null\"}]}"
#define SCHEMA_LIST(item) "{\"type\":\"array\",\"items\":" item "}"
// Of members, all of which are there: names and properties as they stand in JSON.
#define SCHEMA_OBJECT(names, properties)                                       \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" names \
    "],\"properties\":{" properties "}}"
// Of members that may be left out, but for those of the names.
#define SCHEMA_WISH(names, properties)                                         \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" names \
    "],\"properties\":{" properties "}}"
// A page of a list.
#define SCHEMA_PAGE(item) SCHEMA_OBJECT("\"items\"", "\"items\":" SCHEMA_LIST(item))

// A proof's file, by its form; that of an event; and the parameter that each takes.
#define SCHEMA_PROOF_OF(form)                                                               \
    SCHEMA_OBJECT("\"format\",\"chain_id\",\"proof\"",                                      \
                  "\"format\":{\"const\":\"lmm-proof-" form "\"},\"chain_id\":" SCHEMA_HASH \
                  ",\"proof\":" SCHEMA_HEX)
#define SCHEMA_PROOF SCHEMA_PROOF_OF("2")
#define DESCRIBED_BELIEVED \
    { "believed", SCHEMA_COUNT, "The height of a block that the asker believes." }
#define DESCRIBED_PROOF                                                                         \
    {                                                                                           \
        {200, "The proof.", SCHEMA_PROOF}, {400, "`invalid_query`, with the parameter.", NULL}, \
            {404, "There is no such thing, or the block that proves it is not there.", NULL}, { \
            409, "`too_many_hand_overs`.", NULL                                                 \
        }                                                                                       \
    }

// Parameters of lists by pages (http/page.h).
#define DESCRIBED_PER_PAGE(most)                                                 \
    {                                                                            \
        "perPage", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" #most "}", \
            "How many at most; 20 when it is not told."                          \
    }
#define DESCRIBED_PAGE_TOKEN \
    { "nextPageToken", "{\"type\":\"string\"}", "From the Link of the page before." }

#define DESCRIBED_INVALID_QUERY \
    { 400, "`invalid_query`, with the parameter.", NULL }

#endif
