// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/epcis/identifier.h"

#define CANONICAL "https://id.gs1.org/"

// ---- characters

static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }
static bool is_upper(uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }
static bool is_lower(uint8_t byte) { return byte >= 'a' && byte <= 'z'; }

static int hex_value(uint8_t byte) {
    if (is_digit(byte)) return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

static bool is_one_of(uint8_t byte, const char *set) { return byte && strchr(set, byte) != NULL; }

// GS1's character sets 82 (serials, lots, references) and 39 (component/part identifiers).
enum charset { CHARSET_82, CHARSET_39, CHARSET_DIGITS };

static bool is_in_charset(uint8_t byte, enum charset set) {
    if (is_digit(byte)) return true;
    switch (set) {
    case CHARSET_82:
        return is_upper(byte) || is_lower(byte) || is_one_of(byte, "!\"%&'()*+,-./:;<=>?_");
    case CHARSET_39:
        return is_upper(byte) || is_one_of(byte, "#-/");
    case CHARSET_DIGITS:
        return false;
    }
    return false;
}

// What a URN may write without escaping it.
static bool is_plain_in_urn(uint8_t byte, enum charset set) {
    if (set == CHARSET_82) return is_in_charset(byte, set) && !is_one_of(byte, "\"%&/<>?");
    return is_in_charset(byte, set) && !is_one_of(byte, "#/");
}

// How many bytes of a URN write its next character; 0 when it is not allowed there.
static size_t urn_character(struct bytes text, size_t at, enum charset set) {
    if (text.data[at] != '%') return is_plain_in_urn(text.data[at], set) ? 1 : 0;
    if (text.len - at < 3) return 0;
    int high = hex_value(text.data[at + 1]), low = hex_value(text.data[at + 2]);
    if (high < 0 || low < 0 || set == CHARSET_DIGITS) return 0;
    return is_in_charset((uint8_t)(high << 4 | low), set) ? 3 : 0;
}

static bool is_urn_text(struct bytes text, enum charset set, size_t max_characters) {
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++) {
        size_t step = urn_character(text, at, set);
        if (step == 0) return false;
        at += step;
    }
    return count > 0 && count <= max_characters;
}

static bool is_all_digits(struct bytes text) {
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.data[i])) return false;
    return true;
}

// What a Digital Link may hold without percent-encoding, in a key or a qualifier.
static bool is_plain_in_link(uint8_t byte) {
    return is_digit(byte) || is_upper(byte) || is_lower(byte) || is_one_of(byte, "\"'-.;<=>?_");
}

static bool is_link_text(struct bytes text, size_t max_len) {
    for (size_t i = 0; i < text.len; i++)
        if (!is_plain_in_link(text.data[i])) return false;
    return text.len <= max_len;
}

static void append_encoded(struct buf *out, struct bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (is_one_of(text.data[i], "!()*+,:"))
            buf_append_format(out, "%%%02X", text.data[i]);
        else
            buf_append_byte(out, text.data[i]);
    }
}

// ---- EPC URNs

enum tail {
    TAIL_NONE,
    TAIL_QUALIFIED, // a serial as a qualifier of its own
    TAIL_JOINED,    // a serial joined to the key
    TAIL_PIECE,     // piece and total joined to the key, then a serial as qualifier
    TAIL_FREE,      // no digits of the key itself: prefix and free text
    TAIL_COMPONENT, // free text, then a serial as qualifier
};

struct urn_rule {
    const char *scheme;
    const char *key;
    const char *qualifier;
    enum tail tail;
    enum charset charset;
    uint8_t digit_count;   // of company prefix and reference together
    uint8_t serial_max;    // characters; of prefix and free text together
    bool has_leading_zero; // before the company prefix
    bool has_indicator;    // the reference's first digit stands before the company prefix
};

// scheme, key, qualifier, tail, characters of the serial, digits, longest serial, leading zero,
// indicator
static const struct urn_rule id_rules[] = {
    {"sgtin", "01", "21", TAIL_QUALIFIED, CHARSET_82, 13, 20, false, true},
    {"upui", "01", "235", TAIL_QUALIFIED, CHARSET_82, 13, 28, false, true},
    {"itip", "8006", "21", TAIL_PIECE, CHARSET_82, 13, 20, false, true},
    {"sscc", "00", NULL, TAIL_NONE, CHARSET_82, 17, 0, false, true},
    {"sgln", "414", "254", TAIL_QUALIFIED, CHARSET_82, 12, 20, false, false},
    {"pgln", "417", NULL, TAIL_NONE, CHARSET_82, 12, 0, false, false},
    {"grai", "8003", NULL, TAIL_JOINED, CHARSET_82, 12, 16, true, false},
    {"gdti", "253", NULL, TAIL_JOINED, CHARSET_82, 12, 20, false, false},
    {"sgcn", "255", NULL, TAIL_JOINED, CHARSET_DIGITS, 12, 12, false, false},
    {"giai", "8004", NULL, TAIL_FREE, CHARSET_82, 0, 30, false, false},
    {"ginc", "401", NULL, TAIL_FREE, CHARSET_82, 0, 30, false, false},
    {"gsrn", "8018", NULL, TAIL_NONE, CHARSET_82, 17, 0, false, false},
    {"gsrnp", "8017", NULL, TAIL_NONE, CHARSET_82, 17, 0, false, false},
    {"gsin", "402", NULL, TAIL_NONE, CHARSET_82, 16, 0, false, false},
    {"cpi", "8010", "8011", TAIL_COMPONENT, CHARSET_39, 0, 30, false, false},
};
static const struct urn_rule class_rules[] = {
    {"lgtin", "01", "10", TAIL_QUALIFIED, CHARSET_82, 13, 20, false, true},
};

enum { LENGTH_OF_ID_RULES = sizeof(id_rules) / sizeof(*id_rules) };

// A URN taken apart.
struct urn {
    const struct urn_rule *rule;
    struct bytes company;
    struct bytes reference;
    struct bytes piece, total;
    struct bytes serial;
    bool is_pattern; // the serial is `*`
};

static bool take_prefix(struct bytes *text, const char *prefix) {
    struct bytes wanted = bytes_of_string(prefix);
    if (!bytes_start_with(*text, wanted)) return false;
    *text = bytes_of(text->data + wanted.len, text->len - wanted.len);
    return true;
}

// What stands before the separator; false when there is none.
static bool take_until(struct bytes *part, struct bytes *text, char separator) {
    const uint8_t *at = text->len ? memchr(text->data, separator, text->len) : NULL;
    if (!at) return false;
    *part = bytes_of(text->data, (size_t)(at - text->data));
    *text = bytes_of(at + 1, text->len - part->len - 1);
    return true;
}

static const struct urn_rule *find_rule(const struct urn_rule *rules, size_t count,
                                        struct bytes scheme) {
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(bytes_of_string(rules[i].scheme), scheme)) return &rules[i];
    return NULL;
}

static bool take_scheme(struct urn *urn, struct bytes *text) {
    struct bytes scheme;
    bool is_class = false;
    if (take_prefix(text, "urn:epc:idpat:"))
        urn->is_pattern = true;
    else if (take_prefix(text, "urn:epc:class:"))
        is_class = true;
    else if (!take_prefix(text, "urn:epc:id:"))
        return false;
    if (!take_until(&scheme, text, ':')) return false;
    urn->rule = is_class ? find_rule(class_rules, 1, scheme)
                         : find_rule(id_rules, LENGTH_OF_ID_RULES, scheme);
    if (!urn->rule) return false;
    // A pattern leaves the serial open, so a key needs one; GLNs have no pattern of this form.
    bool can_be_open = urn->rule->tail == TAIL_JOINED || urn->rule->tail == TAIL_PIECE ||
                       urn->rule->tail == TAIL_COMPONENT || urn->rule->has_indicator;
    return !urn->is_pattern || (can_be_open && urn->rule->tail != TAIL_NONE);
}

static bool take_company(struct urn *urn, struct bytes *text) {
    return take_until(&urn->company, text, '.') && is_all_digits(urn->company) &&
           urn->company.len >= 6 && urn->company.len <= 12;
}

static bool take_reference(struct urn *urn, struct bytes *text, bool is_last) {
    if (is_last) {
        urn->reference = *text;
        *text = bytes_of(NULL, 0);
    } else if (!take_until(&urn->reference, text, '.')) {
        return false;
    }
    return is_all_digits(urn->reference) &&
           urn->company.len + urn->reference.len == urn->rule->digit_count;
}

static bool take_serial(struct urn *urn, struct bytes text, enum charset set, size_t max) {
    urn->serial = text;
    if (urn->is_pattern) return bytes_equal(text, bytes_of_string("*"));
    return is_urn_text(text, set, max);
}

static bool take_two_digits(struct bytes *part, struct bytes *text) {
    return take_until(part, text, '.') && part->len == 2 && is_all_digits(*part);
}

// A component's reference has no dot of its own.
static bool take_component(struct urn *urn, struct bytes text) {
    if (!take_until(&urn->reference, &text, '.')) return false;
    return is_urn_text(urn->reference, CHARSET_39, urn->rule->serial_max - urn->company.len) &&
           take_serial(urn, text, CHARSET_DIGITS, 12);
}

static bool take_body(struct urn *urn, struct bytes text) {
    const struct urn_rule *rule = urn->rule;
    if (!take_company(urn, &text)) return false;
    switch (rule->tail) {
    case TAIL_NONE:
        return take_reference(urn, &text, true);
    case TAIL_QUALIFIED:
    case TAIL_JOINED:
        return take_reference(urn, &text, false) &&
               take_serial(urn, text, rule->charset, rule->serial_max);
    case TAIL_PIECE:
        return take_reference(urn, &text, false) && take_two_digits(&urn->piece, &text) &&
               take_two_digits(&urn->total, &text) &&
               take_serial(urn, text, rule->charset, rule->serial_max);
    case TAIL_FREE:
        return take_serial(urn, text, rule->charset, rule->serial_max - urn->company.len);
    case TAIL_COMPONENT:
        return take_component(urn, text);
    }
    return false;
}

static uint8_t check_digit(struct bytes digits) {
    unsigned sum = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned weight = (digits.len - i) % 2 ? 3 : 1;
        sum += weight * (unsigned)(digits.data[i] - '0');
    }
    return (uint8_t)('0' + (10 - sum % 10) % 10);
}

static void append_digits(struct buf *out, const struct urn *urn) {
    size_t start = out->len;
    struct bytes rest = urn->reference;
    if (urn->rule->has_leading_zero) buf_append_byte(out, '0');
    if (urn->rule->has_indicator) {
        buf_append_byte(out, rest.data[0]);
        rest = bytes_of(rest.data + 1, rest.len - 1);
    }
    buf_append(out, urn->company);
    buf_append(out, rest);
    buf_append_byte(out, check_digit(bytes_of(out->data + start, out->len - start)));
    buf_append(out, urn->piece);
    buf_append(out, urn->total);
}

static void append_qualifier(struct buf *out, const char *name, struct bytes value) {
    buf_append_format(out, "/%s/", name);
    append_encoded(out, value);
}

static void append_urn(struct buf *out, const struct urn *urn) {
    const struct urn_rule *rule = urn->rule;
    struct bytes serial = urn->is_pattern ? bytes_of(NULL, 0) : urn->serial;
    buf_append_format(out, CANONICAL "%s/", rule->key);
    if (rule->digit_count) {
        append_digits(out, urn);
    } else {
        buf_append(out, urn->company);
        append_encoded(out, urn->reference);
    }
    // The standard writes "no extension" of a location as 0.
    bool is_absent = rule->digit_count == 12 && bytes_equal(serial, bytes_of_string("0"));
    if (!rule->qualifier)
        append_encoded(out, serial);
    else if (serial.len && !is_absent)
        append_qualifier(out, rule->qualifier, serial);
}

static bool read_urn(struct urn *urn, struct bytes text) {
    *urn = (struct urn){0};
    return take_scheme(urn, &text) && take_body(urn, text);
}

// ---- Digital Links

enum link_qualifiers { QUALIFIED_NOT, QUALIFIED_ITEM, QUALIFIED_PIECE, QUALIFIED_PLACE };

struct link_rule {
    const char *key;
    const char *name;
    uint8_t digit_count; // in front
    uint8_t text_max;    // behind the digits
    bool is_numeric;     // what stands behind the digits
    enum link_qualifiers qualifiers;
};

static const struct link_rule link_rules[] = {
    {"00", "sscc", 18, 0, true, QUALIFIED_NOT},
    {"01", "gtin", 14, 0, true, QUALIFIED_ITEM},
    {"253", "gdti", 13, 17, false, QUALIFIED_NOT},
    {"255", "gcn", 13, 12, true, QUALIFIED_NOT},
    {"401", "ginc", 0, 30, false, QUALIFIED_NOT},
    {"402", "gsin", 17, 0, true, QUALIFIED_NOT},
    {"414", "gln", 13, 0, true, QUALIFIED_PLACE},
    {"417", "party", 13, 0, true, QUALIFIED_NOT},
    {"8003", "grai", 14, 16, false, QUALIFIED_NOT},
    {"8004", "giai", 0, 30, false, QUALIFIED_NOT},
    {"8006", "itip", 18, 0, true, QUALIFIED_PIECE},
    {"8010", "cpid", 0, 30, false, QUALIFIED_NOT}, // read by is_component
    {"8017", "gsrnp", 18, 0, true, QUALIFIED_NOT},
    {"8018", "gsrn", 18, 0, true, QUALIFIED_NOT},
};

static struct bytes segment_of(struct bytes path) {
    const uint8_t *slash = path.len ? memchr(path.data, '/', path.len) : NULL;
    return bytes_of(path.data, slash ? (size_t)(slash - path.data) : path.len);
}

static struct bytes behind(struct bytes text, size_t len) {
    return bytes_of(text.data + len, text.len - len);
}

static const struct link_rule *find_link_rule(struct bytes segment) {
    for (size_t i = 0; i < sizeof(link_rules) / sizeof(*link_rules); i++)
        if (bytes_equal(segment, bytes_of_string(link_rules[i].key)) ||
            bytes_equal(segment, bytes_of_string(link_rules[i].name)))
            return &link_rules[i];
    return NULL;
}

// The path behind the authority, without query and fragment; starts with its slash.
static bool take_path(struct bytes *text) {
    if (!take_prefix(text, "https://") && !take_prefix(text, "http://")) return false;
    size_t len = 0;
    while (len < text->len && text->data[len] != '?' && text->data[len] != '#') len++;
    text->len = len;
    const uint8_t *slash = len ? memchr(text->data, '/', len) : NULL;
    if (!slash || slash == text->data) return false;
    *text = behind(*text, (size_t)(slash - text->data));
    return true;
}

// Moves the path on to what stands behind the first key.
static const struct link_rule *take_key(struct bytes *path) {
    while (path->len && path->data[0] == '/') {
        *path = behind(*path, 1);
        struct bytes segment = segment_of(*path);
        struct bytes rest = behind(*path, segment.len);
        const struct link_rule *rule = find_link_rule(segment);
        if (rule && rest.len >= 5 && is_all_digits(bytes_of(rest.data + 1, 4))) {
            *path = behind(rest, 1);
            return rule;
        }
        *path = rest;
    }
    return NULL;
}

static bool take_qualifier(struct bytes *value, struct bytes *path, const char *key,
                           const char *name, size_t max) {
    if (path->len == 0 || path->data[0] != '/') return false;
    struct bytes segment = segment_of(behind(*path, 1));
    if (!bytes_equal(segment, bytes_of_string(key)) &&
        (!name || !bytes_equal(segment, bytes_of_string(name))))
        return false;
    struct bytes rest = behind(*path, 1 + segment.len);
    if (rest.len == 0) return false;
    *value = segment_of(behind(rest, 1));
    if (!is_link_text(*value, max)) return false;
    *path = behind(rest, 1 + value->len);
    return true;
}

// Drops what is coarser than the finest qualifier.
static void take_item_qualifiers(struct bytes *path, const char **key, struct bytes *value,
                                 bool has_third_party) {
    struct bytes ignored;
    take_qualifier(&ignored, path, "22", "cpv", 20);
    if (take_qualifier(value, path, "10", "lot", 20)) *key = "10";
    if (take_qualifier(value, path, "21", "ser", 20))
        *key = "21";
    else if (!*key && has_third_party && take_qualifier(value, path, "235", NULL, 28))
        *key = "235";
}

// GTIN-8, -12 and -13 are GTIN-14 with zeros in front.
static void append_padding(struct buf *out, struct bytes value) {
    if (value.len == 8 || value.len == 12 || value.len == 13)
        for (size_t i = value.len; i < 14; i++) buf_append_byte(out, '0');
}

static bool is_key_value(const struct link_rule *rule, struct bytes value) {
    size_t digits = rule->digit_count;
    if (rule->digit_count == 14 && rule->text_max == 0 &&
        (value.len == 8 || value.len == 12 || value.len == 13))
        digits = value.len;
    if (value.len < digits || !is_all_digits(bytes_of(value.data, digits))) return false;
    struct bytes rest = behind(value, digits);
    return is_link_text(rest, rule->text_max) && (!rule->is_numeric || is_all_digits(rest));
}

static bool is_component_text(struct bytes text) {
    for (size_t i = 0; i < text.len; i++)
        if (!is_in_charset(text.data[i], CHARSET_39)) return false;
    return text.len <= 30;
}

// A component's identifier may hold slashes, so it is read from its end.
static bool is_component(struct bytes path) {
    static const char serial_mark[] = "/8011/";
    size_t mark_len = sizeof(serial_mark) - 1;
    size_t digits = 0;
    while (digits < path.len && is_digit(path.data[path.len - 1 - digits])) digits++;
    if (digits <= 12 && path.len >= digits + mark_len) {
        size_t len = path.len - digits - mark_len;
        if (memcmp(path.data + len, serial_mark, mark_len) == 0)
            return is_component_text(bytes_of(path.data, len));
    }
    return is_component_text(path);
}

static bool append_link(struct buf *out, struct bytes text) {
    if (!take_path(&text)) return false;
    const struct link_rule *rule = take_key(&text);
    if (!rule) return false;
    if (strcmp(rule->key, "8010") == 0) {
        if (!is_component(text)) return false;
        buf_append_string(out, CANONICAL "8010/");
        buf_append(out, text);
        return true;
    }
    struct bytes value = segment_of(text);
    if (!is_key_value(rule, value)) return false;
    struct bytes path = behind(text, value.len);
    const char *qualifier = NULL;
    struct bytes qualified = {0};
    if (rule->qualifiers == QUALIFIED_PLACE && take_qualifier(&qualified, &path, "254", NULL, 20))
        qualifier = "254";
    else if (rule->qualifiers == QUALIFIED_ITEM || rule->qualifiers == QUALIFIED_PIECE)
        take_item_qualifiers(&path, &qualifier, &qualified, rule->qualifiers == QUALIFIED_ITEM);
    if (path.len) return false;
    buf_append_format(out, CANONICAL "%s/", rule->key);
    if (rule->qualifiers == QUALIFIED_ITEM) append_padding(out, value);
    buf_append(out, value);
    if (qualifier) {
        buf_append_format(out, "/%s/", qualifier);
        buf_append(out, qualified);
    }
    return true;
}

// ---- both

bool identifier_canonicalise(struct buf *out, struct bytes text) {
    struct urn urn;
    if (!bytes_start_with(text, bytes_of_string("urn:"))) return append_link(out, text);
    if (!read_urn(&urn, text)) return false;
    append_urn(out, &urn);
    return true;
}

// ---- element strings

// "(KEY)VALUE", taken off the front with the blanks behind it. A question mark would end a link.
static bool take_element(struct bytes *key, struct bytes *value, struct bytes *text) {
    struct bytes rest = *text;
    size_t len = 0;
    if (!take_prefix(&rest, "(") || !take_until(key, &rest, ')')) return false;
    while (len < rest.len && !is_one_of(rest.data[len], "( ?")) len++;
    *value = bytes_of(rest.data, len);
    if (key->len < 2 || !is_all_digits(*key) || !is_link_text(*value, len)) return false;
    while (len < rest.len && rest.data[len] == ' ') len++;
    *text = behind(rest, len);
    return true;
}

static bool find_element(struct bytes *value, struct bytes text, const char *wanted) {
    struct bytes key;
    while (take_element(&key, value, &text))
        if (bytes_equal(key, bytes_of_string(wanted))) return true;
    return false;
}

bool identifier_of_elements(struct buf *out, struct bytes text) {
    static const char *const qualifiers[] = {"22", "10", "21", "235", "254", "8011"};
    struct bytes rest = text, key, value, of_key = {0};
    struct buf link = {0};
    const struct link_rule *rule = NULL;
    while (take_element(&key, &value, &rest)) {
        const struct link_rule *found = find_link_rule(key);
        if (rule || !found) continue;
        rule = found;
        of_key = value;
    }
    if (!rule || rest.len > 0) return false;
    buf_append_format(&link, CANONICAL "%s/", rule->key);
    buf_append(&link, of_key);
    for (size_t i = 0; i < sizeof qualifiers / sizeof *qualifiers; i++) {
        if (!find_element(&value, text, qualifiers[i]) || value.len == 0) continue;
        buf_append_format(&link, "/%s/", qualifiers[i]);
        buf_append(&link, value);
    }
    bool is_one = identifier_canonicalise(out, buf_bytes(&link));
    buf_clear(&link);
    return is_one;
}

bool identifier_is_pattern(struct bytes text) {
    return bytes_start_with(text, bytes_of_string("urn:epc:idpat:"));
}

bool identifier_pattern_prefix(struct buf *out, struct bytes text) {
    struct urn urn;
    if (!read_urn(&urn, text) || !urn.is_pattern) return false;
    append_urn(out, &urn);
    if (urn.rule->qualifier) buf_append_format(out, "/%s/", urn.rule->qualifier);
    return true;
}
