// SPDX-License-Identifier: Apache-2.0
// A business that lets its own server sign: by its own account, and by further ones that have
// names. Transactions of an account go in the order they are made, each job of them kept by an
// outbox before it is accepted. A thread follows the chain and sees that what was accepted gets
// there, over refusals that pass, stops and crashes; what one account waits for holds up no other.
// What was accepted for an account whose key has been taken away since goes out as it was signed.
//
// Thread-safe.
#ifndef LMM_SERVER_SIGNER_H
#define LMM_SERVER_SIGNER_H

#include "apps/common/server/keys.h"
#include "apps/common/server/outbox.h"
#include "chaincore/chaincore.h"

struct signer_set; // all of a server's
struct signer_key; // one account

struct signer_set_config {
    struct node *node;
    const char *path; // of the outbox' file
    const struct secret_key *own;
    const struct server_account *accounts; // no key twice
    size_t account_count;                  // up to LIMIT_SIGNERS - 1
};
// Copies the keys.
enum status signer_set_open(struct signer_set **out,
                            const struct signer_set_config *config) MUST_CHECK;
// Sends what a former process has left, and goes on following the chain.
enum status signer_set_start(struct signer_set *signers) MUST_CHECK;
// After node_stop. NULL is allowed.
void signer_set_close(struct signer_set *signers);

// The business' own.
struct signer_key *signer_set_own(struct signer_set *signers);
// By its name, server_account_name for the own one; NULL when there is none.
struct signer_key *signer_set_find(struct signer_set *signers, const char *name);
// In the order of the configuration, the own one first; NULL behind the last.
struct signer_key *signer_set_at(struct signer_set *signers, size_t index);
const char *signer_name(const struct signer_key *signer);
const struct account_id *signer_account(const struct signer_key *signer);
// How many transactions it has accepted that are not final yet.
size_t signer_waiting(struct signer_key *signer);

// Why nothing that it has accepted goes out, as seen after the last block: TX_CODE_OK, or what the
// node says, which tells an account without money (CANNOT_PAY_GAS) from the rest.
enum tx_code signer_held_up(const struct signer_key *signer);

// Of all accounts, those whose keys are gone too.
struct signer_report {
    size_t waiting;     // transactions that were accepted and are not final
    uint64_t unpaid_ms; // for how long the one has been held up longest that cannot pay; 0: none is
    uint64_t refused_ms; // likewise for whatever else
};
void signer_set_report(struct signer_set *signers, struct signer_report *out);

struct signer_order {
    struct tx_action action;
    uint64_t gas_limit;
};
struct signer_job {
    uint8_t id[OUTBOX_JOB_BYTES]; // the caller's choice, never used before
    bool is_listed;               // signer_list_jobs tells it
    const struct signer_order *orders;
    size_t count;
    // NULL, or a call that goes out by itself if the job fails when some of its transactions have
    // done their work: so that nothing of it stays on the chain.
    const struct signer_order *cleanup;
};
// Signs a transaction for each order, with consecutive sequence numbers. With OK in *code the job
// is accepted: durable, and on its way. With another code, or a failure, nothing of it remains. It
// is signed anew when a number was used by somebody else who has the key; BUSY: again and again.
enum status signer_submit(struct signer_key *signer, const struct signer_job *job,
                          enum tx_code *code) MUST_CHECK;
// The gas that a transaction of this order would use in the next block, tried on the newest final
// state with all that the order allows; 0: it would not be well, or may be too much to try.
uint64_t signer_try(const struct signer_key *signer, const struct signer_order *order);
// Signs as the payer of a transaction that its sender has signed, and appends it whole. It must
// name this account as its payer.
void signer_pay(const struct signer_key *signer, struct tx *tx, struct buf *encoded);
// What became of a job of any account, as long as the outbox remembers it: NOT_FOUND.
enum status signer_set_find_job(struct signer_set *signers, const uint8_t id[OUTBOX_JOB_BYTES],
                                struct arena *arena, struct outbox_job *out) MUST_CHECK;
// As outbox_list.
enum status signer_list_jobs(struct signer_key *signer, const struct outbox_page *page,
                             struct arena *arena, struct outbox_job **out,
                             size_t *count) MUST_CHECK;

#endif
