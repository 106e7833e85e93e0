# musl.cmake - toolchain: musl-gcc of Debian's musl-tools
#
# It looks for headers in musl's directory alone. Those of the kernel belong to
# no C library and lie beside glibc's: so a directory of links to them.

set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_ASM_COMPILER musl-gcc)

get_property(trying GLOBAL PROPERTY IN_TRY_COMPILE)
if(NOT trying)
    set(kernel ${CMAKE_BINARY_DIR}/kernel-headers)
    execute_process(COMMAND musl-gcc -print-multiarch
        OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE)
    file(MAKE_DIRECTORY ${kernel})
    foreach(name IN ITEMS linux asm-generic ${multiarch}/asm asm)
        get_filename_component(last ${name} NAME)
        if(EXISTS /usr/include/${name} AND NOT EXISTS ${kernel}/${last})
            file(CREATE_LINK /usr/include/${name} ${kernel}/${last} SYMBOLIC)
        endif()
    endforeach()
    set(CMAKE_C_FLAGS_INIT "-isystem ${kernel}")
endif()

# Nothing that was built for another C library is ours.
set(CMAKE_FIND_ROOT_PATH ${CMAKE_BINARY_DIR}/nothing)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
