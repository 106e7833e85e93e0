#!/bin/sh
#
# go - the front door: ./go demo shows Fermata, ./go test proves it
#
# A verb names the Debian packages that it needs, installs those that are
# missing, builds what it runs, and leaves whatever it made in build/.

set -eu
unset CDPATH
root=$(cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
from=$PWD
. "$root/tools/terminal.sh"
. "$root/tools/packages.sh"

to_build='gcc libc6-dev libc-ares-dev libidn2-dev libjansson-dev
    libnghttp2-dev libbrotli-dev libzstd-dev zlib1g-dev libpsl-dev
    libsqlite3-dev libxml2-dev libdw-dev libncurses-dev systemtap-sdt-dev
    cmake ninja-build'
to_test="$to_build g++ make pkg-config python3 libssl-dev openssl tmux"
to_check="$to_test clang-14 clang-19 libclang-rt-14-dev libclang-rt-19-dev
    clang-format-19 clang-tidy-19 cppcheck shellcheck valgrind libc6-dbg gdb
    musl-tools linux-libc-dev groff-base mandoc socat curl microsocks
    nginx-light tinyproxy-bin brotli zstd
    gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu
    libc6-dev-arm64-cross libc6-dev-riscv64-cross qemu-user
    python3-websockets node-ws python3-h2 nghttp2-client nghttp2-server
    python3-prometheus-client python3-venv debootstrap"
to_docs='python3 python3-venv'
to_soak="$to_test curl slowhttptest"
to_fuzz="$to_build clang-19 libclang-rt-19-dev"
to_coverage="$to_test clang-19 libclang-rt-19-dev llvm-19"
to_bench="$to_build libuv1-dev libst-dev libssl-dev node-llhttp openssl python3
    python3-venv strace nginx-light h2o nodejs nghttp2-client nghttp2-server
    libcurl4-openssl-dev"

help() {
    demo="${bold}./go demo$plain" test="${bold}./go test$plain"
    cat <<END
${bold}Fermata$plain: asyncio for C

  $demo [--stay]     two at once, 100,000 asleep, three programs on one loop
  $test [NAME]       every test, or those with NAME in their name

  ./go check [STAGE]     format, rules, analysers, sanitizers, every compiler
  ./go build [PRESET [PART]]   release, debug, asan, ...; all, or the examples
  ./go install [--prefix DIR]   headers, libraries, command; else in /usr/local
  ./go bench [NAME] [--json]    beside Go, Tokio, asyncio, libuv and bare limits
  ./go fuzz [TARGET] [--seconds N]   any bytes into each parser, by libFuzzer
  ./go sweep [--hours H] every fault, every cancel, seed after seed
  ./go soak [NAME]       the same work for hours: nothing may grow
  ./go coverage [NAME]   which lines, branches and conditions the tests run
  ./go docs              the site and the manual pages, in build/docs
  ./go amalgamate [DIR]  the library as one C file, in build/amalgamation

Missing Debian packages are named, then installed. The rest stays in build/.
END
}

# build PRESET [TARGET]: configure and compile build/PRESET, or a part of it
build() {
    mkdir -p build/log 2>/dev/null || true
    [ -w build/log ] || fail "Cannot write to build/, which belongs to \
$(stat -c %U build 2>/dev/null || stat -c %U .)."
    [ -z "$dim" ] || printf '%s' "${dim}building $1 ...$plain"
    build_began=$(now)
    quietly "build/log/configure-$1" \
        cmake --preset "$1" --log-level=WARNING || exit
    quietly "build/log/build-$1" cmake --build "build/$1" \
        --target "${2:-all}" -- --quiet || exit
    [ -z "$dim" ] || printf '\r'
    say "${dim}built $1 in $(since "$build_began") s$plain"
}

# show TITLE EXAMPLE [REMARK]: run it, and say how long it took
show() {
    say ''
    say "${bold}$1$plain $dim(examples/$2.c)$plain"
    show_began=$(now)
    "build/release/examples/$2" </dev/null ||
        fail "examples/$2 ended with status $?."
    say "${dim}took $(since "$show_began") s${3:-}$plain"
}

# show_three [--stay]: it draws on the terminal itself
show_three() {
    say ''
    say "${bold}A server, a crawler, a pipeline: one loop, one thread$plain \
$dim(examples/show)$plain"
    [ -x build/release/examples/show ] ||
        fail 'It takes the headers of SQLite and libxml2: libsqlite3-dev,
libxml2-dev, or what they are called here.'
    quietly build/log/site examples/site/make_site build/site || exit
    build/release/examples/show "$@" </dev/null
}

demo() {
    case $* in
    '' | --stay) ;;
    *) fail "./go demo [--stay], not \"$*\"." ;;
    esac
    need "$to_build"
    build release demo
    show 'One task after the other' sequential
    show 'Two tasks at once' kitchen ': as long as the longer one'
    show '100,000 tasks asleep at once' sleepers
    show_three "$@"
}

# run_tests [NAME] [OPTION...]: the tests of the release build
run_tests() {
    need "$to_test"
    build release
    say ''
    case ${1:-} in
    '' | -*) ;;
    *)
        name=$1
        shift
        set -- --filter "$name" "$@"
        ;;
    esac
    exec tools/runtests "$@" build/release
}

install() {
    prefix=/usr/local
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix=*) prefix=${1#*=} ;;
        --prefix)
            [ $# -gt 1 ] || fail 'Which directory? --prefix DIR'
            prefix=$2
            shift
            ;;
        *) fail "./go install [--prefix DIR], not \"$1\"." ;;
        esac
        shift
    done
    case $prefix in
    /*) ;;
    *) prefix=$from/$prefix ;;
    esac
    need "$to_build"
    build release installed
    quietly build/log/install cmake --install build/release \
        --prefix "$prefix" || fail "Nothing else was changed."
    say "installed in $prefix"
}

# The Go compiler has this script's name: never take one for the other.
no_gopher() {
    gopher=$(command -v go) || return 0
    [ "$(readlink -f "$gopher")" = "$root/go" ]
}

# What is said here goes to stderr: --json has stdout for itself.
bench() {
    {
        if no_gopher; then
            say 'No Go here: taking that of Debian, which is older.'
            to_bench="$to_bench golang-go"
        fi
        if ! command -v cargo >/dev/null; then
            say 'No Rust here: taking the newest that Debian has.'
            to_bench="$to_bench cargo-web"
        fi
        need "$to_bench"
        build release
    } >&2
    exec bench/run "$@"
}

# amalgamate [DIR]
amalgamate() {
    into=${1:-$root/build/amalgamation}
    case $into in
    /*) ;;
    *) into=$from/$into ;;
    esac
    tools/amalgamate "$into"
}

cd "$root"
verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
help | -h | --help) help ;;
demo) demo "$@" ;;
test) run_tests "$@" ;;
check)
    need "$to_check"
    exec tools/check "$@"
    ;;
build)
    need "$to_build"
    [ "${1:-}" != debug ] || need valgrind
    [ "${1:-}" != musl ] || need 'musl-tools linux-libc-dev'
    [ "${1:-}" != coverage ] || need "$to_coverage"
    [ "${1:-}" != fuzz ] || need "$to_fuzz"
    build "${1:-release}" "${2:-all}"
    ;;
install) install "$@" ;;
bench) bench "$@" ;;
fuzz)
    need "$to_fuzz"
    build fuzz
    exec tools/fuzz "$@" build/fuzz
    ;;
sweep)
    need "$to_test"
    build release
    exec tools/sweep "$@" build/release
    ;;
soak)
    need "$to_soak"
    export FERMATA_SOAK="${FERMATA_SOAK:-full}"
    run_tests "$@" --tag soak --timeout 86400
    ;;
coverage)
    need "$to_coverage"
    build coverage
    exec tools/coverage "$@"
    ;;
docs)
    need "$to_docs"
    exec tools/docs/site
    ;;
amalgamate) amalgamate "$@" ;;
*)
    help >&2
    fail "
./go knows no \"$verb\"."
    ;;
esac
