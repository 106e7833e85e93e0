/*
 * links_page.c - where a page leads, by libxml2's parser of HTML
 *
 * The parser is given pieces of one size, whatever comes: so what it finds
 * does not depend on how a page was cut. What is found is a row of texts, and
 * becomes URLs when somebody asks: a short link of a long base is small until
 * then, and a row is never longer than its page.
 */
#include <fermata/links.h>

#include "base/memory.h"
#include "proto/field.h"
#include "proto/link_text.h"
#include "proto/parameter.h"
#include "proto/start_tag.h"
#include "proto/utf8.h"

#include <errno.h>
#include <fermata/error.h>
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

enum {
    LINKS_PIECE = 4096,
    LINKS_CHARSET = 32,
    LINKS_LETTER = 16, /* bytes of one, in any alphabet, at most */
    LINKS_ROOM = 1024, /* of the first row */
    /* What stands in front of each text of the row: its kind, and these. */
    LINKS_NOFOLLOW = 0x20,
    LINKS_BASED = 0x40, /* relative to the base */
    LINKS_SET = 0x80    /* it is a srcset */
};

struct fm_links {
    htmlParserCtxtPtr parser;
    fm_url *page;
    fm_url *base; /* or NULL: that is the page, as yet or for ever */
    fm_url *url;  /* of the last link */
    char *row;
    size_t next; /* in the row */
    size_t size;
    size_t room;
    size_t set_end; /* of the srcset whose rest is next; 0: that is none */
    size_t read;
    size_t held;              /* in the piece */
    struct fm__start_tag tag; /* that has not ended */
    int rc;
    unsigned char flags; /* of the last text */
    bool wrong;
    bool nofollow;
    bool has_base;
    bool begun;
    bool ended;
    char charset[LINKS_CHARSET]; /* of the Content-Type, or "" */
    char piece[LINKS_PIECE];
};

/* ---- the row ------------------------------------------------------------- */

static bool links_grow(fm_links *links, size_t size)
{
    size_t room = links->room > 0 ? links->room : LINKS_ROOM;
    if (links->next == links->size)
        links->next = links->size = 0;
    while (room - links->size < size)
        room *= 2;
    if (room == links->room)
        return true;
    char *row = fm__memory_resize(links->row, room);
    if (row == NULL) {
        links->rc = -ENOMEM;
        return false;
    }
    links->row = row;
    links->room = room;
    return true;
}

static void links_push(fm_links *links, struct fm__slice text, unsigned flags)
{
    if (!links_grow(links, text.size + 2))
        return;
    flags |= links->base != NULL ? LINKS_BASED : 0;
    char *at = links->row + links->size;
    *at = (char)flags;
    memcpy(at + 1, text.at, text.size);
    at[1 + text.size] = '\0';
    links->size += text.size + 2;
}

/* The next image of the set whose turn it is; false: there is no more. */
static bool links_shift_image(fm_links *links, char **text)
{
    struct fm__slice image, rest;
    if (links->set_end == 0)
        return false;
    rest = (struct fm__slice){links->row + links->next,
                              links->set_end - links->next};
    if (!fm__link_candidate(&rest, &image)) {
        links->next = links->set_end + 1;
        links->set_end = 0;
        return false;
    }
    *text = links->row + (image.at - links->row);
    (*text)[image.size] = '\0'; /* on a blank, a comma or the end */
    links->next = (size_t)(rest.at - links->row);
    return true;
}

/* The next text, whose flags are then known; false: there is none. */
static bool links_shift(fm_links *links, char **text)
{
    while (!links_shift_image(links, text)) {
        if (links->next == links->size)
            return false;
        links->flags = (unsigned char)links->row[links->next++];
        size_t end = links->next + strlen(links->row + links->next);
        if ((links->flags & LINKS_SET) != 0) {
            links->set_end = end;
        } else {
            *text = links->row + links->next;
            links->next = end + 1;
            return true;
        }
    }
    return true;
}

/* ---- elements ------------------------------------------------------------ */

/* What an attribute has, also when that is nothing; NULL: there is none. */
static const char *links_attribute(const xmlChar **pairs, const char *name)
{
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2)
        if (strcmp((const char *)pairs[0], name) == 0)
            return pairs[1] != NULL ? (const char *)pairs[1] : "";
    return NULL;
}

static bool links_says(const xmlChar **pairs, const char *name,
                       const char *word)
{
    const char *words = links_attribute(pairs, name);
    return words != NULL &&
           fm__link_says(fm__slice_of(words), fm__slice_of(word));
}

/* The first that has a href is the base, and where that is no URL, or one that
 * nothing is relative to, none is (HTML, 4.2.3). */
static void links_base(fm_links *links, const xmlChar **pairs)
{
    const char *href = links_attribute(pairs, "href");
    fm_url *base;
    if (href == NULL || links->has_base)
        return;
    links->has_base = true;
    int rc = fm_url_parse(href, links->page, &base);
    if (rc == -ENOMEM)
        links->rc = rc;
    if (rc < 0)
        return;
    const char *scheme = fm_url_get(base, FM_URL_PROTOCOL);
    if (strcmp(scheme, "data:") == 0 || strcmp(scheme, "javascript:") == 0)
        fm_url_free(base);
    else
        links->base = base;
}

static void links_meta(fm_links *links, const xmlChar **pairs)
{
    struct fm__slice link;
    const char *content = links_attribute(pairs, "content");
    if (content == NULL)
        return;
    if (links_says(pairs, "http-equiv", "refresh") &&
        fm__link_refresh(fm__slice_of(content), &link))
        links_push(links, link, FM_LINK_REFRESH);
    if (links_says(pairs, "name", "robots") &&
        (links_says(pairs, "content", "nofollow") ||
         links_says(pairs, "content", "none")))
        links->nofollow = true;
}

static unsigned links_rel(const xmlChar **pairs)
{
    if (links_says(pairs, "rel", "canonical"))
        return FM_LINK_CANONICAL;
    if (links_says(pairs, "rel", "stylesheet"))
        return FM_LINK_STYLE;
    if (links_says(pairs, "rel", "icon") ||
        links_says(pairs, "rel", "apple-touch-icon"))
        return FM_LINK_IMAGE;
    return FM_LINK_OTHER;
}

static const struct links_place {
    char element[8];
    char attribute[8];
    unsigned flags;
} links_places[] = {
    {"a", "href", FM_LINK_ANCHOR},
    {"area", "href", FM_LINK_ANCHOR},
    {"audio", "src", FM_LINK_MEDIA},
    {"embed", "src", FM_LINK_FRAME},
    {"frame", "src", FM_LINK_FRAME},
    {"iframe", "src", FM_LINK_FRAME},
    {"img", "src", FM_LINK_IMAGE},
    {"img", "srcset", FM_LINK_IMAGE | LINKS_SET},
    {"input", "src", FM_LINK_IMAGE},
    {"link", "href", FM_LINK_OTHER},
    {"object", "data", FM_LINK_FRAME},
    {"script", "src", FM_LINK_SCRIPT},
    {"source", "src", FM_LINK_MEDIA},
    {"source", "srcset", FM_LINK_IMAGE | LINKS_SET},
    {"track", "src", FM_LINK_MEDIA},
    {"video", "poster", FM_LINK_IMAGE},
    {"video", "src", FM_LINK_MEDIA},
};

/* An anchor of nothing leads to its page; an image of nothing is none. */
static void links_place(fm_links *links, const struct links_place *place,
                        const xmlChar **pairs)
{
    unsigned flags = place->flags;
    const char *text = links_attribute(pairs, place->attribute);
    if (text == NULL || (text[0] == '\0' && flags != FM_LINK_ANCHOR))
        return;
    if (flags == FM_LINK_OTHER)
        flags = links_rel(pairs);
    if (links->nofollow || links_says(pairs, "rel", "nofollow"))
        flags |= LINKS_NOFOLLOW;
    links_push(links, fm__slice_of(text), flags);
}

static void links_element(void *arg, const xmlChar *name, const xmlChar **pairs)
{
    fm_links *links = arg;
    const char *element = (const char *)name;
    size_t count = 0;
    while (pairs != NULL && pairs[2 * count] != NULL)
        count++;
    links->tag = (struct fm__start_tag){0};
    if (links->rc == 0 &&
        (count > FM_LINKS_ATTRIBUTES || links->parser->nameNr > FM_LINKS_DEPTH))
        links->rc = -E2BIG;
    if (links->rc < 0)
        return;
    if (strcmp(element, "base") == 0)
        links_base(links, pairs);
    else if (strcmp(element, "meta") == 0)
        links_meta(links, pairs);
    for (size_t i = 0; i < FM__COUNT(links_places); i++)
        if (strcmp(element, links_places[i].element) == 0)
            links_place(links, &links_places[i], pairs);
}

/* ---- the parser ---------------------------------------------------------- */

static void links_hush(void *arg, const char *format, ...)
{
    (void)arg;
    (void)format;
}

/* In an alphabet, whatever the page says of itself. */
static void links_settle(const fm_links *links, xmlCharEncoding alphabet)
{
    htmlCtxtUseOptions(links->parser, HTML_PARSE_IGNORE_ENC);
    xmlSwitchEncoding(links->parser, alphabet);
}

/* Returns the bytes of a byte order mark. */
static size_t links_mark(const fm_links *links, struct fm__slice text)
{
    if (fm__slice_is(fm__slice_until(text, 3), FM__SLICE("\xef\xbb\xbf"))) {
        links_settle(links, XML_CHAR_ENCODING_UTF8);
        return 3;
    }
    text = fm__slice_until(text, 2);
    if (fm__slice_is(text, FM__SLICE("\xfe\xff")))
        links_settle(links, XML_CHAR_ENCODING_UTF16BE);
    else if (fm__slice_is(text, FM__SLICE("\xff\xfe")))
        links_settle(links, XML_CHAR_ENCODING_UTF16LE);
    else
        return 0;
    return 2;
}

/* That of the Content-Type; else the parser looks for a meta, and where there
 * is none takes the text for Latin 1, unless it is told UTF-8. */
static void links_choose(const fm_links *links, struct fm__slice text)
{
    struct fm__utf8 utf8 = {0};
    xmlCharEncodingHandlerPtr handler = NULL;
    if (xmlParseCharEncoding(links->charset) == XML_CHAR_ENCODING_UTF8) {
        links_settle(links, XML_CHAR_ENCODING_UTF8);
        return;
    }
    if (links->charset[0] != '\0')
        handler = xmlFindCharEncodingHandler(links->charset);
    if (handler != NULL) {
        htmlCtxtUseOptions(links->parser, HTML_PARSE_IGNORE_ENC);
        xmlSwitchToEncoding(links->parser, handler);
    } else if (fm__utf8_check(&utf8, text)) {
        xmlSwitchEncoding(links->parser, XML_CHAR_ENCODING_UTF8);
    }
}

/* Where what is held begins to be text. */
static size_t links_begin(fm_links *links)
{
    struct fm__slice text = {links->piece, links->held};
    if (links->begun)
        return 0;
    links->begun = true;
    size_t mark = links_mark(links, text);
    if (mark == 0)
        links_choose(links, text);
    return mark;
}

/* Bytes that are not of their alphabet are not read, nor those behind. From
 * there on every byte is a letter. */
static void links_mend(const fm_links *links)
{
    htmlParserCtxtPtr parser = links->parser;
    xmlParserInputBufferPtr input = parser->input->buf;
    size_t letter = links->ended ? 0 : LINKS_LETTER;
    if (input->encoder == NULL ||
        (input->error == 0 && xmlBufUse(input->raw) <= letter))
        return;
    input->error = parser->errNo = parser->disableSAX = 0;
    xmlSwitchToEncoding(parser,
                        xmlGetCharEncodingHandler(XML_CHAR_ENCODING_8859_1));
    htmlParseChunk(parser, NULL, 0, 0);
}

/* A start tag that the parser has not taken, behind its "<". */
static struct fm__slice links_pending(const fm_links *links)
{
    const htmlParserCtxt *parser = links->parser;
    struct fm__slice tag = {(const char *)parser->input->cur,
                            (size_t)(parser->input->end - parser->input->cur)};
    tag.size *= parser->instate == XML_PARSER_START_TAG;
    return fm__slice_after(tag, 1);
}

/* The parser waits for the end of a tag, and compares each of its attributes
 * with those before: one that has too many is not to get its end. Whether a
 * piece has ended inside of quotes it forgets: it is to look again. */
static void links_count(fm_links *links)
{
    struct fm__slice tag = links_pending(links);
    size_t before;
    do {
        before = tag.size;
        fm__start_tag_read(&links->tag, tag);
        bool ended = fm__start_tag_ended(&links->tag);
        if (links->rc == 0 && (links->tag.attributes > FM_LINKS_ATTRIBUTES ||
                               (before > FM_LINKS_TAG && !ended)))
            links->rc = -E2BIG;
        if (links->rc < 0 || !ended)
            return;
        links->tag = (struct fm__start_tag){0};
        links->parser->checkIndex = 0;
        htmlParseChunk(links->parser, NULL, 0, 0);
        tag = links_pending(links);
    } while (tag.size > 0 && tag.size < before);
}

static void links_parse(fm_links *links)
{
    size_t from = links_begin(links);
    htmlParseChunk(links->parser, links->piece + from,
                   (int)(links->held - from), 0);
    links_mend(links);
    links_count(links);
    if (links->ended && links->rc == 0)
        htmlParseChunk(links->parser, NULL, 0, 1);
    if (links->parser->errNo == XML_ERR_NO_MEMORY && links->rc == 0)
        links->rc = -ENOMEM;
    links->held = 0;
}

/* The program's own way to tell of errors is its own. */
static void links_parse_silently(fm_links *links)
{
    xmlGenericErrorFunc tell = xmlGenericError;
    void *arg = xmlGenericErrorContext;
    xmlSetGenericErrorFunc(NULL, links_hush);
    links_parse(links);
    xmlSetGenericErrorFunc(arg, tell);
}

int fm_links_feed(fm_links *links, const void *bytes, size_t size)
{
    const char *at = bytes;
    if (links == NULL)
        return 0;
    if (size == 0 && links->rc == 0 && !links->ended) {
        links->ended = true;
        links_parse_silently(links);
    }
    while (size > 0 && links->rc == 0 && !links->ended) {
        size_t room = LINKS_PIECE - links->held;
        size_t some = size < room ? size : room;
        if (links->read == FM_LINKS_LIMIT)
            return links->rc = -E2BIG;
        memcpy(links->piece + links->held, at, some);
        links->held += some;
        links->read += some;
        at += some;
        size -= some;
        if (links->held == LINKS_PIECE)
            links_parse_silently(links);
    }
    return links->rc;
}

/* ---- a page -------------------------------------------------------------- */

/* A page's type, and its charset if that may be the name of one. */
static int links_type(fm_links *links, const char *type)
{
    struct fm__parameter charset;
    struct fm__slice text = fm__slice_of(type);
    size_t end = fm__slice_find(text, ';');
    struct fm__slice name = fm__slice_trim(fm__slice_until(text, end));
    if (!fm__slice_like(name, FM__SLICE("text/html")) &&
        !fm__slice_like(name, FM__SLICE("application/xhtml+xml")))
        return -FM_EHTTPTYPE;
    if (fm__parameter_find(fm__slice_after(text, end), FM__SLICE("charset"),
                           &charset) > 0 &&
        charset.value.size < LINKS_CHARSET && fm__token_is(charset.value))
        memcpy(links->charset, charset.value.at, charset.value.size);
    return 0;
}

int fm__links_new(const char *url, const char *type, fm_links **out,
                  const fm_links_options *options)
{
    htmlSAXHandler handler = {.startElement = links_element};
    fm_links *links = fm__memory_new(sizeof *links);
    if (links == NULL)
        return -ENOMEM;
    links->wrong = options != NULL && options->wrong;
    int rc = type != NULL ? links_type(links, type) : 0;
    if (rc == 0)
        rc = fm_url_parse(url, NULL, &links->page);
    if (rc == 0) {
        links->parser = htmlCreatePushParserCtxt(&handler, links, NULL, 0, NULL,
                                                 XML_CHAR_ENCODING_NONE);
        rc = links->parser != NULL ? 0 : -ENOMEM;
    }
    if (rc < 0)
        fm_links_free(links);
    else
        *out = links;
    return rc == -ENAMETOOLONG ? -EINVAL : rc;
}

int fm_links_next(fm_links *links, fm_link *link)
{
    char *text;
    while (links != NULL && links_shift(links, &text)) {
        bool based = (links->flags & LINKS_BASED) != 0;
        fm_url_free(links->url);
        links->url = NULL;
        int rc =
            fm_url_parse(text, based ? links->base : links->page, &links->url);
        if (rc == -ENOMEM)
            return rc;
        *link = (fm_link){
            .url = links->url,
            .text = text,
            .kind = (fm_link_kind)(links->flags & (LINKS_NOFOLLOW - 1)),
            .nofollow = (links->flags & LINKS_NOFOLLOW) != 0,
        };
        if (rc == 0 || links->wrong)
            return 1;
    }
    return 0;
}

void fm_links_free(fm_links *links)
{
    if (links == NULL)
        return;
    htmlFreeParserCtxt(links->parser);
    fm_url_free(links->page);
    fm_url_free(links->base);
    fm_url_free(links->url);
    fm__memory_free(links->row);
    fm__memory_free(links);
}
