// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/channel.h"

#include "chaincore/base/memory.h"
#include "chaincore/net/channel_inside.h"

// Memory of a frame's that is kept for the next one.
enum { KEPT_BYTES = 4 * CHANNEL_CHUNK_BYTES };

// --- open and close ---

struct channel *channel_open(const struct channel_config *config) {
    const struct channel_rules *rules = config->rules;
    ENSURE(rules->kind_count <= CHANNEL_KINDS_MAX && rules->class_count <= CHANNEL_CLASSES_MAX);
    for (size_t i = 0; i < rules->class_count; i++) ENSURE(rules->classes[i].bytes_per_s > 0);
    struct channel *channel = mem_alloc(sizeof *channel);
    struct enc_secret_key secret;
    struct enc_public_key unused;
    channel->config = *config;
    queues_open(channel);
    for (size_t i = 0; i < rules->class_count; i++)
        channel->budgets[i].left = 1000 * (int64_t)rules->classes[i].burst_bytes;
    // The node's own key says who it is; this one is for the connection alone.
    enc_key_generate(&secret, &unused);
    noise_begin(&channel->handshake, config->role, &secret, BYTES_OF(config->chain_id));
    secret_clear(&secret, sizeof secret);
    // Nobody's key is of small order yet.
    ENSURE(hands_write(channel) == STATUS_OK);
    return channel;
}

void channel_close(struct channel *channel) {
    if (!channel) return;
    channel_drop_waiting(channel);
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++) buf_clear(&channel->arrivals[i].got);
    buf_clear(&channel->in);
    buf_clear(&channel->plain);
    buf_clear(&channel->out);
    noise_clear(&channel->handshake);
    secret_clear(&channel->send, sizeof channel->send);
    secret_clear(&channel->receive, sizeof channel->receive);
    mem_free(channel);
}

bool channel_is_ready(const struct channel *channel) { return channel->stage == STAGE_OPEN; }

void channel_count(const struct channel *channel, struct channel_counts *out) {
    *out = channel->counts;
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++) {
        out->held += channel->arrivals[i].got.len;
        out->kept += channel->arrivals[i].got.capacity;
        out->queued += channel->queues[i].bytes;
    }
}

// --- budgets ---

static void refill(struct budget *budget, const struct class_rule *rule, uint64_t now_ms) {
    uint64_t passed_ms = now_ms > budget->counted_ms ? now_ms - budget->counted_ms : 0;
    int64_t most = 1000 * (int64_t)rule->burst_bytes;
    budget->counted_ms = now_ms;
    if (passed_ms > (uint64_t)(most - budget->left) / rule->bytes_per_s)
        budget->left = most;
    else
        budget->left += (int64_t)(passed_ms * rule->bytes_per_s);
}

static void spend(struct channel *channel, uint8_t class, size_t bytes, uint64_t now_ms) {
    struct budget *budget = &channel->budgets[class];
    refill(budget, &channel->config.rules->classes[class], now_ms);
    budget->left -= 1000 * (int64_t)bytes;
}

uint64_t channel_paused_until_ms(const struct channel *channel, uint64_t now_ms) {
    const struct channel_rules *rules = channel->config.rules;
    uint64_t until_ms = 0;
    for (size_t i = 0; i < rules->class_count; i++) {
        struct budget budget = channel->budgets[i];
        refill(&budget, &rules->classes[i], now_ms);
        if (budget.left >= 0) continue;
        uint64_t rate = rules->classes[i].bytes_per_s;
        uint64_t at_ms = now_ms + ((uint64_t)-budget.left + rate - 1) / rate;
        if (at_ms > until_ms) until_ms = at_ms;
    }
    return until_ms;
}

// --- frames ---

static enum status deliver(struct channel *channel, uint8_t class, uint8_t kind,
                           struct bytes payload) {
    channel->counts.frames_in[class]++;
    return channel->config.events.frame(channel->config.events.context, kind, payload);
}

static enum status end_arrival(struct channel *channel, uint8_t class) {
    struct arrival *arrival = &channel->arrivals[class];
    arrival->is_begun = false;
    enum status status = deliver(channel, class, arrival->kind, buf_bytes(&arrival->got));
    if (arrival->got.capacity > KEPT_BYTES)
        buf_clear(&arrival->got);
    else
        buf_reset(&arrival->got);
    return status;
}

static enum status begin_frame(struct channel *channel, struct bytes plain) {
    const struct frame_rule *rule = rule_of(channel, plain.data[0]);
    if (!rule || plain.len < HEAD_BYTES) return STATUS_MALFORMED;
    struct arrival *arrival = &channel->arrivals[rule->class];
    uint32_t len = load_u32_le(plain.data + 1);
    struct bytes first = bytes_of(plain.data + HEAD_BYTES, plain.len - HEAD_BYTES);
    if (len > rule->max_bytes) return STATUS_TOO_LARGE;
    // Whoever cuts a frame must fill its chunks: else its pieces cost more than they bring.
    bool is_cut = first.len < len;
    if (arrival->is_begun || first.len > len || (is_cut && first.len != CHANNEL_CHUNK_BYTES))
        return STATUS_MALFORMED;
    if (!is_cut) return deliver(channel, rule->class, plain.data[0], first);
    arrival->is_begun = true;
    arrival->kind = plain.data[0];
    arrival->len = len;
    buf_append(&arrival->got, first);
    return STATUS_OK;
}

static enum status continue_frame(struct channel *channel, struct bytes plain) {
    uint8_t kind = plain.data[0] & (KIND_CONTINUES - 1);
    const struct frame_rule *rule = rule_of(channel, kind);
    struct bytes more = bytes_of(plain.data + 1, plain.len - 1);
    if (!rule) return STATUS_MALFORMED;
    struct arrival *arrival = &channel->arrivals[rule->class];
    if (!arrival->is_begun || arrival->kind != kind) return STATUS_MALFORMED;
    size_t left = arrival->len - arrival->got.len;
    size_t due = left < CHANNEL_CHUNK_BYTES ? left : CHANNEL_CHUNK_BYTES;
    if (more.len != due) return STATUS_MALFORMED;
    buf_append(&arrival->got, more);
    return left == due ? end_arrival(channel, rule->class) : STATUS_OK;
}

static enum status take_sealed(struct channel *channel, struct bytes sealed, uint64_t now_ms) {
    buf_reset(&channel->plain);
    enum status status = noise_open(&channel->receive, &channel->plain, bytes_of(NULL, 0), sealed);
    if (status != STATUS_OK) return status;
    struct bytes plain = buf_bytes(&channel->plain);
    if (plain.len == 0) return STATUS_MALFORMED;
    const struct frame_rule *rule = rule_of(channel, plain.data[0] & (KIND_CONTINUES - 1));
    if (rule) {
        spend(channel, rule->class, PREFIX_BYTES + sealed.len, now_ms);
        channel->counts.bytes_in[rule->class] += PREFIX_BYTES + sealed.len;
    }
    bool continues = plain.data[0] & KIND_CONTINUES;
    return continues ? continue_frame(channel, plain) : begin_frame(channel, plain);
}

// --- the stream ---

static enum status take_message(struct channel *channel, struct bytes message, uint64_t now_ms) {
    switch (channel->stage) {
    case STAGE_HANDSHAKE:
        return hands_read(channel, message);
    case STAGE_HELLO:
        return hands_read_hello(channel, message);
    case STAGE_OPEN:
        return take_sealed(channel, message, now_ms);
    default:
        return STATUS_CLOSED;
    }
}

// Whether a message may be of this length, before any of it is kept.
static enum status check_length(const struct channel *channel, size_t len) {
    switch (channel->stage) {
    case STAGE_HANDSHAKE:
        return len == hands_expected(channel) ? STATUS_OK : STATUS_MALFORMED;
    case STAGE_HELLO:
        // Of another version it may be longer.
        return len <= 2 * (size_t)HELLO_BYTES ? STATUS_OK : STATUS_TOO_LARGE;
    default:
        return len <= SEALED_MAX ? STATUS_OK : STATUS_TOO_LARGE;
    }
}

// Moves bytes of `in` to what has come before, until that is `len` long. Whether it is.
static bool collect(struct channel *channel, struct bytes *in, size_t len) {
    size_t lacks = len - channel->in.len;
    size_t taken = in->len < lacks ? in->len : lacks;
    buf_append(&channel->in, bytes_of(in->data, taken));
    *in = bytes_of(in->data + taken, in->len - taken);
    return channel->in.len == len;
}

static enum status take_some(struct channel *channel, struct bytes *in, uint64_t now_ms) {
    if (channel->in.len < PREFIX_BYTES && !collect(channel, in, PREFIX_BYTES)) return STATUS_OK;
    size_t len = load_u16_le(channel->in.data);
    enum status status = check_length(channel, len);
    if (status != STATUS_OK || !collect(channel, in, PREFIX_BYTES + len)) return status;
    status = take_message(channel, bytes_of(channel->in.data + PREFIX_BYTES, len), now_ms);
    buf_reset(&channel->in);
    return status;
}

enum status channel_receive(struct channel *channel, struct bytes in, uint64_t now_ms) {
    enum status status = channel->stage == STAGE_DEAD ? STATUS_CLOSED : STATUS_OK;
    while (status == STATUS_OK && in.len > 0) status = take_some(channel, &in, now_ms);
    if (status != STATUS_OK) channel->stage = STAGE_DEAD;
    return status;
}
