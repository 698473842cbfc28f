// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // timegm
#include "apps/sharing/test/renter.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/unit.h"

static bool by_routes;
static const struct terms *last_terms; // what the last asset costs

void renter_open(const char *market) {
    snprintf(raw.program, sizeof raw.program, "./lmm-%s", market);
    server_init(&raw.server, raw.program);
    raw.server.flags[0] = "--block-time";
    raw.server.flags[1] = "20";
    server_start(&raw.server);
    raw_act_as("server");
    raw_call_contract("sharing");
    assert_ok(hex_decode(raw.chain_id.bytes, sizeof raw.chain_id.bytes,
                         member(raw.server.ready, "chain_id")));
    by_routes = false;
}

void renter_act_as(const char *role) {
    by_routes = false;
    raw_act_as(role);
}

void renter_use_routes(void) {
    raw_act_as("server");
    by_routes = true;
}

// ---- by the routes

// A price that nobody can be told is a refusal before the transaction.
static void expect_problem(const struct reply *reply, uint32_t refusal) {
    json_t *problem = json_loadb((const char *)reply->body.data, reply->body.len, 0, NULL);
    ck_assert_msg(reply->status == 422, "%ld %s", reply->status, (const char *)reply->body.data);
    ck_assert_str_eq(member(problem, "code"), "CONTRACT_REFUSED");
    ck_assert_uint_eq(strtoul(member(problem, "contract_code"), NULL, 10), refusal);
    ck_assert(*member(problem, "contract_message"));
    json_decref(problem);
    raw_note_refusal(RAW_BY_API, refusal);
}

static void ask(const char *verb, const char *path, const struct buf *body, uint32_t refusal) {
    struct reply reply;
    struct ask ask = {.path = path, .method = verb};
    if (body) {
        ask.body = buf_bytes(body);
        ask.content_type = "application/json";
    }
    server_ask(&raw.server, &ask, &reply);
    if (reply.status == 202)
        (void)raw_expect_end(reply.location, RAW_BY_API, refusal);
    else
        expect_problem(&reply, refusal);
    reply_clear(&reply);
}

static void append_time(struct buf *out, const char *name, uint64_t time_ms) {
    char text[25];
    clock_format_utc(text, (int64_t)time_ms);
    buf_append_format(out, "\"%s\":\"%s\"", name, text);
}

static void append_hex(struct buf *out, const char *name, struct bytes bytes) {
    buf_append_format(out, ",\"%s\":\"", name);
    hex_encode((char *)buf_reserve(out, 2 * bytes.len + 1), bytes);
    out->len += 2 * bytes.len;
    buf_append_byte(out, '"');
}

static void append_units(struct buf *out, const char *name, uint64_t units) {
    char text[AMOUNT_TEXT_MAX];
    amount_format(text, amount_of_units(units));
    buf_append_format(out, ",\"%s\":\"%s\"", name, text);
}

static void append_terms(struct buf *out, const struct terms *terms) {
    buf_append_format(out,
                      "{\"title\":\"%s\",\"text\":\"%s\",\"place\":\"%s\",\"category\":\"%s\","
                      "\"latitude\":%.7f,\"longitude\":%.7f,\"unit\":\"%s\","
                      "\"late_cap_minutes\":%u,\"cancel_free_minutes\":%u,\"cancel_percent\":%u",
                      terms->title, terms->text, terms->place, terms->category,
                      (double)terms->latitude / 1e7, (double)terms->longitude / 1e7,
                      terms->unit == SHARING_PER_HOUR ? "hour" : "minute", terms->late_cap,
                      terms->cancel_free, terms->cancel_part);
    append_units(out, "price_per_minute", terms->price);
    append_units(out, "deposit", terms->deposit);
    buf_append_byte(out, '}');
}

static void ask_and_clear(const char *path, struct buf *body, uint32_t refusal) {
    ask("POST", path, body, refusal);
    buf_clear(body);
}

static const char *path_of(const char *before, uint64_t number, const char *behind) {
    static char path[96];
    snprintf(path, sizeof path, "%s%llu%s", before, (unsigned long long)number, behind);
    return path;
}

// ---- raw

static void send_and_clear(const char *method, struct buf *arguments, uint64_t units,
                           uint32_t refusal) {
    raw_send(method, arguments, units, refusal);
    buf_clear(arguments);
}

// ---- both

void renter_list(const struct terms *terms, uint32_t refusal) {
    struct buf body = {0};
    if (!refusal) last_terms = terms;
    if (by_routes) {
        append_terms(&body, terms);
        ask_and_clear("/v1/assets", &body, refusal);
        return;
    }
    encode_terms(&body, terms);
    send_and_clear("list", &body, 0, refusal);
}

void renter_change(uint64_t asset, const struct terms *terms, uint32_t refusal) {
    struct buf body = {0};
    if (by_routes) {
        append_terms(&body, terms);
        ask("PUT", path_of("/v1/assets/", asset, ""), &body, refusal);
        buf_clear(&body);
        return;
    }
    encode_u64(&body, asset);
    encode_terms(&body, terms);
    send_and_clear("change", &body, 0, refusal);
}

void renter_number(const char *method, uint64_t number, uint32_t refusal) {
    static const struct {
        const char *method, *verb, *before, *behind;
    } routes[] = {{"withdraw", "DELETE", "/v1/assets/", ""},
                  {"unbind", "DELETE", "/v1/assets/", "/lock"},
                  {"revoke", "POST", "/v1/assets/", "/lock/revoke"},
                  {"cancel", "DELETE", "/v1/bookings/", ""},
                  {"end", "POST", "/v1/bookings/", "/end"},
                  {"contest", "POST", "/v1/bookings/", "/contest"},
                  {"settle", "POST", "/v1/bookings/", "/settle"}};
    struct buf arguments = {0};
    size_t i = 0;
    if (!by_routes) {
        encode_u64(&arguments, number);
        send_and_clear(method, &arguments, 0, refusal);
        return;
    }
    while (strcmp(routes[i].method, method) != 0) i++;
    ask(routes[i].verb, path_of(routes[i].before, number, routes[i].behind), NULL, refusal);
}

static void append_range(struct buf *out, const struct rental_range *range) {
    buf_append_byte(out, '{');
    append_time(out, "from", range->from_ms);
    buf_append_byte(out, ',');
    append_time(out, "until", range->until_ms);
    buf_append_byte(out, '}');
}

static void encode_range(struct buf *out, const struct rental_range *range) {
    encode_u64(out, range->asset);
    encode_u64(out, range->from_ms);
    encode_u64(out, range->until_ms);
}

void renter_block(const struct rental_range *range, uint32_t refusal) {
    struct buf body = {0};
    if (by_routes) {
        append_range(&body, range);
        ask_and_clear(path_of("/v1/assets/", range->asset, "/calendar"), &body, refusal);
        return;
    }
    encode_range(&body, range);
    send_and_clear("block", &body, 0, refusal);
}

// One is asked for behind the other, and the last one's end awaited.
static void block_by_routes(const struct rental_range *ranges, unsigned count) {
    struct reply reply = {0};
    for (unsigned i = 0; i < count; i++) {
        struct buf body = {0};
        append_range(&body, &ranges[i]);
        reply_clear(&reply);
        server_ask(&raw.server,
                   &(struct ask){.path = path_of("/v1/assets/", ranges[i].asset, "/calendar"),
                                 .body = buf_bytes(&body),
                                 .content_type = "application/json"},
                   &reply);
        ck_assert_int_eq(reply.status, 202);
        buf_clear(&body);
    }
    (void)raw_expect_end(reply.location, RAW_BY_API, 0);
    reply_clear(&reply);
}

static void block_raw(const struct rental_range *ranges, unsigned count) {
    static struct tx tx;
    struct buf arguments[LIMIT_TX_ACTIONS] = {{0}};
    struct hash id;
    for (unsigned done = 0; done < count; done += tx.action_count) {
        tx = (struct tx){0};
        for (unsigned i = done; i < count && tx.action_count < LIMIT_TX_ACTIONS; i++) {
            struct buf *out = &arguments[tx.action_count];
            buf_reset(out);
            encode_range(out, &ranges[i]);
            raw_add_call(&tx, &raw.market, "block", out);
        }
        raw_run(&tx, &id, "OK");
    }
    for (size_t i = 0; i < LIMIT_TX_ACTIONS; i++) buf_clear(&arguments[i]);
}

void renter_block_many(uint64_t asset, uint64_t from_ms, unsigned count) {
    struct rental_range ranges[SHARING_BLOCKED_MAX];
    ck_assert_uint_le(count, SHARING_BLOCKED_MAX);
    for (unsigned i = 0; i < count; i++)
        ranges[i] = (struct rental_range){asset, from_ms + 2 * i * SHARING_MINUTE_MS,
                                          from_ms + (2 * i + 1) * SHARING_MINUTE_MS};
    if (by_routes)
        block_by_routes(ranges, count);
    else
        block_raw(ranges, count);
}

static void append_until(struct buf *out, uint64_t until_ms) {
    buf_append_byte(out, '{');
    append_time(out, "until", until_ms);
    buf_append_byte(out, '}');
}

void renter_unblock(uint64_t asset, uint64_t until_ms, uint32_t refusal) {
    struct buf body = {0};
    if (by_routes) {
        append_until(&body, until_ms);
        ask_and_clear(path_of("/v1/assets/", asset, "/calendar/free"), &body, refusal);
        return;
    }
    encode_u64(&body, asset);
    encode_u64(&body, until_ms);
    send_and_clear("unblock", &body, 0, refusal);
}

void renter_bind(uint64_t asset, const struct key_pair *lock, uint64_t counter,
                 const struct key_pair *signer, uint32_t refusal) {
    struct buf arguments = {0}, body = {0};
    struct lock_binding binding = {.asset = asset, .counter = counter};
    memcpy(binding.owner, raw.sender.bytes, sizeof binding.owner);
    memcpy(binding.lock, lock->public.bytes, sizeof binding.lock);
    encode_bind(&arguments, &binding, signer, &raw.chain_id);
    if (!by_routes) {
        send_and_clear("bind_lock", &arguments, 0, refusal);
        return;
    }
    buf_append_format(&body, "{\"counter\":%llu", (unsigned long long)counter);
    append_hex(&body, "lock", BYTES_OF(lock->public.bytes));
    append_hex(&body, "lock_signature", bytes_of(arguments.data + arguments.len - 64, 64));
    buf_append_byte(&body, '}');
    buf_clear(&arguments);
    ask_and_clear(path_of("/v1/assets/", asset, "/lock"), &body, refusal);
}

static uint64_t rent_of(uint64_t from_ms, uint64_t until_ms) {
    return (until_ms - from_ms + SHARING_MINUTE_MS - 1) / SHARING_MINUTE_MS * last_terms->price;
}

void renter_book(const struct rental_range *range, const struct key_pair *phone, uint64_t short_of,
                 uint32_t refusal) {
    struct buf body = {0};
    if (by_routes) {
        buf_append_format(&body, "{\"asset\":%llu,", (unsigned long long)range->asset);
        append_time(&body, "from", range->from_ms);
        buf_append_byte(&body, ',');
        append_time(&body, "until", range->until_ms);
        append_hex(&body, "renter_key", BYTES_OF(phone->public.bytes));
        buf_append_byte(&body, '}');
        ask_and_clear("/v1/bookings", &body, refusal);
        return;
    }
    encode_book(&body, range, phone);
    uint64_t rent = range->until_ms > range->from_ms ? rent_of(range->from_ms, range->until_ms) : 0;
    send_and_clear("book", &body, rent + last_terms->deposit + SHARING_SETTLE_GAS - short_of,
                   refusal);
}

void renter_extend(uint64_t booking, uint64_t until_ms, uint32_t refusal) {
    struct buf body = {0};
    if (by_routes) {
        append_until(&body, until_ms);
        ask_and_clear(path_of("/v1/bookings/", booking, "/extend"), &body, refusal);
        return;
    }
    encode_u64(&body, booking);
    encode_u64(&body, until_ms);
    send_and_clear("extend", &body, 1, refusal); // what is refused for another reason
}

// The arguments of start or give_back, as the routes' body.
static void append_use(struct buf *out, const struct buf *arguments, bool has_lock) {
    enum { SIGNATURE = 4 + 64 };
    const uint8_t *signature = arguments->data + 8 + CHALLENGE_BYTES + 4;
    buf_append_string(out, "{\"challenge\":\"");
    hex_encode((char *)buf_reserve(out, 2 * CHALLENGE_BYTES + 1),
               bytes_of(arguments->data + 8, CHALLENGE_BYTES));
    out->len += (size_t)2 * CHALLENGE_BYTES;
    buf_append_byte(out, '"');
    append_hex(out, "signature", bytes_of(signature, 64));
    if (has_lock) append_hex(out, "lock_signature", bytes_of(signature + SIGNATURE, 64));
    buf_append_byte(out, '}');
}

// Takes the arguments.
static void use(const char *method, const char *action, struct buf *arguments, uint32_t refusal) {
    enum { WITHOUT_LOCK = 8 + CHALLENGE_BYTES + 4 + 64 + 4 };
    struct buf body = {0};
    if (!by_routes) {
        send_and_clear(method, arguments, 0, refusal);
        return;
    }
    uint64_t booking = load_u64_le(arguments->data);
    append_use(&body, arguments, arguments->len > WITHOUT_LOCK);
    buf_clear(arguments);
    ask_and_clear(path_of("/v1/bookings/", booking, action), &body, refusal);
}

void renter_start(uint64_t booking, const struct challenge *challenge, const struct key_pair *phone,
                  const struct key_pair *lock, uint32_t refusal) {
    struct buf arguments = {0};
    encode_challenge(&arguments, challenge, phone, lock, &raw.chain_id);
    store_u64_le(arguments.data, booking);
    use("start", "/start", &arguments, refusal);
}

void renter_give_back(uint64_t booking, const struct challenge *challenge,
                      const struct key_pair *phone, const struct key_pair *lock, uint32_t refusal) {
    struct buf arguments = {0};
    encode_challenge(&arguments, challenge, phone, lock, &raw.chain_id);
    store_u64_le(arguments.data, booking);
    use("give_back", "/return", &arguments, refusal);
}

// ---- the chain's time

static json_t *newest_block(void) {
    json_t *page = server_get(&raw.server, "/v1/blocks?perPage=1");
    json_t *block = json_incref(json_array_get(json_object_get(page, "items"), 0));
    json_decref(page);
    return block;
}

uint64_t renter_height(void) {
    json_t *block = newest_block();
    uint64_t height = (uint64_t)json_integer_value(json_object_get(block, "height"));
    json_decref(block);
    return height;
}

uint64_t renter_block_ms(void) {
    int year, month, day, hour, minute, second, ms;
    json_t *block = newest_block();
    ck_assert_int_eq(sscanf(member(block, "time"), "%d-%d-%dT%d:%d:%d.%dZ", &year, &month, &day,
                            &hour, &minute, &second, &ms),
                     7);
    json_decref(block);
    struct tm time = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    uint64_t midnight = (uint64_t)timegm(&time);
    return (midnight + (uint64_t)(hour * 3600 + minute * 60 + second)) * 1000 + (uint64_t)ms;
}

void renter_warp(uint64_t seconds) {
    struct reply reply;
    char body[64];
    snprintf(body, sizeof body, "{\"seconds\":%llu}", (unsigned long long)seconds);
    server_ask(&raw.server,
               &(struct ask){.path = "/v1/devnet/warp",
                             .body = bytes_of_string(body),
                             .content_type = "application/json"},
               &reply);
    ck_assert_int_eq(reply.status, 200);
    reply_clear(&reply);
}

// ---- what is there

size_t renter_count(const char *path) {
    json_t *page = server_get(&raw.server, path);
    size_t count = json_array_size(json_object_get(page, "items"));
    json_decref(page);
    return count;
}

long renter_status(const char *path) {
    struct reply reply;
    server_ask(&raw.server, &(struct ask){.path = path}, &reply);
    long status = reply.status;
    reply_clear(&reply);
    return status;
}

void renter_expect(const char *path, const char *name, const char *text) {
    json_t *object = server_get(&raw.server, path);
    ck_assert_msg(strcmp(member(object, name), text) == 0, "%s of %s: %s", name, path,
                  member(object, name));
    json_decref(object);
}

struct rental_range renter_rent(uint64_t minutes, const struct key_pair *lock,
                                const struct key_pair *phone) {
    renter_act_as("alice");
    renter_list(&usual_terms, 0);
    renter_bind(1, lock, 1, lock, 0);
    renter_use_routes();
    uint64_t from_ms = renter_block_ms() / SHARING_MINUTE_MS * SHARING_MINUTE_MS;
    struct rental_range range = {1, from_ms, from_ms + minutes * SHARING_MINUTE_MS};
    renter_book(&range, phone, 0, 0);
    return range;
}
