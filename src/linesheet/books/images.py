"""Pictures of products: checked, stored once by content, and put in order."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO

import PIL.Image
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max

from linesheet.books.bulk import save_changed
from linesheet.books.models import Change, Image, Product
from linesheet.books.models.images import SMALL_WIDTHS
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import acting_for

MOST_BYTES = 20_000_000
MOST_PIXELS_A_SIDE = 12_000
MOST_PIXELS = 80_000_000

IMAGE_TOO_HEAVY = Reason(
    code="image_too_heavy",
    says="The picture for {product} has more than 20 MB.",
    fix="Save it again with a higher compression, or fewer pixels.",
)
IMAGE_TOO_LARGE = Reason(
    code="image_too_large",
    says="The picture for {product} has more than 12,000 pixels a side, or 80 million in all.",
    fix="Make it smaller; 2,000 pixels a side are enough for every platform.",
)
IMAGE_FORMAT = Reason(
    code="image_format",
    says="The file for {product} is not a JPEG or PNG picture.",
    fix="Save the picture as JPEG or PNG.",
)
IMAGE_BROKEN = Reason(
    code="image_broken",
    says="The picture for {product} is broken: part of it is missing or damaged.",
    fix="Get the file again from where it comes from.",
)
IMAGE_ELSEWHERE = Reason(
    code="image_elsewhere",
    says="Picture {image} is not one of {product}.",
    fix="Open {product} again: its pictures have changed.",
)

REASONS: tuple[Reason, ...] = (
    IMAGE_TOO_HEAVY,
    IMAGE_TOO_LARGE,
    IMAGE_FORMAT,
    IMAGE_BROKEN,
    IMAGE_ELSEWHERE,
)

_FORMATS = ("JPEG", "PNG")
# A JPEG with more than one frame, as phones write it, is read as MPO.
_EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png"}


class ImageRefused(Refused):
    """This picture cannot be kept."""


def add_image(product: Product, content: bytes, *, position: int | None = None, named: str = "") -> Image:
    """Keep a picture of a product, last unless `position` says where (sheet erp.md 2.6).

    The file is stored once in a company, however many products show it; a picture the product has already is
    returned as it is. Raises ImageRefused for what is no whole JPEG or PNG, or too large; it speaks of the product
    as it is `named`, or else by its code.
    """
    extension, width, height = _looked_at(named or str(product), content)
    image = Image(
        company_id=product.company_id,
        product=product,
        content_hash=hashlib.sha256(content).hexdigest(),
        format=extension,
        width=width,
        height=height,
        bytes=len(content),
    )
    with transaction.atomic():
        _take_in_hand(image.storage_name)
        shown = Image.objects.filter(content_hash=image.content_hash)
        known: Image | None = shown.filter(product=product).first()
        if known is not None:
            return known
        # The file comes before the row: a crash leaves a file nobody shows, never a row without its file.
        # A file without a row may have been cut short that way, so it is written again.
        if not shown.exists():
            default_storage.save(image.storage_name, ContentFile(content))
        image.position = _last_position(product) + 1 if position is None else position
        image.save()
    return image


def open_image(image: Image) -> bytes:
    """The file of a picture."""
    with default_storage.open(image.storage_name) as file:
        content: bytes = file.read()
    return content


def remove_image(image: Image) -> None:
    """Take a picture off its product; the file goes too once no product of the company shows it, or could again."""
    with transaction.atomic():
        Image.objects.filter(pk=image.pk).delete()
        transaction.on_commit(partial(sweep, image))


def sweep(image: Image) -> None:
    """Delete the file of a picture that no product of its company shows, and that no undo brings back."""
    with acting_for(image.company_id), transaction.atomic():
        _take_in_hand(image.storage_name)
        shown = Image.objects.filter(content_hash=image.content_hash).exists()
        if not shown and not _may_come_back(image):
            for name in (image.storage_name, *map(image.small_name, SMALL_WIDTHS), *_framed_names(image)):
                default_storage.delete(name)


def _framed_names(image: Image) -> list[str]:
    """What was kept of a picture in frames, and its folder."""
    try:
        _, names = default_storage.listdir(image.framed_folder)
    except FileNotFoundError:
        return []
    return [*(f"{image.framed_folder}/{name}" for name in names), image.framed_folder]


def order_images(product: Product, ids: Sequence[int]) -> None:
    """Put a product's pictures in this order, the main image first; those not named follow as they were.

    Raises ImageRefused when one of them is not a picture of the product.
    """
    with transaction.atomic():
        images = {image.pk: image for image in Image.objects.select_for_update().filter(product=product)}
        for pk in ids:
            if pk not in images:
                raise ImageRefused(IMAGE_ELSEWHERE, image=pk, product=product)
        ordered = list(dict.fromkeys([*ids, *images]))
        for position, pk in enumerate(ordered, start=1):
            images[pk].position = position
        save_changed(images.values(), ["position"])


def main_images(product_ids: Iterable[int]) -> dict[int, Image]:
    """The main image of each product that has one, by product id. One query."""
    first = Image.objects.filter(product_id__in=list(product_ids)).order_by("product_id", "position", "id")
    return {image.product_id: image for image in first.distinct("product_id")}


def _looked_at(product: str, content: bytes) -> tuple[str, int, int]:
    """Extension, width and height of a picture that is whole. Raises ImageRefused."""
    if len(content) > MOST_BYTES:
        raise ImageRefused(IMAGE_TOO_HEAVY, product=product)
    try:
        with PIL.Image.open(BytesIO(content), formats=_FORMATS) as picture:
            width, height = picture.size
            kind = str(picture.format)
    except PIL.Image.DecompressionBombError:
        raise ImageRefused(IMAGE_TOO_LARGE, product=product) from None
    except PIL.UnidentifiedImageError:
        raise ImageRefused(IMAGE_FORMAT, product=product) from None
    except Exception:  # a damaged header makes the readers raise all sorts
        raise ImageRefused(IMAGE_BROKEN, product=product) from None
    if max(width, height) > MOST_PIXELS_A_SIDE or width * height > MOST_PIXELS:
        raise ImageRefused(IMAGE_TOO_LARGE, product=product)
    if not _is_whole(content):
        raise ImageRefused(IMAGE_BROKEN, product=product)
    return _EXTENSIONS[kind], width, height


def _is_whole(content: bytes) -> bool:
    """Whether a picture can be read to its end.

    `verify` reads the checksums of a PNG. A JPEG has none and is decoded, at an eighth of its size for speed.
    """
    try:
        with PIL.Image.open(BytesIO(content), formats=_FORMATS) as picture:
            picture.verify()
        with PIL.Image.open(BytesIO(content), formats=_FORMATS) as picture:
            if picture.format != "PNG":
                picture.draft("RGB", (max(picture.width // 8, 1), max(picture.height // 8, 1)))
                picture.load()
    except Exception:  # a damaged file makes the decoders raise all sorts
        return False
    return True


def _last_position(product: Product) -> int:
    last: int | None = Image.objects.filter(product=product).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last


def _take_in_hand(storage_name: str) -> None:
    """Until the transaction ends, be alone with a file: adding and removing it must not cross."""
    key = int.from_bytes(hashlib.sha256(storage_name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _may_come_back(image: Image) -> bool:
    """Whether its removal was recorded, so that it can be undone."""
    removed = Change.objects.filter(table=Image._meta.db_table, operation=Change.Operation.DELETE)
    found: bool = removed.filter(
        before__content_hash=image.content_hash, change_set__company_id=image.company_id
    ).exists()
    return found
