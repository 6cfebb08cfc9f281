import hashlib
import zlib
from io import BytesIO

import PIL.Image
import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction

from linesheet.books import images
from linesheet.books.images import (
    ImageRefused,
    add_image,
    main_images,
    open_image,
    order_images,
    remove_image,
)
from linesheet.books.models import Company, Image, Product
from linesheet.books.tenancy import acting_for


def product(code: str = "COAT") -> Product:
    return Product.objects.create(code=code, style=code, colour="Black", name=code)


def picture(colour: str = "red", kind: str = "JPEG", size: tuple[int, int] = (60, 90), **options) -> bytes:
    file = BytesIO()
    PIL.Image.new("RGB", size, colour).save(file, kind, **options)
    return file.getvalue()


def noise(kind: str) -> bytes:
    file = BytesIO()
    PIL.Image.effect_noise((200, 200), 80).save(file, kind)
    return file.getvalue()


@pytest.fixture(autouse=True)
def _pictures_in_a_folder_of_their_own(settings, tmp_path):
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = settings.STORAGES | {
        "default": storage | {"OPTIONS": {"location": str(tmp_path), "allow_overwrite": True}}
    }


@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png")])
def test_a_picture_is_kept_as_it_came_with_its_size(company, kind, extension):
    content = picture(kind=kind)

    image = add_image(product(), content)

    assert (image.format, image.width, image.height, image.bytes) == (extension, 60, 90, len(content))
    assert image.content_hash == hashlib.sha256(content).hexdigest()
    assert open_image(image) == content


def test_a_phones_jpeg_of_several_frames_is_a_jpeg(company):
    frames = [PIL.Image.new("RGB", (60, 90), "blue")]
    content = picture(kind="MPO", save_all=True, append_images=frames)

    assert add_image(product(), content).format == "jpg"


def test_a_picture_added_again_is_the_same_picture(company):
    coat = product()

    assert add_image(coat, picture()) == add_image(coat, picture())
    assert Image.objects.count() == 1


def test_a_picture_of_two_products_is_stored_once_until_the_last_lets_go(company, django_capture_on_commit_callbacks):
    first, second = add_image(product("COAT"), picture()), add_image(product("SKIRT"), picture())
    assert first.storage_name == second.storage_name

    with django_capture_on_commit_callbacks(execute=True):
        remove_image(first)
    assert open_image(second) == picture()

    with django_capture_on_commit_callbacks(execute=True):
        remove_image(second)
    assert not default_storage.exists(second.storage_name)


def test_each_company_keeps_its_own_file(company, django_capture_on_commit_callbacks):
    image = add_image(product(), picture())

    with acting_for(Company.objects.create(name="Other", slug="other")):
        other = add_image(product(), picture())
        with django_capture_on_commit_callbacks(execute=True):
            remove_image(other)

    assert open_image(image) == picture()


def test_a_file_left_half_written_by_a_crash_is_written_again(company, tmp_path):
    coat, content = product(), picture()
    name = Image(company=company, product=coat, content_hash=hashlib.sha256(content).hexdigest(), format="jpg")
    half = tmp_path / name.storage_name
    half.parent.mkdir(parents=True)
    half.write_bytes(content[:10])

    assert open_image(add_image(coat, content)) == content


def test_when_the_storage_fails_no_row_is_left(company, monkeypatch):
    def full(*args):
        raise OSError("disk full")

    monkeypatch.setattr(FileSystemStorage, "save", full)

    with pytest.raises(OSError, match="disk full"):
        add_image(product(), picture())
    assert Image.objects.count() == 0


def png_claiming(width: int, height: int) -> bytes:
    """A PNG that says it is larger than it is."""
    content = picture(kind="PNG")
    header = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + content[24:29]
    return content[:12] + header + zlib.crc32(header).to_bytes(4, "big") + content[33:]


def test_what_is_no_whole_picture_of_a_fair_size_is_refused(company, monkeypatch):
    monkeypatch.setattr(images, "MOST_BYTES", 200_000)
    damaged = bytearray(noise("PNG"))
    damaged[5_000] ^= 255
    refusals = [
        (picture(kind="GIF"), images.IMAGE_FORMAT),
        (b"", images.IMAGE_FORMAT),
        (b"<svg/>", images.IMAGE_FORMAT),
        (noise("JPEG")[:-2_000], images.IMAGE_BROKEN),
        (noise("PNG")[:-2_000], images.IMAGE_BROKEN),
        (bytes(damaged), images.IMAGE_BROKEN),
        (png_claiming(12_001, 10), images.IMAGE_TOO_LARGE),
        (png_claiming(9_000, 9_000), images.IMAGE_TOO_LARGE),
        (png_claiming(100_000, 100_000), images.IMAGE_TOO_LARGE),
        (picture() + b"0" * 200_000, images.IMAGE_TOO_HEAVY),
    ]
    coat = product()
    for content, reason in refusals:
        with pytest.raises(ImageRefused, match="COAT") as refused:
            add_image(coat, content)
        assert refused.value.reason is reason
    assert Image.objects.count() == 0


def test_pictures_follow_one_another_and_can_be_put_in_order(company):
    coat = product()
    red, green = add_image(coat, picture("red")), add_image(coat, picture("green"))
    blue = add_image(coat, picture("blue"), position=0)
    assert list(coat.images.all()) == [blue, red, green]

    order_images(coat, [green.pk])

    assert list(coat.images.all()) == [green, blue, red]


def test_a_picture_of_another_product_cannot_be_put_in_order(company):
    other = add_image(product("SKIRT"), picture())

    with pytest.raises(ImageRefused) as refused:
        order_images(product(), [other.pk])

    assert refused.value.reason is images.IMAGE_ELSEWHERE


def test_the_main_images_of_many_products_take_one_query(company, django_assert_num_queries):
    coat, skirt, bare = product("COAT"), product("SKIRT"), product("BARE")
    add_image(coat, picture("red"), position=5)
    main = add_image(coat, picture("green"), position=2)
    only = add_image(skirt, picture("blue"))

    with django_assert_num_queries(1):
        found = main_images([coat.pk, skirt.pk, bare.pk])

    assert found == {coat.pk: main, skirt.pk: only}


def test_a_picture_is_found_by_its_content_without_going_through_all(company):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Image.objects.filter(content_hash="0" * 64).explain()
    assert "picture_by_content" in plan
