-- SPDX-License-Identifier: Apache-2.0
-- What the projection writes, all of it from the chain. Texts are as they came: nobody has checked
-- that they are UTF-8, so they are BLOBs.
CREATE TABLE IF NOT EXISTS entry (
    number BIGINT NOT NULL PRIMARY KEY,
    author BLOB NOT NULL,
    text BLOB NOT NULL,
    signed_ms BIGINT NOT NULL,
    height BIGINT NOT NULL,          -- of the event that gave it this text
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);

-- What happened, in order: for webhooks.
CREATE TABLE IF NOT EXISTS happening (
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    what TEXT NOT NULL,
    number BIGINT NOT NULL,
    author BLOB NOT NULL,
    text BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (height, tx_index, event_index)
);
