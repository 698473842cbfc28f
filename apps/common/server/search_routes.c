// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/search_routes.h"

#include "apps/common/http/text.h"
#include "apps/common/server/chain_json.h"

struct search {
    struct server *server;
    struct db *db;
    struct arena *arena;
    struct bytes text;
    struct search_hits hits;
};

static void add(struct search *search, const struct search_hit *hit) {
    if (search->hits.count < SEARCH_HITS) search->hits.items[search->hits.count++] = *hit;
}

static struct bytes copy_text(struct search *search, const char *text) {
    return bytes_of_string(arena_copy_string(search->arena, bytes_of_string(text)));
}

static void add_block(struct search *search, uint64_t height) {
    const char *id = arena_format(search->arena, "%llu", (unsigned long long)height);
    add(search, &(struct search_hit){"block", bytes_of_string(id),
                                     bytes_of_string(arena_format(search->arena, "Block %s", id)),
                                     arena_format(search->arena, "/explorer/blocks/%s", id)});
}

static void add_account(struct search *search, const struct account_id *id) {
    struct contract_record record;
    char address[ADDRESS_CHARS + 1];
    bool is_contract = node_contract(search->server->node, id, &record);
    address_encode(address, id->bytes);
    struct bytes text = copy_text(search, address);
    add(search,
        &(struct search_hit){is_contract ? "contract" : "account", text, text,
                             arena_format(search->arena, "/explorer/%s/%s",
                                          is_contract ? "contracts" : "accounts", address)});
}

static enum status find_block_id(struct search *search, const struct hash *id) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, search->db, "SELECT height FROM chain_block WHERE id = $1");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(id->bytes));
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && has_row) add_block(search, db_column_u64(statement, "height"));
    db_release(statement);
    return status;
}

static void find_witness(struct search *search, const struct hash *key) {
    struct node *node = search->server->node;
    struct witnesses witnesses;
    struct node_head head;
    node_head(node, &head);
    node_witnesses(node, head.header.epoch, &witnesses);
    for (uint16_t i = 0; i < witnesses.count; i++) {
        if (memcmp(witnesses.list[i].key.bytes, key->bytes, sizeof key->bytes) != 0) continue;
        add(search,
            &(struct search_hit){"witness", search->text,
                                 bytes_of_string(arena_format(search->arena, "Witness %u", i)),
                                 "/explorer/witnesses"});
    }
}

// Sixty-four digits may be the id of anything.
static enum status find_hash(struct search *search) {
    struct hash id;
    struct node_tx tx;
    struct account account;
    struct account_id account_id;
    struct contract_record record;
    uint64_t next_seq;
    const char *text = arena_copy_string(search->arena, search->text);
    if (search->text.len != 64 || hex_decode(id.bytes, sizeof id.bytes, text) != STATUS_OK)
        return STATUS_OK;
    enum status status = node_find_tx(search->server->node, &id, &tx);
    if (status != STATUS_OK) return status;
    if (tx.state != NODE_TX_UNKNOWN)
        add(search,
            &(struct search_hit){"transaction", search->text, search->text,
                                 arena_format(search->arena, "/explorer/transactions/%s", text)});
    memcpy(account_id.bytes, id.bytes, sizeof account_id.bytes);
    node_account(search->server->node, &account_id, &account, &next_seq);
    if (account.is_there || node_contract(search->server->node, &account_id, &record))
        add_account(search, &account_id);
    find_witness(search, &id);
    return find_block_id(search, &id);
}

static void find_height(struct search *search) {
    struct node_head head;
    uint64_t height;
    node_head(search->server->node, &head);
    if (text_u64(search->text, &height) == STATUS_OK && height > 0 && height <= head.header.height)
        add_block(search, height);
}

// A contract of genesis has a name for good; others call themselves what they like.
static void find_name(struct search *search) {
    const struct genesis *genesis = node_genesis(search->server->node);
    for (uint32_t i = 0; i < genesis->contract_count; i++) {
        struct account_id id;
        struct bytes name = genesis->contracts[i].name;
        if (!bytes_start_with(name, search->text)) continue;
        account_id_of_system_contract(&id, arena_copy_string(search->arena, name));
        add_account(search, &id);
        if (search->hits.count > 0) search->hits.items[search->hits.count - 1].title = name;
    }
}

// Of a devnet's accounts, which everybody knows; elsewhere accounts have no names.
static void find_role(struct search *search) {
    const struct server *server = search->server;
    for (int i = 0; server->is_devnet && i < DEVNET_ACCOUNTS; i++) {
        const struct devnet_account *account = &server->devnet.accounts[i];
        struct bytes role = bytes_of_string(account->role);
        size_t before = search->hits.count;
        if (!bytes_start_with(role, search->text)) continue;
        add_account(search, &account->id);
        if (search->hits.count > before) search->hits.items[before].title = role;
    }
}

static enum status find_all(struct search *search) {
    struct account_id id;
    struct server *server = search->server;
    if (search->text.len == 0) return STATUS_OK;
    find_height(search);
    if (address_decode(id.bytes, search->text) == STATUS_OK) add_account(search, &id);
    find_name(search);
    find_role(search);
    enum status status = find_hash(search);
    if (status == STATUS_OK && server->market_searches)
        status = server->market_searches(server->market, search->db, search->arena, search->text,
                                         &search->hits);
    return status;
}

static void append_hits(struct buf *out, const struct search_hits *hits) {
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < hits->count; i++) {
        const struct search_hit *hit = &hits->items[i];
        buf_append_format(out, "%s{\"kind\":\"%s\",\"id\":", i > 0 ? "," : "", hit->kind);
        http_append_json_string(out, hit->id);
        buf_append_string(out, ",\"title\":");
        http_append_json_string(out, hit->title);
        buf_append_string(out, ",\"path\":");
        http_append_json_string(out, bytes_of_string(hit->path));
        buf_append_byte(out, '}');
    }
    buf_append_string(out, "]}");
}

static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static struct bytes trim(struct bytes text) {
    while (text.len > 0 && is_space(text.data[0])) text = bytes_of(text.data + 1, text.len - 1);
    while (text.len > 0 && is_space(text.data[text.len - 1])) text.len--;
    return text;
}

enum status get_search(void *context, struct http_request *request,
                       struct http_response *response) {
    struct search search = {.server = context, .arena = http_arena(request)};
    enum status status = http_query(request, "q", &search.text);
    if (status != STATUS_OK || search.text.len > SEARCH_MAX_BYTES) {
        http_problem(response, STATUS_INVALID, "invalid_query",
                     "q is what to look for, of 512 bytes at most.");
        http_problem_violation(response, "q", "text", NULL);
        return STATUS_OK;
    }
    search.text = trim(search.text);
    status = db_pool_take(&search.db, search.server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = find_all(&search);
    db_pool_give(search.server->readers, search.db);
    if (status != STATUS_OK) return status;
    append_hits(http_body_buf(response), &search.hits);
    http_set_type(response, "application/json");
    return STATUS_OK;
}
