#include "expanded.h"

#include <stdio.h>
#include <string.h>
#include "tinywindow.h"

#define LINE_MAX_SIZE 20000

size_t expanded_key(uint32_t suite, uint8_t *key)
{
    static char line[LINE_MAX_SIZE];
    char start[64];
    size_t len = 0;
    unsigned byte;
    FILE *file = fopen("../fixtures/golden.txt", "r");
    if (file == NULL) return 0;
    /* "keyid KEY => ok ID", the key of kind 3 and usage 1 */
    snprintf(start, sizeof start, "keyid 54574b01%02x030100", (unsigned)suite);
    while (len == 0 && fgets(line, sizeof line, file) != NULL) {
        const char *hex = line + strlen("keyid ");
        if (strncmp(line, start, strlen(start)) != 0 || strstr(line, "=> ok") == NULL) continue;
        while (len < TW_KEY_MAX && sscanf(hex + 2 * len, "%2x", &byte) == 1) {
            key[len++] = (uint8_t)byte;
        }
    }
    fclose(file);
    return len;
}
