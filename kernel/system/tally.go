package system

import (
	"strconv"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// need is how many of so many voters must agree.
func need(quorum string, voters int) int {
	switch quorum {
	case "any":
		return 1
	case "majority":
		return voters/2 + 1
	}
	if n, err := strconv.Atoi(quorum); err == nil && n > 0 {
		return n
	}
	return voters // all
}

// tally is the pure step: what has become of a round by its votes. asker says who asked: their yes
// counts where they may vote, but somebody else must agree too.
func tally(quorum string, votes []*storage.Vote, asker func(record.ID) bool) string {
	yes, waiting, voters, others := 0, 0, 0, 0
	for _, v := range votes {
		own := asker(v.Voter) || !v.By.IsZero() && asker(v.By)
		switch v.Vote {
		case "cancelled":
			continue
		case "yes":
			yes++
			if !own {
				others++
			}
		case "asked":
			waiting++
			if !own {
				others++ // may still become one
			}
		}
		voters++
	}
	want := need(quorum, voters)
	agreed := 0 // yes of somebody who did not ask
	for _, v := range votes {
		if v.Vote == "yes" && !asker(v.Voter) && !asker(v.By) {
			agreed++
		}
	}
	switch {
	case voters == 0:
		return lifecycle.ApprovalLapsed
	case yes >= want && agreed > 0:
		return lifecycle.ApprovalGranted
	case yes+waiting < want || others == 0:
		for _, v := range votes {
			if v.Vote == "no" {
				return lifecycle.ApprovalRefused
			}
		}
		return lifecycle.ApprovalLapsed // nobody refused: too few are left
	}
	return lifecycle.ApprovalOpen
}
