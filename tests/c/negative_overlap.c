/* Inputs and outputs in the same memory: the answer is what it is apart, or TW_ERR_ARGUMENT for
 * batches. */
#include <string.h>
#include "check.h"
#include "matrix.h"

#define BYTES_OF(field) fixture.field.data, fixture.field.len
#define AT 100 /* where the input lies; the output begins from 100 bytes before to 100 after */

static unsigned char expected[2048], memory[4096] __attribute__((aligned(16)));
static size_t expected_len, len;

static void place(const struct bytes *input)
{
    memset(memory, 0, sizeof memory);
    memcpy(memory + AT, input->data, input->len);
}

static void same(unsigned char *out)
{
    CHECK_EQUAL(len, expected_len);
    CHECK(memcmp(out, expected, expected_len) == 0);
}

/* `call` is made with the input in place, its output at `out`. */
#define OVERLAPPING(input, apart, together) \
    do { \
        unsigned char *out = expected; \
        size_t offset; \
        unsigned char *in = fixture.input.data; \
        check_step("overlap: %s", #together); \
        REQUIRE_OK(apart); \
        expected_len = len; \
        in = memory + AT; \
        for (offset = 0; offset <= 2 * AT; offset += 4) { \
            place(&fixture.input); \
            out = memory + offset; \
            CHECK_STATUS(together, TW_OK); \
            same(out); \
        } \
    } while (0)
#define OVERLAP(input, call) OVERLAPPING(input, call, call)
#define OUT out, 2000, &len

static void keys(void)
{
    uint32_t suite, kind, usage;
    OVERLAP(entropy, tw_keygen_from_entropy(TW_SUITE_ED25519, in, TW_ENTROPY_SIZE, OUT));
    OVERLAP(material, tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_RAW, in, 32,
                                    OUT));
    OVERLAP(hmac, tw_key_export(in, 40, &suite, &kind, &usage, OUT));
    OVERLAP(ed25519, tw_public_key(in, 40, OUT));
}

static void signatures(void)
{
    OVERLAP(payload, tw_sign(BYTES_OF(hmac), in, fixture.payload.len, OUT));
    OVERLAP(payload, tw_sign(BYTES_OF(ed25519), in, fixture.payload.len, OUT));
    OVERLAP(ed25519, tw_sign(in, 40, BYTES_OF(payload), OUT));
    OVERLAP(context, tw_sign_with_context(BYTES_OF(ed25519), in, fixture.context.len,
                                          BYTES_OF(payload), OUT));
    OVERLAP(payload, tw_signer_sign(fixture.signer, in, fixture.payload.len, OUT));
    OVERLAP(context, tw_signer_sign_with_context(fixture.signer, in, fixture.context.len,
                                                 BYTES_OF(payload), OUT));
}

static void frames(void)
{
    OVERLAP(order_signature, tw_order_encode(&fixture.order, in, 32, OUT));
    OVERLAP(hmac, tw_order_sign(in, 40, &fixture.order, OUT));
}

/* A frame over the struct that it is made from, and back. */
static void structs(void)
{
    union { tw_order order; unsigned char bytes[TW_ORDER_FRAME_MAX]; } both;
    size_t signed_len = 0;
    check_step("overlap: order and frame");
    both.order = fixture.order;
    CHECK_STATUS(tw_order_sign(BYTES_OF(hmac), &both.order, both.bytes, sizeof both.bytes, &len),
                 TW_OK);
    CHECK_EQUAL(len, fixture.sent_frame.len);
    CHECK(memcmp(both.bytes, fixture.sent_frame.data, len) == 0);
    both.order = fixture.order;
    CHECK_STATUS(tw_signer_order_sign(fixture.signer, &both.order, both.bytes, sizeof both.bytes,
                                      &len), TW_OK);
    CHECK_STATUS(tw_order_verify(BYTES_OF(ed25519_public), both.bytes, len), TW_OK);
    check_step("overlap: frame and order"); /* struct_size covers the frame's header */
    memcpy(both.bytes + 8, BYTES_OF(sent_frame));
    both.order.struct_size = sizeof both.order;
    CHECK_STATUS(tw_order_decode(both.bytes + 8, fixture.sent_frame.len, &both.order,
                                 &signed_len), TW_OK);
    CHECK_EQUAL(signed_len, 112);
    CHECK_EQUAL(both.order.client_order_id, fixture.order.client_order_id);
    CHECK_EQUAL(both.order.quantity, fixture.order.quantity);
}

/* Refused, since one item's signature would lie over the next item's payload. */
static void batches(void)
{
    union {
        unsigned char bytes[256];
        tw_bytes items[2];
        tw_status results[2];
    } both;
    unsigned char sigs[128];
    tw_status results[2] = {77, 77};
    check_step("overlap: batch");
    memcpy(both.items, fixture.payloads, sizeof both.items);
    memset(sigs, 0, sizeof sigs);
    len = 77;
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, both.items, 2, both.bytes + 8, 128, &len,
                                      results), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, both.items, 2, sigs, 128, &len,
                                      both.results), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_verifier_verify_batch(fixture.verifier, both.items, fixture.signatures, 2,
                                          both.results), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_verifier_verify_batch(fixture.verifier, fixture.payloads, both.items, 2,
                                          both.results), TW_ERR_ARGUMENT);
    both.items[1].data = sigs + 120;
    CHECK_STATUS(tw_signer_sign_batch(fixture.signer, both.items, 2, sigs, 128, &len, results),
                 TW_ERR_ARGUMENT);
    both.items[1].data = fixture.payload.data;
    CHECK(memcmp(both.items, fixture.payloads, sizeof both.items) == 0);
    CHECK_EQUAL(len, 77);
    CHECK_EQUAL(results[0], 77);
    CHECK_EQUAL(sigs[0] | sigs[127], 0);
}

void negative_overlap(void)
{
    keys();
    signatures();
    frames();
    structs();
    batches();
}
