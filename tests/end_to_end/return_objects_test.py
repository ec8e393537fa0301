"""Returns as protobuf JSON and in its binary form, made by another program (Python's protobuf), count as the same data by CSV; what is
wrong with them is said at its place. And what changed between two revisions."""

import csv
import importlib
import io
import json
import subprocess
import sys
import tempfile
import unittest

from google.protobuf import json_format

import grpc_client
import harness

WARDS = harness.COLLECTIONS / "wards.proto"
KEYS = {"collection": "wards", "service": "ward", "participant": "RT1", "period": "2024-25-Q1"}
AS_OPTIONS = [word for key, value in KEYS.items() for word in (f"--{key}", value)]

_generated = tempfile.TemporaryDirectory(prefix="quartermaster-stubs-")
subprocess.run(["protoc", "-I", harness.COLLECTIONS, "-I", harness.SOURCE / "proto", f"--python_out={_generated.name}", WARDS.name],
               check=True)
sys.path.insert(0, _generated.name)
wards = importlib.import_module("wards_pb2")


def ward(**values):
    """The message of a service."""
    message = wards.Ward(available=900.25, occupied=800.5, at_start=30, at_end=30, admissions=50, type=wards.WARD_TYPE_ACUTE,
                         note="quiet", restraints=5)
    message.gender.female, message.gender.male = 20, 30
    for name, value in values.items():
        setattr(message, name, value)
    return message


def content(data=None, not_available=(), **keys):
    made = grpc_client.submissions.ReturnContent(**{**KEYS, **keys})
    made.data.Pack(ward() if data is None else data)
    for field, reason in not_available:
        made.not_available.add(field=field, reason=reason)
    return made


def file_of(*contents):
    return grpc_client.submissions.ReturnFile(returns=contents)


class ReturnObjectsTest(harness.EndToEndTest):
    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", WARDS)
        self.import_participants(["RT1", "RT2", "RT3"])

    def stored(self, participant="RT1"):
        shown = self.qm("--output", "csv", "returns", "show", "--collection", "wards", "--service", "ward", "--participant", participant,
                        "--period", "2024-25-Q1").stdout
        return {row["field"]: row["value"] for row in csv.DictReader(io.StringIO(shown))}

    def submit(self, name, text, *options, expect=0):
        return self.qm_json_lines("submit", self.write(name, text), *options, expect=expect)

    def findings(self, name, text, *options, expect=3):
        """Those of `validate`, which are those of `submit`."""
        path = self.write(name, text)
        found = [[f for line in self.qm_json_lines(*command, expect=expect) for f in line["findings"]]
                 for command in (("submit", "--dry-run", path, *options), ("validate", path, "--schema", WARDS, *options))]
        self.assertEqual(found[0], found[1])
        return found[1]

    def test_every_form_stores_the_same_values(self):
        row = {**KEYS, "available": 900.25, "occupied": 800.5, "at_start": 30, "at_end": 30, "admissions": 50, "gender.female": 20,
               "gender.male": 30, "type": "acute", "note": "quiet", "restraints": 5}
        self.qm("submit", self.write_csv("returns.csv", [row]))
        by_csv = self.stored()
        self.assertEqual(len(by_csv), 10)

        json_of = json_format.MessageToDict
        bare = json_of(ward())
        forms = {
            "file.json": json.dumps(json_of(file_of(content()))),
            "one.json": json.dumps(json_of(content()), indent=2),
            "list.json": json.dumps([json_of(content())]),
            "snake.json": json_format.MessageToJson(content(), preserving_proto_field_name=True),
            "defaults.json": json.dumps({**json_of(content()), "notAvailable": [], "unreadable": []}),
            "marked.json": b"\xef\xbb\xbf" + json.dumps(json_of(content())).encode(),
            "flat.json": json.dumps({**KEYS, **bare}),
            "columns.json": json.dumps(row),
            "long.jsonl": "\n".join(json.dumps({**KEYS, "field": field, "value": value}) for field, value in by_csv.items()),
            "file.binpb": file_of(content()).SerializeToString(),
            "one.pb": content().SerializeToString(),
        }
        with_options = {"bare.json": json.dumps(bare), "bare.binpb": ward().SerializeToString(),
                        "keyless.json": json.dumps({"data": bare}),
                        "keyless.binpb": grpc_client.submissions.ReturnContent(data=content().data).SerializeToString()}
        shas = set()
        for options, texts in (((), forms), (AS_OPTIONS, with_options)):
            for name, text in texts.items():
                with self.subTest(name):
                    verdict, = self.submit(name, text, *options)
                    self.assertEqual((verdict["accepted"], verdict["findings"]), (True, []))
                    self.assertEqual(self.stored(), by_csv)
                    shas.add(verdict["receipt"]["contentSha256"])
        self.assertEqual(len(shas), 1, "the same bytes are stored")
        done = subprocess.run([harness.BINARIES / "qm", "submit", "-"], input=forms["file.json"], capture_output=True, text=True,
                              env=self.server.environment(), timeout=harness.PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_many_returns_one_behind_the_other(self):
        contents = [content(participant=code) for code in ("RT1", "RT2", "RT3")]
        lines = "\n".join(json.dumps(json_format.MessageToDict(one)) for one in contents)
        joined = b"".join(file_of(one).SerializeToString() for one in contents)
        snake, camel = (json.dumps(json_format.MessageToDict(one, preserving_proto_field_name=keep))
                        for one, keep in zip(contents, (True, False)))
        spellings = snake + camel + json.dumps(json_format.MessageToDict(contents[2]))
        for name, text in (("lines.jsonl", lines), ("spellings.jsonl", spellings), ("pretty.json", "\n".join(json_format.MessageToJson(one) for one in contents)),
                           ("joined.binpb", joined)):
            with self.subTest(name):
                self.assertEqual([v["participant"] for v in self.submit(name, text)], ["RT1", "RT2", "RT3"])

    def test_what_is_not_available_keeps_its_reason(self):
        data = ward()
        data.ClearField("occupied")
        made = content(data, not_available=[("occupied", "ward system down")])
        made.unreadable.add(field="restraints", given="some")
        self.assertEqual([f["ruleId"] for f in self.findings("u.json", json_format.MessageToJson(made))], ["type"])
        made.ClearField("unreadable")
        show = ("returns", "show", "--collection", "wards", "--service", "ward", "--participant", "RT1", "--period", "2024-25-Q1")
        row = {**json_format.MessageToDict(data), "occupied": "NA (ward system down)"}
        forms = {"a.json": json_format.MessageToJson(made), "a.binpb": made.SerializeToString(), "b.json": json.dumps({**KEYS, "data": row})}
        for name, text in forms.items():
            with self.subTest(name):
                self.submit(name, text)
                self.assertEqual(self.stored()["occupied"], "NA (ward system down)")
        # What is shown as CSV can be sent again.
        shown = self.qm("--output", "csv", *show).stdout
        self.submit("shown.csv", shown, "--collection", "wards")
        self.assertEqual(self.qm("--output", "csv", *show).stdout, shown)
        sent = [self.qm_json(*show, "--revision", revision)["storedReturn"] for revision in (1, 4)]
        self.assertEqual(sent[0]["data"], sent[1]["data"])
        self.assertEqual(sent[0]["notAvailable"], sent[1]["notAvailable"])

    def test_a_text_that_must_be_given_may_look_like_a_reason(self):
        self.submit("a.json", json_format.MessageToJson(content(ward(note="NA (see letter)"))))
        self.assertEqual(self.stored()["note"], "NA (see letter)")
        self.assertEqual([f["ruleId"] for f in self.findings("b.json", json_format.MessageToJson(content(ward(note="NA"))))], ["not-available"])

    def test_mistakes_are_named_at_the_line_of_their_return(self):
        wrong = "\n".join(["[", json.dumps({**KEYS, "data": {"available": "1,200", "occupied": 800.5, "admissions": 12.5}}), ",",
                           json.dumps({**KEYS, "participant": "RT2", "data": {"available": 1, "occupied": 1, "admissions": 0, "ocupied": 7,
                                                                             "gender": {"femal": 1}}}), "]"])
        found = {(f["ruleId"], f.get("row"), f.get("column"), f.get("columnLetter", "")) for f in self.findings("a.json", wrong)}
        self.assertEqual(found, {("type", 2, "available", ""), ("type", 2, "admissions", ""), ("unknown-field", 4, "ocupied", ""),
                                 ("unknown-field", 4, "gender.femal", "")})
        # A misspelt name spoils the returns that have it, and no others.
        lines = [json.dumps({**json_format.MessageToDict(content(participant=code)), **more}) for code, more in (("RT1", {}), ("RT2", {"ocupied": 1}))]
        _, good, bad = self.submit("misspelt.jsonl", "\n".join(lines), expect=3)
        self.assertEqual((good["accepted"], bad["accepted"], bad["heldBack"]), (True, False, True))
        # Each return has its names for itself: an unusual one is that field, a misspelt one is checked as what it may stand for.
        usual = content(participant="RT1")
        other = json.dumps(json_format.MessageToDict(content(participant="RT2"))).replace('"available"', '"Available bed days"').replace(
            '"atStart"', '"At-Start"').replace('"participant"', '"Participant"')
        self.assertIn("Available bed days", other)
        self.assertTrue(all(v["accepted"] for v in self.submit("names.jsonl", json_format.MessageToJson(usual) + other)))
        misspelt = other.replace('"occupied"', '"ocupied"')
        [problem] = self.findings("free.jsonl", json_format.MessageToJson(usual) + misspelt)
        self.assertEqual((problem["ruleId"], problem["row"]), ("unknown-field", json_format.MessageToJson(usual).count("\n") + 1))
        self.assertIn("Did you mean occupied? The value was checked as such.", problem["hint"])
        twice = json.dumps(json_format.MessageToDict(usual)).replace('"available"', '"Available bed days": 1, "available"')
        [problem] = self.findings("twice.json", twice)
        self.assertEqual((problem["ruleId"], problem["row"], problem["hint"].split(".")[0]), ("duplicate-heading", 1, "Keep one of the two names"))
        lacking = self.findings("lacking.json", json.dumps({"period": "2024-25-Q1", "orgCode": "RT1", "beds": 3}), "--collection", "wards")[0]
        self.assertEqual((lacking["ruleId"], lacking["message"]),
                         ("missing-column", 'The file has no name "participant". Its names are: period, orgCode, beds.'))
        self.assertIn("Did you mean the name orgCode? Rename it to participant", lacking["hint"])
        said = self.qm("validate", self.folder / "a.json", "--schema", WARDS, expect=3).stdout
        self.assertIn("Did you mean occupied?", said)
        # Many wrong values are no shifted columns: each has its name beside it.
        values = {name: "x" for name in ("available", "occupied", "atStart", "atEnd", "admissions", "restraints")}
        self.assertEqual({f["ruleId"] for f in self.findings("b.json", json.dumps({**KEYS, "data": values}))}, {"type"})

    def test_what_contradicts_itself_is_refused(self):
        other = content()
        other.data.type_url = "type.googleapis.com/quartermaster.collections.wards.v1.Gender"
        as_json = json_format.MessageToDict(content())
        as_json["data"]["@type"] = other.data.type_url
        cases = [("type.json", json.dumps(as_json), (), "wrong-message"), ("type.binpb", other.SerializeToString(), (), "wrong-message"),
                 ("option.json", json.dumps(json_format.MessageToDict(content())), ("--participant", "RT2"), "option-conflict"),
                 ("option.binpb", content().SerializeToString(), ("--participant", "RT2"), "option-conflict"),
                 ("twice.binpb", file_of(content(), content()).SerializeToString(), (), "duplicate-row"),
                 ("unknown.binpb", file_of(content(ward()), content(participant="RT2", collection="nothing")).SerializeToString(), (),
                  "unknown-collection")]
        for name, text, options, rule in cases:
            with self.subTest(name):
                self.assertEqual({f["ruleId"] for f in self.findings(name, text, *options)}, {rule})

    def test_what_is_no_file_of_returns_is_refused_at_its_place_and_nothing_is_sent(self):
        good = json.dumps(json_format.MessageToDict(content()))
        deep = '{"a":' * 100_000
        cases = [("broken.json", good + "\n" + good[:-5], "not-json", 2), ("quotes.json", "{'participant': 'RT1'}", "not-json", 1),
                 ("tail.json", good + "\n,", "not-json", 2), ("nul.json", '{"participant": "R\\u0000"}', "json-form", 1),
                 ("twice.json", '{"participant": "RT1",\n"participant": "RT2"}', "json-form", 2),
                 ("list.json", '{"participant": "RT1", "beds": [1, 2]}', "json-form", 1), ("number.json", "[\n1]", "json-form", 2),
                 ("deep.json", deep, "json-form", 1), ("lists.json", "[" * 100_000, "json-form", 1),
                 ("nothing.json", "[{}]", "json-form", 1), ("blank.json", '[{"participant": " "}]', "json-form", 1),
                 ("lost.json", '{"notAvailable": [{"field": "occupied"}], "returns": []}', "json-form", 1),
                 ("null.jsonl", good + "\nnull\n", "json-form", 2), ("none.json", '{"returns": []}', "empty-file", None), ("latin.json", b'{"participant": "\xff"}', "not-json", 1),
                 ("large.json", '{"participant": "RT1", "beds": 1e999}', "not-json", 1),
                 ("beside.json", '{"returns": [], "more": 1}', "json-form", 1), ("empty.binpb", b"", "empty-file", None),
                 ("csv.binpb", "participant,period\nRT1,2024-25-Q1\n", "not-protobuf", None),
                 ("noise.binpb", bytes(range(256)) * 10, "not-protobuf", None),
                 ("bare.binpb", ward().SerializeToString(), "not-protobuf", None),
                 ("keyless.binpb", file_of(content(), grpc_client.submissions.ReturnContent()).SerializeToString(), "not-protobuf", 2)]
        for name, text, rule, row in cases:
            with self.subTest(name):
                found = self.findings(name, text)
                self.assertEqual([(f["ruleId"], f.get("row")) for f in found], [(rule, row)])
                self.assertTrue(found[0]["hint"])
        self.assertEqual(self.qm_json("returns", "list", "--collection", "wards")["returns"], [])
        self.assertIn("line 1: number overflow", self.qm("validate", self.folder / "large.json", "--schema", WARDS, expect=3).stdout)
        # All keys by options make any bytes the message of the service, which the rules then refuse.
        self.assertEqual({f["ruleId"] for f in self.findings("noise.pb", bytes(range(256)), *AS_OPTIONS)}, {"unreadable-data"})

    def test_a_return_that_no_server_takes_is_refused_at_the_desk_and_others_are_stored(self):
        returns = [content(), content(ward(note="x" * (5 << 20)), participant="RT2"), content(participant="RT3")]
        for way in ((), ("--unary",)):
            first, large, last = self.submit("large.pb", file_of(*returns).SerializeToString(), *way, expect=3)
            self.assertTrue(first["accepted"] and last["accepted"])
            self.assertEqual([(f["ruleId"], f["field"]) for f in large["findings"]], [("length", "note")])
        # Nor is one that would be right: of a field that is there many times protobuf takes the last.
        again = content(participant="RT2")
        again.data.value += wards.Ward(admissions=50).SerializeToString() * (2 << 20)
        self.assertEqual([f["ruleId"] for f in self.findings("again.pb", again.SerializeToString())], ["return-too-large"])

    def test_a_difference_names_the_values_that_changed(self):
        diff = ("returns", "diff", "--collection", "wards", "--service", "ward", "--participant", "RT1", "--period", "2024-25-Q1")
        self.submit("a.binpb", content().SerializeToString())
        self.assertIn("revision 1 is the first", self.qm(*diff, expect=1).stderr)
        data = ward(available=950.5, note="noisy")
        data.ClearField("occupied")
        later = content(data, not_available=[("occupied", "")]).SerializeToString()
        self.submit("b.binpb", later)
        self.submit("c.binpb", later)
        found = self.qm_json(*diff, "--from", 1)
        self.assertEqual((found["participant"], found["service"], found["period"]), ("RT1", "ward", "2024-25-Q1"))
        self.assertEqual((found["from"], found["to"], found["changes"]), (1, 3, [
            {"field": "available", "label": "Available bed days", "before": "900.25", "after": "950.5", "difference": 50.25},
            {"field": "occupied", "label": "Occupied bed days", "before": "800.5", "after": "NA"},
            {"field": "note", "label": "Note", "before": "quiet", "after": "noisy"}]))
        self.assertEqual(self.qm_json(*diff)["changes"], [])
        self.assertIn("No value differs.", self.qm(*diff).stdout)
        back = self.qm_json(*diff, "--from", 2, "--to", 1)["changes"]
        self.assertEqual((back[0]["field"], back[0]["difference"]), ("available", -50.25))
        rows = list(csv.DictReader(io.StringIO(self.qm("--output", "csv", *diff, "--to", 2).stdout)))
        self.assertEqual([(row["participant"], row["field"], row["difference"]) for row in rows],
                         [("RT1", "available", "50.25"), ("RT1", "occupied", ""), ("RT1", "note", "")])
        self.assertIn("revision 1 (superseded)", self.qm(*diff, "--from", 1).stdout)
        self.assertIn("same revision", self.qm(*diff, "--from", 3, expect=2).stderr)
        self.qm(*diff, "--from", 9, expect=1)
        # A reason is part of what is said, the label of a choice is not.
        relabelled = self.folder / "wards.proto"
        relabelled.write_text(WARDS.read_text().replace(
            "WARD_TYPE_ACUTE = 1;", 'WARD_TYPE_ACUTE = 1 [(schema.v1.choice) = { label: "Acute care" }];'))
        self.qm("collection", "publish", relabelled)
        self.submit("d.binpb", content(data, not_available=[("occupied", "no staff")]).SerializeToString())
        self.assertEqual([(c["field"], c["before"], c["after"]) for c in self.qm_json(*diff)["changes"]],
                         [("occupied", "NA", "NA (no staff)")])


if __name__ == "__main__":
    unittest.main()
