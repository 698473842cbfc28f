// SPDX-License-Identifier: Apache-2.0
// What Prometheus reads (text format 0.0.4): a family of samples at a time, each family whole and
// once. Names and the sets of label values are ours, so their number is bounded.
//
//     metric_begin(out, "lmm_index_height", METRIC_GAUGE, "The newest height with rows.");
//     metric_number(out, "lmm_index_height", NULL, index_height(index));
#ifndef LMM_HTTP_METRICS_H
#define LMM_HTTP_METRICS_H

#include "apps/common/http/server.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

// The head of a family. A counter's name ends in _total; times are in seconds, sizes in bytes.
void metric_begin(struct buf *out, const char *name, enum metric_kind kind, const char *help);
// Appends to a list of labels: name="value", escaped.
void metric_label(struct buf *labels, const char *name, const char *value);
// A sample; `labels` may be NULL.
void metric_number(struct buf *out, const char *name, struct buf *labels, uint64_t value);
void metric_seconds(struct buf *out, const char *name, struct buf *labels, uint64_t microseconds);
// A family with one sample, without labels; the second is a gauge of seconds.
void metric_alone(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                  uint64_t value);
void metric_ms_alone(struct buf *out, const char *name, const char *help, uint64_t ms);

// What the server has counted: requests by route and class of code, how long they took, what is
// under way.
void http_metrics_append(struct http_server *server, struct buf *out);

#endif
