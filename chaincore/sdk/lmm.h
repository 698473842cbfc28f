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

// LMM_PAYABLE(name) is a method that takes money: a call of any other with a value is refused.
// Natively, in tests against a mock of the chain, they are ordinary functions.
#ifdef __wasm__
#define LMM_EXPORT(name) __attribute__((export_name(name)))
#else
#define LMM_EXPORT(name)
#endif
#define LMM_METHOD(name)                                    \
    LMM_EXPORT("call." #name) void lmm_method_##name(void); \
    void lmm_method_##name(void)
#define LMM_PAYABLE(name)                                   \
    LMM_EXPORT("pay." #name) void lmm_payable_##name(void); \
    void lmm_payable_##name(void)
#define LMM_VIEW(name)                                    \
    LMM_EXPORT("view." #name) void lmm_view_##name(void); \
    void lmm_view_##name(void)
// Runs once when a contract is upgraded to this code, with the arguments of the upgrade.
#define LMM_UPGRADE                                \
    LMM_EXPORT("upgrade") void lmm_upgraded(void); \
    void lmm_upgraded(void)
#define LMM_INIT                            \
    LMM_EXPORT("init") void lmm_init(void); \
    void lmm_init(void)

// Puts the contract's ABI, the JSON file named by the build, into its custom section `lmm.abi`:
// methods, events, types, and a sentence for each code that it refuses with.
#ifdef __wasm__
#define LMM_ABI __asm__(".section .custom_section.lmm.abi,\"\",@\n.incbin \"" LMM_ABI_FILE "\"\n")
#else
#define LMM_ABI _Static_assert(1, "an ABI belongs to a module")
#endif

// Arguments are read in order as Borsh. Reading past the end refuses with LMM_BAD_ARGUMENTS, so
// does lmm_reader_end when bytes are left.
enum { LMM_BAD_ARGUMENTS = 1 };

struct lmm_reader {
    uint32_t offset;
    uint32_t len;
};

// On the host (native tests of a contract) the same names are ordinary functions.
#ifdef __wasm__
#define LMM_HOST(name) __attribute__((import_module("lmm"), import_name(#name))) extern
#else
#define LMM_HOST(name) extern
#endif

// What becomes of a call to another contract: the codes of receipts (chaincore/chain/receipt.h).
enum {
    LMM_CALL_OK = 0,
    LMM_CALL_INSUFFICIENT_FUNDS = 1,
    LMM_CALL_UNKNOWN_CONTRACT = 2,
    LMM_CALL_UNKNOWN_METHOD = 3,
    LMM_CALL_OUT_OF_GAS = 4,
    LMM_CALL_REFUSED = 5,
    LMM_CALL_NOT_PAYABLE = 15,
    LMM_CALL_REENTRY = 20,
    LMM_CALL_TOO_DEEP = 21,
    LMM_CALL_MEMORY = 22,
};

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
// How deep in calls between contracts this one is: 1 when a transaction, or a timer, called it.
LMM_HOST(depth)
uint32_t lmm_depth(void);
// This contract's own id: 32 bytes.
LMM_HOST(self)
void lmm_self(void *out);
// The chain that it runs on: 32 bytes. See lmm_verify_tagged.
LMM_HOST(chain_id)
void lmm_chain_id(void *out);
// Base units that came with the call.
LMM_HOST(value)
uint64_t lmm_value(void);
// An account that is not there yet is made, and who pays for the transaction locks its deposit. A
// timer's run locks it out of what the run leaves.
LMM_HOST(transfer)
void lmm_transfer(const void *to, uint64_t units);
LMM_HOST(block_time)
uint64_t lmm_block_time_ms(void);
LMM_HOST(block_height)
uint64_t lmm_block_height(void);
// The transaction's id: 32 bytes.
LMM_HOST(tx_id)
void lmm_tx_id(void *out);

// other contracts
// Runs a method of another contract, with `value` base units of this one's and at most `gas` gas
// (UINT64_MAX: all that is left). 0 when it ended well; otherwise nothing that it did remains but
// its gas, and the result says why not (LMM_CALL_REFUSED ...). A contract that is running already
// cannot be called again, and at most 16 call one another.
LMM_HOST(call)
uint32_t lmm_call(const void *contract, const char *method, uint32_t method_len,
                  const void *arguments, uint32_t arguments_len, uint64_t value, uint64_t gas);
// The same for a view, also from within a view.
LMM_HOST(view)
uint32_t lmm_view(const void *contract, const char *method, uint32_t method_len,
                  const void *arguments, uint32_t arguments_len, uint64_t gas);
// What the last of these calls returned, when it ended well.
LMM_HOST(answer_len)
uint32_t lmm_answer_len(void);
LMM_HOST(answer_read)
void lmm_answer_read(void *out, uint32_t offset, uint32_t len);
// What the other contract refused with, when the code was LMM_CALL_REFUSED.
LMM_HOST(answer_code)
uint32_t lmm_answer_code(void);

// Another contract's code, by its hash, for `contract`, whose upgrader this contract must be: from
// the next call on. Storage stays. 0, or why not (a code of receipts).
LMM_HOST(upgrade)
uint32_t lmm_upgrade(const void *contract, const void *code_hash);

// timers
// Asks for a call of one of this contract's own methods, by itself, at a time that lies ahead. Paid
// now from the contract's balance: `gas` at the least price of today. What a run leaves comes back
// to the contract when it has ended: the gas that it did not use, and deposits for state that it
// freed, less those for state that it added.
// `gas` is from 20,000 up to a sixteenth of a block's, arguments are at most 4 KiB. Returns the id.
// A timer runs once, in the first block at or behind its time that has room for it. Anyone may call
// the method as well: lmm_caller tells.
LMM_HOST(timer_set)
uint64_t lmm_timer_set(uint64_t due_ms, const char *method, uint32_t method_len,
                       const void *arguments, uint32_t arguments_len, uint64_t gas);
// The same, but what the run leaves goes to an account (32 bytes): for contracts that hold other
// people's money, since they never learn how much it is. It must not be less than nothing; the run
// then fails.
LMM_HOST(timer_set_for)
uint64_t lmm_timer_set_for(const void *account, uint64_t due_ms, const char *method,
                           uint32_t method_len, const void *arguments, uint32_t arguments_len,
                           uint64_t gas);
// Base units for one gas of a timer that is set now.
LMM_HOST(timer_price)
uint64_t lmm_timer_price(void);
// 1 and the money is back, or 0 when there is no such timer of this contract any more.
LMM_HOST(timer_cancel)
uint32_t lmm_timer_cancel(uint64_t due_ms, uint64_t id);

// A fact that the chain keeps with the block: a topic of 1 to 64 bytes, data of up to 16 KiB.
LMM_HOST(event)
void lmm_event(const void *topic, uint32_t topic_len, const void *data, uint32_t data_len);

// BLAKE2b-256 under the domain "lmm/user": 32 bytes.
LMM_HOST(hash)
void lmm_hash(const void *data, uint32_t len, void *out);
// Ed25519 by the chain's strict rules: 1 when the signature verifies.
LMM_HOST(verify)
int32_t lmm_verify(const void *key, const void *signature, const void *message, uint32_t len);

// True when `key` signed the hash `payload` (32 bytes) for this purpose and this chain: the message
// is tag ‖ chain id ‖ payload, as for all keys that know the chain's closed list of tags
// (crypto/sign.h). `tag` is text of at most 16 bytes, such as "lmm:challenge".
bool lmm_verify_tagged(const char *tag, const void *key, const void *signature,
                       const void *payload);

// The arguments from their front.
struct lmm_reader lmm_arguments(void);
void lmm_read(struct lmm_reader *reader, void *out, uint32_t len);
uint8_t lmm_read_u8(struct lmm_reader *reader);
uint32_t lmm_read_u32(struct lmm_reader *reader);
uint64_t lmm_read_u64(struct lmm_reader *reader);
// A u32 length, at most `most`.
uint32_t lmm_read_count(struct lmm_reader *reader, uint32_t most);
void lmm_skip(struct lmm_reader *reader, uint32_t len);
void lmm_reader_end(const struct lmm_reader *reader);

// ⌊a · b / divisor⌋ with the product in 128 bits; traps when it does not fit or divisor is 0.
uint64_t lmm_mul_div(uint64_t a, uint64_t b, uint64_t divisor);

// wasm32 without a library still needs these two.
void *memcpy(void *restrict out, const void *restrict in, size_t len);
void *memset(void *out, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
