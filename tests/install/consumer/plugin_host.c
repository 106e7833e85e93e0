/*
 * plugin_host.c - loads a plugin that it knows nothing of
 */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *version = "none";
    int (*plugin)(const char **version);
    void *object = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (object == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    *(void **)&plugin = dlsym(object, "plugin");
    if (plugin == NULL)
        return 1;
    int answer = plugin(&version);
    printf("%s %d\n", version, answer);
    return 0;
}
