package query

// A Need is a query relaxed to blocks: what a block must hold to have a match.
type Need struct {
	Op   Op
	Kids []*Need

	Word   string                 // NeedWord: a word of the block
	Like   func(word string) bool // NeedLike: a word of the block fits …
	Stem   string                 // … or an identifier of it begins so (see Stem); never empty for NeedLike
	Hash   uint64                 // NeedID: the filter holds the hash of an identifier
	Source func(m Meta) bool      // NeedMeta: what the block's entry says
}

// Op is the kind of a Need.
type Op uint8

// The kinds of needs.
const (
	NeedNothing Op = iota // every block may have a match
	NeedAll
	NeedAny
	NeedWord
	NeedLike
	NeedID
	NeedMeta
	NeedLabel // a record of the block has a label
)

// Meta is what is known of a block without reading it.
type Meta struct {
	Source  string
	Format  string
	Levels  uint16 // bit for each parser.Level of its records
	First   int64  // earliest time in Unix nanoseconds; First > Last when no record has a time
	Last    int64
	Untimed bool // some records have no time
}

func nothing() *Need { return &Need{Op: NeedNothing} }

// all joins needs; those that need nothing fall out.
func all(kids []*Need) *Need {
	var kept []*Need
	for _, k := range kids {
		if k.Op != NeedNothing {
			kept = append(kept, k)
		}
	}
	switch len(kept) {
	case 0:
		return nothing()
	case 1:
		return kept[0]
	}
	return &Need{Op: NeedAll, Kids: kept}
}

// anyOf joins alternatives; one that needs nothing makes the whole need nothing.
func anyOf(kids []*Need) *Need {
	for _, k := range kids {
		if k.Op == NeedNothing {
			return k
		}
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return &Need{Op: NeedAny, Kids: kids}
}

// need relaxes the pattern of one token.
func (p part) need() *Need {
	switch {
	case p.glob != "":
		return globNeed(p.glob)
	case p.fuzz > 0:
		return &Need{Op: NeedLike, Like: p.match, Stem: noStem}
	case IsWord(p.literal):
		return &Need{Op: NeedWord, Word: p.literal}
	}
	if IsCommonHex([]byte(p.literal)) {
		return nothing()
	}
	return &Need{Op: NeedID, Hash: HashString(p.literal)}
}

// noStem is a stem that no identifier has.
const noStem = "\x00"

// globNeed looks a glob up among the words, unless it may fit any identifier.
func globNeed(glob string) *Need {
	prefix := glob
	for i := range len(glob) {
		if glob[i] == '*' || glob[i] == '?' {
			prefix = glob[:i]
			break
		}
	}
	prefix = prefix[:min(len(prefix), stemBytes)]
	for i := range len(prefix) {
		if prefix[i]-'0' < 10 {
			return nothing()
		}
	}
	if !tellsStem(prefix) {
		return nothing()
	}
	return &Need{Op: NeedLike, Like: func(w string) bool { return globMatch(glob, w) }, Stem: prefix}
}

func partsNeed(parts []part) *Need {
	var kids []*Need
	for _, p := range parts {
		kids = append(kids, p.need())
	}
	return all(kids)
}
