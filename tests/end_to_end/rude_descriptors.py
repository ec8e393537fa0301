"""Descriptor sets that go on and on: types that hold themselves, files that import each other, and types nested as deep as bytes allow."""

import subprocess

from google.protobuf import descriptor_pb2

import harness

HEADING = """syntax = "proto3";
package quartermaster.collections.rude.v1;
import "quartermaster/schema/v1/annotations.proto";
option (schema.v1.collection) = { id: "rude" title: "Rude" cadence: [CADENCE_MONTH] first_period: "2024-04" };
"""
SERVICE = 'option (schema.v1.service) = { id: "beds" title: "Beds" };'


def compile_text(folder, text):
    """A descriptor set, by protoc, of rude.proto in the folder."""
    (folder / "rude.proto").write_text(HEADING + text)
    out = folder / "rude.pb"
    subprocess.run(["protoc", "-I", folder, "-I", harness.SOURCE / "proto", "--include_imports", f"--descriptor_set_out={out}",
                    "rude.proto"], check=True)
    return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


def messages_that_hold_themselves(folder):
    """A message in itself, and two in each other; and one with a hundred of its own, a hundred to the power of the depth."""
    wide = "".join(f" Wide f{number} = {number + 1};" for number in range(100))
    return [
        compile_text(folder, f"message Beds {{ {SERVICE} Beds again = 1; Other other = 2; }} "
                             "message Other { Beds beds = 1; Other other = 2; }"),
        compile_text(folder, f"message Beds {{ {SERVICE} Wide wide = 1; }} message Wide {{ {wide} }}"),
    ]


def files_that_import_each_other(missing=0):
    """f0.proto and 149 more in a circle, each with so many imports that are not there."""
    circle = descriptor_pb2.FileDescriptorSet()
    for number in range(150):
        circle.file.add(name=f"f{number}.proto", dependency=[f"f{(number + 1) % 150}.proto"] + [f"none{i}" for i in range(missing)])
    return circle


def _varint(number):
    out = b""
    while number >= 128:
        out += bytes((number % 128 + 128,))
        number //= 128
    return out + bytes((number,))


def nested_request():
    """The bytes of a PublishCollectionRequest with a message type in a message type, 20,000 times, which no library would write."""
    inner = b""
    for _ in range(20_000):
        inner = b"\x1a" + _varint(len(inner)) + inner  # DescriptorProto.nested_type
    file = b"\x22" + _varint(len(inner)) + inner  # FileDescriptorProto.message_type
    file_set = b"\x0a" + _varint(len(file)) + file
    return b"\x0a" + _varint(len(file_set)) + file_set + b"\x12\x01f"
