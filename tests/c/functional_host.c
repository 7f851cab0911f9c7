/* What a host does around the library: threads that end, little memory, signals of its own. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "orders.h"

#define REST \
    "[venue]\nkind = \"paper\"\n" \
    "[[instruments]]\nsymbol = \"AAPL\"\ntick = \"0.01\"\nlot = 1\nmax_quantity = \"unlimited\"\n" \
    "max_notional = \"unlimited\"\nmax_position = \"unlimited\"\ncollar_percent = \"unlimited\"\n" \
    "[[sessions]]\nid = 1\n"
#define IN_MEMORY "[journal]\nkind = \"memory\"\n" REST

static char in_file[1024], journal[512];

/* Sends as its thread ends, after everything thread-local of the library is gone. */
static tw_status sent_at_exit;
static pthread_key_t at_exit;

static void send_at_exit(void *trader)
{
    tw_order order = trader_order(trader, "AAPL", '1', UNIT, UNIT);
    sent_at_exit = trader_try(trader, &order, NULL);
}

static void *send_and_end(void *trader)
{
    tw_order order = trader_order(trader, "AAPL", '1', UNIT, UNIT);
    if (trader_try(trader, &order, NULL) != TW_OK) return trader;
    return pthread_setspecific(at_exit, trader) ? trader : NULL;
}

static void ending_thread(const char *config)
{
    struct trader trader;
    tw_order order;
    pthread_t thread;
    void *failed;
    tw_gateway *gateway = gateway_open(config);
    trader_open(&trader, gateway, 1);
    sent_at_exit = TW_ERR_INTERNAL;
    REQUIRE(pthread_create(&thread, NULL, send_and_end, &trader) == 0);
    REQUIRE(pthread_join(thread, &failed) == 0);
    CHECK(failed == NULL);
    CHECK_STATUS(sent_at_exit, TW_OK);
    CHECK_EQUAL(trader_status(&trader, 2).accepted, 1);
    order = trader_order(&trader, "AAPL", '1', UNIT, UNIT);
    CHECK_EQUAL(trader_send(&trader, &order), 0);
    trader_close(&trader);
    tw_gateway_free(gateway);
}

/* Not under ASan, whose own allocator ends the process when it gets nothing. */
#ifndef __SANITIZE_ADDRESS__
static void too_little_memory(void)
{
    static const char large[] = "[gateway]\nmax_orders = 100_000_000\n" IN_MEMORY;
    int status = 0;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        struct rlimit limit;
        tw_gateway *gateway = NULL;
        limit.rlim_cur = limit.rlim_max = (rlim_t)1 << 30;
        if (setrlimit(RLIMIT_AS, &limit)) _exit(100);
        _exit(tw_gateway_open((const uint8_t *)large, sizeof large - 1, &gateway));
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), TW_ERR_MEMORY);
}

#define LARGE ((size_t)64 << 20)

/* Signs and verifies what there is no room to copy. */
static tw_status sign_large(uint32_t suite, const uint8_t *payload)
{
    uint8_t key[TW_KEY_MAX], sig[TW_SIGNATURE_MAX];
    size_t key_len, sig_len;
    tw_status status = tw_keygen(suite, 1, key, sizeof key, &key_len);
    if (status != TW_OK) return status;
    status = tw_sign(key, key_len, payload, LARGE, sig, sizeof sig, &sig_len);
    if (status != TW_OK) return status;
    return tw_verify(key, key_len, payload, LARGE, sig, sig_len);
}

/* The payload's pages are there, and hardly any more are to be had. */
static void large_payload(uint32_t suite)
{
    int status = 0;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const int mapping = MAP_PRIVATE | MAP_ANONYMOUS;
        const uint8_t *payload = mmap(NULL, LARGE, PROT_READ, mapping, -1, 0);
        FILE *statm = fopen("/proc/self/statm", "r");
        unsigned long pages;
        struct rlimit limit;
        if (payload == MAP_FAILED || !statm || fscanf(statm, "%lu", &pages) != 1) _exit(100);
        limit.rlim_cur = limit.rlim_max = pages * (rlim_t)sysconf(_SC_PAGESIZE) + LARGE / 2;
        if (setrlimit(RLIMIT_AS, &limit)) _exit(100);
        _exit(sign_large(suite, payload));
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), TW_OK);
}
#endif

static volatile sig_atomic_t handled_elsewhere, handled;
static pthread_t host;

static void handler(int number)
{
    (void)number;
    handled = 1;
    if (!pthread_equal(pthread_self(), host)) handled_elsewhere = 1;
}

static void signals(void)
{
    struct sigaction action;
    sigset_t usr1, before;
    tw_gateway *gateway;
    host = pthread_self();
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
    gateway = gateway_open(in_file);
    /* Blocked here, it would go to the library's thread if that took signals. */
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &usr1, &before) == 0);
    CHECK(!sigismember(&before, SIGUSR1)); /* opening left the mask as it was */
    REQUIRE(kill(getpid(), SIGUSR1) == 0);
    usleep(20000);
    CHECK(!handled);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    CHECK(handled);
    CHECK(!handled_elsewhere);
    tw_gateway_free(gateway);
}

static void remove_journal(void)
{
    char file[600];
    sprintf(file, "%s/00000000000000000001.twj", journal);
    unlink(file);
    sprintf(file, "%s/LOCK", journal);
    unlink(file);
    rmdir(journal);
}

int main(void)
{
    const char *folder = getenv("TMPDIR");
#ifndef __SANITIZE_ADDRESS__
    uint32_t suite;
#endif
    check_begin("functional_host");
    sprintf(journal, "%.400s/tinywindow-host-%ld.twj", folder ? folder : "/tmp", (long)getpid());
    sprintf(in_file, "[journal]\nkind = \"file\"\npath = \"%s\"\nsegment_bytes = 65536\n%s", journal, REST);
#ifndef __SANITIZE_ADDRESS__
    /* Before there is memory that was freed and could be used again. */
    for (suite = TW_SUITE_HMAC_SHA256; suite <= TW_SUITE_MLDSA65_ED25519; suite++) {
        check_step("a payload of 64 MiB and no room for another, %s", tw_suite_name(suite));
        large_payload(suite);
    }
#endif
    REQUIRE(pthread_key_create(&at_exit, send_at_exit) == 0);
    check_step("a thread that ends, journal in memory");
    ending_thread(IN_MEMORY);
    check_step("a thread that ends, journal in a file");
    ending_thread(in_file);
    remove_journal();
#ifndef __SANITIZE_ADDRESS__
    check_step("too little memory");
    too_little_memory();
#endif
    check_step("signals");
    signals();
    remove_journal();
    return check_end(25);
}
