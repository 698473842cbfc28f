-- SPDX-License-Identifier: Apache-2.0
-- What the projection writes, all of it from the chain. An event's key is its place there.
CREATE TABLE IF NOT EXISTS context (hash BLOB NOT NULL PRIMARY KEY, body BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS event (
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    position BIGINT NOT NULL,        -- among the transaction's events
    event_id TEXT NOT NULL,
    hash BLOB NOT NULL,              -- CBV 2.0
    type TEXT NOT NULL,
    time_ms BIGINT NOT NULL,
    record_ms BIGINT NOT NULL,
    is_declaration BIGINT NOT NULL,
    sender BLOB NOT NULL,            -- the account that captured it
    tx_id BLOB NOT NULL,
    chain_event BIGINT NOT NULL,     -- which event of the transaction anchors it
    entry BIGINT NOT NULL,           -- and where in that
    context BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (height, tx_index, position)
);
CREATE INDEX IF NOT EXISTS event_by_id ON event (event_id);
CREATE INDEX IF NOT EXISTS event_by_time ON event (time_ms);
CREATE INDEX IF NOT EXISTS event_by_type ON event (type, height, tx_index, position);

-- The identifiers of what an event is about. Sorted by bytes, for prefixes.
CREATE TABLE IF NOT EXISTS epc (
    id TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,           -- enum epc_place
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (height, tx_index, position, place, id)
);
CREATE INDEX IF NOT EXISTS epc_by_id ON epc (id, height, tx_index, position, place);

-- What became of a capture: code 0 is success.
CREATE TABLE IF NOT EXISTS job (
    job BLOB NOT NULL,
    sender BLOB NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    time_ms BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,      -- of the block of its first transaction
    tx_id BLOB NOT NULL,
    code BIGINT NOT NULL,
    contract_code BIGINT NOT NULL,   -- the market's; 0 when another contract may have refused
    reason TEXT NOT NULL,            -- the name of why no rows came of it, or empty
    event_count BIGINT NOT NULL,
    PRIMARY KEY (job, sender)
);
CREATE INDEX IF NOT EXISTS job_by_place ON job (sender, height, tx_index);

-- The transactions that staged a job; the one that ended it stands in job.
CREATE TABLE IF NOT EXISTS job_tx (
    job BLOB NOT NULL,
    sender BLOB NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    time_ms BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    PRIMARY KEY (job, sender, height, tx_index)
);

-- The events of a job, known ones included, and the row of each.
CREATE TABLE IF NOT EXISTS job_event (
    job BLOB NOT NULL,
    sender BLOB NOT NULL,
    position BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    row_height BIGINT NOT NULL,
    row_tx_index BIGINT NOT NULL,
    row_position BIGINT NOT NULL,
    PRIMARY KEY (job, sender, position)
);

-- Parts of documents whose job is still open; forgotten by height when it never closes.
CREATE TABLE IF NOT EXISTS chunk (
    sender BLOB NOT NULL,
    job BLOB NOT NULL,
    position BIGINT NOT NULL,
    height BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (sender, job, position)
);
CREATE INDEX IF NOT EXISTS chunk_by_height ON chunk (height);
