"""Excel workbooks: a form is made, filled in with another program (openpyxl), checked, sent, and counts as the same data by CSV."""

import csv
import datetime
import io
import json
import os
import shutil
import subprocess
import unittest
import zipfile

import openpyxl

import harness

WARDS = harness.COLLECTIONS / "wards.proto"
CODES = ["RT1", "RT2", "RT3"]
KEYS = ["participant", "period", "service", "collection"]
FIELDS = ["available", "occupied", "at_start", "at_end", "admissions", "gender.female", "gender.male", "type", "note", "restraints"]


def row(code, period="2024-25-Q1", **values):
    number = CODES.index(code)
    return {"participant": code, "period": period, "service": "ward", "collection": "wards", "available": 900.25 + number,
            "occupied": 800.5, "at_start": 30, "at_end": 30, "admissions": 50, "gender.female": 20, "gender.male": 30,
            "type": "acute", "note": "quiet", "restraints": 5, **values}


class ExcelTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", WARDS)
        self.import_participants(CODES)

    def template(self, *arguments, name="form.xlsx"):
        path = self.folder / name
        self.qm("template", "--collection", "wards", "--service", "ward", *arguments, "-o", path)
        return path

    def fill(self, path, rows, sheet="ward", formats=()):
        """Fills rows into a form from row 2 on, as a person would; `formats` are (cell, number format)."""
        book = openpyxl.load_workbook(path)
        form = book[sheet]
        columns = {cell.value: cell.column for cell in form[1]}
        for number, values in enumerate(rows, start=2):
            for name, value in values.items():
                form.cell(number, columns[name]).value = value
        for cell, code in formats:
            form[cell].number_format = code
        book.save(path)
        return path

    def book(self, name, sheets):
        """A workbook of sheets, each a list of rows."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for values in rows:
                sheet.append(list(values))
        book.save(self.folder / name)
        return self.folder / name

    def findings(self, path, *arguments, expect=3):
        lines = self.qm_json_lines("validate", path, "--schema", WARDS, *arguments, expect=expect)
        return [finding for line in lines for finding in line["findings"]]

    def places(self, path, *arguments):
        return [(f["ruleId"], f["sheet"], f.get("row"), f.get("columnLetter", "")) for f in self.findings(path, *arguments)]

    def test_a_form_says_what_it_asks_for(self):
        path = self.template("--participant", "RT1", "--period", "Q1 2024/25")
        book = openpyxl.load_workbook(path)
        self.assertEqual(book.sheetnames, ["ward", "About the fields", "Choices of fields"])
        form = book["ward"]
        self.assertEqual([cell.value for cell in form[1]], KEYS + FIELDS)
        self.assertEqual([cell.value for cell in form[2]][:4], ["RT1", "2024-25-Q1", "ward", "wards"])
        self.assertEqual([cell.value for cell in form[2]][4:], [None] * len(FIELDS))
        self.assertEqual(form.freeze_panes, "C2")
        self.assertEqual(form.column_dimensions["B"].width > 8, True)
        comments = {cell.value: cell.comment.text for cell in form[1]}
        for words in ("Available bed days (bed days)", "number, 2 decimals", "0 to 10,000", "required: yes"):
            self.assertIn(words, comments["available"].replace("10000", "10,000"))
        self.assertIn("2025-26-Q1", comments["period"])
        # Codes and periods stay texts, counts are whole, and numbers have their decimals.
        self.assertEqual([form[cell].number_format for cell in ("A2", "B2")], ["@", "@"])
        with zipfile.ZipFile(path) as archive:
            styles = archive.read("xl/styles.xml").decode()
        self.assertIn('formatCode="0.00"', styles)
        lists = {str(rule.sqref): rule.formula1 for rule in form.data_validations.dataValidation}
        self.assertEqual(lists["L2:L1048576"], "'Choices of fields'!$C$2:$C$3")
        choices = book["Choices of fields"]
        self.assertEqual([cell.value for cell in choices["C"]][:3], ["choices of type", "acute", "rehabilitation"])
        about = list(book["About the fields"].values)
        self.assertEqual(len(about), 1 + len(FIELDS))

    def test_a_form_in_csv_has_the_same_headings(self):
        path = self.template("--period", "2024-25-Q1", name="form.csv")
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0], KEYS + FIELDS)
        self.assertEqual(rows[1], ["", "2024-25-Q1", "ward", "wards"] + [""] * len(FIELDS))

    def test_forms_need_no_server_for_what_is_at_hand(self):
        self.server.kill()
        self.qm("template", "--collection", "mhlda", "--service", "adult-inpatient", "-o", self.folder / "a.xlsx")
        self.template("--schema", WARDS)
        self.assertIn("Did you mean ward?", self.qm("template", "--collection", "wards", "--service", "wrd", "--schema", WARDS, "-o",
                                                     self.folder / "b.xlsx", expect=2).stderr)
        for options, said in ((("--period", "FY2024-25"), "takes no returns"), (("--period", "soon"), "--period"),
                              (("--participant", "a b"), "--participant")):
            self.assertIn(said, self.qm("template", "--collection", "wards", "--service", "ward", "--schema", WARDS, *options,
                                        "-o", self.folder / "b.xlsx", expect=2).stderr)
        self.assertIn(".xlsx", self.qm("template", "--collection", "mhlda", "--service", "adult-inpatient", "-o",
                                       self.folder / "a.xls", expect=2).stderr)
        self.assertFalse((self.folder / "b.xlsx").exists())
        self.qm("template", "--collection", "wards", "--service", "ward", "-o", self.folder / "b.xlsx", "--help")

    def test_a_form_that_was_filled_in_is_not_written_over(self):
        for name in ("form.xlsx", "form.csv"):
            self.template(name=name)
            path = self.template("--participant", "RT1", "--period", "2024-25-Q1", name=name)  # A blank one is.
        self.fill(self.folder / "form.xlsx", [row("RT1")])
        path.write_text(path.read_text() + "RT2,2024-25-Q1,ward,wards,900\n")
        (self.folder / "notes.csv").write_text("What we asked\nWhich ward\n")
        (self.folder / "list.csv").write_text("shopping list,milk,bread\n")
        (self.folder / "codes.csv").write_text("participant,period,service,collection\nRT1,2024-25-Q1,ward,wards\n")
        (self.folder / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
        self.template(name="beside.xlsx")
        book = openpyxl.load_workbook(self.folder / "beside.xlsx")
        book.create_sheet("My notes")["A1"] = "Ask Ann."
        book.save(self.folder / "beside.xlsx")
        for name in ("form.xlsx", "form.csv", "notes.csv", "list.csv", "codes.csv", "broken.xlsx", "beside.xlsx"):
            path = self.folder / name
            before = path.read_bytes()
            refused = self.qm("template", "--collection", "wards", "--service", "ward", "-o", path, expect=2).stderr
            self.assertIn("is no blank form, so it is left as it is", refused)
            self.assertEqual(path.read_bytes(), before)
        (self.folder / "empty.csv").touch()
        self.template(name="empty.csv")

    def test_a_form_is_filled_in_checked_and_sent_and_counts_as_csv_does(self):
        path = self.template()
        wrong = [row("RT1", available="1,200"), row("RT2", admissions=12.5), row("RT3", **{"type": "maternity"})]
        self.fill(path, wrong)
        self.assertEqual(sorted(self.places(path)), [("type", "ward", 2, "E"), ("type", "ward", 3, "I"), ("type", "ward", 4, "L")])
        printed = " ".join(self.qm("validate", path, "--schema", WARDS, expect=3).stdout.split())
        self.assertIn(f"{path} sheet ward row 2, column available (E)", printed)

        rows = [row(code) for code in CODES]
        rows[0]["occupied"], rows[1]["available"] = "NA", 0.1 + 0.2
        self.fill(path, rows)
        verdicts = self.qm_json_lines("submit", path)
        self.assertEqual([v["accepted"] for v in verdicts], [True] * 3)
        self.assertEqual(self.qm("submit", path, "--dry-run").stderr, "")  # Its own sheets are no news.
        by_excel = self.statistics("wards", "2024-25-Q1")
        self.assertEqual(by_excel["ward", "occupancy", ""]["n"], 2)

        for values in rows:
            values["available"] = str(values["available"])
        verdicts = self.qm_json_lines("submit", self.write_csv("same.csv", rows))
        self.assertEqual([v["revision"] for v in verdicts], [2] * 3)
        by_csv = self.statistics("wards", "2024-25-Q1")
        for key, statistics in by_excel.items():
            for name in ("n", "mean", "median", "pooled", "standardDeviation", "minimum", "maximum"):
                self.assertEqual(statistics.get(name), by_csv[key].get(name), (key, name))

    def test_a_month_that_looks_like_one_is_a_month_and_a_day_is_none(self):
        path = self.fill(self.template(), [
            row("RT1", period=datetime.date(2024, 4, 1)), row("RT2", period=datetime.date(2024, 4, 1)),
            row("RT3", period=datetime.date(2024, 4, 30))], formats=[("B2", "mmm-yy"), ("B3", "dd/mm/yyyy"), ("B4", "mmm-yy")])
        findings = self.findings(path)
        self.assertEqual([(f["ruleId"], f["row"], f["columnLetter"], f["given"]) for f in findings],
                         [("period", 3, "B", "2024-04-01"), ("period", 4, "B", "2024-04-30")])
        for finding in findings:
            self.assertIn("format the column as text and write 2025-04", finding["hint"])
        verdicts = self.qm_json_lines("submit", path, expect=3)
        self.assertEqual([(v["participant"], v["period"]) for v in verdicts if v["accepted"]], [("RT1", "2024-04")])

    def test_what_excel_makes_of_values_is_said_at_the_cell(self):
        rows = [row("RT1", available="#DIV/0!", note="#N/A"), row("RT2", occupied="=E3-1", note='="a"&"b"'),
                row("RT3", admissions=datetime.date(2024, 5, 12), occupied=0.853, note="'=1")]
        path = self.fill(self.template(), rows, formats=[("F4", "0.0%")])
        findings = {(f["row"], f["columnLetter"]): f for f in self.findings(path)}
        self.assertEqual({key: (f["ruleId"], f["class"], f["given"]) for key, f in findings.items()}, {
            (2, "E"): ("type", "CLASS_INVALID", "#DIV/0!"),
            (2, "M"): ("type", "CLASS_INVALID", "#N/A"),
            (3, "F"): ("type", "CLASS_INVALID", "=E3-1"),
            (3, "M"): ("type", "CLASS_INVALID", '="a"&"b"'),
            (4, "F"): ("type", "CLASS_INVALID", "85.3%"),
            (4, "I"): ("type", "CLASS_INVALID", "2024-05-12"),
        })
        self.assertIn("Excel shows an error", findings[2, "M"]["hint"])
        self.assertIn("open it in Excel", findings[3, "F"]["hint"])
        self.assertIn("percent", findings[4, "F"]["hint"])
        self.assertIn("into a date", findings[4, "I"]["hint"])

    def test_all_sheets_with_returns_are_read_and_others_are_left_out(self):
        heading = KEYS[:2] + FIELDS
        values = [list(row(code).values()) for code in CODES]
        sheets = {"Notes": [["How to fill this in"], ["Ask Ann."]],
                  "First": [heading, *(v[:2] + v[4:] for v in values[:2])],
                  "Lookup": [["participant", "name"], ["RT1", "One"]],
                  "Second": [heading, values[2][:2] + values[2][4:]],
                  "Unused": [heading]}
        path = self.book("several.xlsx", sheets)
        where = ("--collection", "wards", "--service", "ward")
        done = self.qm("submit", path, *where)
        self.assertIn("3 returns: 3 accepted", done.stdout)
        self.assertIn("left out, since the headings fit no return: the sheets Notes, Lookup", done.stderr)

        # A guide below a title of its own is no sheet of returns.
        guided = sheets | {"Guide": [["How to fill this in"], ["Field", "Value", "Meaning"], ["available", "days", "All."]]}
        self.assertIn("the sheets Notes, Lookup, Guide", self.qm("submit", self.book("guided.xlsx", guided), *where).stderr)
        late = self.places(self.book("late.xlsx", {"Late": [["Beds"], heading, *sheets["First"][1:]], "Notes": sheets["Notes"]}))
        self.assertEqual(late, [("title-row", "Late", 1, "")])

        # The same return on two sheets is refused with both places.
        sheets["Second"].append(sheets["First"][1])
        finding = self.findings(self.book("twice.xlsx", sheets), "--service", "ward")[0]
        self.assertEqual(finding["ruleId"], "duplicate-row")
        self.assertIn("twice.xlsx sheet First row 2", finding["message"])
        self.assertIn("twice.xlsx sheet Second row 3", finding["message"])

        # Fields without keys are a sheet of returns whose keys are missing; without either there is none.
        sheets["Second"][0] = ["trust", "month"] + FIELDS
        places = self.places(self.book("no_keys.xlsx", sheets), "--service", "ward")
        self.assertEqual([p for p in places if p[0] == "missing-column"], [("missing-column", "Second", 1, "")] * 2)
        none = self.findings(self.book("none.xlsx", {"Notes": sheets["Notes"], "Lookup": sheets["Lookup"]}))
        self.assertEqual([f["ruleId"] for f in none], ["no-sheet"])
        self.assertIn("Notes, Lookup", none[0]["message"])
        self.assertEqual(self.places(self.book("unused.xlsx", {"Unused": [heading]})), [("empty-file", "Unused", None, "")])

    def test_values_outside_the_table_are_named(self):
        path = self.fill(self.template(), [row("RT1"), row("RT2")])
        book = openpyxl.load_workbook(path)
        book["ward"]["Q3"] = "checked"
        book.save(path)
        finding, = self.findings(path)
        self.assertEqual((finding["ruleId"], finding["row"], finding["columnLetter"]), ("ragged-row", 3, "Q"))
        self.assertNotIn("comma", finding["hint"])

    def test_what_the_spreadsheet_hides_is_read_and_named(self):
        path = self.fill(self.template(), [row("RT1"), row("RT2"), row("RT3")])
        self.assertNotIn("hides", self.qm("validate", path, "--schema", WARDS).stderr)
        book = openpyxl.load_workbook(path)
        book["ward"].row_dimensions[3].hidden = True
        book["ward"].row_dimensions[40].hidden = True  # Without a value.
        book["ward"].column_dimensions["E"].hidden = True
        book.active = book.worksheets.index(next(sheet for sheet in book if sheet.title != "ward"))
        book["ward"].sheet_state = "hidden"
        book.save(path)
        done = self.qm("validate", path, "--schema", WARDS)
        self.assertIn("3 returns: 3 valid", done.stdout)
        self.assertIn("form.xlsx sheet ward: read like all others, though the spreadsheet hides them: the whole sheet, 1 row "
                      "from row 3 on, column available (E).", done.stderr)

    def test_participants_come_as_a_workbook_too(self):
        path = self.book("participants.xlsx", {"People": [["code", "name"], ["RT8", "Eight"], ["RT9", "Nine"]]})
        self.qm("participant", "import", path)
        codes = [p["code"] for p in self.qm_json("participant", "list")["participants"]]
        self.assertTrue({"RT8", "RT9"} <= set(codes), codes)
        two = self.book("two.xlsx", {"A": [["code", "name"], ["RT8", "Eight"]], "B": [["x"], ["y"]]})
        self.assertIn("2 sheets", self.qm("participant", "import", two, expect=3).stdout)

    def test_damaged_and_hostile_workbooks_have_a_message_each(self):
        good = self.fill(self.template(), [row("RT1")]).read_bytes()

        def replaced(part, change):
            out = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
                for name in old.namelist():
                    new.writestr(name, change(old.read(name)) if name == part else old.read(name))
            return out.getvalue()

        sheet = "xl/worksheets/sheet1.xml"
        bomb = replaced(sheet, lambda xml: b"<worksheet><sheetData>" + b"<row/>" * (44 << 20))
        many = replaced(sheet, lambda xml: b"<worksheet><sheetData>" + b"<row/>" * 1_100_000)
        self.assertLess(len(bomb), 2 << 20)
        for data, *said in (
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000, "password", "old Excel workbook", ".xlsx"),
            (good[:-100], "damaged"),
            (good[: len(good) // 2], "damaged"),
            (bomb, "too large", "256 MB"),
            (many, "damaged", "comes row 1048577"),
            (replaced(sheet, lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml), "document type"),
            (replaced(sheet, lambda xml: b"<worksheet><sheetData><row r='1'><c r='XFE1'><v>1</v></c></row>"), "XFE1"),
            (replaced("xl/workbook.xml", lambda xml: b"<w:document xmlns:w='w'/>"), "not an Excel workbook", "document"),
            (replaced(sheet, lambda xml: b""), "damaged", "sheet1.xml"),
        ):
            with self.subTest(said=said):
                path = self.write("bad.xlsx", data)
                for command in (("validate", path, "--schema", WARDS), ("submit", path)):
                    done = self.qm(*command, expect=3)
                    text = " ".join((done.stdout + done.stderr).split())
                    for words in said:
                        self.assertIn(words, text)
        self.assertEqual(self.qm_json("returns", "list", "--collection", "wards").get("returns", []), [])
        path = self.write("good.xlsx", good)  # The name says nothing; standard input has none.
        done = subprocess.run([harness.BINARIES / "qm", "validate", "-", "--schema", WARDS], input=path.read_bytes(),
                              capture_output=True, timeout=harness.PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_published_sheet_is_recognised(self):
        rows = [[None, "Title:", "Beds by type"], [None, "Period:", "April to June 2024"], [],
                [None, None, None, None, "Available", None, "Occupied"],
                [None, "Year", "Period End", "Org Code", "Total", "Maternity", "Total"],
                [None, "2024-25", "June", None, 1300, 70, 1200], [],
                *([None, "2024-25", "June", f"RA{i}", 500 + i, 30, 450] for i in range(1, 7))]
        finding, = self.findings(self.book("published.xlsx", {"Sheet1": rows, "Notes": [["Sources"], ["x"]]}))
        self.assertEqual((finding["ruleId"], finding["sheet"], finding["row"]), ("published-sheet", "Sheet1", 5))
        self.assertIn('"Available" stands over E to F', finding["message"])

    # Set QM_LIBREOFFICE to open forms in LibreOffice, which is not installed for the tests.
    if os.environ.get("QM_LIBREOFFICE"):
        def test_a_form_survives_libreoffice(self):
            path = self.fill(self.template(), [row(code) for code in CODES])
            (self.folder / "out").mkdir()
            subprocess.run(["soffice", f"-env:UserInstallation=file://{self.folder}/profile", "--headless", "--convert-to", "xlsx",
                            "--outdir", self.folder / "out", path], check=True, capture_output=True, timeout=harness.PATIENCE_SECONDS)
            verdicts = self.qm_json_lines("submit", self.folder / "out" / path.name)
            self.assertEqual([v["accepted"] for v in verdicts], [True] * 3, json.dumps(verdicts)[:2000])


if __name__ == "__main__":
    unittest.main()
