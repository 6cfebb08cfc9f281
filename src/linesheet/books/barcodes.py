"""Barcodes: reading them as written, putting them on SKUs, giving new ones from ranges."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from random import SystemRandom

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from stdnum import ean

from linesheet.books.models import SKU, BarcodeRange, Company, RetiredBarcode
from linesheet.books.reasons import WARNING, Reason, Refused, Said
from linesheet.books.tenancy import company_in_hand

BARCODE_EMPTY = Reason(
    code="barcode_empty",
    says="There is no barcode.",
    fix="Enter the 12 or 13 digits printed under the bars.",
)
BARCODE_SCIENTIFIC = Reason(
    code="barcode_scientific",
    says="{text} is a number that a spreadsheet has shortened; its last digits are lost.",
    fix="Format the barcode column as text in the spreadsheet, fill it again and export again.",
)
BARCODE_NOT_DIGITS = Reason(
    code="barcode_not_digits",
    says="{text} is not a barcode: a barcode has digits only.",
    fix="Enter the 12 or 13 digits printed under the bars.",
)
BARCODE_EAN8 = Reason(
    code="barcode_ean8",
    says="{text} is an EAN-8, which is another kind of barcode.",
    fix="Give this size an EAN-13 (13 digits) or UPC-A (12 digits).",
)
BARCODE_CARTON = Reason(
    code="barcode_carton",
    says="{text} has 14 digits and so names a carton, not a single piece.",
    fix="Enter the 12 or 13 digits of the piece itself.",
)
BARCODE_LENGTH = Reason(
    code="barcode_length",
    says="{text} has {length} digits; a barcode has 12 (UPC-A) or 13 (EAN-13).",
    fix="Compare it with the printed barcode, and enter all of its digits.",
)
BARCODE_CHECK_DIGIT = Reason(
    code="barcode_check_digit",
    says="{text} is mistyped somewhere: its last digit should be {expected}, not {found}.",
    fix="Compare it with the printed barcode, and enter it again.",
)
BARCODE_TAKEN = Reason(
    code="barcode_taken",
    says="{barcode} is already on {holder}.",
    fix="Take it off {holder} first, or give this size another barcode.",
)
RANGE_NOT_NUMBERS = Reason(
    code="range_not_numbers",
    says="A range of {kind} barcodes cannot begin or end with {text}.",
    fix="Enter {lead} digits without the check digit, or all {whole} digits of a barcode.",
)
RANGE_ORDER = Reason(
    code="range_order",
    says="The range ends with {last}, before it begins with {first}.",
    fix="Enter the lower number first.",
)
RANGE_OVERLAP = Reason(
    code="range_overlap",
    says="The range {range} shares numbers with {other}.",
    fix="Choose numbers that no other range has.",
)
RANGE_LEADING_ZERO = Reason(
    code="range_leading_zero",
    says="The barcodes of {range} begin with 0, which spreadsheets drop.",
    fix="Prefer a range that begins with 1 or more, or keep barcode columns formatted as text.",
    severity=WARNING,
)
RANGE_OTHER_TYPE = Reason(
    code="range_other_type",
    says="The range {range} was passed over: its numbers do not fit in the 12 digits of a UPC-A.",
    fix="Add a range of UPC-A numbers, or set the company's barcode type to EAN-13.",
    severity=WARNING,
)
RANGE_LOW = Reason(
    code="range_low",
    says="Only {left} barcodes are left to give.",
    fix="Get a new range from GS1 and add it before they run out.",
    severity=WARNING,
)
RANGE_NONE = Reason(
    code="range_none",
    says="There is no range of numbers to give barcodes from; sizes without one: {without}.",
    fix="Add a range that GS1 gave the company, then give barcodes again.",
)
RANGE_USED_UP = Reason(
    code="range_used_up",
    says="The barcodes have run out; sizes still without one: {without}.",
    fix="Add a new range, then give barcodes again.",
)

REASONS: tuple[Reason, ...] = (
    BARCODE_EMPTY,
    BARCODE_SCIENTIFIC,
    BARCODE_NOT_DIGITS,
    BARCODE_EAN8,
    BARCODE_CARTON,
    BARCODE_LENGTH,
    BARCODE_CHECK_DIGIT,
    BARCODE_TAKEN,
    RANGE_NOT_NUMBERS,
    RANGE_ORDER,
    RANGE_OVERLAP,
    RANGE_LEADING_ZERO,
    RANGE_OTHER_TYPE,
    RANGE_LOW,
    RANGE_NONE,
    RANGE_USED_UP,
)

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?e[+-]?\d+", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="(.*)"')
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_UPC_LEADS = 10**11
_TRIES = 3


class BarcodeRefused(Refused):
    """This barcode cannot be read, or cannot go on this SKU."""


class RangeRefused(Refused):
    """This range of barcodes cannot be added."""


@dataclass(frozen=True, slots=True)
class Added:
    """A range as added, and what to mind about it."""

    range: BarcodeRange
    warnings: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What giving barcodes came to: SKUs that got one, SKUs still without, numbers left in usable ranges."""

    given: int
    without: int
    left: int
    warnings: tuple[Said, ...]


def read_barcode(text: str) -> str:
    """The barcode in `text`, 12 or 13 digits as printed (sheet erp.md 2.4 and 5, row 20).

    Spaces and hyphens are dropped, as is what spreadsheets put around text (a leading apostrophe, `="..."`)
    or after numbers (`.0`). Ten or eleven digits get their lost leading zeros back when the check digit
    proves them; fewer could as well be another number. Fourteen digits beginning with 0 are the 13-digit
    form. Zeros only are no barcode.

    Raises BarcodeRefused.
    """
    shown = unicodedata.normalize("NFKC", text).strip()
    digits = _digits(shown)
    if len(digits) == 14 and digits.startswith("0"):
        digits = digits[1:]
    if len(digits) in (10, 11) and ean.is_valid(digits.zfill(12)):
        digits = digits.zfill(12)
    if len(digits) == 8 and ean.is_valid(digits):
        raise BarcodeRefused(BARCODE_EAN8, text=shown)
    if len(digits) == 14:
        raise BarcodeRefused(BARCODE_CARTON, text=shown)
    if len(digits) not in (12, 13):
        raise BarcodeRefused(BARCODE_LENGTH, text=shown, length=len(digits))
    expected = ean.calc_check_digit(digits[:-1])
    if digits[-1] != expected:
        raise BarcodeRefused(BARCODE_CHECK_DIGIT, text=shown, expected=expected, found=digits[-1])
    return digits


def gtin(barcode: str) -> str:
    """The 13-digit form of a barcode, by which 12 and 13 digits of one number are the same."""
    return barcode.zfill(13)


def put_barcode(sku: SKU, text: str) -> None:
    """Put the barcode in `text` on the SKU; a number it had before is retired.

    Raises BarcodeRefused when it cannot be read, or names the holder when another SKU of the company has it.
    """
    barcode = read_barcode(text)
    try:
        with transaction.atomic():
            _replace_barcode(sku, barcode)
    except IntegrityError:
        holder = holder_of(barcode)
        if holder is None:
            raise
        raise BarcodeRefused(BARCODE_TAKEN, barcode=barcode, holder=holder) from None


def take_barcode(sku: SKU) -> None:
    """Take the barcode off the SKU and retire its number; nothing happens when there is none."""
    with transaction.atomic():
        _replace_barcode(sku, "")


def holder_of(barcode: str) -> SKU | None:
    """The company's SKU that has this barcode, in its 12- or 13-digit form."""
    found: SKU | None = SKU.objects.exclude(barcode="").filter(gtin=gtin(barcode)).select_related("product").first()
    return found


def retire(barcodes: Iterable[str]) -> None:
    """Keep the generator from ever giving these numbers; blanks and known ones are passed over."""
    rows = [RetiredBarcode(gtin=gtin(barcode)) for barcode in barcodes if barcode]
    RetiredBarcode.objects.bulk_create(rows, ignore_conflicts=True)


def add_range(
    first: str,
    last: str,
    method: BarcodeRange.Method = BarcodeRange.Method.SEQUENTIAL,
    warn_below: int = 500,
) -> Added:
    """Add a range of numbers to give barcodes from (sheet erp.md 2.4).

    Both ends are either 12 digits without the check digit or whole 13-digit barcodes when the company uses
    EAN-13, and 11 or 12 digits when it uses UPC-A. Warns when its barcodes begin with 0.

    Raises RangeRefused when an end is no such number, the ends are the wrong way round, or numbers are shared
    with another range.
    """
    with transaction.atomic():
        # Two people adding overlapping ranges at once must meet somewhere: at the company's row.
        company = Company.objects.select_for_update(no_key=True).get(pk=company_in_hand())
        lead_first, lead_last = _range_end(first, company), _range_end(last, company)
        if lead_first > lead_last:
            raise RangeRefused(RANGE_ORDER, first=first, last=last)
        added = BarcodeRange(first=lead_first, last=lead_last, next=lead_first, method=method, warn_below=warn_below)
        other = BarcodeRange.objects.filter(first__lte=lead_last, last__gte=lead_first).first()
        if other is not None:
            raise RangeRefused(RANGE_OVERLAP, range=added, other=other)
        added.save()
    drops_zero = _printed(lead_first, company).startswith("0")
    return Added(added, (RANGE_LEADING_ZERO.about(range=added),) if drops_zero else ())


def give_barcodes(skus: "QuerySet[SKU] | None" = None, *, include_inactive: bool = False) -> Given:
    """Give every SKU without a barcode one from the company's ranges, oldest range first (sheet erp.md 2.4).

    `skus` narrows it down; inactive and withdrawn products are passed over unless `include_inactive`.
    A number that is or was on a SKU is never given. Whoever runs it meanwhile waits and goes on after us.
    When numbers run out, `without` counts the SKUs left over and a warning says so.
    """
    wanting: QuerySet[SKU] = SKU.objects.filter(barcode="")
    if skus is not None:
        wanting = wanting.filter(pk__in=skus.values("pk"))
    if not include_inactive:
        wanting = wanting.filter(product__active=True, product__withdrawn=False)
    for _ in range(_TRIES - 1):
        try:
            return _give(wanting)
        except IntegrityError:  # someone typed one of the numbers in while we were giving it: choose again
            continue
    return _give(wanting)


def ranges_left() -> list[tuple[BarcodeRange, str, str, int]]:
    """Every range with its first and last barcode as the company prints them, and how many numbers are left to give.

    A range that the company's type of barcode has no room for has none left.
    """
    company = Company.objects.get(pk=company_in_hand())
    return [
        (
            each,
            _printed(each.first, company),
            _printed(each.last, company),
            0 if _unfit(each, company) else _span(each) - len(_used(each.next, each.last)),
        )
        for each in BarcodeRange.objects.all()
    ]


def running_low() -> Said | None:
    """That fewer numbers are left to give than the ranges want; None while there are enough, or where no range is."""
    ranges = list(BarcodeRange.objects.all())
    if not ranges:
        return None
    company = Company.objects.get(pk=company_in_hand())
    usable = [each for each in ranges if not _unfit(each, company)]
    wanted = max((each.warn_below for each in usable), default=0)
    if sum(map(_span, usable)) - _ever_used_at_most() >= wanted:
        return None
    left = sum(_span(each) - len(_used(each.next, each.last)) for each in usable)
    return RANGE_LOW.about(left=left) if left < wanted else None


def _digits(shown: str) -> str:
    """The digits of a barcode as written. Raises BarcodeRefused when there is anything else."""
    formula = _TEXT_FORMULA.fullmatch(shown)
    written = "".join((formula[1] if formula else shown.lstrip(_APOSTROPHES)).split())
    if not written:
        raise BarcodeRefused(BARCODE_EMPTY)
    if _SCIENTIFIC.fullmatch(written):
        raise BarcodeRefused(BARCODE_SCIENTIFIC, text=shown)
    whole_number = _WHOLE_NUMBER.fullmatch(written)
    written = whole_number[1] if whole_number else written
    digits = "".join(sign for sign in written if unicodedata.category(sign) != "Pd")
    if not re.fullmatch(r"[0-9]+", digits):
        raise BarcodeRefused(BARCODE_NOT_DIGITS, text=shown)
    if not digits.strip("0"):
        raise BarcodeRefused(BARCODE_EMPTY)
    return digits


def _replace_barcode(sku: SKU, barcode: str) -> None:
    before = SKU.objects.select_for_update(no_key=True).get(pk=sku.pk).barcode
    SKU.objects.filter(pk=sku.pk).update(barcode=barcode)
    if not barcode or gtin(before) != gtin(barcode):
        retire([before])
    sku.refresh_from_db(fields=["barcode", "gtin"])


def _range_end(text: str, company: Company) -> int:
    """The 12 leading digits of the 13-digit form of a range's end."""
    whole = 12 if company.barcode_type == Company.BarcodeType.UPCA else 13
    digits = "".join(text.split())
    is_lead = len(digits) == whole - 1
    is_whole = len(digits) == whole and ean.is_valid(digits)
    if not re.fullmatch(r"[0-9]+", digits) or not (is_lead or is_whole):
        raise RangeRefused(
            RANGE_NOT_NUMBERS, text=text, kind=company.get_barcode_type_display(), lead=whole - 1, whole=whole
        )
    return int(digits if is_lead else digits[:-1])


def _printed(lead: int, company: Company) -> str:
    """The barcode of twelve leading digits, as the company prints it."""
    digits = f"{lead:012d}"
    whole = digits + ean.calc_check_digit(digits)
    return whole[1:] if company.barcode_type == Company.BarcodeType.UPCA else whole


@transaction.atomic
def _give(wanting: "QuerySet[SKU]") -> Given:
    company = Company.objects.get(pk=company_in_hand())
    ranges: list[BarcodeRange] = list(BarcodeRange.objects.select_for_update().order_by("id"))
    unfit = [each for each in ranges if _unfit(each, company)]
    usable = [each for each in ranges if each not in unfit]
    # Locked before any number is written, so that nobody putting a barcode on one of them waits for us in turn.
    rows = wanting.select_for_update(of=("self",), no_key=True).order_by("product__code", "position", "id")
    ids = list(rows.values_list("pk", flat=True))
    leads: list[int] = []
    for each in usable:
        leads += _take(each, len(ids) - len(leads))
    _write([(pk, _printed(lead, company)) for pk, lead in zip(ids, leads, strict=False)])
    left = sum(_span(each) - len(_used(each.next, each.last)) for each in usable)
    without = len(ids) - len(leads)
    warnings = [RANGE_OTHER_TYPE.about(range=each) for each in unfit]
    if without:
        warnings.append((RANGE_USED_UP if ranges else RANGE_NONE).about(without=without))
    elif usable and left < max(each.warn_below for each in usable):
        warnings.append(RANGE_LOW.about(left=left))
    return Given(len(leads), without, left, tuple(warnings))


def _take(numbers: BarcodeRange, count: int) -> list[int]:
    """Up to `count` unused numbers of the range, which moves on behind them."""
    if count <= 0 or _span(numbers) == 0:
        return []
    if numbers.method == BarcodeRange.Method.RANDOM:
        return _at_random(numbers, count)
    taken: list[int] = []
    while len(taken) < count and numbers.next <= numbers.last:
        until = min(numbers.next + count - len(taken) - 1, numbers.last)
        used = _used(numbers.next, until)
        taken += [lead for lead in range(numbers.next, until + 1) if lead not in used]
        numbers.next = until + 1
    numbers.save(update_fields=["next"])
    return taken


def _at_random(numbers: BarcodeRange, count: int) -> list[int]:
    used = _used(numbers.next, numbers.last)
    chance = SystemRandom()
    if 2 * (len(used) + count) >= _span(numbers):
        free = [lead for lead in range(numbers.next, numbers.last + 1) if lead not in used]
        return chance.sample(free, min(count, len(free)))
    # At least half of the range is free, so drawing until it fits takes two draws a number on average.
    taken: list[int] = []
    while len(taken) < count:
        lead = chance.randint(numbers.next, numbers.last)
        if lead not in used:
            used.add(lead)
            taken.append(lead)
    return taken


def _span(numbers: BarcodeRange) -> int:
    return max(numbers.last - numbers.next + 1, 0)


def _unfit(numbers: BarcodeRange, company: Company) -> bool:
    """Whether the company's type of barcode has no room for the range's numbers."""
    return company.barcode_type == Company.BarcodeType.UPCA and numbers.last >= _UPC_LEADS


def _used(first: int, last: int) -> set[int]:
    """Leads from `first` to `last` that are or were on a SKU."""
    between = (f"{first:012d}0", f"{last:012d}9")
    on_skus = SKU.objects.exclude(barcode="").filter(gtin__range=between).order_by()
    retired = RetiredBarcode.objects.filter(gtin__range=between).order_by()
    found = on_skus.values_list("gtin", flat=True).union(retired.values_list("gtin", flat=True))
    return {int(number[:12]) for number in found}


def _ever_used_at_most() -> int:
    """No more numbers than this were ever on a SKU: rows are counted by their ids, which cost nothing to ask."""
    newest = [rows.everywhere.order_by("-pk").values_list("pk", flat=True).first() for rows in (SKU, RetiredBarcode)]
    return sum(pk or 0 for pk in newest)


def _write(barcodes: list[tuple[int, str]]) -> None:
    """Put barcodes on SKUs by id, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE books_sku SET barcode = new.barcode
            FROM unnest(%s::bigint[], %s::text[]) AS new (id, barcode)
            WHERE books_sku.id = new.id
            """,
            [[pk for pk, _ in barcodes], [barcode for _, barcode in barcodes]],
        )
