"""Sends wrongly signed webhooks at a steady rate, in a process of its own: it takes half a core.

Run as `python -m tests.e2e.reliability.flooder PORT RATE SECONDS`. It speaks HTTP/1.1 by hand over
a few connections that stay open; a client library could not send so many. At the end it prints, as
JSON, how many requests were sent and answered, by status, and how long it took.
"""

import asyncio
import json
import sys
import time
from collections import Counter

CONNECTIONS = 20
SIGNATURE = "A" * 43 + "="  # as long as a right one
EVENT = {
    "type": "message",
    "mode": "active",
    "timestamp": 1_780_000_000_000,
    "source": {"type": "user", "userId": "U" + "f" * 32},
    "webhookEventId": "01HFLOODFLOODFLOODFLOODFLO",
    "deliveryContext": {"isRedelivery": False},
    "replyToken": "f" * 32,
    "message": {"type": "text", "id": "1", "quoteToken": "q", "text": "flood " * 20},
}


def request(port: int) -> bytes:
    """One wrongly signed webhook, whole."""
    body = json.dumps({"destination": "U" + "b" * 32, "events": [EVENT]}).encode()
    head = (
        f"POST /webhooks/line HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nX-Line-Signature: {SIGNATURE}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def flood(port: int, rate: float, seconds: float) -> dict[str, object]:
    """Send so many a second for so long, and wait for all answers."""
    each, statuses = request(port), Counter[int]()
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    began = time.monotonic()

    async def send(number: int, writer: asyncio.StreamWriter) -> int:
        """This connection's share, each when it is due, whether earlier ones are answered or not;
        how many."""
        count = int(rate * seconds) // CONNECTIONS
        for n in range(count):
            due = began + (n * CONNECTIONS + number) / rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            writer.write(each)
            await writer.drain()
        return count

    async def read(reader: asyncio.StreamReader, count: int) -> None:
        """The answers; all of them are short."""
        for _ in range(count):
            head = await reader.readuntil(b"\r\n\r\n")
            statuses[int(head[9:12])] += 1
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            await reader.readexactly(length)

    count = int(rate * seconds) // CONNECTIONS
    sending = [send(number, writer) for number, (_, writer) in enumerate(opened)]
    reading = [read(reader, count) for reader, _ in opened]
    done = await asyncio.gather(*sending, *reading)
    took = time.monotonic() - began
    for _, writer in opened:
        writer.close()
    return {"sent": sum(one or 0 for one in done), "statuses": dict(statuses), "seconds": took}


if __name__ == "__main__":
    told = [float(one) for one in sys.argv[1:]]
    print(json.dumps(asyncio.run(flood(int(told[0]), told[1], told[2]))))
