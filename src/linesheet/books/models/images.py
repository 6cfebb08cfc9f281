"""Pictures of products, kept by content, and the addresses they were fetched from."""

from django.db import models
from django.db.models.functions import MD5

from linesheet.books.models.products import Product
from linesheet.books.tenancy import CompanyOwned

SMALL_WIDTHS = (96, 320, 960)
"""Pixels a side that small pictures may have at most."""


class Image(CompanyOwned):
    """One picture of a product; the one with the lowest position is the main image.

    `content_hash` is the SHA-256 of the file and its name in the storage, so equal pictures are kept once.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images", db_index=False)
    position = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64)
    format = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()

    class Meta(CompanyOwned.Meta):
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint("product", "content_hash", name="picture_once")]
        indexes = [models.Index(fields=["company", "content_hash"], name="picture_by_content")]

    def __str__(self) -> str:
        return self.storage_name

    @property
    def storage_name(self) -> str:
        """Name of the file in the storage backend."""
        return f"{self.company_id}/{self.content_hash[:2]}/{self.content_hash}.{self.format}"

    def small_name(self, width: int) -> str:
        """Name of the small picture of that width. Raises ValueError unless the width is one of SMALL_WIDTHS."""
        if width not in SMALL_WIDTHS:
            raise ValueError(f"Small pictures have {SMALL_WIDTHS} pixels a side.")
        return f"{self.company_id}/small/{self.content_hash[:2]}/{self.content_hash}-{width}.jpg"

    @property
    def framed_folder(self) -> str:
        """Where the picture is kept in frames."""
        return f"{self.company_id}/framed/{self.content_hash[:2]}/{self.content_hash}"

    def framed_name(self, frame: tuple[int, int]) -> str:
        """Name of the picture in a frame of so many pixels."""
        return f"{self.framed_folder}/{frame[0]}x{frame[1]}.jpg"


class FetchedPicture(CompanyOwned):
    """An address whose picture was taken into the books. It is not fetched again, also when the picture has gone.

    Addresses still to be fetched are those of `Product.custom["image_urls"]` without such a row.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="fetched_pictures", db_index=False)
    url = models.TextField()
    fetched_at = models.DateTimeField(auto_now_add=True)

    class Meta(CompanyOwned.Meta):
        constraints = [models.UniqueConstraint("product", MD5("url"), name="picture_fetched_once")]

    def __str__(self) -> str:
        return self.url
