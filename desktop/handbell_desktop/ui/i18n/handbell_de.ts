<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>About Handbell</source>
        <translation>Über Handbell</translation>
    </message>
    <message>
        <source>A bell on the desk that never misses a ring and never rings twice.</source>
        <translation>Eine Glocke auf dem Schreibtisch, die kein Läuten verpasst und nie zweimal läutet.</translation>
    </message>
    <message>
        <source>Version {version} · MIT licence</source>
        <translation>Version {version} · MIT-Lizenz</translation>
    </message>
</context>
<context>
    <name>AccountCard</name>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Sign in again…</source>
        <translation>Neu anmelden…</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Sign out…</source>
        <translation>Abmelden…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Entfernen…</translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) wait to be sent.</source>
        <translation>
            <numerusform>%n Änderung ist noch nicht gesendet.</numerusform>
            <numerusform>%n Änderungen sind noch nicht gesendet.</numerusform>
        </translation>
    </message>
    <message>
        <source>Online</source>
        <translation>Online</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbindung wird aufgebaut…</translation>
    </message>
    <message>
        <source>Offline, and trying again: {reason}.</source>
        <translation>Offline, neuer Versuch läuft: {reason}.</translation>
    </message>
    <message>
        <source>Signed out: the server does not know this device.</source>
        <translation>Abgemeldet: Der Server kennt dieses Gerät nicht.</translation>
    </message>
    <message>
        <source>The server speaks another version of Handbell. Please update the older one.</source>
        <translation>Der Server spricht eine andere Version von Handbell. Bitte die ältere aktualisieren.</translation>
    </message>
    <message>
        <source>The notifications stay on the server and on your other devices. This computer forgets them.</source>
        <translation>Die Benachrichtigungen bleiben auf dem Server und auf deinen anderen Geräten. Dieser Computer vergisst sie.</translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) that the server does not know yet would be lost.</source>
        <translation>
            <numerusform>%n Änderung, die der Server noch nicht kennt, ginge verloren.</numerusform>
            <numerusform>%n Änderungen, die der Server noch nicht kennt, gingen verloren.</numerusform>
        </translation>
    </message>
    <message>
        <source>Remove the account</source>
        <translation>Konto entfernen</translation>
    </message>
    <message>
        <source>Sign out and remove the account</source>
        <translation>Abmelden und Konto entfernen</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
</context>
<context>
    <name>AccountPage</name>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
</context>
<context>
    <name>AccountsPage</name>
    <message>
        <source>Accounts</source>
        <translation>Konten</translation>
    </message>
    <message>
        <source>No account yet. Sign in, and the bell begins to ring.</source>
        <translation>Noch kein Konto. Melde dich an, und die Glocke läutet.</translation>
    </message>
    <message>
        <source>Add an account…</source>
        <translation>Konto hinzufügen…</translation>
    </message>
    <message>
        <source>Sign in…</source>
        <translation>Anmelden…</translation>
    </message>
</context>
<context>
    <name>ApprovalPage</name>
    <message>
        <source>This computer shows a code, and you approve it on a device that is signed in.</source>
        <translation>Dieser Computer zeigt einen Code, und du gibst ihn auf einem angemeldeten Gerät frei.</translation>
    </message>
    <message>
        <source>On a device that is signed in, open Settings, Accounts, “Approve a device”, and enter this code:</source>
        <translation>Öffne auf einem angemeldeten Gerät Einstellungen, Konten, „Gerät freigeben“ und gib dort diesen Code ein:</translation>
    </message>
    <message>
        <source>Good until {time}.</source>
        <translation>Gilt bis {time}.</translation>
    </message>
</context>
<context>
    <name>Asking</name>
    <message>
        <source>Your keyring is locked. Unlock it, and try again.</source>
        <translation>Dein Schlüsselbund ist gesperrt. Entsperre ihn und versuche es noch einmal.</translation>
    </message>
    <message>
        <source>This did not work, for a reason nobody foresaw. Please try again.</source>
        <translation>Das hat aus einem unerwarteten Grund nicht geklappt. Bitte versuche es noch einmal.</translation>
    </message>
</context>
<context>
    <name>BigCode</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Code: {code}</source>
        <translation>Code: {code}</translation>
    </message>
</context>
<context>
    <name>CaField</name>
    <message>
        <source>Choose…</source>
        <translation>Auswählen…</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation>Zertifikate (*.pem *.crt *.cer);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>CannotStart</name>
    <message>
        <source>Handbell is running already, but does not answer. Quit it, or log out of this computer and in again.</source>
        <translation>Handbell läuft schon, antwortet aber nicht. Beende es, oder melde dich an diesem Computer ab und wieder an.</translation>
    </message>
    <message>
        <source>Handbell does not use {folder}, because it belongs to somebody else.</source>
        <translation>Handbell benutzt {folder} nicht, weil es jemand anderem gehört.</translation>
    </message>
    <message>
        <source>Handbell cannot keep anything in {folder} ({why}). Make it writable, or make room on the disk, and start Handbell again.</source>
        <translation>Handbell kann in {folder} nichts aufbewahren ({why}). Mach den Ordner beschreibbar oder Platz auf der Platte, und starte Handbell neu.</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n ungelesen</numerusform>
            <numerusform>%n ungelesen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DeviceRow</name>
    <message>
        <source>Sign out</source>
        <translation>Abmelden</translation>
    </message>
    <message>
        <source>Sign out {device}</source>
        <translation>{device} abmelden</translation>
    </message>
    <message>
        <source>This computer, signed in since {date}</source>
        <translation>Dieser Computer, angemeldet seit {date}</translation>
    </message>
    <message>
        <source>Online now, signed in since {date}</source>
        <translation>Gerade online, angemeldet seit {date}</translation>
    </message>
    <message>
        <source>Offline, signed in since {date}</source>
        <translation>Offline, angemeldet seit {date}</translation>
    </message>
    <message>
        <source>Really sign out</source>
        <translation>Wirklich abmelden</translation>
    </message>
</context>
<context>
    <name>Devices</name>
    <message>
        <source>This is not a code: it has eight letters and digits, like {example}.</source>
        <translation>Das ist kein Code: Er hat acht Buchstaben und Ziffern, wie {example}.</translation>
    </message>
    <message>
        <source>No device shows this code, or it is too old. Let the device make a new one.</source>
        <translation>Kein Gerät zeigt diesen Code, oder er ist zu alt. Lass das Gerät einen neuen machen.</translation>
    </message>
    <message>
        <source>This server is too old to send a test notification. Please update it.</source>
        <translation>Dieser Server ist zu alt, um eine Testbenachrichtigung zu senden. Bitte aktualisiere ihn.</translation>
    </message>
    <message>
        <source>There is no key for this account on this device. Please sign in again.</source>
        <translation>Auf diesem Gerät gibt es keinen Schlüssel für dieses Konto. Bitte melde dich neu an.</translation>
    </message>
</context>
<context>
    <name>DevicesPanel</name>
    <message>
        <source>Devices of {user}</source>
        <translation>Geräte von {user}</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu laden</translation>
    </message>
    <message>
        <source>Pair a new device</source>
        <translation>Neues Gerät koppeln</translation>
    </message>
    <message>
        <source>Approve a device</source>
        <translation>Gerät freigeben</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>Der Server wird gefragt…</translation>
    </message>
    <message>
        <source>On the new device choose “Code” when you sign in, and enter this code or open this link:</source>
        <translation>Wähle beim Anmelden auf dem neuen Gerät „Code“ und gib diesen Code ein, oder öffne dort diesen Link:</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Link</translation>
    </message>
    <message>
        <source>Copy link</source>
        <translation>Link kopieren</translation>
    </message>
    <message>
        <source>Good once, until {time}. Whoever has it can read your notifications.</source>
        <translation>Gilt einmal, bis {time}. Wer ihn hat, kann deine Benachrichtigungen lesen.</translation>
    </message>
    <message>
        <source>Enter the code that the new device shows. Only approve a device that you hold in your hands.</source>
        <translation>Gib den Code ein, den das neue Gerät zeigt. Gib nur ein Gerät frei, das du in der Hand hast.</translation>
    </message>
    <message>
        <source>Code of the new device</source>
        <translation>Code des neuen Geräts</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>“{device}” is being signed in.</source>
        <translation>„{device}“ wird angemeldet.</translation>
    </message>
</context>
<context>
    <name>Diagnosis</name>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Uhr</translation>
    </message>
    <message>
        <source>Signed in</source>
        <translation>Anmeldung</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Unsent changes</source>
        <translation>Ungesendete Änderungen</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Bell</source>
        <translation>Glocke</translation>
    </message>
    <message>
        <source>Keyring</source>
        <translation>Schlüsselbund</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Start at login</source>
        <translation>Start beim Anmelden</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Handbell {version}</source>
        <translation>Handbell {version}</translation>
    </message>
    <message>
        <source>Handbell {version} answers at {host}, but without encryption: others can listen.</source>
        <translation>Handbell {version} antwortet unter {host}, aber ohne Verschlüsselung: Andere können mitlesen.</translation>
    </message>
    <message>
        <source>Handbell {version} answers at {host}.</source>
        <translation>Handbell {version} antwortet unter {host}.</translation>
    </message>
    <message>
        <source>The server&apos;s time is not known.</source>
        <translation>Die Uhrzeit des Servers ist nicht bekannt.</translation>
    </message>
    <message>
        <source>This computer and the server agree about the time.</source>
        <translation>Dieser Computer und der Server sind sich über die Uhrzeit einig.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {time} ahead of the server&apos;s. Times will look wrong.</source>
        <translation>Die Uhr dieses Computers geht {time} vor, verglichen mit der des Servers. Zeiten sehen dann falsch aus.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {time} behind the server&apos;s. Times will look wrong.</source>
        <translation>Die Uhr dieses Computers geht {time} nach, verglichen mit der des Servers. Zeiten sehen dann falsch aus.</translation>
    </message>
    <message>
        <source>There is no key for this account on this device. Please sign in again.</source>
        <translation>Auf diesem Gerät gibt es keinen Schlüssel für dieses Konto. Bitte melde dich neu an.</translation>
    </message>
    <message>
        <source>The server knows this device as “{name}”.</source>
        <translation>Der Server kennt dieses Gerät als „{name}“.</translation>
    </message>
    <message>
        <source>Online: what happens is here at once.</source>
        <translation>Online: Was geschieht, ist sofort hier.</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbindung wird aufgebaut…</translation>
    </message>
    <message>
        <source>Offline, and trying again: {reason}.</source>
        <translation>Offline, neuer Versuch läuft: {reason}.</translation>
    </message>
    <message>
        <source>The server has signed this device out. Please sign in again.</source>
        <translation>Der Server hat dieses Gerät abgemeldet. Bitte melde dich neu an.</translation>
    </message>
    <message>
        <source>The server speaks another version of Handbell. Please update the older one.</source>
        <translation>Der Server spricht eine andere Version von Handbell. Bitte die ältere aktualisieren.</translation>
    </message>
    <message>
        <source>Not started.</source>
        <translation>Nicht gestartet.</translation>
    </message>
    <message>
        <source>The history on this computer cannot be read ({why}).</source>
        <translation>Der Verlauf auf diesem Computer lässt sich nicht lesen ({why}).</translation>
    </message>
    <message>
        <source>The history on this computer is damaged. It is mended when Handbell starts again.</source>
        <translation>Der Verlauf auf diesem Computer ist beschädigt. Er wird beim nächsten Start von Handbell repariert.</translation>
    </message>
    <message>
        <source>The history on this computer is whole ({size} MB).</source>
        <translation>Der Verlauf auf diesem Computer ist heil ({size} MB).</translation>
    </message>
    <message>
        <source>None: the server knows everything you did.</source>
        <translation>Keine: Der Server kennt alles, was du getan hast.</translation>
    </message>
    <message>
        <source>Waiting to be sent: {number}. They go out with the next connection.</source>
        <translation>Noch nicht gesendet: {number}. Das geschieht mit der nächsten Verbindung.</translation>
    </message>
    <message>
        <source>This desktop shows no notifications: no service for them is running.</source>
        <translation>Dieser Desktop zeigt keine Benachrichtigungen: Es läuft kein Dienst dafür.</translation>
    </message>
    <message>
        <source>Notifications are switched off in the settings.</source>
        <translation>Benachrichtigungen sind in den Einstellungen abgeschaltet.</translation>
    </message>
    <message>
        <source>Shown by {service}, which has no buttons.</source>
        <translation>Angezeigt von {service}, ohne Knöpfe.</translation>
    </message>
    <message>
        <source>Shown by {service}.</source>
        <translation>Angezeigt von {service}.</translation>
    </message>
    <message>
        <source>The bell is in the notification area.</source>
        <translation>Die Glocke ist im Infobereich.</translation>
    </message>
    <message>
        <source>This desktop has no notification area, so Handbell opens a window instead.</source>
        <translation>Dieser Desktop hat keinen Infobereich, deshalb öffnet Handbell ein Fenster.</translation>
    </message>
    <message>
        <source>Your keys are kept in this computer&apos;s keyring.</source>
        <translation>Deine Schlüssel liegen im Schlüsselbund dieses Computers.</translation>
    </message>
    <message>
        <source>Your keys are kept in a file, not in a keyring.</source>
        <translation>Deine Schlüssel liegen in einer Datei, nicht in einem Schlüsselbund.</translation>
    </message>
    <message>
        <source>{why}</source>
        <translation>{why}</translation>
    </message>
    <message>
        <source>All that you chose could be read.</source>
        <translation>Alles, was du gewählt hast, konnte gelesen werden.</translation>
    </message>
    <message>
        <source>Handbell cannot be started at login here.</source>
        <translation>Hier lässt sich Handbell nicht beim Anmelden starten.</translation>
    </message>
    <message>
        <source>Handbell starts when you log in.</source>
        <translation>Handbell startet, wenn du dich am Computer anmeldest.</translation>
    </message>
    <message>
        <source>Handbell does not start when you log in.</source>
        <translation>Handbell startet nicht, wenn du dich am Computer anmeldest.</translation>
    </message>
    <message>
        <source>{number} seconds</source>
        <translation>{number} Sekunden</translation>
    </message>
    <message>
        <source>{number} minutes</source>
        <translation>{number} Minuten</translation>
    </message>
    <message>
        <source>{number} hours</source>
        <translation>{number} Stunden</translation>
    </message>
    <message>
        <source>This could not be checked ({why}).</source>
        <translation>Das ließ sich nicht prüfen ({why}).</translation>
    </message>
    <message>
        <source>This took too long to find out.</source>
        <translation>Das herauszufinden hat zu lange gedauert.</translation>
    </message>
</context>
<context>
    <name>DiagnosisPage</name>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Send me a test notification</source>
        <translation>Testbenachrichtigung senden</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Noch einmal prüfen</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Wird geprüft…</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) to look at.</source>
        <translation>
            <numerusform>%n Punkt zum Ansehen.</numerusform>
            <numerusform>%n Punkte zum Ansehen.</numerusform>
        </translation>
    </message>
    <message>
        <source>All is well.</source>
        <translation>Alles in Ordnung.</translation>
    </message>
    <message>
        <source>The report is in the clipboard. It holds no password and no key.</source>
        <translation>Der Bericht ist in der Zwischenablage. Er enthält kein Passwort und keinen Schlüssel.</translation>
    </message>
</context>
<context>
    <name>Filters</name>
    <message>
        <source>Type</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>All types</source>
        <translation>Alle Arten</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>All sources</source>
        <translation>Alle Quellen</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Priorität</translation>
    </message>
    <message>
        <source>Any priority</source>
        <translation>Jede Priorität</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>Jede Zeit</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>Dringend</translation>
    </message>
</context>
<context>
    <name>Footer</name>
    <message>
        <source>View all</source>
        <translation>Alle ansehen</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Keyboard (?)</source>
        <translation>Tastatur (?)</translation>
    </message>
    <message numerus="yes">
        <source>View all %n</source>
        <translation>
            <numerusform>Den einen ansehen</numerusform>
            <numerusform>Alle %n ansehen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GeneralPage</name>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>The bell is there as soon as you are.</source>
        <translation>Die Glocke ist da, sobald du da bist.</translation>
    </message>
    <message>
        <source>This is not possible on this computer.</source>
        <translation>Das ist auf diesem Computer nicht möglich.</translation>
    </message>
    <message>
        <source>Start when I log in</source>
        <translation>Beim Anmelden am Computer starten</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>In colour</source>
        <translation>Farbig</translation>
    </message>
    <message>
        <source>Light, for a dark bar</source>
        <translation>Hell, für eine dunkle Leiste</translation>
    </message>
    <message>
        <source>Dark, for a light bar</source>
        <translation>Dunkel, für eine helle Leiste</translation>
    </message>
    <message>
        <source>Bell</source>
        <translation>Glocke</translation>
    </message>
    <message>
        <source>How it looks in the notification area.</source>
        <translation>Wie sie im Infobereich aussieht.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Handbell {version}</source>
        <translation>Handbell {version}</translation>
    </message>
    <message>
        <source>This could not be changed: {why}</source>
        <translation>Das ließ sich nicht ändern: {why}</translation>
    </message>
</context>
<context>
    <name>Head</name>
    <message>
        <source>Sign in to Handbell</source>
        <translation>Bei Handbell anmelden</translation>
    </message>
    <message>
        <source>With the account you have on a Handbell server. Whoever runs it tells you its address.</source>
        <translation>Mit deinem Konto auf einem Handbell-Server. Wer ihn betreibt, nennt dir seine Adresse.</translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>Neu anmelden</translation>
    </message>
    <message>
        <source>The server does not know this device any more. Nothing of what you did is lost.</source>
        <translation>Der Server kennt dieses Gerät nicht mehr. Nichts, was du getan hast, geht verloren.</translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) of yours wait to be sent, and go out when you are signed in.</source>
        <translation>
            <numerusform>%n Änderung von dir wartet und wird gesendet, sobald du angemeldet bist.</numerusform>
            <numerusform>%n Änderungen von dir warten und werden gesendet, sobald du angemeldet bist.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Mark all as read</source>
        <translation>Alle als gelesen markieren</translation>
    </message>
    <message>
        <source>Mark all as read (Shift+A)</source>
        <translation>Alle als gelesen markieren (Umschalt+A)</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search (/)</source>
        <translation>Suchen (/)</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Search notifications</source>
        <translation>Benachrichtigungen durchsuchen</translation>
    </message>
</context>
<context>
    <name>HelpSheet</name>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Nächste</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Vorige</translation>
    </message>
    <message>
        <source>First</source>
        <translation>Erste</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>Letzte</translation>
    </message>
    <message>
        <source>To the buttons of the row</source>
        <translation>Zu den Knöpfen der Zeile</translation>
    </message>
    <message>
        <source>Back from the buttons</source>
        <translation>Zurück von den Knöpfen</translation>
    </message>
    <message>
        <source>Open, or press the button</source>
        <translation>Öffnen, oder den Knopf drücken</translation>
    </message>
    <message>
        <source>Mark as read or unread</source>
        <translation>Als gelesen oder ungelesen markieren</translation>
    </message>
    <message>
        <source>Archive, or move back</source>
        <translation>Archivieren, oder zurückholen</translation>
    </message>
    <message>
        <source>Snooze</source>
        <translation>Später erinnern</translation>
    </message>
    <message>
        <source>Pin or unpin</source>
        <translation>Anheften oder lösen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Mute the source, or unmute it</source>
        <translation>Quelle stummschalten oder wieder einschalten</translation>
    </message>
    <message>
        <source>Open or close a group</source>
        <translation>Gruppe auf- oder zuklappen</translation>
    </message>
    <message>
        <source>Select, to act on several</source>
        <translation>Auswählen, um mehrere zu bearbeiten</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Alle auswählen</translation>
    </message>
    <message>
        <source>Why it rang, or did not</source>
        <translation>Warum es läutete, oder nicht</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>Archiv</translation>
    </message>
    <message>
        <source>Mark all as read</source>
        <translation>Alle als gelesen markieren</translation>
    </message>
    <message>
        <source>This help</source>
        <translation>Diese Hilfe</translation>
    </message>
    <message>
        <source>Step back, or close</source>
        <translation>Einen Schritt zurück, oder schließen</translation>
    </message>
</context>
<context>
    <name>KeyringNote</name>
    <message>
        <source>Unlock the keyring…</source>
        <translation>Schlüsselbund entsperren…</translation>
    </message>
    <message>
        <source>Use the keyring…</source>
        <translation>Schlüsselbund benutzen…</translation>
    </message>
    <message>
        <source>Your keyring is locked, so Handbell cannot sign in.</source>
        <translation>Dein Schlüsselbund ist gesperrt, deshalb kann Handbell sich nicht anmelden.</translation>
    </message>
    <message>
        <source>You did not want to use this computer&apos;s keyring, so the key of your account is kept in a file. Only you can read it, but it is not encrypted.</source>
        <translation>Du wolltest den Schlüsselbund dieses Computers nicht benutzen, deshalb liegt der Schlüssel deines Kontos in einer Datei. Nur du kannst sie lesen, aber sie ist nicht verschlüsselt.</translation>
    </message>
    <message>
        <source>No keyring can be used on this computer, so the key of your account is kept in a file. Only you can read it, but it is not encrypted.</source>
        <translation>Auf diesem Computer lässt sich kein Schlüsselbund nutzen, deshalb liegt der Schlüssel deines Kontos in einer Datei. Nur du kannst sie lesen, aber sie ist nicht verschlüsselt.</translation>
    </message>
</context>
<context>
    <name>Line</name>
    <message>
        <source>Checking…</source>
        <translation>Wird geprüft…</translation>
    </message>
</context>
<context>
    <name>Mailbox</name>
    <message>
        <source>Please enter your e-mail address.</source>
        <translation>Bitte gib deine E-Mail-Adresse ein.</translation>
    </message>
    <message>
        <source>No more codes are sent for now. Please try again in an hour.</source>
        <translation>Vorerst werden keine weiteren Codes verschickt. Bitte versuche es in einer Stunde noch einmal.</translation>
    </message>
    <message>
        <source>This is not the code from the e-mail: that has six digits, like {example}.</source>
        <translation>Das ist nicht der Code aus der E-Mail: Der hat sechs Ziffern, wie {example}.</translation>
    </message>
    <message>
        <source>This is not the code, or not any more: it ends after a day, and after five wrong ones.</source>
        <translation>Das ist nicht der Code, oder nicht mehr: Er gilt einen Tag und endet nach fünf falschen.</translation>
    </message>
    <message>
        <source>No e-mail can be sent to this address. It should look like {example}.</source>
        <translation>An diese Adresse lässt sich keine E-Mail senden. Sie sollte aussehen wie {example}.</translation>
    </message>
</context>
<context>
    <name>MailboxPanel</name>
    <message>
        <source>E-mail</source>
        <translation>E-Mail</translation>
    </message>
    <message>
        <source>The mail server refused this address: {why}</source>
        <translation>Der Mailserver hat diese Adresse abgelehnt: {why}</translation>
    </message>
    <message>
        <source>This server sends no e-mail.</source>
        <translation>Dieser Server verschickt keine E-Mails.</translation>
    </message>
    <message>
        <source>What you have not seen can also come by e-mail.</source>
        <translation>Was du nicht gesehen hast, kann auch per E-Mail kommen.</translation>
    </message>
    <message>
        <source>Confirmed. E-mail goes to this address.</source>
        <translation>Bestätigt. E-Mails gehen an diese Adresse.</translation>
    </message>
    <message>
        <source>Confirmed. Nothing is mailed yet: you choose what, and when.</source>
        <translation>Bestätigt. Noch wird nichts verschickt: Du wählst, was und wann.</translation>
    </message>
    <message>
        <source>A code was sent there. Enter it here, or open the link in that e-mail, within a day.</source>
        <translation>Dorthin wurde ein Code geschickt. Gib ihn hier ein oder öffne den Link in der E-Mail, innerhalb eines Tages.</translation>
    </message>
    <message>
        <source>Add an address…</source>
        <translation>Adresse hinzufügen…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>What is mailed…</source>
        <translation>Was verschickt wird…</translation>
    </message>
    <message>
        <source>A new code is on its way.</source>
        <translation>Ein neuer Code ist unterwegs.</translation>
    </message>
    <message>
        <source>Send a new code</source>
        <translation>Neuen Code senden</translation>
    </message>
    <message>
        <source>Code from the e-mail</source>
        <translation>Code aus der E-Mail</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>Bestätigen</translation>
    </message>
    <message>
        <source>A code goes there first, to see that the address is yours.</source>
        <translation>Zuerst geht ein Code dorthin, um zu sehen, dass die Adresse dir gehört.</translation>
    </message>
    <message>
        <source>A code goes there first. Until you have entered it, no other e-mail is sent to you.</source>
        <translation>Zuerst geht ein Code dorthin. Bis du ihn eingegeben hast, bekommst du keine anderen E-Mails.</translation>
    </message>
    <message>
        <source>E-mail address</source>
        <translation>E-Mail-Adresse</translation>
    </message>
    <message>
        <source>Send a code</source>
        <translation>Code senden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>MuteMenu</name>
    <message>
        <source>Critical: cannot be muted</source>
        <translation>Kritisch: nicht stummschaltbar</translation>
    </message>
    <message>
        <source>Mute “{type}” from {source}</source>
        <translation>„{type}“ von {source} stummschalten</translation>
    </message>
    <message>
        <source>Trust {source} with urgent</source>
        <translation>{source} bei Dringendem vertrauen</translation>
    </message>
    <message>
        <source>Urgent ones from there ring although it is quiet.</source>
        <translation>Dringendes von dort meldet sich auch in der Ruhezeit.</translation>
    </message>
    <message numerus="yes">
        <source>Mute %n sources</source>
        <translation>
            <numerusform>%n Quelle stummschalten</numerusform>
            <numerusform>%n Quellen stummschalten</numerusform>
        </translation>
    </message>
    <message>
        <source>Mute {source}</source>
        <translation>{source} stummschalten</translation>
    </message>
    <message numerus="yes">
        <source>Unmute %n sources</source>
        <translation>
            <numerusform>%n Quelle wieder einschalten</numerusform>
            <numerusform>%n Quellen wieder einschalten</numerusform>
        </translation>
    </message>
    <message>
        <source>Unmute {source}</source>
        <translation>{source} wieder einschalten</translation>
    </message>
</context>
<context>
    <name>Naming</name>
    <message>
        <source>d MMM</source>
        <comment>date format of this year, as in 12 Nov</comment>
        <translation>d. MMM</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <comment>date format of other years, as in 12 Nov 2025</comment>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>{date}, {time}</source>
        <translation>{date}, {time}</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Offline — showing what this device has. Trying again…</source>
        <translation>Offline – zu sehen ist, was dieses Gerät hat. Neuer Versuch läuft…</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>Entsperren…</translation>
    </message>
    <message>
        <source>You are signed out. What you do here is kept until you are back.</source>
        <translation>Du bist abgemeldet. Was du hier tust, wird aufbewahrt, bis du wieder da bist.</translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>Neu anmelden</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>This app and the server are of different versions.</source>
        <translation>Diese App und der Server haben verschiedene Versionen.</translation>
    </message>
    <message>
        <source>Paused. Nothing pops up until you resume.</source>
        <translation>Pausiert. Nichts erscheint, bis du fortsetzt.</translation>
    </message>
    <message>
        <source>Quiet hours until {time}.</source>
        <translation>Ruhezeit bis {time}.</translation>
    </message>
    <message>
        <source>Paused until {time}.</source>
        <translation>Pausiert bis {time}.</translation>
    </message>
</context>
<context>
    <name>NotificationsPage</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Show notifications</source>
        <translation>Benachrichtigungen anzeigen</translation>
    </message>
    <message>
        <source>As a bubble on the screen, beside the bell.</source>
        <translation>Als Sprechblase auf dem Bildschirm, bei der Glocke.</translation>
    </message>
    <message>
        <source>Show what they say</source>
        <translation>Inhalt anzeigen</translation>
    </message>
    <message>
        <source>Off: only the title shows, for screens that others can see.</source>
        <translation>Aus: Nur der Titel erscheint, für Bildschirme, die andere sehen.</translation>
    </message>
    <message>
        <source>Urgent ones stay</source>
        <translation>Dringende bleiben stehen</translation>
    </message>
    <message>
        <source>Until you have done something with them.</source>
        <translation>Bis du etwas damit getan hast.</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Ton</translation>
    </message>
    <message>
        <source>Play sounds</source>
        <translation>Töne abspielen</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>Dringend</translation>
    </message>
    <message>
        <source>High priority</source>
        <translation>Hohe Priorität</translation>
    </message>
    <message>
        <source>Normal priority</source>
        <translation>Normale Priorität</translation>
    </message>
    <message>
        <source>Low priority</source>
        <translation>Niedrige Priorität</translation>
    </message>
    <message>
        <source>Play the sound of “{priority}”</source>
        <translation>Ton von „{priority}“ abspielen</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Links</source>
        <translation>Links</translation>
    </message>
    <message>
        <source>Open e-mail links</source>
        <translation>E-Mail-Links öffnen</translation>
    </message>
    <message>
        <source>A click on such a notification begins an e-mail. Links to the web always open.</source>
        <translation>Ein Klick auf eine solche Benachrichtigung beginnt eine E-Mail. Links ins Web öffnen sich immer.</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>Tell senders what happened here</source>
        <translation>Absendern mitteilen, was hier geschah</translation>
    </message>
    <message>
        <source>That a notification was shown, clicked or waved away on this device, or why it was held back. Off: “Why?” knows nothing of it either. Whether you have read it is known to the server, and senders may ask it.</source>
        <translation>Dass eine Benachrichtigung auf diesem Gerät gezeigt, angeklickt oder weggewischt wurde, oder warum sie zurückgehalten wurde. Aus: Auch „Warum?“ weiß davon nichts. Ob du sie gelesen hast, weiß der Server, und Absender dürfen ihn fragen.</translation>
    </message>
    <message>
        <source>This desktop shows no notifications: no service for them is running.</source>
        <translation>Dieser Desktop zeigt keine Benachrichtigungen: Es läuft kein Dienst dafür.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Bell</source>
        <translation>Glocke</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>Information</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Ringing</source>
        <translation>Klingeln</translation>
    </message>
    <message>
        <source>Alarm</source>
        <translation>Wecker</translation>
    </message>
</context>
<context>
    <name>Overlay</name>
    <message>
        <source>Close (Esc)</source>
        <translation>Schließen (Esc)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>Panel</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Sign in to your server, and the bell rings here.</source>
        <translation>Melde dich bei deinem Server an, und die Glocke läutet hier.</translation>
    </message>
    <message>
        <source>Nobody is signed in</source>
        <translation>Niemand ist angemeldet</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>No notification in this tab has these words.</source>
        <translation>Keine Benachrichtigung in diesem Reiter enthält diese Wörter.</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>All caught up</source>
        <translation>Alles erledigt</translation>
    </message>
    <message>
        <source>Nothing is waiting for you. Enjoy the silence.</source>
        <translation>Nichts wartet auf dich. Genieß die Stille.</translation>
    </message>
    <message>
        <source>The archive is empty</source>
        <translation>Das Archiv ist leer</translation>
    </message>
    <message>
        <source>Press E to put a notification away in here.</source>
        <translation>Drück E, um eine Benachrichtigung hier abzulegen.</translation>
    </message>
    <message>
        <source>Nothing here yet</source>
        <translation>Noch nichts da</translation>
    </message>
    <message>
        <source>What is sent to you will ring, and stay here.</source>
        <translation>Was dir gesendet wird, läutet und bleibt hier.</translation>
    </message>
</context>
<context>
    <name>QtPhrases</name>
    <message numerus="yes">
        <source>%n notification(s) while you were away</source>
        <translation>
            <numerusform>%n Benachrichtigung, während du weg warst</numerusform>
            <numerusform>%n Benachrichtigungen, während du weg warst</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) while it was quiet</source>
        <translation>
            <numerusform>%n Benachrichtigung, während Ruhe war</numerusform>
            <numerusform>%n Benachrichtigungen, während Ruhe war</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more notification(s)</source>
        <translation>
            <numerusform>%n weitere Benachrichtigung</numerusform>
            <numerusform>%n weitere Benachrichtigungen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n other(s)</source>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Notification</source>
        <translation>Benachrichtigung</translation>
    </message>
    <message>
        <source>Mark read</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Mute {source}</source>
        <translation>{source} stummschalten</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>This link writes an e-mail. You can allow that in the settings.</source>
        <translation>Dieser Link schreibt eine E-Mail. Das lässt sich in den Einstellungen erlauben.</translation>
    </message>
    <message>
        <source>The link could not be opened.</source>
        <translation>Der Link ließ sich nicht öffnen.</translation>
    </message>
    <message>
        <source>The session has expired. Please sign in again.</source>
        <translation>Die Sitzung ist abgelaufen. Bitte melde dich neu an.</translation>
    </message>
    <message>
        <source>This device was signed out from elsewhere. Please sign in again.</source>
        <translation>Dieses Gerät wurde von anderswo abgemeldet. Bitte melde dich neu an.</translation>
    </message>
    <message>
        <source>The server does not know this device any more. Please sign in again.</source>
        <translation>Der Server kennt dieses Gerät nicht mehr. Bitte melde dich neu an.</translation>
    </message>
    <message>
        <source>The server speaks another version of the protocol. Please update the older of the two.</source>
        <translation>Der Server spricht eine andere Version des Protokolls. Bitte die ältere Seite aktualisieren.</translation>
    </message>
    <message>
        <source>Please sign in again: there is no key for this account on this device.</source>
        <translation>Bitte melde dich neu an: Auf diesem Gerät gibt es keinen Schlüssel für dieses Konto.</translation>
    </message>
    <message>
        <source>You signed in as {other}, but what is kept here belongs to {mine}. Add another account for {other}.</source>
        <translation>Du hast dich als {other} angemeldet, aber was hier liegt, gehört {mine}. Füge für {other} ein weiteres Konto hinzu.</translation>
    </message>
    <message>
        <source>The keyring could not be read: {why}</source>
        <translation>Der Schlüsselbund ließ sich nicht lesen: {why}</translation>
    </message>
    <message>
        <source>Your keyring is locked, and the key of this account is in it.</source>
        <translation>Dein Schlüsselbund ist gesperrt, und darin liegt der Schlüssel dieses Kontos.</translation>
    </message>
    <message>
        <source>Another Handbell on this computer has this account open.</source>
        <translation>Ein anderes Handbell auf diesem Computer hat dieses Konto geöffnet.</translation>
    </message>
    <message>
        <source>A newer version of Handbell has written what this device knows. Please update this one.</source>
        <translation>Eine neuere Version von Handbell hat geschrieben, was dieses Gerät weiß. Bitte aktualisiere diese.</translation>
    </message>
    <message>
        <source>What this device knows could not be opened: {why}</source>
        <translation>Was dieses Gerät weiß, ließ sich nicht öffnen: {why}</translation>
    </message>
    <message>
        <source>This could not be saved: {why}</source>
        <translation>Das ließ sich nicht speichern: {why}</translation>
    </message>
    <message numerus="yes">
        <source>Marked %n notification(s) as read</source>
        <translation>
            <numerusform>%n Benachrichtigung als gelesen markiert</numerusform>
            <numerusform>%n Benachrichtigungen als gelesen markiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Marked %n notification(s) as unread</source>
        <translation>
            <numerusform>%n Benachrichtigung als ungelesen markiert</numerusform>
            <numerusform>%n Benachrichtigungen als ungelesen markiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Archived %n notification(s)</source>
        <translation>
            <numerusform>%n Benachrichtigung archiviert</numerusform>
            <numerusform>%n Benachrichtigungen archiviert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n notification(s) out of the archive</source>
        <translation>
            <numerusform>%n Benachrichtigung aus dem Archiv geholt</numerusform>
            <numerusform>%n Benachrichtigungen aus dem Archiv geholt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Snoozed %n notification(s)</source>
        <translation>
            <numerusform>%n Benachrichtigung auf später gelegt</numerusform>
            <numerusform>%n Benachrichtigungen auf später gelegt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pinned %n notification(s)</source>
        <translation>
            <numerusform>%n Benachrichtigung angeheftet</numerusform>
            <numerusform>%n Benachrichtigungen angeheftet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unpinned %n notification(s)</source>
        <translation>
            <numerusform>%n Benachrichtigung gelöst</numerusform>
            <numerusform>%n Benachrichtigungen gelöst</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n notification(s)</source>
        <translation>
            <numerusform>%n Benachrichtigung gelöscht</numerusform>
            <numerusform>%n Benachrichtigungen gelöscht</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QuietPage</name>
    <message>
        <source>Quiet hours</source>
        <translation>Ruhezeiten</translation>
    </message>
    <message>
        <source>What you choose here holds on all your devices.</source>
        <translation>Was du hier wählst, gilt auf allen deinen Geräten.</translation>
    </message>
    <message>
        <source>Every week</source>
        <translation>Jede Woche</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>Dringend</translation>
    </message>
    <message>
        <source>End the pause</source>
        <translation>Pause beenden</translation>
    </message>
    <message>
        <source>While it is quiet, notifications are kept, but nothing shows or sounds. Afterwards you get one summary.</source>
        <translation>Solange Ruhe ist, werden Benachrichtigungen aufbewahrt, aber nichts erscheint oder tönt. Danach kommt eine Zusammenfassung.</translation>
    </message>
    <message>
        <source>For 30 minutes</source>
        <translation>Für 30 Minuten</translation>
    </message>
    <message>
        <source>For 1 hour</source>
        <translation>Für 1 Stunde</translation>
    </message>
    <message>
        <source>Until tomorrow, 8:00</source>
        <translation>Bis morgen, 8:00</translation>
    </message>
    <message>
        <source>Until I say</source>
        <translation>Bis ich sie beende</translation>
    </message>
    <message>
        <source>Pause now</source>
        <translation>Jetzt pausieren</translation>
    </message>
    <message>
        <source>Quiet at the same hours</source>
        <translation>Ruhe zu festen Zeiten</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Zeitzone</translation>
    </message>
    <message>
        <source>In which the hours are reckoned, wherever you are.</source>
        <translation>In ihr zählen die Stunden, wo du auch bist.</translation>
    </message>
    <message>
        <source>There it is {time} now.</source>
        <translation>Dort ist es jetzt {time}.</translation>
    </message>
    <message>
        <source>On these days</source>
        <translation>An diesen Tagen</translation>
    </message>
    <message>
        <source>Quiet from</source>
        <translation>Ruhe von</translation>
    </message>
    <message>
        <source>Quiet to</source>
        <translation>Ruhe bis</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>The whole day.</source>
        <translation>Den ganzen Tag.</translation>
    </message>
    <message>
        <source>Until the next morning.</source>
        <translation>Bis zum nächsten Morgen.</translation>
    </message>
    <message>
        <source>Paused until you say</source>
        <translation>Pausiert, bis du es beendest</translation>
    </message>
    <message>
        <source>Paused until {time}</source>
        <translation>Pausiert bis {time}</translation>
    </message>
    <message>
        <source>Quiet now, until {time}</source>
        <translation>Jetzt Ruhe, bis {time}</translation>
    </message>
    <message>
        <source>The bell rings</source>
        <translation>Die Glocke läutet</translation>
    </message>
</context>
<context>
    <name>ReadingPane</name>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Nothing chosen</source>
        <translation>Nichts ausgewählt</translation>
    </message>
    <message>
        <source>Choose a notification to read all of it here.</source>
        <translation>Wähle eine Benachrichtigung, um sie hier ganz zu lesen.</translation>
    </message>
    <message>
        <source>Read or unread</source>
        <translation>Gelesen oder ungelesen</translation>
    </message>
    <message>
        <source>Mark as read or unread (U)</source>
        <translation>Als gelesen oder ungelesen markieren (U)</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archivieren</translation>
    </message>
    <message>
        <source>Archive, or move back (E)</source>
        <translation>Archivieren, oder zurückholen (E)</translation>
    </message>
    <message>
        <source>Snooze</source>
        <translation>Später erinnern</translation>
    </message>
    <message>
        <source>Snooze (S)</source>
        <translation>Später erinnern (S)</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Pin or unpin (P)</source>
        <translation>Anheften oder lösen (P)</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>Stummschalten</translation>
    </message>
    <message>
        <source>Mute or unmute the source (M)</source>
        <translation>Quelle stummschalten oder wieder einschalten (M)</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete (#)</source>
        <translation>Löschen (#)</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>Why it rang, or did not (Y)</source>
        <translation>Warum es läutete, oder nicht (Y)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>the server does not answer</source>
        <translation>der Server antwortet nicht</translation>
    </message>
    <message>
        <source>the server does not answer in time</source>
        <translation>der Server antwortet nicht rechtzeitig</translation>
    </message>
    <message>
        <source>the server&apos;s name is not known here</source>
        <translation>der Name des Servers ist hier unbekannt</translation>
    </message>
    <message>
        <source>the server is busy</source>
        <translation>der Server ist ausgelastet</translation>
    </message>
    <message>
        <source>the connection was lost</source>
        <translation>die Verbindung ist abgebrochen</translation>
    </message>
    <message>
        <source>the connection was too slow</source>
        <translation>die Verbindung war zu langsam</translation>
    </message>
    <message>
        <source>the server is starting anew</source>
        <translation>der Server startet neu</translation>
    </message>
    <message>
        <source>the server closed the connection</source>
        <translation>der Server hat die Verbindung geschlossen</translation>
    </message>
    <message>
        <source>an error on this device; see the log</source>
        <translation>ein Fehler auf diesem Gerät; siehe Protokoll</translation>
    </message>
</context>
<context>
    <name>RefusedSheet</name>
    <message>
        <source>This link was not opened</source>
        <translation>Dieser Link wurde nicht geöffnet</translation>
    </message>
    <message>
        <source>The link</source>
        <translation>Der Link</translation>
    </message>
    <message>
        <source>Copy the link</source>
        <translation>Link kopieren</translation>
    </message>
</context>
<context>
    <name>RemoveButton</name>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>No e-mail any more</source>
        <translation>Keine E-Mails mehr</translation>
    </message>
    <message>
        <source>Really remove</source>
        <translation>Wirklich entfernen</translation>
    </message>
</context>
<context>
    <name>ReplyBar</name>
    <message>
        <source>Your answer</source>
        <translation>Deine Antwort</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Do not answer (Esc)</source>
        <translation>Nicht antworten (Esc)</translation>
    </message>
    <message>
        <source>Do not answer</source>
        <translation>Nicht antworten</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Mark as read</source>
        <translation>Als gelesen markieren</translation>
    </message>
    <message>
        <source>Mark as unread</source>
        <translation>Als ungelesen markieren</translation>
    </message>
    <message>
        <source>Move back to the list</source>
        <translation>Zurück in die Liste</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archivieren</translation>
    </message>
    <message>
        <source>Snooze…</source>
        <translation>Später erinnern …</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Anheften</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
</context>
<context>
    <name>RowsView</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Mark as read (U)</source>
        <translation>Als gelesen markieren (U)</translation>
    </message>
    <message>
        <source>Mark as unread (U)</source>
        <translation>Als ungelesen markieren (U)</translation>
    </message>
    <message>
        <source>Move back to the list (E)</source>
        <translation>In die Liste zurückholen (E)</translation>
    </message>
    <message>
        <source>Archive (E)</source>
        <translation>Archivieren (E)</translation>
    </message>
    <message>
        <source>Snooze (S)</source>
        <translation>Später erinnern (S)</translation>
    </message>
    <message>
        <source>Delete (#)</source>
        <translation>Löschen (#)</translation>
    </message>
</context>
<context>
    <name>RuleGrid</name>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Say nothing about it here</source>
        <translation>Hier nichts dazu sagen</translation>
    </message>
</context>
<context>
    <name>RuleWords</name>
    <message>
        <source>Toast</source>
        <translation>Blase</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Ton</translation>
    </message>
    <message>
        <source>Badge</source>
        <translation>Zahl</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>E-Mail</translation>
    </message>
    <message>
        <source>Push</source>
        <translation>Push</translation>
    </message>
    <message>
        <source>Shown for a moment, beside the bell.</source>
        <translation>Erscheint für einen Moment bei der Glocke.</translation>
    </message>
    <message>
        <source>The toast makes its sound.</source>
        <translation>Die Sprechblase macht ihren Ton.</translation>
    </message>
    <message>
        <source>Counts for the number on the bell, and stands under “Unread”.</source>
        <translation>Zählt für die Zahl an der Glocke und steht unter „Ungelesen“.</translation>
    </message>
    <message>
        <source>Mailed at once, in the next summary, or never.</source>
        <translation>Kommt sofort als E-Mail, in der nächsten Zusammenfassung oder nie.</translation>
    </message>
    <message>
        <source>Sent to programs that follow by another protocol, such as the phone apps of ntfy or Gotify.</source>
        <translation>Geht an Programme, die auf andere Art mitlesen, etwa die Telefon-Apps von ntfy oder Gotify.</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Sofort</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>Gesammelt</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>At once</source>
        <translation>Sofort</translation>
    </message>
    <message>
        <source>In the next summary</source>
        <translation>In der nächsten Zusammenfassung</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>{what} from {source}</source>
        <translation>{what} von {source}</translation>
    </message>
    <message>
        <source>Take back what was said of {name}</source>
        <translation>Zurücknehmen, was für {name} gewählt wurde</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>{channel} for {name}: {value}.</source>
        <translation>{channel} für {name}: {value}.</translation>
    </message>
    <message>
        <source>Critical, says whoever runs the server: it cannot be muted.</source>
        <translation>Kritisch, sagt, wer den Server betreibt: nicht stummschaltbar.</translation>
    </message>
    <message>
        <source>Nobody said anything about it.</source>
        <translation>Dazu hat niemand etwas gesagt.</translation>
    </message>
    <message>
        <source>That is your rule.</source>
        <translation>Das ist deine Regel.</translation>
    </message>
    <message>
        <source>As for everything.</source>
        <translation>Wie für alles.</translation>
    </message>
    <message>
        <source>As for {name}.</source>
        <translation>Wie für {name}.</translation>
    </message>
</context>
<context>
    <name>RulesPage</name>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>What may disturb you, and how: on all your devices, and for e-mail and phone apps. What is pale comes from a more general line. Whatever is muted is in the inbox all the same.</source>
        <translation>Was dich stören darf, und wie: auf allen deinen Geräten, per E-Mail und in Telefon-Apps. Blasses kommt aus einer allgemeineren Zeile. Auch Stummgeschaltetes steht im Eingang.</translation>
    </message>
    <message>
        <source>Find a source or type</source>
        <translation>Quelle oder Art suchen</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>On all devices</source>
        <translation>Auf allen Geräten</translation>
    </message>
    <message>
        <source>Where I am</source>
        <translation>Wo ich gerade bin</translation>
    </message>
    <message>
        <source>Where you are is the device you used last. On the others only the number on the bell changes.</source>
        <translation>Du bist an dem Gerät, das du zuletzt benutzt hast. Auf den anderen ändert sich nur die Zahl an der Glocke.</translation>
    </message>
    <message>
        <source>Show toasts</source>
        <translation>Sprechblasen zeigen</translation>
    </message>
    <message>
        <source>Summary by e-mail</source>
        <translation>Zusammenfassung per E-Mail</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Every hour</source>
        <translation>Jede Stunde</translation>
    </message>
    <message>
        <source>Every day</source>
        <translation>Jeden Tag</translation>
    </message>
    <message>
        <source>Every week</source>
        <translation>Jede Woche</translation>
    </message>
    <message>
        <source>Time of the summary</source>
        <translation>Uhrzeit der Zusammenfassung</translation>
    </message>
    <message>
        <source>Day of the summary</source>
        <translation>Tag der Zusammenfassung</translation>
    </message>
    <message>
        <source>Of what is still unseen then, as far as the table says “Summary”.</source>
        <translation>Von dem, was dann noch ungesehen ist und in der Tabelle „Gesammelt“ hat.</translation>
    </message>
    <message>
        <source>Send a summary</source>
        <translation>Zusammenfassung schicken</translation>
    </message>
    <message>
        <source>on</source>
        <translation>am</translation>
    </message>
    <message>
        <source>at</source>
        <translation>um</translation>
    </message>
    <message>
        <source>What senders may know</source>
        <translation>Was Absender wissen dürfen</translation>
    </message>
    <message>
        <source>That it was delivered, whoever sent it always knows.</source>
        <translation>Dass etwas angekommen ist, weiß der Absender immer.</translation>
    </message>
    <message>
        <source>That you have seen it</source>
        <translation>Dass du es gesehen hast</translation>
    </message>
    <message>
        <source>That you have read it</source>
        <translation>Dass du es gelesen hast</translation>
    </message>
    <message numerus="yes">
        <source>%n more can be found by name.</source>
        <comment>sources and types</comment>
        <translation>
            <numerusform>%n weitere ist über den Namen zu finden.</numerusform>
            <numerusform>%n weitere sind über den Namen zu finden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Types</source>
        <translation>Arten</translation>
    </message>
    <message>
        <source>Categories</source>
        <translation>Kategorien</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>Handbell settings</source>
        <translation>Einstellungen von Handbell</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Accounts</source>
        <translation>Konten</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Quiet hours</source>
        <translation>Ruhezeiten</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
</context>
<context>
    <name>SignIn</name>
    <message>
        <source>Sign in again</source>
        <translation>Neu anmelden</translation>
    </message>
    <message>
        <source>Sign in to Handbell</source>
        <translation>Bei Handbell anmelden</translation>
    </message>
    <message>
        <source>How to sign in</source>
        <translation>Wie anmelden</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Code</translation>
    </message>
    <message>
        <source>Other device</source>
        <translation>Anderes Gerät</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Code or link</source>
        <translation>Code oder Link</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>CA file</source>
        <translation>CA-Datei</translation>
    </message>
    <message>
        <source>Only for a server with its own authority</source>
        <translation>Nur für Server mit eigener Zertifizierungsstelle</translation>
    </message>
    <message>
        <source>Another device of yours, or whoever runs the server, can make a code or a link for you. A link begins with handbell:// and fills in the server, too: click it, or paste it here.</source>
        <translation>Ein anderes Gerät von dir oder wer den Server betreibt kann einen Code oder einen Link für dich machen. Ein Link beginnt mit handbell:// und trägt auch den Server ein: klick ihn an oder füge ihn hier ein.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Get a code</source>
        <translation>Code holen</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>Not encrypted: others in the network can read what is sent, also passwords.</source>
        <translation>Nicht verschlüsselt: Andere im Netz können mitlesen, auch Passwörter.</translation>
    </message>
    <message>
        <source>Asking the server…</source>
        <translation>Der Server wird gefragt…</translation>
    </message>
    <message>
        <source>Waiting for your other device…</source>
        <translation>Warten auf dein anderes Gerät…</translation>
    </message>
    <message>
        <source>This did not work, for a reason nobody foresaw. Please try again.</source>
        <translation>Das hat aus einem unerwarteten Grund nicht geklappt. Bitte versuche es noch einmal.</translation>
    </message>
</context>
<context>
    <name>SigningIn</name>
    <message>
        <source>Please enter the code, or paste the link.</source>
        <translation>Bitte gib den Code ein, oder füge den Link ein.</translation>
    </message>
    <message>
        <source>This link is not one for signing in to Handbell.</source>
        <translation>Dieser Link ist keiner, mit dem man sich bei Handbell anmeldet.</translation>
    </message>
    <message>
        <source>This is not a code: it has eight letters and digits, like {example}.</source>
        <translation>Das ist kein Code: Er hat acht Buchstaben und Ziffern, wie {example}.</translation>
    </message>
    <message>
        <source>This signs in {other}, but the account is {user}&apos;s.</source>
        <translation>Damit meldet sich {other} an, aber das Konto gehört {user}.</translation>
    </message>
    <message>
        <source>{user} on {host} is signed in here already.</source>
        <translation>{user} auf {host} ist hier schon angemeldet.</translation>
    </message>
    <message>
        <source>Please enter your user name.</source>
        <translation>Bitte gib deinen Benutzernamen ein.</translation>
    </message>
    <message>
        <source>Please enter your password.</source>
        <translation>Bitte gib dein Passwort ein.</translation>
    </message>
    <message>
        <source>Please enter the address of your server.</source>
        <translation>Bitte gib die Adresse deines Servers ein.</translation>
    </message>
    <message>
        <source>The server does not know this code: it has been used or is too old. Get a new one.</source>
        <translation>Der Server kennt diesen Code nicht: Er ist verbraucht oder zu alt. Hol dir einen neuen.</translation>
    </message>
    <message>
        <source>This server is too old for signing in by a code.</source>
        <translation>Dieser Server ist zu alt für eine Anmeldung mit Code.</translation>
    </message>
    <message>
        <source>Nobody approved the code in time. Get a new one.</source>
        <translation>Niemand hat den Code rechtzeitig freigegeben. Hol dir einen neuen.</translation>
    </message>
</context>
<context>
    <name>SnoozeMenu</name>
    <message>
        <source>In an hour</source>
        <translation>In einer Stunde</translation>
    </message>
    <message>
        <source>This evening</source>
        <translation>Heute Abend</translation>
    </message>
    <message>
        <source>Tomorrow morning</source>
        <translation>Morgen früh</translation>
    </message>
    <message>
        <source>Next Monday</source>
        <translation>Nächsten Montag</translation>
    </message>
    <message>
        <source>Wake up now</source>
        <translation>Jetzt wieder zeigen</translation>
    </message>
    <message>
        <source>Pick a date and time…</source>
        <translation>Tag und Uhrzeit wählen…</translation>
    </message>
</context>
<context>
    <name>SnoozeSheet</name>
    <message>
        <source>Snooze until…</source>
        <translation>Erinnern am…</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Uhrzeit</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Snooze</source>
        <translation>Später erinnern</translation>
    </message>
    <message>
        <source>That moment has passed. Choose a later one.</source>
        <translation>Dieser Zeitpunkt ist vorbei. Wähle einen späteren.</translation>
    </message>
    <message>
        <source>Comes back on {day} at {time} ({zone}), {distance}.</source>
        <translation>Kommt zurück: {day} um {time} ({zone}), {distance}.</translation>
    </message>
    <message numerus="yes">
        <source>in %n day(s)</source>
        <translation>
            <numerusform>in einem Tag</numerusform>
            <numerusform>in %n Tagen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n hour(s)</source>
        <translation>
            <numerusform>in einer Stunde</numerusform>
            <numerusform>in %n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n minute(s)</source>
        <translation>
            <numerusform>in einer Minute</numerusform>
            <numerusform>in %n Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>Previous month</source>
        <translation>Voriger Monat</translation>
    </message>
    <message>
        <source>Next month</source>
        <translation>Nächster Monat</translation>
    </message>
</context>
<context>
    <name>StepRow</name>
    <message>
        <source>{time} at the latest</source>
        <translation>spätestens {time}</translation>
    </message>
    <message>
        <source>Change the rule</source>
        <translation>Regel ändern</translation>
    </message>
</context>
<context>
    <name>Tabs</name>
    <message>
        <source>Which notifications</source>
        <translation>Welche Benachrichtigungen</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>Archiv</translation>
    </message>
</context>
<context>
    <name>TrayMenu</name>
    <message>
        <source>Open inbox</source>
        <translation>Posteingang öffnen</translation>
    </message>
    <message>
        <source>Mark all read</source>
        <translation>Alle als gelesen markieren</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Keyboard and help</source>
        <translation>Tastatur und Hilfe</translation>
    </message>
    <message>
        <source>About Handbell</source>
        <translation>Über Handbell</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>End the pause</source>
        <translation>Pause beenden</translation>
    </message>
    <message>
        <source>End the pause of {account}</source>
        <translation>Pause von {account} beenden</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>For 30 minutes</source>
        <translation>Für 30 Minuten</translation>
    </message>
    <message>
        <source>For 1 hour</source>
        <translation>Für 1 Stunde</translation>
    </message>
    <message>
        <source>Until tomorrow, 8:00</source>
        <translation>Bis morgen, 8:00</translation>
    </message>
    <message>
        <source>Until I say</source>
        <translation>Bis ich sie beende</translation>
    </message>
    <message>
        <source>On all your devices</source>
        <translation>Auf allen deinen Geräten</translation>
    </message>
    <message>
        <source>Sign in…</source>
        <translation>Anmelden…</translation>
    </message>
    <message>
        <source>{account}: sign in again…</source>
        <translation>{account}: neu anmelden…</translation>
    </message>
    <message>
        <source>{account}: {state}</source>
        <translation>{account}: {state}</translation>
    </message>
    <message>
        <source>online</source>
        <translation>online</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>verbindet sich</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>offline</translation>
    </message>
    <message>
        <source>signed out</source>
        <translation>abgemeldet</translation>
    </message>
    <message>
        <source>speaks another version, please update</source>
        <translation>spricht eine andere Version, bitte aktualisieren</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>not signed in</source>
        <translation>nicht angemeldet</translation>
    </message>
</context>
<context>
    <name>TrayNumber</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n ungelesen</numerusform>
            <numerusform>%n ungelesen</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing unread</source>
        <translation>nichts ungelesen</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message>
        <source>The test could not be sent, for a reason nobody foresaw.</source>
        <translation>Der Test ließ sich aus einem unerwarteten Grund nicht senden.</translation>
    </message>
    <message>
        <source>It went to the server and came back in {took} ms.</source>
        <translation>Sie ging zum Server und kam nach {took} ms zurück.</translation>
    </message>
    <message>
        <source>The server took the test notification, but it did not arrive here.</source>
        <translation>Der Server hat die Testbenachrichtigung angenommen, aber sie ist hier nicht angekommen.</translation>
    </message>
    <message>
        <source>The server did not answer.</source>
        <translation>Der Server hat nicht geantwortet.</translation>
    </message>
</context>
<context>
    <name>Trouble</name>
    <message>
        <source>This server answers without encryption, so others in this network could read your password. Go on only if you trust the network.</source>
        <translation>Dieser Server antwortet ohne Verschlüsselung, andere in diesem Netz könnten also dein Passwort lesen. Mach nur weiter, wenn du dem Netz vertraust.</translation>
    </message>
    <message>
        <source>This is not the address of a server. It looks like bell.example or 192.168.1.5:8080.</source>
        <translation>Das ist keine Serveradresse. So eine sieht aus wie bell.example oder 192.168.1.5:8080.</translation>
    </message>
    <message>
        <source>There is no server called {host}. Is the address right, and the network up?</source>
        <translation>Es gibt keinen Server namens {host}. Stimmt die Adresse, und ist das Netz da?</translation>
    </message>
    <message>
        <source>Nothing answers at {host}. Is the address right, and the server running?</source>
        <translation>Unter {host} antwortet nichts. Stimmt die Adresse, und läuft der Server?</translation>
    </message>
    <message>
        <source>{host} does not answer. Is the network up?</source>
        <translation>{host} antwortet nicht. Ist das Netz da?</translation>
    </message>
    <message>
        <source>The CA file cannot be used.</source>
        <translation>Die CA-Datei lässt sich nicht verwenden.</translation>
    </message>
    <message>
        <source>{host} cannot be reached ({why}).</source>
        <translation>{host} ist nicht erreichbar ({why}).</translation>
    </message>
    <message>
        <source>Something answers at {host}, but it is no Handbell server.</source>
        <translation>Unter {host} antwortet etwas, aber es ist kein Handbell-Server.</translation>
    </message>
    <message>
        <source>The user or the password is wrong.</source>
        <translation>Der Benutzer oder das Passwort ist falsch.</translation>
    </message>
    <message>
        <source>Too many attempts. Please wait {seconds} seconds.</source>
        <translation>Zu viele Versuche. Bitte warte {seconds} Sekunden.</translation>
    </message>
    <message>
        <source>Too many attempts. Please wait a moment.</source>
        <translation>Zu viele Versuche. Bitte warte einen Moment.</translation>
    </message>
    <message>
        <source>The server does not know this device any more. Please sign in again.</source>
        <translation>Der Server kennt dieses Gerät nicht mehr. Bitte melde dich neu an.</translation>
    </message>
    <message>
        <source>The server does not allow this.</source>
        <translation>Der Server erlaubt das nicht.</translation>
    </message>
    <message>
        <source>The server has trouble of its own. Please try again in a moment.</source>
        <translation>Der Server hat selbst gerade Schwierigkeiten. Bitte versuche es gleich noch einmal.</translation>
    </message>
    <message>
        <source>{host} sends visitors elsewhere. Please enter that address.</source>
        <translation>{host} leitet woandershin weiter. Bitte gib jene Adresse ein.</translation>
    </message>
    <message>
        <source>The server refused: {detail}</source>
        <translation>Der Server hat abgelehnt: {detail}</translation>
    </message>
    <message>
        <source>{host} does not answer with encryption. If it has none, write http:// before it.</source>
        <translation>{host} antwortet nicht verschlüsselt. Wenn er keine Verschlüsselung hat, schreib http:// davor.</translation>
    </message>
    <message>
        <source>This computer does not trust the certificate of {host}. Does the server have an authority of its own? Then choose its CA file.</source>
        <translation>Dieser Computer vertraut dem Zertifikat von {host} nicht. Hat der Server eine eigene Zertifizierungsstelle? Dann wähle ihre CA-Datei.</translation>
    </message>
    <message>
        <source>The certificate of {host} has expired, or this computer&apos;s clock is wrong.</source>
        <translation>Das Zertifikat von {host} ist abgelaufen, oder die Uhr dieses Computers geht falsch.</translation>
    </message>
    <message>
        <source>The certificate of {host} is not valid yet, or this computer&apos;s clock is wrong.</source>
        <translation>Das Zertifikat von {host} gilt noch nicht, oder die Uhr dieses Computers geht falsch.</translation>
    </message>
    <message>
        <source>The certificate of this server belongs to another name than {host}.</source>
        <translation>Das Zertifikat dieses Servers gehört zu einem anderen Namen als {host}.</translation>
    </message>
    <message>
        <source>The certificate of {host} is not good ({why}).</source>
        <translation>Das Zertifikat von {host} ist nicht in Ordnung ({why}).</translation>
    </message>
</context>
<context>
    <name>TypeNames</name>
    <message>
        <source>Information</source>
        <translation>Information</translation>
    </message>
    <message>
        <source>Success</source>
        <translation>Erfolg</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Friend request</source>
        <translation>Freundschaftsanfrage</translation>
    </message>
    <message>
        <source>Follower</source>
        <translation>Follower</translation>
    </message>
    <message>
        <source>Like</source>
        <translation>Gefällt mir</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>Kommentar</translation>
    </message>
    <message>
        <source>Mention</source>
        <translation>Erwähnung</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Bestellung</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Social</source>
        <translation>Soziales</translation>
    </message>
    <message>
        <source>Orders</source>
        <translation>Bestellungen</translation>
    </message>
    <message>
        <source>System</source>
        <comment>a category</comment>
        <translation>System</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Take it back (Ctrl+Z)</source>
        <translation>Zurücknehmen (Strg+Z)</translation>
    </message>
    <message>
        <source>{source} is muted</source>
        <translation>{source} ist stummgeschaltet</translation>
    </message>
    <message numerus="yes">
        <source>%n sources muted</source>
        <translation>
            <numerusform>%n Quelle stummgeschaltet</numerusform>
            <numerusform>%n Quellen stummgeschaltet</numerusform>
        </translation>
    </message>
    <message>
        <source>{source} rings again</source>
        <translation>{source} meldet sich wieder</translation>
    </message>
    <message numerus="yes">
        <source>%n sources ring again</source>
        <translation>
            <numerusform>%n Quelle meldet sich wieder</numerusform>
            <numerusform>%n Quellen melden sich wieder</numerusform>
        </translation>
    </message>
    <message>
        <source>Urgent ones of {source} ring although it is quiet</source>
        <translation>Dringendes von {source} meldet sich auch in der Ruhezeit</translation>
    </message>
    <message>
        <source>Urgent ones of {source} keep quiet, too</source>
        <translation>Auch Dringendes von {source} bleibt in der Ruhezeit still</translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) marked as read</source>
        <translation>
            <numerusform>%n als gelesen markiert</numerusform>
            <numerusform>%n als gelesen markiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) marked as unread</source>
        <translation>
            <numerusform>%n als ungelesen markiert</numerusform>
            <numerusform>%n als ungelesen markiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) archived</source>
        <translation>
            <numerusform>%n Benachrichtigung archiviert</numerusform>
            <numerusform>%n Benachrichtigungen archiviert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) moved back</source>
        <translation>
            <numerusform>%n Benachrichtigung zurückgeholt</numerusform>
            <numerusform>%n Benachrichtigungen zurückgeholt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) snoozed</source>
        <translation>
            <numerusform>%n Benachrichtigung auf später gelegt</numerusform>
            <numerusform>%n Benachrichtigungen auf später gelegt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) pinned</source>
        <translation>
            <numerusform>%n Benachrichtigung angeheftet</numerusform>
            <numerusform>%n Benachrichtigungen angeheftet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) no longer pinned</source>
        <translation>
            <numerusform>%n Benachrichtigung gelöst</numerusform>
            <numerusform>%n Benachrichtigungen gelöst</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s) deleted</source>
        <translation>
            <numerusform>%n Benachrichtigung gelöscht</numerusform>
            <numerusform>%n Benachrichtigungen gelöscht</numerusform>
        </translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Erledigt</translation>
    </message>
</context>
<context>
    <name>UrgentCard</name>
    <message>
        <source>Everybody&apos;s</source>
        <translation>Von allen</translation>
    </message>
    <message>
        <source>Trusted sources only</source>
        <translation>Nur von vertrauten Quellen</translation>
    </message>
    <message>
        <source>Nobody&apos;s</source>
        <translation>Von niemandem</translation>
    </message>
    <message>
        <source>Urgent notifications that ring even when it is quiet.</source>
        <translation>Dringende Benachrichtigungen, die sich auch in der Ruhezeit melden.</translation>
    </message>
    <message>
        <source>Urgent ones break through</source>
        <translation>Dringendes kommt durch</translation>
    </message>
    <message>
        <source>Nobody yet.</source>
        <translation>Noch niemandem.</translation>
    </message>
    <message>
        <source>You trust</source>
        <translation>Du vertraust</translation>
    </message>
    <message>
        <source>No longer trust {source}</source>
        <translation>{source} nicht mehr vertrauen</translation>
    </message>
    <message>
        <source>Trust a source</source>
        <translation>Einer Quelle vertrauen</translation>
    </message>
    <message>
        <source>Trust a source…</source>
        <translation>Einer Quelle vertrauen …</translation>
    </message>
</context>
<context>
    <name>Waiting</name>
    <message numerus="yes">
        <source>↑ %n new</source>
        <translation>
            <numerusform>↑ %n neue</numerusform>
            <numerusform>↑ %n neue</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WhySheet</name>
    <message>
        <source>Why?</source>
        <translation>Warum?</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Notification</source>
        <comment>in place of a title that is empty</comment>
        <translation>Benachrichtigung</translation>
    </message>
    <message>
        <source>Asking the server for the rest…</source>
        <translation>Der Server wird nach dem Rest gefragt…</translation>
    </message>
</context>
<context>
    <name>Whys</name>
    <message>
        <source>Muted by a rule of yours: {closed}</source>
        <translation>Stummgeschaltet durch eine deiner Regeln: {closed}</translation>
    </message>
    <message>
        <source>{rule}: {closed}</source>
        <translation>{rule}: {closed}</translation>
    </message>
    <message>
        <source>{what}. You have changed that since.</source>
        <translation>{what}. Das hast du inzwischen geändert.</translation>
    </message>
    <message>
        <source>{first}, {second}</source>
        <translation>{first}, {second}</translation>
    </message>
    <message>
        <source>no toast</source>
        <translation>keine Sprechblase</translation>
    </message>
    <message>
        <source>no sound</source>
        <translation>kein Ton</translation>
    </message>
    <message>
        <source>not counted on the bell</source>
        <translation>an der Glocke nicht gezählt</translation>
    </message>
    <message>
        <source>no push</source>
        <translation>kein Push</translation>
    </message>
    <message>
        <source>no e-mail</source>
        <translation>keine E-Mail</translation>
    </message>
    <message>
        <source>no {channel}</source>
        <translation>kein {channel}</translation>
    </message>
    <message>
        <source>Muted by your rule for everything from {source}</source>
        <translation>Stummgeschaltet durch deine Regel für alles von {source}</translation>
    </message>
    <message>
        <source>Muted by your rule for “{type}”</source>
        <translation>Stummgeschaltet durch deine Regel für „{type}“</translation>
    </message>
    <message>
        <source>Muted by your rule for “{type}” from {source}</source>
        <translation>Stummgeschaltet durch deine Regel für „{type}“ von {source}</translation>
    </message>
    <message>
        <source>Muted by your rule for the category “{category}”</source>
        <translation>Stummgeschaltet durch deine Regel für die Kategorie „{category}“</translation>
    </message>
    <message>
        <source>Muted by your rule for the category “{category}” from {source}</source>
        <translation>Stummgeschaltet durch deine Regel für die Kategorie „{category}“ von {source}</translation>
    </message>
    <message>
        <source>Muted by your rule for “{type}” of the category “{category}”</source>
        <translation>Stummgeschaltet durch deine Regel für „{type}“ aus der Kategorie „{category}“</translation>
    </message>
    <message>
        <source>Muted by your rule for “{type}” of the category “{category}” from {source}</source>
        <translation>Stummgeschaltet durch deine Regel für „{type}“ aus der Kategorie „{category}“ von {source}</translation>
    </message>
    <message>
        <source>Muted by your rule for everything</source>
        <translation>Stummgeschaltet durch deine Regel für alles</translation>
    </message>
    <message>
        <source>Came from {source}</source>
        <translation>Kam von {source}</translation>
    </message>
    <message>
        <source>Came in</source>
        <translation>Kam an</translation>
    </message>
    <message>
        <source>Its sender says that it is over</source>
        <translation>Der Absender sagt, dass es vorbei ist</translation>
    </message>
    <message>
        <source>Told again, {count} times in all</source>
        <translation>Noch einmal gemeldet, insgesamt {count}-mal</translation>
    </message>
    <message>
        <source>Told again</source>
        <translation>Noch einmal gemeldet</translation>
    </message>
    <message>
        <source>Rings again and again until somebody acknowledges it</source>
        <translation>Läutet immer wieder, bis es jemand übernimmt</translation>
    </message>
    <message>
        <source>Nobody acknowledged it in time, so it was passed on to {name}</source>
        <translation>Niemand hat es rechtzeitig übernommen, daher wurde es an {name} weitergegeben</translation>
    </message>
    <message>
        <source>Acknowledged by {name}</source>
        <translation>Übernommen von {name}</translation>
    </message>
    <message>
        <source>Acknowledged by you</source>
        <translation>Von dir übernommen</translation>
    </message>
    <message>
        <source>Nobody acknowledged it</source>
        <translation>Niemand hat es übernommen</translation>
    </message>
    <message>
        <source>There is nothing to acknowledge any more</source>
        <translation>Es gibt nichts mehr zu übernehmen</translation>
    </message>
    <message>
        <source>Shown together with others of its group</source>
        <translation>Mit anderen aus seiner Gruppe zusammen gezeigt</translation>
    </message>
    <message>
        <source>Shown together with what others did to the same thing</source>
        <translation>Zusammen gezeigt mit dem, was andere mit derselben Sache taten</translation>
    </message>
    <message>
        <source>Held back on {device}: it was quiet</source>
        <translation>Zurückgehalten auf {device}: Es war Ruhe</translation>
    </message>
    <message>
        <source>Part of one summary on {device}</source>
        <translation>Teil einer Zusammenfassung auf {device}</translation>
    </message>
    <message>
        <source>Not shown on {device}: you were using another device</source>
        <translation>Auf {device} nicht gezeigt: Du warst an einem anderen Gerät</translation>
    </message>
    <message>
        <source>Not shown on {device}: notifications are off there</source>
        <translation>Auf {device} nicht gezeigt: Dort sind Benachrichtigungen ausgeschaltet</translation>
    </message>
    <message>
        <source>Held back on {device}</source>
        <translation>Zurückgehalten auf {device}</translation>
    </message>
    <message>
        <source>Nobody answered in time</source>
        <translation>Niemand hat rechtzeitig geantwortet</translation>
    </message>
    <message>
        <source>Answered by you</source>
        <translation>Von dir beantwortet</translation>
    </message>
    <message>
        <source>Answered by {name}</source>
        <translation>Von {name} beantwortet</translation>
    </message>
    <message>
        <source>Put to sleep by you</source>
        <translation>Von dir zurückgestellt</translation>
    </message>
    <message>
        <source>Put to sleep by you, until {time}</source>
        <translation>Von dir zurückgestellt, bis {time}</translation>
    </message>
    <message>
        <source>Named in an e-mail that sums up</source>
        <translation>In einer zusammenfassenden E-Mail genannt</translation>
    </message>
    <message>
        <source>Sent to you by e-mail</source>
        <translation>Dir per E-Mail geschickt</translation>
    </message>
    <message>
        <source>No e-mail: you had seen it before</source>
        <translation>Keine E-Mail: Du hattest es vorher gesehen</translation>
    </message>
    <message>
        <source>The e-mail could not be delivered</source>
        <translation>Die E-Mail konnte nicht zugestellt werden</translation>
    </message>
    <message>
        <source>An e-mail was under way; whether it arrived is not known</source>
        <translation>Eine E-Mail war unterwegs; ob sie ankam, ist nicht bekannt</translation>
    </message>
    <message>
        <source>An e-mail waits to be sent</source>
        <translation>Eine E-Mail wartet darauf, gesendet zu werden</translation>
    </message>
    <message>
        <source>No e-mail was sent</source>
        <translation>Es wurde keine E-Mail gesendet</translation>
    </message>
    <message>
        <source>Deleted by you</source>
        <translation>Von dir gelöscht</translation>
    </message>
    <message>
        <source>Taken back by its sender</source>
        <translation>Vom Absender zurückgenommen</translation>
    </message>
    <message>
        <source>Gone, because its time was over</source>
        <translation>Entfernt, weil die Zeit um war</translation>
    </message>
    <message>
        <source>Gone, because it was old</source>
        <translation>Entfernt, weil es alt war</translation>
    </message>
    <message>
        <source>Gone</source>
        <translation>Entfernt</translation>
    </message>
    <message>
        <source>Something that only a newer Handbell has words for: {details}</source>
        <translation>Etwas, wofür erst ein neueres Handbell Worte hat: {details}</translation>
    </message>
    <message>
        <source>Rang again</source>
        <translation>Läutete noch einmal</translation>
    </message>
    <message>
        <source>Critical: no rule can mute it</source>
        <translation>Kritisch: Keine Regel kann es stummschalten</translation>
    </message>
    <message>
        <source>Its sender wanted it to come without ringing</source>
        <translation>Der Absender wollte, dass es ohne Läuten kommt</translation>
    </message>
    <message>
        <source>Reached {device}</source>
        <translation>Auf {device} angekommen</translation>
    </message>
    <message>
        <source>Shown on {device}</source>
        <translation>Auf {device} gezeigt</translation>
    </message>
    <message>
        <source>Clicked on {device}</source>
        <translation>Auf {device} angeklickt</translation>
    </message>
    <message>
        <source>Waved away on {device}</source>
        <translation>Auf {device} weggewischt</translation>
    </message>
    <message>
        <source>Seen by you</source>
        <translation>Von dir gesehen</translation>
    </message>
    <message>
        <source>Read by you</source>
        <translation>Von dir gelesen</translation>
    </message>
    <message>
        <source>Archived by you</source>
        <translation>Von dir archiviert</translation>
    </message>
    <message>
        <source>You did this yourself: that never rings</source>
        <translation>Das warst du selbst: So etwas läutet nie</translation>
    </message>
    <message>
        <source>Its time was over</source>
        <translation>Die Zeit war um</translation>
    </message>
    <message>
        <source>Counts until {time}, and is gone after that</source>
        <translation>Gilt bis {time} und verschwindet danach</translation>
    </message>
    <message>
        <source>Now: notifications are off on this computer</source>
        <translation>Jetzt: Benachrichtigungen sind auf diesem Computer ausgeschaltet</translation>
    </message>
    <message>
        <source>Now: paused, until you end the pause</source>
        <translation>Jetzt: pausiert, bis du die Pause beendest</translation>
    </message>
    <message>
        <source>Now: it is quiet until {time}</source>
        <translation>Jetzt: Ruhe bis {time}</translation>
    </message>
    <message>
        <source>Now: you are using another device</source>
        <translation>Jetzt: Du bist an einem anderen Gerät</translation>
    </message>
    <message>
        <source>a device</source>
        <translation>einem Gerät</translation>
    </message>
    <message>
        <source>What this computer showed or held back is missing here: you have chosen that senders are told nothing of it.</source>
        <translation>Was dieser Computer gezeigt oder zurückgehalten hat, fehlt hier: Du hast gewählt, dass Absender davon nichts erfahren.</translation>
    </message>
    <message>
        <source>For a reason nobody foresaw the server&apos;s answer is of no use.</source>
        <translation>Aus einem unerwarteten Grund ist mit der Antwort des Servers nichts anzufangen.</translation>
    </message>
    <message>
        <source>{why} This is what this computer knows; the rest is known to the server.</source>
        <translation>{why} Das hier weiß dieser Computer; den Rest weiß der Server.</translation>
    </message>
    <message>
        <source>The server has nothing to add: it is an older one, or has let this one go.</source>
        <translation>Der Server hat nichts hinzuzufügen: Er ist ein älterer oder hat diese Benachrichtigung nicht mehr.</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Handbell</source>
        <translation>Handbell</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Alles durchsuchen</translation>
    </message>
    <message>
        <source>Mark all of these as read</source>
        <translation>Alle diese als gelesen markieren</translation>
    </message>
    <message>
        <source>Mark all of these as read (Shift+A)</source>
        <translation>Alle diese als gelesen markieren (Umschalt+A)</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Keyboard (?)</source>
        <translation>Tastatur (?)</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>This desktop has no tray. Handbell lives in this window.</source>
        <translation>Dieser Desktop hat keinen Infobereich. Handbell wohnt in diesem Fenster.</translation>
    </message>
    <message numerus="yes">
        <source>%n notification(s)</source>
        <translation>
            <numerusform>%n Benachrichtigung</numerusform>
            <numerusform>%n Benachrichtigungen</numerusform>
        </translation>
    </message>
    <message>
        <source>No notification on this device is like that.</source>
        <translation>Keine Benachrichtigung auf diesem Gerät ist so.</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Clear search and filters</source>
        <translation>Suche und Filter leeren</translation>
    </message>
    <message>
        <source>Nothing here</source>
        <translation>Nichts da</translation>
    </message>
    <message>
        <source>What is sent to you will ring, and stay here.</source>
        <translation>Was dir gesendet wird, läutet und bleibt hier.</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message numerus="yes">
        <source>%n min</source>
        <comment>minutes ago, very short</comment>
        <translation>
            <numerusform>%n Min.</numerusform>
            <numerusform>%n Min.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <comment>hours ago, very short</comment>
        <translation>
            <numerusform>%n Std.</numerusform>
            <numerusform>%n Std.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n d</source>
        <comment>days ago, very short</comment>
        <translation>
            <numerusform>%n T.</numerusform>
            <numerusform>%n T.</numerusform>
        </translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>vor %n Minute</numerusform>
            <numerusform>vor %n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>vor %n Stunde</numerusform>
            <numerusform>vor %n Stunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>vor %n Tag</numerusform>
            <numerusform>vor %n Tagen</numerusform>
        </translation>
    </message>
    <message>
        <source>{day} {time}</source>
        <translation>{day} {time}</translation>
    </message>
    <message>
        <source>d MMM</source>
        <comment>date format of this year, as in 12 Nov</comment>
        <translation>d. MMM</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <comment>date format of other years, as in 12 Nov 2025</comment>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>Notification</source>
        <comment>in place of a title that is empty</comment>
        <translation>Benachrichtigung</translation>
    </message>
    <message>
        <source>{first} and {second}</source>
        <translation>{first} und {second}</translation>
    </message>
    <message numerus="yes">
        <source>{first} and %n others</source>
        <comment>never fewer than two</comment>
        <translation>
            <numerusform>{first} und %n andere</numerusform>
            <numerusform>{first} und %n andere</numerusform>
        </translation>
    </message>
    <message>
        <source>Nobody answered in time</source>
        <translation>Niemand hat rechtzeitig geantwortet</translation>
    </message>
    <message>
        <source>Nobody answered in time, so: {answer}</source>
        <translation>Niemand hat rechtzeitig geantwortet, daher: {answer}</translation>
    </message>
    <message>
        <source>Answered by {name}: {answer}</source>
        <translation>Beantwortet von {name}: {answer}</translation>
    </message>
    <message>
        <source>You answered: {answer}</source>
        <translation>Deine Antwort: {answer}</translation>
    </message>
    <message>
        <source>Rings until acknowledged</source>
        <translation>Läutet, bis es jemand übernimmt</translation>
    </message>
    <message>
        <source>Passed on to {name}</source>
        <translation>Weitergegeben an {name}</translation>
    </message>
    <message>
        <source>Acknowledged by {name}</source>
        <translation>Übernommen von {name}</translation>
    </message>
    <message>
        <source>Nobody acknowledged it</source>
        <translation>Niemand hat es übernommen</translation>
    </message>
    <message>
        <source>Until {time}</source>
        <translation>Bis {time}</translation>
    </message>
    <message>
        <source>Muted by your rule for “{type}” from {source}</source>
        <translation>Stumm durch deine Regel für „{type}“ von {source}</translation>
    </message>
    <message>
        <source>Muted by your rule for {source}</source>
        <translation>Stumm durch deine Regel für {source}</translation>
    </message>
    <message>
        <source>Muted by your rule for “{type}”</source>
        <translation>Stumm durch deine Regel für „{type}“</translation>
    </message>
    <message>
        <source>Muted by your rule for the category “{category}”</source>
        <translation>Stumm durch deine Regel für die Kategorie „{category}“</translation>
    </message>
    <message>
        <source>Muted by your rule for everything</source>
        <translation>Stumm durch deine Regel für alles</translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation>Behoben</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>Ungelesen</translation>
    </message>
    <message numerus="yes">
        <source>Group of %n notification(s)</source>
        <translation>
            <numerusform>Gruppe mit %n Benachrichtigung</numerusform>
            <numerusform>Gruppe mit %n Benachrichtigungen</numerusform>
        </translation>
    </message>
    <message>
        <source>High priority</source>
        <translation>Hohe Priorität</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>Dringend</translation>
    </message>
    <message numerus="yes">
        <source>Happened %n time(s)</source>
        <translation>
            <numerusform>%n-mal passiert</numerusform>
            <numerusform>%n-mal passiert</numerusform>
        </translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>Angeheftet</translation>
    </message>
    <message>
        <source>Snoozed until {time}</source>
        <translation>Zurückgestellt bis {time}</translation>
    </message>
    <message>
        <source>Can be answered: {buttons}</source>
        <translation>Mögliche Antworten: {buttons}</translation>
    </message>
    <message>
        <source>To be answered until {time}</source>
        <translation>Zu beantworten bis {time}</translation>
    </message>
</context>
<context>
    <name>ZoneBox</name>
    <message>
        <source>Each device&apos;s own</source>
        <translation>Die des jeweiligen Geräts</translation>
    </message>
    <message>
        <source>Find a time zone</source>
        <translation>Zeitzone suchen</translation>
    </message>
</context>
</TS>
