/* Comparisons within one run: the contenders take turns in short slices, and what counts is the
 * ratio to the first within a round. As src/rounds.rs. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 200
#define CONTENDERS_MAX 8
#define SLICE_NS 500000.0

typedef struct contender {
    const char *name;
    void (*repeat)(void *state, long count); /* makes the call count times */
    void *state;
} contender;

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double time_of(const contender *c, long count)
{
    double start = now_ns();

    c->repeat(c->state, count);
    return (now_ns() - start) / (double)count;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

/* Prints a row for each contender: the median, and the median ratio to the first. */
static void compare(const char *title, const contender *contenders, int count, int rounds)
{
    static double times[CONTENDERS_MAX][ROUNDS_MAX];
    double values[ROUNDS_MAX];
    long calls[CONTENDERS_MAX];
    int i, round;

    for (i = 0; i < count; i++) {
        for (calls[i] = 1; time_of(&contenders[i], calls[i]) * (double)calls[i] < SLICE_NS;)
            calls[i] *= 2;
    }
    for (round = 0; round < rounds; round++) {
        for (i = 0; i < count; i++)
            times[i][round] = time_of(&contenders[i], calls[i]);
    }
    printf("\n### %s\n\n| | ns | ratio |\n|---|---:|---:|\n", title);
    for (i = 0; i < count; i++) {
        double median, ratio;

        for (round = 0; round < rounds; round++)
            values[round] = times[i][round] / times[0][round];
        ratio = median_of(values, rounds);
        memcpy(values, times[i], (size_t)rounds * sizeof *values);
        median = median_of(values, rounds);
        printf("| %s | %.0f | %.2f |\n", contenders[i].name, median, ratio);
    }
}

static void must(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

#endif
