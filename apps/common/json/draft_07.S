# SPDX-License-Identifier: Apache-2.0
# The draft-07 metaschema, byte for byte, for schemas that refer to it.
    .section .rodata
    .global draft_07_json
    .global draft_07_json_end
draft_07_json:
    .incbin "apps/common/json/draft-07.json"
draft_07_json_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
