// Resources writes what Windows wants to know of oxtail's programs before it starts them
// into cmd/oxtail, from where go build takes it:
//
//	go generate ./cmd/oxtail
//
// The manifest names the versions of Windows: without it newer Outlooks take Windows for
// an old one, and their MAPI fails with MAPI_E_FAILONEPROVIDER. It asks for no elevation,
// and never sets a code page: MAPI is given texts in that of the computer.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

func main() {
	for arch, name := range files() {
		data, err := object(arch)
		if err == nil {
			err = os.WriteFile(name, data, 0o666)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "resources:", err)
			os.Exit(1)
		}
	}
}

// files are the objects by architecture. Their names tell go build for which system.
func files() map[winres.Arch]string {
	return map[winres.Arch]string{
		winres.ArchAMD64: "rsrc_windows_amd64.syso",
		winres.ArchI386:  "rsrc_windows_386.syso",
		winres.ArchARM64: "rsrc_windows_arm64.syso",
	}
}

// object makes the resources for one architecture. The version of oxtail is not among
// them: it is known when a release is built, and `oxtail version` tells it.
func object(arch winres.Arch) ([]byte, error) {
	var set winres.ResourceSet
	set.SetManifest(winres.AppManifest{
		Description:         "oxtail: why a mailbox does not synchronise",
		Compatibility:       winres.Win7AndAbove,
		ExecutionLevel:      winres.AsInvoker,
		LongPathAware:       true,
		UseCommonControlsV6: true, // dialogs of MAPI providers look as Outlook's do
	})
	var info version.Info
	for key, text := range map[string]string{
		version.ProductName: "oxtail", version.FileDescription: "oxtail: why a mailbox does not synchronise", version.InternalName: "oxtail",
	} {
		if err := info.Set(version.LangDefault, key, text); err != nil {
			return nil, fmt.Errorf("set %s: %w", key, err)
		}
	}
	set.SetVersionInfo(info)
	var out bytes.Buffer
	if err := set.WriteObject(&out, arch); err != nil {
		return nil, fmt.Errorf("write the resources for %s: %w", arch, err)
	}
	return out.Bytes(), nil
}
