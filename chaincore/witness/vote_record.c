// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/vote_record.h"

#include "chaincore/witness/message.h"

enum { VERSION = 1 };

// In the widest form, so that a record needs no set to be read.
static void encode_root(struct buf *out, const struct consensus_root *root) {
    encode_u64(out, root->epoch);
    encode_u64(out, root->view);
    header_encode(out, &root->header);
    encode_bool(out, root->certificate != NULL);
    if (root->certificate) certificate_encode(out, root->certificate, LIMIT_WITNESSES);
}

static void decode_root(struct decoder *in, struct vote_record *out) {
    struct consensus_root *root = &out->root;
    *root = (struct consensus_root){0};
    root->epoch = decode_u64(in);
    root->view = decode_u64(in);
    header_decode_from(in, &root->header);
    if (decode_bool(in)) {
        certificate_decode_from(in, &out->certificate, LIMIT_WITNESSES);
        root->certificate = &out->certificate;
    }
    if (in->status == STATUS_OK) header_id(&root->id, &root->header);
    out->entry.record.root = root;
}

void vote_record_encode(struct buf *out, const struct vote_log_entry *entry) {
    const struct consensus_record *record = &entry->record;
    encode_u8(out, (uint8_t)record->kind);
    switch (record->kind) {
    case RECORD_ROOT:
        encode_root(out, record->root);
        break;
    case RECORD_BLOCK:
        header_encode(out, record->block);
        encode_bytes(out, entry->body);
        break;
    case RECORD_CERTIFICATE:
        wire_encode_sealed(out, &record->sealed, LIMIT_WITNESSES);
        break;
    case RECORD_VOTES:
        wire_encode_votes(out, &record->votes);
        break;
    }
}

void vote_record_encode_owner(struct buf *out, const struct vote_log_config *config) {
    encode_u8(out, VOTE_RECORD_OWNER);
    encode_u8(out, VERSION);
    encode_fixed(out, config->chain_id.bytes, sizeof config->chain_id.bytes);
    encode_fixed(out, config->group.bytes, sizeof config->group.bytes);
}

enum status vote_record_check_owner(struct bytes in, const struct vote_log_config *config,
                                    bool *is_other, bool *is_nobodys) {
    struct decoder decoder = decoder_of(in);
    struct hash chain_id, group, none;
    if (decode_u8(&decoder) != VOTE_RECORD_OWNER) return STATUS_CORRUPT;
    if (decode_u8(&decoder) != VERSION) return STATUS_UNSUPPORTED;
    decode_fixed(&decoder, chain_id.bytes, sizeof chain_id.bytes);
    decode_fixed(&decoder, group.bytes, sizeof group.bytes);
    if (decoder_finish(&decoder) != STATUS_OK) return STATUS_CORRUPT;
    vote_log_group(&none, NULL, 0);
    *is_other = !hash_equal(&group, &config->group);
    *is_nobodys = hash_equal(&group, &none);
    return hash_equal(&chain_id, &config->chain_id) ? STATUS_OK : STATUS_CONFLICT;
}

static void decode_fields(struct decoder *in, struct vote_record *out) {
    struct consensus_record *record = &out->entry.record;
    record->kind = (enum record_kind)out->kind;
    switch (record->kind) {
    case RECORD_ROOT:
        decode_root(in, out);
        break;
    case RECORD_BLOCK:
        header_decode_from(in, &out->header);
        out->entry.body = decode_bytes(in, LIMIT_BODY_BYTES);
        record->block = &out->header;
        break;
    case RECORD_CERTIFICATE:
        if (wire_decode_sealed(in, &record->sealed, &out->certificate) != LIMIT_WITNESSES)
            decoder_fail(in, STATUS_MALFORMED);
        break;
    case RECORD_VOTES:
        wire_decode_votes(in, &record->votes, out->signers);
        // Of no witness: it holds the whole group back.
        if ((record->votes.count == 0) != (record->votes.view == GUARD_WHOLE_EPOCH))
            decoder_fail(in, STATUS_MALFORMED);
        break;
    }
}

enum status vote_record_decode(struct vote_record *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    out->entry = (struct vote_log_entry){0};
    out->kind = decode_tag(&decoder, VOTE_RECORD_KINDS);
    if (decoder.status != STATUS_OK) return decoder.status;
    if (out->kind == VOTE_RECORD_OWNER) return STATUS_OK;
    if (out->kind != VOTE_RECORD_WHOLE) decode_fields(&decoder, out);
    return decoder_finish(&decoder);
}
