// SPDX-License-Identifier: Apache-2.0
// What the contract's events say (contract/records.h is what they are made of), and how it is told
// in JSON: by the API, the live stream and webhooks alike.
#ifndef LMM_SHARING_HAPPENINGS_H
#define LMM_SHARING_HAPPENINGS_H

#include "apps/sharing/contract/rules.h"
#include "chaincore/chaincore.h"

// Slices borrow from the event.
struct sharing_asset {
    uint64_t number;
    struct account_id owner;
    bool is_withdrawn;
    struct public_key lock; // zeros: none
    uint32_t blocked;
    int64_t latitude; // 1e-7 degrees
    int64_t longitude;
    struct hash photo;   // zeros: none
    struct amount price; // a minute
    uint8_t unit;
    struct amount deposit;
    uint32_t late_cap;    // minutes
    uint32_t cancel_free; // minutes
    uint8_t cancel_part;  // per cent
    struct bytes title, text, place, category;
};

struct sharing_booking {
    uint64_t number, asset;
    struct account_id owner, renter;
    struct public_key renter_key, lock;
    uint64_t policy_epoch;
    uint64_t from_ms, until_ms;
    struct amount price;            // a minute
    uint32_t late_cap, cancel_free; // minutes
    uint8_t cancel_part;            // per cent
    struct amount rent, deposit;
    uint8_t state, outcome;
    uint64_t counter, started_ms, ended_ms, minutes;
    struct amount bill, refund;
    uint64_t timer_ms;
};

struct sharing_range { // that an owner keeps
    uint64_t asset, from_ms, until_ms;
};

enum happening_kind { HAPPENING_ASSET, HAPPENING_BOOKING, HAPPENING_CALENDAR, HAPPENING_KINDS };
extern const char *const happening_kind_names[HAPPENING_KINDS]; // "asset", "booking", "calendar"

struct happening {
    enum happening_kind kind;
    const char *what; // the event's topic; static
    union {
        struct sharing_asset asset;
        struct sharing_booking booking;
        struct sharing_range range;
    };
};

// False: it is none of this contract's, or of a later one.
bool happening_decode(struct happening *out, struct bytes topic, struct bytes data);
// The bytes of an event of that kind, as rows keep them. A broken invariant when they are none.
void asset_decode(struct sharing_asset *out, struct bytes record);
void booking_decode(struct sharing_booking *out, struct bytes record);

// The arguments of `list`, and the end of those of `change`.
void asset_encode_terms(struct buf *out, const struct sharing_asset *asset);

// The members of an object, without its braces.
void asset_append_members(struct buf *out, const struct sharing_asset *asset);
void booking_append_members(struct buf *out, const struct sharing_booking *booking);
// `{"what":"booked",…}`
void happening_append_json(struct buf *out, const struct happening *happening);

// Of the API's descriptions: the same members (server/schema_words.h), and their names.
#define ASSET_MEMBER_NAMES                                                             \
    "\"number\",\"title\",\"text\",\"place\",\"latitude\",\"longitude\",\"category\"," \
    "\"photo\",\"price_per_minute\",\"unit\",\"deposit\",\"late_cap_minutes\","        \
    "\"cancel_free_minutes\",\"cancel_percent\",\"owner\","                            \
    "\"lock\",\"is_withdrawn\""
#define CANCEL_SCHEMA                        \
    ",\"cancel_free_minutes\":" SCHEMA_COUNT \
    ",\"cancel_percent\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}"
#define ASSET_TERMS_SCHEMA                                                               \
    "\"title\":" SCHEMA_TEXT ",\"text\":" SCHEMA_TEXT ",\"place\":" SCHEMA_TEXT          \
    ",\"latitude\":{\"type\":\"number\"},\"longitude\":{\"type\":\"number\"}"            \
    ",\"category\":" SCHEMA_TEXT                                                         \
    ",\"photo\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"price_per_minute\":" SCHEMA_AMOUNT       \
                                            ",\"unit\":{\"enum\":[\"minute\",\"hour\"]}" \
                                            ",\"deposit\":" SCHEMA_AMOUNT                \
                                            ",\"late_cap_minutes\":" SCHEMA_COUNT CANCEL_SCHEMA
#define ASSET_MEMBERS_SCHEMA                                                       \
    "\"number\":" SCHEMA_COUNT "," ASSET_TERMS_SCHEMA ",\"owner\":" SCHEMA_ADDRESS \
    ",\"lock\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"is_withdrawn\":" SCHEMA_BOOLEAN
#define BOOKING_MEMBER_NAMES                                                                \
    "\"number\",\"asset\",\"owner\",\"renter\",\"renter_key\",\"lock\",\"policy_epoch\","   \
    "\"from\",\"until\",\"price_per_minute\",\"late_cap_minutes\",\"cancel_free_minutes\"," \
    "\"cancel_percent\",\"rent\",\"deposit\","                                              \
    "\"state\",\"outcome\",\"started\",\"ended\",\"minutes\",\"bill\",\"refund\",\"settles\""
#define BOOKING_MEMBERS_SCHEMA                                                                  \
    "\"number\":" SCHEMA_COUNT ",\"asset\":" SCHEMA_COUNT ",\"owner\":" SCHEMA_ADDRESS          \
    ",\"renter\":" SCHEMA_ADDRESS ",\"renter_key\":" SCHEMA_HASH ",\"lock\":" SCHEMA_MAYBE(     \
        SCHEMA_HASH) ",\"policy_epoch\":" SCHEMA_COUNT ",\"from\":" SCHEMA_TIME                 \
                     ",\"until\":" SCHEMA_TIME ",\"price_per_minute\":" SCHEMA_AMOUNT           \
                     ",\"late_cap_minutes\":" SCHEMA_COUNT CANCEL_SCHEMA                        \
                     ",\"rent\":" SCHEMA_AMOUNT ",\"deposit\":" SCHEMA_AMOUNT                   \
                     ",\"state\":{\"enum\":[\"booked\",\"running\",\"ending\",\"settled\"]}"    \
                     ",\"outcome\":{\"enum\":[null,\"cancelled\",\"returned\",\"ended\","       \
                     "\"contested\","                                                           \
                     "\"late\",\"unused\",\"revoked\"]},\"started\":" SCHEMA_MAYBE(             \
                         SCHEMA_TIME) ",\"ended\":" SCHEMA_MAYBE(SCHEMA_TIME) ",\"minutes\""    \
                                                                              ":" SCHEMA_COUNT  \
                                                                              ",\"bill\""       \
                                                                              ":" SCHEMA_AMOUNT \
                                                                              ",\"refund\""     \
                                                                              ":" SCHEMA_AMOUNT \
                                                                              ",\"settles\""    \
                                                                              ":" SCHEMA_TIME

#endif
