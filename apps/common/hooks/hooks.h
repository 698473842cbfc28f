// SPDX-License-Identifier: Apache-2.0
// Webhooks by the Standard Webhooks convention: whoever wants to hear of something names a URL, and
// what happens is POSTed there, signed. docs/webhooks.md tells it to people.
//
// A market says what can be heard of (struct hook_source): messages with a place, in an order that
// never changes, read from the index' rows. Each webhook is a cursor in that order. It moves on a
// 2xx alone, and one message is under way at a time, so a stop or a crash loses nothing and changes
// no order; a message whose answer was lost is sent again under the same id. What fails is tried
// again, later each time, and a webhook that has failed for too long is disabled, with its cursor
// kept.
//
// Webhooks, cursors and the last deliveries are kept in a SQLite file of their own. A thread sends,
// through libcurl, to all at once; others search for what fits a filter, which may take long.
// hook_guard.h tells where nothing is sent.
//
// Thread-safe.
#ifndef LMM_HOOKS_HOOKS_H
#define LMM_HOOKS_HOOKS_H

#include "apps/common/hooks/hook_guard.h"
#include "apps/common/hooks/hook_secret.h"
#include "apps/common/http/server.h"
#include "chaincore/base/limits.h"

// Positions within a height grow, up to HOOK_LAST_POSITION - 1.
struct hook_place {
    uint64_t height;
    uint64_t position;
};
#define HOOK_LAST_POSITION ((uint64_t)INT64_MAX)

struct hook_kind {
    const char *name; // of [a-z._]
    const char *text; // what it tells, for a person
};
struct hook_message {
    struct hook_place place;
    const char *kind;
    uint64_t time_ms;  // of its block
    struct bytes data; // a JSON value
    bool is_whole;     // data is the body as it is sent, else a member of it
};
struct hook_reading {
    struct hook_place behind;
    uint32_t kinds; // a bit for each that is wanted
    size_t max;
    const char *filter; // of the webhook; "" or NULL: it has none
    const char *owner;  // of the webhook
    // A filter may meet little of what is there: up to so many heights above that of `behind` are
    // looked through. 0: all.
    uint64_t heights;
};
struct hook_batch {
    struct hook_message *items;
    size_t count;
    // Up to where the source has looked, when that is beyond the last message: the next reading
    // begins there. Zeros: it does not say.
    struct hook_place looked;
    bool has_more; // to look through, beyond `looked`
};
struct hook_source {
    const struct hook_kind *kinds; // LIMIT_WEBHOOK_KINDS at most
    size_t kind_count;
    // Bits of those that are told by a filter alone, which the market makes such webhooks with: the
    // routes of webhooks take them for none of theirs.
    uint32_t filtered;
    // The first messages behind a place, in their order, in the arena. On several threads at once;
    // those with a filter wait for a few others with one, those without for each other. TIMEOUT: a
    // failure of the webhook that it was for, which is tried again later, with fewer heights.
    // UNAVAILABLE and the like: tried again.
    enum status (*read)(void *context, struct arena *arena, const struct hook_reading *reading,
                        struct hook_batch *out);
    // The newest height that has been read from the chain.
    uint64_t (*height)(void *context);
    void *context;
};

// 0 means the default, in parentheses.
struct hooks_config {
    const char *path; // of the file
    struct hook_source source;
    struct hook_rules rules;
    // The account that is the server's own: who acts as it has to do with all webhooks, anybody
    // else with those of the account that they act as.
    const char *own_account;
    // The header that signs with the token of a webhook that was made with one; NULL: none.
    const char *token_header;
    uint32_t first_retry_ms;   // (1 s) doubles with each failure in a row
    uint32_t longest_retry_ms; // (1 h)
    uint64_t dead_after_ms;    // (5 days) of failures alone
};

struct hooks;

// The configuration is copied. The caller closes.
enum status hooks_open(struct hooks **out, const struct hooks_config *config) MUST_CHECK;
enum status hooks_start(struct hooks *hooks) MUST_CHECK;
// Lets what is under way end, for a moment.
void hooks_stop(struct hooks *hooks);
void hooks_close(struct hooks *hooks); // NULL is allowed
// There is something new to read.
void hooks_wake(struct hooks *hooks);

// What it was opened with, defaults filled in.
const struct hooks_config *hooks_config_of(const struct hooks *hooks);

// Their context is the hooks. They run in the server's lane of that number, as names are looked up
// and disks waited for.
enum { HOOK_LANE = 5 };
extern const struct http_route hook_routes[];
extern const size_t hook_route_count;
void hooks_append_metrics(struct hooks *hooks, struct buf *out);

// --- one webhook ---

enum hook_state { HOOK_ACTIVE, HOOK_PAUSED, HOOK_DISABLED, HOOK_STATES };

#define HOOK_OUTCOME_LIST(X)                                                        \
    X(NONE, "")                                                                     \
    X(DELIVERED, "delivered")                                                       \
    X(REFUSED, "refused")               /* an answer, but no 2xx */                 \
    X(GONE, "gone")                     /* 410: nobody wants it any more */         \
    X(TIMEOUT, "timeout")               /* no answer in time */                     \
    X(UNREACHABLE, "unreachable")       /* no address, or no connection */          \
    X(NOT_PUBLIC, "address_not_public") /* hook_guard.h */                          \
    X(CERTIFICATE, "certificate")       /* TLS did not come about */                \
    X(BROKEN, "broken_answer")          /* none of HTTP, or the connection broke */ \
    X(NO_MESSAGE, "message_not_there")  /* to be sent again, and no longer there */ \
    X(SEARCH, "search_timeout")         /* what is to be sent was not found in time */

enum hook_outcome {
#define X(name, text) HOOK_##name,
    HOOK_OUTCOME_LIST(X)
#undef X
        HOOK_OUTCOMES
};
const char *hook_outcome_name(enum hook_outcome outcome);
const char *hook_state_name(enum hook_state state);

enum { HOOK_ID_CHARS = 3 + 16, HOOK_MESSAGE_CHARS = 4 + 20 + 1 + 20 };

// As it is shown. Moments are milliseconds since 1970; 0: never.
struct webhook {
    char id[HOOK_ID_CHARS + 1]; // "wh_" and 16 hexadecimal digits
    char url[LIMIT_WEBHOOK_URL_BYTES + 1];
    char description[LIMIT_WEBHOOK_DESCRIPTION_BYTES + 1];
    char owner[LIMIT_SIGNER_NAME_BYTES + 1];     // the account that its maker acted as
    char filter[LIMIT_WEBHOOK_FILTER_BYTES + 1]; // in the source's own words; "": none
    uint32_t kinds;                              // bits of the source's
    uint64_t created_ms;
    struct hook_place cursor; // of the message that was delivered last
    enum hook_state state;
    uint64_t attempts;
    uint64_t failures; // in a row
    uint64_t failing_since_ms;
    uint64_t next_try_ms;
    uint64_t delivered_ms;
    enum hook_outcome outcome; // of the last attempt
    uint64_t old_until_ms;     // until when the secret of before the last rotation signs too
};

// "msg_HEIGHT_POSITION", the same however often it is sent.
void hook_message_id(char out[HOOK_MESSAGE_CHARS + 1], const struct hook_place *place);
bool hook_message_parse(struct hook_place *out, const char *id);

// --- what routes do (hooks.c); durable when it returns OK ---

// Makes one of the url, description, owner, kinds, filter and cursor that *hook has, and fills in
// the rest. `token` signs besides (NULL: none does); it has LIMIT_WEBHOOK_TOKEN_BYTES at most.
// TOO_LARGE: its owner has as many as one may have, LIMIT_WEBHOOKS or LIMIT_SIGNER_WEBHOOKS. FULL:
// there are LIMIT_WEBHOOKS_IN_ALL.
enum status hooks_make(struct hooks *hooks, struct webhook *hook, const char *token,
                       char secret[HOOK_SECRET_CHARS + 1]) MUST_CHECK;
enum status hooks_get(struct hooks *hooks, const char *id, struct webhook *out) MUST_CHECK;
struct hook_listing {
    const char *owner;  // of this one alone; NULL: of all
    const char *behind; // behind this id; "": from the first
    size_t max;
};
// The oldest first. Returns how many.
size_t hooks_list(struct hooks *hooks, const struct hook_listing *asked, struct webhook *out);
// Takes over of the webhook what is named; the rest may have changed since it was read, and is told
// in turn. One that is made active, or has another address, is tried at once.
enum { HOOK_URL = 1, HOOK_DESCRIPTION = 2, HOOK_KINDS = 4, HOOK_STATE = 8 };
enum status hooks_change(struct hooks *hooks, unsigned what, struct webhook *hook) MUST_CHECK;
// A new secret; the one of now signs too for overlap_ms more.
enum status hooks_rotate(struct hooks *hooks, const char *id, uint64_t overlap_ms,
                         struct webhook *out, char secret[HOOK_SECRET_CHARS + 1]) MUST_CHECK;
enum status hooks_remove(struct hooks *hooks, const char *id) MUST_CHECK;
// Sends everything again from that place on. CONFLICT: it has not come that far.
enum status hooks_replay(struct hooks *hooks, const char *id,
                         const struct hook_place *from) MUST_CHECK;
// Sends one message again, before all others. CONFLICT: it has not come that far. FULL.
enum status hooks_resend(struct hooks *hooks, const char *id,
                         const struct hook_place *place) MUST_CHECK;

struct hook_delivery {
    uint64_t number; // from 1 on
    struct hook_place place;
    const char *kind; // in the arena; "" when there was no message
    uint64_t attempt; // at this message, from 1 on
    uint64_t started_ms;
    uint64_t took_ms;
    int code; // of HTTP; 0: there was no answer
    enum hook_outcome outcome;
};
struct hook_deliveries {
    uint64_t below; // this number; UINT64_MAX: from the newest on
    size_t max;
    struct hook_delivery *items; // in the arena
    size_t count;
};
// The newest first, into *page. The last LIMIT_WEBHOOK_DELIVERIES are kept.
enum status hooks_list_deliveries(struct hooks *hooks, const char *id, struct arena *arena,
                                  struct hook_deliveries *page) MUST_CHECK;

#endif
