#!/usr/bin/env python3
"""Writes a synthetic sample of the collection mhlda: participants, populations and returns that nobody ever sent.

No number here comes from a real organisation. Every code starts with SYNTH and every name says that it is made up, so
that the sample is known for what it is wherever it shows. The same arguments give the same files, byte for byte.

    generate.py --out build/sample [--seed 1] [--participants 60] [--quarters 8]

README.md beside this file lists what is written.
"""

import argparse
import calendar
import csv
import datetime
import pathlib
import random
import sys

sys.dont_write_bytecode = True  # Leaves no __pycache__ in the source tree.

from services import SERVICES, Site, make_return

LAST_QUARTER = (2025, 4)  # 2025-26-Q4: the sample ends here.
MOST_QUARTERS = 24  # The collection starts in April 2020, six years before.
MOST_PARTICIPANTS = 500  # Far beyond any real benchmarking project.

# Nations with their share of participants, and their regions.
NATIONS = (
    ("England", 41, ("North East and Yorkshire", "North West", "Midlands", "East of England", "London", "South East",
                     "South West")),
    ("Scotland", 9, ("North of Scotland", "East of Scotland", "West of Scotland")),
    ("Wales", 6, ("North Wales", "Mid and West Wales", "South Wales")),
    ("Northern Ireland", 4, ("Northern Ireland",)),
)
TYPES = {
    "England": ("NHS mental health trust", "NHS mental health trust", "NHS combined trust",
                "Community interest company"),
    "Scotland": ("Health board",),
    "Wales": ("Health board",),
    "Northern Ireland": ("Health and social care trust",),
}
NAME_STARTS = ("North", "Ashen", "Brack", "Cold", "Dun", "Elmen", "Ferner", "Gorse", "Hazel", "Kestrel", "Lark", "Marl",
               "Oaken")
NAME_ENDS = ("moor", "thwaite", "combe", "dale", "mere", "holm", "wick", "stead", "burn", "haven", "ridge")
# How likely a participant of each type provides each service, in the order of SERVICES.
PROVIDES = {"Community interest company": (0, 0.4, 0, 0.7, 0.5, 0.6, 1)}
USUALLY_PROVIDES = (0.95, 0.95, 0.35, 0.8, 0.7, 0.5, 0.65)
LEAST_SERVICES = 3

AGE_BANDS = {"0-17": 0.2, "18-64": 0.6, "65+": 0.2}


class Period:
    """A month or a financial quarter."""

    # Bank holidays a month, near enough for numbers that are made up.
    BANK_HOLIDAYS = {1: 1, 4: 2, 5: 2, 8: 1, 12: 2}

    def __init__(self, name, months):
        self.name = name
        self.months = len(months)
        self.days = sum(calendar.monthrange(year, month)[1] for year, month in months)
        self.working_days = sum(self.working_days_of(year, month) for year, month in months)

    @classmethod
    def working_days_of(cls, year, month):
        days = range(1, calendar.monthrange(year, month)[1] + 1)
        weekdays = sum(datetime.date(year, month, day).weekday() < 5 for day in days)
        return weekdays - cls.BANK_HOLIDAYS.get(month, 0)


def months_of(start_year, quarter):
    """The three calendar months of a quarter of the financial year that starts in April of start_year."""
    first = 3 * quarter + 1
    return [(start_year, first + i) if first <= 12 else (start_year + 1, first - 12 + i) for i in range(3)]


def quarter_period(start_year, quarter):
    return Period(f"{start_year}-{(start_year + 1) % 100:02}-Q{quarter}", months_of(start_year, quarter))


def month_periods(start_year, quarter):
    return [Period(f"{year}-{month:02}", [(year, month)]) for year, month in months_of(start_year, quarter)]


def sample_quarters(count):
    """The last `count` quarters of the sample, oldest first, as (start year, quarter)."""
    last = LAST_QUARTER[0] * 4 + LAST_QUARTER[1] - 1
    return [(index // 4, index % 4 + 1) for index in range(last - count + 1, last + 1)]


def make_participants(count, seed):
    """Participants over the four nations in their proportion, England first."""
    participants = []
    shares = [share for _, share, _ in NATIONS]
    for index in range(count):
        place = index * sum(shares) // count
        nation, _, regions = next(NATIONS[i] for i in range(len(NATIONS)) if place < sum(shares[:i + 1]))
        draw = random.Random(f"{seed}/participant/{index}")
        # Starts and ends are of coprime number, so the first 143 names differ.
        name = NAME_STARTS[index % len(NAME_STARTS)] + NAME_ENDS[index % len(NAME_ENDS)]
        kind = TYPES[nation][index % len(TYPES[nation])]
        title = kind.title() if kind in ("Health board", "Community interest company") else "Trust"
        region = regions[index % len(regions)]
        chances = PROVIDES.get(kind, USUALLY_PROVIDES)
        services = [service for service, chance in zip(SERVICES, chances) if draw.random() < chance]
        while len(services) < LEAST_SERVICES:
            more = draw.choice([service for service, chance in zip(SERVICES, chances) if chance])
            services = [service for service in SERVICES if service in services or service == more]
        if index == 0:  # The one whose return the quickstart gets wrong and then right.
            services = list(SERVICES)
        participants.append({
            "code": f"SYNTH{index + 1:02}",
            "name": f"Synthetic {name} {title} (made up)",
            "nation": nation,
            "region": region,
            "integrated_care_board": f"Synthetic {region} integrated care board" if nation == "England" else "",
            "organisation_type": kind,
            "people": round(draw.uniform(300000, 1100000) * (0.6 if kind == "Community interest company" else 1)),
            "services": services,
            "monthly": index % 5 == 4,
        })
    return participants


def make_populations(participants, seed, start):
    """Registered and weighted people by participant and age band, from the first month of the sample on."""
    populations = []
    for participant in participants:
        draw = random.Random(f"{seed}/population/{participant['code']}")
        for band, share in AGE_BANDS.items():
            registered = round(participant["people"] * share * draw.uniform(0.9, 1.1))
            populations.append({"participant": participant["code"], "age_band": band, "registered": registered,
                                "weighted": round(registered * draw.uniform(0.88, 1.14)), "from": start})
    return populations


def make_sites(participants, populations, seed):
    """One site a participant and service that it provides, in that order."""
    people = {(row["participant"], row["age_band"]): row["registered"] for row in populations}
    for participant in participants:
        code = participant["code"]
        for service in participant["services"]:
            population = sum(people[code, band] for band in SERVICES[service][1])
            yield participant, Site(random.Random(f"{seed}/{code}/{service}"), service, population)


def make_unusual(row, number, last):
    """Makes a few returns unusual, so that queries can be seen: the number counts the sites of a service."""
    if number == 7 and last and "occupied_bed_days" in row:  # Full wards, with patients in beds of patients on leave.
        row["occupied_bed_days"] = round(row["available_bed_days"] * 1.03)
    if number == 11 and last and "caseload_by_gender.not_known" in row:  # Records that came late.
        row["caseload_by_gender.not_known"] += 60
    if number == 5 and last and "caseload_at_start" in row:
        row["caseload_at_start"] += row["caseload_at_start"] // 10 + 10


def make_returns(sites, quarters):
    """The rows of each file, by its name, and one return of the last quarter that is kept back for the demonstration."""
    files = {}
    counts = {}
    demonstration = None
    for participant, site in sites:
        number = counts[site.service] = counts.get(site.service, 0) + 1
        cadence = "monthly" if participant["monthly"] else "quarterly"
        rows = files.setdefault(f"{site.service}-{cadence}.csv", [])
        for quarter in quarters:
            for period in month_periods(*quarter) if participant["monthly"] else [quarter_period(*quarter)]:
                row = {"participant": participant["code"], "period": period.name, **make_return(site, period)}
                make_unusual(row, number, quarter == quarters[-1])
                rows.append(row)
        if demonstration is None and site.service == "adult-inpatient" and not participant["monthly"]:
            demonstration = rows.pop()
    return files, demonstration


def make_demonstration(right):
    """The return that was kept back: with mistakes, and right."""
    wrong = dict(right)
    wrong["admissions"] = f"about {right['admissions']}"  # Text in a number.
    wrong["delayed_bed_days"] = "440.123456"  # Two decimals too many.
    wrong["discharges"] = ""  # Required, and not there.
    wrong["leavers_wte"] = "-3"  # Below the least.
    wrong["discharges_over_90_days"] = right["discharges_over_60_days"] + 2  # A part above its whole.
    # A heading that is misspelt: the column is unknown, and the field that it was meant for is missing.
    wrong = {"ocupied_bed_days" if path == "occupied_bed_days" else path: value for path, value in wrong.items()}
    return {"returns-with-mistakes.csv": [wrong], "returns-corrected.csv": [right]}


def write(path, rows, columns=None):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Writes a synthetic sample of the collection mhlda.")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR", help="the folder; made if needed")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another sample")
    parser.add_argument("--participants", type=int, default=60, metavar="N", help=f"1 to {MOST_PARTICIPANTS}")
    parser.add_argument("--quarters", type=int, default=8, metavar="N", help=f"1 to {MOST_QUARTERS}")
    arguments = parser.parse_args()
    if not 1 <= arguments.participants <= MOST_PARTICIPANTS:
        parser.error(f"--participants: {arguments.participants} is not 1 to {MOST_PARTICIPANTS}")
    if not 1 <= arguments.quarters <= MOST_QUARTERS:
        parser.error(f"--quarters: {arguments.quarters} is not 1 to {MOST_QUARTERS}")
    return arguments


def main():
    arguments = parse_arguments()
    quarters = sample_quarters(arguments.quarters)
    participants = make_participants(arguments.participants, arguments.seed)
    year, month = months_of(*quarters[0])[0]
    populations = make_populations(participants, arguments.seed, f"{year}-{month:02}")
    returns, demonstration = make_returns(make_sites(participants, populations, arguments.seed), quarters)

    folder = arguments.out
    (folder / "returns").mkdir(parents=True, exist_ok=True)
    columns = ["code", "name", "nation", "region", "integrated_care_board", "organisation_type"]
    write(folder / "participants.csv", participants, columns)
    write(folder / "populations.csv", populations)
    for name, rows in returns.items():
        write(folder / "returns" / name, rows)
    for name, rows in make_demonstration(demonstration).items():
        write(folder / name, rows)
    count = sum(len(rows) for rows in returns.values())
    print(f"synthetic sample: {len(participants)} participants, {count} returns in {folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
