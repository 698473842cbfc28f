# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Configures and builds a tree: sourced by `run` and `check`, which stand in the project's root.

build_jobs() { nproc 2>/dev/null || echo 2; }

# refuse_foreign_build DIR: what another user has built there, root by sudo perhaps, cannot be built
# upon by this one, and would fail somewhere in the middle.
refuse_foreign_build() {
    local dir=$1 found owner
    found=$(find . -maxdepth 0 ! -writable -print -quit)
    [ -n "$found" ] || found=$(find "$dir" autom4te.cache ! -user "$(id -u)" ! -writable -print \
        -quit 2>/dev/null || true)
    [ -n "$found" ] || return 0
    owner=$(stat -c %U "$found")
    fail "$found belongs to $owner. Go on as $owner, or take it over: sudo chown -R $(id -un): '$PWD'"
}

# The commands that autotools make in the sources, of which all trees are made: once, whoever builds
# meanwhile.
generate_configure() {
    local status=0 lock
    exec {lock}<configure.ac
    flock --nonblock "$lock" || { say "… waiting for another ./run or ./check" && flock "$lock"; }
    if [ ! -x configure ] || [ ! -e Makefile.in ] ||
        [ -n "$(find configure.ac ./*.am chaincore apps cli docs web tests -name node_modules -prune \
            -o \( -name configure.ac -o -name '*.am' \) -newer Makefile.in -print -quit \
            2>/dev/null)" ]; then
        step "autoreconf" autoreconf -fi || status=$?
    fi
    exec {lock}<&-
    return $status
}

# configure_tree DIR OPTION... unless it is configured that way already, and here.
configure_tree() {
    local dir=$1 options
    shift
    [ -e web/package.json ] || [[ " $* " == *" --without-web "* ]] || set -- "$@" --without-web
    generate_configure || return
    mkdir -p "$dir"
    options=$(printf '%s\n' "$PWD" "$@")
    if [ ! -f "$dir/Makefile" ] || [ "$(cat "$dir/.options" 2>/dev/null)" != "$options" ]; then
        # Flags and folders are no dependency of make's: what was built with others goes.
        [ ! -f "$dir/Makefile" ] || make -s -C "$dir" clean >/dev/null 2>&1 || true
        step "configure $dir" env -C "$dir" ../configure "$@" || return
        printf '%s\n' "$options" >"$dir/.options"
    fi
}
