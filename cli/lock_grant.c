// SPDX-License-Identifier: Apache-2.0
#include "cli/lock_grant.h"

#include <jansson.h>

#include "chaincore/base/file.h"
#include "cli/command.h"

// Two proofs and a header, and all changes of witnesses of the largest set, in hexadecimal digits.
enum { MAX_GRANT_FILE = 2 * (128 * 1024 + PROOF_MAX_HAND_OVERS * 2 * LIMIT_LOCK_MESSAGE_BYTES) };

// Appends the bytes of a member in hexadecimal digits.
static bool read_hex(struct buf *out, const json_t *object, const char *name) {
    const char *digits = json_string_value(json_object_get(object, name));
    size_t len = digits ? strlen(digits) : 1;
    if (len % 2 != 0) return false;
    if (hex_decode(buf_reserve(out, len / 2 + 1), len / 2, digits) != STATUS_OK) return false;
    out->len += len / 2;
    return true;
}

static bool read_header(struct header *out, const json_t *root) {
    struct buf header = {0};
    bool is_read =
        read_hex(&header, root, "header") && header_decode(out, buf_bytes(&header)) == STATUS_OK;
    buf_clear(&header);
    return is_read;
}

static bool read_grant(struct lock_grant_file *out, const json_t *root) {
    const json_t *proof = json_object_get(root, "grant");
    struct buf value = {0};
    bool is_read = read_hex(&value, proof, "value") && value.len == GRANT_BYTES &&
                   read_hex(&out->grant_branch, proof, "branch");
    if (is_read) grant_decode(&out->proof.grant, value.data);
    buf_clear(&value);
    return is_read;
}

static bool read_policy(struct lock_grant_file *out, const json_t *root) {
    const json_t *proof = json_object_get(root, "policy");
    struct buf value = {0};
    if (!read_hex(&out->policy_branch, proof, "branch")) return false;
    if (json_is_null(json_object_get(proof, "value"))) return true;
    bool is_read = read_hex(&value, proof, "value") && value.len == POLICY_BYTES;
    if (is_read) policy_decode(&out->proof.policy, value.data);
    out->proof.has_policy = is_read;
    buf_clear(&value);
    return is_read;
}

// The certificate, and behind it the keys of the next.
static bool read_change(struct phone_change *out, struct buf *bytes, const json_t *json) {
    bool is_read = read_header(&out->header, json) && read_hex(bytes, json, "certificate");
    size_t len = bytes->len;
    is_read = is_read && read_hex(bytes, json, "next");
    out->certificate = bytes_of(bytes->data, len);
    out->next = bytes_of(bytes->data + len, bytes->len - len);
    return is_read;
}

static bool read_changes(struct lock_grant_file *out, const json_t *root) {
    const json_t *list = json_object_get(root, "changes");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > PROOF_MAX_HAND_OVERS) return false;
    for (size_t i = 0; i < count; i++)
        if (!read_change(&out->changes[i], &out->change_bytes[i], json_array_get(list, i)))
            return false;
    out->proof.changes = out->changes;
    out->proof.change_count = count;
    return true;
}

bool lock_grant_load(struct lock_grant_file *out, const char *path) {
    struct buf text = {0};
    memset(out, 0, sizeof *out);
    enum status status = file_read(&text, path, MAX_GRANT_FILE);
    if (status != STATUS_OK) {
        buf_clear(&text);
        return complain(EXIT_USAGE, "%s: %s", path, status_text(status)), false;
    }
    json_t *root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    bool is_read = root && read_header(&out->proof.header, root) &&
                   read_hex(&out->certificate, root, "certificate") && read_grant(out, root) &&
                   read_policy(out, root) && read_hex(&out->witnesses, root, "witnesses") &&
                   read_changes(out, root);
    out->proof.certificate = buf_bytes(&out->certificate);
    out->proof.witnesses = buf_bytes(&out->witnesses);
    out->proof.grant_branch = buf_bytes(&out->grant_branch);
    out->proof.policy_branch = buf_bytes(&out->policy_branch);
    json_decref(root);
    buf_clear(&text);
    if (!is_read) complain(EXIT_USAGE, "%s: there is no grant in it", path);
    return is_read;
}

void lock_grant_clear(struct lock_grant_file *file) {
    buf_clear(&file->certificate);
    buf_clear(&file->grant_branch);
    buf_clear(&file->policy_branch);
    buf_clear(&file->witnesses);
    for (size_t i = 0; i < PROOF_MAX_HAND_OVERS; i++) buf_clear(&file->change_bytes[i]);
}
