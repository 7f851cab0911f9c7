/* Signing and sending orders from C, beside OpenSSL in the same process. Prints Markdown.
 * Usage: bench_c [smoke] */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "orders.h"

#define PAYLOAD_SIZE 200
#define MATERIAL_OFFSET 8 /* in key bytes */

static uint8_t payload[PAYLOAD_SIZE];

/* One key in every form. */
typedef struct forms {
    uint8_t key[TW_KEY_MAX];
    size_t key_len;
    tw_signer *signer;
    tw_verifier *verifier;
    tw_gateway *gateway;
    uint8_t sig[TW_SIGNATURE_MAX];
    size_t sig_len;
    EVP_MAC_CTX *mac;
    EVP_PKEY *pkey;
    uint8_t openssl_sig[64];
} forms;

static void sign_prepared(void *state, long count)
{
    forms *f = state;
    uint8_t sig[64];
    size_t len;

    while (count--)
        must(tw_signer_sign(f->signer, payload, sizeof payload, sig, sizeof sig, &len) == TW_OK,
             "tw_signer_sign");
}

static void verify_prepared(void *state, long count)
{
    forms *f = state;

    while (count--)
        must(tw_verifier_verify(f->verifier, payload, sizeof payload, f->sig, f->sig_len) == TW_OK,
             "tw_verifier_verify");
}

static void sign_bytes(void *state, long count)
{
    forms *f = state;
    uint8_t sig[64];
    size_t len;

    while (count--)
        must(tw_sign(f->key, f->key_len, payload, sizeof payload, sig, sizeof sig, &len) == TW_OK,
             "tw_sign");
}

static void verify_bytes(void *state, long count)
{
    forms *f = state;

    while (count--)
        must(tw_verify(f->key, f->key_len, payload, sizeof payload, f->sig, f->sig_len) == TW_OK,
             "tw_verify");
}

static void openssl_mac(EVP_MAC_CTX *mac, uint8_t tag[32])
{
    size_t len;

    /* Without a key: that of before, kept in the context. */
    must(EVP_MAC_init(mac, NULL, 0, NULL) && EVP_MAC_update(mac, payload, sizeof payload)
             && EVP_MAC_final(mac, tag, &len, 32), "EVP_MAC");
}

static void openssl_hmac(void *state, long count)
{
    forms *f = state;
    uint8_t tag[32];

    while (count--)
        openssl_mac(f->mac, tag);
}

static void openssl_hmac_verify(void *state, long count)
{
    forms *f = state;
    uint8_t tag[32];

    while (count--) {
        openssl_mac(f->mac, tag);
        must(CRYPTO_memcmp(tag, f->openssl_sig, sizeof tag) == 0, "CRYPTO_memcmp");
    }
}

static void openssl_ed25519(void *state, long count)
{
    forms *f = state;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t sig[64];
    size_t len;

    while (count--) {
        len = sizeof sig;
        must(EVP_DigestSignInit(context, NULL, NULL, NULL, f->pkey)
                 && EVP_DigestSign(context, sig, &len, payload, sizeof payload), "EVP_DigestSign");
    }
    memcpy(f->openssl_sig, sig, sizeof sig);
    EVP_MD_CTX_free(context);
}

static void openssl_ed25519_verify(void *state, long count)
{
    forms *f = state;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    while (count--)
        must(EVP_DigestVerifyInit(context, NULL, NULL, NULL, f->pkey)
                 && EVP_DigestVerify(context, f->openssl_sig, 64, payload, sizeof payload) == 1,
             "EVP_DigestVerify");
    EVP_MD_CTX_free(context);
}

static void prepare(forms *f, uint32_t suite)
{
    char digest[] = "SHA256";
    OSSL_PARAM parameters[2];

    memset(f, 0, sizeof *f);
    must(tw_keygen(suite, 1, f->key, sizeof f->key, &f->key_len) == TW_OK, "tw_keygen");
    must(tw_signer_new(f->key, f->key_len, &f->signer) == TW_OK, "tw_signer_new");
    must(tw_verifier_new(f->key, f->key_len, &f->verifier) == TW_OK, "tw_verifier_new");
    must(tw_sign(f->key, f->key_len, payload, sizeof payload, f->sig, sizeof f->sig,
                 &f->sig_len) == TW_OK, "tw_sign");
    if (suite == TW_SUITE_ED25519) {
        f->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, f->key + MATERIAL_OFFSET,
                                               32);
        must(f->pkey != NULL, "EVP_PKEY_new_raw_private_key");
        openssl_ed25519(f, 1);
        return;
    }
    parameters[0] = OSSL_PARAM_construct_utf8_string("digest", digest, 0);
    parameters[1] = OSSL_PARAM_construct_end();
    f->mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    must(EVP_MAC_init(f->mac, f->key + MATERIAL_OFFSET, 32, parameters), "EVP_MAC_init");
    openssl_mac(f->mac, f->openssl_sig);
}

static void finish(forms *f)
{
    tw_signer_free(f->signer);
    tw_verifier_free(f->verifier);
    EVP_MAC_CTX_free(f->mac);
    EVP_PKEY_free(f->pkey);
}

static void compare_hmac(int rounds)
{
    forms f;

    prepare(&f, TW_SUITE_HMAC_SHA256);
    {
        const contender signing[] = {
            { "`tw_signer_sign`", sign_prepared, &f },
            { "`tw_sign`, from key bytes", sign_bytes, &f },
            { "OpenSSL `EVP_MAC`, context reused", openssl_hmac, &f },
        };
        const contender verifying[] = {
            { "`tw_verifier_verify`", verify_prepared, &f },
            { "`tw_verify`, from key bytes", verify_bytes, &f },
            { "OpenSSL `EVP_MAC`, context reused", openssl_hmac_verify, &f },
        };
        compare("HMAC-SHA256 of 200 bytes: sign", signing, 3, rounds);
        compare("HMAC-SHA256 of 200 bytes: verify", verifying, 3, rounds);
    }
    finish(&f);
}

static void compare_ed25519(int rounds)
{
    forms f;

    prepare(&f, TW_SUITE_ED25519);
    {
        const contender signing[] = {
            { "`tw_signer_sign`", sign_prepared, &f },
            { "OpenSSL `EVP_DigestSign`", openssl_ed25519, &f },
        };
        const contender verifying[] = {
            { "`tw_verifier_verify`", verify_prepared, &f },
            { "OpenSSL `EVP_DigestVerify`", openssl_ed25519_verify, &f },
        };
        compare("Ed25519 of 200 bytes: sign", signing, 2, rounds);
        compare("Ed25519 of 200 bytes: verify", verifying, 2, rounds);
    }
    finish(&f);
}

static void verify_frame(void *state, const frame *order)
{
    forms *f = state;

    must(tw_verifier_verify(f->verifier, order->bytes, order->signed_length, order->signature,
                            f->sig_len) == TW_OK, "tw_verifier_verify");
}

static void send_frame(void *state, const frame *order)
{
    forms *f = state;
    tw_order_ack ack;

    ack.struct_size = sizeof ack;
    must(tw_send_order(f->gateway, order->bytes, order->length, TIMEOUT_NS, &ack) == TW_OK
             && ack.accepted, "tw_send_order");
}

int main(int argc, char **argv)
{
    int smoke = argc > 1 && strcmp(argv[1], "smoke") == 0;
    int rounds = smoke ? 3 : ROUNDS_MAX;
    forms f;

    printf("\n## C\n");
    compare_hmac(rounds);
    compare_ed25519(rounds);
    prepare(&f, TW_SUITE_HMAC_SHA256);
    must(tw_gateway_open((const uint8_t *)CONFIG, strlen(CONFIG), &f.gateway) == TW_OK,
         "tw_gateway_open");
    must(tw_gateway_key_add(f.gateway, SESSION, f.key, f.key_len) == TW_OK, "tw_gateway_key_add");
    measure_orders("`tw_send_order`, hmac-sha256 session, mean of 1,000 orders, median of these",
                   verify_frame, send_frame, &f, f.signer, smoke ? 3 : CHUNKS_MAX);
    tw_gateway_free(f.gateway);
    finish(&f);
    return 0;
}
