/* What a gateway refuses, and that a refusal changes nothing. */
#include <stdio.h>
#include <string.h>
#include "check.h"
#include "matrix.h"
#include "orders.h"

#define BYTES_OF(field) fixture.field.data, fixture.field.len
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(text) (const uint8_t *)(text), sizeof(text) - 1
#define CANARY 0xA5

static void session_keys(void)
{
    uint64_t id;
    size_t count = 77;
    check_step("session keys");
    REQUIRE_OK(tw_key_id(BYTES_OF(hmac), &id));
    CHECK_STATUS(tw_gateway_key_add(fixture.gateway, 3, BYTES_OF(hmac)), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_gateway_key_retire(fixture.gateway, 3, id), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_gateway_key_retire(fixture.gateway, 2, id), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_gateway_keys(fixture.gateway, 3, NULL, 0, &count), TW_ERR_NOT_FOUND);
    CHECK_EQUAL(count, 77);
    CHECK_STATUS(tw_gateway_key_add(fixture.gateway, 1, BYTES_OF(raw_hmac)), TW_ERR_KEY_USAGE);
    CHECK_STATUS(tw_gateway_keys(fixture.gateway, 2, NULL, 0, &count), TW_OK);
    CHECK_EQUAL(count, 0);
}

/* The detail of an error begins with the field; of one of its bytes too. */
static int tells_of(const char *field)
{
    const char *detail = tw_error_detail();
    size_t len = strcspn(field, "[");
    return strncmp(detail, field, len) == 0 && strncmp(detail + len, ": must ", 7) == 0;
}

#define INSTRUMENT_REFUSED(field, value) \
    do { \
        tw_instrument instrument = fixture.instrument; \
        instrument.field = (value); \
        check_step("instrument: " #field " " #value); \
        CHECK_STATUS(tw_gateway_instrument_set(fixture.gateway, &instrument), TW_ERR_ARGUMENT); \
        CHECK(tells_of(#field)); \
    } while (0)

static void instruments(void)
{
    INSTRUMENT_REFUSED(tick, 0);
    INSTRUMENT_REFUSED(lot, 0);
    INSTRUMENT_REFUSED(max_quantity, 0);
    INSTRUMENT_REFUSED(max_notional, 0);
    INSTRUMENT_REFUSED(max_position, 0);
    INSTRUMENT_REFUSED(locate, 0);
    INSTRUMENT_REFUSED(collar_basis_points, 0);
    INSTRUMENT_REFUSED(last_trade_collar_basis_points, 0);
    INSTRUMENT_REFUSED(flags, 2);
    INSTRUMENT_REFUSED(sides, 0);
    INSTRUMENT_REFUSED(sides, 1u << 3);
    INSTRUMENT_REFUSED(order_types, 1u << 5);
    INSTRUMENT_REFUSED(times_in_force, 1u << 2);
    INSTRUMENT_REFUSED(symbol[0], 0);
    INSTRUMENT_REFUSED(symbol[0], ' ');
    INSTRUMENT_REFUSED(symbol[15], 'X');
    INSTRUMENT_REFUSED(reserved, 1);
    INSTRUMENT_REFUSED(opens_s, 86400);
    INSTRUMENT_REFUSED(closes_s, 86400);
    INSTRUMENT_REFUSED(min_price, -1);
    check_step("a detail is of the latest error alone");
    CHECK_STATUS(tw_gateway_instrument_set(fixture.gateway, &fixture.instrument), TW_OK);
    CHECK(tells_of("min_price"));
    CHECK_STATUS(tw_gateway_instrument_set(fixture.gateway, NULL), TW_ERR_NULL);
    CHECK_TEXT(tw_error_detail(), "");
}

#define LIMIT_REFUSED(field, value) \
    do { \
        limits = fixture.session_limits; \
        limits.field = (value); \
        check_step("session limits: " #field " " #value); \
        CHECK_STATUS(tw_gateway_session_limits_set(fixture.gateway, 2, &limits), \
                     TW_ERR_ARGUMENT); \
        CHECK(tells_of(#field)); \
    } while (0)

static tw_status permit(const tw_session_permissions *permissions, const tw_name *symbols,
                        size_t count)
{
    return tw_gateway_session_permissions_set(fixture.gateway, 2, permissions, symbols, count, NULL,
                                              0);
}

static void sessions(void)
{
    static tw_name many[TW_SESSION_NAMES_MAX + 1];
    tw_session_permissions permissions = fixture.permissions;
    tw_session_limits limits = fixture.session_limits;
    tw_session_state state = {sizeof(tw_session_state), 0, 0, 0, {0, 0, 0, 0, 0}};
    tw_name symbol = fixture.name;
    LIMIT_REFUSED(per_second, 0);
    LIMIT_REFUSED(burst, 1000000001);
    LIMIT_REFUSED(cancels_per_second, 0);
    LIMIT_REFUSED(cancels_burst, 0);
    LIMIT_REFUSED(max_open_orders, 0);
    LIMIT_REFUSED(max_open_orders, UINT32_MAX);
    LIMIT_REFUSED(max_repeats, 0);
    LIMIT_REFUSED(max_order_to_trade, 0);
    LIMIT_REFUSED(order_to_trade_after, 0);
    LIMIT_REFUSED(repeat_window_ns, 0);
    CHECK_STATUS(tw_gateway_session_limits(fixture.gateway, 3, &limits), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_gateway_session_state(fixture.gateway, 3, &state), TW_ERR_NOT_FOUND);
    check_step("session permissions");
    CHECK_STATUS(tw_gateway_session_limits_set(fixture.gateway, 3, &fixture.session_limits),
                 TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_gateway_session_permissions_set(fixture.gateway, 3, &permissions, NULL, 0, NULL,
                                                    0), TW_ERR_NOT_FOUND);
    permissions.sides = 0;
    CHECK_STATUS(permit(&permissions, NULL, 0), TW_ERR_ARGUMENT);
    CHECK(tells_of("sides"));
    permissions.sides = 1u << 3;
    CHECK_STATUS(permit(&permissions, NULL, 0), TW_ERR_ARGUMENT);
    CHECK(tells_of("sides"));
    permissions = fixture.permissions;
    permissions.order_types = 1u << 5;
    CHECK_STATUS(permit(&permissions, NULL, 0), TW_ERR_ARGUMENT);
    CHECK(tells_of("order_types"));
    permissions = fixture.permissions;
    permissions.max_sequence_gap = UINT32_MAX - 1;
    CHECK_STATUS(permit(&permissions, NULL, 0), TW_ERR_ARGUMENT);
    CHECK(tells_of("max_sequence_gap"));
    permissions = fixture.permissions;
    symbol.name[0] = 0;
    CHECK_STATUS(permit(&permissions, &symbol, 1), TW_ERR_ARGUMENT);
    symbol.name[0] = ' ';
    CHECK_STATUS(permit(&permissions, &symbol, 1), TW_ERR_ARGUMENT);
    CHECK(tells_of("symbols"));
    CHECK_STATUS(permit(&permissions, many, COUNT(many)), TW_ERR_LENGTH);
}

static void reference_prices(void)
{
    tw_gateway *gateway = fixture.gateway;
    check_step("reference price");
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("NONE"), 1), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, NULL, 0, 1), TW_ERR_LENGTH);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("0123456789abcdefg"), 1),
                 TW_ERR_LENGTH);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("TE T"), 1), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("TEST\0"), 1), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("TEST"), TW_PRICE_NONE),
                 TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("TEST"), -1), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("TEST"), 0), TW_ERR_ARGUMENT);
    CHECK(tells_of("price"));
}

typedef tw_status halt_function(tw_gateway *, uint32_t, uint64_t, const uint8_t *, size_t);

static void halts(halt_function *change)
{
    static const uint32_t NO_SCOPE[] = {0, 5, 257, UINT32_MAX};
    tw_gateway *gateway = fixture.gateway;
    size_t i;
    check_step("halt or resume");
    for (i = 0; i < COUNT(NO_SCOPE); i++) {
        CHECK_STATUS(change(gateway, NO_SCOPE[i], 1, TEXT("TEST")), TW_ERR_ARGUMENT);
    }
    CHECK_STATUS(change(gateway, TW_HALT_SESSION, 3, NULL, 0), TW_ERR_NOT_FOUND);
    CHECK_STATUS(change(gateway, TW_HALT_SYMBOL, 0, TEXT("NONE")), TW_ERR_NOT_FOUND);
    CHECK_STATUS(change(gateway, TW_HALT_SYMBOL, 0, NULL, 0), TW_ERR_LENGTH);
    CHECK_STATUS(change(gateway, TW_HALT_SYMBOL, 0, TEXT("0123456789abcdefg")), TW_ERR_LENGTH);
    CHECK_STATUS(change(gateway, TW_HALT_ACCOUNT, 0, TEXT("0123456789abcdefg")), TW_ERR_LENGTH);
    CHECK_STATUS(change(gateway, TW_HALT_ACCOUNT, 0, TEXT("AC C")), TW_ERR_ARGUMENT);
}

/* The three ways in, each with the same refusal and nothing written. */
static void refused(const char *what, const uint8_t *frame, size_t len, tw_status expected)
{
    tw_order_ack ack, before;
    uint32_t reason = 12345;
    memset(&ack, CANARY, sizeof ack);
    ack.struct_size = sizeof ack;
    before = ack;
    check_step("frame: %s", what);
    CHECK_STATUS(tw_pre_trade_check(fixture.gateway, frame, len, &reason), expected);
    CHECK_STATUS(tw_send_order(fixture.gateway, frame, len, SECOND, &ack), expected);
    CHECK_STATUS(tw_gateway_submit(fixture.gateway, frame, len, 1), expected);
    CHECK_EQUAL(reason, 12345);
    CHECK(memcmp(&ack, &before, sizeof ack) == 0);
}

static void refused_signed(const char *what, const struct bytes *key, uint64_t session,
                           tw_status expected)
{
    uint8_t frame[256];
    size_t len;
    tw_order order = order_new(session, 500, 500, "TEST", '1', UNIT, UNIT);
    REQUIRE_OK(tw_order_sign(key->data, key->len, &order, frame, sizeof frame, &len));
    refused(what, frame, len, expected);
}

/* Unknown session, unknown key and a bad signature are one and the same answer. */
static void authentication(void)
{
    static uint8_t frame[TW_ORDER_FRAME_MAX + 1];
    struct bytes stranger;
    size_t len, i;
    REQUIRE_OK(tw_keygen(TW_SUITE_HMAC_SHA256, 99, stranger.data, sizeof stranger.data,
                         &stranger.len));
    refused_signed("unknown key", &stranger, 1, TW_ERR_UNAUTHENTICATED);
    refused_signed("key of another session", &fixture.hmac, 2, TW_ERR_UNAUTHENTICATED);
    refused_signed("unknown session", &fixture.hmac, 3, TW_ERR_UNAUTHENTICATED);
    refused_signed("session 0", &fixture.hmac, 0, TW_ERR_UNAUTHENTICATED);
    for (i = 114; i < fixture.unsent_frame.len; i++) {
        memcpy(frame, BYTES_OF(unsent_frame));
        frame[i] ^= 0x10;
        refused("flipped signature", frame, fixture.unsent_frame.len, TW_ERR_UNAUTHENTICATED);
    }
    for (i = 8; i < 56; i++) { /* the numbers: any value of theirs decodes */
        memcpy(frame, BYTES_OF(unsent_frame));
        frame[i] ^= 1;
        refused("flipped block", frame, fixture.unsent_frame.len, TW_ERR_UNAUTHENTICATED);
    }
    REQUIRE_OK(tw_order_encode(&fixture.order, NULL, 0, frame, sizeof frame, &len));
    refused("unsigned", frame, len, TW_ERR_UNAUTHENTICATED);
    memset(frame, 0, sizeof frame);
    refused("longer than any frame", frame, sizeof frame, TW_ERR_ORDER);
}

/* An ack that cannot be written is refused before the order is sent. */
static void ack_first(void)
{
    uint8_t frame[256];
    size_t len;
    tw_order_ack ack;
    tw_order order = order_new(1, 2, 2002, "TEST", '1', UNIT, UNIT);
    check_step("an order without room for its ack");
    REQUIRE_OK(tw_order_sign(BYTES_OF(hmac), &order, frame, sizeof frame, &len));
    memset(&ack, 0, sizeof ack);
    ack.struct_size = sizeof ack - 8;
    CHECK_STATUS(tw_send_order(fixture.gateway, frame, len, SECOND, &ack), TW_ERR_UNSUPPORTED);
    CHECK_STATUS(tw_send_order(fixture.gateway, frame, len, SECOND, NULL), TW_ERR_NULL);
    ack.struct_size = sizeof ack;
    CHECK_STATUS(tw_send_order(fixture.gateway, frame, len, SECOND, &ack), TW_OK);
    CHECK_EQUAL(ack.accepted, 1);
    CHECK_EQUAL(ack.duplicate, 0);
}

/* Completions are read one by one with every wrong struct_size, then with a larger one. */
static void poll_sizes(void)
{
    struct { tw_completion known; uint64_t later[3]; } completions[2];
    uint32_t size;
    size_t count = 77;
    check_step("poll: nowhere to put any");
    completions[0].known.struct_size = sizeof completions[0].known;
    CHECK_STATUS(tw_gateway_poll(fixture.gateway, NULL, 0, 0, &count), TW_ERR_NULL);
    CHECK_STATUS(tw_gateway_poll(fixture.gateway, &completions[0].known, 0, 0, &count),
                 TW_ERR_LENGTH);
    CHECK_EQUAL(count, 77);
    do {
        completions[0].known.struct_size = sizeof completions[0].known;
        REQUIRE_OK(tw_gateway_poll(fixture.gateway, &completions[0].known, 1, 0, &count));
    } while (count != 0);
    CHECK_STATUS(tw_gateway_submit(fixture.gateway, BYTES_OF(sent_frame), 11), TW_OK);
    CHECK_STATUS(tw_gateway_submit(fixture.gateway, BYTES_OF(sent_frame), 12), TW_OK);
    memset(completions, CANARY, sizeof completions);
    for (size = 0; size < sizeof completions[0].known; size++) {
        check_step("poll: struct_size %lu", (unsigned long)size);
        completions[0].known.struct_size = size;
        CHECK_STATUS(tw_gateway_poll(fixture.gateway, &completions[0].known, 2, 0, &count),
                     TW_ERR_UNSUPPORTED);
        CHECK_EQUAL(completions[0].known.tag, 0xA5A5A5A5A5A5A5A5);
    }
    check_step("poll: struct_size never set");
    completions[0].known.struct_size = UINT32_MAX;
    CHECK_STATUS(tw_gateway_poll(fixture.gateway, &completions[0].known, 2, 0, &count),
                 TW_ERR_UNSUPPORTED);
    CHECK_EQUAL(count, 0);
    check_step("poll: a larger stride, and room said to be without end");
    completions[0].known.struct_size = sizeof completions[0];
    CHECK_STATUS(tw_gateway_poll(fixture.gateway, &completions[0].known, SIZE_MAX, SECOND, &count),
                 TW_OK);
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(completions[0].known.tag, 11);
    CHECK_EQUAL(completions[1].known.tag, 12);
    CHECK_EQUAL(completions[1].known.struct_size, sizeof completions[1]);
    CHECK_EQUAL(completions[0].later[0] | completions[1].later[2], 0);
}

static void order_states(void)
{
    tw_order_state state;
    check_step("order status");
    state.struct_size = sizeof state;
    CHECK_STATUS(tw_order_status(fixture.gateway, 1, 9999, &state), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_order_status(fixture.gateway, 2, CLIENT_ORDER_ID, &state), TW_ERR_NOT_FOUND);
    CHECK_STATUS(tw_order_status(fixture.gateway, 3, CLIENT_ORDER_ID, &state), TW_ERR_NOT_FOUND);
}

/* The message of a refused text has the buffer rules of every output. */
static void config(const char *what, const void *text, size_t text_len)
{
    uint8_t out[1024];
    size_t need = 0, len, cap;
    tw_gateway *gateway = NULL;
    check_step("config: %s", what);
    CHECK_STATUS(tw_gateway_open(text, text_len, &gateway), TW_ERR_CONFIG);
    CHECK(gateway == NULL);
    CHECK_STATUS(tw_config_check(text, text_len, NULL, 0, &need), TW_OK);
    REQUIRE(need > 0 && need < sizeof out);
    for (cap = 0; cap <= need; cap++) {
        memset(out, CANARY, sizeof out);
        CHECK_STATUS(tw_config_check(text, text_len, out, cap, &len),
                     cap < need ? TW_ERR_BUFFER : TW_ERR_CONFIG);
        CHECK_EQUAL(len, need);
        CHECK(cap == need || out[0] == CANARY);
        CHECK_EQUAL(out[cap], CANARY);
    }
    CHECK(memcmp(out, "line ", 5) == 0);
}

static void configs(void)
{
    static const uint8_t NOT_UTF8[] = "[journal]\nkind = \"\xff\"\n";
    char text[1100];
    tw_gateway *gateway = NULL;
    size_t len = 77;
    check_step("config: not UTF-8");
    CHECK_STATUS(tw_gateway_open(NOT_UTF8, sizeof NOT_UTF8 - 1, &gateway), TW_ERR_ARGUMENT);
    CHECK_STATUS(tw_config_check(NOT_UTF8, sizeof NOT_UTF8 - 1, NULL, 0, &len), TW_ERR_ARGUMENT);
    CHECK_EQUAL(len, 77);
    config("empty", NULL, 0);
    config("a NUL", "\0", 1);
    config("not TOML", TEXT("[journal\n"));
    memset(text, '[', sizeof text);
    config("deeply nested", text, sizeof text); /* a parser must not run out of stack */
    memcpy(text, BYTES_OF(config));
    memcpy(text + fixture.config.len, "x = 1\n", 6);
    config("unknown key", text, fixture.config.len + 6);
}

void negative_gateway(void)
{
    session_keys();
    instruments();
    sessions();
    reference_prices();
    halts(tw_gateway_halt);
    halts(tw_gateway_resume);
    authentication();
    ack_first();
    poll_sizes();
    order_states();
    configs();
}
