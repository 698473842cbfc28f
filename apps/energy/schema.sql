-- SPDX-License-Identifier: Apache-2.0
-- What the projection writes, all of it from the chain. Names are as they came: nobody has checked
-- that they are UTF-8, so they are BLOBs. height, tx_index, event_index, tx_id and time_ms are of the
-- event that made the row. Sides, kinds, directions and outcomes are the contract's numbers
-- (contract/rules.h). Money is in base units, energy in Wh.
CREATE TABLE IF NOT EXISTS zone (
    zone BIGINT NOT NULL PRIMARY KEY,
    operator BLOB NOT NULL,
    cap BIGINT NOT NULL,
    lot BIGINT NOT NULL,
    gate_ms BIGINT NOT NULL,
    wait_ms BIGINT NOT NULL,
    account BIGINT NOT NULL,
    name BLOB NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);

-- A quarter of an hour that somebody has ordered for.
CREATE TABLE IF NOT EXISTS slot (
    zone BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    book BIGINT NOT NULL,          -- the number of the book's last change
    trades BIGINT NOT NULL,
    wh BIGINT NOT NULL,
    last_price BIGINT NOT NULL,    -- 0: none
    unsettled BIGINT NOT NULL,     -- trades
    is_final BIGINT NOT NULL,
    pot BIGINT NOT NULL,
    short_wh BIGINT NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (zone, slot)
);

-- What rests at a price.
CREATE TABLE IF NOT EXISTS level (
    zone BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    side BIGINT NOT NULL,
    price BIGINT NOT NULL,
    wh BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    PRIMARY KEY (zone, slot, side, price)
);

CREATE TABLE IF NOT EXISTS placed (
    zone BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    number BIGINT NOT NULL,
    account BLOB NOT NULL,
    side BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    price BIGINT NOT NULL,
    wh BIGINT NOT NULL,
    traded_wh BIGINT NOT NULL,
    open_wh BIGINT NOT NULL,
    status TEXT NOT NULL,          -- resting, filled, cancelled
    reason TEXT NOT NULL,          -- why it was cancelled
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (zone, slot, number)
);
CREATE INDEX IF NOT EXISTS placed_by_place ON placed (height, tx_index, event_index);
CREATE INDEX IF NOT EXISTS placed_by_account ON placed (account, height, tx_index, event_index);

CREATE TABLE IF NOT EXISTS trade (
    zone BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    number BIGINT NOT NULL,
    price BIGINT NOT NULL,
    wh BIGINT NOT NULL,
    side BIGINT NOT NULL,          -- of the order that came second
    buyer BLOB NOT NULL,
    seller BLOB NOT NULL,
    bid BIGINT NOT NULL,           -- numbers of the orders
    ask BIGINT NOT NULL,
    is_settled BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (zone, slot, number)
);
CREATE INDEX IF NOT EXISTS trade_by_place ON trade (height, tx_index, event_index);
CREATE INDEX IF NOT EXISTS trade_by_slot ON trade (zone, slot, time_ms);

-- What an account has traded for a slot, and what came of it.
CREATE TABLE IF NOT EXISTS position (
    zone BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    account BLOB NOT NULL,
    bought BIGINT NOT NULL,
    sold BIGINT NOT NULL,
    received BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    exported BIGINT NOT NULL,      -- -1: no reading
    imported BIGINT NOT NULL,
    cost BIGINT NOT NULL,          -- of what was received
    income BIGINT NOT NULL,        -- for what was delivered
    compensation BIGINT NOT NULL,  -- for what was not
    penalty BIGINT NOT NULL,
    shared BIGINT NOT NULL,        -- out of the pot
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (zone, slot, account)
);
CREATE INDEX IF NOT EXISTS position_by_account ON position (account, slot);

CREATE TABLE IF NOT EXISTS meter (
    key BLOB NOT NULL PRIMARY KEY,
    account BLOB NOT NULL,
    zone BIGINT NOT NULL,
    direction BIGINT NOT NULL,
    is_retired BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    most_wh BIGINT NOT NULL,       -- of a reading; 0: not approved
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS meter_by_account ON meter (account, zone, direction);

CREATE TABLE IF NOT EXISTS reading (
    key BLOB NOT NULL,
    slot BIGINT NOT NULL,
    account BLOB NOT NULL,
    zone BIGINT NOT NULL,
    direction BIGINT NOT NULL,
    wh BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (key, slot)
);
CREATE INDEX IF NOT EXISTS reading_by_place ON reading (height, tx_index, event_index);

-- What was told, in order: for webhooks. `part` 1 is the change of the book that the event made.
CREATE TABLE IF NOT EXISTS happening (
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    part BIGINT NOT NULL,
    kind TEXT NOT NULL,
    data BLOB NOT NULL,            -- JSON
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (height, tx_index, event_index, part)
);
