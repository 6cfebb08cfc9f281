"""What answers people and platforms without a log-in: pictures by signed link."""

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from linesheet.sync.pictures import VALID_SECONDS, picture_of

_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


@require_safe
@login_not_required
def picture(request: HttpRequest, token: str, format: str) -> FileResponse:
    """A picture of a product, for whoever holds a link that the hub has signed."""
    try:
        company_id, content_hash, kept_as = picture_of(token)
        if format != kept_as or format not in _TYPES:
            raise Http404
        content = default_storage.open(f"{company_id}/{content_hash[:2]}/{content_hash}.{format}")
    except (BadSignature, FileNotFoundError):
        raise Http404 from None
    response = FileResponse(content, content_type=_TYPES[format])
    response.headers["Cache-Control"] = f"public, max-age={VALID_SECONDS}, immutable"
    return response
