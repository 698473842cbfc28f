// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"

enum { LINE_MS = 5000, BAR_MS = 200, BAR_CELLS = 24 };

uint64_t progress_blocks_per_s(const struct progress_figures *figures) {
    return figures->elapsed_ms > 0 ? figures->done * 1000 / figures->elapsed_ms : 0;
}

uint64_t progress_remaining_s(const struct progress_figures *figures) {
    uint64_t left = figures->head > figures->height ? figures->head - figures->height : 0;
    if (figures->done == 0) return UINT64_MAX;
    return (left * figures->elapsed_ms / figures->done + 999) / 1000;
}

static void append_time(struct buf *out, uint64_t seconds) {
    if (seconds == UINT64_MAX)
        buf_append_string(out, "?");
    else if (seconds < 120)
        buf_append_format(out, "%" PRIu64 " s", seconds);
    else if (seconds < 7200)
        buf_append_format(out, "%" PRIu64 " min", (seconds + 59) / 60);
    else
        buf_append_format(out, "%" PRIu64 " h", (seconds + 3599) / 3600);
}

void progress_append_bar(struct buf *out, const char *what,
                         const struct progress_figures *figures) {
    uint64_t full = figures->head > 0 && figures->height < figures->head
                        ? (uint64_t)((double)figures->height / (double)figures->head * BAR_CELLS)
                        : BAR_CELLS;
    buf_append_format(out, "%s [", what);
    for (uint64_t i = 0; i < BAR_CELLS; i++) buf_append_byte(out, i < full ? '#' : '.');
    buf_append_format(out, "] %" PRIu64 "/%" PRIu64 "  %" PRIu64 " blocks/s  ", figures->height,
                      figures->head, progress_blocks_per_s(figures));
    append_time(out, progress_remaining_s(figures));
    buf_append_string(out, " left");
}

// The cursor stays at the front, so that a line of the log takes its place.
static void draw(struct progress *progress, const struct progress_figures *figures) {
    struct buf line = {0};
    buf_append_string(&line, "\r\033[K");
    progress_append_bar(&line, progress->what, figures);
    buf_append_byte(&line, '\r');
    fputs(buf_as_string(&line), stderr);
    fflush(stderr);
    buf_clear(&line);
    progress->is_on_terminal = true;
}

static void write_line(const char *what, const struct progress_figures *figures) {
    uint64_t remaining_s = progress_remaining_s(figures);
    log_info("index", what, log_number("height", (int64_t)figures->height),
             log_number("head", (int64_t)figures->head),
             log_number("blocks_per_s", (int64_t)progress_blocks_per_s(figures)),
             log_number("remaining_s", remaining_s == UINT64_MAX ? -1 : (int64_t)remaining_s));
}

void progress_tell(struct progress *progress, const char *what, uint64_t height, uint64_t head) {
    uint64_t now = clock_monotonic_ms();
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    if (progress->began_ms == 0 || progress->what != what)
        *progress = (struct progress){
            .what = what, .began_ms = now > 0 ? now : 1, .from = height, .told_ms = now};
    if (now - progress->told_ms < (is_terminal ? BAR_MS : LINE_MS)) return;
    progress->told_ms = now;
    struct progress_figures figures = {.height = height,
                                       .head = head,
                                       .done = height - progress->from,
                                       .elapsed_ms = now - progress->began_ms};
    if (is_terminal)
        draw(progress, &figures);
    else
        write_line(what, &figures);
}

void progress_end(struct progress *progress) {
    if (progress->is_on_terminal) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    *progress = (struct progress){0};
}
