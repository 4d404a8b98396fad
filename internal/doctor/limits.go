package doctor

// Limits of one Gatherer.
const (
	// maxTrees and maxTreeBytes bound the registry trees that are kept in memory. A
	// SOFTWARE hive has up to 150 MB; a terminal server has hundreds of users.
	maxTrees     = 256
	maxTreeBytes = 1 << 30

	// maxTextBytes is the largest report, list or configuration file that is read. A
	// list of 200,000 files has 40 MB.
	maxTextBytes = 128 << 20

	// headBytes is how much of a text is looked at to find out whether it is a report.
	headBytes = 8 << 10

	// maxHeads bounds the texts that are opened for a look although their name says
	// nothing; a bundle has hundreds, a wrong folder 200,000.
	maxHeads = 20_000

	// maxFiles bounds the files of all lists together.
	maxFiles = 500_000

	// maxItems bounds other lists: products, services, processes, holders.
	maxItems = 20_000

	// maxSubkeys bounds the subkeys that one pattern of a registry path is tried on, and
	// maxFound the values that one probe gives.
	maxSubkeys = 20_000
	maxFound   = 200

	// maxLogBytes is how much of each log is searched for names of server versions, and
	// maxLogsBytes how much of all.
	maxLogBytes  = 4 << 20
	maxLogsBytes = 256 << 20

	// maxFaults bounds what is told about evidence that was not read.
	maxFaults = 200

	// maxPrograms bounds the programs and DLLs of a bundle whose resources are read.
	maxPrograms = 2000

	// maxDocuments bounds the MapiSvc.inf and atlas.xml files that are kept.
	maxDocuments = 50
)
