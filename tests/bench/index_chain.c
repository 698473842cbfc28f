// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/index_chain.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/common/server/signer.h"
#include "apps/supplychain/contract/code.h"
#include "chaincore/chaincore.h"

struct index_chain index_chain;

static void make_document(struct buf *out, int number, int events) {
    buf_append_string(out, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
                           "epcis-context.jsonld\"],\"type\":\"EPCISDocument\","
                           "\"schemaVersion\":\"2.0\",\"creationDate\":\"2026-01-02T03:04:05Z\","
                           "\"epcisBody\":{\"eventList\":[");
    for (int i = 0; i < events; i++)
        buf_append_format(out,
                          "%s{\"type\":\"ObjectEvent\",\"action\":\"OBSERVE\",\"eventTime\":"
                          "\"2026-01-02T%02d:%02d:05Z\",\"eventTimeZoneOffset\":\"+00:00\","
                          "\"bizStep\":\"shipping\",\"epcList\":["
                          "\"urn:epc:id:sgtin:0614141.107346.%d\","
                          "\"urn:epc:id:sgtin:0614141.107347.%d\"]}",
                          i ? "," : "", number % 24, i % 60, number * events + i, i);
    buf_append_string(out, "]}}");
}

static void encode_capture(struct buf *out, int number, int events) {
    struct epcis_document document;
    struct epcis_fault fault;
    struct buf body = {0};
    const uint8_t job[32] = {(uint8_t)number, (uint8_t)(number >> 8), 1};
    make_document(&body, number, events);
    ENSURE(epcis_document_split(&document, &fault, buf_bytes(&body)) == STATUS_OK);
    encode_fixed(out, job, sizeof job);
    encode_bytes(out, buf_bytes(&body));
    encode_u32(out, (uint32_t)document.event_count);
    for (size_t i = 0; i < document.event_count; i++) entry_encode(out, &document.events[i]);
    epcis_document_clear(&document);
    buf_clear(&body);
}

// Until it is final.
static void await_final(int number) {
    const uint8_t id[OUTBOX_JOB_BYTES] = {(uint8_t)number, (uint8_t)(number >> 8)};
    struct arena arena = {0};
    struct outbox_job job = {0};
    while (job.finished_ms == 0) {
        struct node_head head;
        node_head(index_chain.server.node, &head);
        ENSURE(signer_set_find_job(index_chain.server.signers, id, &arena, &job) == STATUS_OK);
        if (job.finished_ms == 0) node_wait(index_chain.server.node, head.header.height, 5);
    }
    ENSURE(job.code == TX_CODE_OK);
    arena_clear(&arena);
}

void index_chain_capture(int number, int events) {
    struct buf arguments = {0};
    enum tx_code code;
    encode_capture(&arguments, number, events);
    struct signer_order order = {.action = {.kind = TX_CALL,
                                            .call = {.contract = index_chain.server.contract,
                                                     .method = bytes_of_string("capture"),
                                                     .arguments = buf_bytes(&arguments)}},
                                 .gas_limit = 100 * 1000 * 1000};
    struct signer_job job = {
        .id = {(uint8_t)number, (uint8_t)(number >> 8)}, .orders = &order, .count = 1};
    ENSURE(signer_submit(index_chain.server.signer, &job, &code) == STATUS_OK);
    ENSURE(code == TX_CODE_OK);
    buf_clear(&arguments);
    await_final(number);
}

static void make_genesis(struct buf *out, struct bytes code) {
    struct devnet_contract contract = {"supplychain", code};
    struct buf devnet = {0};
    struct arena arena = {0};
    struct genesis genesis;
    devnet_genesis(&devnet, &index_chain.server.devnet, DEVNET_BLOCK_INTERVAL_MS, &contract, 1);
    ENSURE(genesis_decode(&genesis, &arena, buf_bytes(&devnet)) == STATUS_OK);
    genesis.params.block_interval_ms = 1;
    genesis_encode(out, &genesis);
    buf_clear(&devnet);
    arena_clear(&arena);
}

void index_chain_open(void) {
    static const char name[] = "supplychain";
    struct server *server = &index_chain.server;
    char path[96];
    struct buf genesis = {0};
    struct bytes code = supplychain_contract_code();
    ENSURE(crypto_init() == STATUS_OK);
    snprintf(index_chain.folder, sizeof index_chain.folder, "/tmp/lmm-bench-XXXXXX");
    ENSURE(mkdtemp(index_chain.folder) != NULL);
    devnet_derive(&server->devnet);
    make_genesis(&genesis, code);
    struct node_config config = {.data_dir = index_chain.folder,
                                 .genesis = buf_bytes(&genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .witness_keys = server->devnet.witness_keys,
                                 .witness_key_count = server->devnet.witness_count};
    ENSURE(node_open(&server->node, &config) == STATUS_OK);
    buf_clear(&genesis);
    account_id_of_system_contract(&server->contract, name);
    snprintf(path, sizeof path, "%s/outbox.db", index_chain.folder);
    struct signer_set_config signing = {
        .node = server->node, .path = path, .own = &devnet_find(&server->devnet, "server")->key};
    ENSURE(signer_set_open(&server->signers, &signing) == STATUS_OK);
    server->signer = signer_set_own(server->signers);
    ENSURE(signer_set_start(server->signers) == STATUS_OK && node_start(server->node) == STATUS_OK);
    index_chain.market.server = server;
    server->market = &index_chain.market;
    ENSURE(epcis_rules_open(&index_chain.market.rules) == STATUS_OK);
}

void index_chain_stop(void) {
    node_stop(index_chain.server.node);
    signer_set_close(index_chain.server.signers);
}

void index_chain_close(void) {
    char command[96];
    epcis_rules_close(index_chain.market.rules);
    node_close(index_chain.server.node);
    snprintf(command, sizeof command, "rm -r %s", index_chain.folder);
    ENSURE(system(command) == 0);
}

static enum status apply(void *context, struct db *db, const struct index_block *block) {
    return projection_apply(context, db, block);
}

const struct index_projection *index_chain_projection(void) {
    static struct index_projection out;
    out = (struct index_projection){.version = 1,
                                    .schema = supplychain_schema,
                                    .drop = supplychain_drop,
                                    .apply = apply,
                                    .prepare = projection_prepare,
                                    .discard = projection_discard,
                                    .context = &index_chain.market};
    return &out;
}
