// SPDX-License-Identifier: Apache-2.0
// A node's connections with others, on a libuv loop of the caller's: takes and makes them, shakes
// hands, keeps so many up, finds more by asking peers, lets go of who is silent, floods or lies.
// What they say goes to the caller, but for the host's own few kinds of frames.
//
// All of it on the loop's thread. Source: design, Network.
#ifndef LMM_NET_HOST_H
#define LMM_NET_HOST_H

#include "chaincore/net/book.h"
#include "chaincore/net/cause.h"
#include "chaincore/net/channel.h"
#include "chaincore/net/news.h"

struct uv_loop_s;

// The first kinds of the rules are the host's; the class of all of them is the rules' first.
enum host_kind { HOST_PING, HOST_PONG, HOST_ASK_PEERS, HOST_PEERS, HOST_NEWS, HOST_KINDS = 8 };
enum {
    HOST_PING_BYTES = 8, // whatever the peer wants back
    HOST_PEERS_BYTES = 4 + LIMIT_PEERS_TOLD * ENDPOINT_BYTES,
};
#define HOST_KIND_RULES                                                     \
    [HOST_PING] = {0, HOST_PING_BYTES}, [HOST_PONG] = {0, HOST_PING_BYTES}, \
    [HOST_ASK_PEERS] = {0, 1}, [HOST_PEERS] = {0, HOST_PEERS_BYTES},        \
    [HOST_NEWS] = {0, NEWS_MAX_BYTES}

enum { HOST_PENALTY_MAX = 100 };

// Zeroed ones give the defaults.
struct host_limits {
    unsigned connections; // in all: LIMIT_PEERS, and no more; numbers of peers are below it
    unsigned reserved;    // of them, for those that the caller trusts or the operator named: half,
                          // so that all witnesses have one
    unsigned per_owner;   // from one address (ip_owner): 4, and one more for each peer that the
                          // operator named there. Eight times so many at once, and a quarter of it
                          // a second, may come
    unsigned per_site;    // strangers, and those that shake hands, of one site (ip_site): an
                          // eighth of all, and no fewer than per_owner
    unsigned outgoing;    // of them, for strangers that this node calls: 8, at most half of what
                          // is not reserved. The rest is for strangers that come. Who is trusted no
                          // more is one, and goes where those have no place left
    uint32_t handshake_ms; // until hands are shaken: 5,000
    // Until a peer that says nothing, or takes nothing that it is told, is let go: 60,000. Twice as
    // often it is pinged, told the news, and weighed anew.
    uint32_t silence_ms;
    uint32_t drain_bytes_per_s; // so much it has to take meanwhile: LIMIT_NET_DRAIN_BYTES_PER_S
    uint64_t held_bytes; // of frames to and from all: LIMIT_NET_HELD_BYTES. Above that nothing more
                         // waits for strangers, and those are let go who have most, strangers first
                         // that have more than 1 MiB
    uint32_t ban_ms;     // for which who lied is not talked to: 600,000
    uint32_t fade_ms;    // until a point of penalty counts no more, one after the other: 60,000
    uint32_t stay_ms;    // until a call counts as more than an attempt: 60,000
};

struct peer_info {
    struct hello hello;
    struct endpoint remote; // of the connection; its port is where the peer listens, 0 if nowhere
    bool is_outgoing;
    bool is_named;  // by the operator: by its key, or by where a call has found it
    bool is_inside; // at a private address, and taken at its word for others (takes_private)
};

// Called on the loop. They may send, penalise and drop.
struct host_events {
    void *context;
    // Has a place among the reserved ones. Who says that it signs (HELLO_SIGNS) may stay where no
    // place is left, for as long as hands may take, until it is trusted. NULL: nobody.
    bool (*is_trusted)(void *context, const struct public_key *node);
    void (*joined)(void *context, uint16_t peer, const struct peer_info *info);
    // The payload is borrowed. Anything but OK ends the connection, and the peer is banned.
    enum status (*frame)(void *context, uint16_t peer, uint8_t kind, struct bytes payload);
    void (*left)(void *context, uint16_t peer, enum status why);
    uint64_t (*final_height)(void *context); // NULL: 0
    // Where it is found is nobody's business: its address is told to no one. NULL: no such node.
    bool (*is_guarded)(void *context, const struct public_key *node);
    // A peer that has joined as one that nobody named is found where the operator named one. NULL:
    // nobody asks.
    void (*named)(void *context, uint16_t peer);
    // Where host_call_node was to find that node another one answered, or this one. NULL: nobody
    // asks.
    void (*found_another)(void *context, const struct endpoint *where,
                          const struct public_key *node);
};

struct host_config {
    const char *address; // to listen on; NULL: takes no connections
    uint16_t port;       // 0: one that is free
    struct hash chain_id;
    const struct secret_key *node_key; // borrowed
    uint64_t features;
    // Takes addresses that strangers could not reach from peers that are at such ones, and tells
    // them of some: on a devnet, or inside a firm. To others it is a public node for all that.
    bool takes_private;
    // Keeps to the nodes that the operator named: calls no others, and asks nobody for them.
    bool is_hidden;
    const struct channel_rules *rules; // borrowed
    struct host_limits limits;
    struct host_events events;
};

struct host;

// BUSY, UNAUTHORIZED, INVALID, IO: it cannot listen there.
enum status host_open(struct host **out, struct uv_loop_s *loop,
                      const struct host_config *config) MUST_CHECK;
// Ends all connections. The loop must run on until `closed` is called; the host is gone by then.
void host_close(struct host *host, void (*closed)(void *context), void *context);
uint16_t host_port(const struct host *host);
// Owned by the host: to be filled at the start, and kept at the end.
struct book *host_book(struct host *host);

// UNAVAILABLE: no such peer; FULL: its queue is, or it is a stranger and all hold too much.
enum status host_send(struct host *host, uint16_t peer, struct parcel *parcel) MUST_CHECK;
// Whether so many bytes more find room. False where there is no such peer.
bool host_has_room(const struct host *host, uint16_t peer, uint8_t kind, size_t bytes);
// To all but one (PEER_NOBODY: to all). Those whose queue is full do without. Returns to how many.
enum { PEER_NOBODY = UINT16_MAX };
size_t host_send_all(struct host *host, struct parcel *parcel, uint16_t except);
// At HOST_PENALTY_MAX it is dropped and banned. Points fade, one each fade_ms.
void host_penalise(struct host *host, uint16_t peer, unsigned points);
// What is_trusted says of it may have changed.
void host_weigh(struct host *host, uint16_t peer);
// Ends the connection, without a ban.
void host_drop(struct host *host, uint16_t peer, enum status why);
// Calls a node where it is said to be, besides the strangers that the host chooses; it joins as all
// do. False: so many of these calls as may be are under way, or one to there is.
bool host_call_node(struct host *host, const struct endpoint *endpoint,
                    const struct public_key *node);
const struct peer_info *host_peer(const struct host *host, uint16_t peer); // NULL: none

// What peers are told from now on, those that are there at once; the height is the host's own.
void host_set_news(struct host *host, const struct node_news *news);

// How a peer fares; false: there is none of that number.
struct host_peer_state {
    struct node_news news; // as it told last; the height of its hello before
    uint64_t connected_ms; // for so long
    uint32_t latency_us;   // of the last ping there and back; 0: none has come back yet
    unsigned penalty;      // of HOST_PENALTY_MAX
    bool is_privileged;    // has a place among the reserved ones
    size_t queued;         // bytes that wait to be sent to it
    uint64_t bytes_in, bytes_out;
};
bool host_look(const struct host *host, uint16_t peer, struct host_peer_state *out);

struct host_counts {
    unsigned connections, peers, outgoing; // now; peers: hands are shaken
    uint64_t taken, called;                // connections, ever
    uint64_t full, banned;                 // turned away
    uint64_t failed;                       // calls that nobody answered
    uint64_t timeouts, silent;   // let go: hands not shaken in time; nothing said, or taken
    uint64_t broken;             // let go: what came was no message of a peer
    uint64_t paused_ms;          // for which peers that had sent too much were not read
    uint64_t causes[NET_CAUSES]; // of all these, by name, and of others
    // Of frames, by class, of connections that are over too.
    uint64_t bytes_in[CHANNEL_CLASSES_MAX], bytes_out[CHANNEL_CLASSES_MAX];
    uint64_t queued; // bytes that wait to be sent, now
};
void host_count(const struct host *host, struct host_counts *out);

// Runs the loop until nothing is left in it. Whoever carries a node may leave SIGPIPE as it is,
// which ends a process: libuv writes to connections that are gone by then, and this thread is not
// told meanwhile.
void host_run_loop(struct uv_loop_s *loop);

#endif
