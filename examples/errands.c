/*
 * errands.c - what tasks give back: a number, an error, something larger
 */
#include <fermata.h>
#include <stdio.h>

/* [price] */
struct ask_price {
    const char *item;
    double seconds;
    int cents;
};

/* Returns what the item costs, or -ENOENT where nobody sells it. */
static int ask_price(struct ask_price *args)
{
    int rc = fm_sleep(args->seconds);
    if (rc == 0)
        rc = args->cents > 0 ? args->cents : -ENOENT;
    if (rc < 0)
        printf("  %s: %s\n", args->item, fm_strerror(rc));
    return rc;
}
/* [/price] */

/* [one] */
static int buy_one(void)
{
    fm_task *flour = fm_go(ask_price, "flour", 0.1, 120);
    puts("asked");
    int cents = fm_await(flour);
    if (cents < 0)
        return cents;
    printf("flour is %d cents\n", cents);
    return 0;
}
/* [/one] */

/* [all] */
static int buy_all(void)
{
    fm_task *tasks[] = {
        fm_go(ask_price, "yeast", 0.2, 90),
        fm_go(ask_price, "salt", 0.1, 40),
    };
    int cents[2];
    int rc = fm_gather_array(tasks, 2, cents);
    if (rc == 0)
        printf("yeast is %d cents, salt is %d\n", cents[0], cents[1]);
    return rc;
}
/* [/all] */

/* [fail] */
/* The failure ends the other one too. */
static int buy_what_nobody_sells(void)
{
    int rc = fm_gather(fm_go(ask_price, "saffron", 0.1, .cents = 0),
                       fm_go(ask_price, "butter", 60, .cents = 250));
    printf("not all of it: %s\n", fm_strerror(rc));
    return rc == -ENOENT ? 0 : rc;
}
/* [/fail] */

/* [each] */
/* Here each has its own result, and none ends another. */
static int buy_what_there_is(void)
{
    fm_task *tasks[] = {
        fm_go(ask_price, "saffron", 0.1, .cents = 0),
        fm_go(ask_price, "butter", 0.2, .cents = 250),
    };
    int cents[2];
    int missing = fm_settle(tasks, 2, cents);
    printf("%d missing, butter is %d cents\n", missing, cents[1]);
    return 0;
}
/* [/each] */

/* [large] */
struct receipt {
    int cents;
    char shop[20];
};

struct pay {
    struct receipt *receipt; /* borrowed from whoever awaits this */
};

static int pay(struct pay *args)
{
    int rc = fm_sleep(0.1);
    if (rc == 0)
        *args->receipt = (struct receipt){.cents = 250, .shop = "the mill"};
    return rc;
}

static int pay_and_file(void)
{
    struct receipt receipt;
    int rc = fm_await(fm_go(pay, &receipt));
    if (rc == 0)
        printf("%d cents at %s\n", receipt.cents, receipt.shop);
    return rc;
}
/* [/large] */

/* [main] */
static int errands(void *arg)
{
    (void)arg;
    int rc = buy_one();
    if (rc == 0)
        rc = buy_all();
    if (rc == 0)
        rc = buy_what_nobody_sells();
    if (rc == 0)
        rc = buy_what_there_is();
    return rc == 0 ? pay_and_file() : rc;
}

int main(void)
{
    return fm_run(errands, NULL) < 0;
}
/* [/main] */
