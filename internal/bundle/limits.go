package bundle

// Limits of one bundle.
const (
	// DefaultMaxBytes is how much is collected unless the user says otherwise, in bytes
	// before compression: logs shrink to a tenth, and tickets take some 100 MB.
	DefaultMaxBytes = 2 << 30
	// MaxFiles bounds the files of a tree that are looked at.
	MaxFiles = 1_000_000
	// maxParts bounds the files of a bundle.
	maxParts = 100_000
	// maxListed bounds the files that a listing names.
	maxListed = 200_000
	// maxSkipped bounds what the manifest lists as left out; the rest is counted.
	maxSkipped = 2000
	// maxDepth bounds folders in folders.
	maxDepth = 128
	// maxHiveBytes is the largest hive that is converted. It is read into memory, one
	// at a time; a SOFTWARE hive has about 100 MB.
	maxHiveBytes = 256 << 20
	// maxManifestBytes is the largest manifest that is read.
	maxManifestBytes = 64 << 20
	// sniffBytes tell what a file holds.
	sniffBytes = 64 << 10
	// storeHeadBytes of a store are kept: its header, which holds no item.
	storeHeadBytes = 1 << 10
	// minTailBytes is the least that is taken of a log of which all is too much.
	minTailBytes = 1 << 20
)
