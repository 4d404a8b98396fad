package diff

import (
	"cmp"
	"slices"
	"strings"

	"oxtail/detectors"
)

// nearness is how sure it is that two places are the same one; findings that concern
// the same are paired by the strongest first.
var nearness = [...]func(place string) string{
	func(place string) string { return place },
	masked,
	func(place string) string { return masked(base(place)) },
	func(string) string { return "" }, // any place
}

// pairs joins the findings of both sides.
func pairs(before, after *Side) []Pair {
	match := make([]int, len(after.Findings)) // finding of the second side → of the first, or -1
	for i := range match {
		match[i] = -1
	}
	taken := make([]bool, len(before.Findings))
	for _, near := range nearness {
		waiting := make(map[string][]int)
		for i := range before.Findings {
			if !taken[i] {
				for _, key := range keys(&before.Findings[i], before.Root, near) {
					waiting[key] = append(waiting[key], i)
				}
			}
		}
		for i := range after.Findings {
			if f := &after.Findings[i]; match[i] < 0 {
				match[i] = take(f, keys(f, after.Root, near), waiting, before.Findings, taken)
			}
		}
	}
	return sorted(before.Findings, after.Findings, match, taken)
}

// take finds the first finding that waits under one of the keys and may be the same.
func take(f *detectors.Finding, keys []string, waiting map[string][]int, list []detectors.Finding, taken []bool) int {
	for _, key := range keys {
		for len(waiting[key]) > 0 && taken[waiting[key][0]] {
			waiting[key] = waiting[key][1:]
		}
		for _, i := range waiting[key] {
			if !taken[i] && sameMailbox(f, &list[i]) {
				taken[i] = true
				return i
			}
		}
	}
	return -1
}

// sameMailbox reports that nothing speaks against it that two findings concern one mailbox.
func sameMailbox(a, b *detectors.Finding) bool {
	return a.Mailbox == "" || b.Mailbox == "" || strings.EqualFold(a.Mailbox, b.Mailbox)
}

// keys names what a finding concerns: the objects that it lists, by the best kind of
// name that it has. Two findings that share one concern the same.
func keys(f *detectors.Finding, root string, near func(string) string) []string {
	at := ""
	if f.Source != "" {
		at = near(place(root, f.Source))
	}
	start := f.Rule + "\x00" + at + "\x00"
	for kind, names := range [][]string{f.UUIDs, f.Folders, f.Codes, f.CacheFiles, f.Profiles} {
		var out []string
		for _, n := range names {
			if kind == 3 { // a cache file moves with its bundle
				n = base(slashed(n))
			}
			out = append(out, start+string(rune('0'+kind))+strings.ToLower(n))
		}
		if len(out) > 0 {
			return out
		}
	}
	return []string{start}
}

// sorted makes the list of pairs: new, persisting, gone.
func sorted(before, after []detectors.Finding, match []int, taken []bool) []Pair {
	var out []Pair
	for i := range after {
		p := Pair{New, nil, &after[i]}
		if match[i] >= 0 {
			p.Before = &before[match[i]]
			p.State = judge(p.Before, p.After)
		}
		out = append(out, p)
	}
	for i := range before {
		if !taken[i] {
			out = append(out, Pair{Gone, &before[i], nil})
		}
	}
	rank := []State{New, Persist, Gone}
	slices.SortStableFunc(out, func(a, b Pair) int {
		return cmp.Or(slices.Index(rank, a.State)-slices.Index(rank, b.State), int(b.severity())-int(a.severity()))
	})
	return out
}

// severity is that of the finding as it is now; of what is gone, as it was.
func (p *Pair) severity() detectors.Severity {
	if p.State == Gone || p.After == nil {
		return p.Before.Severity
	}
	return p.After.Severity
}

// judge tells the state of a finding that both sides have.
func judge(before, after *detectors.Finding) State {
	switch {
	case before.IsGone && !after.IsGone:
		return New
	case after.IsGone && !before.IsGone:
		return Gone
	}
	return Persist
}
