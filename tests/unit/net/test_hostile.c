// SPDX-License-Identifier: Apache-2.0
// A peer that shakes hands by itself and then says what no channel would.
#include "tests/unit/net/pair.h"
#include "tests/unit/net/suites.h"

static struct pair pair; // of which the responder alone is used
static struct noise_handshake handshake;
static struct noise_cipher send;
static struct secret_key peer_key;
static struct buf bytes;

static struct channel *victim(void) { return pair.sides[1].channel; }

static void put(struct bytes message) {
    uint8_t prefix[2];
    store_u16_le(prefix, (uint16_t)message.len);
    buf_append(&bytes, BYTES_OF(prefix));
    buf_append(&bytes, message);
}

static enum status tell(void) {
    enum status status = channel_receive(victim(), buf_bytes(&bytes), 1000);
    buf_reset(&bytes);
    return status;
}

static enum status say(struct bytes plain) {
    struct buf sealed = {0};
    assert_ok(noise_seal(&send, &sealed, bytes_of(NULL, 0), plain));
    put(buf_bytes(&sealed));
    buf_clear(&sealed);
    return tell();
}

static void shake(void) {
    struct channel_config config = side_config(&pair, 1);
    struct enc_secret_key secret;
    struct enc_public_key unused;
    struct noise_cipher receive;
    struct buf message = {0};
    enc_key_generate(&secret, &unused);
    noise_begin(&handshake, NOISE_INITIATOR, &secret, BYTES_OF(config.chain_id));
    assert_ok(noise_write(&handshake, &message, bytes_of(NULL, 0)));
    put(buf_bytes(&message));
    assert_ok(tell());
    channel_take(victim(), &bytes, SIZE_MAX / 2);
    buf_reset(&message);
    assert_ok(noise_read(&handshake, &message, bytes_of(bytes.data + 2, bytes.len - 2)));
    buf_reset(&bytes);
    assert_ok(noise_write(&handshake, &message, bytes_of(NULL, 0)));
    put(buf_bytes(&message));
    assert_ok(tell());
    noise_split(&handshake, &send, &receive);
    buf_clear(&message);
}

static struct hello peer_hello(void) {
    struct hello hello = {.version = NET_VERSION};
    key_public_of(&hello.node, &peer_key);
    return hello;
}

static struct hello_binding own_binding(struct hash *chain_id) {
    *chain_id = side_config(&pair, 1).chain_id;
    return (struct hello_binding){chain_id, handshake.hash, NOISE_INITIATOR};
}

static enum status say_hello(const struct hello *hello, const struct hello_binding *binding) {
    struct buf text = {0};
    hello_write(&text, hello, binding, &peer_key);
    enum status status = say(buf_bytes(&text));
    buf_clear(&text);
    return status;
}

static void start(void) {
    uint8_t seed[32] = {99};
    struct public_key unused;
    key_from_seed(&peer_key, &unused, seed);
    pair_open(&pair);
    shake();
}

static void start_ready(void) {
    start();
    struct hash chain_id;
    struct hello hello = peer_hello();
    struct hello_binding binding = own_binding(&chain_id);
    assert_ok(say_hello(&hello, &binding));
    ck_assert_int_eq(pair.sides[1].readies, 1);
}

static void stop(void) {
    pair_close(&pair);
    buf_clear(&bytes);
}

// --- the handshake ---

START_TEST(what_is_no_handshake_is_refused_by_its_first_bytes) {
    static const char *const texts[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02", "\x21\x00",
                                        "\x00\x00", "\xff\xff"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct channel_config config = side_config(&pair, 1);
        side_open(&pair.sides[1], &config);
        size_t len = i < 2 ? strlen(texts[i]) : 2;
        assert_status(channel_receive(victim(), bytes_of(texts[i], len), 0), STATUS_MALFORMED);
        ck_assert(!channel_has_output(victim()));
    }
}
END_TEST

START_TEST(a_first_message_is_no_answer) {
    struct channel_config config = side_config(&pair, 0);
    side_open(&pair.sides[0], &config);
    uint8_t first[34] = {32};
    assert_status(channel_receive(pair.sides[0].channel, BYTES_OF(first), 0), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_key_of_small_order_is_refused) {
    struct channel_config config = side_config(&pair, 1);
    uint8_t first[34] = {32};
    side_open(&pair.sides[1], &config);
    assert_status(channel_receive(victim(), BYTES_OF(first), 0), STATUS_INVALID);
}
END_TEST

START_TEST(a_hello_is_for_one_handshake_and_one_side) {
    struct hash chain_id, other_chain = {{1}};
    uint8_t other_hash[NOISE_HASH_BYTES] = {1};
    for (int i = 0; i < 4; i++) {
        struct hello hello = peer_hello();
        struct hello_binding binding = own_binding(&chain_id);
        if (i == 0) binding.chain_id = &other_chain;
        if (i == 1) binding.handshake_hash = other_hash;
        if (i == 2) binding.sender = NOISE_RESPONDER;
        if (i == 3) hello.node.bytes[0] ^= 1; // another's
        assert_status(say_hello(&hello, &binding), STATUS_BAD_SIGNATURE);
        stop();
        start();
    }
}
END_TEST

START_TEST(another_version_is_named) {
    struct hash chain_id;
    struct hello hello = peer_hello();
    struct hello_binding binding = own_binding(&chain_id);
    hello.version = NET_VERSION + 1;
    assert_status(say_hello(&hello, &binding), STATUS_UNSUPPORTED);
}
END_TEST

START_TEST(a_later_versions_hello_may_be_longer) {
    uint8_t hello[HELLO_BYTES + 40] = {NET_VERSION + 1};
    assert_status(say(BYTES_OF(hello)), STATUS_UNSUPPORTED);
    stop();
    start();
    hello[0] = NET_VERSION;
    assert_status(say(BYTES_OF(hello)), STATUS_TRAILING);
    stop();
    start();
    assert_status(say(bytes_of(hello, 20)), STATUS_TRUNCATED);
    stop();
    start();
    uint8_t much[2 * HELLO_BYTES + 1] = {NET_VERSION};
    assert_status(say(BYTES_OF(much)), STATUS_TOO_LARGE);
}
END_TEST

// --- frames ---

static struct bytes opened(uint8_t *room, uint8_t kind, uint32_t len, size_t data_len) {
    room[0] = kind;
    store_u32_le(room + 1, len);
    return bytes_of(room, 5 + data_len);
}

START_TEST(frames_that_no_channel_sends_are_refused) {
    static uint8_t room[5 + CHANNEL_CHUNK_BYTES + 100];
    enum { CHUNK = CHANNEL_CHUNK_BYTES };
    static const struct {
        uint8_t kind;
        uint32_t len;
        size_t data_len;
        enum status status;
    } cases[] = {
        {KIND_UNKNOWN, 1, 1, STATUS_MALFORMED},
        {PAIR_KINDS, 1, 1, STATUS_MALFORMED},
        {127, 1, 1, STATUS_MALFORMED},
        {KIND_VOTE, VOTE_MAX + 1, CHUNK, STATUS_TOO_LARGE},
        {KIND_BLOCK, BLOCK_MAX + 1, CHUNK, STATUS_TOO_LARGE},
        {KIND_BLOCK, UINT32_MAX, CHUNK, STATUS_TOO_LARGE},
        {KIND_VOTE, 5, 6, STATUS_MALFORMED},                  // more than it says
        {KIND_BLOCK, 3 * CHUNK, 1, STATUS_MALFORMED},         // a chunk that is not full
        {KIND_BLOCK, 3 * CHUNK, CHUNK + 1, STATUS_TOO_LARGE}, // or too full
        {KIND_BLOCK, CHUNK + 1, CHUNK + 1, STATUS_TOO_LARGE},
        {128 + KIND_BLOCK, 0, 10, STATUS_MALFORMED}, // nothing has begun
        {128 + KIND_UNKNOWN, 0, 10, STATUS_MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum status status = say(opened(room, cases[i].kind, cases[i].len, cases[i].data_len));
        ck_assert_msg(status == cases[i].status, "%zu: %s", i, status_name(status));
        ck_assert_uint_eq(pair.sides[1].frame_count, 0);
        assert_status(say(bytes_of("\0\0\0\0\0", 5)), STATUS_CLOSED);
        stop();
        start_ready();
    }
    assert_ok(say(bytes_of("\0\0\0\0\0", 5)));
    ck_assert_uint_eq(pair.sides[1].frame_count, 1);
}
END_TEST

START_TEST(a_frame_in_pieces_goes_on_as_it_began) {
    static uint8_t room[5 + CHANNEL_CHUNK_BYTES];
    enum { CHUNK = CHANNEL_CHUNK_BYTES };
    static const struct {
        uint8_t kind;
        uint32_t len; // of one that begins
        size_t bytes; // of the message
        enum status status;
    } cases[] = {
        {KIND_NOTE, 2 * CHUNK, 5 + CHUNK, STATUS_MALFORMED}, // another one in its class
        {KIND_VOTE, 1, 6, STATUS_MALFORMED},                 // even if it is whole
        {128 + KIND_VOTE, 0, 1 + CHUNK, STATUS_MALFORMED},   // of another kind
        {128 + KIND_NOTE, 0, CHUNK, STATUS_MALFORMED},       // a chunk that is not full
        {128 + KIND_NOTE, 0, 1, STATUS_MALFORMED},           // or empty
        {128 + KIND_NOTE, 0, 1 + CHUNK, STATUS_OK},
        {KIND_BLOCK, 1, 6, STATUS_OK}, // of another class
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(say(opened(room, KIND_NOTE, 2 * CHUNK + 7, CHUNK)));
        opened(room, cases[i].kind, cases[i].len, 0);
        enum status status = say(bytes_of(room, cases[i].bytes));
        ck_assert_msg(status == cases[i].status, "%zu: %s", i, status_name(status));
        stop();
        start_ready();
    }
}
END_TEST

START_TEST(nothing_is_no_message) {
    assert_status(say(bytes_of(NULL, 0)), STATUS_MALFORMED);
    stop();
    start_ready();
    put(bytes_of(NULL, 0));
    assert_status(tell(), STATUS_TRUNCATED);
}
END_TEST

START_TEST(a_message_is_bounded_before_it_comes) {
    static const uint8_t prefix[] = {0xFF, 0xFF};
    buf_append(&bytes, BYTES_OF(prefix));
    assert_status(tell(), STATUS_TOO_LARGE);
}
END_TEST

START_TEST(a_flipped_bit_ends_the_connection) {
    struct buf sealed = {0};
    struct bytes plain = bytes_of("\0\2\0\0\0hi", 7);
    assert_ok(noise_seal(&send, &sealed, bytes_of(NULL, 0), plain));
    sealed.data[6] ^= 0x10;
    put(buf_bytes(&sealed));
    buf_clear(&sealed);
    assert_status(tell(), STATUS_UNAUTHORIZED);
    ck_assert_uint_eq(pair.sides[1].frame_count, 0);
}
END_TEST

START_TEST(a_message_twice_ends_the_connection) {
    struct buf sealed = {0};
    assert_ok(noise_seal(&send, &sealed, bytes_of(NULL, 0), bytes_of("\0\2\0\0\0hi", 7)));
    put(buf_bytes(&sealed));
    put(buf_bytes(&sealed));
    buf_clear(&sealed);
    assert_status(tell(), STATUS_UNAUTHORIZED);
    ck_assert_uint_eq(pair.sides[1].frame_count, 1);
}
END_TEST

Suite *hostile_suite(void) {
    Suite *suite = suite_create("hostile");
    TCase *hands = tcase_create("hands"), *ready = tcase_create("frames");
    tcase_add_checked_fixture(hands, start, stop);
    tcase_add_test(hands, what_is_no_handshake_is_refused_by_its_first_bytes);
    tcase_add_test(hands, a_first_message_is_no_answer);
    tcase_add_test(hands, a_key_of_small_order_is_refused);
    tcase_add_test(hands, a_hello_is_for_one_handshake_and_one_side);
    tcase_add_test(hands, another_version_is_named);
    tcase_add_test(hands, a_later_versions_hello_may_be_longer);
    tcase_add_checked_fixture(ready, start_ready, stop);
    tcase_add_test(ready, frames_that_no_channel_sends_are_refused);
    tcase_add_test(ready, a_frame_in_pieces_goes_on_as_it_began);
    tcase_add_test(ready, nothing_is_no_message);
    tcase_add_test(ready, a_message_is_bounded_before_it_comes);
    tcase_add_test(ready, a_flipped_bit_ends_the_connection);
    tcase_add_test(ready, a_message_twice_ends_the_connection);
    suite_add_tcase(suite, hands);
    suite_add_tcase(suite, ready);
    return suite;
}
