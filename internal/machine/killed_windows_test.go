package machine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oxtail/actions"
	"oxtail/actions/apply"
	"oxtail/actions/apply/applytest"
	"oxtail/parser/profile"
	"oxtail/parser/profile/keytest"
)

// yes is a console that agrees to everything.
type yes struct{}

func (yes) Confirm(context.Context, apply.Question) (bool, error) { return true, nil }
func (yes) Tick(string, time.Duration)                            {}
func (yes) Progress(string, int64, int64)                         {}
func (yes) Step(apply.StepResult)                                 {}

// engine is the engine of a run that is killed, and of the next one.
func engine(m apply.Machine) *apply.Engine {
	return apply.New(m, apply.Options{Choices: apply.Choices{Mode: apply.ModeCopy, AcceptLoss: "saved"}, Tool: "test", Console: yes{}})
}

// job is what the process is told that is killed.
type job struct {
	Plan    actions.Plan
	Options ApplyOptions
}

// applyPlan is the process that is killed.
func applyPlan(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var j job
	if err := json.Unmarshal(data, &j); err != nil {
		panic(err)
	}
	m, err := This(j.Options)
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	res, err := engine(m).Apply(context.Background(), j.Plan)
	panic(fmt.Sprintf("it was not killed in time: %+v, %v", res, err))
}

// oneAccount is a computer with one profile, one account and its cache.
func oneAccount(folder string) applytest.Fixture {
	const service, provider = "a0000000000000000000000000000001", "b0000000000000000000000000000001"
	raw := func(uid string) []byte {
		data, err := hex.DecodeString(uid)
		if err != nil {
			panic(err)
		}
		return data
	}
	root := &keytest.Node{KeyName: currentUser}
	root.Key(outlookKey).Text("DefaultProfile", "Outlook")
	p := root.Key(profilesKey + `\Outlook`)
	p.Key(serviceList).Binary("01023d0e", raw(service)).Binary("01023d00", raw(provider))
	p.Key(service).Wide("001f3d09", profile.ServiceOXtender).Wide("001f3001", "OX").Wide("001f3d0a", "oxstor.dll").Binary("01023d00", raw(provider))
	p.Key(provider).Binary("01023d0c", raw(service)).Wide("001f300a", "oxstor.dll").Long("00033e03", 33).
		Wide("001f6700", folder+`\a1.odb`).Wide("001f6701", "https://ox.example.org/ajax/").Wide("001f6702", "anna@example.org")
	return applytest.Fixture{Registry: keytest.RegFileUTF16(root), Files: map[string][]byte{folder + `\a1.odb`: bytes.Repeat([]byte("odb"), 999), folder + `\a1.psz`: []byte("psz")}}
}

// planOf makes the plan to re-create the only service.
func planOf(t *testing.T, p *liveProbe) actions.Plan {
	t.Helper()
	inv, err := p.Inventory(t.Context())
	if err != nil || len(inv.Profiles) != 1 || len(inv.Profiles[0].Services) != 1 {
		t.Fatalf("inventory %+v, %v; want one service", inv, err)
	}
	all := actions.Inventory{Profiles: inv.Profiles}
	named := inv.Profiles[0].Services[0].CacheFiles[0]
	for path, data := range p.Files(t) {
		f, err := p.Stat(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		how := "path"
		if path != named {
			how = "pair"
		}
		sum := sha256.Sum256(data[:min(len(data), actions.HeadBytes)])
		all.Caches = append(all.Caches, actions.CacheFile{
			Path: path, State: actions.CachePresent, Bytes: f.Bytes, Modified: f.Modified, Head: hex.EncodeToString(sum[:]),
			Links: []actions.CacheLink{{Path: named, How: how}},
		})
	}
	stores := all.Stores()
	plan := actions.NewPlanFor(actions.PlanRecreateService, &stores[0], stores[0].Uses[0])
	who, err := p.Identity(t.Context())
	if err == nil {
		err = plan.Seal("test", who.Computer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestKilled: the process is killed while a call of MAPI runs. Its helper ends with it,
// and the next process goes on, or takes everything back.
func TestKilled(t *testing.T) {
	for _, c := range []struct {
		call     string
		op       apply.OpName
		rollBack bool
	}{
		{"DeleteMsgService", apply.OpDelete, false}, {"DeleteMsgService", apply.OpDelete, true},
		{"CreateMsgServiceEx", apply.OpCreate, false}, {"CreateMsgServiceEx", apply.OpCreate, true},
		{"ConfigureMsgService", apply.OpConfigure, false}, {"ConfigureMsgService", apply.OpConfigure, true},
	} {
		t.Run(fmt.Sprintf("%s, roll back %v", c.call, c.rollBack), func(t *testing.T) {
			folder := os.Getenv("LOCALAPPDATA") + `\OXSTORE2`
			m, probe := openLive(t, oneAccount(folder))
			p := probe.(*liveProbe)
			before, files := p.Registry(t), p.Files(t)
			plan := planOf(t, p)
			killDuring(t, p, plan, c.call, c.op)

			res, err := engine(m).Resume(t.Context(), "", c.rollBack)
			want := apply.RunDone
			if c.rollBack {
				want = apply.RunUndone
			}
			if err != nil || res.State != want {
				t.Fatalf("resume: %+v, %v; want %s", res, err, want)
			}
			list := p.services("Outlook")
			if same := bytes.Equal(p.Registry(t), before); same != c.rollBack || len(list) != 1 {
				t.Errorf("registry as before: %v, services %+v", same, list)
			}
			if got := p.Files(t); c.rollBack && !bytes.Equal(got[folder+`\a1.odb`], files[folder+`\a1.odb`]) || !c.rollBack && got[folder+`\a1.odb`] != nil {
				t.Errorf("%d cache files afterwards", len(got))
			}
			if check, err := apply.CheckJournal(t.Context(), m); err != nil || !check.Sound() {
				t.Errorf("the journal is not sound: %+v, %v", check, err)
			}
		})
	}
}

// killDuring starts a process that carries the plan out, and kills it while its helper is
// in a call that does not end.
func killDuring(t *testing.T, p *liveProbe, plan actions.Plan, call string, op apply.OpName) {
	t.Helper()
	data, err := json.Marshal(job{plan, p.opts})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "job.json")
	p.Put(t, path, data)
	p.fail(call+".wait", uint32((10 * time.Minute).Milliseconds()))
	victim := start(t, "oxtail.exe", "apply "+path)
	until(t, call+" waits", func() bool { return strings.Contains(p.logged(), call+" waits") })
	if journal, err := os.ReadFile(p.StateFolder() + `\journal.jsonl`); err != nil || !strings.Contains(string(journal), fmt.Sprintf(`"name":%q`, op)) {
		t.Errorf("the journal does not name %s while it runs: %v", op, err)
	}
	helpers := func() (n int) {
		all, err := processes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			if l.parent == uint32(victim.Process.Pid) && l.name == "oxtail.exe" {
				n++
			}
		}
		return n
	}
	if n := helpers(); n != 1 {
		t.Errorf("%d helpers run; want one", n)
	}
	victim.stop()
	until(t, "the helper has ended", func() bool { return helpers() == 0 })
	p.fail(call+".wait", 0)
}

// until waits for something, for at most a minute.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 600 {
		if is() {
			return
		}
		if err := (*live)(nil).Wait(t.Context(), 100*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("not seen: %s", what)
}
