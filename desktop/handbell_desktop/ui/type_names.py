"""What built-in types and categories are called in the person's language; what a producer registered is called as it is."""

from __future__ import annotations

from PySide6.QtCore import QObject


def one_line(text: str) -> str:
    return " ".join(text.split())


class TypeNames(QObject):
    def one(self, a_type: str) -> str:
        return {
            "info": self.tr("Information"),
            "success": self.tr("Success"),
            "warning": self.tr("Warning"),
            "error": self.tr("Error"),
            "message": self.tr("Message"),
            "friend_request": self.tr("Friend request"),
            "follow": self.tr("Follower"),
            "like": self.tr("Like"),
            "comment": self.tr("Comment"),
            "mention": self.tr("Mention"),
            "order_update": self.tr("Order"),
            "system": self.tr("System"),
        }.get(a_type, one_line(a_type))

    def category(self, category: str) -> str:
        return {
            "status": self.tr("Status"),
            "messages": self.tr("Messages"),
            "social": self.tr("Social"),
            "orders": self.tr("Orders"),
            "system": self.tr("System", "a category"),
        }.get(category, one_line(category))
