"""A mail server of our own, small, and over a real socket."""

import asyncio
import contextlib
import email
import email.policy
import threading
from email.message import EmailMessage


class MailServer:
    """Takes what it is sent into `messages`; answers an address by `refuses`, the next messages by `says`.

    While it is `silent` it holds who connects, without a word.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}
        self.says: list[str] = []
        self.port = 0
        self.silent = False
        self.held = 0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = self._on_loop(asyncio.start_server(self._talk, "127.0.0.1", self.port))
        self.port = self._server.sockets[0].getsockname()[1]

    def go_away(self) -> None:
        """Let nobody in any more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def end(self) -> None:
        self.go_away()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _on_loop(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        if self.silent:
            self.held += 1
            await reader.read()
            return
        say("220 mail.example ready")
        with contextlib.suppress(ConnectionError):
            while line := (await reader.readline()).decode().strip():
                match line.upper().split(":")[0].split()[0]:
                    case "RCPT":
                        address = line.partition("<")[2].partition(">")[0]
                        say(self.refuses.get(address, "250 fine"))
                    case "DATA":
                        say("354 go on")
                        content = await reader.readuntil(b"\r\n.\r\n")
                        answer = self.says.pop(0) if self.says else "250 taken"
                        if answer.startswith("250"):
                            parsed = email.message_from_bytes(content[:-3], policy=email.policy.default)
                            self.messages.append(parsed)
                        say(answer)
                    case "QUIT":
                        say("221 bye")
                        break
                    case _:
                        say("250 fine")
        writer.close()
