# shellcheck shell=sh disable=SC2154
# one_file.sh - the library in one file, and programs with it; sourced
#
#     compiles NAME gcc -O2        # fermata.c, as NAME
#     prints NAME kitchen gcc      # an example with it, on the simulator
#
# The two files lie where a path has spaces, and alone.

two="$scratch/two files"
strict='-std=c11 -Wall -Wextra -Wpedantic -Werror'

makes_two_files() {
    "$root/tools/amalgamate" "$two" && [ "$(ls "$two")" = 'fermata.c
fermata.h' ]
}

# compiles NAME COMPILER...: strictly, from a directory that is not its own
compiles() {
    compiles_in=$scratch/$1
    shift
    mkdir -p "$compiles_in"
    # shellcheck disable=SC2086 # a list of flags
    (cd / && "$@" $strict -c "$two/fermata.c" -o "$compiles_in/fermata.o")
}

# links NAME EXAMPLE COMPILER...: into NAME/EXAMPLE
links() {
    links_in=$scratch/$1 links_example=$2
    shift 2
    "$@" -I "$two" "$root/examples/$links_example.c" \
        "$links_in/fermata.o" -o "$links_in/$links_example" -pthread
}

# prints NAME EXAMPLE COMPILER...: what tests/examples says, run by $runner
prints() {
    links "$@" || return
    # shellcheck disable=SC2086 # a command and its options
    FERMATA_BACKEND=sim ${runner-} "$scratch/$1/$2" >"$scratch/$1/$2.out" &&
        diff -u "$root/tests/examples/$2.out" "$scratch/$1/$2.out"
}
