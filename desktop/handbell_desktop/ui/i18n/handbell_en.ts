<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>AccountCard</name>
    <message numerus="yes">
        <source>%n change(s) wait to be sent.</source>
        <translation>
            <numerusform>%n change waits to be sent.</numerusform>
            <numerusform>%n changes wait to be sent.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) that the server does not know yet would be lost.</source>
        <translation>
            <numerusform>%n change that the server does not know yet would be lost.</numerusform>
            <numerusform>%n changes that the server does not know yet would be lost.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n unread</numerusform>
            <numerusform>%n unread</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DiagnosisPage</name>
    <message numerus="yes">
        <source>%n thing(s) to look at.</source>
        <translation>
            <numerusform>%n thing to look at.</numerusform>
            <numerusform>%n things to look at.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message numerus="yes">
        <source>View all %n</source>
        <translation>
            <numerusform>View %n</numerusform>
            <numerusform>View all %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Head</name>
    <message numerus="yes">
        <source>%n change(s) of yours wait to be sent, and go out when you are signed in.</source>
        <translation>
            <numerusform>%n change of yours waits to be sent, and goes out when you are signed in.</numerusform>
            <numerusform>%n changes of yours wait to be sent, and go out when you are signed in.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MuteMenu</name>
    <message numerus="yes">
        <source>Mute %n sources</source>
        <translation>
            <numerusform>Mute %n source</numerusform>
            <numerusform>Mute %n sources</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unmute %n sources</source>
        <translation>
            <numerusform>Unmute %n source</numerusform>
            <numerusform>Unmute %n sources</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QtPhrases</name>
    <message numerus="yes">
        <source>%n notification(s) while you were away</source>
        <translation>
            <numerusform>%n notification while you were away</numerusform>
            <numerusform>%n notifications while you were away</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) while it was quiet</source>
        <translation>
            <numerusform>%n notification while it was quiet</numerusform>
            <numerusform>%n notifications while it was quiet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more notification(s)</source>
        <translation>
            <numerusform>%n more notification</numerusform>
            <numerusform>%n more notifications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n other(s)</source>
        <translation>
            <numerusform>and %n other</numerusform>
            <numerusform>and %n others</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Marked %n notification(s) as read</source>
        <translation>
            <numerusform>Marked %n notification as read</numerusform>
            <numerusform>Marked %n notifications as read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Marked %n notification(s) as unread</source>
        <translation>
            <numerusform>Marked %n notification as unread</numerusform>
            <numerusform>Marked %n notifications as unread</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Archived %n notification(s)</source>
        <translation>
            <numerusform>Archived %n notification</numerusform>
            <numerusform>Archived %n notifications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n notification(s) out of the archive</source>
        <translation>
            <numerusform>Moved %n notification out of the archive</numerusform>
            <numerusform>Moved %n notifications out of the archive</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Snoozed %n notification(s)</source>
        <translation>
            <numerusform>Snoozed %n notification</numerusform>
            <numerusform>Snoozed %n notifications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pinned %n notification(s)</source>
        <translation>
            <numerusform>Pinned %n notification</numerusform>
            <numerusform>Pinned %n notifications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unpinned %n notification(s)</source>
        <translation>
            <numerusform>Unpinned %n notification</numerusform>
            <numerusform>Unpinned %n notifications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n notification(s)</source>
        <translation>
            <numerusform>Deleted %n notification</numerusform>
            <numerusform>Deleted %n notifications</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RulesPage</name>
    <message numerus="yes">
        <source>%n more can be found by name.</source>
        <comment>sources and types</comment>
        <translation>
            <numerusform>%n more can be found by name.</numerusform>
            <numerusform>%n more can be found by name.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SnoozeSheet</name>
    <message numerus="yes">
        <source>in %n day(s)</source>
        <translation>
            <numerusform>in %n day</numerusform>
            <numerusform>in %n days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n hour(s)</source>
        <translation>
            <numerusform>in %n hour</numerusform>
            <numerusform>in %n hours</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n minute(s)</source>
        <translation>
            <numerusform>in %n minute</numerusform>
            <numerusform>in %n minutes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrayNumber</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n unread</numerusform>
            <numerusform>%n unread</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message numerus="yes">
        <source>%n sources muted</source>
        <translation>
            <numerusform>%n source muted</numerusform>
            <numerusform>%n sources muted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n sources ring again</source>
        <translation>
            <numerusform>%n source rings again</numerusform>
            <numerusform>%n sources ring again</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) marked as read</source>
        <translation>
            <numerusform>%n notification marked as read</numerusform>
            <numerusform>%n notifications marked as read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) marked as unread</source>
        <translation>
            <numerusform>%n notification marked as unread</numerusform>
            <numerusform>%n notifications marked as unread</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) archived</source>
        <translation>
            <numerusform>%n notification archived</numerusform>
            <numerusform>%n notifications archived</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) moved back</source>
        <translation>
            <numerusform>%n notification moved back</numerusform>
            <numerusform>%n notifications moved back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) snoozed</source>
        <translation>
            <numerusform>%n notification snoozed</numerusform>
            <numerusform>%n notifications snoozed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) pinned</source>
        <translation>
            <numerusform>%n notification pinned</numerusform>
            <numerusform>%n notifications pinned</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) no longer pinned</source>
        <translation>
            <numerusform>%n notification no longer pinned</numerusform>
            <numerusform>%n notifications no longer pinned</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) deleted</source>
        <translation>
            <numerusform>%n notification deleted</numerusform>
            <numerusform>%n notifications deleted</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Waiting</name>
    <message numerus="yes">
        <source>↑ %n new</source>
        <translation>
            <numerusform>↑ %n new</numerusform>
            <numerusform>↑ %n new</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message numerus="yes">
        <source>%n notification(s)</source>
        <translation>
            <numerusform>%n notification</numerusform>
            <numerusform>%n notifications</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message numerus="yes">
        <source>%n min</source>
        <comment>minutes ago, very short</comment>
        <translation>
            <numerusform>%n min</numerusform>
            <numerusform>%n min</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <comment>hours ago, very short</comment>
        <translation>
            <numerusform>%n h</numerusform>
            <numerusform>%n h</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n d</source>
        <comment>days ago, very short</comment>
        <translation>
            <numerusform>%n d</numerusform>
            <numerusform>%n d</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n hour ago</numerusform>
            <numerusform>%n hours ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{first} and %n others</source>
        <comment>never fewer than two</comment>
        <translation>
            <numerusform>{first} and %n other</numerusform>
            <numerusform>{first} and %n others</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Group of %n notification(s)</source>
        <translation>
            <numerusform>Group of %n notification</numerusform>
            <numerusform>Group of %n notifications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Happened %n time(s)</source>
        <translation>
            <numerusform>Happened once</numerusform>
            <numerusform>Happened %n times</numerusform>
        </translation>
    </message>
</context>
</TS>
