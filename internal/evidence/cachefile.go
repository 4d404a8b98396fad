package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"oxtail/actions"
	"oxtail/internal/caches"
	"oxtail/internal/source"
	"oxtail/parser/profile"
	"oxtail/parser/store"
	"oxtail/parser/winpath"
)

// head is the beginning of a file in memory. It implements caches.File.
type head struct{ *bytes.Reader }

// Close does nothing.
func (head) Close() error { return nil }

// addCandidate reads the beginning of a file that may be a cache. It does so at once:
// the stream may not be there any more at the end of the walk.
func (g *Gatherer) addCandidate(st *source.Stream) {
	candidate := caches.Candidate{Path: st.Path, Size: st.Size, Modified: st.ModTime}
	most := caches.SniffBytes
	if g.headsBytes >= maxHeadsBytes {
		most = shortHead
	}
	data, err := readHead(st, most)
	if err != nil {
		candidate.Open = func() (caches.File, error) { return nil, err }
	} else {
		candidate.Open = func() (caches.File, error) { return head{bytes.NewReader(data)}, nil }
	}
	if candidate.Size < 0 {
		candidate.Size = int64(len(data)) // a stream of unknown size: at least what was read
	}
	g.headsBytes += int64(len(data))
	g.candidates = append(g.candidates, candidate)
}

// readHead reads up to most bytes. An early end is no error.
func readHead(st *source.Stream, most int) ([]byte, error) {
	in, err := st.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close() // read only: nothing is lost when closing fails
	data := make([]byte, most)
	n, err := io.ReadFull(in, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	if n > 0 {
		err = nil // the magic is in what was read
	}
	return slices.Clip(data[:n]), err
}

// matchCaches joins the cache files with the profiles.
func (g *Gatherer) matchCaches(inv *actions.Inventory) {
	heads := map[string]string{}
	for _, c := range g.candidates {
		heads[c.Path] = headSum(c)
	}
	refs, owners := g.live.references(inv.Profiles)
	g.found = caches.Match(caches.Inventory(g.candidates), refs, owners)
	for i := range g.found {
		inv.Caches = append(inv.Caches, cacheFile(&g.found[i], heads[g.found[i].Path]))
	}
}

// headSum is the checksum of the first actions.HeadBytes of a candidate, "" when they
// were not read in full.
func headSum(c caches.Candidate) string {
	f, err := c.Open()
	if err != nil {
		return ""
	}
	defer f.Close() // in memory
	data, err := io.ReadAll(io.NewSectionReader(f, 0, actions.HeadBytes))
	if err != nil || int64(len(data)) < min(c.Size, actions.HeadBytes) {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// references lists the cache files that the profiles point to, and the Windows users
// whose profiles these are. It returns no users when that of a profile is not known,
// and nil references when there is no profile.
func (l *Live) references(profiles []profile.Profile) (refs []caches.Reference, owners []string) {
	known := true
	for i := range profiles {
		p := &profiles[i]
		owner := l.ownerOf(p)
		known = known && owner != ""
		if !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
		for j := range p.Services {
			refs = append(refs, l.serviceReferences(p, &p.Services[j], owner)...)
		}
	}
	if len(profiles) > 0 && refs == nil {
		refs = []caches.Reference{}
	}
	if !known {
		owners = nil
	}
	return refs, owners
}

func (l *Live) serviceReferences(p *profile.Profile, s *profile.Service, owner string) []caches.Reference {
	var account *caches.Account
	if a := actions.AccountOf(s); a != nil {
		account = &caches.Account{Server: a.Server, User: a.User}
	}
	var out []caches.Reference
	for _, path := range s.CacheFiles {
		out = append(out, caches.Reference{
			Path: path, Profile: actions.ProfileLabel(p), Account: account, User: owner, Source: actions.OriginOfCache(p, s, path),
			Exact: l.exact(p, path),
		})
	}
	return out
}

// cacheFile is what package actions needs of a cache.
func cacheFile(c *caches.Cache, sum string) actions.CacheFile {
	out := actions.CacheFile{
		Path: c.Path, Kind: string(c.Kind), Content: string(c.Content), State: string(c.State), Bytes: int64(c.Bytes), Modified: c.Modified,
		Owner: strings.ToLower(c.User), Pair: c.Pair, Head: sum, HeldBy: c.HeldBy,
	}
	if out.Owner == "" {
		out.Owner = strings.ToLower(winpath.User(c.Path))
	}
	for _, l := range c.Links {
		out.Links = append(out.Links, actions.CacheLink{Path: l.Path, How: string(l.How), Origin: l.Source})
	}
	for _, p := range c.Problems {
		if p.Weight == store.Damage {
			out.Damage = append(out.Damage, p.String())
		}
	}
	return out
}
