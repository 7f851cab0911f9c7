/* Metrics that agree with what was done, and log events told to a callback. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "orders.h"

static const char CONFIG[] =
    "journal.kind = \"memory\"\nvenue.kind = \"paper\"\n"
    "[freshness]\nback_ms = 600000\n"
    "[[sessions]]\nid = 1\n[[sessions]]\nid = 2\n"
    "[[instruments]]\nsymbol = \"AAPL\"\ntick = \"0.01\"\nlot = 1\n"
    "max_quantity = 1000\nmax_notional = \"unlimited\"\nmax_position = \"unlimited\"\n"
    "collar_percent = \"unlimited\"\n";

/* The value of a series now. */
static unsigned long metric(const char *series)
{
    static char text[TW_METRICS_TEXT_MAX + 1];
    char line[160];
    const char *found;
    size_t len;
    REQUIRE_OK(tw_metrics_text((uint8_t *)text, TW_METRICS_TEXT_MAX, &len));
    text[len] = 0;
    sprintf(line, "\ntinywindow_%s ", series);
    found = strstr(text, line);
    REQUIRE(found != NULL);
    return strtoul(found + strlen(line), NULL, 10);
}

#define SERIES 9
static const struct { const char *series; unsigned long change; } EXPECTED[SERIES] = {
    {"encryption_keygen_total{status=\"success\"}", 1},
    {"encryption_sign_total{status=\"success\"}", 5},
    {"encryption_verify_total{status=\"success\",result=\"valid\"}", 4},
    {"encryption_verify_total{status=\"success\",result=\"invalid\"}", 2},
    {"encryption_verify_total{status=\"error\",result=\"invalid\"}", 1},
    {"exec_orders_total{status=\"accepted\"}", 1},
    {"exec_orders_total{status=\"rejected\"}", 1},
    {"exec_rejections_total{reason=\"max_quantity\"}", 1},
    {"exec_errors_total{type=\"validation\"}", 1},
};

static void run(const struct trader *trader, struct trader *one)
{
    uint8_t key[TW_KEY_MAX], sig[TW_SIGNATURE_MAX], frame[FRAME_SIZE];
    size_t key_len, sig_len, frame_len;
    uint32_t reason;
    tw_order order = trader_order(one, "AAPL", '1', 100LL * UNIT, UNIT);
    tw_order large = trader_order(one, "AAPL", '1', 100LL * UNIT, 1001ULL * UNIT);
    REQUIRE_OK(tw_keygen(TW_SUITE_HMAC_SHA256, 7, key, sizeof key, &key_len));
    CHECK_STATUS(tw_keygen(99, 7, key, sizeof key, &key_len), TW_ERR_SUITE);
    CHECK_STATUS(tw_keygen(TW_SUITE_HMAC_SHA256, 7, NULL, 0, &key_len), TW_OK);
    REQUIRE_OK(tw_sign(key, key_len, key, 4, sig, sizeof sig, &sig_len));
    CHECK_STATUS(tw_sign(key, key_len, key, 4, sig, 1, &sig_len), TW_ERR_BUFFER);
    CHECK_STATUS(tw_verify(key, key_len, key, 4, sig, sig_len), TW_OK);
    CHECK_STATUS(tw_verify(key, key_len, key, 5, sig, sig_len), TW_ERR_SIGNATURE);
    CHECK_STATUS(tw_verify(key, 3, key, 4, sig, sig_len), TW_ERR_KEY);
    CHECK_EQUAL(trader_send(trader, &order), 0);
    CHECK(trader_send(trader, &large) != 0);
    frame_len = trader_sign(trader, &order, frame);
    frame[frame_len - 1] ^= 1;
    CHECK_STATUS(tw_pre_trade_check(trader->gateway, frame, frame_len, &reason),
                 TW_ERR_UNAUTHENTICATED);
    frame_len = trader_sign(trader, &order, frame);
    CHECK_STATUS(tw_pre_trade_check(trader->gateway, frame, frame_len, &reason), TW_OK);
}

static void counters(void)
{
    unsigned long before[SERIES];
    tw_gateway *gateway = gateway_open(CONFIG);
    struct trader one;
    size_t i;
    trader_open(&one, gateway, 1);
    for (i = 0; i < SERIES; i++) before[i] = metric(EXPECTED[i].series);
    run(&one, &one);
    for (i = 0; i < SERIES; i++) {
        check_step("%s", EXPECTED[i].series);
        CHECK_EQUAL(metric(EXPECTED[i].series) - before[i], EXPECTED[i].change);
    }
    check_step("gauges");
    CHECK_EQUAL(metric("exec_gateways"), 1);
    CHECK_EQUAL(metric("exec_open_orders"), 1);
    trader_close(&one);
    tw_gateway_free(gateway);
    CHECK_EQUAL(metric("exec_gateways"), 0);
}

/* The events told, line by line. */
struct told {
    char text[1024];
    tw_status set_from_within;
};

static void append(char *text, const char *before, tw_bytes bytes)
{
    sprintf(text + strlen(text), "%s%.*s", before, (int)bytes.len, (const char *)bytes.data);
}

static void tell(void *user, const tw_log_record *record)
{
    struct told *told = user;
    size_t i;
    REQUIRE(record->struct_size == sizeof *record && record->time > 0);
    sprintf(told->text + strlen(told->text), "%lu ", (unsigned long)record->level);
    append(told->text, "", record->target);
    append(told->text, ": ", record->message);
    for (i = 0; i < record->fields_len; i++) {
        append(told->text, " ", record->fields[i].key);
        append(told->text, "=", record->fields[i].value);
    }
    strcat(told->text, "\n");
    told->set_from_within = tw_log_set(NULL, NULL, TW_LOG_INFO);
}

static void events(void)
{
    static struct told told;
    tw_gateway *gateway;
    check_step("log events");
    REQUIRE_OK(tw_log_set(tell, &told, TW_LOG_INFO));
    gateway = gateway_open(CONFIG);
    CHECK_STATUS(tw_gateway_halt(gateway, TW_HALT_SYMBOL, 0, (const uint8_t *)"AAPL", 4), TW_OK);
    tw_gateway_free(gateway);
    REQUIRE_OK(tw_log_set(NULL, NULL, TW_LOG_INFO));
    tw_gateway_free(gateway_open(CONFIG));
    CHECK_TEXT(told.text,
               "3 gateway: gateway opened sessions=2 instruments=1 orders=0 open_orders=0\n"
               "2 gateway: halted scope=symbol name=AAPL\n"
               "3 gateway: gateway closed\n");
    CHECK_STATUS(told.set_from_within, TW_ERR_BUSY);
}

#define CHILD_SECONDS 30
static sem_t entered, leave;

static void linger(void *user, const tw_log_record *record)
{
    (void)user, (void)record;
    sem_post(&entered);
    sem_wait(&leave);
}

static void *open_and_free(void *unused)
{
    tw_gateway_free(gateway_open(CONFIG));
    return unused;
}

/* The child: silent as it begins, and told what it asks for. */
static void child(void)
{
    static struct told told;
    alarm(CHILD_SECONDS);
    tw_gateway_free(gateway_open(CONFIG));
    if (tw_log_set(tell, &told, TW_LOG_INFO)) _exit(1);
    tw_gateway_free(gateway_open(CONFIG));
    if (tw_log_set(NULL, NULL, TW_LOG_INFO)) _exit(2);
    _exit(strstr(told.text, "gateway closed\n") ? 0 : 3);
}

/* A callback that runs while its process is forked never returns in the child. */
static void forked(void)
{
    pthread_t thread;
    int status = -1;
    pid_t pid;
    check_step("fork");
    REQUIRE(sem_init(&entered, 0, 0) == 0 && sem_init(&leave, 0, 0) == 0);
    REQUIRE_OK(tw_log_set(linger, NULL, TW_LOG_INFO));
    REQUIRE(pthread_create(&thread, NULL, open_and_free, NULL) == 0);
    REQUIRE(sem_wait(&entered) == 0);
    pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) child();
    REQUIRE(waitpid(pid, &status, 0) == pid);
    CHECK_EQUAL(status, 0);
    REQUIRE(sem_post(&leave) == 0 && sem_post(&leave) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    REQUIRE_OK(tw_log_set(NULL, NULL, TW_LOG_INFO));
}

int main(void)
{
    check_begin("functional_telemetry");
    counters();
    events();
    forked();
    return check_end(30);
}
