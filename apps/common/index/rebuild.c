// SPDX-License-Identifier: Apache-2.0
#include "apps/common/index/rebuild.h"

#include "apps/common/db/shadow.h"
#include "chaincore/chaincore.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 10000 };

void rebuild_clear(struct rebuild *rebuild) {
    progress_end(&rebuild->progress);
    db_close(rebuild->shadow);
    rebuild->shadow = NULL;
}

static enum status begin(struct rebuild *rebuild, const struct rebuild_order *order) {
    enum status status;
    TRY(db_shadow_open(&rebuild->shadow, order->url));
    TRY(maker_make_tables(order->maker, rebuild->shadow));
    rebuild->height = 0;
    log_info("index", "the rows are made again, beside the old ones",
             log_number("head", (int64_t)order->height));
out:
    return status;
}

static enum status write(struct rebuild *rebuild, const struct rebuild_order *order) {
    struct db *shadow = rebuild->shadow;
    uint64_t height = rebuild->height;
    enum status status;
    TRY(db_begin(shadow));
    TRY(maker_write_blocks(order->maker, shadow, &height, order->height));
    TRY(db_commit(shadow));
    rebuild->height = height;
    rebuild->pause_ms = 0;
    progress_tell(&rebuild->progress, "making the rows again", height, order->height);
out:
    if (status != STATUS_OK)
        log_warning("index", "the rows beside the old ones cannot be written",
                    log_number("height", (int64_t)height), log_text("status", status_name(status)),
                    log_text("reason", db_last_error(shadow)));
    db_rollback(shadow);
    return status;
}

static enum status swap(struct rebuild *rebuild, const struct rebuild_order *order) {
    enum status status = db_shadow_swap(order->db, rebuild->shadow);
    if (status == STATUS_OK) {
        ahead_stop(&order->maker->ahead);
        log_info("index", "the rows that were made again are in place",
                 log_number("height", (int64_t)order->height));
        rebuild->is_wanted = false;
        rebuild_clear(rebuild);
    } else if (status != STATUS_BUSY) {
        log_warning("index", "the rows that were made again cannot take their place",
                    log_text("status", status_name(status)),
                    log_text("reason", db_last_error(order->db)));
    }
    return status;
}

static enum status try_step(struct rebuild *rebuild, const struct rebuild_order *order) {
    if (!rebuild->shadow) return begin(rebuild, order);
    return rebuild->height < order->height ? write(rebuild, order) : swap(rebuild, order);
}

static void pause(struct rebuild *rebuild) {
    uint32_t pause_ms = rebuild->pause_ms ? rebuild->pause_ms : FIRST_PAUSE_MS;
    rebuild->not_before = clock_monotonic_ms() + pause_ms;
    rebuild->pause_ms = pause_ms < LONGEST_PAUSE_MS ? 2 * pause_ms : pause_ms;
}

bool rebuild_step(struct rebuild *rebuild, const struct rebuild_order *order) {
    if (!rebuild->is_wanted || clock_monotonic_ms() < rebuild->not_before) return false;
    bool is_ready = rebuild->shadow && rebuild->height >= order->height;
    enum status status = try_step(rebuild, order);
    if (status == STATUS_OK) return true;
    pause(rebuild);
    // Readers were in the way of the swap alone: what is there is good for another attempt.
    if (status == STATUS_BUSY && is_ready) return false;
    rebuild_clear(rebuild);
    bool may_pass = status == STATUS_UNAVAILABLE || status == STATUS_BUSY ||
                    status == STATUS_TIMEOUT || status == STATUS_FULL;
    if (may_pass) return false;
    log_error("index", "the rows are not made again: the old ones stay",
              log_text("status", status_name(status)));
    rebuild->is_wanted = false;
    return false;
}
