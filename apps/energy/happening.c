// SPDX-License-Identifier: Apache-2.0
#include "apps/energy/happening.h"

#include "apps/common/http/http.h"
#include "apps/common/server/chain_json.h"

// ---- words

static const char *word(const char *const *words, size_t count, uint8_t index) {
    return index < count ? words[index] : "unknown";
}
#define WORD(words, index) word(words, sizeof(words) / sizeof *(words), index)

const char *side_name(uint8_t side) {
    static const char *const words[] = {"buy", "sell"};
    return WORD(words, side);
}
const char *kind_name(uint8_t kind) {
    static const char *const words[] = {"limit", "ioc", "fok"};
    return WORD(words, kind);
}
const char *direction_name(uint8_t direction) {
    static const char *const words[] = {"export", "import"};
    return WORD(words, direction);
}
const char *outcome_status(uint8_t outcome) {
    static const char *const words[] = {"resting", "filled", "cancelled", "cancelled", "cancelled"};
    return WORD(words, outcome);
}
const char *outcome_reason(uint8_t outcome) {
    static const char *const words[] = {"", "", "ioc", "self_trade", "too_many_fills"};
    return WORD(words, outcome);
}
const char *cancel_reason_name(uint8_t reason) {
    static const char *const words[] = {"owner", "gate_closed"};
    return WORD(words, reason);
}

const char *happening_name(enum topic topic) {
    static const char *const words[TOPICS] = {"zone",      "account", "order",    "trade",
                                              "cancelled", "meter",   "approved", "reading",
                                              "settled",   "shared",  "final"};
    return words[topic];
}

// ---- decode

static void decode_id(struct decoder *in, struct account_id *out) {
    decode_fixed(in, out->bytes, sizeof out->bytes);
}

static void decode_zone(struct decoder *in, struct happening *out) {
    out->zone = decode_u32(in);
    decode_id(in, &out->account);
    out->cap = decode_u64(in);
    out->lot = decode_u64(in);
    out->gate_ms = decode_u32(in);
    out->wait_ms = decode_u32(in);
    out->money = decode_u64(in);
    out->name = decode_bytes(in, ZONE_NAME_MAX);
}

static void decode_account(struct decoder *in, struct happening *out) {
    out->zone = decode_u32(in);
    out->money = decode_u64(in);
}

static void decode_place(struct decoder *in, struct happening *out) {
    out->zone = decode_u32(in);
    out->slot = decode_u32(in);
}

static void decode_order(struct decoder *in, struct happening *out) {
    decode_place(in, out);
    out->number = decode_u64(in);
    decode_id(in, &out->account);
    out->side = decode_u8(in);
    out->kind = decode_u8(in);
    out->price = decode_u64(in);
    out->wh = decode_u64(in);
    out->left = decode_u64(in);
    out->returned = decode_u64(in);
    out->outcome = decode_u8(in);
}

static void decode_trade(struct decoder *in, struct happening *out) {
    decode_place(in, out);
    out->number = decode_u64(in);
    out->price = decode_u64(in);
    out->wh = decode_u64(in);
    out->incoming = decode_u64(in);
    out->resting = decode_u64(in);
    out->side = decode_u8(in);
    decode_id(in, &out->buyer);
    decode_id(in, &out->seller);
    out->resting_left = decode_u64(in);
}

static void decode_cancelled(struct decoder *in, struct happening *out) {
    decode_place(in, out);
    out->number = decode_u64(in);
    decode_id(in, &out->account);
    out->side = decode_u8(in);
    out->price = decode_u64(in);
    out->wh = decode_u64(in);
    out->money = decode_u64(in);
    out->reason = decode_u8(in);
}

static void decode_meter(struct decoder *in, struct happening *out) {
    decode_fixed(in, out->key.bytes, sizeof out->key.bytes);
    decode_id(in, &out->account);
    out->zone = decode_u32(in);
    out->direction = decode_u8(in);
}

static void decode_approved(struct decoder *in, struct happening *out) {
    decode_meter(in, out);
    out->most_wh = decode_u64(in);
}

static void decode_reading(struct decoder *in, struct happening *out) {
    decode_meter(in, out);
    out->slot = decode_u32(in);
    out->wh = decode_u64(in);
    out->sequence = decode_u64(in);
}

static void decode_settled(struct decoder *in, struct happening *out) {
    decode_place(in, out);
    out->number = decode_u64(in);
    decode_id(in, &out->buyer);
    decode_id(in, &out->seller);
    out->price = decode_u64(in);
    out->delivered = decode_u64(in);
    out->failed = decode_u64(in);
    out->to_buyer = decode_u64(in);
    out->to_seller = decode_u64(in);
    out->to_pot = decode_u64(in);
}

static void decode_shared(struct decoder *in, struct happening *out) {
    decode_place(in, out);
    decode_id(in, &out->account);
    out->wh = decode_u64(in);
    out->money = decode_u64(in);
}

static void decode_final(struct decoder *in, struct happening *out) {
    decode_place(in, out);
    out->pot = decode_u64(in);
    out->shared = decode_u64(in);
    out->rest = decode_u64(in);
    out->short_wh = decode_u64(in);
    out->excess_wh = decode_u64(in);
}

bool happening_decode(struct happening *out, const struct event *event) {
    static void (*const decode[TOPICS])(struct decoder *, struct happening *) = {
        decode_zone,      decode_account, decode_order,    decode_trade,
        decode_cancelled, decode_meter,   decode_approved, decode_reading,
        decode_settled,   decode_shared,  decode_final};
    for (int topic = 0; topic < TOPICS; topic++) {
        struct decoder in = decoder_of(event->data);
        const char *name = happening_name((enum topic)topic);
        if (!bytes_equal(event->topic, bytes_of_string(name))) continue;
        *out = (struct happening){.topic = (enum topic)topic};
        decode[topic](&in, out);
        if (in.status == STATUS_OK && decoder_left(&in) == 0) return true;
        // Of a later contract, which this program does not know.
        log_warning("energy", "an event of another form is passed over");
    }
    return false;
}

// ---- JSON

static void append_number(struct buf *out, const char *name, uint64_t value) {
    buf_append_format(out, ",\"%s\":%llu", name, (unsigned long long)value);
}
static void append_word(struct buf *out, const char *name, const char *value) {
    buf_append_format(out, ",\"%s\":\"%s\"", name, value);
}
static void append_amount(struct buf *out, const char *name, uint64_t units) {
    buf_append_format(out, ",\"%s\":", name);
    chain_json_amount(out, amount_of_units(units));
}
static void append_account(struct buf *out, const char *name, const struct account_id *id) {
    buf_append_format(out, ",\"%s\":", name);
    chain_json_address(out, id);
}

static void append_order(struct buf *out, const struct happening *told) {
    append_number(out, "number", told->number);
    append_account(out, "account", &told->account);
    append_word(out, "side", side_name(told->side));
    append_word(out, "kind", kind_name(told->kind));
    append_number(out, "price", told->price);
    append_number(out, "wh", told->wh);
    append_number(out, "open_wh", told->left);
    append_amount(out, "returned", told->returned);
    append_word(out, "status", outcome_status(told->outcome));
    append_word(out, "reason", outcome_reason(told->outcome));
}

static void append_trade(struct buf *out, const struct happening *told) {
    append_number(out, "number", told->number);
    append_number(out, "price", told->price);
    append_number(out, "wh", told->wh);
    append_word(out, "side", side_name(told->side));
    append_account(out, "buyer", &told->buyer);
    append_account(out, "seller", &told->seller);
}

static void append_cancelled(struct buf *out, const struct happening *told) {
    append_number(out, "number", told->number);
    append_account(out, "account", &told->account);
    append_word(out, "side", side_name(told->side));
    append_number(out, "price", told->price);
    append_number(out, "wh", told->wh);
    append_amount(out, "returned", told->money);
    append_word(out, "reason", cancel_reason_name(told->reason));
}

static void append_meter(struct buf *out, const struct happening *told) {
    chain_json_hash(out, "key", &told->key);
    append_account(out, "account", &told->account);
    append_word(out, "direction", direction_name(told->direction));
}

static void append_settled(struct buf *out, const struct happening *told) {
    append_number(out, "number", told->number);
    append_account(out, "buyer", &told->buyer);
    append_account(out, "seller", &told->seller);
    append_number(out, "delivered_wh", told->delivered);
    append_number(out, "failed_wh", told->failed);
    append_amount(out, "to_buyer", told->to_buyer);
    append_amount(out, "to_seller", told->to_seller);
    append_amount(out, "to_pot", told->to_pot);
}

static void append_rest(struct buf *out, const struct happening *told) {
    switch (told->topic) {
    case TOPIC_ZONE:
        append_account(out, "operator", &told->account);
        buf_append_string(out, ",\"name\":");
        http_append_json_string(out, told->name);
        break;
    case TOPIC_ACCOUNT:
        append_amount(out, "account", told->money);
        break;
    case TOPIC_ORDER:
        append_order(out, told);
        break;
    case TOPIC_TRADE:
        append_trade(out, told);
        break;
    case TOPIC_CANCELLED:
        append_cancelled(out, told);
        break;
    case TOPIC_METER:
        append_meter(out, told);
        break;
    case TOPIC_APPROVED:
        append_meter(out, told);
        append_number(out, "most_wh", told->most_wh);
        break;
    case TOPIC_READING:
        append_meter(out, told);
        append_number(out, "wh", told->wh);
        append_number(out, "sequence", told->sequence);
        break;
    case TOPIC_SETTLED:
        append_settled(out, told);
        break;
    case TOPIC_SHARED:
        append_account(out, "account", &told->account);
        append_number(out, "wh", told->wh);
        append_amount(out, "amount", told->money);
        break;
    case TOPIC_FINAL:
        append_amount(out, "pot", told->pot);
        append_amount(out, "shared", told->shared);
        append_number(out, "short_wh", told->short_wh);
        append_number(out, "excess_wh", told->excess_wh);
        break;
    case TOPICS:
        break;
    }
}

void happening_append_json(struct buf *out, const struct happening *told) {
    buf_append_format(out, "{\"zone\":%u", told->zone);
    if (told->topic != TOPIC_ZONE && told->topic != TOPIC_ACCOUNT && told->topic != TOPIC_METER &&
        told->topic != TOPIC_APPROVED) {
        append_number(out, "slot", told->slot);
        buf_append_string(out, ",\"start\":");
        chain_json_time(out, slot_start_ms(told->slot));
    }
    append_rest(out, told);
    buf_append_byte(out, '}');
}
