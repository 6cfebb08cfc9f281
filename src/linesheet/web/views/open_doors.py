"""What answers people and platforms without a log-in: pictures by signed link."""

from io import BytesIO

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from linesheet.books.framing import framed
from linesheet.books.models import Image
from linesheet.sync.pictures import VALID_SECONDS, picture_of

_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


@require_safe
@login_not_required
def picture(request: HttpRequest, token: str, format: str) -> FileResponse:
    """A picture of a product, for whoever holds a link that the hub has signed."""
    try:
        signed = picture_of(token)
        if format != signed.served_as or format not in _TYPES:
            raise Http404
        image = Image(company_id=signed.company_id, content_hash=signed.content_hash, format=signed.format)
        content = BytesIO(framed(image, signed.frame)) if signed.frame else default_storage.open(image.storage_name)
    except (BadSignature, FileNotFoundError):
        raise Http404 from None
    response = FileResponse(content, content_type=_TYPES[format])
    response.headers["Cache-Control"] = f"public, max-age={VALID_SECONDS}, immutable"
    return response
