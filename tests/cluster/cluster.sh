#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Seven nodes in network namespaces, in a hostile world: see tests/cluster/main.mjs. Run in the build root by
# `make cluster`. Network, mounts and processes are this run's own, so that nothing of it is left. Needs
# root, or a kernel that lets everybody have user namespaces.
set -eu
: "${srcdir:=.}"
for need in unshare nsenter ip tc mount node; do
    command -v $need >/dev/null || {
        echo "cluster: there is no $need (util-linux, iproute2, nodejs)" >&2
        exit 2
    }
done
user=
[ "$(id -u)" -eq 0 ] || user='--user --map-root-user'
# shellcheck disable=SC2086 # options
unshare $user --net --mount --pid --fork --mount-proc true 2>/dev/null || {
    echo "cluster: namespaces cannot be made; as root they can" >&2
    exit 2
}
unset http_proxy https_proxy all_proxy ALL_PROXY HTTP_PROXY HTTPS_PROXY
# shellcheck disable=SC2016,SC2086 # expanded inside; options
exec unshare $user --net --mount --pid --fork --kill-child --mount-proc sh -euc '
    mount -t tmpfs tmpfs /run # names of namespaces
    ip link set lo up
    exec node "$1"' cluster "$srcdir/tests/cluster/main.mjs"
