// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/crypto/vectors.h"

#include "chaincore/base/buf.h"
#include "chaincore/base/file.h"

static const char *path_of(const char *name) {
    char relative[256];
    snprintf(relative, sizeof relative, "crypto/%s", name);
    const char *path = shared_data(relative);
    if (!path) skip_case(name);
    return path;
}

json_t *vectors_json(const char *name) {
    const char *path = path_of(name);
    if (!path) return NULL;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    return root;
}

char *vectors_text(struct arena *arena, const char *name) {
    const char *path = path_of(name);
    if (!path) return NULL;
    struct buf content = {0};
    assert_ok(file_read(&content, path, 1 << 20));
    char *text = arena_copy_string(arena, buf_bytes(&content));
    buf_clear(&content);
    return text;
}

struct bytes vectors_unhex(struct arena *arena, const char *text) {
    size_t len = strlen(text) / 2;
    uint8_t *out = arena_alloc(arena, len + 1);
    assert_ok(hex_decode(out, len, text));
    return bytes_of(out, len);
}

const char *vectors_string(const json_t *object, const char *member) {
    const char *text = json_string_value(json_object_get(object, member));
    ck_assert_msg(text != NULL, "no %s", member);
    return text;
}

struct bytes vectors_hex(struct arena *arena, const json_t *object, const char *member) {
    return vectors_unhex(arena, vectors_string(object, member));
}

char *vectors_next_line(char **text) {
    char *line = *text;
    if (*line == '\0') return NULL;
    char *end = line + strcspn(line, "\n");
    *text = *end ? end + 1 : end;
    *end = '\0';
    return line;
}

char *vectors_next_tt(char **rest) {
    char *start = strstr(*rest, "<tt>");
    char *end = start ? strstr(start, "</tt>") : NULL;
    if (!end) return NULL;
    *end = '\0';
    *rest = end + strlen("</tt>");
    return start + strlen("<tt>");
}
