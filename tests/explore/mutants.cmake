# mutants.cmake - the subjects with a mistake each, which must be found
#
# A mutant is a source of the library with some lines changed as it is
# configured, linked before the library into the program of a subject. Whoever
# changes such lines is told to look after the mutant.

# fermata_edit(VARIABLE FROM TO): the lines of a text
function(fermata_edit variable from to)
    string(FIND "${${variable}}" "${from}" place)
    if(place EQUAL -1)
        message(FATAL_ERROR "These lines of a mutant are in its source no "
            "more; say in tests/explore/mutants.cmake what they are now:\n"
            "${from}")
    endif()
    string(REPLACE "${from}" "${to}" edited "${${variable}}")
    set(${variable} "${edited}" PARENT_SCOPE)
endfunction()

# fermata_edited(TARGET SUBJECT SOURCE TEXT): the program of test_SUBJECT.c,
# with TEXT in the place of SOURCE
function(fermata_edited target subject source text)
    set(copy ${PROJECT_BINARY_DIR}/mutants/${target}.c)
    file(GENERATE OUTPUT ${copy} CONTENT "#line 1 \"${source}\"\n${text}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    set_source_files_properties(${copy} PROPERTIES COMPILE_OPTIONS -w)
    fermata_explored(${target} ${copy})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${subject}_program>)
endfunction()

# fermata_mutant(NAME SUBJECT SOURCE FROM TO): build/.../tests/mutant_NAME
function(fermata_mutant name subject source from to)
    file(READ ${source} text)
    fermata_edit(text "${from}" "${to}")
    fermata_edited(mutant_${name} ${subject} ${source} "${text}")
endfunction()

foreach(subject IN ITEMS explore_channel explore_futures explore_mailbox
        explore_posts explore_ring explore_signals explore_workers)
    add_library(${subject}_program OBJECT tests/explore/test_${subject}.c)
    fermata_options(${subject}_program)
    target_link_libraries(${subject}_program PRIVATE explored)
endforeach()

# --- posts -----------------------------------------------------------------

fermata_mutant(sleeps_unseen explore_posts src/loop/loop_core.c
[[
    fm__loop_asleep(loop);
    if (!fm__loop_called(loop))
        return true;
    fm__loop_awake(loop);
    return false;
]] [[
    if (fm__loop_called(loop))
        return false;
    fm__loop_asleep(loop);
    return true;
]])

fermata_mutant(rings_first explore_posts src/loop/loop_core.c
[[
    void *head = fm__atomic_load_ptr(&loop->posted);
    do
        work->next = head;
    while (!fm__atomic_replace_ptr(&loop->posted, &head, work));
    fm__loop_ring(loop);
]] [[
    void *head = fm__atomic_load_ptr(&loop->posted);
    fm__loop_ring(loop);
    do
        work->next = head;
    while (!fm__atomic_replace_ptr(&loop->posted, &head, work));
]])

fermata_mutant(posts_blindly explore_posts src/loop/loop_core.c
[[
    do
        work->next = head;
    while (!fm__atomic_replace_ptr(&loop->posted, &head, work));
]] [[
    work->next = head;
    fm__atomic_swap_ptr(&loop->posted, work);
]])

fermata_mutant(takes_twice explore_posts src/loop/loop_core.c
[[
        newest = fm__atomic_swap_ptr(&loop->posted, NULL);
]] [[
        fm__atomic_swap_ptr(&loop->posted, NULL);
]])

fermata_mutant(newest_first explore_posts src/loop/loop_core.c
[[
    struct fm__work *oldest = NULL;
    while (newest != NULL) {
]] [[
    struct fm__work *oldest = newest;
    newest = NULL;
    while (newest != NULL) {
]])

# --- the mailbox -----------------------------------------------------------

fermata_mutant(asks_before_it_publishes explore_mailbox src/loop/mailbox.c
[[
    fm__atomic_swap(&slot->fn, (uint64_t)(uintptr_t)fn);
    if (fm__atomic_load(&mailbox->asleep) != 0 &&
]] [[
    bool asleep = fm__atomic_load(&mailbox->asleep) != 0;
    fm__atomic_swap(&slot->fn, (uint64_t)(uintptr_t)fn);
    if (asleep &&
]])

fermata_mutant(closes_on_who_rings explore_mailbox src/loop/mailbox.c
[[
    while (fm__atomic_load(&mailbox->inside) != 0)
        fm__thread_yield();
    fm__loop_finish(loop); /* what those inside have delivered */
]] [[
    fm__loop_finish(loop);
]])

fermata_mutant(looks_before_it_enters explore_mailbox src/loop/mailbox.c
[[
    fm__atomic_add(&mailbox->inside, 1);
    if (mailbox->forks == fm__atomic_load(&mailbox_forks) &&
        fm__atomic_load(&mailbox->tail) < MAILBOX_CLOSED)
        return mailbox->loop;
]] [[
    bool open = mailbox->forks == fm__atomic_load(&mailbox_forks) &&
                fm__atomic_load(&mailbox->tail) < MAILBOX_CLOSED;
    fm__atomic_add(&mailbox->inside, 1);
    if (open)
        return mailbox->loop;
]])

fermata_mutant(leaves_what_was_claimed explore_mailbox src/loop/mailbox.c
[[
    while (mailbox->head != tail) {
        if (!mailbox_run_next(mailbox))
            fm__thread_yield();
    }
]] [[
    while (mailbox->head != tail && mailbox_run_next(mailbox))
        ;
]])

fermata_mutant(claims_blindly explore_mailbox src/loop/mailbox.c
[[
    } while (!fm__atomic_replace(&mailbox->tail, &tail, tail + 1));
]] [[
    } while (false);
    fm__atomic_swap(&mailbox->tail, tail + 1);
]])

fermata_mutant(takes_room_for_none explore_mailbox src/loop/mailbox.c
[[
    int64_t waiting = (int64_t)(tail - fm__atomic_load(&mailbox->room));
]] [[
    uint64_t waiting = tail - fm__atomic_load(&mailbox->room);
]])

fermata_mutant(rings_before_it_leaves explore_mailbox src/loop/mailbox.c
[[
    fm__atomic_add(&mailbox->users, 0 - MAILBOX_SHARE);
    fm__loop_ring(loop);
]] [[
    fm__loop_ring(loop);
    fm__atomic_add(&mailbox->users, 0 - MAILBOX_SHARE);
]])

fermata_mutant(looks_no_more explore_mailbox src/loop/sim.c
[[
        if (fm__loop_called(loop))
            return 0;
]] [[
]])

# --- workers ---------------------------------------------------------------

fermata_mutant(withdraws_unlocked explore_workers src/loop/worker.c
[[
    fm__mutex_lock(&pool->lock);
    bool queued = call->state == FM__CALL_QUEUED;
]] [[
    bool queued = call->state == FM__CALL_QUEUED;
    fm__mutex_lock(&pool->lock);
]])

fermata_mutant(abandons_unlocked explore_workers src/loop/worker.c
[[
    fm__mutex_lock(&pool->lock);
    bool running = call->state == FM__CALL_RUNNING;
]] [[
    bool running = call->state == FM__CALL_RUNNING;
    fm__mutex_lock(&pool->lock);
]])

fermata_mutant(returns_unsaid explore_workers src/loop/worker.c
[[
    call->state = FM__CALL_RETURNED;
]] [[
]])

fermata_mutant(wakes_only_once explore_workers src/loop/worker.c
[[
        pool->waking = false;
]] [[
]])

fermata_mutant(trusts_its_condition explore_workers src/loop/worker.c
[[
    while (fm__list_empty(&pool->queue) && !pool->closing) {
]] [[
    if (fm__list_empty(&pool->queue) && !pool->closing) {
]])

# --- futures and channels --------------------------------------------------

fermata_mutant(answers_before_it_is_set explore_futures src/sync/future.c
[[
    return mine ? 0 : future_late(future);
]] [[
    (void)future_late;
    return mine ? 0 : -EALREADY;
]])

fermata_mutant(brings_without_a_share explore_futures src/sync/future.c
[[
    fm_future_get(future);
    future->work.run = future_arrive;
]] [[
    future->work.run = future_arrive;
]])

fermata_mutant(claims_a_future_blindly explore_futures src/sync/future.c
[[
    if (!fm__atomic_replace(&future->state, &open, FUTURE_CLAIMED))
        return false;
]] [[
    if (fm__atomic_load(&future->state) != open)
        return false;
    fm__atomic_store(&future->state, FUTURE_CLAIMED);
]])

fermata_mutant(cuts_who_was_served explore_channel src/sync/channel.c
[[
    if (waits)
        fm__wake(record, reason);
]] [[
    if (waits)
        fm__wake(record, reason);
    else
        waiter->result = reason;
]])

fermata_mutant(waits_without_the_lock explore_channel src/sync/channel.c
[[
    rc = channel_give_out(channel, item, &served);
    if (rc == -EAGAIN)
        fm__list_push(&channel->receivers, &self.link);
]] [[
    rc = channel_give_out(channel, item, &served);
    fm__mutex_unlock(&channel->lock);
    fm__mutex_lock(&channel->lock);
    if (rc == -EAGAIN)
        fm__list_push(&channel->receivers, &self.link);
]])

# --- signals ---------------------------------------------------------------

fermata_mutant(leaves_a_handler explore_signals src/loop/signals.c
[[
    while (fm__atomic_load(&signals_running) != 0)
        fm__thread_yield();
]] [[
]])

fermata_mutant(looks_for_signals_early explore_signals src/loop/signals.c
[[
    while (fm__atomic_load(&signals_running) != 0)
        fm__thread_yield();
    bool left = fm__atomic_swap(&entry->raised, 0) != 0;
]] [[
    bool left = fm__atomic_swap(&entry->raised, 0) != 0;
    while (fm__atomic_load(&signals_running) != 0)
        fm__thread_yield();
    fm__atomic_store(&entry->raised, 0);
]])

# --- a ring of two slots ---------------------------------------------------

file(READ src/loop/mailbox.c small)
fermata_edit(small "#define MAILBOX_STRIDE 64 " "#undef FM__MAILBOX_LIMIT
#define FM__MAILBOX_LIMIT 2
#define MAILBOX_STRIDE 1 ")
fermata_edited(test_explore_ring explore_ring src/loop/mailbox.c "${small}")

fermata_edit(small
[[
    fm__atomic_store_relaxed(&slot->fn, 0);
    if (++mailbox->head % MAILBOX_STRIDE == 0)
        fm__atomic_store(&mailbox->room, mailbox->head);
]] [[
    if (++mailbox->head % MAILBOX_STRIDE == 0)
        fm__atomic_store(&mailbox->room, mailbox->head);
    fm__atomic_store_relaxed(&slot->fn, 0);
]])
fermata_edited(mutant_makes_room_early explore_ring src/loop/mailbox.c
    "${small}")
