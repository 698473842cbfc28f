// SPDX-License-Identifier: Apache-2.0
// Who gets a place. What one address, or one network that somebody has whole, may take is bounded
// before it costs anything: a connection above that is closed as it is taken.
#include <netinet/in.h>
#include <sys/socket.h>

#include "chaincore/net/host_inside.h"

enum { UNPROVEN_MOST = 8, SHAKING_MOST = 32 };

static bool is_of_site(const struct link *link, struct bytes site) {
    return bytes_equal(ip_site(&link->info.remote.ip), site);
}

static bool shakes_hands(const struct link *link) {
    return link && !link->is_ready && !link->info.is_outgoing;
}

static unsigned links_of_owner(const struct host *host, struct bytes owner) {
    unsigned count = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        count +=
            link && !link->info.is_outgoing && bytes_equal(ip_owner(&link->info.remote.ip), owner);
    }
    return count;
}

// NET_CAUSES: it may shake hands.
static enum net_cause refusal_of(struct host *host, const struct link *link) {
    struct bytes owner = ip_owner(&link->info.remote.ip);
    if (bans_has_owner(&host->bans, owner, host_now(host))) return CAUSE_BANNED_ADDRESS;
    unsigned most = host->config.limits.per_owner + book_named_of(host->book, owner);
    if (links_of_owner(host, owner) >= most) return CAUSE_ADDRESS_FULL;
    return rates_take(&host->rates, owner, host_now(host)) ? NET_CAUSES : CAUSE_ADDRESS_OFTEN;
}

static void refuse(struct link *link, enum net_cause cause) {
    struct host *host = link->host;
    if (cause == CAUSE_BANNED_ADDRESS)
        host->counts.banned++;
    else
        host->counts.full++;
    host_note(host, link, cause, STATUS_FULL);
    link_close(link, STATUS_FULL);
}

void host_make_room(struct host *host, unsigned most) {
    struct link *oldest = NULL;
    unsigned count = 0;
    bool is_full = true;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (!link) is_full = false;
        if (!shakes_hands(link)) continue;
        if (!oldest || link->begun_ms < oldest->begun_ms) oldest = link;
        count++;
    }
    if (!oldest || (count < most && !is_full)) return;
    refuse(oldest, CAUSE_CROWDED);
}

// The neighbours of whoever fills a site's share shake hands in it too, one after the other, and so
// do those that are trusted.
static void make_room_in_site(struct host *host, struct bytes site) {
    struct link *oldest = NULL;
    unsigned count = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (!shakes_hands(link) || !is_of_site(link, site)) continue;
        if (!oldest || link->begun_ms < oldest->begun_ms) oldest = link;
        count++;
    }
    if (oldest && count >= host->config.limits.per_site) refuse(oldest, CAUSE_CROWDED);
}

// It is taken in any case: else it would stay at the head of those that wait.
void link_accept(struct host *host) {
    struct sockaddr_storage address = {0};
    int len = sizeof address;
    struct link *link = link_make(host, false);
    if (uv_accept((uv_stream_t *)&host->listener, (uv_stream_t *)&link->tcp) != 0 ||
        uv_tcp_getpeername(&link->tcp, (struct sockaddr *)&address, &len) != 0) {
        link_close(link, STATUS_IO);
        return;
    }
    host->counts.taken++;
    endpoint_of_socket(&link->called, (struct sockaddr *)&address);
    link->info.remote = link->called;
    enum net_cause cause = refusal_of(host, link);
    if (cause != NET_CAUSES) {
        refuse(link, cause);
        return;
    }
    make_room_in_site(host, ip_site(&link->info.remote.ip));
    unsigned part = host->config.limits.connections / 4;
    host_make_room(host, part < SHAKING_MOST ? part : SHAKING_MOST);
    if (link_place(link))
        link_begin(link);
    else
        refuse(link, CAUSE_FULL);
}

// Those that come take none of the places from which a node chooses itself whom it knows.
static bool is_stranger(const struct link *link) {
    return link && link->is_ready && !link->is_privileged && !link->is_unproven &&
           !link->info.is_outgoing;
}

static unsigned strangers_of_group(const struct host *host, uint64_t group) {
    unsigned count = 0;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        const struct link *link = host->links[i];
        count += is_stranger(link) && endpoint_group(&link->info.remote) == group;
    }
    return count;
}

// Of the largest group the one that came last: whoever was there before is not pushed out by what
// one operator brings. NULL: no group is larger than the newcomer's own would be.
static struct link *find_crowding(const struct host *host, const struct link *newcomer) {
    struct link *last = NULL;
    unsigned most = 1 + strangers_of_group(host, endpoint_group(&newcomer->info.remote));
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (!is_stranger(link)) continue;
        unsigned count = strangers_of_group(host, endpoint_group(&link->info.remote));
        bool is_later = last && count == most && link->ready_ms >= last->ready_ms;
        if (count <= most && !is_later) continue;
        most = count;
        last = link;
    }
    return last;
}

// The key in a hello tells nothing before its witness has certified it (REPLICA_KEYS), which comes
// at once: meanwhile few wait for that at a time, the latest.
static bool may_prove(struct link *link) {
    struct host *host = link->host;
    struct link *oldest = NULL;
    unsigned count = 0;
    if (!host->config.events.is_trusted || !(link->info.hello.features & HELLO_SIGNS)) return false;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *other = host->links[i];
        if (!other || !other->is_unproven) continue;
        if (!oldest || other->ready_ms < oldest->ready_ms) oldest = other;
        count++;
    }
    if (count >= UNPROVEN_MOST) refuse(oldest, CAUSE_FULL);
    link->is_unproven = true;
    return true;
}

void host_judge_unproven(struct link *link, uint64_t now_ms) {
    link_weigh(link);
    if (link->is_privileged)
        link->is_unproven = false;
    else if (now_ms - link->ready_ms >= link->host->config.limits.handshake_ms)
        refuse(link, CAUSE_FULL);
}

bool host_has_place(struct link *link, enum net_cause *cause) {
    const struct host *host = link->host;
    const struct host_limits *limits = &host->config.limits;
    unsigned strangers = 0, of_site = 0;
    struct bytes site = ip_site(&link->info.remote.ip);
    if (link->is_privileged || link->info.is_outgoing) return true;
    for (unsigned i = 0; i < limits->connections; i++) {
        struct link *other = host->links[i];
        if (is_stranger(other)) link_weigh(other);
        if (!is_stranger(other)) continue;
        strangers++;
        of_site += is_of_site(other, site);
    }
    *cause = of_site >= limits->per_site ? CAUSE_SITE_FULL : CAUSE_FULL;
    if (of_site >= limits->per_site) return may_prove(link);
    if (strangers < limits->connections - limits->reserved - limits->outgoing) return true;
    struct link *crowding = find_crowding(host, link);
    if (crowding) refuse(crowding, CAUSE_CROWDED);
    return crowding || may_prove(link);
}

// Whether there are more of its like than may be.
static bool is_too_many(const struct link *link) {
    const struct host *host = link->host;
    const struct host_limits *limits = &host->config.limits;
    unsigned strangers = 0;
    if (link->info.is_outgoing) return host_outgoing_of(host, NULL) > limits->outgoing;
    for (unsigned i = 0; i < limits->connections; i++) strangers += is_stranger(host->links[i]);
    return strangers > limits->connections - limits->reserved - limits->outgoing;
}

// With each set of witnesses others are trusted: those of before would fill all places by and by.
void host_weigh_all(struct host *host) {
    uint64_t now_ms = host_now(host);
    if (now_ms - host->weighed_ms < host->config.limits.silence_ms / 2) return;
    host->weighed_ms = now_ms;
    for (unsigned i = 0; i < host->config.limits.connections; i++) {
        struct link *link = host->links[i];
        if (!link || !link->is_ready || link->is_unproven) continue;
        bool was_privileged = link->is_privileged;
        link_weigh(link);
        if (link->is_privileged || !(was_privileged || link->is_meant)) continue;
        if (is_too_many(link)) refuse(link, CAUSE_FULL);
    }
}
