"""The pictures of a lane's seeds, for sandboxes that fetch what they are given the address of."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

from django.core.files.storage import default_storage
from django.core.signing import BadSignature

from linesheet.books.framing import framed
from linesheet.books.models import Image
from linesheet.sync.pictures import picture_of


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            content = _content(unquote(self.path.rpartition("/")[2]).rpartition(".")[0])
        except (BadSignature, OSError):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _content(token: str) -> bytes:
    """What a link leads to, as the web would serve it. Raises BadSignature or FileNotFoundError."""
    signed = picture_of(token)
    image = Image(company_id=signed.company_id, content_hash=signed.content_hash, format=signed.format)
    if signed.frame:
        return framed(image, signed.frame)
    with default_storage.open(image.storage_name) as file:
        content: bytes = file.read()
        return content


@contextmanager
def serving(port: int) -> Iterator[None]:
    """Serve them on a port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", port), _Pictures) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
