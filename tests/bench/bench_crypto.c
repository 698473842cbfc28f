// SPDX-License-Identifier: Apache-2.0
// What the vector lanes gain over libsodium on one core. Machines drift, so the two run in turns
// and the best of each counts. One JSON line a figure:
//   {"name", "value", "unit", "baseline", "baseline_value", "ratio"}
#include <stdio.h>
#include <time.h>

#include "chaincore/crypto/hash_lanes.h"
#include "chaincore/crypto/lanes.h"
#include "chaincore/crypto/sign.h"

enum { NODES = 16384, SIGNATURES = 2048, TURNS = 8 };

static int turns = TURNS;
static struct hash nodes[2 * NODES], parents[NODES];
static struct hash_item items[NODES];
static struct hash chain_id, payloads[SIGNATURES];
static struct signature signatures[SIGNATURES];
static struct public_key keys[SIGNATURES];
static struct sign_item sign_items[SIGNATURES];

// This thread's own time.
static double now_ns(void) {
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void hash_level(void) { hash_many(HASH_NODE, items, NODES); }

static void verify_all(void) {
    static bool valid[SIGNATURES];
    sign_verify_many(valid, sign_items, SIGNATURES, &chain_id);
    for (size_t i = 0; i < SIGNATURES; i++) ENSURE(valid[i]);
}

static void make_signatures(void) {
    for (size_t i = 0; i < SIGNATURES; i++) {
        struct secret_key secret;
        hash_bytes(&payloads[i], HASH_TX, BYTES_OF(i));
        key_from_seed(&secret, &keys[i], payloads[i].bytes);
        sign_payload(&signatures[i], &secret, SIGN_TRANSACTION, &chain_id, &payloads[i]);
        sign_items[i] =
            (struct sign_item){&signatures[i], &keys[i], &payloads[i], SIGN_TRANSACTION};
    }
}

// The best rate of some turns with lanes, beside the best without.
static void measure(const char *name, const char *baseline, void (*work)(void), double count) {
    double least[2] = {0};
    for (int turn = 0; turn < 2 * turns; turn++) {
        lanes_switch(turn % 2 == 1);
        double start = now_ns();
        work();
        double taken = now_ns() - start;
        if (least[turn % 2] == 0 || taken < least[turn % 2]) least[turn % 2] = taken;
    }
    printf("{\"name\": \"%s\", \"value\": %.0f, \"unit\": \"/s\", \"baseline\": \"%s\", "
           "\"baseline_value\": %.0f, \"ratio\": %.3f}\n",
           name, count * 1e9 / least[1], baseline, count * 1e9 / least[0], least[0] / least[1]);
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) turns = 1;
    ENSURE(crypto_init() == STATUS_OK);
    for (size_t i = 0; i < 2 * NODES; i++) hash_bytes(&nodes[i], HASH_USER, BYTES_OF(i));
    for (size_t i = 0; i < NODES; i++)
        items[i] = (struct hash_item){&parents[i], bytes_of(&nodes[2 * i], 64)};
    make_signatures();
    measure("sign_verify_lanes", "libsodium, a core", verify_all, SIGNATURES);
    measure("hash_lanes", "libsodium, a core", hash_level, NODES);
    return 0;
}
