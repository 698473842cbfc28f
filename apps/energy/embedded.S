// SPDX-License-Identifier: Apache-2.0
// The compiled contract, found from the build tree's root, and the schema with a NUL behind it,
// found by -I of the source tree.
    .section .rodata
    .balign 16
    .global energy_contract_start
energy_contract_start:
    .incbin "apps/energy/contract/energy.wasm"
    .global energy_contract_end
energy_contract_end:
    .global energy_schema
energy_schema:
    .incbin "apps/energy/schema.sql"
    .byte 0
    .section .note.GNU-stack, "", %progbits
