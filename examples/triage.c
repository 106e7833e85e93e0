/*
 * triage.c - a queue of values, with an order of its own, until all is done
 */
#include <fermata.h>
#include <stdio.h>

/* [patients] */
struct patient {
    const char *name;
    int pain;
};

FM_QUEUE_OF(patients, struct patient);

static bool in_more_pain(const void *a, const void *b)
{
    const struct patient *one = a, *other = b;
    return one->pain > other->pain;
}
/* [/patients] */

/* [doctor] */
struct doctor {
    patients *waiting;
};

/* Until nobody will come any more. */
static int doctor(struct doctor *self)
{
    struct patient patient;
    int rc;
    while ((rc = patients_get(self->waiting, &patient)) == 0) {
        printf("the doctor sees %s\n", patient.name);
        rc = fm_sleep(0.1);
        patients_done(self->waiting);
        if (rc < 0)
            return rc;
    }
    return rc == -ESHUTDOWN ? 0 : rc;
}
/* [/doctor] */

/* [clinic] */
static int arrive(patients *waiting)
{
    int rc = patients_put(waiting, (struct patient){"Ida", 3});
    if (rc == 0)
        rc = patients_put(waiting, (struct patient){"Jan", 7});
    if (rc == 0)
        rc = patients_put(waiting, (struct patient){"Kim", 3});
    if (rc == 0)
        rc = patients_put(waiting, (struct patient){"Lea", 9});
    return rc;
}

static int clinic(void *arg)
{
    const fm_queue_options by_pain = {.before = in_more_pain};
    patients *waiting = patients_new(10, &by_pain);
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = arrive(waiting);
        if (rc == 0)
            rc = fm_group_go(g, doctor, waiting);
        if (rc == 0)
            rc = patients_join(waiting);
        printf("the waiting room is closed\n");
        patients_shutdown(waiting, rc < 0);
    }
    patients_free(waiting);
    return rc;
}
/* [/clinic] */

int main(void)
{
    return fm_run(clinic, NULL) < 0;
}
