/* Compiled only: the header is C89, includes what it needs and may be included twice. */
#include "tinywindow.h"
#include "tinywindow.h"

static const int64_t no_price = TW_PRICE_NONE;
static const uint64_t unlimited = TW_UNLIMITED;

int main(void)
{
    return no_price < 0 && unlimited > 0 ? 0 : 1;
}
