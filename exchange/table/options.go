package table

// Format is the kind of file.
type Format string

// The formats that are read and written.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// The encodings that are guessed. Options.Encoding also takes any label of the WHATWG Encoding
// standard, such as windows-1251 or shift_jis.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
)

// Options force what is otherwise found out, and set bounds. The zero value is right for a file
// from a stranger.
type Options struct {
	Format    Format // "" finds out
	Encoding  string // "" guesses
	Delimiter byte   // 0 finds out: comma, semicolon, tab or pipe

	// RenameHeaders lets duplicate and blank column names pass: the second "Status" becomes
	// "Status_2", a blank one "column_7". Otherwise Open refuses them, all of them at once.
	RenameHeaders bool
	// PadShort fills a record that ends early with empty values. Otherwise it is refused, because it
	// looks exactly like a record whose end was lost. Rows of XLSX are always filled: empty cells
	// are not stored there.
	PadShort bool
	// KeepApostrophes leaves the guard of CSV exports (`'=1+1`) in place.
	KeepApostrophes bool

	MaxBytes  int64  // after decompression; 0 means 4 GiB
	MaxRatio  int64  // decompressed to compressed, looked at after the first MiB; 0 means 200
	MaxField  int    // bytes of one value; 0 means 1 MiB
	MaxRecord int    // bytes of one record; 0 means 4 MiB
	TempDir   string // where a large XLSX is kept while it is read; "" is the system's
}

// maxColumns is what XLSX allows; a CSV with more is another kind of file.
const maxColumns = 16384

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 30
	}
	if o.MaxRatio == 0 {
		o.MaxRatio = 200
	}
	if o.MaxField == 0 {
		o.MaxField = 1 << 20
	}
	if o.MaxRecord == 0 {
		o.MaxRecord = 4 << 20
	}
	return o
}

// Detection is what a dry run shows before anything is taken over.
type Detection struct {
	Format      Format
	Compression string // "gzip" or ""
	// Encoding is "" for XLSX. While a file has held nothing but ASCII it says utf-8, guessed; the
	// first other byte settles it, so ask again after reading.
	Encoding string
	Guessed  bool // Encoding is neither forced nor told by a byte order mark nor proved by UTF-8 text
	BOM      bool
	// Delimiter is 0 for XLSX.
	Delimiter byte
	LineEnd   string   // "CRLF", "LF" or "CR", as the first record ends; "" for XLSX and a single line
	Sheet     string   // the sheet that is read: the first
	Ignored   []string // further sheets, which are not read
	Columns   int
}
