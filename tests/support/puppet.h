// SPDX-License-Identifier: Apache-2.0
// The acts of tests/support/puppet.c and what follows each. `bytes` has a u32 length in front.
#ifndef LMM_TESTS_PUPPET_H
#define LMM_TESTS_PUPPET_H

enum puppet_act {
    PUPPET_SET,       // key bytes, value bytes
    PUPPET_DELETE,    // key bytes
    PUPPET_CALL,      // contract 32, method bytes, arguments bytes, value u64, gas u64
    PUPPET_MUST_CALL, // the same; refuses with 1000 + the call's code when it fails
    PUPPET_LOOK,      // the same, of a view; returns its code
    PUPPET_TRANSFER,  // to 32, units u64
    PUPPET_EVENT,     // topic bytes, data bytes
    PUPPET_REFUSE,    // code u32
    PUPPET_TRAP,
    PUPPET_SPIN,
    PUPPET_RETURN,    // bytes
    PUPPET_GROW,      // pages u32; event "number" with what memory.grow said
    PUPPET_COUNT,     // prefix bytes; event "number" with how many keys there are
    PUPPET_FLOOD,     // from u32, count u32, len u32: keys are the numbers
    PUPPET_CLEAR,     // from u32, count u32: deletes them
    PUPPET_TIMER,     // due u64, gas u64, arguments bytes; event "number" with the id
    PUPPET_CANCEL,    // due u64, id u64; event "number" with 1 or 0
    PUPPET_AGAIN,     // in u64 ms, gas u64: a timer with the same arguments as this call, of which
                      // this act is the first
    PUPPET_REMEMBER,  // event "number" with how often this call did it, by a variable
    PUPPET_UPGRADE,   // contract 32, code hash 32; event "number" with the code
    PUPPET_SHOUT,     // count u32, len u32: so many events "loud" with so much data
    PUPPET_RELAY,     // as PUPPET_CALL; refuses with the code that the other refused with
    PUPPET_CHECK,     // tag bytes, key 32, signature 64, payload 32: refuses with 7 if it was not
                      // signed so for this chain
    PUPPET_TIMER_FOR, // account 32, and then as PUPPET_TIMER
};

#endif
