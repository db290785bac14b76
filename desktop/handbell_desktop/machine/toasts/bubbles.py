"""What we believe to be on the screen: bubbles by our key, and by the daemon's number once it has told it."""

from __future__ import annotations

from handbell_desktop.machine.toasts.base import Toast, ToastButton

MOST = 64  # more than a screen holds; a daemon that never says "closed" must not make us remember for ever


class Bubble:
    """One key. `number` is 0 until the daemon has named one, and again when it has closed that one."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.number = 0
        self.wanted: Toast | None = None
        self.unwanted = False
        self.on_its_way = False
        self.buttons: dict[str, ToastButton] = {}
        self.reply: ToastButton | None = None
        self.token: str | None = None
        self.used = False

    def shows(self, toast: Toast) -> None:
        # Buttons go by position: names that producers choose must not meet the specification's own.
        self.buttons = {f"button-{index}": button for index, button in enumerate(toast.buttons)}
        self.reply = toast.reply
        self.used = False


class Bubbles:
    def __init__(self) -> None:
        self._by_key: dict[str, Bubble] = {}
        self._by_number: dict[int, Bubble] = {}

    def of(self, key: str) -> Bubble:
        """The bubble of this key, an old one or a new one; it is now the youngest."""
        bubble = self._by_key.pop(key, None) or Bubble(key)
        self._by_key[key] = bubble
        return bubble

    def by_key(self, key: str) -> Bubble | None:
        return self._by_key.get(key)

    def by_number(self, number: int) -> Bubble | None:
        return self._by_number.get(number)

    def all(self) -> list[Bubble]:
        return list(self._by_key.values())

    @property
    def on_their_way(self) -> int:
        return sum(bubble.on_its_way for bubble in self._by_key.values())

    def number(self, bubble: Bubble, number: int) -> None:
        self.unnumber(bubble)
        bubble.number = number
        if self._by_key.get(bubble.key) is bubble:
            self._by_number[number] = bubble

    def unnumber(self, bubble: Bubble) -> None:
        if self._by_number.get(bubble.number) is bubble:
            del self._by_number[bubble.number]
        bubble.number = 0

    def forget(self, bubble: Bubble) -> None:
        """Out of both tables; it keeps its number, for whoever wants to take it down."""
        if self._by_key.get(bubble.key) is bubble:
            del self._by_key[bubble.key]
        if self._by_number.get(bubble.number) is bubble:
            del self._by_number[bubble.number]

    def too_many(self) -> list[Bubble]:
        """Forgets the oldest ones beyond the bound, and answers them."""
        forgotten = [bubble for bubble in self.all()[: max(0, len(self._by_key) - MOST)] if not bubble.on_its_way]
        for bubble in forgotten:
            self.forget(bubble)
        return forgotten

    def clear(self) -> None:
        self._by_key.clear()
        self._by_number.clear()
