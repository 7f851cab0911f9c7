/* Orders that are none, and frames that are not of the key. */
#include <string.h>
#include "check.h"
#include "matrix.h"

#define BYTES_OF(field) fixture.field.data, fixture.field.len
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static unsigned char frame[TW_ORDER_FRAME_MAX];
static size_t frame_len;
#define FRAME_OUT frame, sizeof frame, &frame_len

static void refused(const char *what, tw_order order)
{
    check_step("order: %s", what);
    CHECK_STATUS(tw_order_encode(&order, NULL, 0, FRAME_OUT), TW_ERR_ORDER);
    CHECK_STATUS(tw_order_sign(BYTES_OF(hmac), &order, FRAME_OUT), TW_ERR_ORDER);
    CHECK_STATUS(tw_signer_order_sign(fixture.signer, &order, FRAME_OUT), TW_ERR_ORDER);
}

/* One field of a good order set to what it may not be. */
#define REFUSED(field, value) \
    do { \
        tw_order order = fixture.order; \
        order.field = (value); \
        refused(#field " " #value, order); \
    } while (0)

static void fields(void)
{
    REFUSED(template_id, 0);
    REFUSED(template_id, 4);
    REFUSED(template_id, 65537); /* 1 to whoever keeps sixteen bits of it */
    REFUSED(template_id, UINT32_MAX);
    REFUSED(price, TW_PRICE_NONE);
    REFUSED(stop_price, 1);
    REFUSED(quantity, 0);
    REFUSED(orig_client_order_id, 1);
    REFUSED(side, 0);
    REFUSED(side, 1);
    REFUSED(side, '3');
    REFUSED(ord_type, 0);
    REFUSED(ord_type, '1'); /* a market order with a price */
    REFUSED(ord_type, '3');
    REFUSED(ord_type, '4');
    REFUSED(ord_type, '5');
    REFUSED(time_in_force, 0);
    REFUSED(time_in_force, '2');
    REFUSED(symbol[0], 0);
    REFUSED(symbol[0], ' ');
    REFUSED(symbol[1], 0x7F);
    REFUSED(symbol[15], 'X');
    REFUSED(account[0], 0x80);
    REFUSED(account[15], '1');
    REFUSED(template_id, TW_TEMPLATE_ORDER_CANCEL_REQUEST); /* which has no price */
}

static void encode_lengths(void)
{
    static unsigned char sig[TW_SIGNATURE_MAX + 1];
    check_step("longest signature of a frame, and one more");
    CHECK_STATUS(tw_order_encode(&fixture.order, sig, TW_SIGNATURE_MAX, FRAME_OUT), TW_OK);
    CHECK_EQUAL(frame_len, 8 + 104 + 2 + TW_SIGNATURE_MAX);
    CHECK_STATUS(tw_order_encode(&fixture.order, sig, TW_SIGNATURE_MAX + 1, FRAME_OUT),
                 TW_ERR_ORDER);
}

static void verification(void)
{
    size_t i;
    check_step("frame of another key");
    CHECK_STATUS(tw_order_verify(BYTES_OF(ed25519_public), BYTES_OF(sent_frame)),
                 TW_ERR_SIGNATURE);
    check_step("unsigned frame");
    REQUIRE_OK(tw_order_encode(&fixture.order, NULL, 0, FRAME_OUT));
    CHECK_STATUS(tw_order_verify(BYTES_OF(hmac), frame, frame_len), TW_ERR_SIGNATURE);
    for (i = 8; i < fixture.sent_frame.len; i++) {
        tw_status status;
        memcpy(frame, BYTES_OF(sent_frame));
        frame[i] ^= 1;
        status = tw_order_verify(BYTES_OF(hmac), frame, fixture.sent_frame.len);
        check_step("flipped bit in byte %lu gave %s", (unsigned long)i, tw_status_name(status));
        CHECK(status == TW_ERR_SIGNATURE || status == TW_ERR_ORDER);
    }
}

void negative_orders(void)
{
    fields();
    encode_lengths();
    verification();
}
