#!/usr/bin/env python3
"""Passes TCP connections on, until it is told to cut them: a network link that can fail.

usage: link-proxy.py LISTEN:TARGET [LISTEN:TARGET ...]   (ports of 127.0.0.1)

SIGUSR1 cuts the link: open connections are reset, new ones are refused. SIGUSR2 heals it. After
each change, and when it is ready, it prints a line: `whole` or `cut`.
"""

import asyncio
import signal
import socket
import struct
import sys

HOST = "127.0.0.1"
CHUNK_BYTES = 65536


class Link:
    def __init__(self, pairs):
        self.pairs = pairs
        self.servers = []
        self.writers = set()

    async def heal(self):
        if self.servers:
            return
        for listen, target in self.pairs:
            self.servers.append(await asyncio.start_server(self.handler(target), HOST, listen, reuse_address=True))
        print("whole", flush=True)

    async def cut(self):
        for server in self.servers:
            server.close()
        self.servers = []
        for writer in list(self.writers):
            # Without lingering the kernel sends a reset, as a router that lost its state would.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        print("cut", flush=True)

    def handler(self, target):
        async def handle(reader, writer):
            try:
                far_reader, far_writer = await asyncio.open_connection(HOST, target)
            except OSError:
                writer.transport.abort()
                return
            # The link was cut meanwhile.
            if not self.servers:
                writer.transport.abort()
                far_writer.transport.abort()
                return
            self.writers |= {writer, far_writer}
            await asyncio.gather(self.copy(reader, far_writer), self.copy(far_reader, writer))
            self.writers -= {writer, far_writer}

        return handle

    @staticmethod
    async def copy(reader, writer):
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                writer.write(chunk)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def main(pairs):
    link = Link(pairs)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    tasks = set()

    def start(action):
        task = asyncio.ensure_future(action())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_signal_handler(signal.SIGUSR1, lambda: start(link.cut))
    loop.add_signal_handler(signal.SIGUSR2, lambda: start(link.heal))
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await link.heal()
    await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main([tuple(int(port) for port in pair.split(":")) for pair in sys.argv[1:]]))
