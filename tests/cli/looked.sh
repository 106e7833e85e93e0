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
}

look_no_more() {
    look_status=0
    exec 9>&-
    wait "$pid" || look_status=$?
    pid=
    return "$look_status"
}
