// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "apps/supplychain/epcis/event_values.h"
#include "apps/supplychain/epcis/identifier.h"
#include "apps/supplychain/epcis/query_reader.h"
#include "apps/supplychain/epcis/scalar.h"

#define EPC_PLACES ((1U << CLASS_IN_LIST) - 1)
#define CLASS_PLACES ((1U << (CLASS_IN_OUTPUT + 1)) - (1U << CLASS_IN_LIST))

// A condition in the making.
struct making {
    struct query_reader *in;
    const struct query_subject *subject;
    struct query_condition condition;
    struct query_text *texts;
    int64_t *numbers;
    struct bytes unit; // of measured numbers
};

static const struct epcis_context *context_of(const struct query_reader *in) {
    static const struct epcis_context none;
    return in->reading->context ? in->reading->context : &none;
}

static enum status refuse(struct making *m, const char *rule, const char *reason) {
    return query_refuse(m->in, STATUS_INVALID, rule, reason);
}

// ---- the condition

static int compare_texts(const void *a, const void *b) {
    const struct query_text *left = a, *right = b;
    int order = bytes_compare(left->text, right->text);
    return order ? order : left->is_prefix - right->is_prefix;
}

static void keep_texts_once(struct making *m) {
    size_t kept = 0;
    if (m->condition.text_count == 0) return;
    qsort(m->texts, m->condition.text_count, sizeof *m->texts, compare_texts);
    for (size_t i = 0; i < m->condition.text_count; i++)
        if (kept == 0 || compare_texts(&m->texts[kept - 1], &m->texts[i]) != 0)
            m->texts[kept++] = m->texts[i];
    m->condition.texts = m->texts;
    m->condition.text_count = kept;
}

static enum status keep_condition(struct making *m) {
    struct epcis_query *query = m->in->query;
    size_t cost = m->condition.number_count + (m->condition.attribute.len > 0);
    keep_texts_once(m);
    m->condition.numbers = m->numbers;
    for (size_t i = 0; i < m->condition.text_count; i++) cost += m->texts[i].is_prefix ? 2 : 1;
    if (cost > LIMIT_QUERY_TERMS - query->value_count)
        return query_refuse(m->in, STATUS_TOO_LARGE, "epcis/terms",
                            "asks, with the others, for too many values");
    if (query->condition_count == LIMIT_QUERY_CONDITIONS)
        return query_refuse(m->in, STATUS_TOO_LARGE, "epcis/conditions",
                            "is one parameter too many");
    query->conditions[query->condition_count++] = m->condition;
    query->value_count += cost;
    return STATUS_OK;
}

static enum status check_list(struct making *m) {
    const struct query_parameter *parameter = m->in->parameter;
    if (parameter->count > LIMIT_QUERY_VALUES)
        return query_refuse(m->in, STATUS_TOO_LARGE, "epcis/list", "has too many values");
    for (size_t i = 0; i < parameter->count; i++) {
        if (parameter->values[i].len > LIMIT_QUERY_VALUE_BYTES)
            return query_refuse(m->in, STATUS_TOO_LARGE, "epcis/list", "is too long");
        if (parameter->values[i].len == 0) return refuse(m, "epcis/list", "has an empty value");
    }
    return parameter->count > 0 ? STATUS_OK : refuse(m, "epcis/list", "has no value");
}

// What equality asks for must not be as long as what an event's own text is cut to.
static enum status add_text(struct making *m, struct bytes text) {
    if (text.len > LIMIT_QUERY_VALUE_BYTES)
        return query_refuse(m->in, STATUS_TOO_LARGE, "epcis/list", "is too long");
    m->texts[m->condition.text_count++] = (struct query_text){text, false};
    return STATUS_OK;
}

static bool is_uri(struct bytes text) { return text.len > 0 && memchr(text.data, ':', text.len); }

// ---- forms of texts

static enum status read_word(struct making *m, struct bytes value) {
    enum vocabulary vocabulary = m->subject->vocabulary;
    struct buf form = {0};
    value = scalar_trim(value);
    if (!is_uri(value) && !vocabulary_has(vocabulary, value)) {
        const char *noun = vocabulary_words(vocabulary)->noun;
        return refuse(m, vocabulary == VOCABULARY_NONE ? "epcis/uri" : "epcis/word",
                      vocabulary == VOCABULARY_NONE
                          ? "is no URI"
                          : arena_format(m->in->reading->arena,
                                         "is neither %s of the standard nor a URI", noun));
    }
    vocabulary_append_value(&form, vocabulary, value, context_of(m->in));
    enum status status = add_text(m, arena_copy(m->in->reading->arena, buf_bytes(&form)));
    buf_clear(&form);
    return status;
}

static enum status read_id(struct making *m, struct bytes value) {
    return is_uri(value) ? add_text(m, value) : refuse(m, "epcis/uri", "is no URI");
}

static enum status read_hex(struct making *m, struct bytes value) {
    char *upper = arena_copy_string(m->in->reading->arena, value);
    for (char *at = upper; *at; at++) {
        if (*at >= 'a' && *at <= 'f') *at = (char)(*at - 0x20);
        if (!((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'F')))
            return refuse(m, "epcis/hex", "has other characters than hexadecimal digits");
    }
    return add_text(m, bytes_of_string(upper));
}

static enum status read_boolean(struct making *m, struct bytes value) {
    if (!bytes_equal(value, bytes_of_string("true")) &&
        !bytes_equal(value, bytes_of_string("false")))
        return refuse(m, "epcis/boolean", "is neither true nor false");
    return add_text(m, value);
}

// As it stands, and as a number when it is one.
static enum status read_any(struct making *m, struct bytes value) {
    struct arena *arena = m->in->reading->arena;
    struct event_value read = {0};
    enum status status;
    event_value_read(&read, arena, value, context_of(m->in));
    TRY(add_text(m, read.text));
    if (event_value_read_number(&read, arena, scalar_trim(value))) TRY(add_text(m, read.text));
out:
    return status;
}

static enum status read_attribute_name(struct making *m, struct bytes value) {
    struct bytes name;
    enum status status = query_read_name(m->in, value, &name);
    return status == STATUS_OK ? add_text(m, name) : status;
}

// ---- forms of numbers

static enum status read_number(struct making *m, struct bytes value) {
    double number;
    if (!scalar_read_number(&number, scalar_trim(value)))
        return refuse(m, "epcis/number", "is not a number");
    number = event_field_convert((enum event_field)m->subject->detail, m->unit, number);
    m->numbers[m->condition.number_count++] = scalar_sortable(number);
    return STATUS_OK;
}

static enum status read_time(struct making *m, struct bytes value) {
    if (scalar_read_time(&m->numbers[0], scalar_trim(value)) != STATUS_OK)
        return refuse(m, "epcis/time", "is not a date and time with its offset from UTC");
    m->condition.is_time = true;
    m->condition.number_count = 1;
    return STATUS_OK;
}

// What can be less or more than something else.
static enum status read_comparable(struct making *m, struct bytes value) {
    struct event_value read = {0};
    struct arena *arena = m->in->reading->arena;
    value = scalar_trim(value);
    event_value_read(&read, arena, value, context_of(m->in));
    m->condition.is_time = read.has_time;
    m->condition.number_count = 1;
    m->numbers[0] = read.time_ms;
    if (read.has_time) return STATUS_OK;
    if (!event_value_read_number(&read, arena, value))
        return refuse(m, "epcis/comparable", "is neither a number nor a date or time");
    m->numbers[0] = read.number;
    return STATUS_OK;
}

// ---- identifiers

// What every EPC of the pattern starts with.
static enum status read_pattern(struct making *m, struct bytes item) {
    struct buf id = {0};
    if (!identifier_pattern_prefix(&id, item))
        return refuse(m, "epcis/pattern", "has a pattern of a form that is not supported");
    m->texts[m->condition.text_count++] =
        (struct query_text){arena_copy(m->in->reading->arena, buf_bytes(&id)), true};
    buf_clear(&id);
    return STATUS_OK;
}

// One or two texts: among EPCs a pattern stands for many, among classes for the one of its name.
static enum status read_identifier(struct making *m, struct bytes item) {
    enum status status = STATUS_OK;
    struct buf id = {0};
    item = scalar_trim(item);
    if (!is_uri(item))
        return refuse(m, "epcis/uri", "is no URI: an identifier begins with urn: or https:");
    bool is_pattern = identifier_is_pattern(item);
    if (is_pattern && m->condition.places & EPC_PLACES) TRY(read_pattern(m, item));
    if (is_pattern && !(m->condition.places & CLASS_PLACES)) return STATUS_OK;
    if (!identifier_canonicalise(&id, item)) buf_append(&id, item);
    status = add_text(m, arena_copy(m->in->reading->arena, buf_bytes(&id)));
    buf_clear(&id);
out:
    return status;
}

// ---- all of them

static enum status read_each(struct making *m,
                             enum status (*read)(struct making *m, struct bytes value)) {
    const struct query_parameter *parameter = m->in->parameter;
    enum status status;
    TRY(check_list(m));
    for (size_t i = 0; i < parameter->count; i++) TRY(read(m, parameter->values[i]));
out:
    return status;
}

static enum status read_only(struct making *m,
                             enum status (*read)(struct making *m, struct bytes value)) {
    struct bytes value;
    enum status status;
    TRY(check_list(m));
    TRY(query_read_single(m->in, &value));
    TRY(read(m, value));
out:
    return status;
}

// A list may name each value in two ways.
static void begin(struct making *m) {
    size_t count = m->in->parameter->count;
    if (count > LIMIT_QUERY_VALUES) count = 0; // which check_list refuses
    m->texts = arena_alloc_array(m->in->reading->arena, 2 * count + 1, sizeof *m->texts);
    m->numbers = arena_alloc_array(m->in->reading->arena, count + 1, sizeof *m->numbers);
}

static enum status read_equal(struct making *m) {
    m->condition.test = TEST_ONE_OF;
    switch (m->subject->form) {
    case FORM_WORDS:
        return read_each(m, read_word);
    case FORM_TEXTS:
        return read_each(m, add_text);
    case FORM_IDS:
        return read_each(m, read_id);
    case FORM_HEX:
        return read_each(m, read_hex);
    case FORM_BOOLEAN:
        return read_only(m, read_boolean);
    case FORM_NUMBER:
    case FORM_MEASURED:
        m->condition.test = TEST_ONE_OF_NUMBERS;
        return read_each(m, read_number);
    case FORM_ANY:
        return read_each(m, read_any);
    case FORM_IDENTIFIERS:
        return read_each(m, read_identifier);
    case FORM_TIME:
    case FORM_NOTHING:
        break;
    }
    return refuse(m, "epcis/parameter", "is not a parameter of this query");
}

static enum status read_compared(struct making *m) {
    switch (m->subject->form) {
    case FORM_NUMBER:
    case FORM_MEASURED:
        return read_only(m, read_number);
    case FORM_TIME:
        return read_only(m, read_time);
    default:
        return read_only(m, read_comparable);
    }
}

// *wanted is false for a condition that asks for nothing.
static enum status read_exists(struct making *m, bool *wanted) {
    struct bytes value;
    enum status status = query_read_single(m->in, &value);
    if (status != STATUS_OK) return status;
    m->condition.test = TEST_EXISTS;
    *wanted = !bytes_equal(value, bytes_of_string("false"));
    double number;
    if (value.len == 0 || !*wanted || bytes_equal(value, bytes_of_string("true")) ||
        bytes_equal(value, bytes_of_string("null")) || scalar_read_number(&number, value))
        return STATUS_OK;
    return refuse(m, "epcis/exists", "has a value that is neither true nor false");
}

static enum status read_operands(struct making *m, enum query_operator operation, bool *wanted) {
    switch (operation) {
    case OPERATOR_EQ:
    case OPERATOR_MATCH:
        return read_equal(m);
    case OPERATOR_GT:
        m->condition.test = TEST_GREATER;
        return read_compared(m);
    case OPERATOR_GE:
        m->condition.test = TEST_GREATER_EQUAL;
        return read_compared(m);
    case OPERATOR_LT:
        m->condition.test = TEST_LESS;
        return read_compared(m);
    case OPERATOR_LE:
        m->condition.test = TEST_LESS_EQUAL;
        return read_compared(m);
    case OPERATOR_EXISTS:
        return read_exists(m, wanted);
    case OPERATOR_WD: {
        enum status status = read_equal(m);
        m->condition.test = TEST_WITHIN;
        return status;
    }
    case OPERATOR_HASATTR:
        m->condition.test = TEST_HAS_ATTRIBUTE;
        return read_each(m, read_attribute_name);
    case OPERATOR_EQATTR:
        m->condition.test = TEST_ATTRIBUTE;
        return read_each(m, read_any);
    }
    return STATUS_INVALID;
}

// ---- what the name stands for

// "my:field_cbvmda:site": the attribute begins where the prefix of the last colon does; without
// one, behind the last underscore.
static bool split_attribute(struct bytes rest, struct bytes *field, struct bytes *attribute) {
    size_t end = rest.len, first = 0;
    while (first < rest.len && rest.data[first] != ':') first++;
    for (size_t i = rest.len; i-- > first + 1;)
        if (rest.data[i] == ':') {
            end = i;
            break;
        }
    while (end > first && rest.data[end - 1] != '_') end--;
    if (end <= first + 2 || end == rest.len) return false;
    *field = bytes_of(rest.data, end - 1);
    *attribute = bytes_of(rest.data + end, rest.len - end);
    return true;
}

static enum status read_extension(struct making *m, struct bytes rest, bool is_inner) {
    struct event_extension extension = {m->subject->detail, is_inner, rest};
    enum status status = STATUS_OK;
    if (!is_inner || is_uri(rest)) TRY(query_read_name(m->in, rest, &extension.name));
    m->condition.field = event_field_of_extension(&extension);
out:
    return status;
}

static enum status read_attributed(struct making *m, struct bytes rest) {
    struct bytes field = rest, attribute = rest;
    enum status status = STATUS_OK;
    if (m->condition.target == TARGET_VALUE) {
        if (!split_attribute(rest, &field, &attribute))
            return refuse(m, "epcis/attribute", "names no field and attribute");
        TRY(read_extension(m, field, false));
    }
    TRY(query_read_name(m->in, attribute, &m->condition.attribute));
out:
    return status;
}

static enum status read_type(struct making *m, struct bytes rest) {
    struct buf type = {0};
    if (!is_uri(rest) && !vocabulary_has(m->subject->vocabulary, rest))
        return refuse(m, "epcis/word",
                      arena_format(m->in->reading->arena,
                                   "names neither %s of the standard nor a URI",
                                   vocabulary_words(m->subject->vocabulary)->noun));
    vocabulary_append_value(&type, m->subject->vocabulary, rest, context_of(m->in));
    m->condition.field =
        event_field_of_type((enum event_field)m->subject->detail, buf_bytes(&type));
    buf_clear(&type);
    return STATUS_OK;
}

static enum status read_unit(struct making *m, struct bytes rest) {
    bool is_code = rest.len >= 2 && rest.len <= 4;
    for (size_t i = 0; i < rest.len && is_code; i++)
        is_code = (rest.data[i] >= 'A' && rest.data[i] <= 'Z') ||
                  (rest.data[i] >= '0' && rest.data[i] <= '9');
    if (!is_code) return refuse(m, "epcis/unit", "ends in no code of a unit of measure");
    m->unit = rest;
    m->condition.field = event_field_in_unit((enum event_field)m->subject->detail, rest);
    return STATUS_OK;
}

static enum status read_tail(struct making *m, struct bytes rest) {
    switch (m->subject->tail) {
    case TAIL_NONE:
        if (m->condition.target == TARGET_VALUE) m->condition.field = m->subject->detail;
        if (m->condition.target == TARGET_IDENTIFIER) m->condition.places = m->subject->detail;
        return STATUS_OK;
    case TAIL_TYPE:
        return read_type(m, rest);
    case TAIL_UNIT:
        return read_unit(m, rest);
    case TAIL_EXTENSION:
        return read_extension(m, rest, false);
    case TAIL_INNER:
        return read_extension(m, rest, true);
    case TAIL_ATTRIBUTE:
        return read_attributed(m, rest);
    }
    return STATUS_INVALID;
}

// The types in a name are of a vocabulary that its values are not of.
static const struct query_subject *of_values(const struct query_subject *subject,
                                             struct query_subject *storage) {
    if (subject->tail != TAIL_TYPE) return subject;
    *storage = *subject;
    storage->vocabulary = VOCABULARY_NONE;
    return storage;
}

enum status query_read_values(struct query_reader *in, const struct query_subject *subject,
                              enum query_operator operation, struct bytes rest) {
    struct making m = {.in = in, .subject = subject, .condition = {.target = subject->target}};
    struct query_subject storage;
    bool wanted = true;
    enum status status;
    begin(&m);
    TRY(read_tail(&m, rest));
    m.subject = of_values(subject, &storage);
    TRY(read_operands(&m, operation, &wanted));
    if (wanted) TRY(keep_condition(&m));
out:
    return status;
}

enum status query_read_identifiers(struct query_reader *in, unsigned places) {
    struct making m = {.in = in, .condition = {.target = TARGET_IDENTIFIER, .places = places}};
    enum status status;
    begin(&m);
    TRY(read_each(&m, read_identifier));
    TRY(keep_condition(&m));
out:
    return status;
}
