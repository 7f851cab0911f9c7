/* A test harness in a page: every check is counted, a failure says where and in which step, and a
 * run of fewer checks than promised fails. Checks are made on the main thread only. */
#ifndef CHECK_H
#define CHECK_H
#include <stdint.h>
#include "tinywindow.h"

#define CHECK(condition) check_that((condition) != 0, __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(got, expected) \
    check_equal((uint64_t)(got), (uint64_t)(expected), __FILE__, __LINE__, #got)
#define CHECK_TEXT(got, expected) check_text((got), (expected), __FILE__, __LINE__, #got)
#define CHECK_STATUS(call, expected) check_status((call), (expected), __FILE__, __LINE__, #call)
/* For what the rest of the program stands on: a failure ends it. */
#define REQUIRE(condition) \
    do { \
        if (!CHECK(condition)) check_abandon(); \
    } while (0)
#define REQUIRE_OK(call) \
    do { \
        if (!CHECK_STATUS(call, TW_OK)) check_abandon(); \
    } while (0)

/* Names the program and makes a crash say in which step it came. */
void check_begin(const char *program);
/* What is being tried now; printed with each failure until the next step. */
void check_step(const char *format, ...);
/* Prints "PROGRAM: N passed, M failed"; the exit code. Fewer than at_least checks is a failure. */
int check_end(unsigned long at_least);
/* Failures so far, to be handed over by a forked child. */
unsigned long check_failures(void);
void check_abandon(void);

int check_that(int ok, const char *file, int line, const char *what);
int check_equal(uint64_t got, uint64_t expected, const char *file, int line, const char *what);
int check_text(const char *got, const char *expected, const char *file, int line,
               const char *what);
int check_status(tw_status got, tw_status expected, const char *file, int line, const char *what);

#endif
