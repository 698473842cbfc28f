// SPDX-License-Identifier: Apache-2.0
// The handshake's three messages and the two hellos.
#include "chaincore/net/channel_inside.h"

const struct public_key *channel_other_node(const struct channel *channel) {
    return channel->has_other ? &channel->other : NULL;
}

size_t hands_expected(const struct channel *channel) {
    static const size_t lengths[NOISE_HANDSHAKE_MESSAGES] = {
        sizeof(struct enc_public_key),
        2 * sizeof(struct enc_public_key) + 2 * (size_t)NOISE_TAG_BYTES,
        sizeof(struct enc_public_key) + 2 * (size_t)NOISE_TAG_BYTES,
    };
    return lengths[channel->handshake.turn];
}

static enum status write_message(struct channel *channel) {
    uint8_t prefix[PREFIX_BYTES];
    store_u16_le(prefix, (uint16_t)hands_expected(channel));
    buf_append(&channel->out, BYTES_OF(prefix));
    return noise_write(&channel->handshake, &channel->out, bytes_of(NULL, 0));
}

static struct hello_binding binding_of(const struct channel *channel, bool is_own) {
    enum noise_role own = channel->config.role;
    enum noise_role other = own == NOISE_INITIATOR ? NOISE_RESPONDER : NOISE_INITIATOR;
    return (struct hello_binding){.chain_id = &channel->config.chain_id,
                                  .handshake_hash = channel->handshake.hash,
                                  .sender = is_own ? own : other};
}

static void fill_hello(struct channel *channel) {
    channel->config.hello.version = NET_VERSION;
    key_public_of(&channel->config.hello.node, channel->config.node_key);
}

static void write_hello(struct channel *channel) {
    struct hello_binding binding = binding_of(channel, true);
    buf_reset(&channel->plain);
    hello_write(&channel->plain, &channel->config.hello, &binding, channel->config.node_key);
    seal_plain(channel, &channel->out);
}

enum status hands_write(struct channel *channel) {
    struct noise_handshake *handshake = &channel->handshake;
    if (channel->stage != STAGE_HANDSHAKE) return STATUS_OK;
    if (noise_is_to_write(handshake)) {
        enum status status = write_message(channel);
        if (status != STATUS_OK) return status;
    }
    if (!noise_is_done(handshake)) return STATUS_OK;
    noise_split(handshake, &channel->send, &channel->receive);
    channel->stage = STAGE_HELLO;
    fill_hello(channel);
    if (!channel->config.is_mute && !channel->config.meant) write_hello(channel);
    return STATUS_OK;
}

enum status hands_read(struct channel *channel, struct bytes message) {
    buf_reset(&channel->plain);
    enum status status = noise_read(&channel->handshake, &channel->plain, message);
    return status == STATUS_OK ? hands_write(channel) : status;
}

enum status hands_read_hello(struct channel *channel, struct bytes sealed) {
    struct hello_binding binding = binding_of(channel, false);
    struct hello hello;
    buf_reset(&channel->plain);
    enum status status = noise_open(&channel->receive, &channel->plain, bytes_of(NULL, 0), sealed);
    if (status == STATUS_OK) status = hello_read(&hello, buf_bytes(&channel->plain), &binding);
    if (status != STATUS_OK) return status;
    const struct public_key *own = &channel->config.hello.node, *meant = channel->config.meant;
    channel->has_other = meant && memcmp(meant, &hello.node, sizeof *meant) != 0;
    if (channel->has_other) channel->other = hello.node;
    if (channel->has_other || memcmp(own, &hello.node, sizeof *own) == 0) return STATUS_CONFLICT;
    if (meant && !channel->config.is_mute) write_hello(channel);
    channel->stage = STAGE_OPEN;
    return channel->config.events.ready(channel->config.events.context, &hello);
}
