package doctor

import (
	"oxtail/actions"
	"oxtail/actions/checks"
	"oxtail/detectors"
	"oxtail/internal/caches"
)

// Facts are what the evidence tells of one computer. They answer probes.
type Facts struct {
	// Config is the configuration of the user, for probes whose arguments name a value.
	Config checks.Config

	live bool
	// look finds a file on the running computer; nil offline.
	look      func(path string) (file ListedFile, there bool, err error)
	registry  registry
	files     *fileIndex
	products  []product
	hasList   bool // a list of installed products was given
	services  []sourcedServices
	processes []sourcedProcesses
	systems   []sourcedSystem
	infs      []document // MapiSvc.inf
	atlas     []document // atlas.xml
	servers   []checks.Value
	logs      int      // logs that were read
	formats   []string // of the logs that were read
	findings  []detectors.Finding
	inventory *actions.Inventory
	caches    []caches.Cache
}

// A document is a configuration file in memory.
type document struct {
	path string
	data []byte
}

type sourcedServices struct {
	source string
	list   Services
}

type sourcedProcesses struct {
	source string
	list   Processes
}

type sourcedSystem struct {
	source string
	System
}

var _ checks.Evidence = (*Facts)(nil)

// Observe answers a probe.
func (f *Facts) Observe(p checks.Probe) checks.Observation {
	p.Name = f.named(p.Name)
	switch p.Kind {
	case checks.Registry:
		return f.observeRegistry(p)
	case checks.Uninstall:
		return f.observeUninstall(p)
	case checks.Service:
		return f.observeService(p)
	case checks.Domain:
		return f.observeDomain()
	case checks.Group:
		return f.observeGroup(p)
	case checks.Outlook:
		return f.observeOutlook()
	case checks.Exchange:
		return f.observeExchange(p)
	case checks.Log:
		return f.observeLog(p)
	case checks.XML:
		return f.observeXML(p)
	case checks.Setting:
		return f.observeSetting(p)
	case checks.File:
		return f.observeFile(p)
	case checks.Provider:
		return f.observeProvider(p)
	case checks.Office:
		return f.observeOffice(p)
	case checks.Windows:
		return f.observeWindows(p)
	case checks.Process:
		return f.observeProcess(p)
	case checks.Disk:
		return f.observeDisk(p)
	case checks.Cache:
		return f.observeCache(p)
	case checks.StoreSize:
		return f.observeStoreSize()
	case checks.Profile:
		return f.observeProfile(p)
	case checks.Clock:
		return f.observeClock()
	}
	panic("BUG: no reader of probe " + string(p.Kind))
}

// named replaces a name of the configuration by its value.
func (f *Facts) named(name string) string {
	if name == "$service_name" || name == "$product_name" {
		if v := f.Config[name[1:]]; v != "" {
			return v
		}
		return defaultVendor
	}
	return name
}

// defaultVendor is part of the names of services and programs of the product that the
// FAQ is about.
const defaultVendor = "XPhone"

// unseen is the observation of a place that no evidence covers.
func unseen(settles ...string) checks.Observation { return checks.Observation{Settles: settles} }
