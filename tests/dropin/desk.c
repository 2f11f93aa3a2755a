/* A desk program that reads cards itself: desk LIBRARY FUNCTION. Prints the result and the buffer in hex, or what was
 * broken: the ground around the buffer must stay as it was. */
#ifdef _WIN32
#include <windows.h>
#define CALL __stdcall
#else
#include <dlfcn.h>
#define CALL
#endif
#include <stdio.h>
#include <string.h>

#define ROOM 1024
#define GROUND 64

int main(int argc, char **argv) {
    static unsigned char memory[GROUND + ROOM + GROUND];
    long (CALL *read_card)(int, char *);
    long result;
    size_t at, length;

    if (argc != 3) return 2;
#ifdef _WIN32
    HMODULE library = LoadLibraryA(argv[1]);
    if (!library) { fprintf(stderr, "cannot load: %lu\n", GetLastError()); return 3; }
    *(FARPROC *)&read_card = GetProcAddress(library, argv[2]);
    if (!read_card) { fprintf(stderr, "no function: %lu\n", GetLastError()); return 4; }
#else
    void *library = dlopen(argv[1], RTLD_NOW);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 3; }
    *(void **)&read_card = dlsym(library, argv[2]);
    if (!read_card) { fprintf(stderr, "%s\n", dlerror()); return 4; }
#endif
    memset(memory, 0xA5, sizeof memory);
    result = read_card(3, (char *)memory + GROUND);
    for (at = 0; at < GROUND; at++)
        if (memory[at] != 0xA5 || memory[GROUND + ROOM + at] != 0xA5) return 5;
    length = strnlen((char *)memory + GROUND, ROOM);
    if (length == ROOM) return 6;
    printf("%ld ", result);
    for (at = 0; at < length; at++) printf("%02X", memory[GROUND + at]);
    printf("\n");
    return 0;
}
