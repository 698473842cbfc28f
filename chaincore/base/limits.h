// SPDX-License-Identifier: Apache-2.0
// Every bound on what comes from outside, by name and with its unit. Bounds of the protocol (all
// nodes must agree) stand first; bounds of one node or server follow.
#ifndef LMM_BASE_LIMITS_H
#define LMM_BASE_LIMITS_H

enum {
    // protocol
    LIMIT_TX_BYTES = 64 * 1024,
    LIMIT_DEPLOY_TX_BYTES = 1280 * 1024,
    LIMIT_TX_ACTIONS = 16,
    LIMIT_TX_SIGNATURES = 32, // 16 of the sender, 16 of the payer
    LIMIT_ACCOUNT_KEYS = 16,
    LIMIT_ENVELOPE_RECIPIENTS = 64,
    LIMIT_VOTES = 30, // candidates that one account votes for
    LIMIT_STAKE_UNLOCKS = 8,
    LIMIT_COMMISSION = 10000,            // hundredths of a per cent
    LIMIT_BLOCK_BYTES = 4 * 1024 * 1024, // of its transactions, each with its length in front
    LIMIT_BLOCK_RESULT_BYTES = 16 * 1024 * 1024, // of its receipts and events, as encoded
    LIMIT_BLOCK_TXS = 65536,
    LIMIT_VALID_UNTIL_BLOCKS = 28800,
    LIMIT_WITNESSES = 101,
    LIMIT_CODE_BYTES = 1024 * 1024,
    LIMIT_METHOD_NAME_BYTES = 64,
    LIMIT_STORAGE_KEY_BYTES = 256,
    LIMIT_STORAGE_VALUE_BYTES = 64 * 1024,
    LIMIT_EVENT_TOPIC_BYTES = 64,
    LIMIT_EVENT_DATA_BYTES = 16 * 1024,
    LIMIT_TX_EVENTS = 1024,
    LIMIT_TX_EVENT_BYTES = 2 * 1024 * 1024, // of all of them, as encoded
    LIMIT_RETURN_BYTES = 64 * 1024,
    LIMIT_CALL_ARGUMENT_BYTES = 64 * 1024, // from contract to contract
    LIMIT_TIMER_ARGUMENT_BYTES = 4096,
    LIMIT_BLOCK_TIMERS = 4096,
    LIMIT_CONTRACT_DEPTH = 16, // contracts that call one another
    LIMIT_CALL_PAGES = 1024,   // of 64 KiB, in all of them together
    LIMIT_TREE_DEPTH = 256,

    // one node
    LIMIT_MEMPOOL_TXS = 65536,
    LIMIT_MEMPOOL_BYTES = 64 * 1024 * 1024,
    LIMIT_RECENT_DROPS = LIMIT_MEMPOOL_TXS, // remembered: all that one block may drop
    LIMIT_MEMPOOL_TXS_PER_LANE = 1024,
    LIMIT_MEMPOOL_TXS_PER_SENDER = 8192, // in all of its lanes
    LIMIT_MEMPOOL_BYTES_PER_SENDER = 8 * 1024 * 1024,
    LIMIT_LOG_FILTER_BYTES = 256 * 1024 * 1024, // of closed segments, kept in memory
    LIMIT_FINAL_VERSIONS = 8,
    LIMIT_REPLAY_BLOCKS = 200, // above the checkpoint on disk: what a start executes again
    LIMIT_UNFINAL_BLOCKS = 16,
    LIMIT_FINAL_UNSHOWN = 128, // final without a certificate of their own, below one that has one
    LIMIT_EXECUTED_BLOCKS = 65 + LIMIT_FINAL_UNSHOWN, // above: a driver's, and a start's
    LIMIT_BLOCKS_FOUND = 64,                          // final ones of late, by their ids
    LIMIT_PROOF_BYTES = 64 * 1024,

    // agreement
    LIMIT_VIEWS_KEPT = 256,   // whose certificates are kept, from the newest final one on
    LIMIT_VIEWS_COUNTED = 32, // whose votes are counted: half before the own view, half after
    LIMIT_BRANCH_BLOCKS = 64, // known and not final, on all branches
    LIMIT_FETCHED_CERTIFICATES = 16,          // in answer to one FETCH
    LIMIT_FETCH_ASKED = 4,                    // witnesses, in one go
    LIMIT_ANSWER_BYTES = 16 * 1024 * 1024,    // to FETCHes of a peer at once, and in the long run:
    LIMIT_ANSWER_BYTES_PER_MS = 4 * 1024,     // thrice what blocks of the largest size need
    LIMIT_ANSWER_OWNERS = 4096,               // nodes and addresses whose answers are counted
    LIMIT_CONSENSUS_ACTIONS = 256,            // that one step asks for
    LIMIT_CLOCK_AHEAD_MS = 5 * 1000,          // of a block's time, before the own clock
    LIMIT_EMPTY_PAUSE_MS = 60 * 1000,         // without a block where empty ones are left out
    LIMIT_TIMEOUT_DOUBLINGS = 5,              // of a view's timeout, by failures alone
    LIMIT_BODY_BYTES = 4 + LIMIT_BLOCK_BYTES, // of a block on its way between witnesses
    LIMIT_VERIFIED_TOGETHER = 256,            // signatures
    LIMIT_VERIFIED_REMEMBERED = 8192,         // four votes of 101 witnesses in twenty views
    LIMIT_DRIVER_MESSAGES = 64,               // of one loop
    LIMIT_DRIVER_QUEUE = 4096,                // that wait
    LIMIT_DRIVER_QUEUE_OF_PEER = 512,         // of these, one peer's
    LIMIT_DRIVER_QUEUE_OF_STRANGER = 256,     // the same, where it is not trusted
    LIMIT_DRIVER_QUEUE_OF_STRANGERS = 2048,   // of these, of all such: the rest is for the others
    LIMIT_DRIVER_SMALL_BYTES = 8 * 1024,      // of a message; larger ones have bounds of bytes:
    LIMIT_DRIVER_LARGE_BYTES = 64 * 1024 * 1024,
    LIMIT_DRIVER_LARGE_BYTES_OF_STRANGERS = 32 * 1024 * 1024,
    LIMIT_DRIVER_LARGE_BYTES_OF_PEER = 12 * 1024 * 1024,
    LIMIT_PEERS = 256,                 // connections of a host; a word of bits holds 64 of them
    LIMIT_HANDOUT_BYTES = 1024 * 1024, // of blocks that peers lack, in one run; one may reach over
    LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS = 16 * 1024 * 1024, // to all of them
    LIMIT_HANDOUT_AHEAD_MS = 2 * 1000,                         // of which they may have at once
    LIMIT_VOTE_LOG_BYTES = 1 << 30,               // of a file: every unfinal block, several times
    LIMIT_VOTE_LOG_SLACK_BYTES = 4 * 1024 * 1024, // of no use any more, besides as much as is

    // network
    LIMIT_PEERS_TOLD = 64,                    // in one answer
    LIMIT_NET_HELD_BYTES = 512 * 1024 * 1024, // of frames to and from all peers
    LIMIT_NET_DRAIN_BYTES_PER_S = 16 * 1024,  // that a peer has to read for which something waits
    LIMIT_BANS = 1024,                        // remembered
    LIMIT_RATED_OWNERS = 1024,                // addresses whose connections are counted
    LIMIT_BOOK_ENTRIES = 1024,                // nodes heard of
    LIMIT_BOOK_FIXED = 128,                   // named by the operator: all witnesses, and some more
    LIMIT_RECORD_MS = 24 * 3600 * 1000,       // for which a witness's record counts
    LIMIT_RECORDS_AT_ONCE = 4,                // of one witness, taken; and in the long run
    LIMIT_RECORD_EVERY_MS = 15 * 1000,        // one in such a time
    LIMIT_RECORDS_OF_PEER = 1024,             // looked at in a minute: ten times all there are
    LIMIT_GUARDED = 16,                       // nodes that a sentry stands before
    LIMIT_RELAYED = 16384,                 // messages of agreement that a sentry has passed of late
    LIMIT_BOOK_OF_GROUP = 32,              // of one group of addresses
    LIMIT_BOOK_OF_TELLER = 64,             // told by one, that have not answered yet
    LIMIT_GOSSIP_BYTES = 32 * 1024 * 1024, // of transactions of peers that wait to be admitted
    LIMIT_GOSSIP_BYTES_OF_PEER = 4 * 1024 * 1024,
    LIMIT_GOSSIP_TXS_OF_RUN = 1024,            // admitted in one loop, so that votes need not wait
    LIMIT_GOSSIP_OUT_BYTES = 16 * 1024 * 1024, // passed on in one loop
    LIMIT_GOSSIP_FRAME_BYTES = 128 * 1024,     // of a frame with more than one transaction
    LIMIT_GOSSIP_WAITING_BYTES = 1536 * 1024,  // of the mempool, told a newcomer, and all again
    LIMIT_CHARGES = 128, // evidence that a node has and the chain does not know yet
    LIMIT_GOSSIP_AGAIN_MS = 10 * 1000,
    LIMIT_GOSSIP_SEEN_MS = 60 * 1000, // for which a transaction that came twice costs a look
    LIMIT_GOSSIP_BAD_SIGNATURES = 64, // of one peer in a minute, before it costs the peer anything
    LIMIT_GOSSIP_WHOLE_PEERS = 8, // whom a node sends its own transactions whole: all, if no more
    LIMIT_GOSSIP_DRAWN_PEERS = 2, // and those of others
    LIMIT_GOSSIP_LEADERS = 4,     // views ahead, whose leaders are sent them whole too
    LIMIT_GOSSIP_WITNESSES = 8,   // told the id of what another witness has told
    LIMIT_GOSSIP_IDS = 4096,      // of a frame
    LIMIT_GOSSIP_WANTED = 32 * 1024, // ids that peers told, and what they stand for has not come
    LIMIT_GOSSIP_WANTED_OF_PEER = 8 * 1024,
    LIMIT_GOSSIP_WANTED_OF_NEW = 1024, // a stranger's that has delivered little yet
    LIMIT_GOSSIP_TELLERS = 8,          // remembered of one id
    LIMIT_GOSSIP_ASKED_OF_PEER = 1024, // at a time
    LIMIT_GOSSIP_ASKED_OF_NEW = 64,    // who has not delivered so many yet
    LIMIT_GOSSIP_ASK_WAIT_MS = 20,     // for what may come unasked
    LIMIT_GOSSIP_ASK_MS = 1000,        // until another one is asked
    LIMIT_GOSSIP_SILENT_ROUNDS = 4, // of questions that a peer never answered, before it costs it
    LIMIT_GOSSIP_SETTLED_MS = 5000, // for which what the state refused is not asked for again
    LIMIT_GOSSIP_EARLY = 1024,      // transactions whose predecessors have not come yet
    LIMIT_GOSSIP_EARLY_OF_PEER = 256,
    LIMIT_GOSSIP_EARLY_BYTES = 2 * 1024 * 1024,
    LIMIT_GOSSIP_EARLY_MS = 5000,

    // final blocks in bulk
    LIMIT_SYNC_HEADERS = 128,              // of one answer: more than between kept certificates
    LIMIT_SYNC_BATCHES = 3,                // of headers, each up to a certificate
    LIMIT_SYNC_BLOCKS = 32,                // asked of a peer at once
    LIMIT_SYNC_ANSWER_BYTES = 1024 * 1024, // of bodies; the last may reach over
    LIMIT_SYNC_BYTES = 32 * 1024 * 1024,   // of bodies that are here or on their way
    LIMIT_SYNC_SERVED = 8,                 // peers whose headers are being read
    LIMIT_SYNC_NEAR = 20,                  // blocks behind that nobody is told of
    LIMIT_SYNC_TAKEN = 8,                  // blocks executed in one run

    // JSON at the edges
    LIMIT_JSON_DEPTH = 64,
    LIMIT_JSON_CONTAINERS = 256 * 1024, // objects and arrays of one text: about 64 MiB
    LIMIT_POINTER_BYTES = 4096,
    LIMIT_VIOLATIONS = 32,
    LIMIT_SCHEMA_NODES = 4096,
    LIMIT_SCHEMA_NESTING = 1024, // schemas within schemas while one value is looked at
    LIMIT_PATTERN_BYTES = 4096,
    LIMIT_PATTERN_STEPS = 100 * 1000,
    LIMIT_PATTERN_HEAP_KIB = 4096,

    // one server: HTTP and database
    LIMIT_HTTP_URI_BYTES = 8 * 1024,
    LIMIT_HTTP_HEADER_BYTES = 16 * 1024,
    LIMIT_HTTP_HEADERS = 64,
    LIMIT_HTTP_QUERY_PARAMS = 64,
    LIMIT_HTTP_PATH_SEGMENTS = 16,
    // Read of a refused body, so that the answer arrives: twice the largest that any route takes.
    LIMIT_HTTP_DISCARD_BYTES = 8 * 1024 * 1024,
    LIMIT_HTTP_BODIES_BYTES = 256 * 1024 * 1024,  // of all requests in flight together
    LIMIT_HTTP_ANSWERS_BYTES = 256 * 1024 * 1024, // of all answers not yet sent together
    LIMIT_HTTP_UNSENT_BYTES =
        64 * 1024, // that the kernel takes for a client ahead of what it reads
    LIMIT_HTTP_WAIT_MS = 60 * 1000,
    LIMIT_HTTP_WAIT_KEY_BYTES = 40,
    LIMIT_HTTP_WAKE_UPS = 256, // of one parked request
    LIMIT_HTTP_VIOLATIONS = 100,
    LIMIT_HTTP_PROXIES = 32,         // in a row, and networks of trusted ones
    LIMIT_HTTP_ORIGINS = 32,         // whose pages may read answers
    LIMIT_HTTP_RATE_BUCKETS = 16384, // clients that a rate limit remembers
    LIMIT_HTTP_TLS_CHAIN = 16,       // certificates
    LIMIT_HTTP_TLS_FILE_BYTES = 256 * 1024,
    LIMIT_HTTP_IDEMPOTENCY_KEY_BYTES = 255,
    LIMIT_HTTP_IDEMPOTENCY_MS = 24 * 3600 * 1000, // for which the first answer is kept
    LIMIT_HTTP_KEPT_BYTES = 16 * 1024,            // of such an answer
    LIMIT_HTTP_KEPT_FILE_BYTES = 1 << 30,         // of all of them
    LIMIT_HTTP_KEPT_OPEN = 64 * 1024,             // of clients without an API key
    LIMIT_HTTP_ASSETS = 1024,
    LIMIT_HTTP_ASSET_BYTES = 64 * 1024 * 1024,
    LIMIT_DB_STATEMENTS = 256,  // prepared and kept, of one connection
    LIMIT_DB_PARAMS = 384,      // $1 ... of one statement
    LIMIT_DB_UNANSWERED = 1024, // statements sent to PostgreSQL before their answers are read
    LIMIT_DB_KEPT_BYTES = 1024 * 1024,     // of rows for one table that are not sent yet
    LIMIT_DB_SHOWN_BYTES = 40,             // of a value, to a person
    LIMIT_DB_ROW_BYTES = 64 * 1024 * 1024, // of such a row
    LIMIT_INDEX_BATCH = 64,                // blocks of one transaction; and how far behind is far
    LIMIT_INDEX_BATCH_BYTES = 4 * 1024 * 1024,
    LIMIT_INDEX_NEAR = 4, // so few blocks behind, each has a transaction of its own again
    LIMIT_INDEX_AHEAD = LIMIT_INDEX_BATCH, // blocks that are read before their rows are written
    LIMIT_INDEX_DIFFERENCES = 10, // rows of a table that a verification shows, of each side
    LIMIT_DB_QUERY_MS = 10 * 1000,
    LIMIT_DB_LOCK_WAIT_MS = 5 * 1000,
    LIMIT_API_KEYS = 4096, // of the server's own account; revoked and expired ones included
    LIMIT_API_KEY_NAME_BYTES = 64,
    LIMIT_API_KEY_SCOPES_BYTES = 255, // of all of one key's, with a space between
    LIMIT_CONFIG_BYTES = 64 * 1024,   // of a configuration file

    // a firm
    LIMIT_SIGNERS = 64,          // accounts that one server signs with, its own included
    LIMIT_SIGNER_API_KEYS = 128, // of each but the server's own
    LIMIT_API_KEYS_IN_ALL = LIMIT_API_KEYS + (LIMIT_SIGNERS - 1) * LIMIT_SIGNER_API_KEYS,
    LIMIT_SIGNER_NAME_BYTES = 25,
    LIMIT_SIGNER_ATTEMPTS = 4,  // at a number that somebody else with the key uses too
    LIMIT_MEMBERS = 1000,       // who act as the server's own account
    LIMIT_SIGNER_MEMBERS = 100, // as each other one
    LIMIT_MEMBER_NAME_BYTES = 64,
    LIMIT_AUDIT_LINES = 100 * 1000,
    LIMIT_AUDIT_SESSION_LINES = 20 * 1000, // besides; these anybody writes who logs in
    LIMIT_SIGNER_AUDIT_PART = 10,          // of each other account so many times less of both
    LIMIT_AUDIT_TEXT_BYTES = 200,          // of each text of a line
    LIMIT_SESSIONS_PER_ACCOUNT = 16,
    LIMIT_LOGINS_USED = 4096, // texts that were signed, for as long as they might come again
    LIMIT_LOGIN_DOMAIN_BYTES = 255,

    // live stream: read for one client who was away
    LIMIT_LIVE_MISSED = 1000,
    LIMIT_LIVE_MISSED_BYTES = 256 * 1024,

    // webhooks
    LIMIT_WEBHOOKS = 64,        // of the account that is the server's own
    LIMIT_SIGNER_WEBHOOKS = 16, // of each other one that it signs with
    LIMIT_WEBHOOKS_IN_ALL = LIMIT_WEBHOOKS + (LIMIT_SIGNERS - 1) * LIMIT_SIGNER_WEBHOOKS,
    LIMIT_WEBHOOK_KINDS = 32, // of events, that a market has
    LIMIT_WEBHOOK_URL_BYTES = 2048,
    LIMIT_WEBHOOK_DESCRIPTION_BYTES = 128,
    LIMIT_WEBHOOK_FILTER_BYTES = 128, // at least a query's name
    LIMIT_WEBHOOK_TOKEN_BYTES = 255,  // that a subscriber chooses
    LIMIT_WEBHOOK_AGAIN = 100,        // messages of one that are to be sent again
    LIMIT_WEBHOOK_DELIVERIES = 1000,  // of one, that are remembered
    LIMIT_WEBHOOK_READ_MS = 1000,     // that a statement may take which looks for what to send
    LIMIT_WEBHOOK_HEIGHTS = 16384,    // that are looked through for a filter in one go
    LIMIT_WEBHOOK_ANSWER_BYTES = 16 * 1024,
    LIMIT_WEBHOOK_CONNECT_MS = 5 * 1000,
    LIMIT_WEBHOOK_ANSWER_MS = 15 * 1000, // from the start of an attempt to its end

    LIMIT_SPAN_VALUES = 1024 * 1024, // of one text: about 80 MiB

    // EPCIS documents and queries
    LIMIT_EPCIS_IDENTIFIER_BYTES = 2048, // eventID, EPC, type: what an index is made of
    LIMIT_EPCIS_CONTEXT_BYTES = 32 * 1024,
    LIMIT_EPCIS_EXPANSION = 32,  // what is hashed of a document over its size
    LIMIT_QUERY_CONDITIONS = 64, // parameters of one query
    LIMIT_QUERY_VALUES = 64,     // alternatives in one query parameter
    LIMIT_QUERY_TERMS = 320,     // values of all parameters of one query, patterns twice
    LIMIT_QUERY_VALUE_BYTES = 2048,
    LIMIT_NAMED_QUERIES = 1024,
    LIMIT_NAMED_QUERY_BYTES = 32 * 1024, // of the request that makes one
    LIMIT_QUERY_NAME_BYTES = 128,
    LIMIT_QUERY_EVENTS = 100 * 1000, // that eventCountLimit and maxEventCount count to
    LIMIT_QUERY_PAGE = 1000,
    LIMIT_QUERY_PAGE_BYTES = 4 * 1024 * 1024, // of a page's events; the last one may reach over
};

#endif
