package system

import (
	"strconv"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// The states of a vote.
const (
	voteAsked     = "asked"
	voteYes       = "yes"
	voteNo        = "no"
	voteCancelled = "cancelled" // no longer needed, or the voter can vote no more
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

// tally is the pure step: what has become of a round by its votes. asks says who asked: their yes
// counts where they may vote at all, but somebody else must agree too.
func tally(quorum string, votes []*storage.Vote, asks func(record.ID) bool) string {
	var yes, no, waiting int
	agreed, may := false, false // by somebody who did not ask; or may still be
	for _, v := range votes {
		own := asks(v.Voter) || asks(v.By)
		switch v.Vote {
		case voteYes:
			yes++
			agreed = agreed || !own
		case voteNo:
			no++
		case voteAsked:
			waiting++
			may = may || !own
		}
	}
	want := need(quorum, yes+no+waiting)
	switch {
	case yes >= want && agreed:
		return lifecycle.ApprovalGranted
	case yes+waiting >= want && (agreed || may):
		return lifecycle.ApprovalOpen
	case no > 0:
		return lifecycle.ApprovalRefused
	}
	return lifecycle.ApprovalLapsed // nobody refused: too few are left
}
