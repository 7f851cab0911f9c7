/* What a call takes of the stack: little. And what it leaves there: nothing that signs. Each call
 * runs on a stack of its own, which is then measured, and searched for the key and for what is as
 * good as the key; and so are the library's own stacks, where it signs with ML-DSA. */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "check.h"
#include "expanded.h"

#define STACK_SIZE (256 * 1024)
#define ROOM_SIZE (256 * 1024) /* of the library's own stacks */
#define NEED_MAX (16 * 1024)   /* what is promised */
#define PAINT 0xA5
#define SEED 0x1234567
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The first bytes, as they lie in memory, of what the keys of SEED compute with: states of SHA-256
 * (RFC 2104) after the padded key and a context's block, RFC 8032's seed, prefix, scalar and nonce
 * (of 100 times 'x'). Made by an implementation in Python; the expanded keys are golden.txt's. */
static const struct { const char *name; uint8_t bytes[8]; } SECRETS[] = {
    {"HMAC key", {0xac, 0x68, 0xc1, 0x87, 0x31, 0xbd, 0x95, 0x8a}},
    {"HMAC inner state", {0xe3, 0x01, 0xec, 0x71, 0x53, 0xc5, 0xb2, 0xa1}},
    {"HMAC outer state", {0xd4, 0x79, 0x3e, 0x27, 0x59, 0xfb, 0x82, 0x5c}},
    {"HMAC payload state", {0xba, 0xc2, 0x88, 0x29, 0x44, 0x33, 0xa2, 0xbd}},
    {"HMAC order state", {0x84, 0x8c, 0x7c, 0xc7, 0x8c, 0x50, 0xee, 0x5a}},
    {"Ed25519 seed", {0xd1, 0xe6, 0xd2, 0x45, 0x74, 0x17, 0x11, 0xfb}},
    {"Ed25519 prefix", {0x3f, 0x4f, 0xe9, 0x40, 0x6e, 0xb7, 0x91, 0x0d}},
    {"Ed25519 scalar", {0xc8, 0xed, 0xe2, 0xfe, 0x2f, 0xc7, 0x0f, 0x33}},
    {"Ed25519 scalar, reduced", {0x4d, 0x22, 0x2a, 0x74, 0x77, 0x11, 0x8f, 0xca}},
    {"Ed25519 nonce", {0xc8, 0xd5, 0xd9, 0xf7, 0xe7, 0xb8, 0x0d, 0x4a}},
    {"ML-DSA-44 seed", {0xe2, 0x01, 0xbb, 0x66, 0x3d, 0xfb, 0x2f, 0x52}},
    {"ML-DSA-44 K", {0x2b, 0x76, 0xbe, 0x7a, 0x7b, 0x35, 0xc8, 0x6b}},
    {"ML-DSA-44 s1", {0xa2, 0x98, 0x2d, 0xdb, 0x30, 0x2a, 0xe1, 0x90}},
    {"ML-DSA-65 seed", {0x3b, 0x5b, 0xdd, 0x92, 0x48, 0x44, 0x29, 0xd3}},
    {"ML-DSA-65 K", {0x36, 0x76, 0xb1, 0x6e, 0xdc, 0x7a, 0x54, 0x1d}},
    {"ML-DSA-65 s1", {0x63, 0x75, 0x02, 0x78, 0x01, 0x34, 0x23, 0x51}},
    {"ML-DSA-87 seed", {0xe1, 0xf3, 0x04, 0xbc, 0x50, 0x5c, 0xf4, 0xf5}},
    {"ML-DSA-87 K", {0x50, 0xd4, 0x70, 0x9e, 0x04, 0xe3, 0xd5, 0x4c}},
    {"ML-DSA-87 s1", {0x22, 0x17, 0x64, 0x81, 0x98, 0x41, 0x5a, 0x92}},
    {"composite's ML-DSA seed", {0xa8, 0xc1, 0xdf, 0x30, 0x2e, 0xb4, 0x0b, 0x88}},
    {"composite's K", {0xe7, 0xc3, 0xd8, 0xb6, 0xed, 0x60, 0x1f, 0x56}},
    {"composite's s1", {0x22, 0x75, 0x00, 0x13, 0x54, 0x46, 0x65, 0x51}},
    {"composite's Ed25519 seed", {0x70, 0xe2, 0x32, 0xa8, 0xea, 0x7d, 0x4c, 0x20}},
    {"composite's Ed25519 prefix", {0x77, 0xbb, 0x65, 0xeb, 0x6c, 0xb4, 0xb5, 0xce}},
    {"ML-DSA-44 K, expanded", {0x7e, 0xf2, 0x9b, 0xec, 0x69, 0x81, 0x8f, 0xbd}},
    {"ML-DSA-44 s1, expanded", {0x11, 0x20, 0x70, 0x8b, 0xa4, 0x50, 0x10, 0x25}},
    {"ML-DSA-65 K, expanded", {0x71, 0xfe, 0x7a, 0x55, 0x32, 0x7a, 0x0e, 0xe5}},
    {"ML-DSA-65 s1, expanded", {0x21, 0x01, 0x65, 0x25, 0x30, 0x03, 0x23, 0x01}},
    {"ML-DSA-87 K, expanded", {0x69, 0x4e, 0x50, 0xd2, 0xb1, 0x61, 0x17, 0x58}},
    {"ML-DSA-87 s1, expanded", {0xdb, 0x00, 0x0c, 0x1c, 0x33, 0x66, 0xc3, 0xb8}}
};

static const uint8_t CONTEXT[] = {'c'};

/* Long enough for two HMACs to be made at once. */
static const uint8_t LONG[2][1000] = {{'l'}, {'m'}};

/* One suite's key, prepared and not, and room for results: none of it on the stack. */
static struct {
    uint8_t key[TW_KEY_MAX], copy[TW_KEY_MAX], out[TW_ORDER_FRAME_MAX], sig[TW_SIGNATURE_MAX];
    uint8_t raw[TW_KEY_MAX], payload[100], sigs[3 * TW_SIGNATURE_MAX];
    uint8_t encoded[TW_ENCODED_KEY_MAX], encoded_again[TW_ENCODED_KEY_MAX];
    size_t key_len, len, sig_len, sigs_len, encoded_len;
    tw_bytes payloads[3], signatures[3];
    uint64_t id;
    tw_signer *signer;
    tw_verifier *verifier;
    tw_order order;
} its;

#define KEY its.key, its.key_len
#define PAYLOAD its.payload, sizeof its.payload
#define SIG its.sig, its.sig_len
#define OUT its.out, sizeof its.out, &its.len

static void call_keygen(void) { tw_keygen(its.key[4], SEED, its.copy, sizeof its.copy, &its.len); }
static void call_import(void)
{
    tw_key_import(its.key[4], its.key[5], TW_USAGE_FRAMED, its.key + 8, its.key_len - 8, its.copy,
                  sizeof its.copy, &its.len);
}
static void call_export(void)
{
    tw_key_export(KEY, NULL, NULL, NULL, its.copy, sizeof its.copy, &its.len);
}
static void call_public_key(void) { tw_public_key(KEY, OUT); }
static void call_key_id(void) { tw_key_id(KEY, &its.id); }
static void call_sign(void) { tw_sign(KEY, PAYLOAD, OUT); }
static void call_verify(void) { tw_verify(KEY, PAYLOAD, SIG); }
static void call_order_sign(void) { tw_order_sign(KEY, &its.order, OUT); }
static void call_signer_new(void)
{
    tw_signer *signer = NULL;
    if (tw_signer_new(KEY, &signer) == TW_OK) tw_signer_free(signer);
}
static void call_signer_sign(void) { tw_signer_sign(its.signer, PAYLOAD, OUT); }
static void call_signer_sign_with_context(void)
{
    tw_signer_sign_with_context(its.signer, CONTEXT, sizeof CONTEXT, PAYLOAD, OUT);
}
static void call_signer_order_sign(void) { tw_signer_order_sign(its.signer, &its.order, OUT); }
static void call_verifier_new(void)
{
    tw_verifier *verifier = NULL;
    if (tw_verifier_new(KEY, &verifier) == TW_OK) tw_verifier_free(verifier);
}
static void call_verifier_verify(void) { tw_verifier_verify(its.verifier, PAYLOAD, SIG); }
/* Refused, but for HMAC; there the tag is wrong. */
static void call_verify_truncated(void)
{
    tw_verify_truncated(its.raw, its.key_len, PAYLOAD, its.sig, 16);
}
static void call_signer_sign_batch(void)
{
    tw_status results[3];
    tw_signer_sign_batch(its.signer, its.payloads, 3, its.sigs, sizeof its.sigs, &its.sigs_len,
                         results);
}
static void call_verifier_verify_batch(void)
{
    tw_status results[3];
    tw_verifier_verify_batch(its.verifier, its.payloads, its.signatures, 3, results);
}
static void call_key_encode(void)
{
    tw_key_encode(KEY, TW_ENCODING_PEM, NULL, 0, its.encoded_again, sizeof its.encoded_again,
                  &its.len);
}
static void call_key_decode(void)
{
    tw_key_decode(TW_USAGE_FRAMED, its.encoded, its.encoded_len, NULL, 0, its.copy,
                  sizeof its.copy, &its.len);
}

static const struct call { const char *name; void (*run)(void); } CALLS[] = {
    {"tw_keygen", call_keygen},
    {"tw_key_import", call_import},
    {"tw_key_export", call_export},
    {"tw_public_key", call_public_key},
    {"tw_key_id", call_key_id},
    {"tw_sign", call_sign},
    {"tw_verify", call_verify},
    {"tw_order_sign", call_order_sign},
    {"tw_signer_new", call_signer_new},
    {"tw_signer_sign", call_signer_sign},
    {"tw_signer_sign_with_context", call_signer_sign_with_context},
    {"tw_signer_order_sign", call_signer_order_sign},
    {"tw_signer_sign_batch", call_signer_sign_batch},
    {"tw_verifier_new", call_verifier_new},
    {"tw_verifier_verify", call_verifier_verify},
    {"tw_verifier_verify_batch", call_verifier_verify_batch},
    {"tw_verify_truncated", call_verify_truncated},
    {"tw_key_encode", call_key_encode},
    {"tw_key_decode", call_key_decode}
};

static void *run(void *call)
{
    ((const struct call *)call)->run();
    return NULL;
}

static int holds(const uint8_t *memory, size_t size, const uint8_t *secret)
{
    size_t at;
    for (at = 0; at + 8 <= size; at++)
        if (memory[at] == secret[0] && memcmp(memory + at, secret, 8) == 0) return 1;
    return 0;
}

/* How many stacks of its own the library has, and whether one holds the secret. */
static int rooms(const uint8_t *secret, int *found)
{
    /* Read as a file: AddressSanitizer has mappings of this size that nobody may touch. */
    static uint8_t copy[ROOM_SIZE];
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    char line[512];
    uintptr_t start, end;
    int count = 0;
    REQUIRE(maps != NULL && memory >= 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " rw-p", &start, &end) != 2) continue;
        if (end - start != ROOM_SIZE || strstr(line, "rw-p 00000000 00:00 0") == NULL) continue;
        if (pread(memory, copy, ROOM_SIZE, (off_t)start) != ROOM_SIZE) continue;
        count++;
        if (secret != NULL && holds(copy, ROOM_SIZE, secret)) *found = 1;
    }
    fclose(maps);
    close(memory);
    return count;
}

/* Bytes of the painted stack that were written to. */
static size_t written(const uint8_t *stack)
{
    size_t at = 0;
    while (at < STACK_SIZE && stack[at] == PAINT) at++;
    return STACK_SIZE - at;
}

static void prepare(void)
{
    size_t i;
    REQUIRE_OK(tw_signer_new(KEY, &its.signer));
    REQUIRE_OK(tw_verifier_new(KEY, &its.verifier));
    memset(its.payload, 'x', sizeof its.payload);
    REQUIRE_OK(tw_signer_sign(its.signer, PAYLOAD, its.sig, sizeof its.sig, &its.sig_len));
    for (i = 0; i < 3; i++) {
        its.payloads[i].data = i < 2 ? LONG[i] : its.payload;
        its.payloads[i].len = i < 2 ? sizeof LONG[i] : sizeof its.payload;
        its.signatures[i].data = its.sigs + i * its.sig_len;
        its.signatures[i].len = its.sig_len;
    }
    call_signer_sign_batch();
    REQUIRE(its.sigs_len == 3 * its.sig_len);
    memcpy(its.raw, its.key, its.key_len);
    its.raw[6] = TW_USAGE_RAW;
    its.encoded_len = 0; /* HMAC keys have no such form */
    tw_key_encode(KEY, TW_ENCODING_PEM, NULL, 0, its.encoded, sizeof its.encoded,
                  &its.encoded_len);
    memset(&its.order, 0, sizeof its.order);
    its.order.struct_size = sizeof its.order;
    its.order.template_id = TW_TEMPLATE_NEW_ORDER_SINGLE;
    its.order.price = its.order.quantity = 1;
    its.order.stop_price = TW_PRICE_NONE;
    its.order.symbol[0] = 'A';
    its.order.side = '1';
    its.order.ord_type = '2';
    its.order.time_in_force = '0';
}

static void run_on(uint8_t *stack, struct call call)
{
    pthread_attr_t attributes;
    pthread_t thread;
    memset(stack, PAINT, STACK_SIZE);
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstack(&attributes, stack, STACK_SIZE) == 0);
    REQUIRE(pthread_create(&thread, &attributes, run, &call) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
}

static void call_nothing(void) {}

static void search(uint8_t *stack, struct call call, const char *key)
{
    static const struct call NOTHING = {"nothing", call_nothing};
    size_t i, thread_itself;
    call.run(); /* the loader resolves each function once, and saves registers on the stack */
    run_on(stack, NOTHING);
    thread_itself = written(stack);
    run_on(stack, call);
    check_step("%s, %s: stack", call.name, key);
    CHECK(written(stack) - thread_itself <= NEED_MAX);
    for (i = 0; i < COUNT(SECRETS); i++) {
        int found = holds(stack, STACK_SIZE, SECRETS[i].bytes);
        rooms(SECRETS[i].bytes, &found);
        check_step("%s, %s: %s on a stack", call.name, key, SECRETS[i].name);
        CHECK(!found);
    }
}

/* A search that finds nothing anywhere proves nothing. */
static void see_that_the_search_finds(uint8_t *stack)
{
    size_t i;
    int found = 0;
    memcpy(stack + 1001, its.key + 8, 8);
    for (i = 0; i < COUNT(SECRETS); i++) found += holds(stack, STACK_SIZE, SECRETS[i].bytes);
    check_step("the key, put on the stack");
    CHECK_EQUAL(found, 1);
}

/* Each call with the key that is there. */
static void search_calls(uint8_t *stack, const char *key)
{
    size_t i;
    prepare();
    for (i = 0; i < COUNT(CALLS); i++) search(stack, CALLS[i], key);
    tw_verifier_free(its.verifier);
    tw_signer_free(its.signer);
}

int main(void)
{
    const int mapping = MAP_PRIVATE | MAP_ANONYMOUS;
    uint8_t *stack;
    uint32_t suite;
    check_begin("stack_residue");
    stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, mapping, -1, 0);
    REQUIRE(stack != MAP_FAILED);
    for (suite = TW_SUITE_HMAC_SHA256; suite <= TW_SUITE_MLDSA65_ED25519; suite++) {
        REQUIRE_OK(tw_keygen(suite, SEED, its.key, sizeof its.key, &its.key_len));
        search_calls(stack, tw_suite_name(suite));
        see_that_the_search_finds(stack);
    }
    for (suite = TW_SUITE_ML_DSA_44; suite <= TW_SUITE_ML_DSA_87; suite++) {
        REQUIRE((its.key_len = expanded_key(suite, its.key)) != 0);
        search_calls(stack, "expanded");
    }
    check_step("stacks of the library's own");
    CHECK(rooms(NULL, NULL) >= 1);
    munmap(stack, STACK_SIZE);
    return check_end(9 * COUNT(CALLS) * COUNT(SECRETS));
}
