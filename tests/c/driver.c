/* Answers the driver protocol of tests/python/baseline.py through the C ABI, so that the one
 * conformance suite runs through C. With the argument `handles`, signing and verifying go through
 * prepared keys. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tinywindow.h"

#define WORDS_MAX 15
#define BYTES_MAX 8192

struct bytes {
    uint8_t data[BYTES_MAX];
    size_t len;
};
#define IN(bytes) (bytes).data, (bytes).len
#define OUT(bytes) (bytes).data, sizeof (bytes).data, &(bytes).len

static int use_handles;

/* A line that is no command: the driver's own error, never a case's answer. */
static void broken(const char *what)
{
    printf("error DRIVER %s\n", what);
    fflush(stdout);
    exit(1);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    broken("not lowercase hex");
    return 0;
}

static void from_hex(const char *text, struct bytes *bytes)
{
    size_t i, digits = strcmp(text, "-") == 0 ? 0 : strlen(text);
    if (digits % 2 != 0 || digits / 2 > BYTES_MAX) broken("hex of this length");
    for (i = 0; i < digits; i += 2) {
        bytes->data[i / 2] = (uint8_t)(nibble(text[i]) << 4 | nibble(text[i + 1]));
    }
    bytes->len = digits / 2;
}

static void print_hex(const uint8_t *data, size_t len)
{
    size_t i;
    if (len == 0) putchar('-');
    for (i = 0; i < len; i++) printf("%02x", data[i]);
}

static void answer_bytes(tw_status status, const struct bytes *bytes)
{
    if (status != TW_OK) {
        printf("error %s\n", tw_status_name(status));
        return;
    }
    printf("ok ");
    print_hex(bytes->data, bytes->len);
    putchar('\n');
}

static void answer_validity(tw_status status)
{
    if (status == TW_OK) puts("ok valid");
    else if (status == TW_ERR_SIGNATURE) puts("ok invalid");
    else printf("error %s\n", tw_status_name(status));
}

static tw_status suite_of(const char *name, uint32_t *suite)
{
    return tw_suite_from_name((const uint8_t *)name, strlen(name), suite);
}

static void keygen(char **words)
{
    static struct bytes key;
    uint32_t suite;
    tw_status status = suite_of(words[0], &suite);
    if (status == TW_OK) status = tw_keygen(suite, strtoull(words[1], NULL, 10), OUT(key));
    answer_bytes(status, &key);
}

static void entropy(char **words)
{
    static struct bytes seed, key;
    uint32_t suite;
    tw_status status = suite_of(words[0], &suite);
    from_hex(words[1], &seed);
    if (status == TW_OK) status = tw_keygen_from_entropy(suite, IN(seed), OUT(key));
    answer_bytes(status, &key);
}

static void import(char **words)
{
    static struct bytes material, key;
    uint32_t suite;
    uint32_t kind = (uint32_t)strtoul(words[1], NULL, 10);
    uint32_t usage = (uint32_t)strtoul(words[2], NULL, 10);
    tw_status status = suite_of(words[0], &suite);
    from_hex(words[3], &material);
    if (status == TW_OK) status = tw_key_import(suite, kind, usage, IN(material), OUT(key));
    answer_bytes(status, &key);
}

static void public_key(char **words)
{
    static struct bytes key, public;
    from_hex(words[0], &key);
    answer_bytes(tw_public_key(IN(key), OUT(public)), &public);
}

static void key_id(char **words)
{
    static struct bytes key;
    uint64_t id;
    tw_status status;
    from_hex(words[0], &key);
    status = tw_key_id(IN(key), &id);
    if (status == TW_OK) printf("ok %016" PRIx64 "\n", id);
    else printf("error %s\n", tw_status_name(status));
}

/* No context means tw_sign's own. */
static tw_status sign_bytes(const struct bytes *key, const struct bytes *context,
                            const struct bytes *payload, struct bytes *sig)
{
    tw_signer *signer;
    tw_status status;
    if (!use_handles) {
        return context == NULL ? tw_sign(IN(*key), IN(*payload), OUT(*sig))
                               : tw_sign_with_context(IN(*key), IN(*context), IN(*payload),
                                                      OUT(*sig));
    }
    status = tw_signer_new(IN(*key), &signer);
    if (status != TW_OK) return status;
    status = context == NULL ? tw_signer_sign(signer, IN(*payload), OUT(*sig))
                             : tw_signer_sign_with_context(signer, IN(*context), IN(*payload),
                                                           OUT(*sig));
    tw_signer_free(signer);
    return status;
}

static tw_status verify_bytes(const struct bytes *key, const struct bytes *context,
                              const struct bytes *payload, const struct bytes *sig)
{
    tw_verifier *verifier;
    tw_status status;
    if (!use_handles) {
        return context == NULL ? tw_verify(IN(*key), IN(*payload), IN(*sig))
                               : tw_verify_with_context(IN(*key), IN(*context), IN(*payload),
                                                        IN(*sig));
    }
    status = tw_verifier_new(IN(*key), &verifier);
    if (status != TW_OK) return status;
    status = context == NULL
                 ? tw_verifier_verify(verifier, IN(*payload), IN(*sig))
                 : tw_verifier_verify_with_context(verifier, IN(*context), IN(*payload), IN(*sig));
    tw_verifier_free(verifier);
    return status;
}

static struct bytes key, context, payload, sig;

static void sign(char **words)
{
    from_hex(words[0], &key);
    from_hex(words[1], &payload);
    answer_bytes(sign_bytes(&key, NULL, &payload, &sig), &sig);
}

static void sign_context(char **words)
{
    from_hex(words[0], &key);
    from_hex(words[1], &context);
    from_hex(words[2], &payload);
    answer_bytes(sign_bytes(&key, &context, &payload, &sig), &sig);
}

static void verify(char **words)
{
    from_hex(words[0], &key);
    from_hex(words[1], &payload);
    from_hex(words[2], &sig);
    answer_validity(verify_bytes(&key, NULL, &payload, &sig));
}

static void verify_context(char **words)
{
    from_hex(words[0], &key);
    from_hex(words[1], &context);
    from_hex(words[2], &payload);
    from_hex(words[3], &sig);
    answer_validity(verify_bytes(&key, &context, &payload, &sig));
}

static int64_t price_of(const char *text)
{
    return strcmp(text, "none") == 0 ? TW_PRICE_NONE : strtoll(text, NULL, 10);
}

static void text_of(const char *text, uint8_t field[16])
{
    if (strcmp(text, "-") == 0) return;
    if (strlen(text) > 16) broken("text longer than its field");
    memcpy(field, text, strlen(text));
}

static uint8_t character_of(const char *text)
{
    return strcmp(text, "-") == 0 ? 0 : (uint8_t)text[0];
}

static void order_of(char **words, tw_order *order)
{
    memset(order, 0, sizeof *order);
    order->struct_size = sizeof *order;
    order->template_id = (uint32_t)strtoul(words[0], NULL, 10);
    order->sequence = strtoull(words[1], NULL, 10);
    order->sending_time = strtoull(words[2], NULL, 10);
    order->client_order_id = strtoull(words[3], NULL, 10);
    order->orig_client_order_id = strtoull(words[4], NULL, 10);
    order->session_id = strtoull(words[5], NULL, 10);
    order->price = price_of(words[6]);
    order->stop_price = price_of(words[7]);
    order->quantity = strtoull(words[8], NULL, 10);
    text_of(words[9], order->symbol);
    text_of(words[10], order->account);
    order->side = character_of(words[11]);
    order->ord_type = character_of(words[12]);
    order->time_in_force = character_of(words[13]);
}

static void order_sign(char **words)
{
    static struct bytes frame;
    tw_signer *signer;
    tw_order order;
    tw_status status;
    from_hex(words[0], &key);
    order_of(words + 1, &order);
    if (use_handles) {
        status = tw_signer_new(IN(key), &signer);
        if (status == TW_OK) {
            status = tw_signer_order_sign(signer, &order, OUT(frame));
            tw_signer_free(signer);
        }
    } else {
        status = tw_order_sign(IN(key), &order, OUT(frame));
    }
    answer_bytes(status, &frame);
}

static void print_price(int64_t price)
{
    if (price == TW_PRICE_NONE) printf("none ");
    else printf("%" PRId64 " ", price);
}

static void print_text(const uint8_t *text, size_t size)
{
    if (text[0] == 0) putchar('-');
    printf("%.*s ", (int)size, (const char *)text);
}

static void order_decode(char **words)
{
    static struct bytes frame;
    tw_order order;
    size_t signed_len;
    tw_status status;
    from_hex(words[0], &frame);
    order.struct_size = sizeof order;
    status = tw_order_decode(IN(frame), &order, &signed_len);
    if (status != TW_OK) {
        printf("error %s\n", tw_status_name(status));
        return;
    }
    printf("ok %" PRIu32 " %" PRIu64 " %" PRIu64 " ", order.template_id, order.sequence,
           order.sending_time);
    printf("%" PRIu64 " %" PRIu64 " ", order.client_order_id, order.orig_client_order_id);
    printf("%" PRIu64 " %016" PRIx64 " ", order.session_id, order.key_id);
    print_price(order.price);
    print_price(order.stop_price);
    printf("%" PRIu64 " ", order.quantity);
    print_text(order.symbol, sizeof order.symbol);
    print_text(order.account, sizeof order.account);
    print_text(&order.side, 1);
    print_text(&order.ord_type, 1);
    print_text(&order.time_in_force, 1);
    print_hex(frame.data + signed_len + 2, frame.len - signed_len - 2);
    putchar('\n');
}

static const struct {
    const char *name;
    int words;
    void (*answer)(char **words);
} COMMANDS[] = {
    {"keygen", 2, keygen}, {"entropy", 2, entropy}, {"public", 1, public_key},
    {"keyid", 1, key_id}, {"sign", 2, sign}, {"verify", 3, verify},
    {"sign_context", 3, sign_context}, {"verify_context", 4, verify_context},
    {"import", 4, import}, {"order_sign", 15, order_sign}, {"order_decode", 1, order_decode},
};

static void answer(char *line)
{
    char *words[WORDS_MAX + 1] = {NULL}, *word, *command = strtok(line, " \n");
    size_t i;
    int count = 0;
    if (command == NULL) broken("empty line");
    while ((word = strtok(NULL, " \n")) != NULL) {
        if (count == WORDS_MAX) broken("too many words");
        words[count++] = word;
    }
    for (i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        if (strcmp(command, COMMANDS[i].name) != 0) continue;
        if (count != COMMANDS[i].words) broken("wrong number of words");
        COMMANDS[i].answer(words);
        fflush(stdout);
        return;
    }
    broken("unknown command");
}

int main(int argc, char **argv)
{
    static char line[2 * BYTES_MAX * 4];
    use_handles = argc == 2 && strcmp(argv[1], "handles") == 0;
    if (argc > 1 && !use_handles) {
        fprintf(stderr, "usage: driver [handles] < LINES\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin) != NULL) answer(line);
    return 0;
}
