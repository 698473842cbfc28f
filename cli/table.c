// SPDX-License-Identifier: Apache-2.0
#include <config.h> // memmem

#include "cli/table.h"

#include <string.h>

#define AT(member) offsetof(struct options, member)

enum {
    OPTION_URL,
    OPTION_DEVNET,
    OPTION_GENESIS,
    OPTION_KEYSTORE,
    OPTION_PASSPHRASE_FILE,
    OPTION_PASSPHRASE_FD,
    OPTION_LIGHT,
    OPTION_FROM,
    OPTION_OUT,
    OPTION_ARGUMENTS,
    OPTION_VALUE,
    OPTION_UPGRADER,
    OPTION_GAS,
    OPTION_ACCOUNT,
    OPTION_PAYER,
    OPTION_API_KEY_FILE,
    OPTION_EXPIRES,
    OPTION_OVERLAP,
    OPTION_LIMITS,
    OPTION_SIGNER,
    OPTION_LOCK,
    OPTION_GRANT,
    OPTION_KEY,
    OPTION_LISTEN,
    OPTION_ANNOUNCE,
    OPTION_PEERS,
    OPTION_VOTES,
    OPTION_SENTRY_FOR,
    OPTION_HIDDEN,
    OPTION_FIRST_START,
    OPTION_ACCEPT_NEW_KEYS,
    OPTION_HTTP,
    OPTION_CLOCK_SKEW,
    OPTION_TRUST,
    OPTION_ALLOW_OLD_SNAPSHOT,
    OPTION_SNAPSHOTS,
    OPTION_DEVNET_KEYS,
    OPTION_CLOCK,
    OPTION_CHECK,
    OPTION_PRUNE,
    OPTION_WAIT,
    OPTION_SIMULATE,
    OPTION_DECODED,
    OPTION_YES,
    OPTION_JSON,
    OPTIONS
};

const struct option_row option_rows[] = {
    [OPTION_URL] = {"url", "URL", WORD_TEXT, AT(url),
                    "the node to ask, or a market of the devnet; else its first"},
    [OPTION_DEVNET] = {"devnet", "FILE", WORD_FILE, AT(devnet),
                       "devnet.json; else the one here, or beside the program"},
    [OPTION_GENESIS] = {"genesis", "FILE", WORD_FILE, AT(genesis),
                        "the chain to trust, as a node keeps it; else that of devnet.json"},
    [OPTION_KEYSTORE] = {"keystore", "FILE", WORD_FILE, AT(keystore),
                         "the keys to use; else ~/.lmm/keystore"},
    [OPTION_PASSPHRASE_FILE] = {"passphrase-file", "FILE", WORD_FILE, AT(passphrase_file),
                                "its first line unseals the keys; its owner's alone"},
    [OPTION_PASSPHRASE_FD] = {"passphrase-fd", "NUMBER", WORD_TEXT, AT(passphrase_fd),
                              "the same of a file that is open already"},
    [OPTION_LIGHT] = {"light", NULL, WORD_TEXT, AT(light),
                      "a new keystore for a small machine: opening it takes 64 MiB, not 256, and a "
                      "tenth of the time, also for who guesses passphrases"},
    [OPTION_FROM] = {"from", "FILE", WORD_FILE, AT(from),
                     "its first line is the secret; else it is typed, or standard input's"},
    [OPTION_OUT] = {"out", "FILE", WORD_FILE, AT(out), "write the result there"},
    [OPTION_ARGUMENTS] =
        {"arguments", "JSON", WORD_TEXT, AT(arguments),
         "what the contract is given; @FILE reads it, and hexadecimal digits are bytes"},
    [OPTION_VALUE] = {"value", "AMOUNT", WORD_TEXT, AT(value), "LMM that go with the call"},
    [OPTION_UPGRADER] = {"upgrader", "ACCOUNT", WORD_TEXT, AT(upgrader),
                         "who may put other code under the contract; else nobody ever"},
    [OPTION_GAS] = {"gas", "NUMBER", WORD_TEXT, AT(gas),
                    "take at most so much gas, and as much in deposits"},
    [OPTION_ACCOUNT] = {"account", "ACCOUNT", WORD_TEXT, AT(account),
                        "the account that the keys sign for, when they are not it"},
    [OPTION_PAYER] = {"payer", "KEY", WORD_TEXT, AT(payer), "who pays gas and deposits instead"},
    [OPTION_API_KEY_FILE] = {"api-key-file", "FILE", WORD_FILE, AT(api_key_file),
                             "its first line is the API key to ask with"},
    [OPTION_EXPIRES] = {"expires", "SECONDS", WORD_TEXT, AT(expires),
                        "how long it holds; else until it is revoked"},
    [OPTION_OVERLAP] = {"overlap", "SECONDS", WORD_TEXT, AT(overlap),
                        "how long the old secret still holds; else a day"},
    [OPTION_LIMITS] = {"limits", "LIMITS", WORD_TEXT, AT(limits),
                       "transaction=LMM,day=LMM,total=LMM, or some of these; else none"},
    [OPTION_SIGNER] =
        {"signer", "NAME", WORD_TEXT, AT(signer),
         "the server's account that signs for them; else the asking key's, or as it was"},
    [OPTION_LOCK] = {"lock", "URL", WORD_TEXT, AT(lock),
                     "the lock's Thing Description, http://HOST:PORT/, or its radio, "
                     "ws://HOST:PORT/lock; else the devnet's"},
    [OPTION_GRANT] = {"grant", "FILE", WORD_FILE, AT(grant), "a grant, of lmm lock grant"},
    [OPTION_KEY] = {"key", "KEY", WORD_TEXT, AT(key), "whose key signs"},
    [OPTION_LISTEN] = {"listen", "ADDRESS:PORT", WORD_TEXT, AT(listen),
                       "where other nodes find this one; else nowhere"},
    [OPTION_ANNOUNCE] = {"announce", "ADDRESS:PORT", WORD_TEXT, AT(announce),
                         "where a witness tells others to find it, if not where it listens"},
    [OPTION_PEERS] = {"peers", "LIST", WORD_TEXT, AT(peers),
                      "other nodes, ADDRESS:PORT or KEY@ADDRESS:PORT each, with commas between"},
    [OPTION_VOTES] = {"votes", "FOLDER", WORD_FOLDER, AT(votes),
                      "what the keys have signed, in no backup; else DATA/votes"},
    [OPTION_SENTRY_FOR] = {"sentry-for", "LIST", WORD_TEXT, AT(sentry_for),
                           "nodes that it passes on for, by the keys that their ready.json tells"},
    [OPTION_HIDDEN] = {"hidden", NULL, WORD_TEXT, AT(hidden),
                       "call those of --peers alone, its sentries, and take no connections"},
    [OPTION_FIRST_START] = {"first-start", NULL, WORD_TEXT, AT(first_start),
                            "the keys have never signed on this chain"},
    [OPTION_ACCEPT_NEW_KEYS] =
        {"accept-new-keys", NULL, WORD_TEXT, AT(accept_new_keys),
         "though --votes is of other keys: these sign first in a later epoch"},
    [OPTION_HTTP] = {"http", "ADDRESS:PORT", WORD_TEXT, AT(http),
                     "where it tells how it is, and its final blocks; else nowhere"},
    [OPTION_CLOCK_SKEW] = {"clock-skew", "MS", WORD_TEXT, AT(clock_skew),
                           "for tests: its clock is so far ahead, or behind with a minus"},
    [OPTION_TRUST] = {"trust", "HEIGHT:ID", WORD_TEXT, AT(trust),
                      "a final header that a new node joins on, instead of genesis"},
    [OPTION_ALLOW_OLD_SNAPSHOT] =
        {"allow-old-snapshot", NULL, WORD_TEXT, AT(allow_old_snapshot),
         "join though genesis, or the header of --trust, is older than a week"},
    [OPTION_SNAPSHOTS] = {"snapshots", "NUMBER", WORD_TEXT, AT(snapshots),
                          "of the state, kept for nodes that join: 0 to 8, else 2"},
    [OPTION_DEVNET_KEYS] = {"devnet-keys", "LIST", WORD_TEXT, AT(devnet_keys),
                            "of a devnet's witnesses, which everybody has the keys of: 1,3-4"},
    [OPTION_CLOCK] = {"clock", "FILE", WORD_FILE, AT(clock),
                      "of a devnet: how far the clocks of its processes are ahead"},
    [OPTION_CHECK] = {"check", NULL, WORD_TEXT, AT(check),
                      "look at all that was told, and start nothing"},
    [OPTION_PRUNE] = {"prune", NULL, WORD_TEXT, AT(prune),
                      "let go of what blocks held once nobody may ask for it"},
    [OPTION_WAIT] = {"wait", NULL, WORD_TEXT, AT(wait), "until the transaction is final"},
    [OPTION_SIMULATE] = {"simulate", NULL, WORD_TEXT, AT(simulate),
                         "send nothing: tell what would happen"},
    [OPTION_DECODED] = {"decoded", NULL, WORD_TEXT, AT(decoded),
                        "all that it says, once it is final, as JSON"},
    [OPTION_YES] = {"yes", NULL, WORD_TEXT, AT(yes), "do it without asking"},
    [OPTION_JSON] = {"json", NULL, WORD_TEXT, AT(json), "print JSON, for programs"},
};
const size_t option_count = sizeof option_rows / sizeof *option_rows;
_Static_assert(OPTIONS <= 64, "a bit for each option");

#define BIT(option) (UINT64_C(1) << OPTION_##option)

#define JSON BIT(JSON)
#define ASK (JSON | BIT(URL) | BIT(DEVNET))
#define ADMIN (ASK | BIT(API_KEY_FILE))
#define STORE (JSON | BIT(KEYSTORE) | BIT(PASSPHRASE_FILE) | BIT(PASSPHRASE_FD))
#define LOCK_KEY (BIT(LOCK) | BIT(KEY) | BIT(YES) | BIT(DEVNET) | STORE)
#define SEND (ASK | STORE | BIT(GAS) | BIT(ACCOUNT) | BIT(PAYER) | BIT(WAIT) | BIT(SIMULATE))

const struct command_row command_rows[] = {
    {"keys new", "[NAME]", STORE | BIT(LIGHT), command_keys_new, "make a key and keep it, sealed",
     "Without NAME twelve words, which are shown once and have ten accounts, 0 to 9; with it a key "
     "of that name."},
    {"keys import", "[NAME]", STORE | BIT(LIGHT) | BIT(FROM), command_keys_import,
     "keep one that there is", "Without NAME words, with it a key of 64 hexadecimal digits."},
    {"keys list", "", STORE | BIT(DEVNET), command_keys_list,
     "the accounts of the devnet or of the keystore",
     "Those of the devnet when there is one here and no --keystore is given."},
    {"keys show", "KEY", STORE | BIT(DEVNET), command_keys_show, "address and public key", NULL},
    {"keys export", "[NAME]", STORE | BIT(OUT) | BIT(YES), command_keys_export,
     "the words, or the key of that name, in the clear",
     "Asks for yes and for the passphrase. A file of --out is its owner's alone, and never "
     "replaced."},
    {"keys rename", "OLD NEW", STORE, command_keys_rename, "give a key another name", NULL},
    {"keys delete", "NAME", STORE | BIT(YES), command_keys_delete,
     "forget a key for good, or `words`", "Asks for yes and for the passphrase."},
    {"balance", "ACCOUNT", ASK, command_balance, "what an account holds", NULL},
    {"account show", "ACCOUNT", ASK, command_account_show, "all of it: balance, keys, stake, votes",
     NULL},
    {"account set-keys", "FROM THRESHOLD KEY[:WEIGHT]...", SEND, command_set_keys,
     "who signs for it from now on",
     "A transaction counts when the weights of its keys reach THRESHOLD; a weight is 1 unless it "
     "is given. KEY may be a public key of 64 hexadecimal digits."},
    {"stake lock", "FROM AMOUNT", SEND, command_stake_lock, "lock LMM, as candidates need", NULL},
    {"stake unlock", "FROM AMOUNT", SEND, command_stake_unlock, "begin to unlock it",
     "It is ready 14 days later."},
    {"stake withdraw", "FROM", SEND, command_stake_withdraw, "take all that is ready", NULL},
    {"stake claim", "FROM", SEND, command_stake_claim, "take what the account's votes have earned",
     "From then on what it holds by now earns."},
    {"candidate register", "FROM KEY COMMISSION", SEND, command_candidate_register,
     "stand for election as a witness",
     "KEY is to sign blocks, and is none of the account's own; COMMISSION in per cent. Again, to "
     "change them."},
    {"candidate resign", "FROM", SEND, command_candidate_resign, "stand no longer", NULL},
    {"candidate list", "", ASK, command_candidates, "who stands, and the votes for each",
     "The votes are what an election would count now."},
    {"vote", "FROM [CANDIDATE...]", SEND, command_vote, "vote for these, in place of all before",
     "The balance counts for each in equal parts. Without any the votes are taken back."},
    {"witness list", "", ASK, command_witnesses, "who makes and signs the blocks, and how well",
     "With the turns that each took and missed in this epoch, the blocks that it signed, the votes "
     "for it, and how many others lead before it does."},
    {"epoch list", "", ASK, command_epochs,
     "the newest epochs: their blocks, and who came and went", NULL},
    {"epoch show", "NUMBER", ASK, command_epoch, "an epoch, and who served in it", NULL},
    {"peer list", "", ADMIN, command_peers, "the nodes that a server is connected with",
     "With an API key of the scope audit, which ones they are and where; else without."},
    {"server list", "", ASK, command_nodes,
     "servers of the chain, where they are and what they charge",
     "As each says of itself: the asked one, and those that it is connected with."},
    {"ballots", "", ASK, command_ballots, "what witnesses approve of, and what is decided",
     "With the old and the new number of each parameter that would change, who approves, how many "
     "it takes, and when it takes effect."},
    {"approve parameters", "FROM NAME=NUMBER...", SEND, command_approve_parameters,
     "approve of other parameters, as a witness",
     "NAME is block_interval_ms, min_gas_price, block_gas_limit, deposit_per_byte, min_witnesses "
     "or protocol. The others stay as they are, or as they are decided already. FROM is the "
     "witness's account. Two thirds of the witnesses decide, who have to approve of the same."},
    {"approve code", "FROM CONTRACT FILE", SEND | BIT(ARGUMENTS), command_approve_code,
     "approve of other code for a contract of the genesis, as a witness",
     "FILE is a WebAssembly module. When two thirds have approved, anybody brings it, with the "
     "same arguments: `lmm contract upgrade`."},
    {"approve same", "FROM WITNESS", SEND, command_approve_same,
     "approve of what another witness approves of", "Says what that is before it is sent."},
    {"approve nothing", "FROM", SEND, command_approve_nothing, "take an approval back",
     "One that is decided stays decided."},
    {"evidence", "FROM FILE", SEND, command_evidence,
     "show the chain that a witness contradicted itself",
     "FILE has the two signatures, in the form of docs/protocol.md. The witness is expelled, and "
     "loses a twentieth of what it has locked."},
    {"transfer", "FROM TO AMOUNT", SEND, command_transfer, "send LMM",
     "Without --wait it is taken, and may still fail: `lmm tx ID --wait` says how it ends."},
    {"tx", "ID", ASK | BIT(WAIT) | BIT(DECODED), command_tx, "what became of a transaction", NULL},
    {"contract list", "", ASK, command_contract_list, "all contracts, the newest first",
     "Each with its address and what it calls itself; a contract of the genesis goes by its name "
     "as "
     "well."},
    {"contract show", "CONTRACT", ASK, command_contract_show,
     "where it stands, and what it says of itself",
     "CONTRACT is an address, or the name of one of the genesis, such as sharing: that one is "
     "asked "
     "for at its market's server, where a devnet has one."},
    {"contract deploy", "FROM FILE", SEND | BIT(ARGUMENTS) | BIT(UPGRADER), command_deploy,
     "bring a module to the chain",
     "FILE is a WebAssembly module; its init runs once, with the arguments. Prints the contract's "
     "address."},
    {"contract upgrade", "FROM CONTRACT FILE", SEND | BIT(ARGUMENTS) | BIT(UPGRADER),
     command_upgrade, "put other code under one",
     "The contract's upgrader alone may. Without --upgrader nobody may again."},
    {"contract call", "FROM CONTRACT METHOD", SEND | BIT(ARGUMENTS) | BIT(VALUE), command_call,
     "run a method",
     "Arguments are an object with a member for each, or a list in their order, as `lmm contract "
     "show` tells them."},
    {"contract view", "CONTRACT METHOD", ASK | BIT(ARGUMENTS), command_view,
     "ask without a transaction",
     "Prints what the contract's description makes of the answer, or else bytes in hexadecimal "
     "digits."},
    {"api-key create", "NAME SCOPE...", ADMIN | BIT(EXPIRES) | BIT(LIMITS) | BIT(SIGNER) | BIT(OUT),
     command_api_key_create, "a key for a server's API, which is told once",
     "A SCOPE is what the key may do: * for all of it, admin for keys, members, audit, webhooks, "
     "or one of the market's own, such as capture and queries, bookings, or orders; the server's "
     "/docs names each operation's. With --out the key goes to a new file of its owner's alone, "
     "and is not printed."},
    {"api-key limit", "ID", ADMIN | BIT(LIMITS), command_api_key_limit,
     "what a key may spend of its account from now on", "A day is one of UTC."},
    {"api-key list", "", ADMIN, command_api_key_list, "all keys, without their secrets", NULL},
    {"api-key rotate", "ID", ADMIN | BIT(OVERLAP) | BIT(OUT), command_api_key_rotate,
     "another secret for a key", NULL},
    {"api-key revoke", "ID", ADMIN, command_api_key_revoke, "end a key at once", NULL},
    {"member add", "ADDRESS ROLE NAME", ADMIN | BIT(LIMITS) | BIT(SIGNER), command_member_add,
     "make an account a member of the firm that a server works for",
     "ROLE is owner, admin, operator or auditor."},
    {"member change", "ADDRESS ROLE", ADMIN | BIT(LIMITS) | BIT(SIGNER), command_member_change,
     "another role for a member, other limits or another signer",
     "ROLE is owner, admin, operator or auditor."},
    {"member remove", "ADDRESS", ADMIN, command_member_remove,
     "take a member away; its sessions end", NULL},
    {"member list", "", ADMIN, command_member_list, "all members", NULL},
    {"member log", "", ADMIN, command_member_log,
     "who did what about members, sessions and API keys", "The newest first."},
    {"signer list", "", ADMIN, command_signer_list,
     "the accounts that a server signs with, and how much of each is not final yet", NULL},
    {"devnet faucet", "ACCOUNT [AMOUNT]", ASK | BIT(WAIT), command_faucet,
     "LMM for an account of a devnet",
     "100 LMM, or up to 1,000, for who has less than 10,000. Other chains have no faucet."},
    {"devnet warp", "TIME", ASK, command_warp, "move a devnet's time on",
     "By seconds, or 15m, 2h, 7d; at most ten years. What is due by then comes at once, and the "
     "next block carries the time. It lasts until the server stops, and never goes back."},
    {"lock grant", "BOOKING", BIT(URL) | BIT(DEVNET) | BIT(OUT), command_lock_grant,
     "fetch what opens a lock, with its proof, while there is a network",
     "From a server of the sharing market; on a devnet that one is asked. The other commands of "
     "locks need none."},
    {"lock status", "", JSON | BIT(LOCK) | BIT(DEVNET), command_lock_status,
     "how a lock is: open, in use, its clock and battery", NULL},
    {"lock start", "", LOCK_KEY | BIT(GRANT) | BIT(OUT), command_lock_start,
     "begin to use what one has booked: the lock opens",
     "Prints the arguments of the contract's start, or writes them to --out."},
    {"lock open", "", LOCK_KEY | BIT(GRANT), command_lock_open, "open it once more, while in use",
     NULL},
    {"lock return", "", LOCK_KEY | BIT(GRANT) | BIT(OUT), command_lock_return,
     "end the use: the lock shuts",
     "Prints the arguments of the contract's give_back, or writes them to --out."},
    {"lock receipt", "[WHICH] [BOOKING]", JSON | BIT(LOCK) | BIT(OUT) | BIT(DEVNET),
     command_lock_receipt, "a start or return again",
     "WHICH is start or return, else the last of either. A lock keeps those of its last two "
     "bookings."},
    {"lock log", "[FROM] [LINK]", LOCK_KEY, command_lock_log,
     "what was done at a lock, for its owner",
     "From entry FROM on; what is before it may go. With LINK, which came with the entries before, "
     "it is checked that nothing was changed, left out or put in."},
    {"lock bind", "ASSET", LOCK_KEY, command_lock_bind,
     "the arguments of the contract's bind_lock, for its owner", NULL},
    {"lock clear", "BOOKING", LOCK_KEY, command_lock_clear,
     "end a use that nobody returned, for its owner: the lock shuts",
     "For the lock alone: what is billed the contract knows."},
    {"lock trust", "", LOCK_KEY | BIT(URL) | BIT(GRANT) | BIT(GENESIS), command_lock_trust,
     "vouch for the chain and the time, for its owner",
     "For a lock whose clock has stopped, or that has heard nothing of the chain for seven days. "
     "The "
     "header is that of a grant, or without --grant the newest of a node, with its proof."},
    {"proof", "WHAT", BIT(URL) | BIT(DEVNET) | BIT(OUT), command_proof,
     "fetch the proof of something on the chain",
     "WHAT is a transaction's id, an account's address, a block's height, an event's id or place, "
     "or "
     "the path that an answer of the API has under `proof`: a contract's, say, or that of a value "
     "that a contract keeps, /v1/contracts/ADDRESS/storage/KEY/proof with the key in hex."},
    {"verify", "FILE", JSON | BIT(DEVNET) | BIT(GENESIS), command_verify,
     "check a proof, a backup or a server's folder, offline",
     "Asks no node, and says what is proven. The chain that a proof has to be of is that of "
     "--genesis or devnet.json. Of a "
     "backup every sum is checked; of it and of a server's folder, which no server may have open, "
     "every block, certificate and signature, and the state under the root of its header."},
    {"backup", "FOLDER NEW_FOLDER", JSON, command_backup,
     "copy a server's data folder, while the server runs",
     "The copy is what a crash could have left, checked as `lmm verify` does, under a list of sums "
     "that `sha256sum -c` reads. It has the server's secrets in it. An index in PostgreSQL is not "
     "copied: it follows from the chain."},
    {"restore", "BACKUP_FOLDER NEW_FOLDER", JSON, command_restore, "a data folder out of a backup",
     "Checks every sum on the way. Whoever signs blocks with its keys must not do so twice: never "
     "start it where the first one has made blocks since and may come back."},
    {"snapshot list", "FOLDER", JSON, command_snapshot_list,
     "the snapshots of the state that a node keeps for others to join by",
     "FOLDER is a data folder, of a server or of `lmm node`, which may run."},
    {"snapshot show", "SNAPSHOT_FOLDER", JSON, command_snapshot_show,
     "what a snapshot's manifest says",
     "Nothing of it is proven: `lmm snapshot verify`. HEIGHT:ID, as it stands there, is what "
     "--trust takes, of a node that one believes."},
    {"snapshot export", "FOLDER NEW_FOLDER [HEIGHT]", JSON, command_snapshot_export,
     "copy a snapshot out of a data folder, while its node runs",
     "The newest, unless HEIGHT names another that is kept. Each piece of the copy is checked."},
    {"snapshot make", "FOLDER GENESIS_FOLDER NEW_FOLDER", JSON, command_snapshot_make,
     "a snapshot of the newest checkpoint of a node that is stopped",
     "For a node that keeps none, as one that is alone. GENESIS_FOLDER is the one that it was "
     "started with."},
    {"snapshot verify", "SNAPSHOT_FOLDER GENESIS_FOLDER", JSON | BIT(TRUST),
     command_snapshot_verify, "check a snapshot, offline",
     "Its header by the signatures of the witnesses from genesis on, or from the header of --trust "
     "on, and each piece under that header's root."},
    {"snapshot join", "SNAPSHOT_FOLDER NEW_FOLDER GENESIS_FOLDER",
     JSON | BIT(TRUST) | BIT(ALLOW_OLD_SNAPSHOT), command_snapshot_join,
     "a new data folder out of a snapshot",
     "For a node whose peers keep none, or that is to have it from a disk. Checks it as `lmm "
     "snapshot verify` does. What proves it, genesis or the header of --trust, is no older than a "
     "week: by then witnesses of that time may have left, and their signatures prove nothing. "
     "The node then fetches from its peers what came after, and, unless it "
     "prunes, before."},
    {"node", "DATA GENESIS",
     BIT(KEYSTORE) | BIT(PASSPHRASE_FILE) | BIT(PASSPHRASE_FD) | BIT(LISTEN) | BIT(ANNOUNCE) |
         BIT(PEERS) | BIT(VOTES) | BIT(SENTRY_FOR) | BIT(HIDDEN) | BIT(FIRST_START) |
         BIT(ACCEPT_NEW_KEYS) | BIT(HTTP) | BIT(CLOCK_SKEW) | BIT(TRUST) | BIT(ALLOW_OLD_SNAPSHOT) |
         BIT(SNAPSHOTS) | BIT(DEVNET_KEYS) | BIT(CLOCK) | BIT(CHECK) | BIT(PRUNE),
     command_node, "run a node without a market, until it is told to end",
     "GENESIS is a folder of `lmm genesis make`. With --keystore it is a witness, by the keys "
     "whose "
     "names begin with witness, or with --devnet-keys; else it follows. DATA/ready.json, and a "
     "line, tell when it is "
     "there. "
     "SIGTERM or Ctrl-C ends it. Never let two nodes sign with one key, and never put an old "
     "--votes back. Without --votes' log it signs nothing before a later epoch, unless "
     "--first-start says that there was none. The log of other keys is refused, unless "
     "--accept-new-keys says that these go on from it. --http answers /livez, /readyz, /metrics, "
     "/v1/chain "
     "and "
     "/v1/blocks/HEIGHT. --clock-skew is for a chain that is called devnet alone."},
    {"genesis keys", "COUNT", (STORE & ~JSON) | BIT(LIGHT) | BIT(OUT), command_genesis_keys,
     "keys for so many witnesses, and a server's",
     "The secret ones go to --keystore, sealed, under the names witness-001, account-001 and so "
     "on, "
     "and server; or in the clear to --out, mode 0600."},
    {"genesis make", "FILE", BIT(OUT), command_genesis_make,
     "a chain's beginning, out of its description", "--out is the folder to write it to."},
    {"genesis show", "FOLDER", 0, command_genesis_show, "and the description out of that", NULL},
    {"completion", "SHELL", 0, command_completion, "what bash, zsh or fish completes `lmm` by",
     "For shells of one's own: what is installed has it where they look for it."},
    {"manual", "FORMAT", 0, command_manual, "this manual, as roff or markdown", NULL},
};
const size_t command_count = sizeof command_rows / sizeof *command_rows;

void command_operands(const struct command_row *command, int *least, int *most) {
    const char *at = command->operands;
    *least = *most = 0;
    while (*at) {
        size_t len = strcspn(at, " ");
        bool is_optional = at[0] == '[';
        bool repeats = memmem(at, len, "...", 3) != NULL;
        *least += is_optional ? 0 : 1;
        *most = repeats ? MAX_OPERANDS : *most + 1;
        at += len + (at[len] ? 1 : 0);
    }
}

const struct command_row *command_find(const char *first, const char *second, int *words) {
    size_t len = strlen(first);
    for (size_t i = 0; i < command_count; i++) {
        const char *name = command_rows[i].name;
        if (strncmp(name, first, len) != 0 || (name[len] && name[len] != ' ')) continue;
        *words = name[len] ? 2 : 1;
        if (!name[len] || (second && strcmp(name + len + 1, second) == 0)) return &command_rows[i];
    }
    return NULL;
}
