/* Metrics whose size is known only when they are asked for, and a sink that may be anything. */
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "matrix.h"

static void text(void)
{
    static uint8_t out[TW_METRICS_TEXT_MAX + 1];
    size_t len = 7, need;
    check_step("metrics: NULL");
    CHECK_STATUS(tw_metrics_text(out, sizeof out, NULL), TW_ERR_NULL);
    CHECK_STATUS(tw_metrics_text(NULL, 0, NULL), TW_ERR_NULL);
    CHECK_STATUS(tw_metrics_text(NULL, 1, &len), TW_ERR_NULL);
    CHECK_EQUAL(len, 7);
    check_step("metrics: size query");
    CHECK_STATUS(tw_metrics_text(NULL, 0, &need), TW_OK);
    CHECK(need > 0 && need <= TW_METRICS_TEXT_MAX);
    check_step("metrics: short buffer");
    memset(out, 0xA5, sizeof out);
    CHECK_STATUS(tw_metrics_text(out, 1000, &len), TW_ERR_BUFFER);
    CHECK(len >= need && out[0] == 0xA5 && out[999] == 0xA5);
    check_step("metrics: buffer that is always enough");
    CHECK_STATUS(tw_metrics_text(out, TW_METRICS_TEXT_MAX, &len), TW_OK);
    CHECK(len >= need && out[0] == '#' && out[len - 1] == '\n' && out[len] == 0xA5);
    check_step("metrics: misaligned length");
    CHECK_STATUS(tw_metrics_text(NULL, 0, (size_t *)(void *)(out + 1)), TW_OK);
}

static void ignore(void *user, const tw_log_record *record)
{
    (void)user;
    (void)record;
}

static void sink(void)
{
    static const uint32_t NO_LEVELS[] = {0, 4, 5, 255, 256, 257, UINT32_MAX};
    size_t i;
    for (i = 0; i < sizeof NO_LEVELS / sizeof NO_LEVELS[0]; i++) {
        check_step("log: level %lu", (unsigned long)NO_LEVELS[i]);
        CHECK_STATUS(tw_log_set(ignore, NULL, NO_LEVELS[i]), TW_ERR_ARGUMENT);
        CHECK_STATUS(tw_log_set(NULL, NULL, NO_LEVELS[i]), TW_ERR_ARGUMENT);
    }
    check_step("log: silence, twice");
    CHECK_STATUS(tw_log_set(ignore, NULL, TW_LOG_INFO), TW_OK);
    CHECK_STATUS(tw_log_set(NULL, NULL, TW_LOG_INFO), TW_OK);
    CHECK_STATUS(tw_log_set(NULL, &i, TW_LOG_ERROR), TW_OK);
}

void negative_telemetry(void)
{
    text();
    sink();
}
