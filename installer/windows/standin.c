/* Stands in for the programs when the setup is tried without a Windows build of them: one source,
 * three names. "config check" and "config install" do for a test what the real ones do; the windowed
 * programs wait until they are killed. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static const char *after(int count, char **words, const char *name)
{
    for (int i = 1; i + 1 < count; i++)
        if (!strcmp(words[i], name))
            return words[i + 1];
    return NULL;
}

static int copy(const char *from, FILE *to, int *faulty)
{
    char line[1024];
    FILE *file = fopen(from, "rb");
    if (!file)
        return 1;
    while (fgets(line, sizeof line, file)) {
        if (strstr(line, "FAULTY"))
            *faulty = 1;
        if (to)
            fputs(line, to);
    }
    fclose(file);
    return 0;
}

int main(int count, char **words)
{
    const char *from = after(count, words, "--from"), *to = after(count, words, "-o");
    int faulty = 0;
    if (count > 2 && !strcmp(words[2], "check"))
        return copy(from, NULL, &faulty) || faulty;
    if (count > 2 && !strcmp(words[2], "install")) {
        char folder[1024];
        snprintf(folder, sizeof folder, "%s", to);
        char *slash = strrchr(folder, '\\');
        if (slash) {
            *slash = 0;
            CreateDirectoryA(folder, NULL);
        }
        FILE *file = fopen(to, "wb");
        if (!file)
            return 2;
        int failed = from ? copy(from, file, &faulty) : 0;
        const char *names[] = {"--desk", "--library", "--circulation-desk"};
        for (int i = 0; i < 3; i++)
            if (after(count, words, names[i]))
                fprintf(file, "# %s %s\n", names[i], after(count, words, names[i]));
        fclose(file);
        return failed;
    }
    Sleep(60000);
    return 0;
}
