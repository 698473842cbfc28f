// SPDX-License-Identifier: Apache-2.0
// Where messages may go. Whoever may make a webhook tells the server whom to connect to, from
// inside its own network: so nothing there is a target. A name is resolved when the webhook is
// made, for a clear answer; what counts is the address at each connect, as a name may resolve to
// another one by then.
#ifndef LMM_HOOKS_GUARD_H
#define LMM_HOOKS_GUARD_H

#include "chaincore/base/ip.h"

struct hook_rules {
    bool allows_http;    // besides https
    bool allows_private; // addresses that are not public
};

// One that everybody would reach: no loopback, private, shared, link-local (which has the metadata
// services of clouds), unique local, multicast, documentation or other reserved one; nor one of
// IPv6 that leads to such of IPv4. Conservative: of IPv6 only what IANA has given out (2000::/3).
bool hook_address_is_public(const struct ip_address *address);

// INVALID: `why` is a sentence for a person, static. Looks the name up, which may take seconds; one
// that does not resolve is let pass, as it may later.
enum status hook_target_check(const char *url, const struct hook_rules *rules,
                              const char **why) MUST_CHECK;

#endif
