# shellcheck shell=sh disable=SC2034
# terminal.sh - how ./go and its helpers speak; sourced, never run
#
# Colours only on a terminal, time from a clock that nobody sets, and the
# noise of other tools in a file until it is wanted.

bold='' dim='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    escape=$(printf '\033')
    bold="${escape}[1m" dim="${escape}[2m"
    red="${escape}[31m" plain="${escape}[0m"
fi

say() {
    printf '%s\n' "$*"
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Hundredths of a second since the machine started.
now() {
    read -r now_uptime now_rest </proc/uptime
    printf '%s%s\n' "${now_uptime%.*}" "${now_uptime#*.}"
}

# since MOMENT: the seconds from then to now, as "12.34"
since() {
    since_span=$(($(now) - $1))
    printf '%d.%02d\n' $((since_span / 100)) $((since_span % 100))
}

# quietly LOG COMMAND...: run it, and show its output only if it fails
quietly() {
    quietly_log=$1
    shift
    mkdir -p "$(dirname "$quietly_log")"
    "$@" </dev/null >"$quietly_log" 2>&1 && return
    quietly_status=$?
    say "${red}failed${plain}: $*"
    tail -n 60 "$quietly_log" | sed 's/^/    /'
    say "    (all of it: ${quietly_log#"$root"/})"
    return "$quietly_status"
}
