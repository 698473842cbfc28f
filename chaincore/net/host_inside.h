// SPDX-License-Identifier: Apache-2.0
// The inside of a host, for its files alone.
#ifndef LMM_NET_HOST_INSIDE_H
#define LMM_NET_HOST_INSIDE_H

#include <uv.h>

#include "chaincore/base/limits.h"
#include "chaincore/net/bans.h"
#include "chaincore/net/host.h"
#include "chaincore/net/rates.h"

enum { LINK_NO_SLOT = UINT16_MAX };

enum { READ_BYTES = 64 * 1024, WRITE_BYTES = 64 * 1024, BACKLOG = 128, TICK_MS = 50 };

// A connection, from its first packet to its last callback.
struct link {
    struct host *host;
    uint16_t slot; // LINK_NO_SLOT: it is turned away
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    struct channel *channel;  // NULL while it is being called
    struct endpoint called;   // the other end, as the book has it when it is outgoing
    struct endpoint found_at; // where a call has shown that it is; no port: nowhere
    struct peer_info info;
    bool is_probe;  // asks who is there, and ends by the answer
    bool is_missed; // which is one that the operator has named, and that is no peer
    bool is_meant;  // it is called by host_call_node, and has to be `meant`
    bool is_keyed;  // the same of one that the operator has named by its key
    struct public_key meant;
    bool is_ready;
    bool is_privileged; // has a place among the reserved ones
    bool is_unproven;   // says that it signs, and has no place unless it shows that
    bool is_closing;
    bool is_writing;
    bool is_receiving; // what is sent meanwhile goes out behind it
    bool is_asked;     // for peers, and has not answered
    bool is_waiting;   // has asked for peers, and there was none to be told
    bool is_refused;   // a frame of it, by its taker
    uint8_t kind;      // of that frame
    enum status why;
    unsigned penalty; // as of penalised_ms
    uint64_t penalised_ms;
    uint64_t begun_ms, ready_ms, heard_ms, pinged_ms, told_ms;
    uint64_t ping_us; // of the ping that is out; 0: none is
    uint32_t latency_us;
    struct node_news news;    // as it told last
    uint64_t paused_until_ms; // 0: it is read from
    uint64_t given;           // bytes to the socket, ever
    uint64_t drained;         // of these, sent when `drained_ms` was
    uint64_t drained_ms;      // since when something has waited
    struct buf out;           // being written
};

// So many lines of one cause at once, and one a second: what comes by thousands is counted in one.
struct cause_log {
    uint32_t lines; // that were said of late
    uint64_t counted_ms;
    uint64_t unsaid;
};

struct host {
    struct host_config config;
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_timer_t timer;
    uint16_t port;
    bool is_listening;
    bool is_closing;
    unsigned handles; // that libuv has not closed yet
    void (*closed)(void *context);
    void *closed_context;
    struct book *book;
    struct node_news news; // to be told
    struct link **links;   // limits.connections of them
    struct bans bans;      // by the loop's clock
    uint64_t asked_ms;     // when peers were asked for others last
    uint64_t weighed_ms;   // when all links were
    uint64_t probed_ms;    // when the last probe went out, and to which group
    uint64_t probed_group;
    struct rates rates; // of connections
    uint64_t waiting;   // bytes in the queues of all links
    uint64_t arriving;  // kept of frames that have begun to come, as of the last tick
    struct host_counts counts;
    struct cause_log logs[NET_CAUSES];
    char incoming[READ_BYTES]; // one at a time
};

static inline uint64_t host_now(const struct host *host) { return uv_now(host->loop); }
uint64_t host_random(void);

// host.c
// Whether it is inside the firm too, and private addresses are taken from it and told to it.
bool host_is_inside(const struct host *host, const struct endpoint *endpoint);
void host_ban(struct host *host, const struct link *link);
void host_handle_closed(struct host *host);
// Calls to strangers, of that group or (NULL) of all: those that were named or are trusted are
// besides, and those that are meant until they have answered.
unsigned host_outgoing_of(const struct host *host, const uint64_t *group);

// host_cause.c
// Counts it, and names it in the log. A fault bans; `why` says more.
void host_note(struct host *host, const struct link *link, enum net_cause cause, enum status why);
// Another node has answered, or this one, where the operator named one by its key.
void host_note_other(struct host *host, const struct link *link);
// How many there were for which there was no line; from time to time.
void host_note_unsaid(struct host *host);
// Of a peer that `channel_receive` has found at fault.
enum net_cause host_cause_of(const struct link *link, enum status status);

// host_welcome.c
void link_accept(struct host *host);
// Of those that shake hands, the one that has been at it for longest goes where there are more than
// `most` of them, or no slot is left. So nobody keeps others out by shaking none.
void host_make_room(struct host *host, unsigned most);
// Whether one that has said who it is may stay; else *cause. For a stranger of a group that has few
// places one of the group with the most (endpoint_group) goes, where all are taken.
bool host_has_place(struct link *link, enum net_cause *cause);
// From time to time: who is trusted no more is a stranger, and goes where those have no place left.
void host_weigh_all(struct host *host);
// One that has stayed without a place goes, if it is still not trusted in time.
void host_judge_unproven(struct link *link, uint64_t now_ms);

// host_link.c
struct link *link_make(struct host *host, bool is_outgoing);
// Gives it a free slot; false: there is none.
bool link_place(struct link *link);
void link_begin(struct link *link);
void link_call(struct host *host, const struct endpoint *endpoint);
// Nobody but that node.
void link_call_node(struct host *host, const struct endpoint *endpoint,
                    const struct public_key *node);
// Finds out whether a node takes connections there. It takes no place from anybody, and the other
// end, which does not hear who asks, may be connected meanwhile.
void link_probe(struct host *host, const struct endpoint *endpoint);
void link_close(struct link *link, enum status why);
void link_flush(struct link *link);
// Whether it has a place among the reserved ones, as of now.
void link_weigh(struct link *link);
// It is at a place that the operator has named, as a call there has shown.
void link_name(struct link *link, const struct endpoint *found_at);
void link_tick(struct link *link, uint64_t now_ms);
// Bytes that wait for it, of what is shared its part, and that are kept of what it says.
size_t link_load(const struct link *link);
// Those of what it says, and the buffer that everybody has who was ever written to.
size_t link_arriving(const struct link *link);
// Adds what its channel has counted.
void link_count(const struct link *link, struct host_counts *counts);
enum status link_send(struct link *link, uint8_t kind, struct bytes payload);

// host_talk.c
// Frames of the host's own kinds.
enum status talk_take(struct link *link, uint8_t kind, struct bytes payload) MUST_CHECK;
void talk_ask(struct link *link);
// Those that have asked, and were told nobody so far.
void talk_answer(struct host *host);
// Asks whether it is there, and how far away.
void talk_ping(struct link *link);
// What is new here, if it takes that.
void talk_tell(struct link *link);

#endif
