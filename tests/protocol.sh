# shellcheck shell=sh disable=SC2034
# protocol.sh - a test in shell: what it says, and how it sums up; sourced
#
#     . "$(dirname "$0")/../protocol.sh"
#     check the_promise_in_words  command that must succeed
#     finish

passed=0 failed=0 skipped=0
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
build=$(cd -- "${1:-$root/build/release}" && pwd) || exit
scratch=$build/tests/scratch/$(basename "$0").${FERMATA_BACKEND:-any}
rm -rf "$scratch"
mkdir -p "$scratch"

ok() {
    passed=$((passed + 1))
    echo "ok $1"
}

# wrong NAME REASON
wrong() {
    failed=$((failed + 1))
    echo "FAIL $1: $2"
}

# skip NAME REASON
skip() {
    skipped=$((skipped + 1))
    echo "skip $1: $2"
}

# check NAME COMMAND...: its output is shown only if it fails
check() {
    check_name=$1
    shift
    if "$@" </dev/null >"$scratch/output" 2>&1; then
        ok "$check_name"
    else
        wrong "$check_name" "status $? from: $*"
        cat "$scratch/output"
    fi
}

# cached NAME: what the build was configured with
cached() {
    sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

finish() {
    [ "$failed" -ne 0 ] || rm -rf "$scratch"
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
    exit
}
