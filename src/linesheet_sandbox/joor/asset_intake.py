"""What an asset must be: its kind, name, size and bytes (sheet 3.6)."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.fetching import UnreachableError, fetched
from linesheet_sandbox.joor.fields import filled_in, invalid, object_in, text_in
from linesheet_sandbox.joor.settings import JoorSettings

_PICTURES = ("gif", "jpeg", "jpg", "png")
_EXTENSIONS = {"image": _PICTURES, "swatch": _PICTURES, "video": ("mp4",)}
_FORMATS = ("GIF", "JPEG", "PNG")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An asset as sent, good as far as can be told without its bytes."""

    kind: str
    filename: str
    extension: str
    external_id: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The bytes fetched, and what they are. Videos have neither width nor height here."""

    content: bytes
    width: int | None
    height: int | None

    @property
    def sha256(self) -> str:
        """The name the bytes are kept under."""
        return hashlib.sha256(self.content).hexdigest()


def read_asset(settings: JoorSettings, item: Record) -> Wanted:
    """The `asset` of an item. Refuses the item when its kind or name is wrong."""
    asset = object_in(item, "asset")
    kind, filename = filled_in(asset, "type"), filled_in(asset, "filename")
    if kind not in _EXTENSIONS:
        raise invalid(f"asset.type must be one of {', '.join(_EXTENSIONS)}")
    if len(filename) > settings.filename_length:
        raise invalid(f"asset.filename may have {settings.filename_length} characters at most")
    extension = filename.rpartition(".")[2].lower()
    if extension not in _EXTENSIONS[kind] or "." not in filename:
        raise invalid(f"asset.filename of a {kind} must end in .{', .'.join(_EXTENSIONS[kind])}")
    return Wanted(kind, filename, extension, text_in(asset, "external_id"), filled_in(asset, "source_url"))


def taken(settings: JoorSettings, wanted: Wanted) -> Taken:
    """The asset fetched and looked at. Refuses the item when that cannot be done."""
    most = settings.video_bytes if wanted.kind == "video" else settings.image_bytes
    try:
        content = fetched(wanted.source_url, seconds=settings.fetch_seconds, most=most)
    except UnreachableError as problem:
        raise invalid(f"asset.source_url cannot be downloaded: {problem}") from None
    if len(content) > most:
        raise invalid(f"the {wanted.kind} is larger than {most} bytes")
    if wanted.kind == "video":
        if content[4:8] != b"ftyp":
            raise invalid("the file is no mp4 video")
        return Taken(content, None, None)
    return Taken(content, *_dimensions(content))


def _dimensions(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a picture that can be decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            picture.load()
            return picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise invalid("the file is no picture of the kinds gif, jpeg and png") from None
