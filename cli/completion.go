package cli

import (
	"fmt"
	"sort"
	"strings"

	"github.com/alecthomas/kong"

	"steward/sms"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func processNames() []string {
	var out []string
	for _, p := range sms.Registry().All {
		out = append(out, p.Name)
	}
	sort.Strings(out)
	return out
}

// Run prints a script that completes commands, their own commands, flags and process names.
func (c *completionCmd) Run(e *env, k *kong.Context) error {
	var lines []string // command: what may follow
	var top []string
	for _, n := range k.Model.Children {
		top = append(top, n.Name)
		var words []string
		for _, s := range n.Children {
			words = append(words, s.Name)
		}
		for _, a := range n.Positional {
			switch {
			case a.Name == "process":
				words = append(words, processNames()...)
			case a.Enum != "":
				words = append(words, strings.Split(a.Enum, ",")...)
			}
		}
		for _, f := range n.Flags {
			words = append(words, "--"+f.Name)
		}
		if len(words) > 0 {
			lines = append(lines, n.Name+": "+strings.Join(words, " "))
		}
	}
	return scripts[c.Shell](e, top, lines)
}

var scripts = map[string]func(e *env, top, lines []string) error{
	"bash": func(e *env, top, lines []string) error {
		fmt.Fprintf(e.stdout, "# steward completion bash > /etc/bash_completion.d/steward\n_steward() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\n")
		fmt.Fprintf(e.stdout, "  if [ \"$COMP_CWORD\" = 1 ]; then words='%s'; else case ${COMP_WORDS[1]} in\n", strings.Join(top, " "))
		for _, l := range lines {
			name, words, _ := strings.Cut(l, ": ")
			fmt.Fprintf(e.stdout, "    %s) words='%s';;\n", name, words)
		}
		_, err := fmt.Fprint(e.stdout, "  esac; fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _steward steward\n")
		return err
	},
	"zsh": func(e *env, top, lines []string) error {
		fmt.Fprintf(e.stdout, "#compdef steward\nif (( CURRENT == 2 )); then\n  compadd -- %s\nelse\n  case $words[2] in\n", strings.Join(top, " "))
		for _, l := range lines {
			name, words, _ := strings.Cut(l, ": ")
			fmt.Fprintf(e.stdout, "    %s) compadd -- %s;;\n", name, words)
		}
		_, err := fmt.Fprint(e.stdout, "  esac\n  _files\nfi\n")
		return err
	},
	"fish": func(e *env, top, lines []string) error {
		fmt.Fprintf(e.stdout, "complete -c steward -n __fish_use_subcommand -f -a '%s'\n", strings.Join(top, " "))
		for _, l := range lines {
			name, words, _ := strings.Cut(l, ": ")
			if _, err := fmt.Fprintf(e.stdout, "complete -c steward -n '__fish_seen_subcommand_from %s' -a '%s'\n", name, words); err != nil {
				return err
			}
		}
		return nil
	},
}
