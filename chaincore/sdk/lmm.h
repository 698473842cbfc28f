// SPDX-License-Identifier: Apache-2.0
// What a contract includes. A contract is C compiled for wasm32 without a standard library; this
// header is all that it can reach, and each function below is one host call of the chain.
//
// A method is an exported function without arguments or result: LMM_METHOD(name) makes one that
// transactions call, LMM_VIEW(name) one that only reads, LMM_INIT one that runs once, when the
// contract is deployed. Arguments arrive as bytes (Borsh by convention: lmm_reader below reads
// them), results go back with lmm_return. lmm_refuse ends the call and undoes all of its effects.
//
// Pointers and lengths are checked by the chain: one byte outside the memory is a trap. Integers
// only: floats are refused in deployed code.
#ifndef LMM_SDK_LMM_H
#define LMM_SDK_LMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LMM_METHOD(name)                                                      \
    __attribute__((export_name("call." #name))) void lmm_method_##name(void); \
    void lmm_method_##name(void)
#define LMM_VIEW(name)                                                      \
    __attribute__((export_name("view." #name))) void lmm_view_##name(void); \
    void lmm_view_##name(void)
#define LMM_INIT                                              \
    __attribute__((export_name("init"))) void lmm_init(void); \
    void lmm_init(void)

// Puts the contract's ABI, the JSON file named by the build, into its custom section `lmm.abi`:
// methods, events, types, and a sentence for each code that it refuses with.
#ifdef __wasm__
#define LMM_ABI __asm__(".section .custom_section.lmm.abi,\"\",@\n.incbin \"" LMM_ABI_FILE "\"\n")
#else
#define LMM_ABI _Static_assert(1, "an ABI belongs to a module")
#endif

// On the host (native tests of a contract) the same names are ordinary functions.
#ifdef __wasm__
#define LMM_HOST(name) __attribute__((import_module("lmm"), import_name(#name))) extern
#else
#define LMM_HOST(name) extern
#endif

// storage: the contract's own ordered keys (1 to 256 bytes) and values (up to 64 KiB).
// The value's length, or -1 when there is none; copies at most `capacity` bytes.
LMM_HOST(storage_get)
int32_t lmm_storage_get(const void *key, uint32_t key_len, void *out, uint32_t capacity);
LMM_HOST(storage_set)
void lmm_storage_set(const void *key, uint32_t key_len, const void *value, uint32_t value_len);
// Was there a value?
LMM_HOST(storage_delete)
int32_t lmm_storage_delete(const void *key, uint32_t key_len);
// The first key behind `after` that starts with `prefix`: its length (at most 256), or -1. The key
// is copied to out, which holds 256 bytes. after_len 0 starts from the front.
LMM_HOST(storage_next)
int32_t lmm_storage_next(const void *prefix, uint32_t prefix_len, const void *after,
                         uint32_t after_len, void *out);

// the call
LMM_HOST(arguments_len)
uint32_t lmm_arguments_len(void);
LMM_HOST(arguments_read)
void lmm_arguments_read(void *out, uint32_t offset, uint32_t len);
LMM_HOST(return_data)
void lmm_return(const void *data, uint32_t len);
// Ends the call; nothing that it did remains. `code` stands in the receipt, its sentence in the
// ABI.
LMM_HOST(refuse)
_Noreturn void lmm_refuse(uint32_t code);
// Who calls: 32 bytes.
LMM_HOST(caller)
void lmm_caller(void *out);
// This contract's own id: 32 bytes.
LMM_HOST(self)
void lmm_self(void *out);
// Base units that came with the call.
LMM_HOST(value)
uint64_t lmm_value(void);
LMM_HOST(transfer)
void lmm_transfer(const void *to, uint64_t units);
LMM_HOST(block_time)
uint64_t lmm_block_time_ms(void);
LMM_HOST(block_height)
uint64_t lmm_block_height(void);
// The transaction's id: 32 bytes.
LMM_HOST(tx_id)
void lmm_tx_id(void *out);

// A fact that the chain keeps with the block: a topic of 1 to 64 bytes, data of up to 16 KiB.
LMM_HOST(event)
void lmm_event(const void *topic, uint32_t topic_len, const void *data, uint32_t data_len);

// BLAKE2b-256 under the domain "lmm/user": 32 bytes.
LMM_HOST(hash)
void lmm_hash(const void *data, uint32_t len, void *out);
// Ed25519 by the chain's strict rules: 1 when the signature verifies.
LMM_HOST(verify)
int32_t lmm_verify(const void *key, const void *signature, const void *message, uint32_t len);

// Arguments, read in order as Borsh. Reading past the end refuses with LMM_BAD_ARGUMENTS, so does
// lmm_reader_end when bytes are left.
enum { LMM_BAD_ARGUMENTS = 1 };

struct lmm_reader {
    uint32_t offset;
    uint32_t len;
};

struct lmm_reader lmm_arguments(void);
void lmm_read(struct lmm_reader *reader, void *out, uint32_t len);
uint8_t lmm_read_u8(struct lmm_reader *reader);
uint32_t lmm_read_u32(struct lmm_reader *reader);
uint64_t lmm_read_u64(struct lmm_reader *reader);
// A u32 length, at most `most`.
uint32_t lmm_read_count(struct lmm_reader *reader, uint32_t most);
void lmm_skip(struct lmm_reader *reader, uint32_t len);
void lmm_reader_end(const struct lmm_reader *reader);

// wasm32 without a library still needs these two.
void *memcpy(void *restrict out, const void *restrict in, size_t len);
void *memset(void *out, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
