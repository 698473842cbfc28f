// SPDX-License-Identifier: Apache-2.0
// Queues by class, and chunks out of them.
#include "chaincore/base/memory.h"
#include "chaincore/net/channel_inside.h"

void queues_open(struct channel *channel) {
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++)
        channel->queues[i].last = &channel->queues[i].first;
}

// What it takes to keep it, and not its length alone: small ones cost more than they say.
static void count_in(const struct channel *channel, struct parcel *parcel) {
    uint64_t *waiting = channel->config.waiting;
    if (!waiting) return;
    *waiting += sizeof(struct queued);
    if (parcel->queues++ == 0) *waiting += sizeof *parcel + parcel->len;
}

static void count_out(const struct channel *channel, struct parcel *parcel) {
    uint64_t *waiting = channel->config.waiting;
    if (!waiting) return;
    *waiting -= sizeof(struct queued);
    if (--parcel->queues == 0) *waiting -= sizeof *parcel + parcel->len;
}

size_t channel_share(const struct channel *channel) {
    size_t share = 0;
    for (size_t i = 0; channel->config.waiting && i < CHANNEL_CLASSES_MAX; i++)
        for (const struct queued *item = channel->queues[i].first; item; item = item->next)
            share +=
                sizeof *item + (sizeof *item->parcel + item->parcel->len) / item->parcel->queues;
    return share;
}

static void drop_first(const struct channel *channel, struct send_queue *queue) {
    struct queued *first = queue->first;
    count_out(channel, first->parcel);
    queue->first = first->next;
    if (!queue->first) queue->last = &queue->first;
    queue->sent = 0;
    parcel_drop(first->parcel);
    mem_free(first);
}

void channel_drop_waiting(struct channel *channel) {
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++) {
        while (channel->queues[i].first) drop_first(channel, &channel->queues[i]);
        channel->queues[i].bytes = 0;
    }
}

bool channel_has_room(const struct channel *channel, uint8_t kind, size_t bytes) {
    const struct frame_rule *rule = rule_of(channel, kind);
    ENSURE(rule);
    size_t most = channel->config.rules->classes[rule->class].queue_bytes;
    return channel->queues[rule->class].bytes + HEAD_BYTES + bytes <= most;
}

enum status channel_send(struct channel *channel, struct parcel *parcel) {
    const struct frame_rule *rule = rule_of(channel, parcel->kind);
    ENSURE(rule && parcel->len <= rule->max_bytes);
    if (channel->stage == STAGE_DEAD) return STATUS_CLOSED;
    if (channel->stage != STAGE_OPEN) return STATUS_UNAVAILABLE;
    struct send_queue *queue = &channel->queues[rule->class];
    if (!channel_has_room(channel, parcel->kind, parcel->len)) return STATUS_FULL;
    struct queued *item = mem_alloc(sizeof *item);
    item->next = NULL;
    item->parcel = parcel_hold(parcel);
    count_in(channel, parcel);
    *queue->last = item;
    queue->last = &item->next;
    queue->bytes += HEAD_BYTES + parcel->len;
    channel->counts.frames_out[rule->class]++;
    channel->counts.bytes_out[rule->class] += parcel->len;
    return STATUS_OK;
}

void seal_plain(struct channel *channel, struct buf *out) {
    uint8_t prefix[PREFIX_BYTES];
    ENSURE(channel->plain.len + NOISE_TAG_BYTES <= SEALED_MAX);
    store_u16_le(prefix, (uint16_t)(channel->plain.len + NOISE_TAG_BYTES));
    buf_append(out, BYTES_OF(prefix));
    // At a message each nanosecond its numbers would last for 584 years.
    ENSURE(noise_seal(&channel->send, out, bytes_of(NULL, 0), buf_bytes(&channel->plain)) ==
           STATUS_OK);
}

static void take_chunk(struct channel *channel, struct send_queue *queue, struct buf *out) {
    const struct parcel *parcel = queue->first->parcel;
    struct buf *plain = &channel->plain;
    uint8_t head[HEAD_BYTES] = {parcel->kind};
    bool continues = queue->sent > 0;
    buf_reset(plain);
    if (continues) head[0] |= KIND_CONTINUES;
    store_u32_le(head + 1, (uint32_t)parcel->len);
    buf_append(plain, bytes_of(head, continues ? 1 : HEAD_BYTES));
    size_t left = parcel->len - queue->sent;
    size_t len = left < CHANNEL_CHUNK_BYTES ? left : CHANNEL_CHUNK_BYTES;
    buf_append(plain, bytes_of(parcel->data + queue->sent, len));
    queue->sent += len;
    queue->bytes -= len + (continues ? 0 : HEAD_BYTES);
    if (len == left) drop_first(channel, queue);
    seal_plain(channel, out);
}

static struct send_queue *next_queue(struct channel *channel) {
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++)
        if (channel->queues[i].first) return &channel->queues[i];
    return NULL;
}

void channel_take(struct channel *channel, struct buf *out, size_t most) {
    size_t until = out->len + most;
    if (channel->stage == STAGE_DEAD) return;
    buf_append(out, buf_bytes(&channel->out));
    buf_reset(&channel->out);
    for (struct send_queue *queue; out->len < until && (queue = next_queue(channel)) != NULL;)
        take_chunk(channel, queue, out);
}

bool channel_has_output(const struct channel *channel) {
    if (channel->stage == STAGE_DEAD) return false;
    bool has = channel->out.len > 0;
    for (size_t i = 0; i < CHANNEL_CLASSES_MAX; i++) has = has || channel->queues[i].first;
    return has;
}
