// SPDX-License-Identifier: Apache-2.0
// Why connections end, for the log and the metrics.
#include "chaincore/base/bytes.h"
#include "chaincore/base/log.h"
#include "chaincore/net/host_inside.h"

enum { LINES_AT_ONCE = 16, LINE_EVERY_MS = 1000 };

// Whether a line may be said now.
static bool may_say(struct cause_log *log, uint64_t now_ms) {
    uint64_t passed = (now_ms - log->counted_ms) / LINE_EVERY_MS;
    log->lines = passed < log->lines ? log->lines - (uint32_t)passed : 0;
    log->counted_ms += passed * LINE_EVERY_MS;
    if (log->lines == LINES_AT_ONCE) return false;
    log->lines++;
    return true;
}

// Who sent what only a defect or ill will sends is to be seen; that nobody answers, or many come,
// is the usual noise of a port.
static enum log_level level_of(enum net_cause cause) {
    return cause < CAUSE_FAULTS ? LOG_WARNING : LOG_INFO;
}

static const char *text_of(enum net_cause cause) {
    if (cause < CAUSE_FAULTS) return "a peer says what no peer may, and is let go";
    return cause < CAUSE_BANNED_ADDRESS ? "a connection is ended" : "a connection is turned away";
}

void host_note(struct host *host, const struct link *link, enum net_cause cause, enum status why) {
    struct cause_log *log = &host->logs[cause];
    char remote[ENDPOINT_TEXT], node[2 * sizeof(struct public_key) + 1];
    host->counts.causes[cause]++;
    if (!may_say(log, host_now(host))) {
        log->unsaid++;
        return;
    }
    endpoint_print(remote, &link->info.remote);
    hex_encode(node, BYTES_OF(link->info.hello.node)); // of none: zeros
    log_at(level_of(cause), "net", text_of(cause), log_text("cause", cause_name(cause)),
           log_text("why", status_name(why)), log_text("peer", remote), log_text("node", node),
           log_text("direction", link->info.is_outgoing ? "out" : "in"),
           log_number("kind", link->is_refused ? link->kind : -1));
}

void host_note_other(struct host *host, const struct link *link) {
    struct cause_log *log = &host->logs[CAUSE_OTHER_NODE];
    char remote[ENDPOINT_TEXT], named[2 * sizeof(struct public_key) + 1], shown[sizeof named];
    const struct public_key *other = channel_other_node(link->channel);
    host->counts.causes[CAUSE_OTHER_NODE]++;
    if (!may_say(log, host_now(host))) {
        log->unsaid++;
        return;
    }
    endpoint_print(remote, &link->called);
    hex_encode(named, BYTES_OF(link->meant));
    hex_encode(shown, BYTES_OF(*other));
    log_warning("net",
                "another node than the one that was named answers there, and is not talked to",
                log_text("cause", cause_name(CAUSE_OTHER_NODE)), log_text("peer", remote),
                log_text("named", named), log_text("node", shown));
}

// What was left out is told when a line may be said again.
void host_note_unsaid(struct host *host) {
    for (int i = 0; i < NET_CAUSES; i++) {
        struct cause_log *log = &host->logs[i];
        enum net_cause cause = (enum net_cause)i;
        if (log->unsaid == 0 || !may_say(log, host_now(host))) continue;
        log_at(level_of(cause), "net", text_of(cause), log_text("cause", cause_name(cause)),
               log_number("unsaid", (int64_t)log->unsaid));
        log->unsaid = 0;
    }
}

enum net_cause host_cause_of(const struct link *link, enum status status) {
    if (!link->is_ready) return status == STATUS_BAD_SIGNATURE ? CAUSE_HELLO : CAUSE_HANDSHAKE;
    if (link->is_refused) return CAUSE_MESSAGE;
    return status == STATUS_UNAUTHORIZED ? CAUSE_SEAL : CAUSE_FRAME;
}
