/*
 * doctor_names.c - whom a resolver of this machine asks, and why
 */
#include "net/findings.h"
#include "net/resolver.h"

#define DOCTOR_FILE 2048 /* bytes of one; more are not looked at */

static void doctor_names_settings(const struct fm__doctor *doctor,
                                  struct fm__settings *settings)
{
    char text[DOCTOR_FILE];
    fm__settings_init(settings);
    if (fm__doctor_read(doctor, "/etc/resolv.conf", text, sizeof text))
        fm__settings_read(settings, text);
    if (fm__doctor_read(doctor, "/etc/nsswitch.conf", text, sizeof text))
        fm__settings_switch(settings, text);
}

static void doctor_names_servers(struct fm__doctor *doctor,
                                 const struct fm__settings *settings)
{
    char first[FM_ADDRESS_TEXT], more[32] = "";
    if (settings->server_count == 0) {
        fm__doctor_find(doctor, "names",
                        "asked of this machine itself, by c-ares: "
                        "/etc/resolv.conf has no server");
        fm__doctor_hint(doctor, "where nothing answers at 127.0.0.1:53, write "
                                "a server into it");
        fm__doctor_type(doctor, "echo nameserver 192.0.2.1 >>/etc/resolv.conf");
        return;
    }
    if (settings->server_count > 1)
        snprintf(more, sizeof more, " and %zu more",
                 settings->server_count - 1);
    fm__doctor_find(doctor, "names", "asked of %s%s, by c-ares",
                    fm_address_format(&settings->servers[0], first), more);
}

void fm__doctor_names(struct fm__doctor *doctor)
{
    struct fm__settings settings;
    doctor_names_settings(doctor, &settings);
    if (!fm__ask_possible)
        fm__doctor_find(doctor, "names",
                        "asked of the system's library, on a thread: this "
                        "build has no c-ares");
    else if (settings.system)
        fm__doctor_find(doctor, "names",
                        "asked of the system's library, on a thread: "
                        "/etc/nsswitch.conf wants more than files and dns");
    else
        doctor_names_servers(doctor, &settings);
}
