# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Configures and builds a tree: sourced by `run` and `check`, which stand in the project's root.

build_jobs() { nproc 2>/dev/null || echo 2; }

# configure_tree DIR OPTION... unless it is configured that way already.
configure_tree() {
    local dir=$1 options
    shift
    [ -e web/package.json ] || [[ " $* " == *" --without-web "* ]] || set -- "$@" --without-web
    if [ ! -x configure ] || [ -n "$(find configure.ac -newer configure)" ]; then
        step "autoreconf" autoreconf -fi || return
    fi
    mkdir -p "$dir"
    options=$(printf '%s\n' "$@")
    if [ ! -f "$dir/Makefile" ] || [ "$(cat "$dir/.options" 2>/dev/null)" != "$options" ]; then
        # Flags are no dependency of make's: what was built with others goes.
        [ ! -f "$dir/Makefile" ] || make -s -C "$dir" clean >/dev/null 2>&1 || true
        step "configure $dir" env -C "$dir" ../configure "$@" || return
        printf '%s\n' "$options" >"$dir/.options"
    fi
}
