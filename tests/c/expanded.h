/* ML-DSA private keys without their seed, which the library takes and never makes. */
#ifndef EXPANDED_H
#define EXPANDED_H
#include <stddef.h>
#include <stdint.h>

/* The framed one of ../fixtures/golden.txt, where an independent implementation made it; the size of
 * its key bytes, or 0 if it is not there. key has room for TW_KEY_MAX bytes. */
size_t expanded_key(uint32_t suite, uint8_t *key);

#endif
