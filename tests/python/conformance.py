#!/usr/bin/env python3
"""Run the golden fixtures against a driver: any program that speaks the protocol of baseline.py.

    conformance.py [--only COMMAND,...] -- CMD ARG...

The driver is started once and given every line; it answers one line for each, in order. A driver
that cannot do everything gets the commands of --only.
"""
import re
import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent / "fixtures" / "golden.txt"
TIMEOUT_SECONDS = 300           # a driver under valgrind is slow; one that hangs is wrong
SHOWN_MAX = 200                 # characters of a line that a mismatch prints


def read_golden(text):
    """The count that the first line promises, and the cases as (command line, answer)."""
    header = re.match(r"# cases: (\d+)\n", text)
    if header is None:
        raise SystemExit("conformance: the golden file does not begin with `# cases: N`")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return int(header[1]), [tuple(line.split(" => ")) for line in lines]


def run_driver(command, lines):
    """The driver's exit status and answers; communicate() cannot deadlock on a full pipe."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          encoding="utf-8", errors="replace") as driver:
        try:
            output, _ = driver.communicate("".join(f"{line}\n" for line in lines), TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            driver.kill()
            output, _ = driver.communicate()
            print(f"conformance: no end after {TIMEOUT_SECONDS} s")
        return driver.wait(), output.splitlines()


def shorten(text):
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}… ({len(text)} characters)"


def compare(cases, answers):
    """Print each mismatch; return how many cases failed."""
    failed = 0
    for number, (command, expected) in enumerate(cases):
        got = answers[number] if number < len(answers) else "(no answer)"
        if got != expected:
            failed += 1
            print(f"mismatch: {shorten(command)}\n  expected: {shorten(expected)}\n"
                  f"  got:      {shorten(got)}")
    return failed


def main(arguments):
    only = None
    if arguments[:1] == ["--only"]:
        only, arguments = arguments[1].split(","), arguments[2:]
    if len(arguments) < 2 or arguments[0] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    promised, golden = read_golden(GOLDEN.read_text(encoding="utf-8"))
    cases = [case for case in golden if only is None or case[0].split()[0] in only]
    status, answers = run_driver(arguments[1:], [command for command, _ in cases])
    failed = compare(cases, answers)
    sound = True
    for wrong, complaint in ((status != 0, f"the driver ended with status {status}"),
                             (len(answers) > len(cases), "the driver answered too many lines"),
                             (promised != len(golden),
                              f"the header promises {promised} cases, there are {len(golden)}"),
                             (not cases, "there is nothing to do")):
        if wrong:
            sound = False
            print(f"conformance: {complaint}")
    print(f"conformance: {len(cases) - failed} passed, {failed} failed")
    return 0 if sound and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
