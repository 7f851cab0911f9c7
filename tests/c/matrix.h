/* The negative matrix: each function of the header is described once, by its arguments, and every
 * way of getting an argument of that kind wrong is then tried on it.
 *
 * Inputs and outputs are placed so that they end at an unmapped page: one byte read or written past
 * the stated length kills the process, and the step is named. */
#ifndef MATRIX_H
#define MATRIX_H
#include <stddef.h>
#include "tinywindow.h"

enum kind {
    NO_ARGUMENT,
    HANDLE,     /* source: the address of a void * that holds it */
    POINTER,    /* source: passed as it is; may not be NULL */
    BYTES,      /* source: a struct bytes; passed with its length */
    KEY,        /* BYTES with the rules of a key */
    FRAME,      /* BYTES with the rules of an order frame */
    VALUE,      /* an output of `size` bytes */
    OPTIONAL,   /* a VALUE that may be NULL */
    BUFFER,     /* an output of `size` elements of `unit` bytes, with capacity and length */
    STRUCT_IN,  /* source: a struct record */
    STRUCT_OUT  /* source: a struct record */
};

struct bytes {
    unsigned char data[2048];
    size_t len;
};

/* A struct of the header that begins with struct_size. */
struct record {
    const void *value; /* STRUCT_IN: valid content */
    size_t size;       /* the published size */
    struct { size_t offset, size; } reserved[2];
};

struct argument {
    enum kind kind;
    const void *source;
    size_t size;
    size_t unit;
};

/* One argument as it is passed: pointer, length or capacity, and where the length goes. */
struct slot {
    void *p;
    size_t n;
    size_t *len;
};

#define ARGUMENTS_MAX 5
struct function {
    const char *name;
    tw_status (*call)(const struct slot *slots);
    tw_status well_formed; /* the answer when nothing is wrong with the arguments */
    int when_closed;       /* a gateway function that goes on after tw_gateway_close */
    struct argument arguments[ARGUMENTS_MAX];
};

/* functions.c: every function with a pointer argument that gives a status, and the fixture. */
extern const struct function FUNCTIONS[];
extern const size_t FUNCTIONS_COUNT;
void fixture_open(void);
void fixture_close(void);

/* What functions.c made, for the cases written by hand. */
struct fixture {
    void *signer, *verifier, *gateway, *closed_gateway;
    struct bytes hmac, ed25519, ed25519_public, encoded, raw_hmac, raw_ed25519;
    struct bytes payload, context, signature, context_signature, tag;
    struct bytes entropy, material, suite_name, symbol, config;
    struct bytes order_signature, sent_frame, unsent_frame;
    tw_order order;
    tw_instrument instrument;
    tw_tick_band tick_bands[2];
    tw_exposure_limits exposure;
    tw_session_limits session_limits;
    tw_session_permissions permissions;
    tw_name name;
    tw_bytes payloads[2], signatures[2];
    tw_completion completion;
};
extern struct fixture fixture;

/* matrix.c: the ways of getting them wrong. */
void matrix_arguments(const struct function *function);
/* The call as it should be, with the answer it must give now. */
void matrix_expect(const struct function *function, tw_status expected);

/* What no table holds: numbers, kinds, usages, contexts, overlaps, the gateway's own refusals. */
void negative_keys(void);
void negative_signing(void);
void negative_orders(void);
void negative_overlap(void);
void negative_gateway(void);
void negative_telemetry(void);

#endif
