// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/news.h"

#include "chaincore/chaincore.h"

void news_note(struct buf *news, const char *type, struct bytes json) {
    ENSURE(strlen(type) <= NEWS_TYPE_BYTES);
    encode_bytes(news, bytes_of_string(type));
    encode_bytes(news, json);
}

void news_tell(struct buf *news, struct server *server) {
    struct decoder noted = decoder_of(buf_bytes(news));
    while (decoder_left(&noted) > 0) {
        char type[NEWS_TYPE_BYTES + 1];
        struct bytes word = decode_bytes(&noted, NEWS_TYPE_BYTES);
        struct bytes json = decode_bytes(&noted, UINT32_MAX);
        ENSURE(noted.status == STATUS_OK);
        memcpy(type, word.data, word.len);
        type[word.len] = '\0';
        server_publish(server, type, json);
    }
    buf_reset(news);
}
