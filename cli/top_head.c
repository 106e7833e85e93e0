/*
 * top_head.c - the program as a whole, and its loops
 *
 * Of few lines the first says the most.
 */
#include "top.h"

#include <string.h>

static void top_count_states(const fm_picture *picture,
                             size_t counts[TOP_STATES])
{
    memset(counts, 0, TOP_STATES * sizeof *counts);
    for (size_t i = 0; i < picture->task_count; i++) {
        const fm_picture_task *task = &picture->tasks[i];
        if ((int)task->state > TOP_ALL && (int)task->state < TOP_STATES)
            counts[task->state]++;
        counts[TOP_STUCK] += task->circle > 0;
        counts[TOP_CANCELLED] += task->cancelled;
    }
}

static const char *top_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* Something at the right end, where there is room. */
static void top_right_end(struct top_line *line, const char *text)
{
    size_t width = top_width(text);
    if (line->width + 2 + width > line->limit)
        return;
    top_pad(line, TOP_PLAIN, line->limit - width);
    top_put(line, TOP_FAINT, text);
}

static void top_title(const struct top *top, struct top_line *line)
{
    const struct top_look *look = top_last(top);
    const fm_picture *picture = look->picture;
    char text[TOP_WORDS], seen[TOP_NUMBER];
    top_put(line, TOP_STRONG, top_base(picture->program));
    if (picture->circles > 0 && line->limit < 60)
        top_put(line, TOP_RED, "  deadlock");
    top_format(line, TOP_PLAIN, "  pid %d  fermata %s", picture->pid,
               picture->version);
    snprintf(text, sizeof text, "watched for %s, every %gs, %.0fms each",
             top_span(look->moment - top->began, seen), top->view.interval,
             look->cost * 1000);
    top_right_end(line, text);
}

static void top_tasks_line(const struct top *top, struct top_line *line)
{
    const fm_picture *picture = top_picture(top);
    size_t counts[TOP_STATES];
    top_count_states(picture, counts);
    top_put(line, TOP_PLAIN, "tasks ");
    top_format(line, TOP_STRONG, "%zu", picture->task_count);
    for (int i = FM_TASK_RUNNING; i < TOP_STATES; i++) {
        if (counts[i] == 0 || i == TOP_STUCK)
            continue;
        top_format(line, TOP_FAINT, "  %s ", top_state(i));
        top_format(line, TOP_PLAIN, "%zu", counts[i]);
    }
    if (picture->skipped > 0)
        top_format(line, TOP_FAINT, "  unread %zu", picture->skipped);
    if (picture->circles > 0)
        top_format(line, TOP_RED, "  %u deadlock%s of %zu", picture->circles,
                   picture->circles == 1 ? "" : "s", counts[TOP_STUCK]);
}

static void top_memory_line(const struct top *top, struct top_line *line)
{
    const struct top_look *look = top_last(top);
    char text[TOP_NUMBER];
    if (look->memory >= 0) {
        top_put(line, TOP_FAINT, "memory ");
        top_format(line, TOP_PLAIN, "%siB  ",
                   top_size((double)look->memory, text));
    }
    if (look->descriptors >= 0) {
        top_put(line, TOP_FAINT, "descriptors ");
        top_format(line, TOP_PLAIN, "%lld  ", (long long)look->descriptors);
    }
    top_put(line, TOP_FAINT, "CPU ");
    top_format(line, TOP_PLAIN, "%s%%", top_percent(top->rates.program, text));
}

/* The task that holds a loop, or NULL. */
static const char *top_runner(const fm_picture *picture, size_t loop)
{
    for (size_t i = 0; i < picture->task_count; i++)
        if (picture->tasks[i].loop == loop &&
            picture->tasks[i].state == FM_TASK_RUNNING)
            return picture->tasks[i].name;
    return NULL;
}

static void top_loop_state(const fm_picture *picture, size_t place,
                           struct top_line *line)
{
    const fm_picture_loop *loop = &picture->loops[place];
    const char *name = top_runner(picture, place);
    if (loop->waiting) {
        top_put(line, TOP_FAINT, "  waits");
        return;
    }
    top_put(line, TOP_GREEN, "  runs ");
    if (name != NULL)
        top_put(line, TOP_PLAIN, name);
}

static void top_loop_line(const struct top *top, size_t place,
                          struct top_line *line)
{
    static const struct top_loop_rates unknown = {-1, -1, -1, -1};
    const fm_picture_loop *loop = &top_picture(top)->loops[place];
    const struct top_loop_rates *rates =
        place < TOP_LOOPS ? &top->rates.loops[place] : &unknown;
    char text[TOP_NUMBER];
    top_format(line, TOP_PLAIN, "%4zu  ", place + 1);
    top_field(line, TOP_PLAIN, loop->backend, 6);
    top_format(line, TOP_PLAIN, "%9d  %8zu", loop->thread, loop->alive);
    top_field(line, TOP_PLAIN, top_rate(rates->started, text), -11);
    top_field(line, TOP_PLAIN, top_rate(rates->turns, text), -9);
    top_field(line, TOP_PLAIN, top_rate(rates->polls, text), -9);
    top_field(line, TOP_PLAIN, top_percent(rates->cpu, text), -7);
    top_loop_state(top_picture(top), place, line);
}

static void top_loops_draw(const struct top *top, struct top_canvas *canvas,
                           size_t rows)
{
    size_t loops = top_picture(top)->loop_count;
    size_t shown = loops <= rows - 1 ? loops : rows - 2;
    top_put(top_canvas_next(canvas), TOP_FAINT,
            "LOOP  BACKEND  THREAD     TASKS  STARTED/s  TURNS/s  POLLS/s"
            "   CPU%");
    for (size_t i = 0; i < shown; i++)
        top_loop_line(top, i, top_canvas_next(canvas));
    if (shown < loops)
        top_format(top_canvas_next(canvas), TOP_FAINT, "      and %zu more",
                   loops - shown);
}

void top_head_draw(const struct top *top, struct top_canvas *canvas,
                   size_t rows)
{
    top_title(top, top_canvas_next(canvas));
    if (rows > 1)
        top_tasks_line(top, top_canvas_next(canvas));
    if (rows > 2)
        top_memory_line(top, top_canvas_next(canvas));
    if (rows > 4)
        top_loops_draw(top, canvas, rows - 3);
}
