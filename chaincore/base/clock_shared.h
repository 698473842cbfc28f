// SPDX-License-Identifier: Apache-2.0
// A clock that several processes of one machine share: how far it is ahead of the machine's lies in
// a file of eight bytes that each of them maps, so that what one moves all see at once, and a start
// finds it again. For a devnet that is to be elsewhere in time, and for nothing else: what such a
// clock dates is worth what whoever can write the file is worth.
#ifndef LMM_BASE_CLOCK_SHARED_H
#define LMM_BASE_CLOCK_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "chaincore/base/status.h"

// From now on clock_wall_ms goes by the file, which is made when it is missing, and
// clock_wall_advance and clock_wall_set_back change it. Once, before there are threads; it stays
// for the process' life. IO; CORRUPT for a file of another size.
enum status clock_wall_share(const char *path) MUST_CHECK;
bool clock_wall_is_shared(void);
// How far ahead of the machine's clock, or behind it by its two's complement. Whoever waits by the
// wall clock has to look from time to time: nobody is woken when it changes.
uint64_t clock_wall_shift_ms(void);

#endif
