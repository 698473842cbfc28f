// SPDX-License-Identifier: Apache-2.0
#include "cli/genesis_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/crypto/address.h"
#include "cli/command.h"

// A place in the description: the pointer that a complaint names.
struct place {
    char pointer[96];
    const json_t *value;
};

static bool wrong(const struct place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool wrong(const struct place *place, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    complain(EXIT_FAILED, "%s: %s", *place->pointer ? place->pointer : "the description", text);
    return false;
}

static struct place element(const struct place *list, size_t index) {
    struct place out = {.value = json_array_get(list->value, index)};
    snprintf(out.pointer, sizeof out.pointer, "%.64s/%zu", list->pointer, index);
    return out;
}

// Nothing but these members, a NULL-terminated list; each that has no '?' in front must be there.
static bool has_members(const struct place *place, const char *const *names) {
    const char *key;
    json_t *value;
    if (!json_is_object(place->value)) return wrong(place, "an object is needed");
    json_object_foreach((json_t *)place->value, key, value) {
        bool is_known = false;
        for (size_t i = 0; names[i]; i++)
            if (strcmp(key, names[i] + (*names[i] == '?')) == 0) is_known = true;
        if (!is_known) return wrong(place, "there is no member \"%.40s\"", key);
    }
    for (size_t i = 0; names[i]; i++)
        if (*names[i] != '?' && !json_object_get(place->value, names[i]))
            return wrong(place, "the member \"%s\" is missing", names[i]);
    return true;
}

static struct place member(const struct place *object, const char *name) {
    struct place out = {.value = json_object_get(object->value, name)};
    snprintf(out.pointer, sizeof out.pointer, "%.64s/%.30s", object->pointer, name);
    return out;
}

static bool read_number(uint64_t *out, const struct place *object, const char *name,
                        uint64_t most) {
    struct place place = member(object, name);
    json_int_t number = json_integer_value(place.value);
    if (!json_is_integer(place.value) || number < 0 || (uint64_t)number > most)
        return wrong(&place, "a whole number from 0 to %llu is needed", (unsigned long long)most);
    *out = (uint64_t)number;
    return true;
}

// One that may be missing: then it is what it was.
static bool read_small(uint16_t *out, const struct place *object, const char *name, uint16_t most) {
    struct place place = member(object, name);
    uint64_t number = *out;
    if (!place.value) return true;
    if (!read_number(&number, object, name, most)) return false;
    *out = (uint16_t)number;
    return number > 0 || wrong(&place, "at least 1 is needed");
}

static bool read_bool(bool *out, const struct place *object, const char *name) {
    struct place place = member(object, name);
    *out = json_is_true(place.value);
    return !place.value || json_is_boolean(place.value) || wrong(&place, "true or false is needed");
}

static bool read_text(const char **out, const struct place *object, const char *name) {
    struct place place = member(object, name);
    *out = json_string_value(place.value);
    return *out || wrong(&place, "a text is needed");
}

static bool read_address(struct account_id *out, const struct place *object, const char *name) {
    struct place place = member(object, name);
    const char *text;
    if (!read_text(&text, object, name)) return false;
    return address_decode(out->bytes, bytes_of_string(text)) == STATUS_OK ||
           wrong(&place, "\"%.70s\" is not an address", text);
}

static bool read_list(struct place *out, const struct place *object, const char *name,
                      size_t most) {
    *out = member(object, name);
    if (!json_is_array(out->value)) return wrong(out, "a list is needed");
    return json_array_size(out->value) <= most || wrong(out, "at most %zu are allowed", most);
}

static bool read_params(struct params *out, const struct place *root) {
    static const char *const members[] = {"block_interval_ms", "epoch_blocks",
                                          "min_gas_price",     "block_gas_limit",
                                          "deposit_per_byte",  "?min_witnesses",
                                          "?protocol",         "?leave_out_empty_blocks",
                                          "?allow_floats",     NULL};
    struct place place = member(root, "params");
    uint64_t interval = 0, epoch = 0;
    bool is_read = has_members(&place, members) &&
                   read_number(&interval, &place, "block_interval_ms", UINT32_MAX) &&
                   read_number(&epoch, &place, "epoch_blocks", UINT32_MAX) &&
                   read_number(&out->min_gas_price, &place, "min_gas_price", INT64_MAX) &&
                   read_number(&out->block_gas_limit, &place, "block_gas_limit", INT64_MAX) &&
                   read_number(&out->deposit_per_byte, &place, "deposit_per_byte", INT64_MAX) &&
                   read_small(&out->min_witnesses, &place, "min_witnesses", LIMIT_WITNESSES) &&
                   read_small(&out->protocol, &place, "protocol", PROTOCOL_NEWEST) &&
                   read_bool(&out->leave_out_empty_blocks, &place, "leave_out_empty_blocks") &&
                   read_bool(&out->allow_floats, &place, "allow_floats");
    if (!is_read) return false;
    if (interval == 0 || epoch < 2 || out->block_gas_limit == 0)
        return wrong(&place,
                     "no block could be made: the interval and the gas limit are at least 1,"
                     " an epoch has at least 2 blocks");
    out->block_interval_ms = (uint32_t)interval;
    out->epoch_blocks = (uint32_t)epoch;
    return true;
}

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static bool read_accounts(struct genesis *out, struct arena *arena, const struct place *root) {
    static const char *const members[] = {"address", "balance", NULL};
    struct place list;
    struct amount supply = amount_of_units(0);
    if (!read_list(&list, root, "accounts", GENESIS_MAX_ACCOUNTS)) return false;
    size_t count = json_array_size(list.value);
    struct genesis_account *accounts = arena_alloc_array(arena, count + 1, sizeof *accounts);
    for (size_t i = 0; i < count; i++) {
        struct place place = element(&list, i), balance = member(&place, "balance");
        const char *text;
        if (!has_members(&place, members) || !read_address(&accounts[i].id, &place, "address") ||
            !read_text(&text, &place, "balance"))
            return false;
        if (amount_parse(&accounts[i].balance, text) != STATUS_OK)
            return wrong(&balance, "\"%.40s\" is not an amount of LMM", text);
        if (amount_add(&supply, supply, accounts[i].balance) != STATUS_OK ||
            amount_compare(supply, amount_of_units(GENESIS_MAX_SUPPLY)) > 0)
            return wrong(&balance, "all balances together are more than a chain can begin with");
    }
    if (count > 1) qsort(accounts, count, sizeof *accounts, compare_accounts);
    for (size_t i = 1; i < count; i++) {
        char address[ADDRESS_CHARS + 1];
        if (!account_id_equal(&accounts[i - 1].id, &accounts[i].id)) continue;
        address_encode(address, accounts[i].id.bytes);
        return wrong(&list, "%s is there twice", address);
    }
    out->account_count = (uint32_t)count;
    out->accounts = accounts;
    return true;
}

static bool read_witnesses(struct genesis *out, struct arena *arena, const struct place *root) {
    static const char *const members[] = {"account", "key", NULL};
    struct place list;
    if (!read_list(&list, root, "witnesses", LIMIT_WITNESSES)) return false;
    size_t count = json_array_size(list.value);
    if (count == 0) return wrong(&list, "a chain needs a witness");
    struct genesis_witness *witnesses = arena_alloc_array(arena, count, sizeof *witnesses);
    for (size_t i = 0; i < count; i++) {
        struct place place = element(&list, i), key = member(&place, "key");
        const char *text;
        if (!has_members(&place, members) ||
            !read_address(&witnesses[i].account, &place, "account") ||
            !read_text(&text, &place, "key"))
            return false;
        if (hex_decode(witnesses[i].key.bytes, sizeof witnesses[i].key.bytes, text) != STATUS_OK)
            return wrong(&key, "a public key is 64 hexadecimal digits");
        for (size_t j = 0; j < i; j++)
            if (memcmp(&witnesses[j].key, &witnesses[i].key, sizeof witnesses[i].key) == 0)
                return wrong(&key, "two witnesses have this key");
    }
    out->witness_count = (uint16_t)count;
    out->witnesses = witnesses;
    return true;
}

// A contract and where its code is, which are sorted together.
struct listed {
    struct genesis_contract contract;
    const char *code_path;
};

static int compare_listed(const void *a, const void *b) {
    return bytes_compare(((const struct listed *)a)->contract.name,
                         ((const struct listed *)b)->contract.name);
}

static bool is_name(const char *text) {
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= GENESIS_MAX_NAME && text[len] == '\0';
}

static bool read_contract(struct listed *out, struct arena *arena, const struct place *place) {
    static const char *const members[] = {"name", "code", "?arguments", NULL};
    struct place name_place = member(place, "name"), arguments = member(place, "arguments");
    const char *name, *text = "";
    if (!has_members(place, members) || !read_text(&name, place, "name") ||
        !read_text(&out->code_path, place, "code"))
        return false;
    if (!is_name(name))
        return wrong(&name_place, "a name has up to %d letters of a-z, 0-9 and -",
                     GENESIS_MAX_NAME);
    if (arguments.value && !read_text(&text, place, "arguments")) return false;
    size_t len = strlen(text) / 2;
    uint8_t *bytes = arena_alloc(arena, len + 1);
    if (strlen(text) % 2 != 0 || len > LIMIT_TX_BYTES || hex_decode(bytes, len, text) != STATUS_OK)
        return wrong(&arguments, "bytes in hexadecimal digits are needed");
    out->contract =
        (struct genesis_contract){.name = bytes_of_string(name), .arguments = bytes_of(bytes, len)};
    return true;
}

static bool read_contracts(struct genesis_text *out, struct arena *arena,
                           const struct place *root) {
    struct place list;
    struct listed listed[GENESIS_MAX_CONTRACTS];
    if (!read_list(&list, root, "contracts", GENESIS_MAX_CONTRACTS)) return false;
    size_t count = json_array_size(list.value);
    for (size_t i = 0; i < count; i++) {
        struct place place = element(&list, i);
        if (!read_contract(&listed[i], arena, &place)) return false;
    }
    if (count > 1) qsort(listed, count, sizeof *listed, compare_listed);
    struct genesis_contract *contracts = arena_alloc_array(arena, count + 1, sizeof *contracts);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && bytes_equal(listed[i - 1].contract.name, listed[i].contract.name))
            return wrong(&list, "two contracts have one name");
        contracts[i] = listed[i].contract;
        out->code_paths[i] = listed[i].code_path;
    }
    out->genesis.contract_count = (uint32_t)count;
    out->genesis.contracts = contracts;
    return true;
}

bool genesis_json_read(struct genesis_text *out, struct arena *arena, const json_t *json) {
    static const char *const members[] = {"name",      "time_ms",   "params", "accounts",
                                          "witnesses", "contracts", NULL};
    struct place root = {.value = json}, name_place;
    const char *name;
    *out = (struct genesis_text){0};
    if (!has_members(&root, members) || !read_text(&name, &root, "name") ||
        !read_number(&out->genesis.time_ms, &root, "time_ms", INT64_MAX))
        return false;
    name_place = member(&root, "name");
    if (!is_name(name))
        return wrong(&name_place, "a name has up to %d letters of a-z, 0-9 and -",
                     GENESIS_MAX_NAME);
    out->genesis.name = bytes_of_string(name);
    if (!read_witnesses(&out->genesis, arena, &root)) return false;
    out->genesis.params.min_witnesses = out->genesis.witness_count;
    out->genesis.params.protocol = PROTOCOL_NEWEST;
    return read_params(&out->genesis.params, &root) && read_accounts(&out->genesis, arena, &root) &&
           read_contracts(out, arena, &root);
}

static json_t *address_json(const struct account_id *id) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, id->bytes);
    return json_string(address);
}

static json_t *text_json(struct bytes text) {
    return json_stringn((const char *)text.data, text.len);
}

static json_t *hex_json(struct bytes bytes) {
    struct buf text = {0};
    hex_encode((char *)buf_reserve(&text, 2 * bytes.len + 1), bytes);
    json_t *out = json_stringn((const char *)text.data, 2 * bytes.len);
    buf_clear(&text);
    return out;
}

static json_t *contract_json(const struct genesis_contract *contract) {
    char path[GENESIS_MAX_NAME + 8];
    snprintf(path, sizeof path, "%.*s.wasm", (int)contract->name.len,
             (const char *)contract->name.data);
    return json_pack("{s:o, s:s, s:o}", "name", text_json(contract->name), "code", path,
                     "arguments", hex_json(contract->arguments));
}

json_t *genesis_json_write(const struct genesis *genesis) {
    const struct params *params = &genesis->params;
    json_t *accounts = json_array(), *witnesses = json_array(), *contracts = json_array();
    for (uint32_t i = 0; i < genesis->account_count; i++) {
        char balance[AMOUNT_TEXT_MAX];
        amount_format(balance, genesis->accounts[i].balance);
        json_array_append_new(accounts, json_pack("{s:o, s:s}", "address",
                                                  address_json(&genesis->accounts[i].id), "balance",
                                                  balance));
    }
    for (uint16_t i = 0; i < genesis->witness_count; i++)
        json_array_append_new(witnesses,
                              json_pack("{s:o, s:o}", "account",
                                        address_json(&genesis->witnesses[i].account), "key",
                                        hex_json(BYTES_OF(genesis->witnesses[i].key.bytes))));
    for (uint32_t i = 0; i < genesis->contract_count; i++)
        json_array_append_new(contracts, contract_json(&genesis->contracts[i]));
    return json_pack(
        "{s:o, s:I, s:{s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:b, s:b}, s:o, s:o, s:o}", "name",
        text_json(genesis->name), "time_ms", (json_int_t)genesis->time_ms, "params",
        "block_interval_ms", (json_int_t)params->block_interval_ms, "epoch_blocks",
        (json_int_t)params->epoch_blocks, "min_gas_price", (json_int_t)params->min_gas_price,
        "block_gas_limit", (json_int_t)params->block_gas_limit, "deposit_per_byte",
        (json_int_t)params->deposit_per_byte, "min_witnesses", params->min_witnesses, "protocol",
        params->protocol, "leave_out_empty_blocks", params->leave_out_empty_blocks, "allow_floats",
        params->allow_floats, "accounts", accounts, "witnesses", witnesses, "contracts", contracts);
}
