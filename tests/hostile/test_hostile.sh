#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every kind of attack for a moment, by few: good clients are answered well meanwhile, bad ones are
# refused, and the server stays. How fast it is then: `make hostile`.
set -u
: "${srcdir:=.}"
lines=$(sh "$srcdir/tests/hostile/hostile.sh" 300 4)
status=$?
echo "$lines"
kinds=$(echo "$lines" | grep -c '"name":"hostile_.*"ratio":')
if [ $status -eq 0 ] && [ "$kinds" -eq 14 ]; then
    echo "COUNTED $kinds passed, 0 failed"
else
    echo "COUNTED $kinds passed, 1 failed"
    exit 1
fi
