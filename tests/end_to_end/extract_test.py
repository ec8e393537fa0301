"""Extracts: the same rows as CSV, JSON lines and Excel, whole or not at all, in memory that does not grow with them."""

import contextlib
import csv
import json
import pathlib
import re
import subprocess
import time
import unittest
import xml.etree.ElementTree
import zipfile

import harness

MONTHS = ["2024-04", "2024-05", "2024-06"]
SHEETS = {"field": "fields", "value": "values", "statistics": "statistics", "public": "public"}
KINDS = {"field": "field", "value": "value", "statistics": "statistics", "publishable": "public"}
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(path):
    """Rows as dictionaries of what is not empty. The apostrophe that keeps formulas from running is taken off."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: re.sub(r"^'(?=[=+@-])", "", cell) for name, cell in row.items() if cell} for row in csv.DictReader(file)]


def camel(name):
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def from_json(line):
    """The same row as read_csv gives."""
    row = json.loads(line)
    [(kind, inner)] = [(KINDS[name], row[name]) for name in KINDS if name in row]
    found = {"kind": kind, "period": row["period"], "service": row["service"]}
    names = ["participant", "field", "indicator", "category", "title", "unit", "value", "numerator", "denominator", "n", "mean", "median",
             "lower_quartile", "upper_quartile", "percentile_10", "percentile_90", "minimum", "maximum", "standard_deviation", "pooled",
             "participants", "rate"]
    found.update((name, inner[camel(name)]) for name in names if inner.get(camel(name), "") != "")
    if kind == "field":
        found["value"] = "NA" if inner["notAvailable"] else inner.get("number", inner["text"])
    if kind == "statistics" and inner["nExpected"]:
        found["n_expected"] = inner["nExpected"]
    if inner.get("partial"):
        found["partial"] = "yes"
    peers = [f"{one['attribute'].removeprefix('PEER_ATTRIBUTE_').lower()}={one['value']}" for one in inner.get("peers", [])]
    if peers:
        found["peers"] = "; ".join(peers)
    if inner.get("withheld", "WITHHELD_UNSPECIFIED") != "WITHHELD_UNSPECIFIED":
        found["withheld"] = inner["withheld"].removeprefix("WITHHELD_").lower().replace("_", "-")
        if kind == "public":
            found.update((name, "*") for name in ("participants", "numerator", "denominator", "rate") if name not in found)
    return found


def read_xlsx(path):
    """Rows of all sheets, by the sheet's name without its number."""
    sheets = {}
    with zipfile.ZipFile(path) as archive:
        book = xml.etree.ElementTree.fromstring(archive.read("xl/workbook.xml"))
        for number, sheet in enumerate(book.iter(XML + "sheet"), 1):
            lines = []
            for row in xml.etree.ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).iter(XML + "row"):
                cells = {}
                for cell in row.iter(XML + "c"):
                    column = re.match("[A-Z]+", cell.get("r"))[0]
                    text = cell.find(f"{XML}is/{XML}t")
                    cells[column] = float(cell.find(XML + "v").text) if text is None else text.text
                lines.append(cells)
            headings = lines[0]
            rows = [{headings[column]: cell for column, cell in line.items()} for line in lines[1:]]
            sheets.setdefault(sheet.get("name").split()[0], []).extend(rows)
    return sheets


def comparable(row):
    """Numbers as floats, texts as they are, in the order of their names; the kind left out."""
    def value(cell):
        with contextlib.suppress(ValueError):
            return float(cell)
        return cell
    return sorted((name, value(cell)) for name, cell in row.items() if name != "kind")


class ExtractTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "wards.proto")
        self.qm("participant", "import", self.write_csv("participants.csv", [
            {"code": f"RT{i}", "name": f"Participant {i}", "nation": "Wales" if i < 3 else "England"} for i in range(9)]))
        self.reopen_and_submit([
            {"participant": f"RT{i}", "period": month, "available": 300 + i, "occupied": "NA" if i == 8 else 251.25 + i,
             "admissions": 10 * i, "gender.female": 4 * i, "gender.male": 6 * i, "type": "acute", "note": "=1+1" if i == 1 else "a, \"b\""}
            for month in MONTHS for i in range(9)])

    def reopen_and_submit(self, rows):
        verdicts = self.qm_json_lines("submit", self.write_csv("returns.csv", rows), "--collection", "wards", "--service", "ward")
        self.assertEqual([verdict["accepted"] for verdict in verdicts], [True] * len(rows))

    def extract(self, name, *arguments, expect=0, first=MONTHS[0], last=MONTHS[-1]):
        path = self.folder / name
        done = self.qm("extract", "--collection", "wards", "--from", first, "--to", last, *arguments, "-o", path, expect=expect)
        return path, done

    def test_the_three_forms_hold_the_same_rows(self):
        arguments = ("--fields", "--group-by", "nation")
        path, done = self.extract("all.csv", *arguments)
        from_csv = read_csv(path)
        kinds = [row["kind"] for row in from_csv]
        # Each return has seven fields; occupancy is missing where the occupied days are; two indicators of which one has no
        # value without populations, for the country and two nations.
        counts = {"field": 3 * 9 * 7, "value": 3 * 8, "statistics": 3 * 2 * 3}
        self.assertEqual({kind: kinds.count(kind) for kind in set(kinds)}, counts)
        self.assertEqual(done.stdout, f"231 rows (189 of field, 24 of value, 18 of statistics), written to {path}.\n")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertIn("'=1+1", path.read_text())
        self.assertEqual(from_csv[0], {"kind": "field", "period": "2024-04", "service": "ward", "participant": "RT0",
                                       "field": "available", "value": "300"})

        path, _ = self.extract("all.jsonl", *arguments)
        lines = [from_json(line) for line in path.read_text().splitlines()]
        self.assertEqual([comparable(row) for row in lines], [comparable(row) for row in from_csv])
        self.assertEqual([row["kind"] for row in lines], kinds)

        path, _ = self.extract("all.xlsx", *arguments)
        sheets = read_xlsx(path)
        self.assertEqual(list(sheets), ["fields", "values", "statistics"])
        for kind in counts:
            self.assertEqual([comparable(row) for row in sheets[SHEETS[kind]]],
                             [comparable(row) for row in from_csv if row["kind"] == kind], kind)

    def test_values_and_statistics_are_those_that_are_served(self):
        path, _ = self.extract("june.csv", first="2024-06")
        rows = read_csv(path)
        values = {row["participant"]: row for row in rows if row["kind"] == "value"}
        self.assertEqual(values["RT3"]["value"], repr(round(100 * 254.25 / 303, 9)))
        [statistics] = [row for row in rows if row["kind"] == "statistics" and row["indicator"] == "occupancy"]
        served = self.statistics("wards", "2024-06")["ward", "occupancy", ""]
        for name in ("n", "mean", "median", "lower_quartile", "pooled", "standard_deviation"):
            self.assertEqual(float(statistics[name]), served[camel(name)], name)

    def test_a_quarter_is_rolled_up_and_released_figures_stand_still(self):
        self.qm("release", "publish", "--collection", "wards", "--period", "2024-25-Q1")
        before, _ = self.extract("q1.csv", "--released", first="2024-25-Q1", last="2024-25-Q2")
        self.reopen_and_submit([{"participant": "RT1", "period": "2024-04", "available": 300, "occupied": 1, "admissions": 10}])
        after, _ = self.extract("again.csv", "--released", first="2024-25-Q1", last="2024-25-Q2")
        self.assertEqual(before.read_bytes(), after.read_bytes())
        live, _ = self.extract("live.csv", first="2024-25-Q1", last="2024-25-Q1")
        moved = [row for row in read_csv(live) if row not in read_csv(before)]
        self.assertEqual(sorted({row["kind"] for row in moved}), ["statistics", "value"])
        self.assertEqual({row["period"] for row in read_csv(before)}, {"2024-25-Q1"})

    def test_what_may_be_published(self):
        path, done = self.extract("public.csv", "--view", "public", "--group-by", "nation", first="2024-25-Q1", last="2024-25-Q1")
        self.assertEqual(done.stdout, f"0 rows, written to {path}.\n")
        self.qm("release", "publish", "--collection", "wards", "--period", "2024-25-Q1")
        path, _ = self.extract("public.csv", "--view", "public", "--group-by", "nation", first="2024-25-Q1", last="2024-25-Q1")
        country, england, wales = [row for row in read_csv(path) if row["indicator"] == "occupancy"]
        # Eight have a value: five of England, three of Wales, who would follow from the total.
        self.assertEqual(country["participants"], "10")
        self.assertEqual(int(country["numerator"]) % 5, 0)
        self.assertEqual(float(country["rate"]), round(100 * float(country["numerator"]) / float(country["denominator"]), 9))
        self.assertEqual((england["peers"], wales["peers"]), ("nation=England", "nation=Wales"))
        for row in (england, wales):
            self.assertEqual([row[name] for name in ("participants", "numerator", "denominator", "rate")], ["*"] * 4)
            self.assertEqual(row["withheld"], "suppressed")
        workbook, _ = self.extract("public.xlsx", "--view", "public", first="2024-25-Q1", last="2024-25-Q1")
        self.assertEqual(list(read_xlsx(workbook)), ["public"])

    def test_the_own_view_hides_others(self):
        token = self.make_token("submitter", ["RT1"])

        def extract(name, *arguments, expect=0):
            path = self.folder / name
            self.qm("--token-file", token, "extract", "--collection", "wards", "--from", "2024-25-Q1", "--to", "2024-25-Q1", *arguments,
                    "-o", path, expect=expect)
            return path

        for arguments in ((), ("--view", "own"), ("--fields",)):
            path = extract("own.csv", *arguments)
            rows = read_csv(path)
            self.assertEqual({row["participant"] for row in rows if row["kind"] != "statistics"}, {"RT1"})
            self.assertIsNone(re.search("RT[^1]", path.read_text()))
            # The first look takes the step, as 'qm national' does.
            self.assertEqual([(row["mean"], row.get("median"), row.get("withheld")) for row in rows if row["indicator"] == "occupancy" and
                              row["kind"] == "statistics"], [("83.9", None, None)])
        self.assertEqual(len(rows), 1 + 2)  # No return is for just the quarter, so no field is.
        self.qm("release", "publish", "--collection", "wards", "--period", "2024-25-Q1")
        [value, statistics, _] = read_csv(extract("own.csv"))
        self.assertEqual(value["value"], "83.803986711")  # 756.75 of 903.
        # As they are disclosed: to the places that are shown, and no extremes.
        self.assertEqual((statistics["n"], statistics["mean"]), ("8", "83.9"))
        self.assertNotIn("minimum", statistics)
        for arguments in (("--view", "exact"), ("--view", "public"), ("--group-by", "nation")):
            extract("denied.csv", *arguments, expect=6)
        self.assertFalse((self.folder / "denied.csv").exists())

    def test_nothing_is_left_after_an_error(self):
        for arguments, code, says in (
            (("--service", "none"), 1, "none"),
            (("--view", "secret"), 2, "exact, own, public"),
            (("--group-by", "planet"), 2, "nation"),
            (("--view", "public", "--fields"), 2, "Leave it out"),
        ):
            for name in ("x.csv", "x.jsonl", "x.xlsx"):
                with self.subTest(arguments=arguments, name=name):
                    _, done = self.extract(name, *arguments, expect=code)
                    self.assertIn(says, done.stderr)
        self.assertIn(".csv, .jsonl or .xlsx", self.extract("x.xls", expect=2)[1].stderr)
        self.assertIn("of one kind", self.extract("x.csv", first="2024-25-Q1", expect=2)[1].stderr)
        self.assertIn("cannot be written", self.extract("none/x.csv", expect=1)[1].stderr)
        self.server.kill()
        self.extract("x.csv", expect=4)
        self.assertEqual([path.name for path in self.folder.glob("x.*")], [])

    def test_a_reader_who_goes_frees_its_place(self):
        for _ in range(6):
            process = subprocess.Popen(
                [harness.BINARIES / "qm", "extract", "--collection", "wards", "--from", MONTHS[0], "--to", MONTHS[-1], "--fields",
                 "-o", self.folder / "gone.csv"], env=self.server.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.02)
            process.kill()
            process.wait()
        deadline = time.monotonic() + 30
        while self.extract("after.csv", expect=None)[1].returncode != 0:
            self.assertLess(time.monotonic(), deadline)


FIELDS = 60
# Less than half of the 40 MB that come; the allocator keeps some of what was free for a moment.
MOST_GROWTH_KIB = 16 << 10
PARTICIPANTS = 200
WIDE = """syntax = "proto3";
package quartermaster.collections.wide.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = {{ id: "wide" title: "Wide" cadence: [CADENCE_MONTH] first_period: "2020-04" }};
message Figures {{
  option (schema.v1.service) = {{ id: "figures" title: "Figures" }};
{indicators}
{fields}
}}
"""


def peak_memory(pid):
    """VmHWM in KiB: the most that the process had in memory so far; 0 if it is gone."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


class ExtractMemoryTest(harness.EndToEndTest):
    """Twelve thousand values a month, a megabyte on their way, for two months and for forty."""

    def extract(self, name, last):
        """The peaks of qm and of the server."""
        process = subprocess.Popen(
            [harness.BINARIES / "qm", "extract", "--collection", "wide", "--from", "2020-04", "--to", last, "-o", self.folder / name],
            env=self.server.environment(), stdout=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.002)
        self.assertEqual(process.returncode, 0)
        return peak, peak_memory(self.server.process.pid)

    @unittest.skipIf(harness.SANITIZED, "with a sanitizer memory says nothing")
    def test_a_twenty_times_larger_extract_takes_no_more_memory(self):
        proto = self.write("wide.proto", WIDE.format(
            indicators="\n".join(f'  option (schema.v1.indicator) = {{ id: "i{i}" title: "I{i}" value: "f{i}" }};' for i in range(FIELDS)),
            fields="\n".join(f'  optional int64 f{i} = {i + 1} [(schema.v1.field) = {{ label: "F{i}" rollup: ROLLUP_SUM }}];'
                             for i in range(FIELDS))))
        self.qm("collection", "publish", proto)
        codes = [f"P{i}" for i in range(PARTICIPANTS)]
        self.import_participants(codes)
        months = [f"{2020 + (i + 3) // 12}-{(i + 3) % 12 + 1:02}" for i in range(40)]
        self.qm("submit", self.write_csv("returns.csv", [
            {"participant": code, "period": month, **{f"f{i}": 1000 + i for i in range(FIELDS)}} for month in months for code in codes]),
            "--collection", "wide", "--service", "figures")
        # What sending took is not what is measured.
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        for name in ("x.csv", "x.jsonl", "x.xlsx"):
            with self.subTest(name=name):
                # Two months are as much as the connection holds back for a reader who is slower than the server.
                small = self.extract(name, months[1])
                size = (self.folder / name).stat().st_size
                large = self.extract(name, months[-1])
                self.assertGreater((self.folder / name).stat().st_size, 18 * size)
                grown = [after - before for before, after in zip(small, large)]
                self.assertLess(grown[0], MOST_GROWTH_KIB, f"qm: {small[0]} KiB, then {large[0]} KiB")
                self.assertLess(grown[1], MOST_GROWTH_KIB, f"the server: {small[1]} KiB, then {large[1]} KiB")


if __name__ == "__main__":
    unittest.main()
