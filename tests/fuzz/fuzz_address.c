/*
 * fuzz_address.c - any text is an address or none, and one is written as read
 */
#include "fuzz.h"

#include <fermata/address.h>
#include <string.h>

static bool address_same(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(fm_address)) == 0;
}

static void address_check(const fm_address *address)
{
    char text[FM_ADDRESS_TEXT], again[FM_ADDRESS_TEXT];
    fm_address read;
    memset(text, 'x', sizeof text);
    fm_address_format(address, text);
    if (memchr(text, '\0', sizeof text) == NULL)
        fuzz_fail("an address does not fit into FM_ADDRESS_TEXT bytes");
    if (fm_address_parse(text, &read) != 0)
        fuzz_fail("an address is written so that it cannot be read");
    if (!address_same(address, &read))
        fuzz_fail("an address is not read as it was written");
    if (strcmp(fm_address_format(&read, again), text) != 0)
        fuzz_fail("an address has two texts");
    if (fm_address_port(address) != fm_address_port(&read))
        fuzz_fail("an address changes its port");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fm_address address, before;
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    memset(&before, 0x5a, sizeof before);
    address = before;
    int rc = fm_address_parse(text, &address);
    if (rc == 0)
        address_check(&address);
    else if (!address_same(&address, &before))
        fuzz_fail("a text that is no address has changed one");
    free(text);
    return 0;
}
