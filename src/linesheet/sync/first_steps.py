"""What is left to do until the first export went out and the first order came in, of a company's connections."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from linesheet.books.models import Order
from linesheet.sync import registry
from linesheet.sync.connections import missing_answers
from linesheet.sync.models import Connection, InboxRecord, Link, Placement
from linesheet.sync.platform import Direction
from linesheet.sync.secrets import SecretUnreadable
from linesheet.sync.standing import Health, Standing


class Todo(StrEnum):
    """What a first step is about, in the order in which it is done."""

    ANSWERS = "answers"
    CATALOGUE = "catalogue"
    EXPORT = "export"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something to do on a connection; `names` are the answers it lacks, or the tasks that do it."""

    todo: Todo
    connection: Connection
    names: tuple[str, ...] = ()


def first_steps(standings: Sequence[Standing]) -> list[FirstStep]:
    """What is to be done next, each on the first connection that wants it. As many queries for many as for one."""
    able = [one for one in standings if one.health not in (Health.OFF, Health.NOT_INSTALLED)]
    incomplete = [one.connection for one in able if one.health is Health.INCOMPLETE]
    steps = [_answers(connection) for connection in incomplete[:1]]
    mine = [*(one.connection for one in able if one.health is not Health.INCOMPLETE), *incomplete]
    sends = [one for one in mine if _tasks(one, Direction.OUT)]
    if sends and not Link.objects.filter(connection__in=mine).exists():
        steps += _export(sends[0])
    takes = [one for one in mine if _tasks(one, Direction.IN)]
    if takes and not InboxRecord.objects.filter(connection__in=takes).exists() and not Order.objects.exists():
        steps.append(FirstStep(Todo.ORDERS, takes[0], _tasks(takes[0], Direction.IN)))
    return steps


def _answers(connection: Connection) -> FirstStep:
    try:
        missing = missing_answers(Connection.objects.get(pk=connection.pk))
    except SecretUnreadable:
        missing = []
    return FirstStep(Todo.ANSWERS, connection, tuple(setting.label for setting in missing))


def _export(connection: Connection) -> list[FirstStep]:
    steps = []
    if (
        registry.platform(connection.platform).catalogue
        and not Placement.objects.filter(section__connection=connection).exists()
    ):
        steps.append(FirstStep(Todo.CATALOGUE, connection))
    return [*steps, FirstStep(Todo.EXPORT, connection, _tasks(connection, Direction.OUT)[:1])]


def _tasks(connection: Connection, direction: Direction) -> tuple[str, ...]:
    tasks = registry.platform(connection.platform).tasks
    return tuple(task.name for task in tasks if task.direction is direction)
