// Package sms is the management system: it lists every process, grouped as ISO/IEC 20000-1
// groups them, in the order in which they refer to each other. Adding a process is a package of
// its own and one line here.
package sms

import (
	"slices"

	"steward/exchange/importer"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/sms/agreement/calendars"
	"steward/sms/agreement/level"
	"steward/sms/conformity"
	"steward/sms/conformity/check"
	"steward/sms/conformity/foreign"
	"steward/sms/evaluation/audit"
	"steward/sms/evaluation/evidencerequest"
	"steward/sms/evaluation/measurement"
	"steward/sms/evaluation/report"
	"steward/sms/evaluation/review"
	"steward/sms/evaluation/sample"
	"steward/sms/governance/attestation"
	"steward/sms/governance/authority"
	"steward/sms/governance/issue"
	"steward/sms/governance/leadership"
	"steward/sms/governance/objective"
	"steward/sms/governance/party"
	"steward/sms/governance/plan"
	"steward/sms/governance/policy"
	"steward/sms/governance/processmap"
	"steward/sms/governance/risk"
	"steward/sms/governance/scope"
	"steward/sms/improvement/improvement"
	"steward/sms/improvement/nonconformity"
	"steward/sms/portfolio/service"
	"steward/sms/portfolio/value"
	"steward/sms/resolution/incident"
	"steward/sms/resolution/notice"
	"steward/sms/support/awareness"
	"steward/sms/support/communication"
	"steward/sms/support/competence"
	"steward/sms/support/document"
	"steward/sms/support/knowledge"
	"steward/sms/support/resource"
)

// Processes are all processes of this Steward.
func Processes() []*process.Process {
	return append(people.Processes(),
		service.Process, value.Process,
		calendars.Process,
		level.Process,
		document.Process, document.Acknowledgements,
		risk.CriteriaProcess, risk.Process, risk.Opportunities,
		incident.Policies,
		incident.Process,
		notice.Process,
		issue.Process, party.Process, party.Obligations, scope.Process,
		policy.Process, processmap.Process, authority.Roles, authority.Appointments, attestation.Process, objective.Process, plan.Process,
		resource.Process, competence.Requirements, competence.Process, awareness.Modules, awareness.Confirmations, communication.Process, knowledge.Process,
		measurement.Metrics, measurement.Readings,
		audit.Programmes, audit.Process, audit.Findings, sample.Process, evidencerequest.Process,
		review.Process,
		report.Definitions, report.Process,
		nonconformity.Process,
		improvement.CriteriaProcess, improvement.Process,
		importer.Process,
		conformity.Settings,
		conformity.Runs,
		foreign.Process,
	)
}

// Checks decide the requirements of the standard: each process says what conformity asks of its
// records.
func Checks() []check.Check {
	checks := slices.Concat(
		document.Checks,
		incident.Checks,
		risk.Checks,
		issue.Checks,
		party.Checks,
		scope.Checks,
		policy.Checks,
		authority.Checks,
		leadership.Checks,
		processmap.Checks,
		objective.Checks,
		plan.Checks,
		resource.Checks,
		competence.Checks,
		awareness.Checks,
		communication.Checks,
		knowledge.Checks,
		audit.Checks,
		review.Checks,
		report.Checks,
		measurement.Checks,
		nonconformity.Checks,
		improvement.Checks,
	)
	return append(checks, document.Listed(processmap.Named(), checks)...)
}

// Registry is the registry of them all.
func Registry() *process.Registry { return process.NewRegistry(Processes()...) }
