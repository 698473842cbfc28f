// SPDX-License-Identifier: Apache-2.0
// Vector lanes: eight independent computations side by side, one in each 64-bit lane of an AVX-512
// register. What the lanes compute is exactly what libsodium computes, only more of it at a time;
// they are chosen when the process runs, so that one build serves every processor. Internal to
// crypto/: others call hash_many and sign_verify_many, which use lanes where there are any.
//
// The functions of the lanes carry LANES_CODE, which lets the compiler use the instructions in them
// alone; small ones carry LANES_INLINE, so that their vectors stay in registers.
#ifndef LMM_CRYPTO_LANES_H
#define LMM_CRYPTO_LANES_H

#include <stdbool.h>

enum { LANES = 8 };

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_LANES 1
#define LANES_CODE __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512ifma")))
#define LANES_INLINE LANES_CODE __attribute__((always_inline)) inline
// Before a loop over an array of vectors: unrolled, the array stays in registers.
#ifdef __clang__
#define LANES_UNROLL _Pragma("unroll")
#else
#define LANES_UNROLL _Pragma("GCC unroll 16")
#endif
#endif

// Whether this processor has them, and nobody has switched them off.
bool lanes_are_on(void);
// For tests and benches, which compare; lanes that the processor lacks stay off.
void lanes_switch(bool on);

#endif
