# flags.cmake - how our own code is compiled, and nobody else's
#
# Reads FERMATA_MACHINE, _SANITIZE, _FUZZER, _COVERAGE, _GLIBC, _DEFINITIONS;
# defines fermata_options(TARGET), and FERMATA_EXPORTED: what users' code needs.

include(CheckCCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

# fermata_accept(LIST FLAG...): add to LIST those that the compiler knows
function(fermata_accept list)
    foreach(flag IN LISTS ARGN)
        string(MAKE_C_IDENTIFIER "FERMATA_HAS${flag}" known)
        if(flag MATCHES "^LINKER:")
            check_linker_flag(C ${flag} ${known})
        else()
            check_c_compiler_flag(${flag} ${known})
        endif()
        if(${known})
            list(APPEND ${list} ${flag})
        endif()
    endforeach()
    set(${list} ${${list}} PARENT_SCOPE)
endfunction()

fermata_accept(FERMATA_WARNINGS -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes)
# Elsewhere sizes in struct msghdr are narrower, and CMSG_NXTHDR itself warns.
if(FERMATA_GLIBC)
    fermata_accept(FERMATA_WARNINGS -Wconversion)
endif()
list(APPEND FERMATA_WARNINGS -Werror=format-security)
fermata_accept(FERMATA_HARDENING -fstack-protector-strong
    -fcf-protection=full -ftrivial-auto-var-init=zero
    -fstrict-flex-arrays=3)
fermata_accept(FERMATA_SHARING -fno-semantic-interposition)
fermata_accept(FERMATA_ALIASING -fno-strict-aliasing)
# Not "full": the switch must not promise to keep a shadow stack.
fermata_accept(FERMATA_ASSEMBLING -fcf-protection=branch)
# Some compilers take it for other machines, and then complain.
if(FERMATA_MACHINE STREQUAL "aarch64")
    fermata_accept(FERMATA_HARDENING -mbranch-protection=standard)
    fermata_accept(FERMATA_ASSEMBLING -mbranch-protection=standard)
endif()
fermata_accept(FERMATA_LINKING LINKER:-z,relro LINKER:-z,now
    LINKER:-z,noexecstack)

# Without it in users' code a stack overflow there would be a corruption. For
# AArch64 gcc takes guards to have 64 KiB: where pages have 4, ours have 4.
fermata_accept(FERMATA_EXPORTED -fstack-clash-protection)
if(FERMATA_MACHINE STREQUAL "aarch64")
    fermata_accept(FERMATA_EXPORTED
        --param=stack-clash-protection-guard-size=12)
endif()
list(APPEND FERMATA_HARDENING ${FERMATA_EXPORTED})
# Backtraces need them, and gcc makes none for RISC-V.
fermata_accept(FERMATA_HARDENING -fasynchronous-unwind-tables)
string(JOIN " " FERMATA_EXPORTED_WORDS ${FERMATA_EXPORTED})

if(FERMATA_SANITIZE)
    set(sanitize -fsanitize=${FERMATA_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    list(APPEND FERMATA_HARDENING ${sanitize})
    list(APPEND FERMATA_LINKING ${sanitize})
    if(FERMATA_FUZZER)
        list(APPEND FERMATA_HARDENING -fsanitize=fuzzer-no-link)
    endif()
elseif(FERMATA_COVERAGE)
    # Clang's. What would count also in a process that is killed, the
    # continuous mode, knows no MC/DC in clang 19.
    list(APPEND FERMATA_HARDENING -fprofile-instr-generate -fcoverage-mapping
        -fcoverage-mcdc)
    list(APPEND FERMATA_LINKING -fprofile-instr-generate)
else()
    # glibc has this only in optimised code, and the sanitizers know better.
    set(fortify $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE
        -D_FORTIFY_SOURCE=3>)
endif()

# fermata_options(TARGET)
function(fermata_options target)
    set_target_properties(${target} PROPERTIES
        C_STANDARD 11
        C_EXTENSIONS ON
        C_VISIBILITY_PRESET hidden
        POSITION_INDEPENDENT_CODE ON)
    # Asserts stay in every build: a broken invariant must not run on. And
    # __FILE__ is src/..., wherever the tree lies.
    set(flags ${FERMATA_WARNINGS} ${FERMATA_HARDENING} ${fortify} -UNDEBUG
        -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
    target_compile_options(${target} PRIVATE
        "$<$<COMPILE_LANGUAGE:C>:${flags}>"
        "$<$<COMPILE_LANGUAGE:ASM>:${FERMATA_ASSEMBLING}>")
    target_compile_definitions(${target} PRIVATE ${FERMATA_DEFINITIONS})
    target_link_options(${target} PRIVATE ${FERMATA_LINKING})
    target_include_directories(${target} PRIVATE
        ${PROJECT_SOURCE_DIR}/src)
endfunction()
