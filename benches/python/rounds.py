"""Comparisons within one run: the contenders take turns in short slices."""
import statistics
from time import thread_time
from timeit import Timer, default_timer

SLICE_SECONDS = 1e-3
ROUNDS_LEAST = 5


class Contender:
    """A statement to time by what this thread has of the processor; `per` calls of interest each
    time it runs."""

    def __init__(self, name, statement, per=1, **names):
        self.name = name
        self.timer = Timer(statement, timer=thread_time, globals=names)
        self.per = per

    def time(self, count):
        """Nanoseconds a call takes."""
        return self.timer.timeit(count) / count / self.per * 1e9

    def count_for(self, seconds):
        """How many runs fill a slice."""
        count = 1
        while self.timer.timeit(count) < seconds:
            count *= 2
        return count


def measure(contenders, rounds, seconds=float("inf")):
    """Nanoseconds of a call: for each contender those of every round.

    No round begins after so many seconds, but a few there are always.
    """
    counts = [contender.count_for(SLICE_SECONDS) for contender in contenders]
    times = [[] for _ in contenders]
    begin = default_timer()
    for done in range(rounds):
        if done >= ROUNDS_LEAST and default_timer() - begin > seconds:
            break
        for contender, count, of in zip(contenders, counts, times):
            of.append(contender.time(count))
    return times


def ratio(of, reference):
    """The median of the ratios within each round."""
    return statistics.median(own / first for own, first in zip(of, reference))
