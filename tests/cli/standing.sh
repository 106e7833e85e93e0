# shellcheck shell=sh disable=SC2034,SC2154
# standing.sh - how standing.c is compiled and begun; sourced

cc=$(cached CMAKE_C_COMPILER)
source=$root/tests/cli/standing.c
. "$(dirname "$0")/looked.sh"

# stand_built HOW FLAG...: $scratch/standing, linked with the library that is
# static or shared
stand_built() {
    stand_how=$1
    shift
    # shellcheck disable=SC2046 # a list of flags
    case $stand_how in
    static)
        "$cc" -D_GNU_SOURCE -I"$root/include" "$@" "$source" \
            -o "$scratch/standing" "$build/libfermata.a" \
            $(sed -n 's/^Libs.private: //p' "$build/fermata.pc") -pthread
        ;;
    shared)
        "$cc" -D_GNU_SOURCE -I"$root/include" "$@" "$source" \
            -o "$scratch/standing" "$build/libfermata.so" \
            -Wl,-rpath,"$build" -pthread
        ;;
    esac
}

# bank_built FLAG...: $scratch/bank, of the program in the guide; compiled where
# its name is short, as there
bank_built() {
    stand_block 1 c >"$scratch/bank.c"
    echo '#include <sys/prctl.h>
__attribute__((constructor)) static void allow(void)
{
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
}' >"$scratch/allow.c"
    (
        cd "$scratch" || exit
        # shellcheck disable=SC2046 # a list of flags
        "$cc" "$@" -I"$root/include" bank.c allow.c -o bank \
            "$build/libfermata.a" \
            $(sed -n 's/^Libs.private: //p' "$build/fermata.pc") -pthread
    )
}

# stand_block N LANGUAGE: of the page about all this
stand_block() {
    awk -v n="$1" -v fence="\`\`\`$2" '
        $0 == fence { seen++; inside = seen == n; next }
        /^```/ { inside = 0 }
        inside' "$root/docs/guide/59-stacks.md"
}
