"""What axe finds that keeps people from using a page."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules of WCAG that hang on colours, which is all that light and dark differ in."""


def violations(page: Page, *, only_colours: bool = False) -> list[str]:
    """Each rule of WCAG 2.2 AA that the page breaks as it stands, with what it means and the first elements that do."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # Told what is asked for, axe does not list every element that each rule is content with.
    options = {"runOnly": COLOURS if only_colours else WCAG, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{one['id']}: {one['help']} at {', '.join(map(_target, one['nodes'][:3]))}" for one in found]


def _target(node: dict[str, Any]) -> str:
    return " ".join(str(part) for part in node["target"])
