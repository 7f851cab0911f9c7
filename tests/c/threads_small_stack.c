/* The order path on a thread with a stack of 64 KiB, as hosts with many threads have it. */
#include <pthread.h>
#include <string.h>
#include "check.h"
#include "expanded.h"
#include "orders.h"

#define STACK_SIZE 65536

static const char CONFIG[] =
    "[journal]\nkind = \"memory\"\n[venue]\nkind = \"paper\"\n"
    "[[instruments]]\nsymbol = \"AAPL\"\ntick = \"0.01\"\nlot = 1\nmax_quantity = \"unlimited\"\n"
    "max_notional = \"unlimited\"\nmax_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n"
    "[[sessions]]\nid = 1\n[[sessions]]\nid = 2\n[[sessions]]\nid = 3\n"
    "[[sessions]]\nid = 4\n[[sessions]]\nid = 5\n[[sessions]]\nid = 6\n";

/* The number of the first step that failed, 0 if none did. */
static uintptr_t order_path(const struct trader *trader)
{
    uint8_t key[TW_KEY_MAX], sig[TW_SIGNATURE_MAX], frame[FRAME_SIZE];
    uint32_t suite = (uint32_t)trader->session;
    size_t key_len, sig_len, len;
    tw_order_ack ack;
    tw_order order = order_new(trader->session, 1, 1, "AAPL", '1', UNIT, UNIT);
    ack.struct_size = sizeof ack;
    if (tw_generate(suite, key, sizeof key, &key_len)) return 1;
    if (tw_sign(key, key_len, key, 8, sig, sizeof sig, &sig_len)) return 2;
    if (tw_verify(key, key_len, key, 8, sig, sig_len)) return 3;
    if (tw_signer_order_sign(trader->signer, &order, frame, sizeof frame, &len)) return 4;
    if (tw_send_order(trader->gateway, frame, len, SECOND, &ack)) return 5;
    return ack.accepted == 1 ? 0 : 6;
}

/* The same of an ML-DSA key without its seed, its number as the argument. */
static void *expanded(void *suite)
{
    uint8_t key[TW_KEY_MAX], public_key[TW_PUBLIC_KEY_MAX], sig[TW_SIGNATURE_MAX];
    size_t key_len = expanded_key(*(const uint32_t *)suite, key), public_len, sig_len;
    tw_signer *signer = NULL;
    if (tw_public_key(key, key_len, public_key, sizeof public_key, &public_len)) return (void *)1;
    if (tw_sign(key, key_len, key, 8, sig, sizeof sig, &sig_len)) return (void *)2;
    if (tw_verify(public_key, public_len, key, 8, sig, sig_len)) return (void *)3;
    if (tw_signer_new(key, key_len, &signer)) return (void *)4;
    if (tw_signer_sign(signer, key, 8, sig, sizeof sig, &sig_len)) return (void *)5;
    tw_signer_free(signer);
    return NULL;
}

static void *run(void *trader)
{
    return (void *)order_path(trader);
}

static uintptr_t on_small_stack(void *(*body)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *failed_step;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0);
    REQUIRE(pthread_create(&thread, &attributes, body, argument) == 0);
    REQUIRE(pthread_join(thread, &failed_step) == 0);
    pthread_attr_destroy(&attributes);
    return (uintptr_t)failed_step;
}

int main(void)
{
    tw_gateway *gateway;
    uint64_t session;
    uint32_t suite;
    check_begin("threads_small_stack");
    gateway = gateway_open(CONFIG);
    for (session = 1; session <= TW_SUITE_MLDSA65_ED25519; session++) { /* one per suite */
        struct trader trader;
        trader_open_with(&trader, gateway, session, (uint32_t)session);
        CHECK_EQUAL(on_small_stack(run, &trader), 0);
        trader_close(&trader);
    }
    for (suite = TW_SUITE_ML_DSA_44; suite <= TW_SUITE_ML_DSA_87; suite++) {
        CHECK_EQUAL(on_small_stack(expanded, &suite), 0);
    }
    tw_gateway_free(gateway);
    return check_end(30);
}
