package pipeline

import (
	"sync"

	"oxtail/detectors"
	"oxtail/parser/literal"
)

// prefilters are the literals of a scan's rules, by format.
type prefilters struct {
	rules *detectors.Rules
	mu    sync.Mutex
	made  map[string]*literal.Set
}

func newPrefilters(rules *detectors.Rules) *prefilters {
	return &prefilters{rules: rules, made: make(map[string]*literal.Set)}
}

// of returns the literals of which every record of a format holds one that a rule
// may match, that may heal a fault, or that speaks of an error. It returns nil when
// a rule has no literal, so that every record must be built.
func (p *prefilters) of(format string) *literal.Set {
	p.mu.Lock()
	defer p.mu.Unlock()
	if set, ok := p.made[format]; ok {
		return set
	}
	set := p.build(format)
	p.made[format] = set
	return set
}

func (p *prefilters) build(format string) *literal.Set {
	faults, complete := p.rules.Literals(format)
	heals, completeHeals := p.rules.HealLiterals(format)
	if !complete || !completeHeals {
		return nil
	}
	all := append(append(faults, heals...), detectors.StrangeLiterals()...)
	set, err := literal.New(all)
	if err != nil {
		return nil // a literal that is too short or not ASCII cannot be searched for
	}
	return set
}
