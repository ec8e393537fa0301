"""The figures of random samples against numpy, which people who check them use, and against exact fractions.

QM_FIGURES_PRINTER names figures_printer. Where numpy is not installed, this skips itself with the exit code 77.
"""

import collections
import fractions
import os
import random
import re
import subprocess
import sys
import unittest

try:
    import numpy
except ImportError:
    print("skipped: python3-numpy is not installed; deploy/install-packages.sh installs it")
    sys.exit(77)

Fraction = fractions.Fraction
PRINTER = os.environ["QM_FIGURES_PRINTER"]
SEED = int(os.environ.get("QM_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
SAMPLES = 1000
PLACES = 9
HALF_A_PLACE = Fraction(1, 2 * 10**PLACES)
# The last place of a figure may be rounded either way where numpy is off by a little. Its doubles hold 53 bits: of 200 values
# and their sum an error of some 2^-53 x 200 = 2 x 10^-14 of the largest value is left, and room for a few operations.
ABSOLUTE = 0.6e-9
RELATIVE = 1e-12
FIGURES = ("n", "mean", "median", "lower_quartile", "upper_quartile", "percentile_10", "percentile_90", "minimum", "maximum",
           "standard_deviation")
QUANTILES = {"median": Fraction(1, 2), "lower_quartile": Fraction(1, 4), "upper_quartile": Fraction(3, 4),
             "percentile_10": Fraction(1, 10), "percentile_90": Fraction(9, 10)}
Standing = collections.namedtuple("Standing", "rank percentile quarter")

# How a sample may be scattered: the largest count of the unit, and the unit in billionths.
SCALES = {
    "ties": (3, 10**9),
    "percentages": (10_000, 10**7),
    "billionths": (5, 1),
    "tiny": (10**6, 1),
    "money": (10**14, 10**7),
    "trillions to nine places": (10**21, 1),
    "near the limit": (10**30, 1),
}


def random_sample(numbers):
    """Counts of billionths."""
    n = numbers.randint(1, 8) if numbers.random() < 0.6 else numbers.randint(1, 200)
    kinds = numbers.sample(list(SCALES), numbers.choice((1, 1, 1, 2)))
    lowest = numbers.choice((0, 0, -1))
    values = []
    for _ in range(n):
        largest, unit = SCALES[numbers.choice(kinds)]
        values.append(numbers.randint(lowest * largest, largest) * unit)
    if numbers.random() < 0.1:
        values = [values[0]] * n
    return values


def decimal_text(billionths):
    sign = "-" if billionths < 0 else ""
    whole, fraction = divmod(abs(billionths), 10**PLACES)
    return f"{sign}{whole}.{fraction:0{PLACES}}".rstrip("0").rstrip(".")


def number(word):
    """An exact decimal as it is printed, without exponent; None where there is none."""
    if word == "-":
        return None
    if not re.fullmatch(r"-?\d+(\.\d{1,9})?", word):
        raise AssertionError(f"{word!r} is no decimal number of 9 places")
    return Fraction(word)


def half_even(exact):
    """Python rounds fractions half to even."""
    return round(Fraction(exact), PLACES)


def quantile(ordered, share):
    """Hyndman and Fan's type 7."""
    position = (len(ordered) - 1) * share
    below = position.numerator // position.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


class FiguresAgainstNumpyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"seed: QM_TEST_SEED={SEED}", flush=True)
        numbers = random.Random(SEED)
        samples = [random_sample(numbers) for _ in range(SAMPLES)]
        text = "".join(" ".join(map(decimal_text, sample)) + "\n" for sample in samples)
        printed = subprocess.run([PRINTER], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
        assert len(printed) == SAMPLES, f"{len(printed)} lines for {SAMPLES} samples"
        cls.samples = []
        for sample, line in zip(samples, printed):
            words = line.split(" ")
            figures = dict(zip(FIGURES, map(number, words)))
            rest = words[len(FIGURES):]
            standings = [Standing(int(rest[i]), number(rest[i + 1]), int(rest[i + 2])) for i in range(0, len(rest), 3)]
            cls.samples.append(([Fraction(value, 10**PLACES) for value in sample], figures, standings))

    def check_each(self, check):
        """Calls it with the values, figures and standings of each sample."""
        for index, (values, figures, standings) in enumerate(self.samples):
            with self.subTest(seed=SEED, sample=index, first_values=" ".join(map(str, values[:20]))):
                check(values, figures, standings)

    def test_samples_are_of_many_kinds(self):
        sizes = [len(values) for values, _, _ in self.samples]
        self.assertLessEqual(set(range(1, 9)), set(sizes))
        self.assertGreater(max(sizes), 150)
        self.assertGreater(sum(len(set(values)) < len(values) for values, _, _ in self.samples), SAMPLES / 10)
        self.assertGreater(sum(min(values) < 0 for values, _, _ in self.samples), SAMPLES / 10)
        self.assertGreater(sum(max(values) > 10**12 for values, _, _ in self.samples), SAMPLES / 20)
        self.assertGreater(sum(max(map(abs, values)) < Fraction(1, 100) for values, _, _ in self.samples), SAMPLES / 20)

    def test_numpy_gives_the_same(self):
        def check(values, figures, _):
            doubles = numpy.array([float(value) for value in values])
            expected = {name: numpy.percentile(doubles, float(100 * share)) for name, share in QUANTILES.items()}
            expected |= {"mean": numpy.mean(doubles), "minimum": numpy.min(doubles), "maximum": numpy.max(doubles)}
            self.assertEqual(figures["n"], doubles.size)
            if doubles.size > 1:
                expected["standard_deviation"] = numpy.std(doubles, ddof=1)
            else:
                self.assertIsNone(figures["standard_deviation"])
            allowed = ABSOLUTE + RELATIVE * numpy.max(numpy.abs(doubles))
            for name, figure in expected.items():
                self.assertLessEqual(abs(float(figures[name]) - figure), allowed, name)

        self.check_each(check)

    def test_fractions_give_exactly_the_same(self):
        def check(values, figures, _):
            ordered = sorted(values)
            mean = sum(values) / len(values)
            self.assertEqual(figures["mean"], half_even(mean))
            self.assertEqual((figures["minimum"], figures["maximum"]), (ordered[0], ordered[-1]))
            for name, share in QUANTILES.items():
                self.assertEqual(figures[name], half_even(quantile(ordered, share)), name)
            if len(values) == 1:
                return
            # No fraction holds a root: the variance lies between the squares of what rounds to the figure.
            variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
            deviation = figures["standard_deviation"]
            self.assertLessEqual(max(deviation - HALF_A_PLACE, 0) ** 2, variance)
            self.assertLessEqual(variance, (deviation + HALF_A_PLACE) ** 2)

        self.check_each(check)

    def test_standings_follow_from_their_definitions(self):
        def check(values, figures, standings):
            self.assertEqual(len(standings), len(values))
            billionths = [int(value * 10**PLACES) for value in values]  # Python compares whole numbers faster.
            for value, raw, standing in zip(values, billionths, standings):
                above = sum(other > raw for other in billionths)
                below = sum(other < raw for other in billionths)
                others_equal = len(values) - above - below - 1
                self.assertEqual(standing.rank, above + 1)
                if len(values) == 1:
                    self.assertIsNone(standing.percentile)
                else:
                    exact = (below + Fraction(others_equal, 2)) / (len(values) - 1) * 100
                    self.assertEqual(standing.percentile, half_even(exact))
                quartiles = (figures["lower_quartile"], figures["median"], figures["upper_quartile"])
                self.assertEqual(standing.quarter, 1 + sum(value > quartile for quartile in quartiles))

        self.check_each(check)

    def test_of_nobody_there_are_no_figures(self):
        printed = subprocess.run([PRINTER], input="\n", capture_output=True, text=True, check=True).stdout
        self.assertEqual(printed, "0" + " -" * (len(FIGURES) - 1) + "\n")

    def test_what_is_no_number_is_refused(self):
        for word in ("x", "1e3", "1.0000000001", "--1", "1.-5", "2" * 22):
            refused = subprocess.run([PRINTER], input=f"1 {word}\n", capture_output=True, text=True, check=False)
            self.assertEqual((refused.returncode, refused.stdout), (1, ""), word)
            self.assertIn(word, refused.stderr)


if __name__ == "__main__":
    unittest.main()
