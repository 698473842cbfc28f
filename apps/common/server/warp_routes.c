// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/warp_routes.h"

#include "apps/common/json/json.h"
#include "apps/common/server/devnet_guard.h"
#include "chaincore/base/clock_shared.h"
#include "chaincore/chaincore.h"

static const uint64_t MOST_S = UINT64_C(10) * 366 * 24 * 3600;
static const uint64_t LAST_MS = UINT64_C(253402300799999); // of the year 9999

static bool read_seconds(uint64_t *out, struct http_request *request,
                         struct http_response *response) {
    static const char rule[] =
        "A JSON object with seconds alone, a whole number from 1 to ten years.";
    struct json_fault fault;
    json_t *object;
    *out = 0;
    if (json_parse(&object, &fault, http_body(request), WARP_BODY_BYTES) == STATUS_OK) {
        const json_t *seconds = json_object_get(object, "seconds");
        if (json_object_size(object) == 1 && json_is_integer(seconds) &&
            json_integer_value(seconds) > 0)
            *out = (uint64_t)json_integer_value(seconds);
        json_decref(object);
    }
    if (*out > 0 && *out <= MOST_S) return true;
    http_problem(response, STATUS_INVALID, "invalid_time", rule);
    http_problem_violation(response, "/seconds", "range", rule);
    return false;
}

enum status post_warp(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    char time[25];
    uint64_t seconds;
    if (!devnet_may_ask(server, request, response)) return STATUS_OK;
    if (!read_seconds(&seconds, request, response)) return STATUS_OK;
    if (node_port(server->node) > 0 && !clock_wall_is_shared()) {
        http_problem_as(response, 409, "own_clock",
                        "Its blocks are agreed on with others, who have other clocks (--clock).");
        return STATUS_OK;
    }
    if (clock_wall_ms() + seconds * 1000 > LAST_MS) {
        http_problem_as(response, 409, "end_of_time", "That would be beyond the year 9999.");
        return STATUS_OK;
    }
    clock_wall_advance(seconds * 1000);
    node_look_again(server->node);
    clock_format_utc(time, (int64_t)clock_wall_ms());
    log_info("server", "the devnet's time is moved on", log_number("seconds", (int64_t)seconds));
    buf_append_format(http_body_buf(response), "{\"time\":\"%s\"}", time);
    http_set_type(response, "application/json");
    return STATUS_OK;
}
