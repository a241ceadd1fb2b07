package record

// Kind is one of the closed set of field kinds. Free JSON and arrays are not among them on
// purpose: many values are lines or links.
type Kind uint8

// The kinds. Their SQL types, JSON forms and limits stand in [Kinds].
const (
	KText     Kind = iota + 1 // one line
	KProse                    // Markdown, many lines
	KBool                     // never blank
	KInt                      // 64 bit
	KCount                    // 64 bit, never blank, kept by the kernel or a fold
	KDecimal                  // exact, in millionths
	KMoney                    // amount in ten-thousandths and ISO 4217 currency
	KDate                     // YYYY-MM-DD
	KInstant                  // microseconds, UTC
	KDuration                 // whole seconds; no months or years in it
	KPeriod                   // calendar period, ISO 8601 such as P3M
	KChoice                   // one of declared codes
	KRef                      // another record
	KURL                      // absolute http, https or mailto
	KSecret                   // write only
	KTags                     // set of short words
	KJSON                     // the kernel's own maps: blanks, custom values
)

// KindInfo says how a kind is stored and shown.
type KindInfo struct {
	Name     string // as it stands in the API's description and in golden files
	SQLite   string
	Postgres string
	Schema   string // JSON Schema type
	Format   string // JSON Schema format, "" if none
}

// Kinds is the one table of kinds; a test walks kinds and doors so that no pair is forgotten.
var Kinds = map[Kind]KindInfo{
	KText:     {"text", "text", "text", "string", ""},
	KProse:    {"prose", "text", "text", "string", "markdown"},
	KBool:     {"bool", "integer", "boolean", "boolean", ""},
	KInt:      {"int", "integer", "bigint", "integer", ""},
	KCount:    {"count", "integer", "bigint", "integer", ""},
	KDecimal:  {"decimal", "integer", "bigint", "string", "decimal"},
	KMoney:    {"money", "integer", "bigint", "object", "money"},
	KDate:     {"date", "text", "date", "string", "date"},
	KInstant:  {"instant", "integer", "timestamptz", "string", "date-time"},
	KDuration: {"duration", "integer", "bigint", "string", "duration"},
	KPeriod:   {"period", "text", "text", "string", "duration"},
	KChoice:   {"choice", "text", "text", "string", ""},
	KRef:      {"ref", "blob", "uuid", "string", "uuid"},
	KURL:      {"url", "text", "text", "string", "uri"},
	KSecret:   {"secret", "text", "text", "string", "password"},
	KTags:     {"tags", "text", "text", "array", ""},
	KJSON:     {"json", "text", "text", "object", ""},
}

func (k Kind) String() string { return Kinds[k].Name }

// Dialect is the SQL engine a value is bound for.
type Dialect uint8

// The two engines.
const (
	SQLite Dialect = iota
	Postgres
)

// Cell is one value in place: a pointer into a record. Reasons in its errors are stable words.
type Cell interface {
	Empty() bool
	Clear()
	Equal(Cell) bool            // same kind and same value
	Copy(Cell)                  // take the value of a cell of the same kind
	AppendJSON(b []byte) []byte // canonical JSON
	SetJSON(raw []byte) error   // null clears
	Bind(Dialect) any           // argument for SQL; nil when blank
	Scan(src any) error         // sql.Scanner
	Compare(Cell) int           // order of sorting; blank is lowest
}
