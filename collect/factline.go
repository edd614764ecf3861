package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// FactLine reads an entry of a facts source (os.jsonl, cpu.jsonl,
// memory.jsonl) and says in a few words what it tells of the host. It answers
// "" for every other entry.
func FactLine(entry string, r io.Reader) (string, error) {
	describe := map[string]func([]factFields) string{
		"os.jsonl": osLine, "cpu.jsonl": cpuLine, "memory.jsonl": memoryLine,
	}[path.Base(entry)]
	if describe == nil {
		return "", nil
	}
	const most = 1 << 20
	dec := json.NewDecoder(io.LimitReader(r, most))
	var lines []factFields
	for {
		var f factFields
		if err := dec.Decode(&f); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", fmt.Errorf("%s: %w", entry, err)
		}
		lines = append(lines, f)
	}
	if len(lines) == 0 {
		return "", nil
	}
	return describe(lines), nil
}

// factFields are the fields of all facts that lines are made of.
type factFields struct {
	Platform        string `json:"platform"`
	PlatformVersion string `json:"platformVersion"`
	OS              string `json:"os"`
	KernelVersion   string `json:"kernelVersion"`
	KernelArch      string `json:"kernelArch"`
	Uptime          int64  `json:"uptime"` // seconds

	ModelName string `json:"modelName"`
	Logical   int    `json:"logical"`
	Load      struct {
		Load1  float64 `json:"load1"`
		Load15 float64 `json:"load15"`
	} `json:"load"`

	Total       int64   `json:"total"` // bytes
	UsedPercent float64 `json:"usedPercent"`
}

func osLine(lines []factFields) string {
	f := lines[0]
	s := strings.TrimSpace(f.Platform + " " + f.PlatformVersion)
	if f.KernelVersion != "" {
		s += fmt.Sprintf(", %s %s %s", f.OS, f.KernelVersion, f.KernelArch)
	}
	if f.Uptime > 0 {
		s += ", up " + (time.Duration(f.Uptime) * time.Second).Truncate(time.Minute).String()
	}
	return strings.TrimPrefix(s, ", ")
}

func cpuLine(lines []factFields) string {
	for _, f := range lines {
		if f.Logical > 0 {
			return fmt.Sprintf("%d CPUs %s, load %.2f %.2f", f.Logical, lines[0].ModelName, f.Load.Load1, f.Load.Load15)
		}
	}
	return ""
}

func memoryLine(lines []factFields) string {
	if f := lines[0]; f.Total > 0 {
		return fmt.Sprintf("%s memory, %.0f %% used", sizeText(f.Total), f.UsedPercent)
	}
	return ""
}
