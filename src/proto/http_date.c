/*
 * http_date.c - moments as HTTP writes them (RFC 9110, 5.6.7)
 *
 * The calendar is counted in days from the first of March of the year 0, so
 * that a leap day is the last of its year.
 */
#include "proto/http_date.h"

enum {
    HTTP_DAY = 86400,    /* seconds */
    HTTP_ERA = 146097,   /* days of 400 years */
    HTTP_EPOCH = 719468, /* the 1st of January 1970 */
    HTTP_LAST_YEAR = 9999,
    HTTP_HALF_CENTURY = 50
};

static const char http_months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char http_days[] = "ThuFriSatSunMonTueWed"; /* from 1970 on */

struct http_moment {
    int year;
    int month; /* from 1 */
    int day;
    int hour;
    int minute;
    int second;
};

static int64_t http_days_of(int year, int month, int day)
{
    int march = (month + 9) % 12; /* months since the last March */
    year -= month <= 2;
    int era_year = year % 400;
    int era_day = era_year * 365 + era_year / 4 - era_year / 100 +
                  (153 * march + 2) / 5 + day - 1;
    return (int64_t)(year / 400) * HTTP_ERA + era_day - HTTP_EPOCH;
}

static struct http_moment http_moment_of(int64_t seconds)
{
    int64_t days = seconds / HTTP_DAY;
    int left = (int)(seconds % HTTP_DAY);
    if (left < 0) {
        days--;
        left += HTTP_DAY;
    }
    days += HTTP_EPOCH;
    int era_day = (int)(days % HTTP_ERA);
    int era_year =
        (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
    int year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    int march = (5 * year_day + 2) / 153;
    int month = march < 10 ? march + 3 : march - 9;
    return (struct http_moment){
        .year = (int)(days / HTTP_ERA) * 400 + era_year + (month <= 2),
        .month = month,
        .day = year_day - (153 * march + 2) / 5 + 1,
        .hour = left / 3600,
        .minute = left / 60 % 60,
        .second = left % 60,
    };
}

static void http_write_number(char *out, int number, int digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

void fm__date_write(char *out, int64_t seconds)
{
    struct http_moment moment = http_moment_of(seconds);
    int64_t days = http_days_of(moment.year, moment.month, moment.day);
    int weekday = (int)((days % 7 + 7) % 7);
    memcpy(out, "Xxx, 00 Xxx 0000 00:00:00 GMT", FM__DATE_SIZE);
    memcpy(out, http_days + 3 * weekday, 3);
    http_write_number(out + 5, moment.day, 2);
    memcpy(out + 8, http_months + 3 * (moment.month - 1), 3);
    http_write_number(out + 12, moment.year, 4);
    http_write_number(out + 17, moment.hour, 2);
    http_write_number(out + 20, moment.minute, 2);
    http_write_number(out + 23, moment.second, 2);
}

/* So many digits; -1: there are not. A space may stand for the first one. */
static int http_number(const char *text, int digits, bool spaced)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (spaced && i == 0 && text[i] == ' ')
            continue;
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + text[i] - '0';
    }
    return number;
}

/* From 1; 0: it is none. */
static int http_month(const char *text)
{
    for (int i = 0; i < 12; i++)
        if (memcmp(http_months + 3 * i, text, 3) == 0)
            return i + 1;
    return 0;
}

static bool http_time(const char *text, struct http_moment *moment)
{
    moment->hour = http_number(text, 2, false);
    moment->minute = http_number(text + 3, 2, false);
    moment->second = http_number(text + 6, 2, false);
    return text[2] == ':' && text[5] == ':';
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool http_fixed(struct fm__slice text, struct http_moment *moment)
{
    const char *at = text.at;
    if (text.size != FM__DATE_SIZE || memcmp(at + 3, ", ", 2) != 0 ||
        at[7] != ' ' || at[11] != ' ' || at[16] != ' ' ||
        memcmp(at + 25, " GMT", 4) != 0)
        return false;
    moment->day = http_number(at + 5, 2, false);
    moment->month = http_month(at + 8);
    moment->year = http_number(at + 12, 4, false);
    return http_time(at + 17, moment);
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static bool http_850(struct fm__slice text, struct http_moment *moment)
{
    size_t comma = fm__slice_find(text, ',');
    text = fm__slice_after(text, comma);
    const char *at = text.at;
    if (comma < 6 || comma > 9 || text.size != 24 || at[1] != ' ' ||
        at[4] != '-' || at[8] != '-' || at[11] != ' ' ||
        memcmp(at + 20, " GMT", 4) != 0)
        return false;
    moment->day = http_number(at + 2, 2, false);
    moment->month = http_month(at + 5);
    moment->year = http_number(at + 9, 2, false);
    return http_time(at + 12, moment);
}

/* "Sun Nov  6 08:49:37 1994" */
static bool http_asctime(struct fm__slice text, struct http_moment *moment)
{
    const char *at = text.at;
    if (text.size != 24 || at[3] != ' ' || at[7] != ' ' || at[10] != ' ' ||
        at[19] != ' ')
        return false;
    moment->month = http_month(at + 4);
    moment->day = http_number(at + 8, 2, true);
    moment->year = http_number(at + 20, 4, false);
    return http_time(at + 11, moment);
}

static int http_century(int year, int64_t now)
{
    int present = http_moment_of(now).year;
    year += present / 100 * 100;
    return year > present + HTTP_HALF_CENTURY ? year - 100 : year;
}

static bool http_is_one(const struct http_moment *moment)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
    int year = moment->year;
    if (year < 1 || year > HTTP_LAST_YEAR || moment->month < 1 ||
        moment->day < 1 || moment->day > days[moment->month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (moment->month == 2 && moment->day == 29 && !leap)
        return false;
    /* 60 is a leap second. */
    return moment->hour >= 0 && moment->hour < 24 && moment->minute >= 0 &&
           moment->minute < 60 && moment->second >= 0 && moment->second <= 60;
}

bool fm__date_read(struct fm__slice text, int64_t now, int64_t *seconds)
{
    struct http_moment moment;
    if (http_850(text, &moment)) {
        if (moment.year >= 0)
            moment.year = http_century(moment.year, now);
    } else if (!http_fixed(text, &moment) && !http_asctime(text, &moment)) {
        return false;
    }
    if (!http_is_one(&moment))
        return false;
    int64_t days = http_days_of(moment.year, moment.month, moment.day);
    int64_t sum = days * HTTP_DAY + moment.hour * 3600 + moment.minute * 60 +
                  moment.second;
    /* The last leap second is in a year that cannot be written. */
    if (sum >= http_days_of(HTTP_LAST_YEAR + 1, 1, 1) * HTTP_DAY)
        return false;
    *seconds = sum;
    return true;
}

bool fm__date_day(int year, int month, int day, int64_t *seconds)
{
    const struct http_moment moment = {
        .year = year, .month = month, .day = day};
    if (month > 12 || !http_is_one(&moment))
        return false;
    *seconds = http_days_of(year, month, day) * HTTP_DAY;
    return true;
}
