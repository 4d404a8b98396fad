package outlook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oxtail/parser"
)

const samples = "../../../shared/samples/"

// What matters in each public sample: one line an entry that a rule looks at.
var sampleFindings = []struct{ file, format, want string }{
	{"outlook/sync_issues/01_ol16_20228_full_first_sync_oab_8004010f", "outlook_sync",
		"error view [8004010F-501-8004010F-320] | oab 0x8004010F"},
	{"outlook/sync_issues/02_ol2007_pubfolder_connect", "outlook_sync", "error public-folder [0-0] folder=Inbox"},
	{"outlook/sync_issues/03_ol2007_initial_download_oab_80190194", "outlook_sync", "oab 0x80190194"},
	{"outlook/sync_issues/04_ol2007_only_oab_80190194", "outlook_sync", "oab 0x80190194"},
	{"outlook/sync_issues/05_ol2007_readstate_oab_80190194", "outlook_sync", "oab 0x80190194"},
	{"outlook/sync_issues/06_ol2007_only_oab_80190194_b", "outlook_sync", "oab 0x80190194"},
	{"outlook/sync_issues/07_ol2007_readstate_51_oab_80190194", "outlook_sync", "oab 0x80190194"},
	{"outlook/sync_issues/08_ol2010_deletions_failed_0-130", "outlook_sync", "error deletions [0-130] folder=Calendar"},
	{"outlook/sync_issues/09_ol2016_365_pubfolder_connect_1", "outlook_sync", "error public-folder [0-0] folder=Recipient Cache"},
	{"outlook/sync_issues/10_ol2016_365_pubfolder_connect_2", "outlook_sync", "error public-folder [0-0] folder=Inbox"},
	{"outlook/sync_issues/11_ol2016_365_pubfolder_connect_3", "outlook_sync", "error public-folder [0-0]"},
	{"outlook/sync_issues/12_ol2016_365_pubfolder_connect_4", "outlook_sync", "error public-folder [0-0] folder=Inbox"},
	{"outlook/sync_issues/13_ol2016_4266_calendar_pubfolder", "outlook_sync", "error public-folder [0-0] folder=Calendar"},
	{"outlook/sync_issues/20_exch4_terminated_8004010f-583", "outlook_sync", "error terminated [8004010F-583-0-0] provider=MAPI 1.0"},
	{"outlook/sync_issues/21_exch4_delete_rule_80040800", "outlook_sync",
		"error message [80040800-3ED-0-324] failed_item=1 | error folder [80040800-3ED-0-324] same_cause=vector"},
	{"outlook/sync_issues/23_exch5_orgforms_8004010f", "outlook_sync", "error folder [8004010F-501-0-521]"},
	{"outlook/sync_issues/25_exch5_orgforms_variant", "outlook_sync", "error folder [8004010F-501-0-521]"},
	{"outlook/sync_issues/27_outlook97_views_80070005", "outlook_sync",
		"error view [80070005-508-0-322] folder=Journal | error folder [80070005-508-0-322] folder=Journal same_cause=vector"},
	{"outlook/sync_issues/29_outlook98_move_server", "outlook_sync", ""},
	{"outlook/sync_issues/32_av_timeout_550", "outlook_sync", "error folder [80004005-501-0-550]"},
	{"outlook/sync_issues/40_ol16_5197_local_failure_80070057", "outlook_sync",
		"error message [80070057-501-80070057-322] folder=Kalender failed_item=1"},
	{"outlook/sync_issues/43_ol2007_hierarchy_80040305", "outlook_sync",
		"error hierarchy [80040305-54A-4DE-1900] | error folder | error folder [80040305-54A-4DE-421] folder=TeamShared - Level1"},
	{"outlook/sync_issues/45_ol2007_oab_url_8004010f", "outlook_sync", "oab 0x8004010F"},
	{"outlook/sync_issues/47_terminated_80040600", "outlook_sync", "error terminated [80040600-501-80040600-560]"},
	{"outlook/sync_issues/50_oab_80004005", "outlook_sync", "oab 0x80004005"},
	{"outlook/sync_issues/51_workflow_pf_80070005", "outlook_sync", "error message [80070005-508-80070005-322] failed_item=1"},
	{"outlook/sync_issues/52_code_examples", "outlook_sync",
		"error vector [80040803-30141506-0-533] | error vector [80004005-501-FFFFFEAE-324] | error vector [80004005-501-4B9-560]"},
	{"outlook/sync_issues/53_oab_two_logs_mixed_case", "outlook_sync", "oab 0x80004005 | oab 0x8004010F"},
	{"outlook/modification_resolution/01_ol2010_appointment_conflict", "outlook_modres", "conflict outcome=auto-resolved"},
	{"outlook/modification_resolution/02_ol2010_appointment_conflict", "outlook_modres", "conflict outcome=auto-resolved"},
	{"outlook/send_receive/01a_mixed_en_de", "outlook_sendreceive", "task-error 0x80048002 | task-error 0x80042108 | task-error 0x80190194"},
	{"outlook/send_receive/02a_task_errors", "outlook_sendreceive",
		"task-error 0x8004210B | task-error 0x80004005 | task-error 0x80040102 | task-error 0x8007007A | task-error 0x80070005 | task-error 0x00040820"},
	{"outlook/opmlog/01_ol2002_pop3_800ccc97", "outlook_opmlog", "status"},
	{"outlook/scanpst/01_fatal_80040813", "outlook_scanpst", "fatal 0x80040813 last_pass=1"},
	{"outlook/scanpst/03_tc_column_findings", "outlook_scanpst", strings.TrimSuffix(strings.Repeat("error last_pass=1 | ", 20), " | ")},
	{"outlook/eventlog/01_outlook_45_addins", "windows_event_text", "windows-event provider=Outlook event_id=45"},
	{"outlook/eventlog/03_outlook_59_addin_disabled", "windows_event_text", "windows-event provider=Outlook event_id=59"},
	{"outlook/eventlog/04_oalerts_300_text", "windows_event_text", "windows-event provider=Microsoft Office 15 Alerts event_id=300 app=Apps for Office"},
	{"outlook/eventlog/05_oalerts_300.xml", "windows_event_xml", "windows-event provider=Microsoft Office 16 Alerts event_id=300 app=Microsoft Word"},
	{"outlook/eventlog/07_search_3036_mapi15", "windows_event_text",
		"windows-event provider=Microsoft-Windows-Search event_id=3036 sid=S-1-5-21-1111111111-2222222222-3333333333-1137"},
	{"outlook/eventlog/10_outlook_27_oab_data", "outlook_oabdata", `windows-event reason=1 list=\Global Address List`},
	{"outlook/eventlog/12_ost_2000", "windows_event_text", `windows-event file=C:\Users\<name>\AppData\Local\Microsoft\Outlook\user@example.com.ost`},
	{"outlook/eas/02_zpush_outlook_foldersync", "", ""},
	{"outlook/eas/04_grommunio_sync", "", ""},
	{"outlook/gwsmo/01_exchange_migration_trace", "", ""},
	{"outlook/relatives/01_ogcs_exchange_unavailable", "", ""},
	{"outlook/relatives/03_caldavsynchronizer", "", ""},
	{"outlook/reference/eas_mailbox_log_truncated_tags", "eas_mailboxlog", ""},
	{"outlook/reference/scanost_readme_overview", "", ""},
	{"ox/ox_http_error_svl0002.truncated.json", "ox_api_json", "api-error code=SVL-0002"},
	{"ox/supporttool_strings", "ox_supporttool", "cache-list when=before | recreated service=OXSTOR_SVC"},
	{"ox/ox_usm_eas_server_debug", "", ""},
	{"ox/uuid_phrases", "", ""},
}

func TestSamples(t *testing.T) {
	if _, err := os.Stat(samples); err != nil {
		t.Skip("../shared/samples is not here")
	}
	for _, s := range sampleFindings {
		found := 0
		for _, ext := range []string{"", ".txt", ".rtf"} {
			raw, err := os.ReadFile(filepath.FromSlash(samples + s.file + ext))
			if err != nil {
				continue
			}
			found++
			if got := choose(raw); got != s.format {
				t.Errorf("%s%s is claimed by %q; want %q", s.file, ext, got, s.format)
				continue
			}
			if got := findings(raw, s.format); got != s.want {
				t.Errorf("%s%s: entries are\n%s\nwant\n%s", s.file, ext, got, s.want)
			}
		}
		if found == 0 {
			t.Errorf("%s is missing", s.file)
		}
	}
}

// findings renders the entries of a source that are more than progress.
func findings(raw []byte, format string) string {
	var out []string
	for _, f := range Formats() {
		if f.Name() != format {
			continue
		}
		for _, r := range read(f, raw) {
			if line := finding(r); line != "" {
				out = append(out, line)
			}
		}
	}
	return strings.Join(out, " | ")
}

func finding(r *parser.Record) string {
	event := field(r, "event")
	var names []string
	switch event {
	case "error":
		if _, pass := r.Field("pass"); pass {
			return event + " " + show(r, "last_pass")
		}
		names = []string{"folder", "same_cause", "failed_item"}
		if p := field(r, "provider"); p == "MAPI 1.0" {
			names = append(names, "provider")
		}
		return strings.Join(nonEmpty(event, field(r, "error_kind"), field(r, "vector"), show(r, names...)), " ")
	case "oab", "task-error", "status":
		return strings.Join(nonEmpty(event, field(r, "hresult")), " ")
	case "fatal":
		return event + " " + field(r, "hresult") + " " + show(r, "last_pass")
	case "conflict":
		return event + " " + show(r, "outcome")
	case "windows-event":
		return event + " " + show(r, "provider", "event_id", "app", "sid", "file", "reason", "list")
	case "api-error":
		return event + " " + show(r, "code")
	case "cache-list", "recreated":
		return event + " " + show(r, "when", "service")
	}
	return ""
}

func nonEmpty(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}
