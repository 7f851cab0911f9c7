/* Signing and verifying as users do: round trips, batches, many threads on one handle. */
#include <pthread.h>
#include <string.h>
#include "check.h"
#include "orders.h"

#define THREADS 4
#define ROUNDS 100

static const uint8_t PAYLOAD[] = "any payload";
static const uint8_t CONTEXT[] = "example/v1";
#define TEXT(text) text, sizeof text - 1

/* One key with all that is made of it. */
struct pair {
    uint8_t secret[TW_KEY_MAX], public_[TW_KEY_MAX];
    size_t secret_len, public_len, sig_size;
    tw_signer *signer;
    tw_verifier *verifier;
};

/* HMAC verifies with the secret. */
static void pair_open(struct pair *pair, uint32_t suite)
{
    REQUIRE_OK(tw_generate(suite, pair->secret, sizeof pair->secret, &pair->secret_len));
    memcpy(pair->public_, pair->secret, pair->secret_len);
    pair->public_len = pair->secret_len;
    if (tw_public_key_size(suite) != 0) {
        REQUIRE_OK(tw_public_key(pair->secret, pair->secret_len, pair->public_,
                                 sizeof pair->public_, &pair->public_len));
    }
    pair->sig_size = tw_signature_size(suite);
    REQUIRE_OK(tw_signer_new(pair->secret, pair->secret_len, &pair->signer));
    REQUIRE_OK(tw_verifier_new(pair->public_, pair->public_len, &pair->verifier));
}

static void pair_close(struct pair *pair)
{
    tw_signer_free(pair->signer);
    tw_verifier_free(pair->verifier);
}

/* The byte functions and the handles make the same signature, and each verifies it. */
static void round_trip(const struct pair *pair)
{
    uint8_t sig[TW_SIGNATURE_MAX], again[TW_SIGNATURE_MAX];
    size_t len, again_len;
    check_step("round trip");
    CHECK_STATUS(tw_sign(pair->secret, pair->secret_len, TEXT(PAYLOAD), sig, sizeof sig, &len),
                 TW_OK);
    CHECK_EQUAL(len, pair->sig_size);
    CHECK_STATUS(tw_signer_sign(pair->signer, TEXT(PAYLOAD), again, sizeof again, &again_len),
                 TW_OK);
    CHECK(again_len == len && memcmp(sig, again, len) == 0);
    CHECK_STATUS(tw_verify(pair->public_, pair->public_len, TEXT(PAYLOAD), sig, len), TW_OK);
    CHECK_STATUS(tw_verify(pair->secret, pair->secret_len, TEXT(PAYLOAD), sig, len), TW_OK);
    CHECK_STATUS(tw_verifier_verify(pair->verifier, TEXT(PAYLOAD), sig, len), TW_OK);
    check_step("empty payload");
    CHECK_STATUS(tw_sign(pair->secret, pair->secret_len, NULL, 0, sig, sizeof sig, &len), TW_OK);
    CHECK_STATUS(tw_verifier_verify(pair->verifier, PAYLOAD, 0, sig, len), TW_OK);
}

static void contexts(const struct pair *pair)
{
    uint8_t sig[TW_SIGNATURE_MAX], again[TW_SIGNATURE_MAX];
    size_t len, again_len;
    check_step("contexts");
    CHECK_STATUS(tw_sign_with_context(pair->secret, pair->secret_len, TEXT(CONTEXT),
                                      TEXT(PAYLOAD), sig, sizeof sig, &len), TW_OK);
    CHECK_STATUS(tw_signer_sign_with_context(pair->signer, TEXT(CONTEXT), TEXT(PAYLOAD), again,
                                             sizeof again, &again_len), TW_OK);
    CHECK(again_len == len && memcmp(sig, again, len) == 0);
    CHECK_STATUS(tw_verifier_verify_with_context(pair->verifier, TEXT(CONTEXT), TEXT(PAYLOAD),
                                                 sig, len), TW_OK);
    CHECK_STATUS(tw_verify_with_context(pair->public_, pair->public_len, TEXT(CONTEXT),
                                        TEXT(PAYLOAD), sig, len), TW_OK);
    CHECK_STATUS(tw_verifier_verify_with_context(pair->verifier, CONTEXT, sizeof CONTEXT - 2,
                                                 TEXT(PAYLOAD), sig, len), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verifier_verify(pair->verifier, TEXT(PAYLOAD), sig, len), TW_ERR_SIGNATURE);
}

static void ids_and_export(const struct pair *pair)
{
    uint64_t secret_id, public_id, signer_id, verifier_id;
    uint32_t suite, kind, usage;
    uint8_t material[TW_KEY_MAX], key[TW_KEY_MAX];
    size_t material_len, key_len;
    check_step("key ids");
    CHECK_STATUS(tw_key_id(pair->secret, pair->secret_len, &secret_id), TW_OK);
    CHECK_STATUS(tw_key_id(pair->public_, pair->public_len, &public_id), TW_OK);
    CHECK_STATUS(tw_signer_key_id(pair->signer, &signer_id), TW_OK);
    CHECK_STATUS(tw_verifier_key_id(pair->verifier, &verifier_id), TW_OK);
    CHECK_EQUAL(public_id, secret_id);
    CHECK_EQUAL(signer_id, secret_id);
    CHECK_EQUAL(verifier_id, secret_id);
    check_step("export, then import");
    CHECK_STATUS(tw_key_export(pair->secret, pair->secret_len, &suite, &kind, &usage, material,
                               sizeof material, &material_len), TW_OK);
    CHECK_EQUAL(kind, TW_KIND_SECRET);
    CHECK_EQUAL(usage, TW_USAGE_FRAMED);
    CHECK_STATUS(tw_key_import(suite, kind, usage, material, material_len, key, sizeof key,
                               &key_len), TW_OK);
    CHECK(key_len == pair->secret_len && memcmp(key, pair->secret, key_len) == 0);
}

static void generated_keys_differ(uint32_t suite)
{
    uint8_t one[TW_KEY_MAX], other[TW_KEY_MAX];
    size_t len;
    check_step("generated keys");
    CHECK_STATUS(tw_generate(suite, one, sizeof one, &len), TW_OK);
    CHECK_STATUS(tw_generate(suite, other, sizeof other, &len), TW_OK);
    CHECK(memcmp(one, other, len) != 0);
}

#define BATCH 5
/* One bad item leaves the others alone, and its error is the batch's. */
static void batch(const struct pair *pair)
{
    static uint8_t sigs[BATCH * TW_SIGNATURE_MAX];
    tw_bytes payloads[BATCH], signatures[BATCH];
    tw_status results[BATCH];
    size_t i, len, size = pair->sig_size;
    check_step("batch");
    for (i = 0; i < BATCH; i++) {
        payloads[i].data = PAYLOAD + i;
        payloads[i].len = 5;
        signatures[i].data = sigs + i * size;
        signatures[i].len = size;
    }
    CHECK_STATUS(tw_signer_sign_batch(pair->signer, payloads, BATCH, NULL, 0, &len, results),
                 TW_OK);
    CHECK_EQUAL(len, BATCH * size);
    CHECK_STATUS(tw_signer_sign_batch(pair->signer, payloads, BATCH, sigs, sizeof sigs, &len,
                                      results), TW_OK);
    CHECK_EQUAL(len, BATCH * size);
    CHECK_STATUS(tw_verifier_verify_batch(pair->verifier, payloads, signatures, BATCH, results),
                 TW_OK);
    sigs[3 * size] ^= 1;
    CHECK_STATUS(tw_verifier_verify_batch(pair->verifier, payloads, signatures, BATCH, results),
                 TW_ERR_SIGNATURE);
    for (i = 0; i < BATCH; i++) CHECK_EQUAL(results[i], i == 3 ? TW_ERR_SIGNATURE : TW_OK);
}

static int is_zero(const uint8_t *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] == 0) len--;
    return len == 0;
}

/* An item that cannot be read, a signature that is cut: the others are as if they came alone. */
static void batch_with_bad_items(const struct pair *pair)
{
    static uint8_t sigs[BATCH * TW_SIGNATURE_MAX], alone[TW_SIGNATURE_MAX];
    const tw_status expected[BATCH] = {TW_OK, TW_ERR_NULL, TW_OK, TW_ERR_SIGNATURE, TW_OK};
    tw_bytes payloads[BATCH], signatures[BATCH];
    tw_status results[BATCH];
    size_t i, len, size = pair->sig_size;
    check_step("batch with bad items");
    for (i = 0; i < BATCH; i++) {
        payloads[i].data = i == 1 ? NULL : PAYLOAD + i;
        payloads[i].len = 5;
        signatures[i].data = sigs + i * size;
        signatures[i].len = i == 3 ? size - 1 : size;
    }
    memset(sigs, 0xA5, sizeof sigs);
    CHECK_STATUS(tw_signer_sign_batch(pair->signer, payloads, BATCH, sigs, sizeof sigs, &len,
                                      results), TW_ERR_NULL);
    CHECK_EQUAL(len, BATCH * size);
    for (i = 0; i < BATCH; i++) {
        CHECK_EQUAL(results[i], i == 1 ? TW_ERR_NULL : TW_OK);
        if (i == 1) {
            CHECK(is_zero(sigs + size, size));
            continue;
        }
        CHECK_STATUS(tw_signer_sign(pair->signer, PAYLOAD + i, 5, alone, sizeof alone, &len), TW_OK);
        CHECK(memcmp(alone, sigs + i * size, size) == 0);
    }
    CHECK_STATUS(tw_verifier_verify_batch(pair->verifier, payloads, signatures, BATCH, results),
                 TW_ERR_NULL);
    for (i = 0; i < BATCH; i++) CHECK_EQUAL(results[i], expected[i]);
}

/* A raw key refuses a payload that reads like a framed one. */
static void batch_with_refused_payload(void)
{
    static const uint8_t FRAMED[] = "TW1\x15tinywindow/v1/payload";
    uint8_t key[TW_KEY_MAX], sigs[96];
    size_t len;
    tw_bytes payloads[3] = {{PAYLOAD, 3}, {FRAMED, sizeof FRAMED}, {PAYLOAD, 4}};
    tw_status results[3];
    tw_signer *signer;
    check_step("batch with a refused payload");
    REQUIRE_OK(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_RAW, TEXT(PAYLOAD),
                             key, sizeof key, &len));
    REQUIRE_OK(tw_signer_new(key, len, &signer));
    memset(sigs, 0xA5, sizeof sigs);
    CHECK_STATUS(tw_signer_sign_batch(signer, payloads, 3, sigs, sizeof sigs, &len, results),
                 TW_ERR_PAYLOAD);
    CHECK_EQUAL(results[0], TW_OK);
    CHECK_EQUAL(results[1], TW_ERR_PAYLOAD);
    CHECK_EQUAL(results[2], TW_OK);
    CHECK_EQUAL(sigs[32] | sigs[63], 0);
    CHECK(sigs[31] != 0xA5 || sigs[30] != 0xA5);
    CHECK(sigs[95] != 0xA5 || sigs[94] != 0xA5);
    tw_signer_free(signer);
}

/* A raw key of ML-DSA takes the contexts of the standard, the empty one too. */
static void raw_contexts(void)
{
    static const uint8_t RESERVED[] = "tinywindow/v1/order";
    static uint8_t key[TW_KEY_MAX], sig[TW_SIGNATURE_MAX], bare[TW_SIGNATURE_MAX];
    static uint8_t context[TW_RAW_CONTEXT_MAX + 1], material[32];
    size_t len, size;
    check_step("contexts of raw keys");
    REQUIRE_OK(tw_key_import(TW_SUITE_ML_DSA_65, TW_KIND_SECRET, TW_USAGE_RAW, material, 32, key,
                             sizeof key, &len));
    CHECK_STATUS(tw_sign(key, len, TEXT(PAYLOAD), bare, sizeof bare, &size), TW_OK);
    CHECK_STATUS(tw_sign_with_context(key, len, NULL, 0, TEXT(PAYLOAD), sig, sizeof sig, &size),
                 TW_OK);
    CHECK(memcmp(sig, bare, size) == 0);
    CHECK_STATUS(tw_sign_with_context(key, len, context, TW_RAW_CONTEXT_MAX, TEXT(PAYLOAD), sig,
                                      sizeof sig, &size), TW_OK);
    CHECK_STATUS(tw_verify_with_context(key, len, context, TW_RAW_CONTEXT_MAX, TEXT(PAYLOAD), sig,
                                        size), TW_OK);
    CHECK_STATUS(tw_verify(key, len, TEXT(PAYLOAD), sig, size), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_sign_with_context(key, len, context, sizeof context, TEXT(PAYLOAD), sig,
                                      sizeof sig, &size), TW_ERR_CONTEXT);
    CHECK_STATUS(tw_sign_with_context(key, len, TEXT(RESERVED), TEXT(PAYLOAD), sig, sizeof sig,
                                      &size), TW_ERR_CONTEXT);
}

/* Two items, of which the second signature is the first's. */
static int batch_is_right(const struct pair *pair, const uint8_t *payload)
{
    uint8_t sigs[2 * TW_SIGNATURE_MAX];
    const tw_bytes payloads[2] = {{payload, 1}, {payload, 2}};
    tw_bytes signatures[2];
    tw_status results[2];
    size_t len;
    signatures[0].data = signatures[1].data = sigs;
    signatures[0].len = signatures[1].len = pair->sig_size;
    return tw_signer_sign_batch(pair->signer, payloads, 2, sigs, sizeof sigs, &len, results) == TW_OK
        && tw_verifier_verify_batch(pair->verifier, payloads, signatures, 2, results)
               == TW_ERR_SIGNATURE
        && results[0] == TW_OK && results[1] == TW_ERR_SIGNATURE;
}

/* Counts its own failures: checks are made on the main thread. */
static void *sign_and_verify(void *argument)
{
    const struct pair *pair = argument;
    uint8_t payload[64], sig[TW_SIGNATURE_MAX];
    uintptr_t failures = 0;
    size_t i, len;
    for (i = 0; i < ROUNDS; i++) {
        memset(payload, (int)i, sizeof payload);
        if (tw_signer_sign(pair->signer, payload, i % 64, sig, sizeof sig, &len) != TW_OK) {
            failures++;
        }
        if (tw_verifier_verify(pair->verifier, payload, i % 64, sig, len) != TW_OK) failures++;
        sig[0] ^= 1;
        if (tw_verifier_verify(pair->verifier, payload, i % 64, sig, len) != TW_ERR_SIGNATURE) {
            failures++;
        }
        if (i % 10 == 0 && !batch_is_right(pair, payload)) failures++;
    }
    return (void *)failures;
}

static void threads(struct pair *pair)
{
    pthread_t thread[THREADS];
    void *failures;
    int i;
    check_step("threads on one handle");
    for (i = 0; i < THREADS; i++) {
        REQUIRE(pthread_create(&thread[i], NULL, sign_and_verify, pair) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        REQUIRE(pthread_join(thread[i], &failures) == 0);
        CHECK_EQUAL((uintptr_t)failures, 0);
    }
}

static void orders(const struct pair *pair)
{
    uint8_t frame[FRAME_SIZE];
    size_t len, signed_len;
    tw_order decoded, order = order_new(7, 8, 9, "AAPL", '2', 18950000000, UNIT);
    check_step("order frames");
    memset(order.account, 0, sizeof order.account);
    CHECK_STATUS(tw_signer_order_sign(pair->signer, &order, frame, sizeof frame, &len), TW_OK);
    CHECK_EQUAL(len, 8 + 104 + 2 + pair->sig_size);
    CHECK_STATUS(tw_order_verify(pair->public_, pair->public_len, frame, len), TW_OK);
    decoded.struct_size = sizeof decoded;
    CHECK_STATUS(tw_order_decode(frame, len, &decoded, &signed_len), TW_OK);
    CHECK_EQUAL(signed_len, 112);
    REQUIRE_OK(tw_signer_key_id(pair->signer, &order.key_id));
    CHECK(memcmp(&order, &decoded, sizeof order) == 0);
    frame[50] ^= 1;
    CHECK_STATUS(tw_order_verify(pair->public_, pair->public_len, frame, len), TW_ERR_SIGNATURE);
}

static void suite(uint32_t number)
{
    struct pair pair;
    check_step("suite %s", tw_suite_name(number));
    pair_open(&pair, number);
    round_trip(&pair);
    contexts(&pair);
    ids_and_export(&pair);
    generated_keys_differ(number);
    batch(&pair);
    batch_with_bad_items(&pair);
    threads(&pair);
    orders(&pair);
    pair_close(&pair);
}

int main(void)
{
    uint32_t number;
    check_begin("functional_signing");
    for (number = TW_SUITE_HMAC_SHA256; number <= TW_SUITE_MLDSA65_ED25519; number++) {
        suite(number);
    }
    batch_with_refused_payload();
    raw_contexts();
    return check_end(500);
}
