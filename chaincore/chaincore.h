// SPDX-License-Identifier: Apache-2.0
// The only header that an application includes.
#ifndef LMM_CHAINCORE_H
#define LMM_CHAINCORE_H

#include "chaincore/base/arena.h"
#include "chaincore/base/buf.h"
#include "chaincore/base/bytes.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/codec.h"
#include "chaincore/base/file.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/base/status.h"
#include "chaincore/chain/block.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/proof.h"
#include "chaincore/chain/receipt.h"
#include "chaincore/chain/tx.h"
#include "chaincore/contract/abi.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/crypto/address.h"
#include "chaincore/crypto/derive.h"
#include "chaincore/crypto/keystore.h"
#include "chaincore/crypto/mnemonic.h"
#include "chaincore/crypto/sign.h"
#include "chaincore/light/light.h"
#include "chaincore/node/genesis_folder.h"
#include "chaincore/node/node.h"
#include "chaincore/node/node_arrive.h"

#endif
