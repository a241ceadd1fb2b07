package cli

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// settings are the flags of `serve` from a YAML file: {addr: ..., data: ...}. An argument wins over
// an environment variable, and that over the file.
type settings map[string]any

// readSettings reads the file that --config or STEWARD_CONFIG names. Unknown keys are refused: a
// setting with a slip in its name would silently not hold.
func readSettings(args []string) (settings, error) {
	path := os.Getenv("STEWARD_CONFIG")
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			path = v
		} else if a == "--config" && i+1 < len(args) {
			path = args[i+1]
		}
	}
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var s settings
	if err := yaml.NewDecoder(f).Decode(&s); err != nil && err != io.EOF {
		return nil, usage("%s: %v", path, err)
	}
	known := flagNames(reflect.TypeFor[serveCmd]())
	var unknown []string
	for k := range s {
		if !known[flagName(k)] || flagName(k) == "config" {
			unknown = append(unknown, k)
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return nil, usage("%s: there is no setting %s; known are %s", path, strings.Join(unknown, ", "), strings.Join(sorted(known, "config"), ", "))
	}
	return s, nil
}

func flagName(key string) string { return strings.ReplaceAll(key, "_", "-") }

// flagNames are the names of the flags that a command's struct declares.
func flagNames(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for n := range flagNames(f.Type) {
				out[n] = true
			}
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		out[name] = true
	}
	return out
}

func sorted(m map[string]bool, but string) []string {
	var out []string
	for k := range m {
		if k != but {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}

// Validate is part of kong.Resolver.
func (s settings) Validate(*kong.Application) error { return nil }

// Resolve gives a flag its value from the file.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	for k, v := range s {
		if flagName(k) != flag.Name {
			continue
		}
		switch v.(type) {
		case string, bool:
			return v, nil
		case int, int64, float64:
			return fmt.Sprint(v), nil
		}
		return nil, fmt.Errorf("%s in the config file must be one value", k)
	}
	return nil, nil
}
