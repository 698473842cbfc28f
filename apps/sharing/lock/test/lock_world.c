// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/test/lock_world.h"

#include "chaincore/chain/state_key.h"
#include "tests/support/unit.h"

// ---- flash and chance

static bool write_flash(void *context, unsigned slot, struct bytes content) {
    struct world_flash *flash = &((struct lock_world *)context)->flash;
    bool is_cut = flash->is_cut;
    size_t len = is_cut && flash->cut_after < content.len ? flash->cut_after : content.len;
    ck_assert_uint_lt(slot, LOCK_SLOTS);
    ck_assert_uint_le(content.len, LOCK_SLOT_MAX_BYTES);
    flash->writes++;
    flash->is_cut = false;
    memcpy(flash->slots[slot], content.data, len);
    if (len > flash->lens[slot] || !is_cut) flash->lens[slot] = len;
    return !is_cut;
}

static void draw(void *context, void *out, size_t len) {
    memset(out, ++((struct lock_world *)context)->random, len);
}

static struct lock_port port_of(struct lock_world *world) {
    return (struct lock_port){.context = world, .write = write_flash, .draw = draw};
}

enum status world_power_on(struct lock_world *world, bool has_rtc, uint64_t rtc_ms) {
    struct lock_port port = port_of(world);
    struct bytes slots[LOCK_SLOTS];
    world->moment.uptime_ms = 0;
    for (unsigned i = 0; i < LOCK_SLOTS; i++)
        slots[i] = bytes_of(world->flash.slots[i], world->flash.lens[i]);
    return lock_power_on(&world->lock, &port, slots,
                         &(struct lock_power){.has_rtc = has_rtc, .rtc_ms = rtc_ms});
}

// ---- the chain's side

static void put(struct state_draft *draft, const struct lock_world *world, struct bytes name,
                struct bytes value) {
    struct state_key key;
    state_key_make(&key, STATE_STORAGE, world->contract.bytes, name);
    state_put(draft, state_key_bytes(&key), value);
}

static void drop(struct state_draft *draft, const struct lock_world *world, struct bytes name) {
    struct state_key key;
    state_key_make(&key, STATE_STORAGE, world->contract.bytes, name);
    state_delete(draft, state_key_bytes(&key));
}

static void prove(struct lock_world *world, struct bytes name, struct buf *out) {
    struct state_key key;
    state_key_make(&key, STATE_STORAGE, world->contract.bytes, name);
    buf_reset(out);
    state_prove(world->version, state_key_bytes(&key), out);
}

void world_write_state(struct lock_world *world) {
    uint8_t grant_name[GRANT_KEY_BYTES], policy_name[POLICY_KEY_BYTES];
    uint8_t grant[GRANT_BYTES], policy[POLICY_BYTES];
    grant_key(grant_name, world->grant.booking);
    policy_key(policy_name, world->lock.key.bytes);
    grant_encode(grant, &world->grant);
    policy_encode(policy, &world->policy);
    struct state_draft *draft = state_draft_begin(world->state, world->version);
    put(draft, world, BYTES_OF(grant_name), BYTES_OF(grant));
    if (!world->is_unbound) put(draft, world, BYTES_OF(policy_name), BYTES_OF(policy));
    if (world->is_unbound) drop(draft, world, BYTES_OF(policy_name));
    struct state_version *before = world->version;
    world->version = state_commit(draft, state_version_height(before) + 1);
    state_version_unref(before);
    prove(world, BYTES_OF(grant_name), &world->grant_branch);
    prove(world, BYTES_OF(policy_name), &world->policy_branch);
}

static void fill(struct lock_world *world, unsigned fillers) {
    struct state_draft *draft = state_draft_begin(world->state, world->version);
    for (unsigned i = 0; i < fillers; i++) put(draft, world, BYTES_OF(i), BYTES_OF(i));
    struct state_version *before = world->version;
    world->version = state_commit(draft, 1);
    state_version_unref(before);
}

struct header world_header(struct lock_world *world, uint64_t height) {
    struct header header = *light_chain_header(&world->chain, height);
    header.state_root = *state_root(world->version);
    struct light_chain_vote vote = light_chain_vote(&world->chain, &header);
    light_chain_certify(&world->chain, &world->certificate, &header, &vote);
    return header;
}

static void make_records(struct lock_world *world) {
    uint64_t from_ms = light_chain_header(&world->chain, WORLD_HEIGHT)->time_ms;
    struct account_id owner;
    account_id_of_key(&owner, &world->owner_key);
    world->grant = (struct grant){.version = GRANT_VERSION,
                                  .booking = WORLD_BOOKING,
                                  .asset = WORLD_ASSET,
                                  .from_ms = from_ms,
                                  .until_ms = from_ms + WORLD_RENT_MINUTES * WORLD_MINUTE_MS,
                                  .policy_epoch = 3};
    world->policy = (struct policy){.version = POLICY_VERSION, .asset = WORLD_ASSET, .epoch = 3};
    memcpy(world->grant.lock, world->lock.key.bytes, 32);
    memcpy(world->grant.renter_key, world->renter_key.bytes, 32);
    memcpy(world->policy.owner, owner.bytes, 32);
}

void world_open(struct lock_world *out, uint16_t witnesses, unsigned fillers) {
    world_open_on(out,
                  &(struct light_chain_plan){.epochs = 3,
                                             .epoch_blocks = 10,
                                             .interval_ms = WORLD_MINUTE_MS,
                                             .witnesses = witnesses,
                                             .change = witnesses > 3 ? 1 : 0},
                  fillers);
}

void world_open_on(struct lock_world *out, const struct light_chain_plan *plan, unsigned fillers) {
    memset(out, 0, sizeof *out);
    light_chain_make(&out->chain, plan);
    out->state = state_create();
    out->version = state_version_empty();
    account_id_of_system_contract(&out->contract, "sharing");
    key_from_seed(&out->owner, &out->owner_key, (const uint8_t[32]){1});
    key_from_seed(&out->renter, &out->renter_key, (const uint8_t[32]){2});
    struct lock_port port = port_of(out);
    struct lock_setup setup = {.seed = {3},
                               .owner_key = out->owner_key,
                               .contract = out->contract,
                               .chain_id = out->chain.chain_id,
                               .genesis_head = buf_bytes(&out->chain.genesis_head),
                               .now_ms = out->chain.plan.begin_ms};
    out->moment.battery = 100;
    assert_ok(lock_set_up(&out->lock, &port, &setup, 0));
    make_records(out);
    fill(out, fillers);
    world_write_state(out);
    out->shown = WORLD_HEIGHT;
}

void world_close(struct lock_world *world) {
    light_chain_clear(&world->chain);
    state_version_unref(world->version);
    state_free(world->state);
    buf_clear(&world->reply);
    buf_clear(&world->grant_branch);
    buf_clear(&world->policy_branch);
    buf_clear(&world->certificate);
}

// ---- the phone

static void read_answer(struct lock_world *world) {
    static struct lock_frames_in in;
    uint8_t frame[LIMIT_LOCK_FRAME_BYTES];
    bool is_whole = false;
    size_t len;
    memset(&in, 0, sizeof in);
    while ((len = lock_give(&world->lock, frame, sizeof frame)) > 0) {
        ck_assert(!is_whole);
        ck_assert_int_eq(lock_frame_take(&in, &is_whole, bytes_of(frame, len)), LOCK_CODE_OK);
    }
    ck_assert(is_whole);
    buf_reset(&world->reply);
    buf_append(&world->reply, bytes_of(in.message, in.wanted));
}

enum lock_code world_send(struct lock_world *world, struct bytes message) {
    struct lock_frames_out out = {.message = message};
    uint8_t frame[LIMIT_LOCK_FRAME_BYTES];
    size_t len;
    while ((len = lock_frame_give(&out, frame, sizeof frame)) > 0)
        lock_receive(&world->lock, bytes_of(frame, len), &world->moment);
    read_answer(world);
    if (world->reply.data[0] != LOCK_REFUSAL) {
        ck_assert_uint_eq(world->reply.data[0], message.data[0] | LOCK_ANSWER);
        return LOCK_CODE_OK;
    }
    ck_assert_uint_eq(world->reply.len, 4);
    ck_assert_uint_eq(world->reply.data[1], message.data[0]);
    return (enum lock_code)load_u16_le(world->reply.data + 2);
}

enum lock_code world_ask(struct lock_world *world, enum lock_kind kind, const struct buf *content) {
    struct buf message = {0};
    buf_append_byte(&message, (uint8_t)kind);
    if (content) buf_append(&message, buf_bytes(content));
    enum lock_code code = world_send(world, buf_bytes(&message));
    buf_clear(&message);
    return code;
}

void world_greet(struct lock_world *world, struct lock_greeting *out) {
    ck_assert_int_eq(world_ask(world, LOCK_ASK_CHALLENGE, NULL), LOCK_CODE_OK);
    struct decoder in = decoder_of(buf_bytes(&world->reply));
    (void)decode_u8(&in);
    lock_greeting_decode_from(&in, out);
    assert_ok(decoder_finish(&in));
}

enum lock_code world_show_header(struct lock_world *world, uint64_t height) {
    struct buf content = {0};
    struct header header = world_header(world, height);
    struct lock_news news = {.header = header, .certificate = buf_bytes(&world->certificate)};
    if (header.epoch != world->lock.state.trust.epoch)
        news.set = witness_set_keys(&world->chain.sets[header.epoch]);
    lock_news_encode(&content, &news);
    enum lock_code code = world_ask(world, LOCK_ASK_HEADER, &content);
    buf_clear(&content);
    return code;
}

enum lock_code world_show_policy(struct lock_world *world) {
    struct buf content = {0};
    lock_shown_policy_encode(
        &content, &(struct lock_shown_policy){.policy = world->policy,
                                              .branch = buf_bytes(&world->policy_branch)});
    enum lock_code code = world_ask(world, LOCK_ASK_POLICY, &content);
    buf_clear(&content);
    return code;
}

enum lock_code world_show_unbound(struct lock_world *world) {
    struct buf content = {0};
    encode_bytes(&content, buf_bytes(&world->policy_branch));
    enum lock_code code = world_ask(world, LOCK_ASK_UNBOUND, &content);
    buf_clear(&content);
    return code;
}

void world_introduce(struct lock_world *world) {
    ck_assert_int_eq(world_show_header(world, world->shown), LOCK_CODE_OK);
    ck_assert_int_eq(world_show_policy(world), LOCK_CODE_OK);
}

void world_sign(const struct lock_world *world, struct lock_use *use) {
    struct hash hash;
    lock_challenge_hash(&hash, &use->challenge);
    sign_payload(&use->signature, &world->renter, SIGN_CHALLENGE, &world->chain.chain_id, &hash);
}

void world_make_use(struct lock_world *world, struct lock_use *out, uint8_t command) {
    struct lock_greeting greeting;
    world_greet(world, &greeting);
    *out = (struct lock_use){
        .challenge = {.command = command,
                      .counter = greeting.counter,
                      .booking = world->grant.booking,
                      .height = command == CHALLENGE_START ? world->shown : greeting.header_height,
                      .time_ms = greeting.clock_ms},
        .signer = world->renter_key,
        .grant = world->grant,
        .branch = buf_bytes(&world->grant_branch)};
    memcpy(out->challenge.lock, greeting.lock.bytes, 32);
    memcpy(out->challenge.nonce, greeting.nonce.bytes, 32);
    world_sign(world, out);
}

enum lock_code world_send_use(struct lock_world *world, const struct lock_use *use) {
    struct lock_wish wish = {.challenge = use->challenge, .signature = use->signature};
    uint8_t command = use->challenge.command;
    bool goes_on = command == CHALLENGE_OPEN || command == CHALLENGE_RETURN;
    struct buf content = {0};
    if (goes_on)
        lock_wish_encode(&content, &wish);
    else
        lock_use_encode(&content, use);
    enum lock_code code = world_ask(world, goes_on ? LOCK_ASK_GO_ON : LOCK_ASK_START, &content);
    buf_clear(&content);
    return code;
}

enum lock_code world_extend(struct lock_world *world) {
    struct buf content = {0};
    lock_shown_grant_encode(&content,
                            &(struct lock_shown_grant){.grant = world->grant,
                                                       .branch = buf_bytes(&world->grant_branch)});
    enum lock_code code = world_ask(world, LOCK_ASK_EXTEND, &content);
    buf_clear(&content);
    return code;
}

enum lock_code world_receipt(struct lock_world *world, struct lock_receipt *out,
                             struct lock_receipt_wish wish) {
    struct buf content = {0};
    lock_receipt_wish_encode(&content, &wish);
    enum lock_code code = world_ask(world, LOCK_ASK_RECEIPT, &content);
    buf_clear(&content);
    if (code != LOCK_CODE_OK) return code;
    struct decoder in = decoder_of(buf_bytes(&world->reply));
    (void)decode_u8(&in);
    lock_receipt_decode_from(&in, out);
    assert_ok(decoder_finish(&in));
    return code;
}

enum lock_code world_use(struct lock_world *world, uint8_t command) {
    struct lock_use use;
    world_make_use(world, &use, command);
    return world_send_use(world, &use);
}

// ---- what is refused

void world_expect_untouched(const struct lock_world *world, unsigned writes) {
    ck_assert(!world->lock.is_open);
    ck_assert_uint_eq(world->flash.writes, writes);
    ck_assert(!world->lock.state.is_in_use);
    ck_assert_uint_eq(world->lock.state.counter, 0);
}

void world_expect_use_refused(struct lock_world *world, const struct lock_use *use,
                              enum lock_code code) {
    unsigned writes = world->flash.writes;
    ck_assert_int_eq(world_send_use(world, use), code);
    world_expect_untouched(world, writes);
}

void world_expect_header_refused(struct lock_world *world, const struct lock_news *news,
                                 enum lock_code code) {
    struct buf content = {0};
    struct light_trust before = world->lock.state.trust;
    unsigned writes = world->flash.writes;
    uint64_t clock_ms = world->lock.clock_ms;
    lock_news_encode(&content, news);
    ck_assert_int_eq(world_ask(world, LOCK_ASK_HEADER, &content), code);
    ck_assert_int_eq(memcmp(&before, &world->lock.state.trust, sizeof before), 0);
    ck_assert_uint_eq(world->lock.clock_ms, clock_ms);
    world_expect_untouched(world, writes);
    buf_clear(&content);
}

void world_expect_forgeries_refused(struct lock_world *on, uint64_t height) {
    struct lock_news good = {.header = world_header(on, height)}, news;
    struct light_chain_vote vote = light_chain_vote(&on->chain, &good.header);
    good.certificate = buf_bytes(&on->certificate);
    news = good;
    news.header.chain_id.bytes[0] ^= 1;
    world_expect_header_refused(on, &news, LOCK_CODE_OTHER_CHAIN);
    news = good;
    news.header.state_root.bytes[3] ^= 4; // a state of the thief's own
    world_expect_header_refused(on, &news, LOCK_CODE_CERTIFICATE);
    news.certificate = bytes_of("", 0);
    world_expect_header_refused(on, &news, LOCK_CODE_QUORUM);
    news = good;
    vote.signers = 3; // two of four
    light_chain_certify(&on->chain, &on->certificate, &good.header, &vote);
    news.certificate = buf_bytes(&on->certificate);
    world_expect_header_refused(on, &news, LOCK_CODE_QUORUM);
    vote = light_chain_vote(&on->chain, &good.header);
    vote.kind = VOTE_NOTARIZE;
    light_chain_certify(&on->chain, &on->certificate, &good.header, &vote);
    news.certificate = buf_bytes(&on->certificate);
    world_expect_header_refused(on, &news, LOCK_CODE_CERTIFICATE);
}

void world_grant_anew(struct lock_world *world) {
    world_write_state(world);
    world->shown++;
    ck_assert_int_eq(world_show_header(world, world->shown), LOCK_CODE_OK);
}

// ---- the owner

void world_sign_vouching(const struct lock_world *world, struct lock_vouching *vouching,
                         const struct secret_key *key) {
    struct trust_statement statement = {.nonce = vouching->nonce, .time_ms = vouching->time_ms};
    struct hash payload;
    memcpy(statement.device.bytes, world->lock.key.bytes, 32);
    header_id(&statement.header_id, &vouching->header);
    trust_statement_payload(&payload, &statement);
    sign_payload(&vouching->signature, key, SIGN_TRUST, &world->chain.chain_id, &payload);
}

void world_make_vouching(struct lock_world *world, struct lock_vouching *out,
                         const struct header *header, uint64_t time_ms) {
    struct lock_greeting greeting;
    world_greet(world, &greeting);
    *out = (struct lock_vouching){.nonce = greeting.nonce,
                                  .time_ms = time_ms,
                                  .header = *header,
                                  .set = witness_set_keys(&world->chain.sets[header->epoch])};
    world_sign_vouching(world, out, &world->owner);
}

enum lock_code world_send_vouching(struct lock_world *world, const struct lock_vouching *vouching) {
    struct buf content = {0};
    lock_vouching_encode(&content, vouching);
    enum lock_code code = world_ask(world, LOCK_ASK_TRUST, &content);
    buf_clear(&content);
    return code;
}
