/* Whether time tells a secret, as dudect asks (Reparaz, Balasch, Verbauwhede 2017): two classes of
 * input in random order, Welch's t-test on how long each took. A leak is what is seen in each of
 * ROUNDS rounds, since noise is not; a comparison that leaks on purpose must be seen too.
 *
 * Not among the tests: what measures time is for a machine that is not too busy. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "check.h"
#include "expanded.h"

#define ROUNDS 3
#define T_LEAK 10.0 /* dudect's "definitely not constant time" */
#define CROPS 5     /* all samples, then without the slowest tenth, two tenths, ... */
#define TAG 32

static const uint8_t PAYLOAD[] = "a payload that both sides know";
#define THE_PAYLOAD PAYLOAD, sizeof PAYLOAD

/* What is measured: the input of a class is made outside the time, in the same place for both. */
struct measured {
    const char *name;
    size_t samples;
    void (*prepare)(int class_of_input);
    void (*run)(void);
};

static tw_verifier *verifier;
static uint8_t tag[TAG], forged[TAG], input[TAG];
static uint8_t key[TW_KEY_MAX], sig[TW_SIGNATURE_MAX];
static size_t key_len, sig_len;
static volatile int sink;

/* xorshift64 (Marsaglia 2003): the classes need no better. */
static uint64_t random64(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Class 0 is what is given, class 1 random. The class decides no branch: the processor remembers. */
static void fill(uint8_t *bytes, const uint8_t *given, size_t len, int at_random)
{
    const uint8_t mask = (uint8_t)-at_random;
    size_t i;
    for (i = 0; i < len; i++) {
        const uint8_t byte = (uint8_t)(random64() >> 32);
        bytes[i] = (uint8_t)((byte & mask) | (given[i] & ~mask));
    }
}

/* Class 0 agrees in all but the last bit, class 1 by chance: what stops early tells them apart. */
static void prepare_tag(int at_random)
{
    fill(input, forged, sizeof input, at_random);
}

static void run_verifier(void)
{
    sink = tw_verifier_verify(verifier, THE_PAYLOAD, input, sizeof input);
}

static void run_verify(void)
{
    sink = tw_verify(key, key_len, THE_PAYLOAD, input, sizeof input);
}

/* What must be seen: the comparison that stops at the first difference, after the same work. */
static void run_leaky(void)
{
    volatile const uint8_t *given = input;
    size_t i = 0;
    sink = tw_verify(key, key_len, THE_PAYLOAD, tag, sizeof tag);
    while (i < TAG && given[i] == tag[i]) i++;
    sink = i == TAG;
}

/* Class 0 is the key of zeros. */
static void prepare_key(int at_random)
{
    static const uint8_t ZEROS[TW_KEY_MAX];
    fill(key + 8, ZEROS, key_len - 8, at_random);
}

static void run_sign(void)
{
    sink = tw_sign(key, key_len, THE_PAYLOAD, sig, sizeof sig, &sig_len);
}

/* PKCS#8 of ML-DSA-44 in RFC 9881's form of both, where the expanded key is compared with the one of
 * the seed: what comes before the seed, and between the two. */
#define SEED 32
#define EXPANDED 2560
static const uint8_t BEFORE_SEED[] = {
    0x30, 0x82, 0x0a, 0x3e, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x03, 0x11, 0x04, 0x82, 0x0a, 0x2a, 0x30, 0x82, 0x0a, 0x26, 0x04, SEED};
static const uint8_t BEFORE_EXPANDED[] = {0x04, 0x82, 0x0a, 0x00};
static uint8_t both[sizeof BEFORE_SEED + SEED + sizeof BEFORE_EXPANDED + EXPANDED];
static const size_t both_len = sizeof both;

/* Class 0 agrees in all but the last bit, class 1 differs in the first. */
static void prepare_both(int first)
{
    uint8_t *expanded = both + both_len - EXPANDED;
    memcpy(expanded, key + 8, EXPANDED);
    expanded[0] ^= (uint8_t)first;
    expanded[EXPANDED - 1] ^= (uint8_t)!first;
}

static void run_decode(void)
{
    uint8_t out[TW_KEY_MAX];
    size_t len;
    sink = tw_key_decode(TW_USAGE_RAW, both, both_len, NULL, 0, out, sizeof out, &len);
}

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Welch's t of the samples below the limit, by their classes. */
static double welch(const double *times, const uint8_t *classes, size_t count, double limit)
{
    double n[2] = {0, 0}, mean[2] = {0, 0}, squares[2] = {0, 0}, variance;
    size_t i;
    for (i = 0; i < count; i++) {
        const int of = classes[i];
        const double from_mean = times[i] - mean[of];
        if (times[i] > limit) continue;
        n[of]++;
        mean[of] += from_mean / n[of];
        squares[of] += from_mean * (times[i] - mean[of]);
    }
    if (n[0] < 100 || n[1] < 100) return 0;
    variance = squares[0] / (n[0] - 1) / n[0] + squares[1] / (n[1] - 1) / n[1];
    return variance == 0 ? 0 : fabs(mean[0] - mean[1]) / sqrt(variance);
}

static double measure(const struct measured *measured)
{
    double *times = malloc(2 * measured->samples * sizeof *times), *sorted, t = 0;
    uint8_t *classes = malloc(measured->samples);
    size_t i;
    REQUIRE(times != NULL && classes != NULL);
    sorted = times + measured->samples;
    for (i = 0; i < measured->samples; i++) {
        double start;
        classes[i] = (uint8_t)(random64() >> 63);
        measured->prepare(classes[i]);
        start = now_ns();
        measured->run();
        times[i] = now_ns() - start;
    }
    memcpy(sorted, times, measured->samples * sizeof *times);
    qsort(sorted, measured->samples, sizeof *sorted, compare);
    for (i = 0; i < CROPS; i++) {
        const size_t last = measured->samples - 1 - i * measured->samples / 10;
        const double of_crop = welch(times, classes, measured->samples, sorted[last]);
        if (of_crop > t) t = of_crop;
    }
    free(times);
    free(classes);
    return t;
}

/* The least t of all rounds: above T_LEAK it is a leak. */
static double least_t(const struct measured *measured)
{
    double least = HUGE_VAL;
    int round;
    for (round = 0; round < ROUNDS && least > T_LEAK; round++) {
        const double t = measure(measured);
        if (t < least) least = t;
    }
    printf("timing: %-44s t = %.1f\n", measured->name, least);
    return least;
}

static void hmac(void)
{
    const struct measured leaky = {"a comparison that leaks", 100000, prepare_tag, run_leaky};
    const struct measured prepared = {"hmac-sha256, verifier", 200000, prepare_tag, run_verifier};
    const struct measured once = {"hmac-sha256, verified once", 200000, prepare_tag, run_verify};
    const struct measured sign = {"hmac-sha256, keys", 200000, prepare_key, run_sign};
    REQUIRE_OK(tw_keygen(TW_SUITE_HMAC_SHA256, 1, key, sizeof key, &key_len));
    REQUIRE_OK(tw_sign(key, key_len, THE_PAYLOAD, tag, sizeof tag, &sig_len));
    memcpy(forged, tag, sizeof tag);
    forged[TAG - 1] ^= 1;
    REQUIRE_OK(tw_verifier_new(key, key_len, &verifier));
    check_step("a leak is seen");
    CHECK(least_t(&leaky) > T_LEAK);
    check_step("verification of tags");
    CHECK(least_t(&prepared) <= T_LEAK);
    CHECK(least_t(&once) <= T_LEAK);
    check_step("keys of HMAC");
    CHECK(least_t(&sign) <= T_LEAK);
    tw_verifier_free(verifier);
}

static void ed25519(void)
{
    const struct measured sign = {"ed25519, keys", 20000, prepare_key, run_sign};
    REQUIRE_OK(tw_keygen(TW_SUITE_ED25519, 1, key, sizeof key, &key_len));
    check_step("keys of Ed25519");
    CHECK(least_t(&sign) <= T_LEAK);
}

/* The expanded key of golden.txt is of the seed 7. */
static void ml_dsa(void)
{
    const struct measured decode = {"ml-dsa-44, seed and expanded key compared", 10000,
                                    prepare_both, run_decode};
    uint8_t seed[TW_KEY_MAX], *end = both;
    size_t len;
    REQUIRE_OK(tw_keygen(TW_SUITE_ML_DSA_44, 7, seed, sizeof seed, &len));
    REQUIRE(expanded_key(TW_SUITE_ML_DSA_44, key) == 8 + EXPANDED);
    memcpy(end, BEFORE_SEED, sizeof BEFORE_SEED);
    memcpy(end += sizeof BEFORE_SEED, seed + 8, SEED);
    memcpy(end += SEED, BEFORE_EXPANDED, sizeof BEFORE_EXPANDED);
    memcpy(end += sizeof BEFORE_EXPANDED, key + 8, EXPANDED);
    check_step("seed and expanded key of ML-DSA");
    run_decode();
    CHECK_EQUAL(sink, TW_OK);
    CHECK(least_t(&decode) <= T_LEAK);
    CHECK_EQUAL(sink, TW_ERR_KEY);
}

int main(void)
{
    check_begin("timing");
    hmac();
    ed25519();
    ml_dsa();
    return check_end(14);
}
