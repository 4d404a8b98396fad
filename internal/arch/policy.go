package arch

// This file is a statement of policy. Do not change it to make a build pass: change
// it when the design (ARCHITECTURE.md) changes, and say why in the commit.

// Module is the path of this module; own packages start with it.
const Module = "oxtail"

// A Rule says what the non-test files of one folder may import.
type Rule struct {
	Folder string
	Own    []string // folders of this module; "parser/..." means parser and all below
	Never  []string // standard packages that it must not import, besides Everywhere
	Why    string   // the reason for Never
}

// none of the parser packages opens, dials or logs: they turn bytes into values.
var pure = []string{"os", "os/exec", "os/signal", "os/user", "net", "net/http", "log", "log/slog", "path/filepath", "flag"}

const pureWhy = "the caller hands over readers and values; the package opens, prints and asks nothing"

// Rules is the import table of the module, lowest layer first. A folder that is not
// listed may not hold Go files.
var Rules = []Rule{
	{Folder: "parser/codes", Never: pure, Why: pureWhy},
	{Folder: "parser/literal", Never: pure, Why: pureWhy},
	{Folder: "parser/winpath", Never: pure, Why: pureWhy},
	{Folder: "parser/lzfu", Never: pure, Why: pureWhy},
	{Folder: "parser/stamp", Own: []string{"parser", "parser/codes"}, Never: pure, Why: pureWhy},
	{Folder: "parser", Own: []string{"parser/codes", "parser/literal", "parser/stamp", "parser/lzfu"}, Never: pure, Why: pureWhy},
	{Folder: "parser/lnav", Own: []string{"parser", "parser/codes", "parser/literal", "parser/stamp"}, Never: pure, Why: pureWhy},
	{Folder: "parser/outlook", Own: []string{"parser", "parser/codes", "parser/literal", "parser/stamp"}, Never: pure, Why: pureWhy},
	{Folder: "parser/formats", Own: []string{"parser", "parser/codes", "parser/literal", "parser/lnav", "parser/outlook", "parser/stamp"}, Never: pure, Why: pureWhy},
	{Folder: "parser/foldercount", Own: []string{"parser", "parser/codes"}, Never: pure, Why: pureWhy},
	{Folder: "parser/profile", Own: []string{"parser/codes", "parser/winpath"}, Never: pure, Why: pureWhy},
	{Folder: "parser/profile/keytest", Own: []string{"parser/profile"}, Never: pure, Why: pureWhy},
	{Folder: "parser/pe", Never: pure, Why: pureWhy},
	{Folder: "parser/regfile", Own: []string{"parser/profile"}, Never: pure, Why: pureWhy},
	{Folder: "parser/hive", Own: []string{"parser/profile"}, Never: pure, Why: pureWhy},
	{Folder: "parser/evtx", Own: []string{"parser"}, Never: pure, Why: pureWhy},
	{Folder: "parser/evtx/evtxtest", Never: pure, Why: pureWhy},
	{Folder: "parser/store", Own: []string{"parser", "parser/codes", "parser/lzfu"}, Never: pure, Why: pureWhy},

	{Folder: "detectors", Own: []string{"parser", "parser/codes", "parser/literal", "parser/stamp"},
		Never: []string{"os", "os/exec", "net", "net/http", "log", "path/filepath"}, Why: "rules come as an fs.FS; findings go to the caller"},

	{Folder: "index/query", Own: []string{"parser", "parser/codes", "parser/literal"},
		Never: []string{"os", "os/exec", "net", "net/http", "log", "path/filepath"}, Why: "the query language is values in, values out"},
	{Folder: "index", Own: []string{"parser", "parser/codes", "parser/literal", "index/query"},
		Never: []string{"os/exec", "net", "net/http", "log"}, Why: "the index stores and finds records, and no more"},
	{Folder: "actions", Own: []string{"parser", "parser/codes", "parser/profile", "parser/winpath", "detectors"},
		Never: []string{"os", "os/exec", "syscall", "net", "net/http", "log", "path/filepath"}, Why: "only a Machine touches the computer"},

	{Folder: "actions/apply", Own: []string{"parser", "parser/codes", "parser/profile", "parser/regfile", "parser/winpath", "detectors", "actions"},
		Never: []string{"os", "os/exec", "syscall", "net", "net/http", "log", "path/filepath"}, Why: "only a Machine touches the computer"},

	{Folder: "actions/checks", Own: []string{"detectors"},
		Never: []string{"os", "os/exec", "syscall", "net", "net/http", "log", "path/filepath"}, Why: "checks are data; the evidence answers their probes"},

	{Folder: "actions/apply/applytest", Own: []string{"parser/profile", "parser/profile/keytest", "parser/winpath", "actions", "actions/apply"},
		Never: []string{"os", "os/exec", "syscall", "net", "net/http", "log", "path/filepath"}, Why: "only a Machine touches the computer"},

	{Folder: "internal/arch", Never: []string{"os/exec", "net", "net/http", "log"}, Why: "the checks read sources; asking the go command would be cached"},
	{Folder: "internal/source", Own: []string{"parser", "parser/evtx", "parser/lzfu", "parser/store", "parser/hive", "parser/winpath"}, Never: []string{"os/exec", "net", "net/http", "log"}, Why: "evidence is read, never run or fetched"},
	{Folder: "internal/places", Own: []string{"parser/winpath", "parser/profile"}, Never: []string{"os/exec", "net", "net/http", "log"}, Why: "knows where files lie; the caller opens them"},
	{Folder: "internal/caches", Own: []string{"parser", "parser/codes", "parser/foldercount", "parser/profile", "parser/store", "parser/winpath", "internal/places"}, Never: []string{"os/exec", "net", "net/http", "log"}, Why: "cache files are judged by what they hold"},
	{Folder: "internal/evidence", Own: []string{"parser", "parser/hive", "parser/profile", "parser/regfile", "parser/store", "parser/winpath", "detectors", "actions", "internal/caches", "internal/source"},
		Never: []string{"os", "os/exec", "net", "net/http", "log"}, Why: "evidence comes as streams of a walk"},
	{Folder: "internal/dossier", Own: []string{"parser", "parser/profile", "detectors", "actions", "internal/evidence", "internal/source"},
		Never: []string{"os", "os/exec", "net", "net/http", "log"}, Why: "logs come as streams of a walk"},
	{Folder: "internal/tail", Own: []string{"parser", "internal/source"}, Never: []string{"os/exec", "net", "net/http", "log"}, Why: "follows files; ships nothing"},
	{Folder: "internal/pipeline", Own: []string{"parser/...", "detectors", "index", "internal/source", "internal/tail"}, Never: []string{"os/exec", "net", "net/http", "log"}, Why: "wires the stages; sources are opened by internal/source"},
	{Folder: "internal/indexing", Own: []string{"parser/...", "detectors", "actions", "index", "index/query", "internal/evidence", "internal/pipeline", "internal/source"}, Never: []string{"os/exec", "net", "net/http", "log"}, Why: "wires sources to the index; sources are opened by internal/source"},
	{Folder: "internal/doctor", Own: []string{"parser", "parser/pe", "parser/profile", "parser/regfile", "parser/store", "parser/winpath", "detectors", "actions", "actions/checks", "internal/caches", "internal/evidence", "internal/machine", "internal/pipeline", "internal/source"},
		Never: []string{"os", "os/exec", "net", "net/http", "log"}, Why: "facts come as streams of a walk, or from internal/machine"},
	{Folder: "internal/machine", Own: []string{"parser/codes", "parser/hive", "parser/profile", "parser/regfile", "parser/winpath", "actions", "actions/apply", "internal/places"}, Never: []string{"net", "net/http", "log"}, Why: "the live computer, not the network"},
	{Folder: "internal/diff", Own: []string{"parser/profile", "detectors", "actions"}, Never: []string{"os", "os/exec", "net", "net/http", "log", "path/filepath"}, Why: "compares two results; the caller makes them"},
	{Folder: "internal/bundle", Own: []string{"parser", "parser/evtx", "parser/hive", "parser/pe", "parser/profile", "parser/regfile", "parser/store", "internal/doctor", "internal/places", "internal/redact", "internal/source"},
		Never: []string{"os/exec", "net", "net/http", "log"}, Why: "collects from files that it opens read-only; what runs tells the caller"},
	{Folder: "internal/redact/plant", Own: []string{"parser/literal", "parser/profile"}, Never: []string{"os", "os/exec", "net", "net/http", "log"}, Why: "makes inputs of leak tests"},
	{Folder: "internal/redact", Own: []string{"parser/literal", "parser/profile", "parser/regfile"}, Never: []string{"os", "os/exec", "net", "net/http", "log", "path/filepath"}, Why: "text in, text out; the caller opens files and keeps the key"},
	{Folder: "internal/report", Own: []string{"internal/redact", "parser", "parser/codes", "parser/lnav", "parser/foldercount", "parser/profile", "detectors", "actions", "actions/apply", "actions/checks", "internal/caches", "internal/diff", "internal/dossier", "internal/pipeline", "internal/source"},
		Never: []string{"os/exec", "net", "net/http", "log"}, Why: "writes to an io.Writer, nothing else"},

	{Folder: "internal/watch", Own: []string{"parser", "detectors", "internal/indexing", "internal/report", "internal/source", "internal/tail"},
		Never: []string{"os/signal", "os/user", "log"}, Why: "its outputs post to the address and run the program that the user named, and nothing else"},

	{Folder: "internal/sentry", Own: []string{"parser", "parser/hive", "parser/profile", "parser/regfile", "parser/store", "parser/winpath", "detectors", "actions", "internal/caches", "internal/evidence", "internal/machine", "internal/source"},
		Never: []string{"os/exec", "net", "net/http", "log"}, Why: "compares what it reads, and changes nothing"},
	{Folder: "internal/service",
		Never: []string{"net", "net/http", "log"}, Why: "it runs the programs of the system that keep others running, by full path and without a shell"},
	{Folder: "internal/notify", Own: []string{"internal/report"},
		Never: []string{"os", "os/exec", "net", "net/http", "log"}, Why: "notices go to calls of Windows only"},

	{Folder: "internal/twin", Own: []string{"parser/hive", "parser/profile", "parser/regfile", "parser/winpath", "actions", "actions/apply", "internal/doctor", "internal/source"},
		Never: []string{"os", "os/exec", "net", "net/http", "log", "path/filepath"}, Why: "a computer in memory, made of streams"},

	{Folder: "internal/loggen", Never: []string{"os/exec", "net", "net/http", "log"}, Why: "writes a made-up log for benchmarks to an io.Writer"},
	{Folder: "cmd/loggen", Own: []string{"internal/loggen"}},
	{Folder: "cmd/resources", Never: []string{"os/exec", "net", "net/http", "log"}, Why: "writes the resources of the Windows programs, for go generate"},

	{Folder: "cmd/oxtail", Own: []string{"cmd/oxtail/cli"}},
	{Folder: "cmd/oxtail/cli", Own: []string{
		"parser/...", "detectors", "actions", "actions/apply", "actions/checks", "index", "index/query",
		"internal/bundle", "internal/caches", "internal/diff", "internal/doctor", "internal/dossier", "internal/evidence",
		"internal/indexing", "internal/machine", "internal/notify", "internal/pipeline", "internal/places", "internal/redact",
		"internal/report", "internal/sentry", "internal/service", "internal/source", "internal/tail", "internal/twin",
		"internal/watch",
	},
		Never: []string{"os/exec", "net", "net/http", "log"}, Why: "commands hold no logic, and talk through term.go only"},
}

// A Door says where one third-party module may be imported.
type Door struct {
	Module string   // import path, or the start of one up to a slash
	At     []string // folders; "parser/..." means parser and all below
	Why    string
}

// Doors lists every third-party module that non-test files import.
var Doors = []Door{
	{"github.com/dlclark/regexp2", []string{"parser/lnav"}, "PCRE syntax of lnav formats that Go's engine refuses, with a time limit"},
	{"go.yaml.in/yaml/v3", []string{"detectors", "actions/checks"}, "rules and checks are YAML with line numbers in errors"},
	{"www.velocidex.com/golang/regparser", []string{"parser/hive"}, "offline hives and their transaction logs"},
	{"github.com/bodgit/sevenzip", []string{"internal/source"}, "7z archives"},
	{"github.com/ulikunitz/xz", []string{"internal/source"}, "xz streams"},
	{"github.com/klauspost/compress", []string{"internal/source", "index"}, "zstd streams; blocks of the index"},
	{"github.com/richardlehane/mscfb", []string{"internal/source"}, "compound files: .msg"},
	{"github.com/bmatcuk/doublestar/v4", []string{"internal/source"}, "globs with **, also on Windows"},
	{"golang.org/x/text", []string{"parser", "parser/regfile", "parser/profile", "internal/source"}, "code pages; UTF-16 is done by hand"},
	{"golang.org/x/sys", []string{"internal/machine", "internal/notify", "internal/sentry", "internal/service", "internal/tail", "cmd/oxtail/cli"}, "registry, processes, file identity, is-a-terminal"},
	{"github.com/spf13/cobra", []string{"cmd/oxtail/cli"}, "commands, completions, man pages"},
	{"github.com/spf13/pflag", []string{"cmd/oxtail/cli"}, "flags of cobra"},
	{"github.com/tc-hib/winres", []string{"cmd/resources"}, "manifest and version resource; a build tool, no part of oxtail"},
	{"github.com/go-ole/go-ole", []string{"internal/machine"}, "Quit and Send/Receive of a running Outlook, which has no other door"},
	{"github.com/gocarina/gocsv", []string{"internal/report"}, "CSV from tagged structs"},
	{"github.com/dustin/go-humanize", []string{"internal/report"}, "sizes, counts and times for people"},
	{"github.com/blevesearch/bleve/v2", []string{"index"}, "words of blocks; 266 init functions and 12 MB, so behind one door"},
	{"github.com/fsnotify/fsnotify", []string{"internal/tail"}, "wakes the poller early"},
}

// TestDoors lists the modules that only test files import, from any folder.
var TestDoors = []Door{
	{"github.com/google/go-cmp", nil, "readable differences"},
	{"github.com/rogpeppe/go-internal", nil, "testscript: commands as scripts"},
	{"golang.org/x/text", nil, "oracle of the encodings"},
}

// Everywhere lists standard packages that nobody imports, with the reason.
var Everywhere = []Door{
	{"plugin", nil, "formats and rules are data"},
	{"net/rpc", nil, "no network except an address that the user gave"},
	{"net/smtp", nil, "no network except an address that the user gave"},
	{"io/ioutil", nil, "deprecated"},
	{"math/rand", []string{"internal/loggen"}, "two runs over the same input give the same output"},
	{"math/rand/v2", []string{"internal/loggen"}, "two runs over the same input give the same output"},
	{"unsafe", []string{"internal/machine", "internal/notify", "internal/service", "internal/tail"}, "Windows structures only"},
	{"C", nil, "binaries are static, built with CGO_ENABLED=0"},
	{"reflect", []string{"internal/report"}, "CSV columns from the schema structs"},
}

// Exempt is a function that may be longer than MaxLines, with the reason.
type Exempt struct {
	Folder, Func, Why string
}

// LongFunctions lists the functions over MaxLines lines that are better whole.
var LongFunctions = []Exempt{}

// Clocked lists the folders that may read the clock and the environment: they are
// the program's edge. All others take the clock as an argument.
var Clocked = []string{"cmd/oxtail", "cmd/oxtail/cli", "cmd/loggen", "internal/machine"}

// Talking lists the folders that may print and exit.
var Talking = []string{"cmd/oxtail", "cmd/oxtail/cli", "cmd/loggen", "cmd/resources"}
