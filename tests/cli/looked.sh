# shellcheck shell=sh disable=SC2034,SC2154
# looked.sh - a program that a test looks into; sourced
#
#     look_at "$build/tests/known_tree"
#
# Ends with the test, by its number.

pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null' EXIT
mkfifo "$scratch/input"

# look_at COMMAND...: it is $pid, and has said "ready" into $scratch/tells. It
# ends with its input, which is this shell's descriptor 9.
look_at() {
    : >"$scratch/tells" # what the one before has said
    "$@" <"$scratch/input" >"$scratch/tells" &
    pid=$!
    exec 9>"$scratch/input"
    until grep -q '^ready' "$scratch/tells"; do
        kill -0 "$pid" || return
        sleep 0.1
    done
    [ -n "${denied+asked}" ] || look_allowed
}

# $denied is why other processes may not be looked into, else nothing.
look_allowed() {
    denied=
    "$build/bin/fermata" ps "$pid" >/dev/null 2>"$scratch/why" || denied=$(
        grep -E 'sudo|SYS_PTRACE|sandbox' "$scratch/why"
    )
}

look_no_more() {
    look_status=0
    exec 9>&-
    wait "$pid" || look_status=$?
    pid=
    return "$look_status"
}

# looks NAME COMMAND...: where other processes may be looked into
looks() {
    if [ -z "$denied" ]; then
        check "$@"
    else
        skip "$1" "$denied"
    fi
}

# reads NAME COMMAND...: where they may, and what is told of them can be read
reads() {
    if command -v python3 >/dev/null; then
        looks "$@"
    else
        skip "$1" 'no python3'
    fi
}
