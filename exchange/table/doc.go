// Package table reads and writes tables as people send them: CSV in whatever encoding, delimiter
// and line end their program chose, gzipped or not, and XLSX. It is the first and last step of
// every import and export (ISO/IEC 20000-1:2018, 7.5.3: documented information can be retrieved and
// used), and it knows nothing of processes: text in, text out, with the line on which it stood.
//
// In: bytes ([Open]). Out: records one by one ([Reader.Next]), what was detected for a dry run
// ([Reader.Detected]); files that open as intended ([NewCSVWriter], [NewXLSXWriter]).
// Start at [Reader], then scan.go for how a broken quote is survived and guard.go for formulas.
//
// Always true:
//   - No line disappears. Every physical line that is not empty becomes part of a [Row] or is
//     covered by a [RowError] that names line, column, reason and mend; reading then goes on. What
//     makes the rest of a file unreadable (damage, a bomb, a failed disk) is a [FileError], never a
//     quiet end.
//   - A record that is refused does not take its neighbours along: after a quote that was not closed,
//     reading resumes on the next physical line.
//   - Nothing is computed: `=1+1` in CSV is the text `=1+1`; in XLSX a formula is the value that the
//     spreadsheet last saved, and is refused if it saved none.
//   - What [CSVWriter] writes cannot run as a formula, and reading it back gives the same text.
//   - Memory is bounded by one record (and, in XLSX, the table of shared strings), whatever the size.
package table
