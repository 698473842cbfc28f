// SPDX-License-Identifier: Apache-2.0
// What routes and projection must say of an event in the same way.
#include <inttypes.h>

#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

const struct epcis_acceptance capture_acceptance = {
    .max_bytes = CAPTURE_MAX_BYTES, .max_events = CAPTURE_MAX_EVENTS, .takes_single_event = true};

static const struct {
    const char *name;
    const char *text;
} reasons[] = {{"", ""},
#define X(name, text) {#name, text},
               CAPTURE_REASON_LIST(X)
#undef X
};

const char *capture_reason_name(enum capture_reason reason) { return reasons[reason].name; }

const char *capture_reason_text(enum capture_reason reason) { return reasons[reason].text; }

enum capture_reason capture_reason_of_name(struct bytes name) {
    for (size_t i = 1; i < sizeof reasons / sizeof *reasons; i++)
        if (bytes_equal(name, bytes_of_string(reasons[i].name))) return (enum capture_reason)i;
    return CAPTURE_IS_WELL;
}

struct bytes event_id_of(const struct epcis_event *event, char storage[EVENT_HASH_URI_SIZE]) {
    if (event->id.len > 0) return event->id;
    event_hash_print(storage, event->hash);
    return bytes_of_string(storage);
}

void entry_encode(struct buf *out, const struct epcis_event *event) {
    char storage[EVENT_HASH_URI_SIZE];
    struct hash hash;
    uint8_t flags = event->is_error_declaration ? ENTRY_IS_DECLARATION : 0;
    if (event->id.len > 0) flags |= ENTRY_HAD_ID;
    encode_u8(out, flags);
    encode_fixed(out, event->hash, sizeof event->hash);
    hash_bytes(&hash, HASH_USER, event_id_of(event, storage));
    encode_fixed(out, &hash, sizeof hash);
    hash_bytes(&hash, HASH_USER, event->text);
    encode_fixed(out, &hash, sizeof hash);
}

void append_place(struct buf *out, const struct place *place) {
    buf_append_format(out, "%" PRIu64 "-%" PRIu32 "-%" PRIu32, place->height, place->tx_index,
                      place->position);
}

void append_hex(struct buf *out, struct bytes bytes) {
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
}

void append_time(struct buf *out, int64_t time_ms) {
    char text[25];
    clock_format_utc(text, time_ms);
    buf_append_format(out, "\"%s\"", text);
}
