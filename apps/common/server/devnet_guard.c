// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/devnet_guard.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

// Whoever owns a name may bind it to this machine's address, and then their page reads here with
// its visitor's browser: only an address, or localhost, is surely not such a name.
static bool is_meant_for_us(const struct http_request *request) {
    char host[256];
    uint8_t address[16];
    const char *given = http_header(request, "Host");
    if (!given || strlen(given) >= sizeof host) return false;
    snprintf(host, sizeof host, "%s", given);
    bool is_v6 = host[0] == '[';
    char *end = is_v6 ? strchr(host, ']') : strchr(host, ':');
    if (is_v6 && !end) return false;
    if (end) *end = '\0';
    if (is_v6) return inet_pton(AF_INET6, host + 1, address) == 1;
    return strcasecmp(host, "localhost") == 0 || inet_pton(AF_INET, host, address) == 1;
}

bool devnet_may_ask(const struct server *server, const struct http_request *request,
                    struct http_response *response) {
    if (!server->is_devnet)
        http_problem_as(response, 404, "not_a_devnet", "Only a devnet has this.");
    else if (!is_meant_for_us(request))
        http_problem_as(response, 421, "wrong_host",
                        "A devnet gives this under an address or localhost alone.");
    return server->is_devnet && is_meant_for_us(request);
}
