/* The layout of each struct that crosses the ABI, in literal numbers, and each macro beside the
 * function that says the same. C89. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "check.h"

#define AT(type, field, offset) CHECK_EQUAL(offsetof(type, field), offset)

static void order(void)
{
    check_step("tw_order");
    CHECK_EQUAL(sizeof(tw_order), 128);
    AT(tw_order, struct_size, 0);
    AT(tw_order, template_id, 4);
    AT(tw_order, sequence, 8);
    AT(tw_order, sending_time, 16);
    AT(tw_order, client_order_id, 24);
    AT(tw_order, orig_client_order_id, 32);
    AT(tw_order, session_id, 40);
    AT(tw_order, key_id, 48);
    AT(tw_order, price, 56);
    AT(tw_order, stop_price, 64);
    AT(tw_order, quantity, 72);
    AT(tw_order, symbol, 80);
    AT(tw_order, account, 96);
    AT(tw_order, side, 112);
    AT(tw_order, ord_type, 113);
    AT(tw_order, time_in_force, 114);
    AT(tw_order, reserved, 115);
    AT(tw_order, reserved2, 120);
}

static void small_structs(void)
{
    check_step("tw_bytes");
    CHECK_EQUAL(sizeof(tw_bytes), 2 * sizeof(void *));
    AT(tw_bytes, data, 0);
    AT(tw_bytes, len, sizeof(void *));
    check_step("tw_session_key");
    CHECK_EQUAL(sizeof(tw_session_key), 16);
    AT(tw_session_key, key_id, 0);
    AT(tw_session_key, state, 8);
    AT(tw_session_key, suite, 12);
    check_step("tw_status");
    CHECK_EQUAL(sizeof(tw_status), 4);
}

static void log_record(void)
{
    check_step("tw_log_field");
    CHECK_EQUAL(sizeof(tw_log_field), 4 * sizeof(void *));
    AT(tw_log_field, key, 0);
    AT(tw_log_field, value, 2 * sizeof(void *));
    check_step("tw_log_record");
    CHECK_EQUAL(sizeof(tw_log_record), 16 + 6 * sizeof(void *));
    AT(tw_log_record, struct_size, 0);
    AT(tw_log_record, level, 4);
    AT(tw_log_record, time, 8);
    AT(tw_log_record, target, 16);
    AT(tw_log_record, message, 16 + 2 * sizeof(void *));
    AT(tw_log_record, fields, 16 + 4 * sizeof(void *));
    AT(tw_log_record, fields_len, 16 + 5 * sizeof(void *));
}

static void instrument(void)
{
    check_step("tw_instrument");
    CHECK_EQUAL(sizeof(tw_instrument), 128);
    AT(tw_instrument, struct_size, 0);
    AT(tw_instrument, flags, 4);
    AT(tw_instrument, symbol, 8);
    AT(tw_instrument, tick, 24);
    AT(tw_instrument, lot, 32);
    AT(tw_instrument, max_quantity, 40);
    AT(tw_instrument, max_notional, 48);
    AT(tw_instrument, max_position, 56);
    AT(tw_instrument, collar_basis_points, 64);
    AT(tw_instrument, sides, 68);
    AT(tw_instrument, order_types, 72);
    AT(tw_instrument, times_in_force, 76);
    AT(tw_instrument, min_quantity, 80);
    AT(tw_instrument, min_price, 88);
    AT(tw_instrument, max_price, 96);
    AT(tw_instrument, locate, 104);
    AT(tw_instrument, last_trade_collar_basis_points, 112);
    AT(tw_instrument, opens_s, 116);
    AT(tw_instrument, closes_s, 120);
    AT(tw_instrument, reserved, 124);
}

static void tick_band(void)
{
    check_step("tw_tick_band");
    CHECK_EQUAL(sizeof(tw_tick_band), 16);
    AT(tw_tick_band, from, 0);
    AT(tw_tick_band, tick, 8);
}

static void exposure_limits(void)
{
    check_step("tw_exposure_limits");
    CHECK_EQUAL(sizeof(tw_exposure_limits), 32);
    AT(tw_exposure_limits, struct_size, 0);
    AT(tw_exposure_limits, flags, 4);
    AT(tw_exposure_limits, max_gross_notional, 8);
    AT(tw_exposure_limits, max_net_notional, 16);
    AT(tw_exposure_limits, max_loss, 24);
}

static void session_limits(void)
{
    check_step("tw_session_limits");
    CHECK_EQUAL(sizeof(tw_session_limits), 48);
    AT(tw_session_limits, struct_size, 0);
    AT(tw_session_limits, per_second, 4);
    AT(tw_session_limits, burst, 8);
    AT(tw_session_limits, cancels_per_second, 12);
    AT(tw_session_limits, cancels_burst, 16);
    AT(tw_session_limits, max_open_orders, 20);
    AT(tw_session_limits, max_repeats, 24);
    AT(tw_session_limits, max_order_to_trade, 28);
    AT(tw_session_limits, order_to_trade_after, 32);
    AT(tw_session_limits, reserved, 36);
    AT(tw_session_limits, repeat_window_ns, 40);
}

static void session_permissions(void)
{
    check_step("tw_session_permissions");
    CHECK_EQUAL(sizeof(tw_session_permissions), 16);
    AT(tw_session_permissions, struct_size, 0);
    AT(tw_session_permissions, sides, 4);
    AT(tw_session_permissions, order_types, 8);
    AT(tw_session_permissions, max_sequence_gap, 12);
    CHECK_EQUAL(sizeof(tw_name), 16);
}

static void session_state(void)
{
    check_step("tw_session_state");
    CHECK_EQUAL(sizeof(tw_session_state), 64);
    AT(tw_session_state, struct_size, 0);
    AT(tw_session_state, open_orders, 4);
    AT(tw_session_state, last_sequence, 8);
    AT(tw_session_state, halted_since, 16);
    AT(tw_session_state, reserved, 24);
}

static void position(void)
{
    check_step("tw_position");
    CHECK_EQUAL(sizeof(tw_position), 96);
    AT(tw_position, struct_size, 0);
    AT(tw_position, reserved, 4);
    AT(tw_position, quantity, 8);
    AT(tw_position, open_buy, 16);
    AT(tw_position, open_sell, 24);
    AT(tw_position, mark, 32);
    AT(tw_position, cash, 40);
    AT(tw_position, equity, 48);
    AT(tw_position, gross, 56);
    AT(tw_position, reserved2, 64);
}

static void exposure(void)
{
    check_step("tw_exposure");
    CHECK_EQUAL(sizeof(tw_exposure), 120);
    AT(tw_exposure, struct_size, 0);
    AT(tw_exposure, reserved, 4);
    AT(tw_exposure, held, 8);
    AT(tw_exposure, gross, 16);
    AT(tw_exposure, net_buy, 24);
    AT(tw_exposure, net_sell, 32);
    AT(tw_exposure, equity, 40);
    AT(tw_exposure, day_loss, 48);
    AT(tw_exposure, halted_since, 56);
    AT(tw_exposure, max_gross_notional, 64);
    AT(tw_exposure, max_net_notional, 72);
    AT(tw_exposure, max_loss, 80);
    AT(tw_exposure, reserved2, 88);
}

static void order_ack(void)
{
    check_step("tw_order_ack");
    CHECK_EQUAL(sizeof(tw_order_ack), 80);
    AT(tw_order_ack, struct_size, 0);
    AT(tw_order_ack, accepted, 4);
    AT(tw_order_ack, reason, 8);
    AT(tw_order_ack, duplicate, 12);
    AT(tw_order_ack, order_id, 16);
    AT(tw_order_ack, session_id, 24);
    AT(tw_order_ack, sequence, 32);
    AT(tw_order_ack, client_order_id, 40);
    AT(tw_order_ack, time, 48);
    AT(tw_order_ack, sequence_gap, 56);
    AT(tw_order_ack, reserved, 64);
}

static void completion(void)
{
    check_step("tw_completion");
    CHECK_EQUAL(sizeof(tw_completion), 144);
    AT(tw_completion, struct_size, 0);
    AT(tw_completion, kind, 4);
    AT(tw_completion, number, 8);
    AT(tw_completion, tag, 16);
    AT(tw_completion, status, 24);
    AT(tw_completion, accepted, 28);
    AT(tw_completion, reason, 32);
    AT(tw_completion, duplicate, 36);
    AT(tw_completion, order_id, 40);
    AT(tw_completion, session_id, 48);
    AT(tw_completion, sequence, 56);
    AT(tw_completion, client_order_id, 64);
    AT(tw_completion, orig_client_order_id, 72);
    AT(tw_completion, time, 80);
    AT(tw_completion, exec_id, 88);
    AT(tw_completion, last_price, 96);
    AT(tw_completion, last_quantity, 104);
    AT(tw_completion, cum_quantity, 112);
    AT(tw_completion, leaves_quantity, 120);
    AT(tw_completion, exec_type, 128);
    AT(tw_completion, ord_status, 129);
    AT(tw_completion, side, 130);
    AT(tw_completion, reserved, 131);
    AT(tw_completion, sequence_gap, 136);
}

static void order_state(void)
{
    check_step("tw_order_state");
    CHECK_EQUAL(sizeof(tw_order_state), 112);
    AT(tw_order_state, struct_size, 0);
    AT(tw_order_state, accepted, 4);
    AT(tw_order_state, reason, 8);
    AT(tw_order_state, ord_status, 12);
    AT(tw_order_state, side, 13);
    AT(tw_order_state, reserved, 14);
    AT(tw_order_state, order_id, 16);
    AT(tw_order_state, client_order_id, 24);
    AT(tw_order_state, orig_client_order_id, 32);
    AT(tw_order_state, session_id, 40);
    AT(tw_order_state, price, 48);
    AT(tw_order_state, quantity, 56);
    AT(tw_order_state, cum_quantity, 64);
    AT(tw_order_state, leaves_quantity, 72);
    AT(tw_order_state, reserved2, 80);
}

static void versions(void)
{
    char version[64];
    check_step("versions");
    sprintf(version, "%d.%d.%d", TW_VERSION_MAJOR, TW_VERSION_MINOR, TW_VERSION_PATCH);
    CHECK_TEXT(tw_version(), version);
    CHECK_EQUAL(tw_abi_version(), TW_ABI_VERSION);
}

static void suite(uint32_t number, const char *name, size_t secret, size_t public_,
                  size_t expanded, size_t sig)
{
    uint32_t found = 0;
    check_step("suite %s", name);
    CHECK_TEXT(tw_suite_name(number), name);
    CHECK_STATUS(tw_suite_from_name((const uint8_t *)name, strlen(name), &found), TW_OK);
    CHECK_EQUAL(found, number);
    CHECK_EQUAL(tw_secret_key_size(number), secret);
    CHECK_EQUAL(tw_public_key_size(number), public_);
    CHECK_EQUAL(tw_expanded_key_size(number), expanded);
    CHECK_EQUAL(tw_signature_size(number), sig);
    CHECK(secret <= TW_KEY_MAX && expanded <= TW_KEY_MAX);
    CHECK(public_ <= TW_PUBLIC_KEY_MAX && sig <= TW_SIGNATURE_MAX);
}

static void sizes(void)
{
    suite(TW_SUITE_HMAC_SHA256, "hmac-sha256", 40, 0, 0, 32);
    suite(TW_SUITE_ED25519, "ed25519", 40, 40, 0, 64);
    suite(TW_SUITE_ML_DSA_44, "ml-dsa-44", 40, 8 + 1312, 8 + 2560, 2420);
    suite(TW_SUITE_ML_DSA_65, "ml-dsa-65", 40, 8 + 1952, 8 + 4032, 3309);
    suite(TW_SUITE_ML_DSA_87, "ml-dsa-87", 40, 8 + 2592, 8 + 4896, 4627);
    suite(TW_SUITE_MLDSA65_ED25519, "mldsa65-ed25519", 72, 8 + 1984, 0, 3373);
    check_step("sizes");
    CHECK_EQUAL(TW_ENCODED_KEY_MAX, 16384);
    CHECK_EQUAL(TW_ENCODING_DER, 1);
    CHECK_EQUAL(TW_ENCODING_PEM, 2);
    CHECK_EQUAL(TW_ENCODING_OPENSSH, 3);
    CHECK_EQUAL(TW_ENTROPY_SIZE, 32);
    CHECK_EQUAL(TW_CONTEXT_MAX, 60);
    CHECK_EQUAL(TW_RAW_CONTEXT_MAX, 255);
    CHECK_EQUAL(TW_METRICS_TEXT_MAX, 65536);
    CHECK(TW_LOG_ERROR == 1 && TW_LOG_WARN == 2 && TW_LOG_INFO == 3);
    CHECK_EQUAL(TW_ORDER_FRAME_MAX, 8 + 112 + 2 + TW_SIGNATURE_MAX);
    CHECK(TW_PRICE_NONE < -9223372036854775807);
    CHECK_EQUAL(TW_UNLIMITED, (uint64_t)-1);
}

#define STATUS(number, name) \
    CHECK_EQUAL(name, number); \
    CHECK_TEXT(tw_status_name(name), #name); \
    CHECK(strlen(tw_status_message(name)) > 0)

static void statuses(void)
{
    check_step("statuses");
    STATUS(0, TW_OK);
    STATUS(1, TW_ERR_NULL);
    STATUS(2, TW_ERR_LENGTH);
    STATUS(3, TW_ERR_BUFFER);
    STATUS(4, TW_ERR_ARGUMENT);
    STATUS(5, TW_ERR_UNSUPPORTED);
    STATUS(6, TW_ERR_SUITE);
    STATUS(7, TW_ERR_KEY);
    STATUS(8, TW_ERR_KEY_KIND);
    STATUS(9, TW_ERR_KEY_USAGE);
    STATUS(10, TW_ERR_CONTEXT);
    STATUS(11, TW_ERR_PAYLOAD);
    STATUS(12, TW_ERR_SIGNATURE);
    STATUS(13, TW_ERR_ENTROPY);
    STATUS(14, TW_ERR_MEMORY);
    STATUS(15, TW_ERR_FORKED);
    STATUS(16, TW_ERR_CLOSED);
    STATUS(17, TW_ERR_INTERNAL);
    STATUS(18, TW_ERR_CONFIG);
    STATUS(19, TW_ERR_ORDER);
    STATUS(20, TW_ERR_UNAUTHENTICATED);
    STATUS(21, TW_ERR_STALE_TIME);
    STATUS(22, TW_ERR_STALE_SEQUENCE);
    STATUS(23, TW_ERR_SEQUENCE_REUSED);
    STATUS(24, TW_ERR_THROTTLED);
    STATUS(25, TW_ERR_BUSY);
    STATUS(26, TW_ERR_TIMEOUT);
    STATUS(27, TW_ERR_UNKNOWN);
    STATUS(28, TW_ERR_NOT_FOUND);
    STATUS(29, TW_ERR_CONFLICT);
    STATUS(30, TW_ERR_JOURNAL);
    STATUS(31, TW_ERR_JOURNAL_CORRUPT);
    STATUS(32, TW_ERR_JOURNAL_LOCKED);
    STATUS(33, TW_ERR_IO);
    STATUS(34, TW_ERR_CAPACITY);
    STATUS(35, TW_ERR_PASSWORD);
    STATUS(36, TW_ERR_JOURNAL_FULL);
    STATUS(37, TW_ERR_SEQUENCE_GAP);
}

int main(void)
{
    check_begin("layout");
    order();
    small_structs();
    log_record();
    instrument();
    tick_band();
    exposure_limits();
    session_limits();
    session_permissions();
    session_state();
    position();
    exposure();
    order_ack();
    completion();
    order_state();
    versions();
    sizes();
    statuses();
    return check_end(200);
}
