# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# What has to be installed, as Debian packages: sourced by `run` and `check`.

# KIND:NAME:PACKAGE. `command` is looked for on the PATH, `library` by pkg-config, `file` on disk.
BUILD_NEEDS=(
    command:gcc:gcc
    command:make:make
    command:autoreconf:autoconf
    command:automake:automake
    command:pkg-config:pkg-config
    command:clang:clang
    command:wasm-ld:lld
    command:npm:npm
    file:/usr/include/stdio.h:libc6-dev
    file:/usr/include/wslay/wslay.h:libwslay-dev
    library:libsodium:libsodium-dev
    library:sqlite3:libsqlite3-dev
    library:libpq:libpq-dev
    library:libmicrohttpd:libmicrohttpd-dev
    library:gnutls:libgnutls28-dev
    library:jansson:libjansson-dev
    library:libpcre2-8:libpcre2-dev
    library:libuv:libuv1-dev
    library:libcurl:libcurl4-openssl-dev
)
RUN_NEEDS=(
    command:curl:curl
    command:jq:jq
    command:setsid:util-linux
    file:/etc/ssl/certs/ca-certificates.crt:ca-certificates
)
QUICK_NEEDS=(
    command:clang-format:clang-format
    command:codespell:codespell
    command:git:git
    command:pmccabe:pmccabe
    command:shellcheck:shellcheck
    "file:/usr/lib/postgresql/*/bin/initdb:postgresql"
    file:/usr/share/json-schema-test-suite/tests/draft7:json-schema-test-suite
    library:check:check
)
FULL_NEEDS=(
    command:chromium-headless-shell:chromium-headless-shell
    command:clang-tidy:clang-tidy
    "file:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a:libclang-rt-14-dev"
    command:wasm-opt:binaryen
    command:wast2json:wabt
)

# missing_packages NEED... prints the packages of those needs that are not met.
missing_packages() {
    local need kind name package found
    for need in "$@"; do
        IFS=: read -r kind name package <<<"$need"
        found=no
        case $kind in
        command) command -v "$name" >/dev/null && found=yes ;;
        library) pkg-config --exists "$name" 2>/dev/null && found=yes ;;
        file) compgen -G "$name" >/dev/null && found=yes ;;
        esac
        [ $found = yes ] || printf '%s\n' "$package"
    done
}

# install_packages NEED... installs what is missing, as root or by sudo. Without either it says which
# line to run and exits 2. Needs say, step and fail of scripts/lib/terminal.sh.
install_packages() {
    local packages sudo=()
    mapfile -t packages < <(missing_packages "$@")
    ((${#packages[@]})) || return 0
    local install=(apt-get install --yes --no-install-recommends "${packages[@]}")
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
            sudo=(sudo)
        else
            say "Something is missing and cannot be installed without root or sudo. Please run:"
            printf 'sudo %s\n' "${install[*]}"
            exit 2
        fi
    fi
    export DEBIAN_FRONTEND=noninteractive
    say "To be installed: ${packages[*]}"
    step "package lists" "${sudo[@]}" apt-get update || say "(going on with the lists there are)"
    step "packages" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" ||
        fail "the packages could not be installed: ${install[*]}"
    hash -r
    mapfile -t packages < <(missing_packages "$@")
    ((${#packages[@]} == 0)) || fail "installed, and still not found: ${packages[*]}"
}

# unpack_program NAME PACKAGE DIR: puts that one program of a package there, unless it is on the PATH or there
# already; nothing is installed. It has to need no more than what every Debian has.
unpack_program() {
    local name=$1 package=$2 dir=$3 folder
    ! command -v "$name" >/dev/null && [ ! -x "$dir/$name" ] || return 0
    mkdir -p "$dir"
    folder=$(mktemp -d "$dir/unpacking.XXXXXX")
    (cd "$folder" && apt-get download "$package" &&
        dpkg-deb --fsys-tarfile ./*.deb | tar -x -O "./usr/bin/$name" >"$name" &&
        chmod +x "$name" && mv "$name" ..) || { rm -rf "$folder" && return 1; }
    rm -rf "$folder"
}
