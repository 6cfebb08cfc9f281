"""The pictures of a product: adding, ordering and removing them."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from linesheet.books.changes import recorded
from linesheet.books.images import MOST_BYTES, ImageRefused, add_image, order_images, remove_image
from linesheet.books.models import ChangeSet, Image, Product
from linesheet.books.reasons import Refused
from linesheet.books.words import counted
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.undoing import offer_undo
from linesheet.web.views.books.cells import edited
from linesheet.web.views.books.product import product_or_404


@require_POST
@editors_only("add pictures")
def add(request: MemberRequest, product_id: int) -> HttpResponseBase:
    """Keep the pictures that were chosen, behind those there; of what is none it is said why."""
    product = product_or_404(product_id)
    files = request.FILES.getlist("pictures")
    added = 0
    with recorded("pictures", f"Pictures added to {product}.", by=request.user) as changes:
        for file in files:
            before = Image.objects.filter(product=product).count()
            try:
                # One byte more than is allowed is enough to refuse it.
                add_image(product, file.read(MOST_BYTES + 1), named=f"{product}, {file.name},")
            except ImageRefused as refused:
                messages.error(request, str(refused))
            added += Image.objects.filter(product=product).count() - before
        changes.says = f"{counted(added, 'picture')} added to {product}."
    if changes.pk:
        offer_undo(request, changes, changes.says)
    elif not files:
        messages.error(request, "Choose the files of the pictures first.")
    return redirect(_back(product))


@require_POST
@editors_only("order pictures")
def order(request: MemberRequest, product_id: int) -> HttpResponseBase:
    """Put the pictures in the order given (`picture`), with one moved a place earlier or later (`move`) if asked."""
    product = product_or_404(product_id)
    ids = [int(each) for each in request.POST.getlist("picture") if each.isdecimal()]
    moved, _, way = request.POST.get("move", "").partition(":")
    if moved.isdecimal() and int(moved) in ids:
        at = ids.index(int(moved))
        to = max(at - 1, 0) if way == "earlier" else at + 1
        ids.insert(to, ids.pop(at))
    try:
        with recorded("pictures", f"Pictures of {product} put in order.", by=request.user) as changes:
            order_images(product, ids)
    except Refused as refused:
        messages.error(request, str(refused))
        return _answer(request, product, None)
    return _answer(request, product, changes)


@require_POST
@editors_only("remove pictures")
def remove(request: MemberRequest, product_id: int, image_id: int) -> HttpResponseBase:
    """Take a picture off the product."""
    product = product_or_404(product_id)
    image: Image = get_object_or_404(Image.objects.filter(product=product), pk=image_id)
    with recorded("pictures", f"A picture of {product} removed.", by=request.user) as changes:
        remove_image(image)
    return _answer(request, product, changes)


def _answer(request: MemberRequest, product: Product, changes: ChangeSet | None) -> HttpResponseBase:
    if not request.htmx:
        if changes and changes.pk:
            offer_undo(request, changes, changes.says)
        return redirect(_back(product))
    pictures = render(
        request, "web/products/pictures.html", {"product": product, "images": Image.objects.filter(product=product)}
    )
    return HttpResponse(pictures.content + edited(request, changes).encode())


def _back(product: Product) -> str:
    return f"{reverse('product', args=[product.pk])}#pictures"
