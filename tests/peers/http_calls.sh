# shellcheck shell=sh disable=SC2034,SC2154
# http_calls.sh - our client of HTTP, and what it shall hear; sourced, after
# peers.sh

keys=$scratch/keys
peers=$root/tests/peers

# call OPTION... PATH: our client; $answer is what it says
call() {
    "$build/tests/http_call" "$@" >"$scratch/answer"
    status=$?
    cat "$scratch/answer"
    return $status
}

# says STATUS [CONNECTIONS]: so did the last answer
says() {
    [ "$(sed 's/ .*//; q' "$scratch/answer")" = "$1" ] &&
        { [ $# -eq 1 ] || [ "$(sed -n '$p' "$scratch/answer")" = "$2" ]; }
}

# fails TEXT OPTION...: and says so
fails() {
    text=$1
    shift
    ! call "$@" && grep -q "$text" "$scratch/answer"
}

# echoed OPTION... URL: what was sent has come back
echoed() {
    call -b "$scratch/bytes" -o "$scratch/echoed" "$@" && says 200 &&
        cmp "$scratch/bytes" "$scratch/echoed"
}

# got OPTION... URL: the file that a server has
got() {
    call -o "$scratch/echoed" "$@" && says 200 &&
        cmp "$scratch/bytes" "$scratch/echoed"
}

# web_settings [ssl]: it serves files, and keeps what is put
web_settings() {
    cat <<END
gzip on;
gzip_types *;
keepalive_timeout 3600s;
server {
    listen 127.0.0.1:PORT $1;
    listen unix:ROOM/web;
    ssl_certificate $keys/server.pem;
    ssl_certificate_key $keys/server.key;
    absolute_redirect off;
    client_max_body_size 8m;
    root $scratch/files;
    location /few/ { alias $scratch/files/; keepalive_requests 3; }
    location /chunks/ {
        alias $scratch/files/;
        sub_filter 'words that are not there' '';
        sub_filter_types *;
    }
    location /moved/ { return 301 /bytes; }
    location /there/ { return 307 http://127.0.0.1:PORT/moved/; }
    location /nothing/ { return 204; }
    location /put/ { dav_methods PUT DELETE; create_full_put_path on; }
}
END
}

mkdir -p "$keys" "$scratch/files"
head -c 300000 /dev/urandom >"$scratch/bytes"
cp "$scratch/bytes" "$scratch/files/bytes"
"$build/tests/certify" "$keys"
