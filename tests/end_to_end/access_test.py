"""Who may do what, through the programs and on the wire: every RPC in every role, and one's own and another's participants."""

import json
import typing
import unittest

import grpc
from google.protobuf import descriptor_pb2

import grpc_client
import harness
from grpc_client import Client, bearer, returns

code = grpc.StatusCode
bundles = grpc_client.module("quartermaster/v1/bundle_service")
exceptions = grpc_client.module("quartermaster/v1/standing_exception_service")
queries = grpc_client.module("quartermaster/v1/query_service")

SUBMITTER, BUILDER, STEWARD, OPERATOR = ROLES = ("submitter", "report-builder", "steward", "operator")
READERS = (SUBMITTER, BUILDER, STEWARD)
# What the protos say. Written down here once more: a row that is changed by mistake is one mistake, not two.
MAY = {
    (SUBMITTER,): "SubmitReturn SubmitReturns ExplainQuery",
    (SUBMITTER, STEWARD): "WithdrawReturn CommentOnQuery",
    READERS: "GetReturn ListReturns ListNationalStatistics GetPosition GetTrend ListQueries ListStandingExceptions DownloadBundle"
             " ListReleases GetRelease GetStatus Extract",
    (BUILDER, STEWARD): "ListEnrolments ListExceptionUses ListWindowGrants PreviewRelease DownloadRelease DiffReleases Watch",
    (STEWARD,): "PublishCollection CheckCollection ImportParticipants ImportPopulations ImportEnrolments AcceptQuery ReturnQuery"
                " GrantStandingException EndStandingException GrantWindow EndWindowGrant PublishRelease",
    (OPERATOR,): "CreateToken ListTokens RevokeToken ReadAudit CreateBackup ListBackups VerifyStore",
    ROLES: "GetReceiptKey GetCollection ListCollections ListParticipants GetWindow",
}
MAY = {rpc: roles for roles, rpcs in MAY.items() for rpc in rpcs.split()}


# The fields of requests that name participants, wherever in a request they are.
PARTICIPANT_FIELDS = {"participant", "participants"}
# All other texts of requests, with what a request gets where one is needed. A field that is in neither list fails a test, so that
# nobody adds another way to name a participant without a word here.
OTHER_TEXTS = {
    "collection": "trial", "service": "beds", "period": "2024-04", "from": "2024-04", "to": "2024-04", "rule_id": "within",
    "indicator": "occupancy", "text": "A word.", "reason": "A reason.",
    **dict.fromkeys(("age_band", "category", "collections", "embargoed_until", "ended_by", "expected_sha256", "field", "file_name", "given",
                     "granted_by", "indicators", "note", "page_token", "principal", "request_id", "subject", "until", "value",
                     "version")),
}
# A record of it makes a participant, and reads or writes nothing of one.
REGISTER = "quartermaster.v1.Participant"


class Rpc(typing.NamedTuple):
    path: str
    name: str
    request_type: type
    response_type: type

    def about(self, participant, own="RT1"):
        """A request that names the participant wherever it can: beside the own one where it names several."""
        request = self.request_type()
        fill(request, participant, own)
        return request

    def fields(self):
        """(message, field) of everything in the request that is ours, at any depth."""
        return list(fields_in(self.request_type.DESCRIPTOR))

    def names_participants(self):
        return names_participants(self.request_type.DESCRIPTOR)


def rpcs():
    """Every RPC that is declared."""
    for path in sorted((harness.SOURCE / "proto/quartermaster/v1").glob("*.proto")):
        module = grpc_client.module(f"quartermaster/v1/{path.stem}")
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        for service in file.service:
            for method in service.method:
                request_type, response_type = (getattr(module, name.split(".")[-1]) for name in (method.input_type, method.output_type))
                yield Rpc(f"/{file.package}.{service.name}/{method.name}", method.name, request_type, response_type)


def is_ours(field):
    return field.message_type is not None and field.message_type.full_name.startswith("quartermaster.")


def fields_in(descriptor):
    for field in descriptor.fields:
        yield descriptor, field
        if is_ours(field):
            yield from fields_in(field.message_type)


def names_participants(descriptor):
    return any(field.name in PARTICIPANT_FIELDS and not is_ours(field) for _, field in fields_in(descriptor))


def fill(message, participant, own):
    for field in message.DESCRIPTOR.fields:
        repeated = field.label == field.LABEL_REPEATED
        if field.name in PARTICIPANT_FIELDS and not is_ours(field):
            if repeated:
                getattr(message, field.name).extend(sorted({own, participant}))
            else:
                setattr(message, field.name, participant)
        elif field.type == field.TYPE_STRING and not repeated and OTHER_TEXTS.get(field.name):
            setattr(message, field.name, OTHER_TEXTS[field.name])
        elif is_ours(field) and names_participants(field.message_type):
            fill(getattr(message, field.name).add() if repeated else getattr(message, field.name), participant, own)


def outcome(client, path, request):
    """How a call ends, or OK as soon as it answers. Any call is made as a stream; on the wire one message is a short one."""
    call = client.channel.stream_stream(path, request_serializer=lambda message: message.SerializeToString(),
                                        response_deserializer=lambda message: message)
    answers = call(iter([request]), metadata=client.metadata, timeout=30)
    try:
        next(answers, None)
    except grpc.RpcError as error:
        return error.code()
    finally:
        answers.cancel()
    return code.OK


class EveryRpcTest(harness.EndToEndTest):
    def client(self, metadata):
        client = Client(self.server, metadata)
        self.addCleanup(client.close)
        return client

    def test_how_requests_name_participants(self):
        for rpc in rpcs():
            for message, field in rpc.fields():
                with self.subTest(rpc=rpc.name, field=f"{message.full_name}.{field.name}"):
                    if message.full_name == REGISTER:
                        self.assertEqual(MAY[rpc.name], (STEWARD,))
                    elif field.name in PARTICIPANT_FIELDS:
                        self.assertTrue(field.type == field.TYPE_STRING or field.message_type.full_name == REGISTER)
                    else:
                        self.assertNotIn("participant", field.name)
                        self.assertTrue(field.type not in (field.TYPE_STRING, field.TYPE_BYTES) or field.name in OTHER_TEXTS)

    def test_each_role_may_call_what_is_its_and_nothing_else(self):
        self.import_participants(["RT1"])
        everybody = self.client(None)
        nobody = self.client(())
        clients = {role: self.client(bearer(self.make_token(role, ["RT1"] if role == SUBMITTER else []))) for role in ROLES}
        declared = list(rpcs())
        self.assertEqual(sorted(rpc.name for rpc in declared), sorted(MAY))
        for rpc in declared:
            path, name, request = rpc.path, rpc.name, rpc.about("RT1")
            with self.subTest(rpc=name):
                for_all = outcome(everybody, path, request)
                if for_all == code.UNIMPLEMENTED:  # Declared, and not built yet: nobody gets anything.
                    self.assertEqual({outcome(client, path, request) for client in clients.values()}, {code.UNIMPLEMENTED})
                    continue
                self.assertNotIn(for_all, (code.PERMISSION_DENIED, code.UNAUTHENTICATED))
                self.assertEqual(outcome(nobody, path, request), code.UNAUTHENTICATED)
                for role, client in clients.items():
                    found = outcome(client, path, request)
                    if role in MAY[name]:
                        self.assertNotIn(found, (code.PERMISSION_DENIED, code.UNAUTHENTICATED, code.UNKNOWN, code.INTERNAL), role)
                    else:
                        self.assertEqual(found, code.PERMISSION_DENIED, role)


    def test_a_steward_of_named_collections_is_none_of_others(self):
        """Nor where a request names none, or what it names by its id or brings along is not of one."""
        about_none = {"ImportParticipants", "ImportPopulations", "PublishCollection", "EndStandingException", "EndWindowGrant",
                      "ListExceptionUses"}
        self.import_participants(["RT1"])
        own, other = (self.client(bearer(self.make_token("steward", collections=[one], principal=f"steward.of.{one}")))
                      for one in ("trial", "other"))
        for rpc in rpcs():
            may = MAY[rpc.name]
            if STEWARD not in may:
                continue
            with self.subTest(rpc=rpc.name):
                request = rpc.about("RT1")
                self.assertEqual(outcome(other, rpc.path, request) == code.PERMISSION_DENIED, may != ROLES)
                self.assertEqual(outcome(own, rpc.path, request) == code.PERMISSION_DENIED, rpc.name in about_none)


class AccessHarness(harness.EndToEndTest):
    """RT1 with its site, RT2, and RT3, which has sent nothing. All returns raise a query and are found by the rule on trial."""

    def setUp(self):
        super().setUp()
        self.qm("collection", "publish", harness.COLLECTIONS / "trial.proto")
        self.import_participants(["RT1", "RT1-NORTH", "RT2", "RT3"])
        self.rt1 = self.make_token("submitter", ["RT1"], principal="jo@rt1")

    def submit(self, *codes, token=None, expect=0, arguments=(), period="2024-04", service="beds"):
        cells = {"available": 10, "occupied": 11} if service == "beds" else {"chairs": 1}
        file = self.write_csv("returns.csv", [{"participant": one, "period": period, **cells} for one in codes])
        given = ("--token-file", token) if token else ()
        return self.qm("--output", "json", *given, "submit", file, "--collection", "trial", "--service", service, *arguments,
                       expect=expect)

    def client(self, token):
        client = Client(self.server, bearer(token))
        self.addCleanup(client.close)
        return client


class StewardsTest(AccessHarness):
    def test_what_is_named_by_its_id_or_brought_along_is_of_a_collection(self):
        tokens = {name: self.make_token("steward", collections=ids, principal=f"steward.of.{name}")
                  for name, ids in (("both", ["trial", "census"]), ("other", ["other"]))}
        schema = harness.COLLECTIONS / "trial.proto"
        granted = self.qm_json("exception", "grant", "--collection", "trial", "--service", "beds", "--participant", "RT1", "--rule",
                               "within", "--until", "2099-12-31", "--reason", "A reason.")["exception"]["id"]
        self.qm("collection", "publish", harness.COLLECTIONS / "census.proto")
        window = self.qm_json("window", "extend", "--collection", "census", "--participant", "RT1", "--period", "2024-25-Q1", "--days", 90,
                              "--reason", "A reason.")["grant"]["id"]
        for words in (("collection", "publish", schema), ("collection", "publish", "--check", schema), ("exception", "uses", "--id", granted),
                      ("exception", "end", "--id", granted), ("window", "end", "--id", window, "--reason", "A reason.")):
            denied = self.qm("--token-file", tokens["other"], *words, expect=6)
            self.assertIn("steward.of.other is a steward of other alone, and this is about another", denied.stderr)
            self.qm("--token-file", tokens["both"], *words)
        [token] = [one for one in self.qm_json("admin", "token", "list")["tokens"] if one["principal"] == "steward.of.both"]
        self.assertEqual(token["collections"], ["census", "trial"])

    def test_who_may_have_collections(self):
        for words in (("--role", "operator", "--collection", "trial"), ("--role", "steward", "--collection", "No id")):
            refused = self.qm("admin", "token", "create", "--principal", "ann", *words, "-o", self.folder / "ann.token", expect=None)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("--collection: ", refused.stderr)

    def test_a_return_in_a_stream_is_answered_without_the_role(self):
        """Whose it is, is not known when the stream begins: its sender sees what submitters see."""
        token = self.make_token(["submitter", "steward"], ["RT1"], principal="both", collections=["other"])
        client = self.client(token)
        with self.assertRaises(grpc.RpcError) as caught:
            client.call("ReturnService", "ListReturns", returns.ListReturnsRequest(collection="trial", participant="RT2"),
                        returns.ListReturnsResponse)
        self.assertEqual(caught.exception.code(), code.PERMISSION_DENIED)
        self.submit("RT1", token=token)


class ParticipantsTest(AccessHarness):
    def setUp(self):
        super().setUp()
        for period in ("2024-04", "2024-05"):
            for service in ("beds", "chairs"):
                self.submit("RT1", "RT1-NORTH", "RT2", period=period, service=service)
        for one in ("RT1", "RT1-NORTH", "RT2"):
            self.qm("exception", "grant", "--collection", "trial", "--service", "beds", "--participant", one, "--rule", "within",
                    "--until", "2099-12-31", "--reason", "A reason.")

    def end(self, client, rpc, participant):
        """How a call about the participant ends: its code, its reason, and its words without the participant's code. In a stream of
        returns each is answered in the stream."""
        call = client.channel.stream_stream(rpc.path, request_serializer=lambda message: message.SerializeToString(),
                                            response_deserializer=rpc.response_type.FromString)
        try:
            answers = list(call(iter([rpc.about(participant)]), metadata=client.metadata, timeout=30))
        except grpc.RpcError as error:
            return error.code(), grpc_client.error_info(error)[0], error.details().replace(participant, "CODE")
        if "error" in rpc.response_type.DESCRIPTOR.fields_by_name:
            for answer in answers:
                if answer.HasField("error"):
                    info = grpc_client.error_details.ErrorInfo()
                    answer.error.details[0].Unpack(info)
                    [status] = [one for one in code if one.value[0] == answer.error.code]
                    return status, info.reason, answer.error.message.replace(participant, "CODE")
        return code.OK, "", ""

    def ends(self, client, participant, role=SUBMITTER):
        """How each call that may name a participant and is for the role ends."""
        return {rpc.name: self.end(client, rpc, participant) for rpc in rpcs() if rpc.names_participants() and role in MAY[rpc.name]}

    def test_every_rpc_in_every_role_about_ones_own_participant_and_others(self):
        """RT1 is the submitter's own; RT2 has returns, RT3 has none, and RT9 is nobody."""
        clients = {SUBMITTER: self.client(self.rt1),  # First: what others withdraw or accept is no more its own to change.
                   **{role: self.client(self.make_token(role)) for role in (BUILDER, STEWARD, OPERATOR)}}
        judged = 0
        for role, client in clients.items():
            for rpc in rpcs():
                if not rpc.names_participants():
                    continue
                with self.subTest(role=role, rpc=rpc.name):
                    others = [self.end(client, rpc, participant) for participant in ("RT2", "RT3", "RT9")]
                    own = self.end(client, rpc, "RT1")
                    judged += 1
                    if role not in MAY[rpc.name]:
                        self.assertEqual({end[:2] for end in (own, *others)}, {(code.PERMISSION_DENIED, "NOT_PERMITTED")})
                        self.assertEqual(len({own, *others}), 1)  # The participant is not even in the words.
                    elif role == SUBMITTER:
                        self.assertEqual(own, (code.OK, "", ""))
                        # In the same words whether there is a return, none, or no such participant.
                        self.assertEqual(set(others), {(code.PERMISSION_DENIED, "NOT_PERMITTED", others[0][2])})
                        self.assertIn('"CODE" is not a participant of jo@rt1', others[0][2])
                    else:
                        self.assertFalse({end[0] for end in (own, *others)}
                                         & {code.PERMISSION_DENIED, code.UNAUTHENTICATED, code.UNKNOWN, code.INTERNAL})
        self.assertEqual(judged, len(ROLES) * sum(rpc.names_participants() for rpc in rpcs()))
        known = {rpc.name for rpc in rpcs() if rpc.names_participants()}
        self.assertLessEqual({"GetReturn", "SubmitReturns", "DownloadBundle", "ExplainQuery", "ImportEnrolments"}, known)

    def test_a_submitter_of_a_site_and_of_its_organisation(self):
        client = self.client(self.rt1)
        denied = self.ends(client, "RT2")
        self.assertEqual(self.ends(client, "RT11"), denied)
        self.assertEqual({method: end for method, end in self.ends(client, "RT1-NORTH").items() if end[0] != code.OK}, {})
        # A token of a site is none of its organisation.
        north = self.client(self.make_token("submitter", ["RT1-NORTH"]))
        only = {method for method, end in self.ends(north, "RT1").items() if end[0] == code.PERMISSION_DENIED}
        self.assertEqual(only, set(denied))

    def test_who_reads_everything_writes_no_more_for_it(self):
        both = self.client(self.make_token(["submitter", "report-builder"], ["RT1"]))
        denied = {method for method, end in self.ends(both, "RT2").items() if end[0] == code.PERMISSION_DENIED}
        self.assertEqual(denied, {"SubmitReturn", "SubmitReturns", "ExplainQuery", "CommentOnQuery", "WithdrawReturn"})
        steward = self.client(self.make_token("steward"))
        denied = {method for method, end in self.ends(steward, "RT2").items() if end[0] == code.PERMISSION_DENIED}
        self.assertEqual(denied, {"SubmitReturn", "SubmitReturns", "ExplainQuery"})

    def pages(self, token, service, method, request, response_type, rows):
        """The participants of all rows, read in pages of one."""
        client = self.client(token)
        request.page_size = 1
        found = []
        while True:
            page = client.call(service, method, request, response_type)
            self.assertLessEqual(len(getattr(page, rows)), 1)
            found += getattr(page, rows)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def test_lists_hold_ones_own(self):
        self.submit("RT1", "RT2", period="2024-05")  # The same content; a second revision.
        builder = self.make_token("report-builder")
        own = ("RT1", "RT1-NORTH")

        def listed(token, **filters):
            rows = self.pages(token, "ReturnService", "ListReturns", returns.ListReturnsRequest(collection="trial", **filters),
                              returns.ListReturnsResponse, "returns")
            return [(one.service, one.participant, one.period, one.revision, one.state) for one in rows]

        for filters in ({}, {"all_revisions": True}, {"service": "chairs"}, {"period": "2024-05", "all_revisions": True}):
            with self.subTest(filters=filters):
                everything = listed(builder, **filters)
                self.assertIn("RT2", {one[1] for one in everything})
                self.assertEqual(listed(self.rt1, **filters), [one for one in everything if one[1] in own])
                self.assertEqual(everything, sorted(everything, key=lambda one: (*one[:3], -one[3])))
        self.assertEqual(len(listed(self.rt1, all_revisions=True)), 9)

        def asked(token):
            rows = self.pages(token, "QueryService", "ListQueries", queries.ListQueriesRequest(collection="trial"),
                              queries.ListQueriesResponse, "queries")
            return [(one.name.participant, one.name.period) for one in rows]

        self.submit("RT2", "RT1", period="2024-06")  # Judged with the exceptions.
        self.assertEqual([one for one in asked(builder) if one[0] in own], asked(self.rt1))
        self.assertLess(len(asked(self.rt1)), len(asked(builder)))
        self.assertIn(("RT1-NORTH", "2024-04"), asked(self.rt1))

        def excepted(token):
            rows = self.pages(token, "StandingExceptionService", "ListStandingExceptions",
                              exceptions.ListStandingExceptionsRequest(collection="trial"),
                              exceptions.ListStandingExceptionsResponse, "exceptions")
            return [one.participant for one in rows]

        self.assertEqual(excepted(builder), ["RT1", "RT1-NORTH", "RT2"])
        self.assertEqual(excepted(self.rt1), ["RT1", "RT1-NORTH"])
        operator = self.client(self.make_token("operator"))
        with self.assertRaises(grpc.RpcError) as caught:
            operator.call("ReturnService", "ListReturns", returns.ListReturnsRequest(collection="trial"), returns.ListReturnsResponse)
        self.assertEqual(caught.exception.code(), code.PERMISSION_DENIED)

    def test_the_program_ends_with_6(self):
        for arguments in ((), ("--unary",), ("--dry-run",)):
            with self.subTest(arguments=arguments):
                mixed = self.submit("RT1", "RT2", token=self.rt1, arguments=arguments, expect=6)
                first, second = [json.loads(line) for line in mixed.stdout.splitlines()]
                self.assertTrue(first["accepted"])
                self.assertIn('"RT2" is not a participant of jo@rt1', second["error"]["message"])
        steward = self.make_token("steward")
        for arguments in ((), ("--unary",)):
            denied = self.submit("RT1", token=steward, arguments=arguments, expect=6)
            self.assertIn("It is for the role submitter", denied.stdout + denied.stderr)
        self.qm("--token-file", self.rt1, "returns", "show", "--collection", "trial", "--service", "beds", "--participant", "RT1",
                "--period", "2024-04")
        shown = self.qm("--token-file", self.rt1, "returns", "show", "--collection", "trial", "--service", "beds",
                        "--participant", "RT2", "--period", "2024-04", expect=6)
        self.assertEqual(shown.stderr, 'qm: "RT2" is not a participant of jo@rt1.\n')
        self.qm("--token-file", self.rt1, "bundle", "--collection", "trial", "--participant", "RT1", "--participant", "RT2",
                "-o", self.folder / "b", expect=6)
        self.assertFalse((self.folder / "b").exists())
        receipt = self.qm_json("returns", "show", "--collection", "trial", "--service", "beds", "--participant", "RT1",
                               "--period", "2024-04")["storedReturn"]["receipt"]
        self.assertEqual(receipt["submitter"], "jo@rt1")


class RulesOnTrialTest(AccessHarness):
    def test_only_stewards_see_what_they_find(self):
        sent = self.submit("RT1", token=self.rt1)
        self.assertNotIn("on-trial", sent.stdout)
        self.assertIn("within", sent.stdout)
        builder = self.make_token("report-builder")
        steward = self.make_token("steward")
        named = ("--collection", "trial", "--service", "beds", "--participant", "RT1")

        def shown(token, *command):
            return self.qm("--token-file", token, "--output", "json", *command).stdout

        show = ("returns", "show", *named, "--period", "2024-04")
        self.assertEqual([one["ruleId"] for one in json.loads(shown(steward, *show))["storedReturn"]["shadowFindings"]], ["on-trial"])
        for token in (self.rt1, builder):
            self.assertIn("within", shown(token, *show))
            self.assertNotIn("on-trial", shown(token, *show))
        for token in (self.rt1, builder, steward):
            for command in (("returns", "list", "--collection", "trial"), ("query", "list", "--collection", "trial")):
                self.assertIn("within", shown(token, *command))
                self.assertNotIn("on-trial", shown(token, *command))
            stream = self.client(token).channel.unary_stream(
                "/quartermaster.v1.BundleService/DownloadBundle",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=bundles.DownloadBundleResponse.FromString,
            )(bundles.DownloadBundleRequest(collection="trial", participants=["RT1"]), metadata=bearer(token), timeout=30)
            held = [one for response in stream for one in response.part.returns]
            self.assertEqual([(len(one.findings), len(one.shadow_findings)) for one in held], [(1, 0)])


if __name__ == "__main__":
    unittest.main()
