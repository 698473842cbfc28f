// SPDX-License-Identifier: Apache-2.0
// Real nodes in one process, with their replicas, over a network and a clock that are false: what
// one sends arrives after a while at the others, or not, and time passes when nothing is left to
// do. Everything but the nodes' own folders is drawn from one seed.
#ifndef LMM_TESTS_CLUSTER_H
#define LMM_TESTS_CLUSTER_H

#include "chaincore/node/replica.h"
#include "tests/support/false_disk.h"
#include "tests/unit/node/chain_fixture.h"

enum {
    CLUSTER_NODES = 6,
    CLUSTER_STRANGER = CLUSTER_NODES,
    CLUSTER_PEERS,
    CLUSTER_TIMEOUT_MS = 200
};

struct packet {
    struct packet *next; // by time, and behind what was sent before
    uint64_t at_ms;
    uint16_t from, to;
    uint32_t lives; // of both, together: a connection ends with either
    uint8_t kind;
    struct buf payload;
};

struct cluster;

struct member {
    struct cluster *cluster;
    uint16_t index;
    struct fixture fixture;
    struct secret_key node_key;
    struct public_key node_public;
    struct false_disk votes;
    struct disk disk;
    struct replica *replica; // NULL: it is down
    uint32_t life;
    uint64_t wake_ms;
    bool has_news;
    bool is_away;                      // nothing reaches it, and nothing comes from it
    unsigned penalties[CLUSTER_PEERS]; // that it gave, by peer
    bool is_hidden;                    // before it is opened
    bool guards[CLUSTER_NODES];        // likewise: for whom it is a sentry
};

struct cluster {
    uint16_t count;
    struct member members[CLUSTER_NODES];
    struct packet *packets;
    uint64_t now_ms;
    uint64_t random;
    uint32_t loss_percent;
    bool is_apart[CLUSTER_NODES][CLUSTER_NODES]; // these two are never connected
    struct buf told[REPLICA_KINDS];              // the last of each kind that the stranger was sent
    uint64_t sent[REPLICA_KINDS];                // frames
};

// Nodes with so many keys each, of the four of genesis, in their order. None is open.
void cluster_init(struct cluster *cluster, const size_t *key_counts, uint16_t count);
void cluster_clear(struct cluster *cluster);
void cluster_open_all(struct cluster *cluster);
// Opens its node and its replica, and introduces it to those that are up.
void cluster_open(struct cluster *cluster, uint16_t member);
// What it had not synced of its votes is lost; its node is closed in order.
void cluster_close(struct cluster *cluster, uint16_t member);
// Frames in order of time, and whoever wants to run, until it is so; false: not for so long.
typedef bool cluster_goal(struct cluster *cluster, const void *context);
bool cluster_run(struct cluster *cluster, cluster_goal *goal, const void *context, uint64_t ms);
// Passes the time, whatever happens.
void cluster_pass(struct cluster *cluster, uint64_t ms);

// A transfer of `units` by account `from`, submitted to a member.
struct hash cluster_submit(struct cluster *cluster, uint16_t member, int from, uint64_t units);
// Final at all members that are up.
bool cluster_await(struct cluster *cluster, const struct hash *id);
// Of a member that is up: its newest final block's height, and how its replica fares.
uint64_t cluster_height(struct cluster *cluster, uint16_t member);
struct replica_look cluster_look(const struct cluster *cluster, uint16_t member);
// Those that are up have the same block at each height that two have as final.
void cluster_compare(struct cluster *cluster);

#endif
