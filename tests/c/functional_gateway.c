/* The gateway's flow with a journal in memory and the paper venue: two sessions and what may
 * happen between them. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "check.h"
#include "orders.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define BUY '1'
#define SELL '2'

static const char CONFIG[] =
    "[journal]\nkind = \"memory\"\n"
    "[venue]\nkind = \"paper\"\n"
    "[limits]\ntick = \"0.01\"\nlot = 1\nmax_quantity = \"unlimited\"\n"
    "max_notional = \"unlimited\"\nmax_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n"
    "[[instruments]]\nsymbol = \"AAPL\"\n"
    "[[instruments]]\nsymbol = \"MSFT\"\n"
    "[[sessions]]\nid = 1\nburst = 100000\n"
    "[[sessions]]\nid = 2\nburst = 100000\n"
    "[[sessions]]\nid = 3\nper_second = 2\nburst = 1\n"
    "[[sessions]]\nid = 4\nburst = 100000\n"
    "[[sessions]]\nid = 5\nburst = 100000\n";

static tw_gateway *gateway;
static struct trader one, two;

static tw_completion completions[64];
static size_t completions_count;

/* Takes whatever waits. */
static void drain(void)
{
    completions[0].struct_size = sizeof completions[0];
    REQUIRE_OK(tw_gateway_poll(gateway, completions, COUNT(completions), 0, &completions_count));
}

/* The one drained execution of this order and type; NULL if there is none. */
static const tw_completion *execution(const struct trader *trader, uint64_t client_order_id,
                                      char exec_type)
{
    size_t i;
    for (i = 0; i < completions_count; i++) {
        const tw_completion *c = &completions[i];
        if (c->kind == TW_COMPLETION_EXECUTION && c->session_id == trader->session &&
            c->client_order_id == client_order_id && c->exec_type == exec_type) {
            return c;
        }
    }
    return NULL;
}

static void check_execution(const struct trader *trader, const tw_order *order, char exec_type,
                            char ord_status, uint64_t cum, uint64_t leaves)
{
    const tw_completion *c = execution(trader, order->client_order_id, exec_type);
    if (!CHECK(c != NULL)) return;
    CHECK_EQUAL(c->ord_status, ord_status);
    CHECK_EQUAL(c->side, order->side);
    CHECK_EQUAL(c->cum_quantity, cum);
    CHECK_EQUAL(c->leaves_quantity, leaves);
    CHECK_EQUAL(c->last_quantity, exec_type == 'F' ? cum : 0);
}

/* A buy rests, a smaller sell at a better price meets it, and the rest stays open. */
static void crossing(void)
{
    tw_order buy = trader_order(&one, "AAPL", BUY, 100LL * UNIT, 100ULL * UNIT);
    tw_order sell = trader_order(&two, "AAPL", SELL, 99LL * UNIT, 60ULL * UNIT);
    const tw_completion *trade;
    tw_order_state state;
    check_step("crossing limit orders");
    drain();
    CHECK_EQUAL(trader_send(&one, &buy), 0);
    CHECK_EQUAL(trader_send(&two, &sell), 0);
    drain();
    check_execution(&one, &buy, '0', '0', 0, 100ULL * UNIT);
    check_execution(&one, &buy, 'F', '1', 60ULL * UNIT, 40ULL * UNIT);
    check_execution(&two, &sell, 'F', '2', 60ULL * UNIT, 0);
    trade = execution(&two, sell.client_order_id, 'F');
    REQUIRE(trade != NULL);
    CHECK_EQUAL(trade->last_price, 100LL * UNIT); /* the resting order's */
    state = trader_status(&one, buy.client_order_id);
    CHECK_EQUAL(state.accepted, 1);
    CHECK_EQUAL(state.ord_status, '1');
    CHECK_EQUAL(state.side, BUY);
    CHECK_EQUAL(state.price, 100LL * UNIT);
    CHECK_EQUAL(state.quantity, 100ULL * UNIT);
    CHECK_EQUAL(state.cum_quantity, 60ULL * UNIT);
    CHECK_EQUAL(state.leaves_quantity, 40ULL * UNIT);
    CHECK_EQUAL(trader_status(&two, sell.client_order_id).ord_status, '2');
}

static int readable(int32_t fd)
{
    struct pollfd wait;
    wait.fd = fd;
    wait.events = POLLIN;
    wait.revents = 0;
    REQUIRE(poll(&wait, 1, 0) >= 0);
    return (wait.revents & POLLIN) != 0;
}

static void submit_and_poll(void)
{
    uint8_t frame[FRAME_SIZE];
    int32_t fd = -1, again = -1;
    uint64_t number = 0;
    size_t i, acks = 0;
    tw_order order = trader_order(&one, "MSFT", BUY, 50LL * UNIT, UNIT);
    size_t len = trader_sign(&one, &order, frame);
    check_step("submit, poll and the descriptor");
    CHECK_STATUS(tw_gateway_fd(gateway, &fd), TW_OK);
    CHECK_STATUS(tw_gateway_fd(gateway, &again), TW_OK);
    CHECK_EQUAL(again, fd);
    drain();
    CHECK(!readable(fd));
    CHECK_STATUS(tw_gateway_submit(gateway, frame, len, 4711), TW_OK);
    completions[0].struct_size = sizeof completions[0];
    for (i = 0; i < 100 && acks == 0; i++) {
        struct pollfd wait = {0};
        wait.fd = fd;
        wait.events = POLLIN;
        CHECK(poll(&wait, 1, 5000) == 1);
        REQUIRE_OK(tw_gateway_poll(gateway, completions, 1, 0, &completions_count));
        REQUIRE(completions_count == 1);
        CHECK(number == 0 || completions[0].number == number + 1);
        number = completions[0].number;
        acks += completions[0].kind == TW_COMPLETION_ACK;
    }
    CHECK_EQUAL(completions[0].tag, 4711);
    CHECK_EQUAL(completions[0].status, TW_OK);
    CHECK_EQUAL(completions[0].accepted, 1);
    CHECK_EQUAL(completions[0].client_order_id, order.client_order_id);
    CHECK_EQUAL(completions[0].sequence, order.sequence);
    drain();
    CHECK(!readable(fd));
    check_step("poll that waits in vain");
    CHECK_STATUS(tw_gateway_poll(gateway, completions, 1, 1000000, &completions_count), TW_OK);
    CHECK_EQUAL(completions_count, 0);
}

static void retries(void)
{
    tw_order order = trader_order(&one, "AAPL", BUY, 90LL * UNIT, UNIT), other = order;
    tw_order_ack first, again;
    check_step("the same frame again");
    CHECK_STATUS(trader_try(&one, &order, &first), TW_OK);
    CHECK_EQUAL(first.duplicate, 0);
    CHECK_STATUS(trader_try(&one, &order, &again), TW_OK);
    CHECK_EQUAL(again.duplicate, 1);
    CHECK_EQUAL(again.order_id, first.order_id);
    CHECK_EQUAL(again.accepted, first.accepted);
    CHECK_EQUAL(again.time, first.time);
    check_step("other bytes under the same sequence");
    other.quantity = 2 * UNIT;
    CHECK_STATUS(trader_try(&one, &other, NULL), TW_ERR_SEQUENCE_REUSED);
    check_step("a rejected frame again");
    order = trader_order(&one, "AAPL", BUY, 90LL * UNIT + 1, UNIT);
    CHECK_STATUS(trader_try(&one, &order, &first), TW_OK);
    CHECK_EQUAL(first.accepted, 0);
    CHECK_STATUS(trader_try(&one, &order, &again), TW_OK);
    CHECK_EQUAL(again.duplicate, 1);
    CHECK_EQUAL(again.reason, first.reason);
}

static void staleness(void)
{
    tw_order skipped = trader_order(&one, "AAPL", BUY, 90LL * UNIT, UNIT);
    tw_order next = trader_order(&one, "AAPL", BUY, 90LL * UNIT, UNIT);
    check_step("stale sequence");
    CHECK_STATUS(trader_try(&one, &next, NULL), TW_OK);
    CHECK_STATUS(trader_try(&one, &skipped, NULL), TW_ERR_STALE_SEQUENCE);
    check_step("stale time");
    next = trader_order(&one, "AAPL", BUY, 90LL * UNIT, UNIT);
    next.sending_time = time_now() - 20ULL * SECOND;
    CHECK_STATUS(trader_try(&one, &next, NULL), TW_ERR_STALE_TIME);
    next.sending_time = time_now() + 20ULL * SECOND;
    CHECK_STATUS(trader_try(&one, &next, NULL), TW_ERR_STALE_TIME);
    next.sending_time = 0;
    CHECK_STATUS(trader_try(&one, &next, NULL), TW_ERR_STALE_TIME);
    next.sending_time = UINT64_MAX;
    CHECK_STATUS(trader_try(&one, &next, NULL), TW_ERR_STALE_TIME);
    check_step("no refusal has used the sequence");
    next.sending_time = time_now();
    CHECK_STATUS(trader_try(&one, &next, NULL), TW_OK);
}

static void throttled(void)
{
    struct trader slow;
    struct timespec wait = {0, 700000000};
    tw_status status = TW_OK;
    tw_order order;
    int i;
    check_step("throttled");
    trader_open(&slow, gateway, 3);
    for (i = 0; i < 5 && status == TW_OK; i++) { /* more than one if the machine was slow */
        order = trader_order(&slow, "AAPL", BUY, 90LL * UNIT, UNIT);
        status = trader_try(&slow, &order, NULL);
    }
    CHECK_STATUS(status, TW_ERR_THROTTLED);
    check_step("the throttled frame later");
    nanosleep(&wait, NULL);
    CHECK_EQUAL(trader_send(&slow, &order), 0);
    trader_close(&slow);
}

static void cancel_and_replace(void)
{
    tw_order buy = trader_order(&one, "MSFT", BUY, 10LL * UNIT, 10ULL * UNIT);
    tw_order replace = trader_replace(&one, &buy, 11LL * UNIT, 20ULL * UNIT);
    tw_order cancel = trader_cancel(&one, &replace);
    const tw_completion *c;
    tw_order_state state;
    check_step("replace");
    drain();
    CHECK_EQUAL(trader_send(&one, &buy), 0);
    CHECK_EQUAL(trader_send(&one, &replace), 0);
    drain();
    check_execution(&one, &replace, '5', '0', 0, 20ULL * UNIT);
    c = execution(&one, replace.client_order_id, '5');
    CHECK(c != NULL && c->orig_client_order_id == buy.client_order_id);
    state = trader_status(&one, replace.client_order_id);
    CHECK_EQUAL(state.price, 11LL * UNIT);
    CHECK_EQUAL(state.quantity, 20ULL * UNIT);
    CHECK_EQUAL(state.orig_client_order_id, buy.client_order_id);
    check_step("cancel");
    CHECK_EQUAL(trader_send(&one, &cancel), 0);
    drain();
    c = execution(&one, cancel.client_order_id, '4');
    CHECK(c != NULL && c->orig_client_order_id == replace.client_order_id);
    CHECK_EQUAL(trader_status(&one, replace.client_order_id).ord_status, '4');
    CHECK_EQUAL(trader_status(&one, replace.client_order_id).leaves_quantity, 0);
}

/* What is not filled at once ends: IOC in part, FOK as a whole, a market order without a book. */
static void immediate_orders(void)
{
    tw_order sell = trader_order(&two, "MSFT", SELL, 70LL * UNIT, 5ULL * UNIT);
    tw_order fok = trader_order(&one, "MSFT", BUY, 70LL * UNIT, 6ULL * UNIT);
    tw_order ioc = trader_order(&one, "MSFT", BUY, 70LL * UNIT, 6ULL * UNIT);
    tw_order market = trader_order(&one, "MSFT", BUY, TW_PRICE_NONE, UNIT);
    check_step("fill or kill, immediate or cancel, market");
    fok.time_in_force = '4';
    ioc.time_in_force = '3';
    market.ord_type = '1';
    drain();
    CHECK_EQUAL(trader_send(&two, &sell), 0);
    CHECK_EQUAL(trader_send(&one, &fok), 0);
    CHECK_EQUAL(trader_send(&one, &ioc), 0);
    CHECK_EQUAL(trader_send(&one, &market), 0);
    drain();
    CHECK(execution(&one, fok.client_order_id, 'F') == NULL);
    check_execution(&one, &fok, 'C', 'C', 0, 0);
    check_execution(&one, &ioc, 'F', '1', 5ULL * UNIT, UNIT);
    check_execution(&one, &ioc, 'C', 'C', 5ULL * UNIT, 0);
    check_execution(&one, &market, 'C', 'C', 0, 0);
}

static void pre_trade_check(void)
{
    uint8_t frame[FRAME_SIZE];
    uint32_t reason = 77;
    size_t len;
    tw_order_ack ack;
    tw_order order = trader_order(&one, "AAPL", BUY, 90LL * UNIT, UNIT);
    tw_order_state state;
    int i;
    check_step("pre-trade check");
    len = trader_sign(&one, &order, frame);
    for (i = 0; i < 3; i++) {
        CHECK_STATUS(tw_pre_trade_check(gateway, frame, len, &reason), TW_OK);
        CHECK_EQUAL(reason, 0);
    }
    state.struct_size = sizeof state;
    CHECK_STATUS(tw_order_status(gateway, 1, order.client_order_id, &state), TW_ERR_NOT_FOUND);
    CHECK_STATUS(trader_try(&one, &order, &ack), TW_OK);
    CHECK_EQUAL(ack.accepted, 1);
    CHECK_EQUAL(ack.duplicate, 0);
    order = trader_order(&one, "AAPL", BUY, 90LL * UNIT + 1, UNIT);
    len = trader_sign(&one, &order, frame);
    CHECK_STATUS(tw_pre_trade_check(gateway, frame, len, &reason), TW_OK);
    CHECK_TEXT(tw_reason_name(reason), "tick");
    order.price = 90LL * UNIT;
    CHECK_EQUAL(trader_send(&one, &order), 0); /* the sequence is still free */
}

static void session_keys(void)
{
    uint8_t key[TW_KEY_MAX];
    tw_session_key keys[4];
    size_t len, count;
    uint64_t second_id;
    tw_order order;
    struct trader trader;
    check_step("session keys");
    trader_open(&trader, gateway, 4);
    REQUIRE_OK(tw_keygen(TW_SUITE_HMAC_SHA256, 1234, key, sizeof key, &len));
    REQUIRE_OK(tw_key_id(key, len, &second_id));
    CHECK_STATUS(tw_gateway_key_add(gateway, 4, key, len), TW_OK);
    CHECK_STATUS(tw_gateway_key_add(gateway, 4, key, len), TW_ERR_CONFLICT);
    CHECK_STATUS(tw_gateway_keys(gateway, 4, keys, COUNT(keys), &count), TW_OK);
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(keys[0].key_id, trader.key_id);
    CHECK_EQUAL(keys[0].suite, TW_SUITE_ED25519);
    CHECK_EQUAL(keys[0].state, TW_KEY_ACTIVE);
    CHECK_EQUAL(keys[1].key_id, second_id);
    check_step("retired key");
    order = trader_order(&trader, "AAPL", BUY, 90LL * UNIT, UNIT);
    CHECK_EQUAL(trader_send(&trader, &order), 0);
    CHECK_STATUS(tw_gateway_key_retire(gateway, 4, trader.key_id), TW_OK);
    order = trader_order(&trader, "AAPL", BUY, 90LL * UNIT, UNIT);
    CHECK_STATUS(trader_try(&trader, &order, NULL), TW_ERR_UNAUTHENTICATED);
    CHECK_STATUS(tw_gateway_key_add(gateway, 4, trader.key, trader.key_len), TW_ERR_CONFLICT);
    CHECK_STATUS(tw_gateway_keys(gateway, 4, keys, COUNT(keys), &count), TW_OK);
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(keys[0].state, TW_KEY_RETIRED);
    CHECK_EQUAL(keys[1].state, TW_KEY_ACTIVE);
    trader_close(&trader);
}

#define SENDERS 4
#define ORDERS 100
struct sender {
    struct trader *trader;
    uint64_t failures;
};

static void *send_many(void *argument)
{
    struct sender *sender = argument;
    int i;
    for (i = 0; i < ORDERS; i++) {
        uint8_t frame[FRAME_SIZE];
        size_t len = 0;
        tw_order_ack ack;
        tw_order order = trader_order(sender->trader, "AAPL", BUY, 1LL * UNIT, UNIT);
        ack.struct_size = sizeof ack;
        if (tw_signer_order_sign(sender->trader->signer, &order, frame, sizeof frame, &len) ||
            tw_send_order(sender->trader->gateway, frame, len, 10ULL * SECOND, &ack) ||
            !ack.accepted || ack.client_order_id != order.client_order_id) {
            sender->failures++;
        }
    }
    return NULL;
}

static void sender_threads(void)
{
    static const char SESSIONS[] =
        "[journal]\nkind = \"memory\"\n[venue]\nkind = \"paper\"\n"
        "[[instruments]]\nsymbol = \"AAPL\"\ntick = \"0.01\"\nlot = 1\n"
        "max_quantity = \"unlimited\"\nmax_notional = \"unlimited\"\n"
        "max_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n"
        "[[sessions]]\nid = 1\nburst = 1000\n[[sessions]]\nid = 2\nburst = 1000\n"
        "[[sessions]]\nid = 3\nburst = 1000\n[[sessions]]\nid = 4\nburst = 1000\n";
    tw_gateway *busy = gateway_open(SESSIONS);
    struct trader traders[SENDERS];
    struct sender senders[SENDERS];
    pthread_t threads[SENDERS];
    int i;
    check_step("threads that send");
    for (i = 0; i < SENDERS; i++) {
        trader_open(&traders[i], busy, (uint64_t)i + 1);
        senders[i].trader = &traders[i];
        senders[i].failures = 0;
        REQUIRE(pthread_create(&threads[i], NULL, send_many, &senders[i]) == 0);
    }
    for (i = 0; i < SENDERS; i++) {
        REQUIRE(pthread_join(threads[i], NULL) == 0);
        CHECK_EQUAL(senders[i].failures, 0);
        CHECK_EQUAL(trader_status(&traders[i], ORDERS).accepted, 1);
        trader_close(&traders[i]);
    }
    tw_gateway_free(busy);
}

static void closed(void)
{
    tw_order order = trader_order(&one, "AAPL", BUY, 90LL * UNIT, UNIT);
    check_step("closed");
    CHECK_STATUS(tw_gateway_close(gateway), TW_OK);
    CHECK_STATUS(trader_try(&one, &order, NULL), TW_ERR_CLOSED);
    CHECK_STATUS(tw_gateway_close(gateway), TW_OK);
    CHECK_EQUAL(trader_status(&one, 1).ord_status, '1');
    drain();
}

int main(void)
{
    check_begin("functional_gateway");
    gateway = gateway_open(CONFIG);
    trader_open(&one, gateway, 1);
    trader_open(&two, gateway, 2);
    crossing();
    submit_and_poll();
    retries();
    staleness();
    throttled();
    cancel_and_replace();
    immediate_orders();
    pre_trade_check();
    session_keys();
    sender_threads();
    closed();
    trader_close(&one);
    trader_close(&two);
    tw_gateway_free(gateway);
    return check_end(250);
}
