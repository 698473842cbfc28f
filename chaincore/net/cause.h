// SPDX-License-Identifier: Apache-2.0
// Why connections end or are turned away, by names that the log and the metrics share
// (docs/operating.md). What ends in the ordinary way has none.
#ifndef LMM_NET_CAUSE_H
#define LMM_NET_CAUSE_H

enum net_cause {
    // let go, and not talked to for a while
    CAUSE_HANDSHAKE, // what came was no handshake, or is of another chain
    CAUSE_HELLO,     // no hello, or one that its node has not signed for this handshake
    CAUSE_SEAL,      // not sealed by the peer: replayed, out of order, changed
    CAUSE_FRAME,     // too large, of no kind, or not as it began
    CAUSE_MESSAGE,   // a frame that no honest node sends, whatever it knows
    CAUSE_PENALTIES, // many things that honest nodes seldom do
    CAUSE_FAULTS,
    // let go
    CAUSE_SLOW_HANDSHAKE = CAUSE_FAULTS, // not shaken in time
    CAUSE_SILENT,                        // has said nothing, pings included
    CAUSE_STUCK,                         // reads nothing of what it is told, or hardly anything
    CAUSE_HEAVY,                         // most is kept for it, where too much is for all
    CAUSE_VERSION,                       // speaks another one
    CAUSE_OTHER_NODE, // was called by a key that the operator named, and has shown another one
    CAUSE_CROWDED,    // when others came: shook hands for the longest, or was of the largest group
    // turned away
    CAUSE_BANNED_ADDRESS,
    CAUSE_BANNED_NODE,
    CAUSE_ADDRESS_FULL,  // as many connections as one address may have
    CAUSE_ADDRESS_OFTEN, // more of them in a short time
    CAUSE_SITE_FULL,     // strangers of one network (ip_site) have all its places
    CAUSE_FULL,          // strangers have all places; it may have become one while it was there
    NET_CAUSES
};

const char *cause_name(enum net_cause cause); // "slow_handshake"

#endif
