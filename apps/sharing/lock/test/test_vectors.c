// SPDX-License-Identifier: Apache-2.0
// The golden visit of a phone, which other implementations are held to: tests/vectors/lock.json.
// With LOCK_VECTORS set it is written there, as `make lock-vectors` does.
#include <stdlib.h>

#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "chaincore/base/file.h"
#include "tests/support/unit.h"

static struct buf text;

static void set_up(void) {
    world_set_up();
    buf_append_string(&text, "{\n");
}
static void tear_down(void) {
    world_close(&world);
    buf_clear(&text);
}

static void put(const char *name, struct bytes bytes, const char *end) {
    buf_append_format(&text, "\"%s\":\"", name);
    char *digits = (char *)buf_reserve(&text, 2 * bytes.len + 1);
    hex_encode(digits, bytes);
    text.len += 2 * bytes.len;
    buf_append_format(&text, "\"%s", end);
}

// One question and its answer.
static void step(const char *name, enum lock_kind kind, const struct buf *content) {
    struct buf message = {0};
    buf_append_byte(&message, (uint8_t)kind);
    if (content) buf_append(&message, buf_bytes(content));
    (void)world_send(&world, buf_bytes(&message));
    buf_append_format(&text, "  {\"name\":\"%s\",", name);
    put("message", buf_bytes(&message), ",");
    put("answer", buf_bytes(&world.reply), "},\n");
    buf_clear(&message);
}

static void start(const char *name) {
    struct buf content = {0};
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    lock_use_encode(&content, &use);
    step(name, LOCK_ASK_START, &content);
    buf_clear(&content);
}

static void go_on(const char *name, enum challenge_command command) {
    struct buf content = {0};
    struct lock_use use;
    world_make_use(&world, &use, (uint8_t)command);
    lock_wish_encode(&content,
                     &(struct lock_wish){.challenge = use.challenge, .signature = use.signature});
    step(name, LOCK_ASK_GO_ON, &content);
    buf_clear(&content);
}

// A passer-by's newer header, and the older one once more.
static void put_older_header(void) {
    struct buf content = {0};
    ck_assert_int_eq(world_show_header(&world, WORLD_HEIGHT + 1), LOCK_CODE_OK);
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT)};
    news.certificate = buf_bytes(&world.certificate);
    lock_news_encode(&content, &news);
    step("older header", LOCK_ASK_HEADER, &content);
    buf_clear(&content);
}

static void put_extension(void) {
    struct buf content = {0};
    struct lock_shown_grant shown = {.grant = world.grant,
                                     .branch = buf_bytes(&world.grant_branch)};
    lock_shown_grant_encode(&content, &shown);
    step("extend", LOCK_ASK_EXTEND, &content);
    buf_clear(&content);
}

static void put_visit(void) {
    struct buf content = {0};
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT)};
    news.certificate = buf_bytes(&world.certificate);
    buf_append_string(&text, "\"visit\":[\n");
    step("challenge", LOCK_ASK_CHALLENGE, NULL);
    lock_news_encode(&content, &news);
    step("header", LOCK_ASK_HEADER, &content);
    buf_reset(&content);
    struct lock_shown_policy policy = {.policy = world.policy,
                                       .branch = buf_bytes(&world.policy_branch)};
    lock_shown_policy_encode(&content, &policy);
    step("policy", LOCK_ASK_POLICY, &content);
    go_on("refused", CHALLENGE_OPEN);
    put_older_header();
    start("start");
    put_extension();
    go_on("open", CHALLENGE_OPEN);
    step("status", LOCK_ASK_STATUS, NULL);
    go_on("return", CHALLENGE_RETURN);
    buf_reset(&content);
    lock_receipt_wish_encode(&content,
                             &(struct lock_receipt_wish){CHALLENGE_RETURN, WORLD_BOOKING});
    step("receipt", LOCK_ASK_RECEIPT, &content);
    world.is_unbound = true;
    world.shown += 2;
    world_write_state(&world);
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    buf_reset(&content);
    encode_bytes(&content, buf_bytes(&world.policy_branch));
    step("unbound", LOCK_ASK_UNBOUND, &content);
    text.len -= 2; // the last comma
    buf_append_string(&text, "\n],\n");
    buf_clear(&content);
}

// A challenge by itself, with all that is made of it.
static void put_challenge(void) {
    struct buf encoded = {0};
    struct lock_use wish;
    struct hash hash;
    world_make_use(&world, &wish, CHALLENGE_START);
    lock_challenge_encode(&encoded, &wish.challenge);
    lock_challenge_hash(&hash, &wish.challenge);
    buf_append_string(&text, "\"challenge\":{");
    put("bytes", buf_bytes(&encoded), ",");
    put("hash", BYTES_OF(hash.bytes), ",");
    put("signature", BYTES_OF(wish.signature.bytes), "},\n");
    buf_clear(&encoded);
}

// The longest message of the visit would be long to read: one of 500 bytes that count up.
static void put_frames(void) {
    uint8_t message[500], frame[LIMIT_LOCK_FRAME_BYTES];
    struct lock_frames_out out = {.message = BYTES_OF(message)};
    size_t len;
    for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)i;
    buf_append_string(&text, "\"frames_of_500_bytes_that_count_up\":[\n");
    for (const char *comma = ""; (len = lock_frame_give(&out, frame, sizeof frame)) > 0;
         comma = ",\n") {
        buf_append_format(&text, "%s  {", comma);
        put("frame", bytes_of(frame, len), "}");
    }
    buf_append_string(&text, "\n]\n}\n");
}

START_TEST(the_golden_visit_is_as_it_was) {
    struct buf golden = {0};
    const char *path = getenv("LOCK_VECTORS");
    const uint8_t renter_seed[32] = {2};
    put("chain_id", BYTES_OF(world.chain.chain_id.bytes), ",\n");
    put("lock", BYTES_OF(world.lock.key.bytes), ",\n");
    put("renter_seed", BYTES_OF(renter_seed), ",\n");
    put("renter", BYTES_OF(world.renter_key.bytes), ",\n");
    put_visit();
    put_challenge();
    put_frames();
    if (path) assert_ok(file_replace(path, buf_bytes(&text), 0644));
    assert_ok(file_read(&golden, TOP_SRCDIR "/tests/vectors/lock.json", 1 << 20));
    ck_assert(bytes_equal(buf_bytes(&golden), buf_bytes(&text)));
    buf_clear(&golden);
}
END_TEST

TCase *vector_cases(void) {
    TCase *cases = tcase_create("vectors");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, the_golden_visit_is_as_it_was);
    return cases;
}
