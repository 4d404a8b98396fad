package doctor

import (
	"oxtail/actions/checks"
	"oxtail/internal/source"
)

func (f *Facts) observeFile(p checks.Probe) checks.Observation     { return unseen() }
func (f *Facts) observeProvider(p checks.Probe) checks.Observation { return unseen() }
func (f *Facts) observeOffice(p checks.Probe) checks.Observation   { return unseen() }
func (f *Facts) observeWindows(p checks.Probe) checks.Observation  { return unseen() }
func (f *Facts) observeProcess(p checks.Probe) checks.Observation  { return unseen() }
func (f *Facts) observeDisk(p checks.Probe) checks.Observation     { return unseen() }
func (f *Facts) observeCache(p checks.Probe) checks.Observation    { return unseen() }
func (f *Facts) observeStoreSize() checks.Observation              { return unseen() }
func (f *Facts) observeProfile(p checks.Probe) checks.Observation  { return unseen() }
func (f *Facts) observeClock() checks.Observation                  { return unseen() }
func (f *Facts) addCacheFiles()                                    {}
func (g *Gatherer) addProgram(st *source.Stream)                   {}
func (g *Gatherer) reader(st *source.Stream, head []byte) func(string, []byte) error {
	return nil
}
