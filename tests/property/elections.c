// SPDX-License-Identifier: Apache-2.0
// Random histories of candidates, voters and witnesses over many epochs, held after every action
// and every block against a model of the rules that counts everything anew (rules.h): who serves,
// what everybody has, locked, is owed and waits for, what is burnt, who leaves and why, what is
// decided. The supply must add up. Signatures in evidence are real.
//   HISTORIES=n   how many (200)
//   SEED=s        one alone, and what went on in it
// The last line is JSON; the status is 1 when something did not hold, or a rule never came up.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/arena.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/election.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/punish.h"
#include "chaincore/contract/share.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/tally.h"
#include "chaincore/contract/transfer.h"
#include "tests/property/rules.h"

enum { KEYS = 2 * RULES_PEOPLE, FOUNDERS = 4, ENOUGH = 150 };

struct world {
    uint64_t seed, random;
    struct rules rules;
    struct rules_counts counts;
    struct state *state;
    struct state_version *head;
    struct apply_block block;
    struct run_tx run;
    struct turns_seen seen;
    uint8_t voters[(RULES_SEATS + 7) / 8];
    uint32_t idle_count, idle[3]; // seats that do little in this epoch
    bool is_stormy, do_idle_lead;
    uint64_t blocks, actions, refused;
    bool is_loud;
};

static struct secret_key secrets[KEYS];
static struct public_key publics[KEYS];
static const struct hash chain_id = {{0xcc}};
static const struct account_id market = {{0xdd}};

static uint64_t next_random(struct world *world) {
    // splitmix64
    uint64_t z = (world->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
static uint32_t pick(struct world *world, uint32_t below) {
    return (uint32_t)(next_random(world) % below);
}
static uint32_t someone(struct world *world) { return pick(world, world->rules.people_count); }

static struct account_id id_of(uint32_t person) {
    struct account_id id = {{1}};
    store_u32_be(id.bytes + 1, person);
    return id;
}

static void must(const struct world *world, bool holds, const char *what, uint32_t who) {
    if (holds) return;
    printf("SEED=%" PRIu64 ", height %" PRIu64 ", person or seat %u: %s\n", world->seed,
           world->rules.height, who, what);
    exit(1);
}

static const struct state_view *view_of(const struct world *world) {
    return state_draft_view(world->block.draft);
}

// The chain's answer, and the model's.
static void compare(struct world *world, const char *action, uint32_t who, enum tx_code done,
                    enum tx_code expected) {
    world->actions++;
    if (done != TX_CODE_OK) world->refused++;
    if (world->is_loud)
        printf("%" PRIu64 ": %u %s: %s\n", world->rules.height, who, action, tx_code_name(done));
    if (done != expected) printf("%s, expected %s\n", tx_code_name(done), tx_code_name(expected));
    must(world, done == expected, action, who);
}

// ---- money and stake

// Of any size, but often all of it, and seldom more than there is.
static uint64_t some_of(struct world *world, uint64_t all) {
    switch (pick(world, 8)) {
    case 0:
        return all;
    case 1:
        return all + 1;
    case 2:
        return 0;
    default:
        return all / (1 + pick(world, 6));
    }
}

static void try_transfer(struct world *world) {
    uint32_t from = someone(world), to = someone(world);
    uint64_t amount = some_of(world, world->rules.people[from].balance);
    struct account_id from_id = id_of(from), to_id = id_of(to);
    struct transfer transfer = {.from = &from_id, .to = &to_id, .amount = amount_of_units(amount)};
    (void)transfer_gas(&transfer, view_of(world));
    enum tx_code code = transfer_make(&world->run, &transfer);
    compare(world, "transfers", from, code, rules_transfer(&world->rules, from, to, amount));
}

static void lock(struct world *world, uint32_t who, uint64_t amount) {
    struct account_id id = id_of(who);
    compare(world, "locks", who, stake_lock(&world->run, &id, amount_of_units(amount)),
            rules_lock(&world->rules, who, amount));
}
static void try_lock(struct world *world) {
    uint32_t who = someone(world);
    uint64_t balance = world->rules.people[who].balance;
    lock(world, who,
         balance >= RULES_STAKE && pick(world, 2) ? RULES_STAKE : some_of(world, balance));
}

static void try_unlock(struct world *world) {
    uint32_t who = someone(world);
    struct account_id id = id_of(who);
    uint64_t amount = some_of(world, world->rules.people[who].locked);
    if (pick(world, 2)) amount /= 1000;
    compare(world, "unlocks", who, stake_unlock(&world->run, &id, amount_of_units(amount)),
            rules_unlock(&world->rules, who, amount));
}

static void try_withdraw(struct world *world) {
    uint32_t who = someone(world);
    struct account_id id = id_of(who);
    compare(world, "withdraws", who, stake_withdraw(&world->run, &id),
            rules_withdraw(&world->rules, who));
}

// ---- candidates, votes and shares

static void enrol(struct world *world, uint32_t who, uint32_t key, uint16_t commission) {
    struct account_id id = id_of(who);
    compare(world, "registers", who, stake_register(&world->run, &id, &publics[key], commission),
            rules_register(&world->rules, who, key, commission));
}
static void try_register(struct world *world) {
    uint32_t who = someone(world);
    uint32_t key = pick(world, 4) ? who : pick(world, 2) ? who + RULES_PEOPLE : someone(world);
    enrol(world, who, key, (uint16_t)(pick(world, 3) ? 2500 * pick(world, 5) : pick(world, 10001)));
}

static void try_resign(struct world *world) {
    uint32_t who = someone(world);
    struct account_id id = id_of(who);
    if (pick(world, 3)) return; // or nobody would stay
    compare(world, "resigns", who, stake_resign(&world->run, &id),
            rules_resign(&world->rules, who));
}

static uint64_t balance_of(const struct world *world, uint32_t who) {
    struct account_id id = id_of(who);
    struct account account;
    account_load(&account, view_of(world), &id);
    return amount_units(account.balance);
}

// What came with the last action, which has to be about what is owed.
static uint64_t take_paid(const struct world *world, uint32_t who, enum tx_code code) {
    uint64_t paid = balance_of(world, who) - world->rules.people[who].balance;
    if (code == TX_CODE_OK)
        must(world, rules_may_be_owed(&world->rules, who, paid), "is paid something else", who);
    else
        must(world, paid == 0, "is paid though it is refused", who);
    return paid;
}

static void try_vote(struct world *world) {
    uint32_t who = someone(world), choices[RULES_CHOICES], count = 0;
    uint32_t most = pick(world, 8) ? pick(world, 4) : RULES_CHOICES;
    struct account_id id = id_of(who);
    struct votes votes;
    // In ascending order; nearly all of those who stand.
    uint32_t first = someone(world);
    if (most == RULES_CHOICES) first = 0;
    for (uint32_t i = first; i < world->rules.people_count && count < most; i++)
        if (world->rules.people[i].standing == RULES_STANDS || pick(world, 50) == 0)
            choices[count++] = i;
    votes.count = count;
    for (uint32_t i = 0; i < count; i++) votes.candidates[i] = id_of(choices[i]);
    enum tx_code code = stake_vote(&world->run, &id, &votes);
    uint64_t paid = take_paid(world, who, code);
    compare(world, "votes", who, code, rules_vote(&world->rules, who, choices, count, paid));
}

static void try_claim(struct world *world) {
    uint32_t who = someone(world);
    struct account_id id = id_of(who);
    enum tx_code code = share_claim(&world->run, &id);
    uint64_t paid = take_paid(world, who, code);
    compare(world, "claims", who, code, rules_claim(&world->rules, who, paid));
}

// ---- evidence and decisions

static void sign_vote(struct evidence_vote *out, const struct evidence *evidence, uint32_t key,
                      const struct hash *set_hash) {
    struct vote vote = {.epoch = evidence->epoch,
                        .set_hash = *set_hash,
                        .kind = out->kind,
                        .view = evidence->view,
                        .block_id = out->block_id};
    struct hash payload;
    vote_payload(&payload, &vote);
    sign_payload(&out->signature, &secrets[key],
                 out->kind == VOTE_PROPOSE ? SIGN_PROPOSAL : SIGN_VOTE, &chain_id, &payload);
}

static void hash_set(struct hash *out, const struct rules_set *set) {
    struct witness_set keys = {.count = (uint16_t)set->count};
    for (uint32_t i = 0; i < set->count; i++) keys.keys[i] = publics[set->seats[i].key];
    witness_set_hash(out, &keys);
}

static void try_evidence(struct world *world) {
    static const enum vote_kind kinds[][2] = {{VOTE_PROPOSE, VOTE_PROPOSE},
                                              {VOTE_NOTARIZE, VOTE_NOTARIZE},
                                              {VOTE_FINALIZE, VOTE_FINALIZE},
                                              {VOTE_NULLIFY, VOTE_FINALIZE}};
    const struct rules *rules = &world->rules;
    if (pick(world, 4)) return; // or nobody would stay
    uint64_t epoch = pick(world, 3) ? rules->epoch : pick(world, (uint32_t)rules->epoch + 1);
    const struct rules_set *set = &rules->sets[epoch];
    uint32_t seat = pick(world, set->count), kind = pick(world, 4), lie = pick(world, 12);
    struct evidence evidence = {.epoch = epoch, .view = pick(world, 9), .witness = (uint16_t)seat};
    struct hash set_hash;
    evidence.first = (struct evidence_vote){.kind = kinds[kind][0]};
    if (kinds[kind][0] != VOTE_NULLIFY) evidence.first.block_id.bytes[0] = 1;
    evidence.second = (struct evidence_vote){.kind = kinds[kind][1], .block_id = {{2}}};
    hash_set(&set_hash, set);
    sign_vote(&evidence.first, &evidence, set->seats[seat].key, &set_hash);
    sign_vote(&evidence.second, &evidence, set->seats[seat].key, &set_hash);
    if (lie == 0) evidence.second.signature.bytes[3] ^= 1;
    if (lie == 1) evidence.first.signature.bytes[3] ^= 1;
    if (lie == 2) evidence.view++;
    if (lie == 3) evidence.epoch = rules->epoch + 1;
    enum tx_code code = punish(&world->run, &evidence);
    compare(world, "is accused", set->seats[seat].person, code,
            rules_evidence(&world->rules, epoch, seat, lie > 3));
}

static struct params params_of(const struct world *world, const struct rules_content *content) {
    return (struct params){.block_interval_ms = 1000,
                           .epoch_blocks =
                               world->rules.epoch_blocks + content->changes_what_never_changes,
                           .min_gas_price = content->gas_price,
                           .block_gas_limit = 1000000000,
                           .min_witnesses = (uint16_t)content->min_witnesses,
                           .protocol = 1};
}

static struct approved_upgrade upgrade_of(uint32_t content) {
    return (struct approved_upgrade){
        .contract = market, .code = {{(uint8_t)content}}, .arguments = {{1}}};
}

// Few contents, so that there are often enough who agree.
static void try_approve(struct world *world) {
    const struct rules_set *set = rules_serving(&world->rules);
    uint32_t who = pick(world, 8) ? set->seats[pick(world, set->count)].person : someone(world);
    uint32_t content = pick(world, 10) ? 1 + pick(world, 2) + 2 * (uint32_t)(world->seed % 8) : 0;
    struct account_id id = id_of(who);
    struct approval approval = {.kind = APPROVE_NOTHING};
    if (content > 0 && world->rules.contents[content].is_code) {
        approval.kind = APPROVE_UPGRADE;
        approval.upgrade = upgrade_of(content);
    } else if (content > 0) {
        approval.kind = APPROVE_PARAMETERS;
        approval.params = params_of(world, &world->rules.contents[content]);
    }
    compare(world, "approves", who, ballot_cast(&world->run, &id, &approval),
            rules_approve(&world->rules, who, content));
}

static void try_bring(struct world *world) {
    uint32_t content = 1 + pick(world, 2) + 2 * (uint32_t)(world->seed % 8);
    struct approved_upgrade upgrade = upgrade_of(content);
    bool is_done = ballot_take_upgrade(world->block.draft, &upgrade);
    must(world, is_done == rules_bring(&world->rules, content), "code is brought", content);
}

// ---- what must hold

static void check_stake(const struct world *world, const struct state_view *view, uint32_t who) {
    const struct rules_person *person = &world->rules.people[who];
    struct account_id id = id_of(who);
    struct stake stake;
    stake_load(&stake, view, &id);
    must(world, amount_units(stake.locked) == person->locked, "has locked something else", who);
    must(world, stake.unlock_count == person->unlock_count, "unlocks something else", who);
    for (uint32_t i = 0; i < stake.unlock_count; i++)
        must(world,
             amount_units(stake.unlocks[i].amount) == person->unlocks[i].amount &&
                 stake.unlocks[i].ready_ms == person->unlocks[i].ready_ms,
             "unlocks another amount, or at another time", who);
}

static void check_candidate(const struct world *world, const struct state_view *view,
                            uint32_t who) {
    const struct rules_person *person = &world->rules.people[who];
    struct account_id id = id_of(who);
    struct candidate candidate;
    bool is_there = candidate_load(&candidate, view, &id);
    must(world, is_there == (person->standing != RULES_NEVER), "is a candidate", who);
    if (!is_there) return;
    must(world, (int)candidate.standing == (int)person->standing, "stands otherwise", who);
    must(world, candidate.number == person->number, "has another number", who);
    must(world, candidate.answers_from == person->answers_from, "answers otherwise", who);
    must(world, candidate.held == person->held, "others hold something else for it", who);
    must(world, amount_units(candidate.pool) == person->pool, "has another pool", who);
    must(world, tally_of(&candidate, world->rules.epoch) == rules_tally(&world->rules, who),
         "has other votes", who);
}

static void check_voter(const struct world *world, const struct state_view *view, uint32_t who) {
    const struct rules_person *person = &world->rules.people[who];
    struct account_id id = id_of(who);
    struct voter voter;
    struct approval approval;
    voter_load(&voter, view, &id);
    must(world, voter.votes.count == person->choice_count, "votes for others", who);
    must(world, voter.weight == person->weight, "holds something else", who);
    voter_look(&voter, view);
    must(world, rules_may_be_owed(&world->rules, who, amount_units(voter.owed)),
         "is owed something else", who);
    must(world, ballot_load(&approval, view, &id) == (person->ballot != 0), "has a ballot", who);
}

static void check_set(const struct world *world, const struct state_view *view) {
    const struct rules_set *set = rules_serving(&world->rules);
    struct witnesses witnesses;
    must(world, witnesses_load(&witnesses, view, world->rules.epoch), "nobody serves", 0);
    must(world, witnesses.count == set->count, "another number serves", witnesses.count);
    for (uint32_t i = 0; i < set->count; i++) {
        struct account_id id = id_of(set->seats[i].person);
        must(world, account_id_equal(&witnesses.list[i].account, &id), "another serves", i);
        must(world, memcmp(&witnesses.list[i].key, &publics[set->seats[i].key], 32) == 0,
             "serves with another key", i);
        must(world, witnesses.list[i].commission == set->seats[i].commission, "keeps another part",
             i);
    }
}

static void check_turns(const struct world *world, const struct state_view *view) {
    const struct rules_turns *turns = &world->rules.turns;
    struct turns_record record;
    uint32_t count = rules_serving(&world->rules)->count;
    turns_load(&record, view, world->rules.epoch, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++)
        must(world,
             record.of[i].taken == turns->taken[i] && record.of[i].missed == turns->missed[i] &&
                 record.of[i].silent == turns->silent[i],
             "its turns are counted otherwise", i);
}

static void check_all(const struct world *world) {
    const struct state_view *view = state_version_view(world->head);
    struct supply supply;
    struct params params;
    supply_load(&supply, view);
    must(world, supply_is_conserved(view), "the supply does not add up", 0);
    must(world, amount_units(supply.burnt) == world->rules.burnt, "more or less is burnt", 0);
    must(world, amount_units(supply.rewards) == world->rules.rewards, "other rewards", 0);
    must(world, amount_units(supply.shares) == world->rules.shares, "other shares", 0);
    parameters_of_epoch(&params, view, world->rules.epoch);
    must(world, params.min_witnesses == world->rules.params.min_witnesses, "other parameters", 0);
    must(world, params.min_gas_price == world->rules.params.gas_price, "another price", 0);
    for (uint32_t i = 0; i < world->rules.people_count; i++) {
        struct account_id id = id_of(i);
        struct account account;
        account_load(&account, view, &id);
        must(world, amount_units(account.balance) == world->rules.people[i].balance,
             "has something else", i);
        check_stake(world, view, i);
        check_candidate(world, view, i);
        check_voter(world, view, i);
    }
    check_set(world, view);
    check_turns(world, view);
}

// ---- blocks

static void begin_block(struct world *world) {
    const struct rules_set *set = rules_serving(&world->rules);
    uint32_t leader = pick(world, set->count);
    if (world->idle_count > 0 && world->do_idle_lead && pick(world, 4) == 0)
        leader = world->idle[pick(world, world->idle_count)];
    world->rules.time_ms += 1000 + pick(world, 5000);
    if (pick(world, 40) == 0) world->rules.time_ms += 14 * RULES_DAY_MS;
    world->block = (struct apply_block){.draft = state_draft_begin(world->state, world->head),
                                        .chain_id = chain_id,
                                        .genesis_time_ms = world->rules.genesis_ms,
                                        .height = world->rules.height,
                                        .epoch = world->rules.epoch,
                                        .time_ms = world->rules.time_ms,
                                        .leader = id_of(set->seats[leader].person),
                                        .commission = (uint16_t)set->seats[leader].commission,
                                        .turns = &world->seen};
    world->seen = (struct turns_seen){.leader = (uint16_t)leader};
    world->run = (struct run_tx){.block = &world->block};
    apply_begin(&world->block);
}

static void begin_epoch(struct world *world) {
    world->idle_count = pick(world, 4);
    world->is_stormy = pick(world, 4) == 0;
    world->do_idle_lead = pick(world, 2) == 0; // about as often as they miss a turn
    for (uint32_t i = 0; i < world->idle_count; i++)
        world->idle[i] = pick(world, rules_serving(&world->rules)->count);
}

static bool is_idle(const struct world *world, uint32_t seat) {
    for (uint32_t i = 0; i < world->idle_count; i++)
        if (world->idle[i] == seat) return true;
    return false;
}

static void see_turns(struct world *world, struct rules_block *out) {
    uint32_t count = rules_serving(&world->rules)->count;
    uint64_t place = world->rules.height % world->rules.epoch_blocks;
    *out = (struct rules_block){.leader = world->seen.leader, .names_voters = place > 0};
    memset(world->voters, 0, sizeof world->voters);
    for (uint32_t i = 0; i < count; i++) {
        bool idle = is_idle(world, i);
        if (idle && place < 12) out->missed[i] = pick(world, 6) > 0;
        if (!idle && world->is_stormy) out->missed[i] = pick(world, 20) == 0;
        out->has_voted[i] = idle ? pick(world, 9) < 4 : pick(world, 9) > 0;
        world->seen.missed[i] = out->missed[i];
        if (out->has_voted[i]) world->voters[i / 8] |= (uint8_t)(1U << i % 8);
    }
    if (out->names_voters) world->seen.voters = bytes_of(world->voters, (count + 7) / 8);
}

static void end_block(struct world *world) {
    struct rules_block block;
    see_turns(world, &block);
    apply_finish(&world->block);
    struct state_version *next = state_commit(world->block.draft, world->rules.height);
    state_version_unref(world->head);
    world->head = next;
    uint64_t epoch = world->rules.epoch;
    rules_end_block(&world->rules, &block);
    if (world->rules.epoch > epoch) begin_epoch(world);
    world->blocks++;
    check_all(world);
}

static void act(struct world *world) {
    static void (*const acts[])(struct world *) = {
        try_transfer, try_transfer, try_transfer, try_lock,    try_unlock,  try_withdraw,
        try_register, try_resign,   try_vote,     try_vote,    try_vote,    try_claim,
        try_claim,    try_evidence, try_approve,  try_approve, try_approve, try_bring};
    acts[pick(world, sizeof acts / sizeof *acts)](world);
}

static void add_person(struct world *world, struct state_draft *draft, struct supply *supply) {
    // Few sizes, so that there are ties.
    uint64_t lmm = pick(world, 3) ? 6000000 + 1000000 * pick(world, 3) : 1000 * pick(world, 3);
    if (world->rules.people_count >= 24) lmm = 6000000;
    uint32_t number = world->rules.people_count++;
    struct account_id id = id_of(number);
    struct amount amount = amount_of_units(lmm * RULES_LMM);
    struct account account = {.balance = amount, .epoch_start = amount};
    world->rules.people[number] = (struct rules_person){
        .balance = lmm * RULES_LMM, .start = lmm * RULES_LMM, .standing = RULES_NEVER};
    account_store(draft, &id, &account);
    ENSURE(amount_add(&supply->genesis, supply->genesis, amount) == STATUS_OK);
}

static void begin_rules(struct world *world) {
    struct rules *rules = &world->rules;
    *rules = (struct rules){.epoch_blocks = pick(world, 3) ? 40 : 6,
                            .genesis_ms = 1000,
                            .time_ms = 1000,
                            .height = 1,
                            .params = {.min_witnesses = 2, .gas_price = 1}};
    for (uint32_t i = 1; i < RULES_CONTENTS; i++)
        rules->contents[i] = (struct rules_content){.is_code = i % 3 == 0,
                                                    .changes_what_never_changes = i == 5,
                                                    .min_witnesses = 1 + i * 5 % 13,
                                                    .gas_price = 1 + i % 3};
}

static void begin_world(struct world *world) {
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(world->state, empty);
    struct supply supply = {0};
    struct witnesses witnesses = {.count = FOUNDERS};
    struct contract_record record = {.right = {.kind = UPGRADE_BY_WITNESSES}};
    world->random = world->seed * 7919;
    begin_rules(world);
    struct params params = params_of(world, &world->rules.params);
    uint32_t people = world->seed % 16 == 0 ? RULES_PEOPLE : 8 + pick(world, 17);
    while (world->rules.people_count < people) add_person(world, draft, &supply);
    for (uint16_t i = 0; i < FOUNDERS; i++) {
        witnesses.list[i] = (struct witness){id_of(i), publics[i], LIMIT_COMMISSION};
        world->rules.sets[0].seats[i] = (struct rules_seat){i, i, LIMIT_COMMISSION};
    }
    world->rules.sets[0].count = FOUNDERS;
    supply_store(draft, &supply);
    parameters_store(draft, &params);
    contract_store(draft, &market, &record);
    witnesses_store(draft, 0, &witnesses);
    world->head = state_commit(draft, 0);
    state_version_unref(empty);
}

// Most stand from the beginning; where there are many, more than there are seats.
static void enrol_most(struct world *world) {
    uint32_t seldom = world->rules.people_count == RULES_PEOPLE ? 60 : 12;
    for (uint32_t i = 0; i < world->rules.people_count; i++) {
        uint32_t who = world->rules.people_count - 1 - i;
        if (world->rules.people[who].balance < RULES_STAKE || pick(world, seldom) == 0) continue;
        lock(world, who, RULES_STAKE);
        enrol(world, who, who, (uint16_t)(2500 * pick(world, 5)));
    }
}

static void add_counts(struct world *world) {
    uint64_t *to = (uint64_t *)&world->counts;
    const uint64_t *from = (const uint64_t *)&world->rules.counts;
    for (size_t i = 0; i < sizeof world->counts / sizeof *to; i++) to[i] += from[i];
}

static void run_history(struct world *world) {
    begin_world(world);
    uint32_t epochs = 2 + pick(world, world->rules.epoch_blocks > 10 ? 4 : RULES_EPOCHS - 4);
    if (world->rules.people_count == RULES_PEOPLE) epochs = 3;
    begin_epoch(world);
    begin_block(world);
    enrol_most(world);
    while (world->rules.epoch < epochs) {
        for (uint32_t count = pick(world, 6); count > 0; count--) act(world);
        end_block(world);
        begin_block(world);
    }
    state_draft_drop(world->block.draft);
    state_version_unref(world->head);
    add_counts(world);
}

static uint64_t setting(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

// Prints the counts; false when one of them is none.
static bool print_counts(const struct world *world) {
    static const char *const names[] = {
        "elected",    "continued", "ties",         "outvoted",         "absent",    "spared",
        "over_tenth", "expelled",  "unlocks_cut",  "evidence_too_old", "held_back", "decided",
        "brought",    "activated", "pools_shared", "pools_returned",   "lowered"};
    const uint64_t *counts = (const uint64_t *)&world->counts;
    bool is_each_there = true;
    _Static_assert(sizeof names / sizeof *names == sizeof world->counts / sizeof *counts,
                   "a name for each");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        printf("\"%s\": %" PRIu64 ", ", names[i], counts[i]);
        is_each_there = is_each_there && counts[i] > 0;
    }
    return is_each_there;
}

int main(void) {
    static struct world world;
    uint64_t count = setting("HISTORIES", 200), alone = setting("SEED", 0);
    if (crypto_init() != STATUS_OK) return 1;
    for (uint32_t i = 0; i < KEYS; i++) {
        uint8_t seed[32] = {9};
        store_u32_be(seed + 1, i);
        key_from_seed(&secrets[i], &publics[i], seed);
    }
    world.is_loud = alone != 0;
    world.state = state_create();
    for (world.seed = alone ? alone : 1; world.seed <= (alone ? alone : count); world.seed++)
        run_history(&world);
    state_free(world.state);
    printf("COUNTED 1 passed, 0 failed\n{\"histories\": %" PRIu64 ", \"blocks\": %" PRIu64
           ", \"actions\": %" PRIu64 ", \"refused\": %" PRIu64 ", ",
           alone ? 1 : count, world.blocks, world.actions, world.refused);
    bool is_each_there = print_counts(&world);
    printf("\"violations\": 0}\n");
    if (is_each_there || alone || count < ENOUGH) return 0;
    fprintf(stderr, "a rule never came up\n");
    return 1;
}
