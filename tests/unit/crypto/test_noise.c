// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/noise.h"
#include "chaincore/crypto/sign.h"
#include "tests/support/unit.h"
#include "tests/unit/crypto/vectors.h"

Suite *noise_suite(void);

enum { SIDES = 2, MESSAGES_MAX = 6 };

// Public vectors of this protocol: cacophony's and snow's.
static const struct vector {
    const char *prologue;
    const char *own_keys[SIDES], *ephemerals[SIDES];
    const char *hash; // NULL: it does not say
    struct {
        const char *payload, *text;
    } messages[MESSAGES_MAX]; // in turn, the initiator's first
} public_vectors[] = {
    {.prologue = "4a6f686e2047616c74",
     .own_keys = {"e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
                  "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"},
     .ephemerals = {"893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
                    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"},
     .hash = "c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e",
     .messages =
         {
             {"4c756477696720766f6e204d69736573",
              "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c75647769672076"
              "6f6e204d69736573"},
             {"4d757272617920526f746862617264",
              "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c"
              "48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b781"
              "5528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad"},
             {"462e20412e20486179656b",
              "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169a"
              "e80a89be0865b57f58c9fea0d4ec82a286427402f113e4b6ae769a1d95941d49b25030"},
             {"4361726c204d656e676572", "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df"},
             {"4a65616e2d426170746973746520536179",
              "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5"},
             {"457567656e2042f6686d20766f6e2042617765726b",
              "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f"},
         }},
    {.prologue = "5468657265206973206e6f20726967687420616e642077726f6e672e2054686572652773206f6e6c"
                 "792066756e20616e6420626f72696e672e",
     .own_keys = {"7dec208517a3b81a2861d7a71266d5d6dc944c5a8816634a86fe63198a0148ee",
                  "4d0aed5098e3b4ef20357e9f686ce66204c792b358da2e475017d6c485304881"},
     .ephemerals = {"a32daf21e93c0131495ce1d903181fde81cc46937daaeb990bae7c992709421e",
                    "4eece0f195d026db035ff987597c429d3ad3bcc2944df37d649528951b2a27c5"},
     .messages =
         {
             {"d03c489139e645d0711a3c9e810d776b46a84912463fafa87b884eebf242dc34",
              "f9fa868ba97ab8a2686deccfaad5a484ee10a5bb85e3d1dce015a84797f92818d03c489139e645d0"
              "711a3c9e810d776b46a84912463fafa87b884eebf242dc34"},
             {"d8190a92f7dc0c93dbea9118ba8055751fb7c6590c416ffbd419964132b99a85",
              "8c4e6fdb7d09d501a86f7eca5c234522751706ed409182c05cdf5f827d4dae47b81c6c5f43b02569"
              "2c24391eefee725c17d8cb0fbe3e4abb8aedf42c4fd2592d4ea48ac08989d6ae8b4adae08b2c3408"
              "7c808c7aa55a63c02b0fab9e930612336bd43eaea04d3c670a0a146691aa9cc9d357872320dc735d"
              "bc48580cffb553db"},
             {"77891b19dcb92ef7c055b672c4a5aa7fdf1c84146b8b303459022729473ce254",
              "933ca6b5ed60df3df66121f0ab49a09e49efa45c613a86a3cecbf4c535cef2f83f72b42837b18e35"
              "72f2fdc2b74c331e2368a545cef54bdca081678ab0e9dd5348122459e0c034c851984d88ce610963"
              "d43cde6cfe73a67fbd5a63e8bfca96d0"},
             {"d7efdf988072881941db045a42882433817555128fbf5663e56081712ec7d212",
              "54ef0ff0629e1aaa7685a2806ab111cba76b52331f2642276736f415868eacb69ab2577f3bda0cbf"
              "72f879685f6ed25f"},
             {"dd7bf01a588bafb52c6cfba952e5d8fe35cc2b3f92b4730ae2474615157345ce",
              "356be70f110306d5c699bb834bb9d58d909e325924dfbec972e406e6f294dc63e1daebefe8a62a33"
              "4facc8048ab4ad66"},
         }},
};

static struct enc_secret_key own_keys[SIDES];
static struct noise_handshake sides[SIDES];
static struct noise_cipher sends[SIDES], receives[SIDES];
static struct buf message, payload;
static struct arena arena;

static void set_up(void) {
    struct enc_public_key unused;
    for (int i = 0; i < SIDES; i++) {
        enc_key_generate(&own_keys[i], &unused);
        noise_begin(&sides[i], i == 0 ? NOISE_INITIATOR : NOISE_RESPONDER, &own_keys[i],
                    bytes_of_string("lmm"));
    }
}

static void tear_down(void) {
    buf_clear(&message);
    buf_clear(&payload);
    arena_clear(&arena);
}

// The next message, from one side to the other.
static enum status pass(const char *text) {
    unsigned turn = sides[0].turn;
    buf_reset(&message);
    buf_reset(&payload);
    assert_ok(noise_write(&sides[turn % 2], &message, bytes_of_string(text)));
    return noise_read(&sides[1 - turn % 2], &payload, buf_bytes(&message));
}

static void pass_all(void) {
    for (int i = 0; i < NOISE_HANDSHAKE_MESSAGES; i++) assert_ok(pass("hello"));
    for (int i = 0; i < SIDES; i++) noise_split(&sides[i], &sends[i], &receives[i]);
}

// --- the vectors ---

static void take_key(struct enc_secret_key *out, const char *hex) {
    struct bytes key = vectors_unhex(&arena, hex);
    ck_assert_uint_eq(key.len, sizeof out->bytes);
    memcpy(out->bytes, key.data, key.len);
}

static void begin_vector(const struct vector *vector) {
    for (int i = 0; i < SIDES; i++) {
        take_key(&own_keys[i], vector->own_keys[i]);
        noise_begin(&sides[i], i == 0 ? NOISE_INITIATOR : NOISE_RESPONDER, &own_keys[i],
                    vectors_unhex(&arena, vector->prologue));
        take_key(&sides[i].own_ephemeral, vector->ephemerals[i]);
        enc_key_public_of(&sides[i].own_ephemeral_public, &sides[i].own_ephemeral);
    }
}

static void check_message(const struct vector *vector, int at) {
    struct bytes plain = vectors_unhex(&arena, vector->messages[at].payload);
    struct bytes text = vectors_unhex(&arena, vector->messages[at].text);
    int from = at % 2, to = 1 - from;
    buf_reset(&message);
    buf_reset(&payload);
    if (at < NOISE_HANDSHAKE_MESSAGES) {
        assert_ok(noise_write(&sides[from], &message, plain));
        assert_ok(noise_read(&sides[to], &payload, text));
    } else {
        assert_ok(noise_seal(&sends[from], &message, bytes_of(NULL, 0), plain));
        assert_ok(noise_open(&receives[to], &payload, bytes_of(NULL, 0), text));
    }
    assert_bytes_equal(buf_bytes(&message), text);
    assert_bytes_equal(buf_bytes(&payload), plain);
}

START_TEST(the_public_vectors_come_out_to_the_byte) {
    const struct vector *vector = &public_vectors[_i];
    begin_vector(vector);
    for (int at = 0; at < MESSAGES_MAX && vector->messages[at].text; at++) {
        check_message(vector, at);
        if (at + 1 < NOISE_HANDSHAKE_MESSAGES) continue;
        for (int i = 0; i < SIDES && at + 1 == NOISE_HANDSHAKE_MESSAGES; i++)
            noise_split(&sides[i], &sends[i], &receives[i]);
    }
    ck_assert_mem_eq(sides[0].hash, sides[1].hash, NOISE_HASH_BYTES);
    if (vector->hash)
        assert_bytes_equal(BYTES_OF(sides[0].hash), vectors_unhex(&arena, vector->hash));
}
END_TEST

// --- a handshake ---

START_TEST(each_side_learns_the_others_key) {
    struct enc_public_key public;
    pass_all();
    for (int i = 0; i < SIDES; i++) {
        enc_key_public_of(&public, &own_keys[i]);
        ck_assert_mem_eq(&sides[1 - i].other_static, &public, sizeof public);
    }
}
END_TEST

START_TEST(no_secret_stays_behind) {
    static const struct enc_secret_key none;
    pass_all();
    ck_assert_mem_eq(&sides[0].own_static, &none, sizeof none);
    ck_assert_mem_eq(&sides[0].own_ephemeral, &none, sizeof none);
    ck_assert_mem_eq(sides[0].chaining_key, &none, sizeof none);
    ck_assert_mem_eq(sides[0].cipher.key, &none, sizeof none);
}
END_TEST

// Up to a message, which then arrives with one bit flipped or cut: false where no other would tell.
START_TEST(a_changed_message_ends_the_handshake) {
    for (int at = 1; at < NOISE_HANDSHAKE_MESSAGES; at++) {
        set_up();
        for (int i = 0; i < at; i++) assert_ok(pass("hello"));
        buf_reset(&message);
        assert_ok(noise_write(&sides[at % 2], &message, bytes_of_string("hello")));
        struct noise_handshake before = sides[1 - at % 2];
        for (size_t bit = 0; bit < 8 * message.len; bit++) {
            struct noise_handshake other = before;
            message.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            // X25519 ignores the highest bit of a key; the hash of what was said does not.
            assert_status(noise_read(&other, &payload, buf_bytes(&message)), STATUS_UNAUTHORIZED);
            ck_assert(other.has_failed && !noise_is_done(&other));
            message.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t len = 0; len < message.len; len++) {
            struct noise_handshake other = before;
            enum status status = noise_read(&other, &payload, bytes_of(message.data, len));
            ck_assert(status == STATUS_TRUNCATED || status == STATUS_UNAUTHORIZED);
        }
        assert_ok(noise_read(&before, &payload, buf_bytes(&message)));
    }
}
END_TEST

START_TEST(a_first_message_in_pieces_is_refused) {
    assert_ok(noise_write(&sides[0], &message, bytes_of(NULL, 0)));
    ck_assert_uint_eq(message.len, 32);
    assert_status(noise_read(&sides[1], &payload, bytes_of(message.data, 31)), STATUS_TRUNCATED);
}
END_TEST

START_TEST(another_prologue_is_noticed) {
    noise_begin(&sides[1], NOISE_RESPONDER, &own_keys[1], bytes_of_string("lmn"));
    assert_ok(pass("")); // nothing is sealed in the first
    assert_status(pass(""), STATUS_UNAUTHORIZED);
}
END_TEST

START_TEST(a_key_of_small_order_is_refused) {
    uint8_t zeros[32] = {0};
    assert_ok(noise_read(&sides[1], &payload, BYTES_OF(zeros)));
    buf_append_string(&message, "kept");
    assert_status(noise_write(&sides[1], &message, bytes_of(NULL, 0)), STATUS_INVALID);
    ck_assert_uint_eq(message.len, 4);
    ck_assert(sides[1].has_failed);
}
END_TEST

START_TEST(a_message_has_a_bound) {
    static uint8_t much[NOISE_MESSAGE_MAX + 1];
    size_t most = NOISE_MESSAGE_MAX - sizeof(struct enc_public_key);
    assert_status(noise_write(&sides[0], &message, bytes_of(much, most + 1)), STATUS_TOO_LARGE);
    ck_assert_uint_eq(message.len, 0);
    assert_ok(noise_write(&sides[0], &message, bytes_of(much, most)));
    assert_ok(noise_read(&sides[1], &payload, buf_bytes(&message)));
    ck_assert_uint_eq(payload.len, most);
    set_up();
    assert_status(noise_read(&sides[1], &payload, BYTES_OF(much)), STATUS_TOO_LARGE);
}
END_TEST

// --- what follows ---

static void seal(int from, const char *text) {
    buf_reset(&message);
    assert_ok(noise_seal(&sends[from], &message, bytes_of(NULL, 0), bytes_of_string(text)));
}

static enum status open(int to) {
    buf_reset(&payload);
    return noise_open(&receives[to], &payload, bytes_of(NULL, 0), buf_bytes(&message));
}

START_TEST(both_directions_have_keys_of_their_own) {
    pass_all();
    ck_assert_mem_ne(sends[0].key, receives[0].key, 32);
    for (int i = 0; i < 100; i++) {
        seal(i % 2, "both ways");
        assert_ok(open(1 - i % 2));
        assert_bytes_equal(buf_bytes(&payload), bytes_of_string("both ways"));
    }
}
END_TEST

START_TEST(a_message_that_is_lost_or_repeated_is_noticed) {
    pass_all();
    seal(0, "once");
    assert_ok(open(1));
    assert_status(open(1), STATUS_UNAUTHORIZED);
    struct noise_cipher kept = receives[1];
    kept.count = 1;
    seal(0, "lost");
    seal(0, "after it");
    assert_status(noise_open(&kept, &payload, bytes_of(NULL, 0), buf_bytes(&message)),
                  STATUS_UNAUTHORIZED);
}
END_TEST

START_TEST(a_message_has_bounds_both_ways) {
    static uint8_t much[NOISE_MESSAGE_MAX + 1];
    pass_all();
    assert_status(
        noise_seal(&sends[0], &message, bytes_of(NULL, 0), bytes_of(much, NOISE_PLAIN_MAX + 1)),
        STATUS_TOO_LARGE);
    buf_reset(&message);
    assert_ok(noise_seal(&sends[0], &message, bytes_of(NULL, 0), bytes_of(much, NOISE_PLAIN_MAX)));
    ck_assert_uint_eq(message.len, NOISE_MESSAGE_MAX);
    assert_ok(open(1));
    assert_status(noise_open(&receives[1], &payload, bytes_of(NULL, 0), BYTES_OF(much)),
                  STATUS_TOO_LARGE);
    assert_status(
        noise_open(&receives[1], &payload, bytes_of(NULL, 0), bytes_of(much, NOISE_TAG_BYTES - 1)),
        STATUS_TRUNCATED);
}
END_TEST

START_TEST(a_key_ends_before_its_numbers_come_again) {
    pass_all();
    sends[0].count = receives[1].count = UINT64_MAX - 1;
    seal(0, "the last");
    assert_ok(open(1));
    assert_status(noise_seal(&sends[0], &message, bytes_of(NULL, 0), bytes_of(NULL, 0)),
                  STATUS_CLOSED);
    assert_status(open(1), STATUS_CLOSED);
}
END_TEST

Suite *noise_suite(void) {
    Suite *suite = suite_create("noise");
    TCase *cases = tcase_create("noise");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, the_public_vectors_come_out_to_the_byte, 0,
                        sizeof public_vectors / sizeof *public_vectors);
    tcase_add_test(cases, each_side_learns_the_others_key);
    tcase_add_test(cases, no_secret_stays_behind);
    tcase_add_test(cases, a_changed_message_ends_the_handshake);
    tcase_add_test(cases, a_first_message_in_pieces_is_refused);
    tcase_add_test(cases, another_prologue_is_noticed);
    tcase_add_test(cases, a_key_of_small_order_is_refused);
    tcase_add_test(cases, a_message_has_a_bound);
    tcase_add_test(cases, both_directions_have_keys_of_their_own);
    tcase_add_test(cases, a_message_that_is_lost_or_repeated_is_noticed);
    tcase_add_test(cases, a_message_has_bounds_both_ways);
    tcase_add_test(cases, a_key_ends_before_its_numbers_come_again);
    suite_add_tcase(suite, cases);
    return suite;
}
