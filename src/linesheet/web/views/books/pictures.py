"""Small pictures of products, for members."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from linesheet.books.models import Image
from linesheet.books.models.images import SMALL_WIDTHS
from linesheet.books.thumbnails import thumbnail
from linesheet.web.access import MemberRequest

A_YEAR = 365 * 24 * 3600


@require_safe
def small(request: MemberRequest, image_id: int, width: int) -> HttpResponse:
    """A picture as a JPEG of at most so many pixels a side. What is under this address never changes."""
    if width not in SMALL_WIDTHS:
        raise Http404
    image: Image = get_object_or_404(Image.objects, pk=image_id)
    try:
        content = thumbnail(image, width)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(content, content_type="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    return response
