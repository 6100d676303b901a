#!/usr/bin/env python3
"""The links between the parks: passes TCP connections on, each from one park to another, and does
to them what networks do.

usage: link_faults.py FROM:TO:PORT ...     (PORT: where TO listens on 127.0.0.1)

First prints a line with the ports at which it listens itself, in the order of the arguments. Then
each line of its input is a command, `FROM TO MODE SEED`, and is answered by a line with the number
of connections that it hit:

whole      passes everything on; what was stalled before stays dead until its end gives it up
cut        resets all connections, and new ones at once
half-open  the called end is reset, the calling end hears nothing any more; new connections are taken and never answered
slow       passes some kilobytes a second on, late
truncate   ends each connection in good order, new ones after some bytes
damage     flips a bit in what the called end sends, once for each connection
"""

import asyncio
import random
import socket
import struct
import sys

HOST = "127.0.0.1"
CHUNK_BYTES = 16_384
SLOW_BYTES_PER_SECOND = 40_000
SLOW_DELAY_SECONDS = 0.1
# Of a new connection, so that TLS handshakes end early too, and of one that carries little at a
# time.
TRUNCATED_BYTES_MAX = 6_000
STREAM_BYTES_MAX = 1_000


def reset(writer):
    """Ends a connection as a router that lost its state would: without lingering the kernel sends a
    reset.
    """
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Connection:
    """The two ends of one connection."""

    def __init__(self, link, reader, writer):
        self.link, self.reader, self.writer = link, reader, writer
        self.far = None
        self.is_stalled = False
        # Bytes that may still pass towards the caller; None for any number.
        self.left = None
        self.is_damaged = False

    async def run(self):
        link = self.link
        try:
            far_reader, self.far = await asyncio.open_connection(HOST, link.port)
        except OSError:
            return reset(self.writer)
        # Only now: the mode may have changed while the called end was reached.
        if link.mode in ("cut", "half-open"):
            link.count += 1
            reset(self.far)
            if link.mode == "cut":
                return reset(self.writer)
            self.is_stalled = True
            return await self.swallow()
        if link.mode == "truncate":
            self.left = link.random.randrange(TRUNCATED_BYTES_MAX)
        await asyncio.gather(self.copy(self.reader, self.far, False), self.copy(far_reader, self.writer, True))

    async def swallow(self):
        """The end that still believes in the connection may say what it likes."""
        while await self.reader.read(CHUNK_BYTES):
            pass

    async def copy(self, reader, writer, is_answer):
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                if self.is_stalled:
                    continue
                chunk = await self.treated(chunk, is_answer)
                writer.write(chunk)
                await writer.drain()
                if self.left == 0 and is_answer:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            if not self.is_stalled:
                writer.close()

    async def treated(self, chunk, is_answer):
        link = self.link
        if link.mode == "slow":
            link.count += 1
            await asyncio.sleep(SLOW_DELAY_SECONDS + len(chunk) / SLOW_BYTES_PER_SECOND)
        elif link.mode == "damage" and is_answer and not self.is_damaged:
            self.is_damaged = True
            link.count += 1
            place = link.random.randrange(len(chunk))
            chunk = chunk[:place] + bytes([chunk[place] ^ 1 << link.random.randrange(8)]) + chunk[place + 1 :]
        if self.left is not None and is_answer:
            chunk = chunk[: self.left]
            self.left -= len(chunk)
            if self.left == 0:
                link.count += 1
        return chunk


class Link:
    """All connections from one park to another."""

    def __init__(self, port):
        self.port, self.mode, self.count = port, "whole", 0
        self.random = random.Random(0)
        self.connections = set()

    async def handle(self, reader, writer):
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            await connection.run()
        except OSError:
            pass
        finally:
            self.connections.discard(connection)
            writer.close()

    def set(self, mode, seed):
        """Returns how many connections the mode before had hit, and with it those that this one
        ends.
        """
        hit = 0
        self.mode, self.random = mode, random.Random(seed)
        for connection in list(self.connections):
            if mode == "cut":
                reset(connection.writer)
                if connection.far:
                    reset(connection.far)
                hit += 1
            elif mode == "half-open" and connection.far and not connection.is_stalled:
                connection.is_stalled = True
                reset(connection.far)
                hit += 1
            elif mode == "truncate" and connection.left is None:
                connection.left = 1 + self.random.randrange(STREAM_BYTES_MAX)
            elif mode == "whole":
                connection.left = None
        count, self.count = self.count, 0
        return hit + count


async def main(arguments):
    links, ports, servers = {}, [], []
    for argument in arguments:
        caller, called, port = argument.split(":")
        link = links[caller, called] = Link(int(port))
        server = await asyncio.start_server(link.handle, HOST, 0)
        servers.append(server)
        ports.append(str(server.sockets[0].getsockname()[1]))
    print(" ".join(ports), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        caller, called, mode, seed = line.decode().split()
        print(links[caller, called].set(mode, seed), flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1:]))
    except KeyboardInterrupt:
        pass
