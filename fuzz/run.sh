#!/bin/sh
# Fuzzes each target, and says how often it ran and how many edges it covered: too few is a failure,
# since a fuzzer that does not run finds nothing.
#
#   run.sh BINARIES FOLDER SECONDS TARGET...
#
# What a target finds new stays in FOLDER/corpus, what it trips over in FOLDER/found.
set -eu

binaries=$1 folder=$2 seconds=$3
shift 3

# Far below what any target does on a slow machine; a target that never enters the library covers
# fewer edges than these.
executions_min=$((seconds * 10))
edges_min=60

last() {    # PATTERN: the last number that follows it in the log
    sed -n "s/.*$1 *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1
}

mkdir -p "$folder/found"
failed=0
for target in "$@"; do
    corpus=$folder/corpus/$target log=$folder/$target.log
    mkdir -p "$corpus"
    if ! "$binaries/$target" -max_total_time="$seconds" -timeout=20 -max_len=16384 \
        -print_final_stats=1 -print_funcs=0 -artifact_prefix="$folder/found/$target-" \
        "$corpus" "$folder/seeds/$target" > "$log" 2>&1; then
        echo "fuzz: $target FAILED; $log ends with:" >&2
        tail -n 40 "$log" >&2
        failed=1
        continue
    fi
    executions=$(last 'stat::number_of_executed_units:')
    edges=$(last 'cov:')
    echo "fuzz: $target: ${executions:=0} executions, ${edges:=0} edges covered"
    if [ "$executions" -lt "$executions_min" ] || [ "$edges" -lt "$edges_min" ]; then
        echo "fuzz: $target hardly ran: wanted $executions_min executions, $edges_min edges" >&2
        failed=1
    fi
done
exit $failed
