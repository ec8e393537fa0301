"""HTTP/2 (RFC 9113) frame by frame, for clients that no library would let one write: rude ones, and ones that only send."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
LARGEST_WINDOW = 2**31 - 1
FIRST_WINDOW = 65_535


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def _integer(value, bits, first=0):
    """An integer of RFC 7541, section 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes((first | value,))
    out = [first | most]
    value -= most
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes((*out, value))


def _literal(name, value):
    """A header that is written out, and remembered by nobody."""
    return b"\x10" + _integer(len(name), 7) + name + _integer(len(value), 7) + value


def call_headers(path, authorization=None, more=()):
    """The block of the headers of a gRPC call."""
    headers = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path.encode()), (b":authority", b"localhost"),
               (b"te", b"trailers"), (b"content-type", b"application/grpc"), *more]
    if authorization:
        headers.append((b"authorization", authorization.encode()))
    return b"".join(_literal(name, value) for name, value in headers)


def message(body):
    """A message of gRPC, not compressed."""
    return b"\x00" + len(body).to_bytes(4, "big") + body


def settings(**values):
    """Of the client: no table of headers and, of gRPC, bytes as they are, so that what comes back is written out, and windows that
    never close."""
    numbers = {"header_table_size": 0, "initial_window_size": LARGEST_WINDOW, "allow_true_binary_metadata": 1, **values}
    identifiers = {"header_table_size": 1, "initial_window_size": 4, "allow_true_binary_metadata": 0xFE03}
    payload = b"".join(struct.pack("!HI", identifiers[name], value) for name, value in numbers.items())
    return frame(SETTINGS, 0, 0, payload)


HELLO = PREFACE + settings() + frame(WINDOW_UPDATE, 0, 0, (LARGEST_WINDOW - FIRST_WINDOW).to_bytes(4, "big"))


def connect(address, source=None, timeout=10):
    """A connected socket, from the source address where one is given: the loopback network has many."""
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=timeout, source_address=(source, 0) if source else None)


class FrameReader:
    """Cuts what has come into frames."""

    def __init__(self):
        self.bytes = bytearray()

    def feed(self, received):
        """Gives (kind, flags, stream, payload) of each frame that is whole now."""
        self.bytes += received
        frames = []
        at = 0
        while len(self.bytes) - at >= 9:
            size = int.from_bytes(self.bytes[at:at + 3], "big")
            if len(self.bytes) - at < 9 + size:
                break
            stream = int.from_bytes(self.bytes[at + 5:at + 9], "big") & LARGEST_WINDOW
            frames.append((self.bytes[at + 3], self.bytes[at + 4], stream, bytes(self.bytes[at + 9:at + 9 + size])))
            at += 9 + size
        del self.bytes[:at]
        return frames


class Caller:
    """A connection that makes many small calls at a time, faster than a library."""

    def __init__(self, address, path, authorization):
        self.socket = connect(address, timeout=60)
        self.socket.sendall(HELLO)
        self.headers = call_headers(path, authorization)
        self.reader = FrameReader()
        self.next_stream = 1

    def call(self, count, body=b""):
        """Makes so many calls at once, at most a hundred, and gives the blocks of headers that they ended with."""
        streams = range(self.next_stream, self.next_stream + 2 * count, 2)
        self.next_stream = streams.stop
        self.socket.sendall(b"".join(frame(HEADERS, END_HEADERS, stream, self.headers) + frame(DATA, END_STREAM, stream, message(body))
                                     for stream in streams))
        ended = []
        while len(ended) < count:
            received = self.socket.recv(1 << 18)
            if not received:
                raise ConnectionResetError("the server has closed the connection")
            ended += [payload for kind, flags, _, payload in self.reader.feed(received) if kind == HEADERS and flags & END_STREAM]
        return ended

    def close(self):
        self.socket.close()


def header_in(header_block, name):
    """The value of a header in a block that was written out, or None."""
    at = header_block.find(bytes((len(name),)) + name)
    if at < 0:
        return None
    at += 1 + len(name)
    size = header_block[at] & 0x7F  # Without the bit of Huffman's code, which digits may have.
    at += 1
    if size == 0x7F:
        shift = 0
        while True:
            size += (header_block[at] & 0x7F) << shift
            shift += 7
            at += 1
            if header_block[at - 1] < 0x80:
                break
    return header_block[at:at + size]


def status_in(header_block):
    """The grpc-status of a block that was written out, or None."""
    value = header_in(header_block, b"grpc-status") or b""
    return int(value) if value.isdigit() else None


def details_in(header_block):
    """The google.rpc.Status, serialized, that an error of the server itself has; None where gRPC made the error."""
    value = header_in(header_block, b"grpc-status-details-bin")
    return value[1:] if value and value[0] == 0 else value  # Bytes as they are begin with 0.
