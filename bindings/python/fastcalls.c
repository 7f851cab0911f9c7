/* The module `tinywindow._fastcalls`: the calls that must cost next to nothing (sign, verify,
 * batches, send_order) as METH_FASTCALL functions, and the type of an order's ack. It lives in the
 * same extension file as cffi's module, with which it shares the library.
 *
 * Each function does the plain case itself: bytes in, positional arguments. Whatever else comes
 * (other buffers, keywords) goes, with the same arguments, to the general form in Python: `sign` to
 * `_sign` of the same object, and so on. Nothing is done twice.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <stddef.h>
#include <string.h>

#include "tinywindow.h"

/* A payload of more bytes, or any other suite than HMAC, is worth releasing the GIL for: that
 * costs some 45 ns, and hashing this many bytes about a microsecond. */
#define BRIEF_MAX 2048
#define SUITE_OFFSET 4 /* in key bytes, after "TWK" 0x01 */
#define DEFAULT_TIMEOUT_NS 1000000000u
#define TIMEOUT_SECONDS_MAX 1e9
#define FAST METH_FASTCALL | METH_KEYWORDS
#define METHOD(name, function, doc) { name, (PyCFunction)(void (*)(void))function, FAST, doc }

/* Base of Signer, Verifier and Gateway: `handle` is the cffi object that owns what `pointer`
 * points to. A call reads both while it has the GIL and keeps the handle alive, so that another
 * thread may drop or exchange it meanwhile. */
typedef struct {
    PyObject_HEAD
    PyObject *handle;
    void *pointer;
    unsigned int suite;
} Held;

typedef struct {
    PyObject_HEAD
    tw_order_ack ack;
    char duplicate;
} OrderAck;

static PyTypeObject *order_ack_type;

/* --- Arguments ------------------------------------------------------------------------------- */

static int borrow(PyObject *object, tw_bytes *view)
{
    char *data;
    Py_ssize_t size;

    if (!PyBytes_Check(object) || PyBytes_AsStringAndSize(object, &data, &size) < 0)
        return 0;
    view->data = (const uint8_t *)data;
    view->len = (size_t)size;
    return 1;
}

/* Views of a tuple's items; NULL, without an exception, when one is not bytes. */
static tw_bytes *borrow_all(PyObject *items)
{
    Py_ssize_t count = PyTuple_Size(items), i;
    tw_bytes *views = PyMem_Calloc((size_t)count + 1, sizeof *views);

    for (i = 0; views && i < count; i++) {
        if (!borrow(PyTuple_GetItem(items, i), &views[i])) {
            PyMem_Free(views);
            views = NULL;
        }
    }
    return views;
}

static int timeout_from(PyObject *object, uint64_t *timeout_ns)
{
    double seconds = PyFloat_Check(object) ? PyFloat_AsDouble(object) : -1.0;

    if (!(seconds >= 0.0 && seconds <= TIMEOUT_SECONDS_MAX))
        return 0;
    *timeout_ns = (uint64_t)(seconds * 1e9);
    return 1;
}

static PyThreadState *release_gil(unsigned int suite, size_t payload_len)
{
    int brief = suite == TW_SUITE_HMAC_SHA256 && payload_len <= BRIEF_MAX;
    return brief ? NULL : PyEval_SaveThread();
}

static void take_gil(PyThreadState *released)
{
    if (released)
        PyEval_RestoreThread(released);
}

static PyObject *keywords(PyObject *const *values, PyObject *names)
{
    PyObject *kwargs = PyDict_New();
    Py_ssize_t i, count = PyTuple_Size(names);

    for (i = 0; kwargs && i < count; i++) {
        if (PyDict_SetItem(kwargs, PyTuple_GetItem(names, i), values[i]) < 0)
            Py_CLEAR(kwargs);
    }
    return kwargs;
}

/* self.name(*args, **names), the general form in Python. */
static PyObject *general(PyObject *self, const char *name, PyObject *const *args,
                         Py_ssize_t nargs, PyObject *names)
{
    PyObject *function = PyObject_GetAttrString(self, name);
    PyObject *positional = function ? PyTuple_New(nargs) : NULL;
    PyObject *kwargs = NULL, *result = NULL;
    Py_ssize_t i;

    for (i = 0; positional && i < nargs; i++) {
        Py_INCREF(args[i]);
        PyTuple_SetItem(positional, i, args[i]);
    }
    if (positional && names)
        kwargs = keywords(args + nargs, names);
    if (positional && (kwargs || !names))
        result = PyObject_Call(function, positional, kwargs);
    Py_XDECREF(kwargs);
    Py_XDECREF(positional);
    Py_XDECREF(function);
    return result;
}

/* Raises what a status other than TW_OK means. */
static PyObject *refuse(tw_status status)
{
    PyObject *errors = PyImport_ImportModule("tinywindow.errors");
    PyObject *none = errors ? PyObject_CallMethod(errors, "check", "i", (int)status) : NULL;

    Py_XDECREF(none);
    Py_XDECREF(errors);
    return NULL;
}

/* --- sign, verify: bytes --------------------------------------------------------------------- */

static PyObject *sign(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    tw_bytes key, payload;

    if (nargs == 2 && !names && borrow(args[0], &key) && borrow(args[1], &payload)
        && key.len > SUITE_OFFSET) {
        uint8_t signature[TW_SIGNATURE_MAX];
        size_t length = 0;
        PyThreadState *released = release_gil(key.data[SUITE_OFFSET], payload.len);
        tw_status status = tw_sign(key.data, key.len, payload.data, payload.len, signature,
                                   sizeof signature, &length);
        take_gil(released);
        if (status != TW_OK)
            return refuse(status);
        return PyBytes_FromStringAndSize((const char *)signature, (Py_ssize_t)length);
    }
    return general(module, "_sign", args, nargs, names);
}

static PyObject *verify(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                        PyObject *names)
{
    tw_bytes key, payload, signature;

    if (nargs == 3 && !names && borrow(args[0], &key) && borrow(args[1], &payload)
        && borrow(args[2], &signature) && key.len > SUITE_OFFSET) {
        PyThreadState *released = release_gil(key.data[SUITE_OFFSET], payload.len);
        tw_status status = tw_verify(key.data, key.len, payload.data, payload.len,
                                     signature.data, signature.len);
        take_gil(released);
        if (status != TW_OK && status != TW_ERR_SIGNATURE)
            return refuse(status);
        return PyBool_FromLong(status == TW_OK);
    }
    return general(module, "_verify", args, nargs, names);
}

/* --- Held: Signer, Verifier, Gateway --------------------------------------------------------- */

static PyObject *held_hold(PyObject *self, PyObject *args)
{
    Held *held = (Held *)self;
    PyObject *handle, *address, *former;
    unsigned int suite;
    void *pointer;

    if (!PyArg_ParseTuple(args, "OOI", &handle, &address, &suite))
        return NULL;
    pointer = PyLong_AsVoidPtr(address);
    if (!pointer)
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "no address");
    former = held->handle;
    Py_INCREF(handle);
    held->handle = handle;
    held->pointer = pointer;
    held->suite = suite;
    Py_XDECREF(former); /* last: freeing it gives the GIL to others */
    Py_RETURN_NONE;
}

static PyObject *held_drop(PyObject *self, PyObject *unused)
{
    (void)unused;
    ((Held *)self)->pointer = NULL;
    Py_CLEAR(((Held *)self)->handle);
    Py_RETURN_NONE;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self); /* a subclass's may be another */
    Py_DECREF(type);
}

static void held_dealloc(PyObject *self)
{
    Py_CLEAR(((Held *)self)->handle);
    dealloc(self);
}

static PyObject *signer_sign(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *names)
{
    Held *signer = (Held *)self;
    PyObject *handle = signer->handle;
    tw_bytes payload;

    if (nargs == 1 && !names && handle && borrow(args[0], &payload)) {
        uint8_t signature[TW_SIGNATURE_MAX];
        size_t length = 0;
        const tw_signer *pointer = signer->pointer;
        PyThreadState *released;
        tw_status status;

        Py_INCREF(handle);
        released = release_gil(signer->suite, payload.len);
        status = tw_signer_sign(pointer, payload.data, payload.len, signature,
                                sizeof signature, &length);
        take_gil(released);
        Py_DECREF(handle);
        if (status != TW_OK)
            return refuse(status);
        return PyBytes_FromStringAndSize((const char *)signature, (Py_ssize_t)length);
    }
    return general(self, "_sign", args, nargs, names);
}

static PyObject *verifier_verify(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *names)
{
    Held *verifier = (Held *)self;
    PyObject *handle = verifier->handle;
    tw_bytes payload, signature;

    if (nargs == 2 && !names && handle && borrow(args[0], &payload)
        && borrow(args[1], &signature)) {
        const tw_verifier *pointer = verifier->pointer;
        PyThreadState *released;
        tw_status status;

        Py_INCREF(handle);
        released = release_gil(verifier->suite, payload.len);
        status = tw_verifier_verify(pointer, payload.data, payload.len, signature.data,
                                    signature.len);
        take_gil(released);
        Py_DECREF(handle);
        if (status != TW_OK && status != TW_ERR_SIGNATURE)
            return refuse(status);
        return PyBool_FromLong(status == TW_OK);
    }
    return general(self, "_verify", args, nargs, names);
}

/* --- Batches --------------------------------------------------------------------------------- */

static PyObject *list_of_signatures(const uint8_t *signatures, Py_ssize_t count, size_t size)
{
    PyObject *list = PyList_New(count);
    Py_ssize_t i;

    for (i = 0; list && i < count; i++) {
        PyObject *item = PyBytes_FromStringAndSize((const char *)signatures + (size_t)i * size,
                                                   (Py_ssize_t)size);
        if (!item || PyList_SetItem(list, i, item) < 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *list_of_valid(const tw_status *results, Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    Py_ssize_t i;

    for (i = 0; list && i < count; i++)
        PyList_SetItem(list, i, PyBool_FromLong(results[i] == TW_OK));
    return list;
}

/* NULL without an exception: the general form has to do it. */
static PyObject *sign_all(Held *signer, PyObject *payloads)
{
    PyObject *handle = signer->handle, *list = NULL;
    size_t count = (size_t)PyTuple_Size(payloads), size = tw_signature_size(signer->suite);
    tw_bytes *views = handle ? borrow_all(payloads) : NULL;
    tw_status *results = PyMem_Calloc(count + 1, sizeof *results);
    uint8_t *signatures = PyMem_Calloc(count + 1, size);

    if (views && results && signatures) {
        const tw_signer *pointer = signer->pointer;
        size_t length = 0;
        PyThreadState *released;
        tw_status status;

        Py_INCREF(handle);
        released = PyEval_SaveThread();
        status = tw_signer_sign_batch(pointer, views, count, signatures, count * size,
                                      &length, results);
        PyEval_RestoreThread(released);
        Py_DECREF(handle);
        if (status != TW_OK)
            (void)refuse(status);
        else
            list = list_of_signatures(signatures, (Py_ssize_t)count, size);
    }
    PyMem_Free(signatures);
    PyMem_Free(results);
    PyMem_Free(views);
    return list;
}

/* As sign_all; the tuples have one length. */
static PyObject *verify_all(Held *verifier, PyObject *payloads, PyObject *signatures)
{
    PyObject *handle = verifier->handle, *list = NULL;
    size_t count = (size_t)PyTuple_Size(payloads), i;
    tw_bytes *views = handle ? borrow_all(payloads) : NULL;
    tw_bytes *tags = views ? borrow_all(signatures) : NULL;
    tw_status *results = PyMem_Calloc(count + 1, sizeof *results);

    if (views && tags && results) {
        const tw_verifier *pointer = verifier->pointer;
        PyThreadState *released;

        Py_INCREF(handle);
        released = PyEval_SaveThread();
        (void)tw_verifier_verify_batch(pointer, views, tags, count, results);
        PyEval_RestoreThread(released);
        Py_DECREF(handle);
        for (i = 0; i < count && (results[i] == TW_OK || results[i] == TW_ERR_SIGNATURE); i++)
            ;
        if (i < count)
            (void)refuse(results[i]);
        else
            list = list_of_valid(results, (Py_ssize_t)count);
    }
    PyMem_Free(results);
    PyMem_Free(tags);
    PyMem_Free(views);
    return list;
}

/* Tuples keep the items alive while the GIL is released, and let an iterator be read twice. */
static PyObject *signer_sign_batch(PyObject *self, PyObject *payloads)
{
    PyObject *items = PySequence_Tuple(payloads), *list;

    if (!items)
        return NULL;
    list = sign_all((Held *)self, items);
    if (!list && !PyErr_Occurred())
        list = general(self, "_sign_batch", &items, 1, NULL);
    Py_DECREF(items);
    return list;
}

static PyObject *verifier_verify_batch(PyObject *self, PyObject *args)
{
    PyObject *items[2] = { NULL, NULL }, *payloads, *signatures, *list = NULL;

    if (!PyArg_ParseTuple(args, "OO:verify_batch", &payloads, &signatures))
        return NULL;
    items[0] = PySequence_Tuple(payloads);
    items[1] = items[0] ? PySequence_Tuple(signatures) : NULL;
    if (items[1] && PyTuple_Size(items[0]) != PyTuple_Size(items[1]))
        PyErr_SetString(PyExc_ValueError, "as many signatures as payloads are needed");
    else if (items[1])
        list = verify_all((Held *)self, items[0], items[1]);
    if (!list && !PyErr_Occurred())
        list = general(self, "_verify_batch", items, 2, NULL);
    Py_XDECREF(items[0]);
    Py_XDECREF(items[1]);
    return list;
}

/* --- Orders ---------------------------------------------------------------------------------- */

static PyObject *ack_from(const tw_order_ack *source)
{
    OrderAck *self = (OrderAck *)PyType_GenericAlloc(order_ack_type, 0);

    if (self) {
        self->ack = *source;
        self->duplicate = source->duplicate == 1;
    }
    return (PyObject *)self;
}

static PyObject *ack_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    const char *data;
    Py_ssize_t size;
    tw_order_ack ack;

    (void)type, (void)kwargs;
    if (!PyArg_ParseTuple(args, "y#:OrderAck", &data, &size))
        return NULL;
    if (size != sizeof ack)
        return PyErr_Format(PyExc_ValueError, "the bytes of one tw_order_ack are needed");
    memcpy(&ack, data, sizeof ack);
    return ack_from(&ack);
}

static PyObject *ack_reason(PyObject *self, void *unused)
{
    unsigned int number = ((OrderAck *)self)->ack.reason;
    PyObject *orders, *reason;

    (void)unused;
    if (!number)
        Py_RETURN_NONE;
    orders = PyImport_ImportModule("tinywindow.orders"); /* each interpreter has its own */
    reason = orders ? PyObject_CallMethod(orders, "Reason", "I", number) : NULL;
    Py_XDECREF(orders);
    return reason;
}

/* What was not accepted has a reason, unless nobody knows yet. */
static PyObject *ack_accepted(PyObject *self, void *unused)
{
    const tw_order_ack *ack = &((OrderAck *)self)->ack;

    (void)unused;
    if (ack->accepted != 1 && ack->reason == 0)
        Py_RETURN_NONE;
    return PyBool_FromLong(ack->accepted == 1);
}

static PyObject *ack_repr(PyObject *self)
{
    const tw_order_ack *ack = &((OrderAck *)self)->ack;
    PyObject *reason = ack_reason(self, NULL), *text;

    if (!reason)
        return NULL;
    text = PyUnicode_FromFormat(
        "OrderAck(accepted=%s, reason=%R, duplicate=%s, order_id=%llu, session_id=%llu, "
        "sequence=%llu, client_order_id=%llu, time=%llu, sequence_gap=%llu)",
        ack->accepted == 1 ? "True" : ack->reason ? "False" : "None", reason,
        ack->duplicate == 1 ? "True" : "False",
        (unsigned long long)ack->order_id, (unsigned long long)ack->session_id,
        (unsigned long long)ack->sequence, (unsigned long long)ack->client_order_id,
        (unsigned long long)ack->time, (unsigned long long)ack->sequence_gap);
    Py_DECREF(reason);
    return text;
}

static PyObject *gateway_send_order(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                    PyObject *names)
{
    Held *gateway = (Held *)self;
    PyObject *handle = gateway->handle, *ack;
    uint64_t timeout_ns = DEFAULT_TIMEOUT_NS;
    tw_order_ack answer = { 0 };
    tw_gateway *pointer = gateway->pointer;
    PyThreadState *released;
    tw_status status;
    tw_bytes frame;

    if (names || nargs < 1 || nargs > 2 || !handle || !borrow(args[0], &frame)
        || (nargs == 2 && !timeout_from(args[1], &timeout_ns)))
        return general(self, "_send_order", args, nargs, names);
    answer.struct_size = sizeof answer;
    Py_INCREF(handle);
    released = PyEval_SaveThread();
    status = tw_send_order(pointer, frame.data, frame.len, timeout_ns, &answer);
    PyEval_RestoreThread(released);
    Py_DECREF(handle);
    ack = ack_from(&answer);
    if (status == TW_OK || !ack)
        return ack;
    return PyObject_CallMethod(self, "_not_decided", "iN", (int)status, ack);
}

/* --- Types and module ------------------------------------------------------------------------ */

#define MEMBER(name, type, field, doc) { name, type, offsetof(OrderAck, field), READONLY, doc }

static PyMemberDef ack_members[] = {
    MEMBER("duplicate", T_BOOL, duplicate, "True: a retry, this is the original's ack."),
    MEMBER("order_id", T_ULONGLONG, ack.order_id, "Also ClOrdID at the venue; 0: none given."),
    MEMBER("session_id", T_ULONGLONG, ack.session_id, "SenderCompID (FIX 49)."),
    MEMBER("sequence", T_ULONGLONG, ack.sequence, "MsgSeqNum (FIX 34)."),
    MEMBER("client_order_id", T_ULONGLONG, ack.client_order_id, "ClOrdID (FIX 11)."),
    MEMBER("time", T_ULONGLONG, ack.time, "Of the decision, in ns since 1970 UTC."),
    MEMBER("sequence_gap", T_ULONGLONG, ack.sequence_gap, "Sequences left out before this one."),
    { NULL, 0, 0, 0, NULL }
};

static PyGetSetDef ack_getters[] = {
    { "accepted", ack_accepted, NULL,
      "True: the order is live or filled at the venue; None: not known, it was not decided.", NULL },
    { "reason", ack_reason, NULL, "The Reason why it was rejected; None: accepted.", NULL },
    { NULL, NULL, NULL, NULL, NULL }
};

static PyType_Slot ack_slots[] = {
    { Py_tp_doc, "A decided order: accepted, or rejected for a reason. Made by a gateway." },
    { Py_tp_new, ack_new },
    { Py_tp_dealloc, dealloc },
    { Py_tp_repr, ack_repr },
    { Py_tp_getset, ack_getters },
    { Py_tp_members, ack_members },
    { 0, NULL }
};

static PyMemberDef held_members[] = {
    { "_handle", T_OBJECT, offsetof(Held, handle), READONLY, "The cffi handle; None: closed." },
    { "_suite", T_UINT, offsetof(Held, suite), READONLY, "Of its key; of a gateway 0." },
    { NULL, 0, 0, 0, NULL }
};

#define HELD_METHODS \
    { "_hold", held_hold, METH_VARARGS, "Take over (handle, address, suite)." }, \
    { "_drop", held_drop, METH_NOARGS, "Let go of the handle." }

static PyMethodDef signer_methods[] = {
    HELD_METHODS,
    METHOD("sign", signer_sign,
           "sign($self, payload, context=None)\n--\n\n"
           "The signature of a payload, in the caller's context if one is given."),
    { "sign_batch", signer_sign_batch, METH_O,
      "sign_batch($self, payloads, /)\n--\n\n"
      "The signatures of any number of payloads, in their order, as sign() makes them without a\n"
      "context.\n\n"
      "All or none: where one payload cannot be signed its exception is raised, and no signature is\n"
      "given. Raises InvalidArgument (a raw key, and a payload that begins like a framed one),\n"
      "TypeError (an item that is no buffer), Closed, Forked." },
    { NULL, NULL, 0, NULL }
};

static PyMethodDef verifier_methods[] = {
    HELD_METHODS,
    METHOD("verify", verifier_verify,
           "verify($self, payload, signature, context=None)\n--\n\n"
           "Whether the signature is the payload's, in the caller's context if one is given."),
    { "verify_batch", verifier_verify_batch, METH_VARARGS,
      "verify_batch($self, payloads, signatures, /)\n--\n\n"
      "Whether each signature is that of the payload in its place: a list of as many bools.\n\n"
      "A signature of a wrong length is False, as a wrong one is. Raises ValueError (not as many\n"
      "signatures as payloads), TypeError (an item that is no buffer), Closed, Forked; then no\n"
      "answer is given." },
    { NULL, NULL, 0, NULL }
};

static PyMethodDef gateway_methods[] = {
    HELD_METHODS,
    METHOD("send_order", gateway_send_order,
           "send_order($self, frame, timeout=1.0)\n--\n\n"
           "Send a signed frame and wait at most `timeout` seconds for the venue's answer."),
    { NULL, NULL, 0, NULL }
};

#define HELD_SLOTS(methods) \
    { { Py_tp_dealloc, held_dealloc }, { Py_tp_members, held_members }, \
      { Py_tp_methods, methods }, { 0, NULL } }

static PyType_Slot signer_slots[] = HELD_SLOTS(signer_methods);
static PyType_Slot verifier_slots[] = HELD_SLOTS(verifier_methods);
static PyType_Slot gateway_slots[] = HELD_SLOTS(gateway_methods);

#define BASE Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
#define TYPE(name, object, flags, slots) \
    { "tinywindow._fastcalls." name, sizeof(object), 0, flags, slots }

static PyType_Spec types[] = {
    TYPE("Signer", Held, BASE, signer_slots),
    TYPE("Verifier", Held, BASE, verifier_slots),
    TYPE("Gateway", Held, BASE, gateway_slots),
    TYPE("OrderAck", OrderAck, Py_TPFLAGS_DEFAULT, ack_slots),
};

static PyMethodDef functions[] = {
    METHOD("sign", sign,
           "sign(key, payload, context=None)\n--\n\n"
           "The signature of a payload under the bytes of a secret key.\n\n"
           "context: 1 to 60 bytes that name the purpose; a signature made in one context is not\n"
           "valid in another. Without it, the library's own context of payloads.\n"
           "Returns bytes: 32 for hmac-sha256 (RFC 2104), 64 for ed25519 (RFC 8032).\n"
           "Raises InvalidKey or InvalidArgument (context, or a raw key's payload)."),
    METHOD("verify", verify,
           "verify(key, payload, signature, context=None)\n--\n\n"
           "Whether the signature is the payload's, under a public key or a secret one.\n\n"
           "A signature of the wrong length is not valid, and no error.\n"
           "Raises InvalidKey or InvalidArgument (context)."),
    { NULL, NULL, 0, NULL }
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "tinywindow._fastcalls", NULL, -1, functions, NULL, NULL, NULL, NULL
};

PyMODINIT_FUNC PyInit__fastcalls(void)
{
    PyObject *module = PyModule_Create(&definition);
    size_t i;

    for (i = 0; module && i < sizeof types / sizeof *types; i++) {
        PyObject *type = PyType_FromSpec(&types[i]);
        const char *name = strrchr(types[i].name, '.') + 1;

        if (type && types[i].slots == ack_slots) {
            Py_INCREF(type);
            order_ack_type = (PyTypeObject *)type;
        }
        if (!type || PyModule_AddObject(module, name, type) < 0) {
            Py_XDECREF(type);
            Py_CLEAR(module);
        }
    }
    return module;
}
