// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/metrics.h"

#include "apps/common/http/inside.h"
#include "apps/common/http/tls.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/memory.h"

// Upper ends of the histogram's buckets, and as Prometheus is told of them.
static const struct {
    uint64_t us;
    const char *le;
} buckets[] = {
    {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},
    {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"},
    {500000, "0.5"},  {1000000, "1"},   {2500000, "2.5"}, {10000000, "10"},
};
enum { BUCKETS = sizeof buckets / sizeof buckets[0], CLASSES = 6 };

// Behind the routes: pages, and what found no route at all.
enum { PLACE_PAGES, PLACE_NONE, PLACES_BESIDES };

struct route_counts {
    _Atomic uint64_t by_class[CLASSES]; // answers of 1xx … 5xx at [1] … [5]
    _Atomic uint64_t by_bucket[BUCKETS + 1];
    _Atomic uint64_t took_us;
};

// --- the format ---

void metric_begin(struct buf *out, const char *name, enum metric_kind kind, const char *help) {
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    buf_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kinds[kind]);
}

void metric_label(struct buf *labels, const char *name, const char *value) {
    buf_append_format(labels, "%s%s=\"", labels->len > 0 ? "," : "", name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"') buf_append_byte(labels, '\\');
        if (*value == '\n')
            buf_append_string(labels, "\\n");
        else
            buf_append_byte(labels, (uint8_t)*value);
    }
    buf_append_byte(labels, '"');
}

static void append_name(struct buf *out, const char *name, struct buf *labels) {
    buf_append_string(out, name);
    if (labels && labels->len > 0) buf_append_format(out, "{%s}", buf_as_string(labels));
}

void metric_number(struct buf *out, const char *name, struct buf *labels, uint64_t value) {
    append_name(out, name, labels);
    buf_append_format(out, " %llu\n", (unsigned long long)value);
}

void metric_seconds(struct buf *out, const char *name, struct buf *labels, uint64_t microseconds) {
    append_name(out, name, labels);
    buf_append_format(out, " %llu.%06llu\n", (unsigned long long)(microseconds / 1000000),
                      (unsigned long long)(microseconds % 1000000));
}

void metric_alone(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                  uint64_t value) {
    metric_begin(out, name, kind, help);
    metric_number(out, name, NULL, value);
}

void metric_ms_alone(struct buf *out, const char *name, const char *help, uint64_t ms) {
    metric_begin(out, name, METRIC_GAUGE, help);
    metric_seconds(out, name, NULL, ms * 1000);
}

// --- counting ---

void metrics_open(struct http_server *server) {
    server->route_counts =
        mem_alloc_array(server->router.count + PLACES_BESIDES, sizeof *server->route_counts);
}

void metrics_clear(struct http_server *server) { mem_free(server->route_counts); }

static struct route_counts *counts_of(const struct http_request *request) {
    const struct http_server *server = request->server;
    struct route_counts *besides = server->route_counts + server->router.count;
    if (request->route) return server->route_counts + (request->route - server->router.routes);
    return besides + (request->asset ? PLACE_PAGES : PLACE_NONE);
}

void metrics_count(const struct http_request *request) {
    struct route_counts *counts = counts_of(request);
    uint64_t took_us = (clock_monotonic_ns() - request->started_ns) / 1000;
    int class = request->response.code / 100;
    size_t bucket = 0;
    if (class < 1 || class >= CLASSES) return;
    atomic_fetch_add_explicit(&counts->by_class[class], 1, memory_order_relaxed);
    // A stream lasts as long as its client likes, and who waits is told when something happens.
    if (request->is_stream || request->waiter.wake_ups > 0) return;
    while (bucket < BUCKETS && took_us > buckets[bucket].us) bucket++;
    atomic_fetch_add_explicit(&counts->by_bucket[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->took_us, took_us, memory_order_relaxed);
}

// --- telling ---

static void label_place(const struct http_server *server, size_t place, struct buf *labels) {
    buf_reset(labels);
    if (place < server->router.count) {
        const struct http_route *route = server->router.routes[place].public;
        metric_label(labels, "method", exchange_method_name(route->method));
        metric_label(labels, "route", route->pattern);
    } else {
        bool is_page = place == server->router.count + PLACE_PAGES;
        metric_label(labels, "method", is_page ? "GET" : "any");
        metric_label(labels, "route", is_page ? "pages" : "none");
    }
}

static void append_requests(const struct http_server *server, struct buf *out) {
    static const char name[] = "lmm_http_requests_total";
    static const char *const classes[CLASSES] = {NULL, NULL, "2xx", "3xx", "4xx", "5xx"};
    struct buf labels = {0};
    metric_begin(out, name, METRIC_COUNTER, "Answered requests by route and class of code.");
    for (size_t i = 0; i < server->router.count + PLACES_BESIDES; i++) {
        label_place(server, i, &labels);
        size_t len = labels.len;
        for (int class = 2; class < CLASSES; class ++) {
            labels.len = len;
            metric_label(&labels, "code", classes[class]);
            metric_number(out, name, &labels, server->route_counts[i].by_class[class]);
        }
    }
    buf_clear(&labels);
}

static void append_histogram(struct buf *out, const struct route_counts *counts,
                             struct buf *labels) {
    uint64_t sum = 0;
    size_t len = labels->len;
    for (size_t i = 0; i <= BUCKETS; i++) {
        sum += counts->by_bucket[i];
        labels->len = len;
        metric_label(labels, "le", i < BUCKETS ? buckets[i].le : "+Inf");
        metric_number(out, "lmm_http_request_duration_seconds_bucket", labels, sum);
    }
    labels->len = len;
    metric_seconds(out, "lmm_http_request_duration_seconds_sum", labels, counts->took_us);
    metric_number(out, "lmm_http_request_duration_seconds_count", labels, sum);
}

static void append_durations(const struct http_server *server, struct buf *out) {
    struct buf labels = {0};
    metric_begin(out, "lmm_http_request_duration_seconds", METRIC_HISTOGRAM,
                 "From the first byte of a request to the last of its answer; without streams and "
                 "requests that wait for something to happen.");
    for (size_t i = 0; i < server->router.count + PLACES_BESIDES; i++) {
        label_place(server, i, &labels);
        append_histogram(out, &server->route_counts[i], &labels);
    }
    buf_clear(&labels);
}

static void append_limited(const struct http_server *server, struct buf *out) {
    static const char name[] = "lmm_http_limited_total";
    static const char *const kinds[LIMITED_KINDS] = {
        [LIMITED_KEY] = "key", [LIMITED_ADDRESS] = "address", [LIMITED_WRONG_KEY] = "wrong key"};
    struct buf labels = {0};
    metric_begin(out, name, METRIC_COUNTER, "Requests answered with 429, by the limit.");
    for (int i = 0; i < LIMITED_KINDS; i++) {
        buf_reset(&labels);
        metric_label(&labels, "limit", kinds[i]);
        metric_number(out, name, &labels, server->limited[i]);
    }
    buf_clear(&labels);
}

void http_metrics_append(struct http_server *server, struct buf *out) {
    struct http_counts counts = http_server_counts(server);
    uint64_t subscribers = 0;
    for (struct http_stream *stream = server->streams; stream; stream = stream_next(stream))
        subscribers += http_stream_subscribers(stream);
    append_requests(server, out);
    append_durations(server, out);
    append_limited(server, out);
    if (server->config.tls_certificate)
        metric_alone(out, "lmm_http_certificate_expiry_timestamp_seconds", METRIC_GAUGE,
                     "When the certificate expires, since 1970.", tls_expiry_s());
    metric_alone(out, "lmm_http_requests_in_flight", METRIC_GAUGE,
                 "Requests under way, streams and waiting ones included.", counts.in_flight);
    metric_alone(out, "lmm_http_requests_waiting", METRIC_GAUGE,
                 "Requests that wait for something to happen.", counts.parked);
    metric_alone(out, "lmm_http_requests_queued", METRIC_GAUGE,
                 "Requests that wait for a thread of what takes long.", counts.queued);
    metric_alone(out, "lmm_http_stream_subscribers", METRIC_GAUGE, "Clients of live streams.",
                 subscribers);
    metric_alone(out, "lmm_http_body_bytes", METRIC_GAUGE, "Bodies of requests under way.",
                 server->body_bytes);
    metric_alone(out, "lmm_http_answer_bytes", METRIC_GAUGE, "Answers that are not sent yet.",
                 server->answer_bytes);
}
