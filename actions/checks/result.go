package checks

// Schema names the JSON form of a Result.
const Schema = "oxtail.check/v1"

// A Result is what came out of one check.
type Result struct {
	Schema     string    `json:"schema"`
	ID         string    `json:"id"`
	Number     int       `json:"number"` // of the id; stable
	Title      string    `json:"title"`
	Result     Word      `json:"result"`
	Why        []string  `json:"why,omitempty"`     // what decided; for n/a and unknown: why so
	Settles    []string  `json:"settles,omitempty"` // what evidence would settle it
	Evidence   []Proof   `json:"evidence"`
	Remedy     string    `json:"remedy"`
	Action     string    `json:"action"`
	Source     string    `json:"source"` // document and paragraph
	Paragraphs []string  `json:"paragraphs,omitempty"`
	Certainty  Certainty `json:"certainty"`
	Role       Role      `json:"role"`
	Questions  []string  `json:"questions,omitempty"` // to a person, of needs-person
	Explains   string    `json:"explains,omitempty"`  // how it explains MAPI_E_FAILONEPROVIDER, when it failed

	place int // in the order of the causes
}

// A Proof is one piece of evidence of a result.
type Proof struct {
	Source string `json:"source,omitempty"` // evidence file
	Place  string `json:"place,omitempty"`  // registry path, or line
	Text   string `json:"text"`
}

// String gives the proof in one line.
func (p Proof) String() string {
	switch {
	case p.Place == "" && p.Source == "":
		return p.Text
	case p.Place == "":
		return p.Text + " (" + p.Source + ")"
	}
	return p.Text + " (" + p.Place + ")"
}

// rank orders results from bad to good.
func (w Word) rank() int {
	for i, word := range Words() {
		if w == word {
			return i
		}
	}
	return len(Words())
}

// worse gives the result of two tests of one check together.
func worse(a, b Word) Word {
	if a == "" || b.rank() < a.rank() {
		return b
	}
	return a
}
