"""Every kind of bad file: a clear finding or error at its place, nothing stored, the server serves on."""

import csv
import io
import json
import subprocess
import unittest
import zipfile

import harness

HEADING = "participant,period,fte_days_lost,fte_days_available\n"
GOOD_ROW = "T01,2024-04,1.5,100\n"
MEBIBYTE = 1 << 20


class BadInputTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "sickness.proto")
        self.import_participants(["T01", "T02"])

    def submit(self, text, expect, *arguments):
        path = self.write("returns.csv", text)
        return self.qm("submit", path, "--collection", "sickness", "--service", "absence", *arguments, expect=expect)

    def stored(self):
        return self.qm_json("returns", "list", "--collection", "sickness").get("returns", [])

    def check_refused(self, text, *said):
        done = self.submit(text, None)
        everything = done.stdout + done.stderr
        self.assertIn(done.returncode, (2, 3), everything)
        for words in said:
            self.assertIn(words, everything)
        self.assertEqual(self.stored(), [])
        # The same file is refused offline as well.
        offline = self.qm("validate", self.folder / "returns.csv", "--schema", harness.COLLECTIONS / "sickness.proto",
                          "--service", "absence", expect=None)
        return done, offline

    def test_files_that_are_no_csv(self):
        workbook = self.folder / "book.zip"
        with zipfile.ZipFile(workbook, "w") as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
        for text, *said in (
            (b"", "empty"),
            (b"\n\n", "empty"),
            (HEADING.encode(), "heading"),
            (workbook.read_bytes(), "Excel", "damaged"),
            (b"\x00\x01\x02\x03" * 100, "CSV"),
            (HEADING.encode("utf-16"), "UTF-8"),
            ((HEADING + "T01,2024-04,1,\xa3100\n").encode("cp1252"), "UTF-8", "2"),
            ((HEADING + 'T01,2024-04,"1.5,100\n').encode(), "quot"),
            ((HEADING + "T01,2024-04,1.5\n").encode(), "2"),
            ((HEADING + "T01,2024-04,1.5,100,7\n").encode(), "2"),
            ((HEADING + GOOD_ROW).replace(",", ";").encode(), "semicolon"),
            ((HEADING + GOOD_ROW).replace(",", "\t").encode(), "tab"),
            (("participant,period,fte_days_lost,fte_days_lost\n" + GOOD_ROW).encode(), "fte_days_lost"),
            (("organisation,month,fte_days_lost,fte_days_available\n" + GOOD_ROW).encode(), "participant"),
        ):
            with self.subTest(text=text[:60]):
                self.check_refused(text, *said)

    def test_wrong_cells(self):
        for row, rule, column, *said in (
            ("T01,2024-04,lots,100", "type", "fte_days_lost", "lots"),
            ('T01,2024-04,"1,234",100000', "type", "fte_days_lost", "thousands"),
            ("T01,2024-04,1.123456,100", "decimals", "fte_days_lost", "1.12346"),
            ("T01,2024-04,-1,100", "minimum", "fte_days_lost", "at least 0"),
            ("T01,2024-04,,100", "required", "fte_days_lost", "missing"),
            ("T01,2024-04,NA,100", "not-available", "fte_days_lost"),
            ("T01,2024-04,1e400,100", "t", "fte_days_lost"),
            ("T01,2024-04,#DIV/0!,100", "type", "fte_days_lost", "spreadsheet"),
            ("TO1,2024-04,1,100", "unknown-participant", "participant", "T01"),
            ("1.1E+08,2024-04,1,100", "participant-code", "participant", "spreadsheet"),
            ("T01,2024Q2,1,100", "period", "period", "2024-25-Q1", "2024-25-Q2"),
            ("T01,2024-25-Q1,1,100", "period-kind", "period", "month"),
            ("T01,2019-04,1,100", "period-too-early", "period", "Apr 2024"),
            ("T01,2099-04,1,100", "period-not-begun", "period"),
            ("T01,soon,1,100", "period", "period", "2025-04"),
        ):
            with self.subTest(row=row):
                path = self.write("returns.csv", HEADING + row + "\n")
                verdict = self.qm_json("submit", path, "--collection", "sickness", "--service", "absence", expect=3)
                self.assertFalse(verdict["accepted"])
                self.assertEqual(len(verdict["findings"]), 1, verdict["findings"])
                finding = verdict["findings"][0]
                self.assertIn(rule, finding["ruleId"])
                self.assertEqual((finding["row"], finding["column"], finding["file"]), (2, column, str(path)))
                for words in said:
                    self.assertIn(words, json.dumps(finding))
                self.assertEqual(self.stored(), [])

    def test_unknown_column_is_named_once_with_what_was_meant(self):
        path = self.write("returns.csv", "participant,period,fte_days_lost,fte_days_availabel\n" + GOOD_ROW + "T02,2024-04,x,5\n")
        file, good, bad = self.qm_json_lines("submit", path, "--collection", "sickness", "--service", "absence", expect=3)
        self.assertEqual([f["ruleId"] for f in file["findings"]], ["unknown-column"])
        finding = file["findings"][0]
        self.assertIn("Did you mean fte_days_available?", finding["hint"])
        self.assertIn("2 rows have a value", finding["message"])
        self.assertEqual((finding["row"], finding["column"], finding["columnLetter"]), (1, "fte_days_availabel", "D"))
        # Everything else is judged in the same pass, and nothing is sent.
        self.assertEqual((good["accepted"], good["heldBack"], good["findings"]), (False, True, []))
        self.assertEqual([f["ruleId"] for f in bad["findings"]], ["type"])
        self.assertNotIn("heldBack", bad)
        self.assertEqual(self.stored(), [])
        printed = self.qm("submit", path, "--collection", "sickness", "--service", "absence", expect=3).stdout
        self.assertIn("see the file's errors", printed)
        self.assertIn("row 1, column fte_days_availabel (D)", printed)

    def test_files_beside_one_that_cannot_be_read_are_judged_and_held_back(self):
        good = self.write("good.csv", "participant,period,fte_days_lost,fte_days_available\n" + GOOD_ROW + "T02,2024-04,x,5\n")
        broken = [self.write("a.csv", "participant;period\n"), self.write("b.csv", "")]
        submit = ("submit", good, *broken, "--collection", "sickness", "--service", "absence")
        files, first, second = self.qm_json_lines(*submit, expect=3)
        self.assertEqual([f["ruleId"] for f in files["findings"]], ["separator", "empty-file"])
        self.assertEqual((first["heldBack"], first["findings"]), (True, []))
        self.assertEqual([f["ruleId"] for f in second["findings"]], ["type"])
        printed = self.qm(*submit, expect=3)
        self.assertIn("2 returns: 0 accepted, 1 rejected, 1 held back; 2 problems of the files above", printed.stdout)
        self.assertIn("nothing was sent", printed.stderr)
        # Nor is it lost where a file does not say what it is for.
        unnamed = self.qm("submit", good, *broken, expect=2)
        self.assertIn("The cells are separated by semicolons", unnamed.stdout)
        self.assertIn("Give --collection", unnamed.stderr)
        self.assertEqual(self.stored(), [])

    def test_unknown_field_of_a_long_file_is_named_once(self):
        path = self.write("returns.csv", "participant,period,service,field,value\n" + "".join(
            f"{code},2024-04,absence,{field},5\n" for code in ("T01", "T02")
            for field in ("fte_days_lost", "fte_days_availabel" if code == "T01" else "fte_days_available")))
        file, first, second = self.qm_json_lines("submit", path, "--collection", "sickness", expect=3)
        self.assertEqual([(f["ruleId"], f["row"], f["column"]) for f in file["findings"]], [("unknown-field", 3, "field")])
        self.assertEqual([first["accepted"], second["accepted"]], [False, True])
        self.assertEqual([one["participant"] for one in self.stored()], ["T02"])

    def test_shifted_row_is_named_as_such(self):
        heading = "participant,period,service,fte_days_lost,fte_days_available\n"
        path = self.write("returns.csv", heading + "T01,2024-04,absence,1.5,100\n,T02,2024-04,absence,1.5,100\n")
        good, bad = self.qm_json_lines("submit", path, "--collection", "sickness", expect=3)
        self.assertTrue(good["accepted"])
        # It counts as the return that it was meant for.
        self.assertEqual((bad["participant"], bad["service"], bad["period"], bad["accepted"]), ("T02", "absence", "2024-04", False))
        self.assertEqual([(f["ruleId"], f["row"], f["columnLetter"]) for f in bad["findings"]], [("ragged-row", 3, "A")])
        self.assertIn("From column participant (A) on, the values stand one column too far to the right.",
                      bad["findings"][0]["message"])
        printed = self.qm("submit", path, "--collection", "sickness", expect=3).stdout
        self.assertRegex(printed, r"T02 +absence +Apr 2024 +rejected +- +1 error")
        self.assertIn("2 returns: 1 accepted, 1 rejected", printed)
        # The whole file alike.
        path = self.write("returns.csv", heading + "".join(f"{n},T0{n},2024-04,absence,1.5,100\n" for n in (1, 2, 3)))
        file, *rows = self.qm_json_lines("submit", path, "--collection", "sickness", expect=3)
        self.assertEqual([f["ruleId"] for f in file["findings"]], ["shifted-column"])
        self.assertEqual([(row["participant"], row["accepted"]) for row in rows], [("T01", False), ("T02", False), ("T03", False)])

    def test_file_of_another_service_is_named_once(self):
        heading = "participant,period,available_bed_days,occupied_bed_days,available_beds,patients_at_start,followed_up_within_72_hours\n"
        path = self.write("inpatient.csv", heading + "T01,2024-04,10,9,1,1,1\nT02,2024-04,10,9,lots,1,1\n")
        submit = ("submit", path, "--collection", "mhlda", "--service", "adult-community")
        file, first, second = self.qm_json_lines(*submit, expect=3)
        self.assertEqual([f["ruleId"] for f in file["findings"]], ["wrong-service"])
        self.assertEqual((file["findings"][0]["expected"], first["accepted"], second["accepted"]), ("adult-inpatient", False, False))
        self.assertEqual((first.get("findings", []), second.get("findings", [])), ([], []))
        self.assertIn("Give --service adult-inpatient", self.qm(*submit, expect=3).stdout)

    def test_published_sheet_is_described(self):
        rows = [",Title:,Sickness absence by trust", ",Published:,May 2024", "", ",,,,Days,", ",Year,Month,Code,Lost,Available",
                ",2024-25,April,,300,3000", "", *(f",2024-25,April,T0{n},100,{'-' if n == 2 else 1000}" for n in (1, 2, 3)), ",,", ""]
        path = self.write("sheet.csv", "\r\n".join(rows))
        for command in (("submit", path, "--collection", "sickness"),
                        ("validate", path, "--schema", harness.COLLECTIONS / "sickness.proto")):
            done = self.qm(*command, expect=3)
            self.assertLess(len(done.stdout.splitlines()), 24, done.stdout)
            for said in ("Rows 1 and 2 are titles.", '"Days" stands over E to F (Lost and Available)', "Row 6 has no code",
                         "Rows 8 to 10 are the data", 'holds "-" for no value', "Code (D) looks like the participant",
                         "Year (B) and Month (C) together look like the period", "The period is written 2024-04",
                         "rule: published-sheet, class STRUCTURE"):
                self.assertIn(said, " ".join(done.stdout.split()))
        self.assertEqual(self.stored(), [])

    def test_many_returns_with_the_same_mistake_give_one_group(self):
        path = self.write("many.csv", HEADING + "".join(f"R{n:04},2024-04,x,100\n" for n in range(10_000)))
        validate = ("validate", path, "--schema", harness.COLLECTIONS / "sickness.proto", "--service", "absence")
        done = self.qm(*validate, expect=3)
        self.assertLess(len(done.stdout.splitlines()), 80)
        self.assertIn("(10000 times)", done.stdout)
        self.assertIn("and 9995 more; --output csv lists them all", done.stdout)
        self.assertIn("and 9950 more not accepted", done.stdout)
        self.assertTrue(done.stdout.endswith("\n10000 returns: 0 valid, 10000 rejected\n"))
        rows = list(csv.DictReader(io.StringIO(self.qm("--output", "csv", *validate, expect=3).stdout)))
        self.assertEqual(len(rows), 10_000)
        self.assertEqual((rows[9_999]["participant"], rows[9_999]["row"], rows[9_999]["column_letter"]), ("R9999", "10001", "C"))

    def test_standard_input(self):
        done = subprocess.run(
            [harness.BINARIES / "qm", "--output", "json", "submit", "-", "--collection", "sickness", "--service", "absence"],
            input=HEADING + "T01,2024-04,x,100\n", capture_output=True, text=True, env=self.server.environment(),
            timeout=harness.PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        finding = json.loads(done.stdout)["findings"][0]
        self.assertEqual((finding["file"], finding["row"], finding["columnLetter"]), ("standard input", 2, "C"))
        self.qm("validate", "-", "-", expect=2)

    def test_explanations(self):
        path = self.write("returns.csv", HEADING + GOOD_ROW)
        submit = ("submit", path, "--collection", "sickness", "--service", "absence")
        # What is written wrong is said before anything is read.
        for wrong in ("change", "change=", "=text", "a rule=text"):
            self.assertIn("--explain", self.qm("submit", "missing.csv", "--explain", wrong, expect=2).stderr)
        done = self.qm(*submit, "--explain", "change=It is so.", "--explain", "change:fte_days_lost=It is.", expect=0)
        self.assertEqual(done.stderr,
                         "qm: the explanation of rule change was not needed: no return raised it.\n"
                         "qm: the explanation of rule change for fte_days_lost was not needed: no return raised it.\n")

    def test_duplicate_rows_are_both_named_and_neither_is_stored(self):
        path = self.write("returns.csv", HEADING + GOOD_ROW + "T02,2024-04,1,100\n" + "T01,Apr 2024,9,100\n")
        lines = self.qm_json_lines("submit", path, "--collection", "sickness", "--service", "absence", expect=3)
        duplicates = [f["row"] for line in lines for f in line["findings"] if f["ruleId"] == "duplicate-row"]
        self.assertEqual(sorted(duplicates), [2, 4])
        self.assertEqual([one["participant"] for one in self.stored()], ["T02"])

    def test_every_finding_comes_at_once(self):
        path = self.write("returns.csv", HEADING + "T01,2024-04,x,\nT09,2024Q1,-1,0.123456789\n" + "T02,2024-04,1,2\n")
        lines = self.qm_json_lines("submit", path, "--collection", "sickness", "--service", "absence", expect=3)
        self.assertEqual([[f["ruleId"] for f in line["findings"]] for line in lines],
                         [["type", "required"], ["unknown-participant", "period", "minimum", "decimals"], []])
        self.assertEqual([line["accepted"] for line in lines], [False, False, True])

    def test_honest_variants_are_accepted(self):
        for name, text in (
            ("BOM", b"\xef\xbb\xbf" + (HEADING + GOOD_ROW).encode()),
            ("CRLF", (HEADING + GOOD_ROW).replace("\n", "\r\n").encode()),
            ("quotes", b'"participant","period","fte_days_lost","fte_days_available"\n"T01","Apr 2024","1.5","100"\n'),
            ("no last newline", (HEADING + GOOD_ROW).rstrip().encode()),
            ("blank lines at the end", (HEADING + GOOD_ROW + "\n\n,,,\n").encode()),
            ("spaces", b"participant, period ,fte_days_lost,fte_days_available\n T01 ,2024-04, 1.5 ,100\n"),
            ("long", b"participant,period,service,field,value\nT01,2024-04,absence,fte_days_lost,1.5\n"
                     b"T01,2024-04,absence,fte_days_available,100\n"),
        ):
            with self.subTest(name=name):
                path = self.write("returns.csv", text)
                verdict = self.qm_json("submit", path, "--collection", "sickness",
                                       *(() if name == "long" else ("--service", "absence")))
                self.assertTrue(verdict["accepted"], verdict)
                self.assertEqual(verdict["position"][0]["value"], 1.5)

    def test_unary_and_streamed_give_the_same(self):
        path = self.write("returns.csv", HEADING + GOOD_ROW + "T09,2024-05,x,1\n")
        verdicts = [self.qm_json_lines("submit", path, "--collection", "sickness", "--service", "absence", *extra, expect=3)
                    for extra in (("--dry-run",), ("--dry-run", "--unary"))]
        self.assertEqual(verdicts[0], verdicts[1])
        self.assertEqual(self.stored(), [])

    def test_a_file_of_200_megabytes(self):
        path = self.folder / "huge.csv"
        with path.open("w", encoding="ascii") as file:
            file.write(HEADING)
            block = GOOD_ROW * (MEBIBYTE // len(GOOD_ROW))
            for _ in range(200):
                file.write(block)
        done = self.qm("submit", path, "--collection", "sickness", "--service", "absence", expect=None)
        self.assertIn(done.returncode, (2, 3))
        self.assertIn("at most 64", done.stdout + done.stderr)
        self.assertEqual(self.stored(), [])
        self.submit(HEADING + GOOD_ROW, 0)

    def test_exit_codes(self):
        good = self.write("good.csv", HEADING + GOOD_ROW)
        submit = ("submit", good, "--collection", "sickness", "--service", "absence")
        self.qm(*submit, expect=0)
        self.qm("submit", self.folder / "missing.csv", expect=2)
        self.qm("submit", good, "--no-such-flag", expect=2)
        self.qm("submit", good, "--collection", "nothing", "--service", "absence", expect=2)
        self.qm("returns", "withdraw", "--collection", "sickness", "--service", "absence", "--participant", "T02",
                "--period", "2024-04", "--reason", "none", expect=1)
        withdraw = ("returns", "withdraw", "--collection", "sickness", "--service", "absence", "--participant", "T01",
                    "--period", "2024-04", "--reason", "mistaken")
        self.qm(*withdraw, expect=0)
        self.qm(*withdraw, expect=5)
        token = self.write("other.token", "0" * 64 + "\n")
        token.chmod(0o600)
        self.qm("--token-file", token, *submit, expect=6)
        self.qm("--server", "127.0.0.1:1", "--timeout-seconds", "2", *submit, expect=4)

    def test_a_file_of_another_service_is_one_mistake(self):
        shown = self.qm("collection", "show", "mhlda", "--service", "adult-inpatient", "--output", "csv").stdout
        fields = [row["field"] for row in csv.DictReader(shown.splitlines())]
        path = self.write_csv("inpatient.csv", [{"participant": "RT1", "period": "2025-26-Q1", **{f: 1 for f in fields}}])
        for command in (("submit",), ("validate",)):
            lines = self.qm_json_lines(*command, path, "--collection", "mhlda", "--service", "adult-community", expect=3)
            [finding] = [finding for line in lines for finding in line["findings"]]
            self.assertEqual((finding["ruleId"], finding["expected"]), ("wrong-service", "adult-inpatient"))

    def test_age_bands_that_no_indicator_can_ask_for(self):
        bands = ["17-0", "0-17", "00-17", "65+", "065+", "18-", "1000+", "18–64"]
        path = self.write_csv("populations.csv", [{"participant": "T01", "age_band": band, "registered": 1} for band in bands])
        said = self.qm("--output", "csv", "population", "import", path, expect=3).stdout
        self.assertEqual([row["given"] for row in csv.DictReader(said.splitlines())], [b for b in bands if b not in ("0-17", "65+")])


if __name__ == "__main__":
    unittest.main()
