/*
 * cookie_date.c - moments as cookies have them (RFC 6265bis, 5.1.1)
 *
 * A date is words in any order, of which the first that is a time, a day, a
 * month or a year counts as that; other words are passed over.
 */
#include "proto/cookie_date.h"

#include "proto/field.h"
#include "proto/http_date.h"

enum {
    COOKIE_FIRST_YEAR = 1601
};

struct cookie_date {
    bool has_time;
    int hour, minute, second;
    int day;   /* 0: none yet */
    int month; /* from 1; 0: none yet */
    int year;  /* below 0: none yet */
};

static bool cookie_is_delimiter(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value == 0x09 || (value >= 0x20 && value <= 0x2f) ||
           (value >= 0x3b && value <= 0x40) ||
           (value >= 0x5b && value <= 0x60) || (value >= 0x7b && value <= 0x7e);
}

static bool cookie_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes `least` to `most` digits from the word; -1: there are fewer, or one
 * more. */
static int cookie_number(struct fm__slice *word, size_t least, size_t most)
{
    int number = 0;
    size_t size = 0;
    while (size < most && cookie_is_digit(fm__slice_at(*word, size)))
        number = number * 10 + (word->at[size++] - '0');
    if (size < least || cookie_is_digit(fm__slice_at(*word, size)))
        return -1;
    *word = fm__slice_after(*word, size);
    return number;
}

static bool cookie_colon(struct fm__slice *word)
{
    bool found = fm__slice_at(*word, 0) == ':';
    *word = fm__slice_after(*word, 1);
    return found;
}

static bool cookie_time(struct cookie_date *date, struct fm__slice word)
{
    if (date->has_time)
        return false;
    int hour = cookie_number(&word, 1, 2);
    if (hour < 0 || !cookie_colon(&word))
        return false;
    int minute = cookie_number(&word, 1, 2);
    if (minute < 0 || !cookie_colon(&word))
        return false;
    int second = cookie_number(&word, 1, 2);
    if (second < 0)
        return false;
    date->has_time = true;
    date->hour = hour;
    date->minute = minute;
    date->second = second;
    return true;
}

static bool cookie_day(struct cookie_date *date, struct fm__slice word)
{
    int day = date->day == 0 ? cookie_number(&word, 1, 2) : -1;
    if (day < 0)
        return false;
    date->day = day > 0 ? day : 32; /* a day that no month has */
    return true;
}

static bool cookie_month(struct cookie_date *date, struct fm__slice word)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (date->month > 0 || word.size < 3)
        return false;
    for (int i = 0; i < 12; i++)
        if (fm__slice_like(fm__slice_until(word, 3),
                           (struct fm__slice){months + 3 * (size_t)i, 3}))
            date->month = i + 1;
    return date->month > 0;
}

static void cookie_year(struct cookie_date *date, struct fm__slice word)
{
    int year = date->year < 0 ? cookie_number(&word, 2, 4) : -1;
    if (year >= 0)
        date->year = year >= 100 ? year : year + (year >= 70 ? 1900 : 2000);
}

static void cookie_word(struct cookie_date *date, struct fm__slice word)
{
    if (!cookie_time(date, word) && !cookie_day(date, word) &&
        !cookie_month(date, word))
        cookie_year(date, word);
}

bool fm__cookie_date_read(struct fm__slice text, int64_t *seconds)
{
    struct cookie_date date = {.year = -1};
    int64_t midnight;
    while (text.size > 0) {
        size_t size = 0;
        while (size < text.size && !cookie_is_delimiter(text.at[size]))
            size++;
        if (size > 0)
            cookie_word(&date, fm__slice_until(text, size));
        text = fm__slice_after(text, size + 1);
    }
    if (!date.has_time || date.day == 0 || date.month == 0 ||
        date.year < COOKIE_FIRST_YEAR || date.hour > 23 || date.minute > 59 ||
        date.second > 59 ||
        !fm__date_day(date.year, date.month, date.day, &midnight))
        return false;
    *seconds =
        midnight + (int64_t)date.hour * 3600 + date.minute * 60 + date.second;
    return true;
}
