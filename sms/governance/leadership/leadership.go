// Package leadership decides leadership and commitment (ISO/IEC 20000-1:2018, clause 5) from what
// top management did: it keeps no records of its own.
//
// In: policies, roles and appointments, objectives, the plan, reviews, resources, improvements,
// communications, services, and what people acknowledged. Out: verdicts. Three requirements no record
// decides (5.1 f, j, l); they rest on statements, which package attestation keeps, together with what
// operation does show.
//
// Start at [Checks]; commitment.go is 5.1, people.go what 5.1 says of people, reach.go how the policy
// and performance become known (5.2.2, 5.3).
// Always true: what top management is said to have done was done by somebody who held the role
// manager on that day, however it came here.
package leadership

import (
	"slices"

	"steward/sms/conformity/check"
)

// Checks decide 5.1, and what 5.2.2 and 5.3 ask that rests on other processes' records.
var Checks []check.Check = slices.Concat(commitment, byPeople, reach)
