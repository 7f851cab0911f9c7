/* What the programs that send orders share. Prices and quantities have exponent -8. */
#ifndef ORDERS_H
#define ORDERS_H
#include "tinywindow.h"

#define UNIT 100000000
#define SECOND 1000000000
/* For an ack: no disk that works is slower, however busy. */
#define PATIENCE (60ULL * SECOND)
#define CLIENT_ORDER_ID 1001
#define FRAME_SIZE TW_ORDER_FRAME_MAX

/* Nanoseconds since 1970 UTC. */
uint64_t time_now(void);
/* A day limit order sent now, of account ACC-1; a test changes what it is about. */
tw_order order_new(uint64_t session, uint64_t sequence, uint64_t client_order_id,
                   const char *symbol, char side, int64_t price, uint64_t quantity);
/* Without limits, tick 0.01, lot 1, everything permitted. */
tw_instrument instrument_new(const char *symbol);
/* As the configuration's defaults. */
tw_session_limits session_limits_new(void);
/* Everything. */
tw_session_permissions permissions_new(void);
/* Ends the program if the text is refused. */
tw_gateway *gateway_open(const char *text);

/* Who sends for a session: signs, and counts sequences and client order ids from 1 each. */
struct trader {
    tw_gateway *gateway;
    tw_signer *signer;
    uint64_t session, sequence, key_id;
    uint8_t key[TW_KEY_MAX]; /* what the gateway was given */
    size_t key_len;
};

/* Sessions with an even number sign with Ed25519, the others with HMAC-SHA256. The key is made
 * from the session's number and added to the gateway. */
void trader_open(struct trader *trader, tw_gateway *gateway, uint64_t session);
/* With the suite of one's choice. */
void trader_open_with(struct trader *trader, tw_gateway *gateway, uint64_t session,
                      uint32_t suite);
void trader_close(struct trader *trader);
/* A limit order with the trader's next sequence, which is its client order id too. */
tw_order trader_order(struct trader *trader, const char *symbol, char side, int64_t price,
                      uint64_t quantity);
/* Template 2 or 3 about an order that was sent. */
tw_order trader_replace(struct trader *trader, const tw_order *orig, int64_t price,
                        uint64_t quantity);
tw_order trader_cancel(struct trader *trader, const tw_order *orig);
size_t trader_sign(const struct trader *trader, const tw_order *order, uint8_t *frame);
/* Signs and sends; ack may be NULL. */
tw_status trader_try(const struct trader *trader, const tw_order *order, tw_order_ack *ack);
/* The order must be decided; the reason, 0 when accepted. */
uint32_t trader_send(const struct trader *trader, const tw_order *order);
tw_order_state trader_status(const struct trader *trader, uint64_t client_order_id);

#endif
