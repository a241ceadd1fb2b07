package servicenow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is a column of the log, by its place in fieldNames.
type field int

const (
	fNumber field = iota
	fState
	fActive
	fReassignments
	fReopens
	fSysMods
	fMadeSLA
	fCaller
	fOpenedBy
	fOpenedAt
	fCreatedBy
	fCreatedAt
	fUpdatedBy
	fUpdatedAt
	fContactType
	fLocation
	fCategory
	fSubcategory
	fSymptom
	fCI
	fImpact
	fUrgency
	fPriority
	fGroup
	fAssignee
	fKnowledge
	fConfirmed
	fNotify
	fProblemID
	fRFC
	fVendor
	fCausedBy
	fClosedCode
	fResolvedBy
	fResolvedAt
	fClosedAt
	fields
)

// fieldNames are the headers of the log, which also are the keys of Options.Columns.
var fieldNames = [fields]string{
	"number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id",
	"opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type",
	"location", "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group",
	"assigned_to", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by",
	"closed_code", "resolved_by", "resolved_at", "closed_at",
}

// required columns; the others may be missing, and are empty then.
var required = []field{fNumber, fState, fUpdatedAt}

// Fields are the names of the columns that are read, those without which nothing can be read first.
func Fields() (needed, optional []string) {
	for f, name := range fieldNames {
		if slices.Contains(required, field(f)) {
			needed = append(needed, name)
		} else {
			optional = append(optional, name)
		}
	}
	return needed, optional
}

// columns finds each field in header; -1 where it is missing. mapped names the header of a field
// where it differs.
func columns(header []string, mapped map[string]string) (at [fields]int, err error) {
	var faults []string
	for name := range mapped {
		if !slices.Contains(fieldNames[:], name) {
			faults = append(faults, fmt.Sprintf("field %q is not one of the log; known are %s", name, strings.Join(fieldNames[:], ", ")))
		}
	}
	for f, name := range fieldNames {
		want, isMapped := mapped[name]
		if !isMapped {
			want = name
		}
		at[f] = slices.Index(header, want)
		if at[f] < 0 && (isMapped || slices.Contains(required, field(f))) {
			faults = append(faults, fmt.Sprintf("field %s: no column is named %q; say which column it is (the file has %s)", name, want, strings.Join(header, ", ")))
		}
	}
	if len(faults) > 0 {
		slices.Sort(faults)
		return at, fmt.Errorf("servicenow: %s", strings.Join(faults, "; "))
	}
	return at, nil
}

// row is one record being read: values by field, and what is wrong with them.
type row struct {
	line   int
	values []string
	log    *Log
	faults []Problem
}

// text is the value of f. `?` is how the log writes none.
func (r *row) text(f field) string {
	k := r.log.at[f]
	if k < 0 {
		return ""
	}
	if s := strings.TrimSpace(r.values[k]); s != "?" {
		return s
	}
	return ""
}

func (r *row) fault(f field, reason, mend string) {
	r.faults = append(r.faults, r.log.problem(r.line, f, reason, mend))
}

// number is a count from 0; none is 0.
func (r *row) number(f field) int {
	s := r.text(f)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		r.fault(f, BadNumber, fmt.Sprintf("%q is not a count; write digits", s))
	}
	return n
}

// truth is true or false; none is false.
func (r *row) truth(f field) bool {
	switch s := r.text(f); s {
	case "true", "TRUE", "True":
		return true
	case "false", "FALSE", "False", "":
	default:
		r.fault(f, BadTruth, fmt.Sprintf("%q is neither true nor false", s))
	}
	return false
}

// code is the number before a name, as in "1 - High"; none is 0.
func (r *row) code(f field) int {
	s := r.text(f)
	if s == "" {
		return 0
	}
	digits, _, _ := strings.Cut(s, "-")
	n, err := strconv.Atoi(strings.TrimSpace(digits))
	if err != nil || n < 1 || n > 5 {
		r.fault(f, BadCode, fmt.Sprintf("%q has no level from 1 to 5 in front; write it as in \"1 - High\"", s))
		return 0
	}
	return n
}

// instant is a time in the zone of the log; none is the zero time.
func (r *row) instant(f field) time.Time {
	s := r.text(f)
	if s == "" {
		return time.Time{}
	}
	t, ok := parseTime(s, r.log.opt.Zone)
	if !ok {
		r.fault(f, BadTime, fmt.Sprintf("%q is not a time; write day/month/year hour:minute, or 2006-01-02 15:04:05", s))
	}
	return t
}

// parseTime reads `29/2/2016 01:16`, day first, padded or not, with or without seconds; and the forms of
// ServiceNow's own exports. In a zone with summer time an hour that happens twice is its first, and
// one that does not exist is what time.Date makes of it.
func parseTime(s string, zone *time.Location) (time.Time, bool) {
	if len(s) > 4 && s[4] == '-' {
		for _, layout := range []string{time.DateTime, "2006-01-02 15:04", time.RFC3339} {
			if t, err := time.ParseInLocation(layout, s, zone); err == nil {
				return t, true
			}
		}
		return time.Time{}, false
	}
	var n [6]int // day month year hour minute second
	part, digits := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			if digits++; digits > 4 {
				return time.Time{}, false
			}
			n[part] = n[part]*10 + int(c-'0')
			continue
		}
		if digits == 0 || part == 5 || c != "// ::"[part] {
			return time.Time{}, false
		}
		part, digits = part+1, 0
	}
	if digits == 0 || part < 4 || n[2] < 1000 || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, false
	}
	t := time.Date(n[2], time.Month(n[1]), n[0], n[3], n[4], n[5], 0, zone)
	if day := time.Date(n[2], time.Month(n[1]), n[0], 0, 0, 0, 0, time.UTC); day.Day() != n[0] || day.Month() != time.Month(n[1]) {
		return time.Time{}, false // 31/2
	}
	return t, true
}
