"""From what an e-mail is to tell to the letter: grouped as in the list, in the person's words and by their clock."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from handbell_server.actions.mail_news import News
from handbell_server.actions.mails import Claimed
from handbell_server.channels.mail import rendering
from handbell_server.channels.mail.letters import Letter
from handbell_server.channels.mail.office import Office
from handbell_server.channels.mail.rendering import ITEMS_AT_MOST, Item, NewsKind
from handbell_server.channels.mail.words import Words, words_in
from handbell_shared.grouping import Group, arrange
from handbell_shared.kinds import colour_of
from handbell_shared.mailing import zone_for
from handbell_shared.phrasing import headline, phrasing
from handbell_shared.preferences import Preferences

_URGENT = "#c2410c"


def letter_of(office: Office, one: Claimed, news: News) -> Letter:
    kind: NewsKind = "digest" if one.kind == "digest" else "at_once"
    groups = arrange(news.records)
    shown = groups[:ITEMS_AT_MOST]
    words = words_in(one.language)
    letter = rendering.news(
        one.language,
        kind,
        [_item(group, words, news.preferences) for group in shown],
        count=len(news.records),
        more=sum(len(group.members) for group in groups[ITEMS_AT_MOST:]),
        home=office.home,
        leave=office.leave_url(kind, one.user_id, one.address),
    )
    if kind == "at_once":  # what that tells of has been written down since it was gathered
        return letter
    return replace(letter, names=tuple(member.id for group in shown for member in group.members))


def _item(group: Group, words: Words, preferences: Preferences) -> Item:
    newest = group.members[0]
    moment = datetime.fromtimestamp((newest.updated_at or newest.created_at) / 1_000, zone_for(preferences))
    urgent = any(member.priority == "urgent" for member in group.members)
    return Item(
        title=headline(group, phrasing(words.language)) if len(group.members) > 1 else newest.title,
        source=newest.source,
        when=words.when(moment) + (" UTC" if moment.tzinfo is UTC else ""),
        body=newest.body if len(group.members) == 1 else "",
        link=newest.link,
        colour=colour_of(newest) or (_URGENT if urgent else None),
    )
