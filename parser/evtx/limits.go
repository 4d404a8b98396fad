package evtx

// Layout of a log.
const (
	fileHeadBytes  = 4096
	fileHeadUsed   = 128 // bytes of the header that are in use
	chunkBytes     = 64 << 10
	chunkHeadBytes = 512 // header, table of names, table of templates
	chunkHeadUsed  = 128
	eventHeadBytes = 24
	eventMinBytes  = eventHeadBytes + 4 // the size stands again at the end
)

// Limits, for files that lie.
const (
	// maxChunks is what the chunk count of a header can hold: a log of 4 GiB.
	maxChunks = 1 << 16

	// maxChunkEvents fit into a chunk.
	maxChunkEvents = chunkBytes / eventMinBytes

	// maxEventBytes of text are rendered of one event. An event has at most 64 KiB; the
	// text must stay below the longest line that the parser takes (1 MiB).
	maxEventBytes = 512 << 10

	// maxChunkText bytes of text are rendered of one chunk. The densest chunk of real
	// logs gives six times its size.
	maxChunkText = 4 << 20

	// maxChunkTokens of binary XML are looked at in one chunk; real ones have some 30,000.
	maxChunkTokens = 1 << 20

	// maxDepth is how deep elements may nest; real events need eight levels.
	maxDepth = 48

	// maxNesting is how deep templates and values of binary XML may stand in each other;
	// real events need three.
	maxNesting = 8

	// maxNameChars of an element or attribute.
	maxNameChars = 256

	// maxNamedLosses are kept in a Damage; more are counted.
	maxNamedLosses = 16
)
