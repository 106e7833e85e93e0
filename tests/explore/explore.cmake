# explore.cmake - the library with the explorer in its doors, and its tests
#
# All of the library is compiled once more, with FM__EXPLORE: base/atomic.h
# then asks the explorer before each operation. The other doors are functions,
# and whoever calls one of these gets __wrap_ of it, by the linker.

set(FERMATA_EXPLORED_DOORS
    die memory_free sys_unmap sys_clock sys_event sys_close sys_event_ring
    sys_epoll_wait sys_poll
    thread_start thread_join thread_detach thread_name thread_yield thread_cpus
    mutex_init mutex_fini mutex_lock mutex_unlock
    condition_init condition_fini condition_wait condition_wake_one
    condition_wake_all overflow_open overflow_close sys_raise)

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
target_link_options(explored INTERFACE ${wraps}
    LINKER:--wrap=pthread_attr_getstack LINKER:--wrap=__assert_fail)

# fermata_explored(TARGET SOURCE...): build/PRESET/tests/TARGET
function(fermata_explored target)
    add_executable(${target} ${ARGN})
    fermata_options(${target})
    target_link_libraries(${target} PRIVATE explored)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

# fermata_explore(NAME [BACKENDS b...]): tests/explore/test_NAME.c, on the
# worlds that open fast enough for thousands of schedules
function(fermata_explore name)
    fermata_explored(test_${name} tests/explore/test_${name}.c)
    fermata_run(explore/test_${name}
        "${FERMATA_EMULATOR}${PROJECT_BINARY_DIR}/tests/test_${name}"
        TAGS sweep schedules ${ARGN})
endfunction()

fermata_explore(explorer)
fermata_explore(explore_channel BACKENDS epoll sim)
fermata_explore(explore_futures BACKENDS epoll sim)
fermata_explore(explore_mailbox BACKENDS epoll sim)
fermata_explore(explore_posts BACKENDS epoll sim)
fermata_explore(explore_signals BACKENDS epoll sim)
fermata_explore(explore_tasks BACKENDS epoll sim)
fermata_explore(explore_visits BACKENDS epoll sim)
fermata_explore(explore_workers BACKENDS epoll sim)

include(tests/explore/mutants.cmake)
fermata_run(explore/test_explore_ring
    "${FERMATA_EMULATOR}${PROJECT_BINARY_DIR}/tests/test_explore_ring"
    BACKENDS epoll TAGS sweep schedules)
fermata_test(explore/test_mutants)
