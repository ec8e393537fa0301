"""A client of the API as another language's developer would write one: stubs made by protoc, Debian's gRPC for Python."""

import importlib
import pathlib
import struct
import subprocess
import sys
import tempfile

import grpc

import harness

_generated = tempfile.TemporaryDirectory(prefix="quartermaster-stubs-")
_protos = [str(path.relative_to(harness.SOURCE / "proto")) for folder in ("quartermaster/v1", "quartermaster/schema/v1", "google/rpc")
           for path in sorted((harness.SOURCE / "proto" / folder).glob("*.proto"))]
subprocess.run(["protoc", "-I", harness.SOURCE / "proto", f"--python_out={_generated.name}", *_protos], check=True)
# Debian's google package is a namespace of its own; ours adds google.rpc beside google.protobuf.
sys.path.insert(0, _generated.name)
import google  # noqa: E402

google.__path__.append(str(pathlib.Path(_generated.name) / "google"))


def module(name):
    """The generated module of a proto, by its path without ending."""
    return importlib.import_module(name.replace("/", ".") + "_pb2")


submissions = module("quartermaster/v1/submission_service")
returns = module("quartermaster/v1/return_service")
national = module("quartermaster/v1/national_service")
participants = module("quartermaster/v1/participant_service")
rpc_status = module("google/rpc/status")
error_details = module("google/rpc/error_details")


def bearer(token_file):
    """The metadata of a call with the token in a file."""
    return (("authorization", f"Bearer {pathlib.Path(token_file).read_text().strip()}"),)


class Client:
    """A connection of its own, with the operator's token unless another metadata is given; with credentials over TLS. A
    lazy one takes no more than 64 KiB of an answer from the line before it is read; gRPC takes megabytes otherwise."""

    def __init__(self, server, metadata=None, credentials=None, lazy=False):
        # Channels of one process to one server share a connection unless they are told not to.
        options = (("grpc.use_local_subchannel_pool", 1),) + ((("grpc.http2.bdp_probe", 0),) if lazy else ())
        self.channel = (grpc.secure_channel(server.address, credentials, options) if credentials
                        else grpc.insecure_channel(server.address, options))
        self.metadata = bearer(server.data_dir / "operator.token") if metadata is None else metadata

    def close(self):
        self.channel.close()

    def call(self, service, method, request, response_type, timeout_seconds=30):
        invoke = self.channel.unary_unary(f"/quartermaster.v1.{service}/{method}",
                                          request_serializer=lambda message: message.SerializeToString(),
                                          response_deserializer=response_type.FromString)
        return invoke(request, metadata=self.metadata, timeout=timeout_seconds)

    def submit(self, request):
        return self.call("SubmissionService", "SubmitReturn", request, submissions.SubmitReturnResponse).verdict

    def submit_stream(self, requests, timeout_seconds=60):
        invoke = self.channel.stream_stream("/quartermaster.v1.SubmissionService/SubmitReturns",
                                            request_serializer=lambda message: message.SerializeToString(),
                                            response_deserializer=submissions.SubmitReturnsResponse.FromString)
        return invoke(iter(requests), metadata=self.metadata, timeout=timeout_seconds)


def health(client, service=""):
    """What gRPC's health service says: "SERVING" or "NOT_SERVING". Its messages have one field each, written by hand."""
    invoke = client.channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=lambda message: message,
                                        response_deserializer=lambda message: message)
    response = invoke(b"\x0a" + bytes([len(service)]) + service.encode() if service else b"", timeout=30)
    return {b"\x08\x01": "SERVING", b"\x08\x02": "NOT_SERVING"}[response]


def sickness_return(participant="T00", lost=1.5, available=100.0, period="2024-04", **others):
    """A request with a return of the sickness collection. It has no stubs here, so its two doubles are written by hand."""
    request = submissions.SubmitReturnRequest(**others)
    request.content.collection = "sickness"
    request.content.service = "absence"
    request.content.participant = participant
    request.content.period = period
    request.content.data.type_url = "type.googleapis.com/quartermaster.collections.sickness.v1.Absence"
    request.content.data.value = b"\x09" + struct.pack("<d", lost) + b"\x11" + struct.pack("<d", available)
    return request


def error_info(error):
    """The reason of an error, and its google.rpc.Status."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            status = rpc_status.Status.FromString(value)
            info = error_details.ErrorInfo()
            status.details[0].Unpack(info)
            return info.reason, status
    return None, None
