/* Does what a sanitizer must stop; the Makefile fails if it does not. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int sink;

static void overflow(size_t at)
{
    char *memory = malloc(8);
    if (memory != NULL) memory[at] = 1;
    sink = memory == NULL;
    free(memory);
}

static void undefined(int number)
{
    sink = INT_MAX + number;
}

static void leak(void)
{
    char *volatile memory = malloc(8);
    sink = memory == NULL;
    memory = NULL;
}

int main(int argc, char **argv)
{
    if (argc != 2) return 0;
    if (strcmp(argv[1], "overflow") == 0) overflow(8u * (size_t)(argc - 1));
    else if (strcmp(argv[1], "undefined") == 0) undefined(argc);
    else if (strcmp(argv[1], "leak") == 0) leak();
    puts("not stopped");
    return 0;
}
