// SPDX-License-Identifier: Apache-2.0
// The compiled contract, found from the build tree's root, and the schema with a NUL behind it,
// found by -I of the source tree.
    .section .rodata
    .balign 16
    .global sharing_contract_start
sharing_contract_start:
    .incbin "apps/sharing/contract/sharing.wasm"
    .global sharing_contract_end
sharing_contract_end:
    .global sharing_schema
sharing_schema:
    .incbin "apps/sharing/schema.sql"
    .byte 0
    .section .note.GNU-stack, "", %progbits
