-- SPDX-License-Identifier: Apache-2.0
-- What the projection writes, all of it from the chain. `record` is what the contract last told of
-- the thing (happenings.h); the other columns are what is searched for and sorted by.
CREATE TABLE IF NOT EXISTS asset (
    number BIGINT NOT NULL PRIMARY KEY,
    owner BLOB NOT NULL,
    is_withdrawn BIGINT NOT NULL,
    latitude BIGINT NOT NULL,        -- 1e-7 degrees
    longitude BIGINT NOT NULL,       -- 1e-7 degrees
    price BIGINT NOT NULL,           -- base units a minute
    category BLOB NOT NULL,          -- bytes of anybody's; nobody has checked that they are UTF-8
    words TEXT NOT NULL,             -- what text is looked for in: ASCII letters small
    record BLOB NOT NULL,
    listed_ms BIGINT NOT NULL,
    height BIGINT NOT NULL,          -- of the event that the record is from
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS asset_by_owner ON asset (owner, number);

-- An asset's time that is taken; settled bookings leave it.
CREATE TABLE IF NOT EXISTS slot (
    asset BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    booking BIGINT NOT NULL,         -- 0: by its owner
    height BIGINT NOT NULL,          -- of the event that took it
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    PRIMARY KEY (asset, until_ms)
);
CREATE INDEX IF NOT EXISTS slot_by_booking ON slot (booking);

CREATE TABLE IF NOT EXISTS booking (
    number BIGINT NOT NULL PRIMARY KEY,
    asset BIGINT NOT NULL,
    owner BLOB NOT NULL,
    renter BLOB NOT NULL,
    state BIGINT NOT NULL,
    record BLOB NOT NULL,
    booked_ms BIGINT NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS booking_by_owner ON booking (owner, number);
CREATE INDEX IF NOT EXISTS booking_by_renter ON booking (renter, number);
CREATE INDEX IF NOT EXISTS booking_by_asset ON booking (asset, number);

-- What happened, in order: for webhooks, and for who was away.
CREATE TABLE IF NOT EXISTS happening (
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    kind BIGINT NOT NULL,            -- a bit for each of hooks.c
    topic BLOB NOT NULL,
    record BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (height, tx_index, event_index)
);
