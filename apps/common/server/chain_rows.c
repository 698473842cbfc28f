// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/chain_rows.h"

#include "chaincore/chaincore.h"

// To be raised when these tables are filled in another way. The market's version stands above it.
enum { CHAIN_ROWS_VERSION = 4, MARKET_VERSION_SHIFT = 8 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS chain_block (id BLOB NOT NULL PRIMARY KEY,"
    " height BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS chain_tx (height BIGINT NOT NULL, tx_index BIGINT NOT NULL,"
    " tx_id BLOB NOT NULL, time_ms BIGINT NOT NULL, sender BLOB, action BIGINT NOT NULL,"
    " action_count BIGINT NOT NULL, contract BLOB, method TEXT, recipient BLOB,"
    " amount BLOB, code BIGINT NOT NULL,"
    " gas_used BIGINT NOT NULL, event_count BIGINT NOT NULL, PRIMARY KEY (height, tx_index));"
    // Whoever has to do with a transaction: signs or pays, is paid, called, deployed, or told.
    "CREATE TABLE IF NOT EXISTS chain_tx_account (account BLOB NOT NULL, height BIGINT NOT NULL,"
    " tx_index BIGINT NOT NULL, PRIMARY KEY (account, height, tx_index));"
    "CREATE TABLE IF NOT EXISTS chain_contract (height BIGINT NOT NULL, tx_index BIGINT NOT NULL,"
    " position BIGINT NOT NULL, address BLOB NOT NULL, tx_id BLOB NOT NULL,"
    " PRIMARY KEY (height, tx_index, position));"
    "CREATE UNIQUE INDEX IF NOT EXISTS chain_contract_by_address ON chain_contract (address);"
    "CREATE TABLE IF NOT EXISTS chain_witness (witness BLOB NOT NULL PRIMARY KEY,"
    " produced BIGINT NOT NULL, last_height BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS chain_epoch (epoch BIGINT NOT NULL PRIMARY KEY,"
    " first_height BIGINT NOT NULL, first_time_ms BIGINT NOT NULL, last_height BIGINT NOT NULL,"
    " last_time_ms BIGINT NOT NULL, last_view BIGINT NOT NULL,"
    " transactions BIGINT NOT NULL, gas_used BIGINT NOT NULL);";

static const char drop[] = "DROP TABLE IF EXISTS chain_block;DROP TABLE IF EXISTS chain_tx;"
                           "DROP TABLE IF EXISTS chain_tx_account;"
                           "DROP TABLE IF EXISTS chain_contract;"
                           "DROP TABLE IF EXISTS chain_witness;"
                           "DROP TABLE IF EXISTS chain_epoch;";

static char *join(const char *first, const char *second) {
    struct buf text = {0};
    buf_append_string(&text, first);
    buf_append_string(&text, second);
    char *joined = mem_copy_string(buf_as_string(&text));
    buf_clear(&text);
    return joined;
}

void chain_rows_join(struct index_projection *projection) {
    projection->version = projection->version << MARKET_VERSION_SHIFT | CHAIN_ROWS_VERSION;
    projection->schema = join(schema, projection->schema);
    projection->drop = join(drop, projection->drop);
}

void chain_rows_clear(struct index_projection *projection) {
    mem_free((void *)(uintptr_t)projection->schema);
    mem_free((void *)(uintptr_t)projection->drop);
}

// ---- who has to do with it

// No more are ever there: an action names one account at most, and an event one contract.
enum { MAX_ACCOUNTS = 2 + LIMIT_TX_ACTIONS + LIMIT_TX_EVENTS };
struct accounts {
    uint32_t count;
    struct account_id ids[MAX_ACCOUNTS];
};

static void note(struct accounts *accounts, const struct account_id *id) {
    for (uint32_t i = 0; i < accounts->count; i++)
        if (account_id_equal(&accounts->ids[i], id)) return;
    ENSURE(accounts->count < MAX_ACCOUNTS);
    accounts->ids[accounts->count++] = *id;
}

// The account that the action names; false: none.
static bool find_other(const struct tx_action *action, const struct hash *tx_id, uint32_t index,
                       struct account_id *out) {
    switch (action->kind) {
    case TX_TRANSFER:
        *out = action->transfer.to;
        return true;
    case TX_CALL:
        *out = action->call.contract;
        return true;
    case TX_DEPLOY:
        account_id_of_deployed(out, tx_id, index);
        return true;
    case TX_UPGRADE:
        *out = action->upgrade.contract;
        return true;
    case TX_REMOVE_ACCOUNT:
        *out = action->remove_account.account;
        return true;
    case TX_SET_AUTHORITY:
    case TX_SET_ENC_KEY:
    case TX_LOCK_STAKE:
    case TX_UNLOCK_STAKE:
    case TX_WITHDRAW_STAKE:
    case TX_REGISTER_CANDIDATE:
    case TX_RESIGN_CANDIDATE:
    case TX_VOTE:
    case TX_CLAIM_SHARES:
    case TX_EVIDENCE:
    case TX_APPROVE:
    case TX_CLOSE_LANE:
    case TX_DATA:
    case TX_ACTION_KINDS:
        break;
    }
    return false;
}

static void note_all(struct accounts *accounts, const struct block_tx *done, const struct tx *tx) {
    struct account_id other;
    if (tx) {
        note(accounts, &tx->sender);
        note(accounts, tx_payer(tx));
        for (uint32_t i = 0; i < tx->action_count; i++)
            if (find_other(&tx->actions[i], &done->receipt.tx_id, i, &other))
                note(accounts, &other);
    }
    for (uint32_t i = 0; i < done->event_count; i++) note(accounts, &done->events[i].contract);
}

static enum status put_accounts(struct db *db, const struct chain_tx_row *row,
                                const struct accounts *accounts) {
    struct db_statement *statement;
    enum status status =
        db_prepare_rows(&statement, db, "chain_tx_account (account, height, tx_index)");
    for (uint32_t i = 0; i < accounts->count && status == STATUS_OK; i++) {
        db_bind_bytes(statement, 1, BYTES_OF(accounts->ids[i].bytes));
        db_bind_u64(statement, 2, row->height);
        db_bind_u64(statement, 3, row->index);
        status = db_run_later(statement);
    }
    db_release(statement);
    return status;
}

// ---- transactions

static bool is_of_contract(enum tx_action_kind kind) {
    return kind == TX_CALL || kind == TX_DEPLOY || kind == TX_UPGRADE;
}

// What its actions say of a contract; failing that, who told the first event.
static void find_contract(struct chain_tx_row *row, const struct block_tx *done,
                          const struct tx *tx) {
    for (uint32_t i = 0; tx && i < tx->action_count && !row->has_contract; i++) {
        const struct tx_action *action = &tx->actions[i];
        if (!is_of_contract(action->kind)) continue;
        row->has_contract = find_other(action, &row->id, i, &row->contract);
        if (action->kind == TX_CALL) row->method = action->call.method;
    }
    if (!row->has_contract && done->event_count > 0) {
        row->has_contract = true;
        row->contract = done->events[0].contract;
    }
}

void chain_tx_row_make(struct chain_tx_row *out, const struct block *block, uint32_t index,
                       struct tx *tx) {
    const struct block_tx *done = &block->txs[index];
    bool is_timer = done->encoded.len == 0;
    *out = (struct chain_tx_row){.height = block->header.height,
                                 .index = index,
                                 .id = done->receipt.tx_id,
                                 .time_ms = (int64_t)block->header.time_ms,
                                 .action = CHAIN_TIMER,
                                 .code = (enum tx_code)done->receipt.code,
                                 .gas_used = done->receipt.gas_used,
                                 .event_count = done->event_count};
    if (!is_timer) {
        ENSURE(tx_decode(tx, done->encoded) == STATUS_OK); // a quorum has signed for it
        out->has_sender = true;
        out->sender = tx->sender;
        out->action = tx->action_count > 0 ? (int)tx->actions[0].kind : CHAIN_TIMER;
        out->action_count = tx->action_count;
        out->has_transfer = tx->action_count == 1 && tx->actions[0].kind == TX_TRANSFER;
    }
    if (out->has_transfer) {
        out->to = tx->actions[0].transfer.to;
        out->amount = tx->actions[0].transfer.amount;
    }
    find_contract(out, done, is_timer ? NULL : tx);
}

static void bind_account(struct db_statement *statement, int index, bool is_there,
                         const struct account_id *id) {
    if (is_there)
        db_bind_bytes(statement, index, BYTES_OF(id->bytes));
    else
        db_bind_null(statement, index);
}

static enum status put_tx(struct db *db, const struct chain_tx_row *row) {
    struct db_statement *statement;
    enum status status = db_prepare_rows(
        &statement, db,
        "chain_tx (height, tx_index, tx_id, time_ms, sender, action, action_count, contract,"
        " method, recipient, amount, code, gas_used, event_count)");
    uint8_t amount[8];
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, row->height);
    db_bind_u64(statement, 2, row->index);
    db_bind_bytes(statement, 3, BYTES_OF(row->id.bytes));
    db_bind_i64(statement, 4, row->time_ms);
    bind_account(statement, 5, row->has_sender, &row->sender);
    db_bind_i64(statement, 6, row->action);
    db_bind_u64(statement, 7, row->action_count);
    bind_account(statement, 8, row->has_contract, &row->contract);
    if (row->method.len > 0)
        db_bind_text(statement, 9, row->method);
    else
        db_bind_null(statement, 9);
    bind_account(statement, 10, row->has_transfer, &row->to);
    store_u64_le(amount, amount_units(row->amount)); // more than a number takes, perhaps
    if (row->has_transfer)
        db_bind_bytes(statement, 11, BYTES_OF(amount));
    else
        db_bind_null(statement, 11);
    db_bind_i64(statement, 12, row->code);
    db_bind_u64(statement, 13, row->gas_used);
    db_bind_u64(statement, 14, row->event_count);
    return db_finish_later(statement);
}

// The action that brought a contract.
struct origin {
    uint64_t height;
    uint32_t tx_index;
    uint32_t position;
    const struct hash *tx_id;
};

static enum status put_contract(struct db *db, const struct account_id *id,
                                const struct origin *origin) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, db,
                   "INSERT INTO chain_contract (height, tx_index, position, address, tx_id)"
                   " VALUES ($1, $2, $3, $4, $5)");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, origin->height);
    db_bind_u64(statement, 2, origin->tx_index);
    db_bind_u64(statement, 3, origin->position);
    db_bind_bytes(statement, 4, BYTES_OF(id->bytes));
    db_bind_bytes(statement, 5, BYTES_OF(origin->tx_id->bytes));
    return db_finish_later(statement);
}

static enum status put_deployed(struct db *db, const struct chain_tx_row *row,
                                const struct tx *tx) {
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < tx->action_count && status == STATUS_OK; i++) {
        struct account_id id;
        if (tx->actions[i].kind != TX_DEPLOY) continue;
        account_id_of_deployed(&id, &row->id, i);
        status = put_contract(db, &id, &(struct origin){row->height, row->index, i, &row->id});
    }
    return status;
}

// ---- blocks

static enum status put_block(struct db *db, const struct header *header) {
    struct db_statement *statement;
    struct hash id;
    header_id(&id, header);
    enum status status = db_prepare_rows(&statement, db, "chain_block (id, height)");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(id.bytes));
    db_bind_u64(statement, 2, header->height);
    return db_finish_later(statement);
}

static enum status count_leader(struct db *db, const struct header *header,
                                const struct witnesses *witnesses) {
    struct db_statement *statement;
    if (header->leader >= witnesses->count) return STATUS_OK;
    enum status status =
        db_prepare(&statement, db,
                   "INSERT INTO chain_witness (witness, produced, last_height) VALUES ($1, 1, $2)"
                   " ON CONFLICT (witness) DO UPDATE SET produced = chain_witness.produced + 1,"
                   " last_height = excluded.last_height");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(witnesses->list[header->leader].key.bytes));
    db_bind_u64(statement, 2, header->height);
    return db_finish_later(statement);
}

static enum status count_epoch(struct db *db, const struct block *block) {
    struct db_statement *statement;
    const struct header *header = &block->header;
    enum status status = db_prepare(
        &statement, db,
        "INSERT INTO chain_epoch (epoch, first_height, first_time_ms, last_height, last_time_ms,"
        " last_view, transactions, gas_used) VALUES ($1, $2, $3, $2, $3, $4, $5, $6)"
        " ON CONFLICT (epoch) DO UPDATE SET last_height = excluded.last_height,"
        " last_time_ms = excluded.last_time_ms, last_view = excluded.last_view,"
        " transactions = chain_epoch.transactions + excluded.transactions,"
        " gas_used = chain_epoch.gas_used + excluded.gas_used");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, header->epoch);
    db_bind_u64(statement, 2, header->height);
    db_bind_u64(statement, 3, header->time_ms);
    db_bind_u64(statement, 4, header->view);
    db_bind_u64(statement, 5, block->tx_count);
    db_bind_u64(statement, 6, header->gas_used);
    return db_finish_later(statement);
}

enum status chain_rows_apply(struct db *db, struct node *node, const struct index_block *given) {
    const struct block *block = given->block;
    struct tx *tx = arena_alloc(given->arena, sizeof *tx);
    struct accounts *accounts = arena_alloc(given->arena, sizeof *accounts);
    struct witnesses *witnesses = arena_alloc(given->arena, sizeof *witnesses);
    enum status status;
    node_witnesses(node, block->header.epoch, witnesses);
    TRY(put_block(db, &block->header));
    TRY(count_leader(db, &block->header, witnesses));
    TRY(count_epoch(db, block));
    for (uint32_t i = 0; i < block->tx_count; i++) {
        const struct block_tx *done = &block->txs[i];
        struct chain_tx_row row;
        bool is_timer = done->encoded.len == 0;
        chain_tx_row_make(&row, block, i, tx);
        accounts->count = 0;
        note_all(accounts, done, is_timer ? NULL : tx);
        TRY(put_tx(db, &row));
        TRY(put_accounts(db, &row, accounts));
        if (!is_timer && row.code == TX_CODE_OK) TRY(put_deployed(db, &row, tx));
    }
out:
    return status;
}

static enum status read_account(bool *is_there, struct account_id *out,
                                struct db_statement *statement, const char *column) {
    struct bytes value = db_column_bytes(statement, column);
    *is_there = value.len > 0;
    if (!*is_there) return STATUS_OK;
    if (value.len != sizeof out->bytes) return STATUS_CORRUPT;
    memcpy(out->bytes, value.data, value.len);
    return STATUS_OK;
}

enum status chain_tx_row_read(struct chain_tx_row *out, struct db_statement *statement) {
    struct bytes id = db_column_bytes(statement, "tx_id");
    *out = (struct chain_tx_row){.height = db_column_u64(statement, "height"),
                                 .index = (uint32_t)db_column_u64(statement, "tx_index"),
                                 .time_ms = db_column_i64(statement, "time_ms"),
                                 .action = (int)db_column_i64(statement, "action"),
                                 .action_count = (uint32_t)db_column_u64(statement, "action_count"),
                                 .method = db_column_text(statement, "method"),
                                 .code = (enum tx_code)db_column_i64(statement, "code"),
                                 .gas_used = db_column_u64(statement, "gas_used"),
                                 .event_count = (uint32_t)db_column_u64(statement, "event_count")};
    if (id.len != sizeof out->id) return STATUS_CORRUPT;
    memcpy(out->id.bytes, id.data, id.len);
    enum status status = read_account(&out->has_sender, &out->sender, statement, "sender");
    if (status == STATUS_OK)
        status = read_account(&out->has_contract, &out->contract, statement, "contract");
    if (status == STATUS_OK)
        status = read_account(&out->has_transfer, &out->to, statement, "recipient");
    struct bytes amount = db_column_bytes(statement, "amount");
    if (status == STATUS_OK && out->has_transfer && amount.len != 8) status = STATUS_CORRUPT;
    if (status == STATUS_OK && out->has_transfer)
        out->amount = amount_of_units(load_u64_le(amount.data));
    return status;
}
