"""The model of everything there is: a flat list of any length, read page by page, kept true change by change.

What is loaded is known by its places alone (a few words each); the notifications themselves are read when they are
painted, and the last few hundred are kept. A hundred thousand loaded rows are therefore a modest list of tuples.

Places are kept oldest first, so that what is new is appended. Row numbers run the other way.

A change names what changed. A few are put in their places one by one, after the query itself was asked which of them it still wants. Many,
or an unknown number, start a walk: page after page is read again behind the scenes and laid over what is loaded, from the
newest on, with the loop turning in between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, overload

from PySide6.QtCore import QObject, QTimer

from handbell_desktop.kept.shown import Entry, Key, Query
from handbell_desktop.long_deeds import Name
from handbell_desktop.ui.list.changes import steps
from handbell_desktop.ui.list.model import NOWHERE, Index, ListModel
from handbell_desktop.ui.list.rows import Row, RowKey

Place = tuple[bool, int, str, str]  # pinned, at, id, account: greater is further up

PAGE = 300
KEPT = 600  # rows as they are painted
FEW = 48  # changes that are looked up one by one


class Pages(Protocol):
    """The part of the desk that is read here."""

    def page(self, query: Query, *, after: Key | None = None, limit: int = 200) -> list[Entry]: ...

    def entry(self, account: str, an_id: str) -> Entry | None: ...

    def entries(self, account: str, ids: Collection[str]) -> list[Entry]: ...

    def among(self, query: Query, account: str, ids: Collection[str]) -> set[str]: ...


class Names(Sequence[Name]):
    """Of places, made when they are asked for: a hundred thousand at once would be felt."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, which: int) -> Name: ...
    @overload
    def __getitem__(self, which: slice) -> Sequence[Name]: ...
    def __getitem__(self, which: int | slice) -> Name | Sequence[Name]:
        if isinstance(which, slice):
            return [(account, an_id) for *_, an_id, account in self._places[which]]
        *_, an_id, account = self._places[which]
        return account, an_id


class HistoryModel(ListModel):
    def __init__(self, pages: Pages, spoken: Callable[[Row], str], parent: QObject | None = None) -> None:
        super().__init__(spoken, parent)
        self._pages = pages
        self._query = Query()
        self._places: list[Place] = []
        self._known: dict[str, dict[str, Place]] = {}
        self._complete = True
        self._kept: OrderedDict[tuple[str, str], Row] = OrderedDict()
        self._walk = QTimer(self)
        self._walk.timeout.connect(self._walk_on)
        self._walked: Place | None = None

    # ---- what Qt asks

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._places)

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        return not self._complete and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        if not self.canFetchMore(parent):
            return
        last = self._places[0] if self._places else None
        entries = self._pages.page(self._query, after=_key(last), limit=PAGE)
        self._complete = len(entries) < PAGE
        if entries:
            self._keep(entries)
            self._insert(len(self._places), [_place(one) for one in entries])

    # ---- what a view asks

    def row(self, number: int) -> Row | None:
        if not 0 <= number < len(self._places):
            return None
        *_, an_id, account = self._places[-1 - number]
        row = self._kept.get((account, an_id))
        if row is not None:
            self._kept.move_to_end((account, an_id))
            return row
        entry = self._pages.entry(account, an_id)
        if entry is None:  # gone, and the change that says so is under way
            return None
        self._keep([entry])
        return self._kept[(account, an_id)]

    def key(self, number: int) -> RowKey | None:
        if not 0 <= number < len(self._places):
            return None
        *_, an_id, account = self._places[-1 - number]
        return RowKey("entry", account, an_id)

    def names(self, ranges: Sequence[tuple[int, int]]) -> Sequence[Name]:
        size, places = len(self._places), list[Place]()
        for first, last in ranges:
            places += self._places[size - 1 - last : size - first][::-1]
        return Names(places)

    def number_of(self, key: RowKey) -> int | None:
        place = self._known.get(key.account, {}).get(key.id)
        return None if place is None else self._number(place)

    # ---- what the window asks

    def ask(self, query: Query) -> None:
        """Show the answers to another question."""
        self.beginResetModel()
        self._walk.stop()
        self._query = query
        self._kept.clear()
        self._places, self._known = [], {}
        entries = self._pages.page(query, limit=PAGE)
        self._complete = len(entries) < PAGE
        self._keep(entries)
        self._remember([_place(one) for one in reversed(entries)])
        self._places = [_place(one) for one in reversed(entries)]
        self.endResetModel()

    def take(self, changed: Collection[tuple[str, str]] | None) -> None:
        """These may have changed, come or gone; None: any of them."""
        if changed is not None and len(changed) > FEW:
            changed = self._first_page(changed)
        if changed is not None and len(changed) <= FEW:
            self.shifting.emit()
            for account in {account for account, _ in changed}:
                self._look_again(account, [an_id for one, an_id in changed if one == account])
            self.shifted.emit()
            return
        self._kept.clear()
        self._walked = None
        self._walk.start(0)
        self._walk_on()

    def _first_page(self, changed: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """A burst is mostly of new ones, and these are on the first page. Answers what is left."""
        entries = self._pages.page(self._query, limit=PAGE)
        for name in changed:
            self._kept.pop(name, None)
        self._keep(entries[:KEPT])
        self._lay_page_over(len(self._places), entries)
        return set(changed) - {(one.account, one.record.id) for one in entries}

    @property
    def walking(self) -> bool:
        return self._walk.isActive()

    # ---- one by one

    def _look_again(self, account: str, ids: Sequence[str]) -> None:
        """One question to the query about all of them: of a search that finds much each would cost a turn."""
        wanted = self._pages.among(self._query, account, ids)
        entries = {one.record.id: one for one in self._pages.entries(account, ids) if one.record.id in wanted}
        for an_id in ids:
            self._kept.pop((account, an_id), None)
            self._put(account, an_id, entries.get(an_id))

    def _put(self, account: str, an_id: str, entry: Entry | None) -> None:
        """Where it belongs now; None is nowhere."""
        before = self._known.get(account, {}).get(an_id)
        wanted = None if entry is None else _place(entry)
        if before is not None and before == wanted:
            index = self.index(self._number(before), 0)
            self.dataChanged.emit(index, index)
            return
        if before is not None:
            number = self._number(before)
            self._remove(number, number)
        if wanted is not None and self._within(wanted):
            self._insert(self._number(wanted) + 1, [wanted])

    def _within(self, place: Place) -> bool:
        """Not further down than what is loaded: that will be read when it is scrolled to."""
        return self._complete or (bool(self._places) and place > self._places[0])

    # ---- page by page

    def _walk_on(self) -> None:
        """Read the next page again and lay it over what is loaded of it."""
        entries = self._pages.page(self._query, after=_key(self._walked), limit=PAGE)
        high = bisect_left(self._places, self._walked) if self._walked is not None else len(self._places)
        if self._lay_page_over(high, entries):
            self._walked = _place(entries[-1])
        else:
            self._walk.stop()

    def _lay_page_over(self, high: int, entries: Sequence[Entry]) -> bool:
        """Over what is loaded below the place number `high`; answers whether more is loaded below that page."""
        wanted = [_place(one) for one in entries]
        at_end = len(entries) < PAGE
        beyond = not at_end and (not self._places or wanted[-1] < self._places[0])
        low = 0 if at_end or beyond else bisect_left(self._places, wanted[-1])
        if at_end or beyond:
            self._complete = at_end
        self._lay_over(low, high, wanted)
        return low > 0

    def _lay_over(self, low: int, high: int, wanted: Sequence[Place]) -> None:
        shown = self._places[low:high][::-1]
        first = len(self._places) - high
        self.shifting.emit()
        removals, insertions = steps(shown, wanted)
        for begin, end in removals:
            self._remove(first + begin, first + end)
        for begin, end in insertions:
            self._insert(first + begin, wanted[begin : end + 1])
        if wanted:
            self.dataChanged.emit(self.index(first, 0), self.index(first + len(wanted) - 1, 0))
        self.shifted.emit()

    # ---- places

    def _number(self, place: Place) -> int:
        return len(self._places) - 1 - bisect_left(self._places, place)

    def _insert(self, number: int, places: Sequence[Place]) -> None:
        """`places` from above downwards, the first of them as row `number`."""
        self.beginInsertRows(NOWHERE, number, number + len(places) - 1)
        at = len(self._places) - number
        self._places[at:at] = places[::-1]
        self._remember(places)
        self.endInsertRows()

    def _remove(self, first: int, last: int) -> None:
        self.beginRemoveRows(NOWHERE, first, last)
        size = len(self._places)
        for place in self._places[size - 1 - last : size - first]:
            *_, an_id, account = place
            if self._known[account].get(an_id) == place:  # or it has come back elsewhere already
                del self._known[account][an_id]
        del self._places[size - 1 - last : size - first]
        self.endRemoveRows()

    def _remember(self, places: Sequence[Place]) -> None:
        for place in places:
            self._known.setdefault(place[3], {})[place[2]] = place

    def _keep(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._kept[(entry.account, entry.record.id)] = Row(entry=entry)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _place(entry: Entry) -> Place:
    return (entry.record.pinned, entry.at, entry.record.id, entry.account)


def _key(place: Place | None) -> Key | None:
    return None if place is None else Key(*place[:3])
