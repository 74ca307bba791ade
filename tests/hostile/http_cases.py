"""HTTP itself: heads, lengths, ends."""

import os
import socket
import ssl

from cases import Case
from client import Answer, Client

GET = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REFUSED = {400, 413, 414, 431, 501, 505}


def raw(data: bytes, finish: bool = False):
    return lambda client: client.raw(data.replace(b"HOST", client.host.encode()), finish=finish)


def half_a_body(client: Client) -> Answer:
    return client.raw(client.build("sts", headers=FORM, body=GET.encode())[:-10], finish=True)


def two_lengths(client: Client) -> Answer:
    good = client.build("sts", headers=FORM, body=GET.encode())
    return client.raw(good.replace(b"Content-Length:", b"Content-Length: 3\r\nContent-Length:"))


def length_and_chunks(client: Client) -> Answer:
    """Whoever believes the one must not leave the other's bytes for the next request."""
    good = client.build("sts", headers=FORM, body=GET.encode())
    return client.raw(good.replace(b"Content-Length:", b"Transfer-Encoding: chunked\r\nContent-Length:"), finish=True)


def tls_rubbish(client: Client) -> Answer:
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
        try:
            connection.sendall(b"\x16\x03\x01\x40\x00" + os.urandom(5000))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        except OSError:
            pass
    return Answer()


def tls_old(client: Client) -> Answer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
        try:
            with context.wrap_socket(connection, server_hostname="a" * 200) as secure:
                secure.sendall(b"\x00" * 10_000)
                secure.recv(100)
        except (OSError, ValueError):
            pass
    return Answer()


def http2(frames: bytes):
    def send(client: Client) -> Answer:
        with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
            try:
                connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frames)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                # It ended the connection before it had everything.
                pass
        return Answer()

    return send


HEAD = b"GET / HTTP/1.1\r\nHost: HOST\r\n"
LONG = "a" * 70_000


def cases() -> list[Case]:
    return [
        Case("http: rubbish", raw(b"\x00\x01\x02\x03\x04 rubbish\r\n\r\n", True), REFUSED, set()),
        Case("http: header of 70 KB", raw(HEAD + b"X-A: " + LONG.encode() + b"\r\n\r\n"), {400, 431}, set()),
        Case("http: 10,000 headers", raw(HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(10_000)) + b"\r\n"), {400, 431}, set()),
        Case("http: 300 headers", raw(HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(300)) + b"\r\n"), {400, 431}, set()),
        Case("http: header that never ends", raw(HEAD + b"X-A: " + b"a" * 5_000_000), {400, 431}, set()),
        Case("http: path of 70 KB", raw(b"GET /" + LONG.encode() + b" HTTP/1.1\r\nHost: HOST\r\n\r\n"), {400, 414, 431}, set()),
        Case("http: header with a NUL", raw(HEAD + b"X-A: a\x00b\r\n\r\n"), {400}, set()),
        Case("http: header without a name", raw(HEAD + b": a\r\n\r\n"), {400}, set()),
        Case("http: folded header", raw(HEAD + b"X-A: a\r\n b\r\n\r\n"), {400, 403, 404, 405, 501}, set()),
        Case("http: no host", raw(b"GET / HTTP/1.1\r\n\r\n"), {400, 403, 404}, set()),
        Case("http: method of rubbish", raw(b"G(T / HTTP/1.1\r\nHost: HOST\r\n\r\n"), {400}, set()),
        Case("http: version 3.7", raw(b"GET / HTTP/3.7\r\nHost: HOST\r\n\r\n"), {400, 505}, set()),
        Case("http: length that is none", raw(b"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: ten\r\n\r\n"), {400}, set()),
        Case("http: length beyond all integers", raw(b"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n"), {400}, set()),
        Case("http: two lengths", two_lengths, {400}, set()),
        Case("http: length and chunks", length_and_chunks, {0, 400, 403}, set()),
        Case("http: chunk size that is none", raw(b"POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", True), {0, 400, 403}, set()),
        Case("http: half a body", half_a_body, {0, 400, 408}, set()),
        Case("http: half a head", raw(HEAD[:20], True), {0, 400, 408}, set()),
        Case("http: form larger than may be", lambda client: client.raw(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20000000\r\n\r\n" + b"a=b&" * 5_000_000), {0, 400, 403, 413}, set()),
        Case("http: rubbish for TLS", tls_rubbish, {0}, set()),
        Case("http: rubbish in TLS", tls_old, {0}, set()),
        Case("http/2: frames of rubbish", http2(os.urandom(20_000)), {0}, set()),
        Case("http/2: 2,000 settings", http2(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64" * 2_000), {0}, set()),
        Case("http/2: 5,000 pings", http2(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x08\x06\x00\x00\x00\x00\x00AAAAAAAA" * 5_000), {0}, set()),
        Case("http/2: headers without an end", http2(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + b"\x00\x00\x04\x01\x00\x00\x00\x00\x01\x82\x86\x84\x41" + b"\x00\x40\x00\x09\x00\x00\x00\x00\x01" + b"\x00" * 16384), {0}, set()),
    ]
