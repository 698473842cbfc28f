// SPDX-License-Identifier: Apache-2.0
#include "apps/common/manual/manual.h"

#include <ctype.h>
#include <string.h>

#include "chaincore/base/utf8.h"

// Of a character of more than one byte: roff reads no UTF-8 by itself. Returns its length.
static size_t append_roff_wide(struct buf *out, struct bytes text) {
    size_t len = utf8_first(text);
    if (len < 2) {
        buf_append_byte(out, '?');
        return 1;
    }
    uint32_t code = text.data[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) code = code << 6 | (text.data[i] & 0x3Fu);
    buf_append_format(out, "\\[u%04X]", code);
    return len;
}

// A backslash begins a command anywhere; a dot or an apostrophe at the start of a line. A hyphen
// would be typeset as one that no program takes for "-".
static void append_roff(struct buf *out, const char *text) {
    bool begins_line = out->len == 0 || out->data[out->len - 1] == '\n';
    while (*text) {
        size_t len = 1;
        if (begins_line && (*text == '.' || *text == '\'')) buf_append_string(out, "\\&");
        begins_line = *text == '\n';
        if (*text == '\\')
            buf_append_string(out, "\\e");
        else if (*text == '-')
            buf_append_string(out, "\\-");
        else if (*text & 0x80)
            len = append_roff_wide(out, bytes_of_string(text));
        else
            buf_append_byte(out, (uint8_t)*text);
        text += len;
    }
}

static void append_markdown(struct buf *out, const char *text) {
    for (; *text; text++) {
        if (strchr("\\`*_<>[]|", *text)) buf_append_byte(out, '\\');
        buf_append_byte(out, (uint8_t)*text);
    }
}

static void append(struct manual *manual, const char *text) {
    if (manual->format == MANUAL_ROFF)
        append_roff(manual->out, text);
    else
        append_markdown(manual->out, text);
}

void manual_begin(struct manual *manual, const char *program, const char *version,
                  const char *summary) {
    if (manual->format == MANUAL_MARKDOWN) {
        buf_append_format(manual->out, "# `%s`: %s\n", program, summary);
        return;
    }
    buf_append_string(manual->out, ".TH ");
    for (const char *at = program; *at; at++)
        buf_append_byte(manual->out, (uint8_t)toupper((unsigned char)*at));
    buf_append_format(manual->out, " 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n", program,
                      version);
    append(manual, program);
    buf_append_string(manual->out, " \\- ");
    append(manual, summary);
    buf_append_byte(manual->out, '\n');
}

void manual_section(struct manual *manual, const char *title) {
    if (manual->format == MANUAL_ROFF) {
        buf_append_string(manual->out, ".SH ");
        for (; *title; title++)
            buf_append_byte(manual->out, (uint8_t)toupper((unsigned char)*title));
        buf_append_byte(manual->out, '\n');
    } else {
        buf_append_format(manual->out, "\n## %s\n", title);
    }
}

void manual_paragraph(struct manual *manual, const char *text) {
    buf_append_string(manual->out, manual->format == MANUAL_ROFF ? ".PP\n" : "\n");
    append(manual, text);
    buf_append_byte(manual->out, '\n');
}

void manual_literal(struct manual *manual, const char *text) {
    bool is_roff = manual->format == MANUAL_ROFF;
    buf_append_string(manual->out, is_roff ? ".PP\n.nf\n.RS\n" : "\n```\n");
    if (is_roff)
        append_roff(manual->out, text);
    else
        buf_append_string(manual->out, text);
    buf_append_string(manual->out, is_roff ? "\n.RE\n.fi\n" : "\n```\n");
}

void manual_item(struct manual *manual, const char *term, const char *text) {
    if (manual->format == MANUAL_ROFF) {
        buf_append_string(manual->out, ".TP\n.B ");
        append_roff(manual->out, term);
        buf_append_byte(manual->out, '\n');
    } else {
        buf_append_format(manual->out, "\n- `%s`: ", term);
    }
    append(manual, text);
    if (manual->format == MANUAL_ROFF) buf_append_byte(manual->out, '\n');
}

void manual_end_items(struct manual *manual) {
    if (manual->format == MANUAL_MARKDOWN) buf_append_byte(manual->out, '\n');
}
