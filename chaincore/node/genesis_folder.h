// SPDX-License-Identifier: Apache-2.0
// A genesis as people hand it around: a folder with the canonical bytes ("genesis"), and the code
// of each contract that they name ("NAME.wasm"). `lmm genesis make` writes it (docs/genesis.md).
#ifndef LMM_NODE_GENESIS_FOLDER_H
#define LMM_NODE_GENESIS_FOLDER_H

#include "chaincore/chain/genesis.h"

struct genesis_folder {
    struct buf genesis;
    struct buf codes[GENESIS_MAX_CONTRACTS];
    struct bytes code_list[GENESIS_MAX_CONTRACTS]; // for node_config
    size_t code_count;
};

// NOT_FOUND, INVALID for what is no genesis or code of another hash; the log names the file. The
// caller clears it in any case.
enum status genesis_folder_read(struct genesis_folder *out, const char *path) MUST_CHECK;
// The same the other way: makes the folder where it is missing, and replaces what is in it. IO;
// INVALID for what is no genesis, or has other codes than these.
enum status genesis_folder_write(const struct genesis_folder *folder, const char *path) MUST_CHECK;
// Of a chain that is called devnet: everybody has its keys, and its genesis is of no particular
// day. False for what is no genesis.
bool genesis_folder_is_devnet(const struct genesis_folder *folder);
void genesis_folder_clear(struct genesis_folder *folder);

#endif
