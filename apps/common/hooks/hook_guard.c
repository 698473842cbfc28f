// SPDX-License-Identifier: Apache-2.0
#include "apps/common/hooks/hook_guard.h"

#include <curl/curl.h>
#include <netdb.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "apps/common/http/network.h"
#include "chaincore/base/limits.h"

// IANA's registries of special-purpose addresses, and those of multicast.
static const char *const closed[] = {
    "0.0.0.0/8",        "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12",    "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15",    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "168.63.129.16/32", // a cloud's own services, though it looks public
    "2001::/23",        // with Teredo, which leads to IPv4
    "2001:db8::/32",
    "2002::/16", // 6to4, likewise
    "3fff::/20",
};

static bool is_within(const char *network_text, const struct ip_address *address) {
    struct ip_network network;
    ENSURE(network_parse(&network, network_text));
    return network_has(&network, address);
}

bool hook_address_is_public(const struct ip_address *address) {
    if (!is_within("2000::/3", address) && !is_within("0.0.0.0/0", address)) return false;
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (is_within(closed[i], address)) return false;
    return true;
}

struct target {
    char *scheme;
    char *host;
    char *user;
    char *password;
    char *fragment;
};

static void clear(struct target *target) {
    curl_free(target->scheme);
    curl_free(target->host);
    curl_free(target->user);
    curl_free(target->password);
    curl_free(target->fragment);
}

// By the same parser that will connect. False: it is no URL.
static bool take_apart(struct target *out, const char *text) {
    CURLU *url = curl_url();
    ENSURE(url);
    *out = (struct target){0};
    bool is_good = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &out->scheme, 0) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_HOST, &out->host, 0) == CURLUE_OK;
    if (is_good) {
        curl_url_get(url, CURLUPART_USER, &out->user, 0);
        curl_url_get(url, CURLUPART_PASSWORD, &out->password, 0);
        curl_url_get(url, CURLUPART_FRAGMENT, &out->fragment, 0);
    }
    curl_url_cleanup(url);
    return is_good;
}

static const char *judge_form(const struct target *target, const struct hook_rules *rules) {
    bool is_http = strcasecmp(target->scheme, "http") == 0;
    if (strcasecmp(target->scheme, "https") != 0 && !(is_http && rules->allows_http))
        return rules->allows_http ? "A webhook's address begins with https:// or http://."
                                  : "A webhook's address begins with https://.";
    if (target->user || target->password)
        return "A webhook's address holds no name and no password.";
    if (target->fragment) return "A webhook's address holds no fragment.";
    return NULL;
}

// Any of its addresses: which one a connection takes is not ours to say.
static bool leads_inside(char *host) {
    struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM};
    size_t len = strlen(host);
    bool is_inside = false;
    if (host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        host++;
    }
    if (getaddrinfo(host, NULL, &hints, &found) != 0) return false;
    for (const struct addrinfo *it = found; it; it = it->ai_next) {
        struct ip_address address;
        ip_of_socket(&address, it->ai_addr);
        if (!hook_address_is_public(&address)) is_inside = true;
    }
    freeaddrinfo(found);
    return is_inside;
}

enum status hook_target_check(const char *url, const struct hook_rules *rules, const char **why) {
    struct target target;
    *why = "This is not an address as https://example.org/hook.";
    if (strlen(url) > LIMIT_WEBHOOK_URL_BYTES) return STATUS_INVALID;
    for (const char *c = url; *c; c++)
        if (*c <= 0x20 || *c >= 0x7F) return STATUS_INVALID;
    if (take_apart(&target, url)) *why = judge_form(&target, rules);
    if (!*why && !rules->allows_private && leads_inside(target.host))
        *why = "This address leads into a network that is not public.";
    clear(&target);
    return *why ? STATUS_INVALID : STATUS_OK;
}
