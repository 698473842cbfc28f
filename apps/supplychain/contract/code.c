// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/contract/code.h"

extern const uint8_t supplychain_contract_start[];
extern const uint8_t supplychain_contract_end[];

struct bytes supplychain_contract_code(void) {
    return bytes_of(supplychain_contract_start,
                    (size_t)(supplychain_contract_end - supplychain_contract_start));
}
