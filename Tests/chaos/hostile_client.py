#!/usr/bin/env python3
"""A program, or a stranger, that means harm: sends a node what no honest client would.

usage: hostile_client.py [OPTIONS] KIND ...    (--help lists both)

Each kind is done once; with --until-told it goes on until the input ends. Prints `begun KIND` when
the abuse is in full swing, and `KIND COUNT` at its end: how often the node met it as it should.
Ends with status 1 at the first answer that it should not give.
"""

import argparse
import json
import socket
import sqlite3
import ssl
import sys
import threading
import time

HOST = "127.0.0.1"
ANSWER_SECONDS_MAX = 180
BODIES = 20
BODY_BYTES = 20 << 20
# A node that does not read is waited for so long; then what it does not take is kept by the kernel,
# not by it.
STALL_SECONDS = 0.3
SUBSCRIBERS = 20
VALUES = 4 << 20
SILENT_CONNECTIONS = 300
TLS_CONNECTIONS = 60
BRACKETS = (33, 513, 20_000)
BOMB_MILLISECONDS = 500
LONG_MILLISECONDS = 2_000
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
BOMBS = (
    "SELECT instr(substr(h, 1, 7900000), substr(h, 1, 3900000) || '1') FROM (SELECT hex(zeroblob(3950000)) AS h)",
    "SELECT instr(hex(zeroblob(15000000)), hex(zeroblob(7500000)) || '1')",
    "SELECT h LIKE '%' || substr(h, 1, 40000) || '1' FROM (SELECT hex(zeroblob(30000000)) AS h)",
    ENDLESS,
)
REFUSED = ("malformed-json", "invalid-request")


class Wrong(Exception):
    """The node gave an answer that it should not give."""


class Connection:
    """One connection to the local socket, and what is sent over it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(ANSWER_SECONDS_MAX)
        self.socket.connect(path)

    def send(self, data):
        """Whole; the node may end the connection before it has read everything, which is an answer
        too.
        """
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def push(self, data):
        """Sends until the node takes no more. Returns how many bytes it, or the kernel, took."""
        self.socket.settimeout(STALL_SECONDS)
        sent = 0
        try:
            while sent < len(data):
                sent += self.socket.send(memoryview(data)[sent : sent + (1 << 20)])
        except OSError:
            pass
        return sent

    def answer(self):
        """The status and the code of the answer; the body's text if it has no code."""
        data = b""
        try:
            while b"\r\n\r\n" not in data or not self.is_whole(data):
                piece = self.socket.recv(1 << 16)
                if not piece:
                    break
                data += piece
        except ConnectionResetError:
            pass
        finally:
            self.socket.close()
        head, _, body = data.partition(b"\r\n\r\n")
        if not head:
            return 0, "no answer"
        try:
            code = json.loads(body)["type"].rsplit(":", 1)[1]
        except (ValueError, KeyError, TypeError, IndexError):
            code = body.decode("utf-8", "replace")
        return int(head.split()[1]), code

    @staticmethod
    def is_whole(data):
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return len(body) >= int(value)
        return body.endswith(b"0\r\n\r\n")


class HostileClient:
    def __init__(self, options):
        self.options = options
        self.kept = []
        self.serial = 0

    # Requests -------------------------------------------------------------------------------------

    def ask(self, head, body=b""):
        connection = Connection(self.options.socket)
        connection.send(head.encode() + b"\r\n" + body)
        return connection.answer()

    def post(self, path, body, headers="Host: localhost\r\n"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask(
            f"POST {path} HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n", body
        )

    @staticmethod
    def expect(what, answer, codes):
        if answer[1] not in codes and answer[0] not in codes:
            raise Wrong(f"{what} was answered {answer[0]} {answer[1][:200]}")
        return 1

    # What is done ---------------------------------------------------------------------------------

    def deep_json(self):
        count = 0
        for depth in BRACKETS:
            answer = self.ask(f"GET /v1/blame?table=organisation&key={'%5B' * depth} HTTP/1.1\r\nHost: localhost\r\n")
            count += self.expect(f"a key of {depth} brackets", answer, (*REFUSED, 414, 431, 400))
        for path in ("/v1/transactions", "/v1/queries", "/v1/fences"):
            for start in ("[", '{"a":', '{"statements":[{"parameters":['):
                count += self.expect(f"brackets to {path}", self.post(path, (start + "[" * 100_000).encode()), REFUSED)
        return count

    def ambiguous_requests(self):
        count = 0
        for body in (b'{"sql":"SELECT 1","sql":"SELECT 2"}', b'{"sql":"SELECT 1","s\\u0071l":"SELECT 2"}'):
            count += self.expect("a member named twice", self.post("/v1/queries", body), REFUSED)
        for headers in ("Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhOsT: evil.example\r\n", ""):
            count += self.expect("two hosts or none", self.post("/v1/queries", {"sql": "SELECT 1"}, headers), REFUSED)
        return count

    def zero_bytes(self):
        cut = "DELETE FROM organisation WHERE id LIKE '%'\0 AND id = 'nobody'"
        count = self.expect(
            "SQL with a zero byte", self.post("/v1/transactions", {"statements": [{"sql": cut}]}), REFUSED
        )
        return count + self.expect("a query with a zero byte", self.post("/v1/queries", {"sql": "SELECT 1\0"}), REFUSED)

    def endless_bodies(self):
        """Bodies of which the end never comes. Counts connections over which the node took part of
        one.
        """
        self.drop()
        piece = b"[" * (BODY_BYTES - 1)
        head = (
            "POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {BODY_BYTES}\r\n\r\n"
        )
        pushers, taken = [], []
        for _ in range(BODIES):
            connection = Connection(self.options.socket)
            connection.send(head.encode())
            self.kept.append(connection)
            pushers.append(
                threading.Thread(target=lambda to: taken.append(to.push(piece)), args=(connection,), daemon=True)
            )
        for pusher in pushers:
            pusher.start()
        for pusher in pushers:
            pusher.join()
        return sum(size > 0 for size in taken)

    def big_json(self):
        """Short text, many values; and a body that is longer than any may be."""
        values = b"0," * VALUES
        many = self.expect(
            "many values", self.post("/v1/queries", b'{"sql":"SELECT 1","parameters":[' + values + b"0]}"),
            (400, 413, 429)
        )
        connection = Connection(self.options.socket)
        connection.send(
            b"POST /v1/queries HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 60000000\r\n\r\n"
        )
        connection.push(b" " * (4 << 20))
        return many + self.expect("60 MB", connection.answer(), (413, 429, 0))

    def silent_subscribers(self):
        """Subscribers that do not read, and entries for them. Counts the subscriptions."""
        self.drop()
        for _ in range(SUBSCRIBERS):
            connection = Connection(self.options.socket)
            connection.send(b"GET /v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = b""
            while b": subscribed\n\n" not in head:
                piece = connection.socket.recv(4_096)
                if not piece:
                    raise Wrong(f"a subscription was answered {head[:200]}")
                head += piece
            self.kept.append(connection)
        for _ in range(self.options.rows):
            self.write()
        return len(self.kept)

    def write(self):
        """A row of some size that all subscribers are told of."""
        self.serial += 1
        name = f"{self.options.prefix}{self.serial}"
        body = {
            "statements": [{"sql": self.options.insert, "parameters": [name, "x" * self.options.row_bytes]}],
            "timeout_ms": 60_000,
        }
        self.expect("a row", self.post("/v1/transactions", body), (200, "timeout", "busy"))

    def bombs(self):
        """Statements that would go on for minutes in one step."""
        return self.query_bombs() + sum(
            self.bomb(sql, "/v1/transactions", {"statements": [{"sql": sql}]}) for sql in BOMBS
        )

    def query_bombs(self):
        """The same, as queries alone: they keep nobody from writing."""
        return sum(self.bomb(sql, "/v1/queries", {"sql": sql}) for sql in BOMBS)

    def bomb(self, sql, path, body):
        begin = time.monotonic()
        answer = self.post(path, {**body, "timeout_ms": BOMB_MILLISECONDS})
        if time.monotonic() - begin > ANSWER_SECONDS_MAX / 2:
            raise Wrong(f"{sql[:60]} took {time.monotonic() - begin:.0f} s with a limit of {BOMB_MILLISECONDS} ms")
        return self.expect(sql[:60], answer, (200, 400, 403, 408, 413, 503))

    def long_transactions(self):
        """Several at a time: the first keeps the others waiting, and all end at their limits."""
        answers = []
        body = {"statements": [{"sql": ENDLESS}], "timeout_ms": LONG_MILLISECONDS}
        threads = [
            threading.Thread(target=lambda: answers.append(self.post("/v1/transactions", body)), daemon=True)
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(self.expect("an endless transaction", answer, ("timeout", "busy")) for answer in answers)

    def pending_garbage(self):
        """Rows in the tables that only the node's triggers should write. Counts those."""
        garbage = [
            "INSERT INTO _parksync_pending_organisation (op, k0) VALUES (77, 'a')",
            "INSERT INTO _parksync_pending_organisation (op, k0) VALUES (zeroblob(9), zeroblob(9))",
            f"INSERT INTO _parksync_pending_organisation (op, mask, k0) VALUES (1, 1, '{self.options.foreign_row}')",
        ]
        database = sqlite3.connect(
            f"file:{self.options.database}?mode=rw", uri=True, timeout=ANSWER_SECONDS_MAX, isolation_level=None
        )
        try:
            database.execute("BEGIN IMMEDIATE")
            for sql in garbage:
                database.execute(sql)
            database.execute("COMMIT")
        finally:
            database.close()
        return len(garbage)

    # At the peer interface ------------------------------------------------------------------------

    def silent_connections(self):
        """Connections that say nothing. Counts those that came about."""
        self.drop()
        for _ in range(SILENT_CONNECTIONS):
            connection = socket.create_connection((HOST, self.options.peer), timeout=ANSWER_SECONDS_MAX)
            self.kept.append(connection)
        return len(self.kept)

    def idle_tls(self):
        """Connections of a member that says nothing. Counts handshakes."""
        self.drop()
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=f"{self.options.member}/zone-ca.crt")
        context.check_hostname = False
        context.load_cert_chain(f"{self.options.member}/node.crt", f"{self.options.member}/node.key")
        for _ in range(TLS_CONNECTIONS):
            plain = socket.create_connection((HOST, self.options.peer), timeout=ANSWER_SECONDS_MAX)
            self.kept.append(context.wrap_socket(plain))
        return len(self.kept)

    # ----------------------------------------------------------------------------------------------

    def drop(self):
        for each in self.kept:
            (each.socket if isinstance(each, Connection) else each).close()
        self.kept = []


KINDS = {
    name.replace("_", "-"): getattr(HostileClient, name)
    for name in (
        "deep_json", "ambiguous_requests", "zero_bytes", "endless_bodies", "big_json", "silent_subscribers", "bombs",
        "query_bombs", "long_transactions", "pending_garbage", "silent_connections", "idle_tls",
    )
}
# What lasts by itself once it is begun, and is begun anew after so many seconds: a node ends it at
# some time.
LASTING_SECONDS = {"endless-bodies": 5, "silent-connections": 5, "idle-tls": 5}
WRITE_PAUSE_SECONDS = 0.05


def goes_on(client, kind, told):
    """Does it once, then again until it is told to end. Returns how often the node met it as it
    should.
    """
    count = KINDS[kind](client)
    print(f"begun {kind}", flush=True)
    while not told.wait(WRITE_PAUSE_SECONDS if kind == "silent-subscribers" else LASTING_SECONDS.get(kind, 0)):
        if kind == "silent-subscribers":
            client.write()
        else:
            count += KINDS[kind](client)
    return count


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="+", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--socket", required=True, help="of the local API")
    parser.add_argument("--database", help="for pending-garbage")
    parser.add_argument(
        "--foreign-row", default="nowhere:organisation:1",
        help="another park's row that pending-garbage forges a write of"
    )
    parser.add_argument("--peer", type=int, help="port of the peer interface, for silent-connections and idle-tls")
    parser.add_argument("--member", help="folder of a park with its certificate, for idle-tls")
    parser.add_argument("--insert", help="SQL for silent-subscribers, with ?1 for a name and ?2 for a long text")
    parser.add_argument("--prefix", default="hostile-", help="of the names")
    parser.add_argument("--rows", type=int, default=10, help="how many of them")
    parser.add_argument("--row-bytes", type=int, default=60_000)
    parser.add_argument("--until-told", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    client, told = HostileClient(options), threading.Event()
    if options.until_told:
        threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
    for kind in options.kinds:
        if options.until_told:
            count = goes_on(client, kind, told)
        else:
            print(f"begun {kind}", flush=True)
            count = KINDS[kind](client)
        client.drop()
        print(f"{kind} {count}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(f"hostile_client: {wrong}")
