package redact

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// example makes the text of an example and the pattern that its redacted form
// has to match.
func example(t *testing.T, hit string) (text string, want *regexp.Regexp) {
	t.Helper()
	var plain, pattern strings.Builder
	pattern.WriteString(`(?s)^`)
	for hit != "" {
		k := strings.IndexAny(hit, "«‹")
		if k < 0 {
			k = len(hit)
		}
		plain.WriteString(hit[:k])
		pattern.WriteString(regexp.QuoteMeta(hit[:k]))
		if hit = hit[k:]; hit == "" {
			break
		}
		must := strings.HasPrefix(hit, "«")
		open := len("«")
		if !must {
			open = len("‹")
		}
		end := strings.IndexAny(hit, "»›")
		if end < 0 {
			t.Fatalf("a mark does not close: %s", hit)
		}
		v := hit[open:end]
		plain.WriteString(v)
		if must {
			pattern.WriteString(`"?` + anyPseudonym + `"?`)
		} else {
			pattern.WriteString(`(?:` + regexp.QuoteMeta(v) + `|` + anyPseudonym + `(?:@\w+)?)`)
		}
		if hit = hit[end:]; must {
			hit = strings.TrimPrefix(hit, "»")
		} else {
			hit = strings.TrimPrefix(hit, "›")
		}
	}
	pattern.WriteString(`$`)
	return strings.ReplaceAll(plain.String(), "¶", "\n"), regexp.MustCompile(strings.ReplaceAll(pattern.String(), "¶", `\n`))
}

func TestBuiltinRules(t *testing.T) {
	if err := checkBuiltin(builtins); err != nil {
		t.Fatal(err)
	}
	if checkBuiltin([]builtin{{hits: []string{"y"}}}) == nil {
		t.Error("a rule without misses was loaded")
	}
	for _, r := range builtins {
		t.Run(ruleTexts[r.id].name, func(t *testing.T) {
			used := false
			for _, hit := range r.hits {
				text, want := example(t, hit)
				s := session(t)
				st := s.Stream("x", strings.NewReader(text))
				st.report = func(sp *span, _ []byte, _ int64) bool {
					used = used || sp.rule == r.id
					if sp.rule < nRules && !slices.Contains(ruleTexts[sp.rule].classes, classes[sp.class]) {
						t.Errorf("%s finds a %s", ruleTexts[sp.rule].name, classes[sp.class])
					}
					return true
				}
				var got strings.Builder
				if _, err := st.WriteTo(&got); err != nil {
					t.Fatal(err)
				}
				if !want.MatchString(got.String()) {
					t.Errorf("%s\nbecame\n%s", hit, got.String())
				}
				if again := redactAll(t, session(t), "x", []byte(got.String())); string(again) != got.String() {
					t.Errorf("%s\nand again\n%s", got.String(), again)
				}
			}
			if !used {
				t.Errorf("no hit is found by the rule itself")
			}
			for _, miss := range r.misses {
				text := strings.ReplaceAll(miss, "¶", "\n")
				if got := redactAll(t, session(t), "x", []byte(text)); string(got) != text {
					t.Errorf("%s\nbecame\n%s", text, got)
				}
			}
		})
	}
	ids := make([]ruleID, 0, len(builtins))
	for _, r := range builtins {
		ids = append(ids, r.id)
	}
	if len(ids) != int(nRules) {
		t.Errorf("%d rules have examples, of %d", len(ids), nRules)
	}
	for _, r := range session(t).RuleInfos() {
		if r.ID == "" || r.Reason == "" || len(r.Classes) == 0 || len(r.Hits) == 0 || len(r.Misses) == 0 {
			t.Errorf("rule %q: %+v", r.ID, r)
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != len(builtins) {
		t.Error("two rules have one id")
	}
}
