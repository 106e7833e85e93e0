# shellcheck shell=sh disable=SC2154
# packages.sh - Debian packages that a command needs; sourced, never run
#
# Invariant: nothing is installed that was not named on the screen first, and
# apt-get is not started when nothing is missing.

os_release=${FERMATA_OS_RELEASE:-/etc/os-release}

# Plain command names, for a system that dpkg knows nothing of.
command_of() {
    case $1 in
    g++) echo c++ ;;
    gcc | libc6-dev) echo cc ;;
    ninja-build) echo ninja ;;
    nginx-light) echo nginx ;;
    python3-aiohttp | python3-venv | python3-websockets) echo python3 ;;
    lib* | systemtap-sdt-dev) echo true ;;
    *) echo "$1" ;;
    esac
}

system_name() (
    # shellcheck source=/dev/null
    [ -r "$os_release" ] && . "$os_release"
    echo "${PRETTY_NAME:-this system}"
)

is_debian() (
    # shellcheck source=/dev/null
    [ -r "$os_release" ] && . "$os_release"
    case " ${ID:-} ${ID_LIKE:-} " in
    *' debian '*) command -v dpkg-query >/dev/null ;;
    *) false ;;
    esac
)

is_installed() {
    case $(dpkg-query -W -f '${db:Status-Status} ' "$1" 2>/dev/null) in
    installed*) true ;;
    *) false ;;
    esac
}

is_present() {
    if is_debian; then
        is_installed "$1"
    else
        command -v "$(command_of "$1")" >/dev/null
    fi
}

# need LIST...: return when all packages are there, or end the script
need() {
    missing=
    # shellcheck disable=SC2048 # lists of names
    for package in $*; do
        is_present "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "${bold}Missing packages:$plain$missing"
    is_debian || fail "./go installs packages on Debian only, and this is \
$(system_name).
Install what these Debian packages hold, then come back."
    install_packages "$missing"
}

install_packages() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "Neither root nor sudo here. \
As root: apt-get install$1"
        as_root=sudo
    fi
    say "  ${as_root:+$as_root }apt-get install$1"
    apt_get update
    # shellcheck disable=SC2086 # a list of names
    apt_get install -y --no-install-recommends $1
    say ''
}

apt_get() {
    # shellcheck disable=SC2086 # nothing, or sudo
    quietly "$root/build/log/apt-$1" $as_root env \
        DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=300 \
        "$@" || fail "apt-get $1 failed. As root: apt-get install$missing"
}
