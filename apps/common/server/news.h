// SPDX-License-Identifier: Apache-2.0
// What a block's rows make a projection tell on the live stream: noted beside the rows while they
// are written, told once they are committed, forgotten when the attempt was rolled back. From the
// index' thread only.
#ifndef LMM_SERVER_NEWS_H
#define LMM_SERVER_NEWS_H

#include "apps/common/server/server.h"

enum { NEWS_TYPE_BYTES = 15 };

// `news` begins as {0} and is the caller's to clear; buf_reset forgets what it holds. A type has 1
// to NEWS_TYPE_BYTES bytes.
void news_note(struct buf *news, const char *type, struct bytes json);
// Publishes what was noted, in this order, and forgets it.
void news_tell(struct buf *news, struct server *server);

#endif
