"""A node's local API over its Unix socket, as a program of the park would use it."""

import http.client
import json
import socket


class Refused(Exception):
    """The node said no: nothing was written."""

    def __init__(self, code, detail):
        super().__init__(f"{code}: {detail}")
        self.code = code


class Unanswered(Exception):
    """No answer, or half of one: what was asked for was done or not."""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Client:
    """One connection that is kept, and opened anew after a failure. Used by one thread."""

    def __init__(self, path, seconds=10):
        self.path, self.seconds = path, seconds
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def ask(self, method, path, body=None):
        """The body of the answer. Raises Refused or Unanswered."""
        is_sent = False
        try:
            if self.connection is None:
                self.connection = UnixConnection(self.path, self.seconds)
                self.connection.connect()
            is_sent = True
            headers = {"Content-Type": "application/json"} if body is not None else {}
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            content = answer.read()
            if answer.status == 204 or answer.status == 200:
                return content
            problem = json.loads(content)
            raise Refused(problem["type"].rsplit(":", 1)[1], problem.get("detail", ""))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            if not is_sent:
                raise Refused("no-connection", str(error)) from error
            raise Unanswered(f"{type(error).__name__}: {error}") from error

    def transact(self, statements, milliseconds=None):
        """statements: (SQL, parameters) each. Returns the number of the entry."""
        body = {
            "statements": [{"sql": sql, "parameters": list(parameters)} for sql, parameters in statements],
            "author": "chaos",
        }
        if milliseconds is not None:
            body["timeout_ms"] = milliseconds
        return json.loads(self.ask("POST", "/v1/transactions", body)).get("seq")

    def rows(self, sql, parameters=()):
        text = self.ask("POST", "/v1/queries", {"sql": sql, "parameters": list(parameters)})
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        if not lines or not isinstance(lines[-1], dict) or not lines[-1].get("end"):
            raise Unanswered("the answer has no end")
        return lines[1:-1]

    def status(self):
        return json.loads(self.ask("GET", "/v1/status"))


def vector(text):
    """A version vector as a dictionary."""
    return {} if text == "-" else {origin: int(seq) for origin, seq in (word.split(":") for word in text.split())}


def covers(have, need):
    return all(have.get(origin, 0) >= seq for origin, seq in need.items())
