"""Pictures of products."""

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status
from pydantic import Field

from linesheet.api.hub.products import ImageOut
from linesheet.books import images
from linesheet.books.models import Image, Product
from linesheet.sync.serving.bodies import Body, in_bulk
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.problems import not_found
from linesheet.sync.serving.values import Shape

router = Router(tags=["Images"], auth=scoped("products:write"))

TYPES = {"jpg": "image/jpeg", "png": "image/png"}
_SENT = {"content": {type_: {"schema": {"type": "string", "format": "binary"}} for type_ in TYPES.values()}}
_KEPT = {200: {"description": "The picture.", "content": _SENT["content"]}}


class Images(Shape):
    """The pictures of a product, the main one first."""

    data: list[ImageOut]


class ImageOrderIn(Body):
    """Ids of pictures, the main one first; those that are not named follow as they were."""

    ids: list[int] = Field(max_length=500)


@router.post(
    "/products/{int:product_id}/images",
    response={201: ImageOut},
    openapi_extra={"requestBody": {"required": True, **_SENT}},
    summary="Add a picture",
)
@in_bulk
def add_image(request: ApiRequest, product_id: int) -> Any:
    """The body is a JPEG or PNG file of up to 20 MB. One that the product has already is answered as it is."""
    made = images.add_image(_product(product_id), request.body)
    return Status(201, _shape(made))


@router.put("/products/{int:product_id}/images", response=Images, summary="Order pictures")
def order_images(request: ApiRequest, product_id: int, body: ImageOrderIn) -> Any:
    """Put the pictures of a product in this order."""
    product = _product(product_id)
    images.order_images(product, body.ids)
    return Images(data=[_shape(one) for one in Image.objects.filter(product=product).order_by("position", "pk")])


@router.get(
    "/products/{int:product_id}/images/{int:image_id}",
    auth=scoped("products:read"),
    openapi_extra={"responses": _KEPT},
    summary="The file of a picture",
)
def get_image(request: ApiRequest, product_id: int, image_id: int) -> Any:
    """As it was added; its ETag is that of the list of products."""
    image = _image(product_id, image_id)
    try:
        content = images.open_image(image)
    except FileNotFoundError:
        raise not_found("picture") from None
    # Pictures are fetched by the thousand: together they are a row in Activity.
    request.call.collected = 1
    return HttpResponse(content, content_type=TYPES[image.format], headers={"ETag": f'"{image.content_hash}"'})


@router.delete("/products/{int:product_id}/images/{int:image_id}", response={204: None}, summary="Remove a picture")
def remove_image(request: ApiRequest, product_id: int, image_id: int) -> Any:
    """Take a picture off the product."""
    images.remove_image(_image(product_id, image_id))
    return Status(204, None)


def _product(product_id: int) -> Product:
    found: Product | None = Product.objects.filter(pk=product_id).first()
    if found is None:
        raise not_found("product")
    return found


def _image(product_id: int, image_id: int) -> Image:
    found: Image | None = Image.objects.filter(pk=image_id, product=product_id).first()
    if found is None:
        raise not_found("picture")
    return found


def _shape(image: Image) -> ImageOut:
    return ImageOut(id=image.pk, width=image.width, height=image.height, format=image.format, etag=image.content_hash)
