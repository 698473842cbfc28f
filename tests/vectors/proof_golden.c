// SPDX-License-Identifier: Apache-2.0
// Writes the golden proofs that other implementations are held to, one JSON file each, into a
// folder:
//   proof_golden FOLDER
// {"file": the proof file's text, "chain_id": hex, "form": its number, "height": of what it
// proves}, and of an event "payload": text or null; of an entry of the state "key": hex, "value":
// hex or null.
#include <jansson.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/light/light.h"
#include "tests/support/light_chain.h"

struct golden {
    const char *name;
    enum proof_form form;
    struct light_chain_plan plan;
    uint64_t height, anchor;
    bool has_content; // an event its payload, an entry its value
};

static const struct golden goldens[] = {
    // The event's block is the one that is signed.
    {"newest",
     PROOF_OF_EVENT,
     {.epochs = 1, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4},
     5,
     5,
     true},
    // It is an older one, in a list whose length is no power of two.
    {"history",
     PROOF_OF_EVENT,
     {.epochs = 2, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4},
     5,
     11,
     false},
    // Each set shares nobody with the next.
    {"hand-over",
     PROOF_OF_EVENT,
     {.epochs = 3, .epoch_blocks = 3, .interval_ms = 500, .witnesses = 4, .change = 4},
     1,
     8,
     true},
    // Slowly changing sets: boundaries are skipped to, and so is the anchor's set.
    {"skip",
     PROOF_OF_EVENT,
     {.epochs = 12, .epoch_blocks = 3, .interval_ms = 500, .witnesses = 7, .change = 1},
     4,
     34,
     true},
    // What is no event, each on another ground.
    {"transaction",
     PROOF_OF_TX,
     {.epochs = 2, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4},
     5,
     11,
     true},
    {"entry",
     PROOF_OF_ENTRY,
     {.epochs = 1, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4},
     5,
     5,
     true},
    {"no-entry",
     PROOF_OF_ENTRY,
     {.epochs = 3, .epoch_blocks = 3, .interval_ms = 500, .witnesses = 4, .change = 4},
     1,
     8,
     false},
    {"block",
     PROOF_OF_BLOCK,
     {.epochs = 12, .epoch_blocks = 3, .interval_ms = 500, .witnesses = 7, .change = 1},
     4,
     34,
     false},
};

static struct light_fact fact;
static enum light_step step;

// Each is checked here first: a golden proof holds. Returns what its file says beside the rest.
static json_t *make_event(struct buf *out, const struct light_chain *chain,
                          struct event_proof *proof, bool has_payload) {
    proof->has_payload = has_payload;
    ENSURE(light_check_event(&fact, &step, proof, &chain->chain_id) == STATUS_OK);
    event_proof_encode(out, proof);
    return json_pack("{s:s?}", "payload",
                     has_payload ? (const char *)light_chain_payload().data : NULL);
}

static json_t *make_tx(struct buf *out, const struct light_chain *chain,
                       const struct proof_ground *ground) {
    static struct tx_proof proof;
    light_chain_prove_tx(&proof, chain, ground);
    ENSURE(light_check_tx_proof(&fact, &step, &proof, &chain->chain_id) == STATUS_OK);
    tx_proof_encode(out, &proof);
    return json_object();
}

static json_t *make_entry(struct buf *out, const struct light_chain *chain,
                          const struct proof_ground *ground, bool is_absent) {
    static struct entry_proof proof;
    char key[2 * 8 + 1], value[64];
    struct buf branch = {0};
    light_chain_prove_entry(&proof, chain, ground, &branch, is_absent);
    ENSURE(light_check_entry(&fact, &step, &proof, &chain->chain_id) == STATUS_OK);
    entry_proof_encode(out, &proof);
    hex_encode(key, proof.key);
    if (proof.has_value) hex_encode(value, proof.value);
    buf_clear(&branch);
    return json_pack("{s:s, s:s?}", "key", key, "value", is_absent ? NULL : value);
}

static json_t *make_block(struct buf *out, const struct light_chain *chain,
                          const struct proof_ground *ground) {
    static struct block_proof proof;
    proof.ground = *ground;
    ENSURE(light_check_block(&fact, &step, &proof, &chain->chain_id) == STATUS_OK);
    block_proof_encode(out, &proof);
    return json_object();
}

static json_t *make(struct buf *out, const struct golden *golden, struct light_chain *chain) {
    struct light_chain_proof made;
    json_t *more = NULL;
    ENSURE(light_chain_prove(&made, chain, golden->height, golden->anchor) == STATUS_OK);
    if (golden->form == PROOF_OF_EVENT)
        more = make_event(out, chain, &made.proof, golden->has_content);
    else if (golden->form == PROOF_OF_TX)
        more = make_tx(out, chain, &made.proof.ground);
    else if (golden->form == PROOF_OF_ENTRY)
        more = make_entry(out, chain, &made.proof.ground, !golden->has_content);
    else
        more = make_block(out, chain, &made.proof.ground);
    light_chain_proof_clear(&made);
    return more;
}

static void write_golden(const char *folder, const struct golden *golden) {
    struct light_chain chain;
    struct buf encoded = {0}, file = {0}, path = {0};
    char id[65];
    light_chain_make(&chain, &golden->plan);
    json_t *more = make(&encoded, golden, &chain);
    proof_file_write(&file, &chain.chain_id, buf_bytes(&encoded));
    hex_encode(id, BYTES_OF(chain.chain_id.bytes));
    json_t *json =
        json_pack("{s:s%, s:s, s:i, s:I}", "file", (const char *)file.data, file.len, "chain_id",
                  id, "form", (int)golden->form, "height", (json_int_t)golden->height);
    ENSURE(json_object_update_new(json, more) == 0);
    char *text = json_dumps(json, JSON_INDENT(2));
    ENSURE(text);
    buf_reset(&file);
    buf_append_format(&file, "%s\n", text);
    buf_append_format(&path, "%s/%s.json", folder, golden->name);
    ENSURE(file_replace(buf_as_string(&path), buf_bytes(&file), 0644) == STATUS_OK);
    free(text);
    json_decref(json);
    light_chain_clear(&chain);
    buf_clear(&encoded);
    buf_clear(&file);
    buf_clear(&path);
}

int main(int argc, char **argv) {
    if (argc != 2 || crypto_init() != STATUS_OK) return 2;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++)
        write_golden(argv[1], &goldens[i]);
    return 0;
}
