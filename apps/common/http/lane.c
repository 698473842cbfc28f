// SPDX-License-Identifier: Apache-2.0
// Handlers that take long, on threads of their own. While a request stands in a lane its connection
// is suspended in libmicrohttpd, whose thread goes on with others; then it is resumed and go_on
// sends the answer. Whoever takes a request out of a queue under the lock owns it alone.
#include <microhttpd.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apps/common/http/inside.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"

enum { QUEUE_OF_KEYS, QUEUE_OF_OTHERS, QUEUES };
enum { NICEST = 19 };
enum { TURNS_OF_KEYS = 3 }; // in a row, while others wait as well

struct queue {
    struct http_request *first;
    struct http_request *last;
    unsigned queued;
};

struct lane {
    struct http_lane config;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queue queues[QUEUES];
    unsigned turns_of_keys; // in a row
    bool ends;
    pthread_t *threads;
    unsigned thread_count;
};

// --- under the lock ---

static struct http_request *pop(struct queue *queue) {
    struct http_request *request = queue->first;
    queue->first = request->next_queued;
    if (!queue->first) queue->last = NULL;
    queue->queued--;
    return request;
}

static void push(struct queue *queue, struct http_request *request) {
    request->next_queued = NULL;
    *(queue->last ? &queue->last->next_queued : &queue->first) = request;
    queue->last = request;
    queue->queued++;
}

// Who has a key goes first, but not for ever. NULL: nobody waits.
static struct queue *next_queue(struct lane *lane) {
    struct queue *keys = &lane->queues[QUEUE_OF_KEYS], *others = &lane->queues[QUEUE_OF_OTHERS];
    bool is_turn_of_others = lane->turns_of_keys >= TURNS_OF_KEYS || !keys->first;
    if (others->first && is_turn_of_others) return others;
    return keys->first ? keys : NULL;
}

static struct http_request *take(struct lane *lane, struct queue *queue) {
    bool is_of_keys = queue == &lane->queues[QUEUE_OF_KEYS];
    bool others_wait = lane->queues[QUEUE_OF_OTHERS].first != NULL;
    lane->turns_of_keys = is_of_keys && others_wait ? lane->turns_of_keys + 1 : 0;
    return pop(queue);
}

// --- the threads ---

static void give_back(struct http_request *request) {
    request->stage = STAGE_HANDLED;
    MHD_resume_connection(request->connection);
}

// The kernel's struct sched_attr of its first version, for which the C library has no header yet.
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t slice_ns;
    uint64_t deadline_ns;
    uint64_t period_ns;
};

// On Linux both are the thread's own. A thread that computes is left on its processor for its
// slice, however nice it is, unless the one that wakes has a shorter slice (since 6.12): so its own
// is the longest that there is. It does not make it slower: what it may use is decided by its
// niceness. Not SCHED_IDLE: such a thread gets next to nothing while others compute, and would keep
// for long what it has locked.
static void be_nice(unsigned niceness) {
    enum { SLICE_NS = 100 * 1000 * 1000 };
    id_t thread = (id_t)syscall(SYS_gettid);
    if (niceness == 0) return;
    int nice = getpriority(PRIO_PROCESS, thread) + (int)niceness;
    if (nice > NICEST) nice = NICEST;
    struct scheduling attributes = {
        .size = sizeof attributes, .policy = SCHED_OTHER, .nice = nice, .slice_ns = SLICE_NS};
    if (syscall(SYS_sched_setattr, thread, &attributes, 0) != 0)
        (void)setpriority(PRIO_PROCESS, thread, nice);
}

static void *work(void *argument) {
    struct lane *lane = argument;
    be_nice(lane->config.niceness);
    pthread_mutex_lock(&lane->lock);
    for (;;) {
        struct queue *queue;
        while (!(queue = next_queue(lane)) && !lane->ends)
            pthread_cond_wait(&lane->changed, &lane->lock);
        if (lane->ends) break;
        struct http_request *request = take(lane, queue);
        pthread_mutex_unlock(&lane->lock);
        // One that is parked may be somebody else's already.
        if (exchange_handle(request, true)) give_back(request);
        pthread_mutex_lock(&lane->lock);
    }
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

static void refuse(struct http_request *request, enum status status) {
    http_problem(&request->response, status, NULL, NULL);
    give_back(request);
}

// --- for the server ---

bool lane_enter(struct http_request *request) {
    struct http_server *server = request->server;
    struct lane *lane = &server->lanes[lane_of(request->route->public) - 1];
    struct queue *queue = &lane->queues[request->key ? QUEUE_OF_KEYS : QUEUE_OF_OTHERS];
    enum status status = STATUS_OK;
    pthread_mutex_lock(&lane->lock);
    uint64_t deadline_ms = clock_monotonic_ms() + lane->config.wait_ms;
    if (lane->ends) {
        status = STATUS_CLOSED;
    } else if (queue->queued >= lane->config.queue && request->waiter.wake_ups == 0) {
        status = STATUS_BUSY; // who has been parked comes back in any case
    } else {
        request->leaves_queue_ms = deadline_ms;
        push(queue, request);
        MHD_suspend_connection(request->connection);
        pthread_cond_signal(&lane->changed);
    }
    pthread_mutex_unlock(&lane->lock);
    if (status == STATUS_OK)
        ticker_look_at(server, deadline_ms);
    else
        http_problem(&request->response, status, NULL, NULL);
    return status == STATUS_OK;
}

uint64_t lanes_tick(struct http_server *server, uint64_t now_ms) {
    uint64_t next_ms = UINT64_MAX;
    for (size_t i = 0; i < server->config.lane_count; i++) {
        struct lane *lane = &server->lanes[i];
        pthread_mutex_lock(&lane->lock);
        for (int k = 0; k < QUEUES; k++) {
            struct queue *queue = &lane->queues[k];
            while (queue->first && queue->first->leaves_queue_ms <= now_ms)
                refuse(pop(queue), STATUS_BUSY);
            if (queue->first && queue->first->leaves_queue_ms < next_ms)
                next_ms = queue->first->leaves_queue_ms;
        }
        pthread_mutex_unlock(&lane->lock);
    }
    return next_ms;
}

uint64_t lanes_queued(struct http_server *server) {
    uint64_t queued = 0;
    for (size_t i = 0; i < server->config.lane_count; i++) {
        pthread_mutex_lock(&server->lanes[i].lock);
        for (int k = 0; k < QUEUES; k++) queued += server->lanes[i].queues[k].queued;
        pthread_mutex_unlock(&server->lanes[i].lock);
    }
    return queued;
}

// --- from open to close ---

enum status lanes_open(struct http_server *server) {
    size_t count = server->config.lane_count;
    for (size_t i = 0; i < server->router.count; i++)
        if (lane_of(server->router.routes[i].public) > count) return STATUS_INVALID;
    server->lanes = mem_alloc_array(count + 1, sizeof *server->lanes);
    for (size_t i = 0; i < count; i++) {
        struct lane *lane = &server->lanes[i];
        lane->config = server->config.lanes[i];
        ENSURE(lane->config.threads > 0 && lane->config.queue > 0);
        lane->threads = mem_alloc_array(lane->config.threads, sizeof *lane->threads);
        pthread_mutex_init(&lane->lock, NULL);
        pthread_cond_init(&lane->changed, NULL);
    }
    return STATUS_OK;
}

enum status lanes_start(struct http_server *server) {
    for (size_t i = 0; i < server->config.lane_count; i++) {
        struct lane *lane = &server->lanes[i];
        for (; lane->thread_count < lane->config.threads; lane->thread_count++)
            if (pthread_create(&lane->threads[lane->thread_count], NULL, work, lane) != 0)
                return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

void lanes_let_go(struct http_server *server) {
    for (size_t i = 0; i < server->config.lane_count; i++) {
        struct lane *lane = &server->lanes[i];
        pthread_mutex_lock(&lane->lock);
        lane->ends = true;
        for (struct queue *queue; (queue = next_queue(lane));) refuse(pop(queue), STATUS_CLOSED);
        pthread_cond_broadcast(&lane->changed);
        pthread_mutex_unlock(&lane->lock);
    }
}

void lanes_stop(struct http_server *server) {
    lanes_let_go(server);
    for (size_t i = 0; i < server->config.lane_count; i++) {
        struct lane *lane = &server->lanes[i];
        while (lane->thread_count > 0) pthread_join(lane->threads[--lane->thread_count], NULL);
    }
}

void lanes_clear(struct http_server *server) {
    for (size_t i = 0; server->lanes && i < server->config.lane_count; i++) {
        struct lane *lane = &server->lanes[i];
        pthread_cond_destroy(&lane->changed);
        pthread_mutex_destroy(&lane->lock);
        mem_free(lane->threads);
    }
    mem_free(server->lanes);
}
