"""Every reason of the house, in one list: declared once, for people, and with a remedy."""

import importlib
import pkgutil
import string
from collections import Counter

import linesheet
from linesheet.books.reasons import LONGEST_NAME, Reason


def declared() -> list[tuple[str, Reason]]:
    """Every Reason at the top of a module, with the module that declares it."""
    found = {}
    for module in pkgutil.walk_packages(linesheet.__path__, "linesheet."):
        if "migrations" in module.name or module.name.endswith(("wsgi", "settings")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Reason):
                found.setdefault(id(value), (module.name, value))
    return list(found.values())


def test_no_two_reasons_share_a_code():
    codes = Counter(reason.code for _, reason in declared())

    assert [code for code, times in codes.items() if times > 1] == []
    assert len(codes) > 80


def test_every_reason_is_a_sentence_with_a_remedy():
    for module, reason in declared():
        assert reason.says.strip().endswith((".", "}", "!", "?", ":")), (module, reason.code, reason.says)
        assert reason.fix.strip(), (module, reason.code)


def test_a_reason_that_speaks_of_a_record_names_it():
    formatter = string.Formatter()
    for module, reason in declared():
        names = {name for text in (reason.says, reason.fix) for _, name, _, _ in formatter.parse(text) if name}
        about = reason.about(**dict.fromkeys(names, 7))
        assert "{" not in about.says + about.fix, (module, reason.code)


def test_what_a_reason_names_is_cut_however_it_comes():
    reason = Reason("wild", says="{order}: {problem}.", fix="Look at {order}.")

    said = reason.about(order="x" * 100_000, problem=ValueError("y" * 100_000))

    assert said.says.startswith("xxx")
    assert len(said.says) < 2 * LONGEST_NAME + 10
