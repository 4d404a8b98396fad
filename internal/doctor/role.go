package doctor

import (
	"fmt"
	"slices"
	"strings"

	"oxtail/actions/checks"
)

const mapiCDO = "Microsoft Exchange Server MAPI Client and Collaboration Data Objects"

// Role guesses what the computer is for, and says why.
func (f *Facts) Role() (role checks.Role, why string) {
	if why := f.xphoneSign(); why != "" {
		return checks.XPhoneServer, why
	}
	if why := f.sessionsSign(); why != "" {
		return checks.TerminalServer, why
	}
	for i := range f.inventory.Profiles {
		p := &f.inventory.Profiles[i]
		for j := range p.Services {
			if strings.HasPrefix(strings.ToUpper(p.Services[j].Name), "OXSTOR") {
				return checks.OXtenderClient, fmt.Sprintf("profile %s has the service %s", p.Display, p.Services[j].Name)
			}
		}
	}
	for _, c := range f.caches {
		if ext := strings.ToLower(string(c.Kind)); ext == "odb" || ext == "psz" {
			return checks.OXtenderClient, "there is an OXtender cache, " + c.Path
		}
	}
	if len(f.inventory.Profiles) > 0 {
		return checks.OutlookClient, fmt.Sprintf("there is the mail profile %s", f.inventory.Profiles[0].Display)
	}
	if o := f.observeOutlook(); len(o.Values) > 0 {
		return checks.OutlookClient, "Outlook is there: " + o.Values[0].Text
	}
	return checks.OutlookClient, "nothing in the evidence tells what it is for; a computer with Outlook is assumed"
}

// xphoneSign looks for the server's service and for MAPI/CDO.
func (f *Facts) xphoneSign() string {
	if o := f.observeService(checks.Probe{Name: f.named("$service_name"), Field: "account"}); len(o.Values) > 0 && !containsFold(o.Values[0].Text, "client") {
		return o.Values[0].Text
	}
	list, _ := f.installed()
	for _, p := range list {
		if containsFold(p.name, mapiCDO) || containsFold(p.name, f.named("$product_name")) && !containsFold(p.name, "client") {
			return "installed: " + p.name
		}
	}
	return ""
}

// sessionsSign looks for the Remote Desktop session host.
func (f *Facts) sessionsSign() string {
	for _, s := range f.systems {
		if s.OS.Sessions {
			return "the Remote Desktop session host is installed"
		}
	}
	const key = `HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server`
	for _, name := range []string{"TSAppCompat", "TSUserEnabled"} {
		o := f.oneView(checks.Probe{Key: key, Value: name, HasValue: true}, view64)
		if len(o.Values) > 0 && o.Values[0].Is == "1" {
			return fmt.Sprintf("%s is 1 in %s", name, key)
		}
	}
	return ""
}

// maxComputerName is where NetBIOS cuts the name of a computer.
const maxComputerName = 15

// Computers lists the names of the computers that the evidence is of, as far as it tells.
// More than one means that the results mix them.
func (f *Facts) Computers() []string {
	var out []string
	add := func(name string) {
		name, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(name)), ".")
		name = name[:min(len(name), maxComputerName)]
		if name != "" && !slices.Contains(out, name) && len(out) < maxFound {
			out = append(out, name)
		}
	}
	for _, p := range []checks.Probe{
		{Key: `HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`, Value: "ComputerName", HasValue: true},
		{Key: servicesKey + `\Tcpip\Parameters`, Value: "Hostname", HasValue: true},
	} {
		for _, v := range f.oneView(p, view64).Values {
			add(v.Is)
		}
	}
	for _, s := range f.systems {
		add(s.Computer.Name)
	}
	return out
}
