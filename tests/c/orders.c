#include "orders.h"

#include <string.h>
#include <time.h>
#include "check.h"

uint64_t time_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

tw_order order_new(uint64_t session, uint64_t sequence, uint64_t client_order_id,
                   const char *symbol, char side, int64_t price, uint64_t quantity)
{
    tw_order order;
    memset(&order, 0, sizeof order);
    order.struct_size = sizeof order;
    order.template_id = TW_TEMPLATE_NEW_ORDER_SINGLE;
    order.session_id = session;
    order.sequence = sequence;
    order.sending_time = time_now();
    order.client_order_id = client_order_id;
    memcpy(order.symbol, symbol, strlen(symbol));
    memcpy(order.account, "ACC-1", 5);
    order.side = (uint8_t)side;
    order.ord_type = '2';
    order.time_in_force = '0';
    order.price = price;
    order.stop_price = TW_PRICE_NONE;
    order.quantity = quantity;
    return order;
}

tw_instrument instrument_new(const char *symbol)
{
    tw_instrument instrument;
    memset(&instrument, 0, sizeof instrument);
    instrument.struct_size = sizeof instrument;
    memcpy(instrument.symbol, symbol, strlen(symbol));
    instrument.tick = UNIT / 100;
    instrument.lot = UNIT;
    instrument.max_quantity = TW_UNLIMITED;
    instrument.max_notional = TW_UNLIMITED;
    instrument.max_position = TW_UNLIMITED;
    instrument.locate = TW_UNLIMITED;
    instrument.collar_basis_points = UINT32_MAX;
    instrument.last_trade_collar_basis_points = UINT32_MAX;
    instrument.sides = 1u << 1 | 1u << 2 | 1u << 5;
    instrument.order_types = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4;
    instrument.times_in_force = 1u << 0 | 1u << 1 | 1u << 3 | 1u << 4;
    return instrument;
}

tw_session_limits session_limits_new(void)
{
    tw_session_limits limits;
    memset(&limits, 0, sizeof limits);
    limits.struct_size = sizeof limits;
    limits.per_second = 1000;
    limits.burst = 100;
    limits.cancels_per_second = 10000;
    limits.cancels_burst = 1000;
    limits.max_open_orders = 1000;
    limits.max_repeats = UINT32_MAX;
    limits.max_order_to_trade = UINT32_MAX;
    limits.order_to_trade_after = 1000;
    limits.repeat_window_ns = SECOND;
    return limits;
}

tw_session_permissions permissions_new(void)
{
    tw_session_permissions permissions;
    permissions.struct_size = sizeof permissions;
    permissions.sides = 1u << 1 | 1u << 2 | 1u << 5;
    permissions.order_types = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4;
    permissions.max_sequence_gap = UINT32_MAX;
    return permissions;
}

tw_gateway *gateway_open(const char *text)
{
    tw_gateway *gateway = NULL;
    REQUIRE_OK(tw_gateway_open((const uint8_t *)text, strlen(text), &gateway));
    return gateway;
}

void trader_open(struct trader *trader, tw_gateway *gateway, uint64_t session)
{
    uint32_t suite = session % 2 == 0 ? TW_SUITE_ED25519 : TW_SUITE_HMAC_SHA256;
    trader_open_with(trader, gateway, session, suite);
}

void trader_open_with(struct trader *trader, tw_gateway *gateway, uint64_t session,
                      uint32_t suite)
{
    uint8_t *key = trader->key;
    size_t cap = sizeof trader->key;
    trader->gateway = gateway;
    trader->session = session;
    trader->sequence = 0;
    REQUIRE_OK(tw_keygen(suite, session, key, cap, &trader->key_len));
    REQUIRE_OK(tw_signer_new(key, trader->key_len, &trader->signer));
    if (tw_public_key_size(suite) != 0) {
        REQUIRE_OK(tw_public_key(key, trader->key_len, key, cap, &trader->key_len));
    }
    REQUIRE_OK(tw_key_id(key, trader->key_len, &trader->key_id));
    REQUIRE_OK(tw_gateway_key_add(gateway, session, key, trader->key_len));
}

void trader_close(struct trader *trader)
{
    tw_signer_free(trader->signer);
}

tw_order trader_order(struct trader *trader, const char *symbol, char side, int64_t price,
                      uint64_t quantity)
{
    trader->sequence++;
    return order_new(trader->session, trader->sequence, trader->sequence, symbol, side, price,
                     quantity);
}

tw_order trader_replace(struct trader *trader, const tw_order *orig, int64_t price,
                        uint64_t quantity)
{
    tw_order order = *orig;
    trader->sequence++;
    order.template_id = TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST;
    order.sequence = order.client_order_id = trader->sequence;
    order.orig_client_order_id = orig->client_order_id;
    order.sending_time = time_now();
    order.price = price;
    order.quantity = quantity;
    return order;
}

tw_order trader_cancel(struct trader *trader, const tw_order *orig)
{
    tw_order order = trader_replace(trader, orig, TW_PRICE_NONE, 0);
    order.template_id = TW_TEMPLATE_ORDER_CANCEL_REQUEST;
    order.stop_price = TW_PRICE_NONE;
    order.ord_type = 0;
    order.time_in_force = 0;
    return order;
}

size_t trader_sign(const struct trader *trader, const tw_order *order, uint8_t *frame)
{
    size_t len = 0;
    REQUIRE_OK(tw_signer_order_sign(trader->signer, order, frame, FRAME_SIZE, &len));
    return len;
}

tw_status trader_try(const struct trader *trader, const tw_order *order, tw_order_ack *ack)
{
    uint8_t frame[FRAME_SIZE];
    size_t len = trader_sign(trader, order, frame);
    tw_order_ack ignored;
    if (ack == NULL) ack = &ignored;
    ack->struct_size = sizeof *ack;
    return tw_send_order(trader->gateway, frame, len, PATIENCE, ack);
}

uint32_t trader_send(const struct trader *trader, const tw_order *order)
{
    tw_order_ack ack;
    REQUIRE_OK(trader_try(trader, order, &ack));
    CHECK_EQUAL(ack.accepted, ack.reason == 0);
    CHECK_EQUAL(ack.session_id, order->session_id);
    CHECK_EQUAL(ack.sequence, order->sequence);
    CHECK_EQUAL(ack.client_order_id, order->client_order_id);
    return ack.reason;
}

tw_order_state trader_status(const struct trader *trader, uint64_t client_order_id)
{
    tw_order_state state;
    state.struct_size = sizeof state;
    REQUIRE_OK(tw_order_status(trader->gateway, trader->session, client_order_id, &state));
    CHECK_EQUAL(state.client_order_id, client_order_id);
    CHECK_EQUAL(state.session_id, trader->session);
    return state;
}
