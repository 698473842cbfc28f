// SPDX-License-Identifier: Apache-2.0
// Charges against witnesses: from where the driver met two signatures that contradict one another
// to where the chain has punished whose they are. They outlive a restart, for perhaps nobody else
// has met the same two.
//
// Any account may show evidence, and pays the gas of it. This node's are those that its keys of
// blocks stand for by themselves: the treasury's key does not lie on a server. One transaction is
// enough, so the witnesses take turns: each waits for as long as those before it need.
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/contract/gas.h"
#include "chaincore/contract/punish.h"
#include "chaincore/contract/stake.h"
#include "chaincore/crypto/address.h"
#include "chaincore/node/replica_inside.h"
#include "chaincore/witness/accusation.h"

enum {
    TURN_BLOCKS = 3,   // until what one has sent is final, as a rule
    VALID_BLOCKS = 60, // after which it is sent once more
    AGAIN_MS = 60 * 1000,
    CHARGE_GAS = GAS_TX_BASE + GAS_TX_SIGNATURE + GAS_EVIDENCE + 1024 * GAS_TX_BYTE,
};

static void path_of(char out[PATH_MAX], const struct node *node) {
    int len = snprintf(out, PATH_MAX, "%s/evidence", node->folder);
    ENSURE(len > 0 && len < PATH_MAX);
}

// --- what there is to do ---

// Whether its witness can still be punished for it: a witness of genesis that never registered has
// no stake, one punishment is enough for all of an epoch, and none is for what is too long ago.
// What speaks against an own key is for others to bring.
static bool is_open(struct node *node, const struct evidence *evidence) {
    struct witnesses witnesses;
    struct candidate candidate;
    if (!node_witnesses(node, evidence->epoch, &witnesses)) return false;
    if (evidence->witness >= witnesses.count) return false;
    if (seats_own_key(node, &witnesses.list[evidence->witness].key)) return false;
    struct node_head head;
    node_head(node, &head);
    struct punish_time now = {.epoch = seats_epoch(node, head.header.height + 1),
                              .time_ms = head.header.time_ms};
    struct state_version *version = node_state(node);
    const struct state_view *view = state_version_view(version);
    bool is_due = candidate_load(&candidate, view, &witnesses.list[evidence->witness].account) &&
                  candidate.answers_from <= evidence->epoch &&
                  punish_counts(view, evidence->epoch, &now);
    node_state_release(version);
    return is_due;
}

// Behind how many others: who is no witness now comes behind all of them.
static uint64_t turn_of(const struct replica *replica, const struct evidence *evidence) {
    uint16_t count = replica->set.count;
    for (uint16_t turn = 0; turn < count; turn++) {
        size_t witness = (evidence->view + turn) % count;
        if (seats_own_key(replica->node, &replica->set.keys[witness])) return turn;
    }
    return count;
}

static bool is_known(const struct replica *replica, const struct evidence *evidence) {
    for (size_t i = 0; i < replica->charge_count; i++) {
        const struct evidence *other = &replica->charges[i].evidence;
        if (other->epoch == evidence->epoch && other->witness == evidence->witness) return true;
    }
    return false;
}

static void add(struct replica *replica, const struct evidence *evidence) {
    struct node *node = replica->node;
    if (node->key_count == 0 || is_known(replica, evidence) || !is_open(node, evidence)) return;
    if (replica->charge_count == LIMIT_CHARGES) {
        log_warning("node", "evidence is passed over: too much of it waits");
        return;
    }
    replica->charges[replica->charge_count++] =
        (struct charge){.evidence = *evidence, .since = replica->head_height};
    replica->has_new_charges = true;
}

// Once in an epoch: it may go on with that in every view.
static void name_witness(struct replica *replica, const struct evidence *evidence) {
    char key[2 * sizeof(struct public_key) + 1];
    if (evidence->witness >= replica->set.count || replica->is_accused[evidence->witness]) return;
    replica->is_accused[evidence->witness] = true;
    hex_encode(key, BYTES_OF(replica->set.keys[evidence->witness]));
    log_warning("node", "a witness has signed what contradicts itself", log_text("key", key),
                log_number("epoch", (int64_t)evidence->epoch),
                log_number("view", (int64_t)evidence->view));
}

void charges_take(void *context, const struct driver_evidence *found) {
    struct replica *replica = context;
    struct evidence evidence;
    if (!evidence_of_votes(&evidence, &found->first, &found->second)) return;
    name_witness(replica, &evidence);
    add(replica, &evidence);
}

// --- over restarts ---

// What a disk has changed would cost its gas again and again, and prove nothing.
static bool is_proven(struct node *node, const struct evidence *evidence) {
    struct witnesses witnesses;
    struct witness_set set;
    if (!node_witnesses(node, evidence->epoch, &witnesses)) return false;
    witnesses_set(&set, &witnesses);
    return evidence_verify(evidence, &set, &node->chain_id);
}

// False: some of it is not what was kept.
static bool take_kept(struct replica *replica, struct bytes kept) {
    struct decoder in = decoder_of(kept);
    struct evidence evidence;
    bool is_whole = true;
    while (decoder_left(&in) > 0) {
        evidence_decode_from(&in, &evidence);
        if (in.status != STATUS_OK) return false;
        if (is_proven(replica->node, &evidence))
            add(replica, &evidence);
        else
            is_whole = false;
    }
    return is_whole;
}

static enum status set_aside(const char *path) {
    char aside[PATH_MAX];
    int len = snprintf(aside, sizeof aside, "%s.damaged", path);
    ENSURE(len > 0 && len < PATH_MAX);
    log_warning("node", "evidence that was kept is damaged, and set aside",
                log_text("file", aside));
    return rename(path, aside) == 0 ? file_sync_parent(path) : STATUS_IO;
}

enum status charges_load(struct replica *replica) {
    char path[PATH_MAX];
    struct buf stored = {0};
    if (replica->node->key_count == 0) return STATUS_OK;
    path_of(path, replica->node);
    enum status status = file_read(&stored, path, (size_t)LIMIT_CHARGES * EVIDENCE_BYTES);
    bool is_whole = status == STATUS_OK && take_kept(replica, buf_bytes(&stored));
    buf_clear(&stored);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status == STATUS_IO) return status;
    replica->has_new_charges = !is_whole;
    return is_whole ? STATUS_OK : set_aside(path);
}

static enum status store(const struct replica *replica) {
    char path[PATH_MAX];
    struct buf encoded = {0};
    path_of(path, replica->node);
    for (size_t i = 0; i < replica->charge_count; i++)
        evidence_encode(&encoded, &replica->charges[i].evidence);
    enum status status = file_replace(path, buf_bytes(&encoded), 0600);
    buf_clear(&encoded);
    return status;
}

// --- showing it ---

struct sending {
    struct evidence evidence;
    uint64_t height;
    uint64_t gas_price;
};

static enum tx_code send_from(struct replica *replica, const struct secret_key *key,
                              const struct sending *sending) {
    struct node *node = replica->node;
    struct public_key public;
    struct buf encoded = {0};
    struct tx tx = {.version = TX_VERSION,
                    .valid_until = sending->height + VALID_BLOCKS,
                    .gas_limit = CHARGE_GAS,
                    .gas_price = sending->gas_price,
                    .action_count = 1};
    tx.actions[0] = (struct tx_action){.kind = TX_EVIDENCE, .evidence = sending->evidence};
    key_public_of(&public, key);
    account_id_of_key(&tx.sender, &public);
    tx.seq = node_next_seq(node, &(struct tx_lane){.account = tx.sender});
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, key, &node->chain_id) == STATUS_OK);
    tx_encode(&encoded, &tx);
    struct node_submission item = {.encoded = buf_bytes(&encoded)};
    node_admit(node, &item, 1);
    if (item.code == TX_CODE_OK) txs_note(replica, item.encoded, &item.id, &(struct holders){0});
    buf_clear(&encoded);
    return item.code;
}

// The first account that can pay.
static bool send_from_any(struct replica *replica, const struct sending *sending) {
    const struct node *node = replica->node;
    for (size_t k = 0; k < node->key_count; k++)
        if (send_from(replica, &node->keys[k], sending) == TX_CODE_OK) return true;
    return false;
}

static void tell_who_could_pay(const struct node *node) {
    struct public_key public;
    char address[ADDRESS_CHARS + 1];
    key_public_of(&public, &node->keys[0]);
    address_of_key(address, &public);
    log_warning("node", "evidence waits for an account that pays its gas: send some LMM to",
                log_text("address", address));
}

static void send(struct replica *replica, struct charge *charge) {
    struct node *node = replica->node;
    pthread_mutex_lock(&node->lock);
    struct sending sending = {.evidence = charge->evidence,
                              .height = node->head.header.height,
                              .gas_price = node->params.min_gas_price};
    pthread_mutex_unlock(&node->lock);
    if (send_from_any(replica, &sending)) {
        charge->sent_until = sending.height + VALID_BLOCKS;
        replica->counts.charges++;
        return;
    }
    charge->due_ms = replica->time.now_ms + AGAIN_MS;
    if (!charge->is_told) tell_who_could_pay(node);
    charge->is_told = true;
}

static void sweep(struct replica *replica) {
    size_t kept = 0;
    for (size_t i = 0; i < replica->charge_count; i++)
        if (is_open(replica->node, &replica->charges[i].evidence))
            replica->charges[kept++] = replica->charges[i];
    replica->has_new_charges = replica->has_new_charges || kept < replica->charge_count;
    replica->charge_count = kept;
    replica->charges_height = replica->head_height;
}

static void run_one(struct replica *replica, struct charge *charge) {
    uint64_t now_ms = replica->time.now_ms;
    if (charge->due_ms == 0) {
        uint64_t turn_ms = (uint64_t)TURN_BLOCKS * replica->node->genesis.params.block_interval_ms;
        charge->due_ms = now_ms + turn_of(replica, &charge->evidence) * turn_ms;
    }
    bool is_sent = charge->sent_until > 0 && replica->head_height <= charge->sent_until;
    if (now_ms >= charge->due_ms && !is_sent) send(replica, charge);
}

enum status charges_run(struct replica *replica) {
    if (replica->charge_count > 0 && replica->head_height > replica->charges_height) sweep(replica);
    for (size_t i = 0; i < replica->charge_count; i++) run_one(replica, &replica->charges[i]);
    if (!replica->has_new_charges) return STATUS_OK;
    replica->has_new_charges = false;
    return store(replica);
}

uint64_t charges_wake_ms(const struct replica *replica) {
    uint64_t wake_ms = UINT64_MAX;
    for (size_t i = 0; i < replica->charge_count; i++) {
        const struct charge *charge = &replica->charges[i];
        if (charge->sent_until == 0 && charge->due_ms < wake_ms) wake_ms = charge->due_ms;
    }
    return wake_ms;
}
