// SPDX-License-Identifier: Apache-2.0
// Calls of the contract on a running server, two ways: raw transactions, to any market's server;
// and by the routes of the sharing server, which signs as the devnet's account "server". Each call
// must end with the refusal, 0 for none.
#ifndef LMM_SHARING_TEST_RENTER_H
#define LMM_SHARING_TEST_RENTER_H

#include "apps/sharing/test/calls.h"
#include "tests/support/raw.h"

enum way { BY_ROUTES, BY_RAW, WAYS };

// Starts lmm-MARKET with blocks of 20 ms; raw.market is the sharing contract whatever the market.
void renter_open(const char *market);
// Of the calls from here on: raw, as this account; or by the routes.
void renter_act_as(const char *role);
void renter_use_routes(void);

void renter_list(const struct terms *terms, uint32_t refusal);
void renter_change(uint64_t asset, const struct terms *terms, uint32_t refusal);
void renter_number(const char *method, uint64_t number, uint32_t refusal); // methods of one number
void renter_block(const struct rental_range *range, uint32_t refusal);
// `count` minutes of it with a minute between them, from here on: all of them are kept.
void renter_block_many(uint64_t asset, uint64_t from_ms, unsigned count);
void renter_unblock(uint64_t asset, uint64_t until_ms, uint32_t refusal);
// Signed by `signer` for whoever acts.
void renter_bind(uint64_t asset, const struct key_pair *lock, uint64_t counter,
                 const struct key_pair *signer, uint32_t refusal);
// Pays what it costs, but for `short_of` units.
void renter_book(const struct rental_range *range, const struct key_pair *phone, uint64_t short_of,
                 uint32_t refusal);
void renter_extend(uint64_t booking, uint64_t until_ms, uint32_t refusal);
// Signed by phone and lock; NULL: no lock.
void renter_start(uint64_t booking, const struct challenge *challenge, const struct key_pair *phone,
                  const struct key_pair *lock, uint32_t refusal);
void renter_give_back(uint64_t booking, const struct challenge *challenge,
                      const struct key_pair *phone, const struct key_pair *lock, uint32_t refusal);

// The time and height of the newest final block.
uint64_t renter_block_ms(void);
uint64_t renter_height(void);
// Moves the devnet's clock on, and returns once a block has the time.
void renter_warp(uint64_t seconds);

// alice's first asset with a lock, and the first booking of it, by the server's account, which has
// begun.
struct rental_range renter_rent(uint64_t minutes, const struct key_pair *lock,
                                const struct key_pair *phone);

size_t renter_count(const char *path); // items of a list
long renter_status(const char *path);
void renter_expect(const char *path, const char *name, const char *text); // a member's text

#endif
