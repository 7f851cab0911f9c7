#include "matrix.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include "check.h"

#define REGION 8192             /* of each argument; its last byte is followed by a guard page */
#define GUARD 65536             /* a page of any size that Linux has */
#define CANARY 0xA5
#define UNTOUCHED ((size_t)0xA5A5A5)

static unsigned char *regions[ARGUMENTS_MAX];
static unsigned char before[ARGUMENTS_MAX][REGION];
static size_t lengths[ARGUMENTS_MAX];
static struct slot slots[ARGUMENTS_MAX];
static const struct function *function;

static int is_input(enum kind kind)
{
    return kind == BYTES || kind == KEY || kind == FRAME;
}

static int is_value(enum kind kind)
{
    return kind == VALUE || kind == OPTIONAL;
}

static void map_regions(void)
{
    int i;
    for (i = 0; i < ARGUMENTS_MAX && regions[i] == NULL; i++) {
        void *map = mmap(NULL, REGION + GUARD, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        REQUIRE(map != MAP_FAILED);
        regions[i] = map;
        REQUIRE(mprotect(regions[i] + REGION, GUARD, PROT_NONE) == 0);
    }
}

/* Places `size` bytes, or as many canaries, at the end of region i. */
static void *place(int i, const void *data, size_t size)
{
    unsigned char *p = regions[i] + REGION - size;
    memset(regions[i], CANARY, REGION);
    if (data != NULL) memcpy(p, data, size);
    return p;
}

/* A struct that says it has `said` bytes: what there is of the value, then `tail`s. Never more
 * than is said is mapped, but for struct_size itself and alignment. */
static void *place_struct(int i, const struct record *record, uint32_t said, int tail)
{
    unsigned char value[1024];
    size_t there = said > 512 ? record->size : said < 8 ? 8 : (said + 7u) / 8 * 8;
    memset(value, record->value == NULL ? CANARY : tail, sizeof value);
    if (record->value != NULL) memcpy(value, record->value, record->size);
    memcpy(value, &said, sizeof said);
    return place(i, value, there);
}

/* Region i is now what the call shall leave alone. */
static void remember(int i)
{
    memcpy(before[i], regions[i], REGION);
}

static void arm_one(int i, const struct argument *argument)
{
    const struct bytes *bytes = argument->source;
    const struct record *record = argument->source;
    struct slot *slot = &slots[i];
    switch (argument->kind) {
    case NO_ARGUMENT: return;
    case HANDLE: slot->p = *(void *const *)argument->source; break;
    case POINTER: slot->p = (void *)(uintptr_t)argument->source; break;
    case BYTES:
    case KEY:
    case FRAME:
        slot->p = place(i, bytes->data, bytes->len);
        slot->n = bytes->len;
        break;
    case VALUE:
    case OPTIONAL: slot->p = place(i, NULL, argument->size); break;
    case BUFFER:
        slot->p = place(i, NULL, argument->size * argument->unit);
        slot->n = argument->size;
        lengths[i] = UNTOUCHED;
        slot->len = &lengths[i];
        break;
    case STRUCT_IN:
    case STRUCT_OUT: slot->p = place_struct(i, record, (uint32_t)record->size, 0); break;
    }
    remember(i);
}

static void arm(void)
{
    int i;
    for (i = 0; i < ARGUMENTS_MAX; i++) arm_one(i, &function->arguments[i]);
}

/* Calls and checks that nothing was written; but where it is TW_ERR_BUFFER, the one length. */
static void refused(tw_status expected)
{
    int i;
    CHECK_STATUS(function->call(slots), expected);
    for (i = 0; i < ARGUMENTS_MAX; i++) {
        enum kind kind = function->arguments[i].kind;
        if (kind == NO_ARGUMENT) break;
        CHECK(memcmp(before[i], regions[i], REGION) == 0);
        if (kind == BUFFER) {
            size_t need = function->arguments[i].size;
            CHECK_EQUAL(lengths[i], expected == TW_ERR_BUFFER ? need : UNTOUCHED);
        }
    }
}

/* Calls and checks that no input was written, nor anything before an output. */
static void answered(tw_status expected)
{
    int i;
    CHECK_STATUS(function->call(slots), expected);
    for (i = 0; i < ARGUMENTS_MAX; i++) {
        enum kind kind = function->arguments[i].kind;
        int output = is_value(kind) || kind == BUFFER || kind == STRUCT_OUT;
        size_t kept = REGION;
        if (kind == NO_ARGUMENT) break;
        if (output && slots[i].p != NULL) kept = (size_t)((unsigned char *)slots[i].p - regions[i]);
        CHECK(memcmp(before[i], regions[i], kept) == 0);
        if (kind == BUFFER && expected == TW_OK) {
            CHECK_EQUAL(lengths[i], function->arguments[i].size);
        }
    }
}

static void start(const char *what, int i, size_t detail)
{
    check_step("%s: %s, argument %d, %lu", function->name, what, i, (unsigned long)detail);
    arm();
}

void matrix_expect(const struct function *which, tw_status expected)
{
    function = which;
    map_regions();
    start("well formed", -1, 0);
    if (expected == which->well_formed) answered(expected);
    else refused(expected);
}

/* Makes the content of the other inputs wrong as well, which must come second to what is tried on
 * argument `except`. */
static void spoil_others(int except)
{
    int i;
    for (i = 0; i < ARGUMENTS_MAX; i++) {
        enum kind kind = function->arguments[i].kind;
        if (i == except || !is_input(kind)) continue;
        if (kind != BYTES) *(unsigned char *)slots[i].p ^= 0xFF;
        remember(i);
    }
}

static void without_optional(int i)
{
    start("NULL where it may be", i, 0);
    slots[i].p = NULL;
    answered(function->well_formed);
}

static void nulls(int i)
{
    start("NULL", i, 0);
    if (function->arguments[i].kind == BUFFER && slots[i].n == 0) slots[i].n = 1;
    slots[i].p = NULL;
    refused(TW_ERR_NULL);
    if (function->arguments[i].kind != BUFFER) return;
    start("NULL for the length", i, 0);
    slots[i].len = NULL;
    refused(TW_ERR_NULL);
    start("NULL for the length of a size query", i, 0);
    slots[i].p = NULL;
    slots[i].n = 0;
    slots[i].len = NULL;
    refused(TW_ERR_NULL);
}

static void huge_lengths(int i)
{
    int j;
    for (j = 0; j < 2; j++) {
        start("huge length", i, (size_t)j);
        slots[i].n = j ? SIZE_MAX : SIZE_MAX / 2 + 1;
        if (j) spoil_others(i);
        refused(TW_ERR_LENGTH);
    }
}

static void buffers(int i)
{
    size_t cap, need = function->arguments[i].size, unit = function->arguments[i].unit;
    for (cap = 0; cap < need; cap++) {
        start("short buffer", i, cap);
        slots[i].p = place(i, NULL, cap * unit);
        slots[i].n = cap;
        remember(i);
        refused(TW_ERR_BUFFER);
    }
    start("size query", i, 0);
    slots[i].p = NULL;
    slots[i].n = 0;
    answered(TW_OK);
    start("buffer larger than needed", i, need);
    slots[i].p = place(i, NULL, (need + 3) * unit);
    slots[i].n = need + 3;
    remember(i);
    answered(TW_OK);
    CHECK(memcmp(before[i], regions[i] + REGION - 3 * unit, 3 * unit) == 0);
    start("buffer said to be without end", i, need);
    slots[i].n = SIZE_MAX;
    answered(TW_OK);
}

/* Hosts with packed records pass pointers that fit no type. */
static void misaligned(int i)
{
    const struct argument *argument = &function->arguments[i];
    const struct record *record = argument->source;
    size_t size = is_value(argument->kind) ? argument->size : record->size;
    start("misaligned", i, 0);
    memmove((unsigned char *)slots[i].p - 1, slots[i].p, size);
    slots[i].p = (unsigned char *)slots[i].p - 1;
    regions[i][REGION - 1] = CANARY;
    remember(i);
    answered(function->well_formed);
    CHECK_EQUAL(regions[i][REGION - 1], CANARY);
}

/* The key or frame of argument i with one byte changed, cut to n bytes or extended to them. */
static void replace_bytes(int i, size_t n, size_t at, unsigned char value)
{
    unsigned char data[2048];
    const struct bytes *bytes = function->arguments[i].source;
    memcpy(data, bytes->data, bytes->len);
    data[bytes->len] = 0;
    if (at < bytes->len) data[at] = value;
    slots[i].p = place(i, data, n);
    slots[i].n = n;
    remember(i);
}

static void wrong_lengths(int i, tw_status expected)
{
    const struct bytes *bytes = function->arguments[i].source;
    size_t n;
    for (n = 0; n < bytes->len; n++) {
        start("cut", i, n);
        replace_bytes(i, n, n, 0);
        refused(expected);
    }
    start("extended", i, n);
    replace_bytes(i, n + 1, n, 0);
    refused(expected);
    start("empty and NULL", i, 0);
    slots[i].p = NULL;
    slots[i].n = 0;
    refused(expected);
}

static void malformed(int i, const unsigned char (*patches)[2], size_t count, tw_status expected)
{
    const struct bytes *bytes = function->arguments[i].source;
    size_t j;
    for (j = 0; j < count; j++) {
        start("malformed", i, j);
        replace_bytes(i, bytes->len, patches[j][0], patches[j][1]);
        refused(expected);
    }
}

/* Offset and value: magic, version, unknown suite, kind and usage, the zero. */
static const unsigned char KEY_PATCHES[][2] = {
    {0, 't'}, {2, 'k'}, {3, 0}, {3, 2}, {4, 0}, {4, 0xFF}, {5, 0}, {5, 9}, {6, 0}, {6, 3}, {7, 1},
};
/* blockLength, templateId, schemaId, version, side, reserved, length of the signature. */
static const unsigned char FRAME_PATCHES[][2] = {
    {0, 103}, {1, 1}, {2, 0}, {2, 2}, {2, 4}, {3, 1}, {4, 2}, {5, 1}, {6, 1}, {7, 1},
    {104, '3'}, {107, 1}, {111, 1}, {112, 31}, {112, 33}, {113, 1},
};

static void said_size(int i, uint32_t said, int tail)
{
    start("struct_size", i, said);
    slots[i].p = place_struct(i, function->arguments[i].source, said, tail);
    remember(i);
}

static void struct_in(int i)
{
    const struct record *record = function->arguments[i].source;
    uint32_t size = (uint32_t)record->size, said;
    size_t r, at;
    for (said = 0; said < size; said++) {
        said_size(i, said, 0);
        refused(TW_ERR_UNSUPPORTED);
    }
    said_size(i, size + 8, 0);
    answered(function->well_formed);
    said_size(i, size + 8, 1);
    refused(TW_ERR_UNSUPPORTED);
    said_size(i, UINT32_MAX, 0); /* a struct_size never set: read no further */
    refused(TW_ERR_UNSUPPORTED);
    for (r = 0; r < 2; r++) {
        for (at = 0; at < record->reserved[r].size; at++) {
            start("reserved", i, record->reserved[r].offset + at);
            ((unsigned char *)slots[i].p)[record->reserved[r].offset + at] = 1;
            remember(i);
            refused(TW_ERR_ARGUMENT);
        }
    }
}

static void struct_out(int i)
{
    const struct record *record = function->arguments[i].source;
    uint32_t size = (uint32_t)record->size, said, kept = 0;
    unsigned char tail[24] = {0};
    for (said = 0; said < size; said++) {
        said_size(i, said, 0);
        refused(TW_ERR_UNSUPPORTED);
    }
    said_size(i, size + sizeof tail, 0);
    answered(function->well_formed);
    memcpy(&kept, slots[i].p, sizeof kept);
    CHECK_EQUAL(kept, size + sizeof tail);
    CHECK(memcmp(before[i] + REGION - size - sizeof tail, slots[i].p, size) != 0);
    CHECK(memcmp(regions[i] + REGION - sizeof tail, tail, sizeof tail) == 0);
    said_size(i, UINT32_MAX, 0);
    refused(TW_ERR_UNSUPPORTED);
}

void matrix_arguments(const struct function *which)
{
    int i;
    matrix_expect(which, which->well_formed);
    for (i = 0; i < ARGUMENTS_MAX && which->arguments[i].kind != NO_ARGUMENT; i++) {
        enum kind kind = which->arguments[i].kind;
        if (kind == OPTIONAL) without_optional(i);
        else nulls(i);
        if (is_input(kind)) huge_lengths(i);
        if (kind == BUFFER) buffers(i);
        if (kind == KEY || kind == FRAME) {
            wrong_lengths(i, kind == KEY ? TW_ERR_KEY : TW_ERR_ORDER);
        }
        if (kind == KEY) {
            malformed(i, KEY_PATCHES, sizeof KEY_PATCHES / 2, TW_ERR_KEY);
        }
        if (kind == FRAME) {
            malformed(i, FRAME_PATCHES, sizeof FRAME_PATCHES / 2, TW_ERR_ORDER);
        }
        if (is_value(kind) || kind == STRUCT_IN || kind == STRUCT_OUT) misaligned(i);
        if (kind == STRUCT_IN) struct_in(i);
        if (kind == STRUCT_OUT) struct_out(i);
    }
    matrix_expect(which, which->well_formed);
}
