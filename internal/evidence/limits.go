package evidence

// Limits of one Gatherer.
const (
	// MaxRegistryBytes is the largest .reg file or hive that is read. A SOFTWARE hive
	// has about 150 MB, a full export of a machine in UTF-16 about 600.
	MaxRegistryBytes = 768 << 20

	// maxWaitingBytes bounds the hives that wait in memory for their transaction logs.
	maxWaitingBytes = 512 << 20

	// maxHeadsBytes bounds the beginnings of cache files that are kept; of further
	// files only shortHead is, which is enough for every magic.
	maxHeadsBytes = 64 << 20
	shortHead     = 4 << 10

	// Of a log, the first logHeadBytes are searched for lines that name an account, of
	// these logClues are kept, each cut to maxClue; and of more than maxLogHeads logs
	// none is. The names stand at the start of a run.
	logHeadBytes = 32 << 10
	logClues     = 20
	maxClue      = 1 << 10
	maxLogHeads  = 10_000

	// MaxProblems bounds the problems; the rest is counted in the last one.
	MaxProblems = 1000
)
