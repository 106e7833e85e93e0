/*
 * generator.c - values one after another, from a function that keeps its place
 */
#include <fermata.h>
#include <stdio.h>

/* [tree] */
struct node {
    const char *name;
    const struct node *left, *right;
};

static const struct node almond = {"almond", NULL, NULL};
static const struct node cherry = {"cherry", NULL, NULL};
static const struct node banana = {"banana", &almond, &cherry};
static const struct node lemon = {"lemon", NULL, NULL};
static const struct node elder = {"elder", &banana, &lemon};
/* [/tree] */

/* [walk] */
/* In order. A function that the generator calls may yield as well. */
static int walk(const struct node *node)
{
    if (node == NULL)
        return 0;
    int rc = walk(node->left);
    if (rc == 0)
        rc = fm_gen_yield(&node->name);
    if (rc == 0)
        rc = walk(node->right);
    return rc;
}

struct names {
    const struct node *root;
};

static int names(struct names *self)
{
    return walk(self->root);
}
/* [/walk] */

/* [all] */
static int print_all(void)
{
    const char *name;
    int rc;
    FM_GEN gen = fm_gen_go(names, &elder);
    while ((rc = fm_gen_next(gen, &name)) == 1)
        printf("%s\n", name);
    return rc;
}
/* [/all] */

/* [sensor] */
/* A generator may wait, and it may have something to put back in its place. */
static int readings(void)
{
    int rc = 0;
    printf("the sensor is on\n");
    for (int value = 20; rc == 0; value += 3) {
        rc = fm_sleep(0.1);
        if (rc == 0)
            rc = fm_gen_yield(&value);
    }
    printf("the sensor is off: %s\n", fm_strerror(rc));
    return rc;
}

static int wait_for_heat(void)
{
    int value, rc;
    FM_GEN gen = fm_gen_go(readings);
    while ((rc = fm_gen_next(gen, &value)) == 1) {
        printf("%d degrees\n", value);
        if (value > 25)
            return 0;
    }
    return rc;
}
/* [/sensor] */

/* [stages] */
/* One generator takes from another: so many at most. */
struct at_most {
    int count;
    const struct node *root;
};

static int at_most(struct at_most *self)
{
    const char *name;
    int rc = 1;
    FM_GEN from = fm_gen_go(names, self->root);
    for (int i = 0; rc >= 0 && i < self->count; i++) {
        rc = fm_gen_next(from, &name);
        if (rc != 1)
            break;
        rc = fm_gen_yield(&name);
    }
    return rc;
}
/* [/stages] */

static int print_two(void)
{
    const char *name;
    int rc;
    FM_GEN gen = fm_gen_go(at_most, 2, &elder);
    while ((rc = fm_gen_next(gen, &name)) == 1)
        printf("at most two: %s\n", name);
    return rc;
}

static int story(void *arg)
{
    (void)arg;
    int rc = print_all();
    if (rc == 0)
        rc = wait_for_heat();
    if (rc == 0)
        rc = print_two();
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
