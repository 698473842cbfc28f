// SPDX-License-Identifier: Apache-2.0
// The commands of `lmm`, and what the command line gives each of them. A command prints its result
// to standard output, its errors as one sentence to standard error, and returns the exit status: 0
// done, 1 refused or failed, 2 used wrongly.
#ifndef LMM_CLI_COMMAND_H
#define LMM_CLI_COMMAND_H

#include <stdbool.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { MAX_OPERANDS = 64 };

struct options {
    const char *url;             // --url: the node to ask; NULL: that of devnet.json
    const char *devnet;          // --devnet: devnet.json; NULL: here, or beside the program
    const char *genesis;         // --genesis: trust this chain instead
    const char *keystore;        // --keystore: NULL: $HOME/.lmm/keystore
    const char *passphrase_file; // --passphrase-file
    const char *passphrase_fd;   // --passphrase-fd: the number of an open file
    bool light;                  // --light: a keystore that a small machine opens
    const char *from;            // --from: a file with the secret to import
    const char *out;             // --out
    const char *arguments;       // --arguments: of a method, view, init or upgrade
    const char *value;           // --value: LMM that go with a call
    const char *upgrader;        // --upgrader: who may put other code under a contract
    const char *gas;             // --gas: at most so much
    const char *account;         // --account: that the keys sign for
    const char *payer;           // --payer: the key of who pays
    const char *api_key_file;    // --api-key-file
    const char *expires;         // --expires, in seconds
    const char *overlap;         // --overlap, in seconds
    const char *limits;          // --limits: of spending
    const char *signer;          // --signer: a name of an account of the server's
    const char *lock;            // --lock: where its Thing Description or its radio is
    const char *grant;           // --grant: a file of `lmm lock grant`
    const char *key;             // --key: who signs for the lock
    const char *listen;          // --listen: ADDRESS:PORT for other nodes
    const char *announce;        // --announce: where others find it
    const char *peers;           // --peers: other nodes, [KEY@]ADDRESS:PORT each
    const char *votes;           // --votes: the folder of what keys of blocks have signed
    const char *sentry_for;      // --sentry-for: keys of nodes
    bool hidden;                 // --hidden: behind sentries
    const char *http;            // --http: ADDRESS:PORT for who watches over a node
    const char *clock_skew;      // --clock-skew: of a node, in milliseconds
    bool first_start;            // --first-start: of the keys of blocks
    bool accept_new_keys;        // --accept-new-keys: though the folder of votes is of others
    const char *trust;           // --trust: HEIGHT:ID of a final header
    bool allow_old_snapshot;     // --allow-old-snapshot: though what is believed is old
    const char *snapshots;       // --snapshots: how many are kept
    const char *devnet_keys;     // --devnet-keys: numbers of witnesses
    const char *clock;           // --clock FILE, shared (base/clock_shared.h)
    bool check;                  // --check: only looks at what it was told
    bool prune;                  // --prune: bodies of old blocks go
    bool wait;                   // --wait: until final
    bool simulate;               // --simulate: only tells what would happen
    bool decoded;                // --decoded: all that a transaction says
    bool yes;                    // --yes: consent
    bool json;                   // --json
    int operand_count;
    const char *operands[MAX_OPERANDS];
};

// An error for a person, on standard error.
int complain(int exit_status, const char *format, ...) __attribute__((format(printf, 2, 3)));

int command_keys_new(const struct options *options);
int command_keys_import(const struct options *options);
int command_keys_list(const struct options *options);
int command_keys_show(const struct options *options);
int command_keys_export(const struct options *options);
int command_keys_rename(const struct options *options);
int command_keys_delete(const struct options *options);
int command_genesis_keys(const struct options *options);
int command_genesis_make(const struct options *options);
int command_genesis_show(const struct options *options);
int command_balance(const struct options *options);
int command_account_show(const struct options *options);
int command_set_keys(const struct options *options);
int command_stake_lock(const struct options *options);
int command_stake_unlock(const struct options *options);
int command_stake_withdraw(const struct options *options);
int command_stake_claim(const struct options *options);
int command_candidate_register(const struct options *options);
int command_candidate_resign(const struct options *options);
int command_candidates(const struct options *options);
int command_vote(const struct options *options);
int command_witnesses(const struct options *options);
int command_epochs(const struct options *options);
int command_epoch(const struct options *options);
int command_peers(const struct options *options);
int command_nodes(const struct options *options);
int command_ballots(const struct options *options);
int command_approve_parameters(const struct options *options);
int command_approve_code(const struct options *options);
int command_approve_same(const struct options *options);
int command_approve_nothing(const struct options *options);
int command_evidence(const struct options *options);
int command_transfer(const struct options *options);
int command_tx(const struct options *options);
int command_contract_list(const struct options *options);
int command_contract_show(const struct options *options);
int command_deploy(const struct options *options);
int command_upgrade(const struct options *options);
int command_call(const struct options *options);
int command_view(const struct options *options);
int command_api_key_create(const struct options *options);
int command_api_key_limit(const struct options *options);
int command_member_add(const struct options *options);
int command_member_change(const struct options *options);
int command_member_list(const struct options *options);
int command_member_log(const struct options *options);
int command_member_remove(const struct options *options);
int command_signer_list(const struct options *options);
int command_api_key_list(const struct options *options);
int command_api_key_rotate(const struct options *options);
int command_api_key_revoke(const struct options *options);
int command_faucet(const struct options *options);
int command_warp(const struct options *options);
int command_backup(const struct options *options);
int command_restore(const struct options *options);
int command_snapshot_list(const struct options *options);
int command_snapshot_show(const struct options *options);
int command_snapshot_export(const struct options *options);
int command_snapshot_make(const struct options *options);
int command_snapshot_verify(const struct options *options);
int command_snapshot_join(const struct options *options);
int command_node(const struct options *options);
int command_lock_grant(const struct options *options);
int command_lock_status(const struct options *options);
int command_lock_start(const struct options *options);
int command_lock_open(const struct options *options);
int command_lock_return(const struct options *options);
int command_lock_receipt(const struct options *options);
int command_lock_log(const struct options *options);
int command_lock_bind(const struct options *options);
int command_lock_clear(const struct options *options);
int command_lock_trust(const struct options *options);
int command_proof(const struct options *options);
int command_verify(const struct options *options);
int command_completion(const struct options *options);
int command_manual(const struct options *options);

// `lmm verify` of a server's folder, or a backup of it.
bool backup_is_folder(const char *path);
int backup_verify(const struct options *options);

#endif
