// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/cause.h"

#include "chaincore/base/bytes.h"

static const char *const names[NET_CAUSES] = {
    [CAUSE_HANDSHAKE] = "handshake",
    [CAUSE_HELLO] = "hello",
    [CAUSE_SEAL] = "seal",
    [CAUSE_FRAME] = "frame",
    [CAUSE_MESSAGE] = "message",
    [CAUSE_PENALTIES] = "penalties",
    [CAUSE_SLOW_HANDSHAKE] = "slow_handshake",
    [CAUSE_SILENT] = "silent",
    [CAUSE_STUCK] = "stuck",
    [CAUSE_HEAVY] = "heavy",
    [CAUSE_VERSION] = "version",
    [CAUSE_OTHER_NODE] = "other_node",
    [CAUSE_CROWDED] = "crowded",
    [CAUSE_BANNED_ADDRESS] = "banned_address",
    [CAUSE_BANNED_NODE] = "banned_node",
    [CAUSE_ADDRESS_FULL] = "address_full",
    [CAUSE_ADDRESS_OFTEN] = "address_often",
    [CAUSE_SITE_FULL] = "site_full",
    [CAUSE_FULL] = "full",
};

const char *cause_name(enum net_cause cause) {
    ENSURE(cause < NET_CAUSES && names[cause]);
    return names[cause];
}
