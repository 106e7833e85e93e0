# explore.cmake - the library with the explorer in its doors, and its tests
#
# All of the library is compiled once more, with FM__EXPLORE: base/atomic.h
# then asks the explorer before each operation. The other doors are functions,
# and whoever calls one of these gets __wrap_ of it, by the linker.

set(FERMATA_EXPLORED_DOORS
    die memory_free sys_unmap sys_clock sys_event sys_close sys_write
    sys_epoll_wait sys_poll
    thread_start thread_join thread_detach thread_name thread_yield thread_cpus
    mutex_init mutex_fini mutex_lock mutex_unlock
    condition_init condition_fini condition_wait condition_wake_one
    condition_wake_all)

add_library(explored STATIC ${FERMATA_SOURCES} tests/harness.c
    tests/explore/explore.c tests/explore/explore_doors.c
    tests/explore/explore_gone.c tests/explore/explore_locks.c
    tests/explore/explore_thread.c)
fermata_options(explored)
target_compile_definitions(explored PUBLIC FM__EXPLORE)
target_include_directories(explored PUBLIC include tests tests/explore)
target_link_libraries(explored PUBLIC Threads::Threads)
list(TRANSFORM FERMATA_EXPLORED_DOORS PREPEND LINKER:--wrap=fm__
    OUTPUT_VARIABLE wraps)
target_link_options(explored INTERFACE ${wraps})

# fermata_explore(NAME SOURCE...): tests/explore/test_NAME.c and SOURCE...
function(fermata_explore target)
    add_executable(${target} ${ARGN})
    fermata_options(${target})
    target_link_libraries(${target} PRIVATE explored)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

fermata_explore(test_explorer tests/explore/test_explorer.c)
fermata_run(explore/test_explorer ${PROJECT_BINARY_DIR}/tests/test_explorer)

# Each on the worlds that open fast enough for thousands of schedules.
foreach(subject IN ITEMS posts)
    fermata_explore(test_explore_${subject}
        tests/explore/test_explore_${subject}.c)
    fermata_run(explore/test_explore_${subject}
        ${PROJECT_BINARY_DIR}/tests/test_explore_${subject}
        BACKENDS epoll sim TAGS sweep)
endforeach()
