// SPDX-License-Identifier: Apache-2.0
// lmm-energy: Energy, a market server (README.md).
#include "apps/common/http/openapi.h"
#include "apps/common/server/schema_words.h"
#include "apps/common/server/signing.h"
#include "apps/energy/energy.h"
#include "apps/energy/routes.h"

enum { BODY_BYTES = 4096 };

#define JSON "application/json"
#define READS HTTP_LANE(SERVER_LANE_READ)
#define WORKS HTTP_LANE(SERVER_LANE_WORK)

#define WORD(...) "{\"enum\":[" __VA_ARGS__ "]}"
#define SIDE WORD("\"buy\",\"sell\"")
#define KIND WORD("\"limit\",\"ioc\",\"fok\"")
#define DIRECTION WORD("\"export\",\"import\"")
#define PLACED "\"time\",\"final\",\"height\",\"tx\",\"proof\""
#define PLACED_MEMBERS                                                               \
    "\"time\":" SCHEMA_TIME ",\"final\":" SCHEMA_BOOLEAN ",\"height\":" SCHEMA_COUNT \
    ",\"tx\":" SCHEMA_HASH ",\"proof\":" SCHEMA_TEXT
#define SLOT_PLACE "\"zone\",\"slot\",\"start\","
#define SLOT_MEMBERS \
    "\"zone\":" SCHEMA_COUNT ",\"slot\":" SCHEMA_COUNT ",\"start\":" SCHEMA_TIME ","

#define ZONE                                                                                \
    SCHEMA_OBJECT("\"name\",\"zone\",\"operator\",\"cap\",\"lot\",\"gate_ms\",\"wait_ms\"," \
                  "\"account\"," PLACED,                                                    \
                  "\"name\":" SCHEMA_TEXT ",\"zone\":" SCHEMA_COUNT                         \
                  ",\"operator\":" SCHEMA_ADDRESS ",\"cap\":" SCHEMA_COUNT                  \
                  ",\"lot\":" SCHEMA_COUNT ",\"gate_ms\":" SCHEMA_COUNT                     \
                  ",\"wait_ms\":" SCHEMA_COUNT ",\"account\":" SCHEMA_AMOUNT "," PLACED_MEMBERS)
#define SLOT                                                                                      \
    SCHEMA_OBJECT(                                                                                \
        "\"status\"," SLOT_PLACE "\"trades\",\"wh\",\"last_price\",\"short_wh\",\"pot\"," PLACED, \
        "\"status\":" WORD("\"open\",\"settled\",\"final\"") "," SLOT_MEMBERS                     \
                                                             "\"trades\":" SCHEMA_COUNT           \
                                                             ",\"wh\":" SCHEMA_COUNT              \
                                                             ",\"last_price\":" SCHEMA_COUNT      \
                                                             ",\"short_wh\":" SCHEMA_COUNT        \
                                                             ",\"pot\":" SCHEMA_AMOUNT            \
                                                             "," PLACED_MEMBERS)
#define ORDER                                                                                  \
    SCHEMA_OBJECT(                                                                             \
        "\"id\"," SLOT_PLACE "\"number\",\"account\",\"side\",\"kind\",\"price\",\"wh\","      \
        "\"traded_wh\",\"open_wh\",\"status\",\"reason\"," PLACED,                             \
        "\"id\":" SCHEMA_TEXT "," SLOT_MEMBERS "\"number\":" SCHEMA_COUNT                      \
        ",\"account\":" SCHEMA_ADDRESS ",\"side\":" SIDE ",\"kind\":" KIND                     \
        ",\"price\":" SCHEMA_COUNT ",\"wh\":" SCHEMA_COUNT ",\"traded_wh\":" SCHEMA_COUNT      \
        ",\"open_wh\":" SCHEMA_COUNT                                                           \
        ",\"status\":" WORD("\"resting\",\"filled\",\"cancelled\"") ",\"reason\":" SCHEMA_TEXT \
                                                                    "," PLACED_MEMBERS)
#define TRADE                                                                                      \
    SCHEMA_OBJECT(                                                                                 \
        "\"status\"," SLOT_PLACE "\"number\",\"side\",\"price\",\"wh\",\"buyer\","                 \
        "\"seller\",\"delivered\",\"failed\"," PLACED,                                             \
        "\"status\":" WORD(                                                                        \
            "\"traded\",\"settled\"") "," SLOT_MEMBERS "\"number\":" SCHEMA_COUNT                  \
                                      ",\"side\":" SIDE ",\"price\":" SCHEMA_COUNT                 \
                                      ",\"wh\":" SCHEMA_COUNT ",\"buyer\":" SCHEMA_ADDRESS         \
                                      ",\"seller\":" SCHEMA_ADDRESS ",\"delivered\":" SCHEMA_COUNT \
                                      ",\"failed\":" SCHEMA_COUNT "," PLACED_MEMBERS)
#define POSITION                                                                                \
    SCHEMA_OBJECT("\"is_final\"," SLOT_PLACE "\"account\",\"bought\",\"sold\",\"received\","    \
                  "\"delivered\",\"exported\",\"imported\",\"cost\",\"income\","                \
                  "\"compensation\",\"penalty\",\"shared\"," PLACED,                            \
                  "\"is_final\":" SCHEMA_BOOLEAN "," SLOT_MEMBERS "\"account\":" SCHEMA_ADDRESS \
                  ",\"bought\":" SCHEMA_COUNT ",\"sold\":" SCHEMA_COUNT                         \
                  ",\"received\":" SCHEMA_COUNT ",\"delivered\":" SCHEMA_COUNT                  \
                  ",\"exported\":" SCHEMA_MAYBE(SCHEMA_COUNT) ",\"imported\":" SCHEMA_MAYBE(    \
                      SCHEMA_COUNT) ",\"cost\":" SCHEMA_AMOUNT ",\"income\":" SCHEMA_AMOUNT     \
                                    ",\"compensation\":" SCHEMA_AMOUNT                          \
                                    ",\"penalty\":" SCHEMA_AMOUNT ",\"shared\":" SCHEMA_AMOUNT  \
                                    "," PLACED_MEMBERS)
#define METER                                                                                     \
    SCHEMA_OBJECT("\"key\",\"account\",\"zone\",\"direction\",\"is_retired\",\"sequence\","       \
                  "\"slot\",\"most_wh\"," PLACED,                                                 \
                  "\"key\":" SCHEMA_HASH ",\"account\":" SCHEMA_ADDRESS ",\"zone\":" SCHEMA_COUNT \
                  ",\"direction\":" DIRECTION ",\"is_retired\":" SCHEMA_BOOLEAN                   \
                  ",\"sequence\":" SCHEMA_COUNT ",\"slot\":" SCHEMA_COUNT                         \
                  ",\"most_wh\":" SCHEMA_COUNT "," PLACED_MEMBERS)
#define READING                                                                                    \
    SCHEMA_OBJECT("\"key\",\"account\"," SLOT_PLACE "\"direction\",\"wh\",\"sequence\"," PLACED,   \
                  "\"key\":" SCHEMA_HASH ",\"account\":" SCHEMA_ADDRESS "," SLOT_MEMBERS           \
                  "\"direction\":" DIRECTION ",\"wh\":" SCHEMA_COUNT ",\"sequence\":" SCHEMA_COUNT \
                  "," PLACED_MEMBERS)
#define LEVELS                                                                  \
    SCHEMA_LIST(SCHEMA_OBJECT("\"price\",\"wh\",\"orders\"",                    \
                              "\"price\":" SCHEMA_COUNT ",\"wh\":" SCHEMA_COUNT \
                              ",\"orders\":" SCHEMA_COUNT))
#define BOOK                                                                              \
    SCHEMA_OBJECT(SLOT_PLACE "\"change\",\"last_price\",\"bids\",\"asks\"",               \
                  SLOT_MEMBERS "\"change\":" SCHEMA_COUNT ",\"last_price\":" SCHEMA_COUNT \
                               ",\"bids\":" LEVELS ",\"asks\":" LEVELS)
#define CANDLE                                                                                 \
    SCHEMA_OBJECT("\"start\",\"open\",\"high\",\"low\",\"close\",\"wh\",\"trades\"",           \
                  "\"start\":" SCHEMA_TIME ",\"open\":" SCHEMA_COUNT ",\"high\":" SCHEMA_COUNT \
                  ",\"low\":" SCHEMA_COUNT ",\"close\":" SCHEMA_COUNT ",\"wh\":" SCHEMA_COUNT  \
                  ",\"trades\":" SCHEMA_COUNT)
#define QUOTE                                                                                  \
    SCHEMA_OBJECT(                                                                             \
        SLOT_PLACE "\"collateral\",\"opening\",\"filled_wh\",\"fills\",\"amount\",\"status\"," \
                   "\"reason\"",                                                               \
        SLOT_MEMBERS                                                                           \
        "\"collateral\":" SCHEMA_AMOUNT ",\"opening\":" SCHEMA_AMOUNT                          \
        ",\"filled_wh\":" SCHEMA_COUNT ",\"fills\":" SCHEMA_COUNT ",\"amount\":" SCHEMA_AMOUNT \
        ",\"status\":" WORD("\"resting\",\"filled\",\"cancelled\"") ",\"reason\":" SCHEMA_TEXT)
#define SIGNATURE "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{128}$\"}"

#define ZONE_BODY                                                                           \
    SCHEMA_OBJECT("\"name\",\"cap\",\"lot\",\"gate_ms\",\"wait_ms\",\"account\"",           \
                  "\"name\":" SCHEMA_TEXT ",\"cap\":" SCHEMA_COUNT ",\"lot\":" SCHEMA_COUNT \
                  ",\"gate_ms\":" SCHEMA_COUNT ",\"wait_ms\":" SCHEMA_COUNT                 \
                  ",\"account\":" SCHEMA_AMOUNT)
#define ORDER_BODY                                                                     \
    SCHEMA_OBJECT("\"zone\",\"slot\",\"side\",\"kind\",\"price\",\"wh\"",              \
                  "\"zone\":" SCHEMA_COUNT ",\"slot\":" SCHEMA_COUNT ",\"side\":" SIDE \
                  ",\"kind\":" KIND ",\"price\":" SCHEMA_COUNT ",\"wh\":" SCHEMA_COUNT)
#define METER_BODY                                                                             \
    SCHEMA_OBJECT("\"zone\",\"direction\",\"key\",\"signature\"",                              \
                  "\"zone\":" SCHEMA_COUNT ",\"direction\":" DIRECTION ",\"key\":" SCHEMA_HASH \
                  ",\"signature\":" SIGNATURE)
#define READING_BODY                                                                       \
    SCHEMA_OBJECT("\"key\",\"slot\",\"wh\",\"sequence\",\"signature\"",                    \
                  "\"key\":" SCHEMA_HASH ",\"slot\":" SCHEMA_COUNT ",\"wh\":" SCHEMA_COUNT \
                  ",\"sequence\":" SCHEMA_COUNT ",\"signature\":" SIGNATURE)
#define APPROVAL_BODY SCHEMA_OBJECT("\"most_wh\"", "\"most_wh\":" SCHEMA_COUNT)
#define PLACE_BODY \
    SCHEMA_OBJECT("\"zone\",\"slot\"", "\"zone\":" SCHEMA_COUNT ",\"slot\":" SCHEMA_COUNT)

#define BY_ZONE \
    { "zone", SCHEMA_COUNT, "Its number." }
#define BY_SLOT \
    { "slot", SCHEMA_COUNT, "The delivery slot: its start, in quarters of an hour since 1970." }
#define BY_ACCOUNT \
    { "account", SCHEMA_ADDRESS, "Whose." }
#define BY_PAGE DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN
#define ACCEPTED \
    { 202, "`Location` is the transaction, whose status tells how it ends.", NULL }
#define BAD_BODY \
    { 400, "`invalid_body`, with the place that is wrong.", NULL }
#define NOT_THERE \
    { 404, "There is none of that name.", NULL }

#define LIST(path, handler, text, item, ...)                              \
    {                                                                     \
        HTTP_GET, path, handler, NULL, NULL, JSON_OR_CSV, 0, NULL, READS, \
            &(const struct http_description) {                            \
            .summary = (text), .parameters = {__VA_ARGS__}, .answers = {  \
                {200, "A page of them.", SCHEMA_PAGE(item)},              \
                DESCRIBED_INVALID_QUERY                                   \
            }                                                             \
        }                                                                 \
    }
#define POST(path, handler, scope, text, form)                                \
    {                                                                         \
        HTTP_POST, path, handler, scope, JSON, NULL, BODY_BYTES, NULL, WORKS, \
            &(const struct http_description) {                                \
            .summary = (text), .body = (form), .answers = {                   \
                ACCEPTED,                                                     \
                BAD_BODY,                                                     \
                DESCRIBED_SIGNING                                             \
            }                                                                 \
        }                                                                     \
    }

static const struct http_route routes[] = {
    LIST("/v1/zones", get_zones, "The zones, newest first", ZONE, BY_PAGE),
    {HTTP_GET, "/v1/zones/{zone}", get_zone, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){.summary = "A zone",
                                      .parameters = {BY_ZONE},
                                      .answers = {{200, "The zone.", ZONE}, NOT_THERE}}},
    POST("/v1/zones", post_zone, "zones", "Makes a zone, whose operator the server's account is",
         ZONE_BODY),
    LIST("/v1/slots", get_slots, "The slots of a zone that somebody ordered for, latest first",
         SLOT, BY_ZONE, BY_PAGE),
    {HTTP_GET, "/v1/book", get_book, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){
         .summary = "What rests in a slot's book, best first; `change` numbers its last change",
         .parameters = {BY_ZONE,
                        BY_SLOT,
                        {"depth", SCHEMA_COUNT, "Prices of each side at most; 20."}},
         .answers = {{200, "The book.", BOOK}, DESCRIBED_INVALID_QUERY}}},
    {HTTP_GET, "/v1/candles", get_candles, NULL, NULL, JSON_OR_CSV, 0, NULL, READS,
     &(const struct http_description){
         .summary = "A slot's prices over the time that it was traded",
         .parameters = {BY_ZONE, BY_SLOT, {"minutes", SCHEMA_COUNT, "Of each candle; 5."}},
         .answers = {{200, "The candles.", SCHEMA_PAGE(CANDLE)}, DESCRIBED_INVALID_QUERY}}},
    LIST("/v1/trades", get_trades, "Trades, newest first", TRADE, BY_ZONE, BY_SLOT, BY_ACCOUNT,
         BY_PAGE),
    LIST("/v1/orders", get_orders, "Orders, newest first", ORDER, BY_ZONE, BY_SLOT, BY_ACCOUNT,
         {"status", WORD("\"resting\",\"filled\",\"cancelled\""), "How they stand."}, BY_PAGE),
    {HTTP_GET, "/v1/orders/{id}", get_order, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){
         .summary = "An order",
         .parameters = {{"id", SCHEMA_TEXT, "Zone, slot and number, as 1-1978000-17."}},
         .answers = {{200, "The order.", ORDER}, NOT_THERE}}},
    POST("/v1/orders", post_order, "orders",
         "Places an order, with its collateral and what opening the slot costs", ORDER_BODY),
    {HTTP_DELETE, "/v1/orders/{id}", delete_order, "orders", NULL, NULL, 0, NULL, WORKS,
     &(const struct http_description){
         .summary = "Cancels an order of the server's account",
         .parameters = {{"id", SCHEMA_TEXT, "Zone, slot and number, as 1-1978000-17."}},
         .answers = {ACCEPTED, NOT_THERE, DESCRIBED_SIGNING}}},
    {HTTP_GET, "/v1/quotes", get_quote, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){
         .summary =
             "What an order would do now: what it locks, what it pays besides for opening the"
             " slot (bring it even if another may be faster: what is not needed comes back),"
             " what trades at once, and for what",
         .parameters = {BY_ZONE,
                        BY_SLOT,
                        {"side", SIDE, "buy or sell."},
                        {"price", SCHEMA_COUNT, "Base units a Wh."},
                        {"wh", SCHEMA_COUNT, "How much."},
                        {"account", SCHEMA_ADDRESS,
                         "Whose order. Else the API key's; without a key, anybody's."}},
         .answers = {{200, "The quote.", QUOTE},
                     DESCRIBED_INVALID_QUERY,
                     {422, "The contract refuses such an order: `CONTRACT_REFUSED`.", NULL}}}},
    LIST("/v1/positions", get_positions, "What an account traded, by slot, and what came of it",
         POSITION, BY_ACCOUNT, BY_ZONE, BY_SLOT, BY_PAGE),
    LIST("/v1/meters", get_meters, "The meters", METER, BY_ACCOUNT, BY_ZONE, BY_PAGE),
    POST("/v1/meters", post_meter, "meters", "Signs a meter of the server's account in",
         METER_BODY),
    {HTTP_POST, "/v1/meters/{key}/approval", post_approval, "zones", JSON, NULL, BODY_BYTES, NULL,
     WORKS,
     &(const struct http_description){
         .summary = "Approves a meter in a zone whose operator the server's account is, for so many"
                    " Wh a slot; 0 takes it back",
         .body = APPROVAL_BODY,
         .parameters = {{"key", SCHEMA_HASH, "The meter's."}},
         .answers = {ACCEPTED, BAD_BODY, NOT_THERE, DESCRIBED_SIGNING}}},
    LIST("/v1/readings", get_readings, "What meters have reported, newest first", READING,
         BY_ACCOUNT, BY_ZONE, BY_SLOT, BY_PAGE),
    POST("/v1/readings", post_reading, "readings", "Carries what a meter has signed", READING_BODY),
    POST("/v1/settlements", post_settlement, "settlements",
         "Does a piece of what is due of a slot, as its timers do", PLACE_BODY),
    {HTTP_GET, "/v1/places/{place}/proof", get_place_proof, NULL, NULL, JSON, 0, NULL, READS,
     &(const struct http_description){
         .summary = "What proves an event of the chain without this server",
         .parameters = {{"place", SCHEMA_TEXT, "As `proof` of an object tells it."},
                        DESCRIBED_BELIEVED},
         .answers = DESCRIBED_PROOF}},
};

static enum status open_market(struct server *server) {
    struct energy *market = mem_alloc(sizeof *market);
    *market = (struct energy){.server = server};
    server->market = market;
    return STATUS_OK;
}

static void close_market(struct server *server) {
    struct energy *market = server->market;
    buf_clear(&market->news);
    mem_free(market);
    server->market = NULL;
}

extern const uint8_t energy_contract_start[], energy_contract_end[]; // embedded.S

int main(int count, char **arguments) {
    const struct server_market market = {
        .name = "energy",
        .contract_code =
            bytes_of(energy_contract_start, (size_t)(energy_contract_end - energy_contract_start)),
        .projection = {.version = PROJECTION_VERSION,
                       .schema = energy_schema,
                       .drop = energy_drop,
                       .apply = projection_apply,
                       .committed = projection_committed},
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        // Nothing is sponsored: who cancels an order gets what the server had locked for it.
        .sponsored_methods = NULL,
        .hook_kinds = energy_hook_kinds,
        .hook_kind_count = ENERGY_HOOK_KINDS,
        .read_hooks = energy_read_hooks,
        .demo = energy_demo,
        .open = open_market,
        .close = close_market};
    return server_main(&market, count, arguments);
}
