// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a peer sends: as they are, to either side of a handshake; and, sealed by a peer
// that has shaken hands, as its hello or as its frames. What a channel holds never exceeds what the
// peer has sent, and no frame is larger than its rule.
#include "chaincore/net/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct frame_rule kinds[] = {{0, 40}, {0, 0}, {1, 100 * 1000}, {2, 20 * 1000}};
static const struct class_rule classes[] = {
    {1000, 10000, 1000}, {1000, 10000, 200 * 1000}, {1000, 10000, 50 * 1000}};
static const struct channel_rules rules = {kinds, 4, classes, 3};

static struct secret_key own_key, peer_key;

static enum status take_hello(void *context, const struct hello *other) {
    (void)context;
    ENSURE(other->version == NET_VERSION);
    return STATUS_OK;
}

static enum status take_frame(void *context, uint8_t kind, struct bytes payload) {
    ENSURE(kind < 4 && payload.len <= kinds[kind].max_bytes);
    struct parcel *parcel = parcel_make(kind, payload);
    enum status status = channel_send(*(struct channel **)context, parcel); // an echo
    parcel_drop(parcel);
    return status == STATUS_FULL ? STATUS_OK : status;
}

static struct channel *open_channel(struct channel **place, enum noise_role role,
                                    const struct secret_key *key) {
    struct channel_config config = {
        .role = role, .node_key = key, .rules = &rules, .events = {place, take_hello, take_frame}};
    return *place = channel_open(&config);
}

static void check_held(const struct channel *channel, size_t sent) {
    struct channel_counts counts;
    channel_count(channel, &counts);
    ENSURE(counts.held <= sent);
}

static void feed_raw(enum noise_role role, struct bytes in) {
    struct channel *channel;
    struct buf out = {0};
    open_channel(&channel, role, &own_key);
    while (in.len > 0) {
        size_t len = 1 + in.data[0] % 64;
        if (len > in.len) len = in.len;
        if (channel_receive(channel, bytes_of(in.data, len), 0) != STATUS_OK) break;
        in = bytes_of(in.data + len, in.len - len);
        channel_take(channel, &out, 100);
    }
    channel_close(channel);
    buf_clear(&out);
}

// --- a peer that shakes hands by itself ---

static void send_message(struct channel *channel, struct bytes message, enum status *status) {
    struct buf out = {0};
    uint8_t prefix[2];
    store_u16_le(prefix, (uint16_t)message.len);
    buf_append(&out, BYTES_OF(prefix));
    buf_append(&out, message);
    *status = channel_receive(channel, buf_bytes(&out), 1000);
    buf_clear(&out);
}

static void shake(struct channel *channel, struct noise_handshake *handshake,
                  struct noise_cipher *send) {
    struct enc_secret_key secret;
    struct enc_public_key unused;
    struct noise_cipher receive;
    struct buf message = {0}, answer = {0};
    enum status status;
    static const struct hash chain_id;
    enc_key_generate(&secret, &unused);
    noise_begin(handshake, NOISE_INITIATOR, &secret, BYTES_OF(chain_id));
    ENSURE(noise_write(handshake, &message, bytes_of(NULL, 0)) == STATUS_OK);
    send_message(channel, buf_bytes(&message), &status);
    ENSURE(status == STATUS_OK);
    channel_take(channel, &answer, 1000);
    buf_reset(&message);
    ENSURE(noise_read(handshake, &message, bytes_of(answer.data + 2, answer.len - 2)) == STATUS_OK);
    ENSURE(noise_write(handshake, &message, bytes_of(NULL, 0)) == STATUS_OK);
    send_message(channel, buf_bytes(&message), &status);
    ENSURE(status == STATUS_OK);
    noise_split(handshake, send, &receive);
    buf_clear(&message);
    buf_clear(&answer);
}

static enum status send_sealed(struct channel *channel, struct noise_cipher *send,
                               struct bytes plain) {
    struct buf sealed = {0};
    enum status status;
    ENSURE(noise_seal(send, &sealed, bytes_of(NULL, 0), plain) == STATUS_OK);
    send_message(channel, buf_bytes(&sealed), &status);
    buf_clear(&sealed);
    return status;
}

static enum status send_own_hello(struct channel *channel, struct noise_cipher *send,
                                  const struct noise_handshake *handshake) {
    static const struct hash chain_id;
    struct hello hello = {.version = NET_VERSION};
    struct hello_binding binding = {&chain_id, handshake->hash, NOISE_INITIATOR};
    struct buf text = {0};
    key_public_of(&hello.node, &peer_key);
    hello_write(&text, &hello, &binding, &peer_key);
    enum status status = send_sealed(channel, send, buf_bytes(&text));
    buf_clear(&text);
    return status;
}

// Each message: how many more bytes of a chunk follow, in two bytes; full chunks cost no input.
static void feed_sealed(bool has_hello, struct bytes in) {
    static uint8_t plain[5 + CHANNEL_CHUNK_BYTES + 1];
    struct channel *channel;
    struct noise_handshake handshake;
    struct noise_cipher send;
    struct buf out = {0};
    size_t sent = 0;
    open_channel(&channel, NOISE_RESPONDER, &own_key);
    shake(channel, &handshake, &send);
    enum status status = has_hello ? send_own_hello(channel, &send, &handshake) : STATUS_OK;
    while (status == STATUS_OK && in.len >= 8) {
        size_t len = load_u16_le(in.data) % sizeof plain;
        memcpy(plain, in.data + 2, 6);
        status = send_sealed(channel, &send, bytes_of(plain, len));
        in = bytes_of(in.data + 8, in.len - 8);
        check_held(channel, sent += len);
        channel_take(channel, &out, 1000);
        buf_reset(&out);
    }
    (void)channel_paused_until_ms(channel, 2000);
    channel_close(channel);
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool has_begun;
    if (!has_begun) {
        struct public_key unused;
        const uint8_t own_seed[32] = {1}, peer_seed[32] = {2};
        ENSURE(crypto_init() == STATUS_OK);
        key_from_seed(&own_key, &unused, own_seed);
        key_from_seed(&peer_key, &unused, peer_seed);
        has_begun = true;
    }
    if (size == 0) return 0;
    struct bytes in = bytes_of(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        feed_raw(NOISE_RESPONDER, in);
        break;
    case 1:
        feed_raw(NOISE_INITIATOR, in);
        break;
    default:
        feed_sealed(data[0] % 4 == 2, in);
    }
    return 0;
}
