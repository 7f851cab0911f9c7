/* Each reason, brought about by configuration and orders alone. The closing check is that none of
 * the gateway's was left out. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "check.h"
#include "orders.h"

#define BUY '1'
#define SELL '2'
#define PRICE (100LL * UNIT)
#define QUANTITY (10ULL * UNIT)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define REASONS 42 /* of the gateway: 1 to this */
#define TEXT(text) (const uint8_t *)(text), sizeof(text) - 1

/* Without limits but for what each instrument is named after. */
static const char CONFIG[] =
    "[journal]\nkind = \"memory\"\n"
    "[venue]\nkind = \"paper\"\n"
    "[limits]\ntick = \"0.01\"\nlot = 1\nmax_quantity = \"unlimited\"\n"
    "max_notional = \"unlimited\"\nmax_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n"
    "[[instruments]]\nsymbol = \"ANY\"\n"
    "[[instruments]]\nsymbol = \"RESTRICTED\"\nrestricted = true\n"
    "[[instruments]]\nsymbol = \"BUY\"\nsides = [\"buy\"]\n"
    "[[instruments]]\nsymbol = \"LIMIT\"\norder_types = [\"limit\"]\n"
    "[[instruments]]\nsymbol = \"DAY\"\ntimes_in_force = [\"day\"]\n"
    "[[instruments]]\nsymbol = \"QUANTITY\"\nmax_quantity = \"10\"\n"
    "[[instruments]]\nsymbol = \"NOTIONAL\"\nmax_notional = \"1000\"\n"
    "[[instruments]]\nsymbol = \"COLLAR\"\ncollar_percent = \"10\"\nreference_price = \"100\"\n"
    "[[instruments]]\nsymbol = \"POSITION\"\nmax_position = \"10\"\n"
    "[[instruments]]\nsymbol = \"MINIMUM\"\nmin_quantity = 11\n"
    "[[instruments]]\nsymbol = \"BAND\"\nmin_price = \"100\"\nmax_price = \"101\"\n"
    "[[instruments]]\nsymbol = \"LAST\"\nlast_trade_collar_percent = 1\n"
    "[[instruments]]\nsymbol = \"LOCATE\"\nlocate = 10\n"
    "[[instruments]]\nsymbol = \"WORTH\"\nreference_price = 100\n"
    "[[accounts]]\nname = \"GROSS\"\nmax_gross_notional = 999\n"
    "[[accounts]]\nname = \"NET\"\nmax_net_notional = 999\n"
    "[[accounts]]\nname = \"LOSS\"\nmax_loss = 99\n"
    "[[instruments]]\nsymbol = \"STOP\"\norder_types = [\"stop\", \"stop_limit\"]\n"
    "[[sessions]]\nid = 1\nburst = 100000\n"
    "[[sessions]]\nid = 2\nburst = 100000\nmax_open_orders = 1\n"
    "[[sessions]]\nid = 3\nmax_repeats = 1\nrepeat_window_ms = 3600000\n"
    "[[sessions]]\nid = 4\nmax_order_to_trade = 1\norder_to_trade_after = 1\n"
    "[[sessions]]\nid = 5\nsymbols = [\"ANY\"]\naccounts = [\"MINE\"]\nsides = [\"buy\"]\n"
    "order_types = [\"limit\"]\n";

static tw_gateway *gateway;
static struct trader one, two;
static int seen[128];

static tw_order order_for(const char *symbol)
{
    return trader_order(&one, symbol, BUY, PRICE, QUANTITY);
}

/* pre_trade_check says what send_order then does. */
static void expect_of(const struct trader *trader, const tw_order *order, const char *name)
{
    uint8_t frame[FRAME_SIZE];
    uint32_t foreseen = 77, reason;
    size_t len = trader_sign(trader, order, frame);
    check_step("reason %s", name);
    CHECK_STATUS(tw_pre_trade_check(gateway, frame, len, &foreseen), TW_OK);
    reason = trader_send(trader, order);
    if (reason < 100) CHECK_EQUAL(reason, foreseen);
    CHECK_TEXT(reason == 0 ? "accepted" : tw_reason_name(reason), name);
    CHECK(strlen(tw_reason_message(reason)) > 0);
    if (reason < 128) seen[reason] = 1;
}

static void expect(const tw_order *order, const char *name)
{
    expect_of(&one, order, name);
}

/* A good order for the symbol with one field changed. */
#define EXPECT_WITH(symbol, field, value, name) \
    do { \
        tw_order changed = order_for(symbol); \
        changed.field = (value); \
        expect(&changed, name); \
    } while (0)
#define EXPECT(symbol, name) EXPECT_WITH(symbol, reserved2, 0, name)

/* Halted: new orders are rejected, cancels pass; resumed, all is as before. */
static void halt(uint32_t scope, uint64_t session, const char *name, const char *reason)
{
    const uint8_t *text = (const uint8_t *)name;
    size_t len = strlen(name);
    tw_order resting = order_for("ANY"), cancel;
    expect(&resting, "accepted");
    CHECK_STATUS(tw_gateway_halt(gateway, scope, session, text, len), TW_OK);
    CHECK_STATUS(tw_gateway_halt(gateway, scope, session, text, len), TW_OK);
    EXPECT("ANY", reason);
    cancel = trader_cancel(&one, &resting);
    expect(&cancel, "accepted");
    CHECK_STATUS(tw_gateway_resume(gateway, scope, session, text, len), TW_OK);
    EXPECT("ANY", "accepted");
}

static void halts(void)
{
    halt(TW_HALT_GATEWAY, 0, "", "halted_gateway");
    halt(TW_HALT_SESSION, 1, "", "halted_session");
    halt(TW_HALT_SYMBOL, 0, "ANY", "halted_symbol");
    halt(TW_HALT_ACCOUNT, 0, "ACC-1", "halted_account");
    check_step("halts of others");
    CHECK_STATUS(tw_gateway_halt(gateway, TW_HALT_SESSION, 2, NULL, 0), TW_OK);
    CHECK_STATUS(tw_gateway_halt(gateway, TW_HALT_SYMBOL, 0, TEXT("BUY")), TW_OK);
    CHECK_STATUS(tw_gateway_halt(gateway, TW_HALT_ACCOUNT, 0, TEXT("ACC-2")), TW_OK);
    EXPECT("ANY", "accepted");
    CHECK_STATUS(tw_gateway_resume(gateway, TW_HALT_SESSION, 2, NULL, 0), TW_OK);
    CHECK_STATUS(tw_gateway_resume(gateway, TW_HALT_SYMBOL, 0, TEXT("BUY")), TW_OK);
    CHECK_STATUS(tw_gateway_resume(gateway, TW_HALT_ACCOUNT, 0, TEXT("ACC-2")), TW_OK);
}

static tw_order market_order(const char *symbol)
{
    tw_order order = order_for(symbol);
    order.ord_type = '1';
    order.price = TW_PRICE_NONE;
    return order;
}

static void permissions(void)
{
    tw_order order;
    EXPECT("NOWHERE", "unknown_symbol");
    EXPECT("RESTRICTED", "restricted_symbol");
    EXPECT_WITH("BUY", side, SELL, "side");
    EXPECT_WITH("BUY", side, '5', "side");
    EXPECT("BUY", "accepted");
    order = market_order("LIMIT");
    expect(&order, "order_type");
    EXPECT("LIMIT", "accepted");
    EXPECT_WITH("DAY", time_in_force, '1', "time_in_force");
    EXPECT("DAY", "accepted");
}

static void limits(void)
{
    tw_order order;
    EXPECT_WITH("ANY", price, PRICE + 1, "tick");
    EXPECT_WITH("ANY", quantity, QUANTITY + 1, "lot");
    EXPECT_WITH("QUANTITY", quantity, QUANTITY + UNIT, "max_quantity");
    EXPECT("QUANTITY", "accepted");
    EXPECT_WITH("NOTIONAL", price, PRICE + UNIT / 100, "max_notional");
    EXPECT_WITH("NOTIONAL", price, INT64_MAX / 1000000 * 1000000, "max_notional");
    EXPECT("NOTIONAL", "accepted");
    order = market_order("NOTIONAL");
    expect(&order, "no_reference_price");
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("NOTIONAL"), PRICE), TW_OK);
    order = market_order("NOTIONAL");
    expect(&order, "accepted");
    EXPECT_WITH("COLLAR", price, 110LL * UNIT, "accepted");
    EXPECT_WITH("COLLAR", price, 110LL * UNIT + UNIT / 100, "price_collar");
    EXPECT_WITH("COLLAR", price, 90LL * UNIT - UNIT / 100, "price_collar");
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("COLLAR"), 120LL * UNIT), TW_OK);
    EXPECT_WITH("COLLAR", price, 110LL * UNIT + UNIT / 100, "accepted");
}

/* What is set at run time holds from then on. */
static void instruments(void)
{
    tw_instrument instrument = instrument_new("NEW");
    EXPECT("NEW", "unknown_symbol");
    CHECK_STATUS(tw_gateway_instrument_set(gateway, &instrument), TW_OK);
    EXPECT("NEW", "accepted");
    instrument.flags = TW_INSTRUMENT_RESTRICTED;
    CHECK_STATUS(tw_gateway_instrument_set(gateway, &instrument), TW_OK);
    EXPECT("NEW", "restricted_symbol");
    instrument = instrument_new("NEW");
    instrument.max_quantity = QUANTITY - UNIT;
    CHECK_STATUS(tw_gateway_instrument_set(gateway, &instrument), TW_OK);
    EXPECT("NEW", "max_quantity");
}

/* Open orders count, on their side; a cancel gives the room back. */
static void exposure(void)
{
    tw_order buy = order_for("POSITION"), cancel, other;
    buy.quantity = 6ULL * UNIT;
    expect(&buy, "accepted");
    EXPECT_WITH("POSITION", quantity, 5ULL * UNIT, "max_position");
    EXPECT_WITH("POSITION", quantity, 4ULL * UNIT, "accepted");
    cancel = trader_cancel(&one, &buy);
    expect(&cancel, "accepted");
    EXPECT_WITH("POSITION", quantity, 6ULL * UNIT, "accepted");
    other = trader_order(&two, "ANY", SELL, 1000LL * UNIT, UNIT);
    expect_of(&two, &other, "accepted");
    cancel = trader_cancel(&two, &other);
    other = trader_order(&two, "ANY", SELL, 1000LL * UNIT, UNIT);
    expect_of(&two, &other, "max_open_orders");
    cancel.sequence = ++two.sequence;
    expect_of(&two, &cancel, "accepted");
    other = trader_order(&two, "ANY", SELL, 1000LL * UNIT, UNIT);
    expect_of(&two, &other, "accepted");
}

static void originals(void)
{
    tw_order buy = order_for("ANY"), order = buy;
    expect(&buy, "accepted");
    EXPECT_WITH("ANY", client_order_id, buy.client_order_id, "duplicate_client_order_id");
    order.client_order_id = 123456789;
    order = trader_cancel(&one, &order);
    expect(&order, "unknown_order");
    order = trader_cancel(&one, &buy);
    order.side = SELL;
    expect(&order, "order_mismatch");
    order = trader_replace(&one, &buy, PRICE, QUANTITY);
    memcpy(order.account, "ACC-2", 5);
    expect(&order, "order_mismatch");
    order = trader_cancel(&one, &buy);
    expect(&order, "accepted");
    order = trader_cancel(&one, &buy);
    expect(&order, "order_closed");
    order = trader_replace(&one, &buy, PRICE, QUANTITY);
    expect(&order, "order_closed");
}

static void filled_quantity(void)
{
    tw_order buy = trader_order(&one, "BUY", BUY, 200LL * UNIT, QUANTITY), order;
    tw_instrument both_sides = instrument_new("BUY");
    CHECK_STATUS(tw_gateway_instrument_set(gateway, &both_sides), TW_OK);
    expect(&buy, "accepted");
    order = trader_order(&one, "BUY", SELL, 200LL * UNIT, 4ULL * UNIT);
    expect(&order, "accepted");
    order = trader_replace(&one, &buy, 200LL * UNIT, 4ULL * UNIT);
    expect(&order, "quantity_filled");
    order = trader_replace(&one, &buy, 200LL * UNIT, 5ULL * UNIT);
    expect(&order, "accepted");
}

/* Bands, hours, and what came before. */
static void conduct(void)
{
    struct trader three, four;
    tw_order order;
    tw_instrument closed = instrument_new("CLOSED");
    uint32_t second = (uint32_t)(time(NULL) % 86400);
    EXPECT("MINIMUM", "min_quantity");
    EXPECT_WITH("BAND", price, 102LL * UNIT, "price_band");
    EXPECT("BAND", "accepted");
    EXPECT("LAST", "accepted");
    EXPECT_WITH("LAST", side, SELL, "accepted");
    EXPECT_WITH("LAST", price, 102LL * UNIT, "last_trade_collar");
    EXPECT_WITH("LOCATE", side, '5', "accepted");
    EXPECT_WITH("LOCATE", side, '5', "locate");
    closed.opens_s = (second + 3600) % 86400;
    closed.closes_s = (second + 7200) % 86400;
    CHECK_STATUS(tw_gateway_instrument_set(gateway, &closed), TW_OK);
    EXPECT("CLOSED", "market_closed");
    trader_open(&three, gateway, 3);
    order = trader_order(&three, "ANY", BUY, PRICE, QUANTITY);
    expect_of(&three, &order, "accepted");
    order = trader_order(&three, "ANY", BUY, PRICE, QUANTITY);
    expect_of(&three, &order, "repeated_order");
    trader_close(&three);
    trader_open(&four, gateway, 4);
    order = trader_order(&four, "ANY", BUY, PRICE, QUANTITY);
    expect_of(&four, &order, "accepted");
    order = trader_order(&four, "ANY", BUY, PRICE, QUANTITY);
    expect_of(&four, &order, "order_to_trade");
    trader_close(&four);
}

/* Of a session that may do one thing only. */
static void session_permissions(void)
{
    struct trader five;
    tw_order order;
    tw_completion told;
    tw_session_permissions sells = permissions_new();
    tw_session_limits limits;
    tw_session_state state;
    tw_name theirs = {"YOURS"};
    uint64_t cancelled = 0, since = 0;
    size_t count;
    sells.sides = 1u << (SELL - '0');
    trader_open(&five, gateway, 5);
#define MAY_NOT(symbol, account_, side_, type_, name) \
    order = trader_order(&five, symbol, side_, PRICE, QUANTITY); \
    memset(order.account, 0, sizeof order.account); \
    memcpy(order.account, account_, sizeof account_ - 1); \
    order.ord_type = type_; \
    if (type_ == '1') order.price = TW_PRICE_NONE; \
    expect_of(&five, &order, name)
    MAY_NOT("BUY", "MINE", BUY, '2', "session_symbol");
    MAY_NOT("ANY", "YOURS", BUY, '2', "session_account");
    MAY_NOT("ANY", "MINE", SELL, '2', "session_side");
    MAY_NOT("ANY", "MINE", BUY, '1', "session_order_type");
    MAY_NOT("ANY", "MINE", BUY, '2', "accepted");
    REQUIRE_OK(tw_gateway_session_permissions_set(gateway, 5, &sells, NULL, 0, &theirs, 1));
    MAY_NOT("BUY", "MINE", SELL, '2', "session_account");
    MAY_NOT("BUY", "YOURS", BUY, '2', "session_side");
    limits.struct_size = sizeof limits;
    REQUIRE_OK(tw_gateway_session_limits(gateway, 5, &limits));
    CHECK_EQUAL(limits.cancels_per_second, 10000);
    limits.max_open_orders = 1;
    REQUIRE_OK(tw_gateway_session_limits_set(gateway, 5, &limits));
    REQUIRE_OK(tw_gateway_session_limits(gateway, 5, &limits));
    CHECK_EQUAL(limits.max_open_orders, 1);
    state.struct_size = sizeof state;
    REQUIRE_OK(tw_gateway_session_state(gateway, 5, &state));
    CHECK_EQUAL(state.last_sequence, five.sequence);
    CHECK_EQUAL(state.open_orders, 1);
    CHECK_EQUAL(state.halted_since, 0);
    REQUIRE_OK(tw_gateway_halt(gateway, TW_HALT_SESSION, 5, NULL, 0));
    REQUIRE_OK(tw_gateway_session_state(gateway, 5, &state));
    REQUIRE_OK(tw_gateway_halted(gateway, TW_HALT_SESSION, 5, NULL, 0, &since));
    CHECK(since > 0 && state.halted_since == since);
    REQUIRE_OK(tw_gateway_resume(gateway, TW_HALT_SESSION, 5, NULL, 0));
    REQUIRE_OK(tw_gateway_halted(gateway, TW_HALT_SESSION, 5, NULL, 0, &since));
    CHECK_EQUAL(since, 0);
    MAY_NOT("ANY", "YOURS", SELL, '2', "max_open_orders");
    check_step("reason session_cancelled");
    CHECK_STATUS(tw_gateway_cancel_session(gateway, 5, &cancelled), TW_OK);
    CHECK_EQUAL(cancelled, 1);
    for (count = 1; count > 0;) {
        told.struct_size = sizeof told;
        CHECK_STATUS(tw_gateway_poll(gateway, &told, 1, 0, &count), TW_OK);
        if (told.kind == TW_COMPLETION_EXECUTION && told.reason < 128) seen[told.reason] = 1;
    }
    CHECK_STATUS(tw_gateway_cancel_session(gateway, 99, &cancelled), TW_ERR_NOT_FOUND);
    trader_close(&five);
}

static tw_order worth(const char *account, uint8_t side)
{
    tw_order order = order_for("WORTH");
    memset(order.account, 0, sizeof order.account);
    memcpy(order.account, account, strlen(account));
    order.side = side;
    return order;
}

static void worth_of(uint32_t scope, uint64_t gross, uint64_t net, uint32_t flags)
{
    tw_exposure_limits limits;
    limits.struct_size = sizeof limits;
    limits.flags = flags;
    limits.max_gross_notional = gross;
    limits.max_net_notional = net;
    limits.max_loss = TW_UNLIMITED;
    CHECK_STATUS(tw_gateway_exposure_set(gateway, scope, NULL, 0, &limits), TW_OK);
}

/* Ten were bought at 100, and are worth 90. */
static void positions(void)
{
    tw_position held;
    tw_exposure risk;
    held.struct_size = sizeof held;
    REQUIRE_OK(tw_gateway_position(gateway, TEXT("LOSS"), TEXT("WORTH"), &held));
    CHECK_EQUAL(held.quantity, 10LL * UNIT);
    CHECK_EQUAL(held.open_buy, 0);
    CHECK_EQUAL(held.open_sell, 0);
    CHECK_EQUAL(held.mark, 90LL * UNIT);
    CHECK_EQUAL(held.cash, -1000LL * UNIT);
    CHECK_EQUAL(held.equity, -100LL * UNIT);
    CHECK_EQUAL(held.gross, 900ULL * UNIT);
    REQUIRE_OK(tw_gateway_position(gateway, TEXT("OTHER"), TEXT("WORTH"), &held));
    CHECK_EQUAL(held.quantity, -10LL * UNIT);
    CHECK_EQUAL(held.equity, 100LL * UNIT);
    CHECK_STATUS(tw_gateway_position(gateway, TEXT("LOSS"), TEXT("NONE"), &held), TW_ERR_NOT_FOUND);
    risk.struct_size = sizeof risk;
    REQUIRE_OK(tw_gateway_exposure(gateway, TW_EXPOSURE_ACCOUNT, TEXT("LOSS"), &risk));
    CHECK_EQUAL(risk.held, 900LL * UNIT);
    CHECK_EQUAL(risk.gross, 900ULL * UNIT);
    CHECK_EQUAL(risk.net_buy, 900LL * UNIT);
    CHECK_EQUAL(risk.net_sell, -900LL * UNIT);
    CHECK_EQUAL(risk.equity, -100LL * UNIT);
    CHECK_EQUAL(risk.day_loss, 100LL * UNIT);
    CHECK_EQUAL(risk.halted_since, 0);
    CHECK_EQUAL(risk.max_loss, 99ULL * UNIT);
    CHECK(risk.max_gross_notional == TW_UNLIMITED && risk.max_net_notional == TW_UNLIMITED);
    REQUIRE_OK(tw_gateway_exposure(gateway, TW_EXPOSURE_FIRM, NULL, 0, &risk));
    CHECK(risk.gross > 1800ULL * UNIT);
    CHECK_EQUAL(risk.day_loss, 0);
    CHECK_STATUS(tw_gateway_exposure(gateway, TW_EXPOSURE_EVERY_ACCOUNT, NULL, 0, &risk),
                 TW_ERR_ARGUMENT);
}

/* What is held, owed and lost. In the paper venue whatever one account loses another wins, so the
 * firm can lose nothing: tests in Rust show that. */
static void exposures(void)
{
    tw_order order = worth("GROSS", BUY);
    expect(&order, "account_gross");
    order = worth("NET", SELL);
    expect(&order, "account_net");
    order = worth("OTHER", SELL);
    expect(&order, "accepted");
    order = worth("LOSS", BUY);
    expect(&order, "accepted");
    CHECK_STATUS(tw_gateway_reference_price_set(gateway, TEXT("WORTH"), 90LL * UNIT), TW_OK);
    order = worth("LOSS", BUY);
    expect(&order, "account_loss");
    positions();
    worth_of(TW_EXPOSURE_FIRM, UNIT, TW_UNLIMITED, 0);
    order = worth("OTHER", BUY);
    order.quantity = 100ULL * UNIT;
    expect(&order, "firm_gross");
    worth_of(TW_EXPOSURE_FIRM, TW_UNLIMITED, UNIT, 0);
    order = worth("OTHER", BUY);
    order.quantity = 100ULL * UNIT;
    expect(&order, "firm_net");
    worth_of(TW_EXPOSURE_FIRM, 0, 0, TW_EXPOSURE_RESET);
}

static void self_trade_in(const char *mode, const char *newer)
{
    static const char PREVENTED[] =
        "[journal]\nkind = \"memory\"\n[venue]\nkind = \"paper\"\n"
        "[[instruments]]\nsymbol = \"ANY\"\ntick = \"0.01\"\nlot = 1\n"
        "max_quantity = \"unlimited\"\nmax_notional = \"unlimited\"\n"
        "max_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n"
        "[[sessions]]\nid = 1\n"
        "[firm]\nself_trade_prevention = \"account\"\nself_trade_mode = \"%s\"\n";
    char config[sizeof PREVENTED + 16];
    struct trader trader;
    tw_completion told[8];
    tw_gateway *prevented;
    tw_order order;
    size_t count = 0;
    sprintf(config, PREVENTED, mode);
    prevented = gateway_open(config);
    trader_open(&trader, prevented, 1);
    order = trader_order(&trader, "ANY", BUY, PRICE, QUANTITY);
    CHECK_EQUAL(trader_send(&trader, &order), 0);
    order = trader_order(&trader, "ANY", SELL, PRICE, QUANTITY);
    check_step("reason self_trade, %s", mode);
    CHECK_TEXT(tw_reason_name(trader_send(&trader, &order)), newer);
    told[0].struct_size = sizeof told[0];
    CHECK_STATUS(tw_gateway_poll(prevented, told, COUNT(told), 0, &count), TW_OK);
    if (strcmp(mode, "cancel_newest")) {
        CHECK(count >= 2);
        CHECK_EQUAL(told[1].exec_type, '4');
        CHECK_EQUAL(told[1].client_order_id, told[0].client_order_id);
        CHECK_TEXT(tw_reason_name(told[1].reason), "self_trade");
    } else {
        CHECK_EQUAL(count, 1);
    }
    trader_close(&trader);
    tw_gateway_free(prevented);
}

static void self_trade(void)
{
    self_trade_in("cancel_newest", "self_trade");
    self_trade_in("cancel_oldest", "none");
    self_trade_in("cancel_both", "self_trade");
}

/* All at once, in the order of the checks. */
static void every_reason(void)
{
    uint8_t frame[FRAME_SIZE];
    uint32_t reasons[8];
    size_t count = 77, len;
    tw_order order = order_for("BAND");
    order.price = 200LL * UNIT;
    order.quantity = QUANTITY + 1;
    order.client_order_id = 1;
    len = trader_sign(&one, &order, frame);
    check_step("every reason");
    CHECK_STATUS(tw_pre_trade_reasons(gateway, frame, len, NULL, 0, &count), TW_OK);
    CHECK_EQUAL(count, 3);
    CHECK_STATUS(tw_pre_trade_reasons(gateway, frame, len, reasons, 2, &count), TW_ERR_BUFFER);
    CHECK_STATUS(tw_pre_trade_reasons(gateway, frame, len, reasons, COUNT(reasons), &count), TW_OK);
    CHECK_EQUAL(count, 3);
    CHECK_TEXT(tw_reason_name(reasons[0]), "lot");
    CHECK_TEXT(tw_reason_name(reasons[1]), "price_band");
    CHECK_TEXT(tw_reason_name(reasons[2]), "duplicate_client_order_id");
}

/* The paper venue has no stop orders. */
static void venue(void)
{
    tw_order order = order_for("STOP");
    order.ord_type = '3';
    order.stop_price = order.price;
    order.price = TW_PRICE_NONE;
    expect(&order, "venue_unsupported");
    CHECK_EQUAL(trader_status(&one, order.client_order_id).accepted, 0);
    CHECK_EQUAL(trader_status(&one, order.client_order_id).ord_status, '8');
}

static void all_seen(void)
{
    uint32_t reason;
    for (reason = 1; reason <= REASONS; reason++) {
        /* A restart, a loss of the whole firm and a gateway of its own bring these about. */
        const char *name = tw_reason_name(reason);
        if (!strcmp(name, "not_delivered") || !strcmp(name, "firm_loss")) continue;
        if (!strcmp(name, "self_trade")) continue;
        check_step("reason %s was reached", tw_reason_name(reason));
        CHECK(seen[reason]);
    }
    check_step("reasons of the gateway end here");
    CHECK_TEXT(tw_reason_name(REASONS + 1), "?");
}

/* More orders than the gateway keeps are refused, not decided. */
static void capacity(void)
{
    static const char SMALL[] =
        "[gateway]\nmax_orders = 2\n"
        "[journal]\nkind = \"memory\"\n[venue]\nkind = \"paper\"\n"
        "[[instruments]]\nsymbol = \"ANY\"\ntick = \"0.01\"\nlot = 1\n"
        "max_quantity = \"unlimited\"\nmax_notional = \"unlimited\"\n"
        "max_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n"
        "[[sessions]]\nid = 1\n";
    tw_gateway *small = gateway_open(SMALL);
    struct trader trader;
    tw_order order;
    trader_open(&trader, small, 1);
    order = trader_order(&trader, "ANY", BUY, PRICE, QUANTITY);
    CHECK_EQUAL(trader_send(&trader, &order), 0);
    order = trader_order(&trader, "ANY", BUY, PRICE, QUANTITY);
    CHECK_EQUAL(trader_send(&trader, &order), 0);
    check_step("capacity");
    order = trader_order(&trader, "ANY", BUY, PRICE, QUANTITY);
    CHECK_STATUS(trader_try(&trader, &order, NULL), TW_ERR_CAPACITY);
    trader_close(&trader);
    tw_gateway_free(small);
}

int main(void)
{
    check_begin("functional_reasons");
    gateway = gateway_open(CONFIG);
    trader_open(&one, gateway, 1);
    trader_open(&two, gateway, 2);
    halts();
    permissions();
    limits();
    instruments();
    exposure();
    originals();
    filled_quantity();
    conduct();
    session_permissions();
    exposures();
    self_trade();
    every_reason();
    venue();
    all_seen();
    trader_close(&one);
    trader_close(&two);
    tw_gateway_free(gateway);
    capacity();
    return check_end(400);
}
