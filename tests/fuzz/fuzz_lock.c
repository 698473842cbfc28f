// SPDX-License-Identifier: Apache-2.0
// Any bytes as what comes to a lock: the first byte says whether they are a message or frames, each
// behind its length. Whatever it is, the bolt stays shut, and the answer can be read.
#include "apps/sharing/lock/lock.h"
#include "tests/support/light_chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool keep(void *context, unsigned slot, struct bytes content) {
    (void)context;
    ENSURE(slot < LOCK_SLOTS && content.len <= LOCK_SLOT_MAX_BYTES);
    return true;
}

// A nonce that a corpus can hold.
static void draw(void *context, void *out, size_t len) {
    (void)context;
    memset(out, 7, len);
}

static const struct lock_port port = {.write = keep, .draw = draw};
static struct lock fresh;

static void make_lock(void) {
    struct light_chain chain;
    light_chain_make(&chain,
                     &(struct light_chain_plan){
                         .epochs = 2, .epoch_blocks = 4, .interval_ms = 1000, .witnesses = 4});
    struct lock_setup setup = {.seed = {3},
                               .chain_id = chain.chain_id,
                               .genesis_head = buf_bytes(&chain.genesis_head),
                               .now_ms = chain.plan.begin_ms};
    ENSURE(lock_set_up(&fresh, &port, &setup, 0) == STATUS_OK);
    light_chain_clear(&chain);
}

static void read_answer(struct lock *lock) {
    static struct lock_frames_in in;
    uint8_t frame[LIMIT_LOCK_FRAME_BYTES];
    bool is_whole = true;
    size_t len;
    memset(&in, 0, sizeof in);
    while ((len = lock_give(lock, frame, sizeof frame)) > 0)
        ENSURE(lock_frame_take(&in, &is_whole, bytes_of(frame, len)) == LOCK_CODE_OK);
    ENSURE(is_whole && !lock->is_open && !lock->state.is_in_use);
}

static void send(struct lock *lock, struct bytes frame) {
    lock_receive(lock, frame, &(struct lock_moment){.uptime_ms = 1});
    read_answer(lock);
}

static void send_message(struct lock *lock, struct bytes message) {
    struct lock_frames_out out = {.message = message};
    uint8_t frame[LIMIT_LOCK_FRAME_BYTES];
    size_t len;
    if (message.len > LIMIT_LOCK_MESSAGE_BYTES) return;
    while ((len = lock_frame_give(&out, frame, sizeof frame)) > 0) send(lock, bytes_of(frame, len));
}

static void check_slot(struct bytes slot) {
    static struct lock_state state;
    static uint8_t again[LOCK_SLOT_MAX_BYTES];
    const struct bytes slots[LOCK_SLOTS] = {slot, {0}};
    struct buf out = BUF_OVER(again);
    uint64_t generation;
    if (lock_flash_read(&state, &generation, slots) != STATUS_OK) return;
    lock_flash_encode(&out, &state, generation);
    ENSURE(bytes_equal(buf_bytes(&out), slot));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct lock lock;
    if (size == 0) return 0;
    if (fresh.generation == 0) make_lock();
    lock = fresh;
    struct bytes in = bytes_of(data + 1, size - 1);
    if (data[0] == 0) {
        static const uint8_t greet[] = {LOCK_ASK_CHALLENGE};
        send_message(&lock, BYTES_OF(greet));
        send_message(&lock, in);
    } else if (data[0] == 1) {
        while (in.len > 0) {
            size_t len = in.data[0] < in.len - 1 ? in.data[0] : in.len - 1;
            send(&lock, bytes_of(in.data + 1, len));
            in = bytes_of(in.data + 1 + len, in.len - 1 - len);
        }
    } else {
        check_slot(in);
    }
    return 0;
}
