// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/common/hooks/hook_inside.h"
#include "chaincore/base/clock.h"

#define USER_AGENT "lmm-webhooks/1"

// --- libcurl's callbacks ---

// The address that is connected to, whatever the name said when the webhook was made.
static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *target) {
    struct hook_flight *flight = context;
    struct ip_address address;
    (void)purpose;
    ip_of_socket(&address, &target->addr);
    if (!hook_address_is_public(&address)) {
        flight->was_closed_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

// Its bytes say nothing to us, only how many there are.
static size_t take_answer(char *data, size_t size, size_t count, void *context) {
    struct hook_flight *flight = context;
    (void)data;
    flight->answer_bytes += size * count;
    return flight->answer_bytes <= LIMIT_WEBHOOK_ANSWER_BYTES ? size * count : 0;
}

// Headers are no part of the body that the bound above counts.
static size_t take_header(char *data, size_t size, size_t count, void *context) {
    return take_answer(data, size, count, context);
}

// --- one attempt ---

static void write_body(struct buf *out, const struct hook_message *message) {
    char time[25];
    clock_format_utc(time, (int64_t)message->time_ms);
    buf_reset(out);
    if (message->is_whole) {
        buf_append(out, message->data);
        return;
    }
    buf_append_format(out, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"height\":%llu,\"data\":",
                      message->kind, time, (unsigned long long)message->place.height);
    buf_append(out, message->data);
    buf_append_byte(out, '}');
}

static bool add_header(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer) *list = longer;
    return longer != NULL;
}

// The times and signatures of this attempt: receivers refuse old ones.
static bool write_headers(struct hook_flight *flight, const struct hook *hook,
                          const char *token_header) {
    char id[HOOK_MESSAGE_CHARS + 1], line[64 + HOOK_MESSAGE_CHARS];
    struct hook_signed message = {id, flight->started_ms / 1000, buf_bytes(&flight->body)};
    struct buf signatures = {0};
    hook_message_id(id, &flight->place);
    curl_slist_free_all(flight->headers);
    flight->headers = NULL;
    buf_append_string(&signatures, "webhook-signature: ");
    hook_sign(&signatures, &message, BYTES_OF(hook->secret));
    if (hook->shown.old_until_ms > flight->started_ms) {
        buf_append_byte(&signatures, ' ');
        hook_sign(&signatures, &message, BYTES_OF(hook->old_secret));
    }
    bool is_good = add_header(&flight->headers, "Content-Type: application/json") &&
                   add_header(&flight->headers, "Expect:") &&
                   add_header(&flight->headers, buf_as_string(&signatures));
    snprintf(line, sizeof line, "webhook-id: %s", id);
    is_good = is_good && add_header(&flight->headers, line);
    snprintf(line, sizeof line, "webhook-timestamp: %llu", (unsigned long long)message.time_s);
    is_good = is_good && add_header(&flight->headers, line);
    if (*hook->token && token_header) {
        buf_reset(&signatures);
        buf_append_format(&signatures, "%s: ", token_header);
        hook_sign(&signatures, &message, bytes_of_string(hook->token));
        is_good = is_good && add_header(&flight->headers, buf_as_string(&signatures));
    }
    buf_clear(&signatures);
    return is_good;
}

// What holds for whatever is sent.
static bool prepare(CURL *easy, const struct hook_rules *rules, struct hook *hook) {
    const char *protocols = rules->allows_http ? "http,https" : "https";
    bool is_good = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK &&
                   curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT) == CURLE_OK &&
                   curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, hook);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_WEBHOOK_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)LIMIT_WEBHOOK_ANSWER_MS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &hook->flight);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &hook->flight);
    if (!rules->allows_private) {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &hook->flight);
    }
    return is_good;
}

bool hook_attempt_begin(struct hooks *hooks, struct hook *hook,
                        const struct hook_message *message) {
    struct hook_flight *flight = &hook->flight;
    if (!flight->easy) {
        flight->easy = curl_easy_init();
        if (!flight->easy) return false;
        if (!prepare(flight->easy, &hooks->config.rules, hook)) goto failed;
    }
    flight->place = message->place;
    flight->generation = hook->generation;
    flight->was_closed_address = false;
    flight->answer_bytes = 0;
    flight->started_ms = clock_wall_ms();
    flight->started_ns = clock_monotonic_ns();
    snprintf(flight->kind, sizeof flight->kind, "%s", message->kind);
    write_body(&flight->body, message);
    if (!write_headers(flight, hook, hooks->config.token_header)) goto failed;
    // The body is borrowed; the URL is copied.
    curl_easy_setopt(flight->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)flight->body.len);
    curl_easy_setopt(flight->easy, CURLOPT_POSTFIELDS, flight->body.data);
    curl_easy_setopt(flight->easy, CURLOPT_HTTPHEADER, flight->headers);
    if (curl_easy_setopt(flight->easy, CURLOPT_URL, hook->shown.url) != CURLE_OK) goto failed;
    if (curl_multi_add_handle(hooks->multi, flight->easy) != CURLM_OK) goto failed;
    flight->is_under_way = true;
    return true;
failed:
    curl_easy_cleanup(flight->easy);
    flight->easy = NULL;
    return false;
}

static enum hook_outcome outcome_of(const struct hook_flight *flight, CURLcode result, int code) {
    // An answer whose rest is too long, or breaks off, has said what counts in its first line.
    if (code >= 200 && code <= 299) return HOOK_DELIVERED;
    if (code == 410) return HOOK_GONE;
    if (code > 0) return HOOK_REFUSED;
    if (flight->was_closed_address) return HOOK_NOT_PUBLIC;
    switch ((int)result) {
    case CURLE_OPERATION_TIMEDOUT:
        return HOOK_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return HOOK_UNREACHABLE;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HOOK_CERTIFICATE;
    default:
        return HOOK_BROKEN;
    }
}

enum hook_outcome hook_attempt_end(struct hooks *hooks, struct hook *hook, CURLcode result,
                                   int *code, uint64_t *retry_ms) {
    struct hook_flight *flight = &hook->flight;
    long answered = 0;
    curl_off_t retry_s = 0;
    curl_easy_getinfo(flight->easy, CURLINFO_RESPONSE_CODE, &answered);
    curl_easy_getinfo(flight->easy, CURLINFO_RETRY_AFTER, &retry_s);
    *code = answered >= 200 && answered <= 999 ? (int)answered : 0; // 1xx is no answer yet
    *retry_ms = retry_s > 0 && retry_s < INT32_MAX ? (uint64_t)retry_s * 1000 : 0;
    curl_multi_remove_handle(hooks->multi, flight->easy);
    flight->is_under_way = false;
    return outcome_of(flight, result, *code);
}

void hook_flight_clear(struct hook_flight *flight) {
    ENSURE(!flight->is_under_way);
    curl_easy_cleanup(flight->easy);
    curl_slist_free_all(flight->headers);
    buf_clear(&flight->body);
}
