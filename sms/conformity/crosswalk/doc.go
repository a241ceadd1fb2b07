// Package crosswalk shows the evidence for ISO/IEC 20000-1:2018 as other frameworks number it: ITIL 4
// practices, ISO 9001:2015, ISO/IEC 27001:2022 with Annex A, CMMI-SVC, FitSM and the edition of 2011
// (parts 7, 11 and 12 of the series are about that). One document, one audit, one review serves several
// standards; this says which of them, and what it does not show there.
//
// In: crosswalk.yaml, our own compilation, and the verdicts of a [conformity.Report]. Out: a [Picture]
// per framework, and for one record the items of each framework that it serves ([Serves]).
//
// Start at [Load] for the mapping, [Framework.Picture] for what is computed.
//
// Always true: nothing here says that another framework is conformed to; a link that overlaps only
// partly never makes an item supported; a link to a group of items shows nothing of one of them; an item
// that nothing bears on is listed; every clause with requirements has its line, with links or without.
package crosswalk
