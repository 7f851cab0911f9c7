/* The negative matrix: whatever is passed, the right status comes, nothing else is written, and
 * the process lives. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "matrix.h"

#define CHECKS_AT_LEAST 21800
#define CHILD_SECONDS 30

static int has_handle(const struct function *function)
{
    return function->arguments[0].kind == HANDLE;
}

/* In the child of a fork no handle of the parent may be used; all else works, and freeing them
 * there takes nothing from the parent. */
static void child(void)
{
    unsigned long failures_before = check_failures();
    size_t i;
    alarm(CHILD_SECONDS);
    for (i = 0; i < FUNCTIONS_COUNT; i++) {
        const struct function *function = &FUNCTIONS[i];
        matrix_expect(function, has_handle(function) ? TW_ERR_FORKED : function->well_formed);
    }
    CHECK_STATUS(tw_metrics_text(NULL, 0, &i), TW_OK);
    fixture_close();
    _exit(check_failures() != failures_before);
}

static void forked(void)
{
    size_t i;
    int status = -1;
    pid_t pid;
    check_step("fork");
    pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) child();
    REQUIRE(waitpid(pid, &status, 0) == pid);
    CHECK_EQUAL(status, 0);
    for (i = 0; i < FUNCTIONS_COUNT; i++) {
        matrix_expect(&FUNCTIONS[i], FUNCTIONS[i].well_formed);
    }
}

static void closed(void)
{
    size_t i;
    CHECK_STATUS(tw_gateway_close(fixture.gateway), TW_OK);
    CHECK_STATUS(tw_gateway_close(fixture.gateway), TW_OK);
    for (i = 0; i < FUNCTIONS_COUNT; i++) {
        const struct function *function = &FUNCTIONS[i];
        int gateways = function->arguments[0].source == &fixture.gateway;
        int refused = gateways && !function->when_closed;
        matrix_expect(function, refused ? TW_ERR_CLOSED : function->well_formed);
    }
}

static void free_null(void)
{
    tw_signer_free(NULL);
    tw_verifier_free(NULL);
    tw_gateway_free(NULL);
}

int main(void)
{
    size_t i;
    check_begin("negative");
    fixture_open();
    for (i = 0; i < FUNCTIONS_COUNT; i++) matrix_arguments(&FUNCTIONS[i]);
    negative_keys();
    negative_signing();
    negative_orders();
    negative_overlap();
    negative_gateway();
    negative_telemetry();
    free_null();
    forked();
    closed();
    fixture_close();
    return check_end(CHECKS_AT_LEAST);
}
