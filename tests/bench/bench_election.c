// SPDX-License-Identifier: Apache-2.0
// What an epoch's end costs: 101 elected out of 150 candidates, and their pools shared out, on a
// state with so many voters, each of whom votes for up to 30 candidates; beside it the same on a
// tenth of them. The time is that of the boundary block's end alone (apply_finish), the best of
// several, against that of an empty block within the epoch. VOTERS=n (100,000). --quick: so few
// that it only shows that the program works. One JSON line a figure.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chaincore/contract/account.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/witnesses.h"

enum { CANDIDATES = 150, EPOCH = 4, TURNS = 9, PER_BLOCK = 2000 };

struct world {
    struct state *state;
    struct state_version *head;
    struct apply_block block;
    struct run_tx run;
    uint64_t height;
    uint64_t seed;
};

static uint64_t next_random(struct world *world) {
    uint64_t z = (world->seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

// This thread's own time: the machine may be shared.
static double now_ns(void) {
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static struct account_id id_of(uint64_t n) {
    struct account_id id;
    uint8_t number[8];
    struct hash hash;
    store_u64_le(number, n);
    hash_bytes(&hash, HASH_ACCOUNT, BYTES_OF(number));
    memcpy(id.bytes, hash.bytes, sizeof id.bytes);
    return id;
}

static void begin(struct world *world) {
    world->block = (struct apply_block){.draft = state_draft_begin(world->state, world->head),
                                        .height = world->height,
                                        .epoch = world->height / EPOCH,
                                        .time_ms = world->height * 1000,
                                        .leader = id_of(world->height % CANDIDATES)};
    apply_begin(&world->block);
}

// How long the block's end took.
static double end(struct world *world) {
    double before = now_ns();
    apply_finish(&world->block);
    double took = now_ns() - before;
    state_version_unref(world->head);
    world->head = state_commit(world->block.draft, world->height++);
    begin(world);
    return took;
}

static void give(struct world *world, const struct account_id *id, uint64_t units) {
    struct account account = {.balance = amount_of_units(units),
                              .epoch_start = amount_of_units(units)};
    account_store(world->block.draft, id, &account);
}

static void init(struct world *world) {
    struct params params = {.block_interval_ms = 1,
                            .epoch_blocks = EPOCH,
                            .block_gas_limit = 1,
                            .min_witnesses = 1,
                            .protocol = 1};
    *world = (struct world){.state = state_create(), .height = 1};
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(world->state, empty);
    parameters_store(draft, &params);
    world->head = state_commit(draft, 0);
    state_version_unref(empty);
    world->run.block = &world->block;
    begin(world);
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void add_candidates(struct world *world, struct account_id *candidates) {
    for (uint32_t i = 0; i < CANDIDATES; i++) {
        struct public_key key = {{9}};
        store_u32_le(key.bytes + 1, i);
        candidates[i] = id_of(i);
        give(world, &candidates[i], STAKE_MIN + 1000);
        ENSURE(stake_lock(&world->run, &candidates[i], amount_of_units(STAKE_MIN)) == TX_CODE_OK);
        ENSURE(stake_register(&world->run, &candidates[i], &key, 1000) == TX_CODE_OK);
    }
    qsort(candidates, CANDIDATES, sizeof *candidates, compare_ids);
}

// One to thirty choices in a row, of the candidates in the order of their ids.
static void add_voter(struct world *world, const struct account_id *candidates, uint64_t n) {
    struct account_id id = id_of(1000 + n);
    struct votes votes = {.count = (uint32_t)(1 + next_random(world) % LIMIT_VOTES)};
    size_t first = next_random(world) % (CANDIDATES - votes.count);
    memcpy(votes.candidates, candidates + first, votes.count * sizeof *candidates);
    give(world, &id, next_random(world) >> 24);
    ENSURE(stake_vote(&world->run, &id, &votes) == TX_CODE_OK);
}

struct figures {
    double boundary_ms, within_ms;
};

static void keep_least(double *least, double ns) {
    if (*least == 0 || ns / 1e6 < *least) *least = ns / 1e6;
}

static struct figures measure(uint64_t voters) {
    struct world world;
    struct account_id candidates[CANDIDATES];
    struct figures figures = {0};
    init(&world);
    add_candidates(&world, candidates);
    for (uint64_t i = 0; i < voters; i++) {
        add_voter(&world, candidates, i);
        if (i % PER_BLOCK == PER_BLOCK - 1) end(&world);
    }
    while (world.height % EPOCH != 0) end(&world);
    for (int turn = 0; turn < TURNS * EPOCH; turn++) {
        bool is_boundary = (world.height + 1) % EPOCH == 0;
        double took = end(&world);
        keep_least(is_boundary ? &figures.boundary_ms : &figures.within_ms, took);
    }
    struct witnesses elected;
    ENSURE(witnesses_load(&elected, state_draft_view(world.block.draft), world.block.epoch));
    ENSURE(elected.count == LIMIT_WITNESSES);
    state_draft_drop(world.block.draft);
    state_version_unref(world.head);
    state_free(world.state);
    return figures;
}

int main(int argc, char **argv) {
    bool is_quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    const char *wanted = getenv("VOTERS");
    uint64_t voters = wanted ? strtoull(wanted, NULL, 10) : is_quick ? 2000 : 100 * 1000;
    if (crypto_init() != STATUS_OK || voters < 10) return 1;
    struct figures few = measure(voters / 10), many = measure(voters);
    printf("{\"name\": \"election\", \"value\": %.4g, \"unit\": \"ms\", \"baseline\": \"a tenth of "
           "the voters\", \"baseline_value\": %.4g, \"ratio\": %.3f}\n",
           many.boundary_ms, few.boundary_ms, many.boundary_ms / few.boundary_ms);
    printf("{\"name\": \"election_block_within\", \"value\": %.4g, \"unit\": \"ms\"}\n",
           many.within_ms);
    return 0;
}
