// SPDX-License-Identifier: Apache-2.0
// The float operations whose C counterparts differ from WebAssembly's in zeros or NaNs. Results
// that are NaN become canonical where they are put into a slot.
#ifndef LMM_VM_FLOATS_H
#define LMM_VM_FLOATS_H

#define FLOAT_FUNCTIONS(bits, type, suffix)                                         \
    static inline type float_min##bits(type x, type y) {                            \
        if (x != x || y != y) return x + y;                                         \
        if (x == y) return signbit(x) ? x : y;                                      \
        return x < y ? x : y;                                                       \
    }                                                                               \
    static inline type float_max##bits(type x, type y) {                            \
        if (x != x || y != y) return x + y;                                         \
        if (x == y) return signbit(x) ? y : x;                                      \
        return x > y ? x : y;                                                       \
    }                                                                               \
    static inline type float_ceil##bits(type x) { return ceil##suffix(x); }         \
    static inline type float_floor##bits(type x) { return floor##suffix(x); }       \
    static inline type float_trunc##bits(type x) { return trunc##suffix(x); }       \
    /* ties to even: the rounding mode that every process starts in */              \
    static inline type float_nearest##bits(type x) { return nearbyint##suffix(x); } \
    static inline type float_sqrt##bits(type x) { return sqrt##suffix(x); }

FLOAT_FUNCTIONS(32, f32, f)
FLOAT_FUNCTIONS(64, f64, )

#endif
