// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/supplychain.h"

const struct hook_kind supplychain_hook_kinds[SUPPLYCHAIN_HOOK_KINDS] = {
    [HOOK_KIND_EVENT] = {"event", "an event was recorded"},
    [HOOK_KIND_CAPTURE] = {"capture", "a capture ended, well or not"},
    [HOOK_KIND_SHIPMENT] = {"shipment", "a shipment was registered, or is another than before"},
    [HOOK_KIND_HAND_OVER] = {"hand_over", "goods were offered, accepted, refused or withdrawn"},
    [HOOK_KIND_ALARM] = {"alarm", "a reading is out of its shipment's bounds"},
    [HOOK_KIND_QUERY] = {"query", "an event that a named query finds was recorded"},
};
