// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/genesis_folder.h"

#include <limits.h>
#include <stdio.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"

static enum status refused(const char *path, enum status status) {
    log_error("node", "the genesis is refused", log_text("file", path),
              log_text("status", status_name(status)));
    return status;
}

static bool path_of_code(char out[PATH_MAX], const char *folder,
                         const struct genesis_contract *contract) {
    int len = snprintf(out, PATH_MAX, "%s/%.*s.wasm", folder, (int)contract->name.len,
                       (const char *)contract->name.data);
    return len > 0 && len < PATH_MAX;
}

static bool path_of_genesis(char out[PATH_MAX], const char *folder) {
    int len = snprintf(out, PATH_MAX, "%s/genesis", folder);
    return len > 0 && len < PATH_MAX;
}

static enum status read_code(struct genesis_folder *out, const char *folder,
                             const struct genesis_contract *contract) {
    char path[PATH_MAX];
    struct hash hash;
    struct buf *code = &out->codes[out->code_count];
    if (!path_of_code(path, folder, contract)) return STATUS_TOO_LARGE;
    enum status status = file_read(code, path, LIMIT_CODE_BYTES);
    if (status != STATUS_OK) return refused(path, status);
    hash_bytes(&hash, HASH_CODE, buf_bytes(code));
    if (!hash_equal(&hash, &contract->code_hash)) return refused(path, STATUS_INVALID);
    out->code_list[out->code_count++] = buf_bytes(code);
    return STATUS_OK;
}

enum status genesis_folder_read(struct genesis_folder *out, const char *folder) {
    char path[PATH_MAX];
    struct arena arena = {0};
    struct genesis genesis;
    *out = (struct genesis_folder){0};
    if (!path_of_genesis(path, folder)) return STATUS_TOO_LARGE;
    enum status status = file_read(&out->genesis, path, GENESIS_MAX_BYTES);
    if (status != STATUS_OK) return refused(path, status);
    if (genesis_decode(&genesis, &arena, buf_bytes(&out->genesis)) != STATUS_OK)
        status = refused(path, STATUS_INVALID);
    for (uint32_t i = 0; status == STATUS_OK && i < genesis.contract_count; i++)
        status = read_code(out, folder, &genesis.contracts[i]);
    arena_clear(&arena);
    return status;
}

static enum status write_code(const char *folder, const struct genesis_contract *contract,
                              struct bytes code) {
    char path[PATH_MAX];
    struct hash hash;
    hash_bytes(&hash, HASH_CODE, code);
    if (!hash_equal(&hash, &contract->code_hash)) return STATUS_INVALID;
    return path_of_code(path, folder, contract) ? file_replace(path, code, 0644) : STATUS_TOO_LARGE;
}

// The codes first: who finds a genesis finds what it names.
enum status genesis_folder_write(const struct genesis_folder *folder, const char *where) {
    char path[PATH_MAX];
    struct arena arena = {0};
    struct genesis genesis;
    enum status status = genesis_decode(&genesis, &arena, buf_bytes(&folder->genesis));
    if (status != STATUS_OK || genesis.contract_count != folder->code_count)
        status = STATUS_INVALID;
    if (status == STATUS_OK) status = file_make_directories(where, 0755);
    for (uint32_t i = 0; status == STATUS_OK && i < genesis.contract_count; i++)
        status = write_code(where, &genesis.contracts[i], folder->code_list[i]);
    if (status == STATUS_OK)
        status = path_of_genesis(path, where)
                     ? file_replace(path, buf_bytes(&folder->genesis), 0644)
                     : STATUS_TOO_LARGE;
    arena_clear(&arena);
    return status == STATUS_OK ? STATUS_OK : refused(where, status);
}

bool genesis_folder_is_devnet(const struct genesis_folder *folder) {
    struct arena arena = {0};
    struct genesis genesis;
    bool is_one = genesis_decode(&genesis, &arena, buf_bytes(&folder->genesis)) == STATUS_OK &&
                  bytes_equal(genesis.name, bytes_of_string("devnet"));
    arena_clear(&arena);
    return is_one;
}

void genesis_folder_clear(struct genesis_folder *folder) {
    buf_clear(&folder->genesis);
    for (size_t i = 0; i < GENESIS_MAX_CONTRACTS; i++) buf_clear(&folder->codes[i]);
}
