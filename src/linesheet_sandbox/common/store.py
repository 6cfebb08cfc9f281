"""Records by collection and id, in memory and, when there is a state file, in SQLite.

Memory is what is read; SQLite is what survives. Every request ends with one commit, so a killed process loses
nothing that was answered, and pushing thousands of records stays fast.
"""

import sqlite3
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

Record = dict[str, Any]
"""A stored document. Records are replaced, never changed in place: indexes rely on it."""

Keys = Callable[[Record], Iterable[Hashable]]

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS records "
    "(collection TEXT, id TEXT, body BLOB, PRIMARY KEY (collection, id)) WITHOUT ROWID"
)


class Store:
    """The state file, or nothing at all when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self._pending: dict[tuple[str, str], bytes | None] = {}
        self._database: sqlite3.Connection | None = None
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            # Written to the system is enough: what must survive is a killed sandbox, not a power cut.
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute(_SCHEMA)

    def load(self, collection: str) -> Iterator[tuple[str, Record]]:
        """The kept records of one collection, in id order."""
        if self._database:
            query = "SELECT id, body FROM records WHERE collection = ? ORDER BY id"
            for key, body in self._database.execute(query, (collection,)):
                yield key, msgspec.json.decode(body)

    def put(self, collection: str, key: str, record: Record | None) -> None:
        """Keep a record, or drop it when None, from the next commit on."""
        if self._database:
            self._pending[collection, key] = None if record is None else msgspec.json.encode(record)

    def commit(self) -> None:
        """Make everything put since the last commit durable, all or nothing."""
        if not self._database or not self._pending:
            return
        kept = [(*key, body) for key, body in self._pending.items() if body is not None]
        dropped = [key for key, body in self._pending.items() if body is None]
        self._pending = {}
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", kept)
        if dropped:
            self._database.executemany("DELETE FROM records WHERE collection = ? AND id = ?", dropped)
        self._database.execute("COMMIT")

    def close(self) -> None:
        """Commit and let go of the file."""
        self.commit()
        if self._database:
            self._database.close()


class Collection:
    """Records of one kind, with the indexes their look-ups need."""

    def __init__(self, store: Store, name: str, indexes: Mapping[str, Keys] | None = None) -> None:
        self.name = name
        self._store = store
        self._records: dict[str, Record] = {}
        self._keys = dict(indexes or {})
        self._indexes: dict[str, dict[Hashable, dict[str, None]]] = {index: {} for index in self._keys}
        for key, record in store.load(name):
            self._records[key] = record
            self._index(key, None, record)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def get(self, key: str) -> Record | None:
        """The record with this id."""
        return self._records.get(key)

    def ids(self) -> list[str]:
        """All ids in ascending order, which for object ids is the order of creation."""
        return sorted(self._records)

    def all(self) -> Iterator[Record]:
        """All records in the order of their ids."""
        return (self._records[key] for key in self.ids())

    def ids_by(self, index: str, key: Hashable) -> list[str]:
        """Ids of the records under one key of an index, ascending."""
        return sorted(self._indexes[index].get(key, ()))

    def by(self, index: str, key: Hashable) -> Record | None:
        """The oldest record under one key of an index."""
        found = self._indexes[index].get(key)
        return self._records[min(found)] if found else None

    def keys_of(self, index: str) -> dict[Hashable, dict[str, None]]:
        """One whole index: its keys, each with the ids below it."""
        return self._indexes[index]

    def put(self, key: str, record: Record) -> Record:
        """Store a record under an id, replacing what was there."""
        self._index(key, self._records.get(key), record)
        self._records[key] = record
        self._store.put(self.name, key, record)
        return record

    def remove(self, key: str) -> Record | None:
        """Drop a record; the record dropped, if there was one."""
        record = self._records.pop(key, None)
        if record is not None:
            self._index(key, record, None)
            self._store.put(self.name, key, None)
        return record

    def clear(self) -> None:
        """Drop every record."""
        for key in list(self._records):
            self.remove(key)

    def _index(self, key: str, old: Record | None, new: Record | None) -> None:
        # All of them first: a record that makes no sense leaves no trace of itself.
        moves = [
            (index, set(keys(old)) if old is not None else set(), set(keys(new)) if new is not None else set())
            for index, keys in self._keys.items()
        ]
        for index, before, after in moves:
            entries = self._indexes[index]
            for gone in before - after:
                del entries[gone][key]
                if not entries[gone]:
                    del entries[gone]
            for come in after - before:
                entries.setdefault(come, {})[key] = None


def copied(record: Record) -> Record:
    """A deep copy, to be changed. By way of JSON it takes a tenth of the time of `deepcopy`."""
    return cast(Record, msgspec.json.decode(msgspec.json.encode(record)))
