/* Against a library built with the feature `test-panic` only: a bug inside becomes
 * TW_ERR_INTERNAL, prints nothing, and poisons the one handle that it came through. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

tw_status tw_test_panic(tw_signer *signer); /* not in the header: test builds only */

static uint8_t key[TW_KEY_MAX], sig[TW_SIGNATURE_MAX];
static size_t key_len, sig_len;

static tw_status sign(const tw_signer *signer)
{
    return tw_signer_sign(signer, (const uint8_t *)"x", 1, sig, sizeof sig, &sig_len);
}

static void count(void *user, const tw_log_record *record)
{
    if (record->level == TW_LOG_ERROR && record->fields_len == 0) ++*(int *)user;
}

/* How many bytes the panics wrote to standard error. */
static long printed_by_panics(tw_signer *signer, tw_status statuses[2])
{
    struct stat written;
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    REQUIRE(file != NULL && saved >= 0);
    REQUIRE(dup2(fileno(file), STDERR_FILENO) >= 0);
    statuses[0] = tw_test_panic(NULL);
    statuses[1] = tw_test_panic(signer);
    dup2(saved, STDERR_FILENO);
    REQUIRE(fstat(fileno(file), &written) == 0);
    close(saved);
    fclose(file);
    return (long)written.st_size;
}

int main(void)
{
    tw_signer *poisoned, *other;
    tw_status statuses[2];
    int told = 0;
    uint64_t id;
    check_begin("panic");
    REQUIRE_OK(tw_keygen(TW_SUITE_ED25519, 1, key, sizeof key, &key_len));
    REQUIRE_OK(tw_signer_new(key, key_len, &poisoned));
    REQUIRE_OK(tw_signer_new(key, key_len, &other));
    REQUIRE_OK(sign(poisoned));
    REQUIRE_OK(tw_log_set(count, &told, TW_LOG_ERROR));
    CHECK_EQUAL(printed_by_panics(poisoned, statuses), 0);
    CHECK_EQUAL(told, 2);
    CHECK_STATUS(statuses[0], TW_ERR_INTERNAL);
    CHECK_STATUS(statuses[1], TW_ERR_INTERNAL);
    CHECK_STATUS(sign(poisoned), TW_ERR_INTERNAL);
    CHECK_STATUS(tw_signer_key_id(poisoned, &id), TW_ERR_INTERNAL);
    CHECK_STATUS(sign(other), TW_OK);
    tw_signer_free(poisoned);
    tw_signer_free(other);
    return check_end(10);
}
