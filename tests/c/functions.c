/* Every function of the header with a pointer argument and a status: how to call it, and what its
 * arguments are. The fixture is what well-formed calls are made of. */
#include "matrix.h"

#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "orders.h"

struct fixture fixture;

#define CALL(function) static tw_status call_##function(const struct slot *s)
#define IN(i) s[i].p, s[i].n
#define OUT(i) s[i].p, s[i].n, s[i].len

/* --- suites, keys, bytes --- */
CALL(tw_suite_from_name) { return tw_suite_from_name(IN(0), s[1].p); }
CALL(tw_keygen) { return tw_keygen(TW_SUITE_HMAC_SHA256, 1, OUT(0)); }
CALL(tw_generate) { return tw_generate(TW_SUITE_ED25519, OUT(0)); }
CALL(tw_keygen_from_entropy) { return tw_keygen_from_entropy(TW_SUITE_ED25519, IN(0), OUT(1)); }
CALL(tw_key_import)
{
    return tw_key_import(TW_SUITE_ED25519, TW_KIND_SECRET, TW_USAGE_RAW, IN(0), OUT(1));
}
CALL(tw_key_export) { return tw_key_export(IN(0), s[1].p, s[2].p, s[3].p, OUT(4)); }
CALL(tw_key_encode)
{
    return tw_key_encode(IN(0), TW_ENCODING_DER, NULL, 0, OUT(1));
}
CALL(tw_key_decode) { return tw_key_decode(TW_USAGE_FRAMED, IN(0), NULL, 0, OUT(1)); }
CALL(tw_public_key) { return tw_public_key(IN(0), OUT(1)); }
CALL(tw_key_suite) { return tw_key_suite(IN(0), s[1].p); }
CALL(tw_key_id) { return tw_key_id(IN(0), s[1].p); }
CALL(tw_sign) { return tw_sign(IN(0), IN(1), OUT(2)); }
CALL(tw_verify) { return tw_verify(IN(0), IN(1), IN(2)); }
CALL(tw_sign_with_context) { return tw_sign_with_context(IN(0), IN(1), IN(2), OUT(3)); }
CALL(tw_verify_with_context) { return tw_verify_with_context(IN(0), IN(1), IN(2), IN(3)); }
CALL(tw_verify_truncated) { return tw_verify_truncated(IN(0), IN(1), IN(2)); }

/* --- prepared keys: what a well-formed call makes is freed, and its slot left as it was --- */
CALL(tw_signer_new)
{
    tw_signer *signer;
    tw_status status = tw_signer_new(IN(0), s[1].p);
    if (status != TW_OK) return status;
    memcpy(&signer, s[1].p, sizeof signer);
    tw_signer_free(signer);
    return status;
}
CALL(tw_signer_key_id) { return tw_signer_key_id(s[0].p, s[1].p); }
CALL(tw_signer_sign) { return tw_signer_sign(s[0].p, IN(1), OUT(2)); }
CALL(tw_signer_sign_with_context)
{
    return tw_signer_sign_with_context(s[0].p, IN(1), IN(2), OUT(3));
}
CALL(tw_signer_sign_batch) { return tw_signer_sign_batch(s[0].p, s[1].p, 2, OUT(2), s[3].p); }
CALL(tw_verifier_new)
{
    tw_verifier *verifier;
    tw_status status = tw_verifier_new(IN(0), s[1].p);
    if (status != TW_OK) return status;
    memcpy(&verifier, s[1].p, sizeof verifier);
    tw_verifier_free(verifier);
    return status;
}
CALL(tw_verifier_key_id) { return tw_verifier_key_id(s[0].p, s[1].p); }
CALL(tw_verifier_verify) { return tw_verifier_verify(s[0].p, IN(1), IN(2)); }
CALL(tw_verifier_verify_with_context)
{
    return tw_verifier_verify_with_context(s[0].p, IN(1), IN(2), IN(3));
}
CALL(tw_verifier_verify_batch)
{
    return tw_verifier_verify_batch(s[0].p, s[1].p, s[2].p, 2, s[3].p);
}

/* --- orders --- */
CALL(tw_order_encode) { return tw_order_encode(s[0].p, IN(1), OUT(2)); }
CALL(tw_order_decode) { return tw_order_decode(IN(0), s[1].p, s[2].p); }
CALL(tw_order_sign) { return tw_order_sign(IN(0), s[1].p, OUT(2)); }
CALL(tw_signer_order_sign) { return tw_signer_order_sign(s[0].p, s[1].p, OUT(2)); }
CALL(tw_order_verify) { return tw_order_verify(IN(0), IN(1)); }

/* --- gateway --- */
CALL(tw_config_check) { return tw_config_check(IN(0), OUT(1)); }
CALL(tw_gateway_open)
{
    tw_gateway *gateway;
    tw_status status = tw_gateway_open(IN(0), s[1].p);
    if (status != TW_OK) return status;
    memcpy(&gateway, s[1].p, sizeof gateway);
    tw_gateway_free(gateway);
    return status;
}
CALL(tw_gateway_close) { return tw_gateway_close(s[0].p); }
CALL(tw_gateway_key_add) { return tw_gateway_key_add(s[0].p, 1, IN(1)); }
CALL(tw_gateway_key_retire) { return tw_gateway_key_retire(s[0].p, 1, 12345); }
CALL(tw_gateway_keys) { return tw_gateway_keys(s[0].p, 1, OUT(1)); }
CALL(tw_gateway_instrument_set) { return tw_gateway_instrument_set(s[0].p, s[1].p); }
CALL(tw_gateway_tick_bands_set)
{
    return tw_gateway_tick_bands_set(s[0].p, IN(1), s[2].p, 2);
}
CALL(tw_gateway_reference_price_set)
{
    return tw_gateway_reference_price_set(s[0].p, IN(1), 10000000000);
}
CALL(tw_gateway_halt) { return tw_gateway_halt(s[0].p, TW_HALT_SYMBOL, 0, IN(1)); }
CALL(tw_gateway_resume) { return tw_gateway_resume(s[0].p, TW_HALT_SYMBOL, 0, IN(1)); }
CALL(tw_gateway_resume_request)
{
    return tw_gateway_resume_request(s[0].p, TW_HALT_SYMBOL, 0, IN(1), OUT(2));
}
CALL(tw_gateway_resume_agreed)
{
    return tw_gateway_resume_agreed(s[0].p, TW_HALT_SYMBOL, 0, IN(1), IN(2));
}
CALL(tw_gateway_cancel_session) { return tw_gateway_cancel_session(s[0].p, 1, s[1].p); }
CALL(tw_act_as) { return tw_act_as(IN(0)); }
CALL(tw_gateway_exposure_set)
{
    return tw_gateway_exposure_set(s[0].p, TW_EXPOSURE_ACCOUNT, IN(1), s[2].p);
}
CALL(tw_gateway_session_limits_set)
{
    return tw_gateway_session_limits_set(s[0].p, 2, s[1].p);
}
CALL(tw_gateway_session_limits) { return tw_gateway_session_limits(s[0].p, 2, s[1].p); }
CALL(tw_gateway_session_state) { return tw_gateway_session_state(s[0].p, 2, s[1].p); }
CALL(tw_gateway_position) { return tw_gateway_position(s[0].p, IN(1), IN(2), s[3].p); }
CALL(tw_gateway_exposure)
{
    return tw_gateway_exposure(s[0].p, TW_EXPOSURE_ACCOUNT, IN(1), s[2].p);
}
CALL(tw_gateway_halted)
{
    return tw_gateway_halted(s[0].p, TW_HALT_SYMBOL, 0, IN(1), s[2].p);
}
CALL(tw_gateway_session_permissions_set)
{
    return tw_gateway_session_permissions_set(s[0].p, 2, s[1].p, s[2].p, 1, s[3].p, 1);
}
CALL(tw_pre_trade_reasons) { return tw_pre_trade_reasons(s[0].p, IN(1), OUT(2)); }
CALL(tw_pre_trade_check) { return tw_pre_trade_check(s[0].p, IN(1), s[2].p); }
CALL(tw_send_order) { return tw_send_order(s[0].p, IN(1), SECOND, s[2].p); }
CALL(tw_gateway_submit) { return tw_gateway_submit(s[0].p, IN(1), 7); }
CALL(tw_gateway_poll) { return tw_gateway_poll(s[0].p, s[1].p, 1, 0, s[2].p); }
CALL(tw_gateway_fd) { return tw_gateway_fd(s[0].p, s[1].p); }
CALL(tw_order_status) { return tw_order_status(s[0].p, 1, CLIENT_ORDER_ID, s[1].p); }

#define RESERVED(type, field) {offsetof(type, field), sizeof((type *)0)->field}
static const struct record ORDER_IN = {
    &fixture.order, sizeof(tw_order), {RESERVED(tw_order, reserved), RESERVED(tw_order, reserved2)}
};
static const struct record INSTRUMENT_IN = {
    &fixture.instrument, sizeof(tw_instrument), {RESERVED(tw_instrument, reserved), {0, 0}}
};
static const struct record EXPOSURE_IN = {
    &fixture.exposure, sizeof(tw_exposure_limits), {{0, 0}, {0, 0}}
};
static const struct record SESSION_LIMITS_IN = {
    &fixture.session_limits, sizeof(tw_session_limits),
    {RESERVED(tw_session_limits, reserved), {0, 0}}
};
static const struct record PERMISSIONS_IN = {
    &fixture.permissions, sizeof(tw_session_permissions), {{0, 0}, {0, 0}}
};
static const struct record ORDER_OUT = {NULL, sizeof(tw_order), {{0, 0}, {0, 0}}};
static const struct record ACK_OUT = {NULL, sizeof(tw_order_ack), {{0, 0}, {0, 0}}};
static const struct record LIMITS_OUT = {NULL, sizeof(tw_session_limits), {{0, 0}, {0, 0}}};
static const struct record SESSION_OUT = {NULL, sizeof(tw_session_state), {{0, 0}, {0, 0}}};
static const struct record POSITION_OUT = {NULL, sizeof(tw_position), {{0, 0}, {0, 0}}};
static const struct record AT_RISK_OUT = {NULL, sizeof(tw_exposure), {{0, 0}, {0, 0}}};
static const struct record STATE_OUT = {NULL, sizeof(tw_order_state), {{0, 0}, {0, 0}}};

#define A_HANDLE(field) {HANDLE, &fixture.field, 0, 0}
#define A_POINTER(field) {POINTER, &fixture.field, 0, 0}
#define A_BYTES(field) {BYTES, &fixture.field, 0, 0}
#define A_KEY(field) {KEY, &fixture.field, 0, 0}
#define A_FRAME(field) {FRAME, &fixture.field, 0, 0}
#define A_VALUE(type) {VALUE, NULL, sizeof(type), 0}
#define AN_OPTIONAL(type) {OPTIONAL, NULL, sizeof(type), 0}
#define A_BUFFER(size) {BUFFER, NULL, size, 1}
#define A_ARRAY(count, type) {BUFFER, NULL, count, sizeof(type)}
#define A_STRUCT_IN(record) {STRUCT_IN, &record, 0, 0}
#define A_STRUCT_OUT(record) {STRUCT_OUT, &record, 0, 0}
#define ROW(function, status, ...) {#function, call_##function, status, 0, {__VA_ARGS__}}
#define ROW_WHEN_CLOSED(function, ...) {#function, call_##function, TW_OK, 1, {__VA_ARGS__}}

const struct function FUNCTIONS[] = {
    ROW(tw_suite_from_name, TW_OK, A_BYTES(suite_name), A_VALUE(uint32_t)),
    ROW(tw_keygen, TW_OK, A_BUFFER(40)),
    ROW(tw_generate, TW_OK, A_BUFFER(40)),
    ROW(tw_keygen_from_entropy, TW_OK, A_BYTES(entropy), A_BUFFER(40)),
    ROW(tw_key_import, TW_OK, A_BYTES(material), A_BUFFER(40)),
    ROW(tw_key_export, TW_OK, A_KEY(ed25519), AN_OPTIONAL(uint32_t), AN_OPTIONAL(uint32_t),
        AN_OPTIONAL(uint32_t), A_BUFFER(32)),
    ROW(tw_key_encode, TW_OK, A_KEY(ed25519), A_BUFFER(48)),
    ROW(tw_key_decode, TW_OK, A_BYTES(encoded), A_BUFFER(40)),
    ROW(tw_public_key, TW_OK, A_KEY(ed25519), A_BUFFER(40)),
    ROW(tw_key_suite, TW_OK, A_KEY(hmac), A_VALUE(uint32_t)),
    ROW(tw_key_id, TW_OK, A_KEY(ed25519_public), A_VALUE(uint64_t)),
    ROW(tw_sign, TW_OK, A_KEY(hmac), A_BYTES(payload), A_BUFFER(32)),
    ROW(tw_verify, TW_OK, A_KEY(ed25519_public), A_BYTES(payload), A_BYTES(signature)),
    ROW(tw_sign_with_context, TW_OK, A_KEY(ed25519), A_BYTES(context), A_BYTES(payload),
        A_BUFFER(64)),
    ROW(tw_verify_with_context, TW_OK, A_KEY(ed25519), A_BYTES(context), A_BYTES(payload),
        A_BYTES(context_signature)),
    /* a raw HMAC key has any length, so a cut one is a key, though not of this tag */
    ROW(tw_verify_truncated, TW_OK, A_BYTES(raw_hmac), A_BYTES(payload), A_BYTES(tag)),
    ROW(tw_signer_new, TW_OK, A_KEY(ed25519), A_VALUE(tw_signer *)),
    ROW(tw_signer_key_id, TW_OK, A_HANDLE(signer), A_VALUE(uint64_t)),
    ROW(tw_signer_sign, TW_OK, A_HANDLE(signer), A_BYTES(payload), A_BUFFER(64)),
    ROW(tw_signer_sign_with_context, TW_OK, A_HANDLE(signer), A_BYTES(context), A_BYTES(payload),
        A_BUFFER(64)),
    ROW(tw_signer_sign_batch, TW_OK, A_HANDLE(signer), A_POINTER(payloads), A_BUFFER(128),
        A_VALUE(tw_status[2])),
    ROW(tw_verifier_new, TW_OK, A_KEY(ed25519_public), A_VALUE(tw_verifier *)),
    ROW(tw_verifier_key_id, TW_OK, A_HANDLE(verifier), A_VALUE(uint64_t)),
    ROW(tw_verifier_verify, TW_OK, A_HANDLE(verifier), A_BYTES(payload), A_BYTES(signature)),
    ROW(tw_verifier_verify_with_context, TW_OK, A_HANDLE(verifier), A_BYTES(context),
        A_BYTES(payload), A_BYTES(context_signature)),
    ROW(tw_verifier_verify_batch, TW_OK, A_HANDLE(verifier), A_POINTER(payloads),
        A_POINTER(signatures), A_VALUE(tw_status[2])),
    ROW(tw_order_encode, TW_OK, A_STRUCT_IN(ORDER_IN), A_BYTES(order_signature), A_BUFFER(146)),
    ROW(tw_order_decode, TW_OK, A_FRAME(sent_frame), A_STRUCT_OUT(ORDER_OUT), A_VALUE(size_t)),
    ROW(tw_order_sign, TW_OK, A_KEY(hmac), A_STRUCT_IN(ORDER_IN), A_BUFFER(146)),
    ROW(tw_signer_order_sign, TW_OK, A_HANDLE(signer), A_STRUCT_IN(ORDER_IN), A_BUFFER(178)),
    ROW(tw_order_verify, TW_OK, A_KEY(hmac), A_FRAME(sent_frame)),
    ROW(tw_config_check, TW_OK, A_BYTES(config), A_BUFFER(0)),
    ROW(tw_gateway_open, TW_OK, A_BYTES(config), A_VALUE(tw_gateway *)),
    ROW_WHEN_CLOSED(tw_gateway_close, A_HANDLE(closed_gateway)),
    ROW(tw_gateway_key_add, TW_ERR_CONFLICT, A_HANDLE(gateway), A_KEY(hmac)),
    ROW(tw_gateway_key_retire, TW_ERR_NOT_FOUND, A_HANDLE(gateway)),
    ROW_WHEN_CLOSED(tw_gateway_keys, A_HANDLE(gateway), A_ARRAY(2, tw_session_key)),
    ROW(tw_gateway_instrument_set, TW_OK, A_HANDLE(gateway), A_STRUCT_IN(INSTRUMENT_IN)),
    ROW(tw_gateway_tick_bands_set, TW_OK, A_HANDLE(gateway), A_BYTES(symbol),
        A_POINTER(tick_bands)),
    ROW(tw_gateway_exposure_set, TW_OK, A_HANDLE(gateway), A_BYTES(symbol),
        A_STRUCT_IN(EXPOSURE_IN)),
    ROW(tw_gateway_session_limits_set, TW_OK, A_HANDLE(gateway), A_STRUCT_IN(SESSION_LIMITS_IN)),
    ROW(tw_gateway_session_permissions_set, TW_OK, A_HANDLE(gateway), A_STRUCT_IN(PERMISSIONS_IN),
        A_POINTER(name), A_POINTER(name)),
    ROW(tw_gateway_reference_price_set, TW_OK, A_HANDLE(gateway), A_BYTES(symbol)),
    ROW(tw_gateway_halt, TW_OK, A_HANDLE(gateway), A_BYTES(symbol)),
    ROW(tw_gateway_resume_request, TW_OK, A_HANDLE(gateway), A_BYTES(symbol), A_BUFFER(49)),
    ROW(tw_gateway_resume_agreed, TW_ERR_UNAUTHENTICATED, A_HANDLE(gateway), A_BYTES(symbol),
        A_BYTES(signature)),
    ROW(tw_gateway_cancel_session, TW_OK, A_HANDLE(gateway), A_VALUE(uint64_t)),
    ROW(tw_act_as, TW_OK, A_BYTES(symbol)),
    ROW(tw_gateway_resume, TW_OK, A_HANDLE(gateway), A_BYTES(symbol)),
    ROW(tw_pre_trade_check, TW_OK, A_HANDLE(gateway), A_FRAME(unsent_frame), A_VALUE(uint32_t)),
    ROW(tw_pre_trade_reasons, TW_OK, A_HANDLE(gateway), A_FRAME(unsent_frame),
        A_ARRAY(0, uint32_t)),
    ROW(tw_send_order, TW_OK, A_HANDLE(gateway), A_FRAME(sent_frame), A_STRUCT_OUT(ACK_OUT)),
    ROW(tw_gateway_submit, TW_OK, A_HANDLE(gateway), A_FRAME(sent_frame)),
    ROW_WHEN_CLOSED(tw_gateway_poll, A_HANDLE(gateway), A_POINTER(completion), A_VALUE(size_t)),
    ROW_WHEN_CLOSED(tw_gateway_fd, A_HANDLE(gateway), A_VALUE(int32_t)),
    ROW_WHEN_CLOSED(tw_gateway_session_limits, A_HANDLE(gateway), A_STRUCT_OUT(LIMITS_OUT)),
    ROW_WHEN_CLOSED(tw_gateway_session_state, A_HANDLE(gateway), A_STRUCT_OUT(SESSION_OUT)),
    ROW_WHEN_CLOSED(tw_gateway_position, A_HANDLE(gateway), A_BYTES(symbol), A_BYTES(symbol),
        A_STRUCT_OUT(POSITION_OUT)),
    ROW_WHEN_CLOSED(tw_gateway_exposure, A_HANDLE(gateway), A_BYTES(symbol),
        A_STRUCT_OUT(AT_RISK_OUT)),
    ROW_WHEN_CLOSED(tw_gateway_halted, A_HANDLE(gateway), A_BYTES(symbol), A_VALUE(uint64_t)),
    ROW_WHEN_CLOSED(tw_order_status, A_HANDLE(gateway), A_STRUCT_OUT(STATE_OUT)),
};
const size_t FUNCTIONS_COUNT = sizeof FUNCTIONS / sizeof FUNCTIONS[0];

static const char CONFIG[] =
    "[journal]\nkind = \"memory\"\n"
    "[freshness]\nback_ms = 600000\n" /* valgrind and sanitizers are slow */
    "[[sessions]]\nid = 1\nper_second = 100000\nburst = 100000\n"
    "[[sessions]]\nid = 2\n"
    "[[instruments]]\nsymbol = \"TEST\"\ntick = \"0.01\"\nlot = 1\n"
    "max_quantity = \"unlimited\"\nmax_notional = \"unlimited\"\nmax_position = \"unlimited\"\n"
    "collar_percent = \"unlimited\"\n"
    "[[accounts]]\nname = \"OTHER\"\nmax_loss = 1\n" /* so that exposure is added up */
    "[venue]\nkind = \"paper\"\n";

static void set(struct bytes *bytes, const void *data, size_t len)
{
    REQUIRE(len < sizeof bytes->data);
    memcpy(bytes->data, data, len);
    bytes->len = len;
}

static void make_keys(void)
{
    struct fixture *f = &fixture;
    size_t cap = sizeof f->hmac.data;
    REQUIRE_OK(tw_keygen(TW_SUITE_HMAC_SHA256, 1, f->hmac.data, cap, &f->hmac.len));
    REQUIRE_OK(tw_keygen(TW_SUITE_ED25519, 2, f->ed25519.data, cap, &f->ed25519.len));
    REQUIRE_OK(tw_public_key(f->ed25519.data, f->ed25519.len, f->ed25519_public.data, cap,
                             &f->ed25519_public.len));
    REQUIRE_OK(tw_key_encode(f->ed25519.data, f->ed25519.len, TW_ENCODING_DER, NULL, 0,
                             f->encoded.data, cap, &f->encoded.len));
    set(&f->entropy, "0123456789abcdef0123456789abcdef", TW_ENTROPY_SIZE);
    set(&f->material, "fedcba9876543210fedcba9876543210", 32);
    set(&f->suite_name, "ed25519", 7);
    REQUIRE_OK(tw_key_import(TW_SUITE_HMAC_SHA256, TW_KIND_SECRET, TW_USAGE_RAW, f->material.data,
                             32, f->raw_hmac.data, cap, &f->raw_hmac.len));
    REQUIRE_OK(tw_key_import(TW_SUITE_ED25519, TW_KIND_SECRET, TW_USAGE_RAW, f->material.data, 32,
                             f->raw_ed25519.data, cap, &f->raw_ed25519.len));
}

static void make_signatures(void)
{
    struct fixture *f = &fixture;
    size_t cap = sizeof f->tag.data;
    int i;
    set(&f->payload, "the payload", 11);
    set(&f->context, "example/v1", 10);
    REQUIRE_OK(tw_sign(f->ed25519.data, f->ed25519.len, f->payload.data, f->payload.len,
                       f->signature.data, cap, &f->signature.len));
    REQUIRE_OK(tw_sign_with_context(f->ed25519.data, f->ed25519.len, f->context.data,
                                    f->context.len, f->payload.data, f->payload.len,
                                    f->context_signature.data, cap, &f->context_signature.len));
    REQUIRE_OK(tw_sign(f->raw_hmac.data, f->raw_hmac.len, f->payload.data, f->payload.len,
                       f->tag.data, cap, &f->tag.len));
    f->tag.len = 16;
    for (i = 0; i < 2; i++) {
        f->payloads[i].data = f->payload.data;
        f->payloads[i].len = f->payload.len;
        f->signatures[i].data = f->signature.data;
        f->signatures[i].len = f->signature.len;
    }
}

static void make_handles(void)
{
    tw_signer *signer;
    tw_verifier *verifier;
    struct fixture *f = &fixture;
    REQUIRE_OK(tw_signer_new(f->ed25519.data, f->ed25519.len, &signer));
    REQUIRE_OK(tw_verifier_new(f->ed25519_public.data, f->ed25519_public.len, &verifier));
    f->signer = signer;
    f->verifier = verifier;
}

static void make_gateways(void)
{
    tw_gateway *gateway;
    struct fixture *f = &fixture;
    set(&f->config, CONFIG, sizeof CONFIG - 1);
    set(&f->symbol, "TEST", 4);
    REQUIRE_OK(tw_gateway_open(f->config.data, f->config.len, &gateway));
    REQUIRE_OK(tw_gateway_close(gateway));
    f->closed_gateway = gateway;
    REQUIRE_OK(tw_gateway_open(f->config.data, f->config.len, &gateway));
    REQUIRE_OK(tw_gateway_key_add(gateway, 1, f->hmac.data, f->hmac.len));
    REQUIRE_OK(tw_gateway_key_add(gateway, 1, f->ed25519_public.data, f->ed25519_public.len));
    f->gateway = gateway;
    f->instrument = instrument_new("TEST");
    f->tick_bands[0].from = f->tick_bands[0].tick = 1;
    f->tick_bands[1].from = f->tick_bands[1].tick = 2;
    f->exposure.struct_size = sizeof f->exposure;
    f->exposure.max_gross_notional = TW_UNLIMITED;
    f->exposure.max_net_notional = TW_UNLIMITED;
    f->exposure.max_loss = TW_UNLIMITED;
    f->session_limits = session_limits_new();
    f->permissions = permissions_new();
    memcpy(f->name.name, "TEST", 4);
    f->completion.struct_size = sizeof f->completion;
}

/* One order that the gateway has accepted, so that it answers retries; one it never sees sent. */
static void make_orders(void)
{
    struct fixture *f = &fixture;
    tw_order_ack ack;
    tw_order unsent;
    f->order = order_new(1, 1, CLIENT_ORDER_ID, "TEST", '1', 10000000000, 100000000);
    REQUIRE_OK(tw_order_sign(f->hmac.data, f->hmac.len, &f->order, f->sent_frame.data,
                             sizeof f->sent_frame.data, &f->sent_frame.len));
    set(&f->order_signature, f->sent_frame.data + 114, f->sent_frame.len - 114);
    unsent = f->order;
    unsent.sequence = 1000000;
    unsent.client_order_id = CLIENT_ORDER_ID + 1;
    REQUIRE_OK(tw_order_sign(f->hmac.data, f->hmac.len, &unsent, f->unsent_frame.data,
                             sizeof f->unsent_frame.data, &f->unsent_frame.len));
    ack.struct_size = sizeof ack;
    REQUIRE_OK(tw_send_order(f->gateway, f->sent_frame.data, f->sent_frame.len, SECOND, &ack));
    REQUIRE(ack.accepted == 1);
}

void fixture_open(void)
{
    check_step("fixture");
    make_keys();
    make_signatures();
    make_handles();
    make_gateways();
    make_orders();
}

void fixture_close(void)
{
    tw_signer_free(fixture.signer);
    tw_verifier_free(fixture.verifier);
    tw_gateway_free(fixture.gateway);
    tw_gateway_free(fixture.closed_gateway);
}
