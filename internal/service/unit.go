package service

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// systemState is the folder below which systemd keeps the state of system units.
const systemState = "/var/lib/"

// Unit returns the text of a systemd unit: one of a user, or one of the system.
//
// A unit of the system is shut in as far as a reader of everybody's logs can be. Most of
// that needs name spaces, which the manager of a user may not make on every
// distribution: there it would keep the unit from starting, so it is left out.
func Unit(s Spec, system bool) (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	for _, word := range append([]string{s.Program, s.State}, s.Writable...) {
		if !path.IsAbs(word) {
			return "", fmt.Errorf("install %s: %q is no absolute path", s.Name, word)
		}
	}
	u := &unit{}
	u.line("# Written by oxtail watch install; change it by installing again.")
	u.line("[Unit]")
	u.line("Description=oxtail: follows logs and tells faults of mail synchronisation")
	if system {
		u.line("After=network-online.target local-fs.target")
		u.line("Wants=network-online.target")
	}
	u.line("StartLimitIntervalSec=10min")
	u.line("StartLimitBurst=5")
	u.line("")
	u.line("[Service]")
	u.line("Type=exec")
	u.line("ExecStart=" + execStart(s.Program, s.Args))
	u.line("Restart=on-failure")
	u.line("RestartSec=10s")
	u.line("TimeoutStopSec=30s") // outputs get five seconds, the state is written after them
	u.line("UMask=0077")
	u.harden()
	if system {
		u.shutIn(&s)
	}
	u.line("")
	u.line("[Install]")
	if system {
		u.line("WantedBy=multi-user.target")
	} else {
		u.line("WantedBy=default.target")
	}
	return strings.Join(u.lines, "\n") + "\n", nil
}

type unit struct{ lines []string }

func (u *unit) line(text string) { u.lines = append(u.lines, text) }

// harden takes away what needs no name space to be taken away.
func (u *unit) harden() {
	for _, l := range []string{
		"NoNewPrivileges=yes", "LockPersonality=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes", "RestrictNamespaces=yes",
		"SystemCallArchitectures=native", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
	} {
		u.line(l)
	}
}

// shutIn lets a unit of the system read everything and write its state only.
func (u *unit) shutIn(s *Spec) {
	if s.User != "" {
		u.line("User=" + value(s.User))
	}
	for _, l := range []string{
		"ProtectSystem=strict", "ProtectHome=read-only", "PrivateTmp=no", // logs lie in /tmp, too
		"PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectKernelLogs=yes",
		"ProtectControlGroups=yes", "ProtectClock=yes", "ProtectHostname=yes", "MemoryDenyWriteExecute=yes",
		"PrivateMounts=yes", "RemoveIPC=yes", "KeyringMode=private", "SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM",
	} {
		u.line(l)
	}
	if s.User == "" {
		u.line("CapabilityBoundingSet=CAP_DAC_READ_SEARCH")
	} else {
		u.line("CapabilityBoundingSet=")
	}
	if below, ok := strings.CutPrefix(path.Clean(s.State), systemState); ok && below != "" {
		u.line("StateDirectory=" + value(quoteWord(below)))
		u.line("StateDirectoryMode=0700")
	}
	var paths []string
	for _, p := range append([]string{s.State}, s.Writable...) {
		if word := quoteWord(path.Clean(p)); !slices.Contains(paths, word) {
			paths = append(paths, word)
		}
	}
	u.line("ReadWritePaths=" + value(strings.Join(paths, " ")))
}

// value escapes what systemd replaces in every setting.
func value(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// execStart quotes a command for ExecStart. Besides the quotes, systemd replaces %
// everywhere, and $ in the arguments but not in the path of the program.
func execStart(program string, args []string) string {
	words := []string{value(quoteWord(program))}
	for _, a := range args {
		words = append(words, strings.ReplaceAll(value(quoteWord(a)), "$", "$$"))
	}
	return strings.Join(words, " ")
}

// quoteWord writes one word for a list of words of systemd: as it is when it is plain,
// else in double quotes with the escapes of C.
func quoteWord(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !isPlainRune(r) }) < 0 && utf8.ValidString(word) {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(word); {
		r, n := utf8.DecodeRuneInString(word[i:])
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteByte(word[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f || r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, word[i])
		default:
			b.WriteString(word[i : i+n])
		}
		i += n
	}
	b.WriteByte('"')
	return b.String()
}

// isPlainRune reports whether a character means itself outside of quotes. $ and % are
// escaped afterwards.
func isPlainRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@%+=:,./-$", r)
}
