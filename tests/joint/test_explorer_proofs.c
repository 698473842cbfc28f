// SPDX-License-Identifier: Apache-2.0
// Whatever a server tells leads to what proves it, and that holds without the server.
#include <stdio.h>

#include "chaincore/chain/state_key.h"
#include "chaincore/light/light.h"
#include "tests/joint/explorer_fixture.h"

static const char OF_TX[] = "/v1/transactions/{id}/proof", OF_BLOCK[] = "/v1/blocks/{height}/proof",
                  OF_ACCOUNT[] = "/v1/accounts/{address}/proof",
                  OF_CONTRACT[] = "/v1/contracts/{address}/proof",
                  OF_STORAGE[] = "/v1/contracts/{address}/storage/{key}/proof";

// Replaces the content with the proof under the path.
static void fetch(struct buf *out, const char *pattern, const char *path) {
    struct hash claimed;
    json_decref(get(pattern, path, 200)); // held against the document
    buf_reset(out);
    assert_ok(proof_file_read(&claimed, out, buf_bytes(&answer.body)));
    ck_assert(hash_equal(&claimed, node_chain_id(fixture.node)));
    ck_assert_ptr_nonnull(
        strstr(answer_header(&answer, "Content-Disposition"), ".lmm-proof.json\""));
}

static void check_entry(const struct entry_proof *proof, enum state_space space,
                        struct bytes rest) {
    struct light_fact fact;
    enum light_step step;
    struct state_key key;
    const struct account_id *id = space == STATE_ACCOUNT ? &fixture.ids[0] : &fixture.contract;
    assert_ok(light_check_entry(&fact, &step, proof, node_chain_id(fixture.node)));
    state_key_make(&key, space, id, rest);
    assert_bytes_equal(proof->key, state_key_bytes(&key));
}

START_TEST(each_transaction_and_each_block_leads_to_its_proof) {
    static struct tx_proof tx_proof;
    static struct block_proof block_proof;
    struct hash id;
    struct light_fact fact;
    enum light_step step;
    struct buf proof = {0};
    char path[160];
    if (!begin(_i)) return;
    pay(1, &fixture.ids[2], &id); // which tells no event
    await_index();
    snprintf(path, sizeof path, "/v1/transactions/%s", hex_of(&id));
    json_t *tx = get("/v1/transactions/{id}", path, 200), *decoded = get_decoded(&id);
    ck_assert_str_eq(text_of(decoded, "proof"), text_of(tx, "proof"));
    fetch(&proof, OF_TX, text_of(tx, "proof"));
    assert_ok(tx_proof_decode(&tx_proof, buf_bytes(&proof)));
    assert_ok(light_check_tx_proof(&fact, &step, &tx_proof, node_chain_id(fixture.node)));
    ck_assert(hash_equal(&fact.tx_id, &id));
    ck_assert_int_eq((int64_t)fact.height, number_of(tx, "height"));
    snprintf(path, sizeof path, "/v1/blocks/%lld", (long long)number_of(tx, "height"));
    json_t *block = get("/v1/blocks/{height}", path, 200);
    const json_t *inside = json_array_get(json_object_get(block, "transactions"), 0);
    ck_assert_str_eq(text_of(inside, "proof"), text_of(tx, "proof"));
    fetch(&proof, OF_BLOCK, text_of(block, "proof"));
    assert_ok(block_proof_decode(&block_proof, buf_bytes(&proof)));
    assert_ok(light_check_block(&fact, &step, &block_proof, node_chain_id(fixture.node)));
    struct hash block_id;
    header_id(&block_id, &block_proof.ground.header);
    ck_assert_str_eq(hex_of(&block_id), text_of(block, "id"));
    json_decref(tx);
    json_decref(decoded);
    json_decref(block);
    buf_clear(&proof);
    end();
}
END_TEST

START_TEST(an_account_a_contract_and_what_it_keeps_are_proven) {
    static struct entry_proof entry;
    struct hash id;
    struct buf proof = {0};
    char path[320];
    if (!begin(_i)) return;
    ck_assert_int_eq(call_pot("give", 7, &id), TX_CODE_OK);
    await_index();
    snprintf(path, sizeof path, "/v1/accounts/%s", address_of(&fixture.ids[0]));
    json_t *account = get("/v1/accounts/{address}", path, 200);
    ck_assert_int_ge(number_of(account, "height"), 1);
    fetch(&proof, OF_ACCOUNT, text_of(account, "proof"));
    assert_ok(entry_proof_decode(&entry, buf_bytes(&proof)));
    check_entry(&entry, STATE_ACCOUNT, bytes_of("", 0));
    ck_assert(entry.has_value);
    snprintf(path, sizeof path, "/v1/contracts/%s", address_of(&fixture.contract));
    json_t *contract = get("/v1/contracts/{address}", path, 200);
    ck_assert_int_eq(number_of(contract, "height"), 0);
    ck_assert(json_is_null(json_object_get(contract, "tx")));
    fetch(&proof, OF_CONTRACT, text_of(contract, "proof"));
    assert_ok(entry_proof_decode(&entry, buf_bytes(&proof)));
    check_entry(&entry, STATE_CONTRACT, bytes_of("", 0));
    struct contract_record record;
    char code_hash[65];
    assert_ok(contract_record_decode(&record, entry.value));
    hex_encode(code_hash, BYTES_OF(record.code_hash.bytes));
    ck_assert_str_eq(code_hash, text_of(contract, "code_hash"));
    for (int is_absent = 0; is_absent < 2; is_absent++) {
        snprintf(path, sizeof path, "/v1/contracts/%s/storage/%s/proof",
                 address_of(&fixture.contract), is_absent ? "00" : "706f74");
        fetch(&proof, OF_STORAGE, path);
        assert_ok(entry_proof_decode(&entry, buf_bytes(&proof)));
        check_entry(&entry, STATE_STORAGE, is_absent ? bytes_of("", 1) : bytes_of_string("pot"));
        ck_assert_int_eq(entry.has_value, !is_absent);
    }
    json_decref(account);
    json_decref(contract);
    buf_clear(&proof);
    end();
}
END_TEST

START_TEST(a_contract_tells_what_deployed_it) {
    struct account_id counter;
    struct hash deployed;
    char path[160];
    if (!begin(_i)) return;
    deploy_counter(&counter, &deployed);
    await_index();
    snprintf(path, sizeof path, "/v1/contracts/%s", address_of(&counter));
    json_t *contract = get("/v1/contracts/{address}", path, 200);
    ck_assert_str_eq(text_of(contract, "tx"), hex_of(&deployed));
    ck_assert_int_ge(number_of(contract, "height"), 1);
    json_t *all = get_all("/v1/contracts", "/v1/contracts");
    const json_t *first = json_array_get(all, 0);
    ck_assert_str_eq(text_of(first, "proof"), text_of(contract, "proof"));
    ck_assert_str_eq(text_of(first, "tx"), text_of(contract, "tx"));
    json_decref(contract);
    json_decref(all);
    end();
}
END_TEST

START_TEST(a_contract_is_told_of_while_the_index_is_away) {
    struct account_id counter;
    struct hash deployed;
    char path[160];
    if (!begin(_i)) return;
    struct db_pool *readers = server.readers;
    deploy_counter(&counter, &deployed);
    await_index();
    assert_ok(db_pool_open(&server.readers, "sqlite:/no-such-folder/index.db", 1));
    snprintf(path, sizeof path, "/v1/contracts/%s", address_of(&counter));
    json_t *contract = get("/v1/contracts/{address}", path, 200);
    ck_assert_uint_eq(strlen(text_of(contract, "code_hash")), 64);
    ck_assert(json_is_null(json_object_get(contract, "tx")));
    ck_assert(json_is_null(json_object_get(contract, "height")));
    db_pool_close(server.readers);
    server.readers = readers;
    json_decref(contract);
    end();
}
END_TEST

START_TEST(an_account_is_the_same_until_something_but_the_height_differs) {
    struct hash id;
    char path[160], tag[128], known[192];
    if (!begin(_i)) return;
    uint16_t port = http_server_port(server.http);
    snprintf(path, sizeof path, "/v1/accounts/%s", address_of(&fixture.ids[0]));
    json_t *account = get("/v1/accounts/{address}", path, 200);
    snprintf(tag, sizeof tag, "%s", answer_header(&answer, "ETag"));
    ck_assert(strncmp(tag, "W/\"", 3) == 0);
    snprintf(known, sizeof known, "If-None-Match: %s\r\n", tag);
    pay(1, &fixture.ids[2], &id); // of others, in a block of its own
    json_t *later = get("/v1/accounts/{address}", path, 200);
    ck_assert_int_gt(number_of(later, "height"), number_of(account, "height"));
    ck_assert_str_eq(answer_header(&answer, "ETag"), tag);
    ask_get(&answer, port, path, known);
    ck_assert_int_eq(answer.code, 304);
    ck_assert_str_eq(answer_header(&answer, "ETag"), tag);
    pay(1, &fixture.ids[0], &id);
    ask_get(&answer, port, path, known);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_ne(answer_header(&answer, "ETag"), tag);
    json_decref(account);
    json_decref(later);
    end();
}
END_TEST

START_TEST(one_who_believes_a_block_is_sent_the_state_after_it_without_reasons) {
    static struct entry_proof entry;
    struct hash id;
    struct node_head head;
    struct buf proof = {0};
    char path[160];
    if (!begin(_i)) return;
    pay(1, &fixture.ids[2], &id);
    node_head(fixture.node, &head);
    snprintf(path, sizeof path, "/v1/accounts/%s/proof?believed=%llu", address_of(&fixture.ids[0]),
             (unsigned long long)head.header.height);
    fetch(&proof, OF_ACCOUNT, path);
    assert_ok(entry_proof_decode(&entry, buf_bytes(&proof)));
    ck_assert(!entry.ground.has_backing);
    ck_assert(memcmp(&entry.ground.anchor, &head.header, sizeof head.header) == 0);
    buf_clear(&proof);
    end();
}
END_TEST

START_TEST(what_cannot_be_proven_is_refused_with_the_reason) {
    char path[700];
    struct hash id;
    if (!begin(_i)) return;
    pay(1, &fixture.ids[2], &id);
    const char *address = address_of(&fixture.ids[0]);
    get_refused(OF_TX, "/v1/transactions/none/proof", 400, "not_an_id");
    snprintf(path, sizeof path, "/v1/transactions/%064d/proof", 0);
    get_refused(OF_TX, path, 404, "not_found");
    snprintf(path, sizeof path, "/v1/transactions/%s/proof?believed=0", hex_of(&id));
    get_refused(OF_TX, path, 400, "invalid_query");
    get_refused(OF_BLOCK, "/v1/blocks/x/proof", 400, "not_a_height");
    get_refused(OF_BLOCK, "/v1/blocks/999999999/proof", 404, "not_found");
    get_refused(OF_BLOCK, "/v1/blocks/1/proof?believed=x", 400, "invalid_query");
    get_refused(OF_ACCOUNT, "/v1/accounts/none/proof", 400, "not_an_address");
    get_refused(OF_CONTRACT, "/v1/contracts/none/proof", 400, "not_an_address");
    snprintf(path, sizeof path, "/v1/accounts/%s/proof?believed=999999999", address);
    get_refused(OF_ACCOUNT, path, 404, "not_found");
    snprintf(path, sizeof path, "/v1/contracts/%s/proof?believed=x", address);
    get_refused(OF_CONTRACT, path, 400, "invalid_query");
    get_refused(OF_STORAGE, "/v1/contracts/none/storage/00/proof", 400, "not_an_address");
    static const char *const wrong[] = {"0", "0g"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/v1/contracts/%s/storage/%s/proof", address, wrong[i]);
        get_refused(OF_STORAGE, path, 400, "not_hex");
    }
    snprintf(path, sizeof path, "/v1/contracts/%s/storage/%0514d/proof", address, 0);
    get_refused(OF_STORAGE, path, 400, "not_hex");
    snprintf(path, sizeof path, "/v1/contracts/%s/storage/00/proof?believed=999999999", address);
    get_refused(OF_STORAGE, path, 404, "not_found");
    end();
}
END_TEST

void explorer_proof_cases(TCase *cases) {
    const int engines = 2;
    tcase_add_loop_test(cases, each_transaction_and_each_block_leads_to_its_proof, 0, engines);
    tcase_add_loop_test(cases, an_account_a_contract_and_what_it_keeps_are_proven, 0, engines);
    tcase_add_loop_test(cases, a_contract_tells_what_deployed_it, 0, engines);
    tcase_add_loop_test(cases, a_contract_is_told_of_while_the_index_is_away, 0, engines);
    tcase_add_loop_test(cases, an_account_is_the_same_until_something_but_the_height_differs, 0,
                        engines);
    // Without rows: one engine will do.
    tcase_add_loop_test(cases, one_who_believes_a_block_is_sent_the_state_after_it_without_reasons,
                        0, 1);
    tcase_add_loop_test(cases, what_cannot_be_proven_is_refused_with_the_reason, 0, 1);
}
