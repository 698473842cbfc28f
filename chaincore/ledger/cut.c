// SPDX-License-Identifier: Apache-2.0
#include "chaincore/ledger/cut.h"

void cut_encode(struct buf *out, const struct cut *cut) {
    header_encode(out, &cut->header);
    history_peaks_encode(out, &cut->below);
}

enum status cut_decode(struct cut *out, struct bytes in) {
    struct hash root;
    struct decoder decoder = decoder_of(in);
    header_decode_from(&decoder, &out->header);
    history_peaks_decode_from(&decoder, &out->below);
    enum status status = decoder_finish(&decoder);
    if (status != STATUS_OK) return status;
    history_peaks_root(&root, &out->below);
    bool is_whole =
        out->below.count == out->header.height && hash_equal(&root, &out->header.history_root);
    return is_whole ? STATUS_OK : STATUS_INVALID;
}
