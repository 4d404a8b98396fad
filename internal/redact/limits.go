package redact

// Limits of one case and of one input.
const (
	// MaxNames bounds the names of a case. What is met beyond is still taken out where its
	// place tells what it is, as "[removed:user]", but it has no number and no way back.
	MaxNames = 200_000
	// MaxNameBytes is the longest name that gets a pseudonym of its own; longer subjects
	// are removed. Outlook's subjects end at 255 characters.
	MaxNameBytes = 1024
	// MaxLineBytes is the longest line that is redacted as one; a longer one is cut, so
	// that a file without line feeds cannot fill the memory.
	MaxLineBytes = 8 << 20
	// maxWeak bounds the names that are kept until the domains are known.
	maxWeak = 400_000
	// maxNesting bounds text in base64 in text in base64.
	maxNesting = 2
	// chunkBytes is what one goroutine takes at a time.
	chunkBytes = 512 << 10
	// maxKeyBytes is the largest key file that is read.
	maxKeyBytes = 256 << 20
	// minGlobal is the shortest name, in characters, that is replaced wherever it
	// stands. Shorter ones are replaced where their place tells what they are.
	minGlobal = 3
	// minPart is the shortest part of a name of several words that is a name, too.
	minPart = 4
)
