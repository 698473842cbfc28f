// SPDX-License-Identifier: Apache-2.0
// lmm-sharing: things to rent, a market server (README.md).
#include "apps/common/http/openapi.h"
#include "apps/common/server/body_object.h"
#include "apps/common/server/schema_words.h"
#include "apps/common/server/signing.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chaincore.h"

#define JSON "application/json"
#define READS HTTP_LANE(SERVER_LANE_READ)
#define SEARCHES HTTP_LANE(SERVER_LANE_SEARCH)

#define ASSET                                                            \
    SCHEMA_OBJECT(ASSET_MEMBER_NAMES ",\"listed\"," SHARING_PLACE_NAMES, \
                  ASSET_MEMBERS_SCHEMA ",\"listed\":" SCHEMA_TIME "," SHARING_PLACE_SCHEMA)
#define BOOKING                                                            \
    SCHEMA_OBJECT(BOOKING_MEMBER_NAMES ",\"booked\"," SHARING_PLACE_NAMES, \
                  BOOKING_MEMBERS_SCHEMA ",\"booked\":" SCHEMA_TIME "," SHARING_PLACE_SCHEMA)
#define SLOT                                                                             \
    SCHEMA_OBJECT("\"from\",\"until\",\"booking\",\"height\",\"tx\",\"proof\"",          \
                  "\"from\":" SCHEMA_TIME ",\"until\":" SCHEMA_TIME                      \
                  ",\"booking\":" SCHEMA_MAYBE(SCHEMA_COUNT) ",\"height\":" SCHEMA_COUNT \
                                                             ",\"tx\":" SCHEMA_HASH      \
                                                             ",\"proof\":" SCHEMA_TEXT)
#define QUOTE                                                                         \
    SCHEMA_OBJECT("\"minutes\",\"rent\",\"deposit\",\"timer\",\"total\",\"is_free\"", \
                  "\"minutes\":" SCHEMA_COUNT ",\"rent\":" SCHEMA_AMOUNT              \
                  ",\"deposit\":" SCHEMA_AMOUNT ",\"timer\":" SCHEMA_AMOUNT           \
                  ",\"total\":" SCHEMA_AMOUNT ",\"is_free\":" SCHEMA_BOOLEAN)
#define STATE_PROOF                       \
    SCHEMA_OBJECT("\"value\",\"branch\"", \
                  "\"value\":" SCHEMA_MAYBE(SCHEMA_HEX) ",\"branch\":" SCHEMA_HEX)
#define HEADER_NAMES "\"height\",\"header\",\"certificate\""
#define HEADER_MEMBERS \
    "\"height\":" SCHEMA_COUNT ",\"header\":" SCHEMA_HEX ",\"certificate\":" SCHEMA_HEX
#define CHANGE SCHEMA_OBJECT(HEADER_NAMES ",\"next\"", HEADER_MEMBERS ",\"next\":" SCHEMA_HEX)
#define BELOW_A_HEADER(names, members)                                                             \
    SCHEMA_OBJECT(names ",\"time\"," HEADER_NAMES ",\"witnesses\",\"changes\"",                    \
                  members ",\"time\":" SCHEMA_TIME "," HEADER_MEMBERS ",\"witnesses\":" SCHEMA_HEX \
                          ",\"changes\":" SCHEMA_LIST(CHANGE))
#define GRANT \
    BELOW_A_HEADER("\"grant\",\"policy\"", "\"grant\":" STATE_PROOF ",\"policy\":" STATE_PROOF)
#define LOCK \
    BELOW_A_HEADER("\"lock\",\"policy\"", "\"lock\":" SCHEMA_HASH ",\"policy\":" STATE_PROOF)
#define ID(whose) \
    { "id", SCHEMA_COUNT, whose }
#define FROM(meaning) \
    { "from", SCHEMA_TIME, meaning }
#define UNTIL(meaning) \
    { "until", SCHEMA_TIME, meaning }
#define SINCE                                                                  \
    {                                                                          \
        "since", SCHEMA_TIME,                                                  \
            "Of the changes of witnesses, those from then on: the time of an " \
            "answer that the phone has."                                       \
    }
#define NO_ASSET \
    { 404, "There is no such asset.", NULL }
#define NO_BOOKING \
    { 404, "There is no such booking.", NULL }
#define WORKS HTTP_LANE(SERVER_LANE_WORK)

#define KEY "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}"
#define SIGNATURE "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{128}$\"}"
#define CHALLENGE "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{194}$\"}"
#define TERMS                                                                           \
    SCHEMA_WISH("\"title\",\"text\",\"place\",\"latitude\",\"longitude\",\"category\"," \
                "\"price_per_minute\",\"unit\",\"deposit\",\"late_cap_minutes\","       \
                "\"cancel_free_minutes\",\"cancel_percent\"",                           \
                ASSET_TERMS_SCHEMA)
#define KEPT SCHEMA_OBJECT("\"from\",\"until\"", "\"from\":" SCHEMA_TIME ",\"until\":" SCHEMA_TIME)
#define ENDING SCHEMA_OBJECT("\"until\"", "\"until\":" SCHEMA_TIME)
#define BINDING                                              \
    SCHEMA_OBJECT("\"lock\",\"counter\",\"lock_signature\"", \
                  "\"lock\":" KEY ",\"counter\":" SCHEMA_COUNT ",\"lock_signature\":" SIGNATURE)
#define WANTED                                                                                 \
    SCHEMA_OBJECT("\"asset\",\"from\",\"until\",\"renter_key\"",                               \
                  "\"asset\":" SCHEMA_COUNT ",\"from\":" SCHEMA_TIME ",\"until\":" SCHEMA_TIME \
                  ",\"renter_key\":" KEY)
// What has no lock starts without its signature.
#define STARTING                                                         \
    SCHEMA_OBJECT("\"challenge\",\"signature\"",                         \
                  "\"challenge\":" CHALLENGE ",\"signature\":" SIGNATURE \
                  ",\"lock_signature\":" SIGNATURE)
#define RETURNING                                                        \
    SCHEMA_OBJECT("\"challenge\",\"signature\",\"lock_signature\"",      \
                  "\"challenge\":" CHALLENGE ",\"signature\":" SIGNATURE \
                  ",\"lock_signature\":" SIGNATURE)
#define ACCEPTED \
    { 202, "`Location` is the transaction, whose status tells how it ends.", NULL }
#define BAD_BODY \
    { 400, "`invalid_call`, with the member that is wrong.", NULL }
#define NO_NUMBER \
    { 404, "This is no number.", NULL }
// Of calls that take money: asked first, the contract refuses as it would later.
#define DESCRIBED_PAYING                                                                         \
    {403,                                                                                        \
     "`spending_limit_transaction` or `spending_limit_total` of the API key, or "                \
     "`spending_limit_day` that this alone passes; `signer_missing`; or `NOT_AUTHORIZED`.",      \
     NULL},                                                                                      \
        {422, "The chain refuses it: any code of a transaction; of its contract's, the number.", \
         NULL},                                                                                  \
        {429, "`spending_limit_day` of the API key, until tomorrow.", NULL}, {                   \
        503, "`MEMPOOL_FULL` or `NOT_RUNNING`.", NULL                                            \
    }
// A call with a body, and one without.
#define CALLS(verb, path, handler, scope, schema, about)                                 \
    {                                                                                    \
        HTTP_##verb, path, handler, scope, JSON, NULL, BODY_OBJECT_BYTES, NULL, WORKS,   \
            &(const struct http_description) {                                           \
            .summary = about, .body = schema, .parameters = {ID("The thing's number.")}, \
            .answers = {                                                                 \
                ACCEPTED,                                                                \
                BAD_BODY,                                                                \
                NO_NUMBER,                                                               \
                DESCRIBED_SIGNING                                                        \
            }                                                                            \
        }                                                                                \
    }
#define CALLS_BARE(verb, path, handler, scope, about)                                 \
    {                                                                                 \
        HTTP_##verb, path, handler, scope, NULL, NULL, 0, NULL, WORKS,                \
            &(const struct http_description) {                                        \
            .summary = about, .parameters = {ID("The thing's number.")}, .answers = { \
                ACCEPTED,                                                             \
                NO_NUMBER,                                                            \
                DESCRIBED_SIGNING                                                     \
            }                                                                         \
        }                                                                             \
    }

static const struct http_route routes[] = {
    {HTTP_GET, "/v1/assets", get_assets, NULL, NULL, JSON_OR_CSV, 0, NULL, SEARCHES,
     &(const struct http_description){
         .summary = "Assets, newest first: those on offer, or all of an owner's",
         .parameters =
             {{"text", SCHEMA_TEXT, "In title, text, place or category; letters of any size."},
              {"near", SCHEMA_TEXT, "latitude,longitude,radius: degrees, and metres to 500000."},
              {"category", SCHEMA_TEXT, "To the letter."},
              {"maxPricePerMinute", SCHEMA_AMOUNT, "At most."},
              FROM("Free from then, with `until`."),
              UNTIL("And until then."),
              {"owner", SCHEMA_ADDRESS, "Whose."},
              DESCRIBED_PER_PAGE(1000),
              DESCRIBED_PAGE_TOKEN},
         .answers = {{200, "A page of them.", SCHEMA_PAGE(ASSET)}, DESCRIBED_INVALID_QUERY}}},
    {HTTP_GET, "/v1/assets/{id}", get_asset, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){.summary = "An asset",
                                      .parameters = {ID("The asset's number.")},
                                      .answers = {{200, "The asset.", ASSET}, NO_ASSET}}},
    {HTTP_GET, "/v1/assets/{id}/proof", get_asset_proof, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){.summary = "What proves an asset without this server",
                                      .parameters = {ID("The asset's number."), DESCRIBED_BELIEVED},
                                      .answers = DESCRIBED_PROOF}},
    {HTTP_GET, "/v1/assets/{id}/calendar", get_calendar, NULL, NULL, JSON_OR_CSV, 0, NULL, SEARCHES,
     &(const struct http_description){
         .summary = "When an asset is taken, in order",
         .parameters = {ID("The asset's number."), FROM("What ends later."),
                        UNTIL("What begins before."), DESCRIBED_PER_PAGE(1000),
                        DESCRIBED_PAGE_TOKEN},
         .answers = {{200, "A page of it; without a booking it is the owner's.", SCHEMA_PAGE(SLOT)},
                     DESCRIBED_INVALID_QUERY,
                     NO_ASSET}}},
    {HTTP_GET, "/v1/assets/{id}/lock", get_lock, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){
         .summary = "An asset's lock, and what tells it which grants are void",
         .parameters = {ID("The asset's number."), SINCE},
         .answers = {{200, "Its policy, proven under a final header.", LOCK},
                     DESCRIBED_INVALID_QUERY,
                     {404, "There is no such asset, or it has no lock.", NULL}}}},
    {HTTP_GET, "/v1/quotes", get_quote, NULL, NULL, JSON, 0, NULL, HTTP_LANE(SERVER_LANE_TRY),
     &(const struct http_description){
         .summary = "What a booking costs",
         .parameters = {{"asset", SCHEMA_COUNT, "Its number."},
                        FROM("Its begin."),
                        UNTIL("Its end.")},
         .answers = {{200, "What is to be paid, gas aside; what the timer does not use comes back.",
                      QUOTE},
                     DESCRIBED_INVALID_QUERY,
                     {422, "`CONTRACT_REFUSED`: it cannot be booked so, whoever asks.", NULL}}}},
    {HTTP_GET, "/v1/bookings", get_bookings, NULL, NULL, JSON_OR_CSV, 0, NULL, SEARCHES,
     &(const struct http_description){
         .summary = "Bookings, newest first",
         .parameters = {{"renter", SCHEMA_ADDRESS, "Whose they are."},
                        {"owner", SCHEMA_ADDRESS, "Of whose assets."},
                        {"asset", SCHEMA_COUNT, "Of which."},
                        {"state", "{\"enum\":[\"open\",\"settled\"]}", "Which of them."},
                        DESCRIBED_PER_PAGE(1000),
                        DESCRIBED_PAGE_TOKEN},
         .answers = {{200, "A page of them.", SCHEMA_PAGE(BOOKING)}, DESCRIBED_INVALID_QUERY}}},
    {HTTP_GET, "/v1/bookings/{id}", get_booking, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){.summary = "A booking",
                                      .parameters = {ID("The booking's number.")},
                                      .answers = {{200, "The booking.", BOOKING}, NO_BOOKING}}},
    {HTTP_GET, "/v1/bookings/{id}/proof", get_booking_proof, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){
         .summary = "What proves a booking without this server",
         .parameters = {ID("The booking's number."), DESCRIBED_BELIEVED},
         .answers = DESCRIBED_PROOF}},
    {HTTP_GET, "/v1/bookings/{id}/grant", get_grant, NULL, NULL, JSON, 0, NULL,
     HTTP_LANE(SERVER_LANE_WORK),
     &(const struct http_description){
         .summary =
             "What a phone carries to the lock: grant and policy, as they stand in the state",
         .parameters = {ID("The booking's number."), SINCE},
         .answers =
             {{200,
               "Both, proven under one final header; and the changes of witnesses of the seven "
               "days before it, the newest 64 at most, for a lock that slept over them.",
               GRANT},
              DESCRIBED_INVALID_QUERY,
              {404, "The booking is settled, or has no lock.", NULL}}}},
    {HTTP_POST, "/v1/assets", post_asset, "assets", JSON, NULL, BODY_OBJECT_BYTES, NULL, WORKS,
     &(const struct http_description){.summary = "Lists an asset, of the server's own account",
                                      .body = TERMS,
                                      .answers = {ACCEPTED, BAD_BODY, DESCRIBED_SIGNING}}},
    CALLS(PUT, "/v1/assets/{id}", put_asset, "assets", TERMS,
          "Changes an asset, for bookings to come"),
    CALLS_BARE(DELETE, "/v1/assets/{id}", delete_asset, "assets",
               "Withdraws an asset; its bookings go on"),
    CALLS(POST, "/v1/assets/{id}/calendar", post_calendar, "assets", KEPT,
          "Keeps a time of an asset for its owner"),
    CALLS(POST, "/v1/assets/{id}/calendar/free", post_calendar_free, "assets", ENDING,
          "Gives free the time that was kept until then"),
    CALLS(POST, "/v1/assets/{id}/lock", post_lock, "assets", BINDING,
          "Binds a lock, which has signed that it belongs"),
    CALLS_BARE(DELETE, "/v1/assets/{id}/lock", delete_lock, "assets",
               "Unbinds the lock; its grants are void"),
    CALLS_BARE(POST, "/v1/assets/{id}/lock/revoke", post_revoke, "assets",
               "Takes back all grants of the lock up to now"),
    {HTTP_POST, "/v1/bookings", post_booking, "bookings", JSON, NULL, BODY_OBJECT_BYTES, NULL,
     WORKS,
     &(const struct http_description){.summary = "Books, and pays what /v1/quotes says",
                                      .body = WANTED,
                                      .answers = {ACCEPTED, BAD_BODY, DESCRIBED_PAYING}}},
    {HTTP_POST, "/v1/bookings/{id}/extend", post_extend, "bookings", JSON, NULL, BODY_OBJECT_BYTES,
     NULL, WORKS,
     &(const struct http_description){
         .summary = "Extends a booking, and pays for it",
         .body = ENDING,
         .parameters = {ID("The booking's number.")},
         .answers = {ACCEPTED, BAD_BODY, NO_NUMBER, DESCRIBED_PAYING}}},
    CALLS_BARE(DELETE, "/v1/bookings/{id}", delete_booking, "bookings",
               "Cancels a booking that has not begun; its terms say what goes back"),
    CALLS(POST, "/v1/bookings/{id}/start", post_start, "bookings", STARTING,
          "Starts the use, with the renter's and the lock's signatures"),
    CALLS(POST, "/v1/bookings/{id}/return", post_return, "bookings", RETURNING,
          "Ends the use, with the renter's and the lock's signatures, and settles"),
    CALLS_BARE(POST, "/v1/bookings/{id}/end", post_end, "bookings",
               "Says as the renter that the use is over"),
    CALLS_BARE(POST, "/v1/bookings/{id}/contest", post_contest, "bookings",
               "Says as the owner that it is not"),
    CALLS_BARE(POST, "/v1/bookings/{id}/settle", post_settle, "bookings",
               "Settles what nothing can change any more"),
};

static enum status open_market(struct server *server) {
    struct sharing *market = mem_alloc(sizeof *market);
    *market = (struct sharing){.server = server};
    server->market = market;
    return STATUS_OK;
}

static void close_market(struct server *server) {
    struct sharing *market = server->market;
    buf_clear(&market->news);
    mem_free(market);
    server->market = NULL;
}

extern const uint8_t sharing_contract_start[], sharing_contract_end[]; // embedded.S

int main(int count, char **arguments) {
    const struct server_market market = {
        .name = "sharing",
        .contract_code = bytes_of(sharing_contract_start,
                                  (size_t)(sharing_contract_end - sharing_contract_start)),
        .projection = {.version = PROJECTION_VERSION,
                       .schema = sharing_schema,
                       .drop = sharing_drop,
                       .apply = projection_apply,
                       .committed = projection_committed},
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        // Nothing is sponsored: who settles a booking gets what the server had locked.
        .sponsored_methods = NULL,
        .hook_kinds = sharing_hook_kinds,
        .hook_kind_count = HAPPENING_KINDS,
        .read_hooks = sharing_read_hooks,
        .search = sharing_search,
        // A lock near by, which looks at the Origin.
        .page_connects = "ws://127.0.0.1:* ws://localhost:* http://127.0.0.1:* http://localhost:*",
        .demo = sharing_demo,
        .open = open_market,
        .close = close_market};
    return server_main(&market, count, arguments);
}
