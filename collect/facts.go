package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
	"github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/diagcollect/diagcollect/manifest"
)

// fact is one thing that can be told of any system: it emits records, one
// line each.
type fact struct {
	name string
	tell func(ctx context.Context, emit func(any)) error
}

func facts() []fact {
	return []fact{
		{"os", osFact},
		{"cpu", cpuFact},
		{"memory", memoryFact},
		{"disks", disksFact},
		{"network", networkFact},
		{"processes", processesFact},
	}
}

func factNames() []string {
	var out []string
	for _, f := range facts() {
		out = append(out, f.name)
	}
	return out
}

// maxFacts is how long the records of one fact may get.
const maxFacts = 32 << 20

// facts gathers the named facts, each as an entry of JSON lines.
func (g *gatherer) facts(names []string) error {
	for _, f := range facts() {
		if !slices.Contains(names, f.name) {
			continue
		}
		if g.ctx.Err() != nil {
			return g.ended()
		}
		type told struct {
			b   []byte
			err error
		}
		// Asking a system may hang on a dead mount as reading does.
		ctx, cancel := context.WithTimeout(g.ctx, g.limits.timeout)
		t, err := within(ctx, g.limits.timeout, func() (told, error) {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			err := f.tell(ctx, func(v any) {
				if b.Len() < maxFacts {
					_ = enc.Encode(v) // plain structures into memory
				}
			})
			return told{b.Bytes(), err}, nil
		}, nil)
		cancel()
		switch {
		case err != nil && g.ctx.Err() != nil:
			return g.ended()
		case err != nil:
			g.note(manifest.Timeout, f.name+": no answer after "+g.limits.timeout.String())
			continue
		case t.err != nil && len(t.b) == 0:
			g.note(manifest.Failed, f.name+": "+t.err.Error())
			continue
		case t.err != nil:
			g.note(manifest.Partial, f.name+": "+t.err.Error())
		}
		in := input{path: f.name + ".jsonl", mtime: time.Now(), size: int64(len(t.b)), r: bytes.NewReader(t.b), at: bytes.NewReader(t.b)}
		if err := g.take(in); err != nil {
			return err
		}
	}
	return nil
}

func osFact(ctx context.Context, emit func(any)) error {
	i, err := host.InfoWithContext(ctx)
	if err != nil {
		return err
	}
	i.HostID = "" // nothing but an identity
	now := time.Now()
	zone, offset := now.Zone()
	emit(struct {
		*host.InfoStat
		HostID    string `json:"hostId,omitempty"`
		Time      string `json:"time"`
		Zone      string `json:"zone"`
		UTCOffset int    `json:"utcOffset"`
	}{InfoStat: i, Time: now.Format(time.RFC3339), Zone: zone, UTCOffset: offset})
	return nil
}

func cpuFact(ctx context.Context, emit func(any)) error {
	infos, err := cpu.InfoWithContext(ctx)
	for _, i := range infos {
		i.Flags = nil // long, and the same on every core
		emit(i)
	}
	logical, err2 := cpu.CountsWithContext(ctx, true)
	avg, err3 := load.AvgWithContext(ctx)
	emit(map[string]any{"logical": logical, "load": avg})
	times, err4 := cpu.TimesWithContext(ctx, false)
	for _, t := range times {
		emit(t)
	}
	return errors.Join(err, err2, err3, err4)
}

func memoryFact(ctx context.Context, emit func(any)) error {
	v, err := mem.VirtualMemoryWithContext(ctx)
	if v != nil {
		emit(v)
	}
	s, err2 := mem.SwapMemoryWithContext(ctx)
	if s != nil {
		emit(map[string]any{"swap": s})
	}
	return errors.Join(err, err2)
}

func disksFact(ctx context.Context, emit func(any)) error {
	parts, err := disk.PartitionsWithContext(ctx, false)
	for _, p := range parts {
		record := map[string]any{"partition": p}
		// A mount that does not answer must not hide the others.
		u, err := within(ctx, 3*time.Second, func() (*disk.UsageStat, error) {
			return disk.UsageWithContext(ctx, p.Mountpoint)
		}, nil)
		if err != nil {
			record["error"] = err.Error()
		} else {
			record["usage"] = u
		}
		emit(record)
	}
	counters, _ := disk.IOCountersWithContext(ctx) // not everywhere
	for _, name := range sortedKeys(counters) {
		emit(map[string]any{"io": counters[name]})
	}
	return err
}

func networkFact(ctx context.Context, emit func(any)) error {
	ifs, err := net.InterfacesWithContext(ctx)
	for _, i := range ifs {
		emit(map[string]any{"interface": i})
	}
	counters, err2 := net.IOCountersWithContext(ctx, true)
	for _, c := range counters {
		emit(map[string]any{"io": c})
	}
	conns, _ := net.ConnectionsMaxWithContext(ctx, "inet", 10_000) // may be denied to users
	states := map[string]int{}
	for _, c := range conns {
		states[c.Status]++
	}
	emit(map[string]any{"connections": states})
	return errors.Join(err, err2)
}

// processRecord is what is told of a process: never its environment.
type processRecord struct {
	PID     int32    `json:"pid"`
	PPID    int32    `json:"ppid"`
	Name    string   `json:"name"`
	User    string   `json:"user,omitempty"`
	Status  []string `json:"status,omitempty"`
	Started string   `json:"started,omitempty"`
	CPU     float64  `json:"cpu_percent"`
	RSS     uint64   `json:"rss,omitempty"`
	Threads int32    `json:"threads,omitempty"`
	Command string   `json:"command,omitempty"`
}

func processesFact(ctx context.Context, emit func(any)) error {
	list, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return err
	}
	for _, p := range list[:min(len(list), 20_000)] {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r := processRecord{PID: p.Pid}
		// A process may end at any moment and some tell root alone: what can
		// be had is told.
		if r.Name, err = p.NameWithContext(ctx); err != nil {
			continue
		}
		r.PPID, _ = p.PpidWithContext(ctx)
		r.User, _ = p.UsernameWithContext(ctx)
		r.Status, _ = p.StatusWithContext(ctx)
		if ms, err := p.CreateTimeWithContext(ctx); err == nil {
			r.Started = time.UnixMilli(ms).UTC().Format(time.RFC3339)
		}
		r.CPU, _ = p.CPUPercentWithContext(ctx)
		if m, err := p.MemoryInfoWithContext(ctx); err == nil && m != nil {
			r.RSS = m.RSS
		}
		if runtime.GOOS != "windows" {
			r.Threads, _ = p.NumThreadsWithContext(ctx)
		}
		if r.Command, _ = p.CmdlineWithContext(ctx); len(r.Command) > 4096 {
			r.Command = r.Command[:4096]
		}
		emit(r)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
