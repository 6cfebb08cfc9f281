"""Addresses that are told of events."""

import uuid
from typing import TYPE_CHECKING

import click

from linesheet.cli.common import Door, Failure, connection_called, examples, in_books, json_option
from linesheet.cli.showing import show_json, show_table, when

if TYPE_CHECKING:
    from linesheet.sync.models import Delivery, Webhook
    from linesheet.sync.webhooks import NewWebhook


@click.group(cls=Door)
def webhook() -> None:
    """Addresses that are told what happens."""


@webhook.command(
    epilog=examples(
        "linesheet webhook add https://erp.example.com/linesheet --event order.imported --event stock.refused",
    )
)
@click.argument("url")
@click.option("--event", "events", multiple=True, metavar="EVENT", help="What to tell; may be repeated. Default: all.")
@click.option("--connection", metavar="NAME", help="Of this connection's own: what its platform may be told.")
@json_option
@in_books
def add(url: str, events: tuple[str, ...], connection: str | None, as_json: bool) -> None:
    """Have an address told of events, and show the secret that signs them this once."""
    from linesheet.sync import webhooks

    owner = connection_called(connection) if connection else None
    chosen = events or list(webhooks.events_of(owner))
    _show_secret(webhooks.add(url, chosen, connection=owner), as_json=as_json)


@webhook.command("list")
@json_option
@in_books
def list_(as_json: bool) -> None:
    """The company's webhooks."""
    from linesheet.sync.models import Webhook

    found = list(Webhook.objects.defer("secrets").select_related("connection"))
    if as_json:
        show_json([_data(one) for one in found])
        return
    show_table(
        ("Id", "URL", "Connection", "Events", "On", "Failing since"),
        [
            (
                one.pk,
                one.url,
                str(one.connection or ""),
                ", ".join(one.events),
                "yes" if one.active else "no",
                when(one.failing_since),
            )
            for one in found
        ],
        empty="None yet. See `linesheet webhook add -h`.",
    )


@webhook.command()
@click.argument("number", type=int, metavar="ID")
@in_books
def test(number: int) -> None:
    """Send a message that tells nothing now, and say how that went."""
    from linesheet.sync.webhook_sending import send_test

    found = _numbered(number)
    answered = send_test(found)
    if answered.says:
        raise Failure(f"{found} did not take it. {answered.says}", "Check the address, and the log of the other side.")
    click.echo(f"{found} took it, and answered {answered.status} in {answered.milliseconds} ms.")


@webhook.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True)
@json_option
@in_books
def log(number: int, limit: int, as_json: bool) -> None:
    """What was sent there, or waits to be, the latest first."""
    from linesheet.sync import webhooks

    found = list(webhooks.log_of(_numbered(number))[:limit])
    if as_json:
        show_json([_delivery_data(one) for one in found])
        return
    show_table(
        ("Delivery", "Event", "Made", "State", "Tries", "Next", "Why not"),
        [(one.number, one.event, when(one.made_at), one.state, one.tries, when(one.due_at), one.says) for one in found],
        empty="Nothing in the last 30 days.",
    )


@webhook.command()
@click.argument("delivery", type=click.UUID)
@in_books
def replay(delivery: uuid.UUID) -> None:
    """Send a message once more, named as `log` shows it."""
    from linesheet.sync import webhooks
    from linesheet.sync.models import Delivery

    found = Delivery.objects.filter(number=delivery).first()
    if found is None:
        raise Failure(f"There is no delivery {delivery}.", "See `linesheet webhook log -h`.")
    click.echo(f"Delivery {webhooks.replay(found).number} waits to be sent.")


@webhook.command()
@click.argument("number", type=int, metavar="ID")
@json_option
@in_books
def rotate(number: int, as_json: bool) -> None:
    """Make a new secret; for 24 hours the old one signs too."""
    from linesheet.sync import webhooks

    _show_secret(webhooks.rotate(_numbered(number)), as_json=as_json)


@webhook.command()
@click.argument("number", type=int, metavar="ID")
@in_books
def on(number: int) -> None:
    """Tell it again, of what happens from now on."""
    from linesheet.sync import webhooks

    webhooks.switch_on(_numbered(number))
    click.echo("It is switched on.")


@webhook.command()
@click.argument("number", type=int, metavar="ID")
@in_books
def off(number: int) -> None:
    """Tell it nothing more."""
    from linesheet.sync import webhooks

    webhooks.switch_off(_numbered(number))
    click.echo("It is switched off. What waited can be replayed.")


@webhook.command()
@click.argument("number", type=int, metavar="ID")
@in_books
def remove(number: int) -> None:
    """Forget an address and all that was sent there."""
    from linesheet.sync import webhooks

    found = _numbered(number)
    webhooks.remove(found)
    click.echo(f"{found} is removed.")


def _numbered(number: int) -> "Webhook":
    from linesheet.sync.models import Webhook

    found: Webhook | None = Webhook.objects.filter(pk=number).first()
    if found is None:
        raise Failure(f"There is no webhook {number}.", "See `linesheet webhook list`.")
    return found


def _show_secret(made: "NewWebhook", *, as_json: bool) -> None:
    if as_json:
        show_json({**_data(made.webhook), "secret": made.secret})
        return
    click.echo(made.secret)
    click.echo(f"It signs what webhook {made.webhook.pk} is told. It is shown this once.", err=True)


def _data(one: "Webhook") -> dict[str, object]:
    return {
        "id": one.pk,
        "url": one.url,
        "connection": one.connection.name if one.connection else None,
        "events": one.events,
        "active": one.active,
        "failing_since": one.failing_since,
        "created_at": one.created_at,
    }


def _delivery_data(one: "Delivery") -> dict[str, object]:
    return {
        "number": str(one.number),
        "event_id": str(one.event_id),
        "event": one.event,
        "state": one.state,
        "made_at": one.made_at,
        "due_at": one.due_at,
        "delivered_at": one.delivered_at,
        "says": one.says,
        "attempts": [
            {"at": each.at, "status": each.status, "milliseconds": each.milliseconds, "says": each.says}
            for each in one.attempts.all()
        ],
    }
