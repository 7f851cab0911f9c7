/* Keys used for what they are not for, contexts, signatures that do not fit. */
#include <string.h>
#include "check.h"
#include "matrix.h"

#define BYTES_OF(field) fixture.field.data, fixture.field.len

static unsigned char out[TW_SIGNATURE_MAX];
static size_t out_len;
#define OUT out, sizeof out, &out_len

static void public_keys(void)
{
    tw_signer *signer = NULL;
    check_step("a public key signs nothing");
    CHECK_STATUS(tw_sign(BYTES_OF(ed25519_public), BYTES_OF(payload), OUT), TW_ERR_KEY_KIND);
    CHECK_STATUS(tw_sign_with_context(BYTES_OF(ed25519_public), BYTES_OF(context),
                                      BYTES_OF(payload), OUT), TW_ERR_KEY_KIND);
    CHECK_STATUS(tw_order_sign(BYTES_OF(ed25519_public), &fixture.order, OUT), TW_ERR_KEY_KIND);
    CHECK_STATUS(tw_signer_new(BYTES_OF(ed25519_public), &signer), TW_ERR_KEY_KIND);
    CHECK(signer == NULL);
}

static void raw_bytes(const struct bytes *raw)
{
    check_step("a raw key of suite %d", raw->data[4]);
    CHECK_STATUS(tw_sign_with_context(raw->data, raw->len, BYTES_OF(context), BYTES_OF(payload),
                                      OUT), TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_verify_with_context(raw->data, raw->len, BYTES_OF(context),
                                        BYTES_OF(payload), BYTES_OF(signature)),
                 TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_order_sign(raw->data, raw->len, &fixture.order, OUT), TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_order_verify(raw->data, raw->len, BYTES_OF(sent_frame)), TW_ERR_KEY_USAGE);
}

static void raw_handles(const struct bytes *raw)
{
    /* what a raw key may not sign: the block of a framed signature */
    static const unsigned char BLOCK[64] = "TW1\x15tinywindow/v1/payload";
    tw_signer *signer;
    tw_verifier *verifier;
    REQUIRE_OK(tw_signer_new(raw->data, raw->len, &signer));
    REQUIRE_OK(tw_verifier_new(raw->data, raw->len, &verifier));
    CHECK_STATUS(tw_signer_sign_with_context(signer, BYTES_OF(context), BYTES_OF(payload), OUT),
                 TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_signer_order_sign(signer, &fixture.order, OUT), TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_verifier_verify_with_context(verifier, BYTES_OF(context), BYTES_OF(payload),
                                                 BYTES_OF(signature)), TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_signer_sign(signer, BLOCK, sizeof BLOCK, OUT), TW_ERR_PAYLOAD);
    CHECK_STATUS(tw_verifier_verify(verifier, BLOCK, sizeof BLOCK, BYTES_OF(signature)),
                 TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_sign(raw->data, raw->len, BLOCK, sizeof BLOCK, OUT), TW_ERR_PAYLOAD);
    tw_signer_free(signer);
    tw_verifier_free(verifier);
}

static void truncated_tags(void)
{
    unsigned char tag[33] = {0};
    size_t n;
    REQUIRE_OK(tw_sign(BYTES_OF(raw_hmac), BYTES_OF(payload), tag, 32, &out_len));
    for (n = 0; n <= 33; n++) {
        tw_status expected = n < 16 || n > 32 ? TW_ERR_LENGTH : TW_OK;
        check_step("tag of %lu bytes", (unsigned long)n);
        CHECK_STATUS(tw_verify_truncated(BYTES_OF(raw_hmac), BYTES_OF(payload), tag, n), expected);
        tag[0] ^= 1;
        if (expected == TW_OK) expected = TW_ERR_SIGNATURE;
        CHECK_STATUS(tw_verify_truncated(BYTES_OF(raw_hmac), BYTES_OF(payload), tag, n), expected);
        tag[0] ^= 1;
    }
    check_step("truncated tags are for raw HMAC keys");
    CHECK_STATUS(tw_verify(BYTES_OF(raw_hmac), BYTES_OF(payload), tag, 16), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verify_truncated(BYTES_OF(hmac), BYTES_OF(payload), tag, 16),
                 TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_verify_truncated(BYTES_OF(raw_ed25519), BYTES_OF(payload), tag, 16),
                 TW_ERR_SUITE);
    for (n = 0; n < 9; n++) {
        check_step("truncated tag, key cut to %lu", (unsigned long)n);
        CHECK_STATUS(tw_verify_truncated(fixture.raw_hmac.data, n, BYTES_OF(payload), tag, 16),
                     TW_ERR_KEY);
    }
}

static void context(const void *text, size_t len, tw_status expected)
{
    unsigned char sig[64];
    size_t n;
    const uint8_t *bytes = text;
    tw_status made = tw_sign_with_context(BYTES_OF(ed25519), bytes, len, BYTES_OF(payload), OUT);
    check_step("context of %lu bytes: %.20s", (unsigned long)len, len ? (const char *)text : "");
    CHECK_STATUS(made, expected);
    CHECK_STATUS(tw_signer_sign_with_context(fixture.signer, bytes, len, BYTES_OF(payload), sig,
                                             sizeof sig, &n), expected);
    CHECK_STATUS(tw_verify_with_context(BYTES_OF(ed25519), bytes, len, BYTES_OF(payload), out, 64),
                 expected);
    CHECK_STATUS(tw_verifier_verify_with_context(fixture.verifier, bytes, len, BYTES_OF(payload),
                                                 out, 64), expected);
}

static void contexts(void)
{
    char longest[TW_CONTEXT_MAX + 1];
    memset(longest, 'c', sizeof longest);
    context(NULL, 0, TW_ERR_CONTEXT);
    context("x", 0, TW_ERR_CONTEXT);
    context(longest, TW_CONTEXT_MAX, TW_OK);
    context(longest, TW_CONTEXT_MAX + 1, TW_ERR_CONTEXT);
    context("tinywindow/", 11, TW_ERR_CONTEXT);
    context("tinywindow/v1/payload", 21, TW_ERR_CONTEXT);
    context("tinywindow/v1/order", 19, TW_ERR_CONTEXT);
    context("tinywindow", 10, TW_OK);
    context("\0\xff", 2, TW_OK);
}

/* Every length but the right one, the other suite's, another key's, another payload's. */
static void signatures(void)
{
    unsigned char sig[65] = {0};
    size_t n;
    memcpy(sig, fixture.signature.data, 64);
    for (n = 0; n <= 65; n++) {
        tw_status expected = n == 64 ? TW_OK : TW_ERR_SIGNATURE;
        check_step("signature of %lu bytes", (unsigned long)n);
        CHECK_STATUS(tw_verify(BYTES_OF(ed25519), BYTES_OF(payload), sig, n), expected);
        CHECK_STATUS(tw_verifier_verify(fixture.verifier, BYTES_OF(payload), sig, n), expected);
        CHECK_STATUS(tw_verify(BYTES_OF(hmac), BYTES_OF(payload), sig, n), TW_ERR_SIGNATURE);
    }
    check_step("signature that is not this one");
    CHECK_STATUS(tw_verify(BYTES_OF(ed25519), BYTES_OF(payload), NULL, 0), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verify(BYTES_OF(ed25519), NULL, 0, sig, 64), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verify(BYTES_OF(ed25519), BYTES_OF(context), sig, 64), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verify(BYTES_OF(ed25519), BYTES_OF(payload),
                           fixture.context_signature.data, 64), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verify(BYTES_OF(raw_ed25519), BYTES_OF(payload), sig, 64), TW_ERR_SIGNATURE);
}

static void batches(void)
{
    unsigned char sigs[128];
    tw_status results[2] = {77, 77};
    tw_bytes payloads[2], sig_list[2];
    memset(sigs, 0xA5, sizeof sigs);
    memcpy(payloads, fixture.payloads, sizeof payloads);
    memcpy(sig_list, fixture.signatures, sizeof sig_list);
    check_step("batch of none");
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, NULL, 0, NULL, 0, &out_len, NULL), TW_OK);
    CHECK_EQUAL(out_len, 0);
    CHECK_STATUS(tw_verifier_verify_batch(fixture.verifier, NULL, NULL, 0, NULL), TW_OK);
    check_step("batch of more than there is memory");
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, payloads, SIZE_MAX, sigs, sizeof sigs,
                                      &out_len, results), TW_ERR_LENGTH);
    CHECK_STATUS(tw_verifier_verify_batch(fixture.verifier, payloads, sig_list, SIZE_MAX / 8,
                                          results), TW_ERR_LENGTH);
    CHECK_EQUAL(results[0], 77);
    CHECK_EQUAL(sigs[0], 0xA5);
    check_step("batch with a NULL item");
    payloads[0].data = NULL;
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, payloads, 2, sigs, sizeof sigs, &out_len,
                                      results), TW_ERR_NULL);
    CHECK_EQUAL(results[0], TW_ERR_NULL);
    CHECK_EQUAL(results[1], TW_OK);
    CHECK_EQUAL(sigs[0] | sigs[63], 0);
    CHECK(memcmp(sigs + 64, fixture.signature.data, 64) == 0);
    check_step("batch with a huge NULL item");
    payloads[0].len = SIZE_MAX / 2;
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, payloads, 2, sigs, sizeof sigs, &out_len,
                                      results), TW_ERR_NULL);
    CHECK_EQUAL(results[0], TW_ERR_NULL);
    CHECK_EQUAL(results[1], TW_OK);
    check_step("batch with a huge and a short item");
    payloads[0].data = fixture.payload.data;
    payloads[0].len = SIZE_MAX;
    sig_list[1].len = 63;
    CHECK_STATUS(tw_verifier_verify_batch(fixture.verifier, payloads, sig_list, 2, results),
                 TW_ERR_LENGTH);
    CHECK_EQUAL(results[0], TW_ERR_LENGTH);
    CHECK_EQUAL(results[1], TW_ERR_SIGNATURE);
}

void negative_signing(void)
{
    public_keys();
    raw_bytes(&fixture.raw_hmac);
    raw_handles(&fixture.raw_hmac);
    raw_bytes(&fixture.raw_ed25519);
    raw_handles(&fixture.raw_ed25519);
    truncated_tags();
    contexts();
    signatures();
    batches();
}
