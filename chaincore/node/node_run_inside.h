// SPDX-License-Identifier: Apache-2.0
// A node among others, from inside. Internal to node/.
#ifndef LMM_NODE_NODE_RUN_INSIDE_H
#define LMM_NODE_NODE_RUN_INSIDE_H

#include <uv.h>

#include "chaincore/node/network.h"
#include "chaincore/node/node_internal.h"
#include "chaincore/node/replica.h"

struct network {
    struct node *node;
    char *address;
    char *votes_dir;
    struct node_network config; // its pointers are not used
    struct peer_name peers[LIMIT_BOOK_FIXED];
    struct endpoint announced; // port 0: it is where it listens
    struct public_key guarded[LIMIT_GUARDED];
    struct secret_key key;
    struct public_key public;
    bool has_name; // others can reach it there
    struct peer_name name;

    // the thread's
    uv_loop_t loop;
    uv_async_t async;
    uv_timer_t timer;
    uv_idle_t idle; // active while something is due at once
    uv_timer_t watch;
    uv_check_t check;
    struct host *host;
    struct replica *replica;
    struct disk_folder *disk;
    struct disk disk_calls;
    bool has_news;
    bool is_closing;
    uint64_t keep_book_ms;
    uint64_t look_ms;        // when others are told next how it goes
    uint64_t clock_shift_ms; // of the wall clock, when it was looked at last

    // node->lock guards these
    bool is_open;
    uint16_t port_now;
    unsigned peer_count;
    struct network_look look;
    struct node_exchange exchange;
    struct buf outbox; // { u32 length, transaction }
    struct node_news news;
    bool has_news_to_tell;
    struct buf peers_now; // { struct node_peer }
};

// node_run_setup.c
// The list of peers, in the data folder.
void network_keep_book(struct network *network);
void network_load_book(struct network *network);

#endif
