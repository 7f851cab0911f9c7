/* From a key to a fill, in C.
 *
 *     cc quickstart.c $(pkg-config --cflags --libs tinywindow) && ./a.out
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tinywindow.h>

#define UNIT INT64_C(100000000)          /* prices and quantities have exponent -8 */
#define SECOND_NS UINT64_C(1000000000)

static const char config[] =
    "journal = { kind = 'memory' }\n"
    "venue = { kind = 'paper' }\n"
    "sessions = [{ id = 1 }, { id = 2 }]\n"
    "[[instruments]]\n"
    "symbol = 'AAPL'\n"
    "tick = '0.01'\n"
    "lot = 1\n"
    "max_quantity = 1000\n"
    "max_notional = 1000000\n"
    "max_position = 5000\n"
    "collar_percent = 10\n"
    "reference_price = '585.33'\n";

static void check(tw_status status) {
    if (status != TW_OK) {
        fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_status_message(status));
        exit(1);
    }
}

static uint64_t now(void) {
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static void sign_and_verify(const uint8_t *key, size_t key_len) {
    const uint8_t *payload = (const uint8_t *)"hello", *other = (const uint8_t *)"hullo";
    uint8_t signature[TW_SIGNATURE_MAX];
    size_t signature_len;
    uint64_t key_id;
    check(tw_key_id(key, key_len, &key_id));
    check(tw_sign(key, key_len, payload, 5, signature, sizeof signature, &signature_len));
    check(tw_verify(key, key_len, payload, 5, signature, signature_len));
    printf("key %016" PRIx64 " signs \"hello\": valid\n", key_id);
    tw_status status = tw_verify(key, key_len, other, 5, signature, signature_len);
    printf("the same signature on \"hullo\": %s\n", tw_status_name(status));
}

/* Signs a limit order as the session whose key this is, sends it and prints the answer. */
static void send_limit_order(tw_gateway *gateway, uint64_t session_id, const uint8_t *key,
                             size_t key_len, uint8_t side, uint64_t quantity, int64_t price) {
    tw_order order;
    uint8_t frame[TW_ORDER_FRAME_MAX];
    size_t frame_len;
    tw_order_ack ack;
    memset(&order, 0, sizeof order);
    order.struct_size = sizeof order;
    order.template_id = TW_TEMPLATE_NEW_ORDER_SINGLE;
    order.session_id = session_id;
    order.client_order_id = order.sequence = 1;     /* the session's first */
    order.sending_time = now();
    memcpy(order.symbol, "AAPL", 4);
    order.side = side;
    order.ord_type = '2';                           /* limit */
    order.time_in_force = '0';                      /* day */
    order.quantity = quantity * UNIT;
    order.price = price;
    order.stop_price = TW_PRICE_NONE;
    check(tw_order_sign(key, key_len, &order, frame, sizeof frame, &frame_len));

    memset(&ack, 0, sizeof ack);
    ack.struct_size = sizeof ack;
    check(tw_send_order(gateway, frame, frame_len, SECOND_NS, &ack));
    printf("%s %" PRIu64 " AAPL at %.2f: ", side == '1' ? "buy" : "sell", quantity,
           (double)price / UNIT);
    if (ack.accepted) printf("accepted, order %" PRIu64 "\n", ack.order_id);
    else printf("rejected, %s\n", tw_reason_name(ack.reason));
}

static void print_fills(tw_gateway *gateway, int fills) {
    while (fills > 0) {
        tw_completion completion;
        size_t count;
        memset(&completion, 0, sizeof completion);
        completion.struct_size = sizeof completion;
        check(tw_gateway_poll(gateway, &completion, 1, SECOND_NS, &count));
        if (count == 0) check(TW_ERR_TIMEOUT);
        if (completion.kind != TW_COMPLETION_EXECUTION || completion.exec_type != 'F') continue;
        printf("fill of order %" PRIu64 ": %" PRIu64 " at %.2f, %" PRIu64 " left\n",
               completion.order_id, completion.last_quantity / UNIT,
               (double)completion.last_price / UNIT, completion.leaves_quantity / UNIT);
        --fills;
    }
}

int main(void) {
    /* Seeds make examples repeatable and are guessable: real keys come from tw_generate. */
    uint8_t seller[TW_KEY_MAX], buyer[TW_KEY_MAX], half[TW_PUBLIC_KEY_MAX];
    size_t seller_len, buyer_len, half_len;
    tw_gateway *gateway = NULL;
    check(tw_keygen(TW_SUITE_ED25519, 1, seller, sizeof seller, &seller_len));
    check(tw_keygen(TW_SUITE_ED25519, 2, buyer, sizeof buyer, &buyer_len));
    sign_and_verify(seller, seller_len);

    check(tw_gateway_open((const uint8_t *)config, sizeof config - 1, &gateway));
    check(tw_public_key(seller, seller_len, half, sizeof half, &half_len));
    check(tw_gateway_key_add(gateway, 1, half, half_len));
    check(tw_public_key(buyer, buyer_len, half, sizeof half, &half_len));
    check(tw_gateway_key_add(gateway, 2, half, half_len));

    send_limit_order(gateway, 1, seller, seller_len, '2', 100, 58533000000);
    send_limit_order(gateway, 2, buyer, buyer_len, '1', 60, 58540000000);
    print_fills(gateway, 2);
    check(tw_gateway_close(gateway));
    tw_gateway_free(gateway);
    return 0;
}
