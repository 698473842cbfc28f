// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/inbox.h"

#include "chaincore/consensus/consensus.h"

_Static_assert(LIMIT_DRIVER_LARGE_BYTES_OF_PEER <= UINT32_MAX, "large_bytes_of");

static bool is_large(size_t len) { return len > LIMIT_DRIVER_SMALL_BYTES; }

static bool has_room_for_all(const struct inbox *inbox, uint16_t peer, size_t len) {
    if (inbox->count == LIMIT_DRIVER_QUEUE) return false;
    if (inbox->count_of[peer] >= LIMIT_DRIVER_QUEUE_OF_PEER) return false;
    if (!is_large(len)) return true;
    return inbox->large_bytes + len <= LIMIT_DRIVER_LARGE_BYTES &&
           inbox->large_bytes_of[peer] + len <= LIMIT_DRIVER_LARGE_BYTES_OF_PEER;
}

static struct inbox_share *share_at(struct inbox *inbox, uint16_t next) {
    return next > 0 ? &inbox->shares[next - 1] : NULL;
}

static bool has_room_in(const struct inbox_share *share, size_t len) {
    if (!share) return true;
    if (share->count >= LIMIT_DRIVER_QUEUE_OF_PEER) return false;
    return !is_large(len) || share->large_bytes + len <= LIMIT_DRIVER_LARGE_BYTES_OF_PEER;
}

static bool has_room_for_strangers(const struct inbox *inbox, uint16_t peer, size_t len) {
    if (inbox->strangers_count == LIMIT_DRIVER_QUEUE_OF_STRANGERS) return false;
    if (inbox->count_of[peer] >= LIMIT_DRIVER_QUEUE_OF_STRANGER) return false;
    return !is_large(len) ||
           inbox->strangers_large_bytes + len <= LIMIT_DRIVER_LARGE_BYTES_OF_STRANGERS;
}

static struct inbox_item *place_at(struct inbox *inbox, size_t index) {
    return &inbox->items[(inbox->first + index) % LIMIT_DRIVER_QUEUE];
}

enum status inbox_put(struct inbox *inbox, uint16_t peer, bool is_trusted, struct bytes message) {
    ENSURE(peer < LIMIT_PEERS);
    struct inbox_share *share = share_at(inbox, inbox->share_of[peer]);
    if (!has_room_for_all(inbox, peer, message.len)) return STATUS_BUSY;
    if (!has_room_in(share, message.len)) return STATUS_BUSY;
    if (!is_trusted && !has_room_for_strangers(inbox, peer, message.len)) return STATUS_BUSY;
    struct inbox_item *item = place_at(inbox, inbox->count++);
    item->peer = peer;
    item->share = inbox->share_of[peer];
    item->is_strangers = !is_trusted;
    buf_append(&item->bytes, message);
    inbox->count_of[peer]++;
    inbox->strangers_count += item->is_strangers;
    if (share) share->count++;
    if (!is_large(message.len)) return STATUS_OK;
    if (share) share->large_bytes += (uint32_t)message.len;
    inbox->large_bytes += message.len;
    if (item->is_strangers) inbox->strangers_large_bytes += message.len;
    inbox->large_bytes_of[peer] += (uint32_t)message.len;
    return STATUS_OK;
}

const struct inbox_item *inbox_at(const struct inbox *inbox, size_t index) {
    ENSURE(index < inbox->count);
    return &inbox->items[(inbox->first + index) % LIMIT_DRIVER_QUEUE];
}

void inbox_drop_first(struct inbox *inbox) {
    struct inbox_item *item = place_at(inbox, 0);
    struct inbox_share *share = share_at(inbox, item->share);
    size_t len = item->bytes.len;
    ENSURE(inbox->count > 0);
    if (share) share->count--;
    if (share && is_large(len)) share->large_bytes -= (uint32_t)len;
    if (item->peer != PEER_NONE) {
        inbox->count_of[item->peer]--;
        if (is_large(len)) inbox->large_bytes_of[item->peer] -= (uint32_t)len;
    }
    inbox->strangers_count -= item->is_strangers;
    if (is_large(len)) inbox->large_bytes -= len;
    if (is_large(len) && item->is_strangers) inbox->strangers_large_bytes -= len;
    buf_clear(&item->bytes);
    inbox->first = (inbox->first + 1) % LIMIT_DRIVER_QUEUE;
    inbox->count--;
}

static void leave_share(struct inbox *inbox, uint16_t peer) {
    struct inbox_share *share = share_at(inbox, inbox->share_of[peer]);
    if (share) share->peers--;
    inbox->share_of[peer] = 0;
}

static bool is_free(const struct inbox_share *share) { return share->peers + share->count == 0; }

// 0: messages of nodes that have left are still in all of them.
static uint16_t share_for(struct inbox *inbox, struct bytes owner) {
    uint16_t next_free = 0;
    for (unsigned i = 0; i < LIMIT_PEERS; i++) {
        struct inbox_share *share = &inbox->shares[i];
        uint16_t next = (uint16_t)(i + 1);
        if (is_free(share) && next_free == 0) next_free = next;
        if (!is_free(share) && memcmp(share->owner, owner.data, owner.len) == 0) return next;
    }
    if (next_free > 0) memcpy(share_at(inbox, next_free)->owner, owner.data, owner.len);
    return next_free;
}

void inbox_peer_speaks_for(struct inbox *inbox, uint16_t peer, struct bytes witness) {
    ENSURE(peer < LIMIT_PEERS);
    leave_share(inbox, peer);
    if (witness.len == 0) return;
    ENSURE(witness.len == INBOX_OWNER_BYTES);
    inbox->share_of[peer] = share_for(inbox, witness);
    struct inbox_share *share = share_at(inbox, inbox->share_of[peer]);
    if (share) share->peers++;
}

void inbox_peer_left(struct inbox *inbox, uint16_t peer) {
    ENSURE(peer < LIMIT_PEERS);
    leave_share(inbox, peer);
    for (size_t i = 0; i < inbox->count; i++)
        if (place_at(inbox, i)->peer == peer) place_at(inbox, i)->peer = PEER_NONE;
    inbox->count_of[peer] = 0;
    inbox->large_bytes_of[peer] = 0;
}

void inbox_clear(struct inbox *inbox) {
    while (inbox->count > 0) inbox_drop_first(inbox);
}
