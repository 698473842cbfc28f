#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What git knows is in the archive that `make dist` packs, so that whoever has only that can build,
# test and read everything. Run in the build root by `make check`.
set -eu
: "${srcdir:=.}"
if [ ! -e "$srcdir/.git" ] || ! command -v git >/dev/null; then
    echo "SKIPPED what the archive lacks: no git here"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
make distdir distdir="$folder/archive" >"$folder/log" 2>&1 || { cat "$folder/log" && exit 1; }

# Of no use outside of git.
git -c safe.directory='*' -C "$srcdir" ls-files | grep -vx .gitignore | sort >"$folder/known"
(cd "$folder/archive" && find . -type f) | sed 's,^\./,,' | sort >"$folder/packed"
test "$(wc -l <"$folder/known")" -gt 100
lacking=$(comm -23 "$folder/known" "$folder/packed")
[ -z "$lacking" ] || { echo "lacking in the archive:" && echo "$lacking" && exit 1; }
