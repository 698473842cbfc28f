// SPDX-License-Identifier: Apache-2.0
// The parameters of SimpleEventQuery as a table: an operator ("GE_"), what it looks at
// ("quantity_", where a unit follows), how its values are read. query.h lists them for a reader.
#ifndef LMM_EPCIS_QUERY_PARAMETERS_H
#define LMM_EPCIS_QUERY_PARAMETERS_H

#include "apps/supplychain/epcis/event_field.h"
#include "apps/supplychain/epcis/query.h"
#include "apps/supplychain/epcis/vocabulary.h"

enum query_operator {
    OPERATOR_EQ = 1,
    OPERATOR_GT = 2,
    OPERATOR_GE = 4,
    OPERATOR_LT = 8,
    OPERATOR_LE = 16,
    OPERATOR_EXISTS = 32,
    OPERATOR_MATCH = 64,
    OPERATOR_WD = 128,
    OPERATOR_HASATTR = 256,
    OPERATOR_EQATTR = 512,
};

// What stands behind the subject's own name.
enum query_tail {
    TAIL_NONE,
    TAIL_TYPE,      // a word of the vocabulary, or a URI
    TAIL_UNIT,      // a code of UN/ECE Recommendation 20
    TAIL_EXTENSION, // a name with its prefix
    TAIL_INNER,     // any name
    TAIL_ATTRIBUTE, // the name of an attribute, behind that of an extension when the subject has
                    // none
};

enum query_form {
    FORM_WORDS, // of the vocabulary; URIs always
    FORM_TEXTS, // as they stand
    FORM_IDS,   // URIs as they stand
    FORM_HEX,
    FORM_BOOLEAN,
    FORM_NUMBER,
    FORM_MEASURED, // numbers of the tail's unit
    FORM_TIME,
    FORM_ANY, // texts, numbers and times
    FORM_IDENTIFIERS,
    FORM_NOTHING,
};

struct query_subject {
    const char *name;
    unsigned operators;
    enum query_tail tail;
    enum query_form form;
    enum query_target target;
    unsigned detail; // enum event_field, enum event_part, or places: by target and tail
    enum vocabulary vocabulary;
};

// The table's rows, for whoever goes through all of them.
size_t query_subject_count(void);
const struct query_subject *query_subject_at(size_t index);

// Takes a name apart: NULL when the table has none of it. `rest` is what the tail stands for.
const struct query_subject *query_subject_find(struct bytes name, enum query_operator *operation,
                                               struct bytes *rest);

#endif
