// SPDX-License-Identifier: Apache-2.0
// The path is from the build tree's root, where the contract is compiled to.
    .section .rodata
    .balign 16
    .global supplychain_contract_start
supplychain_contract_start:
    .incbin "apps/supplychain/contract/supplychain.wasm"
    .global supplychain_contract_end
supplychain_contract_end:
    .section .note.GNU-stack, "", %progbits
