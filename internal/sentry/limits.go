package sentry

import "time"

// Limits of looking and judging. Where no reason is given from outside, the number is
// our own choice and errs to silence: people stop to read a watch that cries wolf.
const (
	// DefaultPoll is the time between two looks. A look at sizes costs a few system calls
	// for each file.
	DefaultPoll = 15 * time.Second

	// recheckAfter is when a suspicion is looked at again: programs replace files by
	// deleting and renaming, and registry editors write value by value.
	recheckAfter = 2 * time.Second

	// restShare bounds the work of looking when the registry rings all the time, as while
	// Outlook writes its profile: the next look waits this many times as long as the last
	// one took, but not longer than the poll.
	restShare = 20

	// confirmLooks is how many looks in a row must miss a file, or see a share end.
	confirmLooks = 2

	// jumpWindow is the time in which a size is compared with itself.
	jumpWindow = 10 * time.Minute

	// growFactor and leastGrowth: a cache that doubles, by at least half a gigabyte, within
	// the window. A busy mailbox grows by some hundred megabytes a day.
	growFactor        = 2
	leastGrowth int64 = 512 << 20 // bytes

	// shrinkFactor and leastShrink: a cache that loses half, at least 16 MiB. Outlook
	// compacts slowly and in small steps; a cache that was made anew is small at once.
	shrinkFactor       = 2
	leastShrink  int64 = 16 << 20 // bytes

	// fillTime is how long after its appearance a file may grow as it likes: the first
	// synchronisation of a large mailbox takes a day.
	fillTime = 24 * time.Hour

	// goneFor is how long a file that vanished is waited for.
	goneFor = 7 * 24 * time.Hour

	// A store is near its limit at nearNumerator/nearDenominator of the size at which
	// Outlook takes no more data, and no longer near below easeNumerator of it, so that a
	// size that swings does not make a fault each time.
	nearNumerator, easeNumerator, nearDenominator int64 = 90, 88, 100

	// maxFiles bounds the cache files that are watched; a computer has some dozens.
	maxFiles = 10_000

	// maxSamples bounds the sizes that are remembered of one file: one in five seconds of
	// the window. More often woken, the oldest go.
	maxSamples = 120

	// maxMemoryBytes bounds the memory file that is read.
	maxMemoryBytes = 32 << 20

	// memoryEvery is how often the memory is written when only sizes changed.
	memoryEvery = time.Minute
)
