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

static enum status read_code(struct genesis_folder *out, const char *folder,
                             const struct genesis_contract *contract) {
    char path[PATH_MAX];
    struct hash hash;
    struct buf *code = &out->codes[out->code_count];
    int len = snprintf(path, sizeof path, "%s/%.*s.wasm", folder, (int)contract->name.len,
                       (const char *)contract->name.data);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
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
    int len = snprintf(path, sizeof path, "%s/genesis", folder);
    if (len < 0 || (size_t)len >= sizeof path) return STATUS_TOO_LARGE;
    enum status status = file_read(&out->genesis, path, GENESIS_MAX_BYTES);
    if (status != STATUS_OK) return refused(path, status);
    if (genesis_decode(&genesis, &arena, buf_bytes(&out->genesis)) != STATUS_OK)
        status = refused(path, STATUS_INVALID);
    for (uint32_t i = 0; status == STATUS_OK && i < genesis.contract_count; i++)
        status = read_code(out, folder, &genesis.contracts[i]);
    arena_clear(&arena);
    return status;
}

void genesis_folder_clear(struct genesis_folder *folder) {
    buf_clear(&folder->genesis);
    for (size_t i = 0; i < GENESIS_MAX_CONTRACTS; i++) buf_clear(&folder->codes[i]);
}
