package lnav

import (
	"strings"
	"sync"
	"sync/atomic"

	"oxtail/parser"
)

// levelOfName returns the level that a format file means by a name; lnav has more
// steps than a record.
func levelOfName(name string) (parser.Level, bool) {
	switch name {
	case "trace":
		return parser.LevelTrace, true
	case "debug", "debug2", "debug3", "debug4", "debug5":
		return parser.LevelDebug, true
	case "info", "stats":
		return parser.LevelInfo, true
	case "notice":
		return parser.LevelNotice, true
	case "warning":
		return parser.LevelWarning, true
	case "error", "invalid":
		return parser.LevelError, true
	case "critical":
		return parser.LevelCritical, true
	case "fatal":
		return parser.LevelFatal, true
	}
	return parser.LevelNone, false
}

// levelRank is lnav's order of trying level patterns: from unknown to invalid.
func levelRank(name string) int {
	const order = "trace debug5 debug4 debug3 debug2 debug info stats notice warning error critical fatal invalid"
	for i, n := range strings.Fields(order) {
		if n == name {
			return i
		}
	}
	return -1
}

// maxLevelWord is the length in bytes of the longest word that names a level.
const maxLevelWord = len("informational")

// IsLevel reports whether a word of two or more letters names a level. It allocates
// nothing, whatever the word is made of.
func IsLevel[S ~string | ~[]byte](word S) bool {
	if len(word) < 2 || len(word) > maxLevelWord {
		return false
	}
	var lower [maxLevelWord]byte
	for i := range len(word) {
		c := word[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return levelOfLower(lower[:len(word)]) != parser.LevelNone
}

// Level returns the level that a word such as WARN, Fehler, SEVERE or E names, in
// English or German; case does not matter. It returns LevelNone for other words.
func Level(word string) parser.Level {
	if len(word) > maxLevelWord {
		return parser.LevelNone
	}
	return levelOfLower(strings.ToLower(word))
}

// levelOfLower is Level for words in lower case.
func levelOfLower[S ~string | ~[]byte](word S) parser.Level {
	switch string(word) {
	case "t", "trace", "trc", "finest", "finer", "verbose", "v":
		return parser.LevelTrace
	case "d", "debug", "dbg", "fine", "wbxml", "wbxmlstack":
		return parser.LevelDebug
	case "i", "info", "inf", "information", "informational", "config", "hinweis":
		return parser.LevelInfo
	case "n", "notice", "note":
		return parser.LevelNotice
	case "w", "warn", "warning", "wrn", "warnung":
		return parser.LevelWarning
	case "e", "error", "err", "severe", "fehler", "failure", "fail":
		return parser.LevelError
	case "c", "critical", "crit", "kritisch", "alert":
		return parser.LevelCritical
	case "f", "fatal", "emerg", "emergency", "panic", "schwerwiegend":
		return parser.LevelFatal
	}
	return parser.LevelNone
}

// LevelInText guesses the level from the words of a text: one in capitals among its
// first bytes (ERROR, FEHLER, WARN), or one in front of a colon at its very start
// ("Error: …"). Lower-case words further on are part of what the text tells.
func LevelInText(text string) parser.Level {
	const within = 200 // bytes
	text = text[:min(len(text), within)]
	start := 0
	for start < len(text) && !isWord(text[start]) {
		start++
	}
	for at := start; at < len(text); {
		end := at
		for end < len(text) && isWord(text[end]) {
			end++
		}
		word := text[at:end]
		if isLoud(word) || at == start && len(word) > 1 && strings.HasPrefix(text[end:], ":") {
			if level := Level(word); level != parser.LevelNone {
				return level
			}
		}
		at = end + 1
	}
	return parser.LevelNone
}

// isLoud reports whether a word in capitals speaks of a level wherever it stands.
func isLoud(word string) bool {
	switch word {
	case "ERROR", "FEHLER", "WARN", "WARNING", "WARNUNG", "FATAL", "CRITICAL", "SEVERE":
		return true
	}
	return false
}

// A levelCache remembers what the level patterns said of a text. A log writes a
// handful of levels, and trying the patterns costs more than all else of a line.
type levelCache struct {
	levels sync.Map // text → parser.Level
	size   atomic.Int32
}

// maxCachedLevels is how many texts are remembered. A format whose level stands in
// the body has a new text in every line; those go to the patterns.
const maxCachedLevels = 64

// maxCachedText is the longest text in bytes that is remembered.
const maxCachedText = 32

func (c *levelCache) get(text string) (parser.Level, bool) {
	if v, ok := c.levels.Load(text); ok {
		return v.(parser.Level), true
	}
	return parser.LevelNone, false
}

func (c *levelCache) put(text string, l parser.Level) {
	if len(text) > maxCachedText || c.size.Add(1) > maxCachedLevels {
		return
	}
	c.levels.Store(strings.Clone(text), l)
}
