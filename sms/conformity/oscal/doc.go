// Package oscal writes the requirements and their verdicts as NIST OSCAL documents (JSON, version
// 1.1.2), so that other tools can use them, and reads catalogues of controls that others publish.
//
// In: the catalogue of requirements, a [conformity.Report] with what the asker may see of its evidence;
// or an OSCAL catalogue as a file. Out: [Catalog], [Profile], [Results] as bytes; [External], the
// numbers and titles of somebody else's controls.
//
// Start at document.go for what all documents have, then catalog.go, results.go, read.go.
//
// Always true: ids are computed (UUID version 5 over the content), so that the same content has the
// same ids wherever it is written, and another content has others; no text of a standard leaves or
// enters: the requirements are our paraphrase, and of a foreign catalogue no prose is kept; a
// requirement without evidence is never written as satisfied, and one that was never due has no finding.
package oscal
