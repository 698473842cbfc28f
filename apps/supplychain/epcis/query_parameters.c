// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/query_parameters.h"

#define BIT(place) (1U << (place))
#define EPCS (BIT(CLASS_IN_LIST) - 1)
#define CLASSES (BIT(CLASS_IN_OUTPUT + 1) - BIT(CLASS_IN_LIST))

#define EQ OPERATOR_EQ
#define RANGE (OPERATOR_GE | OPERATOR_LT)
#define COMPARED (OPERATOR_EQ | OPERATOR_GT | OPERATOR_GE | OPERATOR_LT | OPERATOR_LE)
#define EXTENDED (COMPARED | OPERATOR_EXISTS)

#define WORDS(name, operators, target, vocabulary) \
    { name, operators, TAIL_NONE, FORM_WORDS, target, 0, vocabulary }
#define VALUE(name, form, field) \
    { name, EQ, TAIL_NONE, form, TARGET_VALUE, field, VOCABULARY_NONE }
#define MATCH(name, places)                                                           \
    {                                                                                 \
        name, OPERATOR_MATCH, TAIL_NONE, FORM_IDENTIFIERS, TARGET_IDENTIFIER, places, \
            VOCABULARY_NONE                                                           \
    }
#define TYPED(name, field, vocabulary) \
    { name, EQ, TAIL_TYPE, FORM_WORDS, TARGET_VALUE, field, vocabulary }
#define TIME(name, target, field) \
    { name, RANGE, TAIL_NONE, FORM_TIME, target, field, VOCABULARY_NONE }
#define MEASURED(name, field) \
    { name, COMPARED, TAIL_UNIT, FORM_MEASURED, TARGET_VALUE, field, VOCABULARY_NONE }
#define NUMBER(name, field) \
    { name, COMPARED, TAIL_NONE, FORM_NUMBER, TARGET_VALUE, field, VOCABULARY_NONE }
#define EXTENSION(name, part)                                                              \
    {name, EXTENDED, TAIL_EXTENSION, FORM_ANY, TARGET_VALUE, part, VOCABULARY_NONE}, {     \
        "INNER_" name, EXTENDED, TAIL_INNER, FORM_ANY, TARGET_VALUE, part, VOCABULARY_NONE \
    }
#define ATTRIBUTED(name, target) \
    { name, OPERATOR_EQATTR, TAIL_ATTRIBUTE, FORM_ANY, target, PART_EVENT, VOCABULARY_NONE }
#define EXISTS(name, target, field) \
    { name, OPERATOR_EXISTS, TAIL_NONE, FORM_NOTHING, target, field, VOCABULARY_NONE }

static const struct query_subject subjects[] = {
    WORDS("eventType", EQ, TARGET_EVENT_TYPE, VOCABULARY_EVENT_TYPE),
    WORDS("action", EQ, TARGET_ACTION, VOCABULARY_ACTION),
    WORDS("bizStep", EQ | OPERATOR_HASATTR, TARGET_BIZ_STEP, VOCABULARY_BIZ_STEP),
    WORDS("disposition", EQ | OPERATOR_HASATTR, TARGET_DISPOSITION, VOCABULARY_DISPOSITION),
    WORDS("readPoint", EQ | OPERATOR_WD | OPERATOR_HASATTR, TARGET_READ_POINT, VOCABULARY_NONE),
    WORDS("bizLocation", EQ | OPERATOR_WD | OPERATOR_HASATTR, TARGET_BIZ_LOCATION, VOCABULARY_NONE),
    {"eventID", EQ, TAIL_NONE, FORM_IDS, TARGET_EVENT_ID, 0, VOCABULARY_NONE},
    {"persistentDisposition_set", EQ, TAIL_NONE, FORM_WORDS, TARGET_VALUE, FIELD_DISPOSITION_SET,
     VOCABULARY_DISPOSITION},
    {"persistentDisposition_unset", EQ, TAIL_NONE, FORM_WORDS, TARGET_VALUE,
     FIELD_DISPOSITION_UNSET, VOCABULARY_DISPOSITION},
    VALUE("transformationID", FORM_WORDS, FIELD_TRANSFORMATION_ID),
    TYPED("bizTransaction_", FIELD_BIZ_TRANSACTION, VOCABULARY_TRANSACTION),
    TYPED("source_", FIELD_SOURCE, VOCABULARY_SOURCE),
    TYPED("destination_", FIELD_DESTINATION, VOCABULARY_SOURCE),
    TIME("eventTime", TARGET_EVENT_TIME, 0),
    TIME("recordTime", TARGET_RECORD_TIME, 0),
    // Of several kinds of place or class each has a name.
    MATCH("epc", BIT(EPC_IN_LIST) | BIT(EPC_IN_CHILDREN)),
    MATCH("parentID", BIT(EPC_IN_PARENT)),
    MATCH("inputEPC", BIT(EPC_IN_INPUT)),
    MATCH("outputEPC", BIT(EPC_IN_OUTPUT)),
    MATCH("anyEPC", EPCS),
    MATCH("epcClass", BIT(CLASS_IN_LIST) | BIT(CLASS_IN_CHILDREN)),
    MATCH("inputEPCClass", BIT(CLASS_IN_INPUT)),
    MATCH("outputEPCClass", BIT(CLASS_IN_OUTPUT)),
    MATCH("anyEPCClass", CLASSES),
    NUMBER("quantity", FIELD_QUANTITY),
    MEASURED("quantity_", FIELD_QUANTITY),
    // error declarations
    EXISTS("errorDeclaration", TARGET_DECLARATION, 0),
    TIME("errorDeclarationTime", TARGET_VALUE, FIELD_DECLARATION_TIME),
    TIME("errorDeclaration_Time", TARGET_VALUE, FIELD_DECLARATION_TIME), // GS1's schema of queries
    {"errorReason", EQ, TAIL_NONE, FORM_WORDS, TARGET_VALUE, FIELD_ERROR_REASON,
     VOCABULARY_ERROR_REASON},
    VALUE("correctiveEventID", FORM_IDS, FIELD_CORRECTIVE_EVENT_ID),
    // sensor elements
    EXISTS("sensorElementList", TARGET_VALUE, FIELD_SENSOR_ELEMENTS),
    {"type", EQ, TAIL_NONE, FORM_WORDS, TARGET_VALUE, FIELD_SENSOR_TYPE, VOCABULARY_MEASUREMENT},
    VALUE("deviceID", FORM_WORDS, FIELD_DEVICE_ID),
    VALUE("dataProcessingMethod", FORM_WORDS, FIELD_DATA_PROCESSING_METHOD),
    VALUE("bizRules", FORM_WORDS, FIELD_BIZ_RULES),
    VALUE("microorganism", FORM_WORDS, FIELD_MICROORGANISM),
    VALUE("chemicalSubstance", FORM_WORDS, FIELD_CHEMICAL_SUBSTANCE),
    VALUE("stringValue", FORM_TEXTS, FIELD_STRING_VALUE),
    VALUE("booleanValue", FORM_BOOLEAN, FIELD_BOOLEAN_VALUE),
    VALUE("hexBinaryValue", FORM_HEX, FIELD_HEX_BINARY_VALUE),
    VALUE("uriValue", FORM_WORDS, FIELD_URI_VALUE),
    NUMBER("percRank", FIELD_PERC_RANK),
    TIME("time", TARGET_VALUE, FIELD_SENSOR_TIME),
    TIME("startTime", TARGET_VALUE, FIELD_START_TIME),
    TIME("endTime", TARGET_VALUE, FIELD_END_TIME),
    MEASURED("value_", FIELD_VALUE),
    MEASURED("minValue_", FIELD_MIN_VALUE),
    MEASURED("maxValue_", FIELD_MAX_VALUE),
    MEASURED("meanValue_", FIELD_MEAN_VALUE),
    MEASURED("sDev_", FIELD_STANDARD_DEVIATION),
    MEASURED("percValue_", FIELD_PERC_VALUE),
    // master data
    ATTRIBUTED("bizStep_", TARGET_BIZ_STEP),
    ATTRIBUTED("disposition_", TARGET_DISPOSITION),
    ATTRIBUTED("readPoint_", TARGET_READ_POINT),
    ATTRIBUTED("bizLocation_", TARGET_BIZ_LOCATION),
    ATTRIBUTED("", TARGET_VALUE),
    {"", OPERATOR_HASATTR, TAIL_EXTENSION, FORM_ANY, TARGET_VALUE, PART_EVENT, VOCABULARY_NONE},
    // extensions
    EXTENSION("", PART_EVENT),
    EXTENSION("ILMD_", PART_ILMD),
    EXTENSION("ERROR_DECLARATION_", PART_ERROR_DECLARATION),
    EXTENSION("SENSORELEMENT_", PART_SENSOR_ELEMENT),
    EXTENSION("SENSORMETADATA_", PART_SENSOR_METADATA),
    EXTENSION("SENSORREPORT_", PART_SENSOR_REPORT),
    EXTENSION("readPoint_", PART_READ_POINT),
    EXTENSION("bizLocation_", PART_BIZ_LOCATION),
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

size_t query_subject_count(void) { return SUBJECTS; }

const struct query_subject *query_subject_at(size_t index) { return &subjects[index]; }

// Longer ones first, where one begins another.
static const struct {
    const char *name;
    enum query_operator operation;
} operators[] = {
    {"EQ_ATTR_", OPERATOR_EQATTR}, {"EQATTR_", OPERATOR_EQATTR}, {"HASATTR_", OPERATOR_HASATTR},
    {"EQ_", OPERATOR_EQ},          {"GT_", OPERATOR_GT},         {"GE_", OPERATOR_GE},
    {"LT_", OPERATOR_LT},          {"LE_", OPERATOR_LE},         {"EXISTS_", OPERATOR_EXISTS},
    {"MATCH_", OPERATOR_MATCH},    {"WD_", OPERATOR_WD},
};

static bool take_operator(struct bytes *name, enum query_operator *out) {
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        struct bytes prefix = bytes_of_string(operators[i].name);
        if (!bytes_start_with(*name, prefix)) continue;
        *name = bytes_of(name->data + prefix.len, name->len - prefix.len);
        *out = operators[i].operation;
        return true;
    }
    return false;
}

// Does the name end where the subject's does, or go on where something has to follow?
static bool fits(const struct query_subject *subject, struct bytes name) {
    struct bytes own = bytes_of_string(subject->name);
    if (subject->tail == TAIL_NONE) return bytes_equal(name, own);
    return name.len > own.len && bytes_start_with(name, own);
}

// What has no name of its own in front takes names with a prefix alone, else it would take all.
static bool is_extension_name(struct bytes name) {
    return memchr(name.data, ':', name.len) != NULL;
}

const struct query_subject *query_subject_find(struct bytes name, enum query_operator *operation,
                                               struct bytes *rest) {
    const struct query_subject *found = NULL;
    if (bytes_equal(name, bytes_of_string("eventType")))
        *operation = OPERATOR_EQ;
    else if (!take_operator(&name, operation))
        return NULL;
    *rest = name;
    for (int i = 0; i < SUBJECTS; i++) {
        const struct query_subject *subject = &subjects[i];
        if (!(subject->operators & *operation) || !fits(subject, name)) continue;
        if (*subject->name == '\0' && !is_extension_name(name)) continue;
        if (!found || strlen(subject->name) > strlen(found->name)) found = subject;
    }
    if (!found) return NULL;
    size_t own = strlen(found->name);
    *rest = bytes_of(name.data + own, name.len - own);
    return found;
}
