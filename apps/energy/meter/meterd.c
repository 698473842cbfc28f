// SPDX-License-Identifier: Apache-2.0
// meterd: plays the meters of the demo's households (profile.h) in a process of its own. For each
// quarter of an hour that is over by the devnet's time it signs a reading with the meter's key and
// posts it to the server, which carries it to the chain. What was reported it reads from the chain,
// so it goes on where it, or another one, stopped; quarters that take no readings any more it
// leaves out.
//   meterd --ready FILE [--once]
// FILE is the server's ready.json, with its address and API key; --once: one round, then it ends.
#include <config.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apps/energy/meter/post.h"
#include "apps/energy/meter/profile.h"
#include "chaincore/base/file.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { ROUND_S = 5, READY_BYTES = 64 * 1024, METERS = 2 * HOUSEHOLDS, ZONES = 2 };

static const char USAGE[] = "usage: meterd --ready FILE [--once]\n";

// What the chain knows of a meter.
struct known {
    bool is_there;
    uint64_t sequence;
    uint32_t slot;
};

struct round {
    const struct post_server *server;
    struct hash chain_id;
    struct account_id contract;
    uint64_t now_ms;
    uint64_t wait_ms[ZONES + 1];
    struct known known[HOUSEHOLDS][DIRECTIONS];
    size_t posted, failed;
};

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

// "2026-11-28T19:49:21.000Z", as the API writes it.
static bool parse_time(uint64_t *out_ms, const char *text) {
    struct tm time = {0};
    if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &time)) return false;
    *out_ms = (uint64_t)timegm(&time) * 1000;
    return true;
}

static bool read_chain(struct round *round) {
    json_t *chain = post_get(round->server, "/v1/chain");
    bool is_good = chain &&
                   hex_decode(round->chain_id.bytes, sizeof round->chain_id.bytes,
                              text_of(chain, "chain_id")) == STATUS_OK &&
                   parse_time(&round->now_ms, text_of(chain, "time"));
    json_decref(chain);
    return is_good;
}

static bool read_zones(struct round *round) {
    json_t *page = post_get(round->server, "/v1/zones?perPage=1000"), *zone;
    size_t i;
    json_array_foreach(json_object_get(page, "items"), i, zone) {
        json_int_t number = json_integer_value(json_object_get(zone, "zone"));
        if (number > ZONES) continue;
        round->wait_ms[number] = (uint64_t)json_integer_value(json_object_get(zone, "wait_ms"));
    }
    json_decref(page);
    return page != NULL;
}

static void note_meter(struct round *round, const json_t *meter) {
    uint8_t key[sizeof(struct public_key)];
    if (hex_decode(key, sizeof key, text_of(meter, "key")) != STATUS_OK) return;
    for (int i = 0; i < METERS; i++) {
        struct meter_key own;
        enum direction direction = i % 2 ? IMPORT : EXPORT;
        meter_key_of(&own, &households[i / 2], direction);
        if (memcmp(own.key.bytes, key, sizeof key) != 0) continue;
        round->known[i / 2][direction] = (struct known){
            .is_there = !json_is_true(json_object_get(meter, "is_retired")),
            .sequence = (uint64_t)json_integer_value(json_object_get(meter, "sequence")),
            .slot = (uint32_t)json_integer_value(json_object_get(meter, "slot"))};
    }
}

static bool read_meters(struct round *round) {
    json_t *page = post_get(round->server, "/v1/meters?perPage=1000"), *meter;
    size_t i;
    json_array_foreach(json_object_get(page, "items"), i, meter) note_meter(round, meter);
    json_decref(page);
    return page != NULL;
}

// The first slot that may be told: behind the last one, and not closed to readings. A new meter
// begins with the last slot that is over.
static uint32_t first_slot(const struct round *round, const struct known *known, uint32_t zone) {
    uint32_t over = (uint32_t)(round->now_ms / SLOT_MS); // the one that goes on
    uint64_t oldest_ms =
        round->now_ms > round->wait_ms[zone] ? round->now_ms - round->wait_ms[zone] : 0;
    uint32_t oldest = (uint32_t)(oldest_ms / SLOT_MS); // its end lies behind that time
    if (known->slot == 0) return over > 0 ? over - 1 : 0;
    return known->slot + 1 > oldest ? known->slot + 1 : oldest;
}

static void report(struct round *round, const struct household *household, enum direction direction,
                   const struct meter_reading *reading) {
    const struct meter_place place = {&round->chain_id, &round->contract};
    struct meter_key meter;
    struct signature signature;
    char body[512], key[65], signed_hex[129];
    meter_key_of(&meter, household, direction);
    meter_sign_reading(&signature, &meter, &place, reading);
    hex_encode(key, BYTES_OF(meter.key.bytes));
    hex_encode(signed_hex, BYTES_OF(signature.bytes));
    snprintf(body, sizeof body,
             "{\"key\":\"%s\",\"slot\":%u,\"wh\":%llu,\"sequence\":%llu,\"signature\":\"%s\"}", key,
             reading->slot, (unsigned long long)reading->wh, (unsigned long long)reading->sequence,
             signed_hex);
    if (post_transaction(round->server, "/v1/readings", body))
        round->posted++;
    else
        round->failed++;
    secret_clear(&meter.secret, sizeof meter.secret);
}

// In order; what one reading fails with, the next round tries again.
static void report_meter(struct round *round, size_t index, enum direction direction) {
    const struct household *household = &households[index];
    const struct known *known = &round->known[index][direction];
    size_t failed = round->failed;
    if (!known->is_there) return;
    uint32_t end = (uint32_t)(round->now_ms / SLOT_MS);
    uint64_t sequence = known->sequence;
    for (uint32_t slot = first_slot(round, known, household->zone);
         slot < end && round->failed == failed; slot++) {
        const struct meter_reading reading = {slot, profile_wh(household, direction, slot),
                                              ++sequence};
        report(round, household, direction, &reading);
    }
}

static bool play_round(const struct post_server *server) {
    struct round round = {.server = server};
    account_id_of_system_contract(&round.contract, "energy");
    if (!read_chain(&round) || !read_zones(&round) || !read_meters(&round)) return false;
    for (size_t i = 0; i < HOUSEHOLDS; i++) {
        report_meter(&round, i, EXPORT);
        report_meter(&round, i, IMPORT);
    }
    if (round.posted > 0) printf("%zu readings\n", round.posted);
    fflush(stdout);
    return round.failed == 0;
}

static bool read_ready(struct post_server *out, const char *path) {
    struct buf text = {0};
    json_error_t error;
    json_t *ready = NULL;
    if (file_read(&text, path, READY_BYTES) == STATUS_OK)
        ready = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    bool is_good = *text_of(ready, "url") && *text_of(ready, "api_key");
    snprintf(out->url, sizeof out->url, "%s", text_of(ready, "url"));
    snprintf(out->api_key, sizeof out->api_key, "%s", text_of(ready, "api_key"));
    json_decref(ready);
    buf_clear(&text);
    return is_good;
}

static int play(const struct post_server *server, bool is_once) {
    const struct timespec pause = {.tv_sec = ROUND_S};
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL); // one that comes during a round ends the pause behind it
    do {
        bool is_good = play_round(server);
        if (is_once) return is_good ? EXIT_DONE : EXIT_FAILED;
    } while (sigtimedwait(&ends, NULL, &pause) < 0);
    return EXIT_DONE;
}

int main(int count, char **arguments) {
    static const struct option options[] = {
        {"ready", required_argument, NULL, 'r'}, {"once", no_argument, NULL, '1'}, {0}};
    struct post_server server = {.url = ""};
    const char *ready = NULL;
    bool is_once = false;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        if (option == 'r') ready = optarg;
        if (option == '1') is_once = true;
        if (option == '?') ready = NULL;
        if (option == '?') break;
    }
    if (!ready || optind < count) {
        fputs(USAGE, stderr);
        return EXIT_USAGE;
    }
    if (crypto_init() != STATUS_OK) return EXIT_FAILED;
    if (!read_ready(&server, ready)) {
        fprintf(stderr, "meterd: %s is no server's ready.json\n", ready);
        return EXIT_FAILED;
    }
    post_open();
    int status = play(&server, is_once);
    post_close();
    return status;
}
