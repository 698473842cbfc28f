// SPDX-License-Identifier: Apache-2.0
// The compiled supply-chain contract, as it stands in genesis under the name "supplychain".
#ifndef LMM_SUPPLYCHAIN_CONTRACT_CODE_H
#define LMM_SUPPLYCHAIN_CONTRACT_CODE_H

#include "chaincore/base/bytes.h"

struct bytes supplychain_contract_code(void);

#endif
