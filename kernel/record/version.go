package record

// Version is one version of a versioned record. Its content columns are those fields of the
// declared struct that are not marked identity, its lines those kinds that are not.
//
// In force on day D is a predicate, never a stored state: approved and
// effective_from <= D < effective_to. So no job can be late and the past stays right.
type Version struct {
	ID            ID      `field:"stamp"`
	Record        ID      `field:"stamp,hidden"`
	Number        Count   `field:"stamp"`
	Status        Choice  `field:"stamp"` // draft, review, approved, rejected; answered as "state"
	EffectiveFrom Date    `field:""`
	EffectiveTo   Date    `field:""` // exclusive; blank is open
	Author        ID      `field:"stamp,ref=user"`
	Reviewer      ID      `field:"stamp,ref=user"`
	Approver      ID      `field:"stamp,ref=user"`
	ChangeReason  Prose   `field:"len=4000"`
	DraftedAt     Instant `field:"stamp"`
	SubmittedAt   Instant `field:"stamp"`
	DecidedAt     Instant `field:"stamp"`
	Retroactive   Bool    `field:"stamp"` // its effect was set before its approval
	ContentHash   Text    `field:"stamp"` // SHA-256 of the canonical content, fixed at submission
}

// States of a version.
const (
	VersionDraft    = "draft"
	VersionReview   = "review"
	VersionApproved = "approved"
	VersionRejected = "rejected"
)

// InForce reports whether v is in force on day (YYYY-MM-DD).
func (v *Version) InForce(day Date) bool {
	return v.Status == VersionApproved && v.EffectiveFrom <= day && (v.EffectiveTo == "" || day < v.EffectiveTo)
}
