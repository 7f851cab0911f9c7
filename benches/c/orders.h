/* The order path: chunks of fresh frames, each first verified alone, then sent. */
#ifndef ORDERS_H
#define ORDERS_H

#include "rounds.h"
#include "tinywindow.h"

#define CHUNKS_MAX 100
#define CHUNK 1000
#define SESSION 7
#define UNIT 100000000
#define TIMEOUT_NS 1000000000u

static const char CONFIG[] =
    "journal.kind = \"memory\"\nvenue.kind = \"paper\"\n"
    "throttle = { per_second = 1000000000, burst = 1000000000 }\n"
    "[[sessions]]\nid = 7\nper_second = 1000000000\nburst = 1000000000\n"
    "[[instruments]]\nsymbol = \"AAPL\"\nreference_price = 100\ntick = \"0.01\"\nlot = 1\n"
    "max_quantity = 100000\nmax_notional = 100000000\nmax_position = 1000000000\n"
    "collar_percent = 10\n";

typedef struct frame {
    uint8_t bytes[TW_ORDER_FRAME_MAX / 16];
    size_t length, signed_length;
    uint8_t signature[TW_SIGNATURE_MAX / 64]; /* of the same bytes, as a payload */
} frame;

/* Buys that rest and sells that trade with them, in turns, as of now. */
static frame *frames_of(const tw_signer *signer, uint64_t first, int count)
{
    frame *frames = (frame *)calloc((size_t)count, sizeof *frames);
    struct timespec now;
    size_t length;
    int i;

    must(frames != NULL, "calloc");
    clock_gettime(CLOCK_REALTIME, &now);
    for (i = 0; i < count; i++) {
        uint64_t number = first + (uint64_t)i;
        tw_order order;

        memset(&order, 0, sizeof order);
        order.struct_size = sizeof order;
        order.template_id = TW_TEMPLATE_NEW_ORDER_SINGLE;
        order.sequence = order.client_order_id = number;
        order.sending_time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        order.session_id = SESSION;
        order.price = 100 * (int64_t)UNIT;
        order.stop_price = TW_PRICE_NONE;
        order.quantity = 100 * (uint64_t)UNIT;
        memcpy(order.symbol, "AAPL", 4);
        order.side = number % 2 ? '1' : '2';
        order.ord_type = '2';
        order.time_in_force = number % 2 ? '0' : '3';
        must(tw_signer_order_sign(signer, &order, frames[i].bytes, sizeof frames[i].bytes,
                                  &frames[i].length) == TW_OK, "tw_signer_order_sign");
        must(tw_order_decode(frames[i].bytes, frames[i].length, &order,
                             &frames[i].signed_length) == TW_OK, "tw_order_decode");
        must(tw_signer_sign(signer, frames[i].bytes, frames[i].signed_length, frames[i].signature,
                            sizeof frames[i].signature, &length) == TW_OK, "tw_signer_sign");
    }
    return frames;
}

/* Prints what an order takes, and what of it is beyond the verification of its signature. */
static void measure_orders(const char *title, void (*verify)(void *, const frame *),
                           void (*send)(void *, const frame *), void *state,
                           const tw_signer *signer, int chunks)
{
    double alone[CHUNKS_MAX], call[CHUNKS_MAX], beyond[CHUNKS_MAX];
    int chunk, i;

    for (chunk = 0; chunk < chunks; chunk++) {
        frame *frames = frames_of(signer, 1 + (uint64_t)chunk * CHUNK, CHUNK);
        double start = now_ns(), verified;

        for (i = 0; i < CHUNK; i++)
            verify(state, &frames[i]);
        verified = now_ns();
        for (i = 0; i < CHUNK; i++)
            send(state, &frames[i]);
        call[chunk] = (now_ns() - verified) / CHUNK;
        alone[chunk] = (verified - start) / CHUNK;
        beyond[chunk] = call[chunk] - alone[chunk];
        free(frames);
    }
    printf("\n### %s\n\n| | ns |\n|---|---:|\n", title);
    printf("| verification alone | %.0f |\n", median_of(alone, chunks));
    printf("| send | %.0f |\n", median_of(call, chunks));
    printf("| send beyond the signature | %.0f |\n", median_of(beyond, chunks));
}

#endif
