# machine.cmake - which of the machines that have assembly this is
#
# Sets FERMATA_MACHINE, or leaves it empty: then ucontext switches. The compiler
# is asked, for it alone knows what its flags make of it: -m32 and x32, the
# ILP32 of AArch64 and RISC-V without doubles are other machines.

include(CheckCSourceCompiles)

# fermata_machine(NAME CONDITION): it is NAME where the macros say so
function(fermata_machine name condition)
    check_c_source_compiles("
#if !(${condition})
#error another machine
#endif
int main(void) { return 0; }" FERMATA_IS_${name})
    if(FERMATA_IS_${name})
        set(FERMATA_MACHINE ${name} PARENT_SCOPE)
    endif()
endfunction()

set(FERMATA_MACHINE "")
fermata_machine(x86_64 "defined(__x86_64__) && defined(__LP64__)")
fermata_machine(aarch64 "defined(__aarch64__) && defined(__LP64__)")
fermata_machine(riscv64
    "defined(__riscv_float_abi_double) && __riscv_xlen == 64")
