// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/chain_descriptions.h"

#include "apps/common/server/schema_words.h"

static const char transaction[] =
    "{\"type\":\"object\",\"additionalProperties\":false,"
    "\"required\":[\"id\",\"status\"],\"properties\":{\"id\":" SCHEMA_HASH
    ",\"status\":{\"enum\":[\"pending\",\"included\",\"final\",\"failed\"]},"
    "\"height\":" SCHEMA_COUNT ",\"code\":" SCHEMA_TEXT ",\"message\":" SCHEMA_TEXT
    ",\"contract_code\":" SCHEMA_COUNT ",\"gas_used\":" SCHEMA_COUNT
    ",\"contract_message\":" SCHEMA_TEXT ",\"proof\":" SCHEMA_TEXT "}}";

static const char readiness[] = "{\"type\":\"object\",\"additionalProperties\":false,"
                                "\"required\":[\"status\"],"
                                "\"properties\":{\"status\":{\"enum\":[\"ready\",\"not ready\"]},"
                                "\"problems\":{\"type\":\"array\",\"items\":" SCHEMA_TEXT "}}}";

#define OF_ADDRESS \
    { "address", SCHEMA_ADDRESS, "An account's or a contract's address." }
#define WAIT                                                                                     \
    {                                                                                            \
        "wait", "{\"enum\":[\"final\"]}",                                                        \
            "Answers when the transaction is final or has failed, or after 30 seconds with its " \
            "state of then."                                                                     \
    }

const struct http_description describes_get_chain = {
    .summary = "The chain, its head and its prices",
    .answers = {{200, "The chain as it stands.",
                 "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"chain_id\",\"name\",\"height\",\"id\",\"time\","
                 "\"block_interval_ms\",\"witnesses\",\"quorum\",\"min_gas_price\","
                 "\"block_gas_limit\",\"account_deposit\",\"genesis_head\"],"
                 "\"properties\":{\"chain_id\":" SCHEMA_HASH ",\"name\":" SCHEMA_TEXT
                 ",\"height\":" SCHEMA_COUNT ",\"id\":" SCHEMA_HASH ",\"time\":" SCHEMA_TIME
                 ",\"block_interval_ms\":" SCHEMA_COUNT ",\"witnesses\":" SCHEMA_COUNT
                 ",\"quorum\":" SCHEMA_COUNT ",\"min_gas_price\":" SCHEMA_COUNT
                 ",\"block_gas_limit\":" SCHEMA_COUNT ",\"account_deposit\":" SCHEMA_COUNT
                 ",\"genesis_head\":{\"type\":\"string\","
                 "\"pattern\":\"^([0-9a-f]{2})*$\"}}}"}}};

const struct http_description describes_get_parameters = {
    .summary = "The parameters that ruled the newest final block",
    .answers = {{200, "Prices are in base units.",
                 "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"block_interval_ms\",\"epoch_blocks\",\"min_gas_price\","
                 "\"block_gas_limit\",\"deposit_per_byte\",\"min_witnesses\",\"protocol\",\"leave_"
                 "out_empty_blocks\","
                 "\"allow_floats\"],\"properties\":{\"block_interval_ms\":" SCHEMA_COUNT
                 ",\"epoch_blocks\":" SCHEMA_COUNT ",\"min_gas_price\":" SCHEMA_COUNT
                 ",\"block_gas_limit\":" SCHEMA_COUNT ",\"deposit_per_byte\":" SCHEMA_COUNT
                 ",\"min_witnesses\":" SCHEMA_COUNT ",\"protocol\":" SCHEMA_COUNT
                 ",\"leave_out_empty_blocks\":" SCHEMA_BOOLEAN ",\"allow_floats\":" SCHEMA_BOOLEAN
                 "}}"}}};

#define BLOCK_MEMBERS                                                                \
    "\"height\":" SCHEMA_COUNT ",\"id\":" SCHEMA_HASH ",\"time\":" SCHEMA_TIME       \
    ",\"epoch\":" SCHEMA_COUNT ",\"view\":" SCHEMA_COUNT ",\"leader\":" SCHEMA_COUNT \
    ",\"transaction_count\":" SCHEMA_COUNT ",\"gas_used\":" SCHEMA_COUNT ",\"proof\":" SCHEMA_TEXT
#define BLOCK_NAMES                                                                   \
    "\"height\",\"id\",\"time\",\"epoch\",\"view\",\"leader\",\"transaction_count\"," \
    "\"gas_used\",\"proof\""

const struct http_description describes_get_blocks = {
    .summary = "Final blocks, the newest first",
    .parameters = {{"perPage", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000}",
                    "How many at most; 20 when it is not told. Of large blocks a page has fewer."},
                   {"nextPageToken", SCHEMA_COUNT, "From the Link of the page before."}},
    .answers = {{200,
                 "`Link` has `rel=\"next\"` when there are older ones. `leader` is a place in the "
                 "set of witnesses.",
                 "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\","
                 "\"items\":{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[" BLOCK_NAMES "],\"properties\":{" BLOCK_MEMBERS "}}}}}"},
                {400, "`invalid_query`, with the parameter.", NULL}}};

const struct http_description describes_get_block = {
    .summary = "A final block and what came of its transactions",
    .parameters = {{"height", SCHEMA_COUNT, "From 1 on."}},
    .answers = {{200, "The block; `is_timer` marks what a timer ran and nobody signed.",
                 "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[" BLOCK_NAMES ",\"parent\",\"tx_root\",\"receipts_root\","
                 "\"state_root\",\"history_root\",\"transactions\"],"
                 "\"properties\":{" BLOCK_MEMBERS ",\"parent\":" SCHEMA_HASH
                 ",\"tx_root\":" SCHEMA_HASH ",\"receipts_root\":" SCHEMA_HASH
                 ",\"state_root\":" SCHEMA_HASH ",\"history_root\":" SCHEMA_HASH
                 ",\"transactions\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
                 "\"additionalProperties\":false,\"required\":[\"index\",\"id\","
                 "\"is_timer\",\"code\",\"gas_used\",\"event_count\",\"proof\"],"
                 "\"properties\":{\"index\":" SCHEMA_COUNT ",\"id\":" SCHEMA_HASH
                 ",\"is_timer\":" SCHEMA_BOOLEAN ",\"code\":" SCHEMA_TEXT
                 ",\"gas_used\":" SCHEMA_COUNT ",\"event_count\":" SCHEMA_COUNT
                 ",\"proof\":" SCHEMA_TEXT "}}}}}"},
                {400, "`not_a_height`.", NULL},
                {404, "There is no such block, or this node does not keep it.", NULL}}};

const struct http_description describes_get_account = {
    .summary = "An account's balance, keys, stake and votes",
    .parameters = {OF_ADDRESS},
    .answers = {
        {200, "The account after the block at `height`; one that nobody has used is empty.",
         "{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"address\",\"balance\",\"units\",\"next_seq\","
         "\"authority\",\"stake\",\"candidate\",\"votes\",\"earned\",\"height\",\"proof\"],"
         "\"properties\":{\"address\":" SCHEMA_ADDRESS ",\"balance\":" SCHEMA_AMOUNT
         ",\"units\":{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"},\"next_seq\":" SCHEMA_COUNT
         ",\"authority\":{\"anyOf\":[{\"type\":\"object\","
         "\"additionalProperties\":false,\"required\":[\"threshold\","
         "\"keys\"],\"properties\":{\"threshold\":" SCHEMA_COUNT
         ",\"keys\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
         "\"additionalProperties\":false,\"required\":[\"key\",\"weight\"],"
         "\"properties\":{\"key\":" SCHEMA_HASH ",\"weight\":" SCHEMA_COUNT
         "}}}}},{\"type\":\"null\"}]},\"stake\":{\"anyOf\":[{\"type\":\"object\","
         "\"additionalProperties\":false,\"required\":[\"locked\","
         "\"unlocks\"],\"properties\":{\"locked\":" SCHEMA_AMOUNT
         ",\"unlocks\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
         "\"additionalProperties\":false,\"required\":[\"amount\",\"ready\"],"
         "\"properties\":{\"amount\":" SCHEMA_AMOUNT ",\"ready\":" SCHEMA_TIME
         "}}}}},{\"type\":\"null\"}]},"
         "\"candidate\":{\"anyOf\":[{\"type\":\"object\","
         "\"additionalProperties\":false,\"required\":[\"key\",\"is_active\",\"left\",\"punished_"
         "in\","
         "\"commission\",\"votes\"],\"properties\":{\"key\":" SCHEMA_HASH
         ",\"is_active\":" SCHEMA_BOOLEAN SCHEMA_STANDING ",\"commission\":" SCHEMA_COUNT
         ",\"votes\":" SCHEMA_AMOUNT "}},{\"type\":\"null\"}]},\"earned\":" SCHEMA_AMOUNT
         ",\"votes\":{\"type\":\"array\",\"items\":" SCHEMA_ADDRESS "},\"height\":" SCHEMA_COUNT
         ",\"proof\":" SCHEMA_TEXT "}}"},
        {400, "`not_an_address`.", NULL}}};

const struct http_description describes_get_candidates = {
    .summary = "Who stands for election",
    .parameters = {{"perPage", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000}",
                    "How many at most; 100 when it is not told."},
                   {"nextPageToken", SCHEMA_TEXT, "From the Link of the page before."}},
    .answers = {
        {200, "In the order of their addresses; `Link` has `rel=\"next\"` when there are more.",
         "{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\","
         "\"items\":{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"address\",\"key\",\"is_active\",\"left\",\"punished_in\",\"commission\","
         "\"votes\"],\"properties\":{\"address\":" SCHEMA_ADDRESS ",\"key\":" SCHEMA_HASH
         ",\"is_active\":" SCHEMA_BOOLEAN SCHEMA_STANDING ",\"commission\":" SCHEMA_COUNT
         ",\"votes\":" SCHEMA_AMOUNT "}}}}}"},
        {400, "`invalid_query`.", NULL}}};

const struct http_description describes_get_contract = {
    .summary = "What stands under a contract's address",
    .parameters = {OF_ADDRESS},
    .answers = {
        {200,
         "The contract; `tx` deployed it at `height`, which is 0 and null for one of genesis. "
         "Both are null while the index is behind that or cannot be asked.",
         "{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"address\",\"code_hash\",\"upgrader\",\"state_bytes\","
         "\"deposit\",\"height\",\"tx\",\"proof\"],\"properties\":{\"address\":" SCHEMA_ADDRESS
         ",\"code_hash\":" SCHEMA_HASH ",\"upgrader\":{\"anyOf\":[" SCHEMA_ADDRESS
         ",{\"const\":\"witnesses\"},{\"type\":\"null\"}]},\"state_bytes\":" SCHEMA_COUNT
         ",\"deposit\":" SCHEMA_AMOUNT ",\"height\":" SCHEMA_MAYBE(
             SCHEMA_COUNT) ",\"tx\":" SCHEMA_MAYBE(SCHEMA_HASH) ",\"proof\":" SCHEMA_TEXT "}}"},
        {400, "`not_an_address`.", NULL},
        {404, "No contract is there.", NULL}}};

const struct http_description describes_get_contract_abi = {
    .summary = "A contract's description of itself",
    .parameters = {OF_ADDRESS},
    .answers = {{200, "Borsh, as the contract brought it.", NULL},
                {400, "`not_an_address`.", NULL},
                {404, "No contract is there, or it says nothing of itself.", NULL}}};

const struct http_description describes_get_contract_view = {
    .summary = "Asks a view of a contract",
    .parameters = {OF_ADDRESS,
                   {"method", SCHEMA_TEXT, "The view's name."},
                   {"arguments", "{\"type\":\"string\",\"pattern\":\"^([0-9a-fA-F]{2})*$\"}",
                    "Borsh, in hex."}},
    .answers = {
        {200, "Borsh, in hex.",
         "{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"result\"],"
         "\"properties\":{\"result\":{\"type\":\"string\","
         "\"pattern\":\"^([0-9a-f]{2})*$\"}}}"},
        {400, "`not_an_address` or `not_hex`.", NULL},
        {404, "`UNKNOWN_CONTRACT` or `UNKNOWN_METHOD`.", NULL},
        {422,
         "The view failed: any code of a transaction; contract_message is the contract's own "
         "sentence.",
         NULL}}};

const struct http_description describes_post_contract_view = {
    .summary = "Asks a view of a contract in the words of its own description",
    .parameters = {OF_ADDRESS, {"method", SCHEMA_TEXT, "The view's name."}},
    .body = "{\"type\":\"object\",\"additionalProperties\":false,"
            "\"properties\":{\"arguments\":{\"type\":[\"object\",\"array\"]}}}",
    .answers = {
        {200, "By the type that the view returns; null where the result does not fit it.",
         SCHEMA_OBJECT("\"result\",\"result_hex\"", "\"result\":{},\"result_hex\":" SCHEMA_HEX)},
        {400,
         "`not_an_address`, `invalid_arguments` with the place, or `no_description` where the "
         "contract gives none.",
         NULL},
        {404, "`UNKNOWN_CONTRACT` or `UNKNOWN_METHOD`.", NULL},
        {422,
         "The view failed: any code of a transaction; contract_message is the contract's own "
         "sentence.",
         NULL}}};

const struct http_description describes_post_transaction = {
    .summary = "Takes a signed transaction",
    .parameters = {WAIT},
    .answers = {{202, "Taken; `Location` is the transaction's own address.", transaction},
                {400, "`MALFORMED`, with the field.", NULL},
                {403, "`BAD_SIGNATURE` or `NOT_AUTHORIZED`.", NULL},
                {409, "`DUPLICATE`, `WRONG_NONCE` or `NONCE_GAP`.", NULL},
                {413, "`TOO_LARGE`.", NULL},
                {422, "It breaks a rule of the chain: any code of a transaction.", NULL},
                {503, "`MEMPOOL_FULL` or `NOT_RUNNING`.", NULL}}};

const struct http_description describes_get_transaction = {
    .summary = "A transaction, from pending to final or failed",
    .parameters = {{"id", "{\"type\":\"string\",\"pattern\":\"^[0-9a-fA-F]{64}$\"}",
                    "The transaction's id."},
                   WAIT},
    .answers = {{200, "The transaction as it stands; a failed one has its reason.", transaction},
                {400, "`not_an_id`.", NULL},
                {404, "Nobody knows of it.", NULL}}};

const struct http_description describes_get_live = {
    .summary = "News as server-sent events",
    .types = "text/event-stream",
    .answers = {{200, "A stream that does not end; `Last-Event-ID` goes on behind an event.", NULL},
                {503, "No room for another reader.", NULL}}};

const struct http_description describes_get_devnet = {
    .summary = "A devnet's public keys",
    .answers = {
        {200, "Known to everybody: for tests alone.",
         "{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"api_key\",\"mnemonic\",\"accounts\"],"
         "\"properties\":{\"api_key\":" SCHEMA_TEXT ",\"mnemonic\":" SCHEMA_TEXT
         ",\"accounts\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
         "\"additionalProperties\":false,\"required\":[\"role\",\"address\","
         "\"path\"],\"properties\":{\"role\":" SCHEMA_TEXT ",\"address\":" SCHEMA_ADDRESS
         ",\"path\":" SCHEMA_TEXT "}}}}}"},
        {404, "`not_a_devnet`.", NULL},
        {421, "`wrong_host`: asked under a name that is not this machine's address.", NULL}}};

const struct http_description describes_post_faucet = {
    .summary = "Money for whoever asks, on a devnet",
    .body = "{\"type\":\"object\",\"additionalProperties\":false,"
            "\"required\":[\"address\"],\"properties\":{\"address\":" SCHEMA_ADDRESS
            ",\"amount\":" SCHEMA_AMOUNT "}}",
    .answers = {{202, "The transaction that brings it.",
                 "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"id\",\"status\"],\"properties\":{\"id\":" SCHEMA_HASH
                 ",\"status\":{\"const\":\"pending\"}}}"},
                {400, "`invalid_wish`, with the member.", NULL},
                {404, "`not_a_devnet`.", NULL},
                {409, "`has_enough`.", NULL}}};

const struct http_description describes_post_warp = {
    .summary = "Moves a devnet's time on",
    .body = "{\"type\":\"object\",\"additionalProperties\":false,"
            "\"required\":[\"seconds\"],\"properties\":{\"seconds\":{\"type\":\"integer\","
            "\"minimum\":1,\"maximum\":316224000}}}",
    .answers = {
        {200, "What its clock says by now.",
         "{\"type\":\"object\",\"additionalProperties\":false,"
         "\"required\":[\"time\"],\"properties\":{\"time\":" SCHEMA_TEXT "}}"},
        {400, "`invalid_time`.", NULL},
        {404, "`not_a_devnet`.", NULL},
        {409,
         "`end_of_time`: beyond the year 9999. `own_clock`: the chain is agreed on with nodes of "
         "other clocks.",
         NULL},
        {421, "`wrong_host`: asked under a name that is not this machine's address.", NULL}}};

const struct http_description describes_get_openapi = {
    .summary = "This document",
    .answers = {{200, "OpenAPI 3.1.",
                 "{\"type\":\"object\",\"required\":[\"openapi\",\"info\",\"paths\"]}"}}};

const struct http_description describes_get_docs = {
    .summary = "This document as a page for people",
    .answers = {{302, "Leads to the page.", NULL},
                {404, "`not_found`: this server has no pages.", NULL}}};

const struct http_description describes_get_livez = {
    .summary = "Whether the process lives",
    .types = "application/json",
    .answers = {{200, "It does.",
                 "{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"status\"],"
                 "\"properties\":{\"status\":{\"const\":\"ok\"}}}"}}};

const struct http_description describes_get_readyz = {
    .summary = "Whether answers are as new as people expect",
    .types = "application/json",
    .parameters = {{"verbose", SCHEMA_TEXT, "Whatever its value: tells the reasons."}},
    .answers = {{200, "Ready.", readiness}, {503, "Not ready.", readiness}}};

const struct http_description describes_get_metrics = {
    .summary = "Counters for Prometheus",
    .types = "text/plain",
    .answers = {{200, "Text format 0.0.4.", NULL}}};
