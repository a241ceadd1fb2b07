package table

// A spreadsheet runs a cell of a CSV file as a formula when it starts with one of these (CWE-1236;
// TAB and CR are skipped by some programs before they look). An apostrophe in front makes it text.
//
// Text may itself start with an apostrophe before such a character. It gets one more, so that taking
// one off always restores what was written.
func needsGuard(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'':
			continue
		case '=', '+', '-', '@', '\t', '\r':
			return true
		}
		return false
	}
	return false
}

// guard makes s safe to stand in a CSV cell.
func guard(s string) string {
	if needsGuard(s) {
		return "'" + s
	}
	return s
}

// unguard undoes guard and leaves all other text alone.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && needsGuard(s) {
		return s[1:]
	}
	return s
}
