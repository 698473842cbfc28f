// SPDX-License-Identifier: Apache-2.0
// Random histories of a ledger: accounts, lanes, stake, votes, contracts and timers, in blocks.
// Some of the people come by what others give them or pay for, and go again when they are removed.
// After every block the supply must add up, each account's deposit must count what the state holds
// of it, nothing may run a second time, the state's root must be that of a tree built afresh, and
// proofs of presence and absence must hold, and none with a bit changed. At the end of every 500th
// the state goes out into a snapshot and comes in again, and no bit of it may change.
//   HISTORIES=n   how many (2,000)
//   SEED=s        one alone, and what went on in it
// The last line is one JSON object; the status is 1 when something did not hold.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/genesis_state.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/timer.h"
#include "chaincore/ledger/snapshot.h"
#include "tests/support/account_bytes.h"
#include "tests/support/puppet.h"

// The first people are there from the beginning.
enum { FOUNDERS = 6, PEOPLE = 9, MOST_TXS = 128, MOST_ENTRIES = 4096, SNAPSHOT_EVERY = 500 };

struct world {
    uint64_t seed, random;
    struct state *state;
    struct state_version *head;
    struct module_cache *modules;
    struct arena arena;
    struct bytes code;
    struct account_id people[PEOPLE];
    struct account_id puppet;
    bool has_puppet;
    uint64_t height, time_ms;
    struct amount sender_has; // of the transaction in the making
    uint32_t run_count;
    struct bytes runs[MOST_TXS]; // what was in a block, encoded
    uint64_t blocks, applied, failed, removed, repeats, proofs, snapshots;
    bool is_loud;
};

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
static const struct account_id *someone(struct world *world) {
    return &world->people[pick(world, PEOPLE)];
}
// Of any size; some more than anybody has.
static struct amount some_money(struct world *world) {
    return amount_of_units(next_random(world) >> (pick(world, 8) == 0 ? 0 : 8 + pick(world, 56)));
}

static void broken(const struct world *world, const char *what) {
    printf("SEED=%llu, height %llu: %s\n", (unsigned long long)world->seed,
           (unsigned long long)world->height, what);
    printf("{\"histories\": %llu, \"violations\": 1}\n", (unsigned long long)world->seed);
    exit(1);
}

// ---- what transactions do

static void add_script(struct world *world, struct buf *out) {
    uint64_t in_a_while = world->time_ms + pick(world, 3000);
    uint8_t key = (uint8_t)pick(world, 12), act = (uint8_t)pick(world, 10);
    static const uint8_t acts[] = {PUPPET_SET,      PUPPET_SET,      PUPPET_SET,   PUPPET_DELETE,
                                   PUPPET_TRANSFER, PUPPET_EVENT,    PUPPET_TIMER, PUPPET_REFUSE,
                                   PUPPET_TRAP,     PUPPET_TIMER_FOR};
    static const uint8_t filler[200];
    encode_u8(out, acts[act]);
    switch (acts[act]) {
    case PUPPET_SET:
        encode_bytes(out, BYTES_OF(key));
        encode_bytes(out, bytes_of(filler, pick(world, sizeof filler)));
        break;
    case PUPPET_DELETE:
        encode_bytes(out, BYTES_OF(key));
        break;
    case PUPPET_TRANSFER:
        encode_fixed(out, someone(world), 32);
        encode_amount(out, some_money(world));
        break;
    case PUPPET_EVENT:
        encode_bytes(out, BYTES_OF(key));
        encode_bytes(out, BYTES_OF(key));
        break;
    case PUPPET_TIMER_FOR:
        encode_fixed(out, someone(world), 32);
        __attribute__((fallthrough));
    case PUPPET_TIMER:
        encode_u64(out, in_a_while);
        encode_u64(out, 100000 + pick(world, 400000));
        encode_bytes(out, bytes_of("", 0));
        break;
    case PUPPET_REFUSE:
        encode_u32(out, 7);
        break;
    default:
        break;
    }
}

static void fill_call(struct world *world, struct tx_action *action, struct buf *script) {
    bool pays = pick(world, 3) == 0;
    buf_reset(script);
    for (uint32_t acts = pick(world, 4); acts > 0; acts--) add_script(world, script);
    action->call.contract = world->puppet;
    action->call.method = bytes_of_string(pays ? "pay" : "act");
    action->call.arguments = arena_copy(&world->arena, buf_bytes(script));
    if (pays) action->call.value = amount_of_units(pick(world, 100000000));
}

static void fill_authority(struct world *world, struct tx_action *action, struct buf *encoded) {
    struct authority authority = {.threshold = 1, .key_count = 1 + pick(world, 3)};
    for (uint32_t i = 0; i < authority.key_count; i++) {
        authority.keys[i].key.bytes[0] = (uint8_t)i;
        authority.keys[i].weight = 1;
    }
    buf_reset(encoded);
    authority_encode(encoded, &authority);
    action->set_authority.authority = arena_copy(&world->arena, buf_bytes(encoded));
}

// Often the next in its sender's row: of the first one, that is all it takes.
static void fill_envelope(struct world *world, struct envelope *envelope) {
    uint8_t recipient[ENVELOPE_RECIPIENT_BYTES] = {[32] = 1}, sealed[SEAL_TAG_BYTES] = {0};
    *envelope = (struct envelope){.seq = 1 + pick(world, 2) / 2,
                                  .retention = (enum envelope_retention)pick(world, 4),
                                  .recipient_count = 1};
    envelope->recipients = arena_copy(&world->arena, BYTES_OF(recipient));
    envelope->ciphertext = arena_copy(&world->arena, BYTES_OF(sealed));
}

// All of it, so that some are empty after a while; or nothing, which makes an account too.
static struct amount gift(struct world *world) {
    if (pick(world, 3) == 0) return world->sender_has;
    return pick(world, 8) == 0 ? amount_of_units(0) : some_money(world);
}

static void fill_vote(struct world *world, struct tx_action *action) {
    action->vote.count = pick(world, 2);
    action->vote.candidates =
        arena_copy(&world->arena, BYTES_OF(world->people[pick(world, 3)].bytes));
    action->vote.candidates.len = 32 * (size_t)action->vote.count;
}

static void fill_evidence(struct tx_action *action) {
    action->evidence.first.kind = VOTE_NULLIFY;
    action->evidence.second.kind = VOTE_FINALIZE;
}

static void fill_action(struct world *world, struct tx_action *action, struct buf *storage) {
    // Deployments are dear, calls are where most may happen.
    static const enum tx_action_kind common[] = {TX_TRANSFER,     TX_CALL,          TX_CALL,
                                                 TX_CALL,         TX_VOTE,          TX_CALL,
                                                 TX_UNLOCK_STAKE, TX_REMOVE_ACCOUNT};
    memset(action, 0, sizeof *action);
    action->kind = pick(world, 2) ? common[pick(world, sizeof common / sizeof *common)]
                                  : (enum tx_action_kind)pick(world, TX_ACTION_KINDS);
    switch (action->kind) {
    case TX_TRANSFER:
        action->transfer.to = *someone(world);
        action->transfer.amount = gift(world);
        break;
    case TX_CALL:
        fill_call(world, action, storage);
        break;
    case TX_DEPLOY:
        action->deploy.code = world->code;
        break;
    case TX_UPGRADE:
        action->upgrade.contract = world->puppet;
        action->upgrade.code = world->code;
        break;
    case TX_SET_AUTHORITY:
        fill_authority(world, action, storage);
        break;
    case TX_SET_ENC_KEY:
        action->set_enc_key.key[0] = (uint8_t)pick(world, 256);
        break;
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
        action->stake.amount = some_money(world);
        break;
    case TX_REMOVE_ACCOUNT:
        action->remove_account.account =
            pick(world, 8)   ? world->people[FOUNDERS + pick(world, PEOPLE - FOUNDERS)]
            : pick(world, 2) ? world->puppet
                             : *someone(world);
        break;
    case TX_EVIDENCE:
        fill_evidence(action);
        break;
    case TX_REGISTER_CANDIDATE:
        action->register_candidate.key.bytes[0] = (uint8_t)pick(world, 8);
        break;
    case TX_VOTE:
        fill_vote(world, action);
        break;
    case TX_CLOSE_LANE:
        action->close_lane.lane = 1 + pick(world, 2);
        break;
    case TX_DATA:
        fill_envelope(world, &action->data);
        break;
    default: // without content
        break;
    }
}

// A newcomer gives back what it has, at another's cost.
static void fill_farewell(struct world *world, struct tx *tx) {
    struct account sender;
    tx->sender = world->people[FOUNDERS + pick(world, PEOPLE - FOUNDERS)];
    account_load(&sender, state_version_view(world->head), &tx->sender);
    tx->lane = 0;
    tx->has_payer = true;
    tx->payer = world->people[pick(world, FOUNDERS)];
    tx->action_count = 1;
    tx->actions[0] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = world->people[0], .amount = sender.balance}};
}

static void fill_tx(struct world *world, const struct apply_block *block, struct tx *tx,
                    struct buf *storage) {
    tx->version = TX_VERSION;
    tx->sender = *someone(world);
    tx->lane = pick(world, 4) == 0 ? pick(world, 3) : 0;
    tx->valid_until = block->height + pick(world, LIMIT_VALID_UNTIL_BLOCKS + 1);
    tx->gas_limit = 100000 + (uint64_t)pick(world, 2000000) * (pick(world, 4) == 0 ? 10 : 1);
    tx->gas_price = 1 + pick(world, 3);
    tx->has_payer = pick(world, 3) == 0;
    tx->payer = *someone(world);
    struct account sender;
    account_load(&sender, state_draft_view(block->draft), &tx->sender);
    world->sender_has = sender.balance;
    tx->action_count = 1 + (pick(world, 4) == 0 ? pick(world, 3) : 0);
    for (uint32_t i = 0; i < tx->action_count; i++) fill_action(world, &tx->actions[i], storage);
    if (!world->has_puppet) {
        tx->sender = tx->payer = world->people[0];
        tx->gas_limit = 20000000;
        tx->action_count = 1;
        tx->actions[0] = (struct tx_action){.kind = TX_DEPLOY, .deploy = {.code = world->code}};
    }
    if (world->has_puppet && pick(world, 4) == 0) fill_farewell(world, tx);
    struct tx_lane lane = tx_lane(tx);
    tx->seq = lane_next_seq(state_draft_view(block->draft), &lane);
}

static bool is_admitted(const struct apply_block *block, const struct tx *tx, size_t len) {
    const struct state_view *view = state_draft_view(block->draft);
    struct tx_lane lane = tx_lane(tx);
    struct apply_place place = {.params = &block->params,
                                .height = block->height,
                                .expected_seq = lane_next_seq(view, &lane)};
    return apply_admit(view, tx, len, &place) == TX_CODE_OK;
}

static void note_run(struct world *world, const struct tx *tx, const struct hash *id,
                     const struct block_tx *out) {
    bool is_done = out->receipt.code == TX_CODE_OK;
    world->applied++;
    if (!is_done) world->failed++;
    if (world->run_count < MOST_TXS)
        world->runs[world->run_count++] = arena_copy(&world->arena, out->encoded);
    if (is_done && tx->actions[0].kind == TX_DEPLOY) {
        account_id_of_deployed(&world->puppet, id, 0);
        world->has_puppet = true;
    }
    for (uint32_t i = 0; i < tx->action_count && is_done; i++)
        world->removed += tx->actions[i].kind == TX_REMOVE_ACCOUNT;
    if (world->is_loud)
        printf("%llu: first action %d, %s\n", (unsigned long long)world->height,
               (int)tx->actions[0].kind, tx_code_name((enum tx_code)out->receipt.code));
}

static void run_tx(struct world *world, struct apply_block *block, struct buf *storage) {
    struct tx *tx = arena_alloc(&world->arena, sizeof *tx);
    struct buf encoded = {0};
    struct hash id;
    fill_tx(world, block, tx, storage);
    tx_encode(&encoded, tx);
    tx_id(&id, tx);
    struct block_tx out = {.encoded = buf_bytes(&encoded)};
    if (is_admitted(block, tx, encoded.len)) {
        apply_tx(block, tx, &id, &out);
        note_run(world, tx, &id, &out);
    }
    buf_clear(&encoded);
}

// Whatever went and came again since: what was in a block has no place in another.
static void check_repeats(struct world *world, const struct apply_block *block) {
    struct tx *tx = arena_alloc(&world->arena, sizeof *tx);
    for (uint32_t i = 0; i < world->run_count; i++) {
        ENSURE(tx_decode(tx, world->runs[i]) == STATUS_OK);
        if (is_admitted(block, tx, world->runs[i].len)) broken(world, "a transaction runs again");
        world->repeats++;
    }
}

// ---- what must hold after a block

struct leaf {
    struct hash path, hash;
};

static int compare_leaves(const void *a, const void *b) {
    return memcmp(((const struct leaf *)a)->path.bytes, ((const struct leaf *)b)->path.bytes, 32);
}

// The tree by its definition, and nothing else.
static void naive_root(struct hash *out, const struct leaf *leaves, size_t count, unsigned depth) {
    struct hash left, right;
    size_t split = 0;
    *out = (struct hash){0};
    if (count == 0) return;
    if (count == 1) {
        *out = leaves[0].hash;
        return;
    }
    while (split < count && !(leaves[split].path.bytes[depth / 8] >> (7 - depth % 8) & 1)) split++;
    naive_root(&left, leaves, split, depth + 1);
    naive_root(&right, leaves + split, count - split, depth + 1);
    hash_node(out, &left, &right);
}

// A founder's own entry counts when it went and came again.
static void check_deposits(const struct world *world) {
    static const uint8_t space = STATE_ACCOUNT;
    const struct state_view *view = state_version_view(world->head);
    struct bytes key = bytes_of("", 0), value;
    while (state_next(view, bytes_of(&space, 1), key, &key, &value)) {
        struct account_id id;
        struct account account;
        memcpy(id.bytes, key.data + 1, sizeof id.bytes);
        account_decode(&account, value);
        uint64_t held = account_bytes_held(view, &id), counted = account.deposit.bytes;
        bool is_founder = id.bytes[1] == 1 && id.bytes[0] < FOUNDERS;
        if (counted != held + ACCOUNT_BYTES && !(is_founder && counted == held))
            broken(world, "a deposit does not count what is there");
    }
}

static void check_root(const struct world *world) {
    static struct leaf leaves[MOST_ENTRIES];
    const struct state_view *view = state_version_view(world->head);
    struct bytes key = bytes_of("", 0), value;
    struct hash root;
    size_t count = 0;
    while (state_next(view, bytes_of("", 0), key, &key, &value)) {
        struct hash value_hash;
        ENSURE(count < MOST_ENTRIES);
        hash_bytes(&leaves[count].path, HASH_KEY, key);
        hash_bytes(&value_hash, HASH_VALUE, value);
        state_leaf_hash(&leaves[count].hash, &leaves[count].path, &value_hash);
        count++;
    }
    if (count != state_count(view)) broken(world, "the count of entries is wrong");
    qsort(leaves, count, sizeof *leaves, compare_leaves);
    naive_root(&root, leaves, count, 0);
    if (!hash_equal(&root, state_root(world->head))) broken(world, "the root is not the tree's");
}

static void check_proof(struct world *world, struct bytes key, const struct bytes *value) {
    struct buf proof = {0};
    const struct hash *root = state_root(world->head);
    struct bytes other = bytes_of("other", 5);
    state_prove(world->head, key, &proof);
    if (state_proof_check(buf_bytes(&proof), root, key, value) != STATUS_OK)
        broken(world, "a proof does not hold");
    if (state_proof_check(buf_bytes(&proof), root, key, value ? NULL : &other) == STATUS_OK ||
        (value && state_proof_check(buf_bytes(&proof), root, key, &other) == STATUS_OK))
        broken(world, "a proof shows what is not there");
    size_t bit = pick(world, (uint32_t)(proof.len * 8));
    proof.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (state_proof_check(buf_bytes(&proof), root, key, value) == STATUS_OK)
        broken(world, "a proof holds with a bit changed");
    world->proofs += 2;
    buf_clear(&proof);
}

static void check_proofs(struct world *world) {
    const struct state_view *view = state_version_view(world->head);
    uint8_t place[33] = {(uint8_t)pick(world, 12)};
    struct bytes key, value;
    for (size_t i = 1; i < sizeof place; i++) place[i] = (uint8_t)pick(world, 256);
    check_proof(world, BYTES_OF(place), NULL);
    if (!state_next(view, bytes_of("", 0), BYTES_OF(place), &key, &value) &&
        !state_next(view, bytes_of("", 0), bytes_of("", 0), &key, &value))
        return;
    check_proof(world, key, &value);
}

static void make_block(struct world *world, struct buf *storage) {
    // At times weeks pass, so that stakes come free and timers run.
    world->time_ms += 1 + pick(world, 2000);
    if (pick(world, 6) == 0) world->time_ms += STAKE_UNLOCK_MS;
    world->height += pick(world, 3) == 0 ? LIMIT_VALID_UNTIL_BLOCKS + 1 : 1;
    struct apply_block block = {.draft = state_draft_begin(world->state, world->head),
                                .modules = world->modules,
                                .arena = &world->arena,
                                .genesis_time_ms = 1,
                                .height = world->height,
                                .epoch = world->height / 4,
                                .time_ms = world->time_ms,
                                .leader = world->people[FOUNDERS - 1]};
    struct timer_runs timers;
    apply_begin(&block);
    timers_run(&block, &timers);
    for (uint32_t count = pick(world, 4); count > 0; count--) run_tx(world, &block, storage);
    check_repeats(world, &block);
    apply_finish(&block);
    struct state_version *next = state_commit(block.draft, world->height);
    state_version_unref(world->head);
    world->head = next;
    world->blocks++;
    if (!supply_is_conserved(state_version_view(world->head)))
        broken(world, "the supply does not add up");
    check_deposits(world);
    check_root(world);
    check_proofs(world);
}

// Takes every piece in, each once with a bit changed first.
static void take_in(struct world *world, const char *folder) {
    struct buf manifest = {0}, piece = {0};
    struct snapshot *snapshot;
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(world->state, empty);
    ENSURE(snapshot_read_manifest(&manifest, folder) == STATUS_OK);
    ENSURE(snapshot_open(&snapshot, buf_bytes(&manifest)) == STATUS_OK);
    for (uint32_t i = 0; i < snapshot_piece_count(snapshot); i++) {
        buf_reset(&piece);
        ENSURE(snapshot_read_piece(&piece, folder, i) == STATUS_OK);
        uint32_t bit = pick(world, (uint32_t)(piece.len * 8));
        piece.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (snapshot_add(snapshot, draft, i, buf_bytes(&piece)) == STATUS_OK)
            broken(world, "a piece of a snapshot is taken with a bit changed");
        piece.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (snapshot_add(snapshot, draft, i, buf_bytes(&piece)) != STATUS_OK)
            broken(world, "a piece of a snapshot is refused");
    }
    struct state_version *loaded = state_commit(draft, world->height);
    if (!snapshot_is_whole(snapshot) || !hash_equal(state_root(loaded), state_root(world->head)))
        broken(world, "a snapshot that came in is not the state that went out");
    snapshot_close(snapshot);
    state_version_unref(loaded);
    state_version_unref(empty);
    buf_clear(&manifest);
    buf_clear(&piece);
}

static void check_snapshot(struct world *world) {
    char folder[] = "/tmp/lmm-histories-XXXXXX", path[64];
    struct cut cut = {
        .header = {.version = HEADER_VERSION, .state_root = *state_root(world->head)}};
    struct snapshot_source source = {
        .version = world->head, .cut = &cut, .piece_bytes = 1 + pick(world, 3000)};
    history_peaks_root(&cut.header.history_root, &cut.below);
    ENSURE(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/snapshot", folder);
    ENSURE(snapshot_write(&source, path) == STATUS_OK);
    take_in(world, path);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    world->snapshots++;
}

static void begin_world(struct world *world) {
    struct params params = {.block_interval_ms = 1,
                            .epoch_blocks = 4,
                            .min_gas_price = 1,
                            .block_gas_limit = 100000000,
                            .deposit_per_byte = 3};
    struct supply supply = {0};
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(world->state, empty);
    struct apply_block block = {.draft = draft};
    struct run_tx run = {.block = &block};
    world->random = world->seed * 977;
    world->height = 0;
    world->time_ms = 1;
    world->has_puppet = false;
    world->run_count = 0;
    for (uint8_t i = 0; i < PEOPLE; i++) world->people[i] = (struct account_id){{i, 1}};
    for (uint8_t i = 0; i < FOUNDERS; i++) {
        // The first two could be candidates, the last begins with nothing.
        uint64_t units = i < 2 ? 2 * STAKE_MIN : i == FOUNDERS - 1 ? 0 : UINT64_C(1000000000) << i;
        struct account account = {.balance = amount_of_units(units),
                                  .epoch_start = amount_of_units(units)};
        account_store(draft, &world->people[i], &account);
        ENSURE(amount_add(&supply.genesis, supply.genesis, account.balance) == STATUS_OK);
    }
    for (uint8_t i = 0; i < 2; i++) {
        struct public_key key = {{i, 2}};
        ENSURE(stake_lock(&run, &world->people[i], amount_of_units(STAKE_MIN + i)) == TX_CODE_OK);
        ENSURE(stake_register(&run, &world->people[i], &key, 100) == TX_CODE_OK);
    }
    supply_store(draft, &supply);
    parameters_store(draft, &params);
    world->head = state_commit(draft, 0);
    state_version_unref(empty);
}

static void run_history(struct world *world, struct buf *storage) {
    begin_world(world);
    for (uint32_t blocks = 2 + pick(world, 10); blocks > 0; blocks--) make_block(world, storage);
    if (world->seed % SNAPSHOT_EVERY == 0 || world->is_loud) check_snapshot(world);
    state_version_unref(world->head);
    arena_reset(&world->arena);
}

static uint64_t setting(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

int main(void) {
    struct world world = {.modules = NULL};
    struct buf code = {0}, storage = {0};
    uint64_t count = setting("HISTORIES", 2000), alone = setting("SEED", 0);
    if (crypto_init() != STATUS_OK) return 1;
    if (file_read(&code, "tests/support/puppet.wasm", LIMIT_CODE_BYTES) != STATUS_OK) {
        fprintf(stderr, "tests/support/puppet.wasm is not there\n");
        return 1;
    }
    world.code = buf_bytes(&code);
    world.is_loud = alone != 0;
    world.modules = module_cache_create(host_imports(), false);
    world.state = state_create();
    for (world.seed = alone ? alone : 1; world.seed <= (alone ? alone : count); world.seed++)
        run_history(&world, &storage);
    printf("COUNTED %d passed, 0 failed\n", 1);
    printf("{\"histories\": %llu, \"blocks\": %llu, \"transactions\": %llu, \"failed\": %llu, "
           "\"removed\": %llu, \"repeats\": %llu, \"proofs\": %llu, \"snapshots\": %llu, "
           "\"violations\": 0}\n",
           (unsigned long long)(alone ? 1 : count), (unsigned long long)world.blocks,
           (unsigned long long)world.applied, (unsigned long long)world.failed,
           (unsigned long long)world.removed, (unsigned long long)world.repeats,
           (unsigned long long)world.proofs, (unsigned long long)world.snapshots);
    state_free(world.state);
    module_cache_free(world.modules);
    arena_clear(&world.arena);
    buf_clear(&code);
    buf_clear(&storage);
    return 0;
}
