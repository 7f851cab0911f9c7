#include "check.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "?";
static char step[256] = "start";
static unsigned long passed, failed;

#ifndef __SANITIZE_ADDRESS__
static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(1);
}

static void on_crash(int signal_number)
{
    say(program);
    say(": died in step: ");
    say(step);
    say("\n");
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}
#endif

void check_begin(const char *name)
{
    program = name;
#ifndef __SANITIZE_ADDRESS__ /* which has a better report of its own */
    signal(SIGSEGV, on_crash);
    signal(SIGBUS, on_crash);
    signal(SIGABRT, on_crash);
#endif
}

void check_step(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step, sizeof step, format, arguments);
    va_end(arguments);
}

unsigned long check_failures(void)
{
    return failed;
}

void check_abandon(void)
{
    failed += failed == 0;
    exit(check_end(0));
}

int check_end(unsigned long at_least)
{
    if (passed + failed < at_least) {
        failed++;
        fprintf(stderr, "%s: fewer than the %lu checks it should make\n", program, at_least);
    }
    printf("%s: %lu passed, %lu failed\n", program, passed, failed);
    return failed != 0;
}

static int count(int ok)
{
    if (ok) passed++;
    else failed++;
    return ok;
}

int check_that(int ok, const char *file, int line, const char *what)
{
    if (!ok) fprintf(stderr, "%s:%d: [%s] %s\n", file, line, step, what);
    return count(ok);
}

int check_equal(uint64_t got, uint64_t expected, const char *file, int line, const char *what)
{
    if (got != expected) {
        fprintf(stderr, "%s:%d: [%s] %s is %llu, expected %llu\n", file, line, step, what,
                (unsigned long long)got, (unsigned long long)expected);
    }
    return count(got == expected);
}

int check_text(const char *got, const char *expected, const char *file, int line, const char *what)
{
    int ok = got != NULL && strcmp(got, expected) == 0;
    if (!ok) {
        fprintf(stderr, "%s:%d: [%s] %s is \"%s\", expected \"%s\"\n", file, line, step, what,
                got == NULL ? "(NULL)" : got, expected);
    }
    return count(ok);
}

int check_status(tw_status got, tw_status expected, const char *file, int line, const char *what)
{
    if (got != expected) {
        fprintf(stderr, "%s:%d: [%s] %s gave %s, expected %s\n", file, line, step, what,
                tw_status_name(got), tw_status_name(expected));
    }
    return count(got == expected);
}
