// SPDX-License-Identifier: Apache-2.0
// What a devnet's supply chain begins with: frozen fish that carol caught and sent to bob, that
// alice carries, and that thawed on the way: alice offers it to the business whose server this is,
// so that who opens the pages has goods to refuse. Dave's key stands for the sensor's. All of it is
// of the last hours.
#include "apps/common/server/demo.h"

#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

#define LOT "urn:epc:class:lgtin:4012345.012345.SALMON-7"
#define CATCH                                                                             \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]," \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","                               \
    "\"creationDate\":\"%s\",\"epcisBody\":{\"eventList\":["                              \
    "{\"type\":\"ObjectEvent\",\"action\":\"ADD\",\"bizStep\":\"commissioning\","         \
    "\"disposition\":\"active\",\"eventTime\":\"%s\","                                    \
    "\"eventTimeZoneOffset\":\"+00:00\","                                                 \
    "\"quantityList\":[{\"epcClass\":\"" LOT "\",\"quantity\":1200,\"uom\":\"KGM\"}],"    \
    "\"readPoint\":{\"id\":\"urn:epc:id:sgln:4012345.00001.0\"}}]}}"

enum { QUANTITY_MILLI = 1200000, SHIPMENT = 1, FIRST_JOURNEY = 1, FIRST_HAND_OVER = 1 };
enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };
// Between the catch and its landing, until alice came, on her way, and since she offers it.
enum {
    AT_SEA_MS = 2 * HOUR_MS,
    IN_STORE_MS = HOUR_MS,
    ON_ROAD_MS = 6 * HOUR_MS,
    OFFERED_MS = HOUR_MS
};

static const int64_t readings[] = {-21400, -21200, -21300, -20900, -19800, -17200, -12500,
                                   -7400,  -3100,  -600,   900,    2600,   3400,   2900,
                                   1200,   -800,   -4600,  -9100,  -13800, -16200};
enum { READINGS = sizeof readings / sizeof *readings, EVERY_MS = 20 * MINUTE_MS };
enum { COLD_READINGS = 10 }; // before the first that is out of bounds
_Static_assert((int)IN_STORE_MS + (int)ON_ROAD_MS + (int)OFFERED_MS == SUPPLYCHAIN_DEMO_BACK_MS,
               "it ends when people begin to look");
_Static_assert((int)READINGS <= (int)CUSTODY_READINGS_MAX, "they are taken at once");
_Static_assert((int)READINGS *(int)EVERY_MS <= (int)IN_STORE_MS + (int)ON_ROAD_MS,
               "nothing is measured ahead of the chain's time");
_Static_assert((int)COLD_READINGS *(int)EVERY_MS > (int)IN_STORE_MS, "it thaws on alice's watch");

static void call(struct demo *demo, const char *role, const char *method, struct buf *arguments) {
    demo_call(demo, role, method, buf_bytes(arguments), 0);
    demo_settle(demo);
    buf_clear(arguments);
}

static void encode_role(struct buf *out, const struct demo *demo, const char *role) {
    const struct devnet_account *account = devnet_find(&demo->server->devnet, role);
    ENSURE(account);
    encode_fixed(out, account->id.bytes, sizeof account->id.bytes);
}

static void encode_sensor(struct buf *out, const struct demo *demo) {
    struct public_key key;
    const struct devnet_account *dave = devnet_find(&demo->server->devnet, "dave");
    ENSURE(dave);
    key_public_of(&key, &dave->key);
    encode_fixed(out, key.bytes, sizeof key.bytes);
}

// Captures the catch, and registers what its event speaks of.
static void catch_fish(struct demo *demo) {
    struct buf capture = {0}, goods = {0}, text = {0};
    char caught[25], landed[25];
    struct epcis_document document;
    struct epcis_fault fault;
    uint8_t job[32] = {1};
    clock_format_utc(landed, (int64_t)clock_wall_ms());
    clock_format_utc(caught, (int64_t)clock_wall_ms() - AT_SEA_MS);
    buf_append_format(&text, CATCH, landed, caught);
    ENSURE(epcis_document_split(&document, &fault, buf_bytes(&text)) == STATUS_OK);
    encode_fixed(&capture, job, sizeof job);
    encode_bytes(&capture, buf_bytes(&text));
    encode_u32(&capture, 1);
    entry_encode(&capture, &document.events[0]);
    encode_bytes(&goods, bytes_of_string(LOT));
    encode_u64(&goods, QUANTITY_MILLI);
    encode_bytes(&goods, bytes_of_string("KGM"));
    encode_fixed(&goods, document.events[0].hash, sizeof document.events[0].hash);
    call(demo, "carol", "capture", &capture);
    call(demo, "carol", "register", &goods);
    epcis_document_clear(&document);
    buf_clear(&text);
}

// To bob, never above zero.
static void send_off(struct demo *demo) {
    struct buf arguments = {0};
    encode_u64(&arguments, SHIPMENT);
    encode_role(&arguments, demo, "bob");
    encode_u32(&arguments, 1);
    encode_bytes(&arguments, bytes_of_string("Temperature"));
    encode_bytes(&arguments, bytes_of_string("CEL"));
    encode_bool(&arguments, false);
    encode_bool(&arguments, true);
    encode_u64(&arguments, 0);
    encode_u32(&arguments, 1);
    encode_sensor(&arguments, demo);
    call(demo, "carol", "depart", &arguments);
}

static void offer(struct demo *demo, const char *from, const char *to) {
    struct buf arguments = {0};
    encode_u64(&arguments, SHIPMENT);
    encode_u64(&arguments, QUANTITY_MILLI);
    encode_role(&arguments, demo, to);
    call(demo, from, "offer", &arguments);
}

static void accept(struct demo *demo, const char *role) {
    struct buf arguments = {0};
    encode_u64(&arguments, FIRST_HAND_OVER);
    encode_u32(&arguments, 0); // alarms
    call(demo, role, "accept", &arguments);
}

static void encode_readings(struct buf *out, uint64_t departed_ms) {
    encode_u64(out, 0); // the first one's number
    encode_u32(out, READINGS);
    for (uint64_t i = 0; i < READINGS; i++) {
        encode_u64(out, departed_ms + (i + 1) * EVERY_MS);
        encode_u64(out, (uint64_t)readings[i]);
    }
}

static void encode_subject(struct buf *out) {
    encode_u64(out, SHIPMENT);
    encode_u32(out, FIRST_JOURNEY);
    encode_u8(out, 0);
}

static void measure(struct demo *demo, uint64_t departed_ms) {
    struct buf arguments = {0}, payload = {0};
    struct hash hash;
    struct signature signature;
    const struct devnet_account *dave = devnet_find(&demo->server->devnet, "dave");
    ENSURE(dave);
    encode_fixed(&payload, demo->server->contract.bytes, sizeof demo->server->contract.bytes);
    encode_subject(&payload);
    encode_readings(&payload, departed_ms);
    hash_bytes(&hash, HASH_USER, buf_bytes(&payload));
    sign_payload(&signature, &dave->key, SIGN_JOURNAL, node_chain_id(demo->server->node), &hash);
    encode_subject(&arguments);
    encode_sensor(&arguments, demo);
    encode_readings(&arguments, departed_ms);
    encode_bytes(&arguments, BYTES_OF(signature.bytes));
    call(demo, "alice", "measure", &arguments);
    buf_clear(&payload);
}

static uint64_t head_ms(const struct demo *demo) {
    struct node_head head;
    node_head(demo->server->node, &head);
    return head.header.time_ms;
}

void supplychain_demo(struct demo *demo) {
    catch_fish(demo);
    send_off(demo);
    uint64_t departed_ms = head_ms(demo);
    demo_let_pass(demo, IN_STORE_MS);
    offer(demo, "carol", "alice");
    accept(demo, "alice");
    demo_let_pass(demo, ON_ROAD_MS);
    measure(demo, departed_ms);
    offer(demo, "alice", "server");
}
