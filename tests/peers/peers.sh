# shellcheck shell=sh disable=SC2034,SC2154
# peers.sh - programs that serve while a test runs; sourced, after protocol.sh
#
# Invariant: what runs is in $running, the last one first, and ends with the
# test. Whoever waits, waits for what a program has said or done, for as long
# as it runs.

running=
# A path of a local socket has 107 bytes at most.
room=$(mktemp -d /tmp/fermata-XXXXXX) || exit
trap 'stop; rm -rf "$room"' EXIT

# run COMMAND...: its number is $newest, and what it says in $scratch/said.N
run() {
    started=$((${started:-0} + 1))
    said=$scratch/said.$started
    : >"$said"
    "$@" >"$said" 2>&1 </dev/null &
    newest=$!
    running="$newest $running"
}

# await COMMAND...: until that is true; or the newest has ended, which is false
await() {
    until "$@"; do
        if ! kill -0 "$newest" 2>/dev/null; then
            cat "$said"
            return 1
        fi
        sleep 0.05
    done
}

# starts SCRIPT COMMAND...: a server; the sed script finds where it listens in
# what it says, then $address is that
starts() {
    finds=$1
    shift
    run "$@"
    await says_where
}

says_where() {
    address=$(sed -n "$finds" "$said" | grep .)
}

# start COMMAND...: a server that says "listening on ADDRESS"
start() {
    starts 's/^listening on //p' "$@"
}

# Ends all that runs.
stop() {
    for number in $running; do
        kill "$number" 2>/dev/null
        wait "$number" 2>/dev/null
    done
    running=
}

# listens_at NUMBER: the first address on which that process listens, as the
# kernel tells it
listens_at() {
    for socket in $(find "/proc/$1/fd" -lname 'socket:*' -printf '%l ' \
        2>/dev/null | tr -cd '0-9 '); do
        port=$(awk -v socket="$socket" \
            '$10 == socket && $4 == "0A" { print substr($2, 10); exit }' \
            /proc/net/tcp)
        [ -z "$port" ] || { printf '127.0.0.1:%d\n' "0x$port"; return; }
    done
}

# starts_proxy COMMAND...: then $via is where it listens
starts_proxy() {
    run "$@"
    await says_via
}

says_via() {
    via=$(listens_at "$newest" | grep .)
}

# free_port: one that nobody has, but might have by the time that it is used
free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# starts_tinyproxy SETTINGS: it has to be told of a port
starts_tinyproxy() {
    for _ in 1 2 3 4 5; do
        printf 'Listen 127.0.0.1\nPort %d\nTimeout 60\nMaxClients 50\n%s\n' \
            "$(free_port)" "$1" >"$scratch/tinyproxy.conf"
        ! starts_proxy tinyproxy -d -c "$scratch/tinyproxy.conf" || return 0
    done
    return 1
}

# starts_nginx FILE: one process, whose settings of "http" are in that file,
# in which PORT is a port and ROOM/web may be a local socket; then $nginx is
# where that port is. It writes its number when it listens.
starts_nginx() {
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        nginx=127.0.0.1:$port
        rm -f "$room/nginx.pid" "$room/web"
        nginx_settings <"$1" >"$room/nginx.conf"
        run nginx -p "$room" -e stderr -c "$room/nginx.conf"
        ! await [ -s "$room/nginx.pid" ] || return 0
    done
    return 1
}

nginx_settings() {
    printf '%s;\n' 'daemon off' 'master_process off' "pid $room/nginx.pid" \
        'error_log stderr warn'
    printf 'events { worker_connections 500; }\nhttp {\naccess_log off;\n'
    for kind in client_body proxy fastcgi uwsgi scgi; do
        printf '%s_temp_path %s/%s;\n' "$kind" "$room" "$kind"
    done
    sed "s/PORT/$port/g; s:ROOM:$room:g"
    printf '}\n'
}

# python_with MODULE: $python is one that has it, which on Debian is the
# system's own
python_with() {
    for python in python3 /usr/bin/python3; do
        ! "$python" -c "import $1" 2>/dev/null || return 0
    done
    return 1
}

# get OPTION...: by curl, which waits long where the machine is slow
get() {
    curl -sS --max-time 300 --noproxy '*' "$@"
}

# sends OPTION...: what comes back is what was sent
sends() {
    get -o "$scratch/echoed" "$@" && cmp "$scratch/bytes" "$scratch/echoed"
}
