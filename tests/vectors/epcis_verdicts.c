// SPDX-License-Identifier: Apache-2.0
// Reads the lines that epcis_mutations.mjs writes (verdict, origin and what was done, document;
// between tabs) and says on how many our schema gives the same verdict. Run by
// check_epcis_mutations.sh.
#include <stdio.h>
#include <stdlib.h>

#include "apps/supplychain/epcis/document.h"

enum { DOCUMENT_BYTES = 1 << 20, SHOWN = 20 };

struct tally {
    size_t lines, valid, equal;
};

static void show(const char *verdict, const char *origin, const struct violations *violations,
                 const char *text) {
    printf("GS1 says %s: %s\n", *verdict == '1' ? "valid" : "invalid", origin);
    if (violations->count > 0) {
        const struct violation *first = &violations->items[0];
        printf("  we refuse %s by %s: %s\n", first->pointer, first->rule, first->detail);
    }
    printf("  %.2000s\n", text);
}

static void compare(struct tally *tally, const struct epcis_rules *rules, char *line) {
    char *rest = line;
    const char *verdict = strsep(&rest, "\t"), *origin = strsep(&rest, "\t");
    struct epcis_acceptance all = {
        .max_bytes = DOCUMENT_BYTES, .max_events = SIZE_MAX, .takes_single_event = true};
    struct violations violations = {0};
    tally->lines++;
    if (!origin || !rest) return;
    enum status status = epcis_document_check(&violations, rules, bytes_of_string(rest), &all);
    bool is_valid = status == STATUS_OK;
    if (is_valid) tally->valid++;
    if (is_valid == (*verdict == '1') && is_valid == (violations.count == 0)) {
        tally->equal++;
    } else if (tally->lines - tally->equal <= SHOWN) {
        show(verdict, origin, &violations, rest);
    }
    violations_clear(&violations);
}

int main(int argc, char **argv) {
    if (argc != 2) return EXIT_FAILURE;
    struct tally tally = {0};
    struct epcis_rules *rules;
    char *line = NULL;
    size_t capacity = 0;
    FILE *in = fopen(argv[1], "r");
    if (!in || epcis_rules_open(&rules) != STATUS_OK) {
        fprintf(stderr, "cannot start with %s\n", argv[1]);
        return EXIT_FAILURE;
    }
    for (ssize_t len; (len = getline(&line, &capacity, in)) > 0;) {
        if (line[len - 1] == '\n') line[len - 1] = '\0';
        compare(&tally, rules, line);
    }
    free(line);
    fclose(in);
    epcis_rules_close(rules);
    printf("EPCIS documents: %zu of %zu verdicts as GS1's schema gives them (%zu valid)\n",
           tally.equal, tally.lines, tally.valid);
    return tally.lines > 0 && tally.equal == tally.lines ? EXIT_SUCCESS : EXIT_FAILURE;
}
