// SPDX-License-Identifier: Apache-2.0
// The supply-chain contract's captures (custody.c is the other half): who captured which EPCIS
// events, and when. Documents lie in the transactions themselves; the state keeps what must be
// looked up for ever: an event's hash and where it was anchored, which content an eventID stands
// for, and the chunks of open jobs.
//
// A document that fits one transaction is captured at once. A larger one is staged in chunks under
// a job of its sender, and its events are registered when `close` commits: all of them or none. One
// that is not to be closed can be dropped, by its sender alone and at any time: whoever pays for
// that gets the deposit for what was staged.
//
// Rules, per event and account: an eventID names one content for ever. The same again is accepted
// and marked as known; other content under the same eventID is refused, unless it is an error
// declaration, which stands beside what it corrects. No account's captures bear on another's:
// nobody can see here whether a document holds what its entries say, so a stranger's entries would
// else block whoever owns the eventID (docs/adr/009).
//
// An entry is {flags u8, event hash, hash of the eventID, hash of the event's bytes}: the contract
// registers them, anyone can compute them from the document.
#include "apps/supplychain/contract/captures.h"
#include "chaincore/sdk/lmm.h"

enum { HASH_LEN = 32, JOB_LEN = 32, ENTRY_LEN = 1 + 3 * HASH_LEN };

enum { // bounds
    MAX_ENTRIES_PER_CALL = 640,
    MAX_ENTRIES_PER_EVENT = 160, // so that a chain event stays below 16 KiB
    MAX_CHUNKS = 1024,
    MAX_JOB_ENTRIES = 16384,
    MAX_CHUNK_BYTES = 64 * 1024,
};

enum { // refusals; their sentences stand in the ABI section below
    BAD_ARGUMENTS = LMM_BAD_ARGUMENTS,
    EVENT_ID_CONFLICT = 2,
    JOB_EXISTS = 3,
    JOB_UNKNOWN = 4,
    CHUNK_OUT_OF_ORDER = 5,
    JOB_INCOMPLETE = 6,
    NO_EVENTS = 7,
    TOO_MANY_EVENTS = 8,
    BAD_FLAGS = 9,
    NOT_IN_A_TRANSACTION = 10,
};

enum { // flags of an entry
    IS_ERROR_DECLARATION = 1,
    HAD_EVENT_ID = 2,
    IS_KNOWN = 128, // set by the contract: this content was registered before
};

struct entry {
    uint8_t flags;
    uint8_t event_hash[HASH_LEN];
    uint8_t id_hash[HASH_LEN];
    uint8_t body_hash[HASH_LEN];
};
_Static_assert(sizeof(struct entry) == ENTRY_LEN, "entries lie back to back");

struct job {
    uint8_t is_closed;
    uint32_t chunk_count;
    uint32_t entry_count;
    uint64_t byte_count;
} __attribute__((packed));

// What is kept of an account's events:
//   'i' ‖ account ‖ eventID's hash                 -> event hash
//   'd' ‖ account ‖ eventID's hash ‖ body's hash   -> nothing: the declaration is known
//   'h' ‖ event hash ‖ account                     -> place, where the account first anchored it
struct event_key {
    uint8_t kind;
    uint8_t parts[3][HASH_LEN];
};
enum { EVENT_KEY_LEN = 1 + 2 * HASH_LEN, DECLARATION_KEY_LEN = 1 + 3 * HASH_LEN };

struct place {
    uint64_t height;
    uint8_t tx_id[HASH_LEN];
    uint32_t index; // among the job's events
} __attribute__((packed));

struct job_key {
    uint8_t kind; // 'j', or 'c' with a chunk's index behind
    uint8_t sender[32];
    uint8_t job[JOB_LEN];
    uint8_t chunk_be[4];
};
enum { JOB_KEY_LEN = 1 + 32 + JOB_LEN, CHUNK_KEY_LEN = JOB_KEY_LEN + 4 };

// A chain event "captured": the job, the first entry's index among its events, the entries.
struct captured {
    uint8_t job[JOB_LEN];
    uint32_t first;
    uint32_t count;
    struct entry entries[MAX_ENTRIES_PER_EVENT];
} __attribute__((packed));

struct chunk {
    uint8_t hash[HASH_LEN];
    uint32_t entry_count;
    struct entry entries[MAX_ENTRIES_PER_CALL];
} __attribute__((packed));

static struct captured outgoing;
static struct chunk chunk;
static uint8_t document[MAX_CHUNK_BYTES];

static void flush(void) {
    static const char topic[] = "captured";
    if (outgoing.count == 0) return;
    uint32_t len = JOB_LEN + 8 + outgoing.count * ENTRY_LEN;
    lmm_event(topic, sizeof topic - 1, &outgoing, len);
    outgoing.first += outgoing.count;
    outgoing.count = 0;
}

// True when the same declaration, to the byte, was registered before.
static bool register_declaration(const struct entry *entry) {
    struct event_key key = {.kind = 'd'};
    uint8_t present = 1;
    lmm_caller(key.parts[0]);
    memcpy(key.parts[1], entry->id_hash, HASH_LEN);
    memcpy(key.parts[2], entry->body_hash, HASH_LEN);
    if (lmm_storage_get(&key, DECLARATION_KEY_LEN, &present, 1) >= 0) return true;
    lmm_storage_set(&key, DECLARATION_KEY_LEN, &present, 1);
    return false;
}

static bool register_event(const struct entry *entry) {
    struct event_key key = {.kind = 'i'};
    uint8_t known_hash[HASH_LEN];
    lmm_caller(key.parts[0]);
    memcpy(key.parts[1], entry->id_hash, HASH_LEN);
    if (lmm_storage_get(&key, EVENT_KEY_LEN, known_hash, HASH_LEN) >= 0) {
        if (memcmp(known_hash, entry->event_hash, HASH_LEN) != 0) lmm_refuse(EVENT_ID_CONFLICT);
        return true;
    }
    lmm_storage_set(&key, EVENT_KEY_LEN, entry->event_hash, HASH_LEN);
    return false;
}

// Keeps the account's first place of a content; a second eventID for it does not move it.
static void note_place(const struct entry *entry, uint32_t index) {
    struct event_key key = {.kind = 'h'};
    struct place place;
    memcpy(key.parts[0], entry->event_hash, HASH_LEN);
    lmm_caller(key.parts[1]);
    if (lmm_storage_get(&key, EVENT_KEY_LEN, &place, sizeof place) >= 0) return;
    place.height = lmm_block_height();
    lmm_tx_id(place.tx_id);
    place.index = index;
    lmm_storage_set(&key, EVENT_KEY_LEN, &place, sizeof place);
}

bool captures_has_event(const uint8_t event_hash[HASH_LEN]) {
    struct event_key key = {.kind = 'h'};
    struct place place;
    memcpy(key.parts[0], event_hash, HASH_LEN);
    lmm_caller(key.parts[1]);
    return lmm_storage_get(&key, EVENT_KEY_LEN, &place, sizeof place) >= 0;
}

static void register_entry(const struct entry *entry) {
    if (entry->flags & ~(IS_ERROR_DECLARATION | HAD_EVENT_ID)) lmm_refuse(BAD_FLAGS);
    bool is_declaration = entry->flags & IS_ERROR_DECLARATION;
    bool is_known = is_declaration ? register_declaration(entry) : register_event(entry);
    if (!is_known) note_place(entry, outgoing.first + outgoing.count);
    struct entry *copy = &outgoing.entries[outgoing.count++];
    *copy = *entry;
    if (is_known) copy->flags |= IS_KNOWN;
    if (outgoing.count == MAX_ENTRIES_PER_EVENT) flush();
}

static void start_events(const uint8_t *job) {
    memcpy(outgoing.job, job, JOB_LEN);
    outgoing.first = 0;
    outgoing.count = 0;
}

static void make_job_key(struct job_key *out, uint8_t kind, const uint8_t *job, uint32_t index) {
    out->kind = kind;
    lmm_caller(out->sender);
    memcpy(out->job, job, JOB_LEN);
    for (int i = 0; i < 4; i++) out->chunk_be[i] = (uint8_t)(index >> (24 - 8 * i));
}

static bool load_job(struct job *out, const struct job_key *key) {
    return lmm_storage_get(key, JOB_KEY_LEN, out, sizeof *out) >= 0;
}

// Documents are read from transactions: what another contract passes on could be found nowhere.
static void demand_transaction(void) {
    if (lmm_depth() != 1) lmm_refuse(NOT_IN_A_TRANSACTION);
}

// capture(job, document: bytes, entries: vec<entry>)
LMM_METHOD(capture) {
    demand_transaction();
    struct lmm_reader arguments = lmm_arguments();
    struct job_key key;
    struct job job = {.is_closed = 1, .chunk_count = 0};
    uint8_t id[JOB_LEN];
    lmm_read(&arguments, id, JOB_LEN);
    make_job_key(&key, 'j', id, 0);
    struct job earlier;
    if (load_job(&earlier, &key)) lmm_refuse(JOB_EXISTS);
    job.byte_count = lmm_read_u32(&arguments);
    lmm_skip(&arguments, (uint32_t)job.byte_count);
    job.entry_count = lmm_read_count(&arguments, MAX_ENTRIES_PER_CALL);
    if (job.entry_count == 0) lmm_refuse(NO_EVENTS);
    start_events(id);
    for (uint32_t i = 0; i < job.entry_count; i++) {
        struct entry entry;
        lmm_read(&arguments, &entry, ENTRY_LEN);
        register_entry(&entry);
    }
    lmm_reader_end(&arguments);
    flush();
    lmm_storage_set(&key, JOB_KEY_LEN, &job, sizeof job);
}

// stage(job, index u32, chunk: bytes, entries: vec<entry>): chunks come in order; the entries of a
// document's events may ride on any of them.
LMM_METHOD(stage) {
    demand_transaction();
    struct lmm_reader arguments = lmm_arguments();
    struct job_key key;
    struct job job = {0};
    uint8_t id[JOB_LEN];
    lmm_read(&arguments, id, JOB_LEN);
    uint32_t index = lmm_read_u32(&arguments);
    make_job_key(&key, 'j', id, 0);
    bool is_open = load_job(&job, &key);
    if (is_open && job.is_closed) lmm_refuse(JOB_EXISTS);
    if (index != job.chunk_count || index >= MAX_CHUNKS) lmm_refuse(CHUNK_OUT_OF_ORDER);
    uint32_t len = lmm_read_count(&arguments, MAX_CHUNK_BYTES);
    lmm_read(&arguments, document, len);
    lmm_hash(document, len, chunk.hash);
    chunk.entry_count = lmm_read_count(&arguments, MAX_ENTRIES_PER_CALL);
    lmm_read(&arguments, chunk.entries, chunk.entry_count * ENTRY_LEN);
    lmm_reader_end(&arguments);
    job.chunk_count++;
    job.entry_count += chunk.entry_count;
    job.byte_count += len;
    if (job.entry_count > MAX_JOB_ENTRIES) lmm_refuse(TOO_MANY_EVENTS);
    lmm_storage_set(&key, JOB_KEY_LEN, &job, sizeof job);
    make_job_key(&key, 'c', id, index);
    lmm_storage_set(&key, CHUNK_KEY_LEN, &chunk, HASH_LEN + 4 + chunk.entry_count * ENTRY_LEN);
}

// close(job, chunks u32, bytes u64): registers the staged events, in the order of their chunks.
LMM_METHOD(close) {
    demand_transaction();
    struct lmm_reader arguments = lmm_arguments();
    struct job_key key;
    struct job job;
    uint8_t id[JOB_LEN];
    lmm_read(&arguments, id, JOB_LEN);
    uint32_t chunk_count = lmm_read_u32(&arguments);
    uint64_t byte_count = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    make_job_key(&key, 'j', id, 0);
    if (!load_job(&job, &key)) lmm_refuse(JOB_UNKNOWN);
    if (job.is_closed) lmm_refuse(JOB_EXISTS);
    if (job.chunk_count != chunk_count || job.byte_count != byte_count) lmm_refuse(JOB_INCOMPLETE);
    if (job.entry_count == 0) lmm_refuse(NO_EVENTS);
    start_events(id);
    for (uint32_t index = 0; index < chunk_count; index++) {
        make_job_key(&key, 'c', id, index);
        lmm_storage_get(&key, CHUNK_KEY_LEN, &chunk, sizeof chunk);
        for (uint32_t i = 0; i < chunk.entry_count; i++) register_entry(&chunk.entries[i]);
        lmm_storage_delete(&key, CHUNK_KEY_LEN);
    }
    flush();
    job.is_closed = 1;
    make_job_key(&key, 'j', id, 0);
    lmm_storage_set(&key, JOB_KEY_LEN, &job, sizeof job);
}

// drop(job): nothing remains of what was staged, and the job's id is free again.
LMM_METHOD(drop) {
    demand_transaction(); // so that every index sees it
    struct lmm_reader arguments = lmm_arguments();
    struct job_key key;
    struct job job;
    uint8_t id[JOB_LEN];
    lmm_read(&arguments, id, JOB_LEN);
    lmm_reader_end(&arguments);
    make_job_key(&key, 'j', id, 0);
    if (!load_job(&job, &key)) lmm_refuse(JOB_UNKNOWN);
    if (job.is_closed) lmm_refuse(JOB_EXISTS);
    lmm_storage_delete(&key, JOB_KEY_LEN);
    for (uint32_t index = 0; index < job.chunk_count; index++) {
        make_job_key(&key, 'c', id, index);
        lmm_storage_delete(&key, CHUNK_KEY_LEN);
    }
}

// place(event hash, account) -> option<{height, transaction, index}>
LMM_VIEW(place) {
    struct lmm_reader arguments = lmm_arguments();
    struct event_key key = {.kind = 'h'};
    struct {
        uint8_t is_there;
        struct place place;
    } __attribute__((packed)) out = {0};
    lmm_read(&arguments, key.parts, 2 * HASH_LEN);
    lmm_reader_end(&arguments);
    out.is_there = lmm_storage_get(&key, EVENT_KEY_LEN, &out.place, sizeof out.place) >= 0;
    lmm_return(&out, out.is_there ? sizeof out : 1);
}

// job(sender, job) -> option<{closed, chunks, events, bytes}>
LMM_VIEW(job) {
    struct lmm_reader arguments = lmm_arguments();
    struct job_key key = {.kind = 'j'};
    struct {
        uint8_t is_there;
        struct job job;
    } __attribute__((packed)) out = {0};
    lmm_read(&arguments, key.sender, sizeof key.sender);
    lmm_read(&arguments, key.job, JOB_LEN);
    lmm_reader_end(&arguments);
    out.is_there = load_job(&out.job, &key);
    lmm_return(&out, out.is_there ? sizeof out : 1);
}

LMM_ABI;
