// SPDX-License-Identifier: Apache-2.0
// The supply-chain contract, natively, against a model of its rules over random histories. The
// model is written from the rules in the contract's first comment, not from its code.
#include <stdlib.h>

#include "chaincore/base/codec.h"
#include "tests/support/mock_host.h"
#include "tests/support/unit.h"

enum { ENTRY_LEN = 97, SMALL = 4, SENDERS = 2, JOBS = 6, MOST = 6 };
enum { IS_ERROR_DECLARATION = 1, HAD_EVENT_ID = 2, IS_KNOWN = 128 };
enum { // refusals
    BAD_ARGUMENTS = 1,
    EVENT_ID_CONFLICT = 2,
    JOB_EXISTS = 3,
    JOB_UNKNOWN = 4,
    CHUNK_OUT_OF_ORDER = 5,
    JOB_INCOMPLETE = 6,
    NO_EVENTS = 7,
    TOO_MANY_EVENTS = 8,
    BAD_FLAGS = 9,
    NOT_IN_A_TRANSACTION = 10,
};
enum { CALL_ENTRIES = 640, JOB_ENTRIES = 16384, JOB_CHUNKS = 1024 }; // at most

// Hashes are one byte repeated.
struct entry {
    uint8_t flags, event, id, body;
};

struct job {
    bool is_there, is_closed;
    uint32_t chunk_count, entry_count;
    uint64_t byte_count;
    struct entry entries[8 * MOST];
};

struct account {                 // no account's captures bear on another's
    int content_of_id[SMALL];    // -1: none
    bool declared[SMALL][SMALL]; // id, body
    bool has_place[SMALL];       // of a content
};

struct model {
    struct account accounts[SENDERS];
    struct job jobs[SENDERS][JOBS];
};

static struct mock *mock;
static struct model model;

// splitmix64
static uint32_t pick(uint64_t *seed, uint32_t below) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static void start(void) {
    mock = mock_open("apps/supplychain/contract/supplychain.so");
    ck_assert_ptr_nonnull(mock);
    model = (struct model){0};
    for (int sender = 0; sender < SENDERS; sender++)
        for (int i = 0; i < SMALL; i++) model.accounts[sender].content_of_id[i] = -1;
}
static void stop(void) { mock_close(mock); }

// What registering should come to: 0, or a refusal; *flags gets what the contract tells of each.
static uint32_t model_register(struct model *model_after, const struct entry *entries,
                               uint32_t count, uint8_t *flags) {
    struct account *to = &model_after->accounts[mock->caller.bytes[0]];
    for (uint32_t i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        bool is_known;
        if (entry->flags > (IS_ERROR_DECLARATION | HAD_EVENT_ID)) return BAD_FLAGS;
        if (entry->flags & IS_ERROR_DECLARATION) {
            is_known = to->declared[entry->id][entry->body];
            to->declared[entry->id][entry->body] = true;
        } else {
            int content = to->content_of_id[entry->id];
            if (content >= 0 && content != entry->event) return EVENT_ID_CONFLICT;
            is_known = content >= 0;
            to->content_of_id[entry->id] = entry->event;
        }
        if (!is_known) to->has_place[entry->event] = true;
        flags[i] = (uint8_t)(entry->flags | (is_known ? IS_KNOWN : 0));
    }
    return 0;
}

static void encode_hash(struct buf *out, uint8_t byte) {
    uint8_t hash[32];
    memset(hash, byte, sizeof hash);
    encode_fixed(out, hash, sizeof hash);
}

static void encode_entries(struct buf *out, const struct entry *entries, uint32_t count) {
    encode_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        encode_u8(out, entries[i].flags);
        encode_hash(out, entries[i].event);
        encode_hash(out, entries[i].id);
        encode_hash(out, entries[i].body);
    }
}

static uint32_t pick_entries(struct entry *out, uint64_t *seed) {
    uint32_t count = pick(seed, MOST);
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct entry){.flags = (uint8_t)pick(seed, 4),
                                .event = (uint8_t)pick(seed, SMALL),
                                .id = (uint8_t)pick(seed, SMALL),
                                .body = (uint8_t)pick(seed, SMALL)};
    if (count > 0 && pick(seed, 20) == 0) out[count - 1].flags = (uint8_t)(4 << pick(seed, 6));
    return count;
}

// The call went as the model says, and told of each entry what the model says.
static void check_call(enum tx_code code, uint32_t expected, const uint8_t *flags, uint32_t count) {
    ck_assert_uint_eq(code == TX_CODE_OK ? 0 : mock->refused_with, expected);
    ck_assert(code == TX_CODE_OK || code == TX_CODE_CONTRACT_REFUSED);
    uint32_t told = 0;
    for (size_t i = 0; i < mock->event_count; i++) {
        struct bytes data = mock->events[i].data;
        uint32_t here = load_u32_le(data.data + 36);
        ck_assert_uint_eq(load_u32_le(data.data + 32), told);
        for (uint32_t k = 0; k < here; k++)
            ck_assert_uint_eq(data.data[40 + k * ENTRY_LEN], flags[told++]);
    }
    ck_assert_uint_eq(told, expected == 0 ? count : 0);
}

static void do_capture(uint64_t *seed, struct job *job, uint8_t name) {
    struct buf arguments = {0};
    struct entry entries[MOST];
    uint8_t flags[MOST];
    struct model after = model;
    uint32_t count = pick_entries(entries, seed);
    uint32_t expected = job->is_there ? JOB_EXISTS : count == 0 ? NO_EVENTS : 0;
    if (expected == 0) expected = model_register(&after, entries, count, flags);
    encode_hash(&arguments, name);
    encode_bytes(&arguments, bytes_of_string("{}"));
    encode_entries(&arguments, entries, count);
    check_call(mock_call(mock, "call.capture", buf_bytes(&arguments), 0), expected, flags, count);
    if (expected == 0) {
        model = after;
        job->is_there = job->is_closed = true;
    }
    buf_clear(&arguments);
}

static void do_stage(uint64_t *seed, struct job *job, uint8_t name) {
    struct buf arguments = {0};
    struct entry entries[MOST];
    uint32_t count = pick_entries(entries, seed);
    uint32_t index = pick(seed, 5) == 0 ? pick(seed, 4) : job->chunk_count, len = pick(seed, 3);
    if (job->chunk_count == 8) return;
    uint32_t expected = job->is_closed              ? JOB_EXISTS
                        : index != job->chunk_count ? CHUNK_OUT_OF_ORDER
                                                    : 0;
    encode_hash(&arguments, name);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, bytes_of("abc", len));
    encode_entries(&arguments, entries, count);
    check_call(mock_call(mock, "call.stage", buf_bytes(&arguments), 0), expected, NULL, 0);
    if (expected == 0) {
        job->is_there = true;
        job->chunk_count++;
        job->byte_count += len;
        memcpy(&job->entries[job->entry_count], entries, count * sizeof *entries);
        job->entry_count += count;
    }
    buf_clear(&arguments);
}

static void do_close(uint64_t *seed, struct job *job, uint8_t name) {
    struct buf arguments = {0};
    uint8_t flags[8 * MOST];
    struct model after = model;
    struct job *job_after = &after.jobs[0][0] + (job - &model.jobs[0][0]);
    bool lies = pick(seed, 5) == 0;
    uint32_t expected = !job->is_there          ? JOB_UNKNOWN
                        : job->is_closed        ? JOB_EXISTS
                        : lies                  ? JOB_INCOMPLETE
                        : job->entry_count == 0 ? NO_EVENTS
                                                : 0;
    if (expected == 0) expected = model_register(&after, job->entries, job->entry_count, flags);
    encode_hash(&arguments, name);
    encode_u32(&arguments, job->chunk_count);
    encode_u64(&arguments, job->byte_count + lies);
    check_call(mock_call(mock, "call.close", buf_bytes(&arguments), 0), expected, flags,
               job->entry_count);
    if (expected == 0) {
        job_after->is_closed = true;
        model = after;
    }
    buf_clear(&arguments);
}

static void do_drop(struct job *job, uint8_t name) {
    struct buf arguments = {0};
    uint32_t expected = !job->is_there ? JOB_UNKNOWN : job->is_closed ? JOB_EXISTS : 0;
    encode_hash(&arguments, name);
    check_call(mock_call(mock, "call.drop", buf_bytes(&arguments), 0), expected, NULL, 0);
    if (expected == 0) *job = (struct job){0};
    buf_clear(&arguments);
}

static void check_places(void) {
    for (uint8_t i = 0; i < SENDERS * SMALL; i++) {
        uint8_t arguments[64] = {0}, sender = i / SMALL, event = i % SMALL;
        memset(arguments, event, 32);
        arguments[32] = sender;
        ck_assert_int_eq(mock_call(mock, "view.place", BYTES_OF(arguments), 0), TX_CODE_OK);
        ck_assert_uint_gt(mock->result.len, 0); // an option
        ck_assert_int_eq(mock->result.data[0], model.accounts[sender].has_place[event]);
    }
}

START_TEST(the_contract_does_what_its_rules_say_over_random_histories) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        uint64_t random = seed;
        stop();
        start();
        for (int step = 0; step < 60; step++) {
            uint8_t sender = (uint8_t)pick(&random, SENDERS), name = (uint8_t)pick(&random, JOBS);
            struct job *job = &model.jobs[sender][name];
            mock->caller = (struct account_id){{sender}};
            mock->height++;
            switch (pick(&random, 5)) {
            case 0:
                do_capture(&random, job, name);
                break;
            case 1:
            case 2:
                do_stage(&random, job, name);
                break;
            case 3:
                do_close(&random, job, name);
                break;
            case 4:
                if (pick(&random, 2) == 0) do_drop(job, name);
                break;
            }
        }
        check_places();
    }
}
END_TEST

// A chunk of so many entries, no two alike, or none: what it is refused with.
static uint32_t stage_entries(uint8_t name, uint32_t index, uint32_t count) {
    struct buf arguments = {0};
    encode_hash(&arguments, name);
    encode_u32(&arguments, index);
    encode_bytes(&arguments, bytes_of("", 0));
    encode_u32(&arguments, count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t entry[ENTRY_LEN] = {0};
        store_u32_le(entry + 1, index * CALL_ENTRIES + i);  // the event
        store_u32_le(entry + 33, index * CALL_ENTRIES + i); // its id
        encode_fixed(&arguments, entry, sizeof entry);
    }
    enum tx_code code = mock_call(mock, "call.stage", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
    return code == TX_CODE_OK ? 0 : mock->refused_with;
}

static uint32_t close_whole(uint8_t name, uint32_t chunks) {
    struct buf arguments = {0};
    encode_hash(&arguments, name);
    encode_u32(&arguments, chunks);
    encode_u64(&arguments, 0);
    enum tx_code code = mock_call(mock, "call.close", buf_bytes(&arguments), 0);
    buf_clear(&arguments);
    return code == TX_CODE_OK ? 0 : mock->refused_with;
}

START_TEST(a_job_has_so_many_events_and_no_more) {
    uint32_t index = 0;
    for (; (index + 1) * CALL_ENTRIES <= JOB_ENTRIES; index++)
        ck_assert_uint_eq(stage_entries(1, index, CALL_ENTRIES), 0);
    uint32_t left = JOB_ENTRIES - index * CALL_ENTRIES;
    ck_assert_uint_eq(stage_entries(1, index, left + 1), TOO_MANY_EVENTS);
    ck_assert_uint_eq(stage_entries(1, index, left), 0); // the refused one left nothing
    ck_assert_uint_eq(stage_entries(1, index + 1, 1), TOO_MANY_EVENTS);
    ck_assert_uint_eq(stage_entries(1, index + 1, 0), 0);
    ck_assert_uint_eq(close_whole(1, index + 2), 0);
    uint32_t told = 0;
    for (size_t i = 0; i < mock->event_count; i++)
        told += load_u32_le(mock->events[i].data.data + 36);
    ck_assert_uint_eq(told, JOB_ENTRIES);
}
END_TEST

START_TEST(a_job_has_so_many_chunks_and_no_more) {
    for (uint32_t i = 0; i < JOB_CHUNKS; i++) ck_assert_uint_eq(stage_entries(1, i, i == 0), 0);
    ck_assert_uint_eq(stage_entries(1, JOB_CHUNKS, 0), CHUNK_OUT_OF_ORDER);
    ck_assert_uint_eq(close_whole(1, JOB_CHUNKS), 0);
}
END_TEST

START_TEST(no_contract_captures_for_another) {
    static const char *const methods[] = {"call.capture", "call.stage", "call.close", "call.drop"};
    ck_assert_uint_eq(stage_entries(1, 0, 1), 0);
    uint64_t before = mock_storage_count(mock);
    mock->depth = 2;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        ck_assert_int_eq(mock_call(mock, methods[i], bytes_of("", 0), 0), TX_CODE_CONTRACT_REFUSED);
        ck_assert_uint_eq(mock->refused_with, NOT_IN_A_TRANSACTION);
    }
    ck_assert_uint_eq(stage_entries(1, 1, 1), NOT_IN_A_TRANSACTION);
    ck_assert_uint_eq(mock_storage_count(mock), before);
}
END_TEST

// Lengths that lie, ends that are missing: refused, and no byte outside is touched.
START_TEST(arguments_of_any_bytes_are_refused_or_taken_whole) {
    static const char *const methods[] = {"call.capture", "call.stage", "call.close", "call.drop"};
    struct buf arguments = {0};
    struct entry entries[MOST];
    uint64_t seed = 1;
    for (int i = 0; i < 3000; i++) {
        buf_reset(&arguments);
        encode_hash(&arguments, (uint8_t)i);
        if (pick(&seed, 2)) encode_u32(&arguments, 0);
        encode_bytes(&arguments, bytes_of_string("{}"));
        encode_entries(&arguments, entries, pick_entries(entries, &seed));
        for (uint32_t flips = pick(&seed, 3); flips > 0; flips--)
            arguments.data[32 + pick(&seed, (uint32_t)arguments.len - 32)] =
                (uint8_t)pick(&seed, 256);
        arguments.len -= pick(&seed, 4) == 0 ? pick(&seed, (uint32_t)arguments.len) : 0;
        // Exactly as long as it is, so that reading past the end is seen.
        uint8_t *exact = malloc(arguments.len + 1);
        memcpy(exact, arguments.data, arguments.len);
        enum tx_code code =
            mock_call(mock, methods[pick(&seed, 4)], bytes_of(exact, arguments.len), 0);
        ck_assert(code == TX_CODE_OK || code == TX_CODE_CONTRACT_REFUSED);
        free(exact);
    }
    buf_clear(&arguments);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("supplychain native");
    TCase *cases = tcase_create("native");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, the_contract_does_what_its_rules_say_over_random_histories);
    tcase_add_test(cases, a_job_has_so_many_events_and_no_more);
    tcase_add_test(cases, a_job_has_so_many_chunks_and_no_more);
    tcase_add_test(cases, no_contract_captures_for_another);
    tcase_add_test(cases, arguments_of_any_bytes_are_refused_or_taken_whole);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
