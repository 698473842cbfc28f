// SPDX-License-Identifier: Apache-2.0
// Forgets the macros that opcodes.def and fusions.def were expanded with. Included many times.
#undef BINARY
#undef COMPARE
#undef DIVISION
#undef UNARY
#undef FLOAT_UNARY
#undef FLOAT_BINARY
#undef TRUNCATE
#undef SATURATE
#undef REINTERPRET
#undef LOAD
#undef STORE
#undef FUSE_RRR
#undef FUSE_RRK
#undef FUSE_RKR
