// SPDX-License-Identifier: Apache-2.0
// The compiled contract, found from the build tree's root, and the schema with a NUL behind it,
// found by -I of the source tree.
    .section .rodata
    .balign 16
    .global sample_contract_start
sample_contract_start:
    .incbin "apps/sample/contract/sample.wasm"
    .global sample_contract_end
sample_contract_end:
    .global sample_schema
sample_schema:
    .incbin "apps/sample/schema.sql"
    .byte 0
    .section .note.GNU-stack, "", %progbits
