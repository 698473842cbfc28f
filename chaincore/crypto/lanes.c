// SPDX-License-Identifier: Apache-2.0
#include "chaincore/crypto/lanes.h"

#include <stdatomic.h>

#ifdef HAVE_LANES

static atomic_bool is_switched_off;

bool lanes_are_on(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512ifma") &&
           !atomic_load_explicit(&is_switched_off, memory_order_relaxed);
}

void lanes_switch(bool on) { atomic_store(&is_switched_off, !on); }

#else

bool lanes_are_on(void) { return false; }
void lanes_switch(bool on) { (void)on; }

#endif
