"""A product: its facts, SKUs, prices, pictures, and where it is published."""

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from linesheet.books.models import Product
from linesheet.web.access import MemberRequest


@require_safe
def show(request: MemberRequest, product_id: int) -> HttpResponseBase:
    """The page of a product."""
    product: Product = get_object_or_404(Product.objects, pk=product_id)
    return render(request, "web/products/product.html", {"product": product})
