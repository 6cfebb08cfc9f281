"""HTML as ORDRE's pages are made of it. Whatever comes from elsewhere goes through `said`."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from linesheet_sandbox.common.http import Answer

_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --line: #8886; --soft: #8881; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem 1rem 4rem; max-width: 75rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem } 
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem } .row { margin-bottom: .75rem }
p { margin: .25rem 0 .75rem } small, .quiet { opacity: .75 } .bad { color: var(--bad) }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .9rem .4rem 0; text-align: left; vertical-align: top }
th { font-weight: 600 } th, td { white-space: nowrap } td.wrap { white-space: normal; min-width: 10rem }
.wide { overflow-x: auto; margin-bottom: 1rem }
form { margin: 0 } form.row, .row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end }
.panel { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: .75rem 0 }
.panel > :last-child { margin-bottom: 0 } .panel > h3 { margin-top: 0 }
pre { overflow: auto; max-height: 24rem; font-size: .8125rem }
label { display: grid; gap: .15rem; font-size: .875rem }
input, select, button { font: inherit; min-height: 2.25rem; padding: .25rem .6rem; max-width: 100% }
input, select { border: 1px solid #888; border-radius: .375rem; background: Field; color: FieldText }
input[type=number], td input.short { width: 6rem }
button { border: 1px solid #888; border-radius: .375rem; background: var(--soft); color: inherit; cursor: pointer }
button.first { background: #1f4f46; border-color: #1f4f46; color: #fff }
a { color: inherit; text-underline-offset: .2em } :focus-visible { outline: 2px solid #3b82f6; outline-offset: 2px }
ul.look { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem }
ul.look { list-style: none; padding: 0; margin: 0 } ul.look li { overflow-wrap: anywhere; font-size: .875rem }
ul.look img, ul.look .none { display: block; width: 100%; height: 11rem; object-fit: contain; background: var(--soft) }
ul.look small, td small { display: block }
"""


def page(title: str, parts: Iterable[str], status: int = 200) -> Answer:
    """A whole page."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{said(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )
    return Answer(status, text.encode(), dict(_HEADERS))


def to(path: str) -> Answer:
    """Go on to another page, after a form."""
    return Answer(303, b"", {"location": path})


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], nothing: str, label: str) -> str:
    """A table of cells that are HTML already; a sentence when there are no rows."""
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    if not body:
        return f'<p class="quiet">{said(nothing)}</p>'
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{said(label)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def cells(values: Iterable[Any]) -> list[str]:
    """Plain values as cells."""
    return [f"<td>{said(value)}</td>" for value in values]


def form(action: str, inside: str, *, kind: str = "row") -> str:
    """A form that posts."""
    return f'<form method="post" action="{said(action)}" class="{kind}">{inside}</form>'


def field(label: str, name: str, value: Any = "", **more: Any) -> str:
    """A labelled input."""
    return f"<label>{said(label)}{entry(name, value, **more)}</label>"


def entry(name: str, value: Any = "", **more: Any) -> str:
    """An input; `type_` and the like lose their underscore, and `_` within becomes a hyphen."""
    told = {key.rstrip("_").replace("_", "-"): each for key, each in more.items()}
    attributes = "".join(f' {key}="{said(each)}"' for key, each in {"name": name, "value": value, **told}.items())
    return f"<input{attributes}>"


def choice(label: str, name: str, options: Mapping[str, str]) -> str:
    """A labelled choice of values by their names."""
    told = "".join(f'<option value="{said(key)}">{said(each)}</option>' for key, each in options.items())
    return f'<label>{said(label)}<select name="{said(name)}">{told}</select></label>'


def button(says: str, *, name: str = "", value: str = "", first: bool = False) -> str:
    """A button that sends its form."""
    told = f' name="{said(name)}" value="{said(value)}"' if name else ""
    return f"<button{told}{' class=first' if first else ''}>{said(says)}</button>"


def counted(number: Any, what: str) -> str:
    """A number of things."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def said(value: Any) -> str:
    """What came from elsewhere, as text."""
    return "" if value is None else escape(str(value))
