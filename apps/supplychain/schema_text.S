// SPDX-License-Identifier: Apache-2.0
// The schema as text with a NUL behind it. The path is found by -I of the source tree.
    .section .rodata
    .global supplychain_schema
supplychain_schema:
    .incbin "apps/supplychain/schema.sql"
    .byte 0
    .section .note.GNU-stack, "", %progbits
