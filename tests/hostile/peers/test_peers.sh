#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each behaviour for a moment: ended, counted and named, within its memory, and agreement goes on. What
# they cost: `make hostile-peers`.
exec tests/hostile/peers/peers brief
