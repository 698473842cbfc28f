// SPDX-License-Identifier: Apache-2.0
// What operations refuse, where no other test has a reason to ask. That each answer is one of those
// that the API's document has for the operation is judged by server_ask.
#include <stdio.h>

#include "apps/supplychain/test/capturing.h"
#include "tests/support/unit.h"

#define NO_ONE "/v1/members/nobody"
#define NO_KEY "/v1/keys/0000000000000000"
#define NO_HOOK "/v1/webhooks/0000000000000000"
#define NOBODY "lmm14t9d4quhv4ppm8wftgkjtg8vmsluhyxevk9ep5jqsdphy382uk7sqqdccz" // is no contract
#define VERSION "GS1-EPCIS-Version: 1.2"
#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}

static void tear_down(void) { server_clear(&server); }

struct question {
    const char *method, *path, *body;
    const char *header;
    long status;
};

static void ask_all(const struct question *questions, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct question *question = &questions[i];
        struct ask ask = {
            .method = question->method, .path = question->path, .header = question->header};
        struct reply reply;
        if (question->body) {
            ask.body = bytes_of_string(question->body);
            ask.content_type = "application/json";
        }
        server_ask(&server, &ask, &reply);
        ck_assert_msg(reply.status == question->status, "%s %s: %ld %s", question->method,
                      question->path, reply.status, (const char *)reply.body.data);
        reply_clear(&reply);
    }
}

START_TEST(what_is_not_there_is_not_found) {
    static const struct question questions[] = {
        {"GET", "/v1/transactions/" NO_HASH, NULL, NULL, 404},
        {"GET", "/v1/events/9-9-9", NULL, NULL, 404},
        {"GET", "/v1/events/9-9-9/proof", NULL, NULL, 404},
        {"GET", "/events/urn:x:none", NULL, NULL, 404},
        {"GET", "/capture/" NO_HASH, NULL, NULL, 404},
        {"GET", "/bizLocations/urn:x:none/events", NULL, NULL, 404},
        {"GET", "/readPoints/urn:x:none/events", NULL, NULL, 404},
        {"GET", "/dispositions/urn:x:none", NULL, NULL, 404},
        {"GET", NO_KEY, NULL, NULL, 404},
        {"PATCH", NO_KEY, "{\"limits\":null}", NULL, 404},
        {"GET", "/v1/contracts/" NOBODY "/abi", NULL, NULL, 404},
        {"GET", "/v1/contracts/" NOBODY "/proof", NULL, NULL, 404},
        {"POST", NO_HOOK "/rotate", "{}", NULL, 404},
        {"POST", NO_HOOK "/replay", "{\"from_height\":1}", NULL, 404},
        {"GET", NO_HOOK "/deliveries", NULL, NULL, 404},
        {"POST", NO_HOOK "/messages/none/resend", NULL, NULL, 404},
    };
    ask_all(questions, sizeof questions / sizeof *questions);
}
END_TEST

START_TEST(what_is_malformed_is_refused_by_its_name) {
    static const struct question questions[] = {
        {"GET", "/v1/contracts/none", NULL, NULL, 400},
        {"GET", "/v1/contracts/none/abi", NULL, NULL, 400},
        {"GET", NO_ONE, NULL, NULL, 400},
        {"PATCH", NO_ONE, "{}", NULL, 400},
        {"DELETE", NO_ONE, NULL, NULL, 400},
        {"GET", NO_HOOK "/deliveries?perPage=0", NULL, NULL, 400},
        {"PATCH", NO_KEY, "{}", NULL, 400},
        {"POST", NO_KEY "/rotate", "{\"overlap_s\":-1}", NULL, 400},
        {"POST", NO_HOOK "/rotate", "[]", NULL, 400},
        {"GET", "/capture/" NO_HASH "?perPage=0", NULL, NULL, 400},
        {"GET", "/queries?perPage=0", NULL, NULL, 400},
        {"POST", "/v1/event-hash", "{}", NULL, 400},
        {"POST", "/v1/faucet", "{\"address\":\"nobody\"}", NULL, 400},
        {"POST", "/v1/devnet/warp", "{\"seconds\":0}", NULL, 400},
    };
    ask_all(questions, sizeof questions / sizeof *questions);
}
END_TEST

START_TEST(a_devnet_moves_its_clock) {
    static const struct question question = {"POST", "/v1/devnet/warp", "{\"seconds\":1}", NULL,
                                             200};
    ask_all(&question, 1);
}
END_TEST

START_TEST(a_devnets_help_has_its_bounds) {
    static const struct question questions[] = {
        {"POST", "/v1/faucet", "{\"address\":\"" NOBODY "\"}", NULL, 409},
        {"POST", "/v1/devnet/warp", "{\"seconds\":1}", "Host: elsewhere.example", 421},
    };
    ask_all(questions, sizeof questions / sizeof *questions);
}
END_TEST

START_TEST(another_version_of_epcis_is_refused_everywhere) {
    static const char *const paths[] = {"/events/urn:x:none", ("/capture/" NO_HASH), "/queries",
                                        "/queries/none", "/queries/none/events"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ask_all(&(struct question){"GET", paths[i], NULL, "GS1-EPCIS-Version: 1.2", 406}, 1);
    static const struct question others[] = {
        {"DELETE", "/nextPageToken/none", NULL, VERSION, 406},
        {"GET", "/", NULL, VERSION, 406},
        {"POST", "/queries/none/subscriptions", "{}", VERSION, 406},
        {"GET", "/queries/none/subscriptions", NULL, VERSION, 406},
        {"GET", "/queries/none/subscriptions/none", NULL, VERSION, 406},
        {"DELETE", "/queries/none/subscriptions/none", NULL, VERSION, 406},
    };
    ask_all(others, sizeof others / sizeof *others);
    ask_all(&(struct question){"POST", "/queries", "{}", "GS1-EPCIS-Version: 1.2", 406}, 1);
    ask_all(&(struct question){"DELETE", "/queries/none", NULL, "GS1-EPCIS-Version: 1.2", 406}, 1);
}
END_TEST

START_TEST(each_collection_refuses_what_it_cannot_read) {
    static const char *const names[] = {"eventTypes",   "epcs",       "bizSteps",
                                        "bizLocations", "readPoints", "dispositions"};
    static const char *const below[] = {"", "/urn:x:none", "/urn:x:none/events"};
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (size_t k = 0; k < sizeof below / sizeof *below; k++) {
            snprintf(path, sizeof path, "/%s%s", names[i], below[k]);
            ask_all(&(struct question){"GET", path, NULL, "GS1-EPCIS-Version: 1.2", 406}, 1);
            const char *header = k > 0 ? "GS1-Extensions: =" : NULL;
            if (k == 0) snprintf(path, sizeof path, "/%s?perPage=0", names[i]);
            ask_all(&(struct question){"GET", path, NULL, header, 400}, 1);
        }
    }
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("api");
    TCase *cases = tcase_create("api");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_is_not_there_is_not_found);
    tcase_add_test(cases, what_is_malformed_is_refused_by_its_name);
    tcase_add_test(cases, a_devnet_moves_its_clock);
    tcase_add_test(cases, a_devnets_help_has_its_bounds);
    tcase_add_test(cases, another_version_of_epcis_is_refused_everywhere);
    tcase_add_test(cases, each_collection_refuses_what_it_cannot_read);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
