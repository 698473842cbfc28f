// SPDX-License-Identifier: Apache-2.0
// Writes the golden proofs that other implementations are held to, one JSON file each, into a
// folder:
//   proof_golden FOLDER
// {"file": the proof file's text, "chain_id": hex, "height": of the event, "payload": text or
// null}.
#include <jansson.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/light/light.h"
#include "tests/support/light_chain.h"

struct golden {
    const char *name;
    struct light_chain_plan plan;
    uint64_t height, anchor;
    bool has_payload;
};

static const struct golden goldens[] = {
    // The event's block is the one that is signed.
    {"newest", {.epochs = 1, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4}, 5, 5, true},
    // It is an older one, in a list whose length is no power of two.
    {"history", {.epochs = 2, .epoch_blocks = 9, .interval_ms = 500, .witnesses = 4}, 5, 11, false},
    // Each set shares nobody with the next.
    {"hand-over",
     {.epochs = 3, .epoch_blocks = 3, .interval_ms = 500, .witnesses = 4, .change = 4},
     1,
     8,
     true},
    // Slowly changing sets: boundaries are skipped to, and so is the anchor's set.
    {"skip",
     {.epochs = 12, .epoch_blocks = 3, .interval_ms = 500, .witnesses = 7, .change = 1},
     4,
     34,
     true},
};

// Checked here first: a golden proof holds.
static void check(const struct light_chain *chain, const struct buf *encoded) {
    static struct event_proof proof;
    struct light_fact fact;
    enum light_step step;
    ENSURE(event_proof_decode(&proof, buf_bytes(encoded)) == STATUS_OK);
    ENSURE(light_check_event(&fact, &step, &proof, &chain->chain_id) == STATUS_OK);
}

static void write_golden(const char *folder, const struct golden *golden) {
    struct light_chain chain;
    struct light_chain_proof made;
    struct buf encoded = {0}, file = {0}, path = {0};
    char id[65];
    light_chain_make(&chain, &golden->plan);
    ENSURE(light_chain_prove(&made, &chain, golden->height, golden->anchor) == STATUS_OK);
    made.proof.has_payload = golden->has_payload;
    event_proof_encode(&encoded, &made.proof);
    check(&chain, &encoded);
    proof_file_write(&file, &chain.chain_id, buf_bytes(&encoded));
    hex_encode(id, BYTES_OF(chain.chain_id.bytes));
    json_t *json = json_pack("{s:s%, s:s, s:I, s:s?}", "file", (const char *)file.data, file.len,
                             "chain_id", id, "height", (json_int_t)golden->height, "payload",
                             golden->has_payload ? (const char *)light_chain_payload().data : NULL);
    char *text = json_dumps(json, JSON_INDENT(2));
    ENSURE(text);
    buf_reset(&file);
    buf_append_format(&file, "%s\n", text);
    buf_append_format(&path, "%s/%s.json", folder, golden->name);
    ENSURE(file_replace(buf_as_string(&path), buf_bytes(&file), 0644) == STATUS_OK);
    free(text);
    json_decref(json);
    light_chain_proof_clear(&made);
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
