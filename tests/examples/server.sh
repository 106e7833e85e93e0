# shellcheck shell=sh disable=SC2034,SC2154
# server.sh - a server that a test of an example talks to; sourced
#
#     start_server 's/^listening on //p' "$build/examples/echo" 127.0.0.1:0
#
# Ends with the test, by its number.

# start_server SED COMMAND...: wait until the sed script finds in its output
# where it listens, or it ended; then $address is that, $server its number
start_server() {
    server_finds=$1
    shift
    : >"$scratch/server"
    "$@" >"$scratch/server" 2>&1 &
    server=$!
    trap 'kill "$server" 2>/dev/null' EXIT
    until address=$(sed -n "$server_finds" "$scratch/server" | grep .); do
        if ! kill -0 "$server"; then
            cat "$scratch/server"
            break
        fi
        sleep 0.1
    done
}
