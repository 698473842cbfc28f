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
// Or null.
#define SCHEMA_MAYBE(schema) "{\"anyOf\":[" schema ",{\"type\":\"null\"}]}"
#define SCHEMA_LIST(item) "{\"type\":\"array\",\"items\":" item "}"
// Of members, all of which are there: names and properties as they stand in JSON.
#define SCHEMA_OBJECT(names, properties)                                       \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" names \
    "],\"properties\":{" properties "}}"
// A page of a list.
#define SCHEMA_PAGE(item) SCHEMA_OBJECT("\"items\"", "\"items\":" SCHEMA_LIST(item))

// Parameters of lists by pages (http/page.h).
#define DESCRIBED_PER_PAGE(most)                                                 \
    {                                                                            \
        "perPage", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" #most "}", \
            "How many at most; 20 when it is not told."                          \
    }
#define DESCRIBED_PAGE_TOKEN \
    { "nextPageToken", "{\"type\":\"string\"}", "From the Link of the page before." }

#endif
