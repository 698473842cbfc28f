// SPDX-License-Identifier: Apache-2.0
// What it takes to open a lock whose witnesses are 101, 68 of whom signed, by a grant among ten
// million entries of the state: bytes, time beside that many verifications of libsodium, and the
// stack beyond the message and the set of keys. One JSON line a figure.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apps/sharing/lock/lock.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/crypto/lanes.h"
#include "tests/support/light_chain.h"

enum {
    WITNESSES = LIMIT_WITNESSES,
    DEPTH = 24, // of a leaf among ten million
    HEIGHT = 3,
    STACK_BYTES = 256 * 1024,
    PAINT = 0xa5,
};

static struct light_chain chain;
static struct lock lock, fresh;
static struct secret_key renter;
static struct grant grant;
static struct policy policy;
static struct buf grant_branch, policy_branch, certificate;
static struct header header;

// This thread's own time.
static double now_ns(void) {
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static bool keep(void *context, unsigned slot, struct bytes content) {
    (void)context;
    return slot < LOCK_SLOTS && content.len > 0;
}
static void draw(void *context, void *out, size_t len) {
    (void)context;
    memset(out, 7, len);
}

// ---- the chain's side

static void path_of(struct hash *out, struct bytes name) {
    struct account_id contract;
    struct state_key key;
    account_id_of_system_contract(&contract, "sharing");
    state_key_make(&key, STATE_STORAGE, contract.bytes, name);
    hash_bytes(out, HASH_KEY, state_key_bytes(&key));
}

static bool bit_of(const struct hash *path, unsigned depth) {
    return path->bytes[depth / 8] >> (7 - depth % 8) & 1;
}

// The node of the leaf's branch at `top`, when its siblings hang below that.
static void fold(struct hash *node, const struct hash *path, const struct hash *siblings,
                 unsigned top) {
    for (unsigned depth = DEPTH; depth-- > top;)
        if (bit_of(path, depth))
            hash_node(node, &siblings[depth], node);
        else
            hash_node(node, node, &siblings[depth]);
}

struct leaf {
    struct hash path, node;
    struct hash siblings[DEPTH];
};

static void make_leaf(struct leaf *out, struct bytes name, struct bytes value) {
    struct hash value_hash;
    path_of(&out->path, name);
    hash_bytes(&value_hash, HASH_VALUE, value);
    state_leaf_hash(&out->node, &out->path, &value_hash);
    for (unsigned i = 0; i < DEPTH; i++) memset(&out->siblings[i], (int)(i + 1), 32);
}

// Two leaves under one root: where their ways part, each is the other's sibling.
static void join(struct leaf *a, struct leaf *b, struct hash *root) {
    unsigned parting = 0;
    struct hash of_a = a->node, of_b = b->node;
    while (bit_of(&a->path, parting) == bit_of(&b->path, parting)) parting++;
    ENSURE(parting < DEPTH);
    fold(&of_a, &a->path, a->siblings, parting + 1);
    fold(&of_b, &b->path, b->siblings, parting + 1);
    a->siblings[parting] = of_b;
    b->siblings[parting] = of_a;
    *root = a->node;
    fold(root, &a->path, a->siblings, 0);
}

static void make_state(struct hash *root) {
    static struct leaf grant_leaf, policy_leaf;
    const struct state_proof_end member = {.kind = STATE_PROOF_MEMBER};
    uint8_t grant_name[GRANT_KEY_BYTES], grant_value[GRANT_BYTES];
    uint8_t policy_name[POLICY_KEY_BYTES], policy_value[POLICY_BYTES];
    grant_key(grant_name, grant.booking);
    grant_encode(grant_value, &grant);
    policy_key(policy_name, grant.lock);
    policy_encode(policy_value, &policy);
    make_leaf(&grant_leaf, BYTES_OF(grant_name), BYTES_OF(grant_value));
    make_leaf(&policy_leaf, BYTES_OF(policy_name), BYTES_OF(policy_value));
    join(&grant_leaf, &policy_leaf, root);
    state_proof_encode(&grant_branch, &member, grant_leaf.siblings, DEPTH);
    state_proof_encode(&policy_branch, &member, policy_leaf.siblings, DEPTH);
}

static void certify(void) {
    struct certificate made = {.view = header.view};
    struct vote vote = {.epoch = header.epoch,
                        .set_hash = header.set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = header.view};
    struct hash payload;
    header_id(&vote.block_id, &header);
    vote_payload(&payload, &vote);
    for (uint16_t i = 0; i < witness_quorum(WITNESSES); i++) {
        struct signature signature;
        sign_payload(&signature, &chain.secrets[i], SIGN_VOTE, &chain.chain_id, &payload);
        certificate_add(&made, i, &signature);
    }
    certificate_encode(&certificate, &made, WITNESSES);
}

static void make_world(void) {
    struct public_key renter_key, owner_key;
    struct secret_key owner;
    struct lock_port port = {.write = keep, .draw = draw};
    light_chain_make(
        &chain, &(struct light_chain_plan){
                    .epochs = 1, .epoch_blocks = 5, .interval_ms = 1000, .witnesses = WITNESSES});
    key_from_seed(&renter, &renter_key, (const uint8_t[32]){1});
    key_from_seed(&owner, &owner_key, (const uint8_t[32]){2});
    struct lock_setup setup = {.seed = {3},
                               .owner_key = owner_key,
                               .chain_id = chain.chain_id,
                               .genesis_head = buf_bytes(&chain.genesis_head),
                               .now_ms = chain.plan.begin_ms};
    account_id_of_system_contract(&setup.contract, "sharing");
    ENSURE(lock_set_up(&fresh, &port, &setup, 0) == STATUS_OK);
    header = *light_chain_header(&chain, HEIGHT);
    grant = (struct grant){.version = GRANT_VERSION,
                           .booking = 1,
                           .asset = 1,
                           .from_ms = header.time_ms,
                           .until_ms = header.time_ms + 60 * 60 * 1000};
    policy = (struct policy){.version = POLICY_VERSION, .asset = 1};
    memcpy(grant.lock, fresh.key.bytes, sizeof grant.lock);
    memcpy(grant.renter_key, renter_key.bytes, sizeof grant.renter_key);
    memcpy(policy.owner, fresh.owner.bytes, sizeof policy.owner);
    make_state(&header.state_root);
    certify();
}

// ---- the phone

static struct lock_greeting greeting;

static void send(struct bytes message) {
    static struct lock_frames_in in;
    struct lock_frames_out out = {.message = message};
    uint8_t frame[LIMIT_LOCK_FRAME_BYTES];
    bool is_whole = false;
    size_t len;
    while ((len = lock_frame_give(&out, frame, sizeof frame)) > 0)
        lock_receive(&lock, bytes_of(frame, len), &(struct lock_moment){0});
    while ((len = lock_give(&lock, frame, sizeof frame)) > 0)
        ENSURE(lock_frame_take(&in, &is_whole, bytes_of(frame, len)) == LOCK_CODE_OK);
    ENSURE(is_whole && in.message[0] == (message.data[0] | LOCK_ANSWER));
    if (message.data[0] != LOCK_ASK_CHALLENGE) return;
    struct decoder decoder = decoder_of(bytes_of(in.message + 1, in.wanted - 1u));
    lock_greeting_decode_from(&decoder, &greeting);
}

static void make_header(struct buf *out, bool has_set) {
    struct lock_news news = {.header = header, .certificate = buf_bytes(&certificate)};
    if (has_set) news.set = witness_set_keys(&chain.sets[0]);
    buf_append_byte(out, LOCK_ASK_HEADER);
    lock_news_encode(out, &news);
}

static void make_policy(struct buf *out) {
    struct lock_shown_policy shown = {.policy = policy, .branch = buf_bytes(&policy_branch)};
    buf_append_byte(out, LOCK_ASK_POLICY);
    lock_shown_policy_encode(out, &shown);
}

static void make_use(struct buf *out) {
    struct lock_use use = {.challenge = {.command = CHALLENGE_START,
                                         .counter = greeting.counter,
                                         .booking = grant.booking,
                                         .height = greeting.header_height,
                                         .time_ms = greeting.clock_ms},
                           .grant = grant,
                           .branch = buf_bytes(&grant_branch)};
    struct hash hash;
    key_public_of(&use.signer, &renter);
    memcpy(use.challenge.lock, greeting.lock.bytes, 32);
    memcpy(use.challenge.nonce, greeting.nonce.bytes, 32);
    lock_challenge_hash(&hash, &use.challenge);
    sign_payload(&use.signature, &renter, SIGN_CHALLENGE, &chain.chain_id, &hash);
    buf_append_byte(out, LOCK_ASK_START);
    lock_use_encode(out, &use);
}

static struct buf header_message, policy_message, use_message;

// A visit to a lock that knows the set and no header: what it spends on what it is shown.
static double visit(void) {
    static const uint8_t greet[] = {LOCK_ASK_CHALLENGE};
    lock = fresh;
    double start = now_ns();
    send(buf_bytes(&header_message));
    send(buf_bytes(&policy_message));
    double spent = now_ns() - start;
    send(BYTES_OF(greet));
    buf_reset(&use_message);
    make_use(&use_message);
    start = now_ns();
    send(buf_bytes(&use_message));
    ENSURE(lock.is_open);
    return spent + now_ns() - start;
}

// As many signatures as the certificate has, by libsodium alone.
static double verify_quorum(void) {
    struct hash payload = {{1}};
    struct public_key key;
    struct signature signature;
    key_public_of(&key, &renter);
    sign_payload(&signature, &renter, SIGN_VOTE, &chain.chain_id, &payload);
    double start = now_ns();
    for (uint16_t i = 0; i < witness_quorum(WITNESSES); i++)
        ENSURE(sign_verify(&signature, &key, SIGN_VOTE, &chain.chain_id, &payload));
    return now_ns() - start;
}

static void *visit_on_a_stack(void *context) {
    (void)context;
    (void)visit();
    return NULL;
}
static void *do_nothing(void *context) { return context; }

// How deep the stack of a thread goes.
static size_t stack_of(void *(*work)(void *context)) {
    static _Alignas(4096) uint8_t stack[STACK_BYTES];
    pthread_attr_t attributes;
    pthread_t thread;
    size_t untouched = 0;
    memset(stack, PAINT, sizeof stack);
    ENSURE(pthread_attr_init(&attributes) == 0 &&
           pthread_attr_setstack(&attributes, stack, sizeof stack) == 0 &&
           pthread_create(&thread, &attributes, work, NULL) == 0 &&
           pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
    while (untouched < sizeof stack && stack[untouched] == PAINT) untouched++;
    return sizeof stack - untouched;
}

static void tell(const char *name, double value, const char *unit, const char *more) {
    printf("{\"name\": \"%s\", \"value\": %.0f, \"unit\": \"%s\"%s}\n", name, value, unit, more);
}

int main(int count, char **arguments) {
    int turns = count > 1 && strcmp(arguments[1], "--quick") == 0 ? 2 : 200;
    double least = 0, least_quorum = 0;
    struct buf with_set = {0};
    char more[96];
    ENSURE(crypto_init() == STATUS_OK);
    lanes_switch(false);
    make_world();
    make_header(&header_message, false);
    make_policy(&policy_message);
    make_header(&with_set, true);
    for (int turn = 0; turn < turns; turn++) {
        double spent = visit(), quorum = verify_quorum();
        if (least == 0 || spent < least) least = spent;
        if (least_quorum == 0 || quorum < least_quorum) least_quorum = quorum;
    }
    tell("proof_bytes", (double)(header_message.len + use_message.len), "B", "");
    tell("proof_bytes_known_header", (double)use_message.len, "B", "");
    tell("proof_bytes_new_set", (double)(with_set.len + use_message.len), "B", "");
    snprintf(more, sizeof more, ", \"baseline\": \"68 verifications\", \"ratio\": %.3f",
             least / least_quorum);
    tell("proof_verify", least / 1e3, "us", more);
    tell("proof_ram", (double)(stack_of(visit_on_a_stack) - stack_of(do_nothing)), "B", "");
    tell("lock_ram", (double)sizeof lock, "B", "");
    return 0;
}
