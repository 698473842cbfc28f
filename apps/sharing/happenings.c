// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/happenings.h"

#include "apps/common/http/http.h"
#include "apps/common/server/chain_json.h"

const char *const happening_kind_names[HAPPENING_KINDS] = {
    [HAPPENING_ASSET] = "asset",
    [HAPPENING_BOOKING] = "booking",
    [HAPPENING_CALENDAR] = "calendar",
};

static const struct {
    const char *topic;
    enum happening_kind kind;
} topics[] = {
    {"listed", HAPPENING_ASSET},      {"changed", HAPPENING_ASSET},
    {"withdrawn", HAPPENING_ASSET},   {"bound", HAPPENING_ASSET},
    {"unbound", HAPPENING_ASSET},     {"revoked", HAPPENING_ASSET},
    {"blocked", HAPPENING_CALENDAR},  {"unblocked", HAPPENING_CALENDAR},
    {"booked", HAPPENING_BOOKING},    {"extended", HAPPENING_BOOKING},
    {"started", HAPPENING_BOOKING},   {"ended", HAPPENING_BOOKING},
    {"contested", HAPPENING_BOOKING}, {"settled", HAPPENING_BOOKING},
};

// ---- from bytes

#define FIXED(in, member) decode_fixed(in, (member).bytes, sizeof(member).bytes)

static void take_asset(struct decoder *in, struct sharing_asset *out) {
    out->number = decode_u64(in);
    FIXED(in, out->owner);
    out->is_withdrawn = decode_bool(in);
    FIXED(in, out->lock);
    out->blocked = decode_u32(in);
    out->latitude = (int64_t)decode_u64(in);
    out->longitude = (int64_t)decode_u64(in);
    FIXED(in, out->photo);
    out->price = decode_amount(in);
    out->unit = decode_tag(in, SHARING_UNITS);
    out->deposit = decode_amount(in);
    out->late_cap = decode_u32(in);
    out->cancel_free = decode_u32(in);
    out->cancel_part = decode_u8(in);
    out->title = decode_bytes(in, SHARING_TITLE_MAX);
    out->text = decode_bytes(in, SHARING_TEXT_MAX);
    out->place = decode_bytes(in, SHARING_PLACE_MAX);
    out->category = decode_bytes(in, SHARING_CATEGORY_MAX);
}

static void take_booking(struct decoder *in, struct sharing_booking *out) {
    out->number = decode_u64(in);
    out->asset = decode_u64(in);
    FIXED(in, out->owner);
    FIXED(in, out->renter);
    FIXED(in, out->renter_key);
    FIXED(in, out->lock);
    out->policy_epoch = decode_u64(in);
    out->from_ms = decode_u64(in);
    out->until_ms = decode_u64(in);
    out->price = decode_amount(in);
    out->late_cap = decode_u32(in);
    out->cancel_free = decode_u32(in);
    out->cancel_part = decode_u8(in);
    out->rent = decode_amount(in);
    out->deposit = decode_amount(in);
    out->state = decode_tag(in, SHARING_SETTLED + 1);
    out->outcome = decode_tag(in, SHARING_REVOKED + 1);
    out->counter = decode_u64(in);
    out->started_ms = decode_u64(in);
    out->ended_ms = decode_u64(in);
    out->minutes = decode_u64(in);
    out->bill = decode_amount(in);
    out->refund = decode_amount(in);
    out->timer_ms = decode_u64(in);
    decode_u64(in); // what only the contract needs of its timer
    decode_u64(in);
}

static void take_range(struct decoder *in, struct sharing_range *out) {
    out->asset = decode_u64(in);
    out->from_ms = decode_u64(in);
    out->until_ms = decode_u64(in);
}

bool happening_decode(struct happening *out, struct bytes topic, struct bytes data) {
    struct decoder in = decoder_of(data);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (!bytes_equal(topic, bytes_of_string(topics[i].topic))) continue;
        *out = (struct happening){.kind = topics[i].kind, .what = topics[i].topic};
        if (out->kind == HAPPENING_ASSET)
            take_asset(&in, &out->asset);
        else if (out->kind == HAPPENING_BOOKING)
            take_booking(&in, &out->booking);
        else
            take_range(&in, &out->range);
        return decoder_finish(&in) == STATUS_OK;
    }
    return false;
}

void asset_decode(struct sharing_asset *out, struct bytes record) {
    struct decoder in = decoder_of(record);
    take_asset(&in, out);
    ENSURE(decoder_finish(&in) == STATUS_OK);
}

void booking_decode(struct sharing_booking *out, struct bytes record) {
    struct decoder in = decoder_of(record);
    take_booking(&in, out);
    ENSURE(decoder_finish(&in) == STATUS_OK);
}

void asset_encode_terms(struct buf *out, const struct sharing_asset *asset) {
    encode_bytes(out, asset->title);
    encode_bytes(out, asset->text);
    encode_bytes(out, asset->place);
    encode_bytes(out, asset->category);
    encode_u64(out, (uint64_t)asset->latitude);
    encode_u64(out, (uint64_t)asset->longitude);
    encode_fixed(out, asset->photo.bytes, sizeof asset->photo.bytes);
    encode_amount(out, asset->price);
    encode_u8(out, asset->unit);
    encode_amount(out, asset->deposit);
    encode_u32(out, asset->late_cap);
    encode_u32(out, asset->cancel_free);
    encode_u8(out, asset->cancel_part);
}

// ---- to JSON

static void append_name(struct buf *out, const char *name) {
    buf_append_format(out, ",\"%s\":", name);
}

static void append_count(struct buf *out, const char *name, uint64_t count) {
    buf_append_format(out, ",\"%s\":%llu", name, (unsigned long long)count);
}

static void append_text(struct buf *out, const char *name, struct bytes text) {
    append_name(out, name);
    http_append_json_string(out, text);
}

static void append_amount(struct buf *out, const char *name, struct amount amount) {
    append_name(out, name);
    chain_json_amount(out, amount);
}

static void append_address(struct buf *out, const char *name, const struct account_id *id) {
    append_name(out, name);
    chain_json_address(out, id);
}

// null for zeros
static void append_hash(struct buf *out, const char *name, const uint8_t bytes[32]) {
    static const uint8_t zeros[32];
    append_name(out, name);
    if (memcmp(bytes, zeros, sizeof zeros) == 0)
        buf_append_string(out, "null");
    else
        chain_json_hex(out, bytes_of(bytes, 32));
}

// null for 0
static void append_time(struct buf *out, const char *name, uint64_t time_ms) {
    append_name(out, name);
    if (time_ms == 0)
        buf_append_string(out, "null");
    else
        chain_json_time(out, (int64_t)time_ms);
}

static void append_degrees(struct buf *out, const char *name, int64_t units) {
    uint64_t size = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
    buf_append_format(out, ",\"%s\":%s%llu.%07llu", name, units < 0 ? "-" : "",
                      (unsigned long long)(size / 10000000), (unsigned long long)(size % 10000000));
}

void asset_append_members(struct buf *out, const struct sharing_asset *asset) {
    buf_append_format(out, "\"number\":%llu", (unsigned long long)asset->number);
    append_text(out, "title", asset->title);
    append_text(out, "text", asset->text);
    append_text(out, "place", asset->place);
    append_degrees(out, "latitude", asset->latitude);
    append_degrees(out, "longitude", asset->longitude);
    append_text(out, "category", asset->category);
    append_hash(out, "photo", asset->photo.bytes);
    append_amount(out, "price_per_minute", asset->price);
    buf_append_format(out, ",\"unit\":\"%s\"", asset->unit == SHARING_PER_HOUR ? "hour" : "minute");
    append_amount(out, "deposit", asset->deposit);
    append_count(out, "late_cap_minutes", asset->late_cap);
    append_count(out, "cancel_free_minutes", asset->cancel_free);
    append_count(out, "cancel_percent", asset->cancel_part);
    append_address(out, "owner", &asset->owner);
    append_hash(out, "lock", asset->lock.bytes);
    buf_append_format(out, ",\"is_withdrawn\":%s", asset->is_withdrawn ? "true" : "false");
}

void booking_append_members(struct buf *out, const struct sharing_booking *booking) {
    static const char *const states[] = {"booked", "running", "ending", "settled"};
    static const char *const outcomes[] = {"null",       "\"cancelled\"", "\"returned\"",
                                           "\"ended\"",  "\"contested\"", "\"late\"",
                                           "\"unused\"", "\"revoked\""};
    buf_append_format(out, "\"number\":%llu", (unsigned long long)booking->number);
    append_count(out, "asset", booking->asset);
    append_address(out, "owner", &booking->owner);
    append_address(out, "renter", &booking->renter);
    append_hash(out, "renter_key", booking->renter_key.bytes);
    append_hash(out, "lock", booking->lock.bytes);
    append_count(out, "policy_epoch", booking->policy_epoch);
    append_time(out, "from", booking->from_ms);
    append_time(out, "until", booking->until_ms);
    append_amount(out, "price_per_minute", booking->price);
    append_count(out, "late_cap_minutes", booking->late_cap);
    append_count(out, "cancel_free_minutes", booking->cancel_free);
    append_count(out, "cancel_percent", booking->cancel_part);
    append_amount(out, "rent", booking->rent);
    append_amount(out, "deposit", booking->deposit);
    buf_append_format(out, ",\"state\":\"%s\",\"outcome\":%s", states[booking->state],
                      outcomes[booking->outcome]);
    append_time(out, "started", booking->started_ms);
    append_time(out, "ended", booking->ended_ms);
    append_count(out, "minutes", booking->minutes);
    append_amount(out, "bill", booking->bill);
    append_amount(out, "refund", booking->refund);
    append_time(out, "settles", booking->timer_ms);
}

void happening_append_json(struct buf *out, const struct happening *happening) {
    buf_append_format(out, "{\"what\":\"%s\",", happening->what);
    switch (happening->kind) {
    case HAPPENING_ASSET:
        asset_append_members(out, &happening->asset);
        break;
    case HAPPENING_BOOKING:
        booking_append_members(out, &happening->booking);
        break;
    case HAPPENING_CALENDAR:
    case HAPPENING_KINDS:
        buf_append_format(out, "\"asset\":%llu", (unsigned long long)happening->range.asset);
        append_time(out, "from", happening->range.from_ms);
        append_time(out, "until", happening->range.until_ms);
        break;
    }
    buf_append_byte(out, '}');
}
