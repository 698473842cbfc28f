// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/hello.h"

#include "chaincore/base/codec.h"

static void encode_body(struct buf *out, const struct hello *hello) {
    encode_u16(out, hello->version);
    encode_u64(out, hello->features);
    encode_u64(out, hello->final_height);
    encode_u16(out, hello->listen_port);
    encode_fixed(out, hello->node.bytes, sizeof hello->node.bytes);
}

// The sender's role is in it, so that nobody is answered with an own signature.
static void hash_hello(struct hash *out, const struct hello_binding *binding, struct bytes body) {
    uint8_t role = (uint8_t)binding->sender;
    struct hasher hasher;
    hasher_init(&hasher, HASH_PEER);
    hasher_add(&hasher, BYTES_OF(role));
    hasher_add(&hasher, bytes_of(binding->handshake_hash, NOISE_HASH_BYTES));
    hasher_add(&hasher, body);
    hasher_finish(&hasher, out);
}

void hello_write(struct buf *out, const struct hello *hello, const struct hello_binding *binding,
                 const struct secret_key *node_key) {
    struct signature signature;
    struct hash payload;
    size_t from = out->len;
    encode_body(out, hello);
    hash_hello(&payload, binding, bytes_of(out->data + from, out->len - from));
    sign_payload(&signature, node_key, SIGN_PEER, binding->chain_id, &payload);
    encode_fixed(out, signature.bytes, sizeof signature.bytes);
}

enum status hello_read(struct hello *out, struct bytes in, const struct hello_binding *binding) {
    struct decoder decoder = decoder_of(in);
    struct signature signature;
    struct hash payload;
    *out = (struct hello){.version = decode_u16(&decoder)};
    out->features = decode_u64(&decoder);
    out->final_height = decode_u64(&decoder);
    out->listen_port = decode_u16(&decoder);
    decode_fixed(&decoder, out->node.bytes, sizeof out->node.bytes);
    size_t body_len = in.len - decoder_left(&decoder);
    decode_fixed(&decoder, signature.bytes, sizeof signature.bytes);
    enum status status = decoder_finish(&decoder);
    if (in.len >= sizeof out->version && out->version != NET_VERSION) return STATUS_UNSUPPORTED;
    if (status != STATUS_OK) return status;
    hash_hello(&payload, binding, bytes_of(in.data, body_len));
    bool is_signed = sign_verify(&signature, &out->node, SIGN_PEER, binding->chain_id, &payload);
    return is_signed ? STATUS_OK : STATUS_BAD_SIGNATURE;
}
