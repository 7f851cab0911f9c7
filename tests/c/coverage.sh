#!/bin/sh
# No function is left out of the negative matrix: every one in symbols.txt is called by the objects
# given.
#
#   coverage.sh OBJECT...
set -eu
LC_ALL=C
export LC_ALL

called=$(nm -u "$@" | awk '$2 ~ /^tw_/ {print $2}' | sort -u)
missing=$(echo "$called" | comm -13 - "$(dirname "$0")/symbols.txt")
if [ -n "$missing" ]; then
    echo "coverage: add to functions.c or a negative_*.c:" $missing >&2
    exit 1
fi
echo "coverage: all $(wc -l < "$(dirname "$0")/symbols.txt") functions are in the negative matrix"
