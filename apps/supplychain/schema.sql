-- SPDX-License-Identifier: Apache-2.0
-- What the projection writes, all of it from the chain. An event's key is its place there.
CREATE TABLE IF NOT EXISTS context (hash BLOB NOT NULL PRIMARY KEY, body BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS event (
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    position BIGINT NOT NULL,        -- among the transaction's events
    event_id TEXT NOT NULL,
    hash BLOB NOT NULL,              -- CBV 2.0
    type TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C",         -- these five as queries compare them, see epcis/event_values.h
    biz_step TEXT COLLATE "C",
    disposition TEXT COLLATE "C",
    read_point TEXT COLLATE "C",
    biz_location TEXT COLLATE "C",
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
CREATE INDEX IF NOT EXISTS event_by_time ON event (time_ms, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_type ON event (type, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_action ON event (action, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_biz_step ON event (biz_step, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_disposition
    ON event (disposition, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_read_point ON event (read_point, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_biz_location
    ON event (biz_location, height, tx_index, position);
CREATE INDEX IF NOT EXISTS event_by_declaration
    ON event (height, tx_index, position) WHERE is_declaration = 1;

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
-- Lots by their number alone: what stands behind the GTIN's 14 digits in https://id.gs1.org/01/…/10/.
CREATE INDEX IF NOT EXISTS epc_by_lot ON epc (substr(id, 41), id)
    WHERE substr(id, 1, 22) = 'https://id.gs1.org/01/' AND substr(id, 37, 4) = '/10/';

-- What else of an event can be asked for: see epcis/event_values.h.
CREATE TABLE IF NOT EXISTS event_value (
    field BIGINT NOT NULL,           -- see epcis/event_field.h
    text TEXT COLLATE "C",
    number BIGINT,                   -- a double in the order of integers
    time_ms BIGINT,
    is_first BIGINT NOT NULL,        -- of the field's in its event
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    position BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_value_by_event ON event_value (height, tx_index, position, field);
CREATE INDEX IF NOT EXISTS event_value_by_text
    ON event_value (field, text, height, tx_index, position) WHERE text IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_value_by_number
    ON event_value (field, number, height, tx_index, position) WHERE number IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_value_by_time
    ON event_value (field, time_ms, height, tx_index, position) WHERE time_ms IS NOT NULL;

-- Master data, as each sender said it last.
CREATE TABLE IF NOT EXISTS master_attribute (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    sender BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS master_attribute_by_id ON master_attribute (id, sender);
CREATE INDEX IF NOT EXISTS master_attribute_by_name ON master_attribute (name);
CREATE TABLE IF NOT EXISTS master_child (
    parent TEXT COLLATE "C" NOT NULL,
    child TEXT COLLATE "C" NOT NULL,
    sender BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS master_child_by_parent ON master_child (parent, sender);

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
CREATE INDEX IF NOT EXISTS job_by_end ON job (height, tx_index, job);

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

-- What the contract told last of each shipment, and where.
CREATE TABLE IF NOT EXISTS shipment (
    number BIGINT NOT NULL PRIMARY KEY,
    parent BIGINT NOT NULL,          -- that it was a part of; 0: none
    epc TEXT COLLATE "C" NOT NULL,   -- canonical where GS1 knows it
    uom TEXT NOT NULL,
    origin BLOB NOT NULL,
    event_hash BLOB NOT NULL,        -- of the origin's event that it was registered by
    custodian BLOB NOT NULL,
    shipper BLOB NOT NULL,
    destination BLOB NOT NULL,
    state BIGINT NOT NULL,           -- see contract/custody_rules.h
    quantity_milli BIGINT NOT NULL,
    offered_milli BIGINT NOT NULL,
    registered_ms BIGINT NOT NULL,
    departed_ms BIGINT NOT NULL,
    arrived_ms BIGINT NOT NULL,
    alarms BIGINT NOT NULL,          -- of all its journeys
    journey BIGINT NOT NULL,         -- its last; 0: none yet
    journey_alarms BIGINT NOT NULL,  -- of that
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS shipment_by_epc ON shipment (epc, number);
CREATE INDEX IF NOT EXISTS shipment_by_custodian ON shipment (custodian, number);
CREATE INDEX IF NOT EXISTS shipment_by_parent ON shipment (parent, number);

-- A shipment's journeys, from 1; a part has those alone that it was on.
CREATE TABLE IF NOT EXISTS journey (
    shipment BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    shipper BLOB NOT NULL,
    destination BLOB NOT NULL,
    departed_ms BIGINT NOT NULL,
    arrived_ms BIGINT NOT NULL,      -- 0: under way
    height BIGINT NOT NULL,          -- where it was told last
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (shipment, journey)
);

-- The rules of each departure, and how the goods fared by each.
CREATE TABLE IF NOT EXISTS shipment_rule (
    shipment BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    rule BIGINT NOT NULL,
    property TEXT NOT NULL,
    uom TEXT NOT NULL,
    min_milli BIGINT,
    max_milli BIGINT,
    sensors BLOB NOT NULL,           -- keys, one behind the other
    readings BIGINT NOT NULL,
    is_out BIGINT NOT NULL,
    last_ms BIGINT,
    last_milli BIGINT,
    worst_ms BIGINT,
    worst_milli BIGINT,
    PRIMARY KEY (shipment, journey, rule)
);

CREATE TABLE IF NOT EXISTS reading (
    shipment BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    rule BIGINT NOT NULL,
    number BIGINT NOT NULL,          -- of its source's
    is_late BIGINT NOT NULL,         -- brought after a later one of its source
    reading_ms BIGINT NOT NULL,
    value_milli BIGINT NOT NULL,
    sensor BLOB,                     -- that signed it; none: by the custodian's word
    custodian BLOB NOT NULL,
    property TEXT NOT NULL,
    uom TEXT NOT NULL,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    item BIGINT NOT NULL,            -- in its event
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (height, tx_index, event_index, item)
);
CREATE INDEX IF NOT EXISTS reading_by_shipment
    ON reading (shipment, reading_ms, height, tx_index, event_index, item);

CREATE TABLE IF NOT EXISTS alarm (
    shipment BIGINT NOT NULL,
    alarm BIGINT NOT NULL,           -- of the shipment's, from 1
    journey BIGINT NOT NULL,
    rule BIGINT NOT NULL,
    number BIGINT NOT NULL,
    is_late BIGINT NOT NULL,
    reading_ms BIGINT NOT NULL,
    value_milli BIGINT NOT NULL,
    sensor BLOB,
    custodian BLOB NOT NULL,
    property TEXT NOT NULL,
    uom TEXT NOT NULL,
    min_milli BIGINT,
    max_milli BIGINT,
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (height, tx_index, event_index)
);
CREATE INDEX IF NOT EXISTS alarm_by_shipment ON alarm (shipment, height, tx_index, event_index);

CREATE TABLE IF NOT EXISTS hand_over (
    number BIGINT NOT NULL PRIMARY KEY,
    shipment BIGINT NOT NULL,
    part BIGINT NOT NULL,            -- the shipment that the receiver has of it; 0: none yet
    giver BLOB NOT NULL,
    receiver BLOB NOT NULL,
    quantity_milli BIGINT NOT NULL,
    offered_ms BIGINT NOT NULL,
    closed_ms BIGINT NOT NULL,
    state BIGINT NOT NULL,           -- see contract/custody_rules.h
    alarms BIGINT NOT NULL,          -- of the journey, at the offer
    conditions BLOB NOT NULL,        -- likewise: JSON
    reason BLOB NOT NULL,            -- anybody's bytes
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    tx_id BLOB NOT NULL,
    time_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS hand_over_by_receiver ON hand_over (receiver, number);
CREATE INDEX IF NOT EXISTS hand_over_by_giver ON hand_over (giver, number);
CREATE INDEX IF NOT EXISTS hand_over_by_shipment ON hand_over (shipment, number);
CREATE INDEX IF NOT EXISTS hand_over_by_part ON hand_over (part, number);

-- What happened in custody, in order, as it is told: for webhooks.
CREATE TABLE IF NOT EXISTS custody_news (
    height BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    event_index BIGINT NOT NULL,
    kind BIGINT NOT NULL,            -- of supplychain_hook_kinds
    time_ms BIGINT NOT NULL,
    body BLOB NOT NULL,              -- JSON
    PRIMARY KEY (height, tx_index, event_index)
);
