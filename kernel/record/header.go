package record

// Header is what every record of any process has. A declared struct embeds it first.
type Header struct {
	ID             ID      `field:"stamp"`
	Num            Count   `field:"stamp,hidden,unique"` // the number in the ref; INC-42 is computed
	Title          Text    `field:"notnull,required,search,len=300"`
	State          Choice  `field:"notnull,stamp,index"`
	Phase          Choice  `field:"notnull,stamp,index"` // draft, open, waiting, done or void: what clocks, lists and 'my work' know
	Customer       ID      `field:"ref=customer,index"`
	Owner          ID      `field:"ref=user,index"`
	Assignee       ID      `field:"ref=user,index"`
	Team           ID      `field:"ref=team,index"`
	Reporter       ID      `field:"ref=user,index"`
	DueAt          Instant `field:"stamp,index"`         // the nearest promise; kept by clocks or by the process
	CreatedAt      Instant `field:"notnull,stamp,index"` // oldest occurred_at of its events
	UpdatedAt      Instant `field:"notnull,stamp,index"` // newest occurred_at of its events
	CreatedBy      ID      `field:"stamp,ref=user"`
	Revision       Count   `field:"stamp"`        // +1 when a declared field, a line or the state changes: the ETag
	N              Count   `field:"stamp,hidden"` // +1 per event: the order of its history
	Restricted     Bool    `field:"stamp"`        // seen only by those with a grant
	Disordered     Bool    `field:"stamp,hidden"` // an event occurred before its predecessor
	Blanks         JSON    `field:"kernel"`       // {field: {reason, by, at}}: blank for a reason
	Custom         JSON    `field:"kernel"`       // values of fields that users added
	Tags           Tags    `field:""`
	ExternalSource Text    `field:"stamp,len=100"`
	ExternalID     Text    `field:"stamp,len=300"`
}

// Head gives generic code the header; a declared struct inherits it by embedding.
func (h *Header) Head() *Header { return h }

// Record is any declared record.
type Record interface{ Head() *Header }

// Line is a child row that has no life of its own; a declared line struct embeds it first.
type Line struct {
	ID     ID    `field:"stamp"`
	Parent ID    `field:"stamp,hidden"`
	Pos    Count `field:"stamp,hidden"`
}
