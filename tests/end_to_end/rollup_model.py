"""What months, quarters, years and mergers must give, computed from the returns in exact fractions and none of our code.

Fields are dictionaries of fractions. A period is (first month, number of months), the month counted from the year 0.
"""

import fractions
import statistics


def span_of(period):
    """2024-11, 2024-25-Q3 or FY2024-25 as (first month, number of months)."""
    if period.startswith("FY"):
        return int(period[2:6]) * 12 + 3, 12
    year, _, rest = period.partition("-")
    if "-Q" in rest:
        return int(year) * 12 + 3 * int(rest[-1]), 3
    return int(year) * 12 + int(rest) - 1, 1


def months_between(first, last):
    """2023-04, 2023-05, ... up to the last."""
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(span_of(first)[0], span_of(last)[0] + 1)]


def quarters_of(year):
    """Of 2024: 2024-25-Q1 to 2024-25-Q4."""
    return [f"{year}-{(year + 1) % 100:02}-Q{quarter}" for quarter in range(1, 5)]


def year_of(year):
    return f"FY{year}-{(year + 1) % 100:02}"


class Model:
    """`rollups`: by field "sum", "mean" or "last". `indicators`: by id (numerator, denominator or None, factor), the first
    two functions of fields. `mergers`: by predecessor (successor, the first month of the successor)."""

    def __init__(self, rollups, indicators, mergers):
        self.rollups = rollups
        self.indicators = indicators
        self.mergers = {code: (successor, span_of(month)[0]) for code, (successor, month) in mergers.items()}
        self.returns = {}  # By participant, then by period.

    def put(self, code, period, fields):
        self.returns.setdefault(code, {})[span_of(period)] = {name: fractions.Fraction(value) for name, value in fields.items()}

    def remove(self, code, period):
        del self.returns[code][span_of(period)]

    def codes(self):
        return sorted(self.returns)

    def assemble(self, code, period):
        """How many months of the period there are, and the fields that they give; (0, None) where another stands for it."""
        first, count = span_of(period)
        if code in self.mergers and self.mergers[code][1] < first + count:
            return 0, None
        return self._roll(code, first, count, (first, first + count))

    def follow(self, code, period):
        """The same for a series: where there is nothing, what all those have who merged into it later, or nothing. Also
        says whether any of it is theirs."""
        months, fields = self.assemble(code, period)
        first, count = span_of(period)
        if months > 0:
            return months, fields, any(first < start <= first + count - 1 for _, start in self._predecessors(code))
        before = [self.follow(one, period) for one, start in self._predecessors(code) if first + count <= start]
        if not before or any(months < count for months, _, _ in before):
            return 0, None, False
        return count, self._add([fields for _, fields, _ in before]), True

    def value(self, indicator, fields):
        """None for 0 / 0."""
        numerator, denominator, factor = self.indicators[indicator]
        if denominator is None:
            return numerator(fields)
        return factor * numerator(fields) / denominator(fields) if denominator(fields) else None

    def figures(self, indicator, period):
        """Over those who have all of the period."""
        numerator, denominator, factor = self.indicators[indicator]
        complete = [fields for months, fields in (self.assemble(code, period) for code in self.codes()) if months == span_of(period)[1]]
        counted = [fields for fields in complete if self.value(indicator, fields) is not None]
        values = [self.value(indicator, fields) for fields in counted]
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        figures = {"n": len(values), "mean": sum(values) / len(values), "median": quartiles[1],
                   "lowerQuartile": quartiles[0], "upperQuartile": quartiles[2]}
        if denominator is not None:
            figures["pooled"] = factor * sum(map(numerator, counted)) / sum(map(denominator, counted))
        return figures

    def _predecessors(self, code):
        """Those who merged into it and ever returned anything, with the month from which they are it."""
        return [(one, start) for one, (successor, start) in self.mergers.items()
                if successor == code and (one in self.returns or self._predecessors(one))]

    def _roll(self, code, first, count, asked):
        """`asked`: from the first month of the period that is wanted up to the one after its last."""
        if count == 1:
            fields = self._month(code, first, asked)
            return (0, None) if fields is None else (1, fields)
        whole = self.returns.get(code, {}).get((first, count))
        if whole is not None:
            return count, whole
        step = count // 4 if count == 12 else 1
        parts = [self._roll(code, month, step, asked) for month in range(first, first + count, step)]
        there = [fields for months, fields in parts if months > 0]
        return sum(months for months, _ in parts), self._roll_up(there) if there else None

    def _month(self, code, month, asked):
        """Its own return, in a period in which others merged into it with theirs: all of them, or nothing."""
        own = self.returns.get(code, {})
        before = [one for one, start in self._predecessors(code) if asked[0] < start < asked[1] and month < start]
        if not before:
            return own.get((month, 1))
        bodies = [self._month(one, month, asked) for one in before]
        if any(first <= month for first, _ in own):  # It was there before the merger.
            bodies.append(own.get((month, 1)))
        return None if None in bodies else self._add(bodies)

    def _add(self, bodies):
        return {name: sum(fields[name] for fields in bodies) for name in self.rollups}

    def _roll_up(self, parts):
        how = {"sum": sum, "mean": lambda values: sum(values) / len(values), "last": lambda values: values[-1]}
        return {name: how[rollup]([fields[name] for fields in parts]) for name, rollup in self.rollups.items()}
