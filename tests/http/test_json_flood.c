/*
 * test_json_flood.c - names that are made to collide cost no more than others
 *
 * Jansson hashes names by lookup3 of Bob Jenkins (in the public domain), which
 * begins with a seed. Who knows the seed makes as many names of one hash as he
 * likes: the state after a first block of 12 bytes is whatever the block makes
 * it, and a second block takes it to where he wants it. A few such pairs, one
 * behind the other, make many names: those below were found by trying. In a
 * table of these, each name is compared with all before it: 100,000 of them
 * would take a minute. So the two runs are told apart by far, however loaded
 * the machine is, and what is compared is the processor's time and not the
 * clock's.
 */
#include "harness.h"
#include "http/json_value.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CHOICES = 18, /* pairs of blocks at each of the PLACES */
    PLACES = 4,   /* 18^4 = 104,976 names */
    PAIR = 24,
    NAME = PLACES * PAIR,
    NAMES = 100000
};

#define FLOOD_SEED 1 /* that somebody has guessed */

/* Whichever is taken of a line, the state behind it is the same. */
static const char flood_pairs[PLACES][CHOICES][PAIR + 1] = {
    {
        "nfembapecgpmnfighafobjig",
        "pekkjiaonejm,-Pv^p{Q2Kw ",
        "ajgncjgmidforp&$){B(~-3X",
        "kehllnbaknogMr=EQ|--jwt[",
        "elgaodeccihlw]'/r8'n^A<b",
        "amfheelllbjj{qC-V~Zyh%o4",
        "apekimkljalahVg`.[VuXwXU",
        "omgjcjppopjdQ3><Y;b-$pPs",
        "akmjplbpgamlgF6~;)4(r$7|",
        "hifbfcjmfjfklE)0.N7Qw-:3",
        "nbcghlhheefhYxdg)^T.3CvZ",
        "adgonhcglllnqv;Y@$byF@@e",
        "bhjnnfndhiikwcyyNP'\?i~H~",
        "kdnpbehngnke_(%`qy5gHg08",
        "ojdmakpddglpZ!jVmCvSO_S'",
        "idobdkpdhijax>}3143<GKdD",
        "flkhpdnfnlahKg)+U22kbO&U",
        "fipaiodgihkeNc(|q^9|{MLO",
    },
    {
        "omicpnioidpalplnnlppkhnd",
        "fcacmabnlmgg92D[7IxKlVN6",
        "iphonjjadpakFQN2@r__'l{(",
        "fhdapdaajinp_UmP:SUWsI@P",
        "lacngalibmapaZe!Bf+=<jgc",
        "pdeeagbpimaftSt2<5JDNU1'",
        "dkhmimdoajfo3X)=H!\?ZRXO/",
        "fffopdhkikaiewuK[EC$nlkY",
        "cndanaeddajh<&/_\?'[Xz!NC",
        "phpaffjhncfcb%D7f:>x`bVG",
        "hkakfdbkbgfah*%m6',A-Z$!",
        "phlgfjlppjlbYei57VqGqbxF",
        "lighbhpegkehR;`/#!}[4^fE",
        "mdgjbngabogbRhB^x6Af,9F=",
        "ckfojddkfllk=ET~w;Vx(J3m",
        "lipkodggikam{9''kS9~Kl6a",
        "hhaefbjkfplpY6t:M,jMAsXo",
        "fpdmcokednlk#{uFA_/>] $D",
    },
    {
        "majddiidjopacedhdbbhfbpd",
        "opdjblphehlh9w9sN}E1dMIU",
        "oncomnfamipk*5FN/9@]vM;)",
        "lkdiophgihaf0SXLL@z D--{",
        "ipngcjhckfljASvxYbNwuI|O",
        "dkmbidogmbhize'l,$9F$ V ",
        "oadeacdcnnmhB3Z,#\?Hlf!db",
        "jfcgbbaiccmc&Yw~wsa>*j>E",
        "niaenjogalcohk+xPm&&fIBv",
        "djbfkjbkcbokc;Je3fDC. KV",
        "hccfppnbmnfg~im@&R}y~5R9",
        "eobjcnjnodij}bD7KH8o.nOI",
        "fdegnjbajeahGjS4uj<PHW6l",
        "ogimeabfijhkBy(kGMD8Ahbg",
        "nldbflgibpgl}cDr~S-6Q$6y",
        "fhpbciogbjlabSfUeK yj&Rg",
        "mihlobpdmcehg2k`=dvnM'3S",
        "afgelmlhcjgfs@NWa:3VCV#e",
    },
    {
        "jjfnkppokmpaopdibahmfboe",
        "jghkbonmjeggzK:lyPw20)7V",
        "egffjpdfcgoayEY=lpz{8jj~",
        "nbmbkfdbjenjG2d6.U!L-lUb",
        "ihjpifkioajf[<q~Vd=6cl14",
        "mdmimmdoeiap>LVLAQZ5)iM}",
        "nmdejkhefkdb{d(C|4 Xy=G=",
        "bbbncghhmhomzB|OjSlYa^y*",
        "gmlmomdfiifg`#>,V~].FhEt",
        "fgmbhlpanlhb1zQ\?.a/n[guU",
        "jflccilfcpmi/0JhrelJS4;I",
        "hnniiejahkcaX}60sY#_1Ryx",
        "injkedengaohn5HuqC82v@F;",
        "iebmjegongpjL{-{SeT0o:3J",
        "ogmekdbaaoljvLUIb=1tI!=Z",
        "ckonjkcmgjfmV#4@lEszy&9U",
        "boofceldimdf!mSO[fm[oC-i",
        "ljpgilmomphbgh.lPlx/|w<6",
    },
};

static char *put_name(char *at, const char *name)
{
    *at++ = '"';
    memcpy(at, name, NAME);
    at += NAME;
    memcpy(at, "\":1,", 4);
    return at + 4;
}

static struct fm__slice object_end(char *start, char *at)
{
    at[-1] = '}'; /* where a comma was */
    return (struct fm__slice){start, (size_t)(at - start)};
}

static struct fm__slice flood(char *start, size_t count)
{
    char name[NAME], *at = start;
    *at++ = '{';
    for (size_t i = 0; i < count; i++) {
        size_t rest = i;
        for (int place = 0; place < PLACES; place++, rest /= CHOICES)
            memcpy(name + place * PAIR, flood_pairs[place][rest % CHOICES],
                   PAIR);
        at = put_name(at, name);
    }
    return object_end(start, at);
}

/* As many of the same size, made of dice. */
static struct fm__slice crowd(char *start, size_t count)
{
    uint64_t random = 7;
    char name[NAME], *at = start;
    *at++ = '{';
    for (size_t i = 0; i < count; i++) {
        for (int byte = 0; byte < NAME; byte += 8)
            snprintf(name + byte, 8, "%07llx",
                     (unsigned long long)(test_random(&random) & 0xfffffff));
        for (int byte = 7; byte < NAME; byte += 8)
            name[byte] = '-';
        at = put_name(at, name);
    }
    return object_end(start, at);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The best of three: what others do to the caches can only add. Where each step
 * is dear, one has to do. */
static double cost(struct fm__slice text, size_t count)
{
    double best = 1e9;
    for (int i = 0; i < (test_under_valgrind() ? 1 : 3); i++) {
        char why[FM__JSON_WHY];
        json_t *json = NULL;
        double began = seconds();
        CHECK_INT(fm__json_read(text, &json, why), 0);
        double took = seconds() - began;
        CHECK_INT(json_object_size(json), count);
        best = took < best ? took : best;
        fm__json_free(json);
    }
    return best;
}

static char text[2 + (size_t)NAMES * (NAME + 5)];

/* What the names do where the seed is known; else they would prove nothing. It
 * is set once in a process, so this one is a child's, and comes first. */
static void known_seed(void *arg)
{
    size_t count = *(size_t *)arg;
    json_object_seed(FLOOD_SEED);
    double honest = cost(crowd(text, count), count);
    double hostile = cost(flood(text, count), count);
    printf("%.4f s, where others take %.4f s\n", hostile, honest);
    fflush(stdout);
    if (hostile < 3 * honest)
        abort();
}

TEST(the_same_names_cost_far_more_where_the_seed_is_known)
{
    char output[256];
    size_t count = 8000;
    int status = test_child(known_seed, &count, output, sizeof output);
    if (status != 0)
        test_fail(__FILE__, __LINE__, "%s", output);
}

TEST(a_hundred_thousand_colliding_names_cost_what_others_do)
{
    size_t count = test_many(NAMES);
    double honest = cost(crowd(text, count), count);
    double hostile = cost(flood(text, count), count);
    if (hostile > 4 * honest)
        test_fail(__FILE__, __LINE__, "%.3f s, where others take %.3f s",
                  hostile, honest);
}
