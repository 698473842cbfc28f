# SPDX-License-Identifier: Apache-2.0
# The schema of EPCIS documents, byte for byte.
    .section .rodata
    .global epcis_schema_json
    .global epcis_schema_json_end
epcis_schema_json:
    .incbin "apps/supplychain/schema/epcis.json"
epcis_schema_json_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
