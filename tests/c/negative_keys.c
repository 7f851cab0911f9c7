/* Numbers out of range, keys of the wrong kind, usage, suite or length. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "check.h"
#include "matrix.h"

#define BYTES_OF(field) fixture.field.data, fixture.field.len
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static unsigned char out[TW_KEY_MAX];
static size_t out_len;
#define OUT out, sizeof out, &out_len

/* 257 is 1 to whoever keeps eight bits of it. */
static const uint32_t NO_SUITE[] = {0, 7, 255, 257, 65537, UINT32_MAX};
static const uint32_t NO_KIND[] = {0, 3, 257, UINT32_MAX};
static const uint32_t NO_USAGE[] = {0, 3, 257, UINT32_MAX};

static void suites(void)
{
    size_t i;
    for (i = 0; i < COUNT(NO_SUITE); i++) {
        uint32_t suite = NO_SUITE[i];
        check_step("suite %lu", (unsigned long)suite);
        CHECK_STATUS(tw_keygen(suite, 1, OUT), TW_ERR_SUITE);
        CHECK_STATUS(tw_generate(suite, OUT), TW_ERR_SUITE);
        CHECK_STATUS(tw_keygen_from_entropy(suite, BYTES_OF(entropy), OUT), TW_ERR_SUITE);
        CHECK_STATUS(tw_key_import(suite, TW_KIND_SECRET, TW_USAGE_FRAMED, BYTES_OF(material),
                                   OUT), TW_ERR_SUITE);
        CHECK(tw_suite_name(suite) == NULL);
        CHECK_EQUAL(tw_secret_key_size(suite), 0);
        CHECK_EQUAL(tw_public_key_size(suite), 0);
        CHECK_EQUAL(tw_expanded_key_size(suite), 0);
        CHECK_EQUAL(tw_signature_size(suite), 0);
    }
    check_step("HMAC has no public key");
    CHECK_EQUAL(tw_public_key_size(TW_SUITE_HMAC_SHA256), 0);
    check_step("only ML-DSA has expanded keys");
    CHECK_EQUAL(tw_expanded_key_size(TW_SUITE_HMAC_SHA256), 0);
    CHECK_EQUAL(tw_expanded_key_size(TW_SUITE_ED25519), 0);
    CHECK_EQUAL(tw_expanded_key_size(TW_SUITE_MLDSA65_ED25519), 0);
}

static void suite_names(void)
{
    static const char *const WRONG[] = {"", "ed2551", "ed255199", "ED25519", " ed25519", "rot13"};
    uint32_t suite = 12345;
    size_t i;
    for (i = 0; i < COUNT(WRONG); i++) {
        const uint8_t *name = (const uint8_t *)WRONG[i];
        check_step("suite name \"%s\"", WRONG[i]);
        CHECK_STATUS(tw_suite_from_name(name, strlen(WRONG[i]), &suite), TW_ERR_SUITE);
    }
    check_step("suite name with its NUL, not UTF-8, empty");
    CHECK_STATUS(tw_suite_from_name((const uint8_t *)"ed25519", 8, &suite), TW_ERR_SUITE);
    CHECK_STATUS(tw_suite_from_name((const uint8_t *)"\xff\xfe", 2, &suite), TW_ERR_SUITE);
    CHECK_STATUS(tw_suite_from_name(NULL, 0, &suite), TW_ERR_SUITE);
    CHECK_EQUAL(suite, 12345);
}

static void kinds_and_usages(void)
{
    const uint32_t suite = TW_SUITE_ED25519;
    size_t i;
    for (i = 0; i < COUNT(NO_KIND); i++) {
        check_step("kind %lu", (unsigned long)NO_KIND[i]);
        CHECK_STATUS(tw_key_import(suite, NO_KIND[i], TW_USAGE_RAW, BYTES_OF(material), OUT),
                     TW_ERR_KEY_KIND);
    }
    for (i = 0; i < COUNT(NO_USAGE); i++) {
        check_step("usage %lu", (unsigned long)NO_USAGE[i]);
        CHECK_STATUS(tw_key_import(suite, TW_KIND_SECRET, NO_USAGE[i], BYTES_OF(material), OUT),
                     TW_ERR_KEY_USAGE);
    }
    check_step("no public key of HMAC");
    CHECK_STATUS(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_PUBLIC, TW_USAGE_RAW,
                               BYTES_OF(material), OUT), TW_ERR_KEY_KIND);
    CHECK_STATUS(tw_public_key(BYTES_OF(hmac), OUT), TW_ERR_KEY_KIND);
}

static void tables(void)
{
    static const tw_status NO_STATUS[] = {-1, INT32_MIN, 1000, INT32_MAX};
    static const uint32_t NO_REASON[] = {99, 1000, UINT32_MAX};
    static const uint32_t NO_POLICY[] = {0, 3, 257, UINT32_MAX};
    size_t i;
    for (i = 0; i < COUNT(NO_STATUS); i++) {
        check_step("status %ld", (long)NO_STATUS[i]);
        CHECK_TEXT(tw_status_name(NO_STATUS[i]), "TW_ERR_?");
        CHECK(tw_status_message(NO_STATUS[i]) != NULL);
    }
    for (i = 0; i < COUNT(NO_REASON); i++) {
        check_step("reason %lu", (unsigned long)NO_REASON[i]);
        CHECK_TEXT(tw_reason_name(NO_REASON[i]), "?");
        CHECK(tw_reason_message(NO_REASON[i]) != NULL);
    }
    for (i = 0; i < COUNT(NO_POLICY); i++) {
        check_step("memory policy %lu", (unsigned long)NO_POLICY[i]);
        CHECK_STATUS(tw_memory_policy(NO_POLICY[i]), TW_ERR_ARGUMENT);
    }
    check_step("what takes no argument");
    CHECK(strlen(tw_version()) > 0);
    CHECK_EQUAL(tw_abi_version(), TW_ABI_VERSION);
    check_step("memory policies that there are");
    CHECK_STATUS(tw_memory_policy(TW_MEMORY_LOCK_PREFERRED), TW_OK);
    CHECK_STATUS(tw_memory_policy(TW_MEMORY_LOCK_REQUIRED), TW_OK);
}

static void lengths(void)
{
    static unsigned char material[1025];
    size_t n;
    memset(material, 7, sizeof material);
    for (n = 0; n <= 40; n++) {
        tw_status entropy = n == TW_ENTROPY_SIZE ? TW_OK : TW_ERR_LENGTH;
        tw_status framed = n == 32 ? TW_OK : TW_ERR_KEY;
        check_step("length %lu", (unsigned long)n);
        CHECK_STATUS(tw_keygen_from_entropy(TW_SUITE_HMAC_SHA256, material, n, OUT), entropy);
        CHECK_STATUS(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_FRAMED,
                                   material, n, OUT), framed);
        CHECK_STATUS(tw_key_import(TW_SUITE_ED25519, TW_KIND_SECRET, TW_USAGE_RAW, material, n,
                                   OUT), framed);
        CHECK_STATUS(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_RAW, material,
                                   n, OUT), n == 0 ? TW_ERR_KEY : TW_OK);
    }
    check_step("raw HMAC, the longest and one more");
    CHECK_STATUS(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_RAW, material, 1024,
                               OUT), TW_OK);
    CHECK_EQUAL(out_len, 1032);
    CHECK_STATUS(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_RAW, material, 1025,
                               OUT), TW_ERR_KEY);
}

/* A length is refused before anything is read, copied or allocated for it. */
static void vast_material(void)
{
    const size_t vast = (size_t)1 << 40;
    const int mapping = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint8_t *material = mmap(NULL, vast, PROT_NONE, mapping, -1, 0);
    uint32_t suite, usage;
    if (material == MAP_FAILED) {   /* under valgrind, which keeps the addresses for itself */
        fprintf(stderr, "negative: SKIPPED vast material: no 1 TiB of addresses\n");
        return;
    }
    for (suite = TW_SUITE_HMAC_SHA256; suite <= TW_SUITE_MLDSA65_ED25519; suite++) {
        for (usage = TW_USAGE_FRAMED; usage <= TW_USAGE_RAW; usage++) {
            check_step("vast material, suite %lu, usage %lu", (unsigned long)suite,
                       (unsigned long)usage);
            CHECK_STATUS(tw_key_import(suite, TW_KIND_SECRET, usage, material, vast, OUT),
                         TW_ERR_KEY);
        }
    }
    CHECK_STATUS(tw_key_import(TW_SUITE_ED25519, TW_KIND_PUBLIC, TW_USAGE_RAW, material, vast,
                               OUT), TW_ERR_KEY);
    munmap(material, vast);
}

void negative_keys(void)
{
    suites();
    suite_names();
    kinds_and_usages();
    tables();
    lengths();
    vast_material();
}
