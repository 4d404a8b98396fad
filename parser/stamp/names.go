package stamp

// bytesOf is what timestamps are read from: text, or the raw bytes of a line.
type bytesOf interface{ ~string | ~[]byte }

// A name is a word for a month, weekday or zone, in lower case.
type name struct {
	word  string
	value int
}

// monthNames are English and German; each is recognised with at least three letters,
// so that "Mar", "Mär", "März", "Mrz", "Sept" and "September" all are.
var monthNames = [...]name{
	{"january", 1}, {"januar", 1}, {"jänner", 1}, {"february", 2}, {"februar", 2}, {"march", 3}, {"märz", 3}, {"maerz", 3}, {"mrz", 3},
	{"april", 4}, {"may", 5}, {"mai", 5}, {"june", 6}, {"juni", 6}, {"july", 7}, {"juli", 7}, {"august", 8},
	{"september", 9}, {"october", 10}, {"oktober", 10}, {"november", 11}, {"december", 12}, {"dezember", 12},
}

// dayNames need two letters ("Mo", "Di"), as German writes them.
var dayNames = [...]name{
	{"monday", 1}, {"montag", 1}, {"tuesday", 2}, {"dienstag", 2}, {"wednesday", 3}, {"mittwoch", 3}, {"thursday", 4}, {"donnerstag", 4},
	{"friday", 5}, {"freitag", 5}, {"saturday", 6}, {"samstag", 6}, {"sonnabend", 6}, {"sunday", 0}, {"sonntag", 0},
}

// zoneNames are the abbreviations that name one zone only. IST, BST, AST and the
// like name several and are not read.
var zoneNames = [...]name{
	{"Z", 0}, {"UTC", 0}, {"GMT", 0}, {"WET", 0}, {"WEST", 60}, {"CET", 60}, {"MEZ", 60}, {"CEST", 120}, {"MESZ", 120}, {"EET", 120}, {"EEST", 180},
	{"MSK", 180}, {"EST", -300}, {"EDT", -240}, {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}, {"JST", 540},
}

// isWordByte reports whether c belongs to a word; bytes of non-ASCII letters do.
func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func wordLen[S bytesOf](s S) int {
	n := 0
	for n < len(s) && n < MaxBytes && isWordByte(s[n]) {
		n++
	}
	return n
}

// lookup finds the name that word abbreviates with at least least bytes.
func lookup[S bytesOf](names []name, word S, least int) (int, bool) {
	if len(word) < least {
		return 0, false
	}
	for _, n := range names {
		if isPrefixFold(n.word, word) {
			return n.value, true
		}
	}
	return 0, false
}

// isPrefixFold reports whether word is a prefix of full, ignoring the case of ASCII
// letters and of ä, in UTF-8 or Windows-1252.
func isPrefixFold[S bytesOf](full string, word S) bool {
	i := 0
	for j := 0; j < len(word); j++ {
		if i >= len(full) {
			return false
		}
		c := word[j]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c == 0x84 && full[i] == 0xa4: // Ä, second byte of UTF-8
			c = 0xa4
		case c == 0xe4 && full[i] == 0xc3: // ä in Windows-1252
			i++
			c = full[i]
		}
		if c != full[i] {
			return false
		}
		i++
	}
	return true
}
