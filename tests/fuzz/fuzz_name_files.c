/*
 * fuzz_name_files.c - any text is a file hosts, a configuration, switches, and
 * a name or an address; what was read of it keeps its bounds
 */
#include "fuzz.h"

#include "base/memory.h"
#include "net/host_name.h"
#include "net/hosts_file.h"
#include "net/settings.h"

static char *files_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        exit(0);
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

static void files_check_name(const char *name)
{
    char again[FM_NAME_SIZE];
    if (fm__name_copy(name, again) < 0 || strcmp(name, again) != 0)
        fuzz_fail("a name is none, or not in lower case");
}

static void files_check_hosts(char *text)
{
    struct fm__hosts hosts;
    if (fm__hosts_read(&hosts, text) < 0)
        return;
    if (hosts.count > FM__HOSTS_LIMIT)
        fuzz_fail("more names than the limit");
    for (size_t i = 0; i < hosts.count; i++) {
        const struct fm__hosts_entry *entry = &hosts.entries[i];
        fm_address address;
        files_check_name(entry->name);
        const struct fm__hosts_entry *found =
            fm__hosts_find(&hosts, entry->name);
        if (found == NULL || strcmp(found->name, entry->name) != 0)
            fuzz_fail("a name is not found");
        fm__hosts_address(entry, &address);
        if (fm__hosts_name(&hosts, &address) == NULL)
            fuzz_fail("an address is not found");
    }
    fm__hosts_fini(&hosts);
}

static void files_check_settings(char *text, char *switches)
{
    struct fm__settings settings;
    fm__settings_init(&settings);
    fm__settings_read(&settings, text);
    fm__settings_switch(&settings, switches);
    if (settings.server_count > FM__SERVERS_LIMIT ||
        settings.search_count > FM__SEARCH_LIMIT)
        fuzz_fail("more than there is room for");
    for (size_t i = 0; i < settings.search_count; i++)
        files_check_name(settings.search[i]);
    for (size_t i = 0; i < settings.server_count; i++) {
        if (fm_address_port(&settings.servers[i]) != 53)
            fuzz_fail("a server has another port");
    }
    if (settings.ndots < 0 || settings.ndots > FM__NDOTS_MAX ||
        settings.timeout < 1 || settings.timeout > FM__TIMEOUT_MAX ||
        settings.attempts < 1 || settings.attempts > FM__ATTEMPTS_MAX)
        fuzz_fail("a number is out of range");
}

static void files_check_text(const char *text)
{
    struct fm__settings settings;
    char name[FM_NAME_SIZE];
    fm_address address;
    int length = fm__name_copy(text, name);
    if (length >= 0 && (size_t)length != strlen(name))
        fuzz_fail("a name has another length");
    if (fm__name_literal(text, &address) == 0 &&
        fm__name_reverse(&address, name) < 0)
        fuzz_fail("an address has no name to be found under");
    fm__settings_init(&settings);
    (void)fm__settings_servers(&settings, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *hosts = files_text(bytes, size);
    char *settings = files_text(bytes, size);
    char *switches = files_text(bytes, size);
    files_check_text(hosts);
    files_check_settings(settings, switches);
    files_check_hosts(hosts);
    free(hosts);
    free(settings);
    free(switches);
    return 0;
}
