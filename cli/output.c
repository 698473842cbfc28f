// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <stdio.h>

#include "chaincore/base/status.h"
#include "cli/command.h"

int output_json(json_t *json) {
    ENSURE(json);
    json_dumpf(json, stdout, JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
    json_decref(json);
    putchar('\n'); // main() sees whether all of it was written
    return EXIT_DONE;
}
