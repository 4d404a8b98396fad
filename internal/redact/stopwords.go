package redact

import (
	"strings"
	"sync"
)

// never are names that tell nothing about anybody: what every Windows has, and
// place-holders.
var never = sync.OnceValue(func() map[string]struct{} {
	return set(`
public|default|default user|all users|alle benutzer|defaultuser0|administrator|administrators|system|local service|network service|
localservice|networkservice|nt authority|nt-autorität|builtin|vordefiniert|window manager|font driver host|anonymous logon|guest|gast|
localhost|localdomain|null|nil|none|n/a|na|not available|nicht verfügbar|unknown|unbekannt|true|false|yes|no|ja|nein|default|self|everyone|jeder|
current|root|admin|username|user|mailbox|server|host|hostname|computer|computername|domain|profilename|servername|
microsoft exchange|microsoft exchange server|microsoft outlook|outlook address book|outlook-adressbuch|outlook data file|outlook-datendatei|outlook-datei|personal folders|persönliche ordner|rss feeds|internet calendars|internetkalender|
sharepoint lists|mobile address book|contab|oxtender|oxtender 2|public folders|öffentliche ordner|archive folders|archivordner|mapi|msems|
hkcu|hklm|hku|hkcr|hkey_current_user|hkey_local_machine|hkey_users|hkey_classes_root|ipm|reg_sz
`)
})

// publicHosts are hosts and name spaces of makers that all computers talk to. They
// tell nothing about a customer, and formats and diagnoses need them.
var publicHosts = sync.OnceValue(func() map[string]struct{} {
	return set(`
schemas.microsoft.com|schemas.openxmlformats.org|www.w3.org|go.microsoft.com|aka.ms|support.microsoft.com|docs.microsoft.com|
learn.microsoft.com|microsoft.com|www.microsoft.com|outlook.office365.com|outlook.office.com|office365.com|office.com|login.microsoftonline.com|
autodiscover-s.outlook.com|autodiscover.outlook.com|outlook.com|login.windows.net|login.live.com|graph.microsoft.com|graph.windows.net|
schemas.xmlsoap.org|xmlsoap.org|oxpedia.org|purl.org|tempuri.org|apache.org|open-xchange.com|documentation.open-xchange.com
`)
})

// common are words that logs use in another sense. A mailbox or host of such a name is
// replaced where its place tells what it is, not everywhere.
var common = sync.OnceValue(func() map[string]struct{} {
	return set(`
finding|findings|verdict|evidence|rule|severity|common|files|program|data|x64|x86|amd64|microsoft|open-xchange|access|book|adressbuch|kontakte|address|list|lists|feeds|data|personal|archiv|access|account|accounts|action|add|address|after|again|alert|all|allowed|already|and|android|any|api|app|appdata|application|appointment|
archive|archiv|aufgaben|auth|auto|autodiscover|backup|bad|basic|before|begin|blocked|body|buero|cache|cached|calendar|call|cancelled|
canceled|change|changed|changes|check|class|client|close|closed|code|command|config|configuration|conflict|conflicts|connect|connected|connecting|
connection|contact|contacts|content|count|create|created|ctx|data|database|date|day|debug|delete|deleted|denied|der|desktop|detail|details|device|
die|directory|disabled|disconnected|done|download|drafts|eas|email|empty|enabled|end|entry|entwürfe|error|errors|event|ews|exception|exchange|
exists|expired|export|failed|failure|fatal|fehler|file|files|final|finished|first|folder|folders|for|found|free|from|full|get|global|group|handle|health|
help|high|home|http|https|imap|import|inbox|index|info|information|initial|input|install|internal|intern|internet|invalid|ist|item|items|journal|
json|kalender|kein|kontakte|last|ldap|level|limit|line|list|load|local|localappdata|lock|locked|log|logger|login|logoff|logon|logs|lost|mail|mailer|main|management|
manager|map|mapi|mapped|message|messages|messaging|microsoft|missing|mobile|mode|module|mx|name|network|netzwerk|new|next|nicht|not|notes|notice|notify|notizen|null|object|
offline|office|online|open|opened|operation|ordner|org|other|out|outbox|outlook|owa|owner|oxstore2|oxtender|oxtstore|page|parse|partner|password|path|pending|permission|
personal|phase|phone|pop|pop3|port|post|posteingang|postausgang|pool|primary|private|process|profile|profiles|progress|protocol|proxy|public|push|put|query|
queue|quota|ready|receive|received|reconnect|recreated|refused|registry|relay|release|remote|report|request|required|reset|response|restart|result|retry|
root|rpc|sales|save|saved|scan|search|security|send|sender|sending|sent|server|service|services|session|set|settings|setup|shared|size|smtp|software|source|start|started|starting|state|status|stop|
stopped|store|stores|stream|subject|success|successful|support|sync|synced|synchronised|synchronized|system|table|task|tasks|team|temp|test|the|this|thread|time|timeout|title|tmp|token|
tools|total|trace|transfer|transport|type|unable|und|unexpected|unread|update|updated|upload|url|user|users|usm|uuid|value|verbindung|version|vertrieb|von|wait|waiting|warn|warning|was|web|
webmail|web1|width|windows|with|work|worker|write|wrong|www|xml|zugriff|true|false|deleted items|gelöschte elemente|gesendete elemente|sent items|junk|spam|trash|papierkorb|sync issues|
synchronisierungsprobleme|oxstor|oxstor_svc|msems|contab|emsmdb|program|programs|programme|documents|dokumente|downloads|roaming|january|february|march|april|may|june|july|august|
september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|monday|tuesday|wednesday|thursday|friday|saturday|sunday|
montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|frau|herr|dear|hello|hallo|about|against|because|between|could|does|
every|has|have|into|more|most|must|only|over|same|should|some|such|than|that|their|them|then|there|these|they|those|under|until|upon|very|were|what|when|where|which|while|will|would|your|
aber|auch|auf|aus|bei|bis|das|dass|dem|den|des|dies|diese|durch|ein|eine|einem|einen|einer|für|haben|hat|hier|ihre|kann|mehr|mit|nach|noch|nur|oder|ohne|sich|sie|sind|über|unter|vom|vor|war|
wenn|werden|wie|wird|wurde|zum|zur|zwischen
`)
})

// set splits a list at | into a set.
func set(list string) map[string]struct{} {
	out := map[string]struct{}{}
	for w := range strings.SplitSeq(list, "|") {
		if w = strings.TrimSpace(w); w != "" {
			out[w] = struct{}{}
		}
	}
	return out
}
