// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/explorer_descriptions.h"

#include "apps/common/server/schema_words.h"

#define SUMMARY_NAMES                                                                           \
    "\"id\",\"height\",\"index\",\"time\",\"is_timer\",\"sender\",\"action\","                  \
    "\"action_count\",\"contract\",\"method\",\"to\",\"amount\",\"code\",\"gas_used\",\"event_" \
    "count\",\"proof\""
#define SUMMARY_MEMBERS                                                                       \
    "\"id\":" SCHEMA_HASH ",\"height\":" SCHEMA_COUNT ",\"index\":" SCHEMA_COUNT              \
    ",\"time\":" SCHEMA_TIME ",\"is_timer\":" SCHEMA_BOOLEAN                                  \
    ",\"sender\":" SCHEMA_MAYBE(SCHEMA_ADDRESS) ",\"action\":" SCHEMA_TEXT                    \
                                                ",\"action_count\":" SCHEMA_COUNT             \
                                                ",\"contract\":" SCHEMA_MAYBE(SCHEMA_ADDRESS) \
                                                    OUTCOME
#define OUTCOME                                                                                  \
    ",\"method\":" SCHEMA_MAYBE(SCHEMA_TEXT) ",\"to\":" SCHEMA_MAYBE(                            \
        SCHEMA_ADDRESS) ",\"amount\":" SCHEMA_MAYBE(SCHEMA_AMOUNT) ",\"code\":" SCHEMA_TEXT      \
                                                                   ",\"gas_used\":" SCHEMA_COUNT \
                                                                   ",\"event_"                   \
                                                                   "count\":" SCHEMA_COUNT       \
                                                                   ",\"proof\":" SCHEMA_TEXT
#define TRANSACTIONS SCHEMA_PAGE(SCHEMA_OBJECT(SUMMARY_NAMES, SUMMARY_MEMBERS))
#define EVENT                                                                                   \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"index\",\"contract\"," \
    "\"name\",\"fields\",\"data_hex\"],\"properties\":{\"index\":" SCHEMA_COUNT                 \
    ",\"contract\":" SCHEMA_ADDRESS ",\"name\":" SCHEMA_TEXT                                    \
    ",\"fields\":" SCHEMA_MAYBE("{\"type\":\"object\"}") ",\"data_hex\":" SCHEMA_HEX            \
                                                         ",\"proof\":" SCHEMA_TEXT "}}"
#define SIGNER                                                                             \
    SCHEMA_OBJECT("\"role\",\"account\",\"key_index\",\"key\"",                            \
                  "\"role\":{\"enum\":[\"sender\",\"payer\"]},\"account\":" SCHEMA_ADDRESS \
                  ",\"key_index\":" SCHEMA_COUNT ",\"key\":" SCHEMA_MAYBE(SCHEMA_HASH))
#define ACTION "{\"type\":\"object\",\"required\":[\"kind\"]}"
#define INVALID_QUERY \
    { 400, "`invalid_query`, with the parameter.", NULL }

const struct http_description describes_get_transactions = {
    .summary = "Final transactions, the newest first",
    .parameters = {{"account", SCHEMA_ADDRESS,
                    "Only those that it signs, pays for, is paid or named by, or, as a contract, "
                    "is called by or tells events in. Payments that a contract makes in a call "
                    "name nobody."},
                   DESCRIBED_PER_PAGE(1000),
                   DESCRIBED_PAGE_TOKEN},
    .answers = {
        {200,
         "`action` is the first one, `timer` for what nobody signed; `contract` and "
         "`method` are those called first; `to` and `amount` are a transfer's, where that is "
         "all.",
         TRANSACTIONS},
        {400, "`invalid_query` or `not_an_address`, with the parameter.", NULL}}};

const struct http_description describes_get_block_transactions = {
    .summary = "A block's transactions in their order",
    .parameters = {{"height", SCHEMA_COUNT, "From 1 on."},
                   DESCRIBED_PER_PAGE(1000),
                   DESCRIBED_PAGE_TOKEN},
    .answers = {{200, "Timers' runs come first.", TRANSACTIONS},
                {400, "`not_a_height`, or `invalid_query` with the parameter.", NULL},
                {404, "There is no such block, or this node does not keep it.", NULL}}};

const struct http_description describes_get_decoded_transaction = {
    .summary = "What a final transaction says, and what came of it",
    .parameters = {{"id", SCHEMA_HASH, "A transaction's."}},
    .answers = {
        {200,
         "Arguments and events by the descriptions that their contracts give now; what fits none "
         "is null, beside its bytes. What nobody signed has no actions.",
         "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" SUMMARY_NAMES
         ",\"message\",\"contract_code\",\"events\"],\"properties\":{" SUMMARY_MEMBERS
         ",\"message\":" SCHEMA_TEXT ",\"contract_code\":" SCHEMA_COUNT
         ",\"contract_message\":" SCHEMA_TEXT ",\"fee\":" SCHEMA_AMOUNT ",\"payer\":" SCHEMA_ADDRESS
         ",\"lane\":" SCHEMA_COUNT ",\"seq\":" SCHEMA_COUNT ",\"valid_until\":" SCHEMA_COUNT
         ",\"gas_limit\":" SCHEMA_COUNT ",\"gas_price\":" SCHEMA_COUNT ",\"signers\":" SCHEMA_LIST(
             SIGNER) ",\"actions\":" SCHEMA_LIST(ACTION) ",\"events\":" SCHEMA_LIST(EVENT) "}}"},
        {400, "`not_an_id`.", NULL},
        {404, "No block holds it, or this node does not keep that.", NULL}}};

const struct http_description describes_get_tx_event_proof = {
    .summary = "What proves an event, and with it its transaction, without this server",
    .parameters = {{"id", SCHEMA_HASH, "The transaction's."},
                   {"index", SCHEMA_COUNT, "The event's place in it."},
                   DESCRIBED_BELIEVED},
    .answers = {{200, "The proof, for lmm verify.", SCHEMA_PROOF},
                {400, "`not_an_id`, or `invalid_query` with the parameter.", NULL},
                {404, "There is no such event, or the block that proves it is not there.", NULL},
                {409, "`too_many_hand_overs`.", NULL}}};

#define OF_ADDRESS \
    { "address", SCHEMA_ADDRESS, "A text that begins with lmm1." }
#define OF_STATE \
    "The proof, for lmm verify: what stands there after the newest block, or that nothing does."
#define NO_STATE \
    { 404, "There is no block yet, or the believed one is none of the last eight.", NULL }
#define TOO_MANY_HAND_OVERS \
    { 409, "`too_many_hand_overs`.", NULL }

const struct http_description describes_get_block_proof = {
    .summary = "What proves that a block is the chain's, without this server",
    .parameters = {{"height", SCHEMA_COUNT, "From 1 on."}, DESCRIBED_BELIEVED},
    .answers = {{200, "The proof, for lmm verify.", SCHEMA_PROOF_OF("5")},
                {400, "`not_a_height`, or `invalid_query` with the parameter.", NULL},
                {404, "There is no such block, or this node does not keep it.", NULL},
                TOO_MANY_HAND_OVERS}};

const struct http_description describes_get_tx_proof = {
    .summary = "What proves a transaction and what came of it, without this server",
    .parameters = {{"id", SCHEMA_HASH, "The transaction's."}, DESCRIBED_BELIEVED},
    .answers = {{200,
                 "The proof, for lmm verify; of what a timer ran, and nobody signed, what came of "
                 "it.",
                 SCHEMA_PROOF_OF("3")},
                {400, "`not_an_id`, or `invalid_query` with the parameter.", NULL},
                {404, "It is not final, or the block that proves it is not there.", NULL},
                TOO_MANY_HAND_OVERS}};

const struct http_description describes_get_account_proof = {
    .summary = "What proves an account's balance and keys without this server",
    .parameters = {OF_ADDRESS, DESCRIBED_BELIEVED},
    .answers = {{200, OF_STATE, SCHEMA_PROOF_OF("4")},
                {400, "`not_an_address`, or `invalid_query` with the parameter.", NULL},
                NO_STATE,
                TOO_MANY_HAND_OVERS}};

const struct http_description describes_get_contract_proof = {
    .summary = "What proves a contract's record without this server",
    .parameters = {OF_ADDRESS, DESCRIBED_BELIEVED},
    .answers = {{200, OF_STATE, SCHEMA_PROOF_OF("4")},
                {400, "`not_an_address`, or `invalid_query` with the parameter.", NULL},
                NO_STATE,
                TOO_MANY_HAND_OVERS}};

const struct http_description describes_get_storage_proof = {
    .summary = "What proves a value that a contract keeps without this server",
    .parameters = {OF_ADDRESS,
                   {"key", "{\"type\":\"string\",\"pattern\":\"^([0-9a-fA-F]{2})+$\"}",
                    "The contract's own key, in hex."},
                   DESCRIBED_BELIEVED},
    .answers = {
        {200, OF_STATE, SCHEMA_PROOF_OF("4")},
        {400, "`not_an_address` or `not_hex`, or `invalid_query` with the parameter.", NULL},
        NO_STATE,
        TOO_MANY_HAND_OVERS}};

const struct http_description describes_get_contracts = {
    .summary = "Contracts, the newest first",
    .parameters = {DESCRIBED_PER_PAGE(100), DESCRIBED_PAGE_TOKEN},
    .answers = {
        {200,
         "`name` is what it calls itself; one of genesis has height 0. `tx` is what deployed it.",
         SCHEMA_PAGE(SCHEMA_OBJECT(
             "\"address\",\"name\",\"code_hash\",\"height\",\"tx\",\"proof\"",
             "\"address\":" SCHEMA_ADDRESS ",\"name\":" SCHEMA_MAYBE(
                 SCHEMA_TEXT) ",\"code_hash\":" SCHEMA_HASH ",\"height\":" SCHEMA_COUNT
                              ",\"tx\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"proof\":" SCHEMA_TEXT))},
        INVALID_QUERY}};

#define WITNESS_NAMES                                                                  \
    "\"index\",\"key\",\"account\",\"produced\",\"last_height\",\"taken\",\"missed\"," \
    "\"silent\",\"is_absent\",\"votes\",\"commission\",\"is_active\",\"left\",\"punished_in\""
#define WITNESS_MEMBERS                                                              \
    "\"index\":" SCHEMA_COUNT ",\"key\":" SCHEMA_HASH ",\"account\":" SCHEMA_ADDRESS \
    ",\"produced\":" SCHEMA_COUNT ",\"last_height\":" SCHEMA_MAYBE(SCHEMA_COUNT) TURNS STAKE
#define TURNS                                                                          \
    ",\"taken\":" SCHEMA_COUNT ",\"missed\":" SCHEMA_COUNT ",\"silent\":" SCHEMA_COUNT \
    ",\"is_absent\":" SCHEMA_BOOLEAN
#define STAKE                                                                  \
    ",\"votes\":" SCHEMA_MAYBE(SCHEMA_AMOUNT) ",\"commission\":" SCHEMA_MAYBE( \
        SCHEMA_COUNT) ",\"is_active\":" SCHEMA_MAYBE(SCHEMA_BOOLEAN) SCHEMA_STANDING

const struct http_description describes_get_witnesses = {
    .summary = "The witnesses, who make and sign the blocks",
    .answers = {
        {200,
         "`produced` counts final blocks; what stakes say is null for one that is no candidate. "
         "In this epoch a witness has taken and missed so many turns, and did not sign so many "
         "parents of the blocks that named who did: `silent` of `named`. `is_absent`: it would be "
         "put out, did the epoch end now. `leads` are the places of those who lead `view` and the "
         "views behind it, each once; then it begins again.",
         SCHEMA_OBJECT("\"epoch\",\"quorum\",\"named\",\"view\",\"leads\",\"items\"",
                       "\"epoch\":" SCHEMA_COUNT ",\"quorum\":" SCHEMA_COUNT
                       ",\"named\":" SCHEMA_COUNT ",\"view\":" SCHEMA_COUNT
                       ",\"leads\":" SCHEMA_LIST(SCHEMA_COUNT) ",\"items\":" SCHEMA_LIST(
                           SCHEMA_OBJECT(WITNESS_NAMES, WITNESS_MEMBERS)))}}};

#define EPOCH_NAMES                                                                               \
    "\"epoch\",\"is_over\",\"first_height\",\"last_height\",\"end_height\",\"began\",\"newest\"," \
    "\"blocks\",\"missed_views\",\"transaction_count\",\"gas_used\",\"witnesses\",\"quorum\","    \
    "\"joined\",\"left\",\"proof\""
#define EPOCH_MEMBERS                                                                          \
    "\"epoch\":" SCHEMA_COUNT ",\"is_over\":" SCHEMA_BOOLEAN ",\"first_height\":" SCHEMA_COUNT \
    ",\"last_height\":" SCHEMA_COUNT ",\"end_height\":" SCHEMA_COUNT ",\"began\":" SCHEMA_TIME \
    ",\"newest\":" SCHEMA_TIME ",\"blocks\":" SCHEMA_COUNT ",\"missed_views\":" SCHEMA_MAYBE(  \
        SCHEMA_COUNT) ",\"transaction_count\":" SCHEMA_COUNT EPOCH_SET
#define EPOCH_SET                                                                            \
    ",\"gas_used\":" SCHEMA_COUNT ",\"witnesses\":" SCHEMA_COUNT ",\"quorum\":" SCHEMA_COUNT \
    ",\"joined\":" SCHEMA_COUNT ",\"left\":" SCHEMA_COUNT ",\"proof\":" SCHEMA_TEXT
#define EPOCH_MEMBER                                                                               \
    SCHEMA_OBJECT("\"index\",\"key\",\"account\",\"commission\",\"is_new\"",                       \
                  "\"index\":" SCHEMA_COUNT ",\"key\":" SCHEMA_HASH ",\"account\":" SCHEMA_ADDRESS \
                  ",\"commission\":" SCHEMA_COUNT ",\"is_new\":" SCHEMA_BOOLEAN)

const struct http_description describes_get_epochs = {
    .summary = "Epochs, the newest first",
    .parameters = {DESCRIBED_PER_PAGE(100), DESCRIBED_PAGE_TOKEN},
    .answers = {
        {200,
         "Of each that this index has a block of: its blocks so far, up to `last_height` of "
         "`end_height`, whose witnesses the proof's block tells; `missed_views` brought no block, "
         "and are null where the blocks before are not here. So many witnesses `joined` and "
         "`left` since the epoch before.",
         SCHEMA_PAGE(SCHEMA_OBJECT(EPOCH_NAMES, EPOCH_MEMBERS))},
        INVALID_QUERY}};

const struct http_description describes_get_epoch = {
    .summary = "An epoch, and who served in it",
    .parameters = {{"epoch", SCHEMA_COUNT, "Its number, from 0 on."}},
    .answers = {{200,
                 "`members` in the order of the set, with what each keeps of its rewards in "
                 "hundredths of a per cent; `gone` are those who served before and do not now.",
                 SCHEMA_OBJECT(
                     EPOCH_NAMES ",\"members\",\"gone\"", EPOCH_MEMBERS
                     ",\"members\":" SCHEMA_LIST(EPOCH_MEMBER) ",\"gone"
                                                               "\":" SCHEMA_LIST(SCHEMA_ADDRESS))},
                {400, "`not_an_epoch`.", NULL},
                {404, "This index has no block of it.", NULL}}};

#define PEER_NAMES                                                                              \
    "\"direction\",\"address_class\",\"version\",\"height\",\"connected_s\",\"latency_us\","    \
    "\"penalty\",\"queued_bytes\",\"has_all_bodies\",\"gives_snapshots\",\"node\",\"address\"," \
    "\"is_trusted\",\"bytes_in\",\"bytes_out\""
#define PEER_MEMBERS                                                                     \
    "\"direction\":{\"enum\":[\"in\",\"out\"]},\"address_class\":{\"enum\":[\"public\"," \
    "\"private\"]},\"version\":" SCHEMA_COUNT ",\"height\":" SCHEMA_COUNT                \
    ",\"connected_s\":" SCHEMA_COUNT ",\"latency_us\":" SCHEMA_MAYBE(SCHEMA_COUNT) PEER_STATE
#define PEER_STATE                                                 \
    ",\"penalty\":" SCHEMA_COUNT ",\"queued_bytes\":" SCHEMA_COUNT \
    ",\"has_all_bodies\":" SCHEMA_BOOLEAN ",\"gives_snapshots\":" SCHEMA_BOOLEAN PEER_IDENTITY
#define PEER_IDENTITY                                                    \
    ",\"node\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"address\":" SCHEMA_MAYBE( \
        SCHEMA_TEXT) ",\"is_trusted\":" SCHEMA_MAYBE(SCHEMA_BOOLEAN) PEER_TRAFFIC
#define PEER_TRAFFIC \
    ",\"bytes_in\":" SCHEMA_MAYBE(SCHEMA_COUNT) ",\"bytes_out\":" SCHEMA_MAYBE(SCHEMA_COUNT)

const struct http_description describes_get_peers = {
    .summary = "The nodes that this one is connected with",
    .answers = {
        {200,
         "`height` is what the peer tells of itself; at a `penalty` of 100 it is let go. Who has "
         "no key of the scope `audit` is told neither which nodes they are nor where: `node`, "
         "`address`, `is_trusted` and the bytes are null then. `view` is null, and there are no "
         "items, where this server makes blocks alone.",
         SCHEMA_OBJECT(
             "\"is_networked\",\"view\",\"is_syncing\",\"node\",\"items\"",
             "\"is_networked\":" SCHEMA_BOOLEAN ",\"view\":" SCHEMA_MAYBE(
                 SCHEMA_COUNT) ",\"is_syncing\":" SCHEMA_BOOLEAN
                               ",\"node\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"items\":" SCHEMA_LIST(
                                   SCHEMA_OBJECT(PEER_NAMES, PEER_MEMBERS)))}}};

const struct http_description describes_get_nodes = {
    .summary = "Servers of this chain, where they are and what they charge",
    .answers = {
        {200,
         "This one and those it is connected with, as far as they want to be found. Each is its "
         "own word: whether a server is of this chain, and near, a client asks that server. "
         "`price_per_mib` is in LMM, for a MiB of answers.",
         SCHEMA_OBJECT("\"chain_id\",\"items\"",
                       "\"chain_id\":" SCHEMA_HASH ",\"items\":" SCHEMA_LIST(SCHEMA_OBJECT(
                           "\"url\",\"price_per_mib\",\"height\",\"is_self\"",
                           "\"url\":" SCHEMA_TEXT ",\"price_per_mib\":" SCHEMA_AMOUNT
                           ",\"height\":" SCHEMA_COUNT ",\"is_self\":" SCHEMA_BOOLEAN)))}}};

#define NUMBERED \
    SCHEMA_OBJECT("\"epoch\",\"height\"", "\"epoch\":" SCHEMA_COUNT ",\"height\":" SCHEMA_COUNT)
#define CHANGE                                 \
    SCHEMA_OBJECT("\"name\",\"now\",\"then\"", \
                  "\"name\":" SCHEMA_TEXT ",\"now\":" SCHEMA_COUNT ",\"then\":" SCHEMA_COUNT)
#define APPROVAL_NAMES                                                                    \
    "\"approves\",\"content\",\"changes\",\"contract\",\"code_hash\",\"arguments_hash\"," \
    "\"takes_effect\""
#define APPROVAL_MEMBERS                                                                     \
    "\"approves\":{\"enum\":[\"parameters\",\"upgrade\"]},\"content\":" SCHEMA_HEX           \
    ",\"changes\":" SCHEMA_LIST(CHANGE) ",\"contract\":" SCHEMA_MAYBE(SCHEMA_ADDRESS) HASHES \
        ",\"takes_effect\":" SCHEMA_MAYBE(NUMBERED)
#define HASHES \
    ",\"code_hash\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"arguments_hash\":" SCHEMA_MAYBE(SCHEMA_HASH)
#define APPROVER                                                                    \
    SCHEMA_OBJECT("\"index\",\"account\"", "\"index\":" SCHEMA_COUNT ",\"account\"" \
                                           ":" SCHEMA_ADDRESS)
#define QUESTION                                                                  \
    SCHEMA_OBJECT(APPROVAL_NAMES ",\"witnesses\",\"approvals\"", APPROVAL_MEMBERS \
                  ",\"witnesses\":" SCHEMA_LIST(APPROVER) ",\"approvals\":" SCHEMA_COUNT)

const struct http_description describes_get_ballots = {
    .summary = "What the witnesses are deciding, and what they have decided",
    .answers = {
        {200,
         "Each item has `approvals` of `seats`; with a `quorum` of them it is decided. Parameters "
         "`takes_effect` at an epoch's first block: of an item, if it is decided in this epoch. An "
         "upgrade waits until somebody brings the code. `content` is what an approval of just this "
         "holds (docs/protocol.md).",
         SCHEMA_OBJECT("\"epoch\",\"seats\",\"quorum\",\"items\",\"decided\"",
                       "\"epoch\":" SCHEMA_COUNT ",\"seats\":" SCHEMA_COUNT
                       ",\"quorum\":" SCHEMA_COUNT
                       ",\"items\":" SCHEMA_LIST(QUESTION) ",\"decided\":" SCHEMA_LIST(
                           SCHEMA_OBJECT(APPROVAL_NAMES, APPROVAL_MEMBERS)))}}};

const struct http_description describes_post_simulate = {
    .summary = "What a transaction would do in the next block",
    .answers = {
        {200,
         "Nothing changes. Signatures count by their number and bytes alone, and the sequence "
         "number may be any: ask before it is signed. `code` may also be what keeps it out of a "
         "block; then it costs nothing.",
         "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"height\",\"code\","
         "\"message\",\"contract_code\",\"gas_used\",\"fee\",\"actions\",\"events\"],"
         "\"properties\":{\"height\":" SCHEMA_COUNT ",\"code\":" SCHEMA_TEXT
         ",\"message\":" SCHEMA_TEXT ",\"contract_code\":" SCHEMA_COUNT
         ",\"contract_message\":" SCHEMA_TEXT ",\"gas_used\":" SCHEMA_COUNT
         ",\"fee\":" SCHEMA_AMOUNT
         ",\"actions\":" SCHEMA_LIST(ACTION) ",\"events\":" SCHEMA_LIST(EVENT) "}}"},
        {400, "`MALFORMED`, with the field.", NULL},
        {413, "`TOO_LARGE`.", NULL},
        {422, "`simulation_too_long`: it takes more gas than a simulation may use.", NULL}}};

const struct http_description describes_get_search = {
    .summary = "What may be meant by a text",
    .parameters = {{"q", SCHEMA_TEXT,
                    "A block's height or id, a transaction, an address, a witness' key, a "
                    "contract's name, on a devnet an account's role, or what the market knows."}},
    .answers = {{200, "Twenty at most; `path` is the page's, behind the #.",
                 SCHEMA_PAGE(SCHEMA_OBJECT("\"kind\",\"id\",\"title\",\"path\"",
                                           "\"kind\":" SCHEMA_TEXT ",\"id\":" SCHEMA_TEXT
                                           ",\"title\":" SCHEMA_TEXT ",\"path\":" SCHEMA_TEXT))},
                INVALID_QUERY}};
