"""What the company owns, one module a notion."""

from linesheet.books.models.barcodes import BarcodeRange, RetiredBarcode
from linesheet.books.models.changes import Change, ChangeSet, Touch, Version
from linesheet.books.models.customers import Address, Contact, Customer, HoldStatus
from linesheet.books.models.images import FetchedPicture, Image
from linesheet.books.models.imports import ColumnMapping, Import, ImportRow
from linesheet.books.models.orders import Order, OrderLine
from linesheet.books.models.people import Company, Invitation, Member, User
from linesheet.books.models.prices import Price, PriceList
from linesheet.books.models.products import SKU, Product, SizeRange, Visibility
from linesheet.books.models.seasons import Season
from linesheet.books.models.stock import FutureStock, Location, Stock

__all__ = [
    "SKU",
    "Address",
    "BarcodeRange",
    "Change",
    "ChangeSet",
    "ColumnMapping",
    "Company",
    "Contact",
    "Customer",
    "FetchedPicture",
    "FutureStock",
    "HoldStatus",
    "Image",
    "Import",
    "ImportRow",
    "Invitation",
    "Location",
    "Member",
    "Order",
    "OrderLine",
    "Price",
    "PriceList",
    "Product",
    "RetiredBarcode",
    "Season",
    "SizeRange",
    "Stock",
    "Touch",
    "User",
    "Version",
    "Visibility",
]
