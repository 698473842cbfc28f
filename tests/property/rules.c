// SPDX-License-Identifier: Apache-2.0
#include "tests/property/rules.h"

#include <string.h>

#include "chaincore/base/status.h"

static uint64_t less_of(uint64_t a, uint64_t b) { return a < b ? a : b; }

// ⌊a · b / c⌋
static uint64_t part_of(uint64_t a, uint64_t b, uint64_t c) {
    return (uint64_t)((unsigned __int128)a * b / c);
}

const struct rules_set *rules_serving(const struct rules *rules) {
    return &rules->sets[rules->epoch];
}

uint32_t rules_seat_of(const struct rules *rules, uint32_t person) {
    const struct rules_set *set = rules_serving(rules);
    uint32_t seat = 0;
    while (seat < set->count && set->seats[seat].person != person) seat++;
    return seat;
}

static bool is_choice(const struct rules_person *voter, uint32_t candidate) {
    for (uint32_t i = 0; i < voter->choice_count; i++)
        if (voter->choices[i] == candidate) return true;
    return false;
}

uint64_t rules_tally(const struct rules *rules, uint32_t candidate) {
    uint64_t votes = 0;
    for (uint32_t i = 0; i < rules->people_count; i++) {
        const struct rules_person *voter = &rules->people[i];
        if (is_choice(voter, candidate))
            votes += less_of(voter->start, voter->balance) / voter->choice_count;
    }
    return votes;
}

static uint64_t held_for(const struct rules *rules, uint32_t candidate) {
    uint64_t held = 0;
    for (uint32_t i = 0; i < rules->people_count; i++)
        if (is_choice(&rules->people[i], candidate)) held += rules->people[i].weight;
    return held;
}

// ---- money and stake

enum tx_code rules_transfer(struct rules *rules, uint32_t from, uint32_t to, uint64_t amount) {
    if (rules->people[from].balance < amount) return TX_CODE_INSUFFICIENT_FUNDS;
    rules->people[from].balance -= amount;
    rules->people[to].balance += amount;
    return TX_CODE_OK;
}

enum tx_code rules_lock(struct rules *rules, uint32_t who, uint64_t amount) {
    struct rules_person *person = &rules->people[who];
    if (amount == 0) return TX_CODE_NO_AMOUNT;
    if (person->balance < amount) return TX_CODE_INSUFFICIENT_FUNDS;
    person->balance -= amount;
    person->locked += amount;
    return TX_CODE_OK;
}

enum tx_code rules_unlock(struct rules *rules, uint32_t who, uint64_t amount) {
    struct rules_person *person = &rules->people[who];
    if (amount == 0) return TX_CODE_NO_AMOUNT;
    if (person->unlock_count == RULES_UNLOCKS) return TX_CODE_TOO_MANY_UNLOCKS;
    if (person->locked < amount) return TX_CODE_STAKE_TOO_SMALL;
    if (person->standing == RULES_STANDS && person->locked - amount < RULES_STAKE)
        return TX_CODE_STAKE_TOO_SMALL;
    person->locked -= amount;
    person->unlocks[person->unlock_count++] = (struct rules_unlock){
        .amount = amount, .ready_ms = rules->time_ms + 14 * RULES_DAY_MS, .epoch = rules->epoch};
    return TX_CODE_OK;
}

enum tx_code rules_withdraw(struct rules *rules, uint32_t who) {
    struct rules_person *person = &rules->people[who];
    bool serves = rules_seat_of(rules, who) < rules_serving(rules)->count;
    uint32_t kept = 0, before = person->unlock_count;
    for (uint32_t i = 0; i < before; i++) {
        struct rules_unlock unlock = person->unlocks[i];
        bool is_held_back = serves && unlock.epoch == rules->epoch;
        if (unlock.ready_ms <= rules->time_ms && !is_held_back)
            person->balance += unlock.amount;
        else
            person->unlocks[kept++] = unlock;
    }
    person->unlock_count = kept;
    return kept < before ? TX_CODE_OK : TX_CODE_NOTHING_READY;
}

// ---- candidates

static bool is_taken(const struct rules *rules, uint32_t who, uint32_t key) {
    for (uint32_t i = 0; i < rules->people_count; i++)
        if (i != who && rules->people[i].standing != RULES_NEVER && rules->people[i].key == key)
            return true;
    return false;
}

enum tx_code rules_register(struct rules *rules, uint32_t who, uint32_t key, uint32_t commission) {
    struct rules_person *person = &rules->people[who];
    if (person->locked < RULES_STAKE) return TX_CODE_STAKE_TOO_SMALL;
    if (is_taken(rules, who, key)) return TX_CODE_KEY_TAKEN;
    if (person->standing == RULES_NEVER) person->number = rules->registered++;
    // Nobody who never registered was ever expelled.
    else if (person->answers_from > rules->epoch)
        return TX_CODE_EXPELLED;
    person->standing = RULES_STANDS;
    person->key = key;
    person->commission = commission;
    return TX_CODE_OK;
}

enum tx_code rules_resign(struct rules *rules, uint32_t who) {
    if (rules->people[who].standing != RULES_STANDS) return TX_CODE_NOT_A_CANDIDATE;
    rules->people[who].standing = RULES_RESIGNED;
    return TX_CODE_OK;
}

// ---- votes and shares

bool rules_may_be_owed(const struct rules *rules, uint32_t who, uint64_t owed) {
    const struct rules_person *person = &rules->people[who];
    return owed + person->slack >= person->earned && owed <= person->earned + person->slack;
}

static void pay(struct rules *rules, struct rules_person *person, uint64_t paid) {
    person->balance += paid;
    rules->shares -= paid;
    person->earned = person->slack = 0;
}

static uint64_t weight_now(const struct rules_person *person, uint32_t choices) {
    return choices > 0 ? less_of(person->start, person->balance) / choices : 0;
}

enum tx_code rules_vote(struct rules *rules, uint32_t who, const uint32_t *choices, uint32_t count,
                        uint64_t paid) {
    struct rules_person *person = &rules->people[who];
    for (uint32_t i = 0; i < count; i++)
        if (rules->people[choices[i]].standing != RULES_STANDS) return TX_CODE_NOT_A_CANDIDATE;
    pay(rules, person, paid);
    memcpy(person->choices, choices, count * sizeof *choices);
    person->choice_count = count;
    person->weight = weight_now(person, count);
    return TX_CODE_OK;
}

enum tx_code rules_claim(struct rules *rules, uint32_t who, uint64_t paid) {
    struct rules_person *person = &rules->people[who];
    if (person->choice_count == 0) return TX_CODE_NOTHING_TO_CLAIM;
    if (paid == 0 && weight_now(person, person->choice_count) == person->weight)
        return TX_CODE_NOTHING_TO_CLAIM;
    pay(rules, person, paid);
    person->weight = weight_now(person, person->choice_count);
    return TX_CODE_OK;
}

// ---- evidence

static void burn_twentieth(struct rules *rules, uint64_t *amount) {
    uint64_t part = part_of(*amount, 5, 100);
    *amount -= part;
    rules->burnt += part;
}

enum tx_code rules_evidence(struct rules *rules, uint64_t epoch, uint32_t seat, bool is_true) {
    if (!is_true || epoch > rules->epoch || seat >= rules->sets[epoch].count)
        return TX_CODE_BAD_EVIDENCE;
    if (epoch < rules->epoch && rules->time_ms >= rules->ends_ms[epoch] + 14 * RULES_DAY_MS) {
        rules->counts.evidence_too_old++;
        return TX_CODE_BAD_EVIDENCE;
    }
    struct rules_person *person = &rules->people[rules->sets[epoch].seats[seat].person];
    if (person->standing == RULES_NEVER) return TX_CODE_NOT_A_CANDIDATE;
    if (epoch < person->answers_from) return TX_CODE_PUNISHED_ALREADY;
    person->standing = RULES_EXPELLED;
    person->answers_from = rules->epoch + 1;
    burn_twentieth(rules, &person->locked);
    for (uint32_t i = 0; i < person->unlock_count; i++)
        burn_twentieth(rules, &person->unlocks[i].amount);
    rules->counts.expelled++;
    rules->counts.unlocks_cut += person->unlock_count;
    return TX_CODE_OK;
}

// ---- decisions

// What a content has as it is, it does not decide.
static void note_params(struct rules *rules, const struct rules_content *content) {
    struct rules_content *coming = &rules->coming;
    if (!rules->has_coming) *coming = rules->params;
    rules->has_coming = true;
    if (content->gas_price != rules->params.gas_price) coming->gas_price = content->gas_price;
    if (content->min_witnesses != rules->params.min_witnesses)
        coming->min_witnesses = content->min_witnesses;
}

enum tx_code rules_approve(struct rules *rules, uint32_t who, uint32_t content) {
    const struct rules_set *set = rules_serving(rules);
    uint32_t agreeing = 0;
    if (content == 0) {
        rules->people[who].ballot = 0;
        return TX_CODE_OK;
    }
    if (rules_seat_of(rules, who) == set->count) return TX_CODE_NOT_A_WITNESS;
    if (rules->contents[content].changes_what_never_changes) return TX_CODE_BAD_PARAMETERS;
    rules->people[who].ballot = content;
    for (uint32_t i = 0; i < set->count; i++)
        agreeing += rules->people[set->seats[i].person].ballot == content;
    // Two thirds, rounded as certificates are.
    if (agreeing < set->count - (set->count - 1) / 3) return TX_CODE_OK;
    rules->counts.decided++;
    if (rules->contents[content].is_code)
        rules->code = content;
    else
        note_params(rules, &rules->contents[content]);
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t *ballot = &rules->people[set->seats[i].person].ballot;
        if (*ballot == content) *ballot = 0;
    }
    return TX_CODE_OK;
}

bool rules_bring(struct rules *rules, uint32_t content) {
    if (rules->code != content) return false;
    rules->code = 0;
    rules->counts.brought++;
    return true;
}

// ---- what ends a block

static uint64_t reward_at(const struct rules *rules) {
    static const uint64_t whole[] = {50, 40, 30, 20, 10};
    uint64_t year = (rules->time_ms - rules->genesis_ms) / (365 * RULES_DAY_MS);
    return whole[year < 4 ? year : 4] * RULES_LMM;
}

static void pay_leader(struct rules *rules, const struct rules_block *block) {
    const struct rules_seat *seat = &rules_serving(rules)->seats[block->leader];
    struct rules_person *leader = &rules->people[seat->person];
    uint64_t reward = reward_at(rules), kept = part_of(reward, seat->commission, 10000);
    rules->rewards += reward;
    if (leader->standing == RULES_NEVER || leader->held == 0) kept = reward;
    leader->balance += kept;
    leader->pool += reward - kept;
    rules->shares += reward - kept;
}

static void return_pools(struct rules *rules) {
    for (uint32_t i = 0; i < rules->people_count; i++) {
        struct rules_person *candidate = &rules->people[i];
        if (candidate->held > 0) continue;
        rules->counts.pools_returned += candidate->pool > 0;
        candidate->balance += candidate->pool;
        rules->shares -= candidate->pool;
        candidate->pool = 0;
    }
}

// Nobody holds more than it has; then everybody is counted.
static void hold(struct rules *rules) {
    for (uint32_t i = 0; i < rules->people_count; i++) {
        struct rules_person *voter = &rules->people[i];
        if (voter->choice_count == 0) continue;
        uint64_t most = voter->balance / voter->choice_count;
        if (voter->weight <= most) continue;
        rules->counts.lowered++;
        voter->weight = most;
        voter->slack += voter->choice_count; // it was reckoned up, and rounded
    }
    for (uint32_t i = 0; i < rules->people_count; i++) rules->people[i].held = held_for(rules, i);
}

static void hand_out(struct rules *rules) {
    for (uint32_t i = 0; i < rules->people_count; i++) {
        struct rules_person *candidate = &rules->people[i];
        if (candidate->pool == 0 || candidate->held == 0) continue;
        for (uint32_t k = 0; k < rules->people_count; k++) {
            struct rules_person *voter = &rules->people[k];
            if (!is_choice(voter, i)) continue;
            voter->earned += part_of(candidate->pool, voter->weight, candidate->held);
            voter->slack += 2;
        }
        candidate->pool = 0;
        rules->counts.pools_shared++;
    }
}

static void count_turns(struct rules *rules, const struct rules_block *block) {
    struct rules_turns *turns = &rules->turns;
    uint32_t count = rules_serving(rules)->count;
    turns->taken[block->leader]++;
    if (block->names_voters) turns->named++;
    for (uint32_t i = 0; i < count; i++) {
        turns->missed[i] += block->missed[i];
        if (block->names_voters && !block->has_voted[i]) turns->silent[i]++;
    }
}

// What is unlocked while one serves waits for the end of the last epoch that one is elected for, or
// goes on for.
static void hold_stakes_back(struct rules *rules, bool goes_on) {
    const struct rules_set *set = rules_serving(rules);
    for (uint32_t i = 0; i < set->count; i++) {
        struct rules_person *person = &rules->people[set->seats[i].person];
        for (uint32_t k = 0; k < person->unlock_count; k++)
            if (person->unlocks[k].epoch == rules->epoch) {
                person->unlocks[k].ready_ms = rules->time_ms + 14 * RULES_DAY_MS;
                person->unlocks[k].epoch += goes_on;
                rules->counts.held_back++;
            }
    }
}

static bool is_absent(const struct rules_turns *turns, uint32_t seat) {
    uint64_t all = turns->taken[seat] + turns->missed[seat];
    return all >= 10 && 2 * turns->missed[seat] > all && 2 * turns->silent[seat] > turns->named;
}

static void judge(struct rules *rules) {
    const struct rules_set *set = rules_serving(rules);
    const struct rules_turns *turns = &rules->turns;
    bool is_out[RULES_SEATS] = {false};
    uint64_t missed = 0, all = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        missed += turns->missed[i];
        all += turns->taken[i] + turns->missed[i];
    }
    uint32_t absent = 0;
    for (uint32_t i = 0; i < set->count; i++) absent += is_absent(turns, i);
    if (3 * missed > all) {
        rules->counts.spared += absent;
        return;
    }
    if (absent > set->count / 10) rules->counts.over_tenth++;
    for (uint32_t left = set->count / 10; left > 0; left--) {
        uint32_t worst = set->count;
        for (uint32_t i = set->count; i-- > 0;)
            if (is_absent(turns, i) && !is_out[i] &&
                (worst == set->count || turns->missed[i] >= turns->missed[worst]))
                worst = i;
        if (worst == set->count) return;
        is_out[worst] = true;
        rules->counts.absent++;
        struct rules_person *person = &rules->people[set->seats[worst].person];
        if (person->standing == RULES_STANDS) person->standing = RULES_ABSENT;
    }
}

static bool may_be_elected(const struct rules_person *person) {
    return person->standing == RULES_STANDS && person->locked >= RULES_STAKE;
}

// How many are ahead of it: more votes, or as many and registered before.
static uint32_t rank_of(const struct rules *rules, const uint64_t *votes, uint32_t candidate) {
    uint32_t ahead = 0;
    for (uint32_t i = 0; i < rules->people_count; i++) {
        if (i == candidate || !may_be_elected(&rules->people[i])) continue;
        bool is_before = rules->people[i].number < rules->people[candidate].number;
        ahead += votes[i] > votes[candidate] || (votes[i] == votes[candidate] && is_before);
    }
    return ahead;
}

// Somebody with as many votes as who came in last stayed out.
static void count_ties(struct rules *rules, const uint64_t *votes,
                       const struct rules_set *elected) {
    for (uint32_t i = 0; i < rules->people_count && elected->count == RULES_SEATS; i++) {
        if (!may_be_elected(&rules->people[i])) continue;
        uint32_t rank = rank_of(rules, votes, i);
        rules->counts.outvoted += rank >= RULES_SEATS;
        for (uint32_t k = 0; k < elected->count && rank == RULES_SEATS; k++)
            rules->counts.ties += votes[elected->seats[k].person] == votes[i];
    }
}

// Who is elected sits in the order of registration. False: too few are.
static bool elect(struct rules *rules) {
    struct rules_set elected = {0};
    uint64_t votes[RULES_PEOPLE];
    for (uint32_t i = 0; i < rules->people_count; i++) votes[i] = rules_tally(rules, i);
    for (uint64_t number = 0; number < rules->registered; number++)
        for (uint32_t i = 0; i < rules->people_count; i++) {
            const struct rules_person *person = &rules->people[i];
            if (person->standing == RULES_NEVER || person->number != number) continue;
            if (may_be_elected(person) && rank_of(rules, votes, i) < RULES_SEATS)
                elected.seats[elected.count++] =
                    (struct rules_seat){i, person->key, person->commission};
        }
    bool is_enough = elected.count > 0 && elected.count >= rules->params.min_witnesses;
    rules->sets[rules->epoch + 1] = is_enough ? elected : *rules_serving(rules);
    rules->counts.elected += is_enough;
    rules->counts.continued += !is_enough && elected.count > 0;
    count_ties(rules, votes, &elected);
    return is_enough;
}

static void begin_epoch(struct rules *rules) {
    rules->ends_ms[rules->epoch++] = rules->time_ms;
    memset(&rules->turns, 0, sizeof rules->turns);
    for (uint32_t i = 0; i < rules->people_count; i++)
        rules->people[i].start = rules->people[i].balance;
    if (rules->has_coming) rules->params = rules->coming;
    rules->counts.activated += rules->has_coming;
    rules->has_coming = false;
}

void rules_end_block(struct rules *rules, const struct rules_block *block) {
    bool is_last = (rules->height + 1) % rules->epoch_blocks == 0;
    pay_leader(rules, block);
    if (is_last) return_pools(rules);
    hold(rules);
    count_turns(rules, block);
    if (is_last) {
        hand_out(rules);
        judge(rules);
        bool goes_on = !elect(rules);
        hold_stakes_back(rules, goes_on);
        begin_epoch(rules);
    }
    rules->height++;
}
