/* What is secret decides no branch and no address: under valgrind's memcheck, secrets are marked
 * undefined, and whatever jumps or loads by them is an error. What may is in constant_time.supp,
 * each with its reason. With the argument `leaky` one thing is done that must be an error.
 *
 *     valgrind --error-exitcode=99 --suppressions=constant_time.supp constant_time
 */
#include <string.h>
#include <valgrind/memcheck.h>
#include "check.h"
#include "expanded.h"

#define TAG 32   /* bytes of an HMAC */
#define HEADER 8 /* of key bytes; it says the suite, and is public */
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint8_t key[TW_KEY_MAX], made[TW_KEY_MAX], sig[TW_SIGNATURE_MAX];
static size_t key_len, made_len, sig_len;
static const uint8_t PAYLOAD[] = "a payload that both sides know";
#define THE_KEY key, key_len
#define THE_PAYLOAD PAYLOAD, sizeof PAYLOAD
#define THE_SIG sig, sizeof sig, &sig_len

/* Long enough for two HMACs to be made at once, and one that is left over. */
static const uint8_t LONG[3][300] = {"one", "two", "three"};
static const tw_bytes BATCH[3] = {
    {LONG[0], sizeof LONG[0]}, {LONG[1], sizeof LONG[1]}, {LONG[2], sizeof LONG[2]}
};
static uint8_t sigs[3 * TW_SIGNATURE_MAX];

static void hide(void *secret, size_t len)
{
    VALGRIND_MAKE_MEM_UNDEFINED(secret, len);
}

/* What is given away is public from then on, and the tests look at it. */
static void show(void *result, size_t len)
{
    VALGRIND_MAKE_MEM_DEFINED(result, len);
}

static void status_ok(tw_status status)
{
    show(&status, sizeof status);
    CHECK_STATUS(status, TW_OK);
}

static void keygen(uint32_t suite)
{
    uint8_t entropy[TW_ENTROPY_SIZE];
    check_step("key generation, %s", tw_suite_name(suite));
    memset(entropy, 7, sizeof entropy);
    hide(entropy, sizeof entropy);
    status_ok(tw_keygen_from_entropy(suite, entropy, sizeof entropy, made, sizeof made,
                                     &made_len));
    show(made, made_len);
}

static void public_half(uint32_t suite)
{
    uint64_t id = 0;
    check_step("public key and id, %s", tw_suite_name(suite));
    if (tw_public_key_size(suite) != 0) {
        status_ok(tw_public_key(THE_KEY, made, sizeof made, &made_len));
        show(made, made_len);
    }
    status_ok(tw_key_id(THE_KEY, &id));
}

static void signing_batch(const tw_signer *signer)
{
    tw_status results[3];
    size_t len = 0;
    status_ok(tw_signer_sign_batch(signer, BATCH, 3, sigs, sizeof sigs, &len, results));
    show(results, sizeof results);
    show(sigs, len);
}

static void signing(uint32_t suite)
{
    static const uint8_t CONTEXT[] = "app";
    tw_signer *signer = NULL;
    check_step("signing, %s", tw_suite_name(suite));
    status_ok(tw_sign(THE_KEY, THE_PAYLOAD, THE_SIG));
    show(sig, sig_len);
    status_ok(tw_signer_new(THE_KEY, &signer));
    status_ok(tw_signer_sign(signer, THE_PAYLOAD, THE_SIG));
    status_ok(tw_signer_sign_with_context(signer, CONTEXT, 3, THE_PAYLOAD, THE_SIG));
    show(sig, sig_len);
    signing_batch(signer);
    tw_signer_free(signer);
}

/* Two that are verified at once, of which one is forged, and one more. */
static void hmac_batch(const tw_verifier *verifier)
{
    const tw_bytes signatures[3] = {{sigs, TAG}, {sigs + TAG, TAG}, {sigs + 2 * TAG, TAG}};
    tw_status results[3], status;
    sigs[2 * TAG - 1] ^= 1;
    status = tw_verifier_verify_batch(verifier, BATCH, signatures, 3, results);
    show(&status, sizeof status);
    show(results, sizeof results);
    CHECK_STATUS(status, TW_ERR_SIGNATURE);
    CHECK_STATUS(results[0], TW_OK);
    CHECK_STATUS(results[1], TW_ERR_SIGNATURE);
    CHECK_STATUS(results[2], TW_OK);
}

/* Only HMAC verifies with a secret. The forged tag agrees in all but its last bit. */
static void hmac_verification(void)
{
    tw_verifier *verifier = NULL;
    tw_status status;
    check_step("verification, hmac-sha256");
    status_ok(tw_sign(THE_KEY, THE_PAYLOAD, THE_SIG));
    show(sig, sig_len);
    status_ok(tw_verify(THE_KEY, THE_PAYLOAD, sig, sig_len));
    status_ok(tw_verifier_new(THE_KEY, &verifier));
    status_ok(tw_verifier_verify(verifier, THE_PAYLOAD, sig, sig_len));
    sig[sig_len - 1] ^= 1;
    status = tw_verifier_verify(verifier, THE_PAYLOAD, sig, sig_len);
    show(&status, sizeof status);
    CHECK_STATUS(status, TW_ERR_SIGNATURE);
    hmac_batch(verifier);
    tw_verifier_free(verifier);
}

static void suite(uint32_t number)
{
    REQUIRE_OK(tw_keygen(number, 1, key, sizeof key, &key_len));
    hide(key + HEADER, key_len - HEADER);
    keygen(number);
    public_half(number);
    signing(number);
    if (number == TW_SUITE_HMAC_SHA256) hmac_verification();
    show(key, key_len);
}

/* A private key without its seed: its public key is computed and its signature verified, too. */
static void expanded(uint32_t number)
{
    REQUIRE((key_len = expanded_key(number, key)) != 0);
    hide(key + HEADER + 32, 32);                           /* K; before it is rho, behind it tr: */
    hide(key + HEADER + 128, key_len - HEADER - 128);      /* both are of the public key */
    public_half(number);
    signing(number);
    show(key, key_len);
}

/* Must be an error: a branch on the first bit of a secret. */
static void leak(void)
{
    static volatile int bits;
    REQUIRE_OK(tw_keygen(TW_SUITE_ED25519, 1, key, sizeof key, &key_len));
    hide(key + HEADER, key_len - HEADER);
    if (key[HEADER] & 1) bits++;
}

int main(int argc, char **argv)
{
    uint32_t number;
    check_begin("constant_time");
    REQUIRE(RUNNING_ON_VALGRIND);
    if (argc == 2 && strcmp(argv[1], "leaky") == 0) {
        leak();
        return check_end(1);
    }
    for (number = TW_SUITE_HMAC_SHA256; number <= TW_SUITE_MLDSA65_ED25519; number++) {
        suite(number);
    }
    for (number = TW_SUITE_ML_DSA_44; number <= TW_SUITE_ML_DSA_87; number++) expanded(number);
    return check_end(60);
}
