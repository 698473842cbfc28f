// SPDX-License-Identifier: Apache-2.0
// What a devnet's supply chain begins with: frozen fish that carol caught and sent to bob, that
// alice carries, and that thawed on the way: alice offers it to the business whose server this is,
// so that who opens the pages has goods to refuse. Dave's key stands for the sensor's.
#include "apps/common/server/demo.h"

#include "apps/supplychain/contract/custody_rules.h"
#include "apps/supplychain/supplychain.h"
#include "chaincore/chaincore.h"

#define LOT "urn:epc:class:lgtin:4012345.012345.SALMON-7"
#define CATCH                                                                             \
    "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"]," \
    "\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\","                               \
    "\"creationDate\":\"2026-01-01T00:00:00Z\",\"epcisBody\":{\"eventList\":["            \
    "{\"type\":\"ObjectEvent\",\"action\":\"ADD\",\"bizStep\":\"commissioning\","         \
    "\"disposition\":\"active\",\"eventTime\":\"2026-01-01T05:30:00Z\","                  \
    "\"eventTimeZoneOffset\":\"+01:00\","                                                 \
    "\"quantityList\":[{\"epcClass\":\"" LOT "\",\"quantity\":1200,\"uom\":\"KGM\"}],"    \
    "\"readPoint\":{\"id\":\"urn:epc:id:sgln:4012345.00001.0\"}}]}}"

enum { QUANTITY_MILLI = 1200000, SHIPMENT = 1, FIRST_JOURNEY = 1, FIRST_HAND_OVER = 1 };

static const int64_t readings[] = {-21400, -21200, -21300, -20900, -19800, -17200, -12500,
                                   -7400,  -3100,  -600,   900,    2600,   3400,   2900,
                                   1200,   -800,   -4600,  -9100,  -13800, -16200};
enum { READINGS = sizeof readings / sizeof *readings };
enum { COLD_READINGS = 10 }; // before the first that is out of bounds
_Static_assert((int)READINGS <= (int)CUSTODY_READINGS_MAX, "each part is taken at once");

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
    struct buf capture = {0}, goods = {0};
    struct epcis_document document;
    struct epcis_fault fault;
    uint8_t job[32] = {1};
    ENSURE(epcis_document_split(&document, &fault, bytes_of_string(CATCH)) == STATUS_OK);
    encode_fixed(&capture, job, sizeof job);
    encode_bytes(&capture, bytes_of_string(CATCH));
    encode_u32(&capture, 1);
    entry_encode(&capture, &document.events[0]);
    encode_bytes(&goods, bytes_of_string(LOT));
    encode_u64(&goods, QUANTITY_MILLI);
    encode_bytes(&goods, bytes_of_string("KGM"));
    encode_fixed(&goods, document.events[0].hash, sizeof document.events[0].hash);
    call(demo, "carol", "capture", &capture);
    call(demo, "carol", "register", &goods);
    epcis_document_clear(&document);
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

// Some of the readings, over a time that has passed.
struct part {
    uint64_t first, count;
    uint64_t after_ms, until_ms;
};

static void encode_part(struct buf *out, const struct part *part) {
    encode_u64(out, part->first);
    encode_u32(out, (uint32_t)part->count);
    for (uint64_t i = 0; i < part->count; i++) {
        uint64_t since_ms = (part->until_ms - part->after_ms) * (i + 1) / part->count;
        encode_u64(out, part->after_ms + since_ms);
        encode_u64(out, (uint64_t)readings[part->first + i]);
    }
}

static void encode_subject(struct buf *out) {
    encode_u64(out, SHIPMENT);
    encode_u32(out, FIRST_JOURNEY);
    encode_u8(out, 0);
}

static void measure(struct demo *demo, const struct part *part) {
    struct buf arguments = {0}, payload = {0};
    struct hash hash;
    struct signature signature;
    const struct devnet_account *dave = devnet_find(&demo->server->devnet, "dave");
    ENSURE(dave && part->until_ms - part->after_ms >= part->count);
    encode_fixed(&payload, demo->server->contract.bytes, sizeof demo->server->contract.bytes);
    encode_subject(&payload);
    encode_part(&payload, part);
    hash_bytes(&hash, HASH_USER, buf_bytes(&payload));
    sign_payload(&signature, &dave->key, SIGN_JOURNAL, node_chain_id(demo->server->node), &hash);
    encode_subject(&arguments);
    encode_sensor(&arguments, demo);
    encode_part(&arguments, part);
    encode_bytes(&arguments, BYTES_OF(signature.bytes));
    call(demo, "alice", "measure", &arguments);
    buf_clear(&payload);
}

static uint64_t head_ms(const struct demo *demo) {
    struct node_head head;
    node_head(demo->server->node, &head);
    return head.header.time_ms;
}

// In two parts, so that nothing is measured ahead of the chain's time: all that is out of bounds is
// of the time in which alice held the fish.
static void thaw(struct demo *demo, uint64_t departed_ms) {
    uint64_t held_ms = head_ms(demo);
    measure(demo, &(struct part){0, COLD_READINGS, departed_ms, held_ms});
    measure(demo, &(struct part){COLD_READINGS, READINGS - COLD_READINGS, held_ms, head_ms(demo)});
}

void supplychain_demo(struct demo *demo) {
    catch_fish(demo);
    send_off(demo);
    uint64_t departed_ms = head_ms(demo);
    offer(demo, "carol", "alice");
    accept(demo, "alice");
    thaw(demo, departed_ms);
    offer(demo, "alice", "server");
}
