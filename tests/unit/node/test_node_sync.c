// SPDX-License-Identifier: Apache-2.0
// Catching up, over a network and on chains that are tables of the test's: one node is behind, the
// others serve it by the same code, and some of them lie, are silent, or go.
#include "chaincore/node/node_sync.h"

#include <stdlib.h>

#include "chaincore/net/host.h"
#include "tests/support/light_chain.h"
#include "tests/support/unit.h"
#include "tests/unit/node/suites.h"

enum {
    NODES = 4, // the first is behind
    EPOCH = 60,
    EPOCHS = 3,
    HEIGHTS = EPOCH * EPOCHS, // 0 to one less
    KEPT_EVERY = 7,
    START_MS = 1000,
    TIMEOUT_MS = 1000,
    LINES = 4096,
};

struct false_node {
    struct node_sync *sync;
    uint64_t top; // final here
    uint64_t oldest;
    unsigned points;
    uint64_t taken, certified;
    uint64_t a_second; // blocks that its checkpoints keep up with; 0: any
    uint64_t big_from; // bodies from here on are large; 0: none
};

struct line {
    uint16_t from, to;
    struct buf message;
};

static struct light_chain chain;
static struct false_node nodes[NODES];
static struct line lines[LINES];
static size_t line_count;
// Of one that answers a little before it would be given up, one body after the other.
static struct line slow_lines[LINES];
static size_t slow_count;
static uint64_t slow_at_ms; // when its next is there; 0: nobody is slow
static uint64_t now_ms;
static uint64_t bytes_waiting, most_waiting; // to the first node
// Changes what a node says, or returns false to lose it.
static bool (*twist)(uint16_t from, struct sync_message *message, struct buf *scratch);
static unsigned twisted;

static uint16_t number_of(const void *chain_of) {
    return (uint16_t)((const struct false_node *)chain_of - nodes);
}

static struct bytes body_of(uint64_t height, struct buf *out) {
    buf_reset(out);
    buf_append_format(out, "body of %d", (int)height);
    if (nodes[0].big_from > 0 && height >= nodes[0].big_from)
        while (out->len < 700 * 1024) buf_append(out, bytes_of_string("more and more of it"));
    return buf_bytes(out);
}

static void send(void *context, uint16_t peer, struct bytes message) {
    struct buf scratch = {0}, changed = {0};
    struct sync_message decoded;
    uint16_t from = number_of(context);
    ck_assert_uint_lt(line_count, LINES);
    assert_ok(sync_decode(&decoded, message));
    if (twist && from > 0 && !twist(from, &decoded, &scratch)) {
        buf_clear(&scratch);
        return;
    }
    sync_encode(&changed, &decoded);
    buf_clear(&scratch);
    if (peer == 0) bytes_waiting += changed.len;
    if (bytes_waiting > most_waiting) most_waiting = bytes_waiting;
    if (slow_at_ms > 0 && from == 1 && peer == 0 && decoded.kind == SYNC_BLOCK) {
        if (slow_count == 0) slow_at_ms = now_ms + TIMEOUT_MS - 10;
        slow_lines[slow_count++] = (struct line){.from = from, .to = peer, .message = changed};
        return;
    }
    lines[line_count++] = (struct line){.from = from, .to = peer, .message = changed};
}

static void let_slow_pass(void) {
    if (slow_count == 0 || slow_at_ms > now_ms) return;
    lines[line_count++] = slow_lines[0];
    memmove(slow_lines, slow_lines + 1, --slow_count * sizeof *slow_lines);
    slow_at_ms = now_ms + TIMEOUT_MS - 10;
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    ck_assert_uint_eq(number_of(context), 0);
    nodes[peer].points += points;
}

static void head(void *context, struct sync_head *out) {
    const struct false_node *node = context;
    *out = (struct sync_head){.height = node->top, .id = chain.ids[node->top]};
    out->epoch = (node->top + 1) / EPOCH;
}

static uint64_t epoch_blocks(void *context) {
    (void)context;
    return EPOCH;
}

// The state names a set once the boundary before it is executed.
static bool set(void *context, uint64_t epoch, struct witness_set *out) {
    const struct false_node *node = context;
    if (epoch > (node->top + 1) / EPOCH) return false;
    *out = chain.sets[epoch];
    return true;
}

static bool is_body_of(void *context, const struct header *header, struct bytes body) {
    struct buf right = {0};
    (void)context;
    bool is_right = bytes_equal(body, body_of(header->height, &right));
    buf_clear(&right);
    return is_right;
}

static enum status take(void *context, const struct header *header, const struct hash *id,
                        struct bytes body, const struct certificate *certificate) {
    struct false_node *node = context;
    ck_assert_uint_eq(header->height, node->top + 1);
    ck_assert(hash_equal(id, &chain.ids[header->height]));
    ck_assert(is_body_of(context, header, body));
    node->top++;
    node->taken++;
    if (certificate) node->certified = node->top;
    return STATUS_OK;
}

static bool must_wait(void *context) {
    const struct false_node *node = context;
    return node->a_second > 0 && node->top * 1000 > node->a_second * (now_ms - START_MS);
}

static uint64_t oldest(void *context) { return ((struct false_node *)context)->oldest; }
static uint64_t newest(void *context) { return ((struct false_node *)context)->top; }

static enum status read_block(void *context, uint64_t height, struct header *header,
                              struct buf *body) {
    const struct false_node *node = context;
    if (height > node->top || height < node->oldest) return STATUS_NOT_FOUND;
    *header = chain.headers[height];
    if (body) body_of(height, body);
    return STATUS_OK;
}

static enum status read_certificate(void *context, uint64_t height, struct buf *out) {
    const struct false_node *node = context;
    bool is_kept = height % KEPT_EVERY == 0 || (height + 1) % EPOCH == 0 || height == node->top;
    if (!is_kept || height > node->top) return STATUS_NOT_FOUND;
    const struct header *header = light_chain_header(&chain, height);
    struct light_chain_vote vote = light_chain_vote(&chain, header);
    light_chain_certify(&chain, out, header, &vote);
    return STATUS_OK;
}

static void begin(void) {
    struct light_chain_plan plan = {
        .epochs = EPOCHS, .epoch_blocks = EPOCH, .interval_ms = 500, .witnesses = 4, .change = 2};
    light_chain_make(&chain, &plan);
    now_ms = START_MS;
    twist = NULL;
    twisted = 0;
    bytes_waiting = most_waiting = 0;
    for (uint16_t i = 0; i < NODES; i++) {
        struct sync_calls calls = {.context = &nodes[i],
                                   .send = send,
                                   .penalise = penalise,
                                   .chain = &nodes[i],
                                   .head = head,
                                   .epoch_blocks = epoch_blocks,
                                   .set = set,
                                   .is_body_of = is_body_of,
                                   .take = take,
                                   .must_wait = must_wait,
                                   .oldest = oldest,
                                   .newest = newest,
                                   .read_block = read_block,
                                   .read_certificate = read_certificate};
        struct node_sync_config config = {
            .calls = &calls, .chain_id = chain.chain_id, .timeout_ms = TIMEOUT_MS};
        nodes[i] = (struct false_node){.oldest = 1, .top = i == 0 ? 0 : HEIGHTS - 1};
        nodes[i].sync = node_sync_open(&config);
    }
}

static void forget_lines(void) {
    for (size_t i = 0; i < line_count; i++) buf_clear(&lines[i].message);
    line_count = 0;
}

static void clear(void) {
    forget_lines();
    for (uint16_t i = 0; i < NODES; i++) node_sync_close(nodes[i].sync);
    light_chain_clear(&chain);
}

static void join(uint16_t peer, uint64_t height) {
    node_sync_peer_joined(nodes[0].sync, peer, height);
    node_sync_peer_joined(nodes[peer].sync, 0, nodes[0].top);
}

static void deliver(void) {
    size_t count = line_count;
    for (size_t i = 0; i < count; i++) {
        struct line line = lines[i];
        assert_ok(
            node_sync_receive(nodes[line.to].sync, line.from, buf_bytes(&line.message), now_ms));
        if (line.to == 0) bytes_waiting -= line.message.len;
        buf_clear(&line.message);
    }
    line_count -= count;
    memmove(lines, lines + count, line_count * sizeof *lines);
}

// Until the first node has arrived, or something else than OK came of it.
static enum status run(void) {
    for (unsigned steps = 0; steps < 200000; steps++) {
        uint64_t wake_ms = UINT64_MAX;
        bool arrived = false, other;
        let_slow_pass();
        deliver();
        enum status status = node_sync_run(nodes[0].sync, now_ms, &arrived);
        if (status != STATUS_OK || arrived) return status;
        for (uint16_t i = 1; i < NODES; i++)
            assert_ok(node_sync_run(nodes[i].sync, now_ms, &other));
        if (line_count > 0) continue;
        for (uint16_t i = 0; i < NODES; i++) {
            uint64_t own_ms = node_sync_wake_ms(nodes[i].sync);
            if (own_ms < wake_ms) wake_ms = own_ms;
        }
        if (slow_count > 0 && slow_at_ms < wake_ms) wake_ms = slow_at_ms;
        ck_assert_msg(wake_ms != UINT64_MAX, "it waits for nothing");
        if (wake_ms > now_ms) now_ms = wake_ms;
    }
    ck_abort_msg("it never arrives");
    return STATUS_OK;
}

static struct node_sync_counts counts(uint16_t node) {
    struct node_sync_counts out;
    node_sync_count(nodes[node].sync, &out);
    return out;
}

static void check_whole(void) {
    ck_assert_uint_eq(nodes[0].top, HEIGHTS - 1);
    ck_assert_uint_eq(nodes[0].certified, HEIGHTS - 1);
    ck_assert_uint_eq(nodes[0].taken, HEIGHTS - 1);
    ck_assert(!counts(0).is_running);
}

START_TEST(it_catches_up_over_epochs_whose_witnesses_change) {
    join(1, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    check_whole();
    ck_assert_uint_eq(nodes[1].points, 0);
    ck_assert_uint_eq(counts(0).timeouts, 0);
    ck_assert_uint_eq(counts(1).served_blocks, HEIGHTS - 1);
    ck_assert_uint_eq(node_sync_wake_ms(nodes[0].sync), UINT64_MAX);
}
END_TEST

START_TEST(several_peers_share_the_bodies) {
    for (uint16_t i = 1; i < NODES; i++) join(i, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    check_whole();
    for (uint16_t i = 1; i < NODES; i++) ck_assert_uint_gt(counts(i).served_blocks, 0);
    // None was asked for twice.
    ck_assert_uint_eq(counts(1).served_blocks + counts(2).served_blocks + counts(3).served_blocks,
                      HEIGHTS - 1);
}
END_TEST

START_TEST(it_goes_on_from_where_it_is_no_faster_than_its_checkpoints) {
    enum { END = HEIGHTS - 11 };
    nodes[0].top = 47;
    nodes[0].a_second = 1000;
    nodes[1].top = END; // within an epoch: that there is no more holds nobody up
    join(1, 0);         // it has not said how high it is, but the driver names it
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    ck_assert_uint_eq(nodes[0].top, END);
    ck_assert_uint_eq(nodes[0].taken, END - 47);
    ck_assert(now_ms > START_MS + END - 20 && now_ms < START_MS + END + TIMEOUT_MS / 2);
    ck_assert_uint_eq(nodes[1].points, 0);
}
END_TEST

START_TEST(what_waits_keeps_to_its_bound) {
    nodes[0].big_from = 40;
    for (uint16_t i = 1; i < NODES; i++) join(i, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    check_whole();
    ck_assert_uint_gt(most_waiting, LIMIT_SYNC_ANSWER_BYTES);
    ck_assert_uint_le(most_waiting, LIMIT_SYNC_BYTES + 100 * 1024);
}
END_TEST

// Of three peers one sends a body just before it would be late, and two send theirs at once.
START_TEST(who_is_slow_holds_nobody_up_for_long) {
    for (uint16_t i = 1; i < NODES; i++) join(i, HEIGHTS - 1);
    slow_at_ms = now_ms;
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    slow_at_ms = 0;
    check_whole();
    ck_assert_uint_le(now_ms - START_MS, 10 * TIMEOUT_MS);
}
END_TEST

// ---- lies

// The peer lies, and two others are there: it is let go, and the rest comes from them.
static void check_liar(void) {
    for (uint16_t i = 1; i < NODES; i++) join(i, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    check_whole();
    ck_assert_uint_gt(twisted, 0);
    ck_assert_uint_ge(nodes[1].points, HOST_PENALTY_MAX);
    ck_assert_uint_eq(nodes[2].points + nodes[3].points, 0);
    ck_assert_uint_eq(counts(0).lies, 1);
}

static struct bytes copy_of(struct bytes bytes, struct buf *scratch) {
    buf_reset(scratch);
    buf_append(scratch, bytes);
    return buf_bytes(scratch);
}

static bool spoil_certificate(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS) return true;
    message->certificate = copy_of(message->certificate, scratch);
    scratch->data[scratch->len - 5] ^= 1;
    twisted++;
    return true;
}

static bool spoil_header(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS || message->header_count < 2) return true;
    message->headers = copy_of(message->headers, scratch);
    scratch->data[60] ^= 1; // of the first one
    twisted++;
    return true;
}

static bool shift_headers(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS || message->header_count < 2) return true;
    struct decoder in = decoder_of(message->headers);
    struct header header;
    (void)scratch;
    header_decode_from(&in, &header);
    message->headers = bytes_of(in.next, decoder_left(&in));
    message->header_count--;
    twisted++;
    return true;
}

static bool spoil_body(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_BLOCK) return true;
    message->body = body_of(message->from + 1, scratch);
    twisted++;
    return true;
}

static bool skip_block(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_BLOCK) return true;
    message->from += LIMIT_SYNC_BLOCKS;
    message->body = body_of(message->from, scratch);
    twisted++;
    return true;
}

// Of fewer than a quorum.
static bool thin_certificate(uint16_t from, struct sync_message *message, struct buf *scratch) {
    if (from != 1 || message->kind != SYNC_HEADERS) return true;
    uint64_t last = 0;
    struct decoder in = decoder_of(message->headers);
    struct header header;
    while (decoder_left(&in) > 0) {
        header_decode_from(&in, &header);
        last = header.height;
    }
    const struct header *of = light_chain_header(&chain, last);
    struct light_chain_vote vote = light_chain_vote(&chain, of);
    vote.signers &= vote.signers - 1;
    light_chain_certify(&chain, scratch, of, &vote);
    message->certificate = buf_bytes(scratch);
    twisted++;
    return true;
}

static bool (*const liars[])(uint16_t, struct sync_message *, struct buf *) = {
    spoil_certificate, spoil_header, shift_headers, spoil_body, skip_block, thin_certificate};

START_TEST(who_lies_is_let_go_and_others_are_asked) {
    twist = liars[_i];
    check_liar();
}
END_TEST

static bool say_nothing(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)scratch;
    if (from != 1) return true;
    *message = (struct sync_message){
        .kind = SYNC_NOTHING, .number = message->number, .oldest = 1, .newest = HEIGHTS - 1};
    twisted++;
    return true;
}

START_TEST(who_has_it_and_says_nothing_is_penalised_each_time) {
    twist = say_nothing;
    for (uint16_t i = 1; i < NODES; i++) join(i, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    check_whole();
    ck_assert_uint_gt(twisted, 0);
    ck_assert_uint_gt(nodes[1].points, 0);
    ck_assert_uint_eq(nodes[2].points + nodes[3].points, 0);
    // Alone, it is given up, and at the end it has been banned.
    nodes[0].top = 10;
    node_sync_peer_left(nodes[0].sync, 2);
    node_sync_peer_left(nodes[0].sync, 3);
    nodes[1].points = 0;
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    ck_assert_uint_eq(nodes[0].top, 10);
    ck_assert_uint_ge(nodes[1].points, HOST_PENALTY_MAX);
}
END_TEST

// ---- losses

static bool lose_all(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)message, (void)scratch;
    twisted += from == 1;
    return from != 1;
}

START_TEST(who_is_silent_is_left_alone_for_longer_each_time) {
    twist = lose_all;
    join(1, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    uint64_t begun_ms = now_ms;
    assert_ok(run());
    ck_assert_uint_eq(nodes[0].top, 0);
    ck_assert_uint_eq(nodes[1].points, 0);
    ck_assert_uint_eq(counts(0).timeouts, 5);
    // Five time-outs, and 1, 2, 4 and 8 of them between.
    ck_assert_uint_ge(now_ms - begun_ms, (5 + 15) * TIMEOUT_MS);
}
END_TEST

static uint64_t random_seed;

static bool lose_some(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)from, (void)message, (void)scratch;
    random_seed = random_seed * 6364136223846793005u + 1442695040888963407u;
    bool is_lost = random_seed >> 33 < (UINT64_C(1) << 31) / 10;
    twisted += is_lost;
    return !is_lost;
}

START_TEST(losses_cost_time_and_nothing_else) {
    twist = lose_some;
    for (random_seed = 1; random_seed < 4;) {
        uint64_t seed = random_seed;
        nodes[0].top = nodes[0].taken = 0;
        for (uint16_t i = 1; i < NODES; i++) join(i, HEIGHTS - 1);
        // Whoever was given up is asked again when the driver names it.
        for (int tries = 0; tries < 50 && nodes[0].top < HEIGHTS - 1; tries++) {
            for (uint16_t i = 1; i < NODES; i++) node_sync_begin(nodes[0].sync, i);
            assert_ok(run());
        }
        ck_assert_msg(nodes[0].top == HEIGHTS - 1, "seed %d", (int)seed);
        check_whole();
        for (uint16_t i = 1; i < NODES; i++) ck_assert_uint_eq(nodes[i].points, 0);
        forget_lines();
        random_seed = seed + 1;
    }
    ck_assert_uint_gt(twisted, 0);
}
END_TEST

static bool leave_in_the_middle(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)scratch;
    if (from == 1 && message->kind == SYNC_BLOCK && message->from == 33) {
        twisted++;
        node_sync_peer_left(nodes[0].sync, 1);
    }
    return twisted == 0 || from != 1;
}

START_TEST(progress_is_kept_over_a_change_of_peer) {
    twist = leave_in_the_middle;
    join(1, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    ck_assert_uint_gt(nodes[0].top, 20);
    ck_assert_uint_lt(nodes[0].top, HEIGHTS - 1);
    join(2, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 2);
    assert_ok(run());
    check_whole(); // so none was taken twice
}
END_TEST

START_TEST(who_has_pruned_is_asked_for_what_it_has) {
    nodes[1].oldest = 90;
    join(1, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    ck_assert_uint_eq(nodes[0].top, 0);
    ck_assert_uint_eq(nodes[1].points, 0);
    join(2, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 2);
    assert_ok(run());
    check_whole();
    ck_assert_uint_eq(nodes[1].points, 0);
}
END_TEST

START_TEST(a_second_certified_block_is_a_conflict) {
    struct hash other = {.bytes = {9}};
    nodes[0].top = 12;
    chain.ids[12] = other; // what is final here
    join(1, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_status(run(), STATUS_CONFLICT);
    ck_assert_uint_eq(nodes[0].top, 12);
}
END_TEST

// Agreement may go on by itself meanwhile: what it brought is not taken again.
static bool go_on_alone(uint16_t from, struct sync_message *message, struct buf *scratch) {
    (void)from, (void)scratch;
    if (message->kind == SYNC_BLOCK && twisted == 0 && nodes[0].top >= 8) {
        nodes[0].top += 3;
        twisted++;
    }
    return true;
}

START_TEST(what_became_final_meanwhile_is_skipped) {
    twist = go_on_alone;
    join(1, HEIGHTS - 1);
    node_sync_begin(nodes[0].sync, 1);
    assert_ok(run());
    ck_assert_uint_eq(nodes[0].top, HEIGHTS - 1);
    ck_assert_uint_eq(nodes[0].taken, HEIGHTS - 1 - 3);
    ck_assert_uint_eq(nodes[1].points, 0);
}
END_TEST

// ---- serving

static void ask(uint16_t of, const struct sync_message *message) {
    struct buf out = {0};
    sync_encode(&out, message);
    assert_ok(node_sync_receive(nodes[of].sync, 0, buf_bytes(&out), now_ms));
    buf_clear(&out);
}

START_TEST(a_run_reads_one_block_and_a_new_ask_takes_the_place_of_the_old) {
    bool arrived;
    node_sync_peer_joined(nodes[1].sync, 0, 0);
    ask(1, &(struct sync_message){.kind = SYNC_ASK_BLOCKS,
                                  .number = 1,
                                  .from = 1,
                                  .count = LIMIT_SYNC_BLOCKS,
                                  .most_bytes = LIMIT_SYNC_ANSWER_BYTES});
    for (size_t i = 1; i <= 3; i++) {
        assert_ok(node_sync_run(nodes[1].sync, now_ms, &arrived));
        ck_assert_uint_eq(line_count, i);
        ck_assert_uint_eq(node_sync_wake_ms(nodes[1].sync), now_ms);
    }
    ask(1, &(struct sync_message){
               .kind = SYNC_ASK_BLOCKS, .number = 2, .from = 60, .count = 2, .most_bytes = 1});
    for (int i = 0; i < 5; i++) assert_ok(node_sync_run(nodes[1].sync, now_ms, &arrived));
    ck_assert_uint_eq(line_count, 4); // one, for it has as many bytes as were asked for
    ask(1,
        &(struct sync_message){.kind = SYNC_ASK_HEADERS, .number = 3, .from = HEIGHTS, .count = 5});
    assert_ok(node_sync_run(nodes[1].sync, now_ms, &arrived));
    struct sync_message nothing;
    assert_ok(sync_decode(&nothing, buf_bytes(&lines[4].message)));
    ck_assert_int_eq(nothing.kind, SYNC_NOTHING);
    ck_assert_uint_eq(nothing.newest, HEIGHTS - 1);
    ck_assert_uint_eq(node_sync_wake_ms(nodes[1].sync), UINT64_MAX);
}
END_TEST

Suite *node_sync_suite(void) {
    Suite *suite = suite_create("node_sync");
    TCase *cases = tcase_create("node_sync");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin, clear);
    tcase_add_test(cases, it_catches_up_over_epochs_whose_witnesses_change);
    tcase_add_test(cases, several_peers_share_the_bodies);
    tcase_add_test(cases, it_goes_on_from_where_it_is_no_faster_than_its_checkpoints);
    tcase_add_test(cases, what_waits_keeps_to_its_bound);
    tcase_add_test(cases, who_is_slow_holds_nobody_up_for_long);
    tcase_add_loop_test(cases, who_lies_is_let_go_and_others_are_asked, 0,
                        (int)(sizeof liars / sizeof *liars));
    tcase_add_test(cases, who_has_it_and_says_nothing_is_penalised_each_time);
    tcase_add_test(cases, who_is_silent_is_left_alone_for_longer_each_time);
    tcase_add_test(cases, losses_cost_time_and_nothing_else);
    tcase_add_test(cases, progress_is_kept_over_a_change_of_peer);
    tcase_add_test(cases, who_has_pruned_is_asked_for_what_it_has);
    tcase_add_test(cases, a_second_certified_block_is_a_conflict);
    tcase_add_test(cases, what_became_final_meanwhile_is_skipped);
    tcase_add_test(cases, a_run_reads_one_block_and_a_new_ask_takes_the_place_of_the_old);
    suite_add_tcase(suite, cases);
    return suite;
}

void add_suites(SRunner *runner) {
    srunner_add_suite(runner, node_sync_suite());
    srunner_add_suite(runner, sync_message_suite());
}
