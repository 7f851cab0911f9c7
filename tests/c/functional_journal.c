/* The file journal and the configuration: what is there again after a restart, and what a
 * refused text is told. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "orders.h"

#define BUY '1'
#define SELL '2'
#define PRICE (100LL * UNIT)

static char folder[] = "/tmp/tinywindow-test-XXXXXX";
static char journal_path[64], segment_path[96], lock_path[80], key_path[64];

static tw_status open_journal(const char *path, tw_gateway **gateway)
{
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "[journal]\nkind = \"file\"\npath = \"%s\"\nsegment_bytes = 131072\n"
                       "[venue]\nkind = \"paper\"\n"
                       "[[instruments]]\nsymbol = \"AAPL\"\ntick = \"0.01\"\nlot = 1\n"
                       "max_quantity = \"unlimited\"\nmax_notional = \"unlimited\"\n"
                       "max_position = \"100\"\ncollar_percent = \"unlimited\"\n"
                       "[[sessions]]\nid = 1\n[[sessions]]\nid = 2\n", path);
    return tw_gateway_open((const uint8_t *)text, (size_t)len, gateway);
}

/* Before the restart: 60 bought of 80, so 20 are open; a rejection; a retired key; a halt. */
static void first_run(struct trader *one, tw_order *bought, tw_order_ack *ack)
{
    tw_gateway *gateway, *second = NULL;
    struct trader two;
    tw_order sell;
    check_step("first run");
    REQUIRE_OK(open_journal(journal_path, &gateway));
    check_step("second opener");
    CHECK_STATUS(open_journal(journal_path, &second), TW_ERR_JOURNAL_LOCKED);
    CHECK(second == NULL);
    check_step("first run");
    trader_open(one, gateway, 1);
    trader_open(&two, gateway, 2);
    *bought = trader_order(one, "AAPL", BUY, PRICE, 80ULL * UNIT);
    CHECK_STATUS(trader_try(one, bought, ack), TW_OK);
    CHECK_EQUAL(ack->accepted, 1);
    sell = trader_order(&two, "AAPL", SELL, PRICE, 60ULL * UNIT);
    memcpy(sell.account, "ACC-2", 5);
    CHECK_EQUAL(trader_send(&two, &sell), 0);
    CHECK_STATUS(tw_gateway_key_retire(gateway, 2, two.key_id), TW_OK);
    CHECK_STATUS(tw_gateway_halt(gateway, TW_HALT_ACCOUNT, 0, (const uint8_t *)"ACC-3", 5), TW_OK);
    trader_close(&two);
    tw_signer_free(one->signer);
    CHECK_STATUS(tw_gateway_close(gateway), TW_OK);
    tw_gateway_free(gateway);
}

static void private_files(void)
{
    struct stat status;
    check_step("the journal is its owner's alone");
    REQUIRE(stat(journal_path, &status) == 0);
    CHECK_EQUAL(status.st_mode & 0777, 0700);
    REQUIRE(stat(segment_path, &status) == 0);
    CHECK_EQUAL(status.st_mode & 0777, 0600);
    CHECK_EQUAL(status.st_size, 131072);
}

static void orders_are_back(const struct trader *one, const tw_order *bought,
                            const tw_order_ack *ack)
{
    tw_order_state state;
    tw_order_ack again;
    tw_order reused = *bought;
    check_step("open orders are back");
    state = trader_status(one, bought->client_order_id);
    CHECK_EQUAL(state.accepted, 1);
    CHECK_EQUAL(state.order_id, ack->order_id);
    CHECK_EQUAL(state.ord_status, '1');
    CHECK_EQUAL(state.cum_quantity, 60ULL * UNIT);
    CHECK_EQUAL(state.leaves_quantity, 20ULL * UNIT);
    check_step("sequences and retries are back");
    CHECK_STATUS(trader_try(one, bought, &again), TW_OK);
    CHECK_EQUAL(again.duplicate, 1);
    CHECK_EQUAL(again.order_id, ack->order_id);
    CHECK_EQUAL(again.time, ack->time);
    reused.quantity = UNIT;
    CHECK_STATUS(trader_try(one, &reused, NULL), TW_ERR_SEQUENCE_REUSED);
}

/* The limit is 100: 60 are held, 20 open. */
static void positions_are_back(struct trader *one)
{
    tw_order order = trader_order(one, "AAPL", BUY, PRICE, 21ULL * UNIT);
    check_step("positions are back");
    CHECK_TEXT(tw_reason_name(trader_send(one, &order)), "max_position");
    order = trader_order(one, "AAPL", BUY, PRICE, 20ULL * UNIT);
    CHECK_EQUAL(trader_send(one, &order), 0);
    check_step("halts are back");
    order = trader_order(one, "AAPL", BUY, PRICE, UNIT);
    memcpy(order.account, "ACC-3", 5);
    CHECK_TEXT(tw_reason_name(trader_send(one, &order)), "halted_account");
}

/* The order of before the restart is at the venue again: it fills first. */
static void venue_is_back(struct trader *one, const tw_order *bought)
{
    tw_order sell = trader_order(one, "AAPL", SELL, PRICE, 20ULL * UNIT);
    check_step("the venue is back");
    CHECK_EQUAL(trader_send(one, &sell), 0);
    CHECK_EQUAL(trader_status(one, bought->client_order_id).ord_status, '2');
    CHECK_EQUAL(trader_status(one, sell.client_order_id).ord_status, '2');
}

static void second_run(const tw_order *bought, const tw_order_ack *ack)
{
    tw_gateway *gateway;
    struct trader one;
    uint8_t key[64];
    size_t len;
    check_step("second run");
    REQUIRE_OK(open_journal(journal_path, &gateway));
    trader_open(&one, gateway, 1); /* the journal holds no key */
    one.sequence = bought->sequence;
    orders_are_back(&one, bought, ack);
    positions_are_back(&one);
    venue_is_back(&one, bought);
    check_step("a retired key stays retired");
    REQUIRE_OK(tw_keygen(TW_SUITE_ED25519, 2, key, sizeof key, &len));
    REQUIRE_OK(tw_public_key(key, len, key, sizeof key, &len));
    CHECK_STATUS(tw_gateway_key_add(gateway, 2, key, len), TW_ERR_CONFLICT);
    trader_close(&one);
    tw_gateway_free(gateway);
}

/* Freed without close, the gateway has lost nothing either. */
static void third_run(const tw_order *bought)
{
    tw_gateway *gateway;
    struct trader one;
    check_step("third run");
    REQUIRE_OK(open_journal(journal_path, &gateway));
    trader_open(&one, gateway, 1);
    CHECK_EQUAL(trader_status(&one, bought->client_order_id).ord_status, '2');
    trader_close(&one);
    tw_gateway_free(gateway);
}

/* A child that frees its copy of the gateway takes neither lock nor journal from the parent. */
static void fork_keeps_the_journal(void)
{
    tw_gateway *gateway, *second = NULL;
    struct trader one;
    tw_order order;
    int status = -1;
    pid_t pid;
    REQUIRE_OK(open_journal(journal_path, &gateway));
    trader_open(&one, gateway, 1);
    one.sequence = 1000;
    check_step("fork");
    pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        tw_status forked = tw_gateway_close(gateway);
        alarm(30);
        tw_gateway_free(gateway);
        tw_signer_free(one.signer);
        _exit(forked != TW_ERR_FORKED);
    }
    REQUIRE(waitpid(pid, &status, 0) == pid);
    CHECK_EQUAL(status, 0);
    order = trader_order(&one, "AAPL", SELL, PRICE, UNIT);
    CHECK_EQUAL(trader_send(&one, &order), 0);
    CHECK_STATUS(open_journal(journal_path, &second), TW_ERR_JOURNAL_LOCKED);
    trader_close(&one);
    tw_gateway_free(gateway);
}

static void write_file(const char *path, int flags, long offset, const void *data, size_t len)
{
    int file = open(path, O_WRONLY | O_CREAT | flags, 0600);
    REQUIRE(file >= 0);
    REQUIRE(pwrite(file, data, len, (off_t)offset) == (ssize_t)len);
    close(file);
}

static void bad_journals(void)
{
    tw_gateway *gateway = NULL;
    char path[80];
    check_step("a journal in a folder that is not there");
    snprintf(path, sizeof path, "%s/none/orders.twj", folder);
    CHECK_STATUS(open_journal(path, &gateway), TW_ERR_JOURNAL);
    check_step("a folder of other files");
    CHECK_STATUS(open_journal(folder, &gateway), TW_ERR_JOURNAL);
    check_step("a journal that is none");
    write_file(key_path, O_TRUNC, 0, "no journal at all", 17);
    CHECK_STATUS(open_journal(key_path, &gateway), TW_ERR_JOURNAL);
    check_step("a journal of format 1");
    write_file(key_path, O_TRUNC, 0, "TWJ\1\0\0\0\0", 8);
    CHECK_STATUS(open_journal(key_path, &gateway), TW_ERR_UNSUPPORTED);
    check_step("a torn tail is cut");
    write_file(segment_path, 0, 126976, "\x20\0\0\0torn", 8);
    CHECK_STATUS(open_journal(journal_path, &gateway), TW_OK);
    tw_gateway_free(gateway);
    gateway = NULL;
    check_step("a byte of the middle changed");
    write_file(segment_path, 0, 4096 + 30, "\xff\xff", 2);
    CHECK_STATUS(open_journal(journal_path, &gateway), TW_ERR_JOURNAL_CORRUPT);
    CHECK(gateway == NULL);
}

/* The message of a configuration: where it begins. */
static void message(const char *text, const char *beginning)
{
    uint8_t out[512];
    size_t len = 0;
    check_step("message %s", beginning);
    CHECK_STATUS(tw_config_check((const uint8_t *)text, strlen(text), out, sizeof out - 1, &len),
                 TW_ERR_CONFIG);
    out[len] = 0;
    if (!CHECK(strncmp((const char *)out, beginning, strlen(beginning)) == 0)) {
        fprintf(stderr, "    it says: %s\n", out);
    }
    CHECK(len > strlen(beginning) + 1);
}

#define MEMORY "[journal]\nkind = \"memory\"\n"
#define PAPER "[venue]\nkind = \"paper\"\n"

static void messages(void)
{
    message("[journal]\nkind = \"tape\"\n" PAPER, "line 2, column 8:");
    message(MEMORY PAPER "[gateway]\nmax_ordrs = 5\n", "line 6, column 1:");
    message(MEMORY PAPER "[gateway]\n  max_orders = 0\n", "line 6, column 16:");
    message(MEMORY PAPER "[gateway]\nmax_orders = 5\nmax_orders = 5\n", "line 7, column 1:");
    message(MEMORY PAPER "[[sessions]]\nid = 1\n[[sessions]]\nid = 1\n", "line 8, column 6:");
    message("\n\n[journal", "line 3, column ");
}

/* A text that names key files: the session has the keys from the start. */
static void key_files(void)
{
    char text[512];
    uint8_t key[64];
    size_t len, count = 0;
    tw_gateway *gateway = NULL;
    int text_len = snprintf(text, sizeof text,
                            MEMORY PAPER "[[sessions]]\nid = 1\nkeys = [\"%s\"]\n", key_path);
    check_step("key files");
    REQUIRE_OK(tw_keygen(TW_SUITE_HMAC_SHA256, 1, key, sizeof key, &len));
    write_file(key_path, O_TRUNC, 0, key, len);
    CHECK_STATUS(tw_gateway_open((const uint8_t *)text, (size_t)text_len, &gateway), TW_OK);
    CHECK_STATUS(tw_gateway_keys(gateway, 1, NULL, 0, &count), TW_OK);
    CHECK_EQUAL(count, 1);
    tw_gateway_free(gateway);
    gateway = NULL;
    check_step("a key file that is not there");
    REQUIRE(unlink(key_path) == 0);
    CHECK_STATUS(tw_gateway_open((const uint8_t *)text, (size_t)text_len, &gateway), TW_ERR_IO);
    CHECK(gateway == NULL);
    message(text, "line 7, column 9:");
}

int main(void)
{
    struct trader one;
    tw_order bought;
    tw_order_ack ack;
    check_begin("functional_journal");
    REQUIRE(mkdtemp(folder) != NULL);
    snprintf(journal_path, sizeof journal_path, "%s/orders.twj", folder);
    snprintf(segment_path, sizeof segment_path, "%s/00000000000000000001.twj", journal_path);
    snprintf(lock_path, sizeof lock_path, "%s/LOCK", journal_path);
    snprintf(key_path, sizeof key_path, "%s/key", folder);
    first_run(&one, &bought, &ack);
    private_files();
    second_run(&bought, &ack);
    third_run(&bought);
    fork_keeps_the_journal();
    bad_journals();
    messages();
    key_files();
    unlink(segment_path);
    unlink(lock_path);
    rmdir(journal_path);
    rmdir(folder);
    return check_end(82);
}
